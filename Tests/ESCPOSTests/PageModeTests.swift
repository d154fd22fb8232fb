import ESCPOS
import POSBarcode
import POSWire
import TestSupport
import Testing

/// Epson, ESC/POS: `ESC L`, `ESC S`, `ESC W`, `ESC T`, `GS $`, `GS \`, `CAN`, `FF`, `ESC FF`.
@Suite("Page mode")
struct PageModeTests {
  /// An area of 200 × 100 dots at 10, 20.
  static let area = "1B 57 0A 00 14 00 C8 00 64 00"

  static func page(_ commands: String) -> PrintedPage { InterpreterTests.page(hex(commands)) }
  static func runs(_ commands: String) -> [PrintedPage.TextRun] { InterpreterTests.runs(page(commands)) }

  @Test("writes into the area and feeds as far as it reaches")
  func area() {
    let page = Self.page("1B 4C \(Self.area) 41 42 0C")
    let run = InterpreterTests.runs(page).first
    #expect(run?.x == 10 && run?.y == 20 && run?.turn == PrintedPage.Turn.none)
    #expect(page.height == 120)
    #expect(InterpreterTests.lines(page) == ["AB"])
    #expect(page.complaints == [])
  }

  @Test("feeds the whole sheet where no area was chosen, 1662/360 of an inch")
  func wholeSheet() {
    #expect(Self.page("1B 4C 41 0C").height == 203 * 1662 / 360)
  }

  @Test(
    "begins in the corner that the direction says",
    arguments: [
      ("00", 10, 20, PrintedPage.Turn.none, 36, 24), ("01", 10, 20 + 100 - 36, .left, 24, 36),
      ("02", 10 + 200 - 36, 20 + 100 - 24, .halfway, 36, 24), ("33", 10 + 200 - 24, 20, .right, 24, 36),
    ])
  func directions(number: String, x: Int, y: Int, turn: PrintedPage.Turn, width: Int, height: Int) {
    let page = Self.page("1B 4C \(Self.area) 1B 54 \(number) 41 42 43 0C")
    let run = InterpreterTests.runs(page).first
    #expect(run?.x == x && run?.y == y && run?.turn == turn, "\(String(describing: run))")
    #expect(run?.boxWidth == width && run?.boxHeight == height)
    #expect(InterpreterTests.lines(page) == ["ABC"])
    #expect(page.complaints == [])
  }

  @Test("the area that comes before page mode is for the next page alone, the direction for more")
  func chosenBefore() {
    let page = Self.page("\(Self.area) 1B 54 03 1B 4C 41 0C 1B 4C 41 0C")
    let runs = InterpreterTests.runs(page)
    #expect(runs.map(\.x) == [10 + 200 - 24, 384 - 24])
    #expect(runs.map(\.y) == [20, 120])
    #expect(runs.map(\.turn) == [.right, .right])
    #expect(Self.runs("\(Self.area) 1B 53 1B 4C 41 0C").first?.x == 10, "not obeyed there")
    #expect(Self.runs("\(Self.area) 1B 40 1B 4C 41 0C").first?.x == 0)
  }

  @Test("moves along the text and to other base lines, and stays where the area ends")
  func positions() {
    let page = Self.page(
      """
      1B 4C \(Self.area) 1D 24 40 00 1B 24 20 00 41 1D 5C 10 00 1B 5C 04 00 42
      1D 24 F0 00 1B 24 F0 00 43 1D 5C 00 FF 44 0C
      """)
    let runs = InterpreterTests.runs(page)
    #expect(runs.map(\.x) == [10 + 32, 10 + 32 + 12 + 4])
    #expect(runs.map(\.y) == [20 + 64 - 24, 20 + 64 + 16 - 24])
    #expect(InterpreterTests.lines(page) == ["A", "BCD"])
    #expect(page.complaints == [])
  }

  @Test("begins a line where the last one is full, and where it is told")
  func lines() {
    let page = Self.page(
      "1B 4C 1B 57 00 00 00 00 1E 00 64 00 1B 33 20 41 42 43 0A 44 1B 4A 08 45 1B 64 02 46 0C")
    #expect(InterpreterTests.lines(page) == ["AB", "C", "D", "E"])
    #expect(InterpreterTests.runs(page).map(\.y) == [0, 32, 64, 72])
    // The last one is below the sheet.
    #expect(page.complaints.map(\.reason) == [.outsideArea])
  }

  @Test("text that runs down the paper moves by vertical units")
  func units() {
    // 100 units an inch across, 50 down.
    let commands = "1D 50 64 32 1B 4C 1B 57 00 00 00 00 64 00 32 00 1B 54"
    let across = Self.runs("\(commands) 00 1B 24 0A 00 1D 24 0A 00 41 0C").first
    #expect(across?.x == 20 && across?.y == 41 - 24)
    let down = Self.runs("\(commands) 03 1B 24 0A 00 1D 24 0A 00 41 0C").first
    #expect(down?.x == 203 - 20 && down?.y == 41)
  }

