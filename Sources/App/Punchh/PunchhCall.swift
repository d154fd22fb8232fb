import POSLoyalty
import POSModel

/// One call of the POS API: where it goes and what it carries (specs/punchh.md §4 to §6).
struct PunchhCall: Sendable {
  /// Which base address.
  enum Server: Sendable { case pos, receipts }
  /// Which time-out.
  enum Pace: Sendable { case lookUp, commit, checkIn }

  var method: HTTPRequest.Method
  var server = Server.pos
  var path: String
  var query: [(name: String, value: String)] = []
  var body: [UInt8]?
  /// Headers beside those of every call.
  var headers: [(name: String, value: String)] = []
  /// Whether the location's keys go with it: guests' sign-in calls are not the location's.
  var carriesKeys = true
  var pace = Pace.lookUp
  /// Whether the server may get it twice without harm.
  var isRepeatable = true
  /// For errors, as the end of "while …".
  var operation: String
  /// What the server's words must not bring into an error.
  var secrets: [String] = []

  /// The path with its query, percent-encoded.
  var target: String {
    guard !query.isEmpty else { return path }
    return path + "?" + query.map { "\($0.name)=\(Self.encoded($0.value))" }.joined(separator: "&")
  }

  /// `text` with everything but unreserved characters percent-encoded.
  static func encoded(_ text: String) -> String {
    text.utf8.reduce(into: "") { result, byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.count < 2 ? "0" : "") + digits
      }
    }
  }
}

/// Writes calls for one till.
struct PunchhCalls: Sendable {
  var configuration: PunchhConfiguration

  // MARK: Location and guest

  func programMeta() -> PunchhCall {
    PunchhCall(method: .get, path: "/api/pos/meta", operation: "fetching the programme's rules")
  }

  func locationConfiguration() -> PunchhCall {
    PunchhCall(
      method: .get, path: "/api/pos/locations/configuration",
      operation: "fetching the location's configuration")
  }

  /// Look-up for redemptions 2.0; a GET with a body.
  func findUser(field: String, value: String) -> PunchhCall {
    PunchhCall(
      method: .get, path: "/api/pos/users/find",
      body: JSONText.object([("lookup_field", .text(field)), ("lookup_value", .text(value))]).bytes,
      operation: "finding the guest", secrets: [value])
  }

  /// Look-up with balances, by one query parameter of specs/punchh.md §2.2.
  func searchUser(parameter: String, value: String) -> PunchhCall {
    PunchhCall(
      method: .get, path: "/api/pos/users/search", query: [(parameter, value)],
      operation: "looking up the guest",
      secrets: [value])
  }

  // MARK: Redemptions 2.0

  func lookUpDiscounts(_ check: CheckSnapshot, of guest: Guest) throws(DeviceError) -> PunchhCall {
    PunchhCall(
      method: .post, path: "/api/pos/discounts/lookup", body: try sale(check, of: guest).bytes,
      operation: "looking up the guest's rewards", secrets: secrets(guest))
  }

  /// The same body for quote and commit, but for `query`, which a commit must not have at all.
  func batch(_ check: CheckSnapshot, of guest: Guest, query: Bool) throws(DeviceError) -> PunchhCall {
    let body = try sale(check, of: guest, leading: query ? [("query", .bool(true))] : [])
    return PunchhCall(
      method: .post, path: "/api/pos/batch_redemptions", body: body.bytes, pace: query ? .lookUp : .commit,
      isRepeatable: query, operation: query ? "quoting the guest's rewards" : "redeeming the guest's rewards",
      secrets: secrets(guest))
  }

  func voidBatch(_ reference: String, of guest: Guest) -> PunchhCall {
    PunchhCall(
      method: .delete, path: "/api/pos/batch_redemptions/\(PunchhCall.encoded(reference))",
      body: JSONText.object([("user_id", userID(guest))]).bytes, pace: .commit, isRepeatable: false,
      operation: "voiding the redemption", secrets: secrets(guest))
  }

  /// The guest's basket; a GET with a body.
  func activeBasket(_ check: CheckIdentity, of guest: Guest) -> PunchhCall {
    PunchhCall(
      method: .get, path: "/api/pos/discounts/active", body: basket(check, of: guest).bytes,
      operation: "asking for the guest's basket", secrets: secrets(guest))
  }

  func unlock(_ check: CheckIdentity, of guest: Guest) -> PunchhCall {
    PunchhCall(
      method: .put, path: "/api/pos/discounts/unlock", body: basket(check, of: guest).bytes, pace: .commit,
      operation: "unlocking the guest's basket", secrets: secrets(guest))
  }

  // MARK: Check-in and receipt

  func checkIn(
    _ check: ClosedCheck, of guest: Guest, by identifier: (name: String, value: String)
  ) throws(DeviceError) -> PunchhCall {
    let body = JSONText.object(
      [(identifier.name, .text(identifier.value))] + (try closed(check)))
    return PunchhCall(
      method: .post, path: "/api/pos/checkins", body: body.bytes, pace: .checkIn, isRepeatable: false,
      operation: "checking the guest in", secrets: secrets(guest))
  }

