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
    let start = bytes.count
    switch prepared {
    case .linear(let symbol) where symbol.symbology == .code128:
      let code = try Code128Data.separated(Code128(ascii: symbol.data.span))
      try Self.fit(LinearSymbol(code).width(module: request.module), printer)
      try nativeLinear(.code128, Code128Data.bytes(code), request)
    case .linear(let symbol):
      try Self.fit(Self.nativeWidth(symbol, module: request.module), printer)
      try nativeLinear(symbol.symbology, Self.nativeData(symbol), request)
    case .qr(let code):
      try Self.fit(code.width(module: request.module), printer)
      try nativeQR(code, module: request.module)
    case .nativeOnly: try nativeOther(request, printer)
    }
    // Some printers obey it in a symbol's data too (specs/escpos.md §2.10).
    guard !Self.hasRealTimePair(bytes[start...]) else {
      throw WireError(.unsupported, at: 0, field: "symbol data that spell a real-time command")
    }
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
  private static func nativeData(_ symbol: LinearSymbol) -> [UInt8] {
    switch symbol.symbology {
    case .upcE: RetailCode(symbology: .upcE, digits: symbol.data)?.upcA ?? symbol.data
    case .gs1128: gs1Data(symbol.text, symbol.data)
    default: symbol.data
    }
  }

  /// `(01)…(10)…` with `{1` before an element that needs a separator in front.
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

  /// Symbols that are not drawn here: PDF417, MaxiCode, Aztec, Data Matrix and GS1 DataBar.
  private mutating func nativeOther(_ request: SymbolRequest, _ printer: SymbolSupport) throws(WireError) {
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
      symbolFunction(50, 65, [50])
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
    case .dataBar, .dataBarLimited:
      var digits = try LinearSymbol.digits(request.data.span)
      if digits.count == 14 {
        guard CheckDigit.isValid(digits) else { throw WireError(.checksum, at: 13, field: "check digit") }
        digits.removeLast()
      }
      guard digits.count == 13 else {
        throw WireError(
          digits.count < 13 ? .truncated : .lengthOverLimit, at: digits.count, field: "GTIN digits")
      }
      // 96 modules and two of white for the omnidirectional one, 79 for the limited one.
      try Self.fit((request.symbology == .dataBar ? 98 : 81) * request.module, printer)
      try nativeLinear(request.symbology, digits, request)
    default: try nativeLinear(request.symbology, request.data, request)
    }
  }
}

/// A Code 128 in the letters of `GS k`: `{A`, `{B`, `{C` choose a set, `{S` shifts, `{1` is FNC1, `{{` a brace.
enum Code128Data {
  /// The same characters, the two digits of a pair in set B where the pair's byte would spell a real-time command with
  /// that of the pair before it: 16 and then 04, 05 or 20. Each costs up to three code words.
  static func separated(_ code: Code128) throws(WireError) -> Code128 {
    let start = code.codewords[0]
    var words = [start]
    // The set of the code, and the one at work, which is B behind such digits.
    var wanted = Code128.Set(rawValue: Int(start) - 103) ?? .b
    var set = wanted
    // Check and stop are computed again.
    for word in code.codewords.dropFirst().dropLast(2) {
      if let next = wanted.next(word) {
        wanted = next
        continue
      }
      if set == .c, wanted == .c, ESCPOSEncoder.startsRealTime(words[words.count - 1], word) {
        words += [Code128.Set.b.change, 16 + word / 10, 16 + word % 10]
        set = .b
        continue
      }
      if set != wanted {
        words.append(wanted.change)
        set = wanted
      }
      words.append(word)
    }
    return try Code128(startAndData: words)
  }

  static func bytes(_ code: Code128) -> [UInt8] {
    let brace = UInt8(ascii: "{")
    var result: [UInt8] = []
    var set = Code128.Set.b
    var isShifted = false
    // Check and stop are the printer's.
    for (index, word) in code.codewords.dropLast(2).enumerated() {
      if index == 0 {
        set = Code128.Set(rawValue: Int(word) - 103) ?? .b
        result += [brace, set.letter]
        continue
      }
      if let next = set.next(word) {
        set = next
        result += [brace, set.letter]
      } else if word == 102 {
        result += [brace, UInt8(ascii: "1")]
      } else if set == .c {
        result.append(word)
      } else if word == 98 {
        isShifted = true
        result += [brace, UInt8(ascii: "S")]
      } else {
        let actual = isShifted ? (set == .a ? Code128.Set.b : .a) : set
        isShifted = false
        let character = actual == .a && word >= 64 ? word - 64 : word + 32
        if character == brace { result.append(brace) }
        result.append(character)
      }
    }
    return result
  }
}

extension Code128Data {
  /// The start and data words of those letters; `nil` for what a printer does not take.
  static func words(_ data: [UInt8]) -> [UInt8]? {
    var words: [UInt8] = []
    var set: Code128.Set?
    var isShifted = false
    var index = 0
    while index < data.count {
      let byte = data[index]
      index += 1
      if byte == UInt8(ascii: "{"), index < data.count {
        let letter = data[index]
        index += 1
        switch letter {
        case UInt8(ascii: "A"), UInt8(ascii: "B"), UInt8(ascii: "C"):
          guard let next = Code128.Set(rawValue: Int(letter - UInt8(ascii: "A"))) else { return nil }
          if let set {
            if set != next { words.append(next.change) }
          } else {
            words.append(103 + UInt8(next.rawValue))
          }
          set = next
          continue
        case UInt8(ascii: "S"):
          guard set == .a || set == .b else { return nil }
          words.append(98)
          isShifted = true
          continue
        case UInt8(ascii: "1"): words.append(102)
        case UInt8(ascii: "2") where set != .c: words.append(97)
        case UInt8(ascii: "3") where set != .c: words.append(96)
        case UInt8(ascii: "4") where set != .c: words.append(set == .a ? 101 : 100)
        case UInt8(ascii: "{") where set == .b: words.append(91)
        default: return nil
        }
        guard set != nil else { return nil }
        continue
      }
      guard let chosen = set else { return nil }
      let actual = isShifted ? (chosen == .a ? Code128.Set.b : .a) : chosen
      isShifted = false
      switch (actual, byte) {
      case (.c, 0...99): words.append(byte)
      case (.a, 0..<0x20): words.append(byte + 64)
      case (.a, 0x20..<0x60), (.b, 0x20..<0x80): words.append(byte - 0x20)
      default: return nil
      }
    }
    return words.count >= 2 ? words : nil
  }
}

extension Code128.Set {
  /// The word that changes to it.
  var change: UInt8 {
    switch self {
    case .a: 101
    case .b: 100
    case .c: 99
    }
  }

  /// Its letter.
  var letter: UInt8 { UInt8(ascii: "A") + UInt8(rawValue) }

  /// The set that a code word of this set changes to; `nil` for other words.
  func next(_ word: UInt8) -> Code128.Set? {
    switch (self, word) {
    case (.a, 99), (.b, 99): .c
    case (.a, 100), (.c, 100): .b
    case (.b, 101), (.c, 101): .a
    default: nil
    }
  }
}
