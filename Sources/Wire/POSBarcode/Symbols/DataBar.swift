public import POSWire

/// A GS1 DataBar, as far as it must be known before a printer draws it: checked data, and the room that it takes
/// (ISO/IEC 24724). This package draws none.
public struct DataBar: Sendable, Equatable {
  /// Omnidirectional, limited or expanded.
  public let symbology: Symbology
  /// 13 digits of a GTIN without its check digit; of an expanded one the element string, with 1D behind elements of
  /// variable length.
  public let data: [UInt8]
  /// The characters below: the digits, or the elements with their identifiers in brackets.
  public let text: [UInt8]
  /// Modules across, none of them quiet zone; at most so many of an expanded one, whose width is for its maker to find.
  public let modules: Int

  /// Checks what the symbol is to say.
  ///
  /// - Parameter ascii: 13 digits, or 14 with a check digit, of ``Symbology/dataBar`` and
  ///   ``Symbology/dataBarLimited``; elements, with brackets around their identifiers or 1D between them, of
  ///   ``Symbology/dataBarExpanded``.
  /// - Throws: `unsupported` for other symbologies and unknown identifiers; `truncated` or `lengthOverLimit` for a wrong count of digits or more
  ///   elements than a symbol holds; `checksum` for a wrong check digit; `value` for anything else that is not such data.
  public init(_ symbology: Symbology, ascii: Span<UInt8>) throws(WireError) {
    self.symbology = symbology
    switch symbology {
    case .dataBar, .dataBarLimited:
      var digits = try LinearSymbol.digits(ascii)
      if digits.count == 14 {
        guard CheckDigit.isValid(digits) else { throw WireError(.checksum, at: 13, field: "check digit") }
        digits.removeLast()
      }
      guard digits.count == 13 else {
        throw WireError(
          digits.count < 13 ? .truncated : .lengthOverLimit, at: digits.count, field: "GTIN digits")
      }
      // The limited one has no room for other packaging levels.
      guard symbology == .dataBar || digits[0] <= UInt8(ascii: "1") else {
        throw WireError(.value, at: 0, field: "indicator digit")
      }
      data = digits
      text = digits
      // Two modules of white guard either side of the omnidirectional one, five the right side of the limited one.
      modules = symbology == .dataBar ? 98 : 81
    case .dataBarExpanded:
      guard !ascii.isEmpty else { throw WireError(.truncated, at: 0, field: "GS1 element") }
      (data, text) = try GS1Text.elements(ascii)
      modules = try Self.expandedModules(data)
    default: throw WireError(.unsupported, at: 0, field: "symbology")
    }
  }

  /// An upper bound: a symbol's maker may find shorter ways for some dates, weights and prices, and may change between
  /// alphabets where this stays with one.
  private static func expandedModules(_ data: [UInt8]) throws(WireError) -> Int {
    // Linkage, method and length; a GTIN in front takes 44 bits.
    var bits = 1 + 2 + 2
    var rest = data[...]
    if data.count >= 16, data.starts(with: [UInt8(ascii: "0"), UInt8(ascii: "1")]) {
      bits = 1 + 1 + 2 + 44
      rest = data[16...]
    }
    let isAllDigits = rest.allSatisfy { isDigit($0) }
    bits += isAllDigits ? (rest.count + 1) / 2 * 7 : min(capitals(rest) ?? .max, anything(rest))
    // Characters of 12 bits and one that checks them, 17 modules each; a finder of 15 for every two; guards of 2.
    let characters = max(4, (bits + 11) / 12 + 1)
    guard characters <= 22 else { throw WireError(.lengthOverLimit, at: 22, field: "symbol characters") }
    return 17 * characters + 15 * ((characters + 1) / 2) + 4
  }

  /// Whether it is half of a pair of 7 bits: digits, and what ends an element.
  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == 0x1D
  }

  /// Bits of the alphabet of digits, capitals and `*,-./`, and of the change to it; `nil` for other characters.
  private static func capitals(_ data: ArraySlice<UInt8>) -> Int? {
    var bits = 4
    for byte in data {
      switch byte {
      case _ where isDigit(byte): bits += 5
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x2A, 0x2C...0x2F: bits += 6
      default: return nil
      }
    }
    return bits
  }

  /// Bits of the alphabet of all characters of GS1, and of the two changes to it.
  private static func anything(_ data: ArraySlice<UInt8>) -> Int {
    var bits = 4 + 5
    for byte in data {
      switch byte {
      case _ where isDigit(byte): bits += 5
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): bits += 7
      default: bits += 8
      }
    }
    return bits
  }
}
