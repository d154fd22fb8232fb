/// Something that takes card payments: one opened and claimed terminal.
///
/// The terminal is given a ``PaymentJournal`` when it is opened and keeps DESIGN §2.1 and §2.2 itself: the
/// intent is on disk before the first byte of a payment leaves, and as long as a payment is unresolved the
/// terminal refuses another one.
public protocol PaymentTerminal: Sendable {
  /// What and where it is.
  var descriptor: DeviceDescriptor { get }

  /// Asks the customer to pay. Never throws: what is not known to have happened is said so.
  ///
  /// Cancelling the task stops waiting, not the transaction: the outcome is then ``PaymentOutcome/unknown(_:)``.
  func pay(_ request: PaymentRequest) async -> PaymentOutcome

  /// Finds out how the payment `reference` ended: from the journal, else by asking the terminal.
  ///
  /// A reference the journal has never seen was not started, for the journal is written first.
  func recover(reference: String) async -> PaymentOutcome

  /// Asks the terminal to stop the payment at hand. A request: ``pay(_:)`` still gives the outcome.
  func requestAbort() async

  /// What the terminal shows and does, for the cashier's display, from now on.
  func events() -> AsyncStream<TerminalEvent>

  /// Releases the device.
  func close() async
}

/// What to charge.
public struct PaymentRequest: Sendable, Equatable, Codable {
  /// Unique for ever, chosen by the caller, at most 36 characters.
  public var reference: String
  /// The amount to charge, above zero.
  public var amount: Money

  /// A request for one charge.
  public init(reference: String, amount: Money) {
    self.reference = reference
    self.amount = amount
  }
}

/// How a payment ended (DESIGN §2.1).
public enum PaymentOutcome: Sendable, Equatable, Codable {
  /// The card was charged; the terminal has finished the transaction.
  case approved(PaymentRecord)
  /// The terminal approved, but the link broke before it finished: it may still take the charge back.
  case approvedUnconfirmed(PaymentRecord)
  /// The card was not charged: the issuer or the terminal declined.
  case declined(PaymentRefusal)
  /// The card was not charged: customer or cashier stopped it.
  case cancelled(PaymentRefusal)
  /// The card was not charged: the payment never reached the terminal, or it refused to begin.
  case notStarted(DeviceError)
  /// Nobody knows. Ask with ``PaymentTerminal/recover(reference:)``; never charge again before.
  case unknown(DeviceError)

  /// Whether money may have moved or will not: everything else is final.
  public var isFinal: Bool {
    switch self {
    case .approved, .declined, .cancelled, .notStarted: true
    case .approvedUnconfirmed, .unknown: false
    }
  }
}

/// What a terminal reports of a charge. Card data is masked before it gets here (DESIGN §2.9).
public struct PaymentRecord: Sendable, Equatable, Codable {
  /// What was charged; may be less than was asked.
  public var amount: Money
  /// The terminal's own id.
  public var terminalID: String?
  /// The terminal's number for the receipt, which reversals name.
  public var receiptNumber: Int?
  /// The trace number with the card network.
  public var trace: Int?
  /// The brand as the terminal prints it.
  public var cardName: String?
  /// At most the last four digits of the card, the rest masked.
  public var maskedPAN: String?
  /// Lines the terminal wants on paper for the customer.
  public var customerReceipt: [String]
  /// Lines the terminal wants on paper for the merchant.
  public var merchantReceipt: [String]

  /// A record of a charge of `amount`; everything else is set by field.
  public init(amount: Money) {
    self.amount = amount
    customerReceipt = []
    merchantReceipt = []
  }
}

/// Why a card was not charged.
public struct PaymentRefusal: Sendable, Equatable, Codable {
  /// The protocol's own code, as it writes it: `05`, `6c`.
  public var code: String
  /// What the terminal or the issuer said, else this project's words for the code.
  public var text: String

  /// A refusal from its parts.
  public init(code: String, text: String) {
    self.code = code
    self.text = text
  }
}

/// What a cashier's display can show while a payment runs.
public enum TerminalEvent: Sendable, Equatable {
  /// The customer's turn: present, insert, confirm, type.
  case waitingForCustomer(text: String)
  /// The customer should take the card out.
  case removeCard(text: String)
  /// The terminal or the host is at work.
  case working(text: String)
  /// The terminal is taking the charge back: the outcome will be negative.
  case reversing(text: String)
  /// Something is wrong, the payment still runs.
  case problem(text: String)
}

/// Where a terminal writes down what it is about to do.
public protocol PaymentJournal: Sendable {
  /// Returns once `intent` is on disk.
  func begin(_ intent: PaymentIntent) async throws(DeviceError)

  /// Returns once the outcome of `reference` is on disk. A final outcome unlocks the terminal.
  func end(reference: String, with outcome: PaymentOutcome) async throws(DeviceError)

  /// The payment with this reference and its last known outcome, `nil` when it was never begun.
  func payment(reference: String) async throws(DeviceError) -> (
    intent: PaymentIntent, outcome: PaymentOutcome?
  )?

  /// The payment that keeps this terminal locked, if any: begun, and without a final outcome.
  func unresolved(on terminal: DeviceID) async throws(DeviceError) -> PaymentIntent?
}

/// A payment about to start, with what recovery needs.
public struct PaymentIntent: Sendable, Equatable, Codable {
  /// What was asked for.
  public var request: PaymentRequest
  /// The terminal it was asked of.
  public var terminal: DeviceID
  /// The driver's own record of the terminal's last transaction before this one.
  public var baseline: [UInt8]

  /// An intent from its parts.
  public init(request: PaymentRequest, terminal: DeviceID, baseline: [UInt8]) {
    self.request = request
    self.terminal = terminal
    self.baseline = baseline
  }
}
