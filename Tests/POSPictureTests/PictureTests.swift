import ESCPOS
import POSBarcode
import POSPicture
import Testing

@Suite("Pictures")
struct PictureTests {
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
}
