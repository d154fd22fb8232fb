import ESCPOS
import POSBarcode
import POSWire
import TestSupport
import Testing

@Suite("Bar codes on printers")
struct SymbolPrintingTests {
  static let everything = PictureSupport.Commands(rawValue: 0xFF)

  static func support(
    _ commands: PictureSupport.Commands, native: NativeSymbols = [], dots: Int = 576
  ) -> SymbolSupport {
    SymbolSupport(
      dots: dots, dotsPerInch: 203,
      pictures: PictureSupport(commands: commands, bandRows: 2303, bandBytes: 65_536), native: native)
  }

  static func printed(
    _ request: SymbolRequest, on support: SymbolSupport, route: SymbolRoute = .auto
  ) throws -> (bytes: [UInt8], page: PrintedPage, route: SymbolRoute) {
    var encoder = ESCPOSEncoder(codePages: CodePageSet([.init(.pc437, 0)]))
    encoder.reset()
    let taken = try encoder.symbol(request, on: support, route: route)
    var printer = ESCPOSInterpreter(PrinterGeometry(width: support.dots, dotsPerInch: support.dotsPerInch))
    printer.feed(encoder.bytes.span)
    printer.finish()
    return (encoder.bytes, printer.page, taken)
  }

  static let checkIn = SymbolRequest(.ean13, data: Array("315788232640".utf8))

  @Test("the check-in bar code fits the budget: native 40 bytes, exact raster 2.7 kB (DESIGN §7)")
  func budget() throws {
    let epson = Self.support(Self.everything, native: .linear)
    let native = try Self.printed(Self.checkIn, on: epson)
    #expect(native.route == .native)
    #expect(native.bytes.count <= 40)
    let raster = try Self.printed(Self.checkIn, on: epson, route: .raster)
    #expect(raster.route == .raster)
    #expect(raster.bytes.count <= 2700)
    #expect(raster.page.complaints.isEmpty)
  }

  @Test(
    "every way of sending the dots shows the same exact modules, and the best is not larger than any other",
    arguments: [
      PictureSupport.Commands.raster, [.raster, .rasterDoubling], .columns8, .columns24, .graphics,
      [.graphics, .longGraphics], everything,
    ])
  func ways(commands: PictureSupport.Commands) throws {
    let digits = Array("3157882326401".utf8)
    let symbol = try EAN13(ascii: digits.span)
    for module in [2, 3, 4] {
      for height in [1, 23, 24, 50, 208] {
        let request = SymbolRequest(.ean13, data: digits, module: module, height: height)
        let (bytes, page, _) = try Self.printed(request, on: Self.support(commands))
        #expect(page.complaints.isEmpty)
        let found = try #require(page.drawnSymbols.first)
        #expect(page.drawnSymbols.count == 1)
        #expect(found.data == digits && found.module == module && found.width == 95 * module)
        #expect(found.height >= height && found.height < height + 48)
        // Centred, with the quiet zones that the paper leaves.
        #expect(abs(found.x - (576 - 95 * module) / 2) <= 8)
        // Dot for dot, in every strip.
        let bars = Bitmap(bars: symbol.modules, module: module, height: 1)
        for y in stride(from: found.y, to: found.y + height, by: 7) {
          var row = Bitmap(width: 95 * module, height: 1)
          for case .bitmap(let placed) in page.items {
            row.draw(
              placed.bitmap.rows(from: y - placed.y, count: y < placed.y ? 0 : 1), x: placed.x - found.x, y: 0
            )
          }
          #expect(row == bars)
        }
        // The long bars below need ESC *, so only printers with it are alike.
        if !commands.isDisjoint(with: [.columns8, .columns24]) {
          let whole = try Self.printed(request, on: Self.support(Self.everything))
          #expect(whole.bytes.count <= bytes.count)
        }
        let digitsOnPaper = page.lines.map { line in String(String.UnicodeScalarView(line)).filter(\.isNumber)
        }
        #expect(digitsOnPaper == ["3157882326401"])
      }
    }
  }

