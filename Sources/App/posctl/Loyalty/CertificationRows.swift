import POSJournal
import POSLoyalty
import POSModel
import Punchh
import PunchhSandbox

/// One row of PAR's certification, or of its older test log (specs/punchh.md §9).
struct CertificationRow: Sendable {
  /// Module and letter; `log` for the older test log.
  var id: String
  /// What the till must show.
  var story: String
  /// What the guest has to have.
  var needs: [CertificationGuest.Need] = []
  /// Whether it needs a server that can be made to fail or whose world is known.
  var isForSandbox = false
  /// What the sandbox of this row is like.
  var setting: @Sendable (inout SandboxSettings) -> Void = { _ in }
  var run: @Sendable (CertificationLane) async throws -> Void

  private static func email(_ lane: CertificationLane) -> GuestIdentifier {
    GuestIdentifier(.email, lane.guest.email)
  }

  static let all = configuration + guests + batches + legacy + checks + log

  // MARK: Modules 1 and 2

  private static let configuration: [CertificationRow] = [
    CertificationRow(id: "1a", story: "configuration and programme are fetched at the start and kept") {
      lane in
      let meta = try await lane.api.programMeta()
      try lane.expect(!meta.programType.isEmpty, "the programme has no type")
      try await lane.till { till, _, journal, _ in
        let fresh = try await till.refreshConfiguration()
        lane.sandbox?.inject(.down, on: .configuration)
        let cache = ConfigurationCache(provider: lane.provider, journal: journal, clock: .system)
        let kept = try await cache.current()
        lane.sandbox?.clearFaults()
        try lane.expect(kept.configuration == fresh, "the configuration was not kept")
      }
    },
    CertificationRow(
      id: "1b", story: "a dummy account is signed up with a one-time password", isForSandbox: true
    ) { lane in
      let guest = GuestSignIn(
        client: "till", email: "dummy@example.com", deviceID: "till-1", agreesToTerms: true)
      try lane.done(await lane.api.sendPassword(to: guest, challenge: "challenge"))
      let tokens = try lane.done(
        await lane.api.verify(
          guest, password: SandboxSettings().oneTimePassword, verifier: "verifier"))
      _ = try await lane.api.find(signedIn: tokens)
      let renewed = try lane.done(await lane.api.renew(tokens, of: guest))
      try lane.done(await lane.api.signOut(renewed, of: guest))
    },
    CertificationRow(
      id: "2", story: "a guest is signed up by phone, e-mail and card, with consent", isForSandbox: true
    ) { lane in
      for guest in [
        NewGuest(phone: "2025550111", agreesToTerms: true),
        NewGuest(email: "new@example.com", agreesToTerms: true),
        NewGuest(cardNumber: "6006493333333333", agreesToTerms: true),
      ] {
        _ = try lane.done(await lane.api.createUser(guest))
      }
      try await lane.expectRefusal(.badInput) {
        _ = try lane.done(
          await lane.api.createUser(NewGuest(phone: "2025550112", agreesToTerms: false)))
      }
    },
  ]

  // MARK: Modules 3 to 5

