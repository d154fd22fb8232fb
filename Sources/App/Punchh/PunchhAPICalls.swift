import POSLoyalty
import POSModel

// The calls that a sale of its own does not make: sign-up, balance, the basket by hand, Redemptions 1.0, payments in
// the app.

extension PunchhCalls {
  // MARK: Guest

  /// One of telephone number, address and card is sent as it is there: the schema asks for the number, its
  /// description for any of the three (specs/punchh.md §4.3).
  func createUser(_ guest: NewGuest) throws(DeviceError) -> PunchhCall {
    let contacts = [guest.phone, guest.email, guest.cardNumber].compactMap { $0 }
    let operation = "signing up the guest"
    guard !contacts.isEmpty, contacts.allSatisfy({ (1...255).contains($0.utf8.count) }) else {
      throw DeviceError(
        .badInput, during: operation, detail: "a telephone number, an e-mail address or a card is needed")
    }
    guard guest.agreesToTerms else {
      throw DeviceError(
        .badInput, during: operation, detail: "the guest has not agreed to the terms",
        hint: "ask the guest; then say so")
    }
    let texts: [(name: String, value: String?)] = [
      ("phone", guest.phone), ("email", guest.email), ("card_number", guest.cardNumber),
      ("first_name", guest.firstName), ("last_name", guest.lastName), ("birthday", guest.birthday),
    ]
    var members: Members = texts.compactMap { name, value in value.map { (name, .text($0)) } }
    members += [
      ("terms_and_conditions", .bool(true)), ("send_compliance_sms", .bool(guest.wantsMessages)),
      ("marketing_email_subscription", .bool(guest.wantsMessages)), ("signup_channel", .text(guest.channel)),
    ]
    return PunchhCall(
      method: .post, path: "/api/pos/users", body: JSONText.object(members).bytes, pace: .commit,
      isRepeatable: false, operation: operation, secrets: texts.compactMap(\.value))
  }

  /// A GET with a body.
  func balance(of user: String) -> PunchhCall {
    let body = JSONText.object([
      ("user_id", id(user)), ("discount_type", .array([.text("subscription")])),
    ])
    return PunchhCall(
      method: .get, path: "/api/pos/users/balance", body: body.bytes,
      operation: "fetching the guest's balance")
  }

  // MARK: One-time passwords

  /// `challenge` is the PKCE challenge made of a verifier that ``verify(_:password:verifier:)`` sends.
  func sendPassword(_ guest: GuestSignIn, challenge: String) throws(DeviceError) -> PunchhCall {
    try signIn(
      guest, "token", [("code_challenge", .text(challenge))], operation: "sending the guest a password")
  }

  func verify(_ guest: GuestSignIn, password: String, verifier: String) throws(DeviceError) -> PunchhCall {
    var call = try signIn(
      guest, "verify",
      [
        ("token", .text(password)), ("code_verifier", .text(verifier)),
        ("privacy_policy", .bool(guest.agreesToTerms)), ("terms_and_conditions", .bool(guest.agreesToTerms)),
      ], operation: "checking the guest's password")
    call.headers.append(("client-type", guest.clientType))
    call.secrets += [password, verifier]
    return call
  }

  func renew(_ tokens: GuestTokens, of guest: GuestSignIn, end: Bool) throws(DeviceError) -> PunchhCall {
    var call = try signIn(
      guest, end ? "sign_out" : "refresh_token", [("refresh_token", .text(tokens.refresh))],
      namesGuest: false, operation: end ? "signing the guest out" : "renewing the guest's sign-in")
    call.secrets += [tokens.access, tokens.refresh]
    return call
  }

  private func signIn(
    _ guest: GuestSignIn, _ step: String, _ further: Members, namesGuest: Bool = true, operation: String
  ) throws(DeviceError) -> PunchhCall {
    guard HeaderText.isToken(guest.deviceID), HeaderText.isToken(guest.clientType) else {
      throw DeviceError(
        .badConfiguration, during: operation, detail: "the device's id is made of letters, digits and -._")
    }
    var members: Members = [("client", .text(guest.client))]
    if namesGuest {
      if let email = guest.email {
        members += [("email", .text(email))]
      } else if let phone = guest.phone {
        members += [("phone_ext", .text(guest.phoneCountry)), ("phone_number", .text(phone))]
      } else {
        throw DeviceError(
          .badInput, during: operation, detail: "an e-mail address or a telephone number is needed")
      }
    }
    return PunchhCall(
      method: .post, path: "/api2/password_less/\(step)", body: JSONText.object(members + further).bytes,
      headers: [("punchh-app-device-id", guest.deviceID)], carriesKeys: false, pace: .commit,
      isRepeatable: false, operation: operation, secrets: [guest.email, guest.phone].compactMap { $0 })
  }

  // MARK: The basket by hand

