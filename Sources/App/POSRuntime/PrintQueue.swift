import POSDrivers
public import POSJournal
public import POSModel

/// The persistent queue of one printer: what is in it survives a crash, and is printed once.
///
///     let queue = PrintQueue(
///       for: DeviceOpener.deviceID(of: address), journal: journal, profile: opener.printerProfile.name
///     ) { owedBytes in
///       try await opener.printer(at: address, owedBytes: owedBytes)
///     }
///     _ = try await queue.add("check-1042", commands: bytes)
///     let report = try await queue.run()
///
/// A print is begun only after the journal has that on disk, and only when the printer says it is ready. One that is
/// known not to have printed waits for the next run; one of which nobody knows waits for a person
/// (`Journal.resolvePrint`). The prints behind it go on: they are other people's receipts.
public actor PrintQueue {
  /// How a run ended.
  public struct Report: Sendable {
    /// What became of the prints, in their order; the last may be one that waits again.
    public var outcomes: [(name: String, outcome: PrintOutcome)] = []
    /// Why prints still wait, `nil` when none does.
    public var obstacle: DeviceError?
  }

  /// The printer's identity, by which the journal knows its queue.
  public nonisolated let printer: DeviceID
  private let profile: String?
  private let journal: Journal
  private let open: @Sendable (_ owedBytes: Int) async throws(DeviceError) -> any ReceiptPrinter
  private var connection: (any ReceiptPrinter)?
  /// Whether the connection outlives a run.
  private var staysOpen = false
  private var isBusy = false
  private var waiters: [CheckedContinuation<Void, Never>] = []
  /// Who wants to know of which print.
  private var watches: [String: PrintWatch] = [:]

  /// A queue in `journal`; `open` opens the printer and is told what it may still wait for since a print stopped in the
  /// middle before, see ``DeviceOpener/printer(at:owedBytes:)``.
  ///
  /// - Parameter profile: what the printer is taken for, kept with each print.
  public init(
    for printer: DeviceID, journal: Journal, profile: String? = nil,
    open: @escaping @Sendable (_ owedBytes: Int) async throws(DeviceError) -> any ReceiptPrinter
  ) {
    self.printer = printer
    self.profile = profile
    self.journal = journal
    self.open = open
  }

  /// Queues copies of a receipt and returns their names once they are on disk. A name that was queued before is not
  /// queued again, copy for copy: a caller that crashed calls again with the same name.
  ///
  /// - Parameter copies: 1 or more; the second is called `name#2`.
  /// - Throws: `input.malformed` for commands that end inside one of them, and what the journal throws.
  public func add(_ name: String, commands: [UInt8], copies: Int = 1) async throws(DeviceError) -> [String] {
    try PrinterCommands.check(commands, during: "queueing the print \(name)")
    let names = Self.names(of: name, copies: copies)
    var batch = JournalBatch()
    for name in names {
      batch.enqueue(QueuedPrint(name: name, printer: printer, commands: commands, profile: profile))
    }
    try await journal.commit(batch)
    return names
  }

  /// What a printer may still wait for since a print stopped in the middle; 0 when none did. See
  /// ``DeviceOpener/printer(at:owedBytes:)``.
  ///
  /// - Throws: what the journal throws.
  public static func owedBytes(by printer: DeviceID, in journal: Journal) async throws(DeviceError) -> Int {
    guard let broken = try await journal.interruptedPrint(on: printer) else { return 0 }
    return PrinterCommands.bytesOwed(after: broken.print.commands)
  }

  /// What the copies of a receipt are called in the queue.
  public static func names(of name: String, copies: Int) -> [String] {
    [name] + (1..<max(1, copies)).map { "\(name)#\($0 + 1)" }
  }

  /// Opens the printer ahead of the first print and keeps it open between runs, until ``close()``.
  ///
  /// - Throws: what opening it throws.
  public func connect() async throws(DeviceError) {
    await takeTurn()
    defer { passTurn() }
    staysOpen = true
    _ = try await connected()
  }

  /// Waits for the run under way and lets go of the printer.
  public func close() async {
    await takeTurn()
    defer { passTurn() }
    staysOpen = false
    await disconnect()
  }

  /// Prints what waits, first in, first out, until nothing does or the printer cannot. Waits for a run under way.
  ///
  /// - Parameter progress: told how far each print is, by its name.
  /// - Throws: what the journal throws; after a failure of the journal the print at hand counts as unknown with the
  ///   next opening.
  public func run(
    progress: @escaping @Sendable (_ name: String, PrintProgress) -> Void = { _, _ in }
  ) async throws(DeviceError) -> Report {
    await takeTurn()
    defer { passTurn() }
    return try await drain(progress: progress)
  }

  /// Prints one receipt, after what waits before it, for somebody who waits for its outcome and decides by it what to
  /// do next: when it was not printed, it is taken out of the queue.
  ///
  /// A name that was queued before is not printed again; the outcome is the earlier one's.
  public func print(_ name: String, commands: [UInt8], watch: PrintWatch = PrintWatch()) async -> PrintOutcome
  {
    do throws(DeviceError) {
      _ = try await add(name, commands: commands)
    } catch {
      return await outcome(of: name, unqueuedBecause: error)
    }
    await takeTurn()
    defer { passTurn() }
    watches[name] = watch
    defer { watches[name] = nil }
    do throws(DeviceError) {
      let report = try await drain()
      return try await settled(name, because: report.obstacle)
    } catch {
      // The journal says so with its next opening.
      return .unknown(DeviceError(.printUnknown, during: "printing \(name)", detail: "\(error)"))
    }
  }

  /// What became of a print that could not be queued now: the name may be an earlier one's, or have reached the disk.
  private func outcome(of name: String, unqueuedBecause error: DeviceError) async -> PrintOutcome {
    do throws(DeviceError) {
      return try await journal.print(named: name) == nil ? .notPrinted(error) : try await outcome(of: name)
    } catch {
      return .unknown(DeviceError(.printUnknown, during: "printing \(name)", detail: "\(error)"))
    }
  }

  /// What became of a print that ``print(_:commands:watch:)`` may have begun before this process did. One that still waits is taken out
  /// of the queue.
  ///
  /// - Throws: what the journal throws.
  public func outcome(of name: String) async throws(DeviceError) -> PrintOutcome {
    await takeTurn()
    defer { passTurn() }
    return try await settled(name, because: nil)
  }

  /// Does something else with the printer, between prints.
  ///
  /// - Parameter isSound: whether the connection can be used after such a result.
  func withPrinter<Result: Sendable>(
    whereSound isSound: @Sendable (Result) -> Bool = { _ in true },
    _ work: @Sendable (any ReceiptPrinter) async throws(DeviceError) -> Result
  ) async throws(DeviceError) -> Result {
    await takeTurn()
    defer { passTurn() }
    do throws(DeviceError) {
      let result = try await work(try await connected())
      if !staysOpen || !isSound(result) { await disconnect() }
      return result
    } catch {
      await disconnect()
      throw error
    }
  }

  private func settled(_ name: String, because obstacle: DeviceError?) async throws(DeviceError)
    -> PrintOutcome
  {
    let entry = try await journal.print(named: name)
    switch entry?.state {
    case .printed: return .printed
    case .sent: return .sent
    case .unknown, .printing:
      return .unknown(entry?.error ?? DeviceError(.printUnknown, during: "printing \(name)"))
    case .waiting:
      try await journal.cancelPrint(name)
      return .notPrinted(entry?.error ?? obstacle ?? Self.neverBegan(name))
    case .cancelled, nil: return .notPrinted(obstacle ?? Self.neverBegan(name))
    }
  }

  private static func neverBegan(_ name: String) -> DeviceError {
    DeviceError(.cancelled, during: "printing \(name)", detail: "it was never begun")
  }

  private func drain(
    progress: @escaping @Sendable (_ name: String, PrintProgress) -> Void = { _, _ in }
  ) async throws(DeviceError) -> Report {
    var report = Report()
    do throws(DeviceError) {
      while report.obstacle == nil, let entry = try await journal.nextPrint(on: printer) {
        if let refusal = Self.refusal(of: entry.print) {
          // It can never be sent, and the prints behind it are other people's receipts.
          try await journal.cancelPrint(entry.print.name)
          report.outcomes.append((entry.print.name, .notPrinted(refusal)))
          continue
        }
        let outcome = await attempt(entry, progress: progress)
        try await journal.endPrint(entry.id, with: outcome)
        report.outcomes.append((entry.print.name, outcome))
        switch outcome {
        case .printed, .sent: break
        case .unknown:
          // A new connection starts from what the printer really is: perhaps in the middle of a command.
          await disconnect()
        case .notPrinted(let error):
          report.obstacle = error
          await disconnect()
        }
      }
    } catch {
      await disconnect()
      throw error
    }
    if !staysOpen { await disconnect() }
    return report
  }

  /// Why a print cannot be sent at all: it was queued by a program that did not look.
  private static func refusal(of print: QueuedPrint) -> DeviceError? {
    do throws(DeviceError) {
      try PrinterCommands.check(print.commands, during: "printing \(print.name)")
      return nil
    } catch {
      return error
    }
  }

  private func attempt(
    _ entry: PrintEntry, progress: @escaping @Sendable (_ name: String, PrintProgress) -> Void
  ) async -> PrintOutcome {
    let name = entry.print.name
    let watch = watches[name]
    do throws(DeviceError) {
      return await (try await connected()).print(
        PrintJob(id: name, commands: entry.print.commands),
        watch: PrintWatch(
          willSend: { [journal] () throws(DeviceError) in
            try await watch?.willSend()
            try await journal.beginPrint(entry.id)
          },
          progress: { told in
            progress(name, told)
            watch?.progress(told)
          }))
    } catch {
      return .notPrinted(error)
    }
  }

  // MARK: - The printer, one at a time

  private func takeTurn() async {
    guard isBusy else {
      isBusy = true
      return
    }
    await withCheckedContinuation { waiters.append($0) }
  }

  private func passTurn() {
    if waiters.isEmpty { isBusy = false } else { waiters.removeFirst().resume() }
  }

  private func connected() async throws(DeviceError) -> any ReceiptPrinter {
    if let connection { return connection }
    let printer = try await open(try await Self.owedBytes(by: printer, in: journal))
    connection = printer
    return printer
  }

  private func disconnect() async {
    guard let open = connection else { return }
    connection = nil
    await open.close()
  }
}
