public import POSModel
public import POSTransport

/// A scanner that types what it reads on an American keyboard, then Enter (HID Usage Tables §10).
public struct SimulatedKeyboardScanner: Sendable {
  private let device: any ReportDevice

  /// A scanner at the device's end of a report link that was made with ``reportDescriptor``.
  public init(device: any ReportDevice) { self.device = device }

  /// Types a code: each key is pressed and released before the next one.
  ///
  /// - Throws: `device.unsupported` for characters without a key, before it types anything.
  public func scan(_ code: String) async throws(DeviceError) {
    var strokes: [Stroke] = []
    for scalar in code.unicodeScalars {
      guard let stroke = Self.stroke(for: scalar) else {
        throw DeviceError(
          .unsupported, during: "typing a code", detail: "no key has U+\(String(scalar.value, radix: 16))")
      }
      strokes.append(stroke)
    }
    for stroke in strokes + [Stroke(key: 0x28, isShifted: false)] {
      try await device.sendReport([stroke.isShifted ? 0x02 : 0, 0, stroke.key, 0, 0, 0, 0, 0], until: nil)
      try await device.sendReport([UInt8](repeating: 0, count: 8), until: nil)
    }
  }

  private struct Stroke {
    var key: UInt8
    var isShifted: Bool
  }

  /// Keys from usage 2D on, then those with shift.
  private static let marks: (plain: StaticString, shifted: StaticString) = ("-=[]\\", "_+{}|")
  private static let moreMarks: (plain: StaticString, shifted: StaticString) = (";'`,./", ":\"~<>?")

  private static func stroke(for scalar: Unicode.Scalar) -> Stroke? {
    guard scalar.isASCII else { return nil }
    let byte = UInt8(scalar.value)
    func place(_ row: StaticString) -> UInt8? {
      row.withUTF8Buffer { $0.firstIndex(of: byte) }.map { UInt8($0) }
    }
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"): return Stroke(key: byte - 0x61 + 0x04, isShifted: false)
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): return Stroke(key: byte - 0x41 + 0x04, isShifted: true)
    case UInt8(ascii: "0"): return Stroke(key: 0x27, isShifted: false)
    case UInt8(ascii: "1")...UInt8(ascii: "9"): return Stroke(key: byte - 0x31 + 0x1E, isShifted: false)
    case 0x20: return Stroke(key: 0x2C, isShifted: false)
    case 0x09: return Stroke(key: 0x2B, isShifted: false)
    default: break
    }
    let rows: [(StaticString, UInt8, Bool)] = [
      ("!@#$%^&*()", 0x1E, true), (marks.plain, 0x2D, false), (marks.shifted, 0x2D, true),
      (moreMarks.plain, 0x33, false), (moreMarks.shifted, 0x33, true),
    ]
    for (row, first, isShifted) in rows {
      if let place = place(row) { return Stroke(key: first + place, isShifted: isShifted) }
    }
    return nil
  }

  /// The descriptor of the boot keyboard: HID 1.11 appendix B.1.
  public static let reportDescriptor: [UInt8] = [
    0x05, 0x01, 0x09, 0x06, 0xA1, 0x01,  // page generic desktop, application collection: keyboard
    0x05, 0x07, 0x19, 0xE0, 0x29, 0xE7, 0x15, 0x00, 0x25, 0x01,  // the eight modifiers
    0x75, 0x01, 0x95, 0x08, 0x81, 0x02,
    0x95, 0x01, 0x75, 0x08, 0x81, 0x01,  // a byte of nothing
    0x95, 0x05, 0x75, 0x01, 0x05, 0x08, 0x19, 0x01, 0x29, 0x05, 0x91, 0x02,  // five lights
    0x95, 0x01, 0x75, 0x03, 0x91, 0x01,
    0x95, 0x06, 0x75, 0x08, 0x15, 0x00, 0x25, 0x65,  // six keys that are down
    0x05, 0x07, 0x19, 0x00, 0x29, 0x65, 0x81, 0x00,
    0xC0,
  ]
}
