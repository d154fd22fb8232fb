import POSLoyalty
import POSModel
import POSTransport
import PunchhSandbox
import Testing

@testable import Punchh

/// One operation of specs/punchh.md §2.4 and §4 to §6, and the test of it: it works against a sandbox that has nothing to
/// complain about, whatever is wrong with its answer is told, and what may have happened is not called undone.
struct Operation: Sendable, CustomTestStringConvertible {
  /// What came of it.
  enum End: Equatable {
    case done
    case refused(DeviceError.Code)
    case unknown(DeviceError.Code)
  }

  var route: SandboxRoute
  var section: String
  /// Members of an answer that are looked at, with a good value each; the first `required` may not be missing.
  var members: [(name: String, value: String)] = []
  var required = 0
  /// What has to be done before.
  var prepare: @Sendable (PunchhAPI) async throws -> Void = { _ in }
  var run: @Sendable (PunchhAPI) async throws -> End

  var testDescription: String { "§\(section) \(route.rawValue)" }

  init(
    _ section: String, _ route: SandboxRoute, members: [(name: String, value: String)] = [],
    required: Int = 0, after prepare: @escaping @Sendable (PunchhAPI) async throws -> Void = { _ in },
    run: @escaping @Sendable (PunchhAPI) async throws -> End
  ) {
    self.section = section
    self.route = route
    self.members = members
    self.required = required
    self.prepare = prepare
    self.run = run
  }

  static func end<Value>(_ outcome: EffectOutcome<Value>) -> End {
    switch outcome {
    case .done: .done
    case .notDone(let error): .refused(error.code)
    case .unknown(let error): .unknown(error.code)
    }
  }

  static let guest: Guest = {
    var guest = Guest(
      id: "22222222", displayName: "John Roe",
      code: GuestCode(kind: .singleScan, value: SandboxGuest.generous.codes[0]))
    guest.email = SandboxGuest.generous.email
    return guest
  }()
  static let email = GuestIdentifier(.email, SandboxGuest.generous.email)
  static let signIn = GuestSignIn(
    client: "kiosk", email: "new@example.com", deviceID: "till-1", agreesToTerms: true)
  static let reward = LegacyDiscount.reward("41049646901")
  private static let user = [
    ("id", "22222222"), ("first_name", "\"John\""), ("balance", "{}"), ("rewards", "[]"),
  ]
  private static let basket = [("discount_basket_items", "[]"), ("locked", "true")]
  private static let tokens = [("access_token", "\"a\""), ("refresh_token", "\"b\"")]
  private static let legacy = [
    ("category", "\"redeemable\""), ("redemption_amount", "2.0"), ("redemption_id", "900001"),
    ("status", "\"ok\""), ("discount_distribution_items", "[]"),
  ]
  private static let payment = [
    ("payment_reference_id", "\"784733681950555245904\""), ("status", "\"Processing\""),
    ("response_message", "\"CREATED\""), ("card_type", "\"null\""), ("transaction_no", "7"),
  ]

  private static func pay(_ api: PunchhAPI) async throws -> AppPayment {
    let outcome = await api.createPayment(
      Lane.closed(try Lane.snapshot()), code: SandboxGuest.generous.codes[0], number: 901)
    return try #require(outcome.value)
  }

  private static func processed(_ api: PunchhAPI) async throws {
    let payment = try await pay(api)
    for _ in 0..<2 { _ = try await api.payments(.reference(payment.reference)) }
  }

  static let reference = "784733681950555245900"

