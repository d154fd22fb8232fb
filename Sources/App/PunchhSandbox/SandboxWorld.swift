/// A call as it arrived.
struct SandboxRequest: Sendable {
  var method: String
  /// Without the query.
  var path: String
  var query: [(name: String, value: String)] = []
  /// Names in lower case.
  var headers: [(name: String, value: String)] = []
  var body: [UInt8] = []

  func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// What the server does with a call.
struct SandboxReply: Sendable {
  enum Delivery: Sendable, Equatable {
    case now
    case late(milliseconds: Int64)
    case never
    case close
  }

  var status: Int
  var body: [UInt8]
  var contentType = "application/json"
  var requestID = ""
  var delivery = Delivery.now
  /// A check-in that was credited by this call.
  var credited: SandboxLedger.CheckIn?
}

/// A Punchh brand with one location, in memory: no sockets, no clock. Times are seconds since 1970.
struct SandboxWorld: Sendable {
  private struct Account {
    var guest: SandboxGuest
    var points: Int
    var banked: Int64 = 0
    var basket: [Int64]
    var lockedBy: String?
  }

  private struct Code {
    var guest: Int64
    var expiresAt: Int64
  }

  let settings: SandboxSettings
  var faults = SandboxFaultPlan()
  /// Answers to give instead of working, first in first out.
  var scripted: [(route: SandboxRoute, status: Int, body: [UInt8])] = []
  private(set) var ledger = SandboxLedger()
  private var accounts: [Account]
  private var codes: [String: Code] = [:]
  /// Line items as quoted, by external_uid.
  private var quoted: [String: SandboxJSON] = [:]
  /// Which check a receipt key belongs to.
  private var keyOwners: [String: String] = [:]
  private var callCount = 0

  init(_ settings: SandboxSettings, now: Int64) {
    self.settings = settings
    accounts = settings.guests.map { guest in
      Account(guest: guest, points: guest.points, basket: guest.rewards.filter(\.isSelected).map(\.id))
    }
    for guest in settings.guests {
      for code in guest.codes { issue(code, for: guest.id, now: now) }
    }
  }

  /// Gives the guest a code, as the app does; a guest has one at a time.
  mutating func issue(_ code: String, for guest: Int64, now: Int64) {
    codes = codes.filter { $0.value.guest != guest }
    codes[code.lowercased()] = Code(guest: guest, expiresAt: now + settings.codeLifetime)
  }

  /// The ledger with the accounts as they are now.
  var snapshot: SandboxLedger {
    var ledger = ledger
    ledger.accounts = accounts.map { account in
      SandboxLedger.Account(
        guest: account.guest.id, points: account.points, banked: account.banked,
        rewards: account.guest.rewards.map(\.id), basketLockedBy: account.lockedBy)
    }
    return ledger
  }

  // MARK: - Calls

  /// Answers one call.
  mutating func handle(_ request: SandboxRequest, now: Int64) -> SandboxReply {
    callCount += 1
    var reply = route(request, now: now)
    reply.requestID = "sandbox-\(callCount)"
    return reply
  }

  private mutating func route(_ request: SandboxRequest, now: Int64) -> SandboxReply {
    let body = request.body.isEmpty ? SandboxJSON.object([]) : SandboxJSON(parsing: request.body)
    let prefix = "/api/pos/batch_redemptions"
    let route: SandboxRoute
    switch (request.method, request.path) {
    case ("GET", "/api/pos/locations/configuration"): route = .configuration
    case ("GET", "/api/pos/users/find"): route = .find
    case ("GET", "/api/pos/users/search"): route = .search
    case ("POST", "/api/pos/discounts/lookup"): route = .lookup
    case ("GET", "/api/pos/discounts/active"): route = .active
    case ("PUT", "/api/pos/discounts/unlock"): route = .unlock
    case ("POST", prefix): route = body?["query"] == nil ? .commit : .quote
    case ("DELETE", _) where request.path.hasPrefix(prefix + "/"): route = .void
    case ("POST", "/api/pos/checkins"): route = .checkin
    case ("POST", "/receipt_details"): route = .receipt
    case ("GET", "/ping"):
      return SandboxReply(status: 200, body: Array("OK".utf8), contentType: "text/plain")
    default:
      complain("there is no \(request.method) \(request.path.prefix(80))", on: nil)
      return Self.reply(404, ["error": "Not found"])
    }

    if let index = scripted.firstIndex(where: { $0.route == route }) {
      let script = scripted.remove(at: index)
      record(route, status: script.status, fault: nil)
      return SandboxReply(status: script.status, body: script.body)
    }
    let fault = faults.next(for: route)
    var reply: SandboxReply
    switch fault {
    case .down:
      reply = SandboxReply(status: 0, body: [], delivery: .close)
    case .busy:
      reply = Self.reply(429, ["error": "Too many requests"])
    case .failing:
      reply = SandboxReply(
        status: 500, body: Array("<h1>Internal Server Error</h1>".utf8), contentType: "text/html")
    case .expired:
      reply = Self.reply(404, ["error": "Invalid or Expired Single Scan Code"])
    case .locked:
      reply = Self.reply(422, Self.lockedText)
    case nil, .slow, .silent, .dropped, .notJSON, .retyped, .huge:
      reply = answer(request, body, on: route, now: now)
    }
    switch fault {
    case .slow: reply.delivery = .late(milliseconds: settings.slowMilliseconds)
    case .silent: reply.delivery = .never
    case .dropped: reply.delivery = .close
    case .notJSON:
      reply.body = Array("<html><body>Please accept the terms of this network</body></html>".utf8)
      reply.contentType = "text/html"
    case .retyped: reply.body = SandboxJSON(parsing: reply.body)?.retyped.bytes ?? reply.body
    case .huge: reply.body += [UInt8](repeating: 0x20, count: 6 << 20)
    default: break
    }
    let isAnswered = reply.delivery != .never && reply.delivery != .close
    record(route, status: isAnswered ? reply.status : 0, fault: fault)
    return reply
  }

