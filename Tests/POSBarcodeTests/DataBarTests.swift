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
      #expect(try Self.symbol(.dataBar, text).modules == 96)
      #expect(try Self.symbol(.dataBarLimited, text).modules == 79)
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
      (
        .dataBarExpanded,
        "(240)" + String(repeating: "a", count: 20) + "(21)" + String(repeating: "b", count: 20),
        .lengthOverLimit
      ),
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
    ("(01)90012345678908(3922)795", 183),
    ("(01)90012345678908(3932)978795(10)a", 249),
    ("(01)90012345678908(3103)032768", 200),
    ("(01)90012345678908(3103)099999(17)261129", 200),
    ("(01)90012345678908(3103)100000", 200),
    ("(01)90012345678908(3203)022767", 151),
    ("(01)90012345678908(3105)000001(11)260101", 200),
    ("(01)90012345678908(3925)795", 200),
    ("(01)09501101530003(10)Lot1(21)a7", 298),
    ("(10)a(21)b(240)c", 232),
    ("(01)09501101530003(10)A1234567890123456789(21)12345678901234567890", 477),
    ("(01)09501101530003(10)A12345678(21)12345678901234567890(17)261129", 477),
    ("(10)1(21)2", 102),
    ("(10)123456", 102),
    ("(10)12345", 102),
    ("(10)1234", 102),
    ("(10)ab123456", 151),
    ("(10)abABCDE", 183),
    ("(10)abABCD", 183),
    ("(10)A-12345", 151),
    ("(10)A-123456x", 183),
  ]

  @Test("an expanded one is as wide as whoever draws it makes it", arguments: widths)
  func width(text: String, modules: Int) throws {
    #expect(try Self.symbol(.dataBarExpanded, text).modules == modules)
  }
}
