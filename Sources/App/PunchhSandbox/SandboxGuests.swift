// Location, look-up and sign-up (specs/punchh.md §4).

extension SandboxWorld {
  /// Flags and numbers as strings but one real boolean, as in PAR's example.
  func configuration() -> SandboxReply {
    var members: [(String, SandboxJSON)] = [
      ("banked_rewards_mode", "1"), ("business_name", "Punchh Demo"), ("header", .string(settings.header)),
      ("location_id", "327922"), ("location_name", .string(settings.locationName)), ("log_level", "6"),
      ("points_unlock_mode", "0"), ("print_barcodes", "1"), ("send_to_datasink", "1"),
      ("short_key", .string(String(settings.shortKey))),
    ]
    for number in 1...5 {
      members.append(
        ("trailer_\(number)", .string(number <= settings.trailers.count ? settings.trailers[number - 1] : ""))
      )
    }
    members += [
      ("update_interval", "60"), ("visits_mode", "0"),
      ("multiple_redemption_on_location", .bool(settings.allowsMultipleRedemptions)),
    ]
    return Self.reply(200, .object(members.map { SandboxJSON.Member(name: $0.0, value: $0.1) }))
  }

  func index(id: Int64?) -> Int? { accounts.firstIndex { $0.guest.id == id } }

  func index(code: String, now: Int64) -> Int? {
    guard let entry = codes[code.lowercased()], entry.expiresAt > now else { return nil }
    return index(id: entry.guest)
  }

  mutating func find(_ body: SandboxJSON, now: Int64) -> SandboxReply {
    let value = body["lookup_value"]?.string ?? ""
    let found: Int?
    switch body["lookup_field"]?.string {
    case "otp":
      guard let index = index(code: value, now: now) else {
        return Self.reply(404, ["error": "Invalid or Expired Single Scan Code"])
      }
      found = index
    case "none":
      guard value == "anonymous" else { return Self.reply(400, ["error": "Invalid value: lookup_value"]) }
      found = enroll(
        SandboxGuest(
          id: nextGuestID, firstName: "", lastName: "", email: "anonymous\(nextGuestID)@example.com",
          phone: "",
          codes: [], rewards: [], points: 0))
    case "user_token": found = tokens.contains(value) ? tokenGuest(value) : nil
    case let field?: found = index(field, value, now: now)
    case nil: found = nil
    }
    guard let found else { return Self.reply(404, ["User not found"]) }
    let account = accounts[found]
    return Self.reply(
      200,
      [
        "user_id": .integer(account.guest.id), "business_id": 27, "phone": .string(account.guest.phone),
        "email": .string(account.guest.email), "first_name": .string(account.guest.firstName),
        "last_name": .string(account.guest.lastName), "payment_mode": Self.text(account.guest.paymentMode),
        "selected_card_number": Self.text(account.guest.giftCard),
        "loyalty_cards": [nil], "selected_tip_amount": account.guest.tip.map { .float($0) } ?? nil,
        "external_uid": account.lockedBy.map { .string($0) } ?? nil,
        "locked": .bool(account.lockedBy != nil),
      ])
  }

  mutating func search(_ request: SandboxRequest, now: Int64) -> SandboxReply {
    guard request.query.count == 1, let (name, value) = request.query.first else {
      complain("a look-up has exactly one parameter", on: .search)
      return Self.reply(400, ["error": "Required parameter missing or the value is empty: email"])
    }
    if name == "drive_thru_code", value.count != 4 {
      return Self.reply(400, ["error": "Invalid drive_thru_code length"])
    }
    guard let found = index(name, value, now: now) else {
      return Self.reply(404, name == "drive_thru_code" ? ["error": "CODE_NOT_FOUND"] : ["User not found"])
    }
    return Self.reply(200, user(accounts[found]))
  }

