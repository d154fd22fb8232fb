/// Control characters that serial links are built from (ISO/IEC 646).
public enum ASCIIControl {
  /// Start of text.
  public static let stx: UInt8 = 0x02
  /// End of text.
  public static let etx: UInt8 = 0x03
  /// End of transmission.
  public static let eot: UInt8 = 0x04
  /// Enquiry: may I send?
  public static let enq: UInt8 = 0x05
  /// Acknowledge.
  public static let ack: UInt8 = 0x06
  /// Data link escape.
  public static let dle: UInt8 = 0x10
  /// Negative acknowledge.
  public static let nak: UInt8 = 0x15
}
