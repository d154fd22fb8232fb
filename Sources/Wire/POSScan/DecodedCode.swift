public import POSBarcode

/// One bar code as a decoder of any mode hands it over.
///
/// ``bytes`` is what the symbol holds, as far as the scanner's setting lets anybody tell; ``raw`` is everything
/// that arrived for it, identifiers, prefix and suffix included.
public struct DecodedCode: Sendable, Equatable {
  /// The AIM identifier, if the scanner sent one.
  public var aim: AIMIdentifier?
  /// The symbology as far as identifiers and length tell.
  public var symbology: Symbology
  /// What the scanner's own id stands for in UnifiedPOS; `nil` for scanners without such ids.
  public var scanDataType: UPOSScanDataType?
  /// The data: any bytes, bounded by the decoder's limit.
  public var bytes: [UInt8]
  /// What arrived, untouched.
  public var raw: [UInt8]
  /// Reports, packets or lines the data came in.
  public var pieces: Int
  /// Whether the end is missing: the bytes are the beginning of a code, never a whole one.
  public var isTruncated: Bool

  /// A code from its parts; `raw` is `bytes` where nothing else is given.
  public init(
    aim: AIMIdentifier? = nil, symbology: Symbology = .unknown, scanDataType: UPOSScanDataType? = nil,
    bytes: [UInt8], raw: [UInt8]? = nil, pieces: Int = 1, isTruncated: Bool = false
  ) {
    self.aim = aim
    self.symbology = symbology
    self.scanDataType = scanDataType
    self.bytes = bytes
    self.raw = raw ?? bytes
    self.pieces = pieces
    self.isTruncated = isTruncated
  }
}
