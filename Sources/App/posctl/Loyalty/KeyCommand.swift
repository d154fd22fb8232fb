import ArgumentParser
import POSJSON
import POSModel
import Punchh

/// `posctl loyalty key`.
struct KeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "Makes and checks receipt keys, offline.",
    subcommands: [KeyEncode.self, KeyDecode.self, KeyCheck.self])
}

/// Which algorithm.
struct KeySchemeOptions: ParsableArguments {
  @Option(help: "The key scheme file obtained from PAR; without one it is the sandbox's.")
  var keyScheme: String?

  var scheme: KeyScheme {
    get throws(DeviceError) {
      guard let keyScheme else { return .sandbox }
      return try KeyScheme(json: try InputOptions.read(keyScheme))
    }
  }
}

/// `posctl loyalty key encode`.
struct KeyEncode: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode", abstract: "Makes the key of a check.")

  @Option(help: "The location's short key, 0 to 8191.") var shortKey: Int
  @Option(help: "The running number of the check at its location.") var counter: UInt64
  @OptionGroup var scheme: KeySchemeOptions

  @Flag(help: "Prints a JSON line.")
  var json = false

  func run() async throws {
    let codec = try scheme.scheme
    let key = try codec.encode(KeySource(checkID: String(counter), counter: counter), shortKey: shortKey)
    if json {
      Console.print([
        "type": "key", "key": .string(key.description), "barcode": .string(key.ean13),
        "scheme": .string(codec.name),
      ])
    } else {
      Console.print("\(key)  bar code \(key.ean13)")
    }
    if codec.isForSandboxOnly { Console.complain("a key of the sandbox: real servers do not know it") }
  }
}

/// `posctl loyalty key decode`.
struct KeyDecode: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode", abstract: "Takes a key or a bar code apart.")

  @Argument(help: "11 or 12 digits, or the 13 of the bar code.") var key: String
  @OptionGroup var scheme: KeySchemeOptions

  @Flag(help: "Prints a JSON line.")
  var json = false

  func run() async throws {
    let key = try KeyText.read(key)
    guard let parts = try scheme.scheme.decode(key) else {
      throw DeviceError(
        .badInput, during: "reading the key \(key)", detail: "its checksum does not fit the scheme",
        hint: "compare the digits with the receipt, or name the right --key-scheme")
    }
    if json {
      Console.print([
        "type": "key", "key": .string(key.description), "r_bits": JSONValue(parts.rBits),
        "short_key": JSONValue(parts.shortKey), "checksum": JSONValue(parts.cBits),
      ])
    } else {
      Console.print("\(key): location \(parts.shortKey), check part \(parts.rBits), checksum \(parts.cBits)")
    }
  }
}

/// `posctl loyalty key check`.
struct KeyCheck: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Says whether keys belong to a location, and whether two are the same.")

  @Argument(help: "11 or 12 digits, or the 13 of the bar code.") var keys: [String]
  @Option(help: "The location's short key, 0 to 8191.") var shortKey: Int
  @OptionGroup var scheme: KeySchemeOptions

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    let codec = try scheme.scheme
    var seen: Set<PunchhKey> = []
    var isBad = false
    for text in keys {
      let key = try KeyText.read(text)
      let isValid = codec.isValid(key, shortKey: shortKey)
      let isRepeated = !seen.insert(key).inserted
      isBad = isBad || !isValid || isRepeated
      if json {
        Console.print([
          "type": "key", "key": .string(key.description), "valid": .bool(isValid),
          "repeated": .bool(isRepeated),
        ])
      } else {
        Console.print("\(key)  \(isValid ? "valid" : "not valid")\(isRepeated ? ", repeated" : "")")
      }
    }
    if isBad { throw ExitCode(ErrorTable.ExitCode.failed.rawValue) }
  }
}

/// A key as people write it.
enum KeyText {
  /// - Throws: `input.malformed` for other lengths, and for 13 digits whose last one does not fit.
  static func read(_ text: String) throws(DeviceError) -> PunchhKey {
    let isBarcode = text.utf8.count == 13
    guard let key = PunchhKey(decimal: isBarcode ? text.dropLast() : text[...]) else {
      throw DeviceError(
        .badInput, during: "reading the key '\(text)'",
        detail: "11 to 13 digits below 549755813888 are wanted")
    }
    guard !isBarcode || key.ean13 == text else {
      throw DeviceError(
        .badInput, during: "reading the key '\(text)'", detail: "its check digit is wrong",
        hint: "compare every digit with the receipt")
    }
    return key
  }
}
