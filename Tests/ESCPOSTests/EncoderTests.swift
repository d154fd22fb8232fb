import ESCPOS
import POSBarcode
import POSWire
import TestSupport
import Testing

/// Bytes that the tables of specs/escpos.md give, section by section.
@Suite("ESC/POS encoder")
struct EncoderTests {
  static let pages = CodePageSet([.init(.pc437, 0), .init(.pc858, 19)])

  /// What `body` adds to an initialised encoder.
  static func added(
    pages: CodePageSet = pages, _ body: (inout ESCPOSEncoder) throws -> Void
  ) rethrows -> [UInt8] {
    var encoder = ESCPOSEncoder(codePages: pages)
    encoder.initialize()
    let start = encoder.bytes.count
    try body(&encoder)
    return Array(encoder.bytes[start...])
  }

  @Test("initialises with what differs between printers (§2.5, §2.8)")
  func initialize() {
    var encoder = ESCPOSEncoder(codePages: Self.pages)
    encoder.initialize()
    #expect(encoder.bytes == hex("1B 40  1B 52 00  1B 74 00"))
    #expect(Self.added { $0.cancelDoubleByte() } == hex("1C 2E"))
  }

  @Test("cuts as named: no partial cut is a full one, no full one partial (§2.8; §1.4 B2, B11, B15)")
  func cuts() {
    #expect(Self.added { $0.cut(.fullHere) } == hex("1D 56 00"))
    #expect(Self.added { $0.cut(.partialHere) } == hex("1D 56 01"))
    #expect(Self.added { $0.cut(.fullAfterFeeding(0)) } == hex("1D 56 41 00"))
    #expect(Self.added { $0.cut(.partialAfterFeeding(0)) } == hex("1D 56 42 00"))
    #expect(Self.added { $0.cut(.partialAfterFeeding(10)) } == hex("1D 56 42 0A"))
  }

  @Test("pulses the drawer within what a byte holds (§2.8)")
  func drawer() throws {
    #expect(try Self.added { try $0.drawer(pin: 2, on: 120, off: 240) } == hex("1B 70 00 3C 78"))
    #expect(try Self.added { try $0.drawer(pin: 5, on: 510, off: 510) } == hex("1B 70 01 FF FF"))
    #expect(try Self.added { try $0.drawer(pin: 2, on: 51, off: 51) } == hex("1B 70 00 1A 1A"))
  }

  @Test(
    "refuses drawer pulses it would have to bend",
    arguments: [(1, 100, 100), (2, 0, 100), (2, 511, 511), (2, 100, 50), (5, 100, 512)])
  func badDrawer(_ pin: Int, _ on: Int, _ off: Int) {
    #expect(throws: WireError.self) { try Self.added { try $0.drawer(pin: pin, on: on, off: off) } }
  }

