// Redemptions 1.0 (specs/punchh.md §5.1).

extension SandboxWorld {
  /// The question and the redemption: one discount a call.
  mutating func redemption(_ body: SandboxJSON, commits: Bool, now: Int64) -> SandboxReply {
    let route: SandboxRoute = commits ? .redeem : .possible
    let type = body["discount_type"]?.string ?? ""
    var account: Int?
    if type != "redemption_code" {
      switch guest(of: body, on: route, now: now) {
      case .failure(let refusal): return refusal.reply
      case .success(let found): account = found
      }
    }
    guard let (offer, what, category) = offer(body, type, account) else {
      return Self.reply(422, ["Invalid discount type"])
    }
    let check = body["external_uid"]?.string ?? body["transaction_no"]?.text ?? ""
    if commits {
      if let before = quoted["1.0 \(check) \(what)"] {
        if before != body["menu_items"] { complain("menu_items differ from those quoted", on: .redeem) }
      } else {
        complain("a redemption without a question", on: .redeem)
      }
      // The same request again is the same redemption.
      if let earlier = ledger.singleRedemptions.first(where: {
        $0.externalUID == check && $0.what == what && !$0.isVoided
      }) {
        return Self.reply(200, redeemed[earlier.id] ?? nil)
      }
    } else if quoted.count < 100_000 {
      quoted["1.0 \(check) \(what)"] = body["menu_items"]
    }
    guard let offer else {
      return Self.reply(
        200,
        [
          "category": .string(category), "status": .string("This code is \(category)"),
          "redemption_amount": 0,
          "redemption_id": nil, "discount_distribution_items": [],
        ])
    }
    let total = evaluate([offer], on: body, .menuItems).total
    guard total > 0 else {
      return Self.reply(
        200,
        [
          "category": "invalid", "status": "Discount qualification on receipt failed", "redemption_amount": 0,
          "discount_distribution_items": [],
        ])
    }
    guard commits else {
      return Self.reply(200, answer(offer, on: body, id: nil, category: "redeemable"))
    }
    // A coupon's id is its code (specs/punchh.md §5.1).
    let isCoupon = settings.coupons.contains { $0.code == what }
    let id = isCoupon ? Int64(what) ?? 0 : Int64(900_001 + ledger.singleRedemptions.count)
    redemptionTimes[id] = now
    ledger.singleRedemptions.append(
      .init(
        id: id, externalUID: check, guest: account.map { accounts[$0].guest.id }, what: what, amount: total,
        isVoided: false))
    spend(what, total, account)
    let answer = answer(offer, on: body, id: id, category: "redeemable")
    redeemed[id] = answer
    return Self.reply(200, answer)
  }

  /// The offer a body means, what it is called in the ledger, and its category when there is no such offer now.
  private func offer(
    _ body: SandboxJSON, _ type: String, _ account: Int?
  ) -> (offer: Offer?, what: String, category: String)? {
    switch type {
    case "reward", "redeemable":
      guard let account, let id = (body["reward_id"] ?? body["redeemable_id"])?.integer else { return nil }
      let reward = accounts[account].guest.rewards.first { $0.id == id }
      return (reward.map { Offer($0) }, String(id), "invalid")
    case "discount_amount":
      guard let account, let value = body["redeemed_points"]?.hundredths else { return nil }
      let fits = value > 0 && value <= accounts[account].banked
      return (fits ? Offer(.banked(value), name: "Banked rewards", amount: value) : nil, "banked", "invalid")
    case "card_completion":
      guard let account else { return nil }
      return (
        accounts[account].cards > 0 ? Offer(.card, name: "Full card", amount: 500) : nil, "card", "unassigned"
      )
    case "redemption_code":
      guard let code = body["redemption_code"]?.string else { return nil }
      guard !usedCoupons.contains(code) else { return (nil, code, "processed") }
      if let coupon = settings.coupons.first(where: { $0.code == code }) {
        return (Offer(.coupon(code), name: coupon.name, amount: coupon.amount), code, "invalid")
      }
      for account in accounts {
        if let id = account.guest.redemptionCodes[code],
          let reward = account.guest.rewards.first(where: { $0.id == id })
        {
          return (Offer(reward), code, "invalid")
        }
      }
      return (nil, code, "invalid")
    case "fuel_reward", "subscription": return (nil, type, "unassigned")
    default: return nil
    }
  }

