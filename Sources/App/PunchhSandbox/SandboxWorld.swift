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
    /// Half of the body, then the end of the connection.
    case truncated
    /// The head, then a space at a time.
    case trickled
  }

  var status: Int
  var body: [UInt8]
  var contentType = "application/json"
  /// Headers beside the usual ones.
  var headers: [(name: String, value: String)] = []
  var requestID = ""
  var delivery = Delivery.now
  /// A check-in that was credited by this call.
  var credited: SandboxLedger.CheckIn?
}

/// A Punchh brand with one location, in memory: no sockets, no clock. Times are seconds since 1970.
struct SandboxWorld: Sendable {
  struct Account {
    var guest: SandboxGuest
    var points: Int
    var banked: Int64 = 0
    /// Full visit cards.
    var cards = 0
    var basket: [BasketItem]
    var lockedBy: String?
  }

  struct Code {
    var guest: Int64
    var expiresAt: Int64
  }

  let settings: SandboxSettings
  var faults = SandboxFaultPlan()
  /// Answers to give instead of working, first in first out.
  var scripted: [(route: SandboxRoute, reply: SandboxReply)] = []
  /// What was answered last, by call, before anything went wrong with it.
  private(set) var lastAnswers: [SandboxRoute: [UInt8]] = [:]
  var ledger = SandboxLedger()
  var accounts: [Account]
  var codes: [String: Code] = [:]
  /// Line items as quoted, by external_uid.
  var quoted: [String: SandboxJSON] = [:]
  /// Answers to redemptions of the first generation, by id.
  var redeemed: [Int64: SandboxJSON] = [:]
  /// Coupons that were used.
  var usedCoupons: Set<String> = []
  /// When a redemption of the first generation was made, by id.
  var redemptionTimes: [Int64: Int64] = [:]
  /// Banked hundredths that a batch has spent, by reference.
  var bankedSpent: [String: Int64] = [:]
  /// The last version of each receipt, by key.
  var receiptBodies: [String: SandboxJSON] = [:]
  /// When a check-in was credited, and with what, by receipt key.
  var creditTimes: [String: Int64] = [:]
  /// Guests to whom a one-time password was sent, by address or number, with the PKCE challenge.
  var passwords: [String: String] = [:]
  /// Refresh tokens that are alive.
  var tokens: Set<String> = []
  /// Which check a receipt key belongs to.
  private var keyOwners: [String: String] = [:]
  private(set) var callCount = 0

