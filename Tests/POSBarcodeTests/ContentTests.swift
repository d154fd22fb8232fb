import POSBarcode
import POSWire
import TestSupport
import Testing

@Suite("What codes hold")
struct ContentTests {
  private static func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

  // MARK: Retail

  @Test(
    "UPC-E of 6, 7 and 8 digits expands by each of its four rules",
    arguments: [
      ("01234505", "012000003455"), ("01234531", "012300000451"), ("01234543", "012340000053"),
      ("01234558", "012345000058"), ("04252614", "042100005264"), ("0123450", "012000003455"),
      ("425261", "042100005264"), ("4252614", "042100005264"),
    ])
  func upcE(_ digits: String, _ expanded: String) throws {
    let code = try #require(RetailCode(symbology: .upcE, digits: Array(digits.utf8)))
    #expect(Self.text(code.upcA) == expanded && Self.text(code.gtin14) == "00" + expanded)
    #expect(CheckDigit.isValid(Array(expanded.utf8)))
    #expect(code.digits == Array(digits.utf8))
  }

  @Test(
    "digits, lengths and add-ons",
    arguments: [
      (.ean13, "4006381333931", "4006381333931", ""), (.ean13, "977147396801205", "9771473968012", "05"),
      (.ean13, "978014300723451299", "9780143007234", "51299"),
      (.upcA, "03600029145212", "036000291452", "12"),
      (.ean8, "4017072505", "40170725", "05"), (.upcE, "0425261405", "04252614", "05"),
    ] as [(Symbology, String, String, String)])
  func addOns(_ symbology: Symbology, _ data: String, _ digits: String, _ addOn: String) throws {
    let code = try #require(RetailCode(symbology: symbology, digits: Array(data.utf8)))
    #expect(Self.text(code.digits) == digits && Self.text(code.addOn) == addOn)
  }

  @Test("eight digits without an identifier are both or either, never guessed")
  func ambiguous() throws {
    let both = try #require(RetailCode(symbology: .unknown, digits: Array("01234565".utf8)))
    #expect(both.kind == .ambiguous8 && both.gtin14 == nil && both.hasValidCheckDigit == nil)
    #expect(both.readings == [.ean8, .upcE])
    let ean = try #require(RetailCode(symbology: .unknown, digits: Array("96385074".utf8)))
    #expect(ean.readings == [.ean8])
    let neither = try #require(RetailCode(symbology: .unknown, digits: Array("96385075".utf8)))
    #expect(neither.readings.isEmpty)
  }

  @Test(
    "seven digits of a UPC-E that are six and a check digit as well are both, never guessed",
    arguments: ["1234565", "0425261"])
  func ambiguousUPCE(_ digits: String) throws {
    let code = try #require(RetailCode(symbology: .upcE, digits: Array(digits.utf8)))
    #expect(code.kind == .ambiguous7 && code.gtin14 == nil && code.upcA == nil)
    #expect(code.hasValidCheckDigit == nil && code.readings == [.upcE, .upcE])
  }

  @Test("seven digits of a UPC-E without a number system are six and the check digit that fits")
  func withoutNumberSystem() throws {
    let code = try #require(RetailCode(symbology: .upcE, digits: Array("4252614".utf8)))
    #expect(code.kind == .upcE && code.hasValidCheckDigit == true)
    #expect(RetailCode.upcE(numberSystem: 1, digits: Array("123456".utf8)) == Array("11234562".utf8))
    #expect(RetailCode.upcE(numberSystem: 2, digits: Array("123456".utf8)) == nil)
    #expect(RetailCode.upcE(numberSystem: 0, digits: Array("12345X".utf8)) == nil)
  }

  @Test(
    "what is no retail code",
    arguments: [
      (.ean13, "40063813339"), (.ean8, "4017072X"), (.qr, "4006381333931"),
      (.upcE, "24252614"), (.upcE, "4252615"), (.unknown, ""),
    ] as [(Symbology, String)])
  func refused(_ symbology: Symbology, _ digits: String) {
    #expect(RetailCode(symbology: symbology, digits: Array(digits.utf8)) == nil)
  }

