public import POSBarcode

/// A code type of Symbol and Zebra scanners: the number that SNAPI reports and SSI's DECODE_DATA share
/// (specs/scanners.md §1.4).
public struct ZebraCodeType: Sendable, Equatable, Hashable {
  /// The number as sent.
  public var rawValue: UInt16

  /// A code type from its number.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The symbology, ``Symbology/unknown`` for numbers that name nothing here. For composites it is the family of
  /// the two-dimensional part.
  public var symbology: Symbology {
    switch rawValue {
    case 72...75, 136...139: Self.retail[Int(rawValue) % 4]
    case 80: .upcE
    case 81...88: .compositeA
    case 97...104: .compositeB
    default: rawValue < UInt16(Self.table.count) ? Self.table[Int(rawValue)] : Self.late(rawValue)
    }
  }

  /// The length of the add-on behind the primary digits: 0, 2 or 5.
  public var addOnLength: Int {
    switch rawValue {
    case 72...75, 80: 2
    case 136...139: 5
    default: 0
    }
  }

  /// The data of a code of this type as its symbology has them.
  ///
  /// The number system 1 of a UPC-E1 is in its type, and may be left out of the digits. So six digits get it
  /// back, and their check digit with it: seven could be six and a check digit too.
  public func data(of bytes: [UInt8]) -> [UInt8] {
    guard rawValue == 16, bytes.count == 6,
      let whole = RetailCode.upcE(numberSystem: 1, digits: bytes)
    else { return bytes }
    return whole
  }

  /// 72 and 136 are UPC-A, and so on in the order of 8 to 11.
  private static let retail: [Symbology] = [.upcA, .upcE, .ean8, .ean13]

  /// The numbers 0 to 55.
  private static let table: [Symbology] = [
    .unknown, .code39, .codabar, .code128, .standard2of5, .standard2of5, .interleaved2of5, .code93, .upcA,
    .upcE,
    .ean8, .ean13, .code11, .code49, .msi, .gs1128, .upcE, .pdf417, .code16K, .code39, .other, .trioptic,
    .ean13,
    .other, .codabar, .isbt128, .microPDF417, .dataMatrix, .qr, .microPDF417, .postnet, .planet, .code32,
    .isbt128,
    .japanPost, .australiaPost, .kix, .maxiCode, .canadaPost, .ukPost, .pdf417, .unknown, .unknown, .unknown,
    .microQR, .aztec, .aztec, .unknown, .dataBar, .dataBarLimited, .dataBarExpanded, .unknown, .unknown,
    .unknown,
    .unknown, .other,
  ]

  private static func late(_ number: UInt16) -> Symbology {
    switch number {
    case 89: .compositeC
    case 90: .tlc39
    case 105: .other
    case 113: .matrix2of5
    case 114, 115: .other
    default: .unknown
    }
  }
}
