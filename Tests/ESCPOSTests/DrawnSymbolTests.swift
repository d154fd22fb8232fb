import ESCPOS
import POSBarcode
import Testing

@Suite("Bar codes among the dots")
struct DrawnSymbolTests {
  /// `GS v 0`, a picture of so many rows at a time.
  static func raster(_ picture: Bitmap, rows: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for first in stride(from: 0, to: picture.height, by: rows) {
      let part = picture.rows(from: first, count: rows)
      bytes += [0x1D, 0x76, 0x30, 0, UInt8(part.rowBytes & 0xFF), UInt8(part.rowBytes >> 8)]
      bytes += [UInt8(part.height & 0xFF), UInt8(part.height >> 8)] + part.bytes
    }
    return bytes
  }

  static func page(_ bytes: [UInt8]) -> PrintedPage {
    InterpreterTests.page(bytes, PrinterGeometry(width: 576, dotsPerInch: 203))
  }

  static func code(_ text: String, module: Int) throws -> Bitmap {
    try QRCode(Array(text.utf8).span).bitmap(module: module)
  }

  /// So many rows of `BA`, in which every byte looks like the middle of a finder pattern.
  static func finders(rows: Int) throws -> Bitmap {
    try #require(Bitmap(width: 576, packed: [UInt8](repeating: 0xBA, count: 72 * rows), height: rows))
  }

  @Test("what looks like finder patterns everywhere is gone through once", .timeLimit(.minutes(1)))
  func manyFinders() throws {
    let rows = 8000
    let whole = Self.page(Self.raster(try Self.finders(rows: rows), rows: rows))
    let pieces = Self.page(Self.raster(try Self.finders(rows: rows), rows: 1))
    #expect(InterpreterTests.bitmaps(whole).count == 1 && InterpreterTests.bitmaps(pieces).count == rows)
    #expect(whole.drawnSymbols == pieces.drawnSymbols)
    #expect(!whole.drawnSymbols.contains { $0.symbology == .qr })
  }

  @Test("rows of finder patterns that belong to nothing hold no code", .timeLimit(.minutes(1)))
  func tiles() throws {
    // A finder pattern of seven modules every 14 dots, both ways.
    var picture = Bitmap(width: 576, height: 1400)
    for y in stride(from: 0, to: picture.height, by: 14) {
      for x in stride(from: 0, to: picture.width - 7, by: 14) {
        for row in 0..<7 {
          for column in 0..<7 where max(abs(row - 3), abs(column - 3)) != 2 {
            picture[x + column, y + row] = true
          }
        }
      }
    }
    #expect(!Self.page(Self.raster(picture, rows: 1)).drawnSymbols.contains { $0.symbology == .qr })
  }

  @Test("a code is found wherever its dots begin", arguments: 1...6)
  func places(module: Int) throws {
    let code = try QRCode(Array("r/1".utf8).span).bitmap(module: module, quietZone: 0)
    for y in 0..<13 {
      var picture = Bitmap(width: 576, height: 200)
      picture.draw(code, x: 40, y: y)
      let found = Self.page(Self.raster(picture, rows: 200)).drawnSymbols
      #expect(found.map(\.y) == [y] && found.map(\.module) == [module] && found.map(\.x) == [40])
    }
  }

  @Test("a code is found whatever pieces its dots come in", arguments: [1, 2, 7, 24, 1000])
  func pieces(rows: Int) throws {
    let first = try Self.code("https://example.com/r/1", module: 4)
    let second = try Self.code("2", module: 5)
    let bars = try LinearSymbol(.ean13, ascii: Array("315788232640".utf8).span)
    var picture = Bitmap(width: 576, height: 300)
    picture.draw(first, x: 8, y: 0)
    picture.draw(second, x: 301, y: 3)
    picture.draw(Bitmap(bars: bars.modules, module: 2, height: 60), x: 100, y: 220)
    let page = Self.page(Self.raster(picture, rows: rows))
    let found = page.drawnSymbols.sorted { ($0.y, $0.x) < ($1.y, $1.x) }
    #expect(
      found.map(\.data) == ["https://example.com/r/1", "2", "3157882326401"].map { Array($0.utf8) })
    // Quiet zones of four modules.
    #expect(found.map(\.x) == [8 + 16, 301 + 20, 100] && found.map(\.y) == [16, 3 + 20, 220])
    #expect(found.map(\.module) == [4, 5, 2] && found.map(\.height) == [25 * 4, 21 * 5, 60])
  }

  @Test("pictures at any dot and over each other are read as the one that they make")
  func overlapping() throws {
    let code = try Self.code("over", module: 4)
    let left = Bitmap(width: code.width, height: code.height)
    var halves = [left, left]
    for y in 0..<code.height {
      for x in 0..<code.width where code[x, y] { halves[(x + y) & 1][x, y] = true }
    }
    for x in [0, 1, 5, 13, -3, 576 - code.width + 3] {
      var page = PrintedPage(width: 576, dotsPerInch: 203)
      page.height = code.height
      page.items = halves.map { .bitmap(.init($0, x: x, y: 0)) }
      #expect(page.drawnSymbols.map(\.data) == [Array("over".utf8)], "at \(x)")
      #expect(page.drawnSymbols.map(\.x) == [x + 16], "at \(x)")
    }
  }

  @Test("a sheet that is printed again at the same place shows its code once, and one beside it too")
  func printedTwice() throws {
    let code = try Self.code("twice", module: 4)
    var page = PrintedPage(width: 576, dotsPerInch: 203)
    let far = PrintedPage.Item.bitmap(.init(code, x: 300, y: 2000))
    let near = PrintedPage.Item.bitmap(.init(code, x: 16, y: 0))
    page.height = 3000
    page.items = [near, far, near, far]
    #expect(page.drawnSymbols.map(\.x) == [16 + 16, 300 + 16])
    #expect(page.drawnSymbols.map(\.y) == [16, 2016])
  }
}
