/// A bar code held before a simulated scanner: the data, and the identifiers a Zebra scanner sends with it.
public struct SimulatedBarcode: Sendable, Equatable {
  /// What the symbol holds, any bytes.
  public var data: [UInt8]
  /// The AIM identifier's three characters, or three zeros for a scanner set to send none.
  public var aim: [UInt8]
  /// The code id, in the alphabet of Honeywell that Zebra uses here; 0 for none.
  public var codeID: UInt8

  /// A bar code from its parts; `aim` is cut or filled with zeros to three bytes.
  public init(data: [UInt8], aim: [UInt8], codeID: UInt8) {
    self.data = data
    self.aim = Array((aim + [0, 0, 0]).prefix(3))
    self.codeID = codeID
  }

  private init(_ data: [UInt8], _ aim: String, _ codeID: Unicode.Scalar) {
    self.init(data: data, aim: Array(aim.utf8), codeID: UInt8(ascii: codeID))
  }

  /// A QR code.
  public static func qr(_ data: [UInt8]) -> Self { Self(data, "]Q1", "s") }

  /// A QR code of text in UTF-8.
  public static func qr(_ text: String) -> Self { qr(Array(text.utf8)) }

  /// An EAN-13: 13 digits.
  public static func ean13(_ digits: String) -> Self { Self(Array(digits.utf8), "]X9", "d") }

  /// A UPC-A: 12 digits.
  public static func upcA(_ digits: String) -> Self { Self(Array(digits.utf8), "]Xg", "c") }

  /// A Code 128.
  public static func code128(_ text: String) -> Self { Self(Array(text.utf8), "]C0", "j") }
}
