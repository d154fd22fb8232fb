import POSModel
import POSTerminalWire
import POSWire

/// How to talk to one Caisse-AP terminal.
public struct CaisseAPConfiguration: Sendable {
  /// The identifier of the till's software that Association du Paiement gives, twelve ASCII characters.
  public var identifier: String
  /// The till's number, 1 to 99.
  public var till: UInt8 = 1
  /// Longest silence between an order and its answer.
  public var answerTime: Duration = .seconds(180)
  /// How long a recovery keeps trying to reach the terminal.
  public var recoveryTime: Duration = .seconds(120)
  /// How often a payment tries to reach the terminal before it counts as not started; 1 or more.
  public var attempts = 3

  /// A configuration with the usual times.
  public init(identifier: String) { self.identifier = identifier }
}

/// Caisse-AP, also called Concert V3 (specs/terminals.md §3.2). The private field CF repeats the payment's reference; a
/// lost payment is looked for with a duplicate, CD = 3.
struct CaisseAPDialect: TerminalDialect {
  let configuration: CaisseAPConfiguration

  init(_ configuration: CaisseAPConfiguration) { self.configuration = configuration }

  var link: any TerminalLink { CaisseAPLink() }

  var times: ExchangeTimes {
    var times = ExchangeTimes()
    times.attempts = configuration.attempts
    times.silence = configuration.answerTime
    times.recovery = configuration.recoveryTime
    times.answer = .seconds(30)
    return times
  }

  func order(for request: PaymentRequest, answer: [UInt8]?) throws(DeviceError) -> TerminalOrder {
    let reference = Self.reference(request)
    do throws(WireError) {
      guard let action = Self.action(request) else {
        throw WireError(.unsupported, at: 0, field: "kind of transaction")
      }
      return TerminalOrder(text: try text(action, request, reference), baseline: reference)
    } catch {
      throw DeviceError(unsayable: error, request)
    }
  }

  func read(_ message: [UInt8], for intent: PaymentIntent) -> OrderReading {
    let request = intent.request
    guard let answer = try? CaisseAPMessage(message.span) else {
      return .ended(.unknown(contradicting: "bytes that make no sense", request))
    }
    if let mismatch = mismatch(answer, Self.action(request), request) ?? Self.missing(answer) {
      return .ended(.unknown(contradicting: mismatch, request))
    }
    if let echo = answer[.reference], echo != intent.baseline {
      return .ended(.unknown(contradicting: "another reference", request))
    }
    return .ended(Self.outcome(answer, request))
  }

  func recoveryQuestions(for intent: PaymentIntent) -> [TerminalQuestion] {
    // Without our reference: what the answer then bears is the stored transaction's own, not an echo of the question.
    guard let text = try? text(.duplicate, intent.request, []) else { return [] }
    return [TerminalQuestion(text: text, answer: .init(place: 0, bytes: []))]
  }

  /// Only a duplicate that bears our reference says anything: it is not documented that one without has not been
  /// charged.
  func judge(_ answer: [UInt8], for intent: PaymentIntent) -> LostPaymentVerdict {
    guard let duplicate = try? CaisseAPMessage(answer.span), duplicate[.reference] == intent.baseline else {
      return .undecided("the terminal's last transaction is another one")
    }
    guard duplicate.number(.till) == UInt64(configuration.till),
      duplicate.number(.currency) == UInt64(intent.request.amount.currency.number),
      let amount = duplicate.number(.amount), hasPaid(amount, of: intent.request)
    else { return .undecided("the terminal's last transaction has another amount") }
    switch Self.outcome(duplicate, intent.request) {
    case .approved(let record): return .charged(record)
    case .declined(let refusal), .cancelled(let refusal): return .failed(refusal)
    case .approvedUnconfirmed, .notStarted, .unknown: return .undecided("the terminal does not know")
    }
  }

  private func text(
    _ action: CaisseAPAction, _ request: PaymentRequest, _ reference: [UInt8]
  ) throws(WireError) -> [UInt8] {
    var order = CaisseAPRequest(
      identifier: Array(configuration.identifier.utf8), till: configuration.till, action: action,
      amount: UInt64(clamping: request.amount.minorUnits), currency: request.amount.currency.number,
      reference: reference)
    order.acceptsPart = request.acceptsPart && action == .debit
    return try order.message().encoded()
  }

