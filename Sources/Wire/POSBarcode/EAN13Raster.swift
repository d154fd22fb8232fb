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
    public var height: Int { barHeight + (showsDigits ? 1 + PlainFont.rows : EAN13.guardDrop) * module }
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
    try LinearSymbol(self).bitmap(module: module, height: height, showsText: showsDigits)
  }
}
