/// A double-byte character set of East Asian printers. A model's memory holds one, and which is not selectable
/// (specs/escpos.md §2.8).
public enum DoubleByteSet: UInt8, Sendable, CaseIterable {
  /// Japanese models, told by `FS C 1`.
  case shiftJIS
  /// Models for China.
  case gbk
  /// Models for Taiwan.
  case big5
  /// Models for Korea.
  case ksX1001

  /// Whether `byte` is the first of a pair while double-byte mode is on.
  public func isLead(_ byte: UInt8) -> Bool {
    switch self {
    // Half-width katakana stand between the two ranges.
    case .shiftJIS: (0x81...0x9F).contains(byte) || (0xE0...0xFC).contains(byte)
    case .gbk: (0x81...0xFE).contains(byte)
    case .big5, .ksX1001: (0xA1...0xFE).contains(byte)
    }
  }
}

/// The characters of a double-byte set. The tables are large and stand in a module of their own, POSDoubleByte, which
/// firmware does without.
public struct DoubleByteCharacters: Sendable, Equatable {
  /// The set.
  public let set: DoubleByteSet
  private let encode: @Sendable (Unicode.Scalar) -> UInt16?
  private let decode: @Sendable (UInt16) -> Unicode.Scalar?

  /// A set by its two directions; the first byte of a pair is the high one.
  public init(
    _ set: DoubleByteSet, encode: @escaping @Sendable (Unicode.Scalar) -> UInt16?,
    decode: @escaping @Sendable (UInt16) -> Unicode.Scalar?
  ) {
    self.set = set
    self.encode = encode
    self.decode = decode
  }

  /// The pair that prints `scalar`, or `nil` when the set lacks it.
  public func pair(for scalar: Unicode.Scalar) -> UInt16? { encode(scalar) }

  /// What a pair prints, or `nil` for nothing.
  public func scalar(_ pair: UInt16) -> Unicode.Scalar? { decode(pair) }

  /// One set is one table.
  public static func == (left: DoubleByteCharacters, right: DoubleByteCharacters) -> Bool {
    left.set == right.set
  }
}
