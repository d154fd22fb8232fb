import POSBarcode
import POSWire
import TestSupport
import Testing

@Suite("Linear symbols")
struct LinearSymbolTests {
  static func symbol(_ symbology: Symbology, _ text: String) throws -> LinearSymbol {
    try LinearSymbol(symbology, ascii: Array(text.utf8).span)
  }

  /// Printed by zint 2.11.1: `zint --dump -b SYMBOLOGY --notext -d DATA`, four modules a digit, white at the end.
  @Test(
    "draws the modules that zint draws",
    arguments: [
      (Symbology.ean8, "9031101", "A2 C6 BD 32 AC DC B3 44 A"),
      (.upcE, "0123456", "AC C9 BD 3A E5 7A A"),
      (.upcA, "03600029145", "A3 5E AF 1A 34 6A B6 74 CD 72 76 CA"),
      (.ean13, "400638133393", "A3 53 AF 7A 25 9A A1 42 85 D2 16 6A"),
      (.code39, "A1-", "96 D6 A5 B4 AD 2B 69 6D"),
      (.code93, "Aa1", "AF 6A 26 5A 8A 46 93 5D 5E 8"),
      (.code128, "ABC1234", "D2 14 62 2C 44 6B BD 67 22 C5 8E C7 58"),
      (.interleaved2of5, "1234", "AE 8A E3 BA 28 E8"),
      (.codabar, "A12B", "B2 55 95 2D 25 8"),
    ])
  func zint(symbology: Symbology, data: String, dump: String) throws {
    var expected: [Bool] = []
    for digit in dump.compactMap(\.hexDigitValue) {
      for bit in (0..<4).reversed() { expected.append(digit >> bit & 1 == 1) }
    }
    while expected.last == false { expected.removeLast() }
    #expect(try Self.symbol(symbology, data).modules == expected)
  }

  @Test(
    "appends the check digit, or finds it wrong",
    arguments: [
      (Symbology.ean13, "315788232640", "3157882326401"), (.ean8, "9031101", "90311017"),
      (.upcA, "03600029145", "036000291452"), (.upcE, "0123456", "01234565"), (.upcE, "123456", "01234565"),
      (.upcE, "012345000065", "01234565"), (.upcE, "01234500006", "01234565"),
    ])
  func checkDigits(symbology: Symbology, data: String, whole: String) throws {
    #expect(try Self.symbol(symbology, data).data == Array(whole.utf8))
    #expect(try Self.symbol(symbology, whole).data == Array(whole.utf8))
    let last = whole.utf8.last.map { $0 == 0x39 ? "0" : String(UnicodeScalar($0 + 1)) } ?? ""
    let error = #expect(throws: WireError.self) { try Self.symbol(symbology, whole.dropLast() + last) }
    #expect(error?.reason == .checksum)
  }

