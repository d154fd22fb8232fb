public import POSJournal
public import POSModel

/// The persistent queue of one printer: what is in it survives a crash, and is printed once.
///
///     let queue = PrintQueue(for: opener.deviceID(of: address), journal: journal) { isInterrupted in
///       try await opener.printer(at: address, isInterrupted: isInterrupted)
///     }
///     try await queue.add("check-1042", commands: bytes)
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
  private let journal: Journal
  private let open: @Sendable (_ isInterrupted: Bool) async throws(DeviceError) -> any ReceiptPrinter
  private var isRunning = false

  /// A queue in `journal`; `open` opens the printer and is told whether a print stopped in the middle before.
  public init(
    for printer: DeviceID, journal: Journal,
    open: @escaping @Sendable (_ isInterrupted: Bool) async throws(DeviceError) -> any ReceiptPrinter
  ) {
    self.printer = printer
    self.journal = journal
    self.open = open
  }

  /// Queues copies of a receipt and returns their names once they are on disk. A name that was queued before is not
  /// queued again, copy for copy: a caller that crashed calls again with the same name.
  ///
  /// - Parameter copies: 1 or more; the second is called `name#2`.
  public func add(_ name: String, commands: [UInt8], copies: Int = 1) async throws(DeviceError) -> [String] {
    let names = Self.names(of: name, copies: copies)
    var batch = JournalBatch()
    for name in names { batch.enqueue(QueuedPrint(name: name, printer: printer, commands: commands)) }
    try await journal.commit(batch)
    return names
  }

  /// What the copies of a receipt are called in the queue.
  public static func names(of name: String, copies: Int) -> [String] {
    [name] + (1..<max(1, copies)).map { "\(name)#\($0 + 1)" }
  }

  /// Prints what waits, first in, first out, until nothing does or the printer cannot.
  ///
  /// - Parameter progress: told how far each print is, by its name.
  /// - Throws: `device.busy` while a run is under way, and what the journal throws; after a failure of the journal
  ///   the print at hand counts as unknown with the next opening.
  public func run(
    progress: @escaping @Sendable (_ name: String, PrintProgress) -> Void = { _, _ in }
  ) async throws(DeviceError) -> Report {
    guard !isRunning else { throw DeviceError(.busy, during: "printing what waits for \(printer)") }
    isRunning = true
    defer { isRunning = false }
    var report = Report()
    var connection: (any ReceiptPrinter)?
    do throws(DeviceError) {
      while let entry = try await journal.nextPrint(on: printer) {
        let name = entry.print.name
        let outcome: PrintOutcome
        do throws(DeviceError) {
          let printer = try await connected(&connection)
          outcome = await printer.print(
            PrintJob(id: name, commands: entry.print.commands),
            watch: PrintWatch(
              willSend: { [journal] () throws(DeviceError) in try await journal.beginPrint(entry.id) },
              progress: { progress(name, $0) }))
        } catch {
          outcome = .notPrinted(error)
        }
        try await journal.endPrint(entry.id, with: outcome)
        report.outcomes.append((name, outcome))
        switch outcome {
        case .printed, .sent: continue
        case .unknown:
          // A new connection starts from what the printer really is: perhaps in the middle of a command.
          await connection?.close()
          connection = nil
          continue
        case .notPrinted(let error): report.obstacle = error
        }
        break
      }
    } catch {
      await connection?.close()
      throw error
    }
    await connection?.close()
    return report
  }

  private func connected(_ connection: inout (any ReceiptPrinter)?) async throws(DeviceError)
    -> any ReceiptPrinter
  {
    if let connection { return connection }
    let printer = try await open(try await journal.isInterrupted(printer))
    connection = printer
    return printer
  }
}
