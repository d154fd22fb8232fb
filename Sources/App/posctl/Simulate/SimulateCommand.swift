import ArgumentParser
import POSJSON
import POSLinux
import POSModel
import POSSimulation

/// `posctl simulate`: devices and a server that behave, with fault plans.
struct SimulateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Runs a simulated device, a counter full of them, or a Punchh server.",
    discussion: """
      Each prints the addresses to use and runs until it is ended. Nothing listens beyond this machine.
      """,
    subcommands: [
      SimulateScanner.self, SimulatePrinter.self, SimulateTerminal.self, SimulateLane.self,
      SimulatePunchh.self,
    ]
  )

  /// Says what a simulator has to say: an address once it is ready, later what happened to it.
  static func announce(_ kind: String, _ text: String, json: Bool) {
    if json {
      Console.print(["type": "simulator", "kind": .string(kind), "address": .string(text)])
    } else {
      Console.print("\(kind) \(text)")
    }
  }
}

/// `posctl simulate scanner`.
struct SimulateScanner: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scanner",
    abstract: "A scanner that reads one code each time a till connects.",
    discussion: """
      A scanner that types, one in SNAPI mode and one on a plain serial line cannot know; they read it once a
      second.
      """
  )

  @Argument(help: "Where to put its socket, or the link to its serial line.")
  var place: String

  @Option(help: SimulatedScannerMode.help)
  var mode = SimulatedScannerMode.hidPOS

  @Option(help: "What the code holds.")
  var code = SimulatedCounter.demoCode

  @Option(help: "The AIM identifier that is sent, such as ]C1; scanners that type send none otherwise.")
  var aim: String?

  @Option(help: "How often the code is read in a row.")
  var burst = 1

  @Option(help: "Milliseconds between two keys of a scanner that types.")
  var pace: Int?

  @Flag(help: "Prints JSON lines.")
  var json = false

  func validate() throws {
    if let aim, aim.utf8.count != 3 || !aim.hasPrefix("]") {
      throw ValidationError("--aim takes three characters, the first of them ]")
    }
    guard burst > 0, pace ?? 1 > 0 else { throw ValidationError("--burst and --pace must be 1 or more") }
  }

  private var reading: SimulatedReading {
    var barcode = SimulatedCounter.Scanner.barcode(code)
    if let aim { barcode = SimulatedBarcode(data: Array(code.utf8), aim: Array(aim.utf8), codeID: 0) }
    return SimulatedReading(
      code: barcode, sendsAIM: aim != nil, burst: burst, pace: pace.map { .milliseconds($0) })
  }

  func run() async throws {
    switch mode {
    case .hidPOS:
      let scanner = try SimulatedCounter.Scanner(socket: place, reading: reading)
      SimulateCommand.announce("scanner", scanner.address.description, json: json)
      try await scanner.run()
    case .keyboard, .oem, .snapi:
      let scanner = try SimulatedReportScanner(socket: place, mode: mode, reading: reading)
      SimulateCommand.announce("scanner", scanner.address.description, json: json)
      try await scanner.run()
    case .serial, .ssi:
      let scanner = try SimulatedLineScanner(
        link: place, mode: mode == .ssi ? .ssi : .serial, reading: reading)
      SimulateCommand.announce("scanner", scanner.address.description, json: json)
      try await scanner.run()
    }
  }
}

/// `posctl simulate printer`.
struct SimulatePrinter: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "printer",
    abstract: "An 80 mm ESC/POS printer on a TCP port.",
    discussion: "Says what is on the paper each time a till hangs up."
  )

  @Option(help: "The port; 0 for any free one.")
  var port: UInt16 = 0

  @Option(help: "Keeps each job as a file paper-N.escpos here.")
  var keep: String?

  @OptionGroup var faults: PrinterFaults

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    let printer = try SimulatedCounter.Printer(
      port: port, faults: faults.plan, keep: keep, onPaper: PrintedPaper.show(json: json))
    SimulateCommand.announce("printer", printer.address.description, json: json)
    try await printer.run()
  }
}

