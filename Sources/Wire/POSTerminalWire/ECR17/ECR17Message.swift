public import POSWire

/// The till's payloads in ECR17 (specs/terminals.md §3.3; positions by the public pages of Nexi's Traditional POS).
public struct ECR17Head: Sendable, Equatable {
  /// The terminal's eight digits.
  public let terminalID: [UInt8]
  /// The till's eight digits.
  public let till: [UInt8]

  /// `nil` unless both are eight digits.
  public init?(terminalID: [UInt8], till: [UInt8]) {
    guard terminalID.count == 8, till.count == 8, decimalNumber(terminalID) != nil, decimalNumber(till) != nil
    else { return nil }
    self.terminalID = terminalID
    self.till = till
  }

  /// `P`: a payment of `amount` cents. 167 characters.
  ///
  /// - Throws: ``WireError`` with reason `value` beyond eight digits.
  public func payment(amount: UInt64) throws(WireError) -> [UInt8] {
    var text = begin(0x50)
    text.ascii("0000")
    text.byte(0x30)
    try text.digits(amount, count: 8, "amount")
    for _ in 0..<128 { text.byte(0x20) }
    text.ascii("00000000")
    return text.bytes
  }

  /// `S`: takes back the last payment, if it has this trace number; 0 for whichever it is. 26 characters.
  ///
  /// - Throws: ``WireError`` with reason `value` beyond six digits.
  public func reversal(trace: UInt64) throws(WireError) -> [UInt8] {
    var text = begin(0x53)
    try text.digits(trace, count: 6, "trace")
    text.ascii("00")
    return text.bytes
  }

  /// `G`: the last result again. 22 characters.
  public var lastResult: [UInt8] {
    var text = begin(0x47)
    text.ascii("0000")
    return text.bytes
  }

  /// `C`: closes the day. 26 characters.
  public var closeSession: [UInt8] {
    var text = begin(0x43)
    text.ascii("00000000")
    return text.bytes
  }

  /// `T`: the totals since the day was closed. 26 characters.
  public var totals: [UInt8] {
    var text = begin(0x54)
    text.ascii("00000000")
    return text.bytes
  }

  /// `s`: how the terminal is. 10 characters.
  public var status: [UInt8] { terminalID + [0x30, 0x73] }

  private func begin(_ code: UInt8) -> ByteWriter {
    var text = ByteWriter(reservingCapacity: 167)
    text.append(terminalID)
    text.byte(0x30)
    text.byte(code)
    text.append(till)
    return text
  }
}

/// The head of any payload of ECR17, whichever side has sent it: terminal, function, and by length who is speaking
/// (specs/terminals.md §3.3).
public struct ECR17Payload: Sendable, Equatable {
  /// Eight digits.
  public let terminalID: [UInt8]
  /// The function's letter.
  public let code: UInt8
  /// What follows. In what a terminal sends, card numbers are withheld.
  public private(set) var rest: [UInt8]

  /// Reads the head of a payload.
  ///
  /// - Throws: ``WireError`` with reason `truncated` below ten characters.
  public init(_ payload: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(payload)
    terminalID = try reader.text(8, "terminal id")
    _ = try reader.byte("reserved")
    code = try reader.byte("code")
    rest = try reader.text(reader.remaining, "rest")
    // The zero-padded fields of an order run into each other, and it bears no card.
    if !isOrder { MaskedPAN.withhold(in: &rest) }
  }

  /// Whether the till has sent it: orders have lengths of their own.
  public var isOrder: Bool {
    switch (code, rest.count + 10) {
    case (0x50, 167), (0x58, 167), (0x70, 167), (0x69, 176), (0x63, 176), (0x53, 26), (0x43, 26), (0x54, 26),
      (0x73, 10), (0x47, 22), (0x45, 11), (0x52, 22):
      true
    default: false
    }
  }

  /// The function in words.
  public var name: StaticString {
    switch code {
    case 0x50: "payment"
    case 0x58: "payment with extended result"
    case 0x70: "pre-authorisation"
    case 0x69: "incremental pre-authorisation"
    case 0x63: "closure of a pre-authorisation"
    case 0x53: "reversal"
    case 0x43: "close session"
    case 0x54: "totals"
    case 0x73: "status"
    case 0x47: "send last result"
    case 0x45: isOrder ? "enable printing" : "result"
    case 0x56: "extended result"
    case 0x52: "reprint"
    case 0x48: "verify card"
    case 0x4B: "added services"
    case 0x55: "additional tags"
    default: "other function"
    }
  }

  /// The amount of a payment or a pre-authorisation, in cents.
  public var amount: UInt64? {
    switch code {
    case 0x50, 0x58, 0x70: rest.count >= 21 ? decimalNumber(Array(rest[13..<21])) : nil
    default: nil
    }
  }
}

/// A terminal's result `E` or `V` in ECR17: how a payment or a reversal ended.
public struct ECR17Result: Sendable, Equatable {
  /// Eight digits.
  public var terminalID: [UInt8]
  /// Two digits: 00 done, 01 not done, 05 card absent, 09 unknown field.
  public var code: [UInt8]
  /// The card number as far as it may be shown, of a payment that is done.
  public var cardNumber: MaskedPAN?
  /// The authorisation.
  public var authorisation: [UInt8]?
  /// Day of the year, hour and minute: `DDDHHMM`.
  public var date: [UInt8]?
  /// The acquirer.
  public var acquirer: [UInt8]?
  /// The trace number STAN.
  public var trace: UInt64?
  /// The terminal's words for what is not done.
  public var text: [UInt8]?

  /// Whether the money has moved.
  public var isDone: Bool { code == [0x30, 0x30] }

  /// Reads a payload.
  ///
  /// - Throws: ``WireError`` with reason `unsupported` for another message, `truncated` for a short one, `value` for a
  ///   result that is no number.
  public init(_ payload: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(payload)
    terminalID = try reader.text(8, "terminal id")
    _ = try reader.byte("reserved")
    let letter = try reader.byte("code")
    guard letter == 0x45 || letter == 0x56 else { throw WireError(.unsupported, at: 9, field: "code") }
    code = try reader.text(2, "result")
    // What is no number says neither that the money has moved nor that it has not.
    guard decimalNumber(code) != nil else { throw WireError(.value, at: 10, field: "result") }
    guard isDone else {
      var text = try reader.text(min(24, reader.remaining), "text")
      while text.last == 0x20 { text.removeLast() }
      MaskedPAN.withhold(in: &text)
      self.text = text
      return
    }
    var digits = try reader.text(19, "card number")
    while digits.first == 0x30 { digits.removeFirst() }
    cardNumber = MaskedPAN(digits: digits)
    _ = try reader.text(3, "entry")
    authorisation = try reader.text(6, "authorisation")
    date = try reader.text(7, "date")
    _ = try reader.byte("card type")
    acquirer = try reader.text(11, "acquirer")
    trace = try reader.digits(6, "trace")
  }
}
