import POSBarcode
import TestSupport
import Testing

@Suite("Bitmaps")
struct BitmapTests {
  @Test("a picture drawn into another blackens the same dots as one drawn dot by dot")
  func draw() throws {
    var generator = SeededGenerator(seed: 75)
    for _ in 0..<500 {
      func picture() throws -> Bitmap {
        let width = Int.random(in: 0...40, using: &generator)
        let height = Int.random(in: 0...5, using: &generator)
        // Padding is anything.
        let bytes = (0..<((width + 7) / 8 * height)).map { _ in UInt8.random(in: 0...255, using: &generator) }
        return try #require(Bitmap(width: width, packed: bytes, height: height))
      }
      let (paper, drawn) = (try picture(), try picture())
      for x in -10...45 {
        let y = Int.random(in: -6...6, using: &generator)
        var whole = paper
        whole.draw(drawn, x: x, y: y)
        var dotted = paper
        for row in 0..<drawn.height {
          for column in 0..<drawn.width where drawn[column, row] { dotted[x + column, y + row] = true }
        }
        #expect(whole == dotted)
      }
    }
    var paper = Bitmap(width: 9, height: 1)
    for place in [Int.min, .max] {
      paper.draw(Bitmap(bars: [true], module: 1, height: 1), x: place, y: place)
    }
    #expect(paper == Bitmap(width: 9, height: 1))
  }
}