  static let all: [Operation] = [
    Operation("4.1", .configuration, members: [("short_key", "6624"), ("header", "\"h\"")], required: 1) {
      let location = try await $0.locationConfiguration()
      #expect((0..<8192).contains(location.shortKey))
      return .done
    },
    Operation(
      "4.2", .meta,
      members: [
        ("program_type", "\"points\""), ("autocreate_user_phone", "true"), ("multiple_redemptions", "{}"),
        ("points_conversion_threshold", "\"25\""), ("pending_points", "true"), ("coupon_prefix", "\"C\""),
      ]
    ) {
      let meta = try await $0.programMeta()
      #expect(meta.programType.count <= 40 && meta.couponPrefix.count <= 20)
      return .done
    },
    Operation("4.3", .signup, members: user, required: 1) {
      end(await $0.createUser(NewGuest(phone: "2025550199", agreesToTerms: true)))
    },
    Operation("4.4", .search, members: user, required: 1) {
      _ = try await $0.search(email)
      return .done
    },
    Operation("4.5", .balance, members: [("account_balance", "{}"), ("subscriptions", "[]")]) {
      _ = try await $0.balance(of: "22222222")
      return .done
    },
    Operation(
      "4.6", .find, members: [("user_id", "22222222"), ("email", "\"a@b.example\""), ("locked", "false")],
      required: 1
    ) {
      _ = try await $0.find(GuestIdentifier(.singleScanCode, SandboxGuest.generous.codes[0]))
      return .done
    },
    Operation("4.7", .sendPassword) { end(await $0.sendPassword(to: signIn, challenge: "c")) },
    Operation(
      "4.7", .verifyPassword, members: tokens, required: 2,
      after: { _ = await $0.sendPassword(to: signIn, challenge: "c") }
    ) { end(await $0.verify(signIn, password: "246813", verifier: "v")) },
    Operation("4.7", .renewTokens, members: tokens, required: 2) {
      _ = await $0.sendPassword(to: signIn, challenge: "c")
      let tokens = await $0.verify(signIn, password: "246813", verifier: "v").value
      return end(await $0.renew(tokens ?? GuestTokens(access: "a", refresh: "b"), of: signIn))
    },
    Operation("4.7", .signOut) {
      _ = await $0.sendPassword(to: signIn, challenge: "c")
      let tokens = await $0.verify(signIn, password: "246813", verifier: "v").value
      return end(await $0.signOut(tokens ?? GuestTokens(access: "a", refresh: "b"), of: signIn))
    },
    Operation("5.1", .possible, members: legacy, required: 1) {
      let redemption = try await $0.possibleRedemption(reward, on: try Lane.snapshot(), by: email)
      #expect(redemption.quote.discount >= 0)
      return .done
    },
    Operation(
      "5.1", .redeem, members: legacy, required: 1,
      after: { _ = try await $0.possibleRedemption(reward, on: try Lane.snapshot(), by: email) }
    ) { end(await $0.redeem(reward, on: try Lane.snapshot(), by: email)) },
    Operation(
      "5.1", .unredeem,
      after: {
        _ = try await $0.possibleRedemption(reward, on: try Lane.snapshot(), by: email)
        _ = await $0.redeem(reward, on: try Lane.snapshot(), by: email)
      }
    ) { end(await $0.voidRedemptions(["900001"], of: email)) },
    Operation(
      "5.1", .unredeemAll,
      after: { api in
        for discount in [reward, .banked(DecimalAmount(text: "3"))] {
          _ = try await api.possibleRedemption(discount, on: try Lane.snapshot(), by: email)
          _ = await api.redeem(discount, on: try Lane.snapshot(), by: email)
        }
      }
    ) { end(await $0.voidRedemptions(["900001", "900002"], of: email)) },
    Operation("5.1", .offers, members: [("discount_amount", "2"), ("reward", "{}")]) {
      _ = try await $0.applicableOffers(try Lane.snapshot(), email: email.value)
      return .done
    },
    Operation(
      "5.1", .activeRedemptions,
      members: [("internal_tracking_code", "\"6725261\""), ("type_of_redemption", "\"x\"")], required: 1
    ) {
      let codes = try await $0.activeRedemptions(of: email).map(\.code)
      #expect(codes.allSatisfy { !$0.isEmpty })
      return .done
    },
    Operation(
      "5.2", .lookup, members: [("selected_discounts", "[]"), ("unselected_discounts", "[]")]
    ) {
      _ = try await $0.lookUpDiscounts(try Lane.snapshot(), for: guest)
      return .done
    },
    Operation("5.2", .select, members: basket) {
      end(
        await $0.select(
          [BasketSelection(.discountAmount, value: 150), BasketSelection(.redemptionCode, id: "7738989")],
          for: guest.id, check: try Lane.snapshot().identity))
    },
    Operation("5.2", .unselect, members: basket) {
      end(await $0.unselect(["6901"], for: guest.id, check: try Lane.snapshot().identity))
    },
    Operation("5.2", .active, members: basket) {
      _ = try await $0.activeBasket(try Lane.snapshot().identity, of: guest)
      return .done
    },
    Operation("5.2", .autoSelect, members: basket) {
      end(await $0.autoSelect(try Lane.snapshot(), for: guest))
    },
    Operation("5.2", .quote, members: [("success", "[]"), ("failures", "[]")], required: 0) {
      _ = try await $0.possibleBatch(try Lane.snapshot(), for: guest)
      return .done
    },
    Operation(
      "5.2", .commit, members: [("redemption_ref", "\"R1\""), ("success", "[]"), ("failures", "[]")],
      required: 1, after: { _ = try await $0.possibleBatch(try Lane.snapshot(), for: guest) }
    ) { end(await $0.redeemBatch(try Lane.snapshot(), for: guest)) },
    Operation(
      "5.2", .void,
      after: {
        _ = try await $0.possibleBatch(try Lane.snapshot(), for: guest)
        _ = await $0.redeemBatch(try Lane.snapshot(), for: guest)
      }
    ) { end(await $0.voidBatch("RR100001", of: guest)) },
    Operation(
      "5.2", .unlock, after: { _ = try await $0.lookUpDiscounts(try Lane.snapshot(), for: guest) }
    ) { end(await $0.unlock(try Lane.snapshot().identity, of: guest)) },
    Operation("6.1", .checkin, members: [("points_earned", "10")]) {
      end(await $0.checkIn(Lane.closed(try Lane.snapshot()), by: email))
    },
    Operation("6.2", .receipt) {
      end(await $0.storeReceipt(Lane.closed(try Lane.snapshot())))
    },
    Operation("6.3", .receipt, after: { _ = await $0.storeReceipt(Lane.closed(try Lane.snapshot())) }) {
      end(await $0.storeReceipt(Lane.closed(try Lane.snapshot()), isVoid: true))
    },
    Operation("6.4", .transaction) {
      end(await $0.registerVisit(Lane.closed(try Lane.snapshot()), by: email))
    },
    Operation("2.4", .pay, members: payment, required: 2) {
      end(
        await $0.createPayment(
          Lane.closed(try Lane.snapshot()), code: SandboxGuest.generous.codes[0], number: 900))
    },
    Operation("2.4", .paymentStatus, members: payment, required: 2, after: { _ = try await pay($0) }) {
      _ = try await $0.payments(.reference(reference))
      return .done
    },
    Operation("2.4", .completePayment, members: payment, required: 2, after: { try await processed($0) }) {
      end(await $0.completePayment(reference, code: SandboxGuest.generous.codes[0]))
    },
    Operation("2.4", .cancelPayment, members: payment, required: 2, after: { _ = try await pay($0) }) {
      end(await $0.cancelPayment(reference, number: 902))
    },
    Operation("2.4", .refundPayment, members: payment, required: 2, after: { try await processed($0) }) {
      end(await $0.refundPayment(reference, number: 903))
    },
  ]
}