/// `posctl simulate terminal`.
struct SimulateTerminal: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "terminal",
    abstract: "A card terminal on a serial line or a TCP port.",
    discussion: "A ZVT terminal's password is 000000. The ledger is the truth of what was charged."
  )

  @Argument(help: "Where to put the link to its serial line; not for terminals on a TCP port.")
  var link: String?

  @Option(help: TerminalChoice.help)
  var `protocol` = TerminalChoice(.zvtSerial)

  @Option(help: "The TCP port; 0 for any free one.")
  var port: UInt16 = 0

  @Option(help: "The file that gets one line for each movement of money.")
  var ledger: String

  @Option(help: TerminalFault.help)
  var fault: TerminalFault?

  @OptionGroup var habits: TerminalHabits

  @Flag(help: "Prints JSON lines.")
  var json = false

  func validate() throws {
    guard (link != nil) == `protocol`.speaks.isSerial else {
      throw ValidationError("a terminal on a serial line needs LINK, one on a TCP port takes none")
    }
  }

  func run() async throws {
    let terminal = try await SimulatedCounter.Terminal(
      `protocol`.speaks, link: link ?? "", port: port, ledger: ledger, fault: fault, habits: habits.apply)
    SimulateCommand.announce("terminal", terminal.address.description, json: json)
    try await terminal.run()
  }
}

/// `posctl simulate lane`.
struct SimulateLane: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lane",
    abstract: "A whole counter: scanner, printer and card terminal.",
    discussion: """
      The server is apart: posctl simulate punchh. A ZVT terminal's password is 000000.

      With --usbip the devices are plugged into USB ports that exist in the kernel alone, and its own drivers
      serve them. That wants root, and the driver: sudo modprobe vhci-hcd. Otherwise they are offered to
      usbip attach on this machine.
      """
  )

  @Argument(help: "A folder for sockets, the terminal's ledger and the printed paper.")
  var directory: String

  @Option(help: "What the guest's code holds.")
  var code = SimulatedCounter.demoCode

  @Option(help: TerminalChoice.help)
  var terminal = TerminalChoice(.zvtSerial)

  @Option(help: TerminalFault.help)
  var terminalFault: TerminalFault?

  @OptionGroup var printerFaults: PrinterFaults

  @Flag(help: "Plugs the devices into USB ports, or offers them to usbip attach.")
  var usbip = false

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    if usbip {
      try await runUSB()
      return
    }
    let counter = try await SimulatedCounter(
      in: directory, code: code, terminal: terminal.speaks, terminalFault: terminalFault,
      printerFaults: printerFaults.plan,
      onPaper: PrintedPaper.show(json: json))
    SimulateCommand.announce("scanner", counter.scanner.address.description, json: json)
    SimulateCommand.announce("printer", counter.printer.address.description, json: json)
    SimulateCommand.announce("terminal", counter.terminal.address.description, json: json)
    try await counter.run()
  }
  private func runUSB() async throws {
    let counter = try await USBCounter(
      in: directory, code: SimulatedCounter.Scanner.barcode(code), terminalFault: terminalFault,
      printerFaults: printerFaults.plan)
    do {
      try await counter.plugIn { [json] kind, address in
        SimulateCommand.announce(kind, address.description, json: json)
      }
    } catch {
      guard error.code == .notFound || error.code == .permissionDenied else { throw error }
      Console.complain(error)
      let listener = try TCPListener(port: USBCounter.defaultPort)
      Console.complain("Offering the devices to this machine instead; in another shell:")
      Console.complain("  sudo modprobe vhci-hcd")
      for (place, device) in counter.devices.enumerated() {
        let id = USBIPListing.busID(place)
        Console.complain("  sudo usbip attach --remote 127.0.0.1 --busid \(id)  # \(device.kind)")
        SimulateCommand.announce(device.kind, "usbip:127.0.0.1:\(listener.port):\(id)", json: json)
      }
      try await counter.serve(on: listener)
    }
  }
}
