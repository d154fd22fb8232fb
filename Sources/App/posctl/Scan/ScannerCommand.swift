import ArgumentParser
import POSDrivers
import POSJSON
import POSModel
import POSRuntime
import POSScan

/// `posctl scanner`: what can be done with a scanner besides scanning.
struct ScannerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scanner",
    abstract: "Tells a scanner something, asks it, or finds out how it is set.",
    subcommands: [
      TellScanner.self, AskScanner.self, ConfigureScanner.self, FindLayout.self, ProbeScanner.self,
    ]
  )
}

/// `posctl scanner tell`.
struct TellScanner: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tell",
    abstract: "Tells a scanner to do something: pull its trigger, beep, aim.",
    discussion: """
      HID POS scanners take what their report descriptor declares, serial ones what their --dialect has.

        posctl scanner tell hidraw:/dev/hidraw0 good-read-beep
        posctl scanner tell serial:/dev/ttyACM0 pull-trigger --dialect honeywell
      """
  )

  @OptionGroup var place: ScannerPlace

  @Argument(help: "What to do: \(ScannerControl.allCases.map(\.rawValue).joined(separator: ", ")).")
  var control: String

  @Flag(help: "Prints a JSON line.")
  var json = false

  func run() async throws {
    guard let control = ScannerControl(rawValue: control) else {
      throw ValidationError("a scanner cannot be told '\(control)'")
    }
    try await place.withScanner { scanner in
      try await scanner.enable()
      try await scanner.tell(control)
    }
    if json {
      Console.print(["type": "reply", "name": .string(control.rawValue), "outcome": "sent"])
    } else {
      Console.print("\(control.rawValue): sent")
    }
  }
}

/// `posctl scanner ask`.
struct AskScanner: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ask",
    abstract: "Asks a scanner for its information, health, statistics or configuration.",
    discussion: """
      USB-OEM scanners know all four; serial ones with --dialect datalogic all but the configuration (hand-held ones
      keep their statistics to themselves); Honeywell's (HID POS with a menu report, or --dialect honeywell) and SSI
      scanners give their information.

        posctl scanner ask oem+hidraw:/dev/hidraw2 health
      """
  )

  @OptionGroup var place: ScannerPlace

  @Argument(help: "For what: \(ScannerQuestion.allCases.map(\.rawValue).joined(separator: ", ")).")
  var question: String

  @Flag(help: "Prints a JSON line.")
  var json = false

  func run() async throws {
    guard let question = ScannerQuestion(rawValue: question) else {
      throw ValidationError("a scanner cannot be asked for '\(question)'")
    }
    var answer = ScannerAnswer(bytes: [])
    try await place.withScanner { scanner in
      try await scanner.enable()
      answer = try await scanner.ask(question)
    }
    if question == .configuration, answer.bytes.count == OEMConfiguration.length {
      ConfigurationReport.show(OEMConfiguration(answer.bytes), answer.bytes, json: json)
    } else if json {
      Console.print([
        "type": "reply", "name": .string(question.rawValue), "bytes": .string(HexText.text(answer.bytes)),
        "text": .string(Scan.text(of: answer.bytes)),
      ])
    } else {
      Console.print(ScanLine.printable(Scan.text(of: answer.bytes)))
    }
  }
}

/// `posctl scanner probe`.
struct ProbeScanner: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Asks a serial line which scanner is on it. This writes to the line.",
    discussion: "Give it only lines with a scanner: other devices may do anything with what is sent."
  )

  @OptionGroup var place: ScannerPlace

  @Flag(help: "Prints a JSON line.")
  var json = false

  func run() async throws {
    let address = try DeviceAddress(place.address)
    let finding = try await place.opener().probeScanner(at: address)
    let kind: String
    let revision: [UInt8]
    var route = address
    switch finding {
    case .ssi(let bytes):
      (kind, revision) = ("ssi", bytes)
      route.scheme = "ssi"
    case .honeywell(let bytes): (kind, revision) = ("honeywell", bytes)
    case .datalogic(let bytes): (kind, revision) = ("datalogic", bytes)
    case nil:
      throw DeviceError(
        .timedOut, during: "probing \(address)", detail: "nobody answered as a scanner does",
        hint: "plain scanners answer nothing: posctl scan \(address) and read a code")
    }
    let text = Scan.text(of: revision)
    if json {
      Console.print([
        "type": "reply", "name": "probe", "dialect": .string(kind), "text": .string(text),
        "address": .string(route.description),
      ])
    } else {
      Console.print("\(kind) at \(route): \(ScanLine.printable(text))")
    }
  }
}
