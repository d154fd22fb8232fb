/// What a field of a message is: a bitmap (one byte), a tag of the TLV container (one to three bytes), or a place
/// in front of the bitmaps.
public struct ZVTTag: RawRepresentable, Sendable, Hashable {
  /// Bitmaps are 0x00 to 0xFF, TLV tags 0x1_0000_0000 and up, places 0x2_0000_0000 and up.
  public let rawValue: UInt64

  /// Any tag.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// The bitmap with this number.
  public static func bitmap(_ number: UInt8) -> Self { Self(rawValue: UInt64(number)) }

  /// The TLV tag whose one to three bytes read as `number`: `0x1F07`.
  public static func tlv(_ number: UInt32) -> Self { Self(rawValue: 0x1_0000_0000 | UInt64(number)) }

  static func place(_ number: UInt8) -> Self { Self(rawValue: 0x2_0000_0000 | UInt64(number)) }

  /// BMP 04: amount in minor units.
  public static let amount = bitmap(0x04)
  /// BMP 06: the TLV container.
  public static let container = bitmap(0x06)
  /// BMP 0B: trace number.
  public static let trace = bitmap(0x0B)
  /// BMP 0C: time of day, HHMMSS.
  public static let time = bitmap(0x0C)
  /// BMP 0D: date, MMDD.
  public static let date = bitmap(0x0D)
  /// BMP 19: payment type; in completions the terminal's status byte.
  public static let paymentType = bitmap(0x19)
  /// BMP 22: card number.
  public static let cardNumber = bitmap(0x22)
  /// BMP 27, and the first byte of 06 1E: result code.
  public static let result = bitmap(0x27)
  /// BMP 29: terminal id.
  public static let terminalID = bitmap(0x29)
  /// BMP 37: trace number of the transaction that this one takes back.
  public static let originalTrace = bitmap(0x37)
  /// BMP 3C: text from terminal or host.
  public static let additionalText = bitmap(0x3C)
  /// BMP 49: currency, ISO 4217 number.
  public static let currency = bitmap(0x49)
  /// BMP 60: totals by kind of card.
  public static let totals = bitmap(0x60)
  /// BMP 87: receipt number.
  public static let receiptNumber = bitmap(0x87)
  /// BMP 88: number over all transactions.
  public static let turnoverNumber = bitmap(0x88)
  /// BMP 8A: card type.
  public static let cardType = bitmap(0x8A)
  /// BMP 8B: card name.
  public static let cardName = bitmap(0x8B)
  /// BMP A0: result code of the authorisation host.
  public static let hostResult = bitmap(0xA0)

  /// TLV 07: a line of text.
  public static let textLine = tlv(0x07)
  /// TLV 09: attribute of a line.
  public static let lineAttribute = tlv(0x09)
  /// TLV 14: character set.
  public static let characterSet = tlv(0x14)
  /// TLV 24: texts for a display.
  public static let displayTexts = tlv(0x24)
  /// TLV 25: texts for a printer.
  public static let printTexts = tlv(0x25)
  /// TLV 1F12: how the card was read: 0 magnetic stripe, 1 chip, 2 contactless.
  public static let cardTechnology = tlv(0x1F12)
  /// TLV 1F1F: receipt number of the last transaction.
  public static let lastReceipt = tlv(0x1F1F)
  /// TLV 1F2B: trace number of more than six digits.
  public static let longTrace = tlv(0x1F2B)
  /// TLV 1F36: tip.
  public static let tip = tlv(0x1F36)
  /// TLV 1F73: number of a message.
  public static let messageNumber = tlv(0x1F73)
  /// TLV 1F07: kind of receipt: 1 merchant, 2 customer, 3 administration.
  public static let receiptKind = tlv(0x1F07)

  /// Place: password.
  public static let password = place(1)
  /// Place: configuration byte of a registration.
  public static let configuration = place(2)
  /// Place: code of an intermediate status.
  public static let intermediateStatus = place(3)
  /// Place: minutes that the terminal asks for.
  public static let timeout = place(4)
  /// Place: status byte of a status enquiry.
  public static let terminalStatus = place(5)
  /// Place: software version.
  public static let softwareVersion = place(6)
  /// Place: attribute of a printed line.
  public static let printAttribute = place(7)
  /// Place: text of a printed line.
  public static let printText = place(8)
  /// Place: data that is not explained.
  public static let data = place(9)
}

/// One explained field of a message.
public struct ZVTField: Sendable, Equatable {
  /// Which field.
  public let tag: ZVTTag
  /// Its name in JSON: lower case with underscores.
  public let key: StaticString
  /// What it holds.
  public let value: ZVTValue
  /// What the value means, in words, where a table says so: of result codes, states, card types.
  public let meaning: StaticString?

  init(_ tag: ZVTTag, _ key: StaticString, _ value: ZVTValue, meaning: StaticString? = nil) {
    self.tag = tag
    self.key = key
    self.value = value
    self.meaning = meaning
  }

  /// Fields are equal when tag and value are.
  public static func == (left: ZVTField, right: ZVTField) -> Bool {
    left.tag == right.tag && left.value == right.value
  }
}

/// What a field holds. Card data is masked or withheld: no case can carry it.
public enum ZVTValue: Sendable, Equatable {
  /// An integer: amounts in minor units, receipt and trace numbers.
  case number(UInt64)
  /// ASCII digits whose leading zeros count: dates, times, terminal ids, currencies.
  case digits([UInt8])
  /// Bytes that people quote in hexadecimal: result codes, attributes.
  case code([UInt8])
  /// UTF-8.
  case text([UInt8])
  /// A card number with at most the first six and last four digits.
  case maskedPAN(MaskedPAN)
  /// Fields in a container.
  case fields([ZVTField])
  /// So many bytes that are not shown: card data, passwords, and what this table does not explain.
  case withheld(Int)
}
