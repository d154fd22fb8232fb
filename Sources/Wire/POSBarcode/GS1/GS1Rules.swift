import POSWire

/// What the parts of a value have to obey.
///
/// Not checked: lists of countries, currencies, media types and packaging (membership), company prefixes, coupon
/// formats, the alphanumeric check pair of a GMN.
enum GS1Rules {
  private typealias Check = @Sendable (ArraySlice<UInt8>) -> Bool

  private static let checks:
    [(name: StaticString, reason: WireError.Reason, field: StaticString, holds: Check)] = [
      ("csum", .checksum, "check digit", { CheckDigit.isValid($0) }),
      ("yymmdd", .value, "date", { GS1Date($0, allowsDayZero: false) != nil }),
      ("yymmd0", .value, "date", { GS1Date($0, allowsDayZero: true) != nil }),
      (
        "yymmddhh", .value, "date and hour",
        { GS1Date($0.prefix(6), allowsDayZero: false) != nil && number($0.suffix(2)) < 24 }
      ),
      ("hhmm", .value, "time", { number($0.prefix(2)) < 24 && number($0.suffix(2)) < 60 }),
      (
        "mmoptss", .value, "minutes",
        { ($0.count == 2 || $0.count == 4) && number($0.prefix(2)) < 60 && number($0.suffix(2)) < 60 }
      ),
      ("nonzero", .value, "number above zero", { number($0) > 0 }),
      ("zero", .value, "zero", { number($0) == 0 }),
      ("yesno", .value, "0 or 1", { number($0) <= 1 }),
      ("winding", .value, "winding", { number($0) <= 1 || number($0) == 9 }),
      ("hyphen", .value, "minus", { $0.elementsEqual([0x2D]) }),
      (
        "pieceoftotal", .value, "piece of total",
        {
          number($0.prefix(2)) > 0 && number($0.prefix(2)) <= number($0.suffix(2))
        }
      ),
      ("nozeroprefix", .value, "number without leading zero", { $0.first != 0x30 || $0.count == 1 }),
      ("latitude", .value, "latitude", { number($0) <= 1_800_000_000 }),
      ("longitude", .value, "longitude", { number($0) <= 3_600_000_000 }),
      ("pcenc", .value, "percent encoding", { PercentEncoding.decode($0) != nil }),
      ("iban", .checksum, "IBAN", { isIBAN($0) }),
      ("iso3166list", .value, "countries", { $0.count % 3 == 0 }),
    ]

  /// The first broken rule, its offset in the value.
  static func problem(in value: [UInt8], _ identifier: GS1Identifier) -> WireError? {
    var start = 0
    let parts = identifier.parts
    for part in parts {
      if part.isOptional, start == value.count { return nil }
      let end = min(value.count, start + part.maximum)
      guard end - start >= part.minimum else {
        return WireError(.truncated, at: value.count, field: "GS1 value")
      }
      for index in start..<end where !allows(part.characters, value[index]) {
        return WireError(.value, at: index, field: "GS1 character")
      }
      if !part.rules.isEmpty {
        for check in checks where identifier.has(check.name, part) && !check.holds(value[start..<end]) {
          return WireError(check.reason, at: start, field: check.field)
        }
      }
      start = end
    }
    return start == value.count ? nil : WireError(.lengthOverLimit, at: start, field: "GS1 value")
  }

  private static func allows(_ set: GS1Identifier.Characters, _ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39: return true
    case 0x41...0x5A: return set != .digits
    case 0x61...0x7A: return set == .set82 || set == .base64
    // # - / belong to set 39 and set 82; - and _ and = to file-safe base 64.
    case 0x23, 0x2F: return set == .set39 || set == .set82
    case 0x2D: return set != .digits
    case 0x5F, 0x3D: return set == .set82 || set == .base64
    case 0x21, 0x22, 0x25...0x2C, 0x2E, 0x3A...0x3C, 0x3E, 0x3F: return set == .set82
    default: return false
    }
  }

  /// At most ten digits, which the characters were checked to be.
  private static func number(_ digits: ArraySlice<UInt8>) -> UInt64 {
    digits.reduce(0) { ($0 &* 10) &+ UInt64($1 & 0x0F) }
  }

  /// ISO 13616: the first four characters to the end, letters as 10 to 35, remainder 1 by 97.
  private static func isIBAN(_ text: ArraySlice<UInt8>) -> Bool {
    guard text.count > 4 else { return false }
    var remainder = 0
    for byte in Array(text.dropFirst(4)) + Array(text.prefix(4)) {
      switch byte {
      case 0x30...0x39: remainder = (remainder * 10 + Int(byte - 0x30)) % 97
      case 0x41...0x5A: remainder = (remainder * 100 + Int(byte - 0x41) + 10) % 97
      default: return false
      }
    }
    return remainder == 1
  }
}

/// A date of GS1: two digits of year, month, day.
public struct GS1Date: Sendable, Equatable {
  /// The last two digits of the year.
  public let shortYear: Int
  /// 1 to 12.
  public let month: Int
  /// 1 to 31; 0 stands for the end of the month where the identifier allows it.
  public let day: Int

  /// Reads six digits; `nil` for what is no date.
  public init?(_ digits: some Collection<UInt8>, allowsDayZero: Bool) {
    var number = 0
    var count = 0
    for byte in digits {
      guard count < 6, let digit = Digits.value(byte) else { return nil }
      number = number * 10 + digit
      count += 1
    }
    guard count == 6 else { return nil }
    shortYear = number / 10_000
    month = number / 100 % 100
    day = number % 100
    guard (1...12).contains(month), day <= 31, day > 0 || allowsDayZero else { return nil }
    // 29 February is right in some century; which one depends on the day the code is read.
    guard day <= Self.days(of: month, year: 2000 + shortYear) else { return nil }
  }

  /// The year, by GS1's window of 49 years back and 50 ahead (General Specifications §7.12).
  public func year(readIn now: Int) -> Int {
    let century = now - now % 100
    let difference = shortYear - now % 100
    if difference >= 51 { return century - 100 + shortYear }
    if difference <= -50 { return century + 100 + shortYear }
    return century + shortYear
  }

  /// The day, with the end of the month for 0.
  public func dayOfMonth(readIn now: Int) -> Int {
    day == 0 ? Self.days(of: month, year: year(readIn: now)) : day
  }

  private static func days(of month: Int, year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
