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
