public import POSModel

/// What is known of a sale: the facts its events have brought, without where it stands.
public struct SaleRecord: Sendable, Equatable {
  /// Where the guest's basket stands.
  public enum Basket: String, Sendable {
    /// Nobody has touched it.
    case untouched
    /// It is, or may be, locked to this check.
    case held
    /// A redemption may have emptied it.
    case disputed
    /// The redemption emptied it.
    case spent
    /// It was given free.
    case freed
    /// The programme refuses to free it: it may still be locked.
    case stuck
    /// Nobody can say whether a redemption emptied it: the programme refuses to, or keeps no basket.
    case unclear
    /// The check is void: the redemption is to be taken back.
    case owedBack
    /// The redemption was taken back, or goes back with the receipt.
    case returned
  }

  /// What was known at the opening.
  public let opening: SaleOpening
  /// The check as the programme sees it, with the tip from the guest's app.
  public internal(set) var check: CheckSnapshot
  /// The code the guest was found by, or would be once the programme is back.
  public internal(set) var code: GuestCode?
  /// Codes that were refused so far.
  var refusedCodes = 0
  /// The telephone number that the last code may be.
  var shownPhone: GuestCode?
  /// Whether the guest was asked to sign up.
  var hasOfferedSignUp = false
  /// The guest.
  public internal(set) var guest: Guest?
  /// The rewards that were looked up.
  public internal(set) var discounts: [Discount] = []
  /// What the rewards take off this check; no lines when none applies.
  public internal(set) var reward = Quote(lines: [], refusals: [])
  /// Why the programme could not be asked.
  public internal(set) var away: DeviceError?
  /// Where the guest's basket stands.
  public internal(set) var basket = Basket.untouched
  /// The name of the payment, once the tender has started.
  public internal(set) var paymentReference: String?
  /// What the payment came to; `nil` also when there was nothing to pay.
  public internal(set) var payment: PaymentOutcome?
  /// What of the payment a gift card has given, when that was not all; the rest is in ``payment``.
  public internal(set) var part: PaymentRecord?
  /// Whether all of it came from what the guest chose in the app, so that no card has anything to give back.
  public internal(set) var isTendersAlone = false
  /// The programme's answer to the redemption.
  public internal(set) var redemption: Redemption?
  /// Whether the programme went away while the reward was redeemed: nobody knows then when the check-in gets through.
  var wasAwayAtCommit = false
  /// Times the receipt was given to the printer.
  public internal(set) var printAttempts = 0
  /// What the last print came to.
  public internal(set) var print: PrintOutcome?
  /// What was taken back after the sale was over, in order.
  public internal(set) var returns: [SaleReturn] = []
  /// The check as it stands after them; `nil` as long as it stands as it was sold.
  public internal(set) var standing: ClosedCheck?
  /// Whether nothing of the check stands any more.
  public internal(set) var isVoided = false
  /// What the customer was to get back, in minor units.
  public internal(set) var dueBack: Int64 = 0
  /// What of it the customer has got.
  public internal(set) var givenBack: Int64 = 0
  /// What somebody should know, in the order it came up.
  public internal(set) var warnings: [SaleWarning] = []

  init(_ opening: SaleOpening) {
    self.opening = opening
    check = opening.check
    away = opening.away
  }
}

extension SaleRecord {
  /// What the rewards take off, in minor units.
  public var discount: Int64 { reward.discount }

  /// What the customer has to pay: items, services and tax less reductions.
  public var payable: Money {
    // The opening was validated and the quote is no larger than the subtotal, so neither can fail.
    let total = check.order.total ?? 0
    return Money(minorUnits: max(0, total - discount), currency: check.order.currency)
  }

  /// Whether the check-in may be sent at once: the programme is there, and the basket is not locked to the check
  /// any more. Points come after the redemption, or after it was given up.
  var isReadyToSend: Bool { away == nil && basket != .held && basket != .disputed }

  /// What was charged, when something was.
  public var charge: PaymentRecord? {
    switch payment {
    case .approved(let record), .approvedUnconfirmed(let record): record
    case .declined, .cancelled, .notStarted, .unknown, nil: nil
    }
  }

  /// What was paid, in minor units: the gift card's part and the charge.
  var paid: Int64 { (part?.amount.minorUnits ?? 0) + (charge?.amount.minorUnits ?? 0) }

  /// What was not charged although it is due, when the terminal approved a part only.
  public var remainder: Money? {
    guard let charge, charge.amount.currency == payable.currency, paid < payable.minorUnits else {
      return nil
    }
    return Money(minorUnits: payable.minorUnits - paid, currency: payable.currency)
  }

