import ArgumentParser
import FoundationEssentials
import POSDrivers
import POSJournal
import POSModel
import POSPicture
import POSRuntime

/// `posctl print`: receipts on paper, each once.
struct PrintCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "print",
    abstract: "Prints receipt documents and says whether they came out.",
    discussion: """
      Everything is laid out before anything is printed; a document with a mistake prints nothing. Prints go \
      through a queue on disk: after a crash or a pulled cable, those that are known not to have printed are \
      printed by the next call or by posctl printer queue resume, and one that may have been printed waits for \
      posctl printer queue resolve. The same --job is never queued twice.
      """
  )

  @Argument(help: "Receipt documents, or - for standard input; see posctl receipt --help.")
  var files: [String]

  @OptionGroup var printer: PrinterOptions
  @OptionGroup var state: StateOptions

  @Option(help: "Copies of each receipt, 1 to 100.")
  var copies = 1

  @Option(help: "A name that is unique for ever, such as a check's number; by default a random one.")
  var job: String?

  @Option(help: "Seconds that somebody has to mend what the printer says is wrong.")
  var patience = 0

  @Flag(help: "The files hold printer commands, laid out for this printer.")
  var escpos = false

  @Flag(help: "Says how far each print is.")
  var progress = false

  func validate() throws {
    guard (1...100).contains(copies) else { throw ValidationError("--copies is 1 to 100") }
    guard patience >= 0 else { throw ValidationError("--patience is 0 or more seconds") }
    guard job?.isEmpty != true else { throw ValidationError("--job needs a name") }
  }

  func run() async throws {
    let address = try await printer.address()
    // Only a printer that is asked can be asked in the middle of a command.
    let owed = printer.model.isAsked ? await state.place.owedBytes(by: DeviceOpener.deviceID(of: address)) : 0
    let profile = try await printer.profile(owedBytes: owed)
    let layout = ReceiptLayout(profile, glyphs: GlyphSource.system)
    var receipts: [[UInt8]] = []
    for file in files {
      if escpos {
        let commands = try InputOptions.read(file)
        try PrinterCommands.check(commands, during: "reading \(file)")
        receipts.append(commands)
      } else {
        receipts.append(try layout.escpos(try ReceiptFile.read(file, dots: profile.dots)))
      }
    }
    let name = job ?? UUID().uuidString.lowercased()
    let report = try await PrintQueueCommand.withJournal(state) {
      (journal) async throws(DeviceError) -> PrintQueue.Report in
      let id = DeviceOpener.deviceID(of: address)
      var batch = JournalBatch()
      var names: [String] = []
      for (index, commands) in receipts.enumerated() {
        let receipt = receipts.count == 1 ? name : "\(name).\(index + 1)"
        for copy in PrintQueue.names(of: receipt, copies: copies) {
          batch.enqueue(QueuedPrint(name: copy, printer: id, commands: commands, profile: profile.name))
          names.append(copy)
        }
      }
      let isNew = try await journal.print(named: names[0]) == nil
      try await journal.commit(batch)
      if let elsewhere = try await journal.print(named: names[0]), elsewhere.state == .waiting,
        elsewhere.print.printer != id
      {
        throw DeviceError(
          .busy, during: "printing \(name)", detail: "it waits for \(elsewhere.print.printer)",
          hint:
            "posctl printer queue resume --to \(elsewhere.print.printer), or posctl printer queue cancel \(names[0]) and another --job NAME"
        )
      }
      let earlier = isNew ? [] : try await outcomes(of: names, in: journal)
      for (name, outcome) in earlier {
        PrintReport.show(name, outcome, at: id, isRepeated: true, json: printer.json)
      }
      var report = try await PrintQueueCommand.run(
        printer, at: address, profile: printer.model.profile == nil ? nil : profile, journal: journal,
        state: state, patience: patience, showsProgress: progress)
      // Whoever asked for these is told of these, also when one before them keeps the printer.
      if let obstacle = report.obstacle {
        let told = report.outcomes.map(\.name) + earlier.map(\.name)
        for name in names where !told.contains(name) {
          PrintReport.show(name, .notPrinted(obstacle), at: id, json: printer.json)
        }
      }
      report.outcomes += earlier
      return report
    }
    let exit = PrintReport.exit(report)
    if exit != .ok { throw ExitCode(exit.rawValue) }
  }

  /// What became of prints that an earlier call has queued under the same names, as far as they are over.
  private func outcomes(
    of names: [String], in journal: Journal
  ) async throws(DeviceError) -> [(name: String, outcome: PrintOutcome)] {
    var outcomes: [(name: String, outcome: PrintOutcome)] = []
    for name in names {
      guard let entry = try await journal.print(named: name) else { continue }
      switch entry.state {
      case .printed: outcomes.append((name, .printed))
      case .sent: outcomes.append((name, .sent))
      case .unknown:
        outcomes.append((name, .unknown(entry.error ?? DeviceError(.printUnknown, during: "printing"))))
      case .cancelled:
        let error = DeviceError(
          .cancelled, during: "printing \(name)",
          detail: "it was taken out of the queue, and its name is used up",
          hint: "print it under another name: --job NAME")
        outcomes.append((name, .notPrinted(error)))
      case .waiting, .printing: break
      }
    }
    return outcomes
  }
}
