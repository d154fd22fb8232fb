public import POSWire

/// A till's order in Concert E+ (34 characters) and the older E (26 characters); specs/terminals.md §3.1.
public struct ConcertRequest: Sendable, Equatable {
  /// What moves where.
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// The customer pays.
    case debit = 0x30
    /// The customer is paid.
    case credit = 0x31
    /// An earlier payment is taken back.
    case cancellation = 0x32
    /// The terminal chooses.
    case automatic = 0x34
  }

  /// Which answer the terminal gives.
  public enum Report: UInt8, Sendable, CaseIterable {
    /// The short one, without any card data. What a till should ask for.
    case none = 0x30
    /// 55 characters of card data more; masked here.
    case card = 0x31
    /// Further fields.
    case fields = 0x32
  }

  /// 1 to 99.
  public var till: UInt8
  /// Minor units, of at most 8 digits.
  public var amount: UInt64
  /// Which answer is wanted.
  public var report = Report.none
  /// The means of payment as an ASCII character: `1` card, `C` cheque, `2` American Express, …
  public var mode: UInt8 = 0x31
  /// What is asked for.
  public var kind: Kind
  /// ISO 4217 number.
  public var currency: UInt16
  /// Ten characters that the answer repeats.
  public var reference: [UInt8]
  /// Whether the answer comes at once (`A011`) in place of at the end (`A010`).
  public var answersAtOnce = false
  /// Whether the host must be asked (`B011`) in place of where the terminal sees fit (`B010`).
  public var forcesAuthorisation = false
  /// Whether the last two are written: E+ has them, E has not.
  public var isExtended = true

  /// An order by card with the short answer at the end.
  public init(till: UInt8, kind: Kind, amount: UInt64, currency: UInt16, reference: [UInt8]) {
    self.till = till
    self.kind = kind
    self.amount = amount
    self.currency = currency
    self.reference = reference
  }

  /// The text for the link.
  ///
  /// - Throws: ``WireError`` with reason `value` or `lengthOverLimit` for what the fields cannot hold.
  public func encoded() throws(WireError) -> [UInt8] {
    guard till >= 1, till <= 99 else { throw WireError(.value, at: 0, field: "till") }
    var text = ByteWriter(reservingCapacity: 34)
    try text.digits(UInt64(till), count: 2, "till")
    try text.digits(amount, count: 8, "amount")
    text.byte(report.rawValue)
    text.byte(mode)
    text.byte(kind.rawValue)
    try text.digits(UInt64(currency), count: 3, "currency")
    try text.padded(reference, count: 10, "reference")
    guard isExtended else { return text.bytes }
    text.ascii(answersAtOnce ? "A011" : "A010")
    text.ascii(forcesAuthorisation ? "B011" : "B010")
    return text.bytes
  }

  /// Reads the text of a frame.
  public init(_ text: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(text)
    till = UInt8(try reader.digits(2, "till"))
    amount = try reader.digits(8, "amount")
    guard let report = Report(rawValue: try reader.byte("report")) else {
      throw WireError(.unsupported, at: reader.offset - 1, field: "report")
    }
    self.report = report
    mode = try reader.byte("mode")
    guard let kind = Kind(rawValue: try reader.byte("kind")) else {
      throw WireError(.unsupported, at: reader.offset - 1, field: "kind")
    }
    self.kind = kind
    currency = UInt16(try reader.digits(3, "currency"))
    reference = try reader.text(10, "reference")
    isExtended = !reader.isAtEnd
    guard isExtended else { return }
    answersAtOnce = try Self.flag(0x41, &reader, "delay")
    forcesAuthorisation = try Self.flag(0x42, &reader, "authorisation")
    guard reader.isAtEnd else { throw WireError(.framing, at: reader.offset, field: "end") }
  }

  private static func flag(
    _ letter: UInt8, _ reader: inout ByteReader, _ field: StaticString
  ) throws(WireError) -> Bool {
    let start = reader.offset
    let text = try reader.text(4, field)
    guard text[0] == letter, text[1] == 0x30, text[2] == 0x31, text[3] == 0x30 || text[3] == 0x31 else {
      throw WireError(.value, at: start, field: field)
    }
    return text[3] == 0x31
  }
}

/// A terminal's answer in Concert (specs/terminals.md §3.1): 25 characters, or 80 with a report of card data.
public struct ConcertAnswer: Sendable, Equatable {
  /// How it went.
  public enum Result: UInt8, Sendable, CaseIterable {
    /// Done.
    case done = 0x30
    /// Not done; why is never said.
    case notDone = 0x37
    /// The terminal does not say.
    case unknown = 0x39

    /// In words.
    public var name: StaticString {
      switch self {
      case .done: "done"
      case .notDone: "not done"
      case .unknown: "not verified"
      }
    }
  }

  /// The number of the till that asked.
  public var till: UInt8
  /// How it went.
  public var result: Result
  /// Minor units.
  public var amount: UInt64
  /// The means of payment as an ASCII character.
  public var mode: UInt8
  /// The report of a long answer: at most four of its digits are left, the last of the card number.
  public var report: [UInt8]?
  /// ISO 4217 number.
  public var currency: UInt16
  /// The ten characters of the order.
  public var reference: [UInt8]

  /// Reads the text of a frame. Digits of the report do not leave this initialiser.
  public init(_ text: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(text)
    till = UInt8(try reader.digits(2, "till"))
    guard let result = Result(rawValue: try reader.byte("result")) else {
      throw WireError(.unsupported, at: reader.offset - 1, field: "result")
    }
    self.result = result
    amount = try reader.digits(8, "amount")
    mode = try reader.byte("mode")
    if reader.remaining > 13 {
      var report = try reader.text(55, "report")
      Self.mask(&report)
      self.report = report
    }
    currency = UInt16(try reader.digits(3, "currency"))
    reference = try reader.text(10, "reference")
    guard reader.isAtEnd else { throw WireError(.framing, at: reader.offset, field: "end") }
  }

  /// Withholds every digit but the last four of the first run of 12 to 19: a card number. A cheque's line loses all.
  private static func mask(_ report: inout [UInt8]) {
    var shown = 0..<0
    var start = 0
    while start < report.count, shown.isEmpty {
      var end = start
      while end < report.count, report[end] >= 0x30, report[end] <= 0x39 { end += 1 }
      if end - start >= 12, end - start <= 19 { shown = (end - 4)..<end }
      start = max(end, start + 1)
    }
    for index in report.indices where report[index] >= 0x30 && report[index] <= 0x39 {
      if !shown.contains(index) { report[index] = 0x2A }
    }
  }
}

/// Either of the two, told apart by their lengths.
public enum ConcertMessage: Sendable, Equatable {
  /// From the till.
  case request(ConcertRequest)
  /// From the terminal.
  case answer(ConcertAnswer)

  /// Reads the text of a frame.
  public init(_ text: Span<UInt8>) throws(WireError) {
    switch text.count {
    case 26, 34: self = .request(try ConcertRequest(text))
    case 25, 80: self = .answer(try ConcertAnswer(text))
    default: throw WireError(.framing, at: min(text.count, 80), field: "length")
    }
  }
}
