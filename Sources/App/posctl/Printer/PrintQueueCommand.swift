import ArgumentParser
import POSDrivers
import POSJSON
import POSJournal
import POSLinux
import POSModel
import POSRuntime

/// `posctl printer queue`: what waits, and what nobody knows of.
struct PrintQueueCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queue",
    abstract: "Lists the prints that wait and those of unknown outcome, goes on with them, and ends them.",
    subcommands: [
      PrintQueueList.self, PrintQueueResume.self, PrintQueueResolve.self, PrintQueueCancel.self,
    ],
    defaultSubcommand: PrintQueueList.self
  )

  /// Opens the journal, and closes it after `work`.
  static func withJournal<Result>(
    _ state: StateOptions, _ work: (Journal) async throws(DeviceError) -> Result
  ) async throws(DeviceError) -> Result {
    let journal = try await state.place.openJournal()
    do throws(DeviceError) {
      let result = try await work(journal)
      await journal.close()
      return result
    } catch {
      await journal.close()
      throw error
    }
  }

  /// Prints what waits for the printer of `options`, and says what became of each.
  ///
  /// - Parameter profile: what the printer is taken for; `nil` for what the first print that waits was laid out for.
  static func run(
    _ options: PrinterOptions, at address: DeviceAddress, profile named: PrinterProfile?, journal: Journal,
    state: StateOptions, patience: Int, showsProgress: Bool
  ) async throws(DeviceError) -> PrintQueue.Report {
    let id = DeviceOpener.deviceID(of: address)
    let profile: PrinterProfile
    if let named {
      profile = named
    } else {
      profile = try await options.profile(
        queued: try await journal.nextPrint(on: id)?.print.profile,
        owedBytes: try await PrintQueue.owedBytes(by: id, in: journal))
    }
    var opener = options.opener(profile: profile, patience: patience)
    if let limit = state.place.crashAfterBytes {
      opener.wrap = { _, transport in CrashingTransport(transport, after: limit) }
    }
    let printerOpener = opener
    let queue = PrintQueue(for: id, journal: journal, profile: profile.name) {
      (owedBytes) async throws(DeviceError) in
      try await printerOpener.printer(at: address, owedBytes: owedBytes)
    }
    let json = options.json
    let report = try await queue.run { name, progress in
      if showsProgress { PrintReport.show(name, progress, json: json) }
    }
    for (name, outcome) in report.outcomes { PrintReport.show(name, outcome, at: id, json: json) }
    return report
  }
}

/// `posctl printer queue list`.
struct PrintQueueList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists what waits and what nobody knows of, of every printer.")

  @OptionGroup var state: StateOptions

  @Flag(help: "Lists also what was printed, sent or cancelled.")
  var all = false

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    let states: [PrintEntry.State] = all ? PrintEntry.State.allCases : [.waiting, .printing, .unknown]
    let entries = try await PrintQueueCommand.withJournal(state) { (journal) async throws(DeviceError) in
      try await journal.prints(states)
    }
    if entries.isEmpty, !json { Console.print("nothing waits") }
    for entry in entries {
      if json {
        Console.print([
          "type": "queued-print", "job": .string(entry.print.name),
          "printer": .string(entry.print.printer.text),
          "state": .string(entry.state.rawValue), "attempts": JSONValue(entry.attempts),
          "bytes": JSONValue(entry.print.commands.count), "code": JSONValue(entry.error?.code.rawValue),
        ])
      } else {
        let reason = entry.error.map { ": \($0)" } ?? ""
        Console.print(
          "\(entry.print.name)  \(entry.print.printer)  \(entry.state.rawValue), \(entry.attempts) begun\(reason)"
        )
      }
    }
  }
}

/// `posctl printer queue resume`.
struct PrintQueueResume: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Prints what waits for a printer. What may have been printed does not wait.")

  @OptionGroup var printer: PrinterOptions
  @OptionGroup var state: StateOptions

  @Option(help: "Seconds that somebody has to mend what the printer says is wrong.")
  var patience = 0

  func run() async throws {
    let address = try await printer.address()
    let report = try await PrintQueueCommand.withJournal(state) { (journal) async throws(DeviceError) in
      try await PrintQueueCommand.run(
        printer, at: address, profile: nil, journal: journal, state: state, patience: patience,
        showsProgress: false)
    }
    if report.outcomes.isEmpty, report.obstacle == nil, !printer.json {
      Console.print("nothing waits for \(address)")
    }
    let exit = PrintReport.exit(report)
    if exit != .ok { throw ExitCode(exit.rawValue) }
  }
}

/// `posctl printer queue resolve`.
struct PrintQueueResolve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resolve",
    abstract: "Ends a print of unknown outcome by what somebody has seen on the paper.")

  @Argument(help: "The print, as posctl printer queue lists it.")
  var job: String

  @Flag(help: "The whole receipt is there.")
  var printed = false

  @Flag(help: "It is not, or not whole: it waits for another turn.")
  var again = false

  @OptionGroup var state: StateOptions

  @Flag(help: "Prints a JSON line.")
  var json = false

  func validate() throws {
    guard printed != again else { throw ValidationError("say --printed or --again") }
  }

  func run() async throws {
    let printer = try await PrintQueueCommand.withJournal(state) {
      (journal) async throws(DeviceError) -> DeviceID in
      guard let entry = try await journal.print(named: job),
        try await journal.resolvePrint(job, as: printed ? .printed : .again)
      else {
        throw DeviceError(
          .unknownName, during: "resolving the print \(job)", detail: "there is none of unknown outcome",
          hint: "posctl printer queue")
      }
      return entry.print.printer
    }
    if json {
      Console.print([
        "type": "queued-print", "job": .string(job), "state": .string(printed ? "printed" : "waiting"),
      ])
    } else {
      Console.print(
        printed ? "\(job) counts as printed" : "\(job) waits: posctl printer queue resume --to \(printer)")
    }
  }
}

/// `posctl printer queue cancel`.
struct PrintQueueCancel: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "Takes a print that has not begun out of the queue.")

  @Argument(help: "The print, as posctl printer queue lists it.")
  var job: String

  @OptionGroup var state: StateOptions

  @Flag(help: "Prints a JSON line.")
  var json = false

  func run() async throws {
    try await PrintQueueCommand.withJournal(state) { (journal) async throws(DeviceError) in
      guard try await journal.cancelPrint(job) else {
        throw DeviceError(
          .unknownName, during: "cancelling the print \(job)", detail: "there is none that waits",
          hint: "posctl printer queue")
      }
    }
    if json {
      Console.print(["type": "queued-print", "job": .string(job), "state": "cancelled"])
    } else {
      Console.print("\(job) is cancelled")
    }
  }
}
