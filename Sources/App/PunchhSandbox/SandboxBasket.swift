// The basket and Redemptions 2.0 (specs/punchh.md §5.2).

extension SandboxWorld {
  /// The account, or the refusal, of a call that needs the basket.
  func basket(_ body: SandboxJSON) -> Result<Int, Refusal> {
    guard settings.allowsMultipleRedemptions else {
      return .failure(Refusal(reply: Self.reply(422, ["error": "Program type is not supported"])))
    }
    guard let index = index(id: body["user_id"]?.integer) else {
      return .failure(Refusal(reply: Self.reply(404, ["User not found"])))
    }
    if let holder = accounts[index].lockedBy, holder != body["external_uid"]?.string {
      return .failure(Refusal(reply: Self.reply(422, Self.lockedText)))
    }
    return .success(index)
  }

  struct Refusal: Error {
    var reply: SandboxReply
  }

  mutating func lookUp(_ body: SandboxJSON) -> SandboxReply {
    switch basket(body) {
    case .failure(let refusal): return refusal.reply
    case .success(let index):
      lock(index, for: body)
      let account = accounts[index]
      let unselected = account.guest.rewards.filter { !account.basket.contains(.reward($0.id)) }
      let (success, failures, _) = evaluate(offers(in: account), on: body, .lineItems)
      return Self.reply(
        200,
        [
          "selected_discounts": .array(success + failures),
          "unselected_discounts": .array(
            unselected.map { reward in
              [
                "discount_type": "reward", "discount_id": .string(String(reward.id)), "qualified": nil,
                "message": [], "discount_details": [["name": .string(reward.name)]],
              ]
            }),
        ])
    }
  }

  mutating func lock(_ index: Int, for body: SandboxJSON) {
    if settings.isLockingEnabled, !accounts[index].basket.isEmpty {
      accounts[index].lockedBy = body["external_uid"]?.string
    }
  }

  func active(_ body: SandboxJSON) -> SandboxReply {
    switch basket(body) {
    case .failure(let refusal): return refusal.reply
    case .success(let index):
      let account = accounts[index]
      guard !account.basket.isEmpty else { return Self.reply(404, Self.noBasketText) }
      return Self.reply(
        200,
        [
          "redemption_ref": nil, "locked": .integer(account.lockedBy == nil ? 0 : 1), "location_id": "327922",
          "discount_basket_items": Self.items(account.basket),
        ])
    }
  }

  static func items(_ basket: [BasketItem]) -> SandboxJSON {
    .array(
      basket.map {
        [
          "discount_basket_item_id": .integer($0.itemID), "discount_id": .string($0.discountID),
          "discount_type": .string($0.type),
        ]
      })
  }

  func shown(_ account: Account) -> SandboxReply {
    Self.reply(
      200,
      [
        "redemption_ref": nil, "locked": .bool(account.lockedBy != nil), "location_id": 327_922,
        "discount_basket_items": Self.items(account.basket),
      ])
  }

  mutating func choose(_ reward: Int64, for guest: Int64) {
    guard let index = index(id: guest), accounts[index].lockedBy == nil,
      accounts[index].guest.rewards.contains(where: { $0.id == reward }),
      !accounts[index].basket.contains(.reward(reward))
    else { return }
    accounts[index].basket.append(.reward(reward))
  }

  // MARK: Selecting

  /// All or nothing.
  mutating func select(_ body: SandboxJSON) -> SandboxReply {
    let index: Int
    switch basket(body) {
    case .failure(let refusal): return refusal.reply
    case .success(let found): index = found
    }
    var added: [BasketItem] = []
    for wish in body["discount_basket_items_attributes"]?.elements ?? [] {
      guard let item = item(wish, account: accounts[index]) else {
        return Self.reply(422, ["errors": ["base": ["Invalid discount"]]])
      }
      guard !(accounts[index].basket + added).contains(item) else {
        return Self.reply(422, ["errors": ["base": ["Discount item already taken"]]])
      }
      added.append(item)
    }
    accounts[index].basket += added
    lock(index, for: body)
    return shown(accounts[index])
  }

