public import POSWire

/// A two-letter tag of Caisse-AP, also called Concert V3 (specs/terminals.md §3.2).
public struct CaisseAPTag: RawRepresentable, Sendable, Hashable {
  /// First letter in the high byte.
  public let rawValue: UInt16

  /// Any tag.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  private init(_ first: UInt8, _ second: UInt8) { rawValue = UInt16(first) << 8 | UInt16(second) }

  /// CZ: version of the protocol, four digits.
  public static let version = Self(0x43, 0x5A)
  /// CJ: identifier of the till's software, given by Association du Paiement, twelve characters.
  public static let identifier = Self(0x43, 0x4A)
  /// CA: number of the till, two digits.
  public static let till = Self(0x43, 0x41)
  /// CB: amount in minor units, 2 to 12 digits.
  public static let amount = Self(0x43, 0x42)
  /// CD: what is asked for.
  public static let action = Self(0x43, 0x44)
  /// CE: ISO 4217 number of the currency.
  public static let currency = Self(0x43, 0x45)
  /// CF: 1 to 99 characters that the answer repeats.
  public static let reference = Self(0x43, 0x46)
  /// AE: 10 done, 01 not done, 11 accepted.
  public static let result = Self(0x41, 0x45)
  /// AF: why.
  public static let reason = Self(0x41, 0x46)
  /// AA: card number, masked here.
  public static let cardNumber = Self(0x41, 0x41)
  /// AB: expiry, withheld here.
  public static let expiry = Self(0x41, 0x42)
  /// AC: number of the authorisation.
  public static let authorisation = Self(0x41, 0x43)
  /// AI: identifier of the card's application.
  public static let application = Self(0x41, 0x49)
  /// AK: ticket in base 64, withheld here: it may name the card.
  public static let ticket = Self(0x41, 0x4B)
  /// CC: kind of card application.
  public static let cardKind = Self(0x43, 0x43)
  /// CI: how the card was read.
  public static let entry = Self(0x43, 0x49)
  /// BF: 1 where a part may be paid; newer terminals refuse the field.
  public static let acceptsPart = Self(0x42, 0x46)
  /// CG: number of the contract.
  public static let contract = Self(0x43, 0x47)

  /// The name for `decode`, `nil` for tags that are not known here.
  public var name: StaticString? {
    for row in Self.names where row.tag == self { return row.name }
    return nil
  }

  private static let names: [(tag: CaisseAPTag, name: StaticString)] = [
    (version, "version"), (identifier, "identifier"), (till, "till"), (amount, "amount"), (action, "action"),
    (currency, "currency"), (reference, "reference"), (result, "result"), (reason, "reason"),
    (cardNumber, "card_number"), (expiry, "expiry"), (authorisation, "authorisation"),
    (application, "application_id"), (ticket, "ticket"), (cardKind, "card_kind"), (entry, "entry"),
    (contract, "contract"), (Self(0x42, 0x41), "answers_at_once"), (Self(0x42, 0x42), "forced_authorisation"),
    (acceptsPart, "partial_payment"), (Self(0x41, 0x4C), "card_number_kind"),
  ]
}

/// What a till asks for in CD (specs/terminals.md §3.2).
public enum CaisseAPAction: UInt8, Sendable, CaseIterable {
  case debit = 0x30
  case credit = 0x31
  case reversal = 0x32
  case duplicate = 0x33
}

/// A message of Caisse-AP: tag, three digits of length, value, again and again.
///
/// Card data is masked while it is read.
public struct CaisseAPMessage: Sendable, Equatable {
  /// One tag and its value.
  public struct Field: Sendable, Equatable {
    /// Which.
    public var tag: CaisseAPTag
    /// ASCII.
    public var value: [UInt8]
    /// Where the tag begins.
    public var offset: Int
  }

  /// The fields in the order in which they came.
  public private(set) var fields: [Field] = []

  /// An empty message.
  public init() {}

  /// Reads a whole message.
  ///
  /// - Throws: ``WireError``: `truncated` where a field goes on beyond the end, `value` for a length that is no number
  ///   or a tag that is no tag.
  public init(_ text: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(text)
    while !reader.isAtEnd {
      let offset = reader.offset
      let first = try Self.tagByte(&reader)
      let second = try Self.tagByte(&reader)
      let tag = CaisseAPTag(rawValue: UInt16(first) << 8 | UInt16(second))
      let length = Int(try reader.digits(3, "length"))
      let value = try reader.text(length, "value")
      fields.append(Field(tag: tag, value: Self.masked(value, tag), offset: offset))
    }
  }