  /// All or nothing: one bad selection fails the call.
  func select(
    _ selections: [BasketSelection], for user: String, check: CheckIdentity, currency: Currency
  ) -> PunchhCall {
    let items = selections.map { selection in
      var members: Members = [("discount_type", .text(selection.kind.rawValue))]
      if let id = selection.id { members += [("discount_id", .text(id))] }
      if let value = selection.value {
        members += [("discount_value", .amount(value, decimals: currency.exponent))]
      }
      return JSONText.object(members)
    }
    return basketCall(
      .post, "select", user, check, [("discount_basket_items_attributes", .array(items))],
      operation: "selecting rewards",
      secrets: selections.filter { $0.kind == .redemptionCode }.compactMap(\.id))
  }

  /// A DELETE with a body.
  func unselect(_ items: [String], for user: String, check: CheckIdentity) -> PunchhCall {
    basketCall(
      .delete, "unselect", user, check, [("discount_basket_item_ids", .array(items.map(id)))],
      operation: "taking rewards out of the basket")
  }

  private func basketCall(
    _ method: HTTPRequest.Method, _ verb: String, _ user: String, _ check: CheckIdentity, _ members: Members,
    operation: String, secrets: [String] = []
  ) -> PunchhCall {
    let body = [("user_id", id(user)), ("external_uid", .text(check.externalID))] + members
    return PunchhCall(
      method: method, path: "/api/pos/discounts/\(verb)", body: JSONText.object(body).bytes, pace: .commit,
      isRepeatable: false, operation: operation, secrets: secrets)
  }

  /// Puts what fits the check into the basket.
  func autoSelect(_ check: CheckSnapshot, of guest: Guest) throws(DeviceError) -> PunchhCall {
    PunchhCall(
      method: .post, path: "/api/pos/discounts/auto_select", body: try sale(check, of: guest).bytes,
      pace: .commit, isRepeatable: false, operation: "selecting rewards automatically",
      secrets: secrets(guest))
  }

  // MARK: Redemptions 1.0

  /// The same body for the question and the redemption: the server checks the receipt again.
  func redemption(
    _ discount: LegacyDiscount, on check: CheckSnapshot, by guest: GuestIdentifier?, commits: Bool
  ) throws(DeviceError) -> PunchhCall {
    let decimals = check.order.currency.exponent
    var members: Members =
      switch discount {
      case .reward(let reward): [("discount_type", .text("reward")), ("reward_id", id(reward))]
      case .redeemable(let reward):
        [("discount_type", .text("redeemable")), ("redeemable_id", id(reward))]
      case .banked(let amount):
        [
          ("discount_type", .text("discount_amount")),
          (
            "redeemed_points",
            .amount(amount.minorUnits(in: check.order.currency) ?? 0, decimals: decimals)
          ),
        ]
      case .cardCompletion: [("discount_type", .text("card_completion"))]
      case .code(let code):
        [("discount_type", .text("redemption_code")), ("redemption_code", .text(code))]
      case .fuelReward: [("discount_type", .text("fuel_reward"))]
      case .subscription(let plan):
        [("discount_type", .text("subscription")), ("subscription_id", id(plan))]
      }
    members += guestMembers(guest)
    members += try legacyReceipt(check)
    return PunchhCall(
      method: .post, path: commits ? "/api/pos/redemptions" : "/api/pos/redemptions/possible",
      body: JSONText.object(members).bytes, pace: commits ? .commit : .lookUp, isRepeatable: !commits,
      operation: commits ? "redeeming the guest's reward" : "asking what the reward takes off",
      secrets: [guest?.value].compactMap { $0 })
  }

  /// Offers that fit the check.
  func applicableOffers(_ check: CheckSnapshot, email: String) throws(DeviceError) -> PunchhCall {
    PunchhCall(
      method: .post, path: "/api/pos/redemptions/applicable_offers",
      body: JSONText.object([("email", .text(email))] + (try legacyReceipt(check))).bytes,
      operation: "looking up the offers that fit", secrets: [email])
  }

  func activeRedemptions(of guest: GuestIdentifier) -> PunchhCall {
    PunchhCall(
      method: .get, path: "/api/pos/users/active_redemptions", query: [(guest.name.rawValue, guest.value)],
      operation: "fetching the guest's redemptions", secrets: [guest.value])
  }

  /// A DELETE with a body: by ids and guest, or by codes and transaction.
  func voidRedemptions(
    ids: [String], of guest: GuestIdentifier?, codes: [String] = [], transactionNumber: Int64? = nil
  ) -> PunchhCall {
    let isSeveral = max(ids.count, codes.count) > 1
    func named(_ name: String, _ values: [JSONText]) -> Members {
      guard let first = values.first else { return [] }
      return [(name, isSeveral ? .array(values) : first)]
    }
    var members = named("redemption_id", ids.map(id)) + named("redemption_code", codes.map { .text($0) })
    members += guestMembers(guest)
    if let transactionNumber { members += [("transaction_no", .text(String(transactionNumber)))] }
    return PunchhCall(
      method: .delete, path: "/api/pos/redemptions" + (isSeveral ? "/multiple_destroy" : ""),
      body: JSONText.object(members).bytes, pace: .commit, isRepeatable: false,
      operation: "voiding the redemption", secrets: [guest?.value].compactMap { $0 })
  }

