import POSBarcode
import Testing

@Suite("Bitmap")
struct BitmapTests {
  @Test("the leftmost dot is the most significant bit")
  func bitOrder() {
    var bitmap = Bitmap(width: 9, height: 2)
    bitmap[0, 0] = true
    bitmap[8, 1] = true
    #expect(bitmap.rowBytes == 2)
    #expect(bitmap.bytes == [0x80, 0x00, 0x00, 0x80])
  }

  @Test("drawing outside is cut off", arguments: [(-3, -3), (100, 0), (0, 100)])
  func clipping(corner: (Int, Int)) {
    var bitmap = Bitmap(width: 4, height: 4)
    bitmap.fill(x: corner.0, y: corner.1, width: 4, height: 4)
    let black = (0..<4).flatMap { y in (0..<4).map { x in bitmap[x, y] } }.count { $0 }
    #expect(black == (corner.0 == -3 ? 1 : 0))
  }

  @Test("packed rows must fit exactly")
  func packed() {
    #expect(Bitmap(width: 9, packed: [0, 0, 0], height: 2) == nil)
    #expect(Bitmap(width: 9, packed: [0, 0, 0, 0x80], height: 2)?[8, 1] == true)
  }
}
