import POSLoyalty
import POSModel
import POSTransport
import PunchhSandbox
import Synchronization
import Testing

@testable import Punchh

/// The card a guest keeps in the app (specs/punchh.md §2.4).
@Suite struct AppPaymentTests {
  private static var settings: SandboxSettings {
    var settings = Lane.settings
    settings.guests = [.demo, .generous]
    settings.guests[1].paymentMode = "CreditCard"
    return settings
  }

  private static func guest(_ lane: Lane) async throws -> Guest {
    try await lane.provider.findGuest(GuestCode(kind: .singleScan, value: SandboxGuest.generous.codes[0]))
  }

  private static func request(_ check: ClosedCheck) -> PaymentRequest {
    PaymentRequest(reference: "uid-17", amount: Money(minorUnits: check.payable, currency: .usDollar))
  }

  @Test(
    "a card kept in the app pays after the guest has confirmed; else it is taken back",
    arguments: [false, true])
  func appTender(refuses: Bool) async throws {
    var settings = Self.settings
    settings.guests[1].paymentMode = "CreditCard"
    settings.refusesPayments = refuses
    try await Lane.run(settings) { lane in
      let code = GuestCode(kind: .singleScan, value: SandboxGuest.generous.codes[0])
      let guest = try await lane.provider.findGuest(code)
      #expect(guest.paymentMode == "CreditCard")
      let clock = PassingClock()
      let tender = AppPaymentTender(lane.provider.api, clock: clock)
      let check = Lane.closed(try Lane.snapshot())
      let request = PaymentRequest(
        reference: "uid-17", amount: Money(minorUnits: check.payable, currency: .usDollar))
      let outcome = await tender.pay(request, for: check, by: guest)
      switch outcome {
      case .approved(let record)?: #expect(!refuses && record.amount == request.amount)
      case .declined?: #expect(refuses)
      default: Issue.record("\(String(describing: outcome))")
      }
      #expect(clock.slept >= .seconds(6))
      // Asked again after a crash, it says the same and charges nothing more.
      let again = await tender.recover(reference: "uid-17", for: check, by: guest)
      if refuses { #expect(again != nil) } else { #expect(again == outcome) }
      #expect(lane.sandbox.ledger.payments.map(\.status) == [refuses ? "unable_to_process" : "success"])
      var other = guest
      other.paymentMode = "GiftCard"
      #expect(await tender.pay(request, for: check, by: other) == nil)
      #expect(lane.sandbox.ledger.violations == [])
    }
  }

  @Test("a guest who does not answer in the app: the payment is cancelled after twenty seconds")
  func silentGuest() async throws {
    var settings = Self.settings
    settings.guests[1].paymentMode = "CreditCard"
    settings.paymentPolls = 1000
    try await Lane.run(settings) { lane in
      let code = GuestCode(kind: .singleScan, value: SandboxGuest.generous.codes[0])
      let guest = try await lane.provider.findGuest(code)
      let clock = PassingClock()
      let check = Lane.closed(try Lane.snapshot())
      let request = PaymentRequest(
        reference: "uid-17", amount: Money(minorUnits: check.payable, currency: .usDollar))
      let outcome = await AppPaymentTender(lane.provider.api, clock: clock).pay(
        request, for: check, by: guest)
      guard case .cancelled? = outcome else {
        Issue.record("\(String(describing: outcome))")
        return
      }
      #expect(clock.slept >= .seconds(20) && clock.slept < .seconds(24))
      #expect(lane.sandbox.ledger.payments.map(\.status) == ["unable_to_process"])
    }
  }

  /// Two tills of a location share the list of payments, and each numbers its checks by itself.
  @Test("another till's payment is never taken for this one's")
  func tillsApart() async throws {
    try await Lane.run(Self.settings) { lane in
      let guest = try await Self.guest(lane)
      let tender = AppPaymentTender(lane.provider.api, clock: PassingClock())
      let check = Lane.closed(try Lane.snapshot(number: 17))
      guard case .approved? = await tender.pay(Self.request(check), for: check, by: guest) else {
        Issue.record("not paid")
        return
      }
      var other = check
      other.snapshot.identity.receiptKey = try Lane.snapshot(number: 18).identity.receiptKey
      #expect(await tender.recover(reference: "uid-17", for: other, by: guest) == nil)
      #expect(
        await tender.refund(
          Self.request(other).amount, of: "uid-17", as: "back", for: other, by: guest) == nil)
      #expect(lane.sandbox.ledger.payments.map(\.status) == ["success"])
    }
  }

