public import POSModel

/// Something that happened to a sale. Events are the sale: they are written down, and replaying them gives
/// its state.
public enum SaleEvent: Sendable, Equatable, Codable {
  /// The check is complete; always the first event.
  case opened(SaleOpening)
  /// What the guest showed, the likeliest reading first; empty when the sale goes on without a guest.
  case codesPresented([GuestCode])
  /// The programme knows the guest.
  case guestFound(Guest)
  /// Whether the guest, whom the programme does not know, agrees to its terms and signs up.
  case signUpAnswered(Bool)
  /// The programme's answer to the look-up of rewards.
  case discountsFound([Discount])
  /// The programme's answer to what they take off.
  case quoted(Quote)
  /// A call to the programme failed; the error's code tells whether it said no or was away.
  case loyaltyFailed(DeviceError)
  /// The POS has changed the check; what was quoted on the old one is void.
  case orderChanged(Order)
  /// The customer is about to be asked for money, under this reference.
  case tenderStarted(reference: String)
  /// The payment came to this, by the terminal's answer or by recovery.
  case paymentEnded(PaymentOutcome)
  /// A gift card has given what it holds, less than is due.
  case partPaid(PaymentRecord)
  /// The gift card has its money back.
  case partReturned
  /// The gift card does not have its money back, or nobody knows.
  case partKept(DeviceError)
  /// The redemption came to this.
  case commitEnded(EffectOutcome<Redemption>)
  /// The programme said whether the basket of this check is still open.
  case basketFound(isOpen: Bool)
  /// The guest's basket is free again.
  case basketFreed
  /// The print came to this.
  case printEnded(PrintOutcome)
  /// Nobody wants the receipt that could not be printed.
  case receiptWaived
  /// The cashier gave up before the tender.
  case abandoned
  /// Something is taken back of a check that was paid.
  case returnRequested(SaleReturn)
  /// The customer's money came to this.
  case refundEnded(RefundResult)
  /// The redemption of a voided check was taken back.
  case redemptionVoided
  /// Somebody takes the sale up again: after a crash, or because it rested.
  case restarted
}

extension SaleEvent {
  /// The event's name in logs.
  public var name: String {
    switch self {
    case .opened: "opened"
    case .codesPresented: "codes-presented"
    case .guestFound: "guest-found"
    case .signUpAnswered: "sign-up-answered"
    case .discountsFound: "discounts-found"
    case .quoted: "quoted"
    case .loyaltyFailed: "loyalty-failed"
    case .orderChanged: "order-changed"
    case .tenderStarted: "tender-started"
    case .partPaid: "part-paid"
    case .partReturned: "part-returned"
    case .partKept: "part-kept"
    case .returnRequested: "return-requested"
    case .refundEnded: "refund-ended"
    case .redemptionVoided: "redemption-voided"
    case .paymentEnded: "payment-ended"
    case .commitEnded: "commit-ended"
    case .basketFound: "basket-found"
    case .basketFreed: "basket-freed"
    case .printEnded: "print-ended"
    case .receiptWaived: "receipt-waived"
    case .abandoned: "abandoned"
    case .restarted: "restarted"
    }
  }
}

extension SaleEvent {
  /// What came of asking what the guest chose in the app: a part, which may be all.
  static func tendered(_ outcome: PaymentOutcome) -> SaleEvent {
    if case .approved(let record) = outcome, record.amount.minorUnits > 0 { return .partPaid(record) }
    return .paymentEnded(outcome)
  }

  /// The event as it may be kept once the sale has ended: without the guest's codes and contacts. `nil` when it
  /// has none. It replays to the same phases.
  var redacted: SaleEvent? {
    switch self {
    case .codesPresented(let codes) where !codes.isEmpty:
      .codesPresented(codes.map { GuestCode(kind: $0.kind, value: "") })
    case .guestFound(let guest):
      .guestFound(guest.redacted)
    case .returnRequested(let part) where part.guest != nil:
      .returnRequested(part.redacted)
    default: nil
    }
  }
}

extension Guest {
  fileprivate var redacted: Guest {
    var guest = Guest(id: id, displayName: "", code: GuestCode(kind: code.kind, value: ""))
    guest.selectedTip = selectedTip
    guest.paymentMode = paymentMode
    guest.isAnonymous = isAnonymous
    // That there were any decides how a doubtful redemption ends; codes may be among them.
    guest.selections = selections.map { _ in [] }
    return guest
  }
}

