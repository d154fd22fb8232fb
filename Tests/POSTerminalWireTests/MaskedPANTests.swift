import POSTerminalWire
import Testing

@Suite struct MaskedPANTests {
  @Test(arguments: [
    ("41 11 11 11 11 11 11 11", "411111******1111"),
    ("67 25 00 EE EE EE 12 34", "672500******1234"),
    ("41 11 11 11 11 11 11 11 D2 51 2F", "411111******1111"),
    ("37 82 82 24 63 10 00 5F", "378282*****0005"),
    ("12 34 56 78 90", "******7890"),
    ("12 34 56", "******"),
    ("EE EE EE EE EE EE 12 34", "************1234"),
    ("", ""),
  ])
  func masksPackedNumbers(packed: String, shown: String) {
    let bytes = hex(packed)
    #expect(MaskedPAN(packed: bytes.span).characters == Array(shown.utf8))
  }

  @Test(arguments: [
    ("PAN 4111111111111111", "PAN ************1111"),
    ("4111 1111 1111 1111 girocard", "**** **** **** 1111 girocard"),
    ("3782-822463-10005", "****-******-*0005"),
    ("4111  1111  1111  1111", "****  ****  ****  1111"), ("4111.1111.1111.1111", "****.****.****.1111"),
    ("4111\u{A0}1111\u{A0}1111\u{A0}1111", "****\u{A0}****\u{A0}****\u{A0}1111"),
    ("3782 - 822463 - 10005 ", "**** - ****** - *0005 "),
    ("4111    1111 1111 1111", "4111    1111 1111 1111"),
    // What follows a number in groups may look like one more of them.
    ("4111 1111 1111 1111 12/28", "**** **** **** 1111 12/28"),
    ("4111 1111 1111 1111 0017", "**** **** **** 1111 0017"),
    ("3782 822463 10005 042", "**** ****** *0005 042"),
    ("1234 4111 1111 1111 1111", "1234 **** **** **** 1111"),
    // The last four may begin another number by chance; they stay, whoever reads on from them sees no card number.
    ("4111111111111111 2024 1216", "************1111 2024 1216"),
    ("4111111111111111=25121010000012345678\nnext", "************1111*********************\nnext"),
    ("4111111111111112", "4111111111111112"),
    ("Receipt 0042 29001006 17.08.2026", "Receipt 0042 29001006 17.08.2026"),
    ("12345678901234567890123", "*******************0123"),
    ("Amount 12.50 EUR", "Amount 12.50 EUR"),
    ("", ""),
  ])
  func withholdsNumbersInTexts(text: String, shown: String) {
    var bytes = Array(text.utf8)
    MaskedPAN.withhold(in: &bytes)
    #expect(String(decoding: bytes, as: UTF8.self) == shown)
  }
}

@Suite struct ZVTCharacterSetTests {
  /// specs/terminals.md §2.11, §4.2: the same letters in five encodings.
  @Test(arguments: [
    (ZVTCharacterSet.cp437, "84 20 94 20 81 20 E1"),
    (.iso8859(1), "E4 20 F6 20 FC 20 DF"),
    (.iso8859(2), "E4 20 F6 20 FC 20 DF"),
    (.iso8859(15), "E4 20 F6 20 FC 20 DF"),
    (.sevenBit, "7B 20 7C 20 7D 20 7E"),
    (.utf8, "C3 A4 20 C3 B6 20 C3 BC 20 C3 9F"),
  ])
  func readsGerman(set: ZVTCharacterSet, text: String) {
    let bytes = hex(text)
    #expect(String(decoding: set.utf8(bytes.span), as: UTF8.self) == "ä ö ü ß")
  }

  /// Words whose letters are beyond part 1, as Python's codecs write them.
  @Test(arguments: [
    (UInt8(2), "50 B3 61 74 6E 6F B6 E6", "Płatność"), (3, "A9 FE BC", "İŝĵ"), (4, "E0 BA E6", "āēæ"),
    (5, "BE DF DB D0 E2 D0", "Оплата"), (6, "CF E1 D9", "دفع"), (7, "D0 EB E7 F1 F9 EC DE", "Πληρωμή"),
    (8, "FA F9 EC E5 ED", "תשלום"), (9, "D6 64 65 6D E5 20 FD FE", "Ödemå ış"), (10, "A9 E8", "Đč"),
    (11, "AA D3 D0", "ชำะ"), (13, "D0 E0", "Šą"), (14, "E8 D0", "èŴ"), (15, "A4 A6 BE", "€ŠŸ"),
    (16, "AA DE A4", "\u{218}\u{21A}€"),
  ])
  func readsEachPart(part: UInt8, text: String, words: String) {
    let bytes = hex(text)
    #expect(String(decoding: ZVTCharacterSet.iso8859(part).utf8(bytes.span), as: UTF8.self) == words)
  }

  @Test func hasNoCharacterWhereAPartHasNone() {
    for (part, byte) in [(UInt8(3), UInt8(0xA5)), (7, 0xFF), (8, 0xBF), (11, 0xDB), (12, 0xE4), (1, 0x85)] {
      let bytes = [byte]
      #expect(ZVTCharacterSet.iso8859(part).utf8(bytes.span) == Array("\u{FFFD}".utf8))
    }
  }

  @Test func readsEveryByteAsValidUTF8() {
    let sets: [ZVTCharacterSet] = [.sevenBit, .cp437, .utf8] + (1...16).map { .iso8859($0) }
    for set in sets {
      for first in 1...255 {
        for second in [0x41, 0x80, 0xBF, 0xFF] as [UInt8] {
          let bytes = [UInt8(first), second]
          let text = set.utf8(bytes.span)
          #expect(String(validating: text, as: UTF8.self) != nil)
        }
      }
    }
  }

  @Test func replacesMalformedUTF8() {
    for text in ["C0 80", "E0 80 80", "ED A0 80", "F0 80 80 80", "F4 90 80 80", "C3", "FF"] {
      let bytes = hex(text)
      let read = String(decoding: ZVTCharacterSet.utf8.utf8(bytes.span), as: UTF8.self)
      #expect(read.unicodeScalars.allSatisfy { $0 == "\u{FFFD}" })
    }
    let euro = hex("E2 82 AC F0 9F 98 80")
    #expect(String(decoding: ZVTCharacterSet.utf8.utf8(euro.span), as: UTF8.self) == "€😀")
  }

  @Test func endsAtANullAndDropsControls() {
    let bytes = hex("41 0A 42 1B 43 00 44")
    #expect(ZVTCharacterSet.cp437.utf8(bytes.span) == Array("A\nBC".utf8))
  }

  @Test(arguments: [
    (UInt8(0x00), ZVTCharacterSet.sevenBit), (0x02, .iso8859(2)), (0xFE, .utf8), (0xFF, .cp437),
    (0x55, .cp437),
  ])
  func namesSets(tag: UInt8, set: ZVTCharacterSet) {
    #expect(ZVTCharacterSet(tag14: tag) == set)
  }
}
