import ESCPOS
import POSBarcode
import POSDoubleByte
import POSDrivers
import POSModel
import Testing

/// A font whose every character is its whole cell, so that cells can be measured on the paper. It lacks some.
private struct Blocks: CharacterDrawing {
  var missing: Set<Unicode.Scalar> = ["\u{2620}"]

  func dots(of scalar: Unicode.Scalar, width: Int, height: Int, isBold: Bool) -> Bitmap? {
    guard !missing.contains(scalar) else { return nil }
    var dots = Bitmap(width: width, height: height)
    if scalar != " " { dots.fill(x: 0, y: 0, width: width, height: height) }
    return dots
  }
}

@Suite("Drawn text on receipts")
struct DrawnTextTests {
  /// The printers that take dots, each its own way, and one that nobody knows.
  static let printers = [
    PrinterProfile.epsonTMT20II, .epsonTMT88V, .generic80, .generic58, ReceiptLayoutTests.narrow,
  ]

  static func page(
    _ profile: PrinterProfile, lacking missing: String = "\u{2620}", _ build: (inout ReceiptDocument) -> Void
  ) throws -> (bytes: [UInt8], page: PrintedPage) {
    var document = ReceiptDocument()
    build(&document)
    let glyphs = Blocks(missing: Set(missing.unicodeScalars))
    let bytes = try ReceiptLayout(profile, glyphs: glyphs).escpos(document)
    var printer = ESCPOSInterpreter(profile.geometry)
    printer.feed(bytes.span)
    printer.finish()
    #expect(printer.page.complaints.isEmpty)
    return (bytes, printer.page)
  }

  /// The columns and rows of black dots.
  static func inked(_ page: PrintedPage) -> (x: Range<Int>, y: Range<Int>) {
    var (left, right, top, bottom) = (Int.max, 0, Int.max, 0)
    for case .bitmap(let placed) in page.items {
      for y in 0..<placed.bitmap.height {
        for x in 0..<placed.bitmap.width where placed.bitmap[x, y] {
          (left, right) = (min(left, placed.x + x), max(right, placed.x + x + 1))
          (top, bottom) = (min(top, placed.y + y), max(bottom, placed.y + y + 1))
        }
      }
    }
    return left < right ? (left..<right, top..<bottom) : (0..<0, 0..<0)
  }

  static func runs(_ page: PrintedPage) -> [PrintedPage.TextRun] {
    page.items.compactMap { if case .text(let run) = $0 { run } else { nil } }
  }

