import ESCPOS
import POSBarcode
import POSModel
import POSPicture
import Testing

@Suite("Pictures")
struct PictureTests {
  @Test("reads its own PNG, and a grey picture made by another program")
  func read() throws {
    let levels = (0..<(17 * 5)).map { UInt8($0 * 3) }
    let picture = try #require(Picture(width: 17, height: 5, levels: levels))
    #expect(try Picture(png: try picture.png()) == picture)
  }

  @Test("a broken PNG, none at all, or one of 100 megapixels is an error")
  func broken() throws {
    let file = try Picture(width: 20, height: 20).png()
    for damaged in [[], Array(file.prefix(20)), Array(file.prefix(file.count / 2)), Array("GIF89a".utf8)] {
      #expect(throws: DeviceError.self) { try Picture(png: damaged) }
    }
    // The header of 10 000 by 10 000 dots, its checksum right: refused before memory is taken for the dots.
    var header = Array(file.prefix(8))
    header += [0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0x27, 0x10, 0, 0, 0x27, 0x10, 8, 0, 0, 0, 0]
    let checksum = Self.crc(header[12...])
    header += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: checksum >> $0) }
    let error = #expect(throws: DeviceError.self) { try Picture(png: header + file.dropFirst(33)) }
    #expect(error?.code == .badInput)
    #expect(error?.detail.contains("too many") == true)
  }

  /// The checksum of a PNG chunk (RFC 2083 §3.4).
  static func crc(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var crc = UInt32.max
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }

  @Test("a PNG file begins with the signature and the size of the picture")
  func png() throws {
    var bitmap = Bitmap(width: 3, height: 2)
    bitmap[1, 1] = true
    let file = try Picture(bitmap, margin: 1).png()
    #expect(file.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    #expect(file[16..<24] == [0, 0, 0, 5, 0, 0, 0, 4])
  }

  @Test("a picture without dots is refused, not trapped")
  func empty() {
    #expect(throws: (any Error).self) { try Picture(width: 0, height: 0).png() }
  }

  @Test("Braille patterns show two by four points a character")
  func braille() {
    var bitmap = Bitmap(width: 4, height: 4)
    bitmap[0, 0] = true
    bitmap[1, 3] = true
    bitmap.fill(x: 2, y: 0, width: 2, height: 4)
    #expect(Picture(bitmap).braille(cellWidth: 2, cellHeight: 4) == ["\u{2881}\u{28FF}"])
  }

  @Test(
    "characters as dots fill their cell and no more, in black and white",
    arguments: ["A", "€", "Ω", "Ж", "☃"])
  func dots(_ text: String) throws {
    let scalar = try #require(text.unicodeScalars.first)
    let font = try GlyphSource()
    for (width, height) in [(12, 24), (24, 48), (9, 17)] {
      let dots = try #require(font.dots(of: scalar, width: width, height: height, isBold: false))
      #expect(dots.width == width && dots.height == height)
      let black = (0..<(width * height)).count { dots[$0 % width, $0 / width] }
      // Strokes, neither specks nor blocks.
      #expect(black > width * height / 20 && black < width * height * 2 / 3, "\(text) has \(black) dots")
    }
    #expect(font.dots(of: " ", width: 12, height: 24, isBold: true) == Bitmap(width: 12, height: 24))
    #expect(font.dots(of: "\u{E123}", width: 12, height: 24, isBold: false) == nil)
    #expect(font.dots(of: "A", width: 0, height: 24, isBold: false) == nil)
    #expect(font.dots(of: "A", width: 12, height: 1 << 40, isBold: false) == nil)
  }

  @Test("a drawn character stands in its line in the terminal's picture")
  func drawnInLine() {
    var page = PrintedPage(width: 48, dotsPerInch: 203)
    page.height = 34
    var block = Bitmap(width: 12, height: 24)
    block.fill(x: 0, y: 0, width: 12, height: 24)
    page.items = [
      .bitmap(.init(block, x: 0, y: 0)),
      .text(.init(x: 12, y: 0, line: 0, scalars: ["H"], font: .a, cellWidth: 12, cellHeight: 24)),
      .bitmap(.init(block, x: 24, y: 0)),
    ]
    #expect(TerminalReceipt(page).lines == ["┌──────┐", "│ \u{28FF}H\u{28FF}  │", "└──────┘"])
  }

  @Test("text is painted inside its cells, bitmaps dot for dot")
  func page() throws {
    var page = PrintedPage(width: 48, dotsPerInch: 203)
    page.height = 40
    page.items = [
      .text(
        .init(x: 12, y: 0, line: 0, scalars: ["H"], font: .a, cellWidth: 12, cellHeight: 24)),
      .bitmap(.init(try #require(Bitmap(width: 8, packed: [0x81], height: 1)), x: 0, y: 30)),
    ]
    var painter = PagePainter(glyphs: try GlyphSource())
    painter.margin = 0
    let picture = try painter.paint(page)
    let dark = picture.levels.indices.filter { picture.levels[$0] < 128 }.map { ($0 % 48, $0 / 48) }
    let textDots = dark.filter { $0.1 < 24 }
    #expect(textDots.count > 20)
    #expect(textDots.allSatisfy { (12..<24).contains($0.0) })
    #expect(dark.filter { $0.1 == 30 }.map(\.0) == [0, 7])
  }

  /// A page that one run of text fills, in levels of grey by rows.
  private func painted(_ run: PrintedPage.TextRun) throws -> [[UInt8]] {
    var page = PrintedPage(width: run.boxWidth, dotsPerInch: 203)
    page.height = run.boxHeight
    page.items = [.text(run)]
    var painter = PagePainter(glyphs: try GlyphSource())
    painter.margin = 0
    let picture = try painter.paint(page)
    return (0..<picture.height).map { row in
      Array(picture.levels[(row * picture.width)..<((row + 1) * picture.width)])
    }
  }

  /// Rows turned by a quarter to the right.
  private func turned(_ rows: [[UInt8]]) -> [[UInt8]] {
    (rows.first ?? []).indices.map { column in rows.reversed().map { $0[column] } }
  }

  @Test("text that is turned is upright text in a turned picture", arguments: [false, true])
  func turnedText(isInverse: Bool) throws {
    var run = PrintedPage.TextRun(
      x: 0, y: 0, line: 0, scalars: ["F", "g", "7"], font: .a, cellWidth: 12, cellHeight: 24)
    run.underline = 2
    run.isInverse = isInverse
    var expected = try painted(run)
    #expect(expected.joined().contains { $0 < 64 })
    for turn in [PrintedPage.Turn.right, .halfway, .left] {
      run.turn = turn
      expected = turned(expected)
      #expect(try painted(run) == expected, "\(turn)")
    }
  }

  @Test("a character that lies is an upright one, turned in its cell")
  func lyingText() throws {
    var run = PrintedPage.TextRun(
      x: 0, y: 0, line: 0, scalars: ["F"], font: .a, cellWidth: 12, cellHeight: 24)
    let upright = try painted(run)
    (run.cellWidth, run.cellHeight, run.isLying) = (24, 12, true)
    #expect(try painted(run) == turned(upright))
  }
}
