import POSModel
import POSTerminalWire
import POSWire

/// How to talk to one Concert terminal.
public struct ConcertConfiguration: Sendable {
  /// The till's number, 1 to 99.
  public var till: UInt8 = 1
  /// Longest silence between an order and its answer: customer, host and paper.
  public var answerTime: Duration = .seconds(180)
  /// How long a recovery listens for an answer that comes late. Concert has no question for it.
  public var listeningTime: Duration = .seconds(30)
  /// How often a payment tries to open the line before it counts as not started; 1 or more.
  public var attempts = 3

  /// A configuration with the usual times.
  public init() {}
}

/// Concert E+ (specs/terminals.md §3.1): no status, no last result, and an answer that says done or not done and why
/// never. What the private field repeats tells our answer from another's.
struct ConcertDialect: TerminalDialect {
  let configuration: ConcertConfiguration

  init(_ configuration: ConcertConfiguration) { self.configuration = configuration }

  var link: any TerminalLink { ConcertLink() }

  var times: ExchangeTimes {
    var times = ExchangeTimes()
    times.attempts = configuration.attempts
    times.silence = configuration.answerTime
    times.recovery = configuration.listeningTime
    return times
  }

  func order(for request: PaymentRequest, answer: [UInt8]?) throws(DeviceError) -> TerminalOrder {
    let reference = ReferenceTag.of(request.reference, count: 10)
    do throws(WireError) {
      let kind: ConcertRequest.Kind =
        switch request.kind {
        case .payment: .debit
        case .refund: .credit
        case .reversal: .cancellation
        case .preAuthorisation, .booking, .partialReversal, .preAuthorisationReversal, .tip:
          throw WireError(.unsupported, at: 0, field: "kind of transaction")
        }
      let order = ConcertRequest(
        till: configuration.till, kind: kind, amount: UInt64(clamping: request.amount.minorUnits),
        currency: request.amount.currency.number, reference: reference)
      return TerminalOrder(text: try order.encoded(), baseline: reference)
    } catch {
      throw DeviceError(unsayable: error, request)
    }
  }

  func read(_ message: [UInt8], for intent: PaymentIntent) -> OrderReading {
    guard case .answer(let answer) = try? ConcertMessage(message.span), answer.till == configuration.till,
      answer.reference == intent.baseline
    else { return .foreign("the terminal answers something else") }
    let amount = intent.request.amount
    guard answer.amount == UInt64(clamping: amount.minorUnits), answer.currency == amount.currency.number
    else {
      return .ended(
        .unknown(
          contradicting: "\(answer.amount) in \(answer.currency) in place of \(amount)", intent.request))
    }
    switch answer.result {
    case .done:
      var record = PaymentRecord(amount: amount)
      if let report = answer.report { record.maskedPAN = Self.lastFour(of: report) }
      return .ended(.approved(record))
    case .notDone:
      return .ended(.declined(PaymentRefusal(code: "7", text: "\(answer.result.name)")))
    case .unknown:
      return .ended(.unknown(contradicting: "\(answer.result.name)", intent.request))
    }
  }

  private static func lastFour(of report: [UInt8]) -> String? {
    let digits = report.filter { $0 >= 0x30 && $0 <= 0x39 }
    return digits.count == 4 ? "************" + String(decoding: digits, as: UTF8.self) : nil
  }
}

extension DeviceError {
  /// A request that the protocol's fields cannot hold.
  init(unsayable error: WireError, _ request: PaymentRequest) {
    self.init(
      .badInput, during: "asking for \(request.amount)",
      detail: "the terminal's protocol cannot hold the \(error.field)")
  }
}

extension PaymentOutcome {
  /// The terminal said something, but not what was asked.
  static func unknown(contradicting text: String, _ request: PaymentRequest) -> PaymentOutcome {
    .unknown(
      DeviceError(
        .paymentUnknown, during: "paying \(request.amount)", detail: "the terminal reports \(text)"))
  }
}
