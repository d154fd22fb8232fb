import POSWire

/// A character set that an ECI names and that can be turned into Unicode here.
///
/// Not here: Shift-JIS (20), Big5 (28), GB 18030 (29), code page 949 (30), whose tables are larger than all the
/// rest together. Their bytes are delivered as they are.
public enum CharacterSet: Sendable, Equatable {
  case ascii, latin1, utf8, utf16BigEndian
  /// An eight-bit set by its number among the ECIs.
  case table(eci: Int)

  /// The set of an ECI number (specs/scanners.md §4).
  public init?(eci number: Int) {
    switch number {
    case 0, 2: self = .table(eci: 2)
    case 1, 3: self = .latin1
    case 4...13, 15...18, 21...24: self = .table(eci: number)
    case 25: self = .utf16BigEndian
    case 26: self = .utf8
    case 27, 170: self = .ascii
    default: return nil
    }
  }

  /// The eight-bit set of an ECI.
  private static func eightBitSet(_ eci: Int) -> EightBitSet? {
    switch eci {
    case 2: .cp437
    // ECI 4 is ISO/IEC 8859-2, and so on.
    case 4...18: EightBitSet(iso8859: UInt8(eci - 2))
    case 21: .cp1250
    case 22: .cp1251
    case 23: .cp1252
    case 24: .cp1256
    default: nil
    }
  }

  /// `bytes` as UTF-8; `nil` where they do not fit the set.
  public func utf8(_ bytes: [UInt8]) -> [UInt8]? {
    switch self {
    case .ascii: return bytes.allSatisfy { $0 < 0x80 } ? bytes : nil
    case .utf8: return Self.isUTF8(bytes) ? bytes : nil
    case .latin1:
      var text: [UInt8] = []
      for byte in bytes { Self.append(UInt32(byte), to: &text) }
      return text
    case .table(let number):
      guard let table = Self.eightBitSet(number)?.upperHalf else { return nil }
      var text: [UInt8] = []
      for byte in bytes {
        let scalar = byte < 0x80 ? UInt32(byte) : UInt32(table[Int(byte) - 0x80])
        guard scalar != 0xFFFD else { return nil }
        Self.append(scalar, to: &text)
      }
      return text
    case .utf16BigEndian: return Self.utf16(bytes)
    }
  }

  /// `bytes` as UTF-8 where they are valid UTF-8, else as Latin-1, and which of the two: what to make of data that
  /// name no character set.
  public static func guess(_ bytes: [UInt8]) -> (utf8: [UInt8], set: CharacterSet) {
    if bytes.allSatisfy({ $0 < 0x80 }) { return (bytes, .ascii) }
    if isUTF8(bytes) { return (bytes, .utf8) }
    return (CharacterSet.latin1.utf8(bytes) ?? bytes, .latin1)
  }

  private static func utf16(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes.count % 2 == 0 else { return nil }
    var text: [UInt8] = []
    var index = 0
    func unit() -> UInt32 { UInt32(bytes[index]) << 8 | UInt32(bytes[index + 1]) }
    while index < bytes.count {
      var scalar = unit()
      index += 2
      if scalar & 0xFC00 == 0xD800 {
        guard index < bytes.count, unit() & 0xFC00 == 0xDC00 else { return nil }
        scalar = 0x10000 + (scalar & 0x3FF) << 10 + (unit() & 0x3FF)
        index += 2
      }
      guard scalar & 0xFFFF_F800 != 0xD800 else { return nil }
      append(scalar, to: &text)
    }
    return text
  }

  /// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
  private static func isUTF8(_ bytes: [UInt8]) -> Bool {
    var index = 0
    while index < bytes.count {
      let lead = bytes[index]
      let length: Int
      let smallest: UInt32
      switch lead {
      case 0..<0x80: (length, smallest) = (1, 0)
      case 0xC2...0xDF: (length, smallest) = (2, 0x80)
      case 0xE0...0xEF: (length, smallest) = (3, 0x800)
      case 0xF0...0xF4: (length, smallest) = (4, 0x10000)
      default: return false
      }
      guard index + length <= bytes.count else { return false }
      var scalar = length == 1 ? UInt32(lead) : UInt32(lead) & (0x7F >> UInt32(length))
      for step in 1..<max(length, 1) {
        guard bytes[index + step] & 0xC0 == 0x80 else { return false }
        scalar = scalar << 6 | UInt32(bytes[index + step] & 0x3F)
      }
      guard scalar >= smallest, scalar <= 0x10FFFF, scalar & 0xFFFF_F800 != 0xD800 else { return false }
      index += length
    }
    return true
  }

  private static func append(_ scalar: UInt32, to text: inout [UInt8]) {
    switch scalar {
    case 0..<0x80: text.append(UInt8(scalar))
    case 0x80..<0x800:
      text.append(0xC0 | UInt8(scalar >> 6))
      text.append(0x80 | UInt8(scalar & 0x3F))
    case 0x800..<0x10000:
      text.append(0xE0 | UInt8(scalar >> 12))
      text.append(0x80 | UInt8(scalar >> 6 & 0x3F))
      text.append(0x80 | UInt8(scalar & 0x3F))
    default:
      text.append(0xF0 | UInt8(scalar >> 18 & 0x07))
      text.append(0x80 | UInt8(scalar >> 12 & 0x3F))
      text.append(0x80 | UInt8(scalar >> 6 & 0x3F))
      text.append(0x80 | UInt8(scalar & 0x3F))
    }
  }
}
