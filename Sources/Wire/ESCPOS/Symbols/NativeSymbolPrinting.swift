import POSBarcode
import POSWire

extension ESCPOSEncoder {
  /// The printer's own drawing, centred, in plain style.
  ///
  /// - Throws: `unsupported` where the printer or its commands cannot do the request exactly, or its bytes would spell
  ///   a real-time command; `lengthOverLimit` for a symbol wider than the paper.
  mutating func appendNative(
    _ request: SymbolRequest, _ prepared: PreparedSymbol, _ printer: SymbolSupport
  ) throws(WireError) {
    guard printer.native.draws(request.symbology) else {
      throw WireError(.unsupported, at: 0, field: "symbol drawn by the printer")
    }
    select(TextStyle())
    align(.centre)
    feedQuietZone(of: request.symbology, module: request.module, printer)
    let start = bytes.count
    switch prepared {
    case .linear(let symbol) where symbol.symbology == .code128:
      let code = try Code128Data.separated(Code128(ascii: symbol.data.span))
      try Self.fit(LinearSymbol(code).width(module: request.module), printer)
      try nativeLinear(.code128, Code128Data.bytes(code), request)
    case .linear(let symbol):
      try Self.fit(Self.nativeWidth(symbol, module: request.module), printer)
      try nativeLinear(symbol.symbology, try Self.nativeData(symbol), request)
    case .qr(let code):
      try Self.fit(code.width(module: request.module), printer)
      try nativeQR(code, module: request.module)
    case .dataBar(let symbol):
      try Self.fit(symbol.modules * request.module, printer)
      let isExpanded = symbol.symbology == .dataBarExpanded
      try nativeLinear(
        symbol.symbology, isExpanded ? Self.gs1Data(symbol.text, symbol.data) : symbol.data, request)
    case .nativeOnly: try nativeOther(request)
    }
    // Some printers obey it in a symbol's data too (specs/escpos.md §2.10).
    guard !Self.hasRealTimePair(bytes[start...]) else {
      throw WireError(.unsupported, at: 0, field: "symbol data that spell a real-time command")
    }
    feedQuietZone(of: request.symbology, module: request.module, printer)
  }

  // MARK: - Linear

  /// Letters of `GS k` form B (specs/escpos.md §2.7).
  static func nativeKind(_ symbology: Symbology) -> UInt8? {
    switch symbology {
    case .upcA: 65
    case .upcE: 66
    case .ean13: 67
    case .ean8: 68
    case .code39: 69
    case .interleaved2of5: 70
    case .codabar: 71
    case .code93: 72
    case .code128: 73
    case .gs1128: 74
    case .dataBar: 75
    case .dataBarLimited: 77
    case .dataBarExpanded: 78
    default: nil
    }
  }

  /// `GS h`, `GS w`, `GS H` and `GS k`.
  private mutating func nativeLinear(
    _ symbology: Symbology, _ data: [UInt8], _ request: SymbolRequest
  ) throws(WireError) {
    guard let kind = Self.nativeKind(symbology) else {
      throw WireError(.unsupported, at: 0, field: "symbol drawn by the printer")
    }
    guard (2...6).contains(request.module) else { throw WireError(.value, at: 0, field: "module width") }
    guard (1...255).contains(request.height) else { throw WireError(.value, at: 0, field: "bar height") }
    guard (1...255).contains(data.count) else {
      throw WireError(.lengthOverLimit, at: 255, field: "bar code data")
    }
    append([
      0x1D, 0x68, UInt8(request.height), 0x1D, 0x77, UInt8(request.module), 0x1D, 0x48,
      request.showsText ? 2 : 0,
    ])
    append([0x1D, 0x6B, kind, UInt8(data.count)])
    append(data)
  }

  /// Dots of a symbol that the printer draws, with its quiet zones. Its wide elements are five halves of a narrow one.
  static func nativeWidth(_ symbol: LinearSymbol, module: Int) -> Int {
    switch symbol.symbology {
    case .code39, .codabar, .interleaved2of5:
      // Runs longer than one module are wide elements; half a dot counts as a whole one.
      var wide = 0
      var narrow = 0
      var run = 0
      for (index, isBar) in symbol.modules.enumerated() {
        run += 1
        guard index + 1 == symbol.modules.count || symbol.modules[index + 1] != isBar else { continue }
        if run > 1 { wide += 1 } else { narrow += 1 }
        run = 0
      }
      return (symbol.leftQuietZone + symbol.rightQuietZone + narrow) * module + wide * ((5 * module + 1) / 2)
    default: return symbol.width(module: module)
    }
  }