  private func item(_ wish: SandboxJSON, account: Account) -> BasketItem? {
    switch wish["discount_type"]?.string {
    case "reward", "redeemable":
      guard let id = wish["discount_id"]?.integer, account.guest.rewards.contains(where: { $0.id == id })
      else {
        return nil
      }
      return .reward(id)
    case "discount_amount":
      guard let value = wish["discount_value"]?.hundredths, value > 0, value <= account.banked else {
        return nil
      }
      return .banked(value)
    case "redemption_code":
      guard let code = wish["discount_id"]?.text, !usedCoupons.contains(code) else { return nil }
      if settings.coupons.contains(where: { $0.code == code }) { return .coupon(code) }
      return account.guest.redemptionCodes[code].map { .reward($0) }
    case "card_completion": return account.cards > 0 ? .card : nil
    default: return nil
    }
  }

  mutating func unselect(_ body: SandboxJSON) -> SandboxReply {
    switch basket(body) {
    case .failure(let refusal): return refusal.reply
    case .success(let index):
      guard !accounts[index].basket.isEmpty else { return Self.reply(404, Self.noBasketText) }
      let ids = (body["discount_basket_item_ids"]?.elements ?? []).compactMap(\.integer)
      guard ids.allSatisfy({ id in accounts[index].basket.contains { $0.itemID == id } }) else {
        return Self.reply(422, ["errors": ["base": ["Discount item not found"]]])
      }
      accounts[index].basket.removeAll { ids.contains($0.itemID) }
      if accounts[index].basket.isEmpty { accounts[index].lockedBy = nil }
      return shown(accounts[index])
    }
  }

  /// Everything that fits the check, at most ten.
  mutating func autoSelect(_ body: SandboxJSON) -> SandboxReply {
    switch basket(body) {
    case .failure(let refusal): return refusal.reply
    case .success(let index):
      for reward in accounts[index].guest.rewards where !accounts[index].basket.contains(.reward(reward.id)) {
        let fits = evaluate([Offer(reward)], on: body, .lineItems).success.isEmpty == false
        if fits, accounts[index].basket.count < 10 { accounts[index].basket.append(.reward(reward.id)) }
      }
      lock(index, for: body)
      return shown(accounts[index])
    }
  }

  mutating func unlock(_ body: SandboxJSON) -> SandboxReply {
    guard let index = index(id: body["user_id"]?.integer) else { return Self.reply(404, ["User not found"]) }
    guard let holder = accounts[index].lockedBy, holder == body["external_uid"]?.string else {
      let isMissing = accounts[index].basket.isEmpty
      return Self.reply(422, isMissing ? Self.noBasketText : Self.otherBasketText)
    }
    accounts[index].lockedBy = nil
    return Self.reply(200, [:])
  }

  /// Something that takes money off a check.
  struct Offer {
    var itemID: Int64
    var type: String
    var id: String
    var name: String
    var amount: Int64
    /// The item it is for; `nil` for any.
    var forItem: String?

    init(_ item: BasketItem, name: String, amount: Int64, forItem: String? = nil) {
      itemID = item.itemID
      type = item.type
      id = item.discountID
      self.name = name
      self.amount = amount
      self.forItem = forItem
    }

    init(_ reward: SandboxReward) {
      self.init(.reward(reward.id), name: reward.name, amount: reward.amount, forItem: reward.itemID)
    }
  }

  func offers(in account: Account) -> [Offer] {
    account.basket.compactMap { item in
      switch item {
      case .reward(let id): account.guest.rewards.first { $0.id == id }.map { Offer($0) }
      case .banked(let amount): Offer(item, name: "Banked rewards", amount: min(amount, account.banked))
      case .coupon(let code):
        settings.coupons.first { $0.code == code }.map { Offer(item, name: $0.name, amount: $0.amount) }
      case .card: Offer(item, name: "Full card", amount: 500)
      }
    }
  }

