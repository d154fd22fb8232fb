import ESCPOS
import POSBarcode
import POSDoubleByte
import POSDrivers
import POSModel
import Testing

@Suite("Receipt layout")
struct ReceiptLayoutTests {
  /// 20 columns of 12 dots, a partial cut and both code pages.
  static let narrow = PrinterProfile(
    name: "narrow", dots: 240, dotsPerInch: 203, columns: 20,
    codePages: CodePageSet([.init(.pc437, 0), .init(.pc858, 19)]), pictures: PictureSupport(bandRows: 50),
    cutter: .partial,
    symbols: .basicLinear)

  static func page(
    _ profile: PrinterProfile = narrow, _ route: ReceiptLayout.BarcodeRoute = .auto,
    _ build: (inout ReceiptDocument) -> Void
  ) throws -> PrintedPage {
    var document = ReceiptDocument()
    build(&document)
    let bytes = try ReceiptLayout(profile, barcodes: route).escpos(document)
    var printer = ESCPOSInterpreter(profile.geometry)
    printer.feed(bytes.span)
    printer.finish()
    #expect(printer.page.complaints.isEmpty)
    return printer.page
  }

  static func lines(_ page: PrintedPage) -> [String] {
    page.lines.map { String(String.UnicodeScalarView($0)) }
  }

  @Test(
    "wraps at words",
    arguments: [
      ("a short line", ["a short line"]),
      ("exactly twenty chars", ["exactly twenty chars"]),
      ("exactly twenty chars more", ["exactly twenty chars", "more"]),
      ("the quick brown fox jumps over", ["the quick brown fox", "jumps over"]),
      ("incomprehensibilities abound", ["incomprehensibilitie", "s abound"]),
      ("one\ntwo", ["one", "two"]),
      ("one\r\ntwo", ["one", "two"]),
      ("  indented", ["  indented"]),
      ("two  spaces", ["two  spaces"]),
      ("price is 9.00 EUR    today", ["price is 9.00 EUR", "today"]),
      ("", []),
    ])
  func wrap(_ text: String, _ wanted: [String]) throws {
    #expect(Self.lines(try Self.page { $0.text(text) }) == wanted)
  }

  @Test("an empty paragraph is an empty line")
  func emptyLine() throws {
    #expect(try Self.page { $0.text("a\n\nb") }.height == 3 * 34)
    #expect(try Self.page { $0.text("") }.height == 34)
  }

  @Test("wide characters halve the columns; the euro takes three where it is spelt")
  func widths() throws {
    let page = try Self.page { $0.text("double width wraps", style: .doubleWidth) }
    #expect(Self.lines(page) == ["double", "width", "wraps"])
    var old = Self.narrow
    old.codePages = CodePageSet([.init(.pc437, 0)])
    let spelt = try Self.page(old) { $0.columns("Burger with cheese", "9.00 €") }
    #expect(Self.lines(spelt) == ["Burger with 9.00 EUR", "cheese"])
  }

