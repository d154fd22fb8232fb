import POSDrivers
import POSModel
import POSSimulation
import Testing

/// A USB terminal has other names while it is unplugged, and the journal knows its payments by those it has when it is
/// there.
@Suite("The lock of a terminal whose names change", .timeLimit(.minutes(2)))
struct TerminalLockTests {
  static let identity = DeviceID("usb-1a86-7523@1-3-if00")
  static let port = DeviceID("serial:/dev/ttyACM0")

  /// What the terminal is called, answer by answer; the last one stays.
  actor Names {
    private var answers: [[DeviceID]]

    init(_ answers: [DeviceID]...) { self.answers = answers }

    func next() -> [DeviceID] { answers.count > 1 ? answers.removeFirst() : answers[0] }
  }

  /// A counter whose terminal is unplugged when it is first asked for its names, and there from then on.
  static func counter() throws -> ZVTTerminalTests.Counter {
    let names = Names([port], [identity, port])
    return try ZVTTerminalTests.Counter(names: { () async throws(DeviceError) in await names.next() })
  }

  static func open(on terminal: DeviceID) -> PaymentIntent {
    PaymentIntent(request: ZVTTerminalTests.Counter.request("open"), terminal: terminal, baseline: [])
  }

  @Test("an open payment that is found only once the terminal is there ends a new one before it is ordered")
  func pays() async throws {
    let counter = try Self.counter()
    try await counter.journal.begin(Self.open(on: Self.identity))
    guard case .notStarted(let error) = await counter.pay("second") else {
      Issue.record("a second payment was begun")
      return
    }
    #expect(error.code == .paymentUnresolved)
    #expect(try await counter.journal.payment(reference: "second") == nil)
    #expect(await counter.ledger.entries.isEmpty)
    await counter.terminal.close()
  }

  @Test("a payment is written down under the name that the terminal has when its link is open")
  func names() async throws {
    let counter = try Self.counter()
    #expect(await counter.pay("a").isApproved)
    #expect(try await counter.journal.payment(reference: "a")?.intent.terminal == Self.identity)
    await counter.terminal.close()
  }

  @Test("the day is not closed over an open payment that is found only once the terminal is there")
  func closesTheDay() async throws {
    let counter = try Self.counter()
    try await counter.journal.begin(Self.open(on: Self.identity))
    guard case .notDone(let error) = await counter.terminal.endOfDay() else {
      Issue.record("the day was closed")
      return
    }
    #expect(error.code == .paymentUnresolved)
    await counter.terminal.close()
  }

  @Test("what was asked of a terminal that is unplugged now is not denied when it is asked for again")
  func asksAgain() async throws {
    let counter = try Self.counter()
    try await counter.journal.begin(
      PaymentIntent(
        request: ZVTTerminalTests.Counter.request("a"), terminal: Self.identity, baseline: []))
    guard case .unknown = await counter.pay("a") else {
      Issue.record("a payment that may be charged was denied")
      return
    }
    #expect(await counter.ledger.entries.isEmpty)
    await counter.terminal.close()
  }

  @Test("nothing is ordered while nobody can say what the terminal is called")
  func nobodyKnows() async throws {
    let counter = try ZVTTerminalTests.Counter(names: { () async throws(DeviceError) in
      throw DeviceError(.permissionDenied, during: "listing what is plugged in")
    })
    guard case .notStarted(let error) = await counter.pay("a") else {
      Issue.record("a payment was begun")
      return
    }
    #expect(error.code == .permissionDenied)
    #expect(try await counter.journal.payment(reference: "a") == nil)
    #expect(await counter.ledger.entries.isEmpty)
    await counter.terminal.close()
  }
}