/// What is known when a check is complete.
public struct SaleOpening: Sendable, Equatable, Codable {
  /// Which check, and what is on it.
  public var check: CheckSnapshot
  /// The programme's configuration, fresh or from the disk; `nil` when there has never been any.
  public var configuration: LocationConfiguration?
  /// Why the programme cannot be asked in this sale, when that is known already.
  public var away: DeviceError?
  /// What the place of the sale does differently from a counter; `nil` at a counter.
  public var policy: SalePolicy?
  /// How many there are besides the terminal who take what guests chose in the app; `nil` in older journals.
  public var guestTenders: Int?

  /// An opening from its parts.
  public init(
    check: CheckSnapshot, configuration: LocationConfiguration?, away: DeviceError? = nil,
    policy: SalePolicy? = nil, guestTenders: Int? = nil
  ) {
    self.check = check
    self.configuration = configuration
    self.away = away
    self.policy = policy
    self.guestTenders = guestTenders
  }
}

/// What a sale wants done next.
public enum SaleAction: Sendable, Equatable {
  /// Get another code from the guest, or none; the error says what was wrong with the last.
  case askForCode(DeviceError)
  /// Call ``LoyaltyProvider/findGuest(_:)``.
  case findGuest(GuestCode)
  /// Ask the guest of this contact to sign up.
  case offerSignUp(GuestCode)
  /// Call ``LoyaltyProvider/signUp(_:)``.
  case signUp(GuestCode)
  /// Call ``LoyaltyProvider/lookUpDiscounts(_:for:)``, which locks the basket.
  case lookUpDiscounts(CheckSnapshot, Guest)
  /// Call ``LoyaltyProvider/quote(_:for:)``.
  case quote(CheckSnapshot, Guest)
  /// Start the tender of this amount when the customer is ready.
  case requestTender(Money)
  /// Charge the card.
  case pay(PaymentRequest)
  /// Find out how the payment ended.
  case recoverPayment(reference: String)
  /// Have the gift card's part given back.
  case returnPart(PaymentRequest)
  /// Redeem what was quoted.
  case commit(CheckSnapshot, Guest)
  /// Ask whether the basket is still open.
  case askForBasket(CheckIdentity, Guest)
  /// Give the basket free.
  case unlock(CheckIdentity, Guest)
  /// Put this into the outbox, in the same durable write as the event.
  case enqueue(OutboxContent)
  /// Print the receipt under this name.
  case print(job: String)
  /// Give money back.
  case refund(RefundRequest)
  /// Find out whether it was given back.
  case recoverRefund(RefundRequest)
  /// Take the redemption back.
  case voidRedemption(Redemption, Guest)
}

extension SaleAction {
  /// Whether the world may be different afterwards: then the events so far have to be on disk before.
  public var hasEffect: Bool {
    switch self {
    case .askForCode, .findGuest, .offerSignUp, .quote, .requestTender, .recoverPayment, .askForBasket,
      .recoverRefund:
      false
    case .signUp, .lookUpDiscounts, .pay, .returnPart, .commit, .unlock, .enqueue, .print, .refund,
      .voidRedemption:
      true
    }
  }
}

/// What waits in the outbox, and for which programme and location.
struct OutboxEnvelope: Sendable, Codable {
  /// The provider's ``LoyaltyProvider/identity``; `nil` in items of older journals.
  var programme: String?
  /// What to send.
  var content: OutboxContent

  init(_ content: OutboxContent, for programme: String) {
    self.programme = programme
    self.content = content
  }

  /// The item's payload for somebody else: without codes and contacts of the guest.
  static func shareable(_ payload: [UInt8]) throws(DeviceError) -> [UInt8] {
    var envelope = try OutboxEnvelope(in: payload)
    if case .checkIn(let check, var guest) = envelope.content {
      guest.code.value = ""
      guest.displayName = ""
      (guest.email, guest.phone, guest.selectedGiftCard) = (nil, nil, nil)
      envelope.content = .checkIn(check, guest)
    }
    return try StoredJSON.bytes(envelope)
  }

  /// The envelope in an item, which held the bare content in older journals.
  init(in payload: [UInt8]) throws(DeviceError) {
    if let envelope = try? StoredJSON.value(OutboxEnvelope.self, in: payload) {
      self = envelope
    } else {
      content = try StoredJSON.value(OutboxContent.self, in: payload)
    }
  }
}

/// What waits in the outbox for the programme.
public enum OutboxContent: Sendable, Equatable, Codable {
  /// Credit this guest for this check.
  case checkIn(ClosedCheck, Guest)
  /// Store this receipt.
  case receipt(ClosedCheck)
  /// Void this receipt, which was stored as it is here.
  case voidedReceipt(ClosedCheck)

  /// The check it is about.
  public var check: ClosedCheck {
    switch self {
    case .checkIn(let check, _), .receipt(let check), .voidedReceipt(let check): check
    }
  }
}
