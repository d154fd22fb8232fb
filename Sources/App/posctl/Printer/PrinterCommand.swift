import ArgumentParser
import POSDrivers
import POSJSON
import POSModel
import POSRuntime

/// `posctl printer`: a receipt printer between receipts.
struct PrinterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "printer",
    abstract: "Asks a receipt printer how and who it is, tests it, and looks after its queue.",
    subcommands: [PrinterStatusCommand.self, PrinterSelfTest.self, PrintQueueCommand.self]
  )
}

/// `posctl printer status`.
struct PrinterStatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Says whether a printer would print now, and why not.",
    discussion: "Exit code 1 when it would not."
  )

  @OptionGroup var printer: PrinterOptions
  @OptionGroup var state: StateOptions

  @Flag(help: "Also asks who it is. A printer that does not know the question may print a letter.")
  var identify = false

  func run() async throws {
    let (status, identity) = try await printer.withPrinter(after: state.place) {
      (printer) async throws(DeviceError) -> (PrinterStatus, PrinterIdentity?) in
      let status = try await printer.status()
      guard identify, status.isOnline else { return (status, nil) }
      return (status, try await printer.identity())
    }
    if printer.json { Console.print(Self.line(status, identity)) } else { show(status, identity) }
    guard status.faults.isEmpty, status.isOnline else { throw ExitCode(ErrorTable.ExitCode.failed.rawValue) }
  }

  private func show(_ status: PrinterStatus, _ identity: PrinterIdentity?) {
    Console.print(status.isOnline ? "on line" : "off line")
    switch status.paper {
    case .present: Console.print("paper is there")
    case .nearEnd: Console.print("the paper is near its end")
    case .out: Console.print("the paper is out")
    }
    for fault in status.faults {
      let row = ErrorTable.row(for: fault)
      Console.print("\(row.operatorText)\n  try: \(row.hint)")
    }
    guard let identity else { return }
    Console.print(
      "\(identity.maker) \(identity.model), serial number \(identity.serialNumber), \(identity.firmware)")
    Console.print("profile: \(PrinterProfile.identified(by: identity.model)?.name ?? "none for this model")")
  }

  private static func line(_ status: PrinterStatus, _ identity: PrinterIdentity?) -> JSONLine {
    var line: JSONLine = [
      "type": "printer-status", "online": .bool(status.isOnline), "paper": .string(status.paper.rawValue),
      "cover_open": .bool(status.isCoverOpen), "drawer_pin": .string(status.isDrawerPinHigh ? "high" : "low"),
      "faults": .array(status.faults.map { .string($0.rawValue) }),
      "hint": JSONValue(status.faults.first.map { ErrorTable.row(for: $0).hint }),
    ]
    if let identity {
      line["maker"] = .string(identity.maker)
      line["model"] = .string(identity.model)
      line["serial"] = .string(identity.serialNumber)
      line["firmware"] = .string(identity.firmware)
      line["profile"] = JSONValue(PrinterProfile.identified(by: identity.model)?.name)
    }
    return line
  }
}

/// `posctl drawer`: the cash drawer on a printer's connector.
struct DrawerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drawer", abstract: "Opens a cash drawer.", subcommands: [DrawerOpen.self])
}

/// `posctl drawer open`.
struct DrawerOpen: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open",
    abstract: "Opens the drawer and looks whether its switch moves.",
    discussion: """
      A drawer whose switch does not move may have none, may have stood open, or be locked: that ends as pulsed, \
      with exit code 0.
      """
  )

  @OptionGroup var printer: PrinterOptions
  @OptionGroup var state: StateOptions

  @Option(help: "The pin of the drawer's coil, 2 or 5; by default the one in the profile.")
  var pin: Int?

  @Option(help: "Milliseconds of the pulse, 2 to 510.")
  var on = DrawerPulse().on

  @Option(help: "Milliseconds before another pulse, up to 510 and not less than --on.")
  var off = DrawerPulse().off

  func run() async throws {
    let outcome = try await printer.withPrinter(after: state.place) {
      (printer) async throws(DeviceError) in
      await printer.openDrawer(DrawerPulse(pin: pin, on: on, off: off))
    }
    let (name, text, error): (String, String, DeviceError?) =
      switch outcome {
      case .opened: ("opened", "the drawer has opened", nil)
      case .pulsed: ("pulsed", "the pulse was sent; the drawer's switch has not been seen to move", nil)
      case .notOpened(let error): ("not-opened", "not opened: \(error)", error)
      case .unknown(let error): ("unknown", "unknown: \(error)", error)
      }
    if printer.json {
      Console.print([
        "type": "drawer", "outcome": .string(name), "code": JSONValue(error?.code.rawValue),
        "hint": JSONValue(error?.hint),
      ])
    } else {
      Console.print(text)
    }
    if case .unknown = outcome { throw ExitCode(ErrorTable.ExitCode.unknownOutcome.rawValue) }
    if let error { throw ExitCode(ErrorTable.row(for: error.code).exit.rawValue) }
  }
}
