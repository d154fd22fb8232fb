import ESCPOS
import POSBarcode
import POSWire
import TestSupport
import Testing

@Suite("Pictures on printers")
struct PicturePrintingTests {
  static func picture(width: Int, height: Int, seed: UInt64 = 1) throws -> Bitmap {
    var generator = SeededGenerator(seed: seed)
    var bytes = (0..<((width + 7) / 8 * height)).map { _ in UInt8.random(in: .min ... .max, using: &generator)
    }
    if width & 7 != 0 {
      for row in 0..<height { bytes[(row + 1) * ((width + 7) / 8) - 1] &= ~(0xFF >> UInt8(width & 7)) }
    }
    return try #require(Bitmap(width: width, packed: bytes, height: height))
  }

  static func printed(_ picture: Bitmap, _ pictures: PictureSupport) throws -> (
    bytes: [UInt8], page: PrintedPage
  ) {
    let support = SymbolSupport(dots: 576, dotsPerInch: 203, pictures: pictures)
    var encoder = ESCPOSEncoder(codePages: CodePageSet([]))
    try encoder.picture(picture, on: support)
    var printer = ESCPOSInterpreter(PrinterGeometry(width: 576, dotsPerInch: 203))
    printer.feed(encoder.bytes.span)
    printer.finish()
    return (encoder.bytes, printer.page)
  }

  /// Everything on the paper as one picture.
  static func paper(_ page: PrintedPage, height: Int) -> Bitmap {
    var paper = Bitmap(width: 576, height: height)
    for case .bitmap(let placed) in page.items { paper.draw(placed.bitmap, x: placed.x, y: placed.y) }
    return paper
  }

  static let ways: [PictureSupport.Commands] = [.raster, .graphics, [.graphics, .longGraphics], .columns24]

  @Test(
    "tall pictures arrive whole, in bands of exact length, by every command (§1.4 B1, B7, B8)",
    arguments: ways, [960, 5000])
  func tall(commands: PictureSupport.Commands, height: Int) throws {
    // Few dots, so that the real-time guard has nothing to move and every dot can be compared; but one in every row, for
    // white rows end a band.
    var picture = Bitmap(width: 576, height: height)
    for y in 0..<height { picture[y % 576, y] = true }
    picture = ESCPOSEncoder.separateRealTimePairs(in: picture)
    for (rows, bytes) in [(2303, 1 << 20), (100, 4096)] {
      let (_, page) = try Self.printed(
        picture, PictureSupport(commands: commands, bandRows: rows, bandBytes: bytes))
      #expect(page.complaints.isEmpty)
      #expect(Self.paper(page, height: height) == picture)
      #expect(page.height == (commands == .columns24 ? (height + 23) / 24 * 24 : height))
    }
  }

  @Test(
    "of 10,000 rows the paper shows each once, in its place, without a stripe (§1.4 B1, B7, B8)",
    arguments: ways)
  func longest(commands: PictureSupport.Commands) throws {
    let height = 10_000
    // A dot that wanders, and one that stands for 576 rows, so that bands cannot change places unseen.
    var picture = Bitmap(width: 576, height: height)
    for y in 0..<height {
      picture[y * 7 % 576, y] = true
      picture[y / 576 * 8, y] = true
    }
    let isLeftAlone = ESCPOSEncoder.separateRealTimePairs(in: picture) == picture
    #expect(isLeftAlone)
    let limits = [(rows: 2303, bytes: 1 << 20), (rows: 255, bytes: 16_384)]
    // Strips of ESC * are always 24 rows.
    for limit in limits.prefix(commands == .columns24 ? 1 : 2) {
      let (_, page) = try Self.printed(
        picture, PictureSupport(commands: commands, bandRows: limit.rows, bandBytes: limit.bytes))
      #expect(page.complaints.isEmpty)
      var shown: [UInt8] = []
      var largest = 0
      for case .bitmap(let placed) in page.items {
        #expect(placed.x == 0 && placed.bitmap.width == 576)
        // Right below the one before.
        #expect(placed.y * 72 == shown.count)
        #expect(placed.bitmap.height <= limit.rows)
        shown += placed.bitmap.bytes
        largest = max(largest, placed.bitmap.bytes.count)
      }
      #expect(largest <= (commands == .graphics ? 0xFFFF - 10 : limit.bytes))
      // What a length of two bytes cannot say is among them.
      if limit.rows == 2303, commands == .raster || commands.contains(.longGraphics) {
        #expect(largest > 0xFFFF)
      }
      let isWhole = shown.starts(with: picture.bytes)
      #expect(isWhole)
      // The last strip is filled up with white.
      let isWhiteBelow = shown.dropFirst(picture.bytes.count).allSatisfy { $0 == 0 }
      #expect(isWhiteBelow)
      #expect(shown.count == 72 * (commands == .columns24 ? 10_008 : height))
      #expect(page.height * 72 == shown.count)
    }
  }

  @Test("no band exceeds the printer's rows or bytes")
  func bands() throws {
    let picture = try Self.picture(width: 570, height: 700)
    for (rows, bytes) in [(50, 65_536), (2303, 4096), (24, 24)] {
      let (_, page) = try Self.printed(picture, PictureSupport(bandRows: rows, bandBytes: bytes))
      for case .bitmap(let placed) in page.items {
        #expect(placed.bitmap.height <= rows)
        #expect(placed.bitmap.bytes.count <= max(bytes, 72))
      }
      #expect(page.complaints.isEmpty)
    }
  }