  private static let guests: [CertificationRow] = [
    CertificationRow(id: "3a phone", story: "look-up by telephone number") { lane in
      let user = try await lane.api.search(GuestIdentifier(.phone, lane.guest.phone))
      try lane.expect(user.displayName != "Guest", "there is no name to confirm")
    },
    CertificationRow(id: "3a e-mail", story: "look-up by e-mail address") { lane in
      _ = try await lane.api.search(email(lane))
    },
    lookUp("QR", .qr) { ($0.qr ?? "", .userQR) },
    lookUp("card", .card) { ($0.card ?? "", .cardNumber) },
    lookUp("redemption code", .redemptionCode) { ($0.redemptionCode ?? "", .redemptionCode) },
    lookUp("short code", .shortCode) { ($0.shortCode ?? "", .shortCode) },
    lookUp("single scan code", .code) { ($0.code ?? "", .singleScanCode) },
    CertificationRow(id: "3a NFC", story: "look-up by NFC", needs: [.nfc]) { lane in
      _ = try await lane.api.search(contactless: lane.guest.nfc ?? "")
    },
    CertificationRow(
      id: "3b create", story: "an unknown number is signed up where the brand allows it", isForSandbox: true
    ) { lane in
      let phone = "2025550177"
      try await lane.expectRefusal(.loyaltyNotFound) {
        _ = try await lane.api.search(GuestIdentifier(.phone, phone))
      }
      try lane.expect(try await lane.api.programMeta().createsUsersByPhone, "the brand does not allow it")
      _ = try lane.done(await lane.api.createUser(NewGuest(phone: phone, agreesToTerms: true)))
      _ = try await lane.api.search(GuestIdentifier(.phone, phone))
    },
    CertificationRow(
      id: "3b refuse", story: "where it does not, the sale goes on without a guest", isForSandbox: true,
      setting: { $0.createsUsersByPhone = false }
    ) { lane in
      try lane.expect(try await !lane.api.programMeta().createsUsersByPhone, "the brand allows it")
      try await lane.till { till, _, _, _ in
        let codes = [GuestCode(kind: .phone, value: "2025550177")]
        let summary = try await till.run(CertificationLane.order(), attendant: UnattendedSale(codes: codes))
        try lane.expect(summary.state == .completed, "the sale ended as \(summary.state.rawValue)")
      }
    },
    CertificationRow(id: "3c", story: "a coupon needs no look-up", needs: [.coupon]) { lane in
      let quote = try await lane.api.possibleRedemption(
        .code(lane.guest.coupon ?? ""), on: try await lane.check(), by: nil)
      try lane.expect(!quote.category.isEmpty, "there is no answer")
    },
    CertificationRow(id: "4", story: "the balance is shown as the programme means it") { lane in
      let meta = try await lane.api.programMeta()
      let user = try await lane.api.search(email(lane))
      let balance = try await lane.api.balance(of: user.id)
      let shown = meta.figures(of: user.balance) + meta.figures(of: balance.account)
      try lane.expect(!shown.isEmpty, "no balance is known")
    },
    CertificationRow(id: "5", story: "offers are shown with name, points, amount and expiry") { lane in
      let user = try await lane.api.search(email(lane))
      try lane.expect(user.rewards.allSatisfy { !$0.name.isEmpty }, "an offer has no name")
      if lane.sandbox != nil {
        try lane.expect(!user.rewards.isEmpty && user.rewards.allSatisfy { $0.endsAt != nil }, "no expiry")
      }
    },
  ]

  private static func lookUp(
    _ name: String, _ need: CertificationGuest.Need,
    by identifier: @escaping @Sendable (CertificationGuest) -> (String, GuestIdentifier.Name)
  ) -> CertificationRow {
    CertificationRow(id: "3a \(name)", story: "look-up by \(name)", needs: [need]) { lane in
      let (value, parameter) = identifier(lane.guest)
      _ = try await lane.api.search(GuestIdentifier(parameter, value))
    }
  }

  // MARK: Module 6, Redemptions 2.0

  private static let batches: [CertificationRow] = [
    CertificationRow(
      id: "6.2.0a", story: "find the user by phone, e-mail and single scan code", needs: [.code]
    ) {
      lane in
      for code in [
        GuestCode(kind: .phone, value: lane.guest.phone), GuestCode(kind: .email, value: lane.guest.email),
        GuestCode(kind: .singleScan, value: lane.guest.code ?? ""),
      ] {
        _ = try await lane.provider.findGuest(code)
      }
    },
    CertificationRow(id: "6.2.0b", story: "rewards that fit are selected automatically", isForSandbox: true) {
      lane in
      let guest = try await lane.member()
      let check = try await lane.check()
      _ = try lane.done(await lane.api.autoSelect(check, for: guest))
      try lane.done(await lane.api.unlock(check.identity, of: guest))
    },
    CertificationRow(id: "6.2.0c", story: "discounts are looked up and shown as applicable or not") { lane in
      let guest = try await lane.member()
      let check = try await lane.check()
      let discounts = try await lane.api.lookUpDiscounts(check, for: guest)
      try lane.expect(discounts.allSatisfy { !$0.name.isEmpty }, "a discount has no name")
      _ = await lane.provider.unlock(check.identity, of: guest)
    },
    CertificationRow(
      id: "6.2.0d", story: "discounts are put into the basket, listed and taken out", isForSandbox: true
    ) { lane in
      let guest = try await lane.member()
      let check = try await lane.check()
      let basket = try lane.done(
        await lane.api.select(
          [BasketSelection(.discountAmount, value: 100)], for: guest.id, check: check.identity))
      let added = basket.items?.first { $0.type == "discount_amount" }
      let active = try await lane.api.activeBasket(check.identity, of: guest)
      try lane.expect(active?.items?.count == 3, "the basket does not have three items")
      let rest = try lane.done(
        await lane.api.unselect([added?.id ?? ""], for: guest.id, check: check.identity))
      try lane.expect(rest.items?.count == 2, "the item is still there")
      try lane.done(await lane.api.unlock(check.identity, of: guest))
    },
    CertificationRow(
      id: "6.2.0e", story: "several rewards are quoted, then redeemed together", isForSandbox: true
    ) { lane in
      let guest = try await lane.member()
      let check = try await lane.check(SimulatedSale.order)
      let quote = try await lane.api.possibleBatch(check, for: guest)
      try lane.expect(quote.lines.count >= 2, "not several")
      let redemption = try lane.done(await lane.api.redeemBatch(check, for: guest))
      try lane.expect(redemption.granted == quote, "granted was another amount")
    },
    CertificationRow(
      id: "6.2.0f", story: "a batch is voided; an abandoned basket is unlocked", isForSandbox: true
    ) { lane in
      let guest = try await lane.member()
      let check = try await lane.check()
      _ = try await lane.api.possibleBatch(check, for: guest)
      let redemption = try lane.done(await lane.api.redeemBatch(check, for: guest))
      try lane.done(await lane.api.voidBatch(redemption.reference, of: guest))
      let other = try await lane.check()
      _ = try await lane.api.lookUpDiscounts(other, for: guest)
      _ = await lane.provider.unlock(other.identity, of: guest)
      try lane.expect(
        lane.sandbox?.ledger.accounts.allSatisfy { $0.basketLockedBy == nil } != false, "a basket is locked")
    },
  ]

