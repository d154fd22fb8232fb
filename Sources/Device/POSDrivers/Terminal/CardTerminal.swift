public import POSModel
public import POSTransport

/// A card terminal behind any stream of bytes.
///
///     let terminal = CardTerminal(
///       descriptor, speaking: .concert(ConcertConfiguration()),
///       journal: journal, clock: clock, connect: { try await SerialPort.open(path) })
///     switch await terminal.pay(PaymentRequest(reference: "4711", amount: amount)) { … }
public actor CardTerminal: PaymentTerminal {
  /// What and where it is.
  public nonisolated let descriptor: DeviceDescriptor
  private nonisolated let hub = TerminalEventHub()
  private let journal: any PaymentJournal
  private let clock: any TransportClock
  private let open: @Sendable () async throws(DeviceError) -> any ByteTransport
  private let findNames: (@Sendable () async throws(DeviceError) -> [DeviceID])?

  private var session: any TerminalSession
  private var transport: (any ByteTransport)?
  /// The job at hand; jobs never overlap.
  private var running: Task<TerminalEnding, Never>?
  /// Ends what the job waits for, so that it looks at ``isStopWanted`` and ``isClosed``.
  private var interrupt: (@Sendable () -> Void)?
  private var isStopWanted = false
  private var isClosed = false
  /// What the listeners know to be waited for.
  private var announced: TerminalWait?

  /// A terminal that is reached through `connect`, which opens a new link each time it is called.
  ///
  /// - Parameter names: what it is known by, found out when that is needed, for only then it must be there: see
  ///   ``PaymentTerminal/names``. The descriptor's id when left out. What it throws ends a payment as not started.
  public init(
    _ descriptor: DeviceDescriptor, speaking dialect: CardTerminalProtocol, journal: any PaymentJournal,
    clock: any TransportClock, names: (@Sendable () async throws(DeviceError) -> [DeviceID])? = nil,
    connect: @escaping @Sendable () async throws(DeviceError) -> any ByteTransport
  ) {
    self.descriptor = descriptor
    self.journal = journal
    self.clock = clock
    open = connect
    findNames = names
    session = dialect.session
  }

  /// What a journal may know it by; the descriptor's id while nobody can say.
  public var names: [DeviceID] {
    get async { (try? await foundNames()) ?? [descriptor.id] }
  }

  /// Asks the customer to pay; see ``PaymentTerminal/pay(_:)``.
  ///
  /// A reference that the journal knows is not charged again: its outcome is returned. A payment that nobody waits
  /// for any longer is followed to its end all the same, and journalled.
  public func pay(_ request: PaymentRequest) async -> PaymentOutcome {
    let operation = "paying \(request.amount)"
    guard request.amount.minorUnits > 0, request.amount.minorUnits <= 999_999_999_999 else {
      return .notStarted(
        DeviceError(
          .badInput, during: operation, detail: "the amount must be above zero, of at most 12 digits"))
    }
    guard !request.reference.isEmpty, request.reference.count <= 36 else {
      return .notStarted(
        DeviceError(.badInput, during: operation, detail: "the reference must have 1 to 36 characters"))
    }
    guard !isClosed else { return .notStarted(DeviceError(.closed, during: operation)) }
    guard running == nil else { return .notStarted(DeviceError(.busy, during: operation)) }
    isStopWanted = false

    let (endings, continuation) = AsyncStream.makeStream(of: PaymentOutcome.self)
    let task = start {
      let outcome = await self.payNow(request)
      continuation.yield(outcome)
      return .payment(outcome)
    }
    for await outcome in endings { return outcome }
    // The caller's task was cancelled: that ends the waiting, and the payment only where it has not begun.
    if let standing = session.standing { return standing }
    isStopWanted = true
    interrupt?()
    return payment(await task.value, operation)
  }

  /// Finds out how a payment ended; see ``PaymentTerminal/recover(reference:)``.
  ///
  /// Waits for a payment that is still being followed.
  public func recover(reference: String) async -> PaymentOutcome {
    let operation = "recovering the payment \(reference)"
    while let running { _ = await running.value }
    guard !isClosed else { return .unknown(DeviceError(.closed, during: operation)) }
    let task = start { .payment(await self.recoverNow(reference, operation)) }
    return payment(await task.value, operation)
  }

  /// Asks the terminal how it is. Waits for a payment that is still being followed.
  public func status() async throws(DeviceError) -> TerminalStatus {
    let operation = "asking the terminal for its status"
    while let running { _ = await running.value }
    guard !isClosed else { throw DeviceError(.closed, during: operation) }
    let task = start { await self.run(.enquire) }
    switch await task.value {
    case .status(let report): return report
    case .failed(let error): throw error
    case .payment, .performed: throw DeviceError(.protocolViolation, during: operation)
    }
  }

  /// Has the terminal do a task. Waits for a payment that is still being followed. An unresolved one stands in the way
  /// of closing the day, for that takes the last transaction out of the terminal's memory.
  public func perform(_ task: TerminalTask) async -> EffectOutcome<TerminalReport> {
    while let running { _ = await running.value }
    guard !isClosed else { return .notDone(DeviceError(.closed, during: task.operation)) }
    let running = start { await self.performNow(task) }
    switch await running.value {
    case .performed(let outcome): return outcome
    case .failed(let error): return .notDone(error)
    case .payment, .status: return .unknown(DeviceError(.protocolViolation, during: task.operation))
    }
  }

  /// Ends a payment by a person's decision; see ``PaymentTerminal/resolve(reference:asCharged:note:)``.
  ///
  /// Asks the terminal nothing. Waits for a payment that is still being followed.
  public func resolve(reference: String, asCharged: Bool, note: String) async -> PaymentOutcome {
    let operation = "resolving the payment \(reference)"
    while let running { _ = await running.value }
    guard !isClosed else { return .unknown(DeviceError(.closed, during: operation)) }
    let task = start { .payment(await self.resolveNow(reference, asCharged, note, operation)) }
    return payment(await task.value, operation)
  }

  /// Asks the terminal to stop the payment at hand; see ``PaymentTerminal/requestAbort()``.
  public func requestAbort() {
    isStopWanted = true
    interrupt?()
  }

  /// What the terminal shows and does from now on. A listener that is 64 events behind loses the oldest.
  public nonisolated func events() -> AsyncStream<TerminalEvent> { hub.events() }

  /// Lets go of the terminal. A payment at hand ends as what is known of it, and stays open in the journal unless
  /// that is final.
  public func close() async {
    isClosed = true
    interrupt?()
    while let running { _ = await running.value }
    await transport?.close()
    transport = nil
    hub.close()
  }

  // MARK: - Jobs

  private func start(
    _ job: @escaping @Sendable () async -> TerminalEnding
  ) -> Task<TerminalEnding, Never> {
    let task = Task {
      let ending = await job()
      self.running = nil
      return ending
    }
    running = task
    return task
  }

  private func foundNames() async throws(DeviceError) -> [DeviceID] {
    guard let findNames else { return [descriptor.id] }
    let names = try await findNames()
    return names.isEmpty ? [descriptor.id] : names
  }

  /// What it is called now; the first name is for new payments.
  ///
  /// A terminal that is unplugged has other names than one that is there, so that this is asked again when its link is
  /// open, before anything is ordered.
  ///
  /// - Throws: `terminal.unresolved_payment` as long as a payment under one of them has not ended.
  private func unlockedNames(during operation: String) async throws(DeviceError) -> [DeviceID] {
    let names = try await foundNames()
    if let open = try await journal.unresolved(on: names) {
      throw DeviceError(
        .paymentUnresolved, during: operation, detail: "reference \(open.request.reference)")
    }
    return names
  }

  private func payNow(_ request: PaymentRequest) async -> PaymentOutcome {
    let operation = "paying \(request.amount)"
    let name: DeviceID
    do throws(DeviceError) {
      if let known = try await journal.payment(reference: request.reference) {
        guard known.intent.request == request else {
          return .notStarted(
            DeviceError(
              .badInput, during: operation, detail: "the reference has been used for another payment"))
        }
        // It may have been charged, even where this terminal, unplugged, is not known to be the one.
        guard await names.contains(known.intent.terminal) else {
          return Self.unknown(askedOf: known.intent.terminal, operation)
        }
        return known.outcome ?? .unknown(DeviceError(.paymentUnresolved, during: operation))
      }
      name = try await unlockedNames(during: operation)[0]
    } catch {
      return .notStarted(error)
    }
    return payment(await run(.pay(request, on: name)), operation)
  }

  /// What can be said of a payment that another terminal was asked for.
  private static func unknown(askedOf terminal: DeviceID, _ operation: String) -> PaymentOutcome {
    .unknown(DeviceError(.paymentUnknown, during: operation, detail: "it was asked of \(terminal)"))
  }

  private func recoverNow(_ reference: String, _ operation: String) async -> PaymentOutcome {
    do throws(DeviceError) {
      guard let known = try await journal.payment(reference: reference) else {
        return .notStarted(
          DeviceError(.notFound, during: operation, detail: "the journal has never seen this reference"))
      }
      if let outcome = known.outcome, outcome.isFinal { return outcome }
      guard try await foundNames().contains(known.intent.terminal) else {
        return Self.unknown(askedOf: known.intent.terminal, operation)
      }
      let outcome = payment(await run(.recover(known.intent, last: known.outcome)), operation)
      await end(reference, outcome)
      return outcome
    } catch {
      return .unknown(error)
    }
  }

  private func resolveNow(
    _ reference: String, _ asCharged: Bool, _ note: String, _ operation: String
  ) async -> PaymentOutcome {
    do throws(DeviceError) {
      guard let known = try await journal.payment(reference: reference) else {
        return .notStarted(
          DeviceError(.notFound, during: operation, detail: "the journal has never seen this reference"))
      }
      if let outcome = known.outcome, outcome.isFinal { return outcome }
      let outcome: PaymentOutcome
      if asCharged {
        var record = PaymentRecord(amount: known.intent.request.amount)
        if case .approvedUnconfirmed(let reported) = known.outcome { record = reported }
        record.operatorNote = note
        outcome = .approved(record)
      } else {
        outcome = .declined(PaymentRefusal(code: "operator", text: note))
      }
      try await journal.end(reference: reference, with: outcome)
      return outcome
    } catch {
      return .unknown(error)
    }
  }

  private func performNow(_ task: TerminalTask) async -> TerminalEnding {
    if let obstacle = await obstacle(to: .perform(task)) { return .failed(obstacle) }
    return await run(.perform(task))
  }

  /// Why a job must not be done: closing the day takes an unresolved payment out of the terminal's memory.
  private func obstacle(to job: TerminalJob) async -> DeviceError? {
    guard case .perform(.endOfDay) = job else { return nil }
    do throws(DeviceError) {
      _ = try await unlockedNames(during: TerminalTask.endOfDay.operation)
      return nil
    } catch {
      return error
    }
  }

  private func payment(_ ending: TerminalEnding, _ operation: String) -> PaymentOutcome {
    switch ending {
    case .payment(let outcome): outcome
    case .failed(let error): .unknown(error)
    case .status, .performed: .unknown(DeviceError(.paymentUnknown, during: operation))
    }
  }

  /// An outcome that cannot be written down leaves the payment open in the journal: the next recovery finds it again.
  private func end(_ reference: String, _ outcome: PaymentOutcome) async {
    do throws(DeviceError) {
      try await journal.end(reference: reference, with: outcome)
    } catch {
      hub.send(.problem(text: "the journal could not be written: \(error.detail)"))
    }
  }

  // MARK: - Carrying bytes to the session

  private func run(_ job: TerminalJob) async -> TerminalEnding {
    var begun: PaymentIntent?
    var actions = session.on(.begin(job), at: clock.now)[...]
    while true {
      while let action = actions.popFirst() {
        switch action {
        case .connect:
          switch await interruptible(open) {
          case .success(let link):
            if let obstacle = await obstacle(to: job) {
              await link.close()
              actions += session.on(.abandon(obstacle), at: clock.now)
            } else {
              transport = link
              actions += session.on(.connected, at: clock.now)
            }
          case .failure(let error):
            actions += session.on(.connectionFailed(error), at: clock.now)
          }
        case .disconnect:
          await transport?.close()
          transport = nil
        case .write(let bytes):
          if let error = await write(bytes) {
            actions = actions.filter { if case .write = $0 { false } else { true } }[...]
            actions += session.on(.lost(error), at: clock.now)
          }
        case .journal(var intent):
          do throws(DeviceError) {
            intent.terminal = try await unlockedNames(during: "paying \(intent.request.amount)")[0]
            try await journal.begin(intent)
            begun = intent
            actions += session.on(.journaled, at: clock.now)
          } catch {
            actions += session.on(.journalFailed(error), at: clock.now)
          }
        case .show(let event):
          hub.send(event)
        case .finish(let ending):
          if let begun, case .payment(let outcome) = ending { await end(begun.request.reference, outcome) }
          return ending
        }
      }
      if isClosed {
        actions += session.on(
          .abandon(DeviceError(.closed, during: "talking to the terminal")), at: clock.now)
      } else if isStopWanted {
        isStopWanted = false
        actions += session.on(.stop, at: clock.now)
      } else if let input = await nextInput() {
        actions += session.on(input, at: clock.now)
      }
    }
  }

  /// Waits for bytes or the deadline; `nil` after an interruption.
  private func nextInput() async -> TerminalInput? {
    let deadline = session.deadline
    announce(session.awaited)
    guard let transport else {
      guard let deadline else {
        return .abandon(DeviceError(.closed, during: "talking to the terminal"))
      }
      let clock = clock
      _ = await interruptible { () async throws(DeviceError) in try await clock.sleep(until: deadline) }
      return clock.now >= deadline ? .time : nil
    }
    let read = await interruptible { () async throws(DeviceError) in
      try await transport.read(upTo: 4_096, until: deadline)
    }
    switch read {
    case .success(.bytes(let bytes)): return .received(bytes)
    case .success(.timedOut): return .time
    case .success(.endOfStream):
      return .lost(DeviceError(.connectionLost, during: "reading from \(descriptor.address)"))
    case .failure(let error):
      return error.code == .cancelled && (isStopWanted || isClosed) ? nil : .lost(error)
    }
  }

  /// Tells listeners what is waited for, where that is something else, or for longer, than they know.
  private func announce(_ wait: TerminalWait?) {
    guard let wait, wait.text != announced?.text || wait.until != announced?.until else { return }
    announced = wait
    hub.send(TerminalEvent(.silence, text: wait.text, patience: wait.until - clock.now))
  }

  private func write(_ bytes: [UInt8]) async -> DeviceError? {
    guard let transport else { return DeviceError(.closed, during: "writing to \(descriptor.address)") }
    do throws(DeviceError) {
      try await transport.write(bytes, until: clock.now + .seconds(5))
      return nil
    } catch {
      return error
    }
  }

  private func interruptible<Value: Sendable>(
    _ operation: @escaping @Sendable () async throws(DeviceError) -> Value
  ) async -> Result<Value, DeviceError> {
    let task = Task { () async -> Result<Value, DeviceError> in
      do throws(DeviceError) { return .success(try await operation()) } catch { return .failure(error) }
    }
    interrupt = { task.cancel() }
    defer { interrupt = nil }
    if isStopWanted || isClosed { task.cancel() }
    return await task.value
  }
}
