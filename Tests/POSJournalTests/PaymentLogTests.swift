import Foundation
import POSJournal
import POSModel
import Testing

@Suite struct PaymentLogTests {
  let scratch = Scratch()
  let clock = HandClock()

  private func intent(_ reference: String, on terminal: String = "t1") -> PaymentIntent {
    PaymentIntent(
      request: PaymentRequest(reference: reference, amount: Money(minorUnits: 1250, currency: .euro)),
      terminal: DeviceID(terminal), baseline: [1, 2, 3])
  }

  private static let approved = PaymentOutcome.approved(
    PaymentRecord(amount: Money(minorUnits: 1250, currency: .euro)))
  private static let unknown = PaymentOutcome.unknown(DeviceError(.paymentUnknown, during: "paying"))

  @Test func paymentSurvivesAndUnlocks() async throws {
    var journal: any PaymentJournal = try await Journal.open(in: scratch.path, options: clock.options)
    try await journal.begin(intent("p1"))
    await (journal as? Journal)?.close()
    let reopened = try await Journal.open(in: scratch.path, options: clock.options)
    journal = reopened
    #expect(try await journal.unresolved(on: DeviceID("t1")) == intent("p1"))
    #expect(try await journal.unresolved(on: DeviceID("t2")) == nil)
    let begun = try #require(try await journal.payment(reference: "p1"))
    #expect(begun.intent == intent("p1"))
    #expect(begun.outcome == nil)
    try await journal.end(reference: "p1", with: Self.unknown)
    #expect(try await journal.unresolved(on: DeviceID("t1")) == intent("p1"))
    try await journal.end(reference: "p1", with: Self.approved)
    #expect(try await journal.unresolved(on: DeviceID("t1")) == nil)
    #expect(try await journal.payment(reference: "p1")?.outcome == Self.approved)
    #expect(try await journal.payment(reference: "p2") == nil)
    await reopened.close()
  }

  @Test func oneOpenPaymentATerminal() async throws {
    let journal = try await Journal.open(in: scratch.path, options: clock.options)
    try await journal.begin(intent("p1"))
    #expect(await code { try await journal.begin(intent("p2")) } == .paymentUnresolved)
    try await journal.begin(intent("p3", on: "t2"))
    try await journal.end(reference: "p1", with: .declined(PaymentRefusal(code: "05", text: "no")))
    #expect(await code { try await journal.begin(intent("p1")) } == .badInput)
    try await journal.begin(intent("p2"))
    #expect(try await journal.unresolved(on: DeviceID("t1"))?.request.reference == "p2")
    await journal.close()
  }

  @Test func finalOutcomeStays() async throws {
    let journal = try await Journal.open(in: scratch.path, options: clock.options)
    #expect(await code { try await journal.end(reference: "p1", with: Self.approved) } == .badInput)
    try await journal.begin(intent("p1"))
    try await journal.end(reference: "p1", with: Self.approved)
    try await journal.end(reference: "p1", with: Self.approved)
    #expect(await code { try await journal.end(reference: "p1", with: Self.unknown) } == .badInput)
    #expect(try await journal.payment(reference: "p1")?.outcome == Self.approved)
    await journal.close()
  }
}
