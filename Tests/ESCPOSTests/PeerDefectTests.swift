import ESCPOS
import POSBarcode
import POSWire
import Testing

/// Defects of other programs (specs/escpos.md §1.4) that no other test names: the rest stand beside what they pin.
@Suite("Defects of peers")
struct PeerDefectTests {
  @Test("black is black, and the luma is the picture's (B15)")
  func polarity() throws {
    let picture = try #require(Picture(width: 8, height: 1, levels: [0, 0, 0, 0, 255, 255, 255, 255]))
    for (_, dithering) in Dithering.named { #expect(picture.dithered(dithering).bytes == [0xF0]) }
  }

  @Test("a QR code's size is set once (B15)")
  func sizeOnce() throws {
    var encoder = ESCPOSEncoder(codePages: CodePageSet([]))
    try encoder.symbol(
      SymbolRequest(.qr, data: [0x61], module: 5), on: SymbolSupport(dots: 576, dotsPerInch: 203, native: .qr)
    )
    let size = hex("1D 28 6B 03 00 31 43 05")
    #expect(encoder.bytes.indices.count { encoder.bytes[$0...].starts(with: size) } == 1)
  }

  @Test("a module is never a dot wider or narrower than its neighbour (B3)", arguments: [2, 3, 4])
  func exactModules(module: Int) throws {
    for symbology in LinearSymbol.symbologies {
      let data = symbology == .codabar ? "A123456A" : symbology == .gs1128 ? "0109501101530003" : "123456"
      let digits =
        [Symbology.ean13: "315788232640", .ean8: "9031101", .upcA: "03600029145"][symbology] ?? data
      let picture = try LinearSymbol(symbology, ascii: Array(digits.utf8).span).bitmap(
        module: module, height: 1)
      let edges = (1..<picture.width).filter { picture[$0, 0] != picture[$0 - 1, 0] }
      #expect(edges.allSatisfy { $0 % module == 0 })
    }
  }

  @Test("a page search does not grow with what was printed before (B10)")
  func pageSearch() {
    // The same line twice is the same bytes twice: nothing is kept, copied or searched again between them.
    var encoder = ESCPOSEncoder(
      codePages: CodePageSet([.init(.pc437, 0), .init(.pc866, 17), .init(.pc858, 19)]))
    encoder.initialize()
    var lines: [[UInt8]] = []
    for _ in 0..<1000 {
      let start = encoder.bytes.count
      encoder.text("Привет € é".unicodeScalars)
      encoder.lineFeed()
      lines.append(Array(encoder.bytes[start...]))
    }
    #expect(Set(lines.dropFirst()).count == 1)
  }
}
