/// What the bytes of a code say: their text and how it was made, GS1 elements, the digits of an article.
///
///     let content = CodeContent(aim: scan.aim, symbology: scan.symbology, bytes: scan.bytes)
///     content.gs1?.value(of: 10)      // the batch
///
/// The bytes stay the truth; everything here is a view of them, made when it is asked for.
public struct CodeContent: Sendable {
  /// How bytes became text (specs/scanners.md §4).
  public enum TextBasis: Sendable, Equatable {
    /// All bytes are below 0x80.
    case ascii
    /// Nothing names a character set, and the bytes are valid UTF-8.
    case utf8
    /// Nothing names a character set, and the bytes are not UTF-8: one character a byte, which may be wrong.
    case latin1
    /// The code names its character sets itself (Extended Channel Interpretation).
    case interpretations
    /// The code names a character set that is not known here, or whose rules its bytes break: one character a
    /// byte stands for it.
    case unknownInterpretation(Int)

    /// The name used on the command line.
    public var name: StaticString {
      switch self {
      case .ascii: "ascii"
      case .utf8: "utf-8"
      case .latin1: "latin-1"
      case .interpretations: "eci"
      case .unknownInterpretation: "unknown-eci"
      }
    }
  }

  /// The text in UTF-8.
  public let utf8: [UInt8]
  /// How it was made.
  public let basis: TextBasis
  /// The numbers of the character sets that the code names, in order; empty for most codes.
  public let interpretations: [Int]
  /// The elements of a GS1 symbol, or of a GS1 Digital Link; `nil` for everything else. A GS byte alone proves
  /// nothing.
  public let gs1: GS1ElementString?
  /// The digits of a retail symbol. Digits without any identifier are looked at only where eight of them may be
  /// two things; see ``RetailCode/readings``.
  public let retail: RetailCode?

  /// Reads what a code of this kind says.
  public init(aim: AIMIdentifier?, symbology: Symbology, bytes: [UInt8]) {
    var payload = bytes
    var interpretations: [Int] = []
    if let aim, aim.usesECI {
      let content = ECIContent(bytes)
      payload = content.bytes
      for segment in content.segments where segment.isNamed { interpretations.append(segment.number) }
      if !interpretations.isEmpty, let text = content.utf8 {
        (utf8, basis) = (text, .interpretations)
      } else if let unknown = interpretations.first(where: { CharacterSet(eci: $0) == nil })
        ?? interpretations.first
      {
        (utf8, basis) = (CharacterSet.latin1.utf8(payload) ?? payload, .unknownInterpretation(unknown))
      } else {
        (utf8, basis) = Self.guess(payload)
      }
    } else {
      (utf8, basis) = Self.guess(bytes)
    }
    self.interpretations = interpretations
    gs1 =
      Self.isGS1(aim, symbology)
      ? GS1ElementString(payload.span) : GS1DigitalLink(payload.span)?.elements
    let retail = RetailCode(symbology: symbology, digits: bytes)
    self.retail = symbology == .unknown && retail?.kind != .ambiguous8 ? nil : retail
  }

  private static func guess(_ bytes: [UInt8]) -> ([UInt8], TextBasis) {
    let (text, set) = CharacterSet.guess(bytes)
    switch set {
    case .ascii: return (text, .ascii)
    case .utf8: return (text, .utf8)
    default: return (text, .latin1)
    }
  }

  private static func isGS1(_ aim: AIMIdentifier?, _ symbology: Symbology) -> Bool {
    switch symbology {
    case .gs1128, .gs1QR, .gs1DataMatrix, .dataBar, .dataBarLimited, .dataBarExpanded: true
    default: aim?.isGS1 ?? false
    }
  }
}
