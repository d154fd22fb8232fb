/// How far a command reaches, judged from its first bytes (specs/escpos.md §2.1 to §2.8).
enum CommandShape: Equatable {
  /// The header is `count` bytes long in all; ask again when it is there.
  case header(Int)
  /// The command is complete.
  case complete
  /// The command is complete as it is, and a NUL behind it is a part of it that says nothing more.
  case completeWithNUL
  /// So many bytes of data follow the header.
  case data(UInt64)
  /// So many bytes of data follow, and behind them the header goes on until its bytes are `header` in all: ask again with
  /// these, without the data between them.
  case dataThenHeader(UInt64, header: Int)
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

  /// The shape of the command that begins with `header`, from which data between its bytes are left out.
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

  /// The number in two bytes of the header, low byte first.
  private static func word(_ header: [UInt8], _ index: Int) -> UInt64 {
    UInt64(header[index]) | UInt64(header[index + 1]) << 8
  }

  /// The number in four bytes of the header, low byte first.
  private static func long(_ header: [UInt8], _ index: Int) -> UInt64 {
    word(header, index) | word(header, index + 2) << 16
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
    case UInt8(ascii: "D"): return tabs(header)
    case UInt8(ascii: "&"): return characters(header)
    case UInt8(ascii: "*"):
      guard header.count >= 5 else { return .header(5) }
      let columns = word(header, 3)
      switch header[2] {
      case 0, 1: return .data(columns)
      case 32, 33: return .data(columns * 3)
      default: return .unknown
      }
    default: return .unknown
    }
  }

  /// `ESC D`: columns, each greater than the one before it, up to a NUL.
  ///
  /// One that is not greater ends them too, and what follows it is print (Epson, `ESC D`). That it is used up like the
  /// NUL, and not print itself, is inferred from ESC/P, whose manuals call it a terminator. Behind 32 columns all is
  /// print (Epson, `ESC D`).
  private static func tabs(_ header: [UInt8]) -> CommandShape {
    let columns = header.count - 2
    guard columns > 0 else { return .header(3) }
    if header[header.count - 1] <= (columns > 1 ? header[header.count - 2] : 0) { return .complete }
    return columns < 32 ? .header(header.count + 1) : .completeWithNUL
  }

  /// `ESC & y c1 c2`: for each character from c1 to c2 its columns and as many times y bytes. Numbers that cannot be have
  /// the printer forget the command, and print what follows (Epson, `ESC &`).
  private static func characters(_ header: [UInt8]) -> CommandShape {
    guard header.count >= 5 else { return .header(5) }
    let (columnBytes, first, last) = (UInt64(header[2]), header[3], header[4])
    guard columnBytes > 0, 0x20 <= first, first <= last, last <= 0x7E else { return .complete }
    guard header.count > 5 else { return .header(6) }
    let length = UInt64(header[header.count - 1]) * columnBytes
    let isLast = header.count - 5 > Int(last - first)
    return isLast ? .data(length) : .dataThenHeader(length, header: header.count + 1)
  }

  private static func fileSeparator(_ header: [UInt8]) -> CommandShape {
    switch header[1] {
    case UInt8(ascii: "&"), UInt8(ascii: "."): .complete
    case UInt8(ascii: "!"), UInt8(ascii: "-"), UInt8(ascii: "C"), UInt8(ascii: "W"): fixed(3, header)
    case UInt8(ascii: "S"), UInt8(ascii: "p"): fixed(4, header)
    case UInt8(ascii: "("): parenthesis(header)
    // 24 by 24 dots; the smaller faces that `FS ( A` of some models selects have less (Epson, `FS 2`).
    case UInt8(ascii: "2"): header.count < 4 ? .header(4) : .data(72)
    case UInt8(ascii: "g"): userMemory(header)
    case UInt8(ascii: "q"): storedPictures(header)
    default: .unknown
    }
  }

  /// `FS g 1 m a1 a2 a3 a4 nL nH` with n bytes to write, and `FS g 2` with as many numbers to read (Epson, `FS g 1`).
  private static func userMemory(_ header: [UInt8]) -> CommandShape {
    guard header.count >= 3 else { return .header(3) }
    guard header[2] == UInt8(ascii: "1") || header[2] == UInt8(ascii: "2") else { return .unknown }
    guard header.count >= 10 else { return .header(10) }
    return header[2] == UInt8(ascii: "1") ? .data(word(header, 8)) : .complete
  }

  /// `FS q n`: n pictures, each `xL xH yL yH` and 8 × x × y bytes (Epson, `FS q`).
  private static func storedPictures(_ header: [UInt8]) -> CommandShape {
    guard header.count >= 3 else { return .header(3) }
    guard header[2] > 0 else { return .complete }
    guard header.count > 3 else { return .header(7) }
    let length = 8 * word(header, header.count - 4) * word(header, header.count - 2)
    let isLast = (header.count - 3) / 4 == Int(header[2])
    return isLast ? .data(length) : .dataThenHeader(length, header: header.count + 4)
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
      return header.count < 7 ? .header(7) : .data(long(header, 3))
    case UInt8(ascii: "C"): return counter(header)
    case UInt8(ascii: "D"): return windowsPicture(header)
    case UInt8(ascii: "Q"):
      guard header.count >= 3 else { return .header(3) }
      guard header[2] == UInt8(ascii: "0") else { return .unknown }
      // Columns, and bytes in each (Epson, `GS Q 0`).
      return header.count < 8 ? .header(8) : .data(word(header, 4) * word(header, 6))
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
      return header.count < 8 ? .header(8) : .data(word(header, 4) * word(header, 6))
    default: return .unknown
    }
  }

  /// `GS C 0 n m`, `GS C 1 aL aH bL bH n r`, `GS C 2 nL nH`, and `GS C ;` with five numbers in digits, any of which may be
  /// missing, each with a semicolon behind it (Epson, `GS C 0` to `GS C ;`).
  private static func counter(_ header: [UInt8]) -> CommandShape {
    guard header.count >= 3 else { return .header(3) }
    switch header[2] {
    case UInt8(ascii: "0"), UInt8(ascii: "2"): return fixed(5, header)
    case UInt8(ascii: "1"): return fixed(9, header)
    case UInt8(ascii: ";"): break
    default: return .unknown
    }
    var numbers = 0
    var digits = 0
    for byte in header[3...] {
      switch byte {
      case UInt8(ascii: ";"):
        numbers += 1
        digits = 0
      // The largest number is 65535.
      case UInt8(ascii: "0")...UInt8(ascii: "9") where digits < 5: digits += 1
      default: return .unknown
      }
    }
    return numbers == 5 ? .complete : .header(header.count + 1)
  }

  /// `GS D 48 fn 48 kc1 kc2 b c` and a file of Windows, to be kept for ever (fn 67) or until the printer is switched off
  /// (83). The file says how long it is, in its bytes 2 to 5 (kunif/EscPosUtils, TokenizeGS.cs; Citizen, `GS D`).
  private static func windowsPicture(_ header: [UInt8]) -> CommandShape {
    guard header.count >= 5 else { return .header(5) }
    guard header[2] == 48, header[3] == 67 || header[3] == 83, header[4] == 48 else { return .unknown }
    guard header.count >= 15 else { return .header(15) }
    let length = long(header, 11)
    guard header[9] == UInt8(ascii: "B"), header[10] == UInt8(ascii: "M"), length >= 6 else {
      return .unknown
    }
    return .data(length - 6)
  }

  /// `GS ( x pL pH` and `FS ( x pL pH`.
  private static func parenthesis(_ header: [UInt8]) -> CommandShape {
    header.count < 5 ? .header(5) : .data(word(header, 3))
  }
}
