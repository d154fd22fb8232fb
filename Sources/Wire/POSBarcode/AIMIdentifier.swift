/// A symbology identifier of ISO/IEC 15424: the flag `]`, a code character and a modifier, as in `]E0`.
public struct AIMIdentifier: Sendable, Equatable, Hashable {
  /// The code character, `A`…`z` in ASCII.
  public var code: UInt8
  /// The modifier character, `0`…`9` or `A`…`Z` in ASCII.
  public var modifier: UInt8

  /// Creates an identifier when both characters are printable ASCII, else returns `nil`.
  ///
  /// Scanners that have no identifier to send fill its place with zeros or spaces.
  public init?(code: UInt8, modifier: UInt8) {
    guard code > 0x20, code < 0x7F, modifier > 0x20, modifier < 0x7F else { return nil }
    self.code = code
    self.modifier = modifier
  }

  /// The three bytes `]`, code, modifier.
  public var bytes: [UInt8] { [0x5D, code, modifier] }
}
