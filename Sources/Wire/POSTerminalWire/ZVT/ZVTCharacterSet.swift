/// The character sets of ZVT texts, read into UTF-8 (specs/terminals.md §2.8 tag 14, §2.11).
public enum ZVTCharacterSet: Sendable, Equatable {
  /// ASCII with German letters in place of brackets (DIN 66003).
  case sevenBit
  /// ISO 8859 with part 1 to 16.
  case iso8859(UInt8)
  /// UTF-8.
  case utf8
  /// Code page 437, the default.
  case cp437

  /// The set that tag 14 names; unknown values read as the default.
  public init(tag14 value: UInt8) {
    switch value {
    case 0x00: self = .sevenBit
    case 0x01...0x10: self = .iso8859(value)
    case 0xFE: self = .utf8
    default: self = .cp437
    }
  }

  /// `text` as UTF-8. It ends at a NUL; a line feed stays, other control characters go.
  ///
  /// What a set has no character for, ISO 8859-12, which was never published, and malformed UTF-8 become U+FFFD.
  public func utf8(_ text: Span<UInt8>) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(text.count)
    var index = 0
    while index < text.count, text[index] != 0 {
      let byte = text[index]
      index += 1
      if byte < 0x20 || byte == 0x7F {
        if byte == 0x0A { output.append(byte) }
        continue
      }
      if byte < 0x80 {
        Self.append(self == .sevenBit ? Self.german(byte) : UInt32(byte), to: &output)
        continue
      }
      switch self {
      case .sevenBit: Self.append(0xFFFD, to: &output)
      case .cp437: Self.append(UInt32(Self.cp437High[Int(byte) - 0x80]), to: &output)
      case .iso8859(let part): Self.append(Self.iso(byte, part: part), to: &output)
      case .utf8:
        let length = Self.sequenceLength(text, at: index - 1)
        if length == 0 {
          Self.append(0xFFFD, to: &output)
        } else {
          for position in (index - 1)..<(index - 1 + length) { output.append(text[position]) }
          index += length - 1
        }
      }
    }
    return output
  }

  private static func append(_ scalar: UInt32, to output: inout [UInt8]) {
    if scalar < 0x80 {
      output.append(UInt8(truncatingIfNeeded: scalar))
    } else if scalar < 0x800 {
      output.append(0xC0 | UInt8(truncatingIfNeeded: scalar >> 6))
      output.append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F))
    } else {
      output.append(0xE0 | UInt8(truncatingIfNeeded: scalar >> 12))
      output.append(0x80 | UInt8(truncatingIfNeeded: scalar >> 6 & 0x3F))
      output.append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F))
    }
  }

  private static func german(_ byte: UInt8) -> UInt32 {
    switch byte {
    case 0x5B: 0xC4
    case 0x5C: 0xD6
    case 0x5D: 0xDC
    case 0x7B: 0xE4
    case 0x7C: 0xF6
    case 0x7D: 0xFC
    case 0x7E: 0xDF
    default: UInt32(byte)
    }
  }

  /// The control characters 80 to 9F are no text, as those below 20.
  private static func iso(_ byte: UInt8, part: UInt8) -> UInt32 {
    guard byte >= 0xA0, let table = upperHalf(part) else { return 0xFFFD }
    return UInt32(table[Int(byte) - 0xA0])
  }

  /// Bytes of the well-formed sequence of two to four bytes that starts at `index`; 0 if there is none.
  private static func sequenceLength(_ text: Span<UInt8>, at index: Int) -> Int {
    let lead = text[index]
    let length: Int
    switch lead {
    case 0xC2...0xDF: length = 2
    case 0xE0...0xEF: length = 3
    case 0xF0...0xF4: length = 4
    default: return 0
    }
    guard index + length <= text.count else { return 0 }
    for position in (index + 1)..<(index + length) where text[position] & 0xC0 != 0x80 { return 0 }
    let second = text[index + 1]
    switch lead {
    case 0xE0 where second < 0xA0, 0xED where second > 0x9F, 0xF0 where second < 0x90,
      0xF4 where second > 0x8F:
      return 0
    default: return length
    }
  }

  /// Code page 437 from 80 to FF, as Unicode.
  private static let cp437High: [UInt16] = [
    0x00C7, 0x00FC, 0x00E9, 0x00E2, 0x00E4, 0x00E0, 0x00E5, 0x00E7, 0x00EA, 0x00EB, 0x00E8, 0x00EF, 0x00EE,
    0x00EC, 0x00C4, 0x00C5, 0x00C9, 0x00E6, 0x00C6, 0x00F4, 0x00F6, 0x00F2, 0x00FB, 0x00F9, 0x00FF, 0x00D6,
    0x00DC, 0x00A2, 0x00A3, 0x00A5, 0x20A7, 0x0192, 0x00E1, 0x00ED, 0x00F3, 0x00FA, 0x00F1, 0x00D1, 0x00AA,
    0x00BA, 0x00BF, 0x2310, 0x00AC, 0x00BD, 0x00BC, 0x00A1, 0x00AB, 0x00BB, 0x2591, 0x2592, 0x2593, 0x2502,
    0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557, 0x255D, 0x255C, 0x255B, 0x2510, 0x2514,
    0x2534, 0x252C, 0x251C, 0x2500, 0x253C, 0x255E, 0x255F, 0x255A, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550,
    0x256C, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256B, 0x256A, 0x2518, 0x250C,
    0x2588, 0x2584, 0x258C, 0x2590, 0x2580, 0x03B1, 0x00DF, 0x0393, 0x03C0, 0x03A3, 0x03C3, 0x00B5, 0x03C4,
    0x03A6, 0x0398, 0x03A9, 0x03B4, 0x221E, 0x03C6, 0x03B5, 0x2229, 0x2261, 0x00B1, 0x2265, 0x2264, 0x2320,
    0x2321, 0x00F7, 0x2248, 0x00B0, 0x2219, 0x00B7, 0x221A, 0x207F, 0x00B2, 0x25A0, 0x00A0,
  ]
}