  @Test("books, periodicals, Japanese books, store codes")
  func meanings() throws {
    func meaning(_ digits: String, _ symbology: Symbology = .ean13) -> RetailCode.Meaning? {
      RetailCode(symbology: symbology, digits: Array(digits.utf8))?.meaning
    }
    #expect(meaning("9780306406157") == .book(isbn10: Array("0306406152".utf8)))
    #expect(meaning("9780804429573") == .book(isbn10: Array("080442957X".utf8)))
    #expect(meaning("9791090636071") == .book(isbn10: nil))
    #expect(meaning("9790060115615") == .article)
    #expect(meaning("9771473968012") == .periodical(issn: Array("14739682".utf8)))
    #expect(meaning("9770317847001") == .periodical(issn: Array("03178471".utf8)))
    #expect(meaning("1920097012507") == .japaneseBookPrice(classification: Array("0097".utf8), yen: 1250))
    #expect(meaning("2012345004505") == .storeDefined && meaning("0212345678901") == .storeDefined)
    #expect(meaning("4006381333931") == .article)
    #expect(meaning("212345678909", .upcA) == .storeDefined)
  }

  // MARK: UnifiedPOS

  @Test("every ScanDataType names a symbology that names it back")
  func uposRoundTrip() throws {
    var known = 0
    for number in UInt16(0)...600 {
      guard let type = UPOSScanDataType(rawValue: number) else { continue }
      known += 1
      if type.symbology == .other { continue }
      let isChecked = number == 133 || number == 137
      #expect(
        UPOSScanDataType(type.symbology, hasAddOn: type.hasAddOn, isCheckDigitSent: isChecked).rawValue
          == number)
    }
    #expect(known == 71)
  }

  @Test("a scan's ScanDataType from all its evidence")
  func uposFromScan() {
    func type(_ aim: String, _ symbology: Symbology, _ length: Int) -> UInt16 {
      let bytes = Array(aim.utf8)
      return UPOSScanDataType(
        aim: bytes.isEmpty ? nil : AIMIdentifier(code: bytes[0], modifier: bytes[1]), symbology: symbology,
        dataLength: length
      ).rawValue
    }
    #expect(type("E3", .ean13, 15) == 119 && type("E0", .ean13, 13) == 104 && type("", .upcA, 14) == 111)
    #expect(
      type("I1", .interleaved2of5, 14) == 133 && type("A1", .code39, 5) == 137
        && type("A0", .code39, 5) == 108)
    #expect(type("", .gridMatrix, 5) == 501 && type("", .unknown, 5) == 0)
  }

  // MARK: ECI

  @Test("backslashes are undone and character sets switched")
  func eci() {
    let content = ECIContent(Array("a\\\\b\\000026".utf8) + [0xC3, 0xA9] + Array("\\000007".utf8) + [0xB0])
    #expect(content.segments.map(\.number) == [3, 26, 7])
    #expect(content.segments.map(\.bytes) == [Array("a\\b".utf8), [0xC3, 0xA9], [0xB0]])
    #expect(Self.text(content.utf8) == "a\\bé\u{410}" && content.strayEscape == nil)
    let stray = ECIContent(Array("a\\x\\12345".utf8))
    #expect(stray.strayEscape == 1 && stray.bytes == Array("a\\x\\12345".utf8))
    #expect(ECIContent(Array("\\000020".utf8) + [0x82, 0xA0]).utf8 == nil)
    #expect(ECIContent(Array("\\000020".utf8) + [0x82, 0xA0]).bytes == [0x82, 0xA0])
  }

  @Test("character sets as their ECIs")
  func characterSets() {
    for (eci, bytes, expected) in [
      (1, [0xE9], "é"), (4, [0xE8], "č"), (17, [0xA4], "€"), (23, [0x80], "€"), (22, [0xC0], "А"),
      (21, [0x9A], "š"), (2, [0x80], "Ç"), (25, [0xD8, 0x3D, 0xDE, 0x00], "😀"),
      (26, [0xE2, 0x82, 0xAC], "€"),
      (27, [0x41], "A"), (25, [0xD8, 0x3D], nil), (26, [0xC0, 0x80], nil), (26, [0xED, 0xA0, 0x80], nil),
      (27, [0x80], nil), (23, [0x81], nil),
    ] as [(Int, [UInt8], String?)] {
      #expect(Self.text(CharacterSet(eci: eci)?.utf8(bytes)) == expected, "ECI \(eci)")
    }
    #expect(CharacterSet(eci: 20) == nil && CharacterSet(eci: 14) == nil && CharacterSet(eci: 899) == nil)
    #expect(CharacterSet.guess([0xE9]).set == .latin1 && CharacterSet.guess([0xC3, 0xA9]).set == .utf8)
  }

  @Test("UTF-8 is judged as the standard library does")
  func utf8() {
    var generator = SeededGenerator(seed: 21)
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
        UInt8.random(in: Bool.random(using: &generator) ? 0x80...0xFF : 0...0xFF, using: &generator)
      }
      #expect(
        (CharacterSet.utf8.utf8(bytes) != nil) == (String(validating: bytes, as: UTF8.self) != nil),
        "\(bytes)")
    }
  }

  @Test("which identifiers announce GS1 and which ECI")
  func modifiers() {
    func aim(_ text: String) -> AIMIdentifier? {
      AIMIdentifier(code: Array(text.utf8)[0], modifier: Array(text.utf8)[1])
    }
    for text in ["C1", "e0", "d2", "d5", "Q3", "Q4", "z1", "J1"] {
      #expect(aim(text)?.isGS1 == true, "\(text)")
    }
    for text in ["C0", "d1", "Q1", "z0", "E0"] { #expect(aim(text)?.isGS1 == false, "\(text)") }
    for text in ["Q2", "Q4", "d4", "d5", "L1", "z3", "U2", "h1"] {
      #expect(aim(text)?.usesECI == true, "\(text)")
    }
    for text in ["Q1", "Q3", "d2", "L0", "C1"] { #expect(aim(text)?.usesECI == false, "\(text)") }
  }
}

@Suite("GS1")
struct GS1Tests {
  private static func parse(_ text: String) -> GS1ElementString {
    let bytes = text.utf8.map { $0 == UInt8(ascii: "|") ? 0x1D : $0 }
    return GS1ElementString(bytes.span)
  }

  private static func pairs(_ message: GS1ElementString) -> [String] {
    message.elements.map { "\($0.identifier.number)=\(String(decoding: $0.value, as: UTF8.self))" }
  }

  @Test(
    "element strings with and without separators",
    arguments: [
      ("01095011015300031725123110ABC123", ["1=09501101530003", "17=251231", "10=ABC123"]),
      ("|0109501101530003|10ABC|21X1", ["1=09501101530003", "10=ABC", "21=X1"]),
      ("10ABC|||0109501101530003|", ["10=ABC", "1=09501101530003"]),
      ("00106141411234567897", ["0=106141411234567897"]),
      ("01095011015300033103000195", ["1=09501101530003", "3103=000195"]),
      ("8008210305120530|37012", ["8008=210305120530", "37=012"]), ("91internal", ["91=internal"]),
      ("25599995010000059|39001234", ["255=9999501000005" + "9", "3900=1234"]),
    ] as [(String, [String])])
  func elements(_ text: String, _ expected: [String]) {
    let message = Self.parse(text)
    #expect(Self.pairs(message) == expected && message.rest.isEmpty)
  }

  @Test(
    "broken rules, by reason and offset",
    arguments: [
      ("0109501101530004", .checksum, 2), ("17251331", .value, 2), ("17250230", .value, 2),
      ("11240229", nil, 0),
      ("17250200", nil, 0), ("4326250200", .value, 4), ("10", .truncated, 2), ("21ABC#é", .value, 6),
      ("0109501101", .truncated, 10), ("0519", .unsupported, 0), ("ABC", .unsupported, 0),
      ("30123456789", .lengthOverLimit, 10), ("4300%zz", .value, 4), ("4300A%2BB", nil, 0),
      ("10A|10B", .value, 6), ("10A|10A", nil, 0), ("0109501101530003" + "37" + "5", .value, 18),
      ("8006" + "09501101530003" + "0301", .value, 18), ("8007DE89370400440532013000", nil, 0),
      ("8007DE88370400440532013000", .checksum, 4), ("4330012345-", nil, 0), ("4330012345x", .value, 10),
      ("8010a", .value, 4), ("801112", nil, 0), ("801102", .value, 4),
    ] as [(String, WireError.Reason?, Int)])
  func findings(_ text: String, _ reason: WireError.Reason?, _ offset: Int) {
    let findings = Self.parse(text).findings
    if let reason {
      #expect(findings.first == WireError(reason, at: offset, field: ""), "\(findings)")
    } else {
      #expect(findings.isEmpty, "\(findings)")
    }
  }

  @Test("a code that says the same thing over and over has no more findings than elements")
  func repeatedElements() {
    // 7080 digits, as many as a QR code holds: 1770 product variants.
    let message = Self.parse((0..<1770).map { "20\($0 / 10 % 10)\($0 % 10)" }.joined())
    #expect(message.elements.count == 1770 && message.rest.isEmpty)
    // All but those that say what the first one says.
    #expect(message.findings.count == 1770 - 18)
    #expect(message.findings.first?.offset == 6)
    // Two identifiers that exclude each other are named once, however often they stand there.
    let excluding = Self.parse(String(repeating: "0109501101530003375|", count: 3))
    #expect(excluding.elements.count == 6 && excluding.findings.map(\.offset) == [18])
  }

  @Test("titles and decimals come from the table")
  func titles() throws {
    let element = try #require(Self.parse("3103000195").elements.first)
    #expect(element.identifier.title == Array("NET WEIGHT (kg)".utf8) && element.identifier.decimals == 3)
    #expect(Self.parse("10A").elements.first?.identifier.decimals == nil)
  }

  @Test("dates by GS1's window, and day zero as the end of the month")
  func dates() throws {
    let date = try #require(GS1Date(Array("240200".utf8), allowsDayZero: true))
    #expect(date.year(readIn: 2026) == 2024 && date.dayOfMonth(readIn: 2026) == 29)
    #expect(try #require(GS1Date(Array("760101".utf8), allowsDayZero: false)).year(readIn: 2026) == 2076)
    #expect(try #require(GS1Date(Array("770101".utf8), allowsDayZero: false)).year(readIn: 2026) == 1977)
    #expect(try #require(GS1Date(Array("010101".utf8), allowsDayZero: false)).year(readIn: 2060) == 2101)
    #expect(GS1Date(Array("250100".utf8), allowsDayZero: false) == nil)
  }

  @Test(
    "Digital Links on any domain",
    arguments: [
      ("https://id.gs1.org/01/09506000134352", ["1=09506000134352"]),
      (
        "https://example.com/some/path/01/9506000134352/10/ABC%2F1/21/12?17=251231&utm=x#top",
        ["1=09506000134352", "10=ABC/1", "21=12", "17=251231"]
      ),
      ("HTTP://x.y/00/106141411234567897", ["0=106141411234567897"]),
      ("https://x/8004/0950600013430000001", ["8004=0950600013430000001"]),
    ] as [(String, [String])])
  func digitalLink(_ address: String, _ expected: [String]) throws {
    let bytes = Array(address.utf8)
    let parsed = GS1DigitalLink(bytes.span)
    let link = try #require(parsed)
    #expect(Self.pairs(link.elements) == expected && link.elements.isValid)
  }

  @Test(
    "addresses that are no Digital Link",
    arguments: [
      "https://id.gs1.org/", "https://example.com/01", "https://example.com/10/ABC",
      "ftp://x/01/09506000134352",
      "https://x/01/09506000134352/21/1/10/A", "https://x/01/%zz", "https:///01/09506000134352", "", "01/1",
    ])
  func noDigitalLink(_ address: String) {
    let bytes = Array(address.utf8)
    let isLink = GS1DigitalLink(bytes.span) != nil
    #expect(!isLink)
  }

  @Test("nothing traps on any bytes, and every byte is accounted for")
  func noise() {
    var generator = SeededGenerator(seed: 22)
    let alphabet = Array("0123456789012345678901234567890123456789ABab-%".utf8) + [0x1D, 0x00, 0xFF]
    for _ in 0..<4_000 {
      let bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
        alphabet[Int.random(in: alphabet.indices, using: &generator)]
      }
      let message = GS1ElementString(bytes.span)
      let read = message.elements.reduce(0) { $0 + $1.identifier.digits + $1.value.count }
      let separators = bytes.filter { $0 == 0x1D }.count
      #expect(read + message.rest.count + separators >= bytes.count)
      #expect(message.findings.allSatisfy { $0.offset <= bytes.count })
      let address = Array("https://x/".utf8) + bytes
      _ = GS1DigitalLink(address.span)
      _ = ECIContent(bytes).utf8
    }
  }
}
