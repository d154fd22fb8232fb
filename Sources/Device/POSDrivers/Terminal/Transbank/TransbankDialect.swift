import POSModel
import POSTerminalWire
import POSWire

/// How to talk to one Transbank terminal.
public struct TransbankConfiguration: Sendable {
  /// Longest silence between an order and its answer.
  public var answerTime: Duration = .seconds(180)
  /// How long a sale may go on at the terminal without its till.
  public var settleTime: Duration = .seconds(120)
  /// How often a payment tries to reach the terminal before it counts as not started; 1 or more.
  public var attempts = 3

  /// A configuration with the usual times.
  public init() {}
}

/// Transbank POS Integrado (specs/terminals.md §3.4): each sale bears a ticket of ours, which the last sale repeats.
struct TransbankDialect: TerminalDialect {
  /// Where the fields of 0210 and 0260 are.
  private enum Field {
    static let code = 0
    static let terminalID = 2
    static let ticket = 3
    static let authorisation = 4
    static let amount = 5
    static let lastFour = 8
    static let operation = 9
    static let brand = 13
    static let date = 14
    static let time = 15
  }

  let configuration: TransbankConfiguration

  init(_ configuration: TransbankConfiguration) { self.configuration = configuration }

  var link: any TerminalLink { TransbankLink() }

  var times: ExchangeTimes {
    var times = ExchangeTimes()
    times.attempts = configuration.attempts
    times.silence = configuration.answerTime
    times.settle = configuration.settleTime
    times.recovery = configuration.settleTime + .seconds(60)
    return times
  }

  var baselineQuestion: TerminalQuestion? { Self.lastSale }

  func order(for request: PaymentRequest, answer: [UInt8]?) throws(DeviceError) -> TerminalOrder {
    guard request.amount.currency.code == "CLP" else {
      throw DeviceError(
        .badInput, during: "asking for \(request.amount)", detail: "the terminal takes Chilean pesos only")
    }
    let last = answer.flatMap { try? TransbankMessage($0.span) }
    do throws(WireError) {
      switch request.kind {
      case .payment:
        var ticket = ReferenceTag.of(request.reference, count: 6)
        if ticket == last?.field(Field.ticket) {
          ticket = ReferenceTag.of(request.reference, count: 6, attempt: 1)
        }
        return TerminalOrder(
          text: try TransbankMessage.sale(
            amount: UInt64(clamping: request.amount.minorUnits), ticket: ticket
          ).encoded(),
          baseline: ticket + Self.fingerprint(last))
      case .reversal(let receipt):
        return TerminalOrder(
          text: TransbankMessage.reversal(operation: UInt64(clamping: receipt)).encoded(),
          baseline: [UInt8](repeating: 0x20, count: 6) + Self.fingerprint(last))
      case .refund, .preAuthorisation, .booking, .partialReversal, .preAuthorisationReversal, .tip:
        throw WireError(.unsupported, at: 0, field: "kind of transaction")
      }
    } catch {
      throw DeviceError(unsayable: error, request)
    }
  }

  func read(_ message: [UInt8], for intent: PaymentIntent) -> OrderReading {
    guard let answer = try? TransbankMessage(message.span) else {
      return .foreign("the terminal sends bytes that make no sense")
    }
    let code = answer.number(Field.code)
    switch answer.function {
    case 900:
      let text = "\(TransbankMessage.name(ofCode: code ?? 0))"
      return .progress((78...81).contains(code ?? 0) ? .waitingForCustomer(text: text) : .working(text: text))
    case 210 where intent.request.kind == .payment:
      let ticket = answer.field(Field.ticket)
      guard ticket == Self.ticket(intent) || (ticket.isEmpty && code != 0) else {
        return .foreign("the terminal answers another sale")
      }
    case 1210 where intent.request.kind != .payment:
      // Field 4 repeats the operation number of the sale.
      if let operation = answer.number(4), let receipt = intent.request.kind.receipt,
        operation != UInt64(clamping: receipt)
      {
        return .foreign("the terminal answers another reversal")
      }
    default: return .foreign("the terminal answers something else")
    }
    // A code that cannot be read is no refusal: the sale may have gone through.
    guard let code else {
      return .ended(.unknown(contradicting: "no result", intent.request))
    }
    guard code == 0 else {
      let refusal = PaymentRefusal(
        code: String(decoding: answer.field(Field.code), as: UTF8.self),
        text: "\(TransbankMessage.name(ofCode: code))")
      return .ended(code == 7 || code == 22 ? .cancelled(refusal) : .declined(refusal))
    }
    guard answer.function == 1210 || Self.hasAmount(answer, intent) else {
      return .ended(.unknown(contradicting: "another amount", intent.request))
    }
    return .ended(.approved(Self.record(answer, intent.request)))
  }