  private mutating func record(_ route: SandboxRoute, status: Int, fault: SandboxFault?) {
    guard ledger.calls.count < 10_000 else { return }
    ledger.calls.append(.init(number: callCount, route: route, status: status, fault: fault))
  }

  private mutating func answer(
    _ request: SandboxRequest, _ body: SandboxJSON?, on route: SandboxRoute, now: Int64
  ) -> SandboxReply {
    if let refusal = checkHead(request, on: route) { return refusal }
    guard let body else {
      complain("the body is no JSON", on: route)
      return Self.reply(400, ["error": "Malformed request"])
    }
    let (missing, complaints) = SandboxRules.check(
      body, of: route, isLockingEnabled: settings.isLockingEnabled)
    for complaint in complaints { complain(complaint, on: route) }
    if let missing {
      return Self.reply(
        400, ["error": .string("Required parameter missing or the value is empty: \(missing)")])
    }
    if route == .quote, body["query"] != .bool(true) {
      return Self.reply(400, ["error": "Invalid value: query"])
    }
    checkKey(body, on: route)
    return switch route {
    case .configuration: configuration()
    case .find: find(body, now: now)
    case .search: search(request, now: now)
    case .lookup: lookUp(body)
    case .active: active(body)
    case .unlock: unlock(body)
    case .quote: batch(body, commits: false)
    case .commit: batch(body, commits: true)
    case .void: void(String(request.path.dropFirst("/api/pos/batch_redemptions/".count)), body)
    case .checkin: checkIn(body, now: now)
    case .receipt: receipt(body)
    }
  }

  private mutating func complain(_ rule: String, on route: SandboxRoute?) {
    guard ledger.violations.count < 1000 else { return }
    ledger.violations.append(.init(call: callCount, route: route, rule: rule))
  }

  private mutating func checkHead(_ request: SandboxRequest, on route: SandboxRoute) -> SandboxReply? {
    let agent = request.header("user-agent") ?? ""
    let parts = agent.split(separator: "/", omittingEmptySubsequences: false)
    if parts.count != 3 || parts.contains(where: \.isEmpty) {
      complain("User-Agent is not of the form Integrator/Type/Version", on: route)
      if agent.isEmpty { return Self.reply(400, ["error": "User-Agent header is missing"]) }
    }
    if request.header("accept") != "application/json" {
      complain("Accept is not application/json", on: route)
    }
    if !request.body.isEmpty, request.header("content-type") != "application/json" {
      complain("Content-Type is not application/json", on: route)
    }
    guard
      request.header("authorization") == "Token token=\(settings.locationKey), btoken=\(settings.businessKey)"
    else {
      complain("Authorization is missing or wrong", on: route)
      return Self.reply(401, ["Invalid LocationKey"])
    }
    return nil
  }

  private mutating func checkKey(_ body: SandboxJSON, on route: SandboxRoute) {
    guard let key = body["punchh_key"]?.string else { return }
    if let complaint = SandboxRules.keyFormComplaint(key) ?? settings.keyComplaint(key, settings.shortKey) {
      complain(complaint, on: route)
    }
    guard let check = body["external_uid"]?.string else { return }
    if let owner = keyOwners[key], owner != check {
      complain("punchh_key was used for another check", on: route)
    }
    if keyOwners.count < 100_000 { keyOwners[key] = keyOwners[key] ?? check }
  }