  @Test("sends only the styles that change")
  func styles() {
    var loud = ESCPOSEncoder.TextStyle()
    loud.isBold = true
    loud.underline = 1
    loud.isInverse = true
    loud.width = 2
    loud.height = 3
    loud.font = .b
    #expect(Self.added { $0.select(ESCPOSEncoder.TextStyle()) } == [])
    #expect(
      Self.added {
        $0.select(loud)
        $0.select(loud)
      } == hex("1B 45 01  1B 2D 01  1D 42 01  1D 21 12  1B 4D 01"))
    #expect(
      Self.added {
        $0.select(loud)
        $0.select(ESCPOSEncoder.TextStyle())
      }.suffix(15) == hex("1B 45 00  1B 2D 00  1D 42 00  1D 21 00  1B 4D 00"))
    var huge = ESCPOSEncoder.TextStyle()
    huge.width = 200
    huge.height = 0
    #expect(Self.added { $0.select(huge) } == hex("1D 21 70"))
  }

  /// One switch of style, and the commands that turn it on and off.
  struct Switch: CustomTestStringConvertible, Sendable {
    var name: String
    var on: String
    var off: String
    var turn: @Sendable (inout ESCPOSEncoder.TextStyle) -> Void
    var testDescription: String { name }
  }

  static let styleSwitches: [Switch] = [
    Switch(name: "bold", on: "1B 45 01", off: "1B 45 00") { $0.isBold = true },
    Switch(name: "underline of a dot", on: "1B 2D 01", off: "1B 2D 00") { $0.underline = 1 },
    Switch(name: "underline of two dots", on: "1B 2D 02", off: "1B 2D 00") { $0.underline = 2 },
    Switch(name: "inverse", on: "1D 42 01", off: "1D 42 00") { $0.isInverse = true },
    Switch(name: "font B", on: "1B 4D 01", off: "1B 4D 00") { $0.font = .b },
    Switch(name: "font C", on: "1B 4D 02", off: "1B 4D 00") { $0.font = .c },
    Switch(name: "double strike", on: "1B 47 01", off: "1B 47 00") { $0.isDoubleStrike = true },
    Switch(name: "upside-down", on: "1B 7B 01", off: "1B 7B 00") { $0.isUpsideDown = true },
    Switch(name: "turned by 90°", on: "1B 56 01", off: "1B 56 00") { $0.isTurned = true },
    Switch(name: "smooth", on: "1D 62 01", off: "1D 62 00") { $0.isSmooth = true },
  ]

  @Test("sends a switch of style when it changes, and never otherwise (§1.1)", arguments: styleSwitches)
  func eachSwitch(row: Switch) {
    var style = ESCPOSEncoder.TextStyle()
    row.turn(&style)
    let (on, off) = (hex(row.on), hex(row.off))
    let there = Self.added {
      $0.select(style)
      $0.select(style)
    }
    #expect(there == on)
    let back = Self.added {
      $0.select(style)
      $0.select(ESCPOSEncoder.TextStyle())
      $0.select(ESCPOSEncoder.TextStyle())
    }
    #expect(back == on + off)
    // ESC @ ends it, so it is sent again.
    let again = Self.added {
      $0.select(style)
      $0.reset()
      $0.select(style)
    }
    #expect(again == on + hex("1B 40") + on)
    // Another one beside it says nothing of this one.
    for other in Self.styleSwitches where other.name != row.name {
      var both = style
      other.turn(&both)
      let added = Self.added {
        $0.select(style)
        $0.select(both)
      }
      #expect(added == on + hex(other.on), "\(other.name)")
    }
  }

  @Test("says all of a style to a printer of which nothing is known")
  func unknownStyle() {
    var encoder = ESCPOSEncoder(codePages: Self.pages)
    encoder.select(ESCPOSEncoder.TextStyle())
    #expect(
      encoder.bytes
        == hex(
          "1B 45 00  1B 2D 00  1D 42 00  1D 21 00  1B 4D 00  1B 47 00  1B 7B 00  1B 56 00  1D 62 00"))
  }

  @Test("chooses the international characters, and those of the United States for text (§2.8)")
  func international() {
    // Germany, Japan, and the last of the countries.
    for (country, command) in [(UInt8(2), "1B 52 02"), (8, "1B 52 08"), (82, "1B 52 52")] {
      #expect(Self.added { $0.internationalCharacters(country) } == hex(command))
    }
    let changes = Self.added {
      $0.internationalCharacters(0)
      $0.internationalCharacters(2)
      $0.internationalCharacters(2)
      $0.internationalCharacters(0)
    }
    #expect(changes == hex("1B 52 02  1B 52 00"))
    // A bracket of Germany's is a letter.
    let text = Self.added {
      $0.internationalCharacters(2)
      $0.text("[1]".unicodeScalars)
    }
    #expect(text == hex("1B 52 02  1B 52 00  5B 31 5D"))
    var printer = ESCPOSInterpreter(PrinterGeometry(width: 576, dotsPerInch: 203))
    printer.feed((hex("1B 52 02") + Array("[{".utf8) + [0x0A]).span)
    #expect(printer.page.lines.map { String(String.UnicodeScalarView($0)) } == ["Ää"])
  }

  @Test("aligns, spaces and feeds (§2.8)")
  func paper() {
    #expect(Self.added { $0.align(.left) } == [])
    #expect(Self.added { $0.align(.centre) } == hex("1B 61 01"))
    #expect(Self.added { $0.align(.right) } == hex("1B 61 02"))
    #expect(Self.added { $0.lineSpacing(24) } == hex("1B 33 18"))
    #expect(Self.added { $0.defaultLineSpacing() } == hex("1B 32"))
    #expect(Self.added { $0.feed(lines: 3) } == hex("1B 64 03"))
    #expect(Self.added { $0.feed(units: 300) } == hex("1B 4A FF  1B 4A 2D"))
    #expect(Self.added { $0.feed(units: 0) } == [])
    #expect(Self.added { $0.lineFeed() } == hex("0A"))
  }

  @Test("sounds the buzzer within its range (§1.3)")
  func buzzer() throws {
    #expect(try Self.added { try $0.buzzer(times: 2, length: 300) } == hex("1B 42 02 03"))
    for (times, length) in [(0, 100), (10, 100), (1, 0), (1, 150), (1, 1000)] {
      #expect(throws: WireError.self) { try Self.added { try $0.buzzer(times: times, length: length) } }
    }
  }

  @Test("asks ink, label and interface models (§2.1), and the interpreter hears it")
  func extendedStatus() {
    let questions = ESCPOSEncoder.ExtendedStatus.allCases.map { ESCPOSEncoder.realTimeStatus($0) }
    #expect(
      questions == [
        hex("10 04 07 01"), hex("10 04 07 02"), hex("10 04 08 03"), hex("10 04 12 01"), hex("10 04 12 02"),
      ])
    for question in questions {
      var printer = ESCPOSInterpreter(PrinterGeometry(width: 576, dotsPerInch: 203))
      let heard = question.compactMap { printer.feed($0) }
      #expect(heard == [.realTimeStatus(question[2], question[3])])
    }
    let flags = LabelFlags(rawValue: 0x36)
    #expect(flags.contains(.waitsForRemoval) && flags.contains(.isAtPeeler))
  }

  @Test("asks (§2.1 to §2.4)")
  func questions() throws {
    #expect(ESCPOSEncoder.realTimeStatus(.printer) == hex("10 04 01"))
    #expect(ESCPOSEncoder.realTimeStatus(.paper) == hex("10 04 04"))
    #expect(ESCPOSEncoder.paperStatus == hex("1D 72 01"))
    #expect(ESCPOSEncoder.automaticStatus(0xFF) == hex("1D 61 FF"))
    #expect(ESCPOSEncoder.identify(67) == hex("1D 49 43"))
    let id = try ESCPOSEncoder.processID(Array("A001".utf8))
    #expect(id == hex("1D 28 48 06 00 30 30 41 30 30 31"))
    #expect(throws: WireError.self) { try ESCPOSEncoder.processID([0x41, 0x42, 0x43]) }
    #expect(throws: WireError.self) { try ESCPOSEncoder.processID([0x41, 0x42, 0x43, 0x7F]) }
    #expect(throws: WireError.self) { try ESCPOSEncoder.processID([0x1F, 0x42, 0x43, 0x44]) }
  }

  @Test("draws EAN-13 natively in at most 40 bytes (§2.7, DESIGN §7)")
  func nativeEAN13() throws {
    let digits = Array("4006381333931".utf8)
    let epson = SymbolSupport(dots: 576, dotsPerInch: 203, native: .linear)
    func added(module: Int, height: Int) throws -> [UInt8] {
      let request = SymbolRequest(.ean13, data: digits, module: module, height: height)
      return try Self.added { try $0.symbol(request, on: epson, route: .native) }
    }
    let bytes = try added(module: 3, height: 162)
    #expect(
      bytes
        == hex(
          "1B 61 01  1D 68 A2  1D 77 03  1D 48 02  1D 6B 43 0D 34 30 30 36 33 38 31 33 33 33 39 33 31"))
    #expect(bytes.count <= 40)
    for (module, height) in [(1, 162), (7, 162), (3, 0), (3, 256)] {
      #expect(throws: WireError.self) { try added(module: module, height: height) }
    }
  }

  @Test("bands rasters with exact lengths (§2.6; §1.4 B1, B7)", arguments: [1, 3, 255, 960, 2303, 70_000])
  func bands(limit: Int) throws {
    for height in [1, 959, 960, 5000, 10_000] {
      var picture = Bitmap(width: 20, height: height)
      picture[0, height - 1] = true
      let bytes = try Self.added { try $0.raster(picture, bandRows: limit) }
      var offset = 0
      var rows: [UInt8] = []
      while offset < bytes.count {
        #expect(Array(bytes[offset..<(offset + 6)]) == hex("1D 76 30 00 03 00"))
        let count = Int(bytes[offset + 6]) | Int(bytes[offset + 7]) << 8
        #expect(count >= 1 && count <= limit)
        rows += bytes[(offset + 8)..<(offset + 8 + 3 * count)]
        offset += 8 + 3 * count
      }
      #expect(offset == bytes.count)
      #expect(rows == picture.bytes)
    }
  }

  /// How often the bytes start a real-time command.
  static func realTimePairs(_ bytes: [UInt8]) -> Int {
    zip(bytes, bytes.dropFirst()).filter { $0 == 0x10 && [0x04, 0x05, 0x14].contains($1) }.count
  }

  @Test("spells no real-time command in a band header (§2.10)", arguments: [0x0410, 0x0510, 0x1410])
  func headerPairs(rows: Int) throws {
    let bytes = try Self.added { try $0.raster(Bitmap(width: 8, height: rows), bandRows: 60_000) }
    #expect(Self.realTimePairs(bytes) == 0)
  }

  @Test("moves one dot where dithered dots spell a real-time command (§2.10, §1.4 B18)")
  func dithers() throws {
    var generator = SeededGenerator(seed: 18)
    var found = 0
    for _ in 0..<50 {
      // Mostly white, as the light dithers of the table in §2.10.
      let bytes = (0..<(72 * 40)).map { _ in
        [UInt8](arrayLiteral: 0x10, 0x04, 0x05, 0x14, 0x00, 0x20, 0x80).randomElement(using: &generator) ?? 0
      }
      let picture = try #require(Bitmap(width: 576, packed: bytes, height: 40))
      found += Self.realTimePairs(bytes)
      let mended = ESCPOSEncoder.separateRealTimePairs(in: picture)
      #expect(Self.realTimePairs(try Self.added { try $0.raster(mended, bandRows: 7) }) == 0)
      let moved = zip(picture.bytes, mended.bytes).filter { $0 != $1 }
      #expect(moved.count == Self.realTimePairs(bytes))
      #expect(moved.allSatisfy { $0 == 0x10 && $1 == 0x20 })
    }
    #expect(found > 1000)
    let blank = Bitmap(width: 8, height: 8)
    #expect(ESCPOSEncoder.separateRealTimePairs(in: blank) == blank)
  }

  @Test("bar codes of two dots a module and more spell none", arguments: 2...8)
  func barcodePairs(module: Int) throws {
    var generator = SeededGenerator(seed: 13)
    for _ in 0..<200 {
      let digits = (0..<12).map { _ in UInt8.random(in: 0x30...0x39, using: &generator) }
      let picture = try EAN13(ascii: digits.span).bitmap(module: module, height: 2)
      #expect(Self.realTimePairs(picture.bytes) == 0)
    }
  }
}

