import ArgumentParser
import POSJSON
import POSLinux
import POSModel

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
    abstract: "A HID POS scanner that reads one code each time a till connects."
  )

  @Argument(help: "Where to put its socket.")
  var socket: String

  @Option(help: "What the code holds.")
  var code = SimulatedCounter.demoCode

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    let scanner = try SimulatedCounter.Scanner(socket: socket, code: code)
    SimulateCommand.announce("scanner", scanner.address.description, json: json)
    try await scanner.run()
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
    abstract: "A ZVT card terminal on a serial line.",
    discussion: "The terminal's password is 000000. The ledger is the truth of what was charged."
  )

  @Argument(help: "Where to put the link to its serial line.")
  var link: String

  @Option(help: "The file that gets one line for each movement of money.")
  var ledger: String

  @Option(help: TerminalFault.help)
  var fault: TerminalFault?

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    let terminal = try await SimulatedCounter.Terminal(link: link, ledger: ledger, fault: fault)
    SimulateCommand.announce("terminal", terminal.address.description, json: json)
    try await terminal.run()
  }
}

/// `posctl simulate lane`.
struct SimulateLane: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lane",
    abstract: "A whole counter: scanner, printer and card terminal.",
    discussion: "The server is apart: posctl simulate punchh. The terminal's password is 000000."
  )

  @Argument(help: "A folder for sockets, the terminal's ledger and the printed paper.")
  var directory: String

  @Option(help: "What the guest's code holds.")
  var code = SimulatedCounter.demoCode

  @Option(help: TerminalFault.help)
  var terminalFault: TerminalFault?

  @OptionGroup var printerFaults: PrinterFaults

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    let counter = try await SimulatedCounter(
      in: directory, code: code, terminalFault: terminalFault, printerFaults: printerFaults.plan,
      onPaper: PrintedPaper.show(json: json))
    SimulateCommand.announce("scanner", counter.scanner.address.description, json: json)
    SimulateCommand.announce("printer", counter.printer.address.description, json: json)
    SimulateCommand.announce("terminal", counter.terminal.address.description, json: json)
    try await counter.run()
  }
}
