public import POSModel

/// What became of a sale, for displays, scripts and logs. Without contacts, codes or card data.
public struct SaleSummary: Sendable, Equatable, Codable {
  /// How far the sale has come.
  public enum State: String, Sendable, Codable {
    /// The check is paid and everything about it is done.
    case completed
    /// The check is paid; something about it is left for ``SaleRecovery``: a locked basket, a receipt.
    case completedWithRest = "completed-with-rest"
    /// Nothing was sold.
    case abandoned
    /// Nothing was sold; the guest's basket is left for ``SaleRecovery``.
    case abandonedWithRest = "abandoned-with-rest"
    /// Nobody knows whether the card was charged; left for ``SaleRecovery``.
    case paymentOpen = "payment-open"
    /// The check was paid, and taken back whole.
    case voided
    /// The check was paid, and a part of it taken back.
    case refunded
    /// Something is taken back; nobody knows whether the money came back; left for ``SaleRecovery``.
    case refundOpen = "refund-open"
  }

  /// Our id of the sale: the journal, the payment and the programme know it by this.
  public var id: String
  /// The till's number of the check.
  public var checkNumber: String
  /// The running number of the transaction.
  public var transactionNumber: Int64
  /// How far it has come.
  public var state: State
  /// What kind of code the guest showed.
  public var codeKind: GuestCode.Kind?
  /// What to call the guest.
  public var guest: String?
  /// What was ordered, with services and tax.
  public var total: Money
  /// What the rewards took off.
  public var discount: Money
  /// What was to pay.
  public var payable: Money
  /// What of it a gift card has given, when that was not all.
  public var giftCardPart: Money?
  /// What was given back after the sale was over; `nil` as long as nothing was taken back.
  public var givenBack: Money?
  /// What was to be given back and was not.
  public var owedBack: Money?
  /// What of the redemption nothing would give back if the sale were voided, for the operator to know before
  /// (specs/punchh.md §5.1): a coupon for instance. `nil` when there is no such thing.
  public var lossOfVoid: [String]?
  /// What the payment came to; `nil` when there was nothing to pay or it never started.
  public var payment: PaymentOutcome?
  /// Whether the reward is spent: `nil` when there was none, or it is not known.
  public var isRedeemed: Bool?
  /// The 12-digit key of the receipt; empty when none could be made.
  public var receiptKey: String
  /// The 13 digits of the bar code of a paid check, whether it was printed or not.
  public var barcode: String?
  /// Points credited; `nil` as long as the check-in waits.
  public var pointsEarned: Int?
  /// What the print came to.
  public var print: PrintOutcome?
  /// What somebody should know.
  public var warnings: [SaleWarning]
  /// What was done, in order.
  public var steps: [Step]

  /// One thing that was done.
  public struct Step: Sendable, Equatable, Codable {
    /// What.
    public var name: SaleStep
    /// How long it took, in microseconds.
    public var microseconds: Int64
    /// What came of it.
    public var text: String
  }

  init(_ machine: SaleMachine, steps: [Step], pointsEarned: Int?) {
    let record = machine.record
    let currency = record.check.order.currency
    id = record.check.identity.externalID
    checkNumber = record.check.identity.checkNumber
    transactionNumber = record.check.identity.transactionNumber
    let isDone = machine.phase == .ended
    var isRefundOpen = false
    if case .refundOpen = machine.phase { isRefundOpen = true }
    state =
      switch machine.course {
      case .open: .paymentOpen
      case .completed where isRefundOpen: .refundOpen
      case .completed where !isDone: .completedWithRest
      case .completed: record.isVoided ? .voided : record.returns.isEmpty ? .completed : .refunded
      case .abandoned: isDone ? .abandoned : .abandonedWithRest
      }
    codeKind = record.code?.kind
    guest = record.guest?.displayName
    total = Money(minorUnits: record.check.order.total ?? 0, currency: currency)
    discount = Money(minorUnits: record.discount, currency: currency)
    payable = record.payable
    giftCardPart = record.part?.amount
    if !record.returns.isEmpty {
      givenBack = Money(minorUnits: record.givenBack, currency: currency)
      let owed = record.dueBack - record.givenBack
      owedBack = owed > 0 ? Money(minorUnits: owed, currency: currency) : nil
    }
    let loss = record.lossOfVoid
    lossOfVoid = loss.isEmpty ? nil : loss
    payment = record.payment
    isRedeemed =
      switch record.basket {
      case .spent, .owedBack: true
      case .disputed, .unclear: nil
      case .returned: false
      case .untouched, .held, .freed, .stuck: record.reward.lines.isEmpty ? nil : false
      }
    receiptKey = record.check.identity.receiptKey
    barcode = machine.course == .completed ? ReceiptComposer.barcode(forKey: receiptKey) : nil
    self.pointsEarned = pointsEarned
    print = record.print
    warnings = record.warnings
    self.steps = steps
  }

  /// How `posctl` ends (DESIGN §4): an open payment is an unknown outcome; a sold check is a success, whatever
  /// the warnings; nothing sold is a failure, the payment's own where it has one.
  public var exit: ErrorTable.ExitCode {
    switch state {
    case .completed, .completedWithRest:
      if case .unknown? = print { return .unknownOutcome }
      return .ok
    case .voided, .refunded: return owedBack == nil ? .ok : .failed
    case .paymentOpen, .refundOpen: return .unknownOutcome
    case .abandoned, .abandonedWithRest:
      if case .notStarted(let error)? = payment { return ErrorTable.row(for: error.code).exit }
      return .failed
    }
  }
}

/// The steps of a sale, as displays name them (DESIGN §3).
public enum SaleStep: String, Sendable, Codable, CaseIterable {
  case open
  case findGuest = "find-guest"
  case lookUpDiscounts = "look-up-discounts"
  case quote
  case pay
  case recoverPayment = "recover-payment"
  case commit
  case askForBasket = "ask-for-basket"
  case unlock
  case checkIn = "check-in"
  case print
  /// The guest becomes a member.
  case signUp = "sign-up"
  /// The POS changes the check.
  case changeOrder = "change-order"
  /// Money goes back.
  case refund
  /// A redemption is taken back.
  case voidRedemption = "void-redemption"
  /// Something went another way than it should.
  case warning
}

/// One step of a running sale, for a live display. Without contacts, codes or card data.
public struct SaleProgress: Sendable, Equatable {
  /// The sale's id.
  public var sale: String
  /// The step.
  public var step: SaleStep
  /// How long it took; `nil` when it has just begun.
  public var duration: Duration?
  /// What to show to whoever stands at the till.
  public var text: String
  /// What to do about a warning, as a command where there is one; empty where nothing is to be done.
  public var hint = ""
}