  init(_ settings: SandboxSettings, now: Int64) {
    self.settings = settings
    accounts = settings.guests.map { guest in
      Account(
        guest: guest, points: guest.points, banked: guest.banked,
        basket: guest.rewards.filter(\.isSelected).map { .reward($0.id) })
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
    let route: SandboxRoute
    switch (request.method, request.path) {
    case ("POST", "/api/pos/batch_redemptions"): route = body?["query"] == nil ? .commit : .quote
    case ("DELETE", _) where request.path.hasPrefix("/api/pos/batch_redemptions/"): route = .void
    case (let method, let path) where Self.routes["\(method) \(path)"] != nil:
      route = Self.routes["\(method) \(path)"] ?? .configuration
    case ("GET", "/ping"):
      return SandboxReply(status: 200, body: Array("OK".utf8), contentType: "text/plain")
    default:
      complain("there is no \(request.method) \(request.path.prefix(80))", on: nil)
      return Self.reply(404, ["error": "Not found"])
    }

    if let index = scripted.firstIndex(where: { $0.route == route }) {
      let script = scripted.remove(at: index)
      record(route, request, status: script.reply.status, fault: nil)
      return script.reply
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
    case .redirected:
      reply = SandboxReply(status: 302, body: [], headers: [("Location", "http://127.0.0.1:1/elsewhere")])
    case nil, .slow, .silent, .dropped, .notJSON, .retyped, .huge, .truncated, .trickled:
      reply = answer(request, body, on: route, now: now)
      lastAnswers[route] = reply.body
    }
    switch fault {
    case .slow: reply.delivery = .late(milliseconds: settings.slowMilliseconds)
    case .silent: reply.delivery = .never
    case .dropped: reply.delivery = .close
    case .truncated: reply.delivery = .truncated
    case .trickled: reply.delivery = .trickled
    case .notJSON:
      reply.body = Array("<html><body>Please accept the terms of this network</body></html>".utf8)
      reply.contentType = "text/html"
    case .retyped: reply.body = SandboxJSON(parsing: reply.body)?.retyped.bytes ?? reply.body
    case .huge: reply.body += [UInt8](repeating: 0x20, count: 6 << 20)
    default: break
    }
    let isAnswered = reply.delivery != .never && reply.delivery != .close
    record(route, request, status: isAnswered ? reply.status : 0, fault: fault)
    return reply
  }

  private mutating func record(
    _ route: SandboxRoute, _ request: SandboxRequest, status: Int, fault: SandboxFault?
  ) {
    guard ledger.calls.count < 10_000 else { return }
    let path = route == .void ? "/api/pos/batch_redemptions" : request.path
    ledger.calls.append(
      .init(
        number: callCount, route: route, address: "\(request.method) \(path)", status: status, fault: fault))
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
    checkChannel(request, body, on: route)
    return switch route {
    case .configuration: configuration()
    case .meta: meta()
    case .find: find(body, now: now)
    case .search: search(request, now: now)
    case .signup: signUp(body)
    case .balance: balance(body)
    case .sendPassword: sendPassword(body)
    case .verifyPassword: verifyPassword(body)
    case .renewTokens, .signOut: endTokens(body, renews: route == .renewTokens)
    case .lookup: lookUp(body)
    case .select: select(body)
    case .unselect: unselect(body)
    case .autoSelect: autoSelect(body)
    case .active: active(body)
    case .unlock: unlock(body)
    case .quote: batch(body, commits: false)
    case .commit: batch(body, commits: true)
    case .void: void(String(request.path.dropFirst("/api/pos/batch_redemptions/".count)), body)
    case .possible: redemption(body, commits: false, now: now)
    case .redeem: redemption(body, commits: true, now: now)
    case .unredeem, .unredeemAll: unredeem(body, several: route == .unredeemAll, now: now)
    case .offers: offers(body)
    case .activeRedemptions: activeRedemptions(request)
    case .checkin: checkIn(body, now: now)
    case .receipt: receipt(body, now: now)
    case .transaction: visit(body, now: now)
    case .pay: pay(body, now: now)
    case .paymentStatus: paymentStatus(body)
    case .completePayment: completePayment(body, now: now)
    case .cancelPayment:
      endPayment(
        body, as: "unable_to_process", message: "CANCELLED",
        from: ["processing", "processed", "unable_to_process"])
    case .refundPayment:
      endPayment(body, as: "refunded", message: "SUCCESS", from: ["processed", "success", "refunded"])
    }
  }

  static let routes: [String: SandboxRoute] = [
    "GET /api/pos/locations/configuration": .configuration, "GET /api/pos/meta": .meta,
    "GET /api/pos/users/find": .find, "GET /api/pos/users/search": .search,
    "POST /api/pos/users": .signup, "GET /api/pos/users/balance": .balance,
    "POST /api2/password_less/token": .sendPassword, "POST /api2/password_less/verify": .verifyPassword,
    "POST /api2/password_less/refresh_token": .renewTokens, "POST /api2/password_less/sign_out": .signOut,
    "POST /api/pos/discounts/lookup": .lookup, "POST /api/pos/discounts/select": .select,
    "DELETE /api/pos/discounts/unselect": .unselect, "GET /api/pos/discounts/active": .active,
    "POST /api/pos/discounts/auto_select": .autoSelect, "PUT /api/pos/discounts/unlock": .unlock,
    "POST /api/pos/redemptions/possible": .possible, "POST /api/pos/redemptions": .redeem,
    "DELETE /api/pos/redemptions": .unredeem, "DELETE /api/pos/redemptions/multiple_destroy": .unredeemAll,
    "POST /api/pos/redemptions/applicable_offers": .offers,
    "GET /api/pos/users/active_redemptions": .activeRedemptions,
    "POST /api/pos/checkins": .checkin, "POST /receipt_details": .receipt,
    "POST /api/pos/transactions": .transaction, "POST /api/pos/payments": .pay,
    "GET /api/pos/payments/status": .paymentStatus, "PUT /api/pos/payments": .completePayment,
    "DELETE /api/pos/payments": .cancelPayment, "POST /api/pos/payments/refund": .refundPayment,
  ]

  mutating func complain(_ rule: String, on route: SandboxRoute?) {
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
    if [.sendPassword, .verifyPassword, .renewTokens, .signOut].contains(route) {
      if request.header("punchh-app-device-id")?.isEmpty != false {
        complain("punchh-app-device-id is missing", on: route)
      }
      if route == .verifyPassword,
        !["external_mobile_app", "online_ordering"].contains(request.header("client-type") ?? "")
      {
        complain("client-type is missing or unknown", on: route)
      }
      if request.header("authorization") != nil {
        complain("the location's keys do not belong here", on: route)
      }
      return nil
    }
    guard
      request.header("authorization") == "Token token=\(settings.locationKey), btoken=\(settings.businessKey)"
    else {
      complain("Authorization is missing or wrong", on: route)
      return Self.reply(401, ["Invalid LocationKey"])
    }
    return nil
  }

  /// Words of specs/punchh.md §3 and §6.1.
  private static let integrationTypes = [
    "POS", "Kiosk", "OnlineOrder", "Mobile", "Web", "SystemIntegrator", "Middleware",
  ]
  private static let channels = [
    "online_order", "pos", "web", "mobile", "dashboard", "chatbot", "kiosk",
  ]

  /// Who calls and where the sale comes from agree, and a kiosk's receipts bring its order's number along.
  private mutating func checkChannel(
    _ request: SandboxRequest, _ body: SandboxJSON, on route: SandboxRoute
  ) {
    let parts = (request.header("user-agent") ?? "").split(separator: "/")
    let type = parts.count == 3 ? String(parts[1]) : ""
    if !type.isEmpty, !Self.integrationTypes.contains(type) {
      complain("User-Agent names an unknown type of integration", on: route)
    }
    guard let channel = body["channel"]?.string else { return }
    if !Self.channels.contains(channel) { complain("channel is none of PAR's", on: route) }
    if (channel == "kiosk") != (type == "Kiosk") {
      complain("channel and User-Agent do not agree", on: route)
    }
    if route == .receipt, channel == "kiosk" || channel == "online_order",
      body["vendor_transaction_no"]?.string?.isEmpty != false
    {
      complain("vendor_transaction_no is missing", on: route)
    }
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

  static func reply(_ status: Int, _ body: SandboxJSON) -> SandboxReply {
    SandboxReply(status: status, body: body.bytes)
  }

  static let noBasketText: SandboxJSON = ["error": "User does not have an active basket."]
  static let otherBasketText: SandboxJSON = ["error": "Unable to find valid discount basket."]
  static let lockedText: SandboxJSON = [
    "error": "Unable to access the user's Discount Basket, the Basket is currently locked"
  ]
}
