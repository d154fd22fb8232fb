/// A member, as User Look-up, Create New User and Find User answer (specs/punchh.md §4.4, §4.6, §2.1).
///
/// Only the id is required. Members that are missing, or of another type than documented, read as unknown.
public struct PunchhUser: Sendable, Equatable, Decodable {
  /// The programme's id.
  public var id: String
  /// First name; may be empty.
  public var firstName: String
  /// Last name; may be empty.
  public var lastName: String
  /// E-mail address. Personal data: never in logs.
  public var email: String?
  /// Telephone number. Personal data: never in logs.
  public var phone: String?
  /// What the member has.
  public var balance: Balance
  /// Offers and rewards.
  public var rewards: [Reward]
  /// Subscriptions.
  public var subscriptions: [Subscription]
  /// What the guest chose in the app before showing the code.
  public var selected: Selection
  /// Which transaction holds the basket, when one does.
  public var externalUID: String?
  /// Whether the basket is locked.
  public var isLocked: Bool

  /// Points, visits and money; which of them to show depends on the programme (specs/punchh.md §4.2).
  public struct Balance: Sendable, Equatable, Decodable {
    /// Money that may be taken off.
    public var bankedRewards: DecimalAmount?
    /// Visits, or points in all.
    public var net: DecimalAmount?
    /// Points on the way to the next reward.
    public var points: DecimalAmount?
    /// Points that count later.
    public var pending: DecimalAmount?
    /// Full visit cards that have not been redeemed.
    public var unredeemedCards: Int?
    /// The level's name.
    public var membershipLevel: String?

    private enum Name: String, CodingKey {
      case banked = "banked_rewards"
      case net = "net_balance"
      case points = "points_balance"
      case pending = "pending_points"
      case cards = "unredeemed_cards"
      case level = "membership_level"
    }

    init() {}

    /// Reads what is there.
    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Name.self)
      bankedRewards = values.knownAmount(.banked)
      net = values.knownAmount(.net)
      points = values.knownAmount(.points)
      pending = values.knownAmount(.pending)
      unredeemedCards = values.knownInteger(.cards)
      membershipLevel = values.known(.level).map { DisplayText.clean($0, limit: 60) }
    }
  }

  /// One offer of a member.
  public struct Reward: Sendable, Equatable, Decodable {
    /// The id: `reward_id`, or `redeemable_id` for a redeemable.
    public var id: String
    /// What guests see.
    public var name: String
    /// `reward`, also where the server says nothing, or `redeemable`.
    public var type: String
    /// Points it costs.
    public var points: Int?
    /// What it takes off, where the server says.
    public var amount: DecimalAmount?
    /// When it ends, as the server writes it.
    public var endsAt: String?

    private enum Name: String, CodingKey {
      case id, name, type, points
      case amount = "discount_amount"
      case endsAt = "end_date_tz"
    }

    /// Reads it; the id is required.
    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Name.self)
      id = try values.id(.id)
      name = DisplayText.clean(values.known(.name) ?? "")
      type = values.known(.type) == "redeemable" ? "redeemable" : "reward"
      points = values.knownInteger(.points)
      amount = values.knownAmount(.amount)
      endsAt = values.known(.endsAt).map { DisplayText.clean($0, limit: 40) }
    }
  }

  /// One subscription of a member.
  public struct Subscription: Sendable, Equatable, Decodable {
    /// The id.
    public var id: String
    /// The plan's name.
    public var name: String

    private enum Name: String, CodingKey {
      case id = "subscription_id"
      case planName = "plan_name"
      case name
    }

    /// Reads it; the id is required.
    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Name.self)
      id = try values.id(.id)
      name = DisplayText.clean(values.known(.planName) ?? values.known(.name) ?? "")
    }
  }

  /// What the guest chose in the app for this one scan.
  public struct Selection: Sendable, Equatable {
    /// The gift card to pay with.
    public var cardNumber: String?
    /// The tip.
    public var tip: DecimalAmount?
    /// The payment in the app: `GiftCard`, `CreditCard` or `recurring`.
    public var paymentMode: String?
    /// Rewards, redeemables, cards, banked money, coupons and subscriptions, in the order of redemption.
    public var discounts: [LegacyDiscount] = []
    /// A code for the following calls, when the look-up was made by a short code that can pay.
    public var singleScanCode: String?
  }

  private enum Name: String, CodingKey {
    case userID = "user_id"
    case id
    case firstName = "first_name"
    case lastName = "last_name"
    case email, phone, balance, rewards, subscriptions, locked
    case externalUID = "external_uid"
    case selectedTip = "selected_tip_amount"
    case selectedCardNumber = "selected_card_number"
    case paymentMode = "payment_mode"
    case singleScanCode = "single_scan_code"
    case selectedRewards = "selected_rewards"
    case selectedRedeemables = "selected_redeemables"
    case selectedCards = "selected_redeemable_cards"
    case selectedAmount = "selected_discount_amount"
    case selectedCoupons = "selected_coupons"
    case selectedSubscriptions = "selected_subscriptions"
  }

  /// One selection, of whichever kind.
  private struct Selected: Decodable {
    var id: String?
    var subscription: String?
    var code: String?
    var amount: DecimalAmount?
    var count: Int

    private enum Name: String, CodingKey {
      case id, code, count
      case subscription = "subscription_id"
      case amount = "banked_currency"
    }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Name.self)
      id = try? values.id(.id)
      subscription = try? values.id(.subscription)
      code = values.known(.code)
      amount = values.knownAmount(.amount)
      count = min(max(values.knownInteger(.count) ?? 1, 1), 100)
    }
  }

  /// Reads it; one of `user_id` and `id` is required.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Name.self)
    id = try values.text(.userID) == nil && values.contains(.id) ? values.id(.id) : values.id(.userID)
    firstName = try values.display(.firstName, limit: 60)
    lastName = try values.display(.lastName, limit: 60)
    email = try values.text(.email).flatMap(Self.contact)
    phone = try values.text(.phone).flatMap(Self.contact)
    balance = (try? values.decodeIfPresent(Balance.self, forKey: .balance)) ?? Balance()
    rewards = values.knownList(.rewards, of: Reward.self)
    subscriptions = values.knownList(.subscriptions, of: Subscription.self)
    externalUID = values.known(.externalUID)
    isLocked = values.knownBool(.locked) ?? false
    selected = Selection()
    selected.tip = try values.text(.selectedTip).map { DecimalAmount(text: $0) }
    selected.cardNumber = try values.text(.selectedCardNumber).flatMap(Self.contact)
    selected.paymentMode = values.known(.paymentMode).map { DisplayText.clean($0, limit: 40) }
    selected.singleScanCode = values.known(.singleScanCode).flatMap(Self.contact)
    func chosen(_ name: Name, _ discount: (Selected) -> LegacyDiscount?) {
      for item in values.knownList(name, of: Selected.self).prefix(100) {
        selected.discounts += Array(repeating: discount(item), count: item.count).compactMap { $0 }
      }
    }
    chosen(.selectedRewards) { $0.id.map(LegacyDiscount.reward) }
    chosen(.selectedRedeemables) { $0.id.map(LegacyDiscount.redeemable) }
    chosen(.selectedCards) { _ in .cardCompletion }
    chosen(.selectedAmount) { $0.amount.map(LegacyDiscount.banked) }
    chosen(.selectedCoupons) { $0.code.map(LegacyDiscount.code) }
    chosen(.selectedSubscriptions) { ($0.subscription ?? $0.id).map(LegacyDiscount.subscription) }
  }

  /// Empty texts and texts no contact is made of count as none.
  private static func contact(_ text: String) -> String? {
    (1...255).contains(text.utf8.count) && text != "null"
      && text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
      ? text : nil
  }

  /// First and last name, or `Guest`.
  public var displayName: String {
    let name = [firstName, lastName].filter { !$0.isEmpty }.joined(separator: " ")
    return name.isEmpty ? "Guest" : name
  }
}

