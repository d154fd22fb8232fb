/// What the sandbox's world looks like at its start.
public struct SandboxSettings: Sendable {
  /// The location key that is accepted.
  public var locationKey = "sandbox-location-key"
  /// The business key that is accepted.
  public var businessKey = "sandbox-business-key"
  /// The location's name.
  public var locationName = "327922-punchh-demo"
  /// Number of the location in receipt keys, 0 to 8191 (specs/punchh.md §11 X10).
  public var shortKey = 6624
  /// Text at the top of receipts.
  public var header = "Punchh Demo Diner"
  /// Texts under the bar code, five at most.
  public var trailers = ["Scan the code in our app", "to earn points for this check"]
  /// Whether baskets are locked to a check.
  public var isLockingEnabled = true
  /// Seconds a single scan code lives (specs/punchh.md §11 X8).
  public var codeLifetime: Int64 = 300
  /// Whether a repeated check-in is answered like the first one instead of refused.
  public var answersDuplicates = false
  /// How late answers under the fault `slow` are, in milliseconds.
  public var slowMilliseconds: Int64 = 20_000
  /// Points that turn into ``bankedPerThreshold`` (specs/punchh.md §11 X6).
  public var pointsThreshold = 25
  /// Hundredths banked at the threshold.
  public var bankedPerThreshold: Int64 = 100
  /// The members.
  public var guests: [SandboxGuest] = [.demo]
  /// Coupons of the brand: whoever has the code may use it, once.
  public var coupons: [SandboxCoupon] = [SandboxCoupon(code: "7738989", name: "2.00 off", amount: 200)]
  /// What they begin with; empty when with nothing in particular.
  public var couponPrefix = ""
  /// Whether Redemptions 2.0 are on; else baskets are refused and 1.0 is spoken.
  public var allowsMultipleRedemptions = true
  /// Whether a till may sign up a guest whose telephone number is unknown.
  public var createsUsersByPhone = true
  /// Minutes in which a check-in can still be changed or voided; `nil` when it never can.
  public var pendingMinutes: Int64? = 60
  /// Questions after which the guest has confirmed a payment in the app.
  public var paymentPolls = 1
  /// Whether the guest's bank refuses payments in the app.
  public var refusesPayments = false
  /// The one-time password that guests get.
  public var oneTimePassword = "246813"
  /// What is wrong with a receipt key at the location with this short key; `nil` when nothing is. The default
  /// looks at its form only, since the algorithm belongs to the till.
  public var keyComplaint: @Sendable (_ key: String, _ shortKey: Int) -> String? = { _, _ in nil }

  /// The demo location with one member.
  public init() {}
}

/// A member in the sandbox.
public struct SandboxGuest: Sendable {
  /// The id.
  public var id: Int64
  /// First name.
  public var firstName: String
  /// Last name.
  public var lastName: String
  /// Address; invented.
  public var email: String
  /// Ten digits; invented.
  public var phone: String
  /// Single scan codes that are alive from the start.
  public var codes: [String]
  /// Rewards the guest has; the selected ones lie in the basket.
  public var rewards: [SandboxReward]
  /// Points at the start.
  public var points: Int
  /// Tip chosen in the app, in hundredths.
  public var tip: Int64?
  /// Loyalty card.
  public var cardNumber: String?
  /// The long code of the guest's app.
  public var userQR: String?
  /// Four characters for the drive-through.
  public var shortCode: String?
  /// What the guest's phone sends by NFC, unless it is Apple's.
  public var nfc: String?
  /// What Apple's pass sends by NFC.
  public var applePass: String?
  /// The gift card chosen in the app.
  public var giftCard: String?
  /// How the guest wants to pay in the app: `GiftCard`, `CreditCard` or `recurring`.
  public var paymentMode: String?
  /// Hundredths banked at the start.
  public var banked: Int64 = 0
  /// A code for this guest's own reward, by the reward's id.
  public var redemptionCodes: [String: Int64] = [:]

  /// A member from its parts.
  public init(
    id: Int64, firstName: String, lastName: String, email: String, phone: String, codes: [String],
    rewards: [SandboxReward], points: Int, tip: Int64? = nil
  ) {
    self.id = id
    self.firstName = firstName
    self.lastName = lastName
    self.email = email
    self.phone = phone
    self.codes = codes
    self.rewards = rewards
    self.points = points
    self.tip = tip
  }

  /// Jane, with a free side selected in the app and 15 points.
  public static let demo = SandboxGuest(
    id: 11_111_111, firstName: "Jane", lastName: "Doe", email: "jane.doe@example.com", phone: "2025550143",
    codes: ["5ca1ab1e0ddba11"],
    rewards: [
      SandboxReward(id: 41_049_646_877, name: "3.00 off any check", amount: 300, isSelected: true),
      SandboxReward(id: 41_049_646_878, name: "Free dessert", amount: 600, itemID: "900", isSelected: false),
    ],
    points: 15)

  /// John, who pays in the app with a gift card, tips two dollars and has two rewards in his basket.
  public static let generous: SandboxGuest = {
    var guest = SandboxGuest(
      id: 22_222_222, firstName: "John", lastName: "Roe", email: "john.roe@example.com",
      phone: "2025550188", codes: ["0ddba115ca1ab1e"],
      rewards: [
        SandboxReward(id: 41_049_646_901, name: "2.00 off any check", amount: 200, isSelected: true),
        SandboxReward(
          id: 41_049_646_902, name: "Free lemonade", amount: 250, itemID: "120", isSelected: true),
      ],
      points: 40, tip: 200)
    guest.cardNumber = "6006491111111111"
    guest.userQR = "PunchhJohnRoe22222222Punchh"
    guest.shortCode = "JII8"
    guest.nfc = "a1b2c3d4"
    guest.applePass = "d4c3b2a1"
    guest.giftCard = "6006492222222222"
    guest.paymentMode = "GiftCard"
    guest.banked = 500
    guest.redemptionCodes = ["8106394": 41_049_646_901]
    return guest
  }()
}

/// A coupon of the brand.
public struct SandboxCoupon: Sendable {
  /// What is scanned or typed.
  public var code: String
  /// What guests see.
  public var name: String
  /// The most it takes off, in hundredths.
  public var amount: Int64

  /// A coupon from its parts.
  public init(code: String, name: String, amount: Int64) {
    self.code = code
    self.name = name
    self.amount = amount
  }
}

/// A reward in the sandbox.
public struct SandboxReward: Sendable {
  /// The id.
  public var id: Int64
  /// The name guests see.
  public var name: String
  /// The most it takes off, in hundredths.
  public var amount: Int64
  /// The item it is for; `nil` for any.
  public var itemID: String?
  /// Whether the guest put it into the basket.
  public var isSelected: Bool

  /// A reward from its parts.
  public init(id: Int64, name: String, amount: Int64, itemID: String? = nil, isSelected: Bool) {
    self.id = id
    self.name = name
    self.amount = amount
    self.itemID = itemID
    self.isSelected = isSelected
  }
}