  /// The paid check, for the programme.
  public var closedCheck: ClosedCheck {
    let digits = charge?.maskedPAN?.utf8.suffix(4).filter { $0 >= 0x30 && $0 <= 0x39 } ?? []
    return ClosedCheck(
      snapshot: check, reductions: reward.lines, payable: payable.minorUnits,
      cardLast4: digits.count == 4 ? String(decoding: digits, as: UTF8.self) : nil)
  }

  /// The guest, unless it is nobody: a coupon's basket earns no points (specs/punchh.md §6.1).
  private var member: Guest? { guest?.isAnonymous == true ? nil : guest }

  /// Whom to credit: the guest, or whoever turns out to have shown the code when the programme was away.
  var guestToCredit: Guest? {
    if guest != nil { return member }
    guard away != nil, let code else { return nil }
    var guest = Guest(id: "", displayName: "", code: code)
    switch code.kind {
    case .email: guest.email = code.value
    case .phone: guest.phone = code.value
    case .singleScan, .userQR, .redemptionCode, .cardNumber, .shortCode, .rewardID, .nfc: break
    }
    return guest
  }

  /// Whether the receipt carries the bar code (specs/punchh.md §6.5): where the programme wants it, and always
  /// when it was away, before the payment or after it, so that the guest can claim the check later.
  public var printsBarcode: Bool {
    guard !check.identity.receiptKey.isEmpty else { return false }
    if away != nil || wasAwayAtCommit { return true }
    let isMember = member != nil && opening.policy?.barcodes == .unlessMember
    return opening.configuration?.printsBarcodes == true && !isMember
  }
}

/// Something that went another way than it should, and did not stop the sale.
public struct SaleWarning: Sendable, Equatable, Codable {
  /// What went wrong.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// No receipt key could be made, so this check can never be credited.
    case noCheckIn = "no-check-in"
    /// The programme was away; the check-in waits.
    case loyaltyAway = "loyalty-away"
    /// The code belongs to nobody.
    case guestNotFound = "guest-not-found"
    /// The guest could not be signed up.
    case notSignedUp = "not-signed-up"
    /// A reward does not apply.
    case rewardRefused = "reward-refused"
    /// The programme's answer contradicts the check; it was not used.
    case quoteMalformed = "quote-malformed"
    /// The reduction was given, but the reward is still the guest's.
    case notRedeemed = "not-redeemed"
    /// The reduction was given; whether the reward is spent is not known yet.
    case redemptionUnknown = "redemption-unknown"
    /// The reduction given differs from what the programme redeemed.
    case redeemedOtherwise = "redeemed-otherwise"
    /// The card was charged another amount than asked for.
    case chargedOtherwise = "charged-otherwise"
    /// The guest's basket may still be locked.
    case basketLocked = "basket-locked"
    /// A gift card was charged for a check that was not sold.
    case partNotReturned = "part-not-returned"
    /// Money that the customer is to have back was not given back.
    case notRefunded = "not-refunded"
    /// The reward of a voided check stays spent.
    case rewardSpent = "reward-spent"
    /// The points of what was taken back stay with the guest.
    case pointsKept = "points-kept"
    /// The receipt was not printed.
    case notPrinted = "not-printed"
    /// It is not known whether the receipt was printed.
    case printUnknown = "print-unknown"
  }

  /// What to do about it, as a command where there is one; empty where nothing is to be done.
  public var hint: String {
    switch kind {
    case .noCheckIn: "\(PosctlHint.configuration)  # once, while the server can be reached"
    case .loyaltyAway, .redemptionUnknown, .basketLocked: "\(PosctlHint.flush); \(PosctlHint.resume)"
    case .guestNotFound: "ask the guest to refresh the code"
    case .notRedeemed, .redeemedOtherwise: "the reduction was given: tell the manager"
    case .chargedOtherwise: "compare the receipt with the terminal's"
    case .partNotReturned: "\(PosctlHint.resume) --gift-cards FILE  # gives it back"
    case .notRefunded: "give the money back in another way, or: \(PosctlHint.void)  # asks again"
    case .rewardSpent: "tell the guest; the brand's support can give the reward back"
    case .pointsKept: "the brand's support can take the points back"
    case .notPrinted: "put in paper; then: \(PosctlHint.resume)"
    case .printUnknown: "look at the printer"
    case .notSignedUp: "the guest can sign up in the app, and scan the receipt"
    case .rewardRefused, .quoteMalformed: ""
    }
  }

  /// What went wrong.
  public var kind: Kind
  /// The particulars, without personal data.
  public var detail: String

  /// A warning from its parts.
  public init(_ kind: Kind, _ detail: String) {
    self.kind = kind
    self.detail = detail
  }
}
