import POSModel
import POSTerminalWire
import Testing

@testable import POSDrivers

/// Terminals that always have more to tell, every twenty seconds, and never come to an end.
@Suite("Terminals that talk for ever") struct ChatterTests {
  static let request = PaymentRequest(reference: "a", amount: Money(minorUnits: 1_250, currency: .euro))
  static let payment = TerminalJob.pay(request, on: DeviceID("t"))
  static let recovery = TerminalJob.recover(
    PaymentIntent(request: request, terminal: DeviceID("t"), baseline: []), last: nil)

  /// A job of ZVT at its command with this number, which the terminal has accepted.
  static func zvt(_ job: TerminalJob, completed: Int) -> ZVTSession {
    var session = ZVTSession(.test(.stream))
    _ = session.on(.begin(job), at: .start)
    _ = session.on(.connected, at: .start)
    for _ in 0..<completed {
      _ = session.on(.received([0x80, 0, 0]), at: .start)
      _ = session.on(.received([0x06, 0x0F, 0]), at: .start)
    }
    _ = session.on(.received([0x80, 0, 0]), at: .start)
    return session
  }

  /// How often a session hears `message` before it has had enough, and how its job then ends.
  static func ending(
    of session: inout some TerminalSession, hearing message: [UInt8]
  ) -> (messages: Int, ending: TerminalEnding?) {
    var now = MonotonicInstant.start
    for messages in 1...1_000 {
      now = now + .seconds(20)
      let actions = session.on(.received(message), at: now)
      for case .finish(let ending) in actions {
        #expect(actions.contains(.disconnect))
        return (messages, ending)
      }
    }
    return (1_000, nil)
  }

  /// Registering, asking for the baseline, enquiring, performing, and asking for the last transaction.
  @Test(
    "no job of ZVT lasts longer than the longest payment",
    arguments: [
      (payment, 0), (payment, 1), (.enquire, 0), (.enquire, 1), (.perform(.turnover), 1),
      (.perform(.endOfDay), 1), (recovery, 0), (recovery, 1), (recovery, 2),
    ] as [(TerminalJob, Int)])
  func zvtEnds(job: TerminalJob, completed: Int) {
    var session = Self.zvt(job, completed: completed)
    let (messages, ending) = Self.ending(of: &session, hearing: [0x04, 0xFF, 0x01, 0x0A])
    switch (job, ending) {
    case (.pay, .payment(.notStarted)?), (.recover, .payment(.unknown)?), (.enquire, .failed?),
      (.perform(.turnover), .performed(.notDone)?), (.perform(.endOfDay), .performed(.unknown)?):
      break
    default: Issue.record("\(String(describing: ending))")
    }
    // Half an hour; a recovery has two minutes, and what it has asked by then three more.
    if case .recover = job { #expect(messages == 15) } else { #expect(messages == 90) }
  }

  @Test("a stop before anything has been ordered ends a payment of ZVT at once", arguments: [0, 1])
  func zvtStops(completed: Int) {
    var session = Self.zvt(Self.payment, completed: completed)
    Self.expectCancelled(session.on(.stop, at: .start))
  }

  /// A session over ECR17 that has asked for the last result.
  static func ecr17() -> ExchangeSession<ECR17Dialect> {
    var session = ExchangeSession(ECR17Dialect(ECR17Configuration(head: .test)))
    _ = session.on(.begin(payment), at: .start)
    _ = session.on(.connected, at: .start)
    return session
  }

  @Test("lines for the display do not keep a payment of one order and one answer for ever")
  func exchangeEnds() {
    var session = Self.ecr17()
    let result = Array("290010060E01NESSUN RISULTATO        ".utf8)
    let baseline: [UInt8] = [0x02] + result + [0x03, result.reduce(UInt8(0x7F), ^)]
    _ = session.on(.received([0x06, 0x03, 0x79] + baseline), at: .start)
    _ = session.on(.connected, at: .start)
    _ = session.on(.journaled, at: .start)
    _ = session.on(.received([0x06, 0x03, 0x79]), at: .start)
    let line: [UInt8] = [0x01] + Array("INSERIRE CARTA      ".utf8) + [0x04]
    let (messages, ending) = Self.ending(of: &session, hearing: line)
    guard case .payment(.unknown)? = ending else {
      Issue.record("\(String(describing: ending))")
      return
    }
    #expect(messages == 90)
  }

  @Test("a stop before the order ends a payment of one order and one answer at once")
  func exchangeStops() {
    var session = Self.ecr17()
    Self.expectCancelled(session.on(.stop, at: .start))
  }

  private static func expectCancelled(_ actions: [TerminalAction]) {
    guard case .finish(.payment(.notStarted(let error)))? = actions.last else {
      Issue.record("\(actions)")
      return
    }
    #expect(error.code == .cancelled && actions.contains(.disconnect))
  }
}
