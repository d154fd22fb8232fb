import POSModel
import POSTerminalWire
import POSWire
import Testing

@testable import POSDrivers
@testable import POSSimulation

/// Whole payments over a perfect link, and over links that spoil single bytes.
@Suite struct ZVTSessionTests {
  static func lane(
    _ link: ZVTConfiguration.Link = .serial, _ change: (inout SimulatedTerminalBehaviour) -> Void = { _ in }
  ) -> Lane {
    var behaviour = SimulatedTerminalBehaviour(speaking: link == .serial ? .zvtSerial : .zvtTCP)
    change(&behaviour)
    return Lane(.test(link), behaviour)
  }

  @Test(arguments: [ZVTConfiguration.Link.serial, .stream], [1, 3, Int.max])
  func paysAndCountsUp(link: ZVTConfiguration.Link, chunk: Int) throws {
    var lane = Self.lane(link)
    lane.chunk = chunk
    for (reference, receipt) in [("a", 42), ("b", 43)] {
      guard case .approved(let record) = lane.pay(reference, 1_234) else {
        Issue.record("not approved")
        return
      }
      #expect(record.amount == Money(minorUnits: 1_234, currency: .euro))
      #expect(record.receiptNumber == receipt)
      #expect(record.trace == receipt + 58)
      #expect(record.terminalID == "29001006")
      #expect(record.cardName == "girocard")
      #expect(record.maskedPAN == "************1234")
      #expect(record.customerReceipt.first == "Customer copy")
      #expect(record.customerReceipt.contains("Amount 12.34"))
      #expect(record.merchantReceipt.first == "Merchant copy")
      #expect(record.merchantReceipt.contains("Receipt \(receipt)"))
    }
    #expect(
      lane.events == [
        .waitingForCustomer(text: "insert card"), .working(text: "waiting for the host"),
        .waitingForCustomer(text: "insert card"), .working(text: "waiting for the host"),
      ])
    #expect(
      lane.ledger.map(\.line) == [
        "charge receipt=42 trace=100 amount=1234 currency=978",
        "charge receipt=43 trace=101 amount=1234 currency=978",
      ])
  }

  @Test func collectsTextBlocks() {
    var lane = Self.lane { $0.printsBlocks = true }
    guard case .approved(let record) = lane.pay("a") else {
      Issue.record("not approved")
      return
    }
    #expect(record.customerReceipt.last == "Please keep this receipt")
    #expect(record.merchantReceipt.count == 5)
  }

  @Test func declinesAndCancels() {
    var declining = Self.lane { $0.decision = .decline(code: 0x05, text: "no") }
    #expect(declining.pay("a") == .declined(PaymentRefusal(code: "05", text: "no")))
    var cancelling = Self.lane { $0.decision = .customerCancels }
    #expect(cancelling.pay("a") == .cancelled(PaymentRefusal(code: "6c", text: "cancelled by customer")))
    #expect(declining.ledger.isEmpty && cancelling.ledger.isEmpty)
  }

  @Test func busyAndWrongPasswordStartNothing() {
    var busy = Self.lane { $0.decision = .busy }
    guard case .notStarted(let error) = busy.pay("a") else {
      Issue.record("started")
      return
    }
    #expect(error.code == .terminalNotReady)
    var locked = Self.lane { $0.password = "123456" }
    guard case .notStarted(let refusal) = locked.pay("a") else {
      Issue.record("started")
      return
    }
    #expect(refusal.code == .badConfiguration && refusal.hint.contains("ZVT_PASSWORD"))
    #expect(locked.journal.isEmpty)
  }

  /// The order's ACK and 80 00 are lost, the order goes out again, and the terminal refuses the second: it is at the first.
  @Test(arguments: [false, true])
  func aRefusalOfAnOrderThatWasSentAgainSaysNothingOfTheFirst(isSentAgain: Bool) {
    var now = MonotonicInstant.start
    var session = ZVTSession(.test(.serial))
    func frame(_ bytes: [UInt8]) -> [UInt8] { DLEFramer.encode(bytes.span) }
    let (ack, accepted, completed) = ([0x06] as [UInt8], frame([0x80, 0, 0]), frame([0x06, 0x0F, 0]))
    let request = PaymentRequest(reference: "a", amount: Money(minorUnits: 1_234, currency: .euro))
    _ = session.on(.begin(.pay(request, on: DeviceID("t"))), at: now)
    var actions = session.on(.connected, at: now)
    // Registration, then the last transaction: taken, accepted, completed, our answer taken.
    for _ in 0..<2 {
      _ = session.on(.received(ack + accepted), at: now)
      actions = session.on(.received(completed), at: now) + session.on(.received(ack), at: now)
    }
    #expect(actions.contains { if case .journal = $0 { true } else { false } }, "\(actions)")
    let orders = session.on(.journaled, at: now)
    if isSentAgain {
      now = now + .nanoseconds(ZVTSerialLink.acknowledgeTime)
      #expect(session.on(.time, at: now) == orders, "the order was not sent again")
    }
    actions = session.on(.received(ack + frame([0x84, 0x9C, 0])), at: now)
    var outcome: PaymentOutcome?
    for case .finish(.payment(let found)) in actions { outcome = found }
    switch outcome {
    case .notStarted: #expect(!isSentAgain)
    case .unknown: #expect(isSentAgain)
    default: Issue.record("\(actions)")
    }
  }

  /// How the terminal ends the question for its last transaction before a payment, what the journal then says of it, and
  /// what is said of a payment whose link breaks if the terminal names a transaction of the same amount later.
  @Test(
    "only a terminal that completes the question without naming a transaction holds none",
    arguments: [
      ([0x06, 0x0F, 0], ZVTLastTransaction.none), ([0x84, 0x6F, 0], .unavailable),
      ([0x06, 0x1E, 1, 0x6F], .unavailable), ([0x06, 0x1E, 1, 0xB4], .unavailable),
      ([0x06, 0x1E, 0], .unavailable),
    ] as [([UInt8], ZVTLastTransaction)])
  func baseline(answer: [UInt8], last: ZVTLastTransaction) throws {
    var session = Self.askedForLast()
    if answer[0] != 0x84 { _ = session.on(.received([0x80, 0, 0]), at: .start) }
    var stored: [UInt8] = []
    for case .journal(let intent) in session.on(.received(answer), at: .start) { stored = intent.baseline }
    let baseline = try #require(ZVTBaseline(stored))
    #expect(baseline.last == last)
    let later = ZVTTransaction(ZVTPaymentTests.status(0))
    let verdict = ZVTVerdict(
      request: ZVTPaymentTests.request, baseline: baseline, terminalID: nil, last: .transaction(later))
    #expect((verdict == .charged) == (last == .none))
  }

  @Test(
    "a terminal that is busy with something else when it is asked for its last transaction gets no order",
    arguments: [[0x84, 0x9C, 0], [0x06, 0x1E, 1, 0x9C], [0x06, 0x1E, 1, 0xDC]] as [[UInt8]])
  func busyAtTheBaseline(answer: [UInt8]) {
    var session = Self.askedForLast()
    if answer[0] != 0x84 { _ = session.on(.received([0x80, 0, 0]), at: .start) }
    let actions = session.on(.received(answer), at: .start)
    guard case .finish(.payment(.notStarted(let error)))? = actions.last else {
      Issue.record("\(actions)")
      return
    }
    #expect(error.code == .terminalNotReady)
  }

  /// A session over TCP that has registered and asks for the last transaction before a payment.
  static func askedForLast() -> ZVTSession {
    var session = ZVTSession(.test(.stream))
    _ = session.on(.begin(.pay(ZVTPaymentTests.request, on: DeviceID("t"))), at: .start)
    _ = session.on(.connected, at: .start)
    _ = session.on(.received([0x80, 0, 0]), at: .start)
    let actions = session.on(.received([0x06, 0x0F, 0]), at: .start)
    #expect(actions.contains { if case .write = $0 { true } else { false } }, "\(actions)")
    return session
  }

  @Test(arguments: [Duration.zero, .seconds(60)])
  func aStopBeforeTheCardEndsAsCancelled(customerTime: Duration) {
    var lane = Self.lane { $0.customerTime = customerTime }
    lane.wantsStop = { $0 == .waitingForCustomer(text: "insert card") }
    #expect(lane.pay("a") == .cancelled(PaymentRefusal(code: "6c", text: "stopped by the till")))
    #expect(lane.ledger.isEmpty)
  }

  @Test func aStopWhileTheHostIsAskedIsOnlyARequest() {
    var lane = Self.lane {
      $0.hostTime = .seconds(20)
      $0.intermediateStatuses = [0x04]
    }
    lane.wantsStop = { $0 == .working(text: "waiting for the host") }
    #expect(lane.pay("a").isApproved)
    #expect(lane.events.last == .problem(text: "the terminal cannot stop now"))
    #expect(lane.standingCharges == 1)
  }

  @Test func aTerminalThatNeverNamesItsLastTransactionLeavesThePaymentUnknown() {
    var lane = Self.lane(.stream) {
      $0.namesLastTransaction = false
      $0.faults.cutAfterCharge = .beforeStatusInformation
      $0.unanswered = .kept
    }
    #expect(!lane.pay("a").isFinal)
    guard case .unknown? = lane.recover("a") else {
      Issue.record("decided without evidence")
      return
    }
    #expect(lane.standingCharges == 1)
  }

  /// Faults of the simulator, each with what the till must find out in the end.
  @Test(
    arguments: [ZVTConfiguration.Link.serial, .stream],
    [SimulatedTerminalBehaviour.UnansweredCharge.takenBack, .kept])
  func recoversFromTheFaultsOfTheSimulator(
    link: ZVTConfiguration.Link, unanswered: SimulatedTerminalBehaviour.UnansweredCharge
  ) {
    var plans: [SimulatedTerminalFaults] = []
    for cut in [SimulatedTerminalFaults.ChargeCut.beforeStatusInformation, .afterStatusInformation] {
      var plan = SimulatedTerminalFaults()
      plan.cutAfterCharge = cut
      plans.append(plan)
    }
    var silent = SimulatedTerminalFaults()
    silent.fallsSilentAfterAcceptance = true
    plans.append(silent)
    for after in stride(from: 0, to: 500, by: 7) {
      var sending = SimulatedTerminalFaults()
      sending.cutAfterSending = after
      var receiving = SimulatedTerminalFaults()
      receiving.cutAfterReceiving = after
      plans += [sending, receiving]
    }
    for plan in plans {
      var lane = Self.lane(link) {
        $0.unanswered = unanswered
        $0.faults = plan
      }
      var outcome = lane.pay("a")
      if !outcome.isFinal, let found = lane.recover("a") { outcome = found }
      lane.settle()
      #expect(outcome.isFinal, "\(plan)")
      #expect(outcome.isApproved == (lane.standingCharges == 1), "\(plan): \(outcome), \(lane.ledger)")
    }
  }

  @Test func survivesWithheldAcknowledgementsAndDamagedFrames() {
    for count in 1...6 {
      var lane = Self.lane {
        $0.faults.withheldAcknowledgements = count
        $0.faults.damagedFrames = count
      }
      #expect(lane.pay("a").isApproved)
      #expect(lane.standingCharges == 1)
    }
  }

  /// Noise on a serial line: each byte of a payment once flipped, dropped or doubled, in each direction.
  @Test(arguments: Lane.Direction.allCases, Lane.Damage.allCases)
  func oneSpoiledByteNeverLies(direction: Lane.Direction, damage: Lane.Damage) {
    var whole = Self.lane()
    _ = whole.pay("whole")
    var approved = 0
    for place in 0..<whole.moved[direction, default: 0] {
      var lane = Self.lane()
      lane.spoil = (direction, place, damage)
      var outcome = lane.pay("a")
      if !outcome.isFinal, let found = lane.recover("a") { outcome = found }
      lane.settle()
      if outcome.isApproved { approved += 1 }
      #expect(outcome.isFinal, "\(place): \(outcome)")
      #expect(outcome.isApproved == (lane.standingCharges == 1), "\(place): \(outcome)")
    }
    #expect(approved == whole.moved[direction, default: 0], "the link mends single faults")
  }
}
