public import POSModel

/// A loyalty programme as the orchestrator sees it: no HTTP, no JSON, no vendor's names.
///
/// Reading calls throw; calls with an effect end as a value (DESIGN §2.1). Implementations retry only what
/// repeats without harm.
public protocol LoyaltyProvider: Sendable {
  /// Which programme and which location this speaks to, as text without secrets. Answers are kept under it.
  var identity: String { get }

  /// What the location prints and how it behaves. Callers keep the last answer on disk.
  func configuration() async throws(DeviceError) -> LocationConfiguration

  /// Takes what ``configuration()`` said once, from the disk: how to speak to the location before it is asked again.
  func adopt(_ configuration: LocationConfiguration)

  /// The key of a new check: 12 digits, from the check's number and cached configuration alone, so that it
  /// can be printed while the programme is away.
  ///
  /// - Throws: `loyalty.key_scheme_missing` when nobody has told the codec how.
  func receiptKey(for check: CheckIdentity, configuration: LocationConfiguration) throws(DeviceError)
    -> String

  /// Finds the guest who showed `code`.
  ///
  /// - Throws: `loyalty.not_found` or `loyalty.expired` when nobody has that code (now).
  func findGuest(_ code: GuestCode) async throws(DeviceError) -> Guest

  /// Signs a guest up who has agreed to the programme's terms, by a contact that it does not know.
  func signUp(_ code: GuestCode) async -> EffectOutcome<Guest>

  /// Rewards the guest could use on this check, selected ones first. Locks the guest's basket to the check.
  func lookUpDiscounts(_ check: CheckSnapshot, for guest: Guest) async throws(DeviceError) -> [Discount]

  /// What the selected rewards would take off this check. Nothing is deducted.
  func quote(_ check: CheckSnapshot, for guest: Guest) async throws(DeviceError) -> Quote

  /// Redeems what was quoted, on the very same snapshot.
  func commit(_ check: CheckSnapshot, for guest: Guest) async -> EffectOutcome<Redemption>

  /// Whether the basket locked by this check is still open: how an unknown commit is resolved. Always, where the
  /// programme keeps none and the guest has ``Guest/selections``: the same commit may be sent again then.
  func isBasketOpen(_ check: CheckIdentity, of guest: Guest) async throws(DeviceError) -> Bool

  /// Gives the guest's basket free again. Done also when there was nothing to unlock.
  func unlock(_ check: CheckIdentity, of guest: Guest) async -> EffectOutcome<Void>

  /// Takes a committed redemption back; what can only go back with its receipt is refused.
  func void(_ redemption: Redemption, of guest: Guest) async -> EffectOutcome<Void>

  /// Credits the guest for a paid check. Sending the same one twice credits once.
  func checkIn(_ check: ClosedCheck, by guest: Guest) async -> EffectOutcome<CheckInReceipt>

  /// Stores the receipt of a paid check. Sending the same one twice stores it once.
  func storeReceipt(_ check: ClosedCheck) async -> EffectOutcome<Void>

  /// Voids the receipt that was stored as it is here, and with it a check-in that is still pending.
  func voidReceipt(_ check: ClosedCheck) async -> EffectOutcome<Void>
}

extension LoyaltyProvider {
  /// Nothing: most programmes are spoken to in one way.
  public func adopt(_ configuration: LocationConfiguration) {}

  /// Not done, `device.unsupported`: not every programme lets tills do it.
  public func signUp(_ code: GuestCode) async -> EffectOutcome<Guest> {
    .notDone(DeviceError(.unsupported, during: "signing up the guest"))
  }
}

/// What a guest showed at the till, classified (specs/punchh.md §2.2).
public struct GuestCode: Sendable, Equatable, Codable {
  /// Which look-up the code is for.
  public enum Kind: String, Sendable, Codable {
    case singleScan, phone, email, userQR, redemptionCode, cardNumber, shortCode, rewardID
    /// What a phone sent to a contactless reader, in hexadecimal.
    case nfc
  }

  /// Which look-up it is for.
  public var kind: Kind
  /// The code itself. Personal data: never in logs.
  public var value: String

