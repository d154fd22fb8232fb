import POSBarcode
import Testing

@Suite("Symbology from identifiers")
struct SymbologyEvidenceTests {
  private static let rows: [(String, Int, Symbology)] = [
    // specs/scanners.md §3.1, row by row: identifier, data length, symbology.
    ("A0", 5, .code39), ("A1", 5, .code39), ("A3", 5, .code39), ("A4", 5, .code39), ("A5", 5, .code39),
    ("A7", 5, .code39),
    ("B0", 5, .telepen), ("B1", 5, .telepen), ("B2", 5, .telepen), ("B4", 5, .telepen),
    ("C0", 5, .code128), ("C1", 5, .gs1128), ("C2", 5, .code128), ("C4", 5, .isbt128),
    ("D0", 5, .codeOne), ("D2", 5, .codeOne),
    ("E0", 13, .ean13), ("E0", 12, .upcA), ("E0", 8, .upcE), ("E0", 7, .upcE), ("E0", 6, .upcE),
    ("E0", 14, .unknown), ("E0", 0, .unknown), ("E1", 2, .upcAddOn2), ("E2", 5, .upcAddOn5),
    ("E3", 15, .ean13), ("E3", 18, .ean13), ("E3", 14, .upcA), ("E3", 17, .upcA), ("E3", 10, .upcE),
    ("E3", 13, .upcE), ("E4", 8, .ean8), ("E9", 13, .unknown),
    ("F0", 5, .codabar), ("F1", 5, .codabar), ("F2", 5, .codabar), ("F3", 5, .codabar), ("F4", 5, .codabar),
    ("G0", 5, .code93),
    ("H0", 5, .code11), ("H1", 5, .code11), ("H3", 5, .code11),
    ("I0", 5, .interleaved2of5), ("I1", 5, .interleaved2of5), ("I3", 5, .interleaved2of5),
    ("J0", 5, .dotCode), ("J1", 5, .dotCode), ("J2", 5, .dotCode), ("J3", 5, .dotCode), ("J4", 5, .dotCode),
    ("J5", 5, .dotCode), ("J6", 5, .dotCode),
    ("K0", 5, .code16K), ("K1", 5, .code16K), ("K2", 5, .code16K), ("K4", 5, .code16K),
    ("L0", 5, .pdf417), ("L1", 5, .pdf417), ("L2", 5, .pdf417),
    ("L3", 5, .microPDF417), ("L4", 5, .microPDF417), ("L5", 5, .microPDF417),
    ("M0", 5, .msi), ("M1", 5, .msi),
    ("N0", 5, .anker), ("P0", 5, .plessey),
    ("O0", 5, .codablock), ("O1", 5, .codablock), ("O4", 5, .codablockF), ("O5", 5, .codablockF),
    ("O6", 5, .codablockA),
    ("Q0", 5, .qr), ("Q1", 5, .qr), ("Q2", 5, .qr), ("Q3", 5, .gs1QR), ("Q4", 5, .gs1QR), ("Q5", 5, .qr),
    ("Q6", 5, .qr),
    ("R0", 5, .standard2of5), ("R1", 5, .standard2of5), ("R3", 5, .standard2of5), ("S0", 5, .standard2of5),
    ("T0", 5, .code49), ("T1", 5, .code49), ("T2", 5, .code49), ("T4", 5, .code49),
    ("U0", 5, .maxiCode), ("U1", 5, .maxiCode), ("U2", 5, .maxiCode), ("U3", 5, .maxiCode),
    ("X0", 5, .other), ("X9", 13, .ean13), ("XC", 8, .ean8), ("Xg", 12, .upcA), ("Xk", 8, .upcE),
    ("Xr", 5, .dataBar), ("Xs", 5, .dataBar), ("Xt", 5, .dataBar), ("XV", 5, .pdf417), ("XS", 5, .microQR),
    ("Y0", 5, .other), ("Z6", 5, .other),
    ("c0", 5, .channelCode), ("g0", 5, .gridMatrix), ("h0", 5, .hanXin), ("h1", 5, .hanXin),
    ("p0", 5, .posiCode), ("s0", 5, .superCode),
    ("d0", 5, .dataMatrix), ("d1", 5, .dataMatrix), ("d2", 5, .gs1DataMatrix), ("d3", 5, .dataMatrix),
    ("d4", 5, .dataMatrix), ("d5", 5, .gs1DataMatrix), ("d6", 5, .dataMatrix),
    ("e0", 5, .dataBar), ("e1", 5, .composite), ("e2", 5, .composite), ("e3", 5, .composite),
    ("o1", 5, .ocrA), ("o2", 5, .ocrB),
    ("z0", 5, .aztec), ("z1", 5, .aztec), ("z2", 5, .aztec), ("z3", 5, .aztec), ("z4", 5, .aztec),
    ("z5", 5, .aztec), ("z6", 5, .aztec), ("z7", 5, .aztec), ("z8", 5, .aztec), ("z9", 5, .aztec),
    ("zA", 5, .aztec), ("zB", 5, .aztec), ("zC", 5, .aztec),
    ("!0", 5, .unknown),
  ]