  // MARK: Module 6, Redemptions 1.0

  private static let legacy: [CertificationRow] = [
    CertificationRow(id: "6.1.0a", story: "offers that fit the check are shown") { lane in
      _ = try await lane.api.applicableOffers(try await lane.check(), email: lane.guest.email)
    },
    CertificationRow(
      id: "6.1.0b", story: "a reward from the look-up and a code are redeemed", isForSandbox: true
    ) { lane in
      let check = try await lane.check()
      let user = try await lane.api.search(email(lane))
      let discounts: [LegacyDiscount] = [.reward(user.rewards.first?.id ?? ""), .code("7738989")]
      for (discount, guest) in zip(discounts, [email(lane), nil]) {
        let possible = try await lane.api.possibleRedemption(discount, on: check, by: guest)
        try lane.expect(possible.isValid, "it is \(possible.category)")
        let done = try lane.done(await lane.api.redeem(discount, on: check, by: guest))
        try lane.expect(done.quote == possible.quote && done.id != nil, "another amount, or no number")
      }
    },
    CertificationRow(
      id: "6.1.0c", story: "one redemption, several and a coupon are voided", isForSandbox: true
    ) { lane in
      let check = try await lane.check()
      func redeem(_ discount: LegacyDiscount, _ guest: GuestIdentifier?) async throws -> String {
        _ = try await lane.api.possibleRedemption(discount, on: check, by: guest)
        return try lane.done(await lane.api.redeem(discount, on: check, by: guest)).id ?? ""
      }
      let one = try await redeem(.reward("41049646901"), email(lane))
      try lane.done(await lane.api.voidRedemptions([one], of: email(lane)))
      let two = [
        try await redeem(.reward("41049646901"), email(lane)),
        try await redeem(.banked(DecimalAmount(minorUnits: 100, currency: .usDollar)), email(lane)),
      ]
      try lane.done(await lane.api.voidRedemptions(two, of: email(lane)))
      _ = try await redeem(.code("7738989"), nil)
      try lane.done(
        await lane.api.voidCoupons(["7738989"], transactionNumber: check.identity.transactionNumber))
      _ = try await lane.api.activeRedemptions(of: email(lane))
    },
  ]

  // MARK: Modules 7 to 10