  /// The user object: a telephone number that is a number, balances that are strings.
  func user(_ account: Account) -> SandboxJSON {
    let guest = account.guest
    return [
      "id": .integer(guest.id), "first_name": .string(guest.firstName), "last_name": .string(guest.lastName),
      "email": .string(guest.email), "email_verified": false,
      "phone": guest.phone.isEmpty ? nil : .number(guest.phone), "birthday": nil,
      "balance": [
        "banked_rewards": .string(SandboxJSON.float(account.banked).text ?? ""),
        "points_balance": .integer(account.points), "net_balance": .string("\(account.points).0"),
        "membership_level": nil,
      ],
      "rewards": .array(
        guest.rewards.map {
          [
            "id": .integer($0.id), "name": .string($0.name), "points": 0, "type": "reward",
            "end_date_tz": "2030-01-01T00:00:00Z",
          ]
        }),
      "selected_rewards": .array(
        account.basket.compactMap { item in
          guard case .reward(let id) = item else { return nil }
          return ["id": .integer(id), "discount_type": "reward"]
        }),
      "selected_card_number": Self.text(guest.giftCard),
      "selected_tip_amount": guest.tip.map { .string(SandboxJSON.float($0).text ?? "") } ?? nil,
    ]
  }

  static func text(_ value: String?) -> SandboxJSON { value.map { .string($0) } ?? nil }

  /// The account that one parameter of a look-up or a check-in names.
  func index(_ name: String, _ value: String, now: Int64) -> Int? {
    guard !value.isEmpty else { return nil }
    switch name {
    case "single_scan_code": return index(code: value, now: now)
    case "redemption_code":
      return accounts.firstIndex { $0.guest.redemptionCodes[value] != nil }
    case "reward_id": return accounts.firstIndex { $0.guest.rewards.contains { String($0.id) == value } }
    default:
      return accounts.firstIndex { account in
        switch name {
        case "phone": account.guest.phone == value
        case "email": account.guest.email == value
        case "card_number": account.guest.cardNumber == value
        case "user_as_qrcode": account.guest.userQR == value
        case "drive_thru_code": account.guest.shortCode == value
        case "apple_nfc_data": account.guest.applePass == value
        case "nfc_token": account.guest.nfc == value
        default: false
        }
      }
    }
  }

  // MARK: Programme

  func meta() -> SandboxReply {
    Self.reply(
      200,
      [
        "program_type": "points", "points_conversion_type": "currency", "currency_earned": "1.0",
        "points_conversion_threshold": .string(String(settings.pointsThreshold)),
        "visits_per_card": nil, "autocreate_user_phone": .bool(settings.createsUsersByPhone),
        "coupon_prefix": .string(settings.couponPrefix),
        "pending_points": .bool(settings.pendingMinutes != nil),
        "pending_points_duration": settings.pendingMinutes.map { .integer($0) } ?? nil,
        "redeemables": [], "multiple_redemptions_enabled": .bool(settings.allowsMultipleRedemptions),
        "multiple_redemptions": [
          "auto_redemption": false, "enable_discount_locking": .bool(settings.isLockingEnabled),
          "enable_auto_unlock": true, "auto_unlock_duration": 15, "max_redemptions_in_transaction": "20",
        ],
      ])
  }

  // MARK: Sign-up

  private var nextGuestID: Int64 { (accounts.map(\.guest.id).max() ?? 10_000_000) + 1 }

  /// The place of the new account.
  mutating func enroll(_ guest: SandboxGuest) -> Int {
    ledger.signUps.append(guest.id)
    accounts.append(Account(guest: guest, points: guest.points, basket: []))
    return accounts.count - 1
  }

