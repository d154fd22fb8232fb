import POSWire

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
      case .cp437: Self.append(UInt32(EightBitSet.cp437.upperHalf[Int(byte) - 0x80]), to: &output)
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
    guard byte >= 0xA0, let set = EightBitSet(iso8859: part) else { return 0xFFFD }
    return UInt32(set.upperHalf[Int(byte) - 0x80])
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
}
