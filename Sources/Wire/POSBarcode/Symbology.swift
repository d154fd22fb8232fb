/// The kind of bar code a scanner read or a printer draws.
///
/// Names are those of DESIGN §4: lower case with hyphens. The list covers specs/scanners.md §3.1 to §3.3.
public enum Symbology: UInt8, Sendable, CaseIterable {
  case unknown
  case upcA, upcE, ean8, ean13, upcAddOn2, upcAddOn5
  case code39, code32, code93, code128, gs1128, isbt128, code11, code49, code16K
  case interleaved2of5, standard2of5, matrix2of5, codabar, msi, plessey, telepen, anker
  case dataBar, dataBarLimited, dataBarExpanded, codablock, posiCode, channelCode, superCode
  case pdf417, microPDF417, dataMatrix, gs1DataMatrix, qr, gs1QR, microQR, aztec, maxiCode
  case codeOne, dotCode, hanXin, gridMatrix, tlc39, composite, ocr, postal, other
  case trioptic, cip, codablockA, codablockF, ocrA, ocrB, compositeA, compositeB, compositeC
  case australiaPost, canadaPost, chinaPost, kix, infoMail, japanPost, koreaPost, swedenPost, ukPost
  case intelligentMail, planet, postnet

  /// The name used on the command line, in JSON and in logs.
  public var name: StaticString {
    switch self {
    case .unknown: "unknown"
    case .upcA: "upc-a"
    case .upcE: "upc-e"
    case .ean8: "ean-8"
    case .ean13: "ean-13"
    case .upcAddOn2: "upc-add-on-2"
    case .upcAddOn5: "upc-add-on-5"
    case .code39: "code-39"
    case .code32: "code-32"
    case .code93: "code-93"
    case .code128: "code-128"
    case .gs1128: "gs1-128"
    case .isbt128: "isbt-128"
    case .code11: "code-11"
    case .code49: "code-49"
    case .code16K: "code-16k"
    case .interleaved2of5: "itf"
    case .standard2of5: "standard-2-of-5"
    case .matrix2of5: "matrix-2-of-5"
    case .codabar: "codabar"
    case .msi: "msi"
    case .plessey: "plessey"
    case .telepen: "telepen"
    case .anker: "anker"
    case .dataBar: "gs1-databar"
    case .dataBarLimited: "gs1-databar-limited"
    case .dataBarExpanded: "gs1-databar-expanded"
    case .codablock: "codablock"
    case .posiCode: "posicode"
    case .channelCode: "channel-code"
    case .superCode: "supercode"
    case .pdf417: "pdf417"
    case .microPDF417: "micro-pdf417"
    case .dataMatrix: "data-matrix"
    case .gs1DataMatrix: "gs1-data-matrix"
    case .qr: "qr"
    case .gs1QR: "gs1-qr"
    case .microQR: "micro-qr"
    case .aztec: "aztec"
    case .maxiCode: "maxicode"
    case .codeOne: "code-one"
    case .dotCode: "dotcode"
    case .hanXin: "han-xin"
    case .gridMatrix: "grid-matrix"
    case .tlc39: "tlc39"
    case .composite: "composite"
    case .ocr: "ocr"
    case .postal: "postal"
    case .other: "other"
    case .trioptic: "trioptic"
    case .cip: "cip"
    case .codablockA: "codablock-a"
    case .codablockF: "codablock-f"
    case .ocrA: "ocr-a"
    case .ocrB: "ocr-b"
    case .compositeA: "composite-a"
    case .compositeB: "composite-b"
    case .compositeC: "composite-c"
    case .australiaPost: "australia-post"
    case .canadaPost: "canada-post"
    case .chinaPost: "china-post"
    case .kix: "kix"
    case .infoMail: "infomail"
    case .japanPost: "japan-post"
    case .koreaPost: "korea-post"
    case .swedenPost: "sweden-post"
    case .ukPost: "uk-post"
    case .intelligentMail: "intelligent-mail"
    case .planet: "planet"
    case .postnet: "postnet"
    }
  }
}