  @Test("strips join without a white line (§1.4 B8)", arguments: [203, 180])
  func strips(dotsPerInch: Int) throws {
    var support = Self.support(.columns8)
    support.dotsPerInch = dotsPerInch
    support.verticalUnitsPerInch = dotsPerInch == 180 ? 360 : 203
    var encoder = ESCPOSEncoder(codePages: CodePageSet([.init(.pc437, 0)]))
    encoder.reset()
    try encoder.symbol(Self.checkIn, on: support)
    var printer = ESCPOSInterpreter(
      PrinterGeometry(
        width: 576, dotsPerInch: dotsPerInch, verticalUnitsPerInch: support.verticalUnitsPerInch))
    printer.feed(encoder.bytes.span)
    let symbols = printer.page.drawnSymbols
    #expect(symbols.map(\.height) == [216 + 15])
    // A spacing that the printer's units cannot say is not tried.
    support.verticalUnitsPerInch = 144
    support.dotsPerInch = 203
    #expect(throws: WireError.self) { try Self.printed(Self.checkIn, on: support) }
  }

  @Test("every symbology prints natively and as dots with the same data", arguments: LinearSymbol.symbologies)
  func symbologies(symbology: Symbology) throws {
    let data: [Symbology: String] = [
      .ean13: "315788232640", .ean8: "9031101", .upcA: "03600029145", .upcE: "0123456", .code39: "AB-1",
      .code93: "Ab1", .code128: "Ab\u{1}1234567{", .gs1128: "(01)09501101530003(10)A{1(B",
      .interleaved2of5: "123456",
      .codabar: "C12D",
    ]
    var text = try #require(data[symbology])
    // A bracket in a value would be taken for the start of an element.
    if symbology == .gs1128 { text = "(01)09501101530003(10)A1(21)7" }
    let support = Self.support(Self.everything, native: NativeSymbols(NativeSymbols.all), dots: 832)
    let request = SymbolRequest(symbology, data: Array(text.utf8), module: 2, height: 60)
    let wanted = try LinearSymbol(symbology, ascii: Array(text.utf8).span)
    let native = try Self.printed(request, on: support, route: .native)
    #expect(native.page.symbols.map(\.symbology) == [symbology])
    #expect(native.page.symbols.map(\.data) == [wanted.data])
    #expect(native.page.symbols.first?.drawing?.width == wanted.modules.count * 2)
    #expect(native.page.complaints.isEmpty)
    let raster = try Self.printed(request, on: support, route: .raster)
    #expect(raster.page.drawnSymbols.map(\.data) == [symbology == .upcA ? [0x30] + wanted.data : wanted.data])
    #expect(raster.page.complaints.isEmpty)
    #expect(native.bytes.count < raster.bytes.count)
  }

  @Test(
    "values of a GS1-128 keep their brackets and stars, whoever draws them (Epson, GS k)",
    arguments: [
      ("(10)AB*1", "(10)AB{*1", "10AB*1"), ("(10)AB)C", "(10)AB{)C", "10AB)C"),
      ("10AB(C", "(10)AB{(C", "10AB(C"), ("10(A", "(10){(A", "10(A"), ("(10))A", "(10){)A", "10)A"),
      ("(10)*(21)7*", "(10){*{1(21)7{*", "10*\u{1D}217*"),
    ])
  func gs1Characters(text: String, sent: String, data: String) throws {
    let support = Self.support(Self.everything, native: NativeSymbols([.gs1128]))
    let request = SymbolRequest(.gs1128, data: Array(text.utf8), module: 2, height: 60)
    let native = try Self.printed(request, on: support, route: .native)
    let wanted = [0x4A, UInt8(sent.utf8.count)] + Array(sent.utf8)
    #expect(Array(native.bytes.suffix(wanted.count)) == wanted)
    #expect(native.page.symbols.map(\.data) == [Array(data.utf8)])
    #expect(native.page.complaints.isEmpty)
    let raster = try Self.printed(request, on: support, route: .raster)
    #expect(raster.page.drawnSymbols.map(\.data) == [Array(data.utf8)])
  }

