public import POSLoyalty

/// How the brand's programme works (specs/punchh.md §4.2). Every member is optional: what is missing, or of another
/// type than documented, reads as the programme's most cautious setting.
public struct ProgramMeta: Sendable, Equatable, Codable {
  /// `visits`, `points` or `points_unlock_redeemables`; empty when unknown.
  public var programType: String
  /// `staged`, `currency`, `rewards` or `none`; empty when unknown.
  public var conversionType: String
  /// Points that turn into a reward or money.
  public var conversionThreshold: Int?
  /// Visits that fill a card.
  public var visitsPerCard: Int?
  /// Whether a guest whose telephone number is unknown may be signed up at the till.
  public var createsUsersByPhone: Bool
  /// What coupons begin with; empty when they begin with nothing in particular.
  public var couponPrefix: String
  /// Whether check-ins stay changeable for a while.
  public var hasPendingPoints: Bool
  /// For how many minutes.
  public var pendingMinutes: Int?
  /// The second of the day at which check-ins settle, whatever their minutes; `nil` when unknown.
  public var settlesAt: Int?
  /// Whether Redemptions 2.0 are on for the brand.
  public var allowsMultipleRedemptions: Bool
  /// Whether a look-up locks the guest's basket to the transaction.
  public var locksBaskets: Bool
  /// Minutes after which a locked basket frees itself; `nil` when it never does.
  public var autoUnlockMinutes: Int?
  /// Rewards redeemed in one transaction, at most.
  public var maximumRedemptions: Int?

  /// How long check-ins stay changeable; `nil` when they never are.
  public var pendingWindow: PendingWindow? {
    guard hasPendingPoints, let pendingMinutes else { return nil }
    return PendingWindow(minutes: pendingMinutes, settlesAt: settlesAt)
  }

  /// A programme of which nothing is known.
  public init() {
    programType = ""
    conversionType = ""
    createsUsersByPhone = false
    couponPrefix = ""
    hasPendingPoints = false
    allowsMultipleRedemptions = false
    locksBaskets = false
  }
}

extension ProgramMeta {
  /// One figure of a balance as guests are shown it.
  public struct Figure: Sendable, Equatable {
    /// What it counts.
    public enum Kind: String, Sendable, CaseIterable { case points, banked, total, visits, cards }

    /// What it counts.
    public var kind: Kind
    /// The number, as the server writes it.
    public var text: String
    /// Points that turn into a reward or money, where it is on the way there.
    public var goal: Int?

    /// A figure from its parts.
    public init(_ kind: Kind, _ text: String, goal: Int? = nil) {
      self.kind = kind
      self.text = text
      self.goal = goal
    }
  }

  /// What of `balance` this programme shows (specs/punchh.md §4.2); what the server does not say is left out. Programmes
  /// of which PAR says nothing show points and banked money.
  public func figures(of balance: PunchhUser.Balance) -> [Figure] {
    let progress = balance.points.map { Figure(.points, $0.text, goal: conversionThreshold) }
    let net = balance.net?.text
    let shown: [Figure?] =
      switch (programType, conversionType) {
      case ("visits", _):
        [
          net.map { Figure(.visits, $0) },
          balance.unredeemedCards.map { Figure(.cards, String($0)) },
        ]
      // Its points balance is another number than what the guest can spend.
      case ("points_unlock_redeemables", _), ("points_unlock", _): [net.map { Figure(.points, $0) }]
      case (_, "rewards"): [progress, net.map { Figure(.total, $0) }]
      default: [progress, balance.bankedRewards.map { Figure(.banked, $0.text) }]
      }
    return shown.compactMap { $0 }
  }
}

extension PunchhAnswer {
  /// `GET /api/pos/meta`.
  struct Meta: Decodable {
    var meta = ProgramMeta()

    private enum Name: String, CodingKey {
      case programType = "program_type"
      case conversionType = "points_conversion_type"
      case threshold = "points_conversion_threshold"
      case visitsPerCard = "visits_per_card"
      case createsUsers = "autocreate_user_phone"
      case couponPrefix = "coupon_prefix"
      case pendingPoints = "pending_points"
      case pendingMinutes = "pending_points_duration"
      case settlesAt = "configurable_default_time_eod"
      case isMultiple = "multiple_redemptions_enabled"
      case multiple = "multiple_redemptions"
    }

    private struct Multiple: Decodable {
      var locks: Bool
      var unlockMinutes: Int?
      var maximum: Int?

      private enum Name: String, CodingKey {
        case locks = "enable_discount_locking"
        case unlocks = "enable_auto_unlock"
        case unlockMinutes = "auto_unlock_duration"
        case maximum = "max_redemptions_in_transaction"
      }

      init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Name.self)
        locks = values.knownBool(.locks) ?? true
        unlockMinutes = values.knownBool(.unlocks) == true ? values.knownInteger(.unlockMinutes) : nil
        maximum = values.knownInteger(.maximum)
      }
    }

    /// HH:MM:SS as a number.
    private static func secondOfDay(_ text: String) -> Int? {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
      guard parts.count == 3, let hour = parts[0], let minute = parts[1], let second = parts[2],
        (0..<24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second)
      else { return nil }
      return hour * 3600 + minute * 60 + second
    }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Name.self)
      meta.programType = DisplayText.clean(values.known(.programType) ?? "", limit: 40)
      meta.conversionType = DisplayText.clean(values.known(.conversionType) ?? "", limit: 40)
      meta.conversionThreshold = values.knownInteger(.threshold)
      meta.visitsPerCard = values.knownInteger(.visitsPerCard)
      meta.createsUsersByPhone = values.knownBool(.createsUsers) ?? false
      meta.couponPrefix = DisplayText.clean(values.known(.couponPrefix) ?? "", limit: 20)
      meta.hasPendingPoints = values.knownBool(.pendingPoints) ?? false
      meta.pendingMinutes = values.knownInteger(.pendingMinutes)
      meta.settlesAt = values.known(.settlesAt).flatMap(Self.secondOfDay)
      meta.allowsMultipleRedemptions = values.knownBool(.isMultiple) ?? false
      let multiple = (try? values.decodeIfPresent(Multiple.self, forKey: .multiple)) ?? nil
      meta.locksBaskets = multiple?.locks ?? meta.allowsMultipleRedemptions
      meta.autoUnlockMinutes = multiple?.unlockMinutes
      meta.maximumRedemptions = multiple?.maximum
    }
  }
}