  /// The first value of a tag.
  public subscript(tag: CaisseAPTag) -> [UInt8]? {
    for field in fields where field.tag == tag { return field.value }
    return nil
  }

  /// The first value of a tag as a number.
  public func number(_ tag: CaisseAPTag) -> UInt64? { self[tag].flatMap { decimalNumber($0) } }

  /// Adds a field at the end.
  ///
  /// - Throws: ``WireError`` with reason `lengthOverLimit` beyond 999 bytes.
  public mutating func append(_ tag: CaisseAPTag, _ value: [UInt8]) throws(WireError) {
    guard value.count <= 999 else {
      throw WireError(.lengthOverLimit, at: encoded().count, field: "value")
    }
    fields.append(Field(tag: tag, value: value, offset: encoded().count))
  }

  /// The text for the link.
  public func encoded() -> [UInt8] {
    var text = ByteWriter(reservingCapacity: 64)
    for field in fields {
      text.bigEndian(UInt64(field.tag.rawValue), bytes: 2)
      let length = field.value.count
      for digit in [length / 100 % 10, length / 10 % 10, length % 10] { text.byte(0x30 + UInt8(digit)) }
      text.append(field.value)
    }
    return text.bytes
  }

  private static func tagByte(_ reader: inout ByteReader) throws(WireError) -> UInt8 {
    let letter = try reader.byte("tag")
    guard letter >= 0x41, letter <= 0x5A else {
      throw WireError(.value, at: reader.offset - 1, field: "tag")
    }
    return letter
  }

  private static func masked(_ value: [UInt8], _ tag: CaisseAPTag) -> [UInt8] {
    switch tag {
    case .cardNumber: return MaskedPAN(digits: value).lastFourOnly
    case .expiry, .ticket: return [UInt8](repeating: 0x2A, count: value.count)
    case .reference, .identifier, .amount, .version: return value
    default:
      var text = value
      MaskedPAN.withhold(in: &text)
      return text
    }
  }
}

/// An order to a Caisse-AP terminal.
public struct CaisseAPRequest: Sendable, Equatable {
  /// The identifier of the till's software, twelve characters.
  public var identifier: [UInt8]
  /// 1 to 99.
  public var till: UInt8
  /// Minor units, of at most 12 digits.
  public var amount: UInt64
  /// What is asked for.
  public var action: CaisseAPAction
  /// ISO 4217 number.
  public var currency: UInt16
  /// Up to 99 characters that the answer repeats; empty for none.
  public var reference: [UInt8]
  /// Whether the terminal may charge less.
  public var acceptsPart = false

  /// An order from its parts.
  public init(
    identifier: [UInt8], till: UInt8, action: CaisseAPAction, amount: UInt64, currency: UInt16,
    reference: [UInt8]
  ) {
    self.identifier = identifier
    self.till = till
    self.action = action
    self.amount = amount
    self.currency = currency
    self.reference = reference
  }

  /// The message; CZ first, as terminals want it.
  ///
  /// - Throws: ``WireError`` for what the fields cannot hold.
  public func message() throws(WireError) -> CaisseAPMessage {
    guard identifier.count == 12 else { throw WireError(.value, at: 9, field: "identifier") }
    guard reference.count <= 99 else { throw WireError(.lengthOverLimit, at: 0, field: "reference") }
    var message = CaisseAPMessage()
    try message.append(.version, [0x30, 0x33, 0x30, 0x30])
    try message.append(.identifier, identifier)
    try message.append(.till, try Self.digits(UInt64(till), atLeast: 2, atMost: 2, "till"))
    try message.append(.amount, try Self.digits(amount, atLeast: 2, atMost: 12, "amount"))
    try message.append(.action, [action.rawValue])
    try message.append(.currency, try Self.digits(UInt64(currency), atLeast: 3, atMost: 3, "currency"))
    if !reference.isEmpty { try message.append(.reference, reference) }
    if acceptsPart { try message.append(.acceptsPart, [0x31]) }
    return message
  }

  private static func digits(
    _ value: UInt64, atLeast: Int, atMost: Int, _ field: StaticString
  ) throws(WireError) -> [UInt8] {
    var count = atLeast
    var bound: UInt64 = 1
    for _ in 0..<atLeast { bound *= 10 }
    while count < atMost, value >= bound {
      bound *= 10
      count += 1
    }
    var writer = ByteWriter()
    try writer.digits(value, count: count, field)
    return writer.bytes
  }
}