  /// What offers do to the lines of `body`: X4 of specs/punchh.md §11 is the form of a success.
  func evaluate(
    _ rewards: [Offer], on body: SandboxJSON, _ spelling: SandboxRules.Spelling
  ) -> (success: [SandboxJSON], failures: [SandboxJSON], total: Int64) {
    let lines = (body[spelling.list]?.elements ?? []).filter { $0[spelling.type]?.string == "M" }
    var left = lines.map { max(0, $0[spelling.amount]?.hundredths ?? 0) }
    var success: [SandboxJSON] = []
    var failures: [SandboxJSON] = []
    var total: Int64 = 0
    for reward in rewards {
      var reductions: [(line: Int, amount: Int64)] = []
      if let item = reward.forItem {
        if let line = lines.firstIndex(where: { $0[spelling.id]?.text == item }), left[line] > 0 {
          let each = left[line] / max(1, lines[line]["item_qty"]?.integer ?? 1)
          reductions = [(line, min(reward.amount, max(each, 1)))]
        }
      } else {
        var rest = reward.amount
        for line in lines.indices where rest > 0 && left[line] > 0 {
          let part = min(rest, left[line])
          reductions.append((line, part))
          rest -= part
        }
      }
      let amount = reductions.reduce(0) { $0 + $1.amount }
      for (line, part) in reductions { left[line] -= part }
      total += amount
      var answer: [SandboxJSON.Member] = [
        .init(name: "discount_basket_item_id", value: .integer(reward.itemID)),
        .init(name: "discount_type", value: .string(reward.type)),
        .init(name: "discount_id", value: .string(reward.id)),
        .init(name: "discount_value", value: nil),
      ]
      if amount > 0 {
        answer += [
          .init(name: "discount_amount", value: .float(amount)), .init(name: "qualified", value: true),
          .init(name: "message", value: nil),
          .init(
            name: "discount_details",
            value: [
              "item_id": .string(reward.id), "name": .string(reward.name), "points": nil,
              "base_amount": .float(amount),
            ]),
          .init(
            name: "qualified_items",
            value: .array(
              reductions.flatMap { line, part -> [SandboxJSON] in
                [lines[line], Self.reduction(of: lines[line], by: part, spelling)]
              })),
        ]
        success.append(.object(answer))
      } else {
        answer += [
          .init(name: "discount_amount", value: "0.0"), .init(name: "qualified", value: false),
          .init(name: "message", value: ["Discount qualification on receipt failed"]),
          .init(name: "discount_details", value: []), .init(name: "qualified_items", value: []),
        ]
        failures.append(.object(answer))
      }
    }
    return (success, failures, total)
  }

  /// The amount is positive in 2.0 and negative in 1.0 (specs/punchh.md §5.2).
  static func reduction(
    of line: SandboxJSON, by amount: Int64, _ spelling: SandboxRules.Spelling
  ) -> SandboxJSON {
    let isLegacy = spelling.list == "menu_items"
    return .object(
      [
        ("item_name", .string((line["item_name"]?.string ?? "") + " DISCOUNT")), ("item_qty", 1),
        (spelling.amount, .float(isLegacy ? -amount : amount)), (spelling.type, "R"),
        (spelling.id, line[spelling.id] ?? nil), ("serial_number", line["serial_number"] ?? nil),
      ].map { SandboxJSON.Member(name: $0.0, value: $0.1) })
  }

  // MARK: Redemption

