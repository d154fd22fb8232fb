import POSLoyalty
import POSModel
import POSTransport
import Punchh
import PunchhSandbox
import Testing

@Suite("A sale against the sandbox, over loopback", .timeLimit(.minutes(1)))
struct SaleTests {
  @Test("every call of a sale is done, and the sandbox has nothing to complain about")
  func wholeSale() async throws {
    try await Lane.run { lane in
      let location = try await lane.provider.configuration()
      #expect(location.shortKey == 6624)
      #expect(location.printsBarcodes && location.storesReceipts && location.allowsMultipleRedemptions)
      #expect(location.updateInterval == 60)
      #expect(location.trailers.count == 2)

      var check = try Lane.snapshot()
      check.identity.receiptKey = ""
      check.identity.receiptKey = try lane.provider.receiptKey(for: check.identity, configuration: location)

      let guest = try await lane.provider.findGuest(GuestCode(kind: .singleScan, value: Lane.code))
      #expect(guest.id == "11111111")
      #expect(guest.displayName == "Jane Doe")
      #expect(guest.email == "jane.doe@example.com")

      let discounts = try await lane.provider.lookUpDiscounts(check, for: guest)
      #expect(discounts.map(\.isSelected) == [true, false])
      #expect(discounts.map(\.isQualified) == [true, false])
      #expect(discounts.map(\.name) == ["3.00 off any check", "Free dessert"])

      let quote = try await lane.provider.quote(check, for: guest)
      #expect(quote.lines == [Quote.Line(name: "Classic burger DISCOUNT", amount: 300, itemID: "101")])
      #expect(quote.refusals.isEmpty)
      #expect(try await lane.provider.isBasketOpen(check.identity, of: guest))

      let redemption = try #require(await lane.provider.commit(check, for: guest).value)
      #expect(redemption.granted == quote)
      #expect(redemption.reference == "RR100001")
      #expect(try await !lane.provider.isBasketOpen(check.identity, of: guest))

      let closed = Lane.closed(check, redemption.granted.lines)
      #expect(await lane.provider.checkIn(closed, by: guest).value == CheckInReceipt(pointsEarned: 10))
      #expect(await lane.provider.storeReceipt(closed).value != nil)

      let ledger = lane.sandbox.ledger
      #expect(ledger.violations == [])
      #expect(ledger.redemptions.map(\.amount) == [300])
      #expect(ledger.checkIns.map(\.receiptAmount) == [1050])
      #expect(ledger.checkIns.map(\.payable) == [1181])
      #expect(ledger.receipts.map(\.receiptAmount) == [1050])
      // X6: 15 points and 10 make 25, which turn into one dollar.
      #expect(ledger.accounts.map(\.points) == [0])
      #expect(ledger.accounts.map(\.banked) == [100])
    }
  }

