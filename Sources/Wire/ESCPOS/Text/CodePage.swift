/// A set of 256 characters that a printer is switched to with `ESC t`.
///
/// The lower half of every page is ASCII; the upper halves are as IBM, Microsoft and ISO define them, without what
/// later editions added where printers may be older: the ISO 8859-7 here has no euro sign.
public enum CodePage: UInt8, Sendable, CaseIterable {
  /// IBM PC, United States: the page of a printer just switched on.
  case pc437
  /// IBM PC, Western Europe.
  case pc850
  /// Page 850 with the euro sign.
  case pc858
  /// Windows, Western Europe.
  case windows1252
  /// Half-width katakana (JIS X 0201).
  case katakana
  // The rest of IBM's, by country.
  case pc860, pc863, pc865, pc851, pc857, pc737
  /// Greek, as of 1987.
  case iso8859Part7
  case pc866, pc852, pc720, pc775, pc855, pc861, pc862, pc864, pc869
  case iso8859Part2, iso8859Part15
  case pc774, pc772, pc1125
  case windows1250, windows1251, windows1253, windows1254, windows1255, windows1256, windows1257, windows1258
  /// Kazakh.
  case rk1048
  /// Thai.
  case pc874
  case iso8859Part6, iso8859Part8, iso8859Part9, iso8859Part5, iso8859Part1

  /// What `byte` prints, U+FFFD where the page has nothing.
  public func scalar(_ byte: UInt8) -> Unicode.Scalar {
    let value = byte < 0x80 ? UInt16(byte) : Self.scalars[Int(rawValue) * 128 + Int(byte) - 0x80]
    return Unicode.Scalar(value) ?? "\u{FFFD}"
  }

  /// The byte that prints `scalar`, or `nil` when the page lacks it or it is a control character.
  public func byte(for scalar: Unicode.Scalar) -> UInt8? {
    let value = scalar.value
    if value < 0x80 { return value >= 0x20 && value != 0x7F ? UInt8(value) : nil }
    guard value < 0xFFFD else { return nil }
    let start = Int(rawValue) * 128
    var low = 0
    var high = 128
    while low < high {
      let middle = (low + high) / 2
      let place = Int(Self.order[start + middle])
      let found = UInt32(Self.scalars[start + place])
      if found == value { return UInt8(0x80 + place) }
      if found < value { low = middle + 1 } else { high = middle }
    }
    return nil
  }
}
