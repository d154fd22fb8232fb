/// Check digits of the numbers on articles.
public enum CheckDigit {
  /// The check digit of EAN, UPC, GTIN, SSCC and their kin over ASCII digits without it: weights 3 and 1 from the
  /// right, complement to ten. `nil` where a character is no digit.
  public static func mod10(_ digits: some BidirectionalCollection<UInt8>) -> UInt8? {
    var sum = 0
    var weight = 3
    for byte in digits.reversed() {
      guard let digit = Digits.value(byte) else { return nil }
      sum = (sum + digit * weight) % 10
      weight = 4 - weight
    }
    return UInt8((10 - sum) % 10) + 0x30
  }

  /// Whether ASCII digits end with the right check digit.
  public static func isValid(_ digits: some BidirectionalCollection<UInt8>) -> Bool {
    guard let last = digits.last else { return false }
    return mod10(digits.dropLast()) == last
  }

  /// The check character of an ISBN-10 over its nine digits: weights 10 to 2, complement to eleven, X for ten.
  static func isbn10(_ digits: ArraySlice<UInt8>) -> UInt8? { mod11(digits, firstWeight: 10) }

  /// The check character of an ISSN over its seven digits: weights 8 to 2.
  static func issn(_ digits: ArraySlice<UInt8>) -> UInt8? { mod11(digits, firstWeight: 8) }

  private static func mod11(_ digits: ArraySlice<UInt8>, firstWeight: Int) -> UInt8? {
    guard digits.count == firstWeight - 1 else { return nil }
    var sum = 0
    var weight = firstWeight
    for byte in digits {
      guard let digit = Digits.value(byte) else { return nil }
      sum += digit * weight
      weight -= 1
    }
    let check = (11 - sum % 11) % 11
    return check == 10 ? UInt8(ascii: "X") : UInt8(check) + 0x30
  }
}
