import POSJournal
import POSLoyalty
import POSModel
import POSTransport
import Punchh
import PunchhSandbox
import Testing

@Suite("Taking sales back at the sandbox (specs/punchh.md §6.3)", .timeLimit(.minutes(2)))
struct ReturnTests {
  private static func settings(isMultiple: Bool = true) -> SandboxSettings {
    var settings = Lane.settings
    settings.guests = [.generous]
    settings.guests[0].tip = nil
    settings.guests[0].rewards.removeLast()
    settings.allowsMultipleRedemptions = isMultiple
    return settings
  }

  @Test("within the pending window: points, the reward and the money go back", arguments: [true, false])
  func pending(isMultiple: Bool) async throws {
    try await SandboxTill.run(Self.settings(isMultiple: isMultiple)) { till, lane, clock in
      let sale = try await till.orchestrator.run(SandboxTill.order, attendant: SandboxTill.shown)
      await till.send(clock)
      #expect(sale.state == .completed && sale.discount.minorUnits == 200 && sale.isRedeemed == true)
      #expect(lane.sandbox.ledger.checkIns.map(\.pointsEarned) == [13])
      clock.now += 600
      // The code has died, and the journal keeps no contacts: 1.0 want the guest named.
      let guest = isMultiple ? nil : GuestCode(kind: .phone, value: SandboxGuest.generous.phone)
      let summary = try await till.orchestrator.takeBack("R-1", guest: guest)
      await till.send(clock)
      #expect(summary.state == .voided && summary.warnings == [], "\(summary.warnings)")
      #expect(till.card.charged == 1450 && till.card.returned == 1450)
      let ledger = lane.sandbox.ledger
      #expect(ledger.checkIns.map(\.isVoided) == [true] && ledger.receipts.map(\.isVoided) == [true])
      // 25 points are a dollar: 40 points and $5.00, as at the start, in whichever coin.
      #expect(ledger.accounts.map { $0.points + Int($0.banked) / 4 } == [165])
      #expect(ledger.accounts.map(\.rewards.count) == [1])
      if isMultiple {
        #expect(ledger.redemptions.map(\.isVoided) == [true])
        #expect(!ledger.calls.contains { $0.route == .void }, "410 would be the answer")
      } else {
        #expect(ledger.singleRedemptions.map(\.isVoided) == [true])
        let void = try #require(ledger.calls.first { $0.route == .unredeem })
        let receipt = try #require(ledger.calls.last { $0.route == .receipt })
        #expect(receipt.number < void.number, "the check-in is voided first")
      }
      #expect(ledger.violations == [])
      let text = try await journalText(till, sale.id)
      #expect(!text.contains(SandboxGuest.generous.phone))
    }
  }

  @Test("after the window: what cannot be undone is named, the money goes back", arguments: [true, false])
  func final(isMultiple: Bool) async throws {
    try await SandboxTill.run(Self.settings(isMultiple: isMultiple)) { till, lane, clock in
      _ = try await till.orchestrator.run(SandboxTill.order, attendant: SandboxTill.shown)
      await till.send(clock)
      clock.now += 3601
      let summary = try await till.orchestrator.takeBack("R-1")
      await till.send(clock)
      #expect(summary.state == .voided && summary.exit == .ok && till.card.returned == 1450)
      #expect(summary.warnings.map(\.kind) == [.pointsKept, .rewardSpent])
      #expect(summary.warnings.allSatisfy { !$0.hint.isEmpty })
      let ledger = lane.sandbox.ledger
      #expect(ledger.checkIns.map(\.isVoided) == [false] && ledger.receipts.map(\.isVoided) == [true])
      #expect(summary.isRedeemed == true)
      // Redemptions 1.0 can be voided at any time, once the guest is named.
      if !isMultiple {
        let later = try await till.orchestrator.takeBack(
          "R-1", guest: GuestCode(kind: .email, value: SandboxGuest.generous.email))
        #expect(later.isRedeemed == false && till.card.returned == 1450)
        #expect(lane.sandbox.ledger.singleRedemptions.map(\.isVoided) == [true])
      }
      #expect(lane.sandbox.ledger.violations == [])
    }
  }

  @Test("the server away: the void waits behind the check-in, and both arrive in order")
  func away() async throws {
    try await SandboxTill.run(Self.settings()) { till, lane, clock in
      lane.sandbox.inject(.down, on: .checkin)
      let sale = try await till.orchestrator.run(SandboxTill.order, attendant: SandboxTill.shown)
      let summary = try await till.orchestrator.takeBack(sale.id)
      #expect(summary.state == .voided && till.card.returned == 1450)
      #expect(lane.sandbox.ledger.receipts.isEmpty)
      lane.sandbox.clearFaults()
      try await till.outbox.resume()
      await till.send(clock)
      let ledger = lane.sandbox.ledger
      #expect(ledger.checkIns.map(\.isVoided) == [true] && ledger.redemptions.map(\.isVoided) == [true])
      #expect(ledger.receipts.map(\.versions) == [2] && ledger.violations == [])
    }
  }

