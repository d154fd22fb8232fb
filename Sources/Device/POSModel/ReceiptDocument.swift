public import POSBarcode

/// A receipt as its author thinks of it, before any printer's commands and widths.
///
///     var receipt = ReceiptDocument()
///     receipt.text("Burger Barn", style: [.bold, .doubleHeight], alignment: .centre)
///     receipt.columns("Classic burger", "9.00")
///     receipt.rule()
///     receipt.barcode(.ean13, "3157882326401")
///     receipt.cut()
public struct ReceiptDocument: Sendable, Equatable {
  /// Where a line stands between the margins.
  public enum Alignment: String, Sendable { case left, centre, right }

  /// How characters look.
  public struct Style: OptionSet, Sendable, Hashable {
    /// One bit an attribute.
    public let rawValue: UInt8

    /// Attributes from their bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Heavier strokes.
    public static let bold = Style(rawValue: 1)
    /// A line below.
    public static let underline = Style(rawValue: 2)
    /// White on black.
    public static let inverse = Style(rawValue: 4)
    /// Twice as wide: half as many columns.
    public static let doubleWidth = Style(rawValue: 8)
    /// Twice as high.
    public static let doubleHeight = Style(rawValue: 16)
  }

  /// A linear bar code.
  public struct Barcode: Sendable, Equatable {
    /// The symbology to draw.
    public var symbology: Symbology
    /// The characters, check digit included.
    public var data: String
    /// Width of the narrowest bar in dots, 1 to 8.
    public var module: Int
    /// Height of the bars in dots, 1 to 1000.
    public var height: Int

    /// A bar code; 3 × 208 dots is 0.375 × 26 mm at 203 dpi (specs/escpos.md §2.7).
    public init(symbology: Symbology, data: String, module: Int = 3, height: Int = 208) {
      self.symbology = symbology
      self.data = data
      self.module = module
      self.height = height
    }
  }

  /// One part of a receipt, from the top.
  public enum Block: Sendable, Equatable {
    /// One paragraph, wrapped at words; line feeds in it break lines.
    case text(String, style: Style, alignment: Alignment)
    /// One line with text at both margins; the left part wraps.
    case columns(left: String, right: String, style: Style)
    /// A line across the paper.
    case rule
    /// A bar code, centred, its digits below.
    case barcode(Barcode)
    /// A picture, centred, dot for dot.
    case image(Bitmap)
    /// Empty lines.
    case feed(lines: Int)
    /// Cuts the paper above the head.
    case cut
    /// Opens the cash drawer.
    case drawer
  }

  /// The parts from the top.
  public var blocks: [Block] = []

  /// An empty receipt.
  public init() {}

  /// Appends a paragraph.
  public mutating func text(_ text: String, style: Style = [], alignment: Alignment = .left) {
    blocks.append(.text(text, style: style, alignment: alignment))
  }

  /// Appends a line with text at both margins.
  public mutating func columns(_ left: String, _ right: String, style: Style = []) {
    blocks.append(.columns(left: left, right: right, style: style))
  }

  /// Appends a line across the paper.
  public mutating func rule() { blocks.append(.rule) }

  /// Appends a bar code, centred, with its digits below.
  public mutating func barcode(_ symbology: Symbology, _ data: String) {
    blocks.append(.barcode(Barcode(symbology: symbology, data: data)))
  }

  /// Appends empty lines.
  public mutating func feed(_ lines: Int = 1) { blocks.append(.feed(lines: lines)) }

  /// Appends a cut.
  public mutating func cut() { blocks.append(.cut) }
}
