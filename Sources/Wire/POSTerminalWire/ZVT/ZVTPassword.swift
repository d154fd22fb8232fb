/// The six digits that a terminal asks of a till. There is no default, and they are never shown.
public struct ZVTPassword: Sendable, Equatable {
  /// Three bytes of packed decimal.
  let packed: [UInt8]

  /// A password from exactly six ASCII digits.
  public init?(digits: [UInt8]) {
    guard digits.count == 6 else { return nil }
    var packed: [UInt8] = []
    for index in [0, 2, 4] {
      let high = digits[index] &- 0x30
      let low = digits[index + 1] &- 0x30
      guard high <= 9, low <= 9 else { return nil }
      packed.append(high << 4 | low)
    }
    self.packed = packed
  }
}

#if !hasFeature(Embedded)
  extension ZVTPassword: CustomStringConvertible, CustomReflectable {
    /// Never the digits.
    public var description: String { "ZVT password" }

    /// Empty, so that dumping a value shows no digits.
    public var customMirror: Mirror { Mirror(self, children: []) }
  }
#endif