  private static func action(_ request: PaymentRequest) -> CaisseAPAction? {
    switch request.kind {
    case .payment: .debit
    case .refund: .credit
    case .reversal: .reversal
    case .preAuthorisation, .booking, .partialReversal, .preAuthorisationReversal, .tip: nil
    }
  }

  /// The reference itself where it is printable ASCII, else a short name for it.
  private static func reference(_ request: PaymentRequest) -> [UInt8] {
    let bytes = Array(request.reference.utf8)
    let isPrintable = bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    return isPrintable ? bytes : ReferenceTag.of(request.reference, count: 10)
  }

  private static func missing(_ answer: CaisseAPMessage) -> String? {
    for tag in [CaisseAPTag.till, .amount, .action, .currency, .result] where answer[tag] == nil {
      return "no \(tag.name ?? "field")"
    }
    return nil
  }

  /// Whether `amount` may be what a terminal has made of the request: the whole, or a part where one was allowed.
  private func hasPaid(_ amount: UInt64, of request: PaymentRequest) -> Bool {
    let asked = UInt64(clamping: request.amount.minorUnits)
    return amount == asked || (amount < asked && amount > 0 && request.acceptsPart)
  }

  /// What an echo says that was not asked.
  private func mismatch(
    _ answer: CaisseAPMessage, _ action: CaisseAPAction?, _ request: PaymentRequest
  ) -> String? {
    if let till = answer.number(.till), till != UInt64(configuration.till) { return "till \(till)" }
    if let amount = answer.number(.amount), !hasPaid(amount, of: request) { return "amount \(amount)" }
    if let echo = answer[.action], echo != action.map({ [$0.rawValue] }) { return "another action" }
    if let currency = answer.number(.currency), currency != UInt64(request.amount.currency.number) {
      return "currency \(currency)"
    }
    return nil
  }

  private static func outcome(_ answer: CaisseAPMessage, _ request: PaymentRequest) -> PaymentOutcome {
    let reason = answer[.reason].map { String(decoding: $0, as: UTF8.self) }
    switch answer.number(.result) {
    case 10:
      // Some terminals say done and, in the same answer, that the order was malformed.
      guard reason == nil || reason == "00" || reason == "01" || reason == "03" else {
        return .unknown(contradicting: "done, and reason \(reason ?? "")", request)
      }
      let units = answer.number(.amount).flatMap { Int64(exactly: $0) } ?? request.amount.minorUnits
      var record = PaymentRecord(
        amount: Money(minorUnits: units, currency: request.amount.currency))
      record.authorisation = answer[.authorisation].map(Self.words)
      record.terminalID = answer[.contract].map(Self.words)
      record.maskedPAN = answer[.cardNumber].map(Self.words)
      record.cardName = answer[.cardKind].flatMap { kinds[String(decoding: $0, as: UTF8.self)] }
      record.cardReading = answer[.entry].flatMap { readings[String(decoding: $0, as: UTF8.self)] }
      return .approved(record)
    case 1:
      let code = reason ?? "00"
      let refusal = PaymentRefusal(code: code, text: reasons[code] ?? "not done")
      switch code {
      case "06", "08", "11": return .cancelled(refusal)
      // Not ended: it may still be.
      case "07": return .unknown(contradicting: refusal.text, request)
      default: return .declined(refusal)
      }
    default:
      return .unknown(contradicting: "result \(answer[.result].map(Self.words) ?? "")", request)
    }
  }

  private static func words(_ text: [UInt8]) -> String { String(decoding: text, as: UTF8.self) }

  /// AF (specs/terminals.md §3.2).
  private static let reasons = [
    "00": "not done", "01": "authorised", "02": "the issuer wants a call", "03": "forced", "04": "refused",
    "05": "forbidden", "06": "abandoned", "07": "not ended", "08": "nobody typed in time",
    "09": "malformed order", "10": "wrong selection", "11": "stopped at the terminal",
    "12": "unknown operation", "13": "currency not taken",
  ]

  /// CI.
  private static let readings = ["1": "chip", "2": "contactless", "3": "magnetic", "4": "manual"]

  /// CC.
  private static let kinds = [
    "001": "CB", "00B": "CB contactless", "002": "American Express", "00D": "American Express",
    "00C": "cheque",
  ]
}
