public import POSModel
public import POSTransport

/// A receipt printer that speaks ESC/POS, over any stream of bytes.
///
///     let printer = ESCPOSPrinter(descriptor, over: transport, profile: .epsonTMT20II)
///     switch await printer.print(PrintJob(id: "check-1042", document: receipt)) {
///     case .printed, .sent: …
///     case .notPrinted(let error): …        // safe to print again
///     case .unknown(let error): …           // look at the paper first
///     }
///
/// Jobs are printed one after another in the order of the calls. A job id that has been printed, or may have been,
/// is never sent again: a second call with it gets the first one's outcome, as far as the last 64 ids go.
public actor ESCPOSPrinter: ReceiptPrinter {
  /// How long to wait for what.
  public struct Timing: Sendable, Equatable {
    /// For the answer to a status request.
    public var status: Duration
    /// While the printer takes no byte at all. A printer out of paper takes none for minutes, rightly.
    public var progress: Duration
    /// For the confirmation after the last byte, which comes when the paper has stopped moving, besides a second for every
    /// 50 mm of the job's paper.
    public var confirmation: Duration
    /// For a person to mend what the printer says is wrong in the middle of a job: paper, cover, cutter.
    public var repair: Duration
    /// For the answer to one question who the printer is; many clones know only some.
    public var identification: Duration
    /// For the drawer's switch to move.
    public var drawer: Duration

    /// Waits; the defaults suit a till that does not wait for a new roll.
    public init(
      status: Duration = .seconds(1), progress: Duration = .seconds(30),
      confirmation: Duration = .seconds(20),
      repair: Duration = .zero, identification: Duration = .milliseconds(300), drawer: Duration = .seconds(1)
    ) {
      self.status = status
      self.progress = progress
      self.confirmation = confirmation
      self.repair = repair
      self.identification = identification
      self.drawer = drawer
    }
  }

  /// What to do about errors that `DLE ENQ` can end, such as a jam of the cutter that has been freed
  /// (specs/escpos.md §2.5).
  public enum ErrorRecovery: Sendable, Equatable {
    /// Nothing: a person presses the button.
    case never
    /// Clears the error before a job, with what earlier jobs left in the printer.
    case beforeJobs
    /// The same, and has a job go on that an error stopped: the line at hand may stand twice.
    case always
  }

  private enum Work {
    case print([UInt8], PrintWatch)
    case status
    case identity
    case paperStatusProbe
    case drawer(DrawerPulse)
  }

  private enum Ending {
    case print(PrintOutcome)
    case status(Result<PrinterStatus, DeviceError>)
    case identity(Result<PrinterIdentity, DeviceError>)
    case answersPaperStatus(Result<Bool, DeviceError>)
    case drawer(DrawerOutcome)
  }

  /// One call that has not ended, in the order of the calls.
  private struct Entry {
    var ticket: Int
    var jobID: String?
    var work: Work
    var waiters: [(ticket: Int, continuation: CheckedContinuation<Ending, Never>)]
  }

  /// What and where it is.
  public nonisolated let descriptor: DeviceDescriptor
  /// What it is like.
  public nonisolated let profile: PrinterProfile

  private let transport: any ByteTransport
  private let layout: ReceiptLayout
  private var session: PrinterSession

  private var queue: [Entry] = []
  /// Whether the first entry of the queue is being carried out.
  private var isWorking = false
  private var lastTicket = 0
  private var isClosed = false
  private var idleWaiters: [CheckedContinuation<Void, Never>] = []
  /// Outcomes that forbid sending the job again, oldest first.
  private var outcomes: [(jobID: String, outcome: PrintOutcome)] = []
  /// Whoever watches the job at hand, and what it was told last.
  private var watch: (watch: PrintWatch, told: PrintProgress?)?
  /// Who the printer said it is.
  private var known: PrinterIdentity?
  private let identities: PrinterIdentities

  /// Takes over an open transport.
  ///
  /// - Parameters:
  ///   - glyphs: draws characters that the printer lacks, and text of the style `raster`.
  ///   - owedBytes: what the printer may still wait for, at most, since a job on an earlier connection stopped in the
  ///     middle (``PrinterCommands/bytesOwed(after:)``); then it is made to listen again before anything is sent. 0 when
  ///     none did.
  ///   - identities: who the printers were on earlier connections.
  public init(
    _ descriptor: DeviceDescriptor, over transport: any ByteTransport, profile: PrinterProfile,
    barcodes route: ReceiptLayout.BarcodeRoute = .auto, glyphs: (any CharacterDrawing)? = nil,
    timing: Timing = Timing(), recovery: ErrorRecovery = .beforeJobs, owedBytes: Int = 0,
    identities: PrinterIdentities = PrinterIdentities()
  ) {
    self.descriptor = descriptor
    self.identities = identities
    self.profile = profile
    self.transport = transport
    layout = ReceiptLayout(profile, barcodes: route, glyphs: glyphs)
    session = PrinterSession(
      profile, timing: timing, name: descriptor.name, seed: UInt32.random(in: 0...UInt32.max),
      recovery: recovery, owedBytes: owedBytes)
  }

  /// Prints one job; see ``ReceiptPrinter``. Commands that end inside one of them are not begun: `input.malformed`.
  ///
  /// A cancelled call that has not begun ends as not printed. One that has begun ends as unknown at once, while
  /// the job goes on; ask again with the same id for its outcome.
  public func print(_ job: PrintJob, watch: PrintWatch) async -> PrintOutcome {
    if let known = outcomes.first(where: { $0.jobID == job.id }) { return known.outcome }
    let bytes: [UInt8]
    switch job.content {
    case .commands(let commands):
      do throws(DeviceError) {
        try PrinterCommands.check(commands, during: "printing on \(descriptor.name)")
      } catch {
        return .notPrinted(error)
      }
      bytes = commands
    case .document(let document):
      do throws(DeviceError) {
        bytes = try layout.escpos(document)
      } catch {
        return .notPrinted(error)
      }
    }
    guard case .print(let outcome) = await carryOut(.print(bytes, watch), jobID: job.id) else {
      return .notPrinted(DeviceError(.closed, during: "printing on \(descriptor.name)"))
    }
    return outcome
  }

  /// Asks the printer how it is, after the jobs that are waiting.
  ///
  /// - Throws: `link.timed_out` when it stays silent, `device.unsupported` when the profile says it cannot answer,
  ///   and what the transport throws.
  public func status() async throws(DeviceError) -> PrinterStatus {
    guard case .status(let result) = await carryOut(.status, jobID: nil) else {
      throw DeviceError(.closed, during: "asking \(descriptor.name) how it is")
    }
    return try result.get()
  }

  /// Asks the printer who it is, once for each connection; one whose serial number is that of an earlier connection is
  /// not asked for the rest.
  ///
  /// A printer that does not know the question may print a letter: ask only those that answer other questions.
  ///
  /// - Throws: `device.unsupported` when it says nothing of itself, an obstacle such as `printer.paper_out` when it
  ///   is off line, and as ``status()``.
  public func identity() async throws(DeviceError) -> PrinterIdentity {
    if let known { return known }
    guard case .identity(let result) = await carryOut(.identity, jobID: nil) else {
      throw DeviceError(.closed, during: "asking \(descriptor.name) who it is")
    }
    let identity = try result.get()
    known = identity
    identities[descriptor.id] = identity
    return identity
  }

  /// Whether the printer answers `GS r`, by which it can confirm jobs (``PrinterProfile/Confirmation/paperStatus``).
  ///
  /// A printer that does not know the question may print a letter: it is asked only if it answers `DLE EOT`.
  ///
  /// - Throws: as ``status()``, and an obstacle such as `printer.paper_out` of a printer that is off line.
  public func answersPaperStatus() async throws(DeviceError) -> Bool {
    guard case .answersPaperStatus(let result) = await carryOut(.paperStatusProbe, jobID: nil) else {
      throw DeviceError(.closed, during: "asking \(descriptor.name) whether it confirms")
    }
    return try result.get()
  }

  /// Opens the drawer, after the jobs that are waiting, and looks whether its switch moves.
  public func openDrawer(_ pulse: DrawerPulse) async -> DrawerOutcome {
    guard case .drawer(let outcome) = await carryOut(.drawer(pulse), jobID: nil) else {
      return .notOpened(DeviceError(.closed, during: "opening the drawer at \(descriptor.name)"))
    }
    return outcome
  }

  /// Waits for the job at hand and closes the transport. Jobs that have not begun end as not printed.
  public func close() async {
    guard !isClosed else { return }
    isClosed = true
    let begun = isWorking ? 1 : 0
    let refused = queue.dropFirst(begun)
    queue.removeSubrange(begun...)
    for entry in refused {
      for waiter in entry.waiters { waiter.continuation.resume(returning: refusal(of: entry.work, .closed)) }
    }
    if isWorking { await withCheckedContinuation { idleWaiters.append($0) } }
    await transport.close()
  }

  // MARK: - The queue

  private func carryOut(_ work: Work, jobID: String?) async -> Ending {
    if isClosed { return refusal(of: work, .closed) }
    lastTicket += 1
    let ticket = lastTicket
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if let jobID, let index = queue.firstIndex(where: { $0.jobID == jobID }) {
          queue[index].waiters.append((ticket, continuation))
          return
        }
        queue.append(Entry(ticket: ticket, jobID: jobID, work: work, waiters: [(ticket, continuation)]))
        if !isWorking {
          isWorking = true
          Task { await self.drainQueue() }
        }
      }
    } onCancel: {
      Task { await self.stopWaiting(ticket) }
    }
  }

  private func drainQueue() async {
    while let entry = queue.first {
      let ending = await perform(entry.work)
      if let jobID = entry.jobID, case .print(let outcome) = ending { remember(outcome, of: jobID) }
      // More callers may have joined meanwhile, so the waiters of the queue count, not those of `entry`.
      let waiters = queue.removeFirst().waiters
      for waiter in waiters { waiter.continuation.resume(returning: ending) }
    }
    isWorking = false
    for waiter in idleWaiters { waiter.resume() }
    idleWaiters = []
  }

  private func remember(_ outcome: PrintOutcome, of jobID: String) {
    if case .notPrinted = outcome { return }
    outcomes.append((jobID, outcome))
    if outcomes.count > 64 { outcomes.removeFirst() }
  }

  private func stopWaiting(_ ticket: Int) {
    for index in queue.indices {
      guard let position = queue[index].waiters.firstIndex(where: { $0.ticket == ticket }) else { continue }
      let waiter = queue[index].waiters.remove(at: position)
      let work = queue[index].work
      let hasBegun = index == 0 && isWorking
      if !hasBegun, queue[index].waiters.isEmpty { queue.remove(at: index) }
      guard hasBegun, case .print = work else {
        waiter.continuation.resume(returning: refusal(of: work, .cancelled))
        return
      }
      let error = DeviceError(
        .printUnknown, during: "printing on \(descriptor.name)", detail: "the caller stopped waiting")
      waiter.continuation.resume(returning: .print(.unknown(error)))
      return
    }
  }

  private func refusal(of work: Work, _ code: DeviceError.Code) -> Ending {
    let error = DeviceError(code, during: "using \(descriptor.name)")
    switch work {
    case .print: return .print(.notPrinted(error))
    case .status: return .status(.failure(error))
    case .identity: return .identity(.failure(error))
    case .paperStatusProbe: return .answersPaperStatus(.failure(error))
    case .drawer: return .drawer(.notOpened(error))
    }
  }

  // MARK: - Carrying bytes

  private func perform(_ work: Work) async -> Ending {
    let clock = transport.clock
    var step: PrinterSession.Step
    switch work {
    case .print(let bytes, let watch):
      self.watch = (watch, nil)
      step = session.print(bytes, now: clock.now)
    case .status: step = session.askStatus(now: clock.now)
    case .identity: step = session.askIdentity(known: identities[descriptor.id], now: clock.now)
    case .paperStatusProbe: step = session.askWhetherItConfirms(now: clock.now)
    case .drawer(let pulse): step = session.openDrawer(pulse, now: clock.now)
    }
    defer { watch = nil }
    while true {
      let event: PrinterSession.Event
      switch step {
      case .printed(let outcome): return .print(outcome)
      case .status(let result): return .status(result)
      case .identity(let result): return .identity(result)
      case .answersPaperStatus(let result): return .answersPaperStatus(result)
      case .drawer(let outcome): return .drawer(outcome)
      case .begin: event = await begin()
      case .write(let bytes, let deadline):
        event =
          session.listensWhileWriting
          ? await writeListening(bytes, until: deadline) : await write(bytes, until: deadline)
      case .read(let deadline): event = await read(until: deadline)
      }
      step = session.on(event, now: clock.now)
      tellProgress()
    }
  }

  private func begin() async -> PrinterSession.Event {
    do throws(DeviceError) {
      try await watch?.watch.willSend()
      return .begun
    } catch {
      return .refused(error)
    }
  }

  private func tellProgress() {
    guard let watch, session.progress.totalBytes > 0, session.progress != watch.told else { return }
    self.watch?.told = session.progress
    watch.watch.progress(session.progress)
  }

  /// Writes, and hears meanwhile what the printer has to say: one whose answers nobody takes stops taking bytes,
  /// and one that has stopped says why.
  private func writeListening(_ bytes: [UInt8], until deadline: MonotonicInstant) async
    -> PrinterSession.Event
  {
    let listening = Task { [transport] in
      while case .bytes(let heard) = try? await transport.read(upTo: 512, until: nil) { self.overhear(heard) }
    }
    let event = await write(bytes, until: deadline)
    listening.cancel()
    await listening.value
    return event
  }

  private func overhear(_ bytes: [UInt8]) {
    session.overhear(bytes)
    tellProgress()
  }

  private func write(_ bytes: [UInt8], until deadline: MonotonicInstant) async -> PrinterSession.Event {
    do throws(DeviceError) {
      try await transport.write(bytes, until: deadline)
      return .written
    } catch {
      return .writeFailed(error)
    }
  }

  private func read(until deadline: MonotonicInstant) async -> PrinterSession.Event {
    do throws(DeviceError) {
      switch try await transport.read(upTo: 512, until: deadline) {
      case .bytes(let bytes): return .received(bytes)
      case .timedOut: return .timedOut
      case .endOfStream:
        return .readFailed(DeviceError(.connectionLost, during: "reading from \(descriptor.name)"))
      }
    } catch {
      return .readFailed(error)
    }
  }
}