  private static let checks: [CertificationRow] = [
    CertificationRow(
      id: "7", story: "$12 at a point a dollar, 15 points before: a reward of $1 and 2 points left",
      isForSandbox: true
    ) { lane in
      let jane = GuestIdentifier(.email, SandboxGuest.demo.email)
      let check = CertificationLane.paid(try await lane.check())
      let receipt = try lane.done(await lane.api.checkIn(check, by: jane))
      try lane.expect(receipt.pointsEarned == 12, "earned were \(receipt.pointsEarned ?? 0)")
      let user = try await lane.api.search(jane)
      try lane.expect(user.balance.points?.minorUnits(in: .usDollar) == 200, "2 points are not left")
      try lane.expect(user.balance.bankedRewards?.minorUnits(in: .usDollar) == 100, "$1 is not banked")
      try lane.expect(
        try lane.done(await lane.provider.checkIn(check, by: try await guest(jane, lane))).pointsEarned
          == nil,
        "the same check was credited twice")
    },
    CertificationRow(id: "8a", story: "the receipt of a member and of nobody is stored") { lane in
      let paid = CertificationLane.paid(try await lane.check())
      _ = try lane.done(await lane.api.checkIn(paid, by: email(lane)))
      try lane.done(await lane.api.storeReceipt(paid))
      try lane.done(await lane.api.storeReceipt(CertificationLane.paid(try await lane.check())))
    },
    CertificationRow(
      id: "8b", story: "a check of $10 becomes $8, then it is voided", isForSandbox: true
    ) { lane in
      let check = try await lane.check(CertificationLane.order(1000))
      _ = try lane.done(await lane.api.checkIn(CertificationLane.paid(check), by: email(lane)))
      try lane.done(await lane.api.storeReceipt(CertificationLane.paid(check)))
      let changed = CertificationLane.paid(
        CheckSnapshot(identity: check.identity, order: CertificationLane.order(800)))
      try lane.done(await lane.api.storeReceipt(changed))
      try lane.expect(lane.sandbox?.ledger.checkIns.first?.pointsEarned == 8, "the points did not follow")
      try lane.done(await lane.api.storeReceipt(changed, isVoid: true))
      try lane.expect(lane.sandbox?.ledger.checkIns.first?.isVoided == true, "the check-in still counts")
    },
    CertificationRow(id: "9", story: "header, bar code and trailers are printed, in this order") { lane in
      try await lane.till { till, _, _, paper in
        let configuration = try await till.refreshConfiguration()
        let summary = try await till.run(CertificationLane.order())
        try lane.expect(summary.state == .completed, "the sale ended as \(summary.state.rawValue)")
        let blocks = paper.documents.first?.blocks ?? []
        let texts = blocks.enumerated().compactMap { index, block -> (Int, String)? in
          guard case .text(let runs, _) = block else { return nil }
          return (index, runs.map(\.text).joined())
        }
        let symbol = blocks.firstIndex { if case .barcode = $0 { true } else { false } }
        try lane.expect((symbol != nil) == configuration.printsBarcodes, "the bar code is not as configured")
        try lane.expect(
          configuration.header.isEmpty || texts.first?.1 == configuration.header, "no header on top")
        if let symbol, let trailer = configuration.trailers.first {
          try lane.expect(
            texts.contains { $0.0 > symbol && $0.1 == trailer }, "no trailer under the bar code")
        }
      }
    },
    CertificationRow(
      id: "10", story: "the network is down: sales go on, then everything arrives in order, once",
      isForSandbox: true
    ) { lane in
      try await lane.till { till, outbox, journal, paper in
        _ = try await till.refreshConfiguration()
        lane.sandbox?.inject(.down, on: nil)
        var keys: [String] = []
        for number in 1...3 {
          let codes = [GuestCode(kind: .phone, value: lane.guest.phone)]
          let summary = try await till.run(
            CertificationLane.order(1000, check: "D-\(number)"), attendant: UnattendedSale(codes: codes))
          try lane.expect(summary.state == .completed, "a sale ended as \(summary.state.rawValue)")
          keys.append(summary.receiptKey)
        }
        try lane.expect(
          paper.documents.allSatisfy { $0.blocks.contains { if case .barcode = $0 { true } else { false } } },
          "a receipt has no bar code")
        lane.sandbox?.clearFaults()
        try await outbox.resume()
        _ = await outbox.flush(patience: .seconds(20))
        let credited = lane.sandbox?.ledger.checkIns.map(\.punchhKey)
        try lane.expect(credited == keys, "not every check arrived once and in order")
        let waiting = try await journal.outbox([.pending, .inFlight, .parked])
        try lane.expect(waiting.isEmpty, "\(waiting.count) items wait")
      }
    },
  ]

  private static func guest(_ identifier: GuestIdentifier, _ lane: CertificationLane) async throws -> Guest {
    try await lane.provider.findGuest(GuestCode(kind: .email, value: identifier.value))
  }

  // MARK: The older test log

