import POSWire

/// The item machine of HID 1.11 §6.2.2: global state that lasts, local state that the next main item takes.
struct HIDDescriptorParser {
  private(set) var result = HIDReportDescriptor()

  private struct Globals {
    var page: UInt16 = 0
    var elementBits: UInt32 = 0
    var count: UInt32 = 0
    var reportID: UInt8 = 0
    var logicalMinimum: Int32 = 0
  }

  /// A usage whose page is still open: items of one or two bytes take the page that holds at the main item.
  private struct PendingUsage {
    var page: UInt16?
    var first: UInt16
    var last: UInt16
  }

  private struct Locals {
    var usages: [PendingUsage] = []
    var minimum: PendingUsage?
    var maximum: PendingUsage?
    var isInDelimiter = false
    var hasDelimitedUsage = false
  }

  private typealias Limit = HIDReportDescriptor.Limit

  private var globals = Globals()
  private var pushed: [Globals] = []
  private var locals = Locals()
  private var collection: Int?

  mutating func parse(_ bytes: Span<UInt8>) throws(WireError) {
    guard bytes.count <= Limit.bytes else {
      throw WireError(.lengthOverLimit, at: Limit.bytes, field: "report descriptor")
    }
    var reader = ByteReader(bytes)
    while !reader.isAtEnd {
      let start = reader.offset
      let prefix = try reader.byte("item")
      if prefix == 0xFE {
        let length = Int(try reader.byte("long item's length"))
        _ = try reader.byte("long item's tag")
        _ = try reader.bytes(length, "long item")
        continue
      }
      let size = prefix & 3 == 3 ? 4 : Int(prefix & 3)
      let value = UInt32(try reader.littleEndian(bytes: size, "item"))
      if prefix & 0xFC == 0x14 {
        globals.logicalMinimum = Self.signed(value, bytes: size)
      } else {
        try item(prefix & 0xFC, value, isExtended: size == 4, at: start)
      }
    }
    guard collection == nil else {
      throw WireError(.truncated, at: bytes.count, field: "collection")
    }
    if result.numbersReports { makeRoomForIDs() }
  }

  private mutating func item(
    _ tag: UInt8, _ value: UInt32, isExtended: Bool, at offset: Int
  ) throws(WireError) {
    switch tag {
    case 0x80: try field(.input, flags: value, at: offset)
    case 0x90: try field(.output, flags: value, at: offset)
    case 0xB0: try field(.feature, flags: value, at: offset)
    case 0xA0: try beginCollection(kind: value, at: offset)
    case 0xC0: try endCollection(at: offset)

    case 0x04:
      guard let page = UInt16(exactly: value) else {
        throw WireError(.value, at: offset, field: "usage page")
      }
      globals.page = page
    case 0x74:
      guard value <= Limit.elementBits else {
        throw WireError(.lengthOverLimit, at: offset, field: "report size")
      }
      globals.elementBits = value
    case 0x84:
      guard let id = UInt8(exactly: value), id != 0 else {
        throw WireError(.value, at: offset, field: "report id")
      }
      globals.reportID = id
      result.numbersReports = true
    case 0x94:
      guard value <= Limit.reportBits else {
        throw WireError(.lengthOverLimit, at: offset, field: "report count")
      }
      globals.count = value
    case 0xA4:
      guard pushed.count < Limit.pushes else { throw WireError(.lengthOverLimit, at: offset, field: "push") }
      pushed.append(globals)
    case 0xB4:
      guard let saved = pushed.popLast() else { throw WireError(.framing, at: offset, field: "pop") }
      globals = saved

    case 0x08: try add(usage(value, isExtended: isExtended, at: offset), at: offset)
    case 0x18: locals.minimum = try usage(value, isExtended: isExtended, at: offset)
    case 0x28: locals.maximum = try usage(value, isExtended: isExtended, at: offset)
    case 0xA8: try delimiter(value, at: offset)

    // Logical maxima, physical bounds, units, designators and strings say nothing about where bits are; tags
    // that HID 1.11 reserves are for readers newer than this one.
    default: break
    }
    try closeUsageRange(at: offset)
  }

  /// Items are as short as their values allow, so the sign is the highest bit that was sent.
  private static func signed(_ value: UInt32, bytes: Int) -> Int32 {
    switch bytes {
    case 1: Int32(Int8(truncatingIfNeeded: value))
    case 2: Int32(Int16(truncatingIfNeeded: value))
    default: Int32(bitPattern: value)
    }
  }

  // MARK: Usages