@Suite("Every operation of the API", .timeLimit(.minutes(2)))
struct OperationTests {
  private static var settings: SandboxSettings {
    var settings = Lane.settings
    settings.guests = [.demo, .generous]
    settings.slowMilliseconds = 600_000
    return settings
  }

  /// Method and path of every operation of specs/punchh.md §2.4 and §4 to §6 → its section.
  private static let published = [
    "GET /api/pos/locations/configuration": "4.1", "GET /api/pos/meta": "4.2", "POST /api/pos/users": "4.3",
    "GET /api/pos/users/search": "4.4", "GET /api/pos/users/balance": "4.5", "GET /api/pos/users/find": "4.6",
    "POST /api2/password_less/token": "4.7", "POST /api2/password_less/verify": "4.7",
    "POST /api2/password_less/refresh_token": "4.7", "POST /api2/password_less/sign_out": "4.7",
    "POST /api/pos/redemptions/possible": "5.1", "POST /api/pos/redemptions": "5.1",
    "DELETE /api/pos/redemptions": "5.1", "DELETE /api/pos/redemptions/multiple_destroy": "5.1",
    "POST /api/pos/redemptions/applicable_offers": "5.1", "GET /api/pos/users/active_redemptions": "5.1",
    "POST /api/pos/discounts/lookup": "5.2", "POST /api/pos/discounts/select": "5.2",
    "DELETE /api/pos/discounts/unselect": "5.2", "GET /api/pos/discounts/active": "5.2",
    "POST /api/pos/discounts/auto_select": "5.2", "POST /api/pos/batch_redemptions": "5.2",
    "DELETE /api/pos/batch_redemptions": "5.2", "PUT /api/pos/discounts/unlock": "5.2",
    "POST /api/pos/checkins": "6.1", "POST /receipt_details": "6.2", "POST /api/pos/transactions": "6.4",
    "POST /api/pos/payments": "2.4", "GET /api/pos/payments/status": "2.4", "PUT /api/pos/payments": "2.4",
    "DELETE /api/pos/payments": "2.4", "POST /api/pos/payments/refund": "2.4",
  ]

