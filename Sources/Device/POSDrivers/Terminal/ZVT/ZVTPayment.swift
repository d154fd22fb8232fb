import POSModel
import POSTerminalWire

/// One authorisation from 06 01 to its end, and the table that turns where it stood into an outcome
/// (specs/terminals.md §2.12, "Link lost at …").
struct ZVTPayment: Sendable, Equatable {
  /// How the talk about a payment ended.
  enum End: Sendable, Equatable {
    /// 84 xx to 06 01: row 4.
    case refused(ZVTResultCode)
    /// 06 0F: row 9.
    case completed
    /// 06 1E: row 10.
    case aborted(ZVTResultCode?)
    /// The link broke, or the terminal fell silent: rows 2, 3, 5 to 8.
    case lost(DeviceError)
  }

  let request: PaymentRequest
  let terminalID: UInt64?
  private(set) var receipts = ZVTReceipts()
  /// The last status information with result 00 that is about this payment.
  private var approval: PaymentRecord?
  /// The last one with another result, if none with 00 came after it.
  private var refusal: PaymentRefusal?
  /// Why what the terminal says cannot be about this payment.
  private var contradiction: String?

  init(_ request: PaymentRequest, terminalID: UInt64?) {
    self.request = request
    self.terminalID = terminalID
  }

  /// Whether the terminal has said that the card was charged.
  var isApproved: Bool { approval != nil }

  /// Takes 04 0F and answers it: anything but 80 00 makes the terminal take the charge back.
  mutating func take(_ message: ZVTMessage) -> ZVTAPDU {
    let status = ZVTTransaction(message)
    if let mismatch = mismatch(status) {
      contradiction = mismatch
      return .negativeAnswer(.processingError)
    }
    guard let result = message.result else { return .positiveAnswer }
    if result == .ok {
      // Results A0 to AF of the host do not fit BMP 27, which then reads 00.
      if let host = message.code(.hostResult), host >= 0xA0, host <= 0xAF {
        contradiction = "the host's result is \(hexadecimal(host))"
        return .positiveAnswer
      }
      approval = PaymentRecord(message, of: request)
      refusal = nil
    } else {
      refusal = PaymentRefusal(result, text: message.text(.additionalText))
    }
    return .positiveAnswer
  }

  /// Takes 06 D1 or 06 D3.
  mutating func takePrint(_ message: ZVTMessage) { receipts.take(message) }

  /// What is known of the payment if the talk about it ended like this.
  func outcome(_ end: End) -> PaymentOutcome {
    if case .refused(let code) = end {
      return .notStarted(DeviceError(refusedBy: code, during: "asking for the payment"))
    }
    if let contradiction { return unknown("the terminal reported something else: \(contradiction)") }
    switch (end, approval, refusal) {
    case (.refused, _, _):
      return unknown("")
    case (.completed, .some, nil):
      return .approved(record)
    case (.completed, nil, let refusal?):
      return PaymentOutcome(refusal)
    case (.completed, .some, .some), (.lost, .some, .some):
      return unknown("the terminal approved, then declined")
    case (.completed, nil, nil):
      return unknown("the terminal ended without saying how")
    case (.aborted, .some, let refusal):
      return .declined(
        PaymentRefusal(
          code: refusal?.code ?? "reversed", text: refusal?.text ?? "the terminal took the charge back"))
    case (.aborted(let code), nil, let refusal):
      if let refusal { return PaymentOutcome(refusal) }
      guard let code, code != .ok else { return unknown("the terminal aborted without saying why") }
      return PaymentOutcome(PaymentRefusal(code, text: nil))
    case (.lost, .some, nil):
      return .approvedUnconfirmed(record)
    case (.lost, nil, let refusal?):
      return PaymentOutcome(refusal)
    case (.lost(let error), nil, nil):
      return .unknown(
        DeviceError(.paymentUnknown, during: error.operation, detail: error.detail, errno: error.errno))
    }
  }

  private var record: PaymentRecord {
    var record = approval ?? PaymentRecord(amount: request.amount)
    (record.customerReceipt, record.merchantReceipt) = receipts.lines
    return record
  }