@Suite("Code pages")
struct CodePageTests {
  static let both = EncoderTests.pages
  static let old = CodePageSet([.init(.pc437, 0)])

  static func text(_ text: String, _ pages: CodePageSet = both) -> [UInt8] {
    EncoderTests.added(pages: pages) { $0.text(text.unicodeScalars) }
  }

  @Test("are those of IBM and Microsoft at a few known places")
  func tables() {
    #expect(CodePage.pc437.scalar(0x82) == "é")
    #expect(CodePage.pc437.scalar(0xE1) == "ß")
    #expect(CodePage.pc437.scalar(0x9B) == "¢")
    #expect(CodePage.pc850.scalar(0xD5) == "ı")
    #expect(CodePage.pc858.scalar(0xD5) == "€")
    #expect(CodePage.pc858.scalar(0x9B) == "ø")
    #expect(CodePage.windows1252.scalar(0x80) == "€")
    #expect(CodePage.windows1252.byte(for: "\u{FFFD}") == nil)
    for page in CodePage.allCases {
      for byte in UInt8(0x20)...0xFF where byte != 0x7F && page.scalar(byte) != "\u{FFFD}" {
        #expect(page.byte(for: page.scalar(byte)) == byte)
      }
      for control in (UInt8(0)..<0x20) + [0x7F] { #expect(page.byte(for: Unicode.Scalar(control)) == nil) }
    }
  }

  @Test("switch as rarely as possible")
  func switches() {
    #expect(Self.text("Crème brûlée") == hex("43 72 8A 6D 65 20 62 72 96 6C 82 65"))
    #expect(Self.text("9 €") == hex("39 20  1B 74 13  D5"))
    // é is in both pages: no way back after the euro
    #expect(Self.text("€é") == hex("1B 74 13  D5 82"))
    #expect(Self.text("€α€") == hex("1B 74 13 D5  1B 74 00 E0  1B 74 13 D5"))
  }

  @Test("never print the euro as something else")
  func euro() {
    #expect(Self.text("€", Self.old) == Array("EUR".utf8))
    #expect(Self.text("9,00 €", CodePageSet([])) == Array("9,00 EUR".utf8))
    #expect(Self.text("£¥", CodePageSet([])) == Array("GBPJPY".utf8))
  }

  @Test(
    "fall back by the documented rules",
    arguments: [
      ("“quoted” ‘too’", "\"quoted\" 'too'"), ("a–b—c−d", "a-b-c-d"), ("wait…", "wait..."),
      ("Łódź", "Lódz"), ("œuvre", "oeuvre"), ("a\u{A0}b\u{2009}c", "a\u{A0}b c"), ("cafe\u{301}", "café"),
      ("o\u{30B}", "o"), ("zero\u{200B}width", "zerowidth"), ("日本", "??"), ("👍\u{1F3FD}", "??"),
      ("Brand™", "BrandTM"), ("\u{FEFF}x", "x"), ("a\tb", "a b"),
    ])
  func fallback(_ text: String, _ wanted: String) {
    #expect(Self.both.printable(Array(text.unicodeScalars)) == Array(wanted.unicodeScalars))
  }

  @Test("let no text become a command")
  func injection() {
    #expect(Self.text("\u{1B}@\u{1D}V\u{0}\u{10}\u{14}\u{1}\n\r\u{7F}\u{9B}") == Array("?@?V????????".utf8))
  }

  @Test("leave printable text as it is, whatever the text")
  func idempotent() {
    var generator = SeededGenerator(seed: 437)
    for pages in [Self.both, Self.old, CodePageSet([])] {
      for _ in 0..<300 {
        let text = (0..<20).map { _ in
          Unicode.Scalar(UInt32.random(in: 0...0x2200, using: &generator)) ?? "x"
        }
        let once = pages.printable(text)
        #expect(pages.printable(once) == once)
        #expect(once.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
      }
    }
  }
}