  @Test("kinds of codes reach the call that knows them")
  func lookUps() async throws {
    try await Lane.run { lane in
      for code in [
        GuestCode(kind: .phone, value: "2025550143"), GuestCode(kind: .email, value: "jane.doe@example.com"),
        GuestCode(kind: .rewardID, value: "41049646877"),
      ] {
        let guest = try await lane.provider.findGuest(code)
        #expect(guest.id == "11111111")
        #expect(guest.phone == "2025550143")
      }
      for kind in [GuestCode.Kind.userQR, .redemptionCode, .cardNumber, .shortCode] {
        let error = await #expect(throws: DeviceError.self) {
          try await lane.provider.findGuest(GuestCode(kind: kind, value: "P0&=?#/%"))
        }
        // A short code of another length than four is refused as such (specs/punchh.md §2.3).
        #expect(error?.code == (kind == .shortCode ? .loyaltyRefused : .loyaltyNotFound))
      }
      #expect(lane.sandbox.ledger.violations == [])
      #expect(
        lane.sandbox.ledger.calls.map(\.route) == [.find, .find, .search, .find, .search, .search, .search])
    }
  }

  @Test("X8: a code of 10:14:52 is dead at 10:19:52")
  func expiry() async throws {
    let clock = Clock(1_654_683_292)
    try await Lane.run(clock: { clock.now }) { lane in
      clock.now += 299
      _ = try await lane.provider.findGuest(GuestCode(kind: .singleScan, value: Lane.code))
      clock.now += 1
      let error = await #expect(throws: DeviceError.self) {
        try await lane.provider.findGuest(GuestCode(kind: .singleScan, value: Lane.code))
      }
      #expect(error?.code == .loyaltyNotFound)
      #expect(error?.detail.contains("Expired Single Scan Code") == true)
    }
  }

  @Test("a code that expires before the check-in is replaced by the contacts found with it")
  func contactsStandIn() async throws {
    let clock = Clock(0)
    try await Lane.run(clock: { clock.now }) { lane in
      let guest = try await lane.provider.findGuest(GuestCode(kind: .singleScan, value: Lane.code))
      clock.now += 600
      let outcome = await lane.provider.checkIn(Lane.closed(try Lane.snapshot()), by: guest)
      #expect(outcome.value?.pointsEarned == 13)
      #expect(lane.sandbox.ledger.calls.map(\.status) == [200, 404, 200])
    }
  }

  @Test("the same check-in twice credits once", arguments: [false, true])
  func duplicates(answersDuplicates: Bool) async throws {
    var settings = Lane.settings
    settings.answersDuplicates = answersDuplicates
    try await Lane.run(settings) { lane in
      let guest = try await lane.provider.findGuest(GuestCode(kind: .singleScan, value: Lane.code))
      let closed = Lane.closed(try Lane.snapshot())
      #expect(await lane.provider.checkIn(closed, by: guest).value?.pointsEarned == 13)
      let again = await lane.provider.checkIn(closed, by: guest)
      #expect(again.value == CheckInReceipt(pointsEarned: answersDuplicates ? 13 : nil))
      #expect(lane.sandbox.ledger.checkIns.map(\.repeats) == [1])
    }
  }

  @Test("an abandoned check gives the basket free, once and twice")
  func unlock() async throws {
    try await Lane.run { lane in
      let guest = try await lane.provider.findGuest(GuestCode(kind: .singleScan, value: Lane.code))
      let check = try Lane.snapshot()
      _ = try await lane.provider.lookUpDiscounts(check, for: guest)
      let other = try Lane.snapshot(number: 18)
      let error = await #expect(throws: DeviceError.self) { try await lane.provider.quote(other, for: guest) }
      #expect(error?.code == .loyaltyRefused)
      #expect(error?.detail.contains("currently locked") == true)
      #expect(lane.sandbox.ledger.accounts.first?.basketLockedBy == "uid-17")
      #expect(await lane.provider.unlock(check.identity, of: guest).value != nil)
      #expect(await lane.provider.unlock(check.identity, of: guest).value != nil)
      #expect(lane.sandbox.ledger.accounts.first?.basketLockedBy == nil)
      _ = try await lane.provider.quote(other, for: guest)
    }
  }

  @Test("a redemption can be taken back until its check-in is in (X9)")
  func void() async throws {
    try await Lane.run { lane in
      let guest = try await lane.provider.findGuest(GuestCode(kind: .singleScan, value: Lane.code))
      let check = try Lane.snapshot()
      _ = try await lane.provider.quote(check, for: guest)
      let redemption = try #require(await lane.provider.commit(check, for: guest).value)
      #expect(await lane.provider.void(redemption, of: guest).value != nil)
      #expect(lane.sandbox.ledger.redemptions.map(\.isVoided) == [true])

      lane.sandbox.script(
        410,
        #"{"error":{"message":"Checkin associated with external_uid 9020-202-102252700 has been committed.","code":"commited"}}"#,
        on: .void)
      let late = await lane.provider.void(redemption, of: guest)
      #expect(late.refusal?.code == .loyaltyExpired)
      #expect(late.refusal?.detail.contains("has been committed") == true)
      #expect(late.refusal?.detail.contains("commited") == false)
    }
  }

  @Test("a reward that the check does not qualify for is refused in the server's words")
  func refusedReward() async throws {
    var settings = Lane.settings
    settings.guests[0].rewards[1].isSelected = true
    try await Lane.run(settings) { lane in
      let guest = try await lane.provider.findGuest(GuestCode(kind: .singleScan, value: Lane.code))
      let quote = try await lane.provider.quote(try Lane.snapshot(), for: guest)
      #expect(quote.discount == 300)
      #expect(quote.refusals == ["reward: Discount qualification on receipt failed"])
    }
  }

  @Test("several calls at once share the client")
  func concurrency() async throws {
    try await Lane.run { lane in
      let keys = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<20 { group.addTask { try await lane.provider.configuration().shortKey } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(keys == Array(repeating: 6624, count: 20))
    }
  }
}

/// Time moved by hand.
final class Clock: Sendable {
  private let seconds: Lock<Int64>
  init(_ seconds: Int64) { self.seconds = Lock(seconds) }
  var now: Int64 {
    get { seconds.withLock { $0 } }
    set { seconds.withLock { $0 = newValue } }
  }
}