  @Test("the euro on a printer that nobody knows is drawn, and takes one cell", arguments: printers)
  func euro(profile: PrinterProfile) throws {
    var unknown = profile
    unknown.codePages = CodePageSet([.init(.pc437, 0)])
    let (bytes, page) = try Self.page(unknown) {
      $0.columns("Tea", "9 \u{20AC}")
      $0.columns("Sum", "9 \u{20AC}", style: [.bold, .size(width: 2, height: 2)])
    }
    // No byte beyond ASCII is in the text, so that no page of whatever number can show another sign.
    for run in Self.runs(page) { #expect(run.scalars.allSatisfy { $0.value < 0x7F && $0 != "E" }) }
    let ink = Self.inked(page)
    let cell = unknown.cell.width
    #expect(ink.x.upperBound == unknown.columns * cell)
    #expect(!bytes.isEmpty && page.height >= 2 * (unknown.dotsPerInch + 3) / 6)
  }

  @Test("a drawn character stands in its place where ESC * is known, and what follows in its own")
  func inPlace() throws {
    var profile = PrinterProfile.epsonTMT20II
    profile.codePages = CodePageSet([.init(.pc437, 0)])
    let (bytes, page) = try Self.page(profile) { $0.text("ab \u{2603} cd", alignment: .left) }
    #expect(page.textLines.first?.hasPrefix("ab") == true)
    #expect(Self.runs(page).map(\.x) == [0, 48])
    #expect(Self.inked(page).x == 36..<48)
    let strip: [UInt8] = [0x1B, 0x2A, 33, 12, 0]
    #expect(bytes.indices.count { bytes[$0...].starts(with: strip) } == 1)
    // Many of them are shorter as one picture.
    let many = try Self.page(profile) { $0.text(String(repeating: "\u{2603}", count: 48)) }
    #expect(many.bytes.count < 1900)
    #expect(Self.inked(many.page).x == 0..<576 && Self.inked(many.page).y == 0..<24)
  }

  @Test("styles go into the dots: inverse, underline, and sizes on one base line")
  func styles() throws {
    let inverse = try Self.page(.epsonTMT20II) { $0.text("\u{2603}", style: .inverse) }
    #expect(Self.inked(inverse.page).x.isEmpty)
    let mixed = try Self.page(.generic80) {
      $0.text([
        .init("\u{2603}", style: .size(width: 1, height: 1)),
        .init("\u{2603}", style: .size(width: 2, height: 3)),
      ])
    }
    #expect(Self.inked(mixed.page).x == 0..<36 && Self.inked(mixed.page).y == 0..<72)
    #expect(mixed.page.height == 72)
  }

  @Test(
    "text as a picture stands where the printer's own would stand", arguments: printers,
    [ReceiptDocument.Alignment.left, .centre, .right])
  func raster(profile: PrinterProfile, alignment: ReceiptDocument.Alignment) throws {
    for text in ["x", "xxx", "xxxxxxxx"] {
      for style in [[], .doubleWidth, .size(width: 1, height: 2)] as [ReceiptDocument.Style] {
        let printed = try Self.page(profile) { $0.text(text, style: style, alignment: alignment) }.page
        let drawn = try Self.page(profile) {
          $0.text(text, style: style.union(.raster), alignment: alignment)
        }.page
        #expect(Self.runs(drawn).isEmpty)
        let run = try #require(Self.runs(printed).first)
        #expect(Self.inked(drawn).x == run.x..<(run.x + run.width))
        #expect(Self.inked(drawn).y == run.y..<(run.y + run.height))
        #expect(drawn.height == printed.height)
      }
    }
  }

  @Test("a whole receipt as a picture is as long and as wide as the printed one", arguments: printers)
  func wholeReceipt(profile: PrinterProfile) throws {
    func build(_ style: ReceiptDocument.Style) -> (inout ReceiptDocument) -> Void {
      {
        $0.text("Burger Barn", style: style.union(.bold), alignment: .centre)
        $0.columns("Burger with everything on it, and more", "12.00", style: style)
        $0.row(
          .init("2", alignment: .right, width: 3), .init("Tea"), .init("4.00", alignment: .right, width: 6),
          style: style)
        $0.text("", style: style)
        $0.columns("A name", "and a value that takes it all, and then some more of it", style: style)
      }
    }
    let printed = try Self.page(profile, build([])).page
    let drawn = try Self.page(profile, build(.raster)).page
    #expect(drawn.height == printed.height)
    #expect(Self.inked(drawn).x.upperBound == Self.runs(printed).map { $0.x + $0.width }.max())
  }

  @Test("wide characters take two cells, drawn or not, in columns too")
  func wide() throws {
    for profile in [PrinterProfile.generic80, .epsonTMT20II] {
      let (_, page) = try Self.page(profile) { $0.columns("\u{65E5}\u{672C}", "9.00") }
      // Two wide characters are four cells; the sum ends at the margin.
      let sum = Self.runs(page).last
      #expect(sum.map { $0.x + $0.width } ?? Self.inked(page).x.upperBound == profile.columns * 12)
      #expect(Self.inked(page).x.lowerBound == 0)
    }
    var japan = PrinterProfile.epsonTMT20II
    japan.codePages.doubleByte = .shiftJIS
    let page = try Self.page(japan) { $0.columns("\u{65E5}\u{672C}", "9.00") }.page
    let runs = Self.runs(page)
    #expect(runs.last.map { $0.x + $0.width } == japan.columns * 12)
    #expect(page.textLines.first?.hasPrefix("\u{65E5}\u{672C}") == true)
  }

  /// Whether nothing on the page is dots.
  static func isText(_ page: PrintedPage) -> Bool {
    !page.items.contains { if case .bitmap = $0 { true } else { false } }
  }

  @Test("a line is no picture where the font lacks what the printer has: the euro is spelt instead")
  func fontWithoutIdeographs() throws {
    let sum = "12,50 \u{20AC}"
    let blocks: [(inout ReceiptDocument) -> Void] = [
      { $0.columns("\u{5408}\u{8BA1}", sum) },
      { $0.columns("\u{5408}\u{8BA1}", sum, style: .doubleHeight) },
      { $0.row(.init("\u{5408}\u{8BA1}"), .init(sum, alignment: .right)) },
    ]
    for build in blocks {
      let page = try Self.page(.pos80Gbk, lacking: "\u{5408}\u{8BA1}", build).page
      #expect(Self.isText(page))
      let line = try #require(page.textLines.first)
      #expect(page.textLines.count == 1)
      #expect(line.hasPrefix("\u{5408}\u{8BA1} ") && line.hasSuffix(" 12,50 EUR"))
      #expect(Self.runs(page).last.map { $0.x + $0.width } == 48 * 12)
    }
    // A paragraph breaks where the longer spelling makes it.
    let long = String(repeating: "\u{5408}", count: 20) + " 12,50"
    let page = try Self.page(.pos80Gbk, lacking: "\u{5408}") {
      $0.text(long + " \u{20AC}", alignment: .right)
    }.page
    #expect(Self.isText(page))
    #expect(page.textLines == [long, "EUR"])
    // With a font that has them all the line is a picture, and nothing is lost.
    let whole = try Self.page(.pos80Gbk) { $0.columns("\u{5408}\u{8BA1}", sum) }.page
    #expect(Self.runs(whole).isEmpty)
    #expect(Self.inked(whole).x == 0..<(48 * 12))
  }

  @Test("what can be drawn in its place still is where the font lacks other characters of the line")
  func inPlaceBesideMissing() throws {
    var profile = PrinterProfile.epsonTMT20II
    profile.codePages = CodePageSet([.init(.pc437, 0)], doubleByte: .gbk)
    // So many would be shorter as one picture.
    let stars = String(repeating: "\u{2603}", count: 40)
    let (bytes, page) = try Self.page(profile, lacking: "\u{5408}") { $0.text("\u{5408}" + stars) }
    #expect(page.textLines == ["\u{5408}"])
    #expect(Self.inked(page).x == 24..<(24 + 40 * 12))
    let strip: [UInt8] = [0x1B, 0x2A, 33, 12, 0]
    #expect(bytes.indices.count { bytes[$0...].starts(with: strip) } == 40)
    // Strips do not grow: an enlarged euro is spelt beside the plain one.
    let mixed = try Self.page(profile, lacking: "\u{5408}") {
      $0.text([.init("\u{5408}\u{20AC}"), .init("\u{20AC}", style: .doubleWidth)])
    }.page
    #expect(mixed.textLines == ["\u{5408} EUR"])
    #expect(Self.inked(mixed).x == 24..<36)
  }

  @Test("a line that was asked for as a picture shows a question mark for what the font lacks")
  func missingInPicture() throws {
    let page = try Self.page(.pos80Gbk, lacking: "\u{5408}") {
      $0.text([.init("\u{5408} "), .init("x", style: .raster)])
    }.page
    #expect(Self.runs(page).isEmpty)
    // The question mark is as wide as a cell, and the space behind the two cells of the ideograph stays white.
    let row = try #require(
      page.items.compactMap { if case .bitmap(let placed) = $0 { placed.bitmap } else { nil } }.first)
    #expect((0..<48).map { row[$0, 0] } == (0..<48).map { $0 < 12 || $0 >= 36 })
  }

  @Test("what the font lacks as well is a question mark; what has a likeness is not drawn")
  func last() throws {
    let page = try Self.page(.generic80) { $0.text("\u{201C}\u{160}\u{201D} \u{2620}") }.page
    #expect(page.textLines == ["\"S\" ?"])
  }

  @Test("without a font nothing is drawn, and text as a picture is an error before a byte")
  func noFont() throws {
    var document = ReceiptDocument()
    document.text("9 \u{20AC} \u{2603}")
    let bytes = try ReceiptLayout(.generic80).escpos(document)
    #expect(bytes.suffix(8) == Array("9 EUR ?\n".utf8))
    document.text("picture", style: .raster)
    let error = #expect(throws: DeviceError.self) { try ReceiptLayout(.generic80).escpos(document) }
    #expect(error?.code == .unsupported)
    #expect(error?.detail.hasPrefix("$.items[1]: ") == true)
    var blind = PrinterProfile.generic80
    blind.pictures.commands = []
    #expect(throws: DeviceError.self) { try ReceiptLayout(blind, glyphs: Blocks()).escpos(document) }
  }
}
