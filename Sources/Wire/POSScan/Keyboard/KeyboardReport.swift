public import POSWire

/// What one input report of a keyboard says: which keys are down.
public struct KeyboardReport: Sendable, Equatable {
  /// Modifier keys, one bit each.
  public struct Modifiers: OptionSet, Sendable, Hashable {
    /// The first byte of a boot report.
    public let rawValue: UInt8

    /// Modifiers from the bits of a boot report (HID 1.11 appendix B).
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Left or right Ctrl.
    public static let control = Modifiers(rawValue: 0x11)
    /// Left or right Shift.
    public static let shift = Modifiers(rawValue: 0x22)
    /// Left Alt.
    public static let leftAlt = Modifiers(rawValue: 0x04)
    /// Right Alt, which is AltGr where the layout has one.
    public static let rightAlt = Modifiers(rawValue: 0x40)
  }

  /// The report's id, 0 where reports are not numbered.
  public var id: UInt8
  /// The modifier keys that are down.
  public var modifiers: Modifiers
  /// The other keys that are down: usages of the Keyboard page, in the order of the report, doubles kept.
  public var keys: [UInt8]
  /// Whether the order of ``keys`` means nothing, because the report has a bit for each key.
  public var isUnordered: Bool
  /// Whether more keys were down than the report has room for; then ``keys`` is empty.
  public var isRollover: Bool
}

/// Where a keyboard's reports hold modifiers and keys.
///
///     let shape = KeyboardReportShape.boot
///     let shape = try KeyboardReportShape(descriptor: bytes.span)
public struct KeyboardReportShape: Sendable, Equatable {
  /// Keys in one report at most.
  public static let keyLimit = 64

  /// One field of keys.
  private struct Field: Sendable, Equatable {
    var run: HIDFieldRun
    var isBitmap: Bool
    /// The usage of the first element, or of the value 0 of an element.
    var firstUsage: Int
    /// The last usage the field can name.
    var lastUsage: Int
  }

  private var fields: [Field]
  private var numbersReports: Bool

  /// The eight bytes every keyboard falls back to: modifiers, one reserved, six keys (HID 1.11 appendix B).
  public static let boot = KeyboardReportShape(
    fields: [
      Field(
        run: HIDFieldRun(reportID: 0, bitOffset: 0, elementBits: 1, count: 8), isBitmap: true,
        firstUsage: 0xE0,
        lastUsage: 0xE7),
      Field(
        run: HIDFieldRun(reportID: 0, bitOffset: 16, elementBits: 8, count: 6), isBitmap: false,
        firstUsage: 0,
        lastUsage: 0xFF),
    ], numbersReports: false)

  private init(fields: [Field], numbersReports: Bool) {
    self.fields = fields
    self.numbersReports = numbersReports
  }

  /// Reads the shape from a report descriptor, by usages of the Keyboard page; ids and sizes are the device's
  /// business.
  ///
  /// - Throws: ``WireError`` of ``HIDReportDescriptor``, or `unsupported` when no report holds keys.
  public init(descriptor bytes: Span<UInt8>) throws(WireError) {
    let descriptor = try HIDReportDescriptor(bytes)
    var fields: [Field] = []
    var hasKeys = false
    for field in descriptor.fields where field.direction == .input && !field.isConstant {
      var element = 0
      for index in field.usages {
        let range = descriptor.usages[index]
        let span = Int(range.last - range.first) + 1
        if range.page == 0x07, range.first <= 0xFF, element < field.count {
          if field.isVariable, field.elementBits == 1 {
            fields.append(
              Field(
                run: HIDFieldRun(
                  reportID: field.reportID, bitOffset: field.bitOffset + element,
                  elementBits: 1, count: min(span, field.count - element)),
                isBitmap: true, firstUsage: Int(range.first), lastUsage: Int(min(range.last, 0xFF))))
            if range.first < 0xE0 { hasKeys = true }
          } else if !field.isVariable, field.elementBits <= 16 {
            fields.append(
              Field(
                run: HIDFieldRun(
                  reportID: field.reportID, bitOffset: field.bitOffset, elementBits: field.elementBits,
                  count: min(field.count, Self.keyLimit)),
                isBitmap: false, firstUsage: Int(range.first) - Int(field.logicalMinimum),
                lastUsage: Int(min(range.last, 0xFF))))
            hasKeys = true
          }
        }
        element += span
      }
    }
    guard hasKeys else { throw WireError(.unsupported, at: bytes.count, field: "keyboard") }
    self.init(fields: fields, numbersReports: descriptor.numbersReports)
  }

  /// The length in bytes of the report with this id, `nil` where it holds no keys.
  public func length(id: UInt8) -> Int? {
    var end: Int?
    for field in fields where field.run.reportID == id { end = max(end ?? 0, (field.run.endBit + 7) / 8) }
    return end
  }

  /// Reads one report as hidraw hands it over; `nil` for reports of other ids, volume keys for instance.
  ///
  /// - Throws: ``WireError`` `truncated` for a report shorter than its fields.
  public func read(_ report: Span<UInt8>) throws(WireError) -> KeyboardReport? {
    guard report.count > 0 else { throw WireError(.truncated, at: 0, field: "report") }
    let id = numbersReports ? report[0] : 0
    guard let length = length(id: id) else { return nil }
    guard report.count >= length else {
      throw WireError(.truncated, at: report.count, field: "keyboard report")
    }
    var modifiers: UInt8 = 0
    var result = KeyboardReport(id: id, modifiers: [], keys: [], isUnordered: false, isRollover: false)
    for field in fields where field.run.reportID == id {
      for element in 0..<field.run.count {
        let value = Int(field.run.value(of: element, in: report))
        guard value != 0 else { continue }
        let usage = field.isBitmap ? field.firstUsage + element : field.firstUsage + value
        guard usage > 0, usage <= field.lastUsage else { continue }
        switch usage {
        case 0xE0...0xE7: modifiers |= 1 << UInt8(usage - 0xE0)
        // ErrorRollOver, POSTFail and ErrorUndefined fill the whole array (HID Usage Tables §10).
        case 1...3: result.isRollover = true
        default:
          guard result.keys.count < Self.keyLimit else { continue }
          result.keys.append(UInt8(usage))
          if field.isBitmap { result.isUnordered = true }
        }
      }
    }
    result.modifiers = KeyboardReport.Modifiers(rawValue: modifiers)
    if result.isRollover { result.keys = [] }
    return result
  }
}