  private func unknown(_ detail: String) -> PaymentOutcome {
    .unknown(DeviceError(.paymentUnknown, during: "waiting for the terminal", detail: detail))
  }

  private func mismatch(_ status: ZVTTransaction) -> String? {
    // What a terminal names after freeing a part is not documented: the part, or what is left.
    let isPartialReversal = if case .partialReversal = request.kind { true } else { false }
    if let amount = status.amount, !isPartialReversal, !request.allows(amount, tip: status.tip) {
      return "amount \(amount)"
    }
    if let currency = status.currency, currency != UInt64(request.amount.currency.number) {
      return "currency \(currency)"
    }
    if let terminalID, let other = status.terminalID, terminalID != other {
      return "terminal \(other)"
    }
    return nil
  }
}

extension PaymentOutcome {
  /// Stopped by customer or time limit, or declined.
  init(_ refusal: PaymentRefusal) {
    self =
      refusal.code == hexadecimal(ZVTResultCode.aborted.rawValue) ? .cancelled(refusal) : .declined(refusal)
  }
}

extension PaymentRefusal {
  /// The code as ZVT writes it, with the terminal's words or, failing that, ours.
  init(_ code: ZVTResultCode, text: [UInt8]?) {
    let own = text.map { String(decoding: $0, as: UTF8.self) } ?? ""
    self.init(code: hexadecimal(code.rawValue), text: own.isEmpty ? code.name.description : own)
  }
}

extension PaymentRecord {
  /// What status information says of what was asked for.
  init(_ message: ZVTMessage, of request: PaymentRequest) {
    self.init(amount: request.amount)
    let tipped = message.taggedNumber(.tip)
    if let paid = message.number(.amount), request.allows(paid, tip: tipped), let units = Int64(exactly: paid)
    {
      amount.minorUnits = units
    }
    if request.acceptsTip, let units = tipped.flatMap({ Int64(exactly: $0) }), units > 0 {
      tip = Money(minorUnits: units, currency: amount.currency)
    }
    if case .code(let technology) = message.tagged(.cardTechnology)?.value {
      cardReading =
        switch technology.last {
        case 0: "magnetic"
        case 1: "chip"
        case 2: "contactless"
        default: nil
        }
    }
    terminalID = message.digits(.terminalID).map { String(decoding: $0, as: UTF8.self) }
    receiptNumber = message.number(.receiptNumber).flatMap { Int(exactly: $0) }
    // Numbers of more than six digits leave BMP 0B at zero.
    trace = (message.taggedNumber(.longTrace) ?? message.number(.trace)).flatMap { Int(exactly: $0) }
    if let name = message.text(.cardName), !name.isEmpty {
      cardName = String(decoding: name, as: UTF8.self)
    } else {
      cardName = message.field(.cardType)?.meaning?.description
    }
    if case .maskedPAN(let number) = message.field(.cardNumber)?.value, !number.characters.isEmpty {
      maskedPAN = String(decoding: number.lastFourOnly, as: UTF8.self)
    }
  }
}

extension PaymentRequest {
  /// Whether `amount`, with a tip in it, may be what a terminal has made of this: the whole, a part where that was
  /// allowed, or more by the tip where one was.
  func allows(_ amount: UInt64, tip: UInt64?) -> Bool {
    guard let asked = UInt64(exactly: self.amount.minorUnits) else { return false }
    if amount == asked { return true }
    if amount < asked { return acceptsPart && amount > 0 }
    return acceptsTip && amount - asked == tip
  }
}

extension DeviceError {
  /// A terminal's refusal of a command: nothing has happened.
  init(refusedBy code: ZVTResultCode, during operation: String) {
    guard code != .wrongPassword else {
      self.init(
        .badConfiguration, during: operation, detail: "37: the terminal refuses the password",
        hint:
          "ask the terminal's operator for its six digits and set ZVT_PASSWORD; terminals count wrong ones")
      return
    }
    self.init(
      ZVTTerminalStatus(rawValue: code.rawValue).isTransient ? .terminalNotReady : .terminalRefused,
      during: operation, detail: "\(hexadecimal(code.rawValue)): \(code.name)")
  }
}

/// Two hexadecimal digits, as ZVT people write a code.
func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return byte < 0x10 ? "0" + digits : digits
}
