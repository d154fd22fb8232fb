public import POSBarcode

/// The symbols a model of printer draws itself from their data (specs/escpos.md §2.7).
public struct NativeSymbols: OptionSet, Sendable, Hashable {
  /// One bit a symbology, in the order of ``all``.
  public let rawValue: UInt32

  /// Symbols from their bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The symbologies that ESC/POS has commands for; a set's bits are their places here.
  public static let all: [Symbology] = [
    .upcA, .upcE, .ean13, .ean8, .code39, .interleaved2of5, .codabar, .code93, .code128, .gs1128, .dataBar,
    .dataBarLimited, .dataBarExpanded, .qr, .pdf417, .maxiCode, .aztec, .dataMatrix,
  ]

  /// The set of these symbologies; those without a command are left out.
  public init(_ symbologies: [Symbology]) {
    var bits: UInt32 = 0
    for (place, symbology) in Self.all.enumerated() where symbologies.contains(symbology) {
      bits |= 1 << UInt32(place)
    }
    rawValue = bits
  }

  /// Whether the printer draws this symbology.
  public func draws(_ symbology: Symbology) -> Bool {
    guard let place = Self.all.firstIndex(of: symbology) else { return false }
    return rawValue & (1 << UInt32(place)) != 0
  }

  /// What `GS k` knew in its first form: UPC, EAN, Code 39, ITF and Codabar.
  public static let basicLinear = NativeSymbols(rawValue: 0x7F)
  /// The above with Code 93 and Code 128.
  public static let linear = NativeSymbols(rawValue: 0x1FF)
  /// QR codes by `GS ( k`.
  public static let qr = NativeSymbols(rawValue: 1 << 13)
}
