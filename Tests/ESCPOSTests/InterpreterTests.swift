import ESCPOS
import POSBarcode
import POSWire
import TestSupport
import Testing

@Suite("ESC/POS interpreter")
struct InterpreterTests {
  static let geometry = PrinterGeometry(width: 384, dotsPerInch: 203, cutterDistance: 100)

  static func page(
    _ bytes: [UInt8], _ geometry: PrinterGeometry = geometry,
    limits: ESCPOSInterpreter.Limits = .init()
  ) -> PrintedPage {
    var printer = ESCPOSInterpreter(geometry, limits: limits)
    printer.feed(bytes.span)
    printer.finish()
    return printer.page
  }

  static func requests(_ bytes: [UInt8]) -> [ESCPOSInterpreter.Request] {
    var printer = ESCPOSInterpreter(geometry)
    return bytes.compactMap { printer.feed($0) }
  }

  static func lines(_ page: PrintedPage) -> [String] {
    page.lines.map { String(String.UnicodeScalarView($0)) }
  }

  static func runs(_ page: PrintedPage) -> [PrintedPage.TextRun] {
    page.items.compactMap { if case .text(let run) = $0 { run } else { nil } }
  }

  static func bitmaps(_ page: PrintedPage) -> [PrintedPage.PlacedBitmap] {
    page.items.compactMap { if case .bitmap(let placed) = $0 { placed } else { nil } }
  }

  static func reasons(_ bytes: [UInt8]) -> [PrintedPage.Complaint.Reason] {
    page(bytes).complaints.map(\.reason)
  }

  // MARK: - Text

  @Test("prints lines one below the other, a sixth of an inch apart")
  func lineFeeds() {
    let page = Self.page(Array("one\ntwo\r\n\nfour\n".utf8))
    #expect(Self.lines(page) == ["one", "two", "four"])
    #expect(Self.runs(page).map(\.y) == [0, 34, 102])
    #expect(Self.runs(page).map(\.line) == [0, 1, 3])
    #expect(page.height == 136)
    #expect(page.complaints.isEmpty)
  }

  @Test("wraps at the edge of the paper")
  func wrap() {
    let page = Self.page(Array("0123456789012345678901234567890123456789\n".utf8))
    #expect(Self.lines(page) == ["01234567890123456789012345678901", "23456789"])
  }