  @Test("native kinds have Epson's numbers (§2.7; §1.4 B9: GS1-128 is 4A, not Code 93's 48)")
  func kinds() throws {
    let support = Self.support([], native: NativeSymbols(NativeSymbols.all), dots: 832)
    let kinds: [(Symbology, String, UInt8)] = [
      (.upcA, "03600029145", 0x41), (.upcE, "0123456", 0x42), (.ean13, "315788232640", 0x43),
      (.ean8, "9031101", 0x44),
      (.code39, "A", 0x45), (.interleaved2of5, "12", 0x46), (.codabar, "A1A", 0x47), (.code93, "A", 0x48),
      (.code128, "A", 0x49), (.gs1128, "(01)09501101530003", 0x4A), (.dataBar, "0950110153000", 0x4B),
      (.dataBarLimited, "0950110153000", 0x4D), (.dataBarExpanded, "(01)09501101530003", 0x4E),
    ]
    for (symbology, text, kind) in kinds {
      let request = SymbolRequest(symbology, data: Array(text.utf8), module: 2, height: 60)
      let bytes = try Self.printed(request, on: support).bytes
      let place = try #require(bytes.indices.first { bytes[$0] == 0x1D && bytes[$0 + 1] == 0x6B })
      #expect(bytes[place + 2] == kind)
      #expect(Int(bytes[place + 3]) == bytes.count - place - 4)
    }
    // The table's example: "ABC1234" in sets B and C.
    let example = SymbolRequest(.code128, data: Array("ABC1234".utf8), module: 2, height: 60)
    let sent = Array(try Self.printed(example, on: support).bytes.suffix(13))
    #expect(sent == hex("1D 6B 49 09 7B 42 41 42 43 7B 43 0C 22"))
  }