  @Test(
    "refuses what the symbology does not have, with its place",
    arguments: [
      (Symbology.ean13, "31578823264x", WireError.Reason.value, 11), (.ean13, "3157", .truncated, 4),
      (.ean8, "903110", .truncated, 6), (.ean8, "903110175", .lengthOverLimit, 8),
      (.upcE, "12345", .truncated, 5),
      (.upcE, "2123456", .value, 0), (.upcE, "036000291452", .value, 0), (.code39, "abc", .value, 0),
      (.code39, "", .truncated, 0), (.code93, "\u{80}", .value, 0), (.code128, "a\u{e9}", .value, 1),
      (.interleaved2of5, "123", .truncated, 3), (.interleaved2of5, "12x4", .value, 2),
      (.codabar, "A12X4B", .value, 3),
      (.codabar, "A1", .truncated, 2), (.codabar, "12B4", .value, 2), (.gs1128, "(01)123", .value, 0),
      (.gs1128, "(01", .truncated, 3), (.qr, "x", .unsupported, 0),
    ])
  func refused(symbology: Symbology, data: String, reason: WireError.Reason, offset: Int) throws {
    let error = #expect(throws: WireError.self) { try Self.symbol(symbology, data) }
    if symbology != .gs1128 { #expect(error == WireError(reason, at: offset, field: "")) }
  }

  @Test("reads back what it draws, whatever the module", arguments: 1...8)
  func readBack(module: Int) throws {
    var generator = SeededGenerator(seed: UInt64(module))
    let alphabets: [(Symbology, String, ClosedRange<Int>)] = [
      (.ean13, "0123456789", 12...12), (.ean8, "0123456789", 7...7), (.code39, "0A1B2C-. $/+%Z", 1...20),
      (.code93, "0Aa~\t {z", 1...20), (.code128, "0123456789aA\t~{", 1...30),
      (.interleaved2of5, "0123456789", 8...8),
      (.codabar, "0123456789-$:/.+", 1...20),
    ]
    for (symbology, alphabet, counts) in alphabets {
      for _ in 0..<20 {
        let count = Int.random(in: counts, using: &generator)
        let data = (0..<count).compactMap { _ in Array(alphabet.utf8).randomElement(using: &generator) }
        let symbol = try LinearSymbol(symbology, ascii: data.span)
        let picture = try symbol.bitmap(module: module, height: 3, showsText: false)
        let found = LinearReader.read(picture, row: 1)
        #expect(found.map(\.symbology) == [symbology])
        #expect(found.map(\.data) == [symbol.data])
        #expect(found.map(\.x) == [symbol.leftQuietZone * module])
        #expect(found.map(\.width) == [symbol.modules.count * module])
      }
    }
  }

  @Test(
    "needs the fewest code words of Code 128 (ISO/IEC 15417)",
    arguments: [
      // Start, data, check and stop.
      ("1", 4), ("12", 4), ("1234", 5), ("123", 6), ("ABC1234", 9), ("a\u{1}b", 7), ("\u{1}\u{2}", 5),
      ("X12345Y", 10),
      ("0123456789", 8), ("A1234B", 9), ("AB\u{9}\u{A}cd\u{D}", 12),
    ])
  func code128(text: String, words: Int) throws {
    let code = try Code128(ascii: Array(text.utf8).span)
    #expect(code.codewords.count == words, "\(code.codewords)")
  }

  @Test("is never longer than any fixed choice of set, and always reads back")
  func code128Optimal() throws {
    var generator = SeededGenerator(seed: 128)
    for _ in 0..<300 {
      let count = Int.random(in: 1...16, using: &generator)
      let data = (0..<count).map { _ in
        Bool.random(using: &generator)
          ? UInt8.random(in: 0x30...0x39, using: &generator) : UInt8.random(in: 0...127, using: &generator)
      }
      let code = try Code128(ascii: data.span)
      // Set B with a shift for every control needs so many.
      #expect(code.codewords.count <= 3 + data.count + data.count { $0 < 0x20 })
      #expect(LinearSymbol(code).data == data)
    }
  }

  @Test("long bars and digits stand where GS1 wants them (specs/escpos.md §2.7)")
  func guards() throws {
    for (symbology, data) in [
      (Symbology.ean13, "315788232640"), (.upcA, "03600029145"), (.ean8, "9031101"), (.upcE, "01234565"),
    ] {
      let symbol = try Self.symbol(symbology, data)
      let picture = try symbol.bitmap(module: 2, height: 40, showsText: false)
      let places = symbol.modules.indices.map { (symbol.leftQuietZone + $0) * 2 }
      let isLong = symbol.modules.indices.map { index in symbol.longBars.contains { $0.contains(index) } }
      #expect(places.map { picture[$0, 39] } == symbol.modules)
      let foot = 40 + 2 * EAN13.guardDrop - 1
      #expect(places.map { picture[$0, foot] } == zip(symbol.modules, isLong).map { $0 && $1 })
      #expect(symbol.labels.map(\.character) == symbol.text)
    }
  }

  @Test("GS1-128 puts FNC1 where an element needs it, and reports it as a separator")
  func gs1() throws {
    let symbol = try Self.symbol(.gs1128, "(01)09501101530003(10)AB-123(21)77")
    #expect(symbol.data == Array("010950110153000310AB-123\u{1D}2177".utf8))
    #expect(symbol.text == Array("(01)09501101530003(10)AB-123(21)77".utf8))
    #expect(try Self.symbol(.gs1128, "010950110153000310AB-123\u{1D}2177") == symbol)
    let found = LinearReader.read(try symbol.bitmap(module: 1, height: 2), row: 0)
    #expect(found.map(\.symbology) == [.gs1128])
    #expect(found.map(\.data) == [symbol.data])
  }

  @Test("random dots hold no symbol")
  func noise() {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<500 {
      let bytes = (0..<72).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
      if let row = Bitmap(width: 576, packed: bytes, height: 1) {
        #expect(LinearReader.read(row, row: 0).isEmpty)
        #expect(
          QRReader.finders(in: row, row: 0).allSatisfy {
            QRReader.read(row, x: $0.x, y: 0, module: $0.module) == nil
          })
      }
    }
  }
}

