/// Something that takes card payments: one opened and claimed terminal.
///
/// The terminal is given a ``PaymentJournal`` when it is opened and keeps DESIGN §2.1 and §2.2 itself: the
/// intent is on disk before the first byte of a payment leaves, and as long as a payment is unresolved the
/// terminal refuses another one.
public protocol PaymentTerminal: Sendable {
  /// What and where it is.
  var descriptor: DeviceDescriptor { get }

  /// What a journal may know it by: new payments by the first, earlier ones by any of them.
  var names: [DeviceID] { get async }

  /// Asks the customer to pay, or gives money back, as the request says. Never throws: what is not known to have
  /// happened is said so.
  ///
  /// Cancelling the task stops waiting, not the transaction: the outcome is then ``PaymentOutcome/unknown(_:)``.
  func pay(_ request: PaymentRequest) async -> PaymentOutcome

  /// Finds out how the payment `reference` ended: from the journal, else by asking the terminal.
  ///
  /// A reference the journal has never seen was not started, for the journal is written first.
  func recover(reference: String) async -> PaymentOutcome

  /// Ends a payment that nobody could find out about by what a person has read from the terminal's own journal.
  ///
  /// The decision is journalled with `note` and unlocks the terminal. A payment that has ended keeps its outcome.
  func resolve(reference: String, asCharged: Bool, note: String) async -> PaymentOutcome

  /// Asks the terminal how it is.
  ///
  /// - Throws: `device.unsupported` where the protocol has no such question.
  func status() async throws(DeviceError) -> TerminalStatus

  /// Has the terminal do one of the things that move no customer's money.
  func perform(_ task: TerminalTask) async -> EffectOutcome<TerminalReport>

  /// Asks the terminal to stop the payment at hand. A request: ``pay(_:)`` still gives the outcome.
  func requestAbort() async

  /// What the terminal shows and does, for the cashier's display, from now on.
  func events() -> AsyncStream<TerminalEvent>

  /// Releases the device.
  func close() async
}

extension PaymentTerminal {
  /// The one in its descriptor.
  public var names: [DeviceID] { [descriptor.id] }

  /// Gives `amount` to the customer's card, without a receipt of an earlier payment.
  public func refund(reference: String, amount: Money) async -> PaymentOutcome {
    await pay(PaymentRequest(reference: reference, amount: amount, kind: .refund))
  }

  /// Takes back the payment of `amount` that the terminal numbered `receipt`.
  public func reverse(reference: String, receipt: Int, amount: Money) async -> PaymentOutcome {
    await pay(PaymentRequest(reference: reference, amount: amount, kind: .reversal(receipt: receipt)))
  }

  /// `device.unsupported`: not every terminal can be asked.
  public func status() async throws(DeviceError) -> TerminalStatus {
    throw DeviceError(.unsupported, during: "asking \(descriptor.name) for its status")
  }

  /// Has the terminal close its day: book what it holds with its host, and start anew.
  public func endOfDay() async -> EffectOutcome<TerminalReport> { await perform(.endOfDay) }

  /// Not done, `device.unsupported`: not every terminal is administered by a till.
  public func perform(_ task: TerminalTask) async -> EffectOutcome<TerminalReport> {
    .notDone(DeviceError(.unsupported, during: task.operation))
  }

  /// Unknown, `device.unsupported`: for terminals that keep no journal.
  public func resolve(reference: String, asCharged: Bool, note: String) async -> PaymentOutcome {
    .unknown(DeviceError(.unsupported, during: "resolving the payment \(reference)"))
  }
}

/// How a terminal is, by its own account.
public struct TerminalStatus: Sendable, Equatable {
  /// The status as the protocol writes it; `00` is ready.
  public var code: String
  /// What it means, in this project's words.
  public var text: String
  /// What is to be done about it, empty where nothing is.
  public var hint = ""
  /// Whether it takes a payment now.
  public var isReady: Bool
  /// The terminal's id, if it told.
  public var terminalID: String?
  /// Its software version, if it told.
  public var softwareVersion: String?

  /// A status from its parts.
  public init(
    code: String, text: String, isReady: Bool, terminalID: String? = nil, softwareVersion: String? = nil
  ) {
    self.code = code
    self.text = text
    self.isReady = isReady
    self.terminalID = terminalID
    self.softwareVersion = softwareVersion
  }
}

/// What a till can have a terminal do between payments.
public enum TerminalTask: String, Sendable, CaseIterable, Codable {
  /// Book what is held with the host, and start anew.
  case endOfDay = "end-of-day"
  /// Tell what has been taken since the day was last closed; nothing changes.
  case turnover
  /// Talk to the host, as a test of the way there.
  case diagnosis
  /// Load keys and parameters from the host anew.
  case initialisation

  /// What is being done, as the end of "while …".
  public var operation: String {
    switch self {
    case .endOfDay: "closing the terminal's day"
    case .turnover: "asking for the terminal's turnover"
    case .diagnosis: "running the terminal's diagnosis"
    case .initialisation: "initialising the terminal"
    }
  }
}

/// What a terminal said when it had done a ``TerminalTask``.
public struct TerminalReport: Sendable, Equatable, Codable {
  /// The total in minor units, if it told.
  public var total: Int64?
  /// Lines that it wants on paper.
  public var lines: [String]

  /// A report from its parts.
  public init(total: Int64? = nil, lines: [String] = []) {
    self.total = total
    self.lines = lines
  }
}