/// A guest to sign up at the till (specs/punchh.md §4.3).
public struct NewGuest: Sendable, Equatable {
  /// Ten digits.
  public var phone: String?
  /// E-mail address.
  public var email: String?
  /// Loyalty card.
  public var cardNumber: String?
  /// First name.
  public var firstName: String?
  /// Last name.
  public var lastName: String?
  /// YYYY-MM-DD.
  public var birthday: String?
  /// Whether the guest agreed to the terms. Without this nobody is signed up.
  public var agreesToTerms = false
  /// Whether the guest wants messages; only then is the confirming message sent.
  public var wantsMessages = false
  /// Where the guest signs up.
  public var channel = "POS"

  /// Nobody yet.
  public init() {}

  /// A guest known by one contact.
  public init(phone: String? = nil, email: String? = nil, cardNumber: String? = nil, agreesToTerms: Bool) {
    self.phone = phone
    self.email = email
    self.cardNumber = cardNumber
    self.agreesToTerms = agreesToTerms
  }
}

/// How a call names its guest (specs/punchh.md §2.2, §6.1).
public struct GuestIdentifier: Sendable, Equatable {
  /// The parameter's name.
  public enum Name: String, Sendable, CaseIterable {
    case email, phone
    case cardNumber = "card_number"
    case redemptionCode = "redemption_code"
    case userQR = "user_as_qrcode"
    case singleScanCode = "single_scan_code"
    case shortCode = "drive_thru_code"
    case appleNFC = "apple_nfc_data"
    case nfcToken = "nfc_token"
    case rewardID = "reward_id"
  }

  /// Which parameter.
  public var name: Name
  /// What the guest showed. Personal data: never in logs.
  public var value: String

  /// A guest known by `value`.
  public init(_ name: Name, _ value: String) {
    self.name = name
    self.value = value
  }
}