  @Test("a price stays at the margin beside marks that a page holds, and beside characters of two cells")
  func columnsAlign() throws {
    var pages = Self.narrow
    pages.codePages = CodePageSet([.init(.pc866, 17), .init(.windows1258, 52)], doubleByte: .gbk)
    let page = try Self.page(pages) {
      $0.columns("за\u{301}мок", "9.00")
      // Nineteen cells leave one at the left, which no such character fits.
      $0.columns("茶", "1234567890123456.00")
    }
    #expect(Self.lines(page) == ["замок           9.00", "茶", " 1234567890123456.00"])
    for case .text(let run) in page.items { #expect(run.x + run.width <= 240) }
  }

  @Test(
    "a QR code has four modules of white above and below it, whoever draws it (ISO/IEC 18004)",
    arguments: ReceiptLayout.BarcodeRoute.allCases)
  func quietZones(route: ReceiptLayout.BarcodeRoute) throws {
    var profile = Self.narrow
    profile.symbols = .qr
    let page = try Self.page(profile, route) {
      $0.text("above")
      $0.blocks.append(.barcode(.init(symbology: .qr, data: "https://example.com/a", module: 6)))
      $0.text("below")
    }
    let found = try #require(page.symbols.first ?? page.drawnSymbols.first)
    let lines = page.items.compactMap { if case .text(let run) = $0 { run } else { nil } }
    let above = try #require(lines.first)
    let below = try #require(lines.last)
    #expect(found.y - (above.y + above.height) >= 24)
    #expect(below.y - (found.y + found.height) >= 24)
  }

  @Test("columns keep both margins and wrap on the left")
  func columns() throws {
    let page = try Self.page {
      $0.columns("Burger", "9.00")
      $0.columns("Burger with everything on it", "12.00")
      $0.columns("", "1.00")
      $0.columns("Total", "9.00", style: [.doubleWidth, .bold])
      $0.columns("A name", "and a value that takes it all")
    }
    #expect(
      Self.lines(page) == [
        "Burger          9.00",
        "Burger with    12.00", "everything on", "it",
        "                1.00",
        "Total 9.00",
        "A name", "    and a value that", "        takes it all",
      ])
    for case .text(let run) in page.items { #expect(run.x + run.width <= 240) }
  }

  @Test("styles last for their block only")
  func styles() throws {
    let page = try Self.page {
      $0.text("loud", style: [.bold, .underline, .inverse, .doubleHeight], alignment: .centre)
      $0.text("plain")
      $0.text("right", alignment: .right)
    }
    let runs = page.items.compactMap { if case .text(let run) = $0 { run } else { nil } }
    try #require(runs.count == 3)
    #expect(runs[0].isBold && runs[0].underline == 1 && runs[0].isInverse && runs[0].heightFactor == 2)
    #expect(runs[0].x == 96)
    #expect(!runs[1].isBold && runs[1].underline == 0 && !runs[1].isInverse && runs[1].heightFactor == 1)
    #expect(runs[1].x == 0)
    #expect(runs[2].x == 180)
  }

  @Test("the text can be had as it stands on the paper")
  func padded() throws {
    let page = try Self.page {
      $0.text("mid", alignment: .centre)
      $0.text("wide", style: .doubleWidth)
    }
    let lines = page.paddedLines(cellWidth: 12).map { String(String.UnicodeScalarView($0)) }
    #expect(lines == ["        mid", "w i d e "])
  }

  @Test("a rule crosses the paper")
  func rule() throws {
    let page = try Self.page { $0.rule() }
    #expect(Self.lines(page) == [String(repeating: "─", count: 20)])
    var bare = Self.narrow
    bare.codePages = CodePageSet([])
    #expect(Self.lines(try Self.page(bare) { $0.rule() }) == [String(repeating: "-", count: 20)])
    #expect(Self.lines(try Self.page(bare) { $0.rule(.double) }) == [String(repeating: "=", count: 20)])
    // Half as many strokes of two cells each.
    bare.codePages.doubleByte = .gbk
    #expect(Self.lines(try Self.page(bare) { $0.rule() }) == [String(repeating: "─", count: 10)])
  }

  /// Printers with double-byte characters.
  static let eastAsian = PrinterProfile.all.filter { $0.codePages.doubleByte != nil }.map(\.name)

  /// Dots that a line of text takes across.
  static func advance(_ text: [Unicode.Scalar], on profile: PrinterProfile) -> Int {
    var encoder = ESCPOSEncoder(codePages: profile.codePages)
    encoder.initialize()
    encoder.text(text)
    encoder.lineFeed()
    var geometry = profile.geometry
    geometry.width = 100_000
    var printer = ESCPOSInterpreter(geometry)
    printer.feed(encoder.bytes.span)
    guard case .text(let last)? = printer.page.items.last else { return 0 }
    return last.x + last.width
  }

  @Test(
    "a character takes as many cells on the paper as in the layout, whatever stands before it",
    arguments: eastAsian)
  func cells(name: String) throws {
    let profile = try #require(PrinterProfile.named(name))
    let pages = profile.codePages
    let doubleByte = try #require(pages.doubleByte)
    var scalars = Array("“”‘’…※·×÷─═│é°§ΑΩαЖяｱ●★".unicodeScalars)
    for slot in pages.slots { scalars += (UInt8(0x80)...0xFF).map { slot.page.scalar($0) } }
    // Of the ideographs some are enough.
    scalars += (UInt16(0x8140)...0xFEFE).compactMap { pair in
      doubleByte.scalar(pair).flatMap { CellWidth.cells($0) == 1 || pair % 16 == 1 ? $0 : nil }
    }
    scalars.removeAll { !pages.holds($0) }
    for start in stride(from: 0, to: scalars.count, by: 64) {
      let part = Array(scalars[start..<min(start + 64, scalars.count)])
      // Side by side, and each right behind a pair.
      for text in [part, part.flatMap { ["一", $0] as [Unicode.Scalar] }] {
        let cells = pages.printable(text).reduce(0) { $0 + pages.cells($1) }
        let dots = Self.advance(text, on: profile)
        #expect(dots == cells * profile.cell.width, "\(String(String.UnicodeScalarView(text)))")
      }
    }
  }

  @Test(
    "sums stay at the margin behind what only the double-byte set holds, and rules keep to their line",
    arguments: eastAsian)
  func eastAsianLines(name: String) throws {
    let profile = try #require(PrinterProfile.named(name))
    let page = try Self.page(profile) {
      $0.columns("“招牌”奶茶", "18.00")
      $0.rule()
      $0.row(.init("※“招牌”×2"), .init("18.00", alignment: .right, width: 6))
      $0.rule(.double)
    }
    #expect(Self.lines(page).count == 4)
    var edges: [Int: Int] = [:]
    for case .text(let run) in page.items { edges[run.line] = run.x + run.width }
    #expect(edges.values.allSatisfy { $0 == profile.columns * profile.cell.width }, "\(edges)")
  }

  @Test("a bar code is drawn as dots where the printer cannot draw it, cropped, centred, its digits as text")
  func rasterBarcode() throws {
    let code = ReceiptDocument.Barcode(symbology: .ean13, data: "315788232640", module: 2, height: 120)
    var plain = Self.narrow
    plain.symbols = []
    for (profile, route) in [(plain, ReceiptLayout.BarcodeRoute.auto), (Self.narrow, .raster)] {
      let page = try Self.page(profile, route) { $0.blocks = [.barcode(code)] }
      #expect(page.symbols.isEmpty)
      let bands = page.items.compactMap { if case .bitmap(let placed) = $0 { placed } else { nil } }
      #expect(bands.count == 3)
      let digits = Array("3157882326401".utf8)
      let picture = Bitmap(bars: try EAN13(ascii: digits.span).modules, module: 2, height: 120)
      #expect(bands.flatMap { $0.bitmap.bytes } == picture.bytes)
      #expect(bands.map(\.y) == [0, 50, 100])
      #expect(Self.lines(page) == ["3157882326401"])
      // What a scanner makes of the paper: one symbol, however it was banded.
      #expect(page.drawnSymbols.map(\.data) == [digits])
      // 190 dots are sent as 24 bytes, which stand 24 dots from the edge.
      #expect(page.drawnSymbols.map(\.x) == [24])
      #expect(bands.allSatisfy { $0.x == 24 })
    }
  }

  @Test("a bar code can be left to the printer")
  func nativeBarcode() throws {
    let page = try Self.page(Self.narrow, .native) {
      $0.blocks = [.barcode(.init(symbology: .upcA, data: "036000291452", module: 2, height: 120))]
    }
    #expect(page.symbols.map(\.symbology) == [.upcA])
    #expect(page.symbols.map(\.data) == [Array("036000291452".utf8)])
    #expect(page.symbols.map(\.x) == [25])
  }

  @Test("what cannot be drawn is an error before the first byte")
  func refusals() {
    typealias Barcode = ReceiptDocument.Barcode
    let cases: [(ReceiptDocument.Block, ReceiptLayout.BarcodeRoute, DeviceError.Code)] = [
      (.barcode(Barcode(symbology: .ean13, data: "3157882326402", module: 2)), .auto, .badInput),
      (.barcode(Barcode(symbology: .ean13, data: "31578823264O", module: 2)), .auto, .badInput),
      (.barcode(Barcode(symbology: .ean13, data: "", module: 2)), .auto, .badInput),
      (.barcode(Barcode(symbology: .ean13, data: "315788232640", module: 3)), .auto, .doesNotFit),
      (.barcode(Barcode(symbology: .ean13, data: "315788232640", module: 3)), .native, .doesNotFit),
      (.barcode(Barcode(symbology: .ean13, data: "315788232640", module: 0)), .auto, .badInput),
      (.barcode(Barcode(symbology: .ean13, data: "315788232640", module: .max)), .auto, .badInput),
      (.barcode(Barcode(symbology: .ean13, data: "315788232640", module: 2, height: 0)), .auto, .badInput),
      (
        .barcode(Barcode(symbology: .ean13, data: "315788232640", module: 2, height: 300)), .native, .badInput
      ),
      (.barcode(Barcode(symbology: .ean13, data: "315788232640", module: 1)), .native, .badInput),
      (.barcode(Barcode(symbology: .maxiCode, data: "x")), .auto, .unsupported),
      (.image(Bitmap(width: 241, height: 1)), .auto, .doesNotFit),
    ]
    for (block, route, code) in cases {
      var document = ReceiptDocument()
      document.text("before")
      document.blocks.append(block)
      let error = #expect(throws: DeviceError.self) {
        try ReceiptLayout(Self.narrow, barcodes: route).escpos(document)
      }
      #expect(error?.code == code, "\(block)")
    }
    var plain = Self.narrow
    plain.symbols = []
    let error = #expect(throws: DeviceError.self) {
      try Self.page(plain, .native) {
        $0.blocks = [.barcode(.init(symbology: .ean13, data: "315788232640", module: 2))]
      }
    }
    #expect(error?.code == .unsupported)
  }

  @Test("a job longer than 8 MiB is an error with the place where it grew too long")
  func hugeJob() throws {
    let dots = [UInt8](repeating: 0x5A, count: 30 * 20_000)
    let picture = try #require(Bitmap(width: 240, packed: dots, height: 20_000))
    var document = ReceiptDocument()
    document.blocks = Array(repeating: .image(picture), count: 14)
    let error = #expect(throws: DeviceError.self) { try ReceiptLayout(Self.narrow).escpos(document) }
    #expect(error?.code == .doesNotFit)
    #expect(error?.detail.hasPrefix("$.items[13]: ") == true, "\(error?.detail ?? "")")
  }

  @Test("pictures are centred and spell no real-time command")
  func image() throws {
    let picture = try #require(Bitmap(width: 32, packed: [0x10, 0x04, 0x10, 0x14], height: 1))
    let page = try Self.page { $0.blocks = [.image(picture), .image(Bitmap(width: 0, height: 0))] }
    let placed = page.items.compactMap { if case .bitmap(let placed) = $0 { placed } else { nil } }
    #expect(placed.map(\.bitmap.bytes) == [[0x20, 0x04, 0x20, 0x14]])
    #expect(placed.map(\.x) == [104])
  }

  @Test("feeds, cuts and opens the drawer as the profile says")
  func ends() throws {
    let page = try Self.page {
      $0.text("x")
      $0.feed(300)
      $0.feed(-1)
      $0.blocks.append(.drawer(DrawerPulse()))
      $0.cut()
    }
    #expect(page.height == 301 * 34)
    #expect(page.cuts.map(\.kind) == [.partial])
    #expect(page.drawerPulses.map(\.pin) == [2])
    #expect(page.drawerPulses.map(\.on) == [120])
    var torn = Self.narrow
    torn.cutter = .tearBar(lines: 4)
    let tornPage = try Self.page(torn) { $0.cut() }
    #expect(tornPage.cuts.isEmpty && tornPage.height == 4 * 34)
    var through = Self.narrow
    through.cutter = .full
    #expect(try Self.page(through) { $0.cut() }.cuts.map(\.kind) == [.full])
  }

  @Test("no text can command the printer")
  func injection() throws {
    let page = try Self.page {
      $0.text("\u{1B}p\u{0}\u{3C}\u{78} open")
      $0.columns("\u{10}\u{14}\u{1}\u{0}\u{1}", "\u{1D}V\u{0}")
    }
    #expect(page.drawerPulses.isEmpty && page.cuts.isEmpty)
    #expect(Self.lines(page).first == "?p?<x open")
  }

  /// Needle printers draw no bar codes.
  static let drawing = PrinterProfile.all.filter { !$0.pictures.commands.isEmpty }.map(\.name)

  @Test("every profile that takes dots prints the sample receipt without complaint", arguments: drawing)
  func profiles(name: String) throws {
    let profile = try #require(PrinterProfile.named(name))
    let page = try Self.page(profile) { $0 = .sample }
    // The digits of a drawn bar code are a line of text.
    #expect(Self.lines(page).count == (page.symbols.isEmpty ? 5 : 4))
    #expect((page.symbols + page.drawnSymbols).map(\.data) == [Array("3157882326401".utf8)])
    #expect(profile.columns * profile.cell.width <= profile.dots)
    // The recommended check-in bar code fits all of them.
    #expect(throws: Never.self) {
      try Self.page(profile) { $0.barcode(.ean13, "3157882326401") }
    }
  }

  @Test("no whole receipt spells a real-time command", arguments: drawing)
  func realTime(name: String) throws {
    let profile = try #require(PrinterProfile.named(name))
    var document = ReceiptDocument.sample
    document.barcode(.ean13, "3749510020609")
    document.feed(16)
    document.text("\u{4}\u{5}\u{14}")
    let bytes = try ReceiptLayout(profile).escpos(document)
    #expect(!zip(bytes, bytes.dropFirst()).contains { $0 == 0x10 && [0x04, 0x05, 0x14].contains($1) })
  }

  @Test("is byte for byte what this receipt has always been")
  func golden() throws {
    var receipt = ReceiptDocument()
    receipt.text("Hi", style: .bold, alignment: .centre)
    receipt.columns("A", "1 €")
    receipt.blocks.append(
      .barcode(.init(symbology: .ean13, data: "3157882326401", module: 2, height: 80)))
    receipt.cut()
    let bytes = try ReceiptLayout(Self.narrow, barcodes: .native).escpos(receipt)
    let wanted: [UInt8] =
      [0x1B, 0x40, 0x1B, 0x52, 0x00, 0x1B, 0x74, 0x00]
      + [0x1B, 0x61, 0x01, 0x1B, 0x45, 0x01] + Array("Hi\n".utf8)
      + [0x1B, 0x61, 0x00, 0x1B, 0x45, 0x00] + Array("A                1 ".utf8)
      + [0x1B, 0x74, 0x13, 0xD5, 0x0A]
      + [0x1B, 0x61, 0x01, 0x1D, 0x68, 0x50, 0x1D, 0x77, 0x02, 0x1D, 0x48, 0x02, 0x1D, 0x6B, 0x43, 0x0D]
      + Array("3157882326401".utf8) + [0x1D, 0x56, 0x42, 0x00]
    #expect(bytes == wanted)
  }
}
