import POSModel
public import POSTerminalWire
import POSWire

/// How to talk to one ECR17 terminal.
public struct ECR17Configuration: Sendable {
  /// The terminal's and the till's numbers.
  public var head: ECR17Head
  /// Longest silence between an order and its answer, lines for the display included.
  public var answerTime: Duration = .seconds(120)
  /// How long a payment may go on at the terminal without its till.
  public var settleTime: Duration = .seconds(120)
  /// How often a payment tries to reach the terminal before it counts as not started; 1 or more.
  public var attempts = 3

  /// A configuration with the usual times.
  public init(head: ECR17Head) { self.head = head }
}

/// ECR17 (specs/terminals.md §3.3). The terminal repeats its last result on demand, without saying whose it was: it is
/// compared with the one from before the payment, by trace number and time.
struct ECR17Dialect: TerminalDialect {
  let configuration: ECR17Configuration

  init(_ configuration: ECR17Configuration) { self.configuration = configuration }

  var link: any TerminalLink { ECR17Link() }

  var times: ExchangeTimes {
    var times = ExchangeTimes()
    times.attempts = configuration.attempts
    times.silence = configuration.answerTime
    times.settle = configuration.settleTime
    times.recovery = configuration.settleTime + .seconds(60)
    return times
  }

  var baselineQuestion: TerminalQuestion? { lastResult }
  var separatesBaseline: Bool { true }

  func order(for request: PaymentRequest, answer: [UInt8]?) throws(DeviceError) -> TerminalOrder {
    guard request.amount.currency == .euro else {
      throw DeviceError(
        .badInput, during: "asking for \(request.amount)", detail: "the terminal takes euros only")
    }
    let baseline = answer.map { Self.fingerprint($0) } ?? []
    do throws(WireError) {
      switch request.kind {
      case .payment:
        return TerminalOrder(
          text: try configuration.head.payment(amount: UInt64(clamping: request.amount.minorUnits)),
          baseline: baseline)
      case .reversal(let receipt):
        return TerminalOrder(
          text: try configuration.head.reversal(trace: UInt64(clamping: receipt)), baseline: baseline)
      case .refund, .preAuthorisation, .booking, .partialReversal, .preAuthorisationReversal, .tip:
        throw WireError(.unsupported, at: 0, field: "kind of transaction")
      }
    } catch {
      throw DeviceError(unsayable: error, request)
    }
  }

  func read(_ message: [UInt8], for intent: PaymentIntent) -> OrderReading {
    if message.first == 0x01 {
      let words = message.dropFirst().split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
      return .progress(.working(text: words.joined(separator: " ")))
    }
    guard let result = try? ECR17Result(message.span) else {
      return .foreign("the terminal answers something else")
    }
    guard result.terminalID == configuration.head.terminalID else {
      return .ended(.unknown(contradicting: "another terminal", intent.request))
    }
    guard result.isDone else { return .ended(.declined(Self.refusal(result))) }
    guard Self.fingerprint(message) != intent.baseline else {
      return .foreign("the terminal repeats its result from before")
    }
    return .ended(.approved(Self.record(result, intent.request)))
  }

  func recoveryQuestions(for intent: PaymentIntent) -> [TerminalQuestion] { [lastResult] }

  /// A last result is this payment's where it is the next after the baseline. What that cannot exclude: this payment was
  /// never stored, and another till's, asked of the same terminal meanwhile, is the next, for a result names neither
  /// till nor amount. Two tills on one terminal are for a person to tell apart.
  func judge(_ answer: [UInt8], for intent: PaymentIntent) -> LostPaymentVerdict {
    guard intent.request.kind == .payment else {
      return .undecided("the terminal keeps results of payments only")
    }
    guard let result = try? ECR17Result(answer.span), !intent.baseline.isEmpty else {
      return .undecided("the terminal's last result cannot be read")
    }
    // A refusal has no number: it may be another till's, later than this payment, even in the words of the one before.
    guard result.isDone else {
      return .undecided("the terminal's last result is a refusal, which names no payment")
    }
    if Self.fingerprint(answer) == intent.baseline { return .notStored }
    guard let before = Baseline(intent.baseline), before.isFollowed(by: result) else {
      return .undecided("the terminal's last result is not the next after the one from before the payment")
    }
    return .charged(Self.record(result, intent.request))
  }

  /// What a ``fingerprint(_:)`` of a result that is done says of its place among others.
  private struct Baseline {
    let trace: UInt64
    let date: [UInt8]

    /// `nil` for a refusal, which has no place.
    init?(_ fingerprint: [UInt8]) {
      let parts = fingerprint.split(separator: 0x7C, omittingEmptySubsequences: false)
      guard parts.count == 6, Array(parts[0]) == [0x30, 0x30], let trace = Array(parts[5]).decimal else {
        return nil
      }
      self.trace = trace
      date = Array(parts[2])
    }

