extension Symbology {
  /// The symbology that everything a scanner sent beside the data points to.
  ///
  /// The AIM identifier decides; where it only names a family (`]E0`, `]e0`, `]L2`, `]X0`), the maker's code
  /// id picks the member.
  ///
  /// - Parameters:
  ///   - aim: the AIM identifier, if the scanner sent one.
  ///   - codeID: what the maker's code id stands for, ``unknown`` without one.
  ///   - dataLength: length of the data in bytes, without identifiers.
  public init(aim: AIMIdentifier?, codeID: Symbology, dataLength: Int) {
    let named = aim?.symbology(dataLength: dataLength) ?? .unknown
    self = named.mayBe(codeID) ? codeID : named
  }

  /// Whether `member` is a closer name for what this one names coarsely.
  private func mayBe(_ member: Symbology) -> Bool {
    switch self {
    case .unknown, .other: member != .unknown
    case .upcA, .upcE, .ean8, .ean13:
      member == .upcA || member == .upcE || member == .ean8 || member == .ean13
    case .dataBar: member == .dataBarLimited || member == .dataBarExpanded
    case .pdf417: member == .microPDF417 || member == .tlc39
    case .qr: member == .microQR
    case .code39: member == .code32 || member == .trioptic || member == .cip
    case .composite: member == .compositeA || member == .compositeB || member == .compositeC
    default: false
    }
  }
}

extension AIMIdentifier {
  /// What the identifier names, by ISO/IEC 15424 and the makers' use of it (specs/scanners.md §3.1).
  ///
  /// - Parameter dataLength: length of the data in bytes. Honeywell sends `]E0` with the 12 digits of a UPC-A
  ///   and the 6 to 8 of a UPC-E, so under `]E0` and `]E3` the length decides.
  public func symbology(dataLength: Int) -> Symbology {
    let modifier = Unicode.Scalar(modifier)
    switch Unicode.Scalar(code) {
    case "A": return .code39
    case "B": return .telepen
    case "C":
      return switch modifier {
      case "1": .gs1128
      case "4": .isbt128
      default: .code128
      }
    case "D": return .codeOne
    case "E": return retailSymbology(dataLength: dataLength)
    case "F": return .codabar
    case "G": return .code93
    case "H": return .code11
    case "I": return .interleaved2of5
    case "J": return .dotCode
    case "K": return .code16K
    case "L": return modifier >= "3" ? .microPDF417 : .pdf417
    case "M": return .msi
    case "N": return .anker
    case "O":
      return switch modifier {
      case "4", "5": .codablockF
      case "6": .codablockA
      default: .codablock
      }
    case "P": return .plessey
    case "Q": return modifier == "3" || modifier == "4" ? .gs1QR : .qr
    case "R", "S": return .standard2of5
    case "T": return .code49
    case "U": return .maxiCode
    case "X": return zebraSymbology
    case "Y", "Z": return .other
    case "c": return .channelCode
    case "d": return modifier == "2" || modifier == "5" ? .gs1DataMatrix : .dataMatrix
    case "e": return modifier == "0" ? .dataBar : .composite
    case "g": return .gridMatrix
    case "h": return .hanXin
    case "o":
      return switch modifier {
      case "1": .ocrA
      case "2": .ocrB
      default: .ocr
      }
    case "p": return .posiCode
    case "s": return .superCode
    case "z": return .aztec
    default: return .unknown
    }
  }

  private func retailSymbology(dataLength: Int) -> Symbology {
    switch Unicode.Scalar(modifier) {
    case "0":
      switch dataLength {
      case 13: .ean13
      case 12: .upcA
      case 6...8: .upcE
      default: .unknown
      }
    case "1": .upcAddOn2
    case "2": .upcAddOn5
    case "3":
      switch dataLength {
      case 15, 18: .ean13
      case 14, 17: .upcA
      case 8...13: .upcE
      default: .unknown
      }
    case "4": .ean8
    default: .unknown
    }
  }

  /// Zebra puts letters of its own behind `]X`; everybody's `]X0` says only "something else".
  private var zebraSymbology: Symbology {
    switch Unicode.Scalar(modifier) {
    case "9": .ean13
    case "C": .ean8
    case "g": .upcA
    case "k": .upcE
    case "r", "s", "t": .dataBar
    case "V": .pdf417
    case "S": .microQR
    default: .other
    }
  }
}

extension Symbology {
  /// What a code id of Honeywell's alphabet stands for, ``unknown`` where it stands for nothing.
  ///
  /// Zebra's HID POS reports speak this alphabet too (specs/scanners.md §3.1 trap f and §3.2).
  public init(honeywellCodeID id: UInt8) {
    self =
      switch Unicode.Scalar(id) {
      case ",": .infoMail
      case "?": .koreaPost
      case "A": .australiaPost
      case "B": .ukPost
      case "C": .canadaPost
      case "J": .japanPost
      case "K": .kix
      case "L": .planet
      case "M": .intelligentMail
      case "P": .postnet
      case "Q": .chinaPost
      case "[": .swedenPost
      // Four-state codes of no one's and those of Brazil.
      case "N", "]": .postal
      case "-": .microQR
      case ".": .dotCode
      case "1": .codeOne
      case "<": .code32
      case "=": .trioptic
      case ";", ">", "G", "S", "Y": .other
      case "D": .ean8
      case "E": .upcE
      case "H": .hanXin
      case "I", "|": .gs1128
      case "O": .ocr
      case "R": .microPDF417
      case "T": .tlc39
      case "V": .codablockA
      case "q": .codablockF
      case "W": .posiCode
      case "X": .gridMatrix
      case "`", "d": .ean13
      case "a": .codabar
      case "b": .code39
      case "c": .upcA
      case "e": .interleaved2of5
      case "f": .standard2of5
      case "g": .msi
      case "h": .code11
      case "i": .code93
      case "j": .code128
      case "l": .code49
      case "m": .matrix2of5
      case "n": .plessey
      case "o": .code16K
      case "p": .channelCode
      case "r": .pdf417
      case "s": .qr
      case "t": .telepen
      case "w": .dataMatrix
      case "x": .maxiCode
      case "y": .dataBar
      case "z": .aztec
      case "{": .dataBarLimited
      case "}": .dataBarExpanded
      default: .unknown
      }
  }
}
