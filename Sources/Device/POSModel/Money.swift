/// An amount in minor units of one currency. Never a floating number (DESIGN §2.10).
public struct Money: Sendable, Hashable, Codable {
  /// Cents of a euro, yen of a yen: `10^-exponent` of the currency's unit.
  public var minorUnits: Int64
  /// The currency all of them are in.
  public var currency: Currency

  /// An amount of `minorUnits`.
  public init(minorUnits: Int64, currency: Currency) {
    self.minorUnits = minorUnits
    self.currency = currency
  }

  /// Reads `12`, `12.5`, `12.50` or `-3.00`; `nil` for anything else, for more decimals than the currency
  /// has, and for amounts beyond 64 bits.
  public init?(decimal text: some StringProtocol, currency: Currency) {
    var digits = text.utf8[...]
    let negative = digits.first == 0x2D
    if negative { digits = digits.dropFirst() }
    let parts = digits.split(separator: 0x2E, omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = parts.first, !whole.isEmpty else { return nil }
    let fraction = parts.count == 2 ? Array(parts[1]) : []
    guard fraction.count <= currency.exponent, parts.count == 1 || !fraction.isEmpty else { return nil }
    let padding = [UInt8](repeating: 0x30, count: currency.exponent - fraction.count)
    var value: Int64 = 0
    for digit in Array(whole) + fraction + padding {
      guard digit >= 0x30, digit <= 0x39 else { return nil }
      let (tens, tensOverflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, sumOverflow) = tens.addingReportingOverflow(Int64(digit - 0x30))
      guard !tensOverflow, !sumOverflow else { return nil }
      value = sum
    }
    self.init(minorUnits: negative ? -value : value, currency: currency)
  }

  /// The sum, or `nil` when the currencies differ or 64 bits do not hold it.
  public func adding(_ other: Money) -> Money? {
    guard currency == other.currency else { return nil }
    let (sum, overflow) = minorUnits.addingReportingOverflow(other.minorUnits)
    return overflow ? nil : Money(minorUnits: sum, currency: currency)
  }

  /// The amount with a point and the currency's decimals: `12.50`, `-0.05`, `300`.
  public var decimalText: String {
    let digits = String(minorUnits.magnitude)
    let sign = minorUnits < 0 ? "-" : ""
    guard currency.exponent > 0 else { return sign + digits }
    let padded = String(repeating: "0", count: max(0, currency.exponent + 1 - digits.count)) + digits
    return sign + padded.dropLast(currency.exponent) + "." + padded.suffix(currency.exponent)
  }
}

extension Money: CustomStringConvertible {
  /// Amount and currency code: `12.50 EUR`.
  public var description: String { "\(decimalText) \(currency.code)" }
}