  @Test("spacing is a matter of its own")
  func spacing() {
    let page = Self.page("1B 33 50 1B 20 03 1B 4C 41 42 0A 43 1B 20 09 1B 33 10 0C 44 45 0A 46 0A")
    let runs = InterpreterTests.runs(page)
    #expect(runs.map(\.cellWidth) == [12, 12, 15, 15])
    #expect(runs[1].y - runs[0].y == 34)
    #expect(runs[3].y - runs[2].y == 80)
    // Each mode keeps its own.
    let twice = Self.runs("1B 4C 1B 20 05 41 0C 1B 4C 42 0C 43 0A 1B 40 1B 4C 44 0C")
    #expect(twice.map(\.cellWidth) == [17, 17, 12, 12])
  }

  @Test("clears the area, whenever it was written, and nothing beside it")
  func clearing() {
    #expect(
      InterpreterTests.lines(
        Self.page(
          """
          1B 4C \(Self.area) 41 1B 57 2C 01 00 00 28 00 64 00 42 18 43
          1B 57 00 00 00 00 64 00 64 00 18 44 0C
          """)) == ["C", "D"])
  }

  @Test("prints and keeps the sheet, or leaves it")
  func printing() {
    let twice = Self.page("1B 4C \(Self.area) 41 1B 0C 42 0C 43 0A")
    #expect(InterpreterTests.lines(twice) == ["A", "AB", "C"])
    #expect(InterpreterTests.runs(twice).map(\.y) == [20, 120 + 20, 240])
    #expect(twice.complaints == [])
    #expect(InterpreterTests.lines(Self.page("1B 4C 41 1B 53 42 0A")) == ["B"])
    #expect(InterpreterTests.lines(Self.page("1B 4C 41 1B 40 42 0A")) == ["B"])
    #expect(InterpreterTests.reasons(hex("1B 4C 41")) == [.lineNotPrinted])
    #expect(InterpreterTests.reasons(hex("1B 4C 41 1B 0C")) == [])
    let cleared = hex("1B 4C \(Self.area) 41 1B 0C 1B 57 2C 01 00 00 28 00 64 00 42 18")
    #expect(InterpreterTests.reasons(cleared) == [])
    #expect(InterpreterTests.reasons(hex("41 1B 4C 0A")) == [.notAtLineStart])
  }

  @Test("pictures stand on the base line and turn", arguments: [("00", 0), ("01", 3), ("02", 2), ("03", 1)])
  func pictures(direction: String, quarters: Int) throws {
    let picture = try #require(Bitmap(width: 16, packed: [0xC0, 0x01, 0x80, 0x00], height: 2))
    let page = Self.page(
      """
      1B 4C \(Self.area) 1B 54 \(direction) 1D 24 32 00 1B 24 08 00
      1D 28 4C 0E 00 30 70 30 01 01 31 10 00 02 00 C0 01 80 00 1D 28 4C 02 00 30 32 41 0C
      """)
    let placed = try #require(InterpreterTests.bitmaps(page).first)
    #expect(placed.bitmap == picture.turned(quarters))
    let run = try #require(InterpreterTests.runs(page).first)
    switch direction {
    case "00": #expect(placed.x == 18 && placed.y == 20 + 48 && run.x == 34)
    case "01": #expect(placed.x == 10 + 48 && placed.y == 120 - 8 - 16 && run.y == 120 - 24 - 12)
    case "02": #expect(placed.x == 210 - 8 - 16 && placed.y == 120 - 50 && run.x == 210 - 24 - 12)
    default: #expect(placed.x == 210 - 50 && placed.y == 28 && run.y == 20 + 24)
    }
    #expect(page.complaints == [])
  }

  @Test("symbols stand on the base line, their characters under it")
  func symbols() throws {
    let page = Self.page(
      """
      1B 4C 1B 57 0A 00 14 00 C8 00 C8 00 1B 54 03 1D 24 50 00 1D 68 32 1D 77 02 1D 48 02
      1D 6B 44 07 31 32 33 34 35 36 37 0C
      """)
    let symbol = try #require(page.symbols.first)
    #expect(symbol.turn == .right)
    #expect(symbol.width == 134 && symbol.height == 50)
    #expect(symbol.boxWidth == 50 && symbol.boxHeight == 134)
    #expect(symbol.drawing?.width == 50 && symbol.drawing?.height == 134)
    // 80 down from the upper right corner, which is to the left.
    #expect(symbol.x == 210 - 80 && symbol.y == 20)
    let hri = try #require(symbol.hri.first)
    #expect(hri.turn == .right && hri.x == 210 - 80 - 24)
    #expect(hri.y == 20 + (134 - 8 * 12) / 2)
    #expect(page.complaints == [])
    // The other area is less long than the bars are wide.
    #expect(
      Self.page("1B 4C \(Self.area) 1B 54 03 1D 77 02 1D 6B 44 07 31 32 33 34 35 36 37 0C").complaints.map(
        \.reason)
        == [.tooWide])
  }

  @Test("complains once a line of what the area cuts off, and of what the mode does not obey")
  func complaints() {
    #expect(InterpreterTests.reasons(hex("1B 4C 1D 24 08 00 41 1B 45 01 42 43 0C")) == [.outsideArea])
    #expect(InterpreterTests.reasons(hex("1D 24 08 00 1B 0C")) == [.onlyInPageMode, .onlyInPageMode])
    #expect(InterpreterTests.reasons(hex("1B 4C 1D 56 00 1B 69 0C")) == [.notInPageMode, .notInPageMode])
    #expect(Self.page("1B 4C 41 1B 6D 0C").cuts == [])
    // The lowest edge counts, not the last: the cutter is 100 dots away.
    let cut = "1B 4C 1B 57 00 00 00 00 C8 00 C8 00 1D 24 C8 00 41 1D 24 18 00 42 0C 1D 56 00"
    #expect(InterpreterTests.reasons(hex(cut)) == [.cutsPrint])
    #expect(InterpreterTests.reasons(hex("1B 57 00 00 00 00 00 00 01 00")) == [.badParameter])
    #expect(InterpreterTests.reasons(hex("1B 54 04")) == [.badParameter])
  }

  @Test("what is wholly beside the sheet is not printed, and an area ends with the sheet")
  func beside() {
    let page = Self.page("58 0A 1B 4C 1D 24 00 00 41 0C")
    #expect(InterpreterTests.lines(page) == ["X"])
    #expect(page.complaints.map(\.reason) == [.outsideArea])
    #expect(Self.page("1B 4C 1B 57 00 00 00 00 C8 00 FF FF 41 0C").height == 203 * 1662 / 360)
    let geometry = InterpreterTests.geometry
    let raster = hex("1B 4C 1D 76 30 00 0A 00 2C 01") + [UInt8](repeating: 0, count: 3000) + hex("0C")
    let small = InterpreterTests.page(raster, geometry, limits: .init(rasterBytes: 100))
    #expect(small.height == 203 * 1662 / 360)
  }

  @Test("a sheet keeps no more than a quarter of the items, however often it is printed")
  func limits() {
    var bytes = hex("1B 4C")
    for number in 0..<100 { bytes += hex("1B 45") + [UInt8(number & 1), 0x41, 0x1B, 0x0C, 0x18, 0x42] }
    for _ in 0..<100 { bytes += hex("1B 45 01 41 1B 45 00 41 1B 0C") }
    let page = InterpreterTests.page(bytes, limits: .init(items: 40))
    #expect(page.items.count <= 40)
    #expect(page.complaints.map(\.reason).contains(.overLimit))
  }

  @Test("the encoder's page is what the interpreter reads")
  func encoder() throws {
    var encoder = ESCPOSEncoder(codePages: CodePageSet([.init(.pc437, 0)]))
    encoder.beginPage()
    try encoder.pageArea(x: 10, y: 20, width: 200, height: 300)
    for direction in ESCPOSEncoder.PageDirection.allCases {
      encoder.pageDirection(direction)
      encoder.pageBaseline(64)
      encoder.pagePosition(32)
      encoder.text("\(direction)".unicodeScalars)
    }
    encoder.printPage(keepingIt: true)
    encoder.clearPageArea()
    encoder.printPage()
    encoder.beginPage()
    encoder.cancelPage()
    #expect(
      encoder.bytes.starts(
        with: hex(
          "1B 4C 1B 57 0A 00 14 00 C8 00 2C 01 1B 54 00 1D 24 40 00 1B 24 20 00 72 69 67 68 74 1B 54 01")))
    #expect(encoder.bytes.suffix(7) == hex("1B 0C 18 0C 1B 4C 1B 53").suffix(7))
    let page = InterpreterTests.page(encoder.bytes)
    #expect(page.complaints == [])
    #expect(InterpreterTests.lines(page) == ["right", "up", "left", "down"])
    #expect(InterpreterTests.runs(page).map(\.turn) == [.none, .left, .halfway, .right])
    #expect(page.height == 640)
    // Nothing wide, nothing high, DLE ENQ 0 and DLE EOT 1.
    for (y, width, height) in [(UInt16(0), UInt16(0), UInt16(1)), (0, 1, 0), (1296, 512, 9), (1040, 513, 9)] {
      #expect(throws: WireError.self) { try encoder.pageArea(x: 0, y: y, width: width, height: height) }
    }
  }

  @Test("characters that lie take the height of their cell along the line")
  func lying() {
    let page = Self.page("1B 2D 01 1B 56 01 1D 21 01 41 42 1B 56 00 1D 21 00 43 0A")
    let runs = InterpreterTests.runs(page)
    #expect(runs.map(\.isLying) == [true, false])
    #expect(runs[0].width == 2 * 48 && runs[0].height == 12 && runs[0].underline == 0)
    #expect(runs[1].x == 96 && runs[1].underline == 1)
    #expect(runs[0].y + runs[0].height == runs[1].y + runs[1].height)
    #expect(page.complaints == [])
  }
}