@Suite("QR codes")
struct QRCodeTests {
  @Test("reads back what it draws, at every level", arguments: QRCode.ErrorCorrection.allCases)
  func readBack(level: QRCode.ErrorCorrection) throws {
    for count in [1, 2, 3, 16, 17, 80, 300, 1200] {
      for alphabet in ["0123456789", "AB 12:/", "aé€ß1"] {
        let letters = Array(alphabet.utf8)
        let data = (0..<count).map { letters[($0 * 5 + count) % letters.count] }
        let code = try QRCode(data.span, level: level)
        let picture = try code.bitmap(module: 2)
        let read = QRReader.read(picture, x: 2 * QRCode.quietZone, y: 2 * QRCode.quietZone, module: 2)
        #expect(read?.data == data)
        #expect(read?.side == code.side)
      }
    }
  }

  @Test("takes the smallest version (ISO/IEC 18004, table 7)")
  func versions() throws {
    // Most bytes of version 1 at L, M, Q, H; digits and capitals at L; and the largest of all.
    for (count, level, version) in [
      (17, QRCode.ErrorCorrection.low, 1), (18, .low, 2), (14, .medium, 1), (15, .medium, 2),
      (11, .quartile, 1),
      (7, .high, 1), (8, .high, 2), (2953, .low, 40), (1273, .high, 40),
    ] {
      let data = [UInt8](repeating: 0x61, count: count)
      #expect(try QRCode(data.span, level: level).version == version)
    }
    #expect(try QRCode([UInt8](repeating: 0x31, count: 41).span, level: .low).version == 1)
    #expect(try QRCode([UInt8](repeating: 0x41, count: 25).span, level: .low).version == 1)
    #expect(throws: WireError(.lengthOverLimit, at: 2954, field: "")) {
      try QRCode([UInt8](repeating: 0x61, count: 2954).span, level: .low)
    }
    #expect(throws: WireError(.truncated, at: 0, field: "")) { try QRCode([UInt8]().span) }
  }

  @Test("one wrong module anywhere is found by the strict reader")
  func damage() throws {
    let data = Array("https://example.com".utf8)
    let code = try QRCode(data.span)
    let picture = try code.bitmap(module: 1, quietZone: 0)
    for y in 0..<code.side {
      for x in 0..<code.side {
        var damaged = picture
        damaged[x, y].toggle()
        // A few modules of the last byte belong to no codeword.
        if let read = QRReader.read(damaged, x: 0, y: 0, module: 1) { #expect(read.data == data) }
      }
    }
  }
}

@Suite("Grey pictures")
struct GreyPictureTests {
  /// Left black, right white.
  static func ramp(width: Int, height: Int) throws -> Picture {
    let levels = (0..<(width * height)).map { UInt8($0 % width * 255 / max(1, width - 1)) }
    return try #require(Picture(width: width, height: height, levels: levels))
  }

