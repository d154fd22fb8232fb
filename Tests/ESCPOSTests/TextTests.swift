import ESCPOS
import Foundation
import POSBarcode
import POSDoubleByte
import POSWire
import Testing

@Suite("Characters on printers")
struct TextTests {
  static let epson = CodePageSet([
    .init(.pc437, 0), .init(.pc858, 19), .init(.windows1252, 16), .init(.pc866, 17), .init(.pc737, 14),
    .init(.iso8859Part7, 15), .init(.katakana, 1), .init(.pc852, 18),
  ])

  static func sent(_ text: String, _ pages: CodePageSet, drawing: ESCPOSEncoder.GlyphDrawing? = nil)
    -> [UInt8]
  {
    var encoder = ESCPOSEncoder(codePages: pages)
    encoder.initialize()
    let start = encoder.bytes.count
    encoder.text(text.unicodeScalars, drawing: drawing)
    return Array(encoder.bytes[start...])
  }

  static func read(_ bytes: [UInt8], _ pages: CodePageSet) -> (text: String, complaints: Int) {
    var printer = ESCPOSInterpreter(PrinterGeometry(width: 2000, dotsPerInch: 203, codePages: pages))
    printer.feed((bytes + [0x0A]).span)
    return (
      printer.page.lines.map { String(String.UnicodeScalarView($0)) }.joined(separator: "\n"),
      printer.page.complaints.count
    )
  }

  static func switches(_ bytes: [UInt8]) -> [UInt8] {
    bytes.indices.filter { bytes[$0] == 0x1B && $0 + 2 < bytes.count && bytes[$0 + 1] == 0x74 }.map {
      bytes[$0 + 2]
    }
  }

  @Test("every character of every page goes there and back", arguments: CodePage.allCases)
  func pages(page: CodePage) {
    for byte in UInt8(0x80)...0xFF {
      let scalar = page.scalar(byte)
      guard scalar != "\u{FFFD}" else { continue }
      // A page may hold a character twice; the byte found must print the same.
      #expect(page.byte(for: scalar).map { page.scalar($0) } == scalar)
    }
    #expect(page.byte(for: "\u{7F}") == nil && page.byte(for: "\u{FFFD}") == nil)
    #expect(page.byte(for: "A") == 0x41)
  }

  @Test("some bytes of the pages, as their makers define them")
  func known() {
    #expect(CodePage.pc858.scalar(0xD5) == "€" && CodePage.windows1252.scalar(0x80) == "€")
    #expect(CodePage.pc866.scalar(0x80) == "А" && CodePage.windows1251.scalar(0xC0) == "А")
    #expect(CodePage.pc737.scalar(0x80) == "Α" && CodePage.katakana.scalar(0xB1) == "ｱ")
    #expect(CodePage.pc852.scalar(0xA4) == "Ą" && CodePage.iso8859Part15.scalar(0xA4) == "€")
    #expect(CodePage.pc874.scalar(0xA1) == "ก" && CodePage.windows1256.scalar(0xC8) == "ب")
  }

  @Test("changes pages as rarely as can be")
  func fewest() {
    #expect(Self.switches(Self.sent("Crème brûlée", Self.epson)) == [])
    #expect(Self.switches(Self.sent("9 € crème", Self.epson)) == [19])
    #expect(Self.switches(Self.sent("Привет, мир", Self.epson)) == [17])
    // é is on the page selected, the Cyrillic word needs one change, the euro and ø stand on one page.
    #expect(Self.switches(Self.sent("é Привет € ø é", Self.epson)) == [17, 19])
    #expect(Self.read(Self.sent("é Привет € ø é", Self.epson), Self.epson) == ("é Привет € ø é", 0))
  }

