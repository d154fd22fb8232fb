import POSJournal
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

  @Test(
    "what is used already is the check only where the words are the receipt's",
    arguments: [
      ("This receipt has already been used", true), ("Barcode already used", true),
      ("Duplicate check", true), ("Transaction already exists", true),
      ("external_uid has already been taken", true), ("Checkin already exists", true),
      ("This code has already been used", false), ("It already exists", false), ("Too many visits", false),
    ])
  func duplicateWords(words: String, isDuplicate: Bool) async throws {
    try await Lane.run { lane in
      let guest = Guest(id: "11111111", displayName: "", code: GuestCode(kind: .singleScan, value: Lane.code))
      lane.sandbox.script(422, "[\"\(words)\"]", on: .checkin)
      let outcome = await lane.provider.checkIn(Lane.closed(try Lane.snapshot()), by: guest)
      #expect((outcome.value == CheckInReceipt(pointsEarned: nil)) == isDuplicate)
      #expect((outcome.refusal?.code == .loyaltyRefused) == !isDuplicate)
      #expect(lane.sandbox.ledger.calls.count == 1)
    }
  }

  @Test("a check-in refused for the guest's code goes by the contacts, one refused for the check does not")
  func refusedCode() async throws {
    for (words, isCredited) in [("This code has already been used", true), ("Invalid barcode", false)] {
      try await Lane.run { lane in
        let guest = try await lane.provider.findGuest(GuestCode(kind: .singleScan, value: Lane.code))
        lane.sandbox.script(422, "[\"\(words)\"]", on: .checkin)
        let outcome = await lane.provider.checkIn(Lane.closed(try Lane.snapshot()), by: guest)
        #expect((outcome.value?.pointsEarned == 13) == isCredited)
        #expect(lane.sandbox.ledger.calls.count { $0.route == .checkin } == (isCredited ? 2 : 1))
      }
    }
  }

  private static var codes: SandboxSettings {
    var settings = Lane.settings
    settings.guests = [.generous]
    settings.guests[0].rewards.removeLast()
    settings.guests[0].rewards[0].isSelected = false
    return settings
  }

  @Test("a redemption code of a guest goes into the basket; after its redemption the contacts are checked in")
  func redemptionCode() async throws {
    try await Lane.run(Self.codes) { lane in
      let provider = lane.provider
      let guest = try await provider.findGuest(GuestCode(kind: .redemptionCode, value: "8106394"))
      #expect(guest.id == "22222222")
      let check = try Lane.snapshot()
      // Looked up twice, as after a change of the check.
      for _ in 0..<2 {
        let discounts = try await provider.lookUpDiscounts(check, for: guest)
        #expect(discounts.map(\.isSelected) == [true] && discounts.map(\.isQualified) == [true])
      }
      let quote = try await provider.quote(check, for: guest)
      #expect(quote.discount == 200)
      let redemption = try #require(await provider.commit(check, for: guest).value)
      let closed = Lane.closed(check, redemption.granted.lines)
      #expect(await provider.checkIn(closed, by: guest).value?.pointsEarned == 11)
      #expect(lane.sandbox.ledger.calls.count { $0.route == .checkin } == 1)
      // Without contacts the used code is all there is, and that is no check-in.
      var nameless = guest
      (nameless.email, nameless.phone) = (nil, nil)
      let other = await provider.checkIn(Lane.closed(try Lane.snapshot(number: 18)), by: nameless)
      #expect(other.refusal?.detail.contains("already been used") == true)
      #expect(lane.sandbox.ledger.checkIns.count == 1 && lane.sandbox.ledger.violations == [])
    }
  }

  @Test("a coupon is redeemed in the basket of an anonymous guest; a spent one is refused with its reason")
  func couponInABasket() async throws {
    try await Lane.run { lane in
      let provider = lane.provider
      let code = GuestCode(kind: .redemptionCode, value: "7738989")
      let guest = try await provider.findGuest(code)
      #expect(guest.displayName == "Guest" && lane.sandbox.ledger.signUps.count == 1)
      let check = try Lane.snapshot()
      #expect(try await provider.lookUpDiscounts(check, for: guest).map(\.isSelected) == [true])
      #expect(try await provider.quote(check, for: guest).discount == 200)
      #expect(await provider.commit(check, for: guest).value?.granted.discount == 200)

      let late = try await provider.findGuest(code)
      let other = try Lane.snapshot(number: 18)
      let error = await #expect(throws: DeviceError.self) {
        try await provider.lookUpDiscounts(other, for: late)
      }
      #expect(error?.code == .loyaltyRefused && error?.detail.contains("Invalid discount") == true)
      #expect(lane.sandbox.ledger.violations == [])
    }
  }

  @Test("beside other rewards a code that is refused is shown as such, and they are kept")
  func refusedCodeBesideRewards() async throws {
    var settings = Self.codes
    settings.guests[0].rewards[0].isSelected = true
    try await Lane.run(settings) { lane in
      lane.sandbox.script(422, #"["Code is inactive"]"#, on: .select)
      let guest = try await lane.provider.findGuest(GuestCode(kind: .redemptionCode, value: "8106394"))
      let check = try Lane.snapshot()
      let discounts = try await lane.provider.lookUpDiscounts(check, for: guest)
      #expect(discounts.map(\.isSelected) == [true, false])
      #expect(discounts.last?.isQualified == false && discounts.last?.message.contains("inactive") == true)
      #expect(try await lane.provider.quote(check, for: guest).discount == 200)
      // One that may have gone in is asked for again by whoever goes on.
      lane.sandbox.inject(.dropped, on: .select, times: 1)
      let doubt = await #expect(throws: DeviceError.self) {
        try await lane.provider.lookUpDiscounts(check, for: guest)
      }
      #expect(doubt?.code == .loyaltyUnreachable)
    }
  }

  @Test("only what has the form of the brand's coupons makes an anonymous guest")
  func couponForms() async throws {
    try await Lane.run { lane in
      let code = GuestCode(kind: .redemptionCode, value: "XYZ99")
      let error = await #expect(throws: DeviceError.self) { try await lane.provider.findGuest(code) }
      #expect(error?.code == .loyaltyNotFound && lane.sandbox.ledger.signUps.isEmpty)
      lane.sandbox.script(200, #"{"multiple_redemptions_enabled":true,"coupon_prefix":"XY"}"#, on: .meta)
      #expect(try await lane.provider.configuration().couponPrefix == "XY")
      let guest = try await lane.provider.findGuest(code)
      #expect(guest.displayName == "Guest" && guest.isAnonymous == true)
      #expect(lane.sandbox.ledger.signUps.count == 1)
    }
  }

  @Test("what coupons begin with is known from the configuration on the disk")
  func keptCouponPrefix() async throws {
    var settings = Lane.settings
    settings.couponPrefix = "XY"
    try await Lane.run(settings) { lane in
      let kept = try await lane.provider.configuration()
      let restarted = PunchhProvider(try Lane.configuration(port: lane.sandbox.port))
      restarted.adopt(kept)
      let guest = try await restarted.findGuest(GuestCode(kind: .redemptionCode, value: "XYZ99"))
      #expect(guest.isAnonymous == true)
    }
  }

  @Test("a coupon takes off, and nobody is checked in for it")
  func couponWithoutGuest() async throws {
    try await SandboxTill.run { till, lane, clock in
      let coupon = UnattendedSale(codes: [GuestCode(kind: .redemptionCode, value: "7738989")])
      let sale = try await till.orchestrator.run(SandboxTill.order, attendant: coupon)
      await till.send(clock)
      #expect(sale.state == .completed && sale.discount.minorUnits == 200 && sale.isRedeemed == true)
      let ledger = lane.sandbox.ledger
      #expect(ledger.checkIns.isEmpty && ledger.receipts.count == 1)
      #expect(ledger.violations == [])
      #expect(try await till.journal.outbox().map(\.item.kind) == [.receipt])
    }
  }

  @Test("a short code that can pay brings the code of the calls that follow")
  func shortCode() async throws {
    try await Lane.run(Self.codes) { lane in
      let shown = GuestCode(kind: .shortCode, value: "JII8")
      let scan = SandboxGuest.generous.codes[0]
      lane.sandbox.script(200, #"{"id":22222222,"single_scan_code":"\#(scan)"}"#, on: .search)
      let guest = try await lane.provider.findGuest(shown)
      #expect(guest.code == GuestCode(kind: .singleScan, value: scan) && guest.email == nil)
      let outcome = await lane.provider.checkIn(Lane.closed(try Lane.snapshot()), by: guest)
      #expect(outcome.value?.pointsEarned == 13)
      // One that only names the guest stays what it is.
      #expect(try await lane.provider.findGuest(shown).code == shown)
      #expect(lane.sandbox.ledger.violations == [])
    }
  }

  @Test(
    "what a phone sends to a contactless reader is looked up as Google's, then as Apple's",
    arguments: PunchhConfiguration.Redemptions.allCases)
  func contactless(redemptions: PunchhConfiguration.Redemptions) async throws {
    try await Lane.run(Self.codes, configure: { $0.redemptions = redemptions }) { lane in
      for code in ["a1b2c3d4", "d4c3b2a1"] {
        let guest = try await lane.provider.findGuest(GuestCode(kind: .nfc, value: code))
        #expect(guest.id == "22222222" && (guest.selections != nil) == (redemptions == .single))
        #expect(try await lane.provider.api.search(contactless: code).id == "22222222")
      }
      let error = await #expect(throws: DeviceError.self) {
        try await lane.provider.findGuest(GuestCode(kind: .nfc, value: "ffffffff"))
      }
      #expect(error?.code == .loyaltyNotFound)
      let routes = lane.sandbox.ledger.calls.map(\.route)
      #expect(routes.count { $0 == .find } == (redemptions == .single ? 0 : 5))
      #expect(lane.sandbox.ledger.violations == [])
    }
  }

  @Test("a brand that locks no baskets has none to give free", arguments: [true, false])
  func unlockedBrand(isLocking: Bool) async throws {
    var settings = Lane.settings
    settings.isLockingEnabled = isLocking
    try await Lane.run(settings) { lane in
      _ = try await lane.provider.configuration()
      let guest = try await lane.provider.findGuest(GuestCode(kind: .singleScan, value: Lane.code))
      let check = try Lane.snapshot()
      _ = try await lane.provider.lookUpDiscounts(check, for: guest)
      #expect(await lane.provider.unlock(check.identity, of: guest).value != nil)
      #expect(lane.sandbox.ledger.calls.contains { $0.route == .unlock } == isLocking)
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