  @Test("QR codes: native commands as documented, and dots that read the same (§2.7)")
  func qr() throws {
    let text = Array("https://example.com/r/1".utf8)
    let support = Self.support(Self.everything, native: .qr)
    let request = SymbolRequest(.qr, data: text, module: 4)
    let native = try Self.printed(request, on: support)
    #expect(native.route == .native)
    #expect(
      Self.symbolFunctions(native.bytes)
        == hex(
          "1D 28 6B 04 00 31 41 32 00  1D 28 6B 03 00 31 43 04  1D 28 6B 03 00 31 45 31  1D 28 6B 1A 00 31 50 30"
        )
        + text + hex("1D 28 6B 03 00 31 51 30"))
    #expect(native.page.symbols.map(\.data) == [text])
    let raster = try Self.printed(request, on: support, route: .raster)
    #expect(raster.page.drawnSymbols.map(\.data) == [text])
    #expect(raster.page.drawnSymbols.map(\.module) == [4])
    #expect(raster.page.complaints.isEmpty)
    // The printer draws what this package draws.
    #expect(native.page.symbols.first?.drawing == (try QRCode(text.span).bitmap(module: 4, quietZone: 0)))
    // Dots doubled both ways need a quarter.
    let plain = try Self.printed(request, on: Self.support(.raster))
    #expect(raster.bytes.count * 3 < plain.bytes.count)
  }

  /// The commands `GS ( k` among `bytes`, one after another: what else a symbol needs stands between them.
  static func symbolFunctions(_ bytes: [UInt8]) -> [UInt8] {
    var found: [UInt8] = []
    var place = 0
    while place + 5 <= bytes.count {
      guard bytes[place...].starts(with: [0x1D, 0x28, 0x6B]) else {
        place += 1
        continue
      }
      let end = min(bytes.count, place + 5 + Int(bytes[place + 3]) + Int(bytes[place + 4]) << 8)
      found += bytes[place..<end]
      place = end
    }
    return found
  }

  /// A symbol of rows, and the commands for it as Epson's tables of `GS ( k` have them.
  struct Matrix: CustomTestStringConvertible, Sendable {
    var request: SymbolRequest
    /// The settings, and the length of the command that stores the data, which follow.
    var head: String
    var print: String
    var testDescription: String { "\(request.symbology.name), \(request.data.count) bytes" }
  }

  static let hello = Array("HELLO".utf8)
  // With the three bytes before them 303: a length of two bytes.
  static let long = [UInt8](repeating: 0x41, count: 300)

  static let matrices: [Matrix] = [
    // Columns and rows as the printer likes, module width, row height, level 4 of error correction, not truncated.
    Matrix(
      request: SymbolRequest(.pdf417, data: hello, module: 2),
      head: """
        1D 28 6B 03 00 30 41 00  1D 28 6B 03 00 30 42 00  1D 28 6B 03 00 30 43 02  1D 28 6B 03 00 30 44 03
        1D 28 6B 04 00 30 45 30 34  1D 28 6B 03 00 30 46 00  1D 28 6B 08 00 30 50 30
        """, print: "1D 28 6B 03 00 30 51 30"),
    Matrix(
      request: SymbolRequest(.pdf417, data: long, module: 8, errorCorrection: .low),
      head: """
        1D 28 6B 03 00 30 41 00  1D 28 6B 03 00 30 42 00  1D 28 6B 03 00 30 43 08  1D 28 6B 03 00 30 44 03
        1D 28 6B 04 00 30 45 30 32  1D 28 6B 03 00 30 46 00  1D 28 6B 2F 01 30 50 30
        """, print: "1D 28 6B 03 00 30 51 30"),
    Matrix(
      request: SymbolRequest(.pdf417, data: hello, module: 3, errorCorrection: .quartile),
      head: """
        1D 28 6B 03 00 30 41 00  1D 28 6B 03 00 30 42 00  1D 28 6B 03 00 30 43 03  1D 28 6B 03 00 30 44 03
        1D 28 6B 04 00 30 45 30 36  1D 28 6B 03 00 30 46 00  1D 28 6B 08 00 30 50 30
        """, print: "1D 28 6B 03 00 30 51 30"),
    Matrix(
      request: SymbolRequest(.pdf417, data: hello, module: 3, errorCorrection: .high),
      head: """
        1D 28 6B 03 00 30 41 00  1D 28 6B 03 00 30 42 00  1D 28 6B 03 00 30 43 03  1D 28 6B 03 00 30 44 03
        1D 28 6B 04 00 30 45 30 38  1D 28 6B 03 00 30 46 00  1D 28 6B 08 00 30 50 30
        """, print: "1D 28 6B 03 00 30 51 30"),
    // The full range, as many layers as the data need, module size, 23 % of error correction.
    Matrix(
      request: SymbolRequest(.aztec, data: hello, module: 4),
      head:
        "1D 28 6B 04 00 35 42 30 00  1D 28 6B 03 00 35 43 04  1D 28 6B 03 00 35 45 17  1D 28 6B 08 00 35 50 30",
      print: "1D 28 6B 03 00 35 51 30"),
    Matrix(
      request: SymbolRequest(.aztec, data: long, module: 16),
      head:
        "1D 28 6B 04 00 35 42 30 00  1D 28 6B 03 00 35 43 10  1D 28 6B 03 00 35 45 17  1D 28 6B 2F 01 35 50 30",
      print: "1D 28 6B 03 00 35 51 30"),
    // A square of as many columns and rows as the data need, module size. Its error correction is no choice.
    Matrix(
      request: SymbolRequest(.dataMatrix, data: hello, module: 5),
      head: "1D 28 6B 05 00 36 42 30 00 00  1D 28 6B 03 00 36 43 05  1D 28 6B 08 00 36 50 30",
      print: "1D 28 6B 03 00 36 51 30"),
    Matrix(
      request: SymbolRequest(.dataMatrix, data: long, module: 16, errorCorrection: .high),
      head: "1D 28 6B 05 00 36 42 30 00 00  1D 28 6B 03 00 36 43 10  1D 28 6B 2F 01 36 50 30",
      print: "1D 28 6B 03 00 36 51 30"),
  ]

  @Test("PDF417, Aztec and Data Matrix have Epson's commands (§2.7)", arguments: matrices)
  func matrix(row: Matrix) throws {
    let support = Self.support([], native: NativeSymbols([row.request.symbology]))
    let printed = try Self.printed(row.request, on: support)
    #expect(Self.symbolFunctions(printed.bytes) == hex(row.head) + row.request.data + hex(row.print))
    #expect(printed.route == .native)
    #expect(printed.page.complaints.isEmpty)
    #expect(printed.page.symbols.map(\.data) == [row.request.data])
  }

  @Test(
    "modules that a symbol of rows cannot have are refused (§2.7)",
    arguments: [
      (Symbology.pdf417, 1), (.pdf417, 9), (.aztec, 1), (.aztec, 17), (.dataMatrix, 1), (.dataMatrix, 17),
    ])
  func matrixModules(symbology: Symbology, module: Int) throws {
    let request = SymbolRequest(symbology, data: Self.hello, module: module)
    let error = #expect(throws: WireError.self) {
      try Self.printed(request, on: Self.support([], native: NativeSymbols([symbology])))
    }
    #expect(error?.reason == .value)
  }

  @Test(
    "what only printers draw comes from the printer or not at all",
    arguments: [Symbology.pdf417, .aztec, .dataMatrix])
  func nativeOnly(symbology: Symbology) throws {
    let request = SymbolRequest(symbology, data: Array("hello".utf8), module: 3)
    let page = try Self.printed(request, on: Self.support([], native: NativeSymbols([symbology]))).page
    #expect(page.symbols.map(\.symbology) == [symbology])
    #expect(page.symbols.map(\.data) == [Array("hello".utf8)])
    #expect(page.complaints.isEmpty)
    #expect(throws: WireError.self) { try Self.printed(request, on: Self.support(Self.everything)) }
  }

  @Test("too wide is an error before the first byte, on every route")
  func tooWide() throws {
    for native in [NativeSymbols(), .linear] {
      for route in SymbolRoute.allCases {
        var encoder = ESCPOSEncoder(codePages: CodePageSet([]))
        let support = Self.support(Self.everything, native: native, dots: 338)
        #expect(throws: WireError.self) { try encoder.symbol(Self.checkIn, on: support, route: route) }
        #expect(encoder.bytes.isEmpty)
      }
    }
    let data: [Symbology: String] = [
      .ean8: "40170725", .upcA: "036000291452", .upcE: "01234565", .interleaved2of5: "123456",
      .codabar: "A123B", .gs1128: "(01)04006381333931", .qr: "x", .pdf417: "x", .aztec: "x", .dataMatrix: "x",
      .maxiCode: "x", .dataBarLimited: "0950110153000", .dataBarExpanded: "(01)04006381333931",
    ]
    for symbology in Set(LinearSymbol.symbologies + [.qr] + NativeSymbols.all) {
      let text = Array((data[symbology] ?? "4006381333931").utf8)
      let support = Self.support(Self.everything, native: NativeSymbols(NativeSymbols.all))
      #expect(throws: Never.self, "\(symbology)") {
        try Self.printed(SymbolRequest(symbology, data: text, module: 2), on: support)
      }
      for module in [0, -1, 33, .max, .min] {
        var encoder = ESCPOSEncoder(codePages: CodePageSet([]))
        let request = SymbolRequest(symbology, data: text, module: module)
        #expect(throws: WireError.self) { try encoder.symbol(request, on: support) }
        #expect(encoder.bytes.isEmpty)
      }
    }
    // The quiet zones count: 339 dots are enough.
    #expect(throws: Never.self) { try Self.printed(Self.checkIn, on: Self.support(.raster, dots: 339)) }
  }

  @Test("a bar code's dots never change, even where they spell a real-time command (§2.10, §1.4 B18)")
  func realTime() throws {
    var generator = SeededGenerator(seed: 16)
    // One code in two hundred spells one.
    var spelling: [[UInt8]] = []
    for _ in 0..<4000 where spelling.count < 3 {
      let data = (0..<30).map { _ in UInt8.random(in: 0x20...0x7E, using: &generator) }
      guard Self.spellsCommand(try QRCode(data.span).bitmap(module: 1, quietZone: 0).bytes) else { continue }
      spelling.append(data)
    }
    #expect(spelling.count == 3)
    for data in spelling {
      for (module, commands) in [(1, PictureSupport.Commands.raster), (2, [.raster, .rasterDoubling])] {
        let request = SymbolRequest(.qr, data: data, module: module)
        let (bytes, page, _) = try Self.printed(request, on: Self.support(commands))
        #expect(!Self.spellsCommand(bytes))
        #expect(page.drawnSymbols.map(\.data) == [data])
      }
    }
  }

  @Test("no symbol that the printer draws spells a real-time command (§2.10)", arguments: NativeSymbols.all)
  func nativeRealTime(symbology: Symbology) throws {
    var generator = SeededGenerator(seed: 210)
    let support = Self.support([], native: NativeSymbols([symbology]), dots: 20_000)
    for _ in 0..<150 {
      // Pairs of digits and bytes that spell commands more often than not.
      let digits = (0..<Int.random(in: 4...15, using: &generator)).flatMap { _ in
        Array((["16", "04", "05", "20", "01", "10"].randomElement(using: &generator) ?? "").utf8)
      }
      let bytes = (0..<Int.random(in: 1...20, using: &generator)).map { _ in
        ([0x10, 0x04, 0x05, 0x14, 0x01, 0x41] as [UInt8]).randomElement(using: &generator) ?? 0
      }
      for data in [digits, Array(digits.dropLast()), bytes] {
        let request = SymbolRequest(symbology, data: data, module: 2, height: 16)
        // What the symbology does not hold, or must not be sent, is an error.
        guard let native = try? Self.printed(request, on: support, route: .native) else {
          #expect(symbology != .code128 || data == bytes, "\(data)")
          continue
        }
        #expect(!Self.spellsCommand(native.bytes), "\(data)")
        #expect(!native.page.complaints.contains { $0.reason == .realTimeInsideData }, "\(data)")
        if symbology == .code128 { #expect(native.page.symbols.map(\.data) == [data]) }
      }
    }
    // A length of 1040 bytes spells one too.
    let long = [UInt8](repeating: 0x41, count: 1040 - 3)
    let request = SymbolRequest(symbology, data: long, module: 2)
    if let native = try? Self.printed(request, on: support, route: .native) {
      #expect(!Self.spellsCommand(native.bytes))
    }
  }

  @Test("a time of day as Code 128 stays the printer's, and as wide as was reckoned")
  func nativeTime() throws {
    let data = Array("20260316160502".utf8)
    let request = SymbolRequest(.code128, data: data, module: 2, height: 60)
    let native = try Self.printed(request, on: Self.support(Self.everything, native: .linear))
    #expect(native.route == .native)
    // The pair 05 behind 16 goes in set B.
    #expect(Array(native.bytes.suffix(16)) == hex("49 0E 7B 43 14 1A 03 10 10 7B 42 30 35 7B 43 02"))
    let width = try #require(native.page.symbols.first?.width)
    #expect(native.page.symbols.map(\.data) == [data])
    // It fits where it and its quiet zones do, and nowhere else.
    #expect(throws: Never.self) {
      try Self.printed(request, on: Self.support([], native: .linear, dots: width + 40))
    }
    #expect(throws: WireError.self) {
      try Self.printed(request, on: Self.support([], native: .linear, dots: width + 39))
    }
  }

  @Test("data that spell a real-time command are dots, or refused with the reason (§2.10)")
  func spellingData() throws {
    let data: [UInt8] = [0x10, 0x14, 0x01, 0x00, 0x03]
    let support = Self.support(Self.everything, native: NativeSymbols(NativeSymbols.all))
    func refused(_ request: SymbolRequest, _ route: SymbolRoute) {
      let error = #expect(throws: WireError.self) { try Self.printed(request, on: support, route: route) }
      #expect(error?.reason == .unsupported)
      #expect(error.map { "\($0.field)" } == "symbol data that spell a real-time command")
    }
    for symbology in [Symbology.qr, .code128, .code93] {
      let request = SymbolRequest(symbology, data: data, module: 2, height: 60)
      let drawn = try Self.printed(request, on: support)
      #expect(drawn.route == .raster)
      #expect(!Self.spellsCommand(drawn.bytes))
      #expect(drawn.page.drawnSymbols.map(\.data) == [data], "\(symbology)")
      refused(request, .native)
    }
    for symbology in [Symbology.pdf417, .maxiCode, .aztec, .dataMatrix] {
      for route in [SymbolRoute.auto, .native] {
        refused(SymbolRequest(symbology, data: data, module: 2), route)
      }
    }
  }

  /// `DLE EOT`, `DLE ENQ` or `DLE DC4` somewhere.
  static func spellsCommand(_ bytes: [UInt8]) -> Bool {
    zip(bytes, bytes.dropFirst()).contains { $0 == 0x10 && [4, 5, 0x14].contains($1) }
  }
}
