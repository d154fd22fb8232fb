import POSModel
import POSTerminalWire
import POSWire
import Testing

@testable import POSDrivers
@testable import POSSimulation

/// Answers that are not ours: from before, of another till, another amount, another sale. None of them ends a payment.
@Suite struct StaleAnswerTests {
  static let now = MonotonicInstant.start

  /// A session whose order has left and has not been acknowledged.
  private static func ordered<Dialect: TerminalDialect>(
    _ dialect: Dialect, baseline: [UInt8]?, kind: PaymentRequest.Kind = .payment, currency: Currency
  ) -> ExchangeSession<Dialect> {
    var session = ExchangeSession(dialect)
    let request = PaymentRequest(
      reference: "a", amount: Money(minorUnits: 1_250, currency: currency), kind: kind)
    _ = session.on(.begin(.pay(request, on: DeviceID("t"))), at: now)
    var actions = session.on(.connected, at: now)
    if let baseline { actions = session.on(.received(baseline), at: now) }
    if actions.contains(.connect) { actions = session.on(.connected, at: now) }
    #expect(actions.contains { if case .journal = $0 { true } else { false } }, "\(actions)")
    actions = session.on(.journaled, at: now)
    #expect(actions.contains { if case .write = $0 { true } else { false } }, "\(actions)")
    return session
  }

  private static func outcome(_ actions: [TerminalAction]) -> PaymentOutcome? {
    for action in actions { if case .finish(.payment(let outcome)) = action { return outcome } }
    return nil
  }

  private static func framed(_ text: String, seed: UInt8) -> [UInt8] {
    [0x02] + Array(text.utf8) + [0x03, text.utf8.reduce(seed) { $0 ^ $1 }]
  }

  static let refusal = "290010060E01TRANSAZIONE NEGATA      "
  static let acknowledged: [UInt8] = [0x06, 0x03, 0x79]

  @Test func anECR17RefusalCountsOnceTheOrderIsAcknowledged() {
    let dialect = ECR17Dialect(ECR17Configuration(head: .test))
    let refusal = Self.framed(Self.refusal, seed: 0x7F)
    var early = Self.ordered(dialect, baseline: Self.acknowledged + refusal, currency: .euro)
    guard case .unknown? = Self.outcome(early.on(.received(refusal), at: Self.now)) else {
      Issue.record("a refusal from before was believed")
      return
    }
    var late = Self.ordered(dialect, baseline: Self.acknowledged + refusal, currency: .euro)
    guard case .declined? = Self.outcome(late.on(.received(Self.acknowledged + refusal), at: Self.now)) else {
      Issue.record("a refusal was not believed")
      return
    }
  }

  @Test func aTransbankRefusalWithoutATicketCountsOnceTheOrderIsAcknowledged() throws {
    let pesos = try #require(Currency(code: "CLP"))
    let dialect = TransbankDialect(TransbankConfiguration())
    let baseline = [0x06] + Self.framed("0260|11|597029414300|75001637", seed: 0x03)
    let refusal = Self.framed("0210|01|597029414300|75001637", seed: 0x03)
    var early = Self.ordered(dialect, baseline: baseline, currency: pesos)
    guard case .unknown? = Self.outcome(early.on(.received(refusal), at: Self.now)) else {
      Issue.record("a refusal from before was believed")
      return
    }
    var late = Self.ordered(dialect, baseline: baseline, currency: pesos)
    guard case .declined? = Self.outcome(late.on(.received([0x06] + refusal), at: Self.now)) else {
      Issue.record("a refusal was not believed")
      return
    }
    // Another sale's answer is passed over.
    var other = Self.ordered(dialect, baseline: baseline, currency: pesos)
    let foreign = Self.framed("0210|00|597029414300|75001637|OTHER1|A|1250", seed: 0x03)
    #expect(Self.outcome(other.on(.received([0x06] + foreign), at: Self.now)) == nil)
    // So is the answer to another reversal.
    var reversal = Self.ordered(
      dialect, baseline: baseline, kind: .reversal(receipt: 42), currency: pesos)
    let reversed = { (operation: String) in
      Self.framed("1210|00|597029414300|75001637|A|\(operation)", seed: 0x03)
    }
    #expect(Self.outcome(reversal.on(.received([0x06] + reversed("41")), at: Self.now)) == nil)
    #expect(Self.outcome(reversal.on(.received(reversed("42")), at: Self.now))?.isApproved == true)
  }

