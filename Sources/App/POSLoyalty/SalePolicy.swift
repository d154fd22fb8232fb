/// What a place of sale does differently from a counter with a cashier, as data (specs/punchh.md §6.5, §10).
public struct SalePolicy: Sendable, Equatable, Codable {
  /// Who gets a bar code, where the location prints them at all. Whoever buys while the programme is away gets
  /// one, and so does whoever's reward is being redeemed when it goes away.
  public enum Barcodes: String, Sendable, Codable, CaseIterable {
    /// Everybody.
    case always
    /// Whoever is not credited by this sale: a member has earned already.
    case unlessMember = "unless-member"
  }

  /// Who gets a bar code.
  public var barcodes: Barcodes
  /// How many codes may be refused before the sale goes on without a guest; `nil` for as many as a cashier likes.
  public var refusals: Int?
  /// Kinds of code that are taken; `nil` for all. Where nobody looks at the guest, a number that anybody may know
  /// must not spend another one's rewards.
  public var kinds: [GuestCode.Kind]?

  /// A policy from its parts.
  public init(barcodes: Barcodes = .always, refusals: Int? = nil, kinds: [GuestCode.Kind]? = nil) {
    self.barcodes = barcodes
    self.refusals = refusals
    self.kinds = kinds
  }

  /// A cashier asks and looks.
  public static let counter = SalePolicy()

  /// Nobody looks: codes that only the guest's own phone or coupon shows, and two tries.
  public static let kiosk = SalePolicy(
    refusals: 2, kinds: [.singleScan, .userQR, .shortCode, .nfc, .redemptionCode])

  /// What `codes` are worth here.
  func accepted(_ codes: [GuestCode]) -> [GuestCode] {
    guard let kinds else { return codes }
    return codes.filter { kinds.contains($0.kind) }
  }
}

/// When a check-in can still be changed (specs/punchh.md §4.2, §6.3).
public struct PendingWindow: Sendable, Equatable, Codable {
  /// Minutes from the check-in.
  public var minutes: Int
  /// The second of the day at which everything settles, whatever its minutes; `nil` when it does not.
  public var settlesAt: Int?

  /// A window from its parts.
  public init(minutes: Int, settlesAt: Int? = nil) {
    self.minutes = minutes
    self.settlesAt = settlesAt
  }

  /// Whether what was credited at `credited` can still be changed at `now`; both in milliseconds since 1970, `offset`
  /// in seconds ahead of UTC. A clock that was set back counts as no time passed.
  public func isOpen(since credited: Int64, at now: Int64, offset: Int) -> Bool {
    let (passed, overflow) = now.subtractingReportingOverflow(credited)
    guard !overflow, passed <= Int64(min(max(0, minutes), 1_000_000)) * 60_000 else { return false }
    guard let settlesAt else { return true }
    func day(_ time: Int64) -> Int64 {
      let local = time / 1000 &+ Int64(offset) &- Int64(settlesAt)
      return local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
    }
    return day(now) <= day(credited)
  }
}
