/// Everything that has happened in the sandbox, without keys, codes and contacts.
public struct SandboxLedger: Sendable, Equatable, Codable {
  /// A check-in that was credited.
  public struct CheckIn: Sendable, Equatable, Codable {
    /// The till's unique id of the check.
    public var externalUID: String
    /// The receipt key.
    public var punchhKey: String
    /// The till's transaction number.
    public var transactionNumber: String
    /// Whose.
    public var guest: Int64
    /// Hundredths that points were earned on.
    public var receiptAmount: Int64
    /// Hundredths paid.
    public var payable: Int64
    /// Points credited.
    public var pointsEarned: Int
    /// How often the same check was sent again.
    public var repeats: Int
    /// Whether a void of the receipt took it back.
    public var isVoided = false
  }

  /// The last version of a receipt.
  public struct Receipt: Sendable, Equatable, Codable {
    /// The receipt key.
    public var punchhKey: String
    /// The till's unique id of the check.
    public var externalUID: String
    /// Hundredths of the receipt.
    public var receiptAmount: Int64
    /// Versions received, 1 or more.
    public var versions: Int
    /// Whether the last version voids it.
    public var isVoided: Bool
  }

  /// A redemption that was committed.
  public struct Redemption: Sendable, Equatable, Codable {
    /// The sandbox's reference.
    public var reference: String
    /// The till's unique id of the check.
    public var externalUID: String
    /// Whose.
    public var guest: Int64
    /// Hundredths taken off.
    public var amount: Int64
    /// Rewards spent.
    public var rewards: [Int64]
    /// Whether it was taken back.
    public var isVoided: Bool
  }

  /// A redemption of the first generation.
  public struct SingleRedemption: Sendable, Equatable, Codable {
    /// The sandbox's id.
    public var id: Int64
    /// The till's unique id of the check.
    public var externalUID: String
    /// Whose; `nil` for a coupon.
    public var guest: Int64?
    /// What was redeemed: a reward's id, a code, `banked` or `card`.
    public var what: String
    /// Hundredths taken off.
    public var amount: Int64
    /// Whether it was taken back.
    public var isVoided: Bool
  }

  /// A payment in a guest's app.
  public struct Payment: Sendable, Equatable, Codable {
    /// The sandbox's reference.
    public var reference: String
    /// The till's number of the request.
    public var transactionNumber: String
    /// Whose.
    public var guest: Int64
    /// Hundredths.
    public var amount: Int64
    /// `processing`, `processed`, `success`, `unable_to_process`, `refunded`.
    public var status: String
    /// `AWAITING_USER_INPUT`, `SUCCESS`, …
    public var message: String
    /// Times somebody asked for it.
    public var polls: Int
  }

  /// A member's account.
  public struct Account: Sendable, Equatable, Codable {
    /// Whose.
    public var guest: Int64
    /// Points below the threshold.
    public var points: Int
    /// Hundredths banked.
    public var banked: Int64
    /// Rewards left.
    public var rewards: [Int64]
    /// The check that holds the basket.
    public var basketLockedBy: String?
  }

  /// A call that arrived.
  public struct Call: Sendable, Equatable, Codable {
    /// Counted from 1.
    public var number: Int
    /// Which call.
    public var route: SandboxRoute
    /// Method and path as they arrived, without the reference that a batch is voided by.
    public var address: String
    /// The status given; 0 when the connection was closed or left silent.
    public var status: Int
    /// What was made to go wrong.
    public var fault: SandboxFault?
  }

  /// A rule the till broke.
  public struct Violation: Sendable, Equatable, Codable {
    /// The call's number.
    public var call: Int
    /// Which call.
    public var route: SandboxRoute?
    /// Which rule; names of fields, never their contents.
    public var rule: String
  }

  /// Credited check-ins.
  public var checkIns: [CheckIn] = []
  /// Stored receipts.
  public var receipts: [Receipt] = []
  /// Committed redemptions.
  public var redemptions: [Redemption] = []
  /// Redemptions of the first generation.
  public var singleRedemptions: [SingleRedemption] = []
  /// Payments in guests' apps.
  public var payments: [Payment] = []
  /// Visits registered without earning, by the till's unique id of the check.
  public var visits: [String] = []
  /// Guests signed up at the till.
  public var signUps: [Int64] = []
  /// The members' accounts.
  public var accounts: [Account] = []
  /// Rules broken; the first thousand.
  public var violations: [Violation] = []
  /// Calls seen; the first ten thousand.
  public var calls: [Call] = []

  /// Nothing yet.
  public init() {}
}