    /// Trace numbers go from 1 to 999999 and begin again. The terminal's clock may be set back at the end of summer time.
    func isFollowed(by result: ECR17Result) -> Bool {
      guard let next = result.trace, next == trace % 999_999 + 1,
        let earlier = Self.minuteOfYear(date), let later = Self.minuteOfYear(result.date ?? [])
      else { return false }
      let year = 366 * 24 * 60
      let minutesBefore = (earlier - later + year) % year
      return minutesBefore <= 60 || minutesBefore >= year / 2
    }

    /// Of `DDDHHMM`.
    private static func minuteOfYear(_ date: [UInt8]) -> Int? {
      guard date.count == 7, let digits = date.decimal else { return nil }
      let (day, hour, minute) = (Int(digits / 10_000), Int(digits / 100 % 100), Int(digits % 100))
      guard (1...366).contains(day), hour < 24, minute < 60 else { return nil }
      return ((day - 1) * 24 + hour) * 60 + minute
    }
  }

  var statusQuestion: TerminalQuestion? {
    TerminalQuestion(text: configuration.head.status, answer: Self.answer("0s"))
  }

  /// What the status character means is not published; that there is one says that the terminal answers.
  func status(_ answer: [UInt8]?) -> TerminalStatus? {
    guard let answer, answer.count >= 31 else { return nil }
    let version = answer.dropFirst(31).prefix { $0 > 0x20 }
    return TerminalStatus(
      code: String(decoding: [answer[30]], as: UTF8.self), text: "the terminal answers", isReady: true,
      terminalID: String(decoding: configuration.head.terminalID, as: UTF8.self),
      softwareVersion: version.isEmpty ? nil : String(decoding: version, as: UTF8.self))
  }

  func question(for task: TerminalTask) -> TerminalQuestion? {
    switch task {
    case .endOfDay: TerminalQuestion(text: configuration.head.closeSession, answer: Self.answer("0C"))
    case .turnover: TerminalQuestion(text: configuration.head.totals, answer: Self.answer("0T"))
    case .diagnosis, .initialisation: nil
    }
  }

  func report(on task: TerminalTask, _ answer: [UInt8]?) -> EffectOutcome<TerminalReport> {
    let operation = task.operation
    guard let answer, answer.count >= 12 else {
      return .unknown(DeviceError(.protocolViolation, during: operation))
    }
    guard answer[10] == 0x30, answer[11] == 0x30 else {
      var words = Array(answer.dropFirst(12))
      MaskedPAN.withhold(in: &words)
      let detail = String(decoding: words.prefix(19), as: UTF8.self)
      return .notDone(DeviceError(.terminalRefused, during: operation, detail: detail))
    }
    let total = answer.count >= 28 ? Array(answer[12..<28]).decimal : nil
    return .done(TerminalReport(total: total.flatMap { Int64(exactly: $0) }))
  }

  private var lastResult: TerminalQuestion {
    TerminalQuestion(
      text: configuration.head.lastResult, answer: .init(place: 0, bytes: configuration.head.terminalID))
  }

  private static func answer(_ text: String) -> TerminalQuestion.Answer {
    TerminalQuestion.Answer(place: 8, bytes: Array(text.utf8))
  }

  /// What tells one result from another, without card data; empty for what cannot be read.
  private static func fingerprint(_ message: [UInt8]) -> [UInt8] {
    guard let result = try? ECR17Result(message.span) else { return [] }
    let parts = [
      result.code, result.authorisation ?? [], result.date ?? [], result.acquirer ?? [], result.text ?? [],
      Array(result.trace.map { "\($0)" }?.utf8 ?? "".utf8),
    ]
    return Array(parts.joined(separator: [0x7C]))
  }

  private static func refusal(_ result: ECR17Result) -> PaymentRefusal {
    let text = String(decoding: result.text ?? [], as: UTF8.self)
    return PaymentRefusal(
      code: String(decoding: result.code, as: UTF8.self), text: text.isEmpty ? "not done" : text)
  }

  private static func record(_ result: ECR17Result, _ request: PaymentRequest) -> PaymentRecord {
    var record = PaymentRecord(amount: request.amount)
    record.terminalID = String(decoding: result.terminalID, as: UTF8.self)
    record.authorisation = result.authorisation.map { String(decoding: $0, as: UTF8.self) }
    record.trace = result.trace.flatMap { Int(exactly: $0) }
    // Reversals name the trace number.
    record.receiptNumber = record.trace
    record.maskedPAN = result.cardNumber.map { String(decoding: $0.lastFourOnly, as: UTF8.self) }
    return record
  }
}