  @Test("follows the styles (ESC !, E, -, M, SP; GS !, B)")
  func styles() throws {
    let page = Self.page(
      hex("1B 45 01 41 1B 45 00 1B 2D 02 42 1B 2D 30 1D 42 01 43 1D 42 00 1D 21 12 44 1D 21 00 1B 4D 01 45")
        + hex("1B 21 B9 46 1B 21 00 1B 20 03 47 0A"))
    let runs = Self.runs(page)
    try #require(runs.count == 7)
    #expect(runs[0].isBold && runs[0].underline == 0)
    #expect(!runs[1].isBold && runs[1].underline == 2)
    #expect(runs[2].isInverse && runs[2].underline == 0)
    #expect(runs[3].widthFactor == 2 && runs[3].heightFactor == 3)
    #expect(runs[4].font == .b && runs[4].cellWidth == 9 && runs[4].cellHeight == 17)
    #expect(runs[5].isBold && runs[5].underline == 1 && runs[5].font == .b)
    #expect(runs[5].widthFactor == 2 && runs[5].heightFactor == 2)
    #expect(runs[6].cellWidth == 15)
    // They stand on one line, at one foot, side by side.
    #expect(runs.allSatisfy { $0.y + $0.height == 72 && $0.line == 0 })
    for (left, right) in zip(runs, runs.dropFirst()) { #expect(left.x + left.width == right.x) }
    #expect(page.height == 72)
  }

  @Test("aligns and indents (ESC a, $, \\; GS L, W; HT)")
  func positions() {
    #expect(Self.runs(Self.page(hex("1B 61 01 41 42 0A 1B 61 02 41 0A"))).map(\.x) == [180, 372])
    #expect(Self.runs(Self.page(hex("1D 4C 10 00 1D 57 20 00 41 42 43 0A"))).map(\.x) == [16, 16])
    #expect(Self.runs(Self.page(hex("1B 24 64 00 41 1B 5C F4 FF 42 0A"))).map(\.x) == [100, 100])
    #expect(Self.runs(Self.page(hex("41 09 42 09 43 0A"))).map(\.x) == [0, 96, 192])
    #expect(Self.runs(Self.page(hex("1B 44 02 05 00 09 41 09 42 0A"))).map(\.x) == [24, 60])
    #expect(Self.reasons(hex("41 1B 61 01 0A")) == [.notAtLineStart])
  }

  @Test("tabs end at the first column that is not greater, and what follows is print (Epson, ESC D)")
  func tabs() {
    let page = Self.page(hex("1B 44 08 10 08 41 42 43 00 09 44 0A"))
    #expect(Self.lines(page) == ["ABC D"])
    #expect(Self.runs(page).map(\.x) == [0, 96])
    #expect(page.complaints == [.init(.badParameter, at: 0)])
    // 32 columns are allowed, with or without the NUL; a 33rd is a character.
    let columns = (1...32).map { UInt8($0) }
    for (end, line) in [([0], "A"), ([], "A"), ([0x42], "BA")] as [([UInt8], String)] {
      let full = Self.page(hex("1B 44") + columns + end + hex("41 0A"))
      #expect(Self.lines(full) == [line])
      #expect(full.complaints == [])
    }
    #expect(Self.reasons(hex("1B 44 08")) == [.endsInsideCommand])
  }

  @Test("emphasis and double strike are two modes that look alike (ESC E, G, !)")
  func boldness() {
    func looks(_ page: PrintedPage) -> [Bool] {
      Self.runs(page).flatMap { run in run.scalars.map { _ in run.isBold } }
    }
    let page = Self.page(
      hex("1B 47 01 41 1B 45 00 42 1B 21 00 43 1B 45 01 1B 47 00 44 1B 21 00 45 1B 21 08 46 0A"))
    #expect(looks(page) == [true, true, true, true, false, true])
    #expect(looks(Self.page(hex("1B 47 01 1B 45 01 41 0A 1B 40 42 0A"))) == [true, false])
  }

  @Test("turns a line upside down (ESC {)")
  func upsideDown() throws {
    let run = try #require(Self.runs(Self.page(hex("1B 7B 01 41 42 0A"))).first)
    #expect(run.turn == .halfway && run.x == 384 - 24)
  }

  @Test("reads the selected code page")
  func codePages() {
    let page = Self.page(hex("1B 74 00 82 1B 74 13 D5 1B 74 02 D5 1B 74 10 80 81 0A"))
    #expect(Self.lines(page) == ["é€ı€\u{FFFD}"])
    #expect(Self.reasons(hex("1B 74 63 80 0A")) == [.unknownCodePage])
  }

  @Test("feeds (ESC J, d, 2, 3; GS P)")
  func feeds() {
    #expect(Self.page(hex("1B 4A 0A")).height == 10)
    #expect(Self.page(hex("1B 64 03")).height == 102)
    #expect(Self.page(hex("1B 33 18 0A 0A 1B 32 0A")).height == 24 + 24 + 34)
    #expect(Self.page(hex("1D 50 00 66 1B 4A 0A")).height == 20)
    let epson = PrinterGeometry(width: 512, dotsPerInch: 180, verticalUnitsPerInch: 360)
    #expect(Self.page(hex("1B 33 3C 0A"), epson).height == 30)
    #expect(Self.lines(Self.page(hex("41 1B 64 02"))) == ["A"])
  }

  // MARK: - Pictures

  static let raster = hex("1D 76 30 00 02 00 03 00 80 01 40 02 20 04")

  @Test("prints a raster dot for dot (GS v 0)")
  func rasters() throws {
    let page = Self.page(Self.raster)
    let placed = try #require(Self.bitmaps(page).first)
    #expect(placed.bitmap == Bitmap(width: 16, packed: hex("80 01 40 02 20 04"), height: 3))
    #expect(placed.x == 0 && placed.y == 0 && page.height == 3)
    #expect(page.complaints.isEmpty)
    #expect(Self.bitmaps(Self.page(hex("1B 61 01") + Self.raster)).first?.x == 184)
    var both = Self.raster
    both[3] = 0x33
    let enlarged = try #require(Self.bitmaps(Self.page(both)).first).bitmap
    #expect(enlarged.width == 32 && enlarged.height == 6)
    for y in 0..<6 { for x in 0..<32 { #expect(enlarged[x, y] == placed.bitmap[x / 2, y / 2]) } }
    #expect(Self.reasons(hex("41") + Self.raster) == [.notAtLineStart])
    #expect(Self.reasons(hex("1D 76 30 04 01 00 01 00 FF")) == [.badParameter])
    #expect(Self.reasons(hex("1D 76 30 00 00 00 01 00")) == [.badParameter])
  }

  @Test("cuts off what is wider than the paper, and says so")
  func wideRaster() throws {
    let bytes = hex("1D 76 30 00 40 00 01 00") + [UInt8](repeating: 0xFF, count: 64)
    let page = Self.page(bytes)
    #expect(page.complaints.map(\.reason) == [.tooWide])
    #expect(try #require(Self.bitmaps(page).first).bitmap.width == 384)
  }

  @Test("stores and prints graphics (GS ( L, GS 8 L), and checks both lengths (§1.4 B1)")
  func graphics() throws {
    let store = hex("1D 28 4C 0C 00 30 70 30 02 01 31 08 00 02 00 81 18")
    let print = hex("1D 28 4C 02 00 30 32")
    let page = Self.page(store + print)
    let placed = try #require(Self.bitmaps(page).first)
    #expect(placed.bitmap.width == 16 && placed.bitmap.height == 2)
    #expect(placed.bitmap.bytes == hex("C0 03 03 C0"))
    #expect(page.complaints.isEmpty)
    let long = hex("1D 38 4C 0C 00 00 00 30 70 30 01 01 31 08 00 02 00 81 18")
    #expect(Self.bitmaps(Self.page(long + print)).first?.bitmap.bytes == hex("81 18"))
    #expect(Self.reasons(print) == [.nothingStored])
    // 576 × 960 in a length of two bytes: 3594 declared, 69130 sent.
    let wrapped =
      hex("1D 28 4C 0A 0E 30 70 30 01 01 31 40 02 C0 03") + [UInt8](repeating: 0xAA, count: 69_120)
    #expect(Self.reasons(wrapped).contains(.lengthMismatch))
  }

  @Test("prints column strips without gaps (ESC *; §1.4 B8)")
  func strips() throws {
    // 24 dots: a bar down the left and one dot at the foot of the second column
    let strip = hex("1B 2A 21 02 00 FF FF FF 00 00 01")
    let page = Self.page(hex("1B 33 18") + strip + hex("0A") + strip + hex("0A"))
    let placed = Self.bitmaps(page)
    #expect(placed.map(\.y) == [0, 24])
    #expect(page.height == 48)
    let first = try #require(placed.first).bitmap
    #expect(first.width == 2 && first.height == 24)
    for y in 0..<24 { #expect(first[0, y] && first[1, y] == (y == 23)) }
    let single = try #require(Self.bitmaps(Self.page(hex("1B 2A 00 01 00 80 0A"))).first).bitmap
    #expect(single.width == 2 && single.height == 24)
    for y in 0..<24 { #expect(single[0, y] == (y < 3) && single[1, y] == (y < 3)) }
  }

  // MARK: - Symbols

  @Test("draws EAN-13 in both forms, with or without check digit (GS k)")
  func ean13() throws {
    let digits = Array("3157882326401".utf8)
    let formB = hex("1D 68 50 1D 77 02 1D 48 02 1D 6B 43 0D") + digits
    let formA = hex("1D 68 50 1D 77 02 1D 48 02 1D 6B 02") + digits.prefix(12) + [0]
    for bytes in [formA, formB] {
      let page = Self.page(hex("1B 61 01") + bytes)
      #expect(page.complaints.isEmpty)
      let symbol = try #require(page.symbols.first)
      #expect(symbol.symbology == .ean13 && symbol.module == 2 && symbol.height == 80)
      #expect(symbol.width == 190 && symbol.x == 97 && symbol.y == 0)
      let drawing = try #require(symbol.drawing)
      let modules = try EAN13(ascii: digits.span).modules
      #expect(drawing.width == 190 && drawing.height == 80)
      for index in 0..<95 { #expect(drawing[2 * index, 79] == modules[index]) }
      #expect(symbol.hri.map(\.scalars) == [Array("3157882326401".unicodeScalars)])
      #expect(symbol.hri.map(\.y) == [80])
      #expect(page.height == 104)
      #expect(page.lines.isEmpty)
    }
    #expect(Self.page(formA).symbols.first?.data == digits)
  }

  @Test("refuses symbols no printer can draw")
  func badSymbols() {
    #expect(Self.reasons(hex("1D 6B 43 0D") + Array("3157882326402".utf8)) == [.badSymbolData])
    #expect(Self.reasons(hex("1D 6B 43 03 31 32 33")) == [.badSymbolData])
    #expect(Self.reasons(hex("1D 6B 43 00")) == [.badSymbolData])
    #expect(Self.reasons(hex("1D 6B 02 41 00")) == [.badSymbolData])
    #expect(Self.reasons(hex("1D 77 05 1D 6B 43 0D") + Array("3157882326401".utf8)) == [.tooWide])
    #expect(Self.reasons(hex("1D 77 09")) == [.badParameter])
    #expect(Self.reasons(hex("1D 68 00")) == [.badParameter])
    #expect(Self.reasons(hex("1D 6B 02") + [UInt8](repeating: 0x31, count: 300)).first == .lengthMismatch)
  }

  @Test("keeps the other linear codes with their data")
  func otherSymbols() {
    let page = Self.page(hex("1D 6B 49 09 7B 42 41 42 43 7B 43 0C 22  1D 6B 04 41 42 00"))
    #expect(page.symbols.map(\.symbology) == [.code128, .code39])
    #expect(page.symbols.map(\.data) == [Array("ABC1234".utf8), Array("AB".utf8)])
    #expect(page.symbols.allSatisfy { $0.drawing != nil })
    #expect(page.complaints.isEmpty)
  }

  @Test("a Code 128 has braces in set B alone, shifted to or not, and twice each (§2.7)")
  func braces() {
    func bytes(_ data: String) -> [UInt8] { hex("1D 77 02 1D 6B 49") + [UInt8(hex(data).count)] + hex(data) }
    for (data, read) in [
      ("7B 41 01 7B 53 7B 7B 01", "01 7B 01"), ("7B 42 41 7B 7B", "41 7B"), ("7B 42 7B 53 01 7B 7B", "01 7B"),
    ] {
      let page = Self.page(bytes(data))
      #expect(page.symbols.map(\.data) == [hex(read)], "\(data)")
      #expect(page.complaints.isEmpty, "\(data)")
    }
    for data in ["7B 42 41 7B", "7B 41 41 7B 7B", "7B 42 7B 53 7B 7B", "7B 43 0C 7B", "7B 42 7B"] {
      #expect(Self.reasons(bytes(data)) == [.badSymbolData], "\(data)")
    }
  }

  @Test("a UPC-E has number system 0, or none (Epson, GS k)")
  func upcE() throws {
    for system in [UInt8(0), 1] {
      let reasons: [PrintedPage.Complaint.Reason] = system == 0 ? [] : [.badSymbolData]
      let short = try #require(RetailCode.upcE(numberSystem: system, digits: Array("123456".utf8)))
      let long = try #require(RetailCode(symbology: .upcE, digits: short)?.upcA)
      for digits in [Array(short.prefix(7)), short, Array(long.prefix(11)), long] {
        for bytes in [hex("1D 6B 01") + digits + [0], hex("1D 6B 42") + [UInt8(digits.count)] + digits] {
          #expect(Self.reasons(bytes) == reasons, "\(digits)")
        }
      }
    }
    #expect(Self.page(hex("1D 6B 42 06 31 32 33 34 35 36")).symbols.map(\.data) == [Array("01234565".utf8)])
  }

  @Test("a GS1 DataBar says what it can: single items and boxes, or elements (Epson, GS k)")
  func dataBar() {
    func bytes(_ kind: UInt8, _ text: String) -> [UInt8] {
      hex("1D 48 02 1D 6B") + [kind, UInt8(text.utf8.count)] + Array(text.utf8)
    }
    for (kind, text, data, plain) in [
      (77, "0950110153000", "0950110153000", "0950110153000"),
      (77, "1950110153000", "1950110153000", "1950110153000"),
      (78, "(01)09501101530003", "0109501101530003", "(01)09501101530003"),
      (78, "(10)A*B{1(21){*7", "10AB\u{1D}21*7", "(10)AB(21)*7"),
    ] as [(UInt8, String, String, String)] {
      let page = Self.page(bytes(kind, text))
      #expect(page.symbols.map(\.data) == [Array(data.utf8)], "\(text)")
      #expect(page.symbols.first?.hri.map(\.scalars) == [Array(plain.unicodeScalars)], "\(text)")
      #expect(page.complaints.isEmpty, "\(text)")
    }
    for (kind, text) in [
      (77, "2950110153000"), (77, ""), (78, "hello"), (78, "(01)09501101530004"), (78, "(01)0950"),
      (78, "{1"), (78, "(10)A{x"), (78, ""),
    ] as [(UInt8, String)] {
      #expect(Self.reasons(bytes(kind, text)) == [.badSymbolData], "\(text)")
    }
  }

  @Test("reads GS1-128 as Epson does: bare brackets are no data, a bare star is a check digit (GS k)")
  func gs1128() {
    func bytes(_ text: String) -> [UInt8] {
      hex("1D 77 02 1D 6B 4A") + [UInt8(text.utf8.count)] + Array(text.utf8)
    }
    for (text, data) in [
      ("(01)9501234567890*", "0195012345678903"),
      ("(01)9501234567890* {1(3102)000400", "01950123456789033102000400"),
      ("(10)AB{*1", "10AB*1"), ("(10)AB{)C", "10AB)C"), ("10AB{(C", "10AB(C"), ("(10){{", "10{"),
    ] {
      let page = Self.page(bytes(text))
      #expect(page.symbols.map(\.data) == [Array(data.utf8)], "\(text)")
      #expect(page.complaints.isEmpty, "\(text)")
    }
    // No digits to check, no brackets that tell where they begin, and braces before anything else.
    for text in ["(10)AB*", "(01)*", "019501234567890*", "(10)A{x", "(10)A{"] {
      #expect(Self.reasons(bytes(text)) == [.badSymbolData], "\(text)")
    }
  }

  @Test("stores and prints QR codes (GS ( k)")
  func qr() {
    let text = Array("https://example.com/x".utf8)
    let store = hex("1D 28 6B") + [UInt8(text.count + 3), 0] + hex("31 50 30") + text
    let set = hex("1D 28 6B 04 00 31 41 32 00  1D 28 6B 03 00 31 43 04  1D 28 6B 03 00 31 45 31")
    let page = Self.page(set + store + hex("1D 28 6B 03 00 31 51 30"))
    #expect(page.complaints.isEmpty)
    #expect(page.symbols.map(\.symbology) == [.qr])
    #expect(page.symbols.map(\.data) == [text])
    #expect(page.symbols.map(\.module) == [4])
    // Version 2 holds 26 bytes at level M: 25 modules.
    #expect(page.symbols.map(\.width) == [100])
    #expect(Self.reasons(hex("1D 28 6B 03 00 31 51 30")) == [.nothingStored])
    #expect(Self.reasons(hex("1D 28 6B 03 00 31 43 11")) == [.badParameter])
    let query = hex("1D 28 6B 03 00 31 52 30")
    #expect(Self.requests(query) == [.symbolSize(canPrint: false)])
    #expect(Self.requests(store + query) == [.symbolSize(canPrint: true)])
  }

  @Test(
    "a symbol that is printed again is not made again, nor one that there is no room for (GS ( k)",
    .timeLimit(.minutes(1)))
  func printedAgain() {
    func store(_ count: Int) -> [UInt8] {
      let length = [UInt8((count + 3) & 0xFF), UInt8((count + 3) >> 8)]
      return hex("1D 28 6B") + length + hex("31 50 30") + [UInt8](repeating: 0x61, count: count)
    }
    func repeated(_ bytes: String, _ times: Int) -> [UInt8] {
      [[UInt8]](repeating: hex(bytes), count: times).flatMap { $0 }
    }
    // A level and a print, then another level and a print.
    let prints =
      "1D 28 6B 03 00 31 45 30 1D 28 6B 03 00 31 51 30 1D 28 6B 03 00 31 45 31 1D 28 6B 03 00 31 51 30"
    let page = Self.page(hex("1D 28 6B 03 00 31 43 01") + store(500) + repeated(prints, 3000))
    #expect(page.height == ESCPOSInterpreter.Limits().height)
    // 500 bytes are version 15 at level L and 17 at level M.
    #expect(Set(page.symbols.map(\.width)) == [77, 85])
    #expect(page.complaints.map(\.reason) == [.overLimit])
    // More than a level holds is found out once.
    let refused = Self.page(
      store(2000) + hex("1D 28 6B 03 00 31 45 33") + repeated("1D 28 6B 03 00 31 51 30", 10_000))
    #expect(refused.symbols.isEmpty)
    #expect(Set(refused.complaints.map(\.reason)) == [.badSymbolData])
    // Nothing is made for a paper that is full.
    let full = Self.page(
      store(2900) + repeated("1D 28 6B 03 00 31 51 30", 10_000), limits: .init(rasterBytes: 2950))
    #expect(full.symbols.isEmpty && full.height == 0)
    #expect(full.complaints.map(\.reason) == [.overLimit])
  }

  @Test("what is printed again follows the data, the level and the size (GS ( k)")
  func madeAgain() throws {
    let again = "1D 28 6B 03 00 31 51 30"
    let page = Self.page(
      hex(
        """
        1D 28 6B 04 00 31 50 30 41 \(again) \(again) 1D 28 6B 03 00 31 43 05 \(again) 1D 28 6B 03 00 31 45 33 \(again)
        1D 28 6B 04 00 31 50 30 42 \(again) 1D 28 6B 03 00 31 43 03 1D 28 6B 03 00 31 45 30 \(again)
        """))
    let wanted: [(String, Int, QRCode.ErrorCorrection)] = [
      ("A", 3, .low), ("A", 3, .low), ("A", 5, .low), ("A", 5, .high), ("B", 5, .high), ("B", 3, .low),
    ]
    #expect(page.complaints.isEmpty)
    try #require(page.symbols.count == wanted.count)
    for (symbol, (text, module, level)) in zip(page.symbols, wanted) {
      let code = try QRCode(Array(text.utf8).span, level: level)
      #expect(symbol.data == Array(text.utf8) && symbol.module == module)
      #expect(symbol.drawing == (try code.bitmap(module: module, quietZone: 0)))
    }
  }

  @Test("the settings of symbols have their ranges (GS ( k; Epson, functions 065 to 070 and their like)")
  func setUps() {
    func reasons(_ setUp: String) -> [PrintedPage.Complaint.Reason] {
      Self.reasons(hex("1D 28 6B") + [UInt8(hex(setUp).count), 0] + hex(setUp))
    }
    for setUp in [
      "30 41 00", "30 41 1E", "30 42 00", "30 42 03", "30 42 5A", "30 43 02", "30 43 08", "30 44 02",
      "30 45 30 30", "30 45 30 38", "30 45 31 01", "30 45 31 28", "30 46 01", "31 41 32 00", "31 43 10",
      "31 45 33", "32 41 32", "32 41 36", "35 42 00 00", "35 42 30 20", "35 42 31 04", "35 43 02",
      "35 43 10", "35 45 05", "35 45 5F", "36 42 00 00 00", "36 42 30 90 90", "36 42 01 08 00",
      "36 42 31 10 30", "36 43 10",
    ] { #expect(reasons(setUp) == [], "\(setUp)") }
    for setUp in [
      "30 41 1F", "30 42 02", "30 42 5B", "30 43 01", "30 43 09", "30 44 01", "30 44 09", "30 45 30 39",
      "30 45 31 00", "30 45 31 29", "30 45 32 01", "30 45 30", "30 46 02", "30 41", "30 41 00 00",
      "30 47 00", "31 41 34 00", "31 43 00", "31 45 34", "32 41 31", "32 41 37", "35 42 00 03",
      "35 42 00 21", "35 42 31 05", "35 42 02 00", "35 43 01", "35 43 11", "35 45 04", "35 45 60",
      "36 42 00 0A 0C", "36 42 00 0B 0B", "36 42 01 08 12 00", "36 42 01 08 08", "36 42 02 00 00",
      "36 43 01", "36 43 11",
    ] { #expect(reasons(setUp) == [.badParameter], "\(setUp)") }
  }

  // MARK: - Cut and drawer

  @Test("cuts where the paper is under the cutter (GS V, ESC i, ESC m; §1.4 B2, B11)")
  func cuts() {
    typealias Cut = PrintedPage.Cut
    let line = hex("1B 4A C8")
    #expect(Self.page(line + hex("1D 56 00")).cuts == [Cut(.full, y: 100)])
    #expect(Self.page(line + hex("1D 56 31")).cuts == [Cut(.partial, y: 100)])
    #expect(Self.page(line + hex("1D 56 41 00")).cuts == [Cut(.full, y: 200)])
    #expect(Self.page(line + hex("1D 56 42 0A")).cuts == [Cut(.partial, y: 210)])
    #expect(Self.page(line + hex("1D 56 42 00")).height == 300)
    #expect(Self.page(line + hex("1B 69 1B 6D")).cuts.map(\.kind) == [.partial, .partial])
    #expect(Self.reasons(hex("41 1D 56 00")) == [.notAtLineStart, .cutsPrint])
    // What was printed must be past the cutter, by the cut's own feed or by lines before it.
    #expect(Self.reasons(hex("41 0A 1D 56 00")) == [.cutsPrint])
    #expect(Self.reasons(hex("41 0A 1D 56 41 00")) == [])
    #expect(Self.reasons(hex("41 0A 1B 64 05 1D 56 00")) == [])
  }

  @Test("obeys as many cuts as come, and looks no further back for the last than for the first")
  func manyCuts() {
    let cuts = [[UInt8]](repeating: hex("1B 69"), count: 200_000).flatMap { $0 }
    let page = Self.page(hex("41 0A 1B 64 05") + cuts)
    #expect(page.cuts.count == ESCPOSInterpreter.Limits().items - 1)
    #expect(page.complaints.map(\.reason) == [.overLimit])
  }

  @Test("pulses the drawer (ESC p, DLE DC4 1)")
  func drawer() {
    typealias Pulse = PrintedPage.DrawerPulse
    let page = Self.page(hex("1B 70 00 3C 78 1B 70 31 FF 01 10 14 01 01 02"))
    #expect(
      page.drawerPulses == [
        Pulse(pin: 2, on: 120, off: 240, y: 0), Pulse(pin: 5, on: 510, off: 510, y: 0),
        Pulse(pin: 5, on: 200, off: 200, y: 0),
      ])
    #expect(Self.reasons(hex("1B 70 02 01 01 10 14 01 00 09")) == [.badParameter, .badParameter])
  }

  // MARK: - Requests

  @Test("hands on what the host asks (§2.1 to §2.5)")
  func requests() {
    #expect(
      Self.requests(hex("10 04 01 10 04 07 01 10 05 02 1D 72 01 1D 49 43 1D 61 FF 1B 40"))
        == [
          .realTimeStatus(1, nil), .realTimeStatus(7, 1), .recover(2), .status(1), .identify(67),
          .automaticStatus(255), .initialized,
        ])
    #expect(
      Self.requests(hex("1D 28 48 06 00 30 30 41 30 30 31 1D 28 48 03 00 31 30 01"))
        == [.processID(Array("A001".utf8)), .offlineNotices(true)])
    #expect(Self.requests(hex("10 14 08 01 03 14 01 06 02 08")) == [.clearBuffers])
    #expect(Self.reasons(hex("1D 28 48 01 00 30")) == [.lengthMismatch])
  }

  // MARK: - Real-time bytes inside data

  @Test(
    "real-time bytes inside picture data are data, and complained of once (§2.10)",
    arguments: ["10 04 01", "10 05 02", "10 14 01", "10 14 08"])
  func realTimeInData(sequence: String) throws {
    let bytes = hex("1D 76 30 00 03 00 02 00") + hex(sequence) + hex(sequence)
    #expect(Self.requests(bytes) == [])
    let page = Self.page(bytes)
    #expect(page.complaints == [.init(.realTimeInsideData, at: 0)])
    #expect(try #require(Self.bitmaps(page).first).bitmap.bytes == hex(sequence) + hex(sequence))
    #expect(page.drawerPulses.isEmpty)
    // Inside the parameters of a command they are parameters.
    #expect(Self.requests(hex("1B 33 10 04 01")) == [])
  }

  // MARK: - Objections

  @Test("complains of unknown commands where they stand, and prints their rest as text")
  func unknown() {
    let page = Self.page(hex("41 0A 1B 01 42 0A 1D 7E 0A 1F 0A"))
    #expect(
      page.complaints == [
        .init(.unknownCommand, at: 2), .init(.unknownCommand, at: 6), .init(.unknownCommand, at: 9),
      ])
    #expect(Self.lines(page) == ["A", "B"])
    // A prefix in place of an operation code begins the next command.
    #expect(Self.page(hex("1B 1D 56 00")).cuts.count == 1)
  }

  @Test(
    "what is not drawn has its data to itself, whatever they spell",
    arguments: CommandBoundaryTests.withData)
  func ownData(command: String, isDrawing: Bool) {
    let page = Self.page(hex(command) + hex("41 0A"))
    let wanted: [PrintedPage.Complaint] = isDrawing ? [.init(.notDrawn, at: 0)] : []
    #expect(page.complaints == wanted)
    #expect(Self.lines(page) == ["A"])
    #expect(page.drawerPulses.isEmpty)
    for end in 1..<hex(command).count {
      #expect(
        Self.page(Array(hex(command)[..<end])).complaints == [.init(.endsInsideCommand, at: 0)], "\(end)")
    }
  }

  @Test("definitions with impossible numbers are forgotten, and what follows is print (Epson, ESC &, FS q)")
  func impossibleNumbers() {
    for command in ["1B 26 00 41 41", "1B 26 03 1F 41", "1B 26 03 41 7F", "1B 26 03 42 41", "1C 71 00"] {
      let page = Self.page(hex(command) + hex("41 0A"))
      #expect(page.complaints == [.init(.badParameter, at: 0)], "\(command)")
      #expect(Self.lines(page) == ["A"], "\(command)")
    }
    for command in ["1D 44 31 43 30", "1D 44 30 42 30", "1D 43 33", "1D 43 3B 41", "1D 51 31", "1C 67 33"] {
      let page = Self.page(hex(command) + hex("41 0A"))
      #expect(page.complaints == [.init(.unknownCommand, at: 0)], "\(command)")
      #expect(Self.lines(page) == ["A"], "\(command)")
    }
    // No picture is six bytes short of its own head, and no number has six digits.
    for command in ["1D 44 30 43 30 41 42 30 31 42 4D 05 00 00 00", "1D 43 3B 31 32 33 34 35 36"] {
      #expect(
        Self.page(hex(command) + hex("41 0A")).complaints == [.init(.unknownCommand, at: 0)], "\(command)")
    }
  }

  @Test("real-time bytes are looked for in the data of each picture, and not across two (§2.10)")
  func realTimeInPieces() {
    let first = "1C 71 02 01 00 01 00"
    let second = "01 00 01 00"
    let inside = hex("\(first) 00 10 04 01 00 00 00 00 \(second) 10 05 02 00 00 00 00 00")
    #expect(Self.page(inside).complaints == [.init(.realTimeInsideData, at: 0), .init(.notDrawn, at: 0)])
    let across = hex("\(first) 00 00 00 00 00 00 00 10 \(second) 04 01 00 00 00 00 00 00")
    #expect(Self.page(across).complaints == [.init(.notDrawn, at: 0)])
  }

  @Test("complains of an end inside a command or a line")
  func endings() {
    #expect(
      Self.page(hex("41 0A 1D 76 30 00 02 00 03 00 80")).complaints == [.init(.endsInsideCommand, at: 2)])
    #expect(Self.reasons(hex("1B")) == [.endsInsideCommand])
    #expect(Self.reasons(hex("41")) == [.lineNotPrinted])
    #expect(Self.reasons([]) == [])
  }

  @Test("says that it does not draw what it only consumes")
  func notDrawn() {
    for command in ["1B 25 01", "1C 26", "1D 28 41 02 00 00 02", "1C 28 43 02 00 30 02"] {
      #expect(Self.reasons(hex(command) + hex("41 0A")) == [.notDrawn], "\(command)")
    }
    for command in ["1B 56 00", "1C 2E", "1B 52 00", "1B 3D 01", "1B 63 35 00", "1D 62 01", "00 00"] {
      #expect(Self.reasons(hex(command) + hex("41 0A")) == [], "\(command)")
    }
  }

  // MARK: - Everything the encoder says

  static func everything() throws -> [UInt8] {
    let digits = Array("315788232640".utf8)
    let symbol = try EAN13(ascii: digits.span)
    var encoder = ESCPOSEncoder(codePages: EncoderTests.pages)
    encoder.initialize()
    encoder.cancelDoubleByte()
    var style = ESCPOSEncoder.TextStyle()
    style.isBold = true
    style.underline = 2
    style.isInverse = true
    style.width = 2
    style.height = 2
    style.font = .b
    encoder.align(.centre)
    encoder.select(style)
    encoder.text("Crème 9 €".unicodeScalars)
    encoder.lineFeed()
    encoder.select(ESCPOSEncoder.TextStyle())
    encoder.lineSpacing(40)
    encoder.feed(lines: 2)
    encoder.defaultLineSpacing()
    encoder.feed(units: 300)
    try encoder.raster(symbol.bitmap(module: 2, height: 6), bandRows: 5)
    try encoder.symbol(
      SymbolRequest(.ean13, data: symbol.ascii, module: 2, height: 50),
      on: SymbolSupport(dots: 576, dotsPerInch: 203, native: .basicLinear))
    try encoder.drawer(pin: 5, on: 100, off: 200)
    encoder.cut(.partialAfterFeeding(3))
    encoder.cut(.fullHere)
    encoder.cut(.partialHere)
    encoder.cut(.fullAfterFeeding(0))
    return encoder.bytes + ESCPOSEncoder.realTimeStatus(.paper) + ESCPOSEncoder.paperStatus
      + ESCPOSEncoder.automaticStatus(0xFF) + ESCPOSEncoder.identify(67)
      + (try ESCPOSEncoder.processID(Array("A001".utf8)))
  }

  @Test("reads the whole of what the encoder writes, without complaint")
  func encoder() throws {
    let page = Self.page(try Self.everything())
    #expect(page.complaints.isEmpty)
    #expect(Self.lines(page) == ["Crème 9 €"])
    #expect(page.cuts.map(\.kind) == [.partial, .full, .partial, .full])
    #expect(page.drawerPulses.map(\.pin) == [5])
    #expect(page.symbols.map(\.symbology) == [.ean13])
    // The bands join without a gap to the picture that was sent.
    let bands = Self.bitmaps(page)
    let digits = Array("315788232640".utf8)
    let sent = try EAN13(ascii: digits.span).bitmap(module: 2, height: 6)
    #expect(bands.flatMap { $0.bitmap.bytes } == sent.bytes)
    for (upper, lower) in zip(bands, bands.dropFirst()) {
      #expect(upper.y + upper.bitmap.height == lower.y && upper.x == lower.x)
    }
  }

  @Test("makes the same of any split")
  func splits() throws {
    let bytes = try Self.everything()
    let whole = Self.page(bytes)
    for split in stride(from: 0, through: bytes.count, by: 1) {
      var printer = ESCPOSInterpreter(Self.geometry)
      let head = Array(bytes[..<split])
      let tail = Array(bytes[split...])
      printer.feed(head.span)
      // What is seen in between is a beginning of what will be.
      #expect(printer.page.height <= whole.height)
      printer.feed(tail.span)
      printer.finish()
      #expect(printer.page == whole)
    }
  }

  // MARK: - Hostile bytes

  static let tight = ESCPOSInterpreter.Limits(height: 500, items: 40, rasterBytes: 2000, complaints: 10)

  static func isWithin(_ limits: ESCPOSInterpreter.Limits, _ page: PrintedPage) -> Bool {
    var dots = 0
    for item in page.items {
      switch item {
      case .bitmap(let placed): dots += placed.bitmap.bytes.count
      case .symbol(let symbol): dots += symbol.drawing?.bytes.count ?? 0
      case .text, .cut, .drawer: break
      }
    }
    return page.height <= limits.height && page.items.count <= limits.items
      && page.complaints.count <= limits.complaints && dots <= limits.rasterBytes
  }

  @Test("stays within its limits whatever comes", arguments: 0..<40 as Range<UInt64>)
  func noise(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    // Half noise, half commands that have been bent.
    let prefixes = hex("1B 1D 1C 10 1D 1B")
    var bytes: [UInt8] = []
    while bytes.count < 4000 {
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: bytes.append(UInt8.random(in: 0...255, using: &generator))
      case 1:
        bytes += [prefixes.randomElement(using: &generator) ?? 0, .random(in: 0...255, using: &generator)]
      case 2: bytes += [UInt8](repeating: .random(in: 0...255, using: &generator), count: 5)
      default:
        var piece = try Self.everything()
        piece[Int.random(in: 0..<piece.count, using: &generator)] = .random(in: 0...255, using: &generator)
        let start = Int.random(in: 0..<piece.count, using: &generator)
        bytes += piece[start..<min(piece.count, start + 60)]
      }
    }
    let page = Self.page(bytes, limits: Self.tight)
    #expect(Self.isWithin(Self.tight, page))
    #expect(Self.isWithin(.init(), Self.page(bytes)))
    let narrow = PrinterGeometry(
      width: 1, dotsPerInch: 1, verticalUnitsPerInch: 0, horizontalUnitsPerInch: -5)
    #expect(Self.isWithin(Self.tight, Self.page(bytes, narrow, limits: Self.tight)))
  }

