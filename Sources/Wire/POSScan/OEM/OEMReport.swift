public import POSWire

/// One input report of a scanner in IBM/Toshiba USB-OEM mode: length, three status bytes, then a label, a
/// configuration or an answer (specs/scanners.md §1.3).
public struct OEMReport: Sendable, Equatable {
  /// Length and status bytes in front of everything.
  public static let headerLength = 4
  /// Bytes a report may have.
  public static let limit = 64

  /// The three status bytes, the first one lowest.
  public var status: OEMStatus
  /// What follows them: 0 to 60 bytes.
  public var payload: [UInt8]

  /// Reads one report. Bytes behind the declared length are the buffer's, not the report's.
  ///
  /// - Throws: ``WireError``: `truncated` at the end of a report shorter than it says, `value` at 0 for a length
  ///   below the header's, `lengthOverLimit` at 0 above ``limit``.
  public init(_ report: Span<UInt8>) throws(WireError) {
    guard report.count >= Self.headerLength else {
      throw WireError(.truncated, at: report.count, field: "OEM report")
    }
    let length = Int(report[0])
    guard length >= Self.headerLength else { throw WireError(.value, at: 0, field: "OEM length") }
    guard length <= Self.limit else { throw WireError(.lengthOverLimit, at: 0, field: "OEM length") }
    guard length <= report.count else { throw WireError(.truncated, at: report.count, field: "OEM report") }
    status = OEMStatus(
      rawValue: UInt32(report[1]) | UInt32(report[2]) << 8 | UInt32(report[3]) << 16)
    payload = []
    payload.reserveCapacity(length - Self.headerLength)
    for index in Self.headerLength..<length { payload.append(report[index]) }
  }
}

/// The status word of a USB-OEM scanner: 24 bits, the first byte lowest (specs/scanners.md §1.3).
public struct OEMStatus: OptionSet, Sendable, Hashable {
  /// The bits as sent.
  public let rawValue: UInt32

  /// A status from its bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The scanner waits for something and flashes.
  public static let flashing = OEMStatus(rawValue: 0x00_0001)
  /// The payload is the configuration.
  public static let configurationData = OEMStatus(rawValue: 0x00_0002)
  /// The payload is the two-label configuration.
  public static let twoLabelData = OEMStatus(rawValue: 0x00_0004)
  /// The payload is a label.
  public static let scannerData = OEMStatus(rawValue: 0x00_0010)
  /// The scanner is broken.
  public static let hardwareError = OEMStatus(rawValue: 0x00_0020)
  /// The payload answers a direct command.
  public static let directData = OEMStatus(rawValue: 0x00_0040)
  /// The scanner is starting.
  public static let notReady = OEMStatus(rawValue: 0x00_0080)
  /// The scanner is alive.
  public static let alive = OEMStatus(rawValue: 0x00_0100)
  /// The scanner may read.
  public static let enabled = OEMStatus(rawValue: 0x00_0200)
  /// A label failed its check digit.
  public static let checkDigitError = OEMStatus(rawValue: 0x00_0400)
  /// The last command was rejected.
  public static let commandRejected = OEMStatus(rawValue: 0x00_8000)
  /// The configuration was taken.
  public static let configurationAccepted = OEMStatus(rawValue: 0x01_0000)
  /// The configuration was taken, with values bent into range.
  public static let configurationCoerced = OEMStatus(rawValue: 0x02_0000)
  /// The two-label configuration was taken.
  public static let twoLabelAccepted = OEMStatus(rawValue: 0x04_0000)
  /// The direct command was done.
  public static let directAccepted = OEMStatus(rawValue: 0x08_0000)
  /// The direct command is not allowed.
  public static let directNotAllowed = OEMStatus(rawValue: 0x10_0000)
  /// There is no such direct command.
  public static let directUndefined = OEMStatus(rawValue: 0x20_0000)

  /// Every known bit and its name on the command line, in the order of the bits.
  public static let names: [(flag: OEMStatus, name: StaticString)] = [
    (.flashing, "flashing"), (.configurationData, "configuration"),
    (.twoLabelData, "two-label-configuration"),
    (.scannerData, "scanner-data"), (.hardwareError, "hardware-error"), (.directData, "direct-data"),
    (.notReady, "not-ready"), (.alive, "alive"), (.enabled, "enabled"),
    (.checkDigitError, "check-digit-error"),
    (.commandRejected, "command-rejected"), (.configurationAccepted, "configuration-accepted"),
    (.configurationCoerced, "configuration-coerced"), (.twoLabelAccepted, "two-label-accepted"),
    (.directAccepted, "direct-accepted"), (.directNotAllowed, "direct-not-allowed"),
    (.directUndefined, "direct-undefined"),
  ]

  /// Bits that only say that all is well: they come with every report.
  static let routine: OEMStatus = [.alive, .enabled, .scannerData]
}