  @Test("the euro comes from page 858 or 1252, never from 8859-7 (§1.4 B5)")
  func euro() {
    for text in ["€", "5 €", "€ Ελλάδα"] {
      let pages = Self.switches(Self.sent(text, Self.epson))
      #expect(pages.first == 19)
      #expect(CodePage.iso8859Part7.byte(for: "€") == nil)
    }
    var noted = Self.epson
    noted.slots.removeAll { $0.page == .pc858 }
    #expect(Self.switches(Self.sent("€", noted)) == [16])
  }

  @Test("the euro on a printer that nobody knows is spelt or drawn, never another sign")
  func unknownClone() {
    let clone = CodePageSet([.init(.pc437, 0)])
    #expect(Self.sent("9 €", clone) == Array("9 EUR".utf8))
    var dots = Bitmap(width: 12, height: 24)
    dots.fill(x: 2, y: 2, width: 6, height: 20)
    let bytes = Self.sent("9 € 1", clone) { $0 == "€" ? dots : nil }
    #expect(Array(bytes.prefix(7)) == Array("9 ".utf8) + hex("1B 2A 21 0C 00"))
    var printer = ESCPOSInterpreter(PrinterGeometry(width: 576, dotsPerInch: 203, codePages: clone))
    printer.feed((bytes + [0x0A]).span)
    let placed = printer.page.items.compactMap { if case .bitmap(let placed) = $0 { placed } else { nil } }
    #expect(placed.map(\.bitmap) == [dots])
    #expect(placed.map(\.x) == [24])
    #expect(printer.page.complaints.isEmpty)
    // Dots do not grow with the characters: then it is spelt.
    var encoder = ESCPOSEncoder(codePages: clone)
    encoder.initialize()
    var tall = ESCPOSEncoder.TextStyle()
    tall.height = 2
    encoder.select(tall)
    encoder.text("€".unicodeScalars) { _ in dots }
    #expect(Array(encoder.bytes.suffix(3)) == Array("EUR".utf8))
  }

  @Test("a missing character is normalised, found elsewhere, or transliterated, in this order")
  func fallback() {
    #expect(Self.read(Self.sent("e\u{301} n\u{303}", Self.epson), Self.epson).text == "é ñ")
    #expect(Self.read(Self.sent("ＡＢ１ ﬁ", Self.epson), Self.epson).text == "AB1 fi")
    #expect(Self.read(Self.sent("“Ž” – ☃", CodePageSet([.init(.pc437, 0)])), Self.epson).text == "\"Z\" - ?")
    // Drawing comes last, but for money, and never for what has no dots.
    var asked: [Unicode.Scalar] = []
    _ = Self.sent("\u{200B}\u{A0}Ž€☃", CodePageSet([.init(.pc437, 0)])) { scalar in
      asked.append(scalar)
      return nil
    }
    #expect(asked == ["€", "☃"])
  }