  private static func reply(_ status: Int, _ body: SandboxJSON) -> SandboxReply {
    SandboxReply(status: status, body: body.bytes)
  }

  private static let lockedText: SandboxJSON = [
    "error": "Unable to access the user's Discount Basket, the Basket is currently locked"
  ]

  // MARK: - Location and guest

  /// Flags and numbers as strings but one real boolean, as in PAR's example.
  private func configuration() -> SandboxReply {
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
      ("update_interval", "60"), ("visits_mode", "0"), ("multiple_redemption_on_location", true),
    ]
    return Self.reply(200, .object(members.map { SandboxJSON.Member(name: $0.0, value: $0.1) }))
  }

  private func index(id: Int64?) -> Int? { accounts.firstIndex { $0.guest.id == id } }

  private func index(code: String, now: Int64) -> Int? {
    guard let entry = codes[code.lowercased()], entry.expiresAt > now else { return nil }
    return index(id: entry.guest)
  }

  private func find(_ body: SandboxJSON, now: Int64) -> SandboxReply {
    let value = body["lookup_value"]?.string ?? ""
    let found: Int?
    switch body["lookup_field"]?.string {
    case "otp":
      guard let index = index(code: value, now: now) else {
        return Self.reply(404, ["error": "Invalid or Expired Single Scan Code"])
      }
      found = index
    case "phone": found = accounts.firstIndex { $0.guest.phone == value }
    case "email": found = accounts.firstIndex { $0.guest.email == value }
    default: found = nil
    }
    guard let found else { return Self.reply(404, ["User not found"]) }
    let account = accounts[found]
    return Self.reply(
      200,
      [
        "user_id": .integer(account.guest.id), "business_id": 27, "phone": .string(account.guest.phone),
        "email": .string(account.guest.email), "first_name": .string(account.guest.firstName),
        "last_name": .string(account.guest.lastName), "payment_mode": nil, "selected_card_number": nil,
        "loyalty_cards": [nil], "selected_tip_amount": account.guest.tip.map { .float($0) } ?? nil,
        "external_uid": account.lockedBy.map { .string($0) } ?? nil,
        "locked": .bool(account.lockedBy != nil),
      ])
  }

  private mutating func search(_ request: SandboxRequest, now: Int64) -> SandboxReply {
    guard request.query.count == 1, let (name, value) = request.query.first else {
      complain("a look-up has exactly one parameter", on: .search)
      return Self.reply(400, ["error": "Required parameter missing or the value is empty: email"])
    }
    let found: Int? =
      switch name {
      case "phone": accounts.firstIndex { $0.guest.phone == value }
      case "email": accounts.firstIndex { $0.guest.email == value }
      case "single_scan_code": index(code: value, now: now)
      case "reward_id": accounts.firstIndex { $0.guest.rewards.contains { String($0.id) == value } }
      default: nil
      }
    guard let found else { return Self.reply(404, ["User not found"]) }
    return Self.reply(200, user(accounts[found]))
  }

  /// The user object: a telephone number that is a number, balances that are strings.
  private func user(_ account: Account) -> SandboxJSON {
    let guest = account.guest
    return [
      "id": .integer(guest.id), "first_name": .string(guest.firstName), "last_name": .string(guest.lastName),
      "email": .string(guest.email), "email_verified": false, "phone": .number(guest.phone), "birthday": nil,
      "balance": [
        "banked_rewards": .string(SandboxJSON.float(account.banked).text ?? ""),
        "points_balance": .integer(account.points), "net_balance": .string("\(account.points).0"),
        "membership_level": nil,
      ],
      "rewards": .array(
        guest.rewards.map {
          ["id": .integer($0.id), "name": .string($0.name), "points": 0, "type": "reward"]
        }),
      "selected_tip_amount": guest.tip.map { .string(SandboxJSON.float($0).text ?? "") } ?? nil,
    ]
  }

  // MARK: - Basket

  /// The account, or the refusal, of a call that needs the basket.
  private func basket(_ body: SandboxJSON) -> Result<Int, Refusal> {
    guard let index = index(id: body["user_id"]?.integer) else {
      return .failure(Refusal(reply: Self.reply(404, ["User not found"])))
    }
    if let holder = accounts[index].lockedBy, holder != body["external_uid"]?.string {
      return .failure(Refusal(reply: Self.reply(422, Self.lockedText)))
    }
    return .success(index)
  }

  private struct Refusal: Error {
    var reply: SandboxReply
  }

