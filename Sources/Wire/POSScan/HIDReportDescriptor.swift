public import POSWire

/// What a HID device says its reports hold (HID 1.11 §6.2.2): a flat list of fields, each at its bits.
///
///     let descriptor = try HIDReportDescriptor(bytes.span)
///     let data = descriptor.runs(of: .decodedData, in: .input)
///
/// Parsing is total: a descriptor that lies about its lengths throws ``WireError`` with the offset of the
/// item.
public struct HIDReportDescriptor: Sendable, Equatable {
  /// Which way a report goes.
  public enum Direction: UInt8, Sendable {
    case input, output, feature
  }

  /// One main item: equal elements side by side.
  public struct Field: Sendable, Equatable {
    /// Which way the report goes.
    public var direction: Direction
    /// The report's id, 0 where the descriptor numbers no reports.
    public var reportID: UInt8
    /// Bits before the first element, counted from the report's first byte as hidraw reads it: the id's eight
    /// bits are among them where reports are numbered.
    public var bitOffset: Int
    /// Bits of one element, 1 or more.
    public var elementBits: Int
    /// Elements, 1 or more.
    public var count: Int
    /// Whether it is padding.
    public var isConstant: Bool
    /// Whether each element holds a value; else the elements hold indices of usages.
    public var isVariable: Bool
    /// The smallest value of an element. In an array field it stands for the first usage.
    public var logicalMinimum: Int32
    /// Where its usages are in ``HIDReportDescriptor/usages``.
    public var usages: Range<Int>
    /// The innermost collection around it, an index into ``HIDReportDescriptor/collections``.
    public var collection: Int?
  }

  /// Usages of one page that follow each other.
  public struct UsageRange: Sendable, Equatable {
    /// The usage page.
    public var page: UInt16
    /// The first usage.
    public var first: UInt16
    /// The last usage, not below the first.
    public var last: UInt16
  }

  /// One collection.
  public struct Collection: Sendable, Equatable {
    /// 0 physical, 1 application, 2 logical, 3 report, 4 named array, 5 usage switch, 6 usage modifier.
    public var kind: UInt8
    /// What the collection is for.
    public var usage: HIDUsage
    /// The collection around it, an index into ``HIDReportDescriptor/collections``.
    public var parent: Int?
  }

  /// How long one report is.
  public struct Report: Sendable, Equatable {
    /// Which way it goes.
    public var direction: Direction
    /// Its id, 0 where the descriptor numbers no reports.
    public var id: UInt8
    /// All its bits, the id's among them where reports are numbered.
    public var bits: Int
  }

  /// What a descriptor may claim. More is refused before anything is stored.
  public enum Limit {
    /// Bytes of the descriptor: Linux hands over no more.
    public static let bytes = 4096
    /// Main items that carry data.
    public static let fields = 256
    /// Collections.
    public static let collections = 256
    /// Usages and ranges of usages of all fields together.
    public static let usages = 1024
    /// Pushes without a pop.
    public static let pushes = 8
    /// Bits of one element.
    public static let elementBits = 256
    /// Bits of one report, the byte of its id not counted.
    public static let reportBits = 8 * 8192
  }

  /// Every main item that carries data, in order.
  public internal(set) var fields: [Field] = []
  /// The usages of all fields.
  public internal(set) var usages: [UsageRange] = []
  /// Every collection, in the order of their beginnings.
  public internal(set) var collections: [Collection] = []
  /// Every report, in the order of their first fields.
  public internal(set) var reports: [Report] = []
  /// Whether each report begins with its id.
  public internal(set) var numbersReports = false
}

extension HIDReportDescriptor {
  /// Parses a descriptor.
  ///
  /// - Throws: ``WireError``: `truncated` where it ends inside an item or a collection, `lengthOverLimit`
  ///   where it exceeds ``Limit``, `framing` for ends, pops and delimiters without a beginning, `value` for a
  ///   number outside its range.
  public init(_ bytes: Span<UInt8>) throws(WireError) {
    var parser = HIDDescriptorParser()
    try parser.parse(bytes)
    self = parser.result
  }

  /// The length in bytes of a report, its id included where reports are numbered; `nil` for one not declared.
  public func length(of direction: Direction, id: UInt8) -> Int? {
    for report in reports where report.direction == direction && report.id == id {
      return (report.bits + 7) / 8
    }
    return nil
  }

  /// Where `usage` is, in the order of the descriptor, padding left out.
  ///
  /// A field with fewer usages than elements repeats the last one (HID 1.11 §6.2.2.8). Array fields count for
  /// input only, where they may be data that the firmware labels carelessly.
  public func runs(of usage: HIDUsage, in direction: Direction) -> [HIDFieldRun] {
    var runs: [HIDFieldRun] = []
    for field in fields
    where field.direction == direction && !field.isConstant && (field.isVariable || direction == .input) {
      var position = 0
      for index in field.usages {
        guard position < field.count else { break }
        let range = usages[index]
        let length = Int(range.last - range.first) + 1
        if range.page == usage.page, range.first <= usage.id, usage.id <= range.last {
          let element = position + Int(usage.id - range.first)
          let isLast = usage.id == range.last && index == field.usages.upperBound - 1
          if element < field.count {
            HIDFieldRun(
              reportID: field.reportID, bitOffset: field.bitOffset + element * field.elementBits,
              elementBits: field.elementBits, count: isLast ? field.count - element : 1
            ).joined(to: &runs)
          }
        }
        position += length
      }
    }
    return runs
  }
}

/// Elements of one usage that lie side by side in a report.
public struct HIDFieldRun: Sendable, Equatable {
  /// The report's id, 0 where reports are not numbered.
  public var reportID: UInt8
  /// Bits before the first element, from the report's first byte.
  public var bitOffset: Int
  /// Bits of one element.
  public var elementBits: Int
  /// Elements.
  public var count: Int

  /// A run from its parts.
  public init(reportID: UInt8, bitOffset: Int, elementBits: Int, count: Int) {
    self.reportID = reportID
    self.bitOffset = bitOffset
    self.elementBits = elementBits
    self.count = count
  }

  /// The first bit behind the run.
  public var endBit: Int { bitOffset + elementBits * count }

  /// The low 32 bits of one element. Bits behind the end of `report` read as zero.
  public func value(of element: Int = 0, in report: Span<UInt8>) -> UInt32 {
    let bits = min(elementBits, 32)
    let start = bitOffset + element * elementBits
    guard bits > 0 else { return 0 }
    var value: UInt64 = 0
    // One byte for nearly all; 32 bits that do not start at a byte's border touch five.
    for index in (start / 8)...((start + bits - 1) / 8) {
      guard index < report.count else { break }
      value |= UInt64(report[index]) << UInt64(8 * (index - start / 8))
    }
    return UInt32(truncatingIfNeeded: value >> UInt64(start % 8)) & (UInt32.max >> UInt32(32 - bits))
  }

  /// Whether any bit of any element is set.
  public func isAnySet(in report: Span<UInt8>) -> Bool {
    for bit in bitOffset..<endBit {
      guard bit / 8 < report.count else { return false }
      if report[bit / 8] >> UInt8(bit % 8) & 1 == 1 { return true }
    }
    return false
  }

  /// Appends this run to `runs`, as part of the last one where it continues that.
  fileprivate func joined(to runs: inout [HIDFieldRun]) {
    if let last = runs.last, last.reportID == reportID, last.elementBits == elementBits,
      last.endBit == bitOffset
    {
      runs[runs.count - 1].count += count
    } else {
      runs.append(self)
    }
  }
}
