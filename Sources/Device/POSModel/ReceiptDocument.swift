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
  public enum Alignment: String, Sendable, CaseIterable { case left, centre, right }

  /// How characters look: attributes, and a size.
  public struct Style: OptionSet, Sendable, Hashable {
    /// One bit an attribute; bits 8 to 10 hold the width less one, bits 12 to 14 the height less one.
    public let rawValue: UInt16

    /// Attributes and size from their bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Characters so many times as wide and high as the plain ones; numbers outside 1 to 8 are brought to its ends.
    public static func size(width: Int, height: Int) -> Style {
      Style(rawValue: UInt16(min(max(width, 1), 8) - 1) << 8 | UInt16(min(max(height, 1), 8) - 1) << 12)
    }

    /// How many cells wide a character is, 1 to 8.
    public var width: Int { Int(rawValue >> 8 & 7) + 1 }
    /// How many cells high a character is, 1 to 8.
    public var height: Int { Int(rawValue >> 12 & 7) + 1 }

    /// Heavier strokes.
    public static let bold = Style(rawValue: 1)
    /// A line below.
    public static let underline = Style(rawValue: 2)
    /// White on black.
    public static let inverse = Style(rawValue: 4)
    /// Printed as a picture, in a font of the application's (``CharacterDrawing``). One such character makes its whole
    /// line one.
    public static let raster = Style(rawValue: 8)
    /// Twice as wide: half as many columns.
    public static let doubleWidth = size(width: 2, height: 1)
    /// Twice as high.
    public static let doubleHeight = size(width: 1, height: 2)
  }

  /// Characters of one style.
  public struct Run: Sendable, Equatable {
    /// The characters; line feeds break lines.
    public var text: String
    /// How they look.
    public var style: Style

    /// Characters in a style.
    public init(_ text: String, style: Style = []) {
      self.text = text
      self.style = style
    }
  }

  /// One cell of a table's row.
  public struct Column: Sendable, Equatable {
    /// What stands in it; wrapped at its width.
    public var text: String
    /// Where it stands in the cell.
    public var alignment: Alignment
    /// Plain characters across, or `nil` for an equal share of what the others leave.
    public var width: Int?

    /// A cell of a row.
    public init(_ text: String, alignment: Alignment = .left, width: Int? = nil) {
      self.text = text
      self.alignment = alignment
      self.width = width
    }
  }

  /// What a line across the paper is made of.
  public enum Rule: String, Sendable, CaseIterable { case single, double, dashed }

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
    case text([Run], alignment: Alignment)
    /// One line with text at both margins; the left part wraps.
    case columns(left: String, right: String, style: Style)
    /// One row of a table, its cells a space apart.
    case row([Column], style: Style)
    /// A line across the paper.
    case rule(Rule)
    /// A bar code, centred, its digits below.
    case barcode(Barcode)
    /// A picture, centred, dot for dot.
    case image(Bitmap)
    /// Empty lines.
    case feed(lines: Int)
    /// Cuts the paper above the head.
    case cut
    /// Opens the cash drawer.
    case drawer(DrawerPulse)
  }

  /// The parts from the top.
  public var blocks: [Block] = []

  /// An empty receipt.
  public init() {}

  /// Appends a paragraph.
  public mutating func text(_ text: String, style: Style = [], alignment: Alignment = .left) {
    self.text([Run(text, style: style)], alignment: alignment)
  }

  /// Appends a paragraph of several styles.
  public mutating func text(_ runs: [Run], alignment: Alignment = .left) {
    blocks.append(.text(runs, alignment: alignment))
  }

  /// Appends a line with text at both margins.
  public mutating func columns(_ left: String, _ right: String, style: Style = []) {
    blocks.append(.columns(left: left, right: right, style: style))
  }

  /// Appends a row of a table.
  public mutating func row(_ columns: Column..., style: Style = []) {
    blocks.append(.row(columns, style: style))
  }

  /// Appends a line across the paper.
  public mutating func rule(_ rule: Rule = .single) { blocks.append(.rule(rule)) }

  /// Appends a bar code, centred, with its digits below.
  public mutating func barcode(_ symbology: Symbology, _ data: String) {
    blocks.append(.barcode(Barcode(symbology: symbology, data: data)))
  }

  /// Appends empty lines.
  public mutating func feed(_ lines: Int = 1) { blocks.append(.feed(lines: lines)) }

  /// Appends a picture, dot for dot.
  public mutating func image(_ picture: Bitmap) { blocks.append(.image(picture)) }

  /// Appends a pulse to the cash drawer.
  public mutating func drawer(_ pulse: DrawerPulse = DrawerPulse()) { blocks.append(.drawer(pulse)) }

  /// Appends a cut.
  public mutating func cut() { blocks.append(.cut) }
}
