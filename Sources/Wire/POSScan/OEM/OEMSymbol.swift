public import POSBarcode

/// What the id behind a USB-OEM label names (specs/scanners.md §3.3).
public struct OEMSymbol: Sendable, Equatable {
  /// The id: the byte before the final 0B, or the only one.
  public var id: UInt8
  /// The symbology. Two ids are shared: 2A is a GS1 DataBar of either kind, 33 a QR code or a Micro QR code.
  public var symbology: Symbology
  /// Whether the digits end with an add-on of 2 or 5.
  public var hasAddOn: Bool

  /// The retail symbol at the bottom of a composite; ``symbology`` otherwise.
  private var linear: Symbology

  init(_ id: UInt8, _ symbology: Symbology, hasAddOn: Bool = false, over linear: Symbology? = nil) {
    self.id = id
    self.symbology = symbology
    self.hasAddOn = hasAddOn
    self.linear = linear ?? symbology
  }

  /// The number by which UnifiedPOS names it: for a composite that of its retail symbol with an add-on.
  public var scanDataType: UPOSScanDataType {
    UPOSScanDataType(linear, hasAddOn: hasAddOn || linear != symbology)
  }

  /// The retail ids that stand alone, one byte long.
  static let short: [OEMSymbol] = [
    OEMSymbol(0x0D, .upcA), OEMSymbol(0x0A, .upcE), OEMSymbol(0x0C, .ean8), OEMSymbol(0x16, .ean13),
  ]

  /// The ids of the longer trailers.
  static let long: [OEMSymbol] = [
    OEMSymbol(0x16, .upcA, hasAddOn: true), OEMSymbol(0x11, .upcA, hasAddOn: true),
    OEMSymbol(0x12, .upcE, hasAddOn: true), OEMSymbol(0x14, .upcE, hasAddOn: true),
    OEMSymbol(0x17, .ean8, hasAddOn: true), OEMSymbol(0x1D, .ean8, hasAddOn: true),
    OEMSymbol(0x13, .ean13, hasAddOn: true), OEMSymbol(0x15, .ean13, hasAddOn: true),
    OEMSymbol(0x20, .composite, over: .upcA), OEMSymbol(0x21, .composite, over: .upcE),
    OEMSymbol(0x22, .composite, over: .ean8), OEMSymbol(0x23, .composite, over: .ean13),
    OEMSymbol(0x0A, .code39), OEMSymbol(0x0D, .interleaved2of5), OEMSymbol(0x0C, .standard2of5),
    OEMSymbol(0x0E, .codabar), OEMSymbol(0x18, .code128), OEMSymbol(0x19, .code93), OEMSymbol(0x25, .gs1128),
    OEMSymbol(0x2A, .dataBar), OEMSymbol(0x2B, .dataBarExpanded), OEMSymbol(0x2E, .pdf417),
    OEMSymbol(0x2F, .maxiCode), OEMSymbol(0x30, .ocrA), OEMSymbol(0x31, .ocrB), OEMSymbol(0x32, .dataMatrix),
    OEMSymbol(0x33, .qr), OEMSymbol(0x34, .aztec), OEMSymbol(0x35, .code49), OEMSymbol(0x36, .gs1DataMatrix),
    OEMSymbol(0x37, .gs1QR), OEMSymbol(0x38, .microPDF417), OEMSymbol(0xFF, .unknown),
  ]

  /// Whether the data are digits and nothing else.
  var isRetail: Bool {
    switch symbology {
    case .upcA, .upcE, .ean8, .ean13: true
    default: false
    }
  }
}

/// The end of a label segment: id, and whether more follows.
struct OEMTrailer {
  var symbol: OEMSymbol
  /// Bytes of the trailer, 1, 3 or 4.
  var length: Int
  var isContinued: Bool

  /// Reads the trailer; `nil` where the label ends with no id that is known in form.
  ///
  /// Three bytes ending 0B, or those and a zero from early firmware; the first is 10 while more follows. Retail
  /// labels end with one byte. That form has no place for the mark, but a scanner that puts `10 xx` before it
  /// can mean nothing else, since these labels hold digits alone.
  init?(endOf label: [UInt8]) {
    let count = label.count
    guard let last = label.last else { return nil }
    if count >= 3, last == 0x0B, let flag = Self.flag(label[count - 3]) {
      self.init(Self.symbol(label[count - 2]), length: 3, isContinued: flag)
    } else if count >= 4, last == 0x00, label[count - 2] == 0x0B, let flag = Self.flag(label[count - 4]) {
      self.init(Self.symbol(label[count - 3]), length: 4, isContinued: flag)
    } else if let symbol = OEMSymbol.short.first(where: { $0.id == last }) {
      let isMarked = count >= 3 && label[count - 3] == 0x10
      self.init(symbol, length: isMarked ? 3 : 1, isContinued: isMarked)
    } else {
      return nil
    }
  }

  private init(_ symbol: OEMSymbol, length: Int, isContinued: Bool) {
    self.symbol = symbol
    self.length = length
    self.isContinued = isContinued
  }

  private static func flag(_ byte: UInt8) -> Bool? {
    switch byte {
    case 0x00: false
    case 0x10: true
    default: nil
    }
  }

  private static func symbol(_ id: UInt8) -> OEMSymbol {
    OEMSymbol.long.first { $0.id == id } ?? OEMSymbol(id, .unknown)
  }
}