/// What to charge, or to give back.
public struct PaymentRequest: Sendable, Equatable, Codable {
  /// Which way the money goes.
  public enum Kind: Sendable, Equatable, Codable {
    /// The customer pays.
    case payment
    /// The customer is paid.
    case refund
    /// The payment with this receipt number of the terminal is taken back.
    case reversal(receipt: Int)
    /// The amount is set aside on the customer's card, to be booked later.
    case preAuthorisation
    /// The amount is taken of what the pre-authorisation with this receipt number has set aside; the rest is free.
    case booking(receipt: Int)
    /// So much of what the pre-authorisation with this receipt number has set aside is free again.
    case partialReversal(receipt: Int)
    /// Nothing is set aside any longer by the pre-authorisation with this receipt number.
    case preAuthorisationReversal(receipt: Int)
    /// The amount is added to the payment with this receipt number.
    case tip(receipt: Int)

    /// The name in JSON.
    public var name: String {
      switch self {
      case .payment: "payment"
      case .refund: "refund"
      case .reversal: "reversal"
      case .preAuthorisation: "pre-authorisation"
      case .booking: "booking"
      case .partialReversal: "partial-reversal"
      case .preAuthorisationReversal: "pre-authorisation-reversal"
      case .tip: "tip"
      }
    }

    /// The receipt number of the earlier transaction that this one is about.
    public var receipt: Int? {
      switch self {
      case .payment, .refund, .preAuthorisation: nil
      case .reversal(let receipt), .booking(let receipt), .partialReversal(let receipt),
        .preAuthorisationReversal(let receipt), .tip(let receipt):
        receipt
      }
    }
  }

  /// Unique for ever, chosen by the caller, at most 36 characters.
  public var reference: String
  /// The amount to move, above zero.
  public var amount: Money
  /// Which way it goes.
  public var kind: Kind
  /// Whether the terminal may charge less, where the card does not hold the whole: ``PaymentRecord/amount`` says how
  /// much. For terminals that can (ZVT, Caisse-AP).
  public var acceptsPart = false
  /// Whether the customer may add a tip at the terminal: ``PaymentRecord/tip`` says how much. For terminals that can
  /// (ZVT).
  public var acceptsTip = false

  /// A request for one movement of money.
  public init(reference: String, amount: Money, kind: Kind = .payment) {
    self.reference = reference
    self.amount = amount
    self.kind = kind
  }

  /// Reads a journalled request; one without a kind is a payment of the whole amount.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    reference = try container.decode(String.self, forKey: .reference)
    amount = try container.decode(Money.self, forKey: .amount)
    kind = try container.decodeIfPresent(Kind.self, forKey: .kind) ?? .payment
    acceptsPart = try container.decodeIfPresent(Bool.self, forKey: .acceptsPart) ?? false
    acceptsTip = try container.decodeIfPresent(Bool.self, forKey: .acceptsTip) ?? false
  }
}

/// How a payment, or a giving back, ended (DESIGN §2.1): read `charged` as `moved` for the latter.
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
  /// What was charged; may be less than was asked, and more by ``tip``.
  public var amount: Money
  /// What of it the customer has added at the terminal.
  public var tip: Money?
  /// The terminal's own id.
  public var terminalID: String?
  /// The terminal's number for the receipt, which reversals name.
  public var receiptNumber: Int?
  /// The trace number with the card network.
  public var trace: Int?
  /// The number of the authorisation, as the host gave it.
  public var authorisation: String?
  /// Why a person says so, where the terminal could not be asked: ``PaymentTerminal/resolve(reference:asCharged:note:)``.
  public var operatorNote: String?
  /// The brand as the terminal prints it.
  public var cardName: String?
  /// How the card was read: `chip`, `contactless`, `magnetic`, `manual`.
  public var cardReading: String?
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
public struct TerminalEvent: Sendable, Equatable {
  /// What a cashier needs to know of it.
  public enum Kind: String, Sendable, CaseIterable {
    /// The customer's turn: present, insert, confirm, type.
    case waitingForCustomer = "waiting-for-customer"
    /// The customer should take the card out.
    case removeCard = "remove-card"
    /// The terminal or the host is at work.
    case working
    /// The terminal is taking the charge back: the outcome will be negative.
    case reversing
    /// Something is wrong, the payment still runs.
    case problem
    /// Nothing has come of the terminal, and for so long it will be waited for.
    case silence
  }

  /// The class.
  public var kind: Kind
  /// What happens, in this project's words.
  public var text: String
  /// What the terminal's own display says, if it told.
  public var terminalText: String?
  /// How long the driver goes on waiting at most if the terminal stays silent; of ``Kind/silence``.
  public var patience: Duration?

  /// An event from its parts.
  public init(_ kind: Kind, text: String, terminalText: String? = nil, patience: Duration? = nil) {
    self.kind = kind
    self.text = text
    self.terminalText = terminalText
    self.patience = patience
  }

  /// The customer's turn.
  public static func waitingForCustomer(text: String) -> Self { Self(.waitingForCustomer, text: text) }
  /// The card should be taken out.
  public static func removeCard(text: String) -> Self { Self(.removeCard, text: text) }
  /// Terminal or host at work.
  public static func working(text: String) -> Self { Self(.working, text: text) }
  /// Something is wrong.
  public static func problem(text: String) -> Self { Self(.problem, text: text) }
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

extension PaymentJournal {
  /// The payment that keeps the terminal with these names locked, if any.
  public func unresolved(on names: [DeviceID]) async throws(DeviceError) -> PaymentIntent? {
    for name in names {
      if let open = try await unresolved(on: name) { return open }
    }
    return nil
  }
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