  @Test("the table has every route of the server, and the server every operation that PAR publishes")
  func complete() async throws {
    #expect(Set(Operation.all.map(\.route)) == Set(SandboxRoute.allCases))
    // Quote and commit share an address.
    #expect(Self.published.count == SandboxRoute.allCases.count - 1)
    let sections = Set(Self.published.values).union(["6.3"])
    #expect(Set(Operation.all.map(\.section)) == sections)
    // What each operation sends is what is published: none is missing and none is invented.
    var sent: Set<String> = []
    for operation in Operation.all {
      try await Lane.run(Self.settings) { lane in
        try await operation.prepare(lane.provider.api)
        _ = try await operation.run(lane.provider.api)
        let call = try #require(lane.sandbox.ledger.calls.last)
        sent.insert(call.address)
        #expect(
          Self.published[call.address] == operation.section || operation.section == "6.3", "\(call.address)")
      }
    }
    #expect(sent == Set(Self.published.keys))
  }

  @Test("it works, and the server has nothing to complain about", arguments: Operation.all)
  func works(operation: Operation) async throws {
    try await Lane.run(Self.settings) { lane in
      try await operation.prepare(lane.provider.api)
      #expect(try await operation.run(lane.provider.api) == .done)
      let ledger = lane.sandbox.ledger
      #expect(ledger.violations == [])
      #expect(ledger.calls.last?.route == operation.route && [200, 202].contains(ledger.calls.last?.status))
    }
  }

  /// Runs it and reads a thrown error as a refusal.
  private func end(_ operation: Operation, _ api: PunchhAPI) async throws -> Operation.End {
    do {
      return try await operation.run(api)
    } catch let error as DeviceError {
      return .refused(error.code)
    }
  }

  /// Calls that change nothing: their errors are thrown, so `unknown` does not occur.
  private static let readers: [SandboxRoute] = [
    .configuration, .meta, .search, .find, .balance, .possible, .offers, .activeRedemptions, .lookup, .active,
    .quote, .paymentStatus,
  ]

  @Test("what goes wrong is told by its code, and doubt is kept", arguments: Operation.all)
  func faults(operation: Operation) async throws {
    let rows: [(SandboxFault, DeviceError.Code, mayHaveHappened: Bool)] = [
      (.busy, .loyaltyBusy, false), (.failing, .loyaltyBusy, true), (.dropped, .loyaltyUnreachable, true),
      (.notJSON, .loyaltyMalformed, true), (.redirected, .loyaltyMalformed, false),
      (.locked, .loyaltyRefused, false),
    ]
    for (fault, code, mayHaveHappened) in rows {
      // Sign-in has to succeed before tokens can be renewed; the fault is for the call itself.
      try await Lane.run(Self.settings) { lane in
        try await operation.prepare(lane.provider.api)
        let before = lane.sandbox.ledger.calls.count { $0.route == operation.route }
        lane.sandbox.inject(fault, on: operation.route)
        let end = try await end(operation, lane.provider.api)
        let isRead = Self.readers.contains(operation.route)
        #expect(end == (mayHaveHappened && !isRead ? .unknown(code) : .refused(code)), "\(fault)")
        let sent = lane.sandbox.ledger.calls.count { $0.route == operation.route } - before
        // libcurl repeats what repeats without harm when a kept connection breaks.
        #expect(sent == 1 || fault == .dropped && (isRead || operation.route == .unlock) && sent == 2)
      }
    }
  }

  private static let values = [
    "null", "true", "0", "-1", "9223372036854775808", "1e400", "\"\"", "\"x\"", "[]", "[null]", "[[]]", "{}",
    #"{"name":1}"#, #"{"id":{}}"#, "\"" + String(repeating: "y", count: 100_000) + "\"",
  ]

  @Test("no member of an answer traps: it is read, or the answer is malformed", arguments: Operation.all)
  func members(operation: Operation) async throws {
    guard !operation.members.isEmpty else { return }
    try await Lane.run(Self.settings) { lane in
      for (index, member) in operation.members.enumerated() {
        for value in [nil] + Self.values.map(Optional.some) {
          let others = operation.members.filter { $0.name != member.name }
          let all = others + (value.map { [(member.name, $0)] } ?? [])
          let body = "{" + all.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
          lane.sandbox.script(200, body, on: operation.route)
          let end = try await end(operation, lane.provider.api)
          let isRead = Self.readers.contains(operation.route)
          #expect(
            end == .done || operation.route == .redeem && end == .refused(.loyaltyRefused)
              || end == (isRead ? .refused(.loyaltyMalformed) : .unknown(.loyaltyMalformed)),
            "\(member.name) = \(value?.prefix(40) ?? "missing")")
          if value == nil, index >= operation.required, operation.route != .quote { #expect(end == .done) }
          if value == nil, index < operation.required { #expect(end != .done) }
        }
      }
    }
  }

  /// Generated from what the sandbox answers, so that no field can be forgotten here.
  @Test(
    "each field of each answer: missing, null, of another type, out of range, too long",
    arguments: Operation.all)
  func everyField(operation: Operation) async throws {
    try await Lane.run(Self.settings) { lane in
      try await operation.prepare(lane.provider.api)
      #expect(try await operation.run(lane.provider.api) == .done)
      let isRead = Self.readers.contains(operation.route)
      let variants = AnswerVariants.of(lane.sandbox.lastAnswer(of: operation.route))
      #expect(variants.count >= AnswerVariants.values.count)
      for (place, body) in variants {
        lane.sandbox.script(200, body, on: operation.route)
        let end = try await end(operation, lane.provider.api)
        #expect(
          end == .done || operation.route == .redeem && end == .refused(.loyaltyRefused)
            || end == (isRead ? .refused(.loyaltyMalformed) : .unknown(.loyaltyMalformed)),
          "\(place): \(end)")
      }
    }
  }

  // MARK: Particulars

  @Test("what the guest chose in the app is read, in the order of redemption")
  func selections() async throws {
    try await Lane.run(Self.settings) { lane in
      lane.sandbox.script(
        200,
        #"""
        {"id":1,"selected_rewards":[{"id":41049646877}],"selected_redeemables":[{"id":7,"count":2}],
         "selected_redeemable_cards":{"count":1},"selected_discount_amount":{"banked_currency":"3.50"},
         "selected_coupons":[{"code":"ABC"},{"code":null}],"selected_subscriptions":[{"subscription_id":9}],
         "selected_tip_amount":"2.00","selected_card_number":"6006","single_scan_code":"abcdef12"}
        """#, on: .search)
      let user = try await lane.provider.api.search(GuestIdentifier(.shortCode, "JII8"))
      #expect(
        user.selected.discounts == [
          .reward("41049646877"), .redeemable("7"), .redeemable("7"), .cardCompletion,
          .banked(DecimalAmount(text: "3.50")), .code("ABC"), .subscription("9"),
        ])
      #expect(user.selected.tip?.minorUnits(in: .usDollar) == 200)
      #expect(user.selected.cardNumber == "6006" && user.selected.singleScanCode == "abcdef12")
    }
  }

  @Test("X3: two items, 8 off in two lines, whatever their sign; 4 is due")
  func legacyReductions() async throws {
    try await Lane.run(Self.settings) { lane in
      lane.sandbox.script(
        200,
        #"""
        {"category":"redeemable","redemption_amount":8,"redemption_id":41049646877,"status":"honored",
         "discount_distribution_items":[
          {"item_name":"Sandwich","item_amount":-3,"menu_item_type":"R","menu_item_id":1},
          {"item_name":"Coke","item_amount":-5.0,"menu_item_type":"R","menu_item_id":2}]}
        """#, on: .possible)
      let order = Order(
        checkNumber: "1", currency: .usDollar,
        lines: [Order.Line(name: "Sandwich", amount: 500), Order.Line(name: "Coke", amount: 700)])
      let redemption = try await lane.provider.api.possibleRedemption(
        Operation.reward, on: try Lane.snapshot(order), by: Operation.email)
      #expect(redemption.quote.lines.map(\.amount) == [300, 500])
      #expect((order.total ?? 0) - redemption.quote.discount == 400)
    }
  }

  @Test("X13: a coupon needs no guest, works once, and is not given back by its void")
  func coupon() async throws {
    try await Lane.run(Self.settings) { lane in
      let api = lane.provider.api
      let check = try Lane.snapshot()
      #expect(try await api.possibleRedemption(.code("7738989"), on: check, by: nil).quote.discount == 200)
      #expect(await api.redeem(.code("7738989"), on: check, by: nil).value?.quote.discount == 200)
      let other = try Lane.snapshot(number: 18)
      let again = try await api.possibleRedemption(.code("7738989"), on: other, by: nil)
      #expect(again.category == "processed" && !again.isValid && again.quote.discount == 0)
      #expect(await api.voidCoupons(["7738989"], transactionNumber: 17).value != nil)
      #expect(try await !api.possibleRedemption(.code("7738989"), on: other, by: nil).isValid)
      #expect(lane.sandbox.ledger.violations == [])
    }
  }

  @Test("a redemption whose answer was lost is the same one when it is sent again")
  func legacyRepeated() async throws {
    try await Lane.run(Self.settings) { lane in
      let api = lane.provider.api
      let check = try Lane.snapshot()
      _ = try await api.possibleRedemption(Operation.reward, on: check, by: Operation.email)
      lane.sandbox.inject(.dropped, on: .redeem, times: 1)
      #expect(await api.redeem(Operation.reward, on: check, by: Operation.email).doubt != nil)
      let again = await api.redeem(Operation.reward, on: check, by: Operation.email)
      #expect(again.value?.id == "900001")
      #expect(lane.sandbox.ledger.singleRedemptions.count == 1)
    }
  }

  @Test("X11: a payment's reference is longer than 64 bits; statuses are read without case")
  func payment() async throws {
    try await Lane.run(Self.settings) { lane in
      let api = lane.provider.api
      let created = await api.createPayment(
        Lane.closed(try Lane.snapshot()), code: SandboxGuest.generous.codes[0], number: 1)
      let payment = try #require(created.value)
      #expect(payment.status == .processing && payment.message == "AWAITING_USER_INPUT")
      #expect(payment.reference == Operation.reference && Int64(payment.reference) == nil)
      #expect(try await api.payments(.open).map(\.reference) == [payment.reference])
      #expect(try await api.payments(.reference(payment.reference)).map(\.isPaid) == [true])
      let end = await api.completePayment(payment.reference, code: SandboxGuest.generous.codes[0])
      #expect(end.value?.status == .success)
      #expect(await api.refundPayment(payment.reference, number: 2).value?.status == .refunded)
      #expect(lane.sandbox.ledger.violations == [])
    }
  }

  @Test("nobody is signed up without consent or contact: nothing is sent")
  func consent() async throws {
    try await Lane.run(Self.settings) { lane in
      for guest in [NewGuest(phone: "2025550199", agreesToTerms: false), NewGuest(agreesToTerms: true)] {
        #expect(await lane.provider.api.createUser(guest).refusal?.code == .badInput)
      }
      #expect(lane.sandbox.ledger.calls.isEmpty)
      let known = await lane.provider.api.createUser(NewGuest(phone: "2025550188", agreesToTerms: true))
      #expect(known.refusal?.code == .loyaltyRefused)
      #expect(known.refusal?.detail.contains("2025550188") == false)
    }
  }

  @Test("a receipt sent again changes points, a void takes them back, as long as the check-in is pending")
  func receiptVersions() async throws {
    let clock = Clock(0)
    try await Lane.run(Self.settings, clock: { clock.now }) { lane in
      let api = lane.provider.api
      let closed = Lane.closed(try Lane.snapshot())
      #expect(await api.checkIn(closed, by: Operation.email).value?.pointsEarned == 13)
      #expect(await api.storeReceipt(closed).value != nil)
      #expect(await api.storeReceipt(closed, isVoid: true).value != nil)
      #expect(lane.sandbox.ledger.checkIns.map(\.isVoided) == [true])
      #expect(lane.sandbox.ledger.receipts.map(\.isVoided) == [true])
      let late = Lane.closed(try Lane.snapshot(number: 18))
      #expect(await api.checkIn(late, by: Operation.email).value?.pointsEarned == 13)
      clock.now += 3601
      #expect(await api.storeReceipt(late, isVoid: true).value != nil)
      #expect(lane.sandbox.ledger.checkIns.map(\.isVoided) == [true, false])
    }
  }

  @Test("X7: 40 points of 100 stay 40 until the hundredth, then they are none and $10")
  func threshold() async throws {
    var settings = Self.settings
    settings.pointsThreshold = 100
    settings.bankedPerThreshold = 1000
    try await Lane.run(settings) { lane in
      let api = lane.provider.api
      func shown() async throws -> [String?] {
        let balance = try await api.search(Operation.email).balance
        return [balance.points?.text, balance.bankedRewards?.text]
      }
      #expect(try await shown() == ["40", "5.0"])
      for (number, amount, expected) in [(Int64(1), Int64(5900), ["99", "5.0"]), (2, 100, ["0", "15.0"])] {
        let order = Order(
          checkNumber: "1", currency: .usDollar, lines: [Order.Line(name: "Food", amount: amount)])
        let check = Lane.closed(try Lane.snapshot(order, number: number))
        #expect(await api.checkIn(check, by: Operation.email).value != nil)
        #expect(try await shown() == expected)
      }
    }
  }

  @Test("a sale at a location that speaks Redemptions 1.0 redeems what was selected, once, also in doubt")
  func singleRedemptions() async throws {
    var settings = Self.settings
    settings.allowsMultipleRedemptions = false
    try await Lane.run(settings, configure: { $0.redemptions = .single }) { lane in
      let provider = lane.provider
      let check = try Lane.snapshot()
      let code = GuestCode(kind: .singleScan, value: SandboxGuest.generous.codes[0])
      let guest = try await provider.findGuest(code)
      #expect(guest.selections == ["reward:41049646901", "reward:41049646902"])
      let discounts = try await provider.lookUpDiscounts(check, for: guest)
      #expect(discounts.map(\.isSelected) == [true, true])
      let quote = try await provider.quote(check, for: guest)
      // The lemonade is not on this check.
      #expect(quote.discount == 200 && quote.refusals.count == 1)
      lane.sandbox.inject(.dropped, on: .redeem, times: 1)
      #expect(await provider.commit(check, for: guest).doubt != nil)
      #expect(try await provider.isBasketOpen(check.identity, of: guest))
      let redemption = try #require(await provider.commit(check, for: guest).value)
      #expect(redemption.reference == "900001" && redemption.granted.discount == 200)
      #expect(lane.sandbox.ledger.singleRedemptions.count == 1)
      #expect(lane.sandbox.ledger.calls.count { $0.route == .redeem } == 2)
      #expect(await provider.unlock(check.identity, of: guest).value != nil)
      #expect(await provider.void(redemption, of: guest).value != nil)
      #expect(lane.sandbox.ledger.singleRedemptions.map(\.isVoided) == [true])
      #expect(!lane.sandbox.ledger.calls.contains { $0.route == .commit || $0.route == .lookup })
      #expect(lane.sandbox.ledger.violations == [])
    }
  }

  @Test("the ids of single redemptions that were answered are not lost with the answer to the next one")
  func partOfSingleRedemptions() async throws {
    try await Lane.run(Self.settings, configure: { $0.redemptions = .single }) { lane in
      let check = try Lane.snapshot()
      var guest = Operation.guest
      guest.selections = ["reward:41049646901", "reward:41049646902"]
      lane.sandbox.script(
        200,
        #"""
        {"category":"redeemable","redemption_amount":2,"redemption_id":900007,"status":"honored",
         "discount_distribution_items":[
          {"item_name":"Burger","item_amount":-2,"menu_item_type":"R","menu_item_id":1}]}
        """#, on: .redeem)
      lane.sandbox.script(200, "{", on: .redeem)
      let part = try #require(await lane.provider.commit(check, for: guest).value)
      #expect(part.reference == "900007" && part.granted.discount == 200 && part.doubt != nil)
      #expect(part.returnsWithReceipt == false)
      // With no id at all there is nothing to keep.
      lane.sandbox.script(200, "{", on: .redeem)
      #expect(await lane.provider.commit(check, for: guest).doubt != nil)
    }
  }

  @Test("an anonymous guest can be made for a coupon")
  func anonymous() async throws {
    try await Lane.run(Self.settings) { lane in
      let user = try await lane.provider.api.find(nil)
      #expect(user.displayName == "Guest" && user.id == "22222223")
      let check = try Lane.snapshot()
      let basket = await lane.provider.api.select(
        [BasketSelection(.redemptionCode, id: "7738989")], for: user.id, check: check.identity)
      #expect(basket.value?.items?.count == 1 && basket.value?.isLocked == true)
    }
  }

  /// A 404 to the question for the basket is about the basket; an unlock may be refused since another check holds it.
  @Test("a missing basket is told by its words, and by the 404 of the question for it; not by any 404 or 422")
  func missingBasket() async throws {
    try await Lane.run(Self.settings) { lane in
      let identity = try Lane.snapshot().identity
      let rows: [(Int, String, isGone: Bool, isUnlocked: Bool)] = [
        (404, #"{"error":"User does not have an active basket."}"#, true, true),
        (422, #"{"error":"User does not have an active basket."}"#, true, true),
        (404, #"{"error":"No active basket found"}"#, true, true),
        (422, #"{"error":"No Basket found"}"#, true, true),
        (404, #"{"error":"L'invité n'a pas de panier actif"}"#, true, false),
        (422, #"{"error":"Unable to find valid discount basket."}"#, false, true),
        (404, #"["User not found"]"#, false, false), (404, "", false, false),
        (422, #"["Guest is banned"]"#, false, false),
        (
          422, #"{"error":"Unable to access the user's Discount Basket, the Basket is currently locked"}"#,
          false, false
        ),
      ]
      for (status, body, isGone, isUnlocked) in rows {
        lane.sandbox.script(status, body, on: .active)
        let open = try? await lane.provider.isBasketOpen(identity, of: Operation.guest)
        #expect(open == (isGone ? false : nil), "\(status) \(body)")
        lane.sandbox.script(status, body, on: .unlock)
        let unlock = await lane.provider.unlock(identity, of: Operation.guest)
        #expect((unlock.value != nil) == isUnlocked, "\(status) \(body)")
      }
    }
  }
}