  @Test("survives every flip, loss and doubling of a byte")
  func mutations() throws {
    let bytes = try Self.everything()
    for index in bytes.indices where index < 120 || index % 7 == 0 {
      var flipped = bytes
      flipped[index] ^= 0x41
      var lost = bytes
      lost.remove(at: index)
      var doubled = bytes
      doubled.insert(bytes[index], at: index)
      for mutant in [flipped, lost, doubled] {
        #expect(Self.isWithin(Self.tight, Self.page(mutant, limits: Self.tight)))
      }
    }
  }

  @Test("drops pictures that are too large, keeps in step and says so")
  func hugePictures() {
    // 65535 × 65535: four gigabytes are declared, then a line follows that is part of them.
    let huge = hex("1D 76 30 00 FF FF FF FF") + [UInt8](repeating: 0, count: 10_000)
    #expect(Self.reasons(huge) == [.endsInsideCommand])
    let big = hex("1D 76 30 00 0A 00 2C 01") + [UInt8](repeating: 0, count: 3000) + hex("41 0A")
    let page = Self.page(big, limits: Self.tight)
    #expect(page.complaints.map(\.reason) == [.overLimit])
    #expect(Self.lines(page) == ["A"])
    #expect(page.height == 334)
    let paper = Self.page([UInt8](repeating: 0x0A, count: 100), limits: Self.tight)
    #expect(paper.height == 500 && paper.complaints.map(\.reason) == [.overLimit])
  }
}