  private func usage(_ value: UInt32, isExtended: Bool, at offset: Int) throws(WireError) -> PendingUsage {
    let id = UInt16(truncatingIfNeeded: value)
    return PendingUsage(
      page: isExtended ? UInt16(truncatingIfNeeded: value >> 16) : nil, first: id, last: id)
  }

  /// Minimum and maximum may come in either order; together they are a range.
  private mutating func closeUsageRange(at offset: Int) throws(WireError) {
    guard let minimum = locals.minimum, let maximum = locals.maximum else { return }
    guard minimum.first <= maximum.last, minimum.page == maximum.page else {
      throw WireError(.value, at: offset, field: "usage range")
    }
    locals.minimum = nil
    locals.maximum = nil
    try add(PendingUsage(page: minimum.page, first: minimum.first, last: maximum.last), at: offset)
  }

  private mutating func add(_ usage: PendingUsage, at offset: Int) throws(WireError) {
    if locals.isInDelimiter {
      // Usages between delimiters are names for one thing, the preferred one first.
      guard !locals.hasDelimitedUsage else { return }
      locals.hasDelimitedUsage = true
    }
    guard result.usages.count + locals.usages.count < Limit.usages else {
      throw WireError(.lengthOverLimit, at: offset, field: "usages")
    }
    locals.usages.append(usage)
  }

  private mutating func delimiter(_ value: UInt32, at offset: Int) throws(WireError) {
    let opens = value == 1
    guard value <= 1, opens != locals.isInDelimiter else {
      throw WireError(.framing, at: offset, field: "delimiter")
    }
    locals.isInDelimiter = opens
    locals.hasDelimitedUsage = false
  }

  // MARK: Main items

  private mutating func field(
    _ direction: HIDReportDescriptor.Direction, flags: UInt32, at offset: Int
  ) throws(WireError) {
    let report = try reportIndex(direction)
    let bits = UInt64(globals.elementBits) * UInt64(globals.count)
    let start = result.reports[report].bits
    guard bits <= UInt64(Limit.reportBits - start) else {
      throw WireError(.lengthOverLimit, at: offset, field: "report length")
    }
    result.reports[report].bits += Int(bits)
    if bits > 0 {
      guard result.fields.count < Limit.fields else {
        throw WireError(.lengthOverLimit, at: offset, field: "fields")
      }
      let firstUsage = result.usages.count
      for usage in locals.usages {
        result.usages.append(
          HIDReportDescriptor.UsageRange(
            page: usage.page ?? globals.page, first: usage.first, last: usage.last))
      }
      result.fields.append(
        HIDReportDescriptor.Field(
          direction: direction, reportID: globals.reportID, bitOffset: start,
          elementBits: Int(globals.elementBits), count: Int(globals.count),
          isConstant: flags & 1 == 1, isVariable: flags & 2 == 2, logicalMinimum: globals.logicalMinimum,
          usages: firstUsage..<result.usages.count, collection: collection))
    }
    locals = Locals()
  }

  private mutating func reportIndex(_ direction: HIDReportDescriptor.Direction) throws(WireError) -> Int {
    for index in result.reports.indices
    where result.reports[index].direction == direction && result.reports[index].id == globals.reportID {
      return index
    }
    result.reports.append(
      HIDReportDescriptor.Report(direction: direction, id: globals.reportID, bits: 0))
    return result.reports.count - 1
  }

  private mutating func beginCollection(kind: UInt32, at offset: Int) throws(WireError) {
    guard let kind = UInt8(exactly: kind) else { throw WireError(.value, at: offset, field: "collection") }
    guard result.collections.count < Limit.collections else {
      throw WireError(.lengthOverLimit, at: offset, field: "collections")
    }
    let named = locals.usages.first
    result.collections.append(
      HIDReportDescriptor.Collection(
        kind: kind, usage: HIDUsage(page: named?.page ?? globals.page, id: named?.first ?? 0),
        parent: collection))
    collection = result.collections.count - 1
    locals = Locals()
  }

  private mutating func endCollection(at offset: Int) throws(WireError) {
    guard let open = collection else { throw WireError(.framing, at: offset, field: "end of collection") }
    collection = result.collections[open].parent
    locals = Locals()
  }

  /// Numbered reports begin with a byte for the id; whether they are numbered is certain only at the end.
  private mutating func makeRoomForIDs() {
    for index in result.reports.indices { result.reports[index].bits += 8 }
    for index in result.fields.indices { result.fields[index].bitOffset += 8 }
  }
}
