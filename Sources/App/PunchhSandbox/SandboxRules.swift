/// What a well-made call looks like, and what is wrong with one (specs/punchh.md §4 to §7). Complaints name
/// fields and rules, never contents.
struct SandboxRules {
  /// What a member of a body may be.
  enum Kind {
    case text, integer, integerOrText, amount, dateTime, yes, flag, lines, list

    func fits(_ value: SandboxJSON) -> Bool {
      switch (self, value) {
      case (.text, .string(let text)): !text.isEmpty
      case (.integer, .number(let text)): Int64(text) != nil
      case (.integerOrText, .number(let text)): Int64(text) != nil
      case (.integerOrText, .string): true
      case (.amount, _): value.isExactAmount
      case (.dateTime, .string(let text)): SandboxRules.isDateTime(text)
      case (.yes, .bool(true)): true
      case (.flag, .bool): true
      case (.lines, .array(let elements)), (.list, .array(let elements)): !elements.isEmpty
      default: false
      }
    }
  }

  struct Field {
    var name: String
    var kind: Kind
    var isRequired: Bool
  }

  private static func required(_ kind: Kind, _ names: String...) -> [Field] {
    names.map { Field(name: $0, kind: kind, isRequired: true) }
  }

  private static func optional(_ kind: Kind, _ names: String...) -> [Field] {
    names.map { Field(name: $0, kind: kind, isRequired: false) }
  }

  /// The body of each call; `nil` for calls without one.
  static func fields(_ route: SandboxRoute, isLockingEnabled: Bool) -> [Field]? {
    switch route {
    case .configuration, .search, .meta, .activeRedemptions: nil
    case .find: required(.text, "lookup_field", "lookup_value")
    case .signup:
      optional(
        .text, "phone", "email", "card_number", "first_name", "last_name", "birthday", "signup_channel")
        + optional(.flag, "terms_and_conditions", "send_compliance_sms", "marketing_email_subscription")
    case .balance: required(.integer, "user_id") + optional(.list, "discount_type")
    case .sendPassword:
      required(.text, "client", "code_challenge") + optional(.text, "email", "phone_ext", "phone_number")
    case .verifyPassword:
      required(.text, "client", "code_verifier", "token")
        + required(.flag, "privacy_policy", "terms_and_conditions")
        + optional(.text, "email", "phone_ext", "phone_number")
    case .renewTokens, .signOut: required(.text, "client", "refresh_token")
    case .select:
      required(.integer, "user_id") + required(.list, "discount_basket_items_attributes")
        + [Field(name: "external_uid", kind: .text, isRequired: isLockingEnabled)]
    case .unselect:
      required(.integer, "user_id") + required(.list, "discount_basket_item_ids")
        + [Field(name: "external_uid", kind: .text, isRequired: isLockingEnabled)]
    case .possible, .redeem:
      legacy + required(.text, "discount_type") + guestNames
        + optional(.integer, "reward_id", "redeemable_id", "subscription_id")
        + optional(.amount, "redeemed_points")
    case .offers: legacy + required(.text, "email")
    case .unredeem:
      guestNames + optional(.integer, "redemption_id") + optional(.integerOrText, "transaction_no")
    case .unredeemAll:
      guestNames.filter { $0.name != "redemption_code" } + optional(.list, "redemption_id", "redemption_code")
        + optional(.integerOrText, "transaction_no")
    case .transaction: closed + guestNames
    case .pay:
      required(
        .text, "payment_type", "single_scan_code", "currency_code", "pos_type", "pos_version", "punchh_key")
        + required(.amount, "amount", "subtotal_amount", "payable")
        + required(.dateTime, "receipt_datetime") + required(.integerOrText, "transaction_no")
        + required(.lines, "menu_items")
        + optional(.text, "cc_last4", "employee_id", "employee_name", "revenue_id", "revenue_code")
    case .paymentStatus: optional(.text, "payment_date", "payment_reference_id")
    case .completePayment:
      required(.text, "payment_type", "status")
        + optional(.text, "email", "payment_reference_id", "single_scan_code")
    case .cancelPayment, .refundPayment:
      required(.text, "payment_type", "payment_reference_id") + required(.integerOrText, "transaction_no")
    case .lookup, .autoSelect, .quote, .commit:
      required(.integer, "user_id") + required(.amount, "receipt_amount", "subtotal_amount")
        + required(.dateTime, "receipt_datetime") + required(.text, "transaction_no")
        + required(.lines, "line_items")
        + [Field(name: "external_uid", kind: .text, isRequired: isLockingEnabled)]
        + optional(.text, "punchh_key", "business_date") + optional(.yes, "query")
    case .active: required(.integer, "user_id") + optional(.text, "external_uid")
    case .unlock: required(.integer, "user_id") + required(.text, "external_uid")
    case .void: required(.integer, "user_id")
    case .checkin:
      closed + guestNames
    case .receipt:
      closed + required(.amount, "amount") + optional(.text, "vendor_transaction_no", "status")
        + optional(.integer, "is_test")
    }
  }