  func recoveryQuestions(for intent: PaymentIntent) -> [TerminalQuestion] {
    [TerminalQuestion(text: TransbankMessage.poll.encoded(), answer: nil), Self.lastSale]
  }

  func judge(_ answer: [UInt8], for intent: PaymentIntent) -> LostPaymentVerdict {
    guard intent.request.kind == .payment else { return .undecided("the terminal names its last sale only") }
    guard let last = try? TransbankMessage(answer.span) else {
      return .undecided("the terminal's last sale cannot be read")
    }
    if Self.fingerprint(last) == Array(intent.baseline.dropFirst(6)) { return .notStored }
    guard last.number(Field.code) == 0, last.field(Field.ticket) == Self.ticket(intent),
      Self.hasAmount(last, intent)
    else { return .undecided("the terminal's last sale is another one") }
    return .charged(Self.record(last, intent.request))
  }

  var statusQuestion: TerminalQuestion? {
    TerminalQuestion(text: TransbankMessage.poll.encoded(), answer: nil)
  }

  func status(_ answer: [UInt8]?) -> TerminalStatus? {
    TerminalStatus(code: "ack", text: "the terminal answers", isReady: true)
  }

  func question(for task: TerminalTask) -> TerminalQuestion? {
    switch task {
    case .endOfDay:
      TerminalQuestion(
        text: TransbankMessage.close.encoded(), answer: .init(place: 0, bytes: Array("0510".utf8)))
    case .turnover:
      TerminalQuestion(
        text: TransbankMessage.totals.encoded(), answer: .init(place: 0, bytes: Array("0710".utf8)))
    case .initialisation:
      TerminalQuestion(
        text: TransbankMessage.loadKeys.encoded(), answer: .init(place: 0, bytes: Array("0810".utf8)))
    case .diagnosis: nil
    }
  }

  func report(on task: TerminalTask, _ answer: [UInt8]?) -> EffectOutcome<TerminalReport> {
    let operation = task.operation
    guard let answer, let message = try? TransbankMessage(answer.span), let code = message.number(Field.code)
    else { return .unknown(DeviceError(.protocolViolation, during: operation)) }
    guard code == 0 else {
      return .notDone(
        DeviceError(
          .terminalRefused, during: operation, detail: "\(code): \(TransbankMessage.name(ofCode: code))"))
    }
    // 0710: code, how many sales, their sum.
    let total = task == .turnover ? message.number(2).flatMap { Int64(exactly: $0) } : nil
    return .done(TerminalReport(total: total))
  }

  private static var lastSale: TerminalQuestion {
    TerminalQuestion(
      text: TransbankMessage.lastSale.encoded(), answer: .init(place: 0, bytes: Array("0260".utf8)))
  }

  private static func ticket(_ intent: PaymentIntent) -> [UInt8] { Array(intent.baseline.prefix(6)) }

  private static func hasAmount(_ answer: TransbankMessage, _ intent: PaymentIntent) -> Bool {
    answer.number(Field.amount) == UInt64(clamping: intent.request.amount.minorUnits)
  }

  /// What tells one last sale from another, without card data.
  private static func fingerprint(_ last: TransbankMessage?) -> [UInt8] {
    guard let last else { return [] }
    var bytes: [UInt8] = []
    for index in [
      Field.code, Field.ticket, Field.authorisation, Field.amount, Field.operation, Field.date, Field.time,
    ] {
      bytes += last.field(index) + [0x7C]
    }
    return bytes
  }

  private static func record(_ answer: TransbankMessage, _ request: PaymentRequest) -> PaymentRecord {
    func text(_ index: Int) -> String? {
      let field = answer.field(index)
      return field.isEmpty ? nil : String(decoding: field, as: UTF8.self)
    }
    var record = PaymentRecord(amount: request.amount)
    record.terminalID = text(Field.terminalID)
    guard answer.function != 1210 else { return record }
    record.authorisation = text(Field.authorisation)
    record.receiptNumber = answer.number(Field.operation).flatMap { Int(exactly: $0) }
    record.cardName = text(Field.brand)
    let lastFour = answer.field(Field.lastFour).suffix(4)
    if lastFour.count == 4, lastFour.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
      record.maskedPAN = "************" + String(decoding: lastFour, as: UTF8.self)
    }
    return record
  }
}
