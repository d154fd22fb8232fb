import ArgumentParser
import POSBarcode
import POSModel
import POSScan

/// What a scanner was set to put around the data. It cannot be seen in the bytes, so it is said.
struct EnvelopeOptions: ParsableArguments {
  @Option(
    help: """
      What stands before the data: none, aim, or the code ids of \
      \(CodeIDSet.allCases.map { "\($0.name)" }.joined(separator: ", ")).
      """)
  var identifiers = "none"

  @Option(help: "Bytes before everything, in hexadecimal.")
  var prefix: String?

  @Option(help: "Bytes behind everything but the terminator, in hexadecimal.")
  var suffix: String?

  @Option(help: "Text that the scanner sends for GS, such as {GS}.")
  var separator: String?

  func envelope() throws(DeviceError) -> ScanEnvelope {
    var envelope = ScanEnvelope()
    switch identifiers {
    case "none": break
    case "aim": envelope.identifiers = .aim
    default:
      envelope.identifiers = .codeIDs(
        try Named.value(identifiers, of: CodeIDSet.allCases, \.name, "identifiers"))
    }
    if let prefix { envelope.prefix = try HexText.bytes(of: prefix.utf8, place: "--prefix") }
    if let suffix { envelope.suffix = try HexText.bytes(of: suffix.utf8, place: "--suffix") }
    if let separator { envelope.separatorSubstitute = Array(separator.utf8) }
    return envelope
  }
}

/// How a scanner that types was set up.
struct KeyboardOptions: ParsableArguments {
  @Option(
    help: "The keyboard layout: \(KeyboardLayout.allCases.map { "\($0.name)" }.joined(separator: ", ")).")
  var layout = "us"

  @Option(
    help: "CapsLock: ignore, invert, or follow: the lamp where it can be seen, and the key.")
  var capsLock = "ignore"

  @Option(help: "What ends a code: auto, enter, crlf, tab, silence, or one byte in hexadecimal.")
  var keyTerminator = "auto"

  @Flag(help: "Alt codes are characters of code pages 437 and 1252, not bytes.")
  var altCodePages = false

  @Option(help: "The usage, in hexadecimal, of a function key that stands for GS; 41 is F8.")
  var separatorKey: String?

  func settings(_ envelope: ScanEnvelope) throws(DeviceError) -> KeyboardSettings {
    var settings = KeyboardSettings(
      layout: try Named.value(layout, of: KeyboardLayout.allCases, \.name, "keyboard layout"))
    settings.envelope = envelope
    settings.altCodes = altCodePages ? .codePages : .bytes
    settings.capsLock = try Named.value(
      capsLock, of: KeyboardSettings.CapsLock.allCases,
      {
        switch $0 {
        case .ignore: "ignore"
        case .invert: "invert"
        case .follow: "follow"
        }
      }, "CapsLock policy")
    switch keyTerminator {
    case "auto": settings.terminator = .automatic
    case "enter": settings.terminator = .enter
    case "crlf": settings.terminator = .enterAndLineFeed
    case "tab": settings.terminator = .tab
    case "silence": settings.terminator = .silence
    default: settings.terminator = .character(try Named.byte(keyTerminator, "--key-terminator"))
    }
    if let separatorKey { settings.separatorKey = try Named.byte(separatorKey, "--separator-key") }
    return settings
  }
}

/// How a scanner on a serial line was set up.
struct SerialScanOptions: ParsableArguments {
  @Option(help: "What ends a code: line (CR, LF or both), silence, or bytes in hexadecimal.")
  var terminator = "line"

  @Option(help: "The eighth bit of a line of seven: none (it is data), ignored, odd, even.")
  var parity = "none"

  func settings(_ envelope: ScanEnvelope) throws(DeviceError) -> SerialScanSettings {
    var settings = SerialScanSettings()
    settings.envelope = envelope
    switch terminator {
    case "line": settings.terminator = .line
    case "silence": settings.terminator = .silence
    default:
      let bytes = try HexText.bytes(of: terminator.utf8, place: "--terminator")
      guard !bytes.isEmpty else {
        throw DeviceError(.badInput, during: "choosing --terminator", detail: "it is empty")
      }
      settings.terminator = .bytes(bytes)
    }
    settings.parity = try Named.value(
      parity, of: SerialScanSettings.Parity.allCases,
      {
        switch $0 {
        case .none: "none"
        case .ignored: "ignored"
        case .odd: "odd"
        case .even: "even"
        }
      }, "parity")
    return settings
  }
}

/// Values chosen by their names on the command line.
enum Named {
  static func value<T>(
    _ name: String, of all: [T], _ nameOf: (T) -> StaticString, _ what: String
  ) throws(DeviceError) -> T {
    for value in all where "\(nameOf(value))" == name { return value }
    throw DeviceError(
      .badInput, during: "choosing the \(what) '\(name)'",
      detail: "there are \(all.map { "\(nameOf($0))" }.joined(separator: ", "))")
  }

  static func byte(_ text: String, _ option: String) throws(DeviceError) -> UInt8 {
    guard let byte = UInt8(text, radix: 16) else {
      throw DeviceError(.badInput, during: "reading \(option)", detail: "'\(text)' is no byte in hexadecimal")
    }
    return byte
  }
}