  @Test("each AIM identifier of the standard and of Zebra", arguments: rows)
  func aim(_ characters: String, _ length: Int, _ symbology: Symbology) throws {
    let bytes = Array(characters.utf8)
    let aim = try #require(AIMIdentifier(code: bytes[0], modifier: bytes[1]))
    #expect(aim.symbology(dataLength: length) == symbology)
  }

  private static let honeywell: [(String, Symbology)] = [
    // specs/scanners.md §3.2, the Honeywell row.
    (",", .infoMail), (".", .dotCode), ("-", .microQR), ("1", .codeOne), (";", .other), ("<", .code32),
    ("=", .trioptic), (">", .other), ("?", .koreaPost), ("A", .australiaPost), ("B", .ukPost),
    ("C", .canadaPost),
    ("D", .ean8), ("E", .upcE), ("G", .other), ("H", .hanXin), ("I", .gs1128), ("J", .japanPost), ("K", .kix),
    ("L", .planet), ("M", .intelligentMail), ("N", .postal), ("O", .ocr), ("P", .postnet), ("Q", .chinaPost),
    ("R", .microPDF417), ("S", .other), ("T", .tlc39), ("V", .codablockA), ("W", .posiCode),
    ("X", .gridMatrix), ("Y", .other), ("[", .swedenPost), ("]", .postal), ("`", .ean13), ("a", .codabar),
    ("b", .code39), ("c", .upcA), ("d", .ean13), ("e", .interleaved2of5), ("f", .standard2of5), ("g", .msi),
    ("h", .code11), ("i", .code93), ("j", .code128), ("l", .code49), ("m", .matrix2of5), ("n", .plessey),
    ("o", .code16K), ("p", .channelCode), ("q", .codablockF), ("r", .pdf417), ("s", .qr), ("t", .telepen),
    ("w", .dataMatrix), ("x", .maxiCode), ("y", .dataBar), ("z", .aztec), ("{", .dataBarLimited),
    ("|", .gs1128), ("}", .dataBarExpanded),
  ]

  @Test("each code id of Honeywell's alphabet, and nothing else")
  func honeywellCodeIDs() {
    for id in UInt8.min...UInt8.max {
      let row = Self.honeywell.first { Array($0.0.utf8) == [id] }
      #expect(Symbology(honeywellCodeID: id) == row?.1 ?? .unknown, "code id \(id)")
    }
  }

  @Test(
    "the code id picks the member where the AIM identifier names a family, and never contradicts it",
    arguments: [
      ("E0", .upcA, 12, .upcA), ("E0", .upcE, 8, .upcE), ("E0", .ean8, 8, .ean8), ("E0", .upcA, 13, .upcA),
      ("E0", .qr, 12, .upcA), ("X0", .ean13, 13, .ean13), ("X0", .unknown, 13, .other),
      ("Xg", .upcA, 12, .upcA), ("e0", .dataBarLimited, 16, .dataBarLimited),
      ("e0", .dataBarExpanded, 16, .dataBarExpanded), ("L2", .tlc39, 20, .tlc39),
      ("L2", .microPDF417, 20, .microPDF417), ("Q1", .microQR, 4, .microQR), ("Q3", .qr, 20, .gs1QR),
      ("d2", .dataMatrix, 20, .gs1DataMatrix), ("C1", .code128, 20, .gs1128), ("A0", .code32, 9, .code32),
      ("", .ean13, 13, .ean13), ("", .unknown, 13, .unknown),
    ] as [(String, Symbology, Int, Symbology)])
  func together(_ characters: String, _ codeID: Symbology, _ length: Int, _ expected: Symbology) {
    let bytes = Array(characters.utf8)
    let aim = bytes.isEmpty ? nil : AIMIdentifier(code: bytes[0], modifier: bytes[1])
    #expect(Symbology(aim: aim, codeID: codeID, dataLength: length) == expected)
  }
}
