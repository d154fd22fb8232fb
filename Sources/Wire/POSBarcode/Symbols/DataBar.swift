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
  /// Modules across. It needs no quiet zone.
  public let modules: Int

  /// Checks what the symbol is to say.
  ///
  /// - Parameter ascii: 13 digits, or 14 with a check digit, of ``Symbology/dataBar`` and
  ///   ``Symbology/dataBarLimited``; elements, with brackets around their identifiers or 1D between them, of
  ///   ``Symbology/dataBarExpanded``.
  /// - Throws: `unsupported` for other symbologies and unknown identifiers; `truncated` or `lengthOverLimit` for a wrong
  ///   count of digits or more elements than a symbol holds; `checksum` for a wrong check digit; `value` for anything else
  ///   that is not such data.
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
      modules = symbology == .dataBar ? 96 : 79
    case .dataBarExpanded:
      guard !ascii.isEmpty else { throw WireError(.truncated, at: 0, field: "GS1 element") }
      (data, text) = try GS1Text.elements(ascii)
      let size = DataBarExpandedSize(data)
      guard size.characters <= 22 else {
        throw WireError(.lengthOverLimit, at: 22, field: "symbol characters")
      }
      modules = size.modules
    default: throw WireError(.unsupported, at: 0, field: "symbology")
    }
  }
}
