import ArgumentParser
import POSJSON
import POSJournal
import POSModel

/// `posctl terminal`: a card terminal between payments.
struct TerminalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "terminal",
    abstract: "Asks a card terminal how it is, what became of a payment, and to close its day.",
    subcommands: [
      TerminalStatusCommand.self, TerminalRecover.self, TerminalEndOfDay.self, TerminalTurnover.self,
      TerminalDiagnosis.self, TerminalInitialise.self,
    ]
  )
}

/// `posctl terminal status`.
struct TerminalStatusCommand: AsyncParsableCommand, PrintsLines {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Says how the terminal is, and whether a payment keeps it locked."
  )

  @OptionGroup var options: TerminalOptions
  var printsJSON: Bool { options.printsJSON }

  func run() async throws {
    try await options.withTerminal(currency: .euro) { (terminal, journal) async throws(DeviceError) in
      let open = try await journal.unresolved(on: terminal.names)
      let status: TerminalStatus?
      do throws(DeviceError) {
        status = try await terminal.status()
      } catch  where error.code == .unsupported {
        status = nil
      } catch {
        throw error
      }
      guard options.printsJSON else {
        Console.print(status.map { "\($0.code) \($0.text)" } ?? "this terminal cannot be asked how it is")
        if let hint = status?.hint, !hint.isEmpty { Console.print("  try: \(hint)") }
        if let open {
          Console.print(
            "locked by the payment \(open.request.reference) of \(open.request.amount)\n"
              + "  try: posctl terminal recover --device \(options.device)")
        }
        return
      }
      var line: JSONLine = ["type": "terminal-status", "device": .string(terminal.descriptor.id.text)]
      line["code"] = JSONValue(status?.code)
      line["text"] = JSONValue(status?.text)
      line["ready"] = status.map { .bool($0.isReady) } ?? .null
      line["hint"] = JSONValue(status?.hint)
      line["terminal_id"] = JSONValue(status?.terminalID)
      line["software"] = JSONValue(status?.softwareVersion)
      line["unresolved"] = JSONValue(open?.request.reference)
      Console.print(line)
    }
  }
}

/// `posctl terminal recover`.
struct TerminalRecover: AsyncParsableCommand, PrintsLines {
  static let configuration = CommandConfiguration(
    commandName: "recover",
    abstract: "Finds out what became of the payment that keeps the terminal locked.",
    discussion: """
      Asks the terminal where its protocol allows. Where it does not, read the terminal's own journal or the
      customer's slip, and say with --charged or --not-charged what is there: that is journalled, and unlocks.
      """
  )

  @OptionGroup var options: TerminalOptions
  var printsJSON: Bool { options.printsJSON }

  @Option(help: "The payment; by default the one that keeps the terminal locked.")
  var reference: String?

  @Flag(help: "The terminal's own journal says that the money has moved.")
  var charged = false

  @Flag(help: "The terminal's own journal says that it has not.")
  var notCharged = false

  @Option(help: "What the decision rests on; kept in the journal.")
  var note = "decided by the operator"

  func validate() throws {
    guard !charged || !notCharged else { throw ValidationError("--charged or --not-charged, not both") }
  }

  func run() async throws {
    let exit = try await options.withTerminal(currency: .euro) {
      (terminal, journal) async throws(DeviceError) -> ErrorTable.ExitCode in
      let open = try await journal.unresolved(on: terminal.names)
      guard let name = reference ?? open?.request.reference,
        let intent = try await journal.payment(reference: name)?.intent
      else {
        guard reference == nil else {
          throw DeviceError(
            .unknownName, during: "recovering a payment", detail: "the journal has never seen this reference",
            hint: "posctl terminal status --device \(options.device)")
        }
        if options.printsJSON {
          Console.print(["type": "recovery", "unresolved": .null])
        } else {
          Console.print("no payment is open on this terminal")
        }
        return .ok
      }
      let outcome =
        charged || notCharged
        ? await terminal.resolve(reference: name, asCharged: charged, note: note)
        : await PaymentDisplay(terminal, reference: name, isQuiet: options.isQuiet).watch {
          await terminal.recover(reference: name)
        }
      let report = PaymentReport(outcome)
      report.show(intent.request, json: options.printsJSON)
      // That the card was not charged is what a recovery is to find out, no failure of it.
      return outcome.isFinal ? .ok : report.exit
    }
    if exit != .ok { throw ExitCode(exit.rawValue) }
  }
}

/// `posctl terminal end-of-day`.
struct TerminalEndOfDay: AsyncParsableCommand, PrintsLines {
  static let configuration = CommandConfiguration(
    commandName: "end-of-day",
    abstract: "Has the terminal close its day."
  )

  @OptionGroup var options: TerminalOptions
  var printsJSON: Bool { options.printsJSON }

  func run() async throws { try await options.perform(.endOfDay, "the day is closed") }
}

/// `posctl terminal turnover`.
struct TerminalTurnover: AsyncParsableCommand, PrintsLines {
  static let configuration = CommandConfiguration(
    commandName: "turnover",
    abstract: "Says what the terminal has taken since its day was last closed."
  )

  @OptionGroup var options: TerminalOptions
  var printsJSON: Bool { options.printsJSON }

  func run() async throws { try await options.perform(.turnover, "the turnover") }
}

/// `posctl terminal diagnosis`.
struct TerminalDiagnosis: AsyncParsableCommand, PrintsLines {
  static let configuration = CommandConfiguration(
    commandName: "diagnosis",
    abstract: "Has the terminal try its line to the host (ZVT)."
  )

  @OptionGroup var options: TerminalOptions
  var printsJSON: Bool { options.printsJSON }

  func run() async throws { try await options.perform(.diagnosis, "the diagnosis has ended") }
}

/// `posctl terminal initialise`.
struct TerminalInitialise: AsyncParsableCommand, PrintsLines {
  static let configuration = CommandConfiguration(
    commandName: "initialise",
    abstract: "Has the terminal load its keys and parameters anew (ZVT, Transbank)."
  )

  @OptionGroup var options: TerminalOptions
  var printsJSON: Bool { options.printsJSON }

  func run() async throws { try await options.perform(.initialisation, "the terminal is initialised") }
}

extension TerminalOptions {
  /// Has the terminal do a task and prints what came of it; `done` is what to call that.
  func perform(_ task: TerminalTask, _ done: String) async throws {
    let outcome = try await withTerminal(currency: .euro) {
      (terminal, _) async throws(DeviceError) in await terminal.perform(task)
    }
    var line: JSONLine = ["type": .string(task.rawValue)]
    let text: String
    let exit: ErrorTable.ExitCode
    switch outcome {
    case .done(let report):
      line["outcome"] = "done"
      line["total"] = JSONValue(report.total)
      line["lines"] = .array(report.lines.map { .string($0) })
      let total = report.total.map { "\(done): \($0) in minor units" }
      text = ([total ?? done] + report.lines).joined(separator: "\n")
      exit = .ok
    case .notDone(let error):
      line["outcome"] = "not-done"
      line["code"] = .string(error.code.rawValue)
      line["text"] = .string(error.detail)
      line["hint"] = .string(error.hint)
      text = "not done: \(error)"
      exit = ErrorTable.row(for: error.code).exit
    case .unknown(let error):
      line["outcome"] = "unknown"
      line["code"] = .string(error.code.rawValue)
      line["text"] = .string(error.detail)
      line["hint"] = .string(error.hint)
      text = "unknown: \(error)"
      exit = .unknownOutcome
    }
    if printsJSON { Console.print(line) } else { Console.print(text) }
    if exit != .ok { throw ExitCode(exit.rawValue) }
  }
}