  private mutating func lookUp(_ body: SandboxJSON) -> SandboxReply {
    switch basket(body) {
    case .failure(let refusal): return refusal.reply
    case .success(let index):
      lock(index, for: body)
      let account = accounts[index]
      let selected = account.guest.rewards.filter { account.basket.contains($0.id) }
      let unselected = account.guest.rewards.filter { !account.basket.contains($0.id) }
      let (success, failures, _) = evaluate(selected, on: body)
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

  private mutating func lock(_ index: Int, for body: SandboxJSON) {
    if settings.isLockingEnabled, !accounts[index].basket.isEmpty {
      accounts[index].lockedBy = body["external_uid"]?.string
    }
  }

  private func active(_ body: SandboxJSON) -> SandboxReply {
    switch basket(body) {
    case .failure(let refusal): return refusal.reply
    case .success(let index):
      let account = accounts[index]
      guard !account.basket.isEmpty else { return Self.reply(404, ["error": "No active basket found"]) }
      return Self.reply(
        200,
        [
          "redemption_ref": nil, "locked": .integer(account.lockedBy == nil ? 0 : 1), "location_id": "327922",
          "discount_basket_items": .array(
            account.basket.map {
              ["discount_basket_item_id": .integer($0 % 10_000), "discount_id": .integer($0)]
            }),
        ])
    }
  }

  private mutating func unlock(_ body: SandboxJSON) -> SandboxReply {
    guard let index = index(id: body["user_id"]?.integer) else { return Self.reply(404, ["User not found"]) }
    guard let holder = accounts[index].lockedBy, holder == body["external_uid"]?.string else {
      return Self.reply(422, ["errors": ["discount_basket": ["No active basket found"]]])
    }
    accounts[index].lockedBy = nil
    return Self.reply(200, [:])
  }

  /// What rewards do to the lines of `body`: X4 of specs/punchh.md §11 is the form of a success.
  private func evaluate(
    _ rewards: [SandboxReward], on body: SandboxJSON
  ) -> (success: [SandboxJSON], failures: [SandboxJSON], total: Int64) {
    let lines = (body["line_items"]?.elements ?? []).filter { $0["item_type"]?.string == "M" }
    var left = lines.map { max(0, $0["amount"]?.hundredths ?? 0) }
    var success: [SandboxJSON] = []
    var failures: [SandboxJSON] = []
    var total: Int64 = 0
    for reward in rewards {
      var reductions: [(line: Int, amount: Int64)] = []
      if let item = reward.itemID {
        if let line = lines.firstIndex(where: { $0["item_id"]?.text == item }), left[line] > 0 {
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
        .init(name: "discount_basket_item_id", value: .integer(reward.id % 10_000)),
        .init(name: "discount_type", value: "reward"),
        .init(name: "discount_id", value: .string(String(reward.id))),
        .init(name: "discount_value", value: nil),
      ]
      if amount > 0 {
        answer += [
          .init(name: "discount_amount", value: .float(amount)), .init(name: "qualified", value: true),
          .init(name: "message", value: nil),
          .init(
            name: "discount_details",
            value: [
              "item_id": .integer(reward.id), "name": .string(reward.name), "points": nil,
              "base_amount": .float(amount),
            ]),
          .init(
            name: "qualified_items",
            value: .array(
              reductions.flatMap { line, part -> [SandboxJSON] in
                [lines[line], Self.reduction(of: lines[line], by: part)]
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

  /// The amount is positive, unlike in redemptions 1.0.
  private static func reduction(of line: SandboxJSON, by amount: Int64) -> SandboxJSON {
    [
      "item_name": .string((line["item_name"]?.string ?? "") + " DISCOUNT"), "item_qty": 1,
      "amount": .float(amount), "item_type": "R", "item_id": line["item_id"] ?? nil,
      "item_family": line["item_family"] ?? nil, "item_group": line["item_group"] ?? nil,
      "serial_number": line["serial_number"] ?? nil,
    ]
  }

  // MARK: - Redemption

  private mutating func batch(_ body: SandboxJSON, commits: Bool) -> SandboxReply {
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
    let selected = accounts[index].guest.rewards.filter { accounts[index].basket.contains($0.id) }
    let (success, failures, total) = evaluate(selected, on: body)
    guard commits else {
      if quoted.count < 10_000 { quoted[check] = body["line_items"] }
      return Self.reply(
        200, ["redemption_ref": nil, "success": .array(success), "failures": .array(failures)])
    }
    if let before = quoted[check] {
      if before != body["line_items"] { complain("line_items differ from those quoted", on: .commit) }
    } else {
      complain("a commit without a quote", on: .commit)
    }
    let spent = Set(success.compactMap { $0["discount_id"]?.integer })
    let reference = "RR\(100_000 + ledger.redemptions.count + 1)"
    ledger.redemptions.append(
      .init(
        reference: reference, externalUID: check, guest: accounts[index].guest.id, amount: total,
        rewards: spent.sorted(), isVoided: false))
    accounts[index].guest.rewards.removeAll { spent.contains($0.id) }
    accounts[index].basket = []
    accounts[index].lockedBy = nil
    return Self.reply(
      200, ["redemption_ref": .string(reference), "success": .array(success), "failures": .array(failures)])
  }

  private mutating func void(_ reference: String, _ body: SandboxJSON) -> SandboxReply {
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
    ledger.redemptions[index].isVoided = true
    let spent = ledger.redemptions[index].rewards
    let original = settings.guests.first { $0.id == accounts[user].guest.id }?.rewards ?? []
    accounts[user].guest.rewards += original.filter { spent.contains($0.id) }
    return SandboxReply(status: 202, body: [])
  }

  // MARK: - Check-in and receipt

  private mutating func checkIn(_ body: SandboxJSON, now: Int64) -> SandboxReply {
    let names = ["email", "phone", "single_scan_code", "card_number", "redemption_code", "user_as_qrcode"]
    let present = names.filter { body[$0] != nil }
    if present.count != 1 { complain("a check-in names its guest in exactly one way", on: .checkin) }
    let found: Int?
    switch present.first.map({ ($0, body[$0]?.string ?? "") }) {
    case ("email", let value)?: found = accounts.firstIndex { $0.guest.email == value }
    case ("phone", let value)?: found = accounts.firstIndex { $0.guest.phone == value }
    case ("single_scan_code", let value)?:
      guard let index = index(code: value, now: now) else {
        return Self.reply(404, ["Invalid or Expired Single Scan Code"])
      }
      found = index
    default: found = nil
    }
    guard let index = found else { return Self.reply(404, ["User not found"]) }
    let check = body["external_uid"]?.string ?? ""
    let key = body["punchh_key"]?.string ?? ""
    if let earlier = ledger.checkIns.firstIndex(where: {
      $0.externalUID == check && !check.isEmpty || $0.punchhKey == key
    }) {
      ledger.checkIns[earlier].repeats += 1
      guard settings.answersDuplicates else {
        return Self.reply(422, ["errors": ["receipt": ["This receipt has already been used"]]])
      }
      return Self.reply(200, checkedIn(accounts[index], pointsEarned: ledger.checkIns[earlier].pointsEarned))
    }
    if !check.isEmpty, accounts[index].lockedBy == check, !accounts[index].basket.isEmpty {
      complain("a check-in while its basket is locked and not committed", on: .checkin)
    }
    let amount = max(0, body["receipt_amount"]?.hundredths ?? 0)
    let points = Int(amount / 100)
    accounts[index].points += points
    while settings.pointsThreshold > 0, accounts[index].points >= settings.pointsThreshold {
      accounts[index].points -= settings.pointsThreshold
      accounts[index].banked += settings.bankedPerThreshold
    }
    let entry = SandboxLedger.CheckIn(
      externalUID: check, punchhKey: key, transactionNumber: body["transaction_no"]?.text ?? "",
      guest: accounts[index].guest.id, receiptAmount: amount, payable: body["payable"]?.hundredths ?? 0,
      pointsEarned: points, repeats: 0)
    ledger.checkIns.append(entry)
    var reply = Self.reply(200, checkedIn(accounts[index], pointsEarned: points))
    reply.credited = entry
    return reply
  }

  private func checkedIn(_ account: Account, pointsEarned: Int) -> SandboxJSON {
    guard case .object(let members) = user(account) else { return nil }
    return .object(
      members + [SandboxJSON.Member(name: "points_earned", value: .string(String(pointsEarned)))])
  }

  private mutating func receipt(_ body: SandboxJSON) -> SandboxReply {
    let key = body["punchh_key"]?.string ?? ""
    var entry = SandboxLedger.Receipt(
      punchhKey: key, externalUID: body["external_uid"]?.string ?? "",
      receiptAmount: body["receipt_amount"]?.hundredths ?? 0, versions: 1,
      isVoided: body["status"]?.string == "void")
    if let index = ledger.receipts.firstIndex(where: { $0.punchhKey == key }) {
      entry.versions = ledger.receipts[index].versions + 1
      ledger.receipts[index] = entry
    } else {
      ledger.receipts.append(entry)
    }
    return Self.reply(200, [:])
  }
}
