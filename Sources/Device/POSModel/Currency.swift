/// A currency of ISO 4217.
public struct Currency: Sendable, Hashable {
  /// Three capital letters: `EUR`.
  public let code: String
  /// The numeric code, 1 to 999: 978 for the euro. Card terminals speak this one.
  public let number: UInt16
  /// Decimals of the unit: 2 for the euro, 0 for the yen.
  public let exponent: Int

  /// The currency with this three-letter code, in any case, or `nil` when the table below lacks it.
  public init?(code: some StringProtocol) {
    let wanted = code.uppercased()
    guard let row = Self.table.first(where: { $0.code == wanted }) else { return nil }
    self = row
  }

  /// The currency with this numeric code, or `nil` when the table below lacks it.
  public init?(number: UInt16) {
    guard let row = Self.table.first(where: { $0.number == number }) else { return nil }
    self = row
  }

  private init(_ code: String, _ number: UInt16, _ exponent: Int) {
    self.code = code
    self.number = number
    self.exponent = exponent
  }

  /// The euro.
  public static let euro = Currency("EUR", 978, 2)
  /// The dollar of the United States.
  public static let usDollar = Currency("USD", 840, 2)

  /// Currencies whose exponent is known here (ISO 4217, list one).
  static let table: [Currency] = [
    euro, usDollar,
    Currency("AED", 784, 2), Currency("AUD", 36, 2), Currency("BGN", 975, 2), Currency("BHD", 48, 3),
    Currency("BRL", 986, 2), Currency("CAD", 124, 2), Currency("CHF", 756, 2), Currency("CLP", 152, 0),
    Currency("CNY", 156, 2), Currency("CZK", 203, 2), Currency("DKK", 208, 2), Currency("GBP", 826, 2),
    Currency("HKD", 344, 2), Currency("HUF", 348, 2), Currency("ILS", 376, 2), Currency("INR", 356, 2),
    Currency("ISK", 352, 0), Currency("JPY", 392, 0), Currency("KRW", 410, 0), Currency("KWD", 414, 3),
    Currency("MXN", 484, 2), Currency("NOK", 578, 2), Currency("NZD", 554, 2), Currency("PLN", 985, 2),
    Currency("RON", 946, 2), Currency("SEK", 752, 2), Currency("SGD", 702, 2), Currency("TRY", 949, 2),
    Currency("TWD", 901, 2), Currency("ZAR", 710, 2),
  ]
}

extension Currency: Codable {
  /// Reads the three-letter code.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let code = try container.decode(String.self)
    guard let currency = Currency(code: code) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "unknown currency '\(code)'")
    }
    self = currency
  }

  /// Writes the three-letter code.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(code)
  }
}