  private static let guestNames = optional(
    .text, "email", "phone", "card_number", "redemption_code", "user_as_qrcode", "single_scan_code")

  /// What calls of Redemptions 1.0 say of the check.
  private static let legacy =
    required(.lines, "menu_items") + required(.amount, "receipt_amount", "subtotal_amount")
    + required(.dateTime, "receipt_datetime") + required(.integerOrText, "transaction_no")
    + required(.text, "punchh_key")
    + optional(.text, "external_uid", "cc_last4", "employee_id", "employee_name", "channel", "sequence_no")

  private static let closed =
    required(.text, "pos_type", "pos_version", "channel", "punchh_key", "revenue_code", "revenue_id")
    + required(.integerOrText, "transaction_no") + required(.dateTime, "receipt_datetime")
    + required(.amount, "receipt_amount", "subtotal_amount", "payable") + required(.lines, "menu_items")
    + optional(.text, "external_uid", "employee_id", "employee_name", "cc_last4", "sequence_no", "process")

  /// The first required member that is missing or empty, and everything else that is wrong with `body`.
  static func check(
    _ body: SandboxJSON, of route: SandboxRoute, isLockingEnabled: Bool
  ) -> (missing: String?, complaints: [String]) {
    guard let fields = fields(route, isLockingEnabled: isLockingEnabled) else { return (nil, []) }
    guard case .object(let members) = body else { return (fields.first?.name, ["the body is no object"]) }
    var missing: String?
    var complaints: [String] = []
    for field in fields {
      switch body[field.name] {
      case nil, .null, .string(""), .array([]):
        if field.isRequired {
          missing = missing ?? field.name
          complaints.append("\(field.name) is missing")
        }
      case let value?:
        if !field.kind.fits(value) { complaints.append("\(field.name) is not written as \(field.kind)") }
      }
    }
    for (index, member) in members.enumerated() {
      if !fields.contains(where: { $0.name == member.name }) {
        complaints.append("\(member.name) is unknown here")
      }
      if members[..<index].contains(where: { $0.name == member.name }) {
        complaints.append("\(member.name) stands twice")
      }
    }
    return (missing, complaints + lines(of: body, on: route))
  }

  // MARK: Lines and sums

  /// Names of a line's members.
  struct Spelling {
    var list: String
    var amount: String
    var type: String
    var id: String
    var others: [String]

    static let menuItems = Spelling(
      list: "menu_items", amount: "item_amount", type: "menu_item_type", id: "menu_item_id",
      others: ["menu_family", "menu_major_group"])
    static let lineItems = Spelling(
      list: "line_items", amount: "amount", type: "item_type", id: "item_id",
      others: ["item_family", "item_group"])
  }

  static func spelling(_ route: SandboxRoute) -> Spelling? {
    switch route {
    case .lookup, .autoSelect, .quote, .commit: .lineItems
    case .checkin, .receipt, .transaction, .possible, .redeem, .offers, .pay: .menuItems
    default: nil
    }
  }

  /// Hundredths of all lines of one type.
  static func sum(_ type: String, in body: SandboxJSON, _ spelling: Spelling) -> Int64 {
    (body[spelling.list]?.elements ?? []).reduce(0) { sum, line in
      sum + (line[spelling.type]?.string == type ? line[spelling.amount]?.hundredths ?? 0 : 0)
    }
  }

