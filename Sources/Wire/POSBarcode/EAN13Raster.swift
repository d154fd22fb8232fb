public import POSWire

extension EAN13 {
  /// Sizes of a drawn symbol, in dots. The origin is the upper left corner of the left quiet zone.
  ///
  /// Bars are ``barHeight`` high and guard bars ``EAN13/guardDrop`` modules more. The digits hang one module below
  /// the data bars, in cells of 7 modules, each centred under the code it names; the first one stands in the left
  /// quiet zone.
  public struct Geometry: Sendable, Equatable {
    /// Widths of a module this package draws.
    public static let modules = 1...8
    /// Heights of bars this package draws.
    public static let barHeights = 1...1000

    /// Dots in a module.
    public let module: Int
    /// Height of the data bars.
    public let barHeight: Int
    /// Whether digits stand below the bars.
    public let showsDigits: Bool

    /// - Throws: `value` when `module` or `barHeight` is out of its range.
    public init(module: Int, barHeight: Int, showsDigits: Bool) throws(WireError) {
      guard Self.modules.contains(module) else { throw WireError(.value, at: 0, field: "module width") }
      guard Self.barHeights.contains(barHeight) else { throw WireError(.value, at: 0, field: "bar height") }
      self.module = module
      self.barHeight = barHeight
      self.showsDigits = showsDigits
    }

    /// Dots across, both quiet zones included: 339 at module 3.
    public var width: Int { EAN13.totalModules * module }
    /// Dots from the top of the bars to the foot of guards or digits.
    public var height: Int { barHeight + (showsDigits ? 1 + DigitFont.rows : EAN13.guardDrop) * module }
    /// Height of the guard bars.
    public var guardHeight: Int { barHeight + EAN13.guardDrop * module }
    /// Left edge of the first bar.
    public var barsX: Int { EAN13.leftQuietZone * module }
    /// Upper edge of the digits.
    public var digitsY: Int { barHeight + module }

    /// Left edge of the cell, 7 modules wide, of the digit at `index` (0 to 12).
    public func digitX(_ index: Int) -> Int {
      switch index {
      case 0: module
      case 1...6: (EAN13.leftQuietZone + 3 + 7 * (index - 1)) * module
      default: (EAN13.leftQuietZone + 50 + 7 * (index - 7)) * module
      }
    }
  }

  /// Draws the symbol with quiet zones and longer guard bars, and with its digits unless `showsDigits` is false.
  ///
  /// - Parameters:
  ///   - module: dots in a module, 1 to 8; 3 is 0.375 mm at 203 dpi and the recommended width.
  ///   - height: dots of the data bars, 1 to 1000; 208 fits a module of 3.
  /// - Throws: `value` when either is out of its range.
  public func bitmap(module: Int, height: Int, showsDigits: Bool = true) throws(WireError) -> Bitmap {
    let geometry = try Geometry(module: module, barHeight: height, showsDigits: showsDigits)
    let modules = modules
    // There are only a few different rows. Each is drawn once and copied as bytes.
    var bars = Row(dots: geometry.width)
    var guards = Row(dots: geometry.width)
    for index in 0..<Self.moduleCount where modules[index] {
      let x = geometry.barsX + index * module
      bars.blacken(x, count: module)
      if index < 3 || (45..<50).contains(index) || index >= 92 { guards.blacken(x, count: module) }
    }
    var rows: [UInt8] = []
    rows.reserveCapacity(bars.bytes.count * geometry.height)
    for _ in 0..<height { rows.append(contentsOf: bars.bytes) }
    if !showsDigits {
      for _ in 0..<(Self.guardDrop * module) { rows.append(contentsOf: guards.bytes) }
    } else {
      for _ in 0..<module { rows.append(contentsOf: guards.bytes) }
      for fontRow in 0..<DigitFont.rows {
        // The first module below the bars is spent: guard bars end after the fifth.
        var row = fontRow + 1 < Self.guardDrop ? guards : Row(dots: geometry.width)
        for index in 0..<digits.count {
          let dots = DigitFont.glyphs[Int(digits[index])][fontRow]
          let x = geometry.digitX(index) + module
          for column in 0..<DigitFont.columns where dots >> UInt8(DigitFont.columns - 1 - column) & 1 == 1 {
            row.blacken(x + column * module, count: module)
          }
        }
        for _ in 0..<module { rows.append(contentsOf: row.bytes) }
      }
    }
    guard let bitmap = Bitmap(width: geometry.width, packed: rows, height: geometry.height) else {
      throw WireError(.value, at: 0, field: "bitmap size")
    }
    return bitmap
  }

  /// One packed row of dots, leftmost in the highest bit.
  private struct Row {
    var bytes: [UInt8]

    init(dots: Int) { bytes = [UInt8](repeating: 0, count: (dots + 7) / 8) }

    mutating func blacken(_ x: Int, count: Int) {
      for dot in x..<(x + count) { bytes[dot / 8] |= 0x80 >> UInt8(dot & 7) }
    }
  }
}

/// The digits as a grid of 5 × 7 squares, each one module wide, so that a digit fills the width of its code.
enum DigitFont {
  static let columns = 5
  static let rows = 7

  /// Rows of the digits 0 to 9 from the top, five bits each, leftmost highest.
  static let glyphs: [[UInt8]] = [
    [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110],
    [0b00100, 0b01100, 0b10100, 0b00100, 0b00100, 0b00100, 0b11111],
    [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111],
    [0b11111, 0b00010, 0b00100, 0b00110, 0b00001, 0b10001, 0b01110],
    [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010],
    [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110],
    [0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110],
    [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000],
    [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110],
    [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100],
  ]
}
