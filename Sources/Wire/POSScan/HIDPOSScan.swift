public import POSBarcode

/// One bar code as it came out of a scanner's reports.
public struct HIDPOSScan: Sendable, Equatable {
  /// The AIM identifier, if the scanner sent one.
  public var aim: AIMIdentifier?
  /// The maker's code id, 0 without one.
  public var codeID: UInt8
  /// The symbology as far as identifier, code id and length tell.
  public var symbology: Symbology
  /// The data: 0 to ``HIDPOSDecoder/payloadLimit`` bytes, any values.
  public var bytes: [UInt8]
  /// Reports the data came in.
  public var reports: Int
  /// Whether the end is missing: the bytes are the beginning of a code, never a whole one.
  public var isTruncated: Bool

  /// A scan from its parts.
  public init(
    aim: AIMIdentifier?, codeID: UInt8, symbology: Symbology, bytes: [UInt8], reports: Int, isTruncated: Bool
  ) {
    self.aim = aim
    self.codeID = codeID
    self.symbology = symbology
    self.bytes = bytes
    self.reports = reports
    self.isTruncated = isTruncated
  }
}

/// What a report, or the time, brought to light.
public enum HIDPOSEvent: Sendable, Equatable {
  /// A code was read, or the beginning of one.
  case scan(HIDPOSScan)
  /// The command at hand was answered.
  case reply(HoneywellMenuReply)
  /// A report of the device that carries no scan.
  case notAScan(reportID: UInt8)
}
