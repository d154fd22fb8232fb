/// What one field of a report means: a usage page and a usage on it (HID Usage Tables).
public struct HIDUsage: Sendable, Hashable {
  /// The usage page.
  public var page: UInt16
  /// The usage on that page.
  public var id: UInt16

  /// A usage from its two numbers.
  public init(page: UInt16, id: UInt16) {
    self.page = page
    self.id = id
  }
}

/// The usages a bar code scanner is known by: HID POS Usage Tables 1.02, page 0x8C, and two from other pages
/// (specs/scanners.md §1.1).
extension HIDUsage {
  /// Symbology identifier 1: the flag `]`.
  public static let symbologyIdentifier1 = HIDUsage(page: 0x8C, id: 0xFB)
  /// Symbology identifier 2: the code character.
  public static let symbologyIdentifier2 = HIDUsage(page: 0x8C, id: 0xFC)
  /// Symbology identifier 3: the modifier.
  public static let symbologyIdentifier3 = HIDUsage(page: 0x8C, id: 0xFD)
  /// Decoded data.
  public static let decodedData = HIDUsage(page: 0x8C, id: 0xFE)
  /// The code goes on in the next report.
  public static let decodedDataContinued = HIDUsage(page: 0x8C, id: 0xFF)
  /// Keep from reading codes.
  public static let preventReadOfBarcodes = HIDUsage(page: 0x8C, id: 0x5F)
  /// Pull the trigger.
  public static let initiateBarcodeRead = HIDUsage(page: 0x8C, id: 0x60)
  /// Sound the error beep.
  public static let soundErrorBeep = HIDUsage(page: 0x8C, id: 0x85)
  /// Sound the good-read beep.
  public static let soundGoodReadBeep = HIDUsage(page: 0x8C, id: 0x86)
  /// Sound the beep for an article that is not on file.
  public static let soundNotOnFileBeep = HIDUsage(page: 0x8C, id: 0x87)
  /// Byte Count on the Generic Desktop page: how many bytes of the data are valid.
  public static let byteCount = HIDUsage(page: 0x01, id: 0x3B)
  /// A code id of Honeywell's alphabet.
  public static let honeywellCodeID = HIDUsage(page: 0xFF66, id: 0x04)
  /// The pair of vendor bytes whose first one is a code id of Honeywell's alphabet on older firmware.
  public static let honeywellVendorPair = HIDUsage(page: 0xFF66, id: 0x00)
}
