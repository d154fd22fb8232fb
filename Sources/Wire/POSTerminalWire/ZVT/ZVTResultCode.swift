/// The result of a transaction or a command: BMP 27, 84 xx, 06 1E (specs/terminals.md §2.9).
public struct ZVTResultCode: RawRepresentable, Sendable, Hashable {
  /// The byte as the protocol writes it.
  public let rawValue: UInt8

  /// Any code, known here or not.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// 00.
  public static let ok = Self(rawValue: 0x00)
  /// 37 as the answer 84 37 to a command; as the result of a transaction it is a code of the host.
  public static let wrongPassword = Self(rawValue: 0x37)
  /// 66, which makes a terminal take a charge back when it answers status information.
  public static let processingError = Self(rawValue: 0x66)
  /// 6C: the customer or a time limit ended it.
  public static let aborted = Self(rawValue: 0x6C)
  /// 83.
  public static let unknownCommand = Self(rawValue: 0x83)
  /// 9C.
  public static let wait = Self(rawValue: 0x9C)

  /// What the code means, in this project's words.
  public var name: StaticString {
    for row in Self.rows where row.code == rawValue { return row.name }
    return rawValue >= 0x01 && rawValue <= 0x63 ? "declined by the authorisation host" : "unknown result"
  }

  private static let rows: [(code: UInt8, name: StaticString)] = [
    (0x00, "ok"),
    (0x64, "card unreadable"), (0x65, "no card data"), (0x66, "processing error"),
    (0x67, "not possible with this debit card"), (0x68, "not possible with this credit card"),
    (0x6A, "turnover file full"), (0x6B, "not registered"), (0x6C, "aborted or timed out"),
    (0x6E, "card blocked"), (0x6F, "wrong currency"), (0x71, "credit too low"), (0x72, "chip error"),
    (0x73, "bad card data"), (0x74, "key exhausted"), (0x75, "text not authentic"),
    (0x76, "card not on the white list"), (0x77, "end of day not possible"), (0x78, "card expired"),
    (0x79, "card not yet valid"), (0x7A, "unknown card"), (0x7B, "fallback not allowed"),
    (0x7C, "fallback not allowed"), (0x7D, "communication module missing"), (0x7E, "fallback not allowed"),
    (0x83, "function not possible"), (0x85, "key missing"), (0x89, "PIN pad defective"),
    (0x9A, "protocol error"), (0x9B, "dial-up error"), (0x9C, "wait"), (0xA0, "receiver not ready"),
    (0xA1, "host does not answer"), (0xA3, "no connection to the host"), (0xA4, "submission failed"),
    (0xA5, "refused by a card security rule"), (0xB1, "memory full"), (0xB2, "journal full"),
    (0xB4, "already reversed"), (0xB5, "reversal not possible"), (0xB7, "pre-authorisation amount wrong"),
    (0xB8, "pre-authorisation error"), (0xBF, "supply voltage low"), (0xC0, "shutter locked"),
    (0xC1, "merchant card locked"), (0xC2, "diagnosis required"), (0xC3, "amount too high"),
    (0xC4, "card profile unknown"), (0xC5, "payment method unknown"), (0xC6, "currency not possible"),
    (0xC8, "amount too low"), (0xC9, "amount too high or too low"), (0xCB, "euro only"),
    (0xCC, "printer not ready"), (0xCD, "cashback not possible"), (0xD2, "not for this group of cards"),
    (0xDC, "card still inserted"), (0xDD, "card could not be ejected"), (0xDE, "card could not be taken"),
    (0xE0, "remote maintenance"), (0xE2, "card reader does not answer"), (0xE3, "shutter closed"),
    (0xE4, "card reader not active"), (0xE7, "goods group missing"), (0xE8, "no goods group table"),
    (0xE9, "goods group not allowed"), (0xEA, "card code not allowed"), (0xEB, "PIN algorithm unknown"),
    (0xEC, "PIN not possible"), (0xED, "PIN pad defective"), (0xF0, "end of day open"),
    (0xF1, "offline error"), (0xF5, "outdoor terminal error"), (0xF6, "outdoor terminal error"),
    (0xFA, "offline transactions not sent"), (0xFB, "offline data defective"), (0xFC, "device missing"),
    (0xFD, "speed not supported"), (0xFE, "unknown register"), (0xFF, "system error"),
  ]
}

/// How a terminal says it is, in answer to a status enquiry (specs/terminals.md §2.9).
public struct ZVTTerminalStatus: RawRepresentable, Sendable, Hashable {
  /// The byte as the protocol writes it.
  public let rawValue: UInt8

  /// Any status, known here or not.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Ready for a payment.
  public static let ready = Self(rawValue: 0x00)
  /// A card is in the reader.
  public static let cardInserted = Self(rawValue: 0xDC)

  /// Whether a transaction may still be going on: busy, goods being issued, a card in or half out.
  public var isTransient: Bool {
    switch rawValue {
    case 0x9C, 0x9D, 0xDC, 0xE1: true
    default: false
    }
  }

  /// What mends it (PA00P015 §11.1).
  public enum Remedy: Sendable {
    case initialisation
    case diagnosis
    case endOfDay
    case wait
    /// The customer takes the card out.
    case takeCard
    /// Somebody who knows the device.
    case technician
  }

  /// What mends this status, `nil` where nothing is to be done.
  public var remedy: Remedy? {
    switch rawValue {
    case 0x51: .initialisation
    case 0x62, 0xC1, 0xC2: .diagnosis
    case 0xB1, 0xF0: .endOfDay
    case 0x9C, 0x9D: .wait
    case 0xDC, 0xE1: .takeCard
    case 0xBF, 0xC0, 0xC4, 0xCC, 0xDF, 0xE0, 0xE2, 0xE3, 0xE4, 0xF6, 0xB2: .technician
    default: nil
    }
  }

  /// What the status means, in this project's words.
  public var name: StaticString {
    switch rawValue {
    case 0x00: "ready"
    case 0x51: "initialisation required"
    case 0x62: "clock wrong"
    case 0x9C: "busy"
    case 0x9D: "goods being issued"
    case 0xC4: "card profiles required"
    case 0xDC: "card inserted"
    case 0xE1: "card not fully taken out"
    case 0xF0: "end of day required"
    default: ZVTResultCode(rawValue: rawValue).name
    }
  }
}
