import ArgumentParser
import POSModel
import POSRuntime

/// The technician's command line: argument parsing and wiring, nothing else.
@main
struct Posctl: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "posctl",
    abstract: "Drives scanners, receipt printers and card terminals, and runs loyalty sales with them.",
    discussion: """
      Every verb prints JSON Lines with --json and text for people without.

      Exit codes:
        0 ok   1 failed   2 bad usage or input   3 not found
        4 permission denied   5 busy   6 outcome unknown

      Device addresses:
        tcp:HOST:PORT   serial:PATH[:BAUD][:FLOW]   hidraw:PATH   evdev:PATH
        usblp:PATH   usb:VID:PID[:SERIAL]   file:PATH
        report-socket:PATH (a simulated scanner)
        keyboard+hidraw:PATH   oem+hidraw:PATH   snapi+hidraw:PATH   ssi+serial:PATH (scanners)
        an identity that posctl devices shows, in the place of hidraw:PATH, serial:PATH or usblp:PATH

      Card terminals put the protocol in front:
        zvt+serial:PATH[:BAUD]   zvt+tcp:HOST:PORT   concert+serial:PATH[:BAUD]
        caisse-ap+tcp:HOST:PORT   ecr17+tcp:HOST:PORT   transbank+serial:PATH[:BAUD]
      """,
    version: "0.1.0",
    subcommands: [
      DevicesCommand.self, WatchCommand.self, WaitCommand.self, DoctorCommand.self, RulesCommand.self,
      SaleCommand.self, PayCommand.self, TerminalCommand.self, OutboxCommand.self, LoyaltyCommand.self,
      PrintCommand.self, ReceiptCommand.self, PrinterCommand.self, DrawerCommand.self,
      PayloadCommand.self,
      BarcodeCommand.self, DecodeCommand.self,
      ScanCommand.self, ScannerCommand.self, SimulateCommand.self, BenchCommand.self,
    ]
  )

  static func main() async {
    var json = CommandLine.arguments.dropFirst().prefix { $0 != "--" }.contains("--json")
    do {
      var command = try parseAsRoot()
      json = printsLines(command) ?? json
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      end(with: error, json: json)
    }
  }

  private static func printsLines(_ command: any ParsableCommand) -> Bool? {
    (command as? any PrintsLines)?.printsJSON
  }

  /// Ends the process with the exit code that DESIGN §4 gives to `error`.
  private static func end(with error: any Error, json: Bool) -> Never {
    if let error = error as? DeviceError {
      Console.fail(error, json: json)
      Self.exit(withError: ExitCode(ErrorTable.row(for: error.code).exit.rawValue))
    }
    if Self.exitCode(for: error) == .validationFailure {
      Console.fail(usage: Self.fullMessage(for: error), json: json)
      Self.exit(withError: ExitCode(ErrorTable.ExitCode.usage.rawValue))
    }
    Self.exit(withError: error)
  }
}
