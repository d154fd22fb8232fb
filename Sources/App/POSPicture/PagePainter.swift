public import ESCPOS
public import POSBarcode
public import POSModel

/// Paints what an ESC/POS interpreter says stands on the paper.
public struct PagePainter {
  private let glyphs: GlyphSource
  /// White paper beside the printable area, in dots.
  public var margin = 24

  /// A painter with the characters of `glyphs`.
  public init(glyphs: GlyphSource) { self.glyphs = glyphs }

  /// The page as a picture, dot for dot.
  ///
  /// - Throws: ``DeviceError`` with code `input.malformed` for a page beyond 100 million dots.
  public func paint(_ page: PrintedPage) throws(DeviceError) -> Picture {
    let width = page.width + 2 * margin
    let (dots, overflow) = width.multipliedReportingOverflow(by: page.height + 2 * margin)
    guard !overflow, dots <= 100_000_000 else {
      throw DeviceError(.badInput, during: "painting a page of \(page.width) × \(page.height) dots")
    }
    var picture = Picture(width: width, height: page.height + 2 * margin)
    for item in page.items {
      switch item {
      case .text(let run): paint(run, on: &picture)
      case .bitmap(let placed): picture.blacken(placed.bitmap, x: margin + placed.x, y: margin + placed.y)
      case .symbol(let symbol): paint(symbol, on: &picture)
      case .cut(let cut): paintCut(at: margin + cut.y, on: &picture)
      case .drawer: break
      }
    }
    return picture
  }

  private func paint(_ run: PrintedPage.TextRun, on picture: inout Picture) {
    let cellWidth = run.cellWidth * run.widthFactor
    let cellHeight = run.cellHeight * run.heightFactor
    /// A dot of the run on the paper, from its place along and across the text.
    func place(_ along: Int, _ across: Int) -> (x: Int, y: Int) {
      let (x, y) =
        switch run.turn {
        case .none: (along, across)
        case .right: (run.height - 1 - across, along)
        case .halfway: (run.width - 1 - along, run.height - 1 - across)
        case .left: (across, run.width - 1 - along)
        }
      return (margin + run.x + x, margin + run.y + y)
    }
    func glyph(_ scalar: Unicode.Scalar) -> GlyphSource.Glyph? {
      glyphs.glyph(
        scalar, width: run.isLying ? cellHeight : cellWidth, height: run.isLying ? cellWidth : cellHeight,
        isBold: run.isBold)
    }
    for (index, scalar) in run.scalars.enumerated() {
      guard let glyph = glyph(scalar) ?? glyph("\u{FFFD}") else { continue }
      for row in 0..<glyph.height {
        for column in 0..<glyph.width {
          let coverage = glyph.coverage[row * glyph.width + column]
          guard coverage > 0 else { continue }
          let (right, down) = (glyph.x + column, glyph.y + row)
          let (x, y) = place(
            index * cellWidth + (run.isLying ? cellWidth - 1 - down : right), run.isLying ? right : down)
          picture.darken(x: x, y: y, to: 255 - coverage)
        }
      }
    }
    for line in 0..<run.underline {
      for along in 0..<run.width {
        let (x, y) = place(along, cellHeight - 1 - line)
        picture.darken(x: x, y: y, to: 0)
      }
    }
    if run.isInverse {
      picture.invert(x: margin + run.x, y: margin + run.y, width: run.boxWidth, height: run.boxHeight)
    }
  }

  private func paint(_ symbol: PrintedPage.Symbol, on picture: inout Picture) {
    if let drawing = symbol.drawing {
      picture.blacken(drawing, x: margin + symbol.x, y: margin + symbol.y)
    } else {
      paintFrame(symbol, on: &picture)
    }
    for run in symbol.hri { paint(run, on: &picture) }
  }

  /// A symbol this package cannot draw shows as a frame of its size.
  private func paintFrame(_ symbol: PrintedPage.Symbol, on picture: inout Picture) {
    let width = max(symbol.boxWidth, 48)
    let height = max(symbol.boxHeight, 48)
    for x in 0..<width {
      picture.darken(x: margin + symbol.x + x, y: margin + symbol.y, to: 0)
      picture.darken(x: margin + symbol.x + x, y: margin + symbol.y + height - 1, to: 0)
    }
    for y in 0..<height {
      picture.darken(x: margin + symbol.x, y: margin + symbol.y + y, to: 0)
      picture.darken(x: margin + symbol.x + width - 1, y: margin + symbol.y + y, to: 0)
    }
  }

  private func paintCut(at y: Int, on picture: inout Picture) {
    for x in 0..<picture.width where x / 6 % 2 == 0 { picture.darken(x: x, y: y, to: 160) }
  }
}
