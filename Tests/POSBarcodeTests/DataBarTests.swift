import POSBarcode
import POSWire
import Testing

@Suite("GS1 DataBar")
struct DataBarTests {
  static func symbol(_ symbology: Symbology, _ text: String) throws(WireError) -> DataBar {
    try DataBar(symbology, ascii: Array(text.utf8).span)
  }

  @Test("a GTIN with or without its check digit")
  func digits() throws {
    for text in ["0950110153000", "09501101530003"] {
      #expect(try Self.symbol(.dataBar, text).data == Array("0950110153000".utf8))
      #expect(try Self.symbol(.dataBarLimited, text).modules == 81)
    }
  }

  @Test(
    "what is no such data is named",
    arguments: [
      (Symbology.dataBar, "095011015300", WireError.Reason.truncated),
      (.dataBar, "09501101530004", .checksum),
      (.dataBar, "095011015300030", .lengthOverLimit), (.dataBar, "hello", .value),
      (.dataBar, "", .truncated),
      // Only single items and boxes of them (GS1 General Specifications, DataBar Limited).
      (.dataBarLimited, "2001234567890", .value), (.dataBarExpanded, "hello", .unsupported),
      (.dataBarExpanded, "", .truncated),
      (.dataBarExpanded, "(01)09501101530004", .checksum), (.ean13, "315788232640", .unsupported),
      (.dataBarExpanded, "(10)ABCDEFGHIJKLMNOPQRST(21)ABCDEFGHIJKLMNOPQRST", .lengthOverLimit),
    ])
  func refused(symbology: Symbology, text: String, reason: WireError.Reason) {
    let error = #expect(throws: WireError.self) { try Self.symbol(symbology, text) }
    #expect(error?.reason == reason)
  }

  /// Elements, and the modules of zint 2.11.1: `zint -b DATABAR_EXP --scale=0.5 --filetype=svg -d DATA`.
  static let widths: [(String, Int)] = [
    ("(01)09501101530003", 134), ("(01)09501101530003(10)ABC123", 232), ("(3103)000500", 134),
    ("(01)19501101530000(17)261129(10)A-1/b", 298), ("(10)a,b.c;d", 200),
    ("(01)90012345678908(3103)001750", 151),
    ("(01)90012345678908(3922)795(15)261129", 232), ("(01)98898765432106(3202)012345(15)991231", 200),
    ("(21)A1B2C3D4E5F6G7H8", 249), ("(10)A123456B", 151), ("(10)12345678A", 151),
    ("(10)A1234567890123456", 200),
    ("(10)1234AB1234CD1234EF", 249), ("(21)a1234567890123456789", 249),
    ("(240)ABCDEFGHIJKLMNOPQRSTUVWXYZ", 396),
    ("(01)09501101530003(21)12345abcde67890FGHIJ", 396), ("(91)123456789012345678901234567890", 281),
  ]

  @Test("an expanded one is never wider than is said, and not half as narrow", arguments: widths)
  func width(text: String, modules: Int) throws {
    let said = try Self.symbol(.dataBarExpanded, text).modules
    #expect(modules <= said && said < modules * 3 / 2)
  }
}
