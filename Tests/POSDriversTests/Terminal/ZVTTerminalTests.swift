import POSDrivers
import POSModel
import POSSimulation
import POSTerminalWire
import POSTransport
import Testing

/// The actor over links in memory, with the simulated terminal as a task of its own.
@Suite(.timeLimit(.minutes(2))) struct ZVTTerminalTests {
  /// A till, a terminal, and as many links between them as the till opens.
  struct Counter {
    let clock = ManualClock()
    let journal = MemoryPaymentJournal()
    let ledger = Ledger()
    let simulator: SimulatedTerminal
    let terminal: CardTerminal

    init(
      _ link: ZVTConfiguration.Link = .serial,
      _ change: (inout SimulatedTerminalBehaviour) -> Void = { _ in },
      cut: (@Sendable (MemoryLink, Int) -> Void)? = nil,
      journal other: (any PaymentJournal)? = nil,
      names: (@Sendable () async throws(DeviceError) -> [DeviceID])? = nil
    ) throws {
      var behaviour = SimulatedTerminalBehaviour(speaking: link == .serial ? .zvtSerial : .zvtTCP)
      change(&behaviour)
      let ledger = ledger
      let simulator = SimulatedTerminal(behaviour) { entry async throws(DeviceError) in
        await ledger.append(entry)
      }
      self.simulator = simulator
      let clock = clock
      let links = LinkCount()
      let address = try DeviceAddress("zvt+serial:/dev/ttyACM0")
      let password = try #require(ZVTPassword(digits: Array("000000".utf8)))
      terminal = CardTerminal(
        DeviceDescriptor(id: DeviceID("t1"), kind: .terminal, address: address, name: "simulated"),
        speaking: .zvt(ZVTConfiguration(link: link, password: password)), journal: other ?? journal,
        clock: LeapingClock(clock: clock), names: names
      ) { () async throws(DeviceError) in
        let link = MemoryLink(clock: clock)
        cut?(link, await links.next())
        Task { await simulator.run(over: link.device) }
        return link.host
      }
    }

    func pay(_ reference: String, _ amount: Int64 = 1_250) async -> PaymentOutcome {
      await terminal.pay(Self.request(reference, amount))
    }

    static func request(_ reference: String, _ amount: Int64 = 1_250) -> PaymentRequest {
      PaymentRequest(reference: reference, amount: Money(minorUnits: amount, currency: .euro))
    }
  }

  actor Ledger {
    private(set) var entries: [SimulatedLedgerEntry] = []

    func append(_ entry: SimulatedLedgerEntry) { entries.append(entry) }

    var standingCharges: Int { entries.reduce(0) { $0 + ($1.kind == .charge ? 1 : -1) } }
  }

  actor LinkCount {
    private var count = 0

    func next() -> Int {
      count += 1
      return count
    }
  }

  @Test(arguments: [ZVTConfiguration.Link.serial, .stream])
  func paysTwiceOverOneLink(link: ZVTConfiguration.Link) async throws {
    let counter = try Counter(link)
    let events = counter.terminal.events()
    for (reference, receipt) in [("a", 42), ("b", 43)] {
      guard case .approved(let record) = await counter.pay(reference) else {
        Issue.record("not approved")
        return
      }
      #expect(record.receiptNumber == receipt)
      #expect(record.customerReceipt.count == 6)
    }
    await counter.terminal.close()
    var seen: [TerminalEvent] = []
    for await event in events where event.kind != .silence { seen.append(event) }
    #expect(seen.count == 4)
    #expect(await counter.ledger.standingCharges == 2)
    #expect(try await counter.journal.unresolved(on: DeviceID("t1")) == nil)
  }

  @Test func aKnownReferenceIsNeverChargedAgain() async throws {
    let counter = try Counter()
    let first = await counter.pay("a")
    #expect(first.isApproved)
    #expect(await counter.pay("a") == first)
    guard case .notStarted(let error) = await counter.pay("a", 99) else {
      Issue.record("started")
      return
    }
    #expect(error.code == .badInput)
    #expect(await counter.terminal.recover(reference: "a") == first)
    #expect(await counter.ledger.standingCharges == 1)
  }

  @Test func anUnseenReferenceWasNotStarted() async throws {
    let counter = try Counter()
    guard case .notStarted = await counter.terminal.recover(reference: "never") else {
      Issue.record("invented a payment")
      return
    }
  }

  @Test(
    arguments: [
      ("", 1), (String(repeating: "x", count: 37), 1), ("a", 0), ("a", -5), ("a", 1_000_000_000_000),
    ] as [(String, Int64)])
  func refusesNonsense(reference: String, amount: Int64) async throws {
    let counter = try Counter()
    guard case .notStarted(let error) = await counter.pay(reference, amount) else {
      Issue.record("started")
      return
    }
    #expect(error.code == .badInput)
  }

  @Test(arguments: [SimulatedTerminalBehaviour.UnansweredCharge.takenBack, .kept])
  func aBrokenLinkLocksTheTerminalUntilItIsResolved(
    unanswered: SimulatedTerminalBehaviour.UnansweredCharge
  ) async throws {
    let counter = try Counter {
      $0.unanswered = unanswered
      $0.faults.cutAfterCharge = .afterStatusInformation
    }
    let outcome = await counter.pay("a")
    #expect(!outcome.isFinal)
    guard case .notStarted(let error) = await counter.pay("b") else {
      Issue.record("a second payment was started")
      return
    }
    #expect(error.code == .paymentUnresolved)
    #expect(await counter.pay("a") == outcome)

    let found = await counter.terminal.recover(reference: "a")
    #expect(found.isFinal)
    #expect(found.isApproved == (unanswered == .kept))
    #expect(await counter.ledger.standingCharges == (unanswered == .kept ? 1 : 0))
    #expect(await counter.pay("c").isApproved)
  }

  @Test func connectsAgainBeforeAnythingHasHappened() async throws {
    // The first link breaks inside the registration, the second inside the question for the baseline.
    let counter = try Counter(
      cut: { link, number in
        if number == 1 { link.cut(.toDevice, after: 10) }
        if number == 2 { link.cut(.toHost, after: 50, .hangsUp) }
      })
    #expect(await counter.pay("a").isApproved)
    #expect(counter.clock.now == .start + .seconds(3))
    #expect(await counter.ledger.standingCharges == 1)
  }

  @Test func givesUpBeforeAnythingHasHappened() async throws {
    let counter = try Counter(cut: { link, _ in link.cut(.toDevice, after: 5) })
    guard case .notStarted(let error) = await counter.pay("a") else {
      Issue.record("started")
      return
    }
    #expect(error.code == .connectionLost)
    #expect(try await counter.journal.payment(reference: "a") == nil)
  }

  @Test func cancellingTheTaskStopsTheWaitNotThePayment() async throws {
    // The host takes its time, so that the payment is under way when the caller leaves.
    let counter = try Counter {
      $0.intermediateStatuses = [0x04]
      $0.hostTime = .seconds(30)
    }
    var events = counter.terminal.events().filter { $0.kind != .silence }.makeAsyncIterator()
    let paying = Task { await counter.pay("a") }
    #expect(await events.next() == .working(text: "waiting for the host"))
    paying.cancel()
    guard case .unknown(let error) = await paying.value else {
      Issue.record("the outcome was known")
      return
    }
    #expect(error.code == .paymentUnknown)
    #expect(try await counter.journal.unresolved(on: DeviceID("t1"))?.request.reference == "a")
    // The terminal goes on, and the driver with it.
    let recovering = Task { await counter.terminal.recover(reference: "a") }
    while counter.clock.nextAlarm != .start + .seconds(30) { await Task.yield() }
    counter.clock.advance(by: .seconds(30))
    #expect(await recovering.value.isApproved)
    #expect(try await counter.journal.unresolved(on: DeviceID("t1")) == nil)
  }

  @Test func cancellingBeforeThePaymentBeginsStartsNothing() async throws {
    let counter = try Counter()
    let paying = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await counter.pay("a")
    }
    guard case .notStarted(let error) = await paying.value else {
      Issue.record("started")
      return
    }
    #expect(error.code == .cancelled)
    #expect(await counter.ledger.entries.isEmpty)
    #expect(await counter.pay("b").isApproved)
  }

  @Test func aStopReachesTheTerminal() async throws {
    let counter = try Counter(.serial) {
      $0.intermediateStatuses = [0x0A]
      $0.customerTime = .seconds(60)
    }
    var events = counter.terminal.events().filter { $0.kind != .silence }.makeAsyncIterator()
    let paying = Task { await counter.pay("a") }
    #expect(await events.next() == .waitingForCustomer(text: "insert card"))
    await counter.terminal.requestAbort()
    #expect(await paying.value == .cancelled(PaymentRefusal(code: "6c", text: "stopped by the till")))
    #expect(await counter.ledger.entries.isEmpty)
  }

  @Test func aSecondPaymentAtTheSameTimeIsRefused() async throws {
    let counter = try Counter { $0.hostTime = .seconds(30) }
    var events = counter.terminal.events().filter { $0.kind != .silence }.makeAsyncIterator()
    let paying = Task { await counter.pay("a") }
    _ = await events.next()
    guard case .notStarted(let error) = await counter.pay("b") else {
      Issue.record("started")
      return
    }
    #expect(error.code == .busy)
    await counter.terminal.close()
    #expect(!(await paying.value.isFinal))
    guard case .notStarted(let closed) = await counter.pay("c") else {
      Issue.record("started")
      return
    }
    #expect(closed.code == .closed)
  }

  @Test func tellsItsStatus() async throws {
    let counter = try Counter()
    let report = try await counter.terminal.status()
    #expect(report.isReady)
    #expect(report.text == "ready")
    #expect(report.terminalID == "29001006")
    #expect(report.softwareVersion == "SIM 1.0")
  }

  @Test func nothingIsAskedForWithoutAJournal() async throws {
    let counter = try Counter(journal: FullJournal())
    guard case .notStarted(let error) = await counter.pay("a") else {
      Issue.record("started")
      return
    }
    #expect(error.code == .journalFull)
    #expect(await counter.ledger.entries.isEmpty)
  }

  /// The sweep of `ChargeSweepTests` once more through tasks and transports, in larger steps.
  @Test(
    arguments: [ZVTConfiguration.Link.serial, .stream],
    [SimulatedTerminalBehaviour.UnansweredCharge.takenBack, .kept])
  func cutsThroughTransports(
    link: ZVTConfiguration.Link, unanswered: SimulatedTerminalBehaviour.UnansweredCharge
  ) async throws {
    for direction in LinkDirection.allCases {
      for breakage in [LinkBreakage.fails(.gone), .hangsUp] {
        // From the first byte of 06 01 on: before it the driver connects again, which takes time.
        let start = direction == .toDevice ? (link == .serial ? 75 : 40) : (link == .serial ? 125 : 100)
        for after in stride(from: start, to: start + 420, by: 13) {
          let counter = try Counter(
            link, { $0.unanswered = unanswered },
            cut: { wire, number in if number == 1 { wire.cut(direction, after: after, breakage) } })
          var outcome = await counter.pay("a")
          if !outcome.isFinal { outcome = await counter.terminal.recover(reference: "a") }
          #expect(outcome.isFinal, "\(direction) \(after) \(breakage)")
          let charges = await counter.ledger.standingCharges
          #expect(outcome.isApproved == (charges == 1), "\(direction) \(after) \(breakage): \(outcome)")
          await counter.terminal.close()
        }
      }
    }
  }
}

/// A journal whose disk is full.
private struct FullJournal: PaymentJournal {
  func begin(_ intent: PaymentIntent) async throws(DeviceError) {
    throw DeviceError(.journalFull, during: "noting a payment")
  }

  func end(reference: String, with outcome: PaymentOutcome) async throws(DeviceError) {}

  func payment(reference: String) async throws(DeviceError) -> (
    intent: PaymentIntent, outcome: PaymentOutcome?
  )? { nil }

  func unresolved(on terminal: DeviceID) async throws(DeviceError) -> PaymentIntent? { nil }
}

/// A manual clock on which pauses take no time: sleeping moves it on.
private struct LeapingClock: TransportClock {
  let clock: ManualClock

  var now: MonotonicInstant { clock.now }

  func sleep(until deadline: MonotonicInstant) async throws(DeviceError) { clock.advance(to: deadline) }
}