  /// A void is the same call with every member unchanged but the status (specs/punchh.md §6.3).
  func receiptDetails(_ check: ClosedCheck, isVoid: Bool = false) throws(DeviceError) -> PunchhCall {
    let members = try closed(check)
    var further: Members = members.first { $0.name == "receipt_amount" }.map { [("amount", $0.value)] } ?? []
    if configuration.channel.numbersOrders {
      further += [("vendor_transaction_no", .text(check.snapshot.identity.checkNumber))]
    }
    if isVoid { further += [("status", .text("void"))] }
    return PunchhCall(
      method: .post, server: .receipts, path: "/receipt_details",
      body: JSONText.object(members + further).bytes,
      pace: .checkIn, isRepeatable: false, operation: isVoid ? "voiding the receipt" : "storing the receipt")
  }

  /// Registers a visit without earning.
  func transaction(_ check: ClosedCheck, by identifier: GuestIdentifier) throws(DeviceError) -> PunchhCall {
    PunchhCall(
      method: .post, path: "/api/pos/transactions",
      body: JSONText.object([(identifier.name.rawValue, .text(identifier.value))] + (try closed(check)))
        .bytes,
      pace: .checkIn, isRepeatable: false, operation: "registering the visit", secrets: [identifier.value])
  }

  // MARK: Parts

  typealias Members = [(name: String, value: JSONText)]

  func secrets(_ guest: Guest) -> [String] {
    [guest.code.value, guest.email, guest.phone, guest.displayName].compactMap { $0 }
  }

  func userID(_ guest: Guest) -> JSONText { Int64(guest.id).map { .integer($0) } ?? .text(guest.id) }

  func basket(_ check: CheckIdentity, of guest: Guest) -> JSONText {
    .object([("user_id", userID(guest)), ("external_uid", .text(check.externalID))])
  }

  /// Body of look-up, quote and commit: items net of the shop's discounts, and services.
  func sale(
    _ check: CheckSnapshot, of guest: Guest, leading: Members = []
  ) throws(DeviceError) -> JSONText {
    let lines = try PunchhLines(check.order)
    let decimals = check.order.currency.exponent
    let subtotal = JSONText.amount(lines.subtotal, decimals: decimals)
    var members: Members =
      leading + [
        ("user_id", userID(guest)), ("external_uid", .text(check.identity.externalID)),
      ]
    members += [("receipt_datetime", .text(check.identity.openedAt))]
    members += [("receipt_amount", subtotal), ("subtotal_amount", subtotal)]
    members += [("transaction_no", .text(String(check.identity.transactionNumber)))]
    if !check.identity.receiptKey.isEmpty { members += [("punchh_key", .text(check.identity.receiptKey))] }
    members += [
      (
        "line_items",
        .array(
          lines.sale.map { $0.json(.lineItems, decimals: decimals, itemID: configuration.itemIDForm) })
      )
    ]
    return .object(members)
  }

  /// What check-in and receipt have in common.
  func closed(_ check: ClosedCheck) throws(DeviceError) -> Members {
    let identity = check.snapshot.identity
    guard !identity.receiptKey.isEmpty else {
      throw DeviceError(
        .badInput, during: "writing the check for Punchh", detail: "it has no receipt key yet")
    }
    let order = check.snapshot.order
    let decimals = order.currency.exponent
    let lines = try PunchhLines(order)
    let all = try lines.receipt(redeemed: check.reductions, as: configuration.redemptionLine)
    let net = check.reductions.reduce(lines.subtotal) { $0 - $1.amount }
    guard net >= 0 else {
      throw DeviceError(
        .badInput, during: "writing the check for Punchh", detail: "the reductions exceed the items")
    }
    let amount = JSONText.amount(net, decimals: decimals)
    var members: Members = [
      ("pos_type", .text(configuration.posType)), ("pos_version", .text(configuration.posVersion)),
      ("channel", .text(configuration.channel.rawValue)),
      ("transaction_no", .text(String(identity.transactionNumber))),
      ("punchh_key", .text(identity.receiptKey)), ("external_uid", .text(identity.externalID)),
      ("receipt_datetime", .text(identity.openedAt)),
      ("revenue_code", .text(configuration.revenueCode)), ("revenue_id", .text(configuration.revenueID)),
      ("receipt_amount", amount), ("subtotal_amount", amount),
      ("payable", .amount(check.payable, decimals: decimals)),
    ]
    if !order.employeeName.isEmpty { members += [("employee_name", .text(order.employeeName))] }
    if let digits = check.cardLast4, digits.utf8.count == 4,
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    {
      members += [("cc_last4", .text(digits))]
    }
    members += [
      (
        "menu_items",
        .array(all.map { $0.json(.menuItems, decimals: decimals, itemID: configuration.itemIDForm) })
      )
    ]
    return members
  }
}