  private static func lines(of body: SandboxJSON, on route: SandboxRoute) -> [String] {
    guard let spelling = spelling(route), let lines = body[spelling.list]?.elements else { return [] }
    let isSale = ![.checkin, .receipt, .transaction, .pay].contains(route)
    var complaints: [String] = []
    var serials: [String] = []
    for (index, line) in lines.enumerated() {
      let place = "\(spelling.list)[\(index)]"
      let members: [(String, Kind)] = [
        ("item_name", .text), ("item_qty", .integer), (spelling.amount, .amount), (spelling.type, .text),
        (spelling.id, .integerOrText), ("serial_number", .text),
      ]
      for (name, kind) in members {
        guard let value = line[name], kind.fits(value) else {
          complaints.append("\(place).\(name) is missing or not written as \(kind)")
          continue
        }
      }
      if case .object(let present) = line {
        let known = members.map(\.0) + spelling.others
        for member in present where !known.contains(member.name) {
          complaints.append("\(place).\(member.name) is unknown here")
        }
      }
      let type = line[spelling.type]?.string ?? ""
      if !(isSale ? ["M", "S"] : ["M", "D", "R", "S", "T", "P"]).contains(type) {
        complaints.append("\(place) has a type that does not belong here")
      }
      if type != "M", line[spelling.amount]?.hundredths ?? 0 < 0 {
        complaints.append("\(place) has a negative amount")
      }
      if line["item_qty"]?.integer ?? 1 < 1 { complaints.append("\(place) has no quantity") }
      let serial = line["serial_number"]?.string ?? ""
      let parts = serial.split(separator: ".", omittingEmptySubsequences: false)
      if parts.count != 2 || !parts.allSatisfy({ Int($0) != nil }) {
        complaints.append("\(place).serial_number is not of the form 1.0")
      } else if serials.contains(serial) {
        complaints.append("\(place).serial_number stands twice")
      } else if parts[1] != "0", !serials.contains("\(parts[0]).0") {
        complaints.append("\(place) comes before the item it belongs to")
      }
      serials.append(serial)
    }
    return complaints + sums(of: body, spelling)
  }

  private static func sums(of body: SandboxJSON, _ spelling: Spelling) -> [String] {
    var complaints: [String] = []
    func total(_ type: String) -> Int64 { sum(type, in: body, spelling) }
    let receipt = (body["receipt_amount"] ?? body["amount"])?.hundredths
    for name in ["subtotal_amount", "amount"] where body[name] != nil && body[name]?.hundredths != receipt {
      complaints.append("\(name) differs from receipt_amount")
    }
    let net = total("M") - total("D") - total("R")
    if let receipt, receipt != net { complaints.append("receipt_amount is not items less discounts") }
    if let payable = body["payable"]?.hundredths, payable != net + total("S") + total("T") {
      complaints.append("payable is not receipt_amount, services and tax together")
    }
    return complaints
  }

  /// `2018-10-26T23:59:59-07:00`, or with `Z`.
  static func isDateTime(_ text: String) -> Bool {
    let form = Array("dddd-dd-ddTdd:dd:dd".utf8)
    let bytes = Array(text.utf8)
    func matches(_ slice: some Collection<UInt8>, _ form: some Collection<UInt8>) -> Bool {
      slice.count == form.count
        && zip(slice, form).allSatisfy { byte, mark in
          mark == UInt8(ascii: "d") ? (0x30...0x39).contains(byte) : byte == mark
        }
    }
    guard bytes.count > form.count, matches(bytes[..<form.count], form) else { return false }
    let zone = bytes[form.count...]
    return zone.elementsEqual("Z".utf8) || matches(zone, Array("+dd:dd".utf8))
      || matches(zone, Array("-dd:dd".utf8))
  }

  /// What is wrong with a receipt key's form: 12 digits of a number below 2^39 (specs/punchh.md §1.2).
  static func keyFormComplaint(_ key: String) -> String? {
    guard key.utf8.count == 12, key.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return "punchh_key is not 12 digits"
    }
    return UInt64(key) ?? .max >= 1 << 39 ? "punchh_key exceeds 39 bits" : nil
  }
}
