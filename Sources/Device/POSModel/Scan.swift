public import POSBarcode

/// One bar code, as a scanner read it. The bytes are the truth; the text is a view of them.
public struct Scan: Sendable, Equatable {
  /// The scanner that read it.
  public var device: DeviceID
  /// The AIM identifier the scanner sent, if any.
  public var aim: AIMIdentifier?
  /// The symbology as far as identifier, vendor code and length tell.
  public var symbology: Symbology
  /// What the scanner's own id stands for in UnifiedPOS; `nil` for scanners without such ids.
  public var namedDataType: UPOSScanDataType?
  /// The data, without identifiers, prefixes and suffixes: 0 to 8192 bytes.
  public var bytes: [UInt8]
  /// What arrived for it, identifiers, prefix and suffix included.
  public var raw: [UInt8]
  /// What came as a scan of its own and belongs to this one.
  public var companion: Companion?
  /// Input reports the data came in.
  public var reports: Int
  /// Whether the scanner stopped before the end: the bytes are the beginning of a code, never a whole one.
  public var isTruncated: Bool
  /// Whose fingers typed it, as far as the time between keys tells; `nil` for scanners that do not type.
  public var typist: Typist?
  /// When the last report had been read from the kernel.
  public var readAt: MonotonicInstant
  /// When decoding was done.
  public var decodedAt: MonotonicInstant
  /// When the subscriber took it; `nil` before.
  public var deliveredAt: MonotonicInstant?

  /// The other half of a scan: read within the window that was set for it.
  public struct Companion: Sendable, Equatable {
    /// What a half is to the other.
    public enum Role: String, Sendable {
      /// The two or five digits beside a retail symbol.
      case addOn = "add-on"
      /// The second line of a Japanese book.
      case secondLine = "second-line"
    }

    /// What it is.
    public var role: Role
    /// Its data.
    public var bytes: [UInt8]

    /// A companion from its parts.
    public init(role: Role, bytes: [UInt8]) {
      self.role = role
      self.bytes = bytes
    }
  }

  /// Who typed.
  public enum Typist: String, Sendable, CaseIterable {
    case scanner, person, unclear
  }

  /// A scan from its parts; `raw` is `bytes` where nothing else is given.
  public init(
    device: DeviceID, aim: AIMIdentifier?, symbology: Symbology, namedDataType: UPOSScanDataType? = nil,
    bytes: [UInt8], raw: [UInt8]? = nil, companion: Companion? = nil, reports: Int, isTruncated: Bool,
    typist: Typist? = nil,
    readAt: MonotonicInstant, decodedAt: MonotonicInstant, deliveredAt: MonotonicInstant? = nil
  ) {
    self.device = device
    self.aim = aim
    self.symbology = symbology
    self.namedDataType = namedDataType
    self.bytes = bytes
    self.raw = raw ?? bytes
    self.companion = companion
    self.reports = reports
    self.isTruncated = isTruncated
    self.typist = typist
    self.readAt = readAt
    self.decodedAt = decodedAt
    self.deliveredAt = deliveredAt
  }

  /// What the bytes say: text and how it was made, GS1 elements, an article's digits. Made anew at each call.
  public var content: CodeContent { CodeContent(aim: aim, symbology: symbology, bytes: bytes) }

  /// The bytes as text: by the character sets that the code names, else UTF-8, else one character a byte. Which
  /// of them is in ``content``.
  public var text: String { String(decoding: content.utf8, as: UTF8.self) }

  /// The number by which UnifiedPOS names what was read.
  public var scanDataType: UPOSScanDataType {
    companion?.role == .addOn
      ? UPOSScanDataType(symbology, hasAddOn: true)
      : namedDataType ?? UPOSScanDataType(aim: aim, symbology: symbology, dataLength: bytes.count)
  }

  /// `bytes` as UTF-8 where they are valid UTF-8, else as Latin-1.
  public static func text(of bytes: [UInt8]) -> String {
    String(validating: bytes, as: UTF8.self)
      ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  }
}
