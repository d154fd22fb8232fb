/// The number by which UnifiedPOS names a symbology: `ScanDataType` (specs/scanners.md §3.3).
///
///     UPOSScanDataType(.ean13, hasAddOn: true).rawValue      // 119
///     UPOSScanDataType(rawValue: 119)?.symbology             // .ean13
public struct UPOSScanDataType: Sendable, Equatable, Hashable {
  /// The number.
  public let rawValue: UInt16

  /// The data type of a number that UnifiedPOS defines; `nil` for others.
  public init?(rawValue: UInt16) {
    guard Self.rows.contains(where: { $0.number == rawValue }) else { return nil }
    self.rawValue = rawValue
  }

  /// The data type of a symbology; 0 for what is unknown, 501 for what UnifiedPOS has no number for.
  ///
  /// - Parameters:
  ///   - hasAddOn: whether the digits end with an add-on of 2 or 5.
  ///   - isCheckDigitSent: whether the data of a Code 39 or an interleaved 2 of 5 end with a verified check digit.
  public init(_ symbology: Symbology, hasAddOn: Bool = false, isCheckDigitSent: Bool = false) {
    let variant: Variant = hasAddOn ? .addOn : isCheckDigitSent ? .checked : .plain
    let row =
      Self.rows.first { $0.symbology == symbology && $0.variant == variant }
      ?? Self.rows.first { $0.symbology == symbology && $0.variant == .plain }
    rawValue = row?.number ?? 501
  }

  /// The data type of a scan, from everything that was sent with it.
  public init(aim: AIMIdentifier?, symbology: Symbology, dataLength: Int) {
    let isChecked = aim.map { ($0.code == 0x41 || $0.code == 0x49) && $0.modifier == 0x31 } ?? false
    self.init(
      symbology, hasAddOn: Self.hasAddOn(symbology, aim: aim, dataLength: dataLength),
      isCheckDigitSent: isChecked)
  }

  /// The symbology; ``Symbology/other`` where this project has no name for it.
  public var symbology: Symbology { row?.symbology ?? .unknown }

  /// Whether it names a retail symbol with an add-on.
  public var hasAddOn: Bool { row?.variant == .addOn }

  private var row: Row? { Self.rows.first { $0.number == rawValue } }

  private static func hasAddOn(_ symbology: Symbology, aim: AIMIdentifier?, dataLength: Int) -> Bool {
    if let aim, aim.code == 0x45 { return aim.modifier == 0x33 }
    switch (symbology, dataLength) {
    case (.ean13, 15), (.ean13, 18), (.upcA, 14), (.upcA, 17), (.ean8, 10), (.ean8, 13), (.upcE, 10),
      (.upcE, 13):
      return true
    default: return false
    }
  }

  private enum Variant: UInt8 {
    case plain, addOn, checked
  }

  private struct Row {
    var number: UInt16
    var symbology: Symbology
    var variant: Variant

    init(_ number: UInt16, _ symbology: Symbology, _ variant: Variant = .plain) {
      self.number = number
      self.symbology = symbology
      self.variant = variant
    }
  }

  /// Numbers of one symbology: the first plain one is the one to give out. 113 to 117 are the five lengths of
  /// UPC-D, 135 AMES, 146 Datalogic's own.
  private static let rows = [
    Row(0, .unknown), Row(101, .upcA), Row(102, .upcE), Row(103, .ean8), Row(104, .ean13),
    Row(105, .standard2of5), Row(106, .interleaved2of5), Row(107, .codabar), Row(108, .code39),
    Row(109, .code93),
    Row(110, .code128), Row(111, .upcA, .addOn), Row(112, .upcE, .addOn), Row(501, .other), Row(113, .other),
    Row(114, .other), Row(115, .other), Row(116, .other), Row(117, .other), Row(118, .ean8, .addOn),
    Row(119, .ean13, .addOn), Row(120, .gs1128), Row(121, .ocrA), Row(122, .ocrB), Row(131, .dataBar),
    Row(132, .dataBarExpanded), Row(133, .interleaved2of5, .checked), Row(134, .dataBarLimited),
    Row(135, .other), Row(136, .matrix2of5), Row(137, .code39, .checked), Row(138, .code32), Row(139, .cip),
    Row(140, .trioptic), Row(141, .isbt128), Row(142, .code11), Row(143, .msi), Row(144, .plessey),
    Row(145, .telepen), Row(146, .other), Row(151, .compositeA), Row(152, .compositeB), Row(153, .compositeC),
    Row(154, .tlc39), Row(201, .pdf417), Row(202, .maxiCode), Row(203, .dataMatrix), Row(204, .qr),
    Row(205, .microQR), Row(206, .aztec), Row(207, .microPDF417), Row(208, .gs1DataMatrix), Row(209, .gs1QR),
    Row(210, .code49), Row(211, .code16K), Row(212, .codablockA), Row(213, .codablockF), Row(214, .codablock),
    Row(215, .hanXin), Row(301, .australiaPost), Row(302, .canadaPost), Row(303, .chinaPost), Row(304, .kix),
    Row(305, .infoMail), Row(306, .japanPost), Row(307, .koreaPost), Row(308, .swedenPost), Row(309, .ukPost),
    Row(310, .intelligentMail), Row(311, .planet), Row(312, .postnet),
  ]
}
