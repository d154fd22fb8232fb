public import POSWire

/// A linear bar code as modules, whatever its symbology.
///
///     let symbol = try LinearSymbol(.code128, ascii: text.span)
///     let picture = try symbol.bitmap(module: 2, height: 80)
///
/// Modules are whole dots, so every bar of one width has exactly that width. Everything that can be wrong with the
/// data is found here, before a byte is sent.
public struct LinearSymbol: Sendable, Equatable {
  /// The kind of bar code.
  public let symbology: Symbology
  /// The data as a scanner reports it, check digit of EAN and UPC included.
  public let data: [UInt8]
  /// The modules from the first to the last bar, `true` for a bar.
  public let modules: [Bool]
  /// White modules that must stand left of the first bar.
  public let leftQuietZone: Int
  /// White modules that must stand right of the last bar.
  public let rightQuietZone: Int
  /// The characters in plain, printable ASCII.
  public let text: [UInt8]
  /// Modules whose bars run ``EAN13/guardDrop`` modules below the others.
  public let longBars: [Range<Int>]
  /// The first module of the cell in which each character of ``text`` stands, for EAN and UPC; empty where the text is
  /// centred as a whole.
  let labelModules: [Int]

  /// Where single characters of ``text`` stand, for EAN and UPC; empty where the text is centred as a whole.
  public var labels: [Label] {
    zip(text, labelModules).map { Label(character: $0, module: $1) }
  }

  /// One character under the bars, centred in a cell of 7 modules.
  public struct Label: Sendable, Equatable {
    /// ASCII.
    public let character: UInt8
    /// The cell's first module, counted from the first bar; negative in the left quiet zone.
    public let module: Int
  }

  /// The symbologies that can be drawn.
  public static let symbologies: [Symbology] = [
    .ean13, .ean8, .upcA, .upcE, .code39, .code93, .code128, .gs1128, .interleaved2of5, .codabar,
  ]

  /// The symbol of ASCII data.
  ///
  /// | Symbology | Data |
  /// |---|---|
  /// | EAN-13, EAN-8, UPC-A | the digits, check digit appended or verified |
  /// | UPC-E | 6 digits; number system and 6; both and the check digit; or the 11 or 12 of a UPC-A that has a short form |
  /// | Code 39 | digits, capital letters and `-. $/+%` |
  /// | Code 93 | ASCII |
  /// | Code 128 | ASCII and control characters |
  /// | GS1-128 | `(01)…(10)…`, or an element string with FNC1 as 1D |
  /// | ITF | an even number of digits |
  /// | Codabar | digits and `-$:/.+`, in front and behind one of A to D; A where there is none |
  ///
  /// - Throws: `unsupported` for another symbology, `value` at a character it does not have, `truncated` or
  ///   `lengthOverLimit` for a count it does not have, `checksum` for a wrong check digit.
  public init(_ symbology: Symbology, ascii: Span<UInt8>) throws(WireError) {
    switch symbology {
    case .ean13: self.init(try EAN13(ascii: ascii))
    case .upcA: self.init(upcA: try EAN13(upcA: ascii))
    case .ean8: try self.init(ean8: ascii)
    case .upcE: try self.init(upcE: ascii)
    case .code39: try self.init(code39: ascii)
    case .code93: try self.init(code93: ascii)
    case .code128: try self.init(code128: ascii)
    case .gs1128: try self.init(gs1128: ascii)
    case .interleaved2of5: try self.init(interleaved2of5: ascii)
    case .codabar: try self.init(codabar: ascii)
    default: throw WireError(.unsupported, at: 0, field: "symbology")
    }
  }

  init(
    _ symbology: Symbology, data: [UInt8], modules: [Bool], quietZones: (left: Int, right: Int),
    text: [UInt8],
    longBars: [Range<Int>] = [], labelModules: [Int] = []
  ) {
    self.symbology = symbology
    self.data = data
    self.modules = modules
    leftQuietZone = quietZones.left
    rightQuietZone = quietZones.right
    self.text = text
    self.longBars = longBars
    self.labelModules = labelModules
  }

  /// Modules across the symbol with both quiet zones.
  public var totalModules: Int { leftQuietZone + modules.count + rightQuietZone }

  /// Copies a span; parts of the initializers keep their data.
  static func bytes(_ span: Span<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(span.count)
    for index in span.indices { bytes.append(span[index]) }
    return bytes
  }

  /// Most characters that are drawn; no paper is wide enough for more.
  static let mostCharacters = 128

  static func limit(_ ascii: Span<UInt8>) throws(WireError) {
    guard !ascii.isEmpty else { throw WireError(.truncated, at: 0, field: "bar code data") }
    guard ascii.count <= mostCharacters else {
      throw WireError(.lengthOverLimit, at: mostCharacters, field: "bar code data")
    }
  }
}

/// Modules under construction.
struct ModuleRow {
  private(set) var modules: [Bool] = []

  /// Appends the lowest `count` bits of `pattern`, highest first.
  mutating func append(_ pattern: Int, bits count: Int) {
    for bit in (0..<count).reversed() { modules.append(pattern >> bit & 1 == 1) }
  }

  /// Appends alternating bars and spaces, a bar first, of the widths that the decimal digits of `widths` name.
  mutating func append(widths: Int, elements: Int) {
    var divisor = 1
    for _ in 1..<elements { divisor *= 10 }
    var isBar = true
    while divisor > 0 {
      for _ in 0..<(widths / divisor % 10) { modules.append(isBar) }
      isBar.toggle()
      divisor /= 10
    }
  }

  /// Appends `count` elements, narrow or `wide` modules wide by the bits of `pattern`, highest first.
  mutating func append(wideBits pattern: Int, count: Int, wide: Int, startsWithBar: Bool = true) {
    var isBar = startsWithBar
    for bit in (0..<count).reversed() {
      for _ in 0..<(pattern >> bit & 1 == 1 ? wide : 1) { modules.append(isBar) }
      isBar.toggle()
    }
  }
}