  private func guestMembers(_ guest: GuestIdentifier?) -> Members {
    guest.map { [($0.name.rawValue, .text($0.value))] } ?? []
  }

  /// Items net of the shop's discounts, in the other spelling.
  private func legacyReceipt(_ check: CheckSnapshot) throws(DeviceError) -> Members {
    let lines = try PunchhLines(check.order)
    let decimals = check.order.currency.exponent
    let subtotal = JSONText.amount(lines.subtotal, decimals: decimals)
    guard !check.identity.receiptKey.isEmpty else {
      throw DeviceError(
        .badInput, during: "writing the check for Punchh", detail: "it has no receipt key yet")
    }
    var members: Members = [
      ("receipt_amount", subtotal), ("subtotal_amount", subtotal),
      ("receipt_datetime", .text(check.identity.openedAt)),
      ("transaction_no", .text(String(check.identity.transactionNumber))),
      ("punchh_key", .text(check.identity.receiptKey)),
      ("external_uid", .text(check.identity.externalID)), ("channel", .text(configuration.channel.rawValue)),
    ]
    if !check.order.employeeName.isEmpty { members += [("employee_name", .text(check.order.employeeName))] }
    members += [
      (
        "menu_items",
        .array(
          lines.sale.map { $0.json(.menuItems, decimals: decimals, itemID: configuration.itemIDForm) })
      )
    ]
    return members
  }

  // MARK: Payments in the app

  /// One number per request, whatever comes of it: it is not the check's number (specs/punchh.md §2.4).
  func createPayment(
    _ check: ClosedCheck, code: String, type: AppPaymentType, number: Int64
  ) throws(DeviceError) -> PunchhCall {
    var members: Members = [
      ("payment_type", .text(type.rawValue)), ("single_scan_code", .text(code)),
      ("currency_code", .text(check.snapshot.order.currency.code)),
    ]
    // The sale's other members, in the payment's own form: no channel, no external_uid.
    let unused = ["channel", "external_uid"]
    for member in try closed(check) where !unused.contains(member.name) {
      members.append(member.name == "transaction_no" ? (member.name, .text(String(number))) : member)
      if member.name == "receipt_amount" { members += [("amount", member.value)] }
    }
    members.removeAll { $0.name == "receipt_amount" }
    return PunchhCall(
      method: .post, path: "/api/pos/payments", body: JSONText.object(members).bytes, pace: .commit,
      isRepeatable: false, operation: "asking the guest's app for the payment", secrets: [code])
  }

  /// A GET with a body.
  func paymentStatus(_ query: AppPaymentQuery) -> PunchhCall {
    let members: Members =
      switch query {
      case .open: []
      case .day(let day): [("payment_date", .text(day))]
      case .reference(let reference): [("payment_reference_id", .text(reference))]
      }
    return PunchhCall(
      method: .get, path: "/api/pos/payments/status", body: JSONText.object(members).bytes,
      operation: "asking what became of the payment in the app")
  }

  /// The end of a payment that was processed, at the close of the check.
  func completePayment(
    _ reference: String, code: String, email: String?, type: AppPaymentType
  ) -> PunchhCall {
    paymentCall(
      .put, "", reference, type,
      [("status", .text("completed")), ("single_scan_code", .text(code))]
        + (email.map { [("email", .text($0))] } ?? []),
      operation: "completing the payment in the app", secrets: [code] + (email.map { [$0] } ?? []))
  }

  /// A DELETE with a body.
  func cancelPayment(_ reference: String, type: AppPaymentType, number: Int64) -> PunchhCall {
    paymentCall(
      .delete, "", reference, type, [("transaction_no", .text(String(number)))],
      operation: "cancelling the payment in the app")
  }

  func refundPayment(_ reference: String, type: AppPaymentType, number: Int64) -> PunchhCall {
    paymentCall(
      .post, "/refund", reference, type, [("transaction_no", .text(String(number)))],
      operation: "refunding the payment in the app")
  }

  private func paymentCall(
    _ method: HTTPRequest.Method, _ verb: String, _ reference: String, _ type: AppPaymentType,
    _ further: Members, operation: String, secrets: [String] = []
  ) -> PunchhCall {
    let members: Members = [
      ("payment_type", .text(type.rawValue)), ("payment_reference_id", .text(reference)),
    ]
    return PunchhCall(
      method: method, path: "/api/pos/payments\(verb)", body: JSONText.object(members + further).bytes,
      pace: .commit, isRepeatable: false, operation: operation, secrets: secrets)
  }

  /// An id as PAR's examples write it: as a number where it is one of 64 bits.
  private func id(_ text: String) -> JSONText { Int64(text).map { .integer($0) } ?? .text(text) }
}