  mutating func signUp(_ body: SandboxJSON) -> SandboxReply {
    let contacts = ["phone", "email", "card_number"].filter { body[$0]?.string?.isEmpty == false }
    guard let first = contacts.first else {
      return Self.reply(400, ["error": "Required parameter missing or the value is empty: phone"])
    }
    for name in contacts where index(name, body[name]?.string ?? "", now: 0) != nil {
      return Self.reply(422, ["errors": .object([.init(name: name, value: ["has already been taken"])])])
    }
    if body["send_compliance_sms"] == .bool(true), body["terms_and_conditions"] != .bool(true) {
      complain("messages without consent to the terms", on: .signup)
    }
    if first == "phone", body["phone"]?.string?.filter(\.isNumber).count != 10 {
      return Self.reply(422, ["errors": ["phone": ["is invalid"]]])
    }
    var guest = SandboxGuest(
      id: nextGuestID, firstName: body["first_name"]?.string ?? "", lastName: body["last_name"]?.string ?? "",
      email: body["email"]?.string ?? "\(nextGuestID)@phone.example",
      phone: body["phone"]?.string?.filter(\.isNumber) ?? "", codes: [], rewards: [], points: 0)
    guest.cardNumber = body["card_number"]?.string
    let account = accounts[enroll(guest)]
    return Self.reply(200, user(account))
  }

  func balance(_ body: SandboxJSON) -> SandboxReply {
    guard let index = index(id: body["user_id"]?.integer) else { return Self.reply(404, ["User not found"]) }
    return Self.reply(
      200,
      [
        "account_balance": [
          "banked_rewards": .string(SandboxJSON.float(accounts[index].banked).text ?? ""),
          "points_balance": .integer(accounts[index].points),
        ],
        "subscriptions": [],
      ])
  }

  // MARK: One-time passwords

  private func contact(_ body: SandboxJSON) -> String? {
    body["email"]?.string ?? body["phone_number"]?.string
  }

  mutating func sendPassword(_ body: SandboxJSON) -> SandboxReply {
    guard let contact = contact(body) else {
      return Self.reply(422, ["errors": ["base": ["communication channel is missing"]]])
    }
    passwords[contact] = body["code_challenge"]?.string ?? ""
    return Self.reply(200, [:])
  }

  mutating func verifyPassword(_ body: SandboxJSON) -> SandboxReply {
    guard body["privacy_policy"] == .bool(true), body["terms_and_conditions"] == .bool(true) else {
      return Self.reply(422, ["errors": ["base": ["Please agree on given privacy policy"]]])
    }
    guard let contact = contact(body), passwords[contact] != nil,
      body["token"]?.string == settings.oneTimePassword
    else { return Self.reply(422, ["errors": ["base": ["Invalid token"]]]) }
    passwords[contact] = nil
    let isPhone = body["email"] == nil
    let place =
      index(isPhone ? "phone" : "email", contact, now: 0)
      ?? enroll(
        SandboxGuest(
          id: nextGuestID, firstName: "", lastName: "", email: isPhone ? "" : contact,
          phone: isPhone ? contact : "", codes: [], rewards: [], points: 0))
    return newTokens(for: accounts[place].guest.id)
  }

  private mutating func newTokens(for guest: Int64) -> SandboxReply {
    let access = "access-\(guest)-\(callCount)"
    let refresh = "refresh-\(guest)-\(callCount)"
    tokens.formUnion([access, refresh])
    return Self.reply(
      200, ["data": ["access_token": .string(access), "refresh_token": .string(refresh)]])
  }

  private func tokenGuest(_ token: String) -> Int? {
    let parts = token.split(separator: "-")
    return parts.count == 3 ? index(id: Int64(parts[1])) : nil
  }

  /// Both tokens of a pair end; with `renews` a new pair takes their place.
  mutating func endTokens(_ body: SandboxJSON, renews: Bool) -> SandboxReply {
    let refresh = body["refresh_token"]?.string ?? ""
    guard tokens.contains(refresh), refresh.hasPrefix("refresh-"), let place = tokenGuest(refresh) else {
      return Self.reply(422, ["errors": ["base": ["Invalid token"]]])
    }
    tokens.subtract([refresh, "access-" + refresh.dropFirst("refresh-".count)])
    return renews ? newTokens(for: accounts[place].guest.id) : Self.reply(200, [:])
  }
}