  @Test("random dots never spell a real-time command, by any command (§2.10, §1.4 B18)", arguments: ways)
  func realTime(commands: PictureSupport.Commands) throws {
    var generator = SeededGenerator(seed: 10)
    for _ in 0..<20 {
      let bytes = (0..<(72 * 48)).map { _ in
        [UInt8](arrayLiteral: 0x10, 0x04, 0x05, 0x14, 0x00, 0x80).randomElement(using: &generator) ?? 0
      }
      let rows = try #require(Bitmap(width: 576, packed: bytes, height: 48))
      // The same dots as columns, for ESC *.
      var columns = Bitmap(width: 576, height: 48)
      for (index, byte) in bytes.enumerated() where index / 3 < 576 {
        for bit in 0..<8 where byte & (0x80 >> UInt8(bit)) != 0 {
          columns[index / 3, index % 3 * 8 + bit] = true
        }
      }
      for picture in [rows, columns] {
        let (sent, page) = try Self.printed(picture, PictureSupport(commands: commands, bandRows: 40))
        #expect(!zip(sent, sent.dropFirst()).contains { $0 == 0x10 && [4, 5, 0x14].contains($1) })
        #expect(page.complaints.isEmpty)
        // As many dots as before: moved, not lost.
        let black = Self.paper(page, height: 48).bytes.reduce(0) { $0 + $1.nonzeroBitCount }
        #expect(black == picture.bytes.reduce(0) { $0 + $1.nonzeroBitCount })
      }
    }
  }

  @Test("white rows are fed, not sent")
  func white() throws {
    var picture = Bitmap(width: 576, height: 500)
    picture.fill(x: 0, y: 10, width: 576, height: 5)
    picture.fill(x: 0, y: 400, width: 576, height: 5)
    let (bytes, page) = try Self.printed(picture, PictureSupport())
    #expect(bytes.count < 800)
    #expect(Self.paper(page, height: 500) == picture)
    #expect(page.height == 500)
    #expect(
      try Self.printed(Bitmap(width: 576, height: 300), PictureSupport()).bytes == hex("1B 4A FF 1B 4A 2D"))
  }

  @Test("wider than the paper, or no command for dots, is an error before a byte")
  func refused() throws {
    #expect(throws: WireError.self) { try Self.printed(Bitmap(width: 577, height: 1), PictureSupport()) }
    #expect(throws: WireError.self) {
      try Self.printed(Bitmap(width: 8, height: 1), PictureSupport(commands: []))
    }
  }

  @Test("a logo is kept once under a key of its dots, and printed from there")
  func logo() throws {
    // 10 04, which a printer would obey, is in the dots: what it gets differs, the key does not.
    var pair = Bitmap(width: 200, height: 80)
    pair.fill(x: 3, y: 0, width: 1, height: 1)
    pair.fill(x: 13, y: 0, width: 1, height: 1)
    let logo = ESCPOSEncoder.separateRealTimePairs(in: pair)
    #expect(logo != pair)
    let support = PictureSupport(commands: [.storedGraphics, .downloadedGraphics, .longGraphics])
    let key = ESCPOSEncoder.key(of: pair)
    #expect(key.count == 2 && key.allSatisfy { (0x20...0x7E).contains($0) })
    #expect(ESCPOSEncoder.key(of: try Self.picture(width: 200, height: 80, seed: 2)) != key)
    for memory in [ESCPOSEncoder.GraphicsMemory.stored, .downloaded] {
      var encoder = ESCPOSEncoder(codePages: CodePageSet([]))
      try encoder.keep(pair, in: memory, on: support)
      #expect(Array(encoder.bytes.prefix(3)) == hex("1D 28 4C"))
      #expect(encoder.bytes[6] == (memory == .stored ? 67 : 83))
      let kept = encoder.bytes.count
      try encoder.printKept(key, from: memory)
      #expect(encoder.bytes.count == kept + 11)
      var printer = ESCPOSInterpreter(PrinterGeometry(width: 576, dotsPerInch: 203))
      printer.feed(encoder.bytes.span)
      #expect(printer.page.complaints.isEmpty)
      let placed = printer.page.items.compactMap { if case .bitmap(let placed) = $0 { placed } else { nil } }
      #expect(placed.map(\.bitmap) == [logo])
      // Flash memory survives ESC @, the other does not.
      var again = ESCPOSEncoder(codePages: CodePageSet([]))
      again.reset()
      try again.printKept(key, from: memory)
      printer.feed(again.bytes.span)
      #expect(printer.page.complaints.map(\.reason) == (memory == .stored ? [] : [.nothingStored]))
    }
    var encoder = ESCPOSEncoder(codePages: CodePageSet([]))
    #expect(throws: WireError.self) { try encoder.keep(logo, in: .stored, on: PictureSupport()) }
    #expect(throws: WireError.self) { try encoder.printKept([0x41, 0x1F], from: .stored) }
    #expect(encoder.bytes.isEmpty)
  }
}
