/// How far a command reaches, judged from its first bytes (specs/escpos.md §2.1 to §2.8).
enum CommandShape: Equatable {
  /// The header is `count` bytes long in all; ask again when it is there.
  case header(Int)
  /// The command is complete.
  case complete
  /// So many bytes of data follow the header.
  case data(UInt64)
  /// Data follows up to a NUL and is at most so long.
  case dataToNUL(Int)
  /// No such command. A printer drops what has been read and prints the rest as text.
  case unknown

  static let dle: UInt8 = 0x10
  static let esc: UInt8 = 0x1B
  static let fs: UInt8 = 0x1C
  static let gs: UInt8 = 0x1D

  /// Whether `byte` begins a command.
  static func isPrefix(_ byte: UInt8) -> Bool {
    byte == dle || byte == esc || byte == fs || byte == gs
  }

  /// The shape of the command that begins with `header`.
  static func of(_ header: [UInt8]) -> CommandShape {
    guard header.count >= 2 else { return .header(2) }
    switch header[0] {
    case dle: return realTime(header)
    case esc: return escape(header)
    case fs: return fileSeparator(header)
    default: return groupSeparator(header)
    }
  }

  private static func fixed(_ count: Int, _ header: [UInt8]) -> CommandShape {
    header.count < count ? .header(count) : .complete
  }

  private static func realTime(_ header: [UInt8]) -> CommandShape {
    guard header[1] == 0x04 || header[1] == 0x05 || header[1] == 0x14 else { return .unknown }
    guard header.count >= 3 else { return .header(3) }
    switch (header[1], header[2]) {
    case (0x04, 1...4), (0x05, 0...2): return .complete
    case (0x04, 7), (0x04, 8), (0x04, 18), (0x14, 7): return fixed(4, header)
    case (0x14, 1), (0x14, 2): return fixed(5, header)
    case (0x14, 3): return fixed(8, header)
    case (0x14, 8): return fixed(10, header)
    default: return .unknown
    }
  }

  private static func escape(_ header: [UInt8]) -> CommandShape {
    switch header[1] {
    case UInt8(ascii: "2"), UInt8(ascii: "<"), UInt8(ascii: "@"), UInt8(ascii: "L"), UInt8(ascii: "S"),
      UInt8(ascii: "i"), UInt8(ascii: "m"), UInt8(ascii: "v"), 0x0C:
      return .complete
    case UInt8(ascii: " "), UInt8(ascii: "!"), UInt8(ascii: "%"), UInt8(ascii: "-"), UInt8(ascii: "3"),
      UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "E"), UInt8(ascii: "G"), UInt8(ascii: "J"),
      UInt8(ascii: "K"), UInt8(ascii: "M"), UInt8(ascii: "R"), UInt8(ascii: "T"), UInt8(ascii: "U"),
      UInt8(ascii: "V"), UInt8(ascii: "a"), UInt8(ascii: "d"), UInt8(ascii: "e"), UInt8(ascii: "r"),
      UInt8(ascii: "t"), UInt8(ascii: "u"), UInt8(ascii: "{"):
      return fixed(3, header)
    case UInt8(ascii: "$"), UInt8(ascii: "\\"), UInt8(ascii: "B"), UInt8(ascii: "c"):
      return fixed(4, header)
    case UInt8(ascii: "p"): return fixed(5, header)
    case UInt8(ascii: "W"): return fixed(10, header)
    case UInt8(ascii: "D"): return .dataToNUL(32)
    case UInt8(ascii: "*"):
      guard header.count >= 5 else { return .header(5) }
      let columns = UInt64(header[3]) | UInt64(header[4]) << 8
      switch header[2] {
      case 0, 1: return .data(columns)
      case 32, 33: return .data(columns * 3)
      default: return .unknown
      }
    default: return .unknown
    }
  }

  private static func fileSeparator(_ header: [UInt8]) -> CommandShape {
    switch header[1] {
    case UInt8(ascii: "&"), UInt8(ascii: "."): .complete
    case UInt8(ascii: "!"), UInt8(ascii: "-"), UInt8(ascii: "C"), UInt8(ascii: "W"): fixed(3, header)
    case UInt8(ascii: "S"), UInt8(ascii: "p"): fixed(4, header)
    case UInt8(ascii: "("): parenthesis(header)
    default: .unknown
    }
  }

  private static func groupSeparator(_ header: [UInt8]) -> CommandShape {
    switch header[1] {
    case UInt8(ascii: ":"), UInt8(ascii: "c"): return .complete
    case UInt8(ascii: "!"), UInt8(ascii: "/"), UInt8(ascii: "B"), UInt8(ascii: "E"), UInt8(ascii: "H"),
      UInt8(ascii: "I"), UInt8(ascii: "T"), UInt8(ascii: "a"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "h"), UInt8(ascii: "j"), UInt8(ascii: "r"), UInt8(ascii: "w"):
      return fixed(3, header)
    case UInt8(ascii: "$"), UInt8(ascii: "L"), UInt8(ascii: "P"), UInt8(ascii: "W"), UInt8(ascii: "\\"):
      return fixed(4, header)
    case UInt8(ascii: "^"), UInt8(ascii: "z"): return fixed(5, header)
    case UInt8(ascii: "g"): return fixed(6, header)
    case UInt8(ascii: "("): return parenthesis(header)
    case UInt8(ascii: "8"):
      guard header.count >= 3 else { return .header(3) }
      guard header[2] == UInt8(ascii: "L") else { return .unknown }
      guard header.count >= 7 else { return .header(7) }
      var length: UInt64 = 0
      for index in (3..<7).reversed() { length = length << 8 | UInt64(header[index]) }
      return .data(length)
    case UInt8(ascii: "*"):
      guard header.count >= 4 else { return .header(4) }
      return .data(8 * UInt64(header[2]) * UInt64(header[3]))
    case UInt8(ascii: "V"):
      guard header.count >= 3 else { return .header(3) }
      switch header[2] {
      case 0, 1, 48, 49: return .complete
      case 65, 66, 97, 98, 103, 104: return fixed(4, header)
      default: return .unknown
      }
    case UInt8(ascii: "k"):
      guard header.count >= 3 else { return .header(3) }
      switch header[2] {
      case 0...6: return .dataToNUL(255)
      case 65...79: return header.count < 4 ? .header(4) : .data(UInt64(header[3]))
      default: return .unknown
      }
    case UInt8(ascii: "v"):
      guard header.count >= 3 else { return .header(3) }
      guard header[2] == UInt8(ascii: "0") else { return .unknown }
      guard header.count >= 8 else { return .header(8) }
      let rowBytes = UInt64(header[4]) | UInt64(header[5]) << 8
      let rows = UInt64(header[6]) | UInt64(header[7]) << 8
      return .data(rowBytes * rows)
    default: return .unknown
    }
  }

  /// `GS ( x pL pH` and `FS ( x pL pH`.
  private static func parenthesis(_ header: [UInt8]) -> CommandShape {
    guard header.count >= 5 else { return .header(5) }
    return .data(UInt64(header[3]) | UInt64(header[4]) << 8)
  }
}