  /// The data as `GS k` wants them.
  private static func nativeData(_ symbol: LinearSymbol) throws(WireError) -> [UInt8] {
    switch symbol.symbology {
    case .upcE:
      // Printers refuse number system 1 and print its digits as text (Epson, `GS k`).
      guard symbol.data.first == UInt8(ascii: "0") else {
        throw WireError(.unsupported, at: 0, field: "symbol drawn by the printer")
      }
      return RetailCode(symbology: .upcE, digits: symbol.data)?.upcA ?? symbol.data
    case .gs1128: return gs1Data(symbol.text, symbol.data)
    default: return symbol.data
    }
  }

  /// `(01)…(10)…` with `{1` before an element that needs a separator in front, of GS1-128 and GS1 DataBar Expanded.
  ///
  /// Brackets around identifiers are for the characters below. In values brackets, stars and braces have a brace in
  /// front: a bare star would become a check digit (Epson, `GS k`).
  private static func gs1Data(_ text: [UInt8], _ data: [UInt8]) -> [UInt8] {
    let brace = UInt8(ascii: "{")
    var result: [UInt8] = []
    // The elements' places in the data tell where the separators are, and which brackets are no data.
    var place = 0
    var isIdentifier = false
    for character in text {
      switch character {
      case UInt8(ascii: "(") where place < data.count && data[place] != character:
        if data[place] == 0x1D {
          result += [brace, UInt8(ascii: "1")]
          place += 1
        }
        isIdentifier = true
        result.append(character)
      case UInt8(ascii: ")") where isIdentifier:
        isIdentifier = false
        result.append(character)
      case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"), brace:
        result += [brace, character]
        place += 1
      default:
        result.append(character)
        place += 1
      }
    }
    return result
  }

  // MARK: - GS ( k

  private mutating func symbolFunction(_ kind: UInt8, _ function: UInt8, _ parameters: [UInt8]) {
    let count = parameters.count + 2
    append([0x1D, 0x28, 0x6B, UInt8(count & 0xFF), UInt8(count >> 8), kind, function])
    append(parameters)
  }

  private mutating func nativeQR(_ code: QRCode, module: Int) throws(WireError) {
    guard (1...16).contains(module) else { throw WireError(.value, at: 0, field: "module width") }
    symbolFunction(49, 65, [50, 0])
    symbolFunction(49, 67, [UInt8(module)])
    symbolFunction(49, 69, [48 + code.level.rawValue])
    symbolFunction(49, 80, [48] + code.data)
    symbolFunction(49, 81, [48])
  }

  /// Symbols of rows that are not drawn here: PDF417, MaxiCode, Aztec and Data Matrix.
  private mutating func nativeOther(_ request: SymbolRequest) throws(WireError) {
    guard request.data.count <= 3000 else {
      throw WireError(.lengthOverLimit, at: 3000, field: "bar code data")
    }
    switch request.symbology {
    case .pdf417:
      guard (2...8).contains(request.module) else { throw WireError(.value, at: 0, field: "module width") }
      symbolFunction(48, 65, [0])
      symbolFunction(48, 66, [0])
      symbolFunction(48, 67, [UInt8(request.module)])
      symbolFunction(48, 68, [3])
      symbolFunction(48, 69, [48, 48 + 2 * (1 + request.errorCorrection.rawValue)])
      symbolFunction(48, 70, [0])
      symbolFunction(48, 80, [48] + request.data)
      symbolFunction(48, 81, [48])
    case .maxiCode:
      // Mode 4 holds any text, at most so many digits; the modes before it are for addresses of parcels (ISO/IEC 16023).
      guard request.data.count <= 138 else {
        throw WireError(.lengthOverLimit, at: 138, field: "bar code data")
      }
      symbolFunction(50, 65, [52])
      symbolFunction(50, 80, [48] + request.data)
      symbolFunction(50, 81, [48])
    case .aztec:
      guard (2...16).contains(request.module) else { throw WireError(.value, at: 0, field: "module width") }
      symbolFunction(53, 66, [48, 0])
      symbolFunction(53, 67, [UInt8(request.module)])
      symbolFunction(53, 69, [23])
      symbolFunction(53, 80, [48] + request.data)
      symbolFunction(53, 81, [48])
    case .dataMatrix:
      guard (2...16).contains(request.module) else { throw WireError(.value, at: 0, field: "module width") }
      symbolFunction(54, 66, [48, 0, 0])
      symbolFunction(54, 67, [UInt8(request.module)])
      symbolFunction(54, 80, [48] + request.data)
      symbolFunction(54, 81, [48])
    default: throw WireError(.unsupported, at: 0, field: "symbol drawn by the printer")
    }
  }
}
