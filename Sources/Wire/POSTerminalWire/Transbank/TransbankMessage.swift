public import POSWire

/// A text of Transbank POS Integrado: a function of four digits, then fields behind bars (specs/terminals.md §3.4).
public struct TransbankMessage: Sendable, Equatable {
  /// Most fields that are read.
  public static let maximumFields = 64

  /// The function: 200 asks for a sale, 210 answers it.
  public var function: UInt16
  /// What follows, without the bars. Runs of digits that may be a card number are withheld.
  public var fields: [[UInt8]]

  /// A text from its parts.
  public init(_ function: UInt16, _ fields: [[UInt8]] = []) {
    self.function = function
    self.fields = fields
  }

  /// Reads the text of a frame.
  public init(_ text: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(text)
    function = UInt16(try reader.digits(4, "function"))
    fields = []
    guard !reader.isAtEnd else { return }
    guard try reader.byte("bar") == 0x7C else { throw WireError(.framing, at: 4, field: "bar") }
    var field: [UInt8] = []
    while let next = reader.peek {
      _ = try reader.byte("field")
      if next == 0x7C {
        guard fields.count < Self.maximumFields else {
          throw WireError(.lengthOverLimit, at: reader.offset - 1, field: "fields")
        }
        fields.append(field)
        field = []
      } else {
        field.append(next)
      }
    }
    fields.append(field)
    for index in fields.indices { MaskedPAN.withhold(in: &fields[index]) }
  }

  /// The text for the link: each field ends what is before it with a bar.
  public func encoded() -> [UInt8] {
    var text = ByteWriter(reservingCapacity: 32)
    for power in [1_000, 100, 10, 1] as [UInt16] { text.byte(0x30 + UInt8(function / power % 10)) }
    for field in fields {
      text.byte(0x7C)
      text.append(field)
    }
    return text.bytes
  }

  /// The field at `index`; empty where it is missing.
  public func field(_ index: Int) -> [UInt8] { fields.indices.contains(index) ? fields[index] : [] }

  /// The field at `index` as a number.
  public func number(_ index: Int) -> UInt64? { decimalNumber(field(index)) }

  /// 0100: is the terminal there and idle? Answered by ACK alone.
  public static let poll = TransbankMessage(100)
  /// 0250: the last sale.
  public static let lastSale = TransbankMessage(250, [[]])
  /// 0700: how much has been sold since the day was closed.
  public static let totals = TransbankMessage(700, [[], []])
  /// 0800: loads keys.
  public static let loadKeys = TransbankMessage(800)
  /// 0500: closes the day.
  public static let close = TransbankMessage(500, [[], []])

  /// 0200: a sale of `amount` pesos under a ticket of up to six characters, with 0900 on the way.
  ///
  /// - Throws: ``WireError`` with reason `value` for amounts outside 50 to 999 999 999, `lengthOverLimit` for the ticket.
  public static func sale(amount: UInt64, ticket: [UInt8]) throws(WireError) -> TransbankMessage {
    guard amount >= 50, amount <= 999_999_999 else { throw WireError(.value, at: 5, field: "amount") }
    guard ticket.count <= 6 else { throw WireError(.lengthOverLimit, at: 6, field: "ticket") }
    return TransbankMessage(200, [Array(decimalText(amount)), ticket, [], [], [0x31], []])
  }

  /// 1200: takes back the sale with this operation number.
  public static func reversal(operation: UInt64) -> TransbankMessage {
    TransbankMessage(1_200, [Array(decimalText(operation)), []])
  }

  /// What the function is called (Transbank's reference of POS Integrado).
  public var name: StaticString {
    switch function {
    case 100: "poll"
    case 200: "sale"
    case 210: "sale answer"
    case 250: "last sale"
    case 260: "last sale answer"
    case 261: "sales detail"
    case 270: "sale for a commerce"
    case 271: "sale for a commerce answer"
    case 300: "normal mode"
    case 500: "close"
    case 510: "close answer"
    case 700: "totals"
    case 710: "totals answer"
    case 800: "load keys"
    case 810: "load keys answer"
    case 900: "intermediate message"
    case 1_200: "reversal"
    case 1_210: "reversal answer"
    default: "other function"
    }
  }

  /// What its fields are, in their order.
  public var keys: [StaticString] {
    switch function {
    case 200: ["amount", "ticket", "unused_1", "unused_2", "sends_status"]
    case 210, 260, 261:
      [
        "code", "commerce", "terminal_id", "ticket", "authorisation", "amount", "shares", "share_amount",
        "last_four", "operation", "card_type", "accounting_date", "account", "brand", "date", "time",
        "employee", "tip",
      ]
    case 510, 810: ["code", "commerce", "terminal_id"]
    case 710: ["code", "count", "total"]
    case 900: ["code"]
    case 1_200: ["operation"]
    case 1_210: ["code", "commerce", "terminal_id", "authorisation", "operation"]
    default: []
    }
  }

  /// In words, what an answer's code means (specs/terminals.md §3.4).
  public static func name(ofCode code: UInt64) -> StaticString {
    switch code {
    case 0: "approved"
    case 1: "rejected"
    case 2: "the host does not answer"
    case 3: "no connection to the host"
    case 4: "taken back already"
    case 5: "nothing to take back"
    case 7: "cancelled at the terminal"
    case 11: "no sale"
    case 22: "nobody acted in time"
    case 24: "no paper"
    case 26: "keys must be loaded"
    case 74, 77: "the day must be closed first"
    case 78: "waiting for the card"
    case 79, 80, 81: "the customer chooses, or types the PIN"
    case 82: "waiting for the host"
    case 83...87: "at work"
    default: "another code"
    }
  }

  private static func decimalText(_ value: UInt64) -> [UInt8] {
    var reversed: [UInt8] = []
    var rest = value
    repeat {
      reversed.append(0x30 + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    return Array(reversed.reversed())
  }
}
