import ArgumentParser
import POSLinux
import POSModel

/// Bytes from a file or from standard input, raw or as hexadecimal text (DESIGN §4).
struct InputOptions: ParsableArguments {
  @Flag(
    help:
      "The input is hexadecimal text: white space is ignored, each line is one message, # starts a comment.")
  var hex = false

  @Argument(help: "A file, or - for standard input.")
  var file = "-"

  /// The largest input that is read, in bytes.
  static let limit = 64 << 20

  /// The messages of the input: its lines with `--hex`, else the whole as one.
  func messages() throws(DeviceError) -> [[UInt8]] {
    let bytes = try InputOptions.read(file)
    if hex { return try HexText.messages(in: bytes, name: file) }
    if HexText.couldBe(bytes) {
      Console.complain("posctl: \(file) looks like hexadecimal text, and was read as bytes; try --hex")
    }
    return [bytes]
  }

  /// All bytes of the file at `path`, or of standard input for `-`.
  static func read(_ path: String) throws(DeviceError) -> [UInt8] {
    path == "-"
      ? try StandardStream.readInput(upTo: limit) : try StandardStream.readFile(path, upTo: limit)
  }
}

/// Hexadecimal text as people write it: any white space, comments after `#`.
enum HexText {
  /// One message a line; lines without digits are skipped.
  static func messages(in text: [UInt8], name: String) throws(DeviceError) -> [[UInt8]] {
    var messages: [[UInt8]] = []
    for (index, line) in text.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      let message = try bytes(of: line.prefix { $0 != 0x23 }, place: "\(name), line \(index + 1)")
      if !message.isEmpty { messages.append(message) }
    }
    return messages
  }

  /// Whether somebody probably meant hexadecimal text: pairs of digits with white space between them, nothing else.
  static func couldBe(_ bytes: [UInt8]) -> Bool {
    let words = bytes.split { [0x20, 0x09, 0x0D, 0x0A].contains($0) }
    return words.count > 1
      && words.allSatisfy { word in
        word.count.isMultiple(of: 2) && word.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
      }
  }

  /// The bytes of one run of digit pairs. Commas, colons and `0x` are not accepted: they would hide slips.
  static func bytes(of text: some Collection<UInt8>, place: String) throws(DeviceError) -> [UInt8] {
    var bytes: [UInt8] = []
    var high: UInt8?
    for (column, character) in text.enumerated() {
      let digit: UInt8
      switch character {
      case 0x30...0x39: digit = character - 0x30
      case 0x41...0x46: digit = character - 0x41 + 10
      case 0x61...0x66: digit = character - 0x61 + 10
      case 0x20, 0x09, 0x0D, 0x0A: continue
      default:
        throw DeviceError(
          .badInput, during: "reading hexadecimal text", detail: "\(place), column \(column + 1) is no digit")
      }
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    guard high == nil else {
      throw DeviceError(
        .badInput, during: "reading hexadecimal text", detail: "\(place): odd number of digits")
    }
    return bytes
  }

  /// Lower-case digit pairs without spaces.
  static func text(_ bytes: some Collection<UInt8>) -> String {
    let digits = Array("0123456789abcdef".unicodeScalars)
    var text = String.UnicodeScalarView()
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(text)
  }
}