  /// A result that is no number is neither yes nor no, whatever else fits.
  @Test func anUnreadableResultIsNoRefusal() throws {
    let pesos = try #require(Currency(code: "CLP"))
    let transbank = TransbankDialect(TransbankConfiguration())
    let ticket = String(decoding: ReferenceTag.of("a", count: 6), as: UTF8.self)
    let baseline = [0x06] + Self.framed("0260|11|597029414300|75001637", seed: 0x03)
    for code in ["", "O0", "-1"] {
      var session = Self.ordered(transbank, baseline: baseline, currency: pesos)
      let answer = Self.framed("0210|\(code)|597029414300|75001637|\(ticket)|A|1250", seed: 0x03)
      guard case .unknown? = Self.outcome(session.on(.received([0x06] + answer), at: Self.now)) else {
        Issue.record("the result '\(code)' was taken for a decision")
        return
      }
    }
    let ecr17 = ECR17Dialect(ECR17Configuration(head: .test))
    let before = Self.acknowledged + Self.framed(Self.refusal, seed: 0x7F)
    var session = Self.ordered(ecr17, baseline: before, currency: .euro)
    let answer = Self.framed("290010060EO1TRANSAZIONE NEGATA      ", seed: 0x7F)
    #expect(Self.outcome(session.on(.received(Self.acknowledged + answer), at: Self.now)) == nil)
  }

  /// The terminal says "not done", and the line breaks before the reason, which may be "not ended".
  @Test func aCaisseAPRefusalCutBeforeItsReasonIsUnknown() {
    let dialect = CaisseAPDialect(CaisseAPConfiguration(identifier: "247300123456"))
    var session = Self.ordered(dialect, baseline: nil, currency: .euro)
    let answer = Array("CA00201CB0041250CD0010CE003978CF001aAE00201".utf8)
    var actions = session.on(.received(answer), at: Self.now)
    actions += session.on(.lost(DeviceError(.connectionLost, during: "reading")), at: Self.now)
    guard case .unknown? = Self.outcome(actions) else {
      Issue.record("\(actions)")
      return
    }
  }

  /// Each answer says done: of another till, amount, currency, action, reference, or with bytes missing.
  @Test(
    arguments: [
      "CA00202CB0041250CD0010CE003978CF001aAE00210", "CA00201CB0041251CD0010CE003978CF001aAE00210",
      "CA00201CB0041249CD0010CE003978CF001aAE00210", "CA00201CB0041250CD0010CE003756CF001aAE00210",
      "CA00201CB0041250CD0011CE003978CF001aAE00210", "CA00201CB0041250CD0010CE003978CF001bAE00210",
      "CA00201CB0041250CD0010CE003978CF001aAE00210AF00209", "CB0041250CD0010CE003978CF001aAE00210",
    ])
  func caisseAPTakesNothingThatIsNotItsOwn(answer: String) {
    let dialect = CaisseAPDialect(CaisseAPConfiguration(identifier: "247300123456"))
    var session = Self.ordered(dialect, baseline: nil, currency: .euro)
    var actions = session.on(.received(Array(answer.utf8)), at: Self.now)
    if let deadline = session.deadline { actions += session.on(.time, at: deadline) }
    #expect(Self.outcome(actions)?.isApproved != true, "\(answer)")
  }

  /// Till, amount, currency, private reference.
  @Test(arguments: [(0, "2"), (9, "9"), (12, "8"), (24, "x")])
  func concertTakesNothingThatIsNotItsOwn(place: Int, letter: String) throws {
    let dialect = ConcertDialect(ConcertConfiguration())
    var session = Self.ordered(dialect, baseline: nil, currency: .euro)
    let reference = String(decoding: ReferenceTag.of("a", count: 10), as: UTF8.self)
    var text = Array("010000012501978\(reference)".utf8)
    func answer(_ text: [UInt8]) -> [UInt8] {
      [0x05, 0x02] + text + [0x03, text.reduce(0x03) { $0 ^ $1 }, 0x04]
    }
    // The line is given, the order goes out and is acknowledged, then the terminal answers.
    var actions = session.on(.received([0x06]), at: Self.now)
    actions = session.on(.received([0x06]), at: Self.now)
    var good = session
    actions = good.on(.received(answer(text)), at: Self.now)
    #expect(Self.outcome(actions)?.isApproved == true, "\(actions)")
    text[place] = Array(letter.utf8)[0]
    actions = session.on(.received(answer(text)), at: Self.now)
    #expect(Self.outcome(actions)?.isApproved != true)
  }
}
