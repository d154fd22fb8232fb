public import POSBarcode

/// One bar code, as a scanner read it. The bytes are the truth; the text is a view of them.
public struct Scan: Sendable, Equatable {
  /// The scanner that read it.
  public var device: DeviceID
  /// The AIM identifier the scanner sent, if any.
  public var aim: AIMIdentifier?
  /// The symbology as far as identifier, vendor code and length tell.
  public var symbology: Symbology
  /// The data, without identifiers, prefixes and suffixes: 0 to 8192 bytes.
  public var bytes: [UInt8]
  /// Input reports the data came in.
  public var reports: Int
  /// Whether the scanner stopped before the end: the bytes are the beginning of a code, never a whole one.
  public var isTruncated: Bool
  /// When the last report had been read from the kernel.
  public var readAt: MonotonicInstant
  /// When decoding was done.
  public var decodedAt: MonotonicInstant

  /// A scan from its parts.
  public init(
    device: DeviceID, aim: AIMIdentifier?, symbology: Symbology, bytes: [UInt8], reports: Int,
    isTruncated: Bool,
    readAt: MonotonicInstant, decodedAt: MonotonicInstant
  ) {
    self.device = device
    self.aim = aim
    self.symbology = symbology
    self.bytes = bytes
    self.reports = reports
    self.isTruncated = isTruncated
    self.readAt = readAt
    self.decodedAt = decodedAt
  }

  /// The bytes as text; see ``text(of:)``.
  public var text: String { Self.text(of: bytes) }

  /// `bytes` as UTF-8 where they are valid UTF-8, else as Latin-1.
  public static func text(of bytes: [UInt8]) -> String {
    String(validating: bytes, as: UTF8.self)
      ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  }
}