  private static let log: [CertificationRow] = [
    CertificationRow(
      id: "log card", story: "a full card and banked money are redeemable without the app", isForSandbox: true
    ) { lane in
      let possible = try await lane.api.possibleRedemption(
        .banked(DecimalAmount(minorUnits: 300, currency: .usDollar)), on: try await lane.check(),
        by: GuestIdentifier(.phone, lane.guest.phone))
      try lane.expect(possible.quote.discount == 300, "banked money is not redeemable")
      let card = try await lane.api.possibleRedemption(
        .cardCompletion, on: try await lane.check(), by: GuestIdentifier(.phone, lane.guest.phone))
      try lane.expect(card.category == "unassigned", "a card that is not full is redeemable")
    },
    CertificationRow(id: "log swipe", story: "check-in by card", needs: [.card]) { lane in
      _ = try lane.done(
        await lane.api.checkIn(
          CertificationLane.paid(try await lane.check()),
          by: GuestIdentifier(.cardNumber, lane.guest.card ?? "")))
    },
    CertificationRow(id: "log split", story: "the parts of a split check are credited each, once") { lane in
      var order = CertificationLane.order(1000)
      order.lines.insert(Order.Line(name: "Fries", amount: 400, itemID: "110"), at: 1)
      var keys: Set<String> = []
      for part in try order.split(into: [[0], [1, 2]]) {
        let check = try await lane.check(part)
        keys.insert(check.identity.receiptKey)
        _ = try lane.done(await lane.api.checkIn(CertificationLane.paid(check), by: email(lane)))
      }
      try lane.expect(keys.count == 2, "the parts share a key")
    },
    CertificationRow(id: "log merge", story: "merged checks are credited as one") { lane in
      let merged = try Order.merged([CertificationLane.order(500), CertificationLane.order(700)])
      let receipt = try lane.done(
        await lane.api.checkIn(CertificationLane.paid(try await lane.check(merged)), by: email(lane)))
      if lane.sandbox != nil { try lane.expect(receipt.pointsEarned == 12, "other points") }
    },
    CertificationRow(
      id: "log discount", story: "a redemption beside the shop's own discount", isForSandbox: true
    ) { lane in
      var order = CertificationLane.order(1000)
      order.lines.append(Order.Line(name: "Happy hour", amount: 200, kind: .shopDiscount))
      let guest = try await lane.member()
      let check = try await lane.check(order)
      let quote = try await lane.api.possibleBatch(check, for: guest)
      let redemption = try lane.done(await lane.api.redeemBatch(check, for: guest))
      let paid = CertificationLane.paid(check, redemption.granted.lines)
      let receipt = try lane.done(await lane.provider.checkIn(paid, by: guest))
      try lane.expect(quote.discount == 200 && receipt.pointsEarned == 6, "the discounts do not add up")
    },
    CertificationRow(id: "log visit", story: "a visit is registered without earning") { lane in
      try lane.done(
        await lane.api.registerVisit(CertificationLane.paid(try await lane.check()), by: email(lane)))
    },
    CertificationRow(
      id: "SSF", story: "one scan: rewards, a tip, and a payment in the app that is refunded", needs: [.code],
      isForSandbox: true
    ) { lane in
      let guest = try await lane.provider.findGuest(
        GuestCode(kind: .singleScan, value: lane.guest.code ?? ""))
      try lane.expect(guest.selectedTip == 200, "no tip")
      let paid = CertificationLane.paid(try await lane.check())
      let number = lane.numbers.next()
      let payment = try lane.done(
        await lane.api.createPayment(paid, code: guest.code.value, number: number))
      try lane.expect(!payment.isPaid && !payment.hasFailed, "the guest was not asked")
      _ = try await lane.api.payments(.reference(payment.reference))
      let ended = try await lane.api.payments(.reference(payment.reference)).first
      try lane.expect(ended?.isPaid == true, "it was not processed")
      _ = try lane.done(await lane.api.completePayment(payment.reference, code: guest.code.value))
      let refund = try lane.done(
        await lane.api.refundPayment(payment.reference, number: lane.numbers.next()))
      try lane.expect(refund.status == .refunded, "it was not refunded")
    },
    CertificationRow(
      id: "SSF cancel", story: "a payment the guest does not confirm is cancelled", needs: [.code],
      isForSandbox: true
    ) { lane in
      let paid = CertificationLane.paid(try await lane.check())
      let payment = try lane.done(
        await lane.api.createPayment(paid, code: lane.guest.code ?? "", number: lane.numbers.next()))
      let cancelled = try lane.done(
        await lane.api.cancelPayment(payment.reference, number: lane.numbers.next()))
      try lane.expect(cancelled.hasFailed, "it still stands")
    },
  ]
}