  private func answer(_ offer: Offer?, on body: SandboxJSON, id: Int64?, category: String) -> SandboxJSON {
    let success = offer.flatMap { evaluate([$0], on: body, .menuItems).success.first }
    let lines = success?["qualified_items"]?.elements ?? []
    return [
      "category": .string(category), "status": .string("\(offer?.name ?? "It") can be honored"),
      "redemption_amount": success?["discount_amount"] ?? 0, "redemption_id": id.map { .integer($0) } ?? nil,
      "redemption_code": nil, "max_applicable_quantity": nil, "campaign_name": nil,
      "qualified_menu_items": .array(lines.filter { $0["menu_item_type"] != "R" }),
      "discount_distribution_items": .array(lines.filter { $0["menu_item_type"] == "R" }),
    ]
  }

  private mutating func spend(_ what: String, _ amount: Int64, _ account: Int?) {
    if settings.coupons.contains(where: { $0.code == what }) { usedCoupons.insert(what) }
    let owner = account ?? accounts.firstIndex { $0.guest.redemptionCodes[what] != nil }
    guard let owner else { return }
    switch what {
    case "banked": accounts[owner].banked -= amount
    case "card": accounts[owner].cards -= 1
    default:
      if accounts[owner].guest.redemptionCodes[what] != nil { usedCoupons.insert(what) }
      let id = accounts[owner].guest.redemptionCodes[what] ?? Int64(what)
      accounts[owner].guest.rewards.removeAll { $0.id == id }
      accounts[owner].basket.removeAll { $0 == id.map { .reward($0) } }
    }
  }

  /// By id and guest, or by code and transaction; a coupon is not given back (specs/punchh.md §5.1).
  mutating func unredeem(_ body: SandboxJSON, several: Bool, now: Int64) -> SandboxReply {
    func values(_ name: String) -> [String] {
      several
        ? (body[name]?.elements ?? []).compactMap(\.text) : [body[name]?.text].compactMap { $0 }
    }
    let route: SandboxRoute = several ? .unredeemAll : .unredeem
    let ids = values("redemption_id").compactMap { Int64($0) }
    let codes = ids.isEmpty ? values("redemption_code") : []
    guard !ids.isEmpty || !codes.isEmpty else {
      return Self.reply(400, ["error": "Required parameter missing or the value is empty: redemption_id"])
    }
    if !ids.isEmpty {
      if case .failure(let refusal) = guest(of: body, on: route, now: now) { return refusal.reply }
    } else if body["transaction_no"] == nil {
      return Self.reply(400, ["error": "Required parameter missing or the value is empty: transaction_no"])
    }
    let places = ledger.singleRedemptions.indices.filter { place in
      let entry = ledger.singleRedemptions[place]
      return !entry.isVoided && (ids.contains(entry.id) || codes.contains(entry.what))
    }
    guard places.count == ids.count + codes.count else { return Self.reply(422, ["Redemption not found"]) }
    // Coupons can be voided within a day, all else always.
    let isLate = places.contains { place in
      let entry = ledger.singleRedemptions[place]
      return settings.coupons.contains { $0.code == entry.what }
        && now - (redemptionTimes[entry.id] ?? now) > 86_400
    }
    guard !isLate else { return Self.reply(422, ["Coupon cannot be voided after 24 hours"]) }
    for place in places {
      ledger.singleRedemptions[place].isVoided = true
      let entry = ledger.singleRedemptions[place]
      guard let account = accounts.firstIndex(where: { $0.guest.id == entry.guest }) else { continue }
      if entry.what == "banked" { accounts[account].banked += entry.amount }
      let original = settings.guests.first { $0.id == entry.guest }?.rewards ?? []
      accounts[account].guest.rewards += original.filter { String($0.id) == entry.what }
    }
    return SandboxReply(status: 202, body: [])
  }

  func offers(_ body: SandboxJSON) -> SandboxReply {
    guard let account = index("email", body["email"]?.string ?? "", now: 0) else {
      return Self.reply(404, ["User not found"])
    }
    return Self.reply(
      200,
      .array(
        accounts[account].guest.rewards.compactMap { reward in
          let success = evaluate([Offer(reward)], on: body, .menuItems).success.first
          return success.map {
            [
              "discount_amount": $0["discount_amount"] ?? nil, "menu_items": [],
              "reward": ["id": .integer(reward.id), "name": .string(reward.name), "type": "reward"],
            ]
          }
        }))
  }

  func activeRedemptions(_ request: SandboxRequest) -> SandboxReply {
    guard request.query.count == 1, let (name, value) = request.query.first,
      let account = index(name, value, now: 0)
    else { return Self.reply(404, ["User not found"]) }
    let guest = accounts[account].guest
    return Self.reply(
      200,
      .array(
        guest.redemptionCodes.sorted { $0.key < $1.key }.filter { !usedCoupons.contains($0.key) }.map {
          [
            "internal_tracking_code": .string($0.key), "type_of_redemption": "RewardRedemption",
            "expiring_on": "2030-01-01T00:00:00Z", "redeemable": ["id": .integer($0.value)],
          ]
        }))
  }
}