  @Test("$15 become $10: the points follow, the difference goes back")
  func partial() async throws {
    try await SandboxTill.run(Self.settings()) { till, lane, clock in
      let sale = try await till.orchestrator.run(SandboxTill.order, attendant: SandboxTill.shown)
      await till.send(clock)
      clock.now += 60
      var order = SandboxTill.order
      order.lines.remove(at: 1)
      order.lines[1].amount = 100
      let part = try await till.orchestrator.takeBack(sale.id, leaving: order)
      await till.send(clock)
      #expect(part.state == .refunded && till.card.returned == 550)
      #expect(lane.sandbox.ledger.checkIns.map(\.pointsEarned) == [8])
      clock.now += 60
      _ = try await till.orchestrator.takeBack(sale.id)
      await till.send(clock)
      let ledger = lane.sandbox.ledger
      #expect(till.card.returned == 1450 && ledger.checkIns.map(\.isVoided) == [true])
      #expect(ledger.receipts.map(\.versions) == [3] && ledger.violations == [])
    }
  }

  @Test("a payment in the app goes back whole, once, and a part of it is refused")
  func appPayment() async throws {
    var settings = Self.settings()
    settings.guests[0].paymentMode = "CreditCard"
    settings.guests[0].giftCard = nil
    settings.paymentPolls = 0
    try await SandboxTill.run(settings) { till, lane, clock in
      // The sandbox processes a payment at the first question; a guest who has confirmed needs no waiting.
      let guest = try await lane.provider.findGuest(SandboxTill.shown.code(after: nil)[0])
      let check = Lane.closed(try Lane.snapshot())
      let tender = AppPaymentTender(lane.provider.api, clock: StandingClock())
      let amount = Money(minorUnits: check.payable, currency: .usDollar)
      let request = PaymentRequest(reference: "uid-17", amount: amount)
      let paid = await tender.pay(request, for: check, by: guest)
      guard case .approved? = paid else {
        Issue.record("\(String(describing: paid))")
        return
      }
      var kept = Guest(id: guest.id, displayName: "", code: GuestCode(kind: .singleScan, value: ""))
      kept.paymentMode = guest.paymentMode
      let half = Money(minorUnits: 100, currency: .usDollar)
      guard case .declined? = await tender.refund(half, of: "uid-17", as: "r1", for: check, by: kept) else {
        Issue.record("a part went back")
        return
      }
      for _ in 0..<2 {
        let back = await tender.refund(amount, of: "uid-17", as: "r1", for: check, by: kept)
        guard case .approved(let record)? = back, record.amount == amount else {
          Issue.record("\(String(describing: back))")
          return
        }
      }
      #expect(lane.sandbox.ledger.payments.map(\.status) == ["refunded"])
      #expect(lane.sandbox.ledger.calls.count { $0.route == .refundPayment } == 1)
      var other = check
      other.snapshot.identity.receiptKey = try Lane.snapshot(number: 99).identity.receiptKey
      #expect(await tender.refund(amount, of: "other", as: "r2", for: other, by: kept) == nil)
      #expect(lane.sandbox.ledger.violations == [])
    }
  }

  @Test(
    "a coupon is voided by code and transaction within a day, and it is said that it is not credited back")
  func coupon() async throws {
    try await SandboxTill.run(Self.settings(isMultiple: false)) { till, lane, clock in
      let check = try Lane.snapshot()
      var guest = Operation.guest
      guest.selections = ["code:7738989"]
      _ = try await lane.provider.quote(check, for: guest)
      let redemption = try #require(await lane.provider.commit(check, for: guest).value)
      #expect(redemption.unreturnable?.count == 1 && redemption.returnsWithReceipt == false)
      let nobody = Guest(id: "", displayName: "", code: GuestCode(kind: .phone, value: ""))
      lane.sandbox.inject(.dropped, on: .unredeem, times: 1)
      #expect(await lane.provider.void(redemption, of: nobody).doubt != nil)
      #expect(await lane.provider.void(redemption, of: nobody).value != nil, "the first void had arrived")
      #expect(lane.sandbox.ledger.singleRedemptions.map(\.isVoided) == [true])
      #expect(lane.sandbox.ledger.violations == [])

      let late = try Lane.snapshot(number: 18)
      var other = guest
      other.selections = ["reward:41049646901"]
      _ = try await lane.provider.quote(late, for: other)
      let reward = try #require(await lane.provider.commit(late, for: other).value)
      let refused = await lane.provider.void(reward, of: nobody)
      #expect(refused.refusal?.code == .badInput && refused.refusal?.hint.contains("--phone") == true)
      clock.now += 90_000
      #expect(await lane.provider.void(reward, of: other).value != nil, "rewards have no time limit")
    }
  }

  private func journalText(_ till: SandboxTill, _ sale: String) async throws -> String {
    try await till.journal.events(of: sale).map { String(decoding: $0.payload, as: UTF8.self) }.joined()
  }
}

/// A clock on which every wait is over at once.
private struct StandingClock: TransportClock {
  let now = ManualClock().now
  func sleep(until deadline: MonotonicInstant) async throws(DeviceError) {}
}
