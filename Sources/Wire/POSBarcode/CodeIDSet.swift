/// A maker's code ids: what its scanners put before the data to name the symbology (specs/scanners.md §3.2).
///
/// The sets contradict each other, so which one holds is a setting: `F` is an EAN-13 for Datalogic in the US and
/// a UPC-A with an add-on for Datalogic in Europe.
public enum CodeIDSet: UInt8, Sendable, CaseIterable {
  case zebra, honeywell, datalogicUS, datalogicEU

  /// The name used on the command line.
  public var name: StaticString {
    switch self {
    case .zebra: "zebra"
    case .honeywell: "honeywell"
    case .datalogicUS: "datalogic-us"
    case .datalogicEU: "datalogic-eu"
    }
  }

  /// The code id that `data` begins with, if one does: what it stands for and its length in bytes. Where one id
  /// is the beginning of another, the longer one counts.
  ///
  /// Zebra has one id for all retail symbols; there the length of the data decides, and eight digits, which an
  /// EAN-8 has as well as a UPC-E, stay unknown.
  public func match(_ data: some Collection<UInt8>) -> (symbology: Symbology, length: Int)? {
    let head = Array(data.prefix(3))
    guard let first = head.first else { return nil }
    if self == .honeywell {
      let symbology = Symbology(honeywellCodeID: first)
      return symbology == .unknown ? nil : (symbology, 1)
    }
    if self == .zebra, first == 0x41 { return (Self.retail(length: data.count - 1), 1) }
    var best: (symbology: Symbology, length: Int)?
    for row in rows where row.id.utf8CodeUnitCount > best?.length ?? 0 && row.begins(head) {
      best = (row.symbology, row.id.utf8CodeUnitCount)
    }
    return best
  }

  private var rows: [Row] {
    switch self {
    case .zebra: Self.zebraRows
    case .datalogicUS: Self.datalogicUSRows
    case .datalogicEU: Self.datalogicEURows
    case .honeywell: []
    }
  }

  private struct Row {
    var id: StaticString
    var symbology: Symbology

    init(_ id: StaticString, _ symbology: Symbology) {
      self.id = id
      self.symbology = symbology
    }

    func begins(_ head: [UInt8]) -> Bool {
      id.withUTF8Buffer { id in head.count >= id.count && id.indices.allSatisfy { head[$0] == id[$0] } }
    }
  }

  private static func retail(length: Int) -> Symbology {
    switch length {
    case 13, 15, 18: .ean13
    case 12, 14, 17: .upcA
    case 6, 7: .upcE
    default: .unknown
    }
  }

  /// `T` and `X` name families.
  private static let zebraRows = [
    Row("B", .code39), Row("C", .codabar), Row("D", .code128), Row("E", .code93),
    Row("F", .interleaved2of5), Row("G", .standard2of5), Row("H", .code11), Row("J", .msi), Row("K", .gs1128),
    Row("L", .ean13), Row("M", .trioptic), Row("N", .other), Row("R", .dataBar), Row("S", .matrix2of5),
    Row("T", .composite), Row("U", .other), Row("X", .pdf417), Row("z", .aztec), Row("P00", .dataMatrix),
    Row("P01", .qr), Row("P02", .maxiCode), Row("P03", .postnet), Row("P08", .kix),
    Row("P0A", .intelligentMail),
    Row("P0C", .ukPost), Row("P0D", .gridMatrix), Row("P0G", .gs1DataMatrix), Row("P0H", .hanXin),
    Row("P0Q", .gs1QR), Row("P0X", .other),
  ]

  private static let datalogicUSRows = [
    Row("A", .upcA), Row("E", .upcE), Row("F", .ean13), Row("FF", .ean8), Row("*", .code39),
    Row("%", .codabar),
    Row("#", .code128), Row("&", .code93), Row("]C1", .gs1128), Row("i", .interleaved2of5),
    Row("s", .standard2of5), Row("R4", .dataBar), Row("RL", .dataBarLimited), Row("RX", .dataBarExpanded),
    Row("P", .pdf417), Row("mP", .microPDF417), Row("QR", .qr), Row("$Q", .microQR), Row("QG", .gs1QR),
    Row("Dm", .dataMatrix), Row("Dg", .gs1DataMatrix), Row("Az", .aztec), Row("MC", .maxiCode),
    Row("@", .msi),
  ]

  private static let datalogicEURows = [
    Row("C", .upcA), Row("D", .upcE), Row("B", .ean13), Row("A", .ean8), Row("F", .upcA), Row("G", .upcA),
    Row("H", .upcE), Row("I", .upcE), Row("L", .ean13), Row("M", .ean13), Row("J", .ean8), Row("K", .ean8),
    Row("V", .code39), Row("R", .codabar), Row("T", .code128), Row("U", .code93), Row("k", .gs1128),
    Row("N", .interleaved2of5), Row("P", .standard2of5), Row("u", .dataBar), Row("v", .dataBarLimited),
    Row("t", .dataBarExpanded), Row("r", .pdf417), Row("8", .microPDF417), Row("y", .qr),
    Row("w", .dataMatrix),
    Row("!", .aztec), Row("x", .maxiCode), Row("Z", .msi), Row("X", .code32), Row("Y", .cip),
    Row("@", .ean13),
  ]
}