  @Test("keeps the mean grey, by every method", arguments: Dithering.named.map(\.dithering))
  func mean(method: Dithering) throws {
    let picture = try Self.ramp(width: 256, height: 128)
    let black = picture.dithered(method).bytes.reduce(0) { $0 + $1.nonzeroBitCount }
    // Half the dots, within a hundredth.
    #expect(abs(black - 128 * 128) < 128 * 256 / 100)
    for level in [UInt8(0), 255] {
      let flat = try #require(
        Picture(width: 37, height: 11, levels: [UInt8](repeating: level, count: 37 * 11)))
      let dots = flat.dithered(method)
      #expect(dots.bytes.reduce(0) { $0 + $1.nonzeroBitCount } == (level == 0 ? 37 * 11 : 0))
    }
    #expect(Picture(width: 0, height: 5).dithered(method).bytes.isEmpty)
  }

  @Test("Floyd and Steinberg's weights: 7, 3, 5 and 1 sixteenths")
  func floydSteinberg() throws {
    // 96 stays black and leaves 96: 42 to the right, 18, 30 and 6 below, rounded.
    let levels: [UInt8] = [255, 96, 90, 255, 111, 99, 122, 255]
    let picture = try #require(Picture(width: 4, height: 2, levels: levels))
    // 90 + 42 = 132 is white and owes 123; 111 + 18 = 129 white; 99 + 30 less 23 … stays black.
    #expect(picture.dithered(.floydSteinberg).bytes[0] == 0b0100_0000)
    #expect(picture.dithered(.floydSteinberg).bytes[1] & 0x80 == 0)
    #expect(picture.dithered(.threshold(128)).bytes == [0b0110_0000, 0b1110_0000])
  }

  /// A picture and the dots it becomes, reckoned apart from this package.
  struct Patch: CustomTestStringConvertible, Sendable {
    var name: String
    var method: Dithering
    var levels: [[UInt8]]
    var dots: [String]
    var testDescription: String { name }
  }

  /// In fractions, from the weights as published. Below 128 a dot is black; its value less what it became, 0 or 255, goes
  /// on to its neighbours, and what goes over the edge is lost. The values are at the right of each row.
  ///
  /// No value is so near to 128 that rounding matters. Each picture comes out otherwise when one part of a weight goes to
  /// another neighbour, when two weights change places, when one is left out, and by the next divisor up or down.
  static let patches: [Patch] = [
    // Floyd and Steinberg, 1976, sixteenths:
    //     * 7
    //   3 5 1
    Patch(
      name: "Floyd and Steinberg", method: .floydSteinberg,
      levels: [
        [120, 240, 120, 215],  // 120.0  292.5  136.4  163.1
        [80, 160, 155, 125],  //  124.5  211.5   84.0  125.6
        [95, 70, 145, 130],  //   125.8  134.9  139.6  124.0
      ],
      dots: [
        "#...",
        "#.##",
        "#..#",
      ]),
    // Atkinson, eighths, of which two are lost:
    //     * 1 1
    //   1 1 1
    //     1
    Patch(
      name: "Atkinson", method: .atkinson,
      levels: [
        [125, 155, 130, 195, 200],  // 125.0  170.6  135.1  169.5  174.3
        [130, 175, 195, 160, 155],  // 135.1  150.1  130.7   95.6  130.6
        [145, 195, 70, 230, 235],  //  132.5  125.5   38.7  220.7  221.9
      ],
      dots: [
        "#....",
        "...#.",
        ".##..",
      ]),
    // Stucki, 1981, forty-seconds:
    //       * 8 4
    //   2 4 8 4 2
    //   1 2 4 2 1
    Patch(
      name: "Stucki", method: .stucki,
      levels: [
        [120, 240, 130, 10, 80, 160, 140, 110],  //   120.0  262.9  142.9  -10.6   67.3  171.8  130.6   78.4
        [220, 20, 150, 165, 170, 65, 160, 150],  //   238.3   18.6  139.3  134.9  128.7   11.4  129.2  126.2
        [140, 75, 175, 125, 190, 55, 155, 90],  //    142.2   39.6  126.9  103.5  172.2   18.5  123.3  127.4
        [140, 160, 165, 235, 95, 65, 80, 120],  //    124.9  190.2  173.8  217.8   65.0   81.4  126.7  195.1
        [210, 35, 10, 65, 40, 150, 145, 120],  //     217.9   24.9    9.3   74.6   77.7  210.3  189.9  126.3
      ],
      dots: [
        "#..##..#",
        ".#...#.#",
        ".###.###",
        "#...###.",
        ".####..#",
      ]),
  ]

  @Test("spreads errors by the published weights, to the last part", arguments: patches)
  func weights(patch: Patch) throws {
    let width = try #require(patch.levels.first).count
    let levels = patch.levels.flatMap { $0 }
    let picture = try #require(Picture(width: width, height: patch.levels.count, levels: levels))
    let dots = picture.dithered(patch.method)
    let rows = patch.levels.indices.map { y in
      String((0..<width).map { x -> Character in dots[x, y] ? "#" : "." })
    }
    #expect(rows == patch.dots)
  }

  /// Bayer's tiles, 1973: how many of a tile's other dots turn white before this one does, from black on.
  static let bayer4 = [
    [0, 8, 2, 10],
    [12, 4, 14, 6],
    [3, 11, 1, 9],
    [15, 7, 13, 5],
  ]
  static let bayer8 = [
    [0, 32, 8, 40, 2, 34, 10, 42],
    [48, 16, 56, 24, 50, 18, 58, 26],
    [12, 44, 4, 36, 14, 46, 6, 38],
    [60, 28, 52, 20, 62, 30, 54, 22],
    [3, 35, 11, 43, 1, 33, 9, 41],
    [51, 19, 59, 27, 49, 17, 57, 25],
    [15, 47, 7, 39, 13, 45, 5, 37],
    [63, 31, 55, 23, 61, 29, 53, 21],
  ]

  @Test("Bayer's dots turn white in the published order, at every grey", arguments: [bayer4, bayer8])
  func bayer(ranks: [[Int]]) throws {
    let side = ranks.count
    let steps = side * side
    // More than a tile both ways, and no whole number of them.
    let (width, height) = (side + 5, 2 * side + 3)
    for white in 0...steps {
      let level = UInt8((255 * white + steps / 2) / steps)
      let levels = [UInt8](repeating: level, count: width * height)
      let picture = try #require(Picture(width: width, height: height, levels: levels))
      let dots = picture.dithered(.bayer(side == 4 ? .four : .eight))
      let isBlack = (0..<(width * height)).map { dots[$0 % width, $0 / width] }
      let wanted = (0..<(width * height)).map { ranks[$0 / width % side][$0 % width % side] >= white }
      #expect(isBlack == wanted, "\(white) of \(steps) white")
    }
    // A ramp from black to white: x fifteenths of white, against a rank and a half of `steps`.
    let ramp = try #require(Picture(width: 16, height: 1, levels: (0..<16).map { UInt8($0 * 17) }))
    let row = ramp.dithered(.bayer(side == 4 ? .four : .eight))
    let wanted = (0..<16).map { x -> Bool in 2 * steps * x < 15 * (2 * ranks[0][x % side] + 1) }
    #expect((0..<16).map { row[$0, 0] } == wanted)
  }

  @Test("scales by area: exact means, whatever the ratio")
  func scaling() throws {
    let picture = try #require(Picture(width: 4, height: 2, levels: [0, 100, 200, 255, 100, 0, 255, 200]))
    #expect(picture.scaled(toWidth: 2, height: 1).levels == [50, 228])
    #expect(picture.scaled(toWidth: 4, height: 2) == picture)
    #expect(picture.scaled(toWidth: 8).levels.count == 32)
    let wide = try #require(Picture(width: 3, height: 1, levels: [0, 90, 255]))
    // Each new dot covers one and a half old ones.
    #expect(wide.scaled(toWidth: 2, height: 1).levels == [30, 200])
    var generator = SeededGenerator(seed: 4)
    for _ in 0..<30 {
      let (width, height) = (
        Int.random(in: 1...40, using: &generator), Int.random(in: 1...40, using: &generator)
      )
      let levels = (0..<(width * height)).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
      let source = try #require(Picture(width: width, height: height, levels: levels))
      let scaled = source.scaled(
        toWidth: Int.random(in: 1...40, using: &generator), height: Int.random(in: 1...40, using: &generator))
      let mean = levels.reduce(0) { $0 + Int($1) } * 100 / levels.count
      let newMean = scaled.levels.reduce(0) { $0 + Int($1) } * 100 / scaled.levels.count
      #expect(abs(mean - newMean) <= 60)
    }
  }
}
