import ESCPOS
import POSBarcode
import POSWire
import Testing

@Suite("Bar codes that printers draw")
struct NativeSymbolTests {
  static func bytes(
    _ symbology: Symbology, _ text: String, module: Int = 2, route: SymbolRoute = .native, dots: Int = 576
  ) throws(WireError) -> [UInt8] {
    var encoder = ESCPOSEncoder(codePages: CodePageSet([]))
    encoder.reset()
    let support = SymbolSupport(
      dots: dots, dotsPerInch: 203, pictures: PictureSupport(commands: [.raster]),
      native: NativeSymbols(NativeSymbols.all))
    let request = SymbolRequest(symbology, data: Array(text.utf8), module: module, height: 60)
    try encoder.symbol(request, on: support, route: route)
    return encoder.bytes
  }

  @Test("a UPC-E of number system 1 is drawn here: printers print its digits as text (Epson, GS k)")
  func upcE() throws {
    #expect(try Self.bytes(.upcE, "0123456").contains(0x6B))
    let error = #expect(throws: WireError.self) { try Self.bytes(.upcE, "1123456") }
    #expect(error?.reason == .unsupported)
    let drawn = try Self.bytes(.upcE, "1123456", route: .auto)
    #expect(drawn.count > 100)
    var printer = ESCPOSInterpreter(PrinterGeometry(width: 576, dotsPerInch: 203))
    printer.feed(drawn.span)
    #expect(printer.page.drawnSymbols.map(\.symbology) == [.upcE])
    #expect(printer.page.complaints.isEmpty)
  }

  @Test(
    "an expanded GS1 DataBar is elements, and no wider than the paper (Epson, GS k; specs/escpos.md §2.7)",
    arguments: [
      ("(01)09501101530003", "(01)09501101530003"), ("0109501101530003", "(01)09501101530003"),
      ("(10)AB*1(21)7", "(10)AB{*1{1(21)7"), ("010950110153000310A(1", "(01)09501101530003(10)A{(1"),
    ])
  func expanded(text: String, sent: String) throws {
    let bytes = try Self.bytes(.dataBarExpanded, text)
    let wanted = [0x1D, 0x6B, 78, UInt8(sent.utf8.count)] + Array(sent.utf8)
    #expect(Array(bytes.suffix(wanted.count)) == wanted)
    var printer = ESCPOSInterpreter(PrinterGeometry(width: 576, dotsPerInch: 203))
    printer.feed(bytes.span)
    #expect(printer.page.complaints.isEmpty)
    #expect(printer.page.symbols.map(\.symbology) == [.dataBarExpanded])
  }

  @Test("what would be too wide or is no GS1 DataBar is an error before the first byte")
  func refused() {
    for (symbology, text, module, reason) in [
      (
        Symbology.dataBarExpanded, "(10)ABCDEFGHIJKLMNOPQRST(21)ABCDEFGHIJ", 3,
        WireError.Reason.lengthOverLimit
      ),
      (.dataBarLimited, "2001234567890", 2, .value),
    ] {
      let error = #expect(throws: WireError.self) { try Self.bytes(symbology, text, module: module) }
      #expect(error?.reason == reason, "\(text)")
    }
    let full = #expect(throws: WireError.self) {
      try Self.bytes(.dataBar, "0950110153000", module: 6, dots: 575)
    }
    #expect(full?.reason == .lengthOverLimit)
    #expect(throws: Never.self) { try Self.bytes(.dataBar, "0950110153000", module: 6) }
    // A weighed item's bar code has a short way to say it.
    #expect(throws: Never.self) {
      try Self.bytes(.dataBarExpanded, "(01)90012345678908(3103)001750", module: 3)
    }
  }

  @Test("a MaxiCode is of mode 4, which holds any text (ISO/IEC 16023)")
  func maxiCode() throws {
    let bytes = try Self.bytes(.maxiCode, "HELLO")
    #expect(
      Array(bytes.suffix(29))
        == hex("1D 28 6B 03 00 32 41 34  1D 28 6B 08 00 32 50 30 48 45 4C 4C 4F  1D 28 6B 03 00 32 51 30"))
    #expect(throws: WireError.self) { try Self.bytes(.maxiCode, String(repeating: "7", count: 139)) }
  }

  @Test(
    "quiet zones above and below are fed: 4 modules of a QR code, 2 of a PDF417, 1 of a Data Matrix, none of the rest",
    arguments: [(Symbology.qr, 24), (.pdf417, 12), (.dataMatrix, 6), (.aztec, 0), (.ean13, 0)])
  func quietZones(symbology: Symbology, dots: Int) throws {
    let text = symbology == .ean13 ? "315788232640" : "x"
    let bytes = try Self.bytes(symbology, text, module: 6, dots: 832)
    let feeds = bytes.indices.filter { bytes[$0...].starts(with: [0x1B, 0x4A]) }.map { Int(bytes[$0 + 2]) }
    #expect(feeds == (dots == 0 ? [] : [dots, dots]))
  }

  @Test("on a sheet a QR code stands where it was put", arguments: [SymbolRoute.native, .raster])
  func sheet(route: SymbolRoute) throws {
    var encoder = ESCPOSEncoder(codePages: CodePageSet([]))
    encoder.reset()
    let support = SymbolSupport(
      dots: 576, dotsPerInch: 203, pictures: PictureSupport(commands: [.raster]), native: .qr)
    let request = SymbolRequest(.qr, data: [0x78], module: 4)
    encoder.beginPage()
    try encoder.pageArea(x: 0, y: 0, width: 576, height: 400)
    encoder.pageBaseline(200)
    encoder.pagePosition(100)
    try encoder.symbol(request, on: support, route: route)
    encoder.printPage()
    try encoder.symbol(request, on: support, route: route)
    var printer = ESCPOSInterpreter(PrinterGeometry(width: 576, dotsPerInch: 203))
    printer.feed(encoder.bytes.span)
    let found = printer.page.symbols + printer.page.drawnSymbols
    // The dots of a raster are centred by bytes.
    #expect(found.map(\.x) == [100, route == .native ? 246 : 244])
    // Its foot stands on the base line; behind the sheet four modules are white again.
    #expect(found.first.map { $0.y + $0.height } == 200)
    #expect(found.last?.y == 400 + 16)
  }

  @Test("the white above and below is rounded up where the printer's units cannot say it")
  func units() throws {
    var encoder = ESCPOSEncoder(codePages: CodePageSet([]))
    let support = SymbolSupport(dots: 576, dotsPerInch: 203, verticalUnitsPerInch: 144, native: .qr)
    try encoder.symbol(SymbolRequest(.qr, data: [0x78], module: 3), on: support)
    // 12 dots are 8.5 units.
    #expect(Array(encoder.bytes.suffix(3)) == [0x1B, 0x4A, 9])
  }

  @Test("a symbol behind megabytes costs what it costs alone")
  func behindMuch() throws {
    var encoder = ESCPOSEncoder(codePages: CodePageSet([]), reservingCapacity: 4 << 20)
    let support = SymbolSupport(dots: 576, dotsPerInch: 203, pictures: PictureSupport(commands: [.raster]))
    for _ in 0..<3 { try encoder.raster(Bitmap(width: 576, height: 10_000), bandRows: 2303) }
    let place = encoder.bytes.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
    try encoder.symbol(SymbolRequest(.ean13, data: Array("315788232640".utf8)), on: support)
    #expect(encoder.bytes.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) } == place)
  }
}
