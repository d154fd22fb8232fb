public import POSJournal
public import POSModel
import POSTransport

/// Sends what waits in the outbox: first in, first out, one at a time.
///
///     let sender = OutboxSender(provider: punchh, journal: journal, clock: clock)
///     let report = await sender.drain()      // everything that is due
///     let daemon = Task { await sender.run() }   // for ever
public actor OutboxSender {
  /// What became of the sendings of one call, and why it ended.
  public struct Report: Sendable, Equatable {
    /// What was sent, in order.
    public var deliveries: [Delivery] = []
    /// Why nothing more was sent.
    public var pause = Pause.empty
    /// Items that wait for another programme or location; they are left alone.
    public var foreign = 0

    /// A report of what was sent so far.
    public init(deliveries: [Delivery] = [], pause: Pause = .empty, foreign: Int = 0) {
      self.deliveries = deliveries
      self.pause = pause
      self.foreign = foreign
    }

    /// What became of the check-in of the sale with this id, if it was sent.
    public func checkIn(of sale: String) -> Delivery? {
      deliveries.last { $0.name == OutboxItem.name(.checkIn, of: sale) }
    }
  }

  /// One item that was sent.
  public struct Delivery: Sendable, Equatable {
    /// The item's name.
    public var name: String
    /// Which call it was.
    public var kind: OutboxItem.Kind
    /// The receipt key it belongs to.
    public var key: String
    /// What became of it.
    public var verdict: OutboxVerdict
    /// Points credited by it, when the programme said.
    public var pointsEarned: Int?
  }

  /// Why the sender does not send.
  public enum Pause: Sendable, Equatable {
    /// Nothing waits.
    case empty
    /// As many as were asked for have been sent; more wait.
    case enough
    /// Nothing is due before this time.
    case until(WallTime)
    /// Nothing is sent before this time, because the programme refused the keys.
    case halted(until: WallTime)
    /// The journal failed.
    case failed(DeviceError)
  }

  /// A disk that is full has room again at some time, and nobody tells.
  private static let pauseWithoutJournal = Duration.seconds(300)

  private let provider: any LoyaltyProvider
  private let journal: Journal
  private let policy: OutboxPolicy
  private let clock: TillClock
  private let wakeUps: AsyncStream<Void>
  private let bell: AsyncStream<Void>.Continuation
  /// Whether items of another programme or location are sent to this one all the same.
  private let adoptsAll: Bool
  /// Waiting items of another programme or location; `nil` until the journal was looked at.
  private var foreign: Set<Int64>?
  /// How a sending has ended, until the journal has it.
  private var ending: (id: Int64, verdict: OutboxVerdict, halt: WallTime?)?
  /// The last call in the line of those who send: callers take turns.
  private var line: Task<Void, Never>?

  /// A sender for one journal; a journal has only one.
  ///
  /// - Parameter adoptsAll: sends also what was put in for another server or location key: when PAR has moved the
  ///   location. Else such items are left alone, since the wrong server would refuse them for good.
  public init(
    provider: any LoyaltyProvider, journal: Journal, policy: OutboxPolicy = .standard, clock: TillClock,
    adoptsAll: Bool = false
  ) {
    self.adoptsAll = adoptsAll
    self.provider = provider
    self.journal = journal
    self.policy = policy
    self.clock = clock
    (wakeUps, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Sends what is due, at most `limit` items, and returns without waiting for what is due later.
  public func drain(limit: Int = .max) async -> Report {
    let predecessor = line
    let turn = Task {
      await predecessor?.value
      return await self.sendDue(limit: limit)
    }
    line = Task { _ = await turn.value }
    return await turn.value
  }

  /// Sends what is due within `patience`, waiting for it.
  public func flush(patience: Duration = .seconds(2)) async -> Report {
    let deadline = clock.now() + patience
    var report = await drain()
    while case .until(let due) = report.pause, due <= deadline {
      do throws(DeviceError) { try await wait(until: due) } catch { return report }
      let more = await drain()
      report = Report(
        deliveries: report.deliveries + more.deliveries, pause: more.pause, foreign: more.foreign)
    }
    return report
  }

  /// Sends for ever, as things become due, until the task is cancelled.
  public func run() async {
    var alarm: Task<Void, Never>?
    bell.yield()
    for await _ in wakeUps {
      alarm?.cancel()
      // One at a time, so that a sale that has just ended need not wait for a long queue.
      switch await drain(limit: 1).pause {
      case .enough: bell.yield()
      case .empty: break
      case .until(let due), .halted(let due): alarm = alarmClock(at: due)
      case .failed: alarm = alarmClock(at: clock.now() + Self.pauseWithoutJournal)
      }
    }
    alarm?.cancel()
  }

  private func alarmClock(at due: WallTime) -> Task<Void, Never> {
    Task {
      do throws(DeviceError) { try await wait(until: due) } catch { return }
      bell.yield()
    }
  }

  /// Tells ``run()`` that something was put into the outbox.
  public nonisolated func nudge() { bell.yield() }

  /// Lets the queue go on at once: after the keys were mended, or because somebody knows that the programme is
  /// back.
  public func resume() async throws(DeviceError) {
    try await halt(until: WallTime(milliseconds: 0))
    try await journal.skipPauses()
    bell.yield()
  }
}

// MARK: - One sending

extension OutboxSender {
  private func sendDue(limit: Int) async -> Report {
    var report = Report()
    do throws(DeviceError) {
      try await recordEnding()
      if let end = try await haltEnd() {
        report.pause = .halted(until: end)
        return report
      }
      try await journal.expire(createdBefore: clock.now() - policy.maximumAge)
      let foreign = try await foreignItems()
      report.foreign = foreign.count
      while report.deliveries.count < limit {
        switch try await journal.takeTurn(policy.order, skipping: foreign) {
        case .empty: return report
        case .wait(let due):
          report.pause = .until(due)
          return report
        case .busy:
          // Only a second sender on the same journal can be the reason.
          report.pause = .until(clock.now() + policy.order.gap)
          return report
        case .send(let entry):
          let (delivery, halt) = await send(entry)
          ending = (entry.id, delivery.verdict, halt)
          report.deliveries.append(delivery)
          try await recordEnding()
          if let halt {
            report.pause = .halted(until: halt)
            return report
          }
        }
      }
      report.pause = .enough
    } catch {
      report.pause = .failed(error)
    }
    return report
  }

  /// Writes down how the last sending ended: again, when the disk was full the last time.
  private func recordEnding() async throws(DeviceError) {
    guard let ending else { return }
    if let halt = ending.halt { try await self.halt(until: halt) }
    try await journal.endTurn(of: ending.id, with: ending.verdict)
    self.ending = nil
  }

  /// Looked up once: what this process puts in is for its own programme.
  private func foreignItems() async throws(DeviceError) -> Set<Int64> {
    if let foreign { return foreign }
    var found: Set<Int64> = []
    if !adoptsAll {
      // In pieces: thousands may wait after a long time without a network.
      var last: Int64 = 0
      while true {
        let piece = try await journal.outbox([.pending, .inFlight], after: last, limit: 100)
        guard let end = piece.last else { break }
        for entry in piece {
          let programme = (try? OutboxEnvelope(in: entry.item.payload))?.programme
          if let programme, programme != provider.identity { found.insert(entry.id) }
        }
        last = end.id
      }
    }
    foreign = found
    return found
  }

  private func send(_ entry: OutboxEntry) async -> (delivery: Delivery, halt: WallTime?) {
    var delivery = Delivery(
      name: entry.item.name, kind: entry.item.kind, key: entry.item.key, verdict: .done, pointsEarned: nil)
    let failure: (error: DeviceError, isUnknown: Bool)
    switch await call(with: entry.item.payload) {
    case .done(let points):
      delivery.pointsEarned = points
      return (delivery, nil)
    case .notDone(let error): failure = (error, false)
    case .unknown(let error): failure = (error, true)
    }
    let reason = "\(failure.error.code.rawValue): \(failure.error.detail)"
    switch policy.judge(failure.error, isUnknown: failure.isUnknown, attempts: entry.attempts) {
    case .again(let pause):
      delivery.verdict = .again(due: clock.now() + pause, reason: reason)
      return (delivery, nil)
    case .park:
      delivery.verdict = .parked(reason: reason)
      return (delivery, nil)
    case .halt(let pause):
      let end = clock.now() + pause
      delivery.verdict = .again(due: clock.now(), reason: reason)
      return (delivery, end)
    }
  }

  private func call(with payload: [UInt8]) async -> EffectOutcome<Int?> {
    let content: OutboxContent
    do throws(DeviceError) {
      content = try OutboxEnvelope(in: payload).content
    } catch {
      return .notDone(DeviceError(.badInput, during: "reading an item of the outbox", detail: error.detail))
    }
    switch content {
    case .checkIn(let check, let guest):
      switch await provider.checkIn(check, by: guest) {
      case .done(let receipt): return .done(receipt.pointsEarned)
      case .notDone(let error): return .notDone(error)
      case .unknown(let error): return .unknown(error)
      }
    case .receipt(let check): return withoutPoints(await provider.storeReceipt(check))
    case .voidedReceipt(let check): return withoutPoints(await provider.voidReceipt(check))
    }
  }

  private func withoutPoints(_ outcome: EffectOutcome<Void>) -> EffectOutcome<Int?> {
    switch outcome {
    case .done: .done(nil)
    case .notDone(let error): .notDone(error)
    case .unknown(let error): .unknown(error)
    }
  }

  private func wait(until due: WallTime) async throws(DeviceError) {
    let pause = due - clock.now()
    guard pause > .zero else { return }
    try await clock.monotonic.sleep(until: clock.monotonic.now + pause)
  }
}

// MARK: - The halt

extension OutboxSender {
  private static let haltName = "outbox-halt"

  /// When the queue may go on; `nil` when it may now. Survives the process: each start would be one more refusal.
  private func haltEnd() async throws(DeviceError) -> WallTime? {
    guard let value = try await journal.value(named: Self.haltName),
      let end = try? StoredJSON.value(WallTime.self, in: value.bytes)
    else { return nil }
    let now = clock.now()
    // An end further away than any pause was set by a clock that was wrong.
    return end > now && end <= now + policy.pauseAfterRefusedKeys ? end : nil
  }

  private func halt(until end: WallTime) async throws(DeviceError) {
    var batch = JournalBatch()
    batch.store(try StoredJSON.bytes(end), named: Self.haltName)
    try await journal.commit(batch)
  }
}

extension OutboxItem {
  /// What a sale puts into the outbox; versions of its receipt count from 1.
  package init(
    _ content: OutboxContent, of sale: String, for programme: String, version: Int = 1
  ) throws(DeviceError) {
    let kind: Kind =
      switch content {
      case .checkIn: .checkIn
      case .receipt, .voidedReceipt: .receipt
      }
    self.init(
      name: Self.name(kind, of: sale, version: version), kind: kind,
      key: content.check.snapshot.identity.receiptKey,
      payload: try StoredJSON.bytes(OutboxEnvelope(content, for: programme)))
  }

  /// What is to be sent, as JSON, without codes and contacts of the guest: for people and for support.
  ///
  /// - Throws: `journal.newer` for an item of another version; `nil` stands for one that was delivered.
  public func shareablePayload() throws(DeviceError) -> [UInt8]? {
    payload.isEmpty ? nil : try OutboxEnvelope.shareable(payload)
  }

  /// What the item of a sale is called; a sale has one of each kind.
  static func name(_ kind: Kind, of sale: String) -> String { "\(sale)/\(kind.rawValue)" }

  /// The same for a later version of a receipt; versions count from 1.
  static func name(_ kind: Kind, of sale: String, version: Int) -> String {
    name(kind, of: sale) + (version > 1 ? "/\(version)" : "")
  }
}