  mutating func batch(_ body: SandboxJSON, commits: Bool) -> SandboxReply {
    let index: Int
    switch basket(body) {
    case .failure(let refusal): return refusal.reply
    case .success(let found): index = found
    }
    let check = body["external_uid"]?.string ?? ""
    guard !accounts[index].basket.isEmpty else {
      if commits, ledger.redemptions.contains(where: { $0.externalUID == check && !$0.isVoided }) {
        complain("a commit is sent again although it was done", on: .commit)
      }
      return Self.reply(422, ["errors": "No Basket found"])
    }
    lock(index, for: body)
    let (success, failures, total) = evaluate(offers(in: accounts[index]), on: body, .lineItems)
    guard commits else {
      if quoted.count < 100_000 { quoted[check] = body["line_items"] }
      return Self.reply(
        200, ["redemption_ref": nil, "success": .array(success), "failures": .array(failures)])
    }
    if let before = quoted[check] {
      if before != body["line_items"] { complain("line_items differ from those quoted", on: .commit) }
    } else {
      complain("a commit without a quote", on: .commit)
    }
    let spent = Set(
      success.compactMap { $0["discount_type"] == "reward" ? $0["discount_id"]?.integer : nil })
    for entry in success { spend(entry, of: index) }
    let reference = "RR\(100_000 + ledger.redemptions.count + 1)"
    bankedSpent[reference] = success.reduce(0) { sum, entry in
      sum
        + (entry["discount_type"]?.string == "discount_amount"
          ? entry["discount_amount"]?.hundredths ?? 0 : 0)
    }
    ledger.redemptions.append(
      .init(
        reference: reference, externalUID: check, guest: accounts[index].guest.id, amount: total,
        rewards: spent.sorted(), isVoided: false))
    accounts[index].guest.rewards.removeAll { spent.contains($0.id) }
    usedCoupons.formUnion(redemptionCodes(for: spent, of: index))
    accounts[index].basket = []
    accounts[index].lockedBy = nil
    return Self.reply(
      200, ["redemption_ref": .string(reference), "success": .array(success), "failures": .array(failures)])
  }

  mutating func void(_ reference: String, _ body: SandboxJSON) -> SandboxReply {
    guard let user = index(id: body["user_id"]?.integer) else { return Self.reply(404, ["User not found"]) }
    guard
      let index = ledger.redemptions.firstIndex(where: {
        $0.reference == reference && $0.guest == accounts[user].guest.id && !$0.isVoided
      })
    else { return Self.reply(422, ["error": "No Basket found"]) }
    let check = ledger.redemptions[index].externalUID
    guard !ledger.checkIns.contains(where: { $0.externalUID == check }) else {
      return Self.reply(
        410,
        [
          "error": [
            "message": .string("Checkin associated with external_uid \(check) has been committed."),
            "code": "commited",
          ]
        ])
    }
    giveBack(redemption: index, to: user)
    return SandboxReply(status: 202, body: [])
  }

  /// Takes banked money, cards and coupons that a success spends; rewards go with the batch.
  private mutating func spend(_ success: SandboxJSON, of index: Int) {
    switch success["discount_type"]?.string {
    case "discount_amount": accounts[index].banked -= success["discount_amount"]?.hundredths ?? 0
    case "redemption_code": usedCoupons.insert(success["discount_id"]?.string ?? "")
    case "card_completion": accounts[index].cards -= 1
    default: break
    }
  }

  mutating func giveBack(redemption index: Int, to user: Int) {
    ledger.redemptions[index].isVoided = true
    let spent = ledger.redemptions[index].rewards
    let original = settings.guests.first { $0.id == accounts[user].guest.id }?.rewards ?? []
    accounts[user].guest.rewards += original.filter { spent.contains($0.id) }
    accounts[user].banked += bankedSpent[ledger.redemptions[index].reference] ?? 0
    usedCoupons.subtract(redemptionCodes(for: Set(spent), of: user))
  }

  /// The redemption codes that stand for a guest's own rewards.
  private func redemptionCodes(for rewards: Set<Int64>, of index: Int) -> [String] {
    accounts[index].guest.redemptionCodes.filter { rewards.contains($0.value) }.map(\.key)
  }
}

/// One thing in a guest's basket.
enum BasketItem: Sendable, Equatable {
  case reward(Int64)
  /// Hundredths.
  case banked(Int64)
  case coupon(String)
  case card

  /// The id within the basket.
  var itemID: Int64 {
    switch self {
    case .reward(let id): id % 10_000
    case .banked: 10_001
    case .coupon(let code): 20_000 + (Int64(code) ?? 0) % 10_000
    case .card: 10_002
    }
  }

  /// What calls name it by.
  var discountID: String {
    switch self {
    case .reward(let id): String(id)
    case .coupon(let code): code
    case .banked, .card: ""
    }
  }

  var type: String {
    switch self {
    case .reward: "reward"
    case .banked: "discount_amount"
    case .coupon: "redemption_code"
    case .card: "card_completion"
    }
  }
}