  /// A classified code.
  public init(kind: Kind, value: String) {
    self.kind = kind
    self.value = value
  }
}

/// A member of the programme, as far as the till needs to know.
public struct Guest: Sendable, Equatable, Codable {
  /// The programme's id.
  public var id: String
  /// What to call the guest on the operator's display.
  public var displayName: String
  /// How the guest was found; check-ins name it first.
  public var code: GuestCode
  /// Contacts for a check-in when the code has expired meanwhile. Personal data: never in logs.
  public var email: String?
  /// Contacts for a check-in when the code has expired meanwhile. Personal data: never in logs.
  public var phone: String?
  /// The tip chosen in the guest's app, in minor units.
  public var selectedTip: Int64?
  /// The gift card chosen in the guest's app.
  public var selectedGiftCard: String?
  /// What the guest selected, where the programme keeps no basket; the provider's own words.
  public var selections: [String]?
  /// How the guest wants to pay in the app, in the programme's words.
  public var paymentMode: String?
  /// Whether this is nobody, made up so that a coupon has a basket: nobody is to be credited. `nil` counts as no.
  public var isAnonymous: Bool?

  /// A guest from the parts every programme has.
  public init(id: String, displayName: String, code: GuestCode) {
    self.id = id
    self.displayName = displayName
    self.code = code
  }
}

/// What ties every call about one check together.
public struct CheckIdentity: Sendable, Equatable, Codable {
  /// Ours, unique for ever: the programme drops duplicates by it.
  public var externalID: String
  /// The till's number for the check.
  public var checkNumber: String
  /// The running number of the transaction at this till.
  public var transactionNumber: Int64
  /// The 12-digit key printed as a bar code; empty until it is issued.
  public var receiptKey: String
  /// When the check was opened, ISO 8601 with offset.
  public var openedAt: String

  /// An identity from its parts.
  public init(
    externalID: String, checkNumber: String, transactionNumber: Int64, receiptKey: String, openedAt: String
  ) {
    self.externalID = externalID
    self.checkNumber = checkNumber
    self.transactionNumber = transactionNumber
    self.receiptKey = receiptKey
    self.openedAt = openedAt
  }
}

/// A check frozen at the moment of the quote; the commit sends the very same one.
public struct CheckSnapshot: Sendable, Equatable, Codable {
  /// Which check.
  public var identity: CheckIdentity
  /// What was on it.
  public var order: Order

  /// A snapshot from its parts.
  public init(identity: CheckIdentity, order: Order) {
    self.identity = identity
    self.order = order
  }
}

/// A reward the guest has.
public struct Discount: Sendable, Equatable, Codable {
  /// The programme's id of it in the basket.
  public var id: String
  /// What to show.
  public var name: String
  /// Whether the guest selected it.
  public var isSelected: Bool
  /// Whether this check qualifies.
  public var isQualified: Bool
  /// Why not, in the programme's words.
  public var message: String

  /// A reward from its parts.
  public init(id: String, name: String, isSelected: Bool, isQualified: Bool, message: String) {
    self.id = id
    self.name = name
    self.isSelected = isSelected
    self.isQualified = isQualified
    self.message = message
  }
}

/// What the selected rewards take off a check.
public struct Quote: Sendable, Equatable, Codable {
  /// One reduction, to stand on the check as its own line.
  public struct Line: Sendable, Equatable, Codable {
    /// What to print.
    public var name: String
    /// The reduction in minor units, 0 or more.
    public var amount: Int64
    /// The reduced item's id.
    public var itemID: String

    /// A reduction from its parts.
    public init(name: String, amount: Int64, itemID: String) {
      self.name = name
      self.amount = amount
      self.itemID = itemID
    }
  }

  /// Reductions that will be granted.
  public var lines: [Line]
  /// Rewards that do not apply, with the programme's reason.
  public var refusals: [String]

  /// A quote from its parts.
  public init(lines: [Line], refusals: [String]) {
    self.lines = lines
    self.refusals = refusals
  }