  @Test("a letter in several code points is the page's letter, or the letter without what no page has")
  func marks() {
    let pages: [(String, CodePageSet)] = [
      ("Łódź, Ćma, Ąę, Žižkov, ĀēĢģ", CodePageSet([.init(.windows1250, 0), .init(.windows1257, 1)])),
      ("Чай, Ёлка, Її, Ў", CodePageSet([.init(.windows1251, 0)])),
      ("Άλφα, ΐ, Ϊ, ώ, ΰ", CodePageSet([.init(.windows1253, 0)])),
      ("آأؤئإ", CodePageSet([.init(.windows1256, 0)])),
      ("が ぱ ガ パ ヴ Йё", CodePageSet([], doubleByte: .shiftJIS)), ("ǎ ǚ ń", CodePageSet([], doubleByte: .gbk)),
    ]
    for (text, set) in pages {
      let whole = Array(text.unicodeScalars)
      #expect(set.printable(whole) == whole, "\(text)")
      let apart = Array(text.decomposedStringWithCanonicalMapping.unicodeScalars)
      #expect(apart.count > whole.count)
      #expect(set.printable(apart) == whole, "\(text)")
      #expect(set.printable(whole) == set.printable(set.printable(apart)))
    }
    #expect(
      CodePageSet([.init(.pc437, 0)]).printable(Array("c\u{30C}a\u{30C}".unicodeScalars)) == ["c", "a"])
  }

  @Test("marks, joiners and soft hyphens vanish though a page holds them: printers give them a cell")
  func marksOnPages() {
    let pages = CodePageSet([
      .init(.pc858, 19), .init(.pc866, 17), .init(.windows1255, 49), .init(.windows1256, 50),
      .init(.windows1258, 52),
    ])
    let rows = [
      ("за\u{301}мок", "замок"), ("abc\u{200E}", "abc"), ("Donau\u{AD}dampf", "Donaudampf"),
      ("ب\u{200C}ت", "بت"),
      ("x\u{323}", "x"), ("\u{301}x", "x"),
    ]
    for (text, wanted) in rows {
      let printed = pages.printable(Array(text.unicodeScalars))
      #expect(printed == Array(wanted.unicodeScalars))
      #expect(Self.read(Self.sent(text, pages), pages).text == wanted)
      #expect(printed.allSatisfy { pages.cells($0) == 1 })
    }
    // Thai marks stand over their letters on the printers that have them.
    #expect(CodePageSet([.init(.pc874, 0)]).printable(["ก", "\u{E34}"]) == ["ก", "\u{E34}"])
  }

  @Test("a letter that no page has is its page's older form, or loses its marks, however it was written")
  func accents() {
    let plain = CodePageSet([.init(.pc437, 0)])
    func pages(_ set: CodePageSet, _ text: String) -> String {
      String(String.UnicodeScalarView(set.printable(Array(text.unicodeScalars))))
    }
    let rows: [(CodePageSet, String, String)] = [
      (plain, "Brașov, Constanța, ȘȚ", "Brasov, Constanta, ST"),
      (plain, "Phở, ĐA NẴNG, Ủ", "Pho, DA NANG, U"),
      (plain, "Tết, phố", "Têt, phô"), (plain, "Lǐ Ǘ ǚ", "Li Ü ü"), (plain, "Ẁŵ Ḃḃ Ṫ", "Ww Bb T"),
      (CodePageSet([.init(.pc852, 18)]), "Brașov, Țara", "Braşov, Ţara"),
    ]
    for (pages, text, wanted) in rows {
      for form in [text.precomposedStringWithCanonicalMapping, text.decomposedStringWithCanonicalMapping] {
        let printed = pages.printable(Array(form.unicodeScalars))
        #expect(String(String.UnicodeScalarView(printed)) == wanted)
      }
    }
    #expect(
      pages(plain, "ậẬ") == "âA" && pages(CodePageSet([]), "Ậ") == "A" && pages(CodePageSet([]), "ǚ") == "u")
    #expect(pages(plain, "ΰ Ж") == "? ?")
    // Whoever draws all letters draws the right one.
    #expect(plain.drawable(["s", "\u{326}"]) { $0 == "ș" } == ["ș"])
    // Whoever can draw such a letter keeps its marks.
    for text in ["Phở", "ά", "ǚ"] {
      let whole = Array(text.unicodeScalars)
      #expect(plain.printable(whole) { $0.value > 0x17F } == whole)
      #expect(plain.printable(whole) != whole)
    }
  }

  @Test("text for a picture keeps all that can be drawn, whatever the pages hold")
  func drawable() {
    let pages = CodePageSet([.init(.pc437, 0)])
    let text = Array("“Ž” e\u{301} € ☃ ä\u{7}".unicodeScalars)
    #expect(String(String.UnicodeScalarView(pages.drawable(text) { $0 != "☃" })) == "“Ž” é € ? ä?")
    #expect(String(String.UnicodeScalarView(pages.drawable(text) { _ in false })) == "\"Z\" e EUR ? a?")
  }

  @Test("what joins, stacks or runs from the right is not drawn character by character")
  func standsAlone() {
    for scalar in "aé€Ж日☃฿₪".unicodeScalars { #expect(CellWidth.standsAlone(scalar), "\(scalar)") }
    for scalar in "אبกि\u{301}\u{200D}".unicodeScalars { #expect(!CellWidth.standsAlone(scalar), "\(scalar)") }
  }

  @Test(
    "East Asian text goes in pairs, each printer's own (§1.4 B4: Japanese is not Chinese)",
    arguments: [
      (DoubleByteCharacters.shiftJIS, "日本語テスト、領収書", "93 FA"), (.gbk, "中文收据，谢谢", "D6 D0"),
      (.big5, "中文收據，謝謝", "A4 A4"), (.ksX1001, "영수증 감사합니다", "BF B5"),
    ])
  func doubleByte(set: DoubleByteCharacters, text: String, first: String) {
    let pages = CodePageSet(Self.epson.slots, doubleByte: set)
    let bytes = Self.sent(text, pages)
    let start = set.set == .shiftJIS ? hex("1C 26 1C 43 01") : hex("1C 26")
    #expect(bytes.starts(with: start + hex(first)))
    #expect(Self.read(bytes, pages) == (text, 0))
    // Accented letters between need the mode off, once each way.
    let mixed = "ñ \(text) ñ"
    let both = Self.sent(mixed, pages)
    #expect(Self.read(both, pages) == (mixed, 0))
    #expect(both.count { $0 == 0x1C } == (set.set == .shiftJIS ? 3 : 2))
  }

  @Test("what a page holds is never a pair, which is twice as wide, and pages change as rarely as can be")
  func pagesBeforePairs() {
    let pages = CodePageSet(Self.epson.slots, doubleByte: .gbk)
    let bytes = Self.sent("€ 中 ø 文Ж─é", pages)
    #expect(Self.read(bytes, pages) == ("€ 中 ø 文Ж─é", 0))
    // The pairs between do not matter: one page for the euro and ø, one for Ж and the line, and the first one for é.
    #expect(Self.switches(bytes) == [19, 17, 0])
    #expect(bytes.count { $0 == 0x1C } == 4)
    for scalar in "aéøЖΩ─·×ｱ".unicodeScalars { #expect(pages.cells(scalar) == 1, "\(scalar)") }
    for scalar in "中，※".unicodeScalars { #expect(pages.cells(scalar) == 2, "\(scalar)") }
    // With one page less the same characters are pairs.
    let bare = CodePageSet([.init(.pc437, 0)], doubleByte: .gbk)
    for scalar in "aéΩ─·".unicodeScalars { #expect(bare.cells(scalar) == 1, "\(scalar)") }
    for scalar in "“”…※×ЖΨ中".unicodeScalars { #expect(bare.cells(scalar) == 2, "\(scalar)") }
    let wrapped = TextWrap.lines(of: Array("“a” “b”".unicodeScalars), width: 9) { bare.cells($0) }
    #expect(wrapped.map { String(String.UnicodeScalarView($0)) } == ["“a”", "“b”"])
  }

  @Test("every pair of every set goes there and back", arguments: DoubleByteSet.allCases)
  func pairs(set: DoubleByteSet) {
    let characters = DoubleByteCharacters.of(set)
    var count = 0
    for pair in UInt16(0x8140)...0xFEFE {
      guard let scalar = characters.scalar(pair) else { continue }
      count += 1
      let isRight =
        set.isLead(UInt8(pair >> 8))
        && characters.pair(for: scalar).flatMap { characters.scalar($0) } == scalar
      if !isRight { Issue.record("\(pair) is \(scalar), which is another pair") }
    }
    // JIS X 0208 has 6879 characters, GBK 21886 less its private ones, Big5 13053 and more, KS X 1001 8227.
    let expected = [
      DoubleByteSet.shiftJIS: 6800...6900, .gbk: 21_000...22_000, .big5: 13_000...13_800,
      .ksX1001: 8200...8300,
    ]
    #expect(expected[set]?.contains(count) == true, "\(count)")
    #expect(characters.pair(for: "A") == nil && characters.scalar(0x2141) == nil)
  }

  @Test("wide characters take two cells, on the paper and in the lines")
  func width() {
    #expect(CellWidth.cells("日本 a".unicodeScalars) == 6)
    #expect(CellWidth.cells("e\u{301}".unicodeScalars) == 1)
    func lines(_ text: String, _ width: Int) -> [String] {
      TextWrap.lines(of: Array(text.unicodeScalars), width: width).map {
        String(String.UnicodeScalarView($0))
      }
    }
    #expect(lines("日本語の領収書です。", 8) == ["日本語の", "領収書で", "す。"])
    #expect(lines("ab 日本 cd", 7) == ["ab 日本", "cd"])
    #expect(lines("漢", 1) == ["漢"])
    #expect(lines("one two three", 7) == ["one two", "three"])
    #expect(lines("", 7) == [""])
    for width in 1...12 {
      for line in lines("ab 日本語 cdefghij 한국어 x", width) {
        #expect(CellWidth.cells(line.unicodeScalars) <= max(2, width))
      }
    }
    let pages = CodePageSet(Self.epson.slots, doubleByte: .gbk)
    var printer = ESCPOSInterpreter(PrinterGeometry(width: 576, dotsPerInch: 203, codePages: pages))
    printer.feed((Self.sent("中a", pages) + [0x0A]).span)
    let runs = printer.page.items.compactMap { if case .text(let run) = $0 { run } else { nil } }
    #expect(runs.map(\.x) == [0, 24] && runs.map(\.width) == [24, 12])
  }

  @Test("tables keep their columns, each wrapped on its own")
  func tables() {
    let table = TextTable([.init(), .init(width: 3, alignment: .right), .init(width: 6, alignment: .right)])
    func lines(_ cells: [String], _ width: Int) -> [String]? {
      table.lines(cells.map { Array($0.unicodeScalars) }, width: width)?.map {
        String(String.UnicodeScalarView($0))
      }
    }
    #expect(lines(["Tea", "2", "4.00"], 20) == ["Tea         2   4.00"])
    #expect(lines(["Burger with cheese", "1", "12.00"], 20) == ["Burger      1  12.00", "with", "cheese"])
    #expect(lines(["日本茶", "2", "4.00"], 20) == ["日本茶      2   4.00"])
    #expect(lines(["x"], 11) == nil)
    // A character wider than its column would move all that follows.
    #expect(lines(["茶", "2", "4.00"], 12) == nil)
    #expect(lines(["茶", "2", "4.00"], 13) == ["茶   2   4.00"])
    #expect(TextTable([.init(), .init()]).widths(in: 10) == [5, 4])
  }

  @Test("ESC R changes the punctuation that the country changes (§2.8)")
  func international() {
    let bytes = hex("1B 52 02") + Array("[\\]{|}~ a".utf8)
    #expect(Self.read(bytes, Self.epson) == ("ÄÖÜäöüß a", 0))
    #expect(Self.read(hex("1B 52 03") + Array("#1".utf8), Self.epson).text == "£1")
    #expect(Self.read(hex("1B 52 02 1B 40") + Array("[".utf8), Self.epson).text == "[")
    // The printers' newest are taken as they are, what no printer has is not.
    for country in UInt8(0)...0x60 {
      let isKnown = country <= 17 || (66...75).contains(country) || country == 82
      #expect(Self.read([0x1B, 0x52, country], Self.epson).complaints == (isKnown ? 0 : 1), "\(country)")
    }
    #expect(Self.read(hex("1B 52 42") + Array("[#".utf8), Self.epson).text == "[#")
  }
}
