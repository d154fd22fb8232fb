public import POSBarcode
import POSWire

/// One bar code to print, before anybody decided who draws it.
public struct SymbolRequest: Sendable, Equatable {
  /// The kind of bar code: those of ``LinearSymbol/symbologies``, ``Symbology/qr``, and what a printer may draw
  /// itself, see ``NativeSymbols/all``.
  public var symbology: Symbology
  /// The data; see ``LinearSymbol/init(_:ascii:)`` for linear symbologies, bytes for the others.
  public var data: [UInt8]
  /// Dots in a module, at most 32; 8 of a linear symbol.
  public var module: Int
  /// Least height of a linear symbol's bars in dots. Strips may round it up to a multiple of 24.
  public var height: Int
  /// Whether a linear symbol's characters stand below it.
  public var showsText: Bool
  /// For QR codes.
  public var errorCorrection: QRCode.ErrorCorrection

  /// A bar code; 3 × 208 dots is 0.375 × 26 mm at 203 dpi (specs/escpos.md §2.7).
  public init(
    _ symbology: Symbology, data: [UInt8], module: Int = 3, height: Int = 208, showsText: Bool = true,
    errorCorrection: QRCode.ErrorCorrection = .medium
  ) {
    self.symbology = symbology
    self.data = data
    self.module = module
    self.height = height
    self.showsText = showsText
    self.errorCorrection = errorCorrection
  }
}

/// What must be known of a printer to print a bar code on it.
public struct SymbolSupport: Sendable, Equatable {
  /// Dots across the printable area.
  public var dots: Int
  /// Dots an inch.
  public var dotsPerInch: Int
  /// Units of `ESC 3` an inch.
  public var verticalUnitsPerInch: Int
  /// The cell of the standard face.
  public var cell: PrinterGeometry.Cell
  /// How it takes dots.
  public var pictures: PictureSupport
  /// What it draws itself.
  public var native: NativeSymbols

  /// Facts of a printer.
  public init(
    dots: Int, dotsPerInch: Int, verticalUnitsPerInch: Int? = nil,
    cell: PrinterGeometry.Cell = PrinterGeometry.Cell(width: 12, height: 24),
    pictures: PictureSupport = PictureSupport(), native: NativeSymbols = []
  ) {
    self.dots = dots
    self.dotsPerInch = dotsPerInch
    self.verticalUnitsPerInch = verticalUnitsPerInch ?? dotsPerInch
    self.cell = cell
    self.pictures = pictures
    self.native = native
  }

  /// What `ESC 3` and `ESC J` need for so many dots; `nil` where they cannot say it in one number.
  func verticalUnits(_ dots: Int) -> Int? {
    let scaled = dots * verticalUnitsPerInch
    return scaled % dotsPerInch == 0 ? scaled / dotsPerInch : nil
  }

  /// What `ESC J` needs for so many dots, or the fewest more that the printer can feed.
  func verticalUnits(atLeast dots: Int) -> Int {
    (dots * verticalUnitsPerInch + dotsPerInch - 1) / dotsPerInch
  }
}

/// Who draws a bar code.
public enum SymbolRoute: UInt8, Sendable, CaseIterable {
  /// Whatever needs the fewest bytes and is exact on this printer.
  case auto
  /// The printer, from the data.
  case native
  /// This package: exact modules, dots on the wire.
  case raster
}

/// What a request turned out to be: checked data, drawn or to be drawn.
enum PreparedSymbol {
  case linear(LinearSymbol)
  case qr(QRCode)
  /// Checked data for a symbol that only printers draw.
  case dataBar(DataBar)
  /// A symbol that only printers draw.
  case nativeOnly

  init(_ request: SymbolRequest) throws(WireError) {
    guard QRCode.modules.contains(request.module) else {
      throw WireError(.value, at: 0, field: "module width")
    }
    switch request.symbology {
    case .qr: self = .qr(try QRCode(request.data.span, level: request.errorCorrection))
    case let symbology where LinearSymbol.symbologies.contains(symbology):
      self = .linear(try LinearSymbol(symbology, ascii: request.data.span))
      try LinearSymbol.check(module: request.module, height: request.height)
    case .dataBar, .dataBarLimited, .dataBarExpanded:
      self = .dataBar(try DataBar(request.symbology, ascii: request.data.span))
    case let symbology where NativeSymbols.all.contains(symbology):
      guard !request.data.isEmpty else { throw WireError(.truncated, at: 0, field: "bar code data") }
      self = .nativeOnly
    default: throw WireError(.unsupported, at: 0, field: "symbology")
    }
  }
}