  /// All reductions together, in minor units, saturating at 64 bits.
  public var discount: Int64 {
    lines.reduce(0) { sum, line in
      let (next, overflow) = sum.addingReportingOverflow(line.amount)
      return overflow ? (sum < 0 ? .min : .max) : next
    }
  }
}

/// A committed redemption.
public struct Redemption: Sendable, Equatable, Codable {
  /// The programme's reference; voids name it.
  public var reference: String
  /// What was granted; differs from the quote when balances changed meanwhile.
  public var granted: Quote
  /// Whether it goes back by itself when the receipt is voided while its check-in is pending.
  public var returnsWithReceipt: Bool?
  /// What of it nothing gives back, in words without codes.
  public var unreturnable: [String]?
  /// Why nobody knows of the rest, when this is a part of what was to be redeemed; `nil` when it is all.
  public var doubt: DeviceError?

  /// A redemption from its parts.
  public init(
    reference: String, granted: Quote, returnsWithReceipt: Bool? = nil, unreturnable: [String]? = nil,
    doubt: DeviceError? = nil
  ) {
    self.reference = reference
    self.granted = granted
    self.returnsWithReceipt = returnsWithReceipt
    self.unreturnable = unreturnable
    self.doubt = doubt
  }
}

/// A paid check.
public struct ClosedCheck: Sendable, Equatable, Codable {
  /// What was on it.
  public var snapshot: CheckSnapshot
  /// The reductions that stand on the check, whether the programme granted them or the shop bears them.
  public var reductions: [Quote.Line]
  /// What was paid, in minor units: subtotal, services and tax less reductions.
  public var payable: Int64
  /// Last four digits of the card, where it was one.
  public var cardLast4: String?

  /// A paid check from its parts.
  public init(snapshot: CheckSnapshot, reductions: [Quote.Line], payable: Int64, cardLast4: String?) {
    self.snapshot = snapshot
    self.reductions = reductions
    self.payable = payable
    self.cardLast4 = cardLast4
  }
}

/// The programme's answer to a check-in.
public struct CheckInReceipt: Sendable, Equatable, Codable {
  /// Points credited for this check; `nil` when an earlier sending had been credited already.
  public var pointsEarned: Int?

  /// An answer from its parts.
  public init(pointsEarned: Int?) { self.pointsEarned = pointsEarned }
}

/// What the programme configures for one location (specs/punchh.md §4.1).
public struct LocationConfiguration: Sendable, Equatable, Codable {
  /// The location's name.
  public var locationName: String
  /// The location's number in receipt keys, 0 to 8191.
  public var shortKey: Int
  /// Whether receipts carry the bar code.
  public var printsBarcodes: Bool
  /// Text at the top of the receipt.
  public var header: String
  /// Texts under the bar code.
  public var trailers: [String]
  /// Minutes between polls of this configuration.
  public var updateInterval: Int
  /// Whether receipts of all checks are stored.
  public var storesReceipts: Bool
  /// Whether several rewards may be redeemed at once here, by brand and location.
  public var allowsMultipleRedemptions: Bool
  /// How long check-ins stay changeable; `nil` when they never are, or nobody knows.
  public var pending: PendingWindow?
  /// Whether tills may sign up whoever shows an unknown telephone number; `nil` when nobody knows.
  public var signsUpByPhone: Bool?
  /// What the brand's coupons begin with; empty when with nothing in particular, `nil` when nobody knows.
  public var couponPrefix: String?

  /// A configuration from its parts.
  public init(
    locationName: String, shortKey: Int, printsBarcodes: Bool, header: String, trailers: [String],
    updateInterval: Int, storesReceipts: Bool, allowsMultipleRedemptions: Bool, pending: PendingWindow? = nil
  ) {
    self.locationName = locationName
    self.shortKey = shortKey
    self.printsBarcodes = printsBarcodes
    self.header = header
    self.trailers = trailers
    self.updateInterval = updateInterval
    self.storesReceipts = storesReceipts
    self.allowsMultipleRedemptions = allowsMultipleRedemptions
    self.pending = pending
  }
}
