/// A character set whose characters take a byte each and whose lower half is ASCII. Parts of ISO 8859 have their numbers
/// as raw values; part 12 was never published.
public enum EightBitSet: UInt8, Sendable {
  case iso8859Part1 = 1, iso8859Part2 = 2, iso8859Part3 = 3, iso8859Part4 = 4
  case iso8859Part5 = 5, iso8859Part6 = 6, iso8859Part7 = 7, iso8859Part8 = 8
  case iso8859Part9 = 9, iso8859Part10 = 10, iso8859Part11 = 11
  case iso8859Part13 = 13, iso8859Part14 = 14, iso8859Part15 = 15, iso8859Part16 = 16
  case cp437 = 128
  case cp1250, cp1251, cp1252, cp1256

  /// A part of ISO 8859, 1 to 16; `nil` for others.
  public init?(iso8859 part: UInt8) {
    guard (1...16).contains(part) else { return nil }
    self.init(rawValue: part)
  }
}