  @Test("a request that the server works on only after its answer was given up is found, and ended")
  func lateRequest() async throws {
    var settings = Self.settings
    settings.paymentPolls = 1000
    try await Lane.run(settings) { lane in
      let guest = try await Self.guest(lane)
      let check = Lane.closed(try Lane.snapshot())
      let number = try #require(Int64(check.snapshot.identity.receiptKey)) * 10 + 1
      let api = lane.provider.api
      let clock = PassingClock { sleep in
        guard sleep == 2 else { return }
        _ = await api.createPayment(check, code: guest.code.value, type: .creditCard, number: number)
      }
      let outcome = await AppPaymentTender(api, clock: clock).recover(
        reference: "uid-17", for: check, by: guest)
      // The guest has not confirmed it by then.
      guard case .cancelled? = outcome else {
        Issue.record("\(String(describing: outcome))")
        return
      }
      #expect(lane.sandbox.ledger.payments.map(\.status) == ["unable_to_process"])
      #expect(clock.slept == .seconds(20))
    }
  }

  @Test("what the guest has confirmed is paid, also when the code expires before it is completed")
  func expiredCode() async throws {
    var settings = Self.settings
    settings.paymentPolls = 0
    let time = Mutex<Int64>(1_780_000_000)
    try await Lane.run(settings, clock: { time.withLock { $0 } }) { lane in
      var guest = try await Self.guest(lane)
      let check = Lane.closed(try Lane.snapshot())
      let number = try #require(Int64(check.snapshot.identity.receiptKey)) * 10 + 1
      let api = lane.provider.api
      _ = await api.createPayment(check, code: guest.code.value, type: .creditCard, number: number)
      time.withLock { $0 += 3600 }
      guest.email = nil
      let tender = AppPaymentTender(api, clock: PassingClock())
      guard case .approved(let record)? = await tender.recover(reference: "uid-17", for: check, by: guest)
      else {
        Issue.record("open for ever")
        return
      }
      #expect(record.amount.minorUnits == check.payable)
      // The address does what the code cannot.
      guest.email = SandboxGuest.generous.email
      guard case .approved? = await tender.recover(reference: "uid-17", for: check, by: guest) else {
        Issue.record("refused")
        return
      }
      #expect(lane.sandbox.ledger.payments.map(\.status) == ["success"])
      #expect(lane.sandbox.ledger.violations == [])
    }
  }

  @Test("a check that is paid after midnight is looked for on both days")
  func midnight() {
    #expect(AppPaymentTender.dayAfter("2026-02-28") == "2026-03-01")
    #expect(AppPaymentTender.dayAfter("2028-02-28") == "2028-02-29")
    #expect(AppPaymentTender.dayAfter("2026-12-31") == "2027-01-01")
    #expect(AppPaymentTender.dayAfter("yesterday") == nil)
  }
}

/// A clock on which waiting is what makes time pass.
private final class PassingClock: TransportClock {
  private let state = Mutex((passed: Duration.zero, sleeps: 0))
  private let start = ManualClock().now
  private let onSleep: @Sendable (_ number: Int) async -> Void

  /// - Parameter onSleep: what happens while somebody waits, by the number of the wait.
  init(onSleep: @escaping @Sendable (_ number: Int) async -> Void = { _ in }) { self.onSleep = onSleep }

  var slept: Duration { state.withLock { $0.passed } }
  var now: MonotonicInstant { start + slept }

  func sleep(until deadline: MonotonicInstant) async throws(DeviceError) {
    let wait = deadline - now
    let number = state.withLock { state in
      state.passed += max(.zero, wait)
      state.sleeps += 1
      return state.sleeps
    }
    await onSleep(number)
  }
}
