public import ESCPOS
import POSBarcode

/// A printed page drawn with characters: its text as text, its pictures in Braille patterns, in a frame.
public struct TerminalReceipt {
  /// Dots that one column of the terminal stands for: a cell of the standard face.
  private static let columnDots = 12

  /// The lines from the top.
  public let lines: [String]

  /// Draws `page`.
  public init(_ page: PrintedPage) {
    let columns = max(1, page.width / Self.columnDots)
    var rows: [[Unicode.Scalar]] = []
    var printedLine: Int?
    /// Where the line of the last row stands on the paper, if a line is what it holds.
    var lineBottom: Int?
    func blankRow() -> [Unicode.Scalar] { Array(repeating: " ", count: columns) }
    func put(_ scalars: some Sequence<Unicode.Scalar>, at column: Int, row: Int) {
      for (offset, scalar) in scalars.enumerated() where (0..<columns).contains(column + offset) {
        rows[row][column + offset] = scalar
      }
    }
    func beginLine(bottom: Int, isNew: Bool) {
      if isNew, bottom != lineBottom { rows.append(blankRow()) }
      lineBottom = bottom
    }
    func draw(_ picture: Picture, at x: Int) {
      lineBottom = nil
      for line in picture.braille(cellWidth: Self.columnDots, cellHeight: 2 * Self.columnDots) {
        rows.append(blankRow())
        put(line.unicodeScalars, at: x / Self.columnDots, row: rows.count - 1)
      }
    }
    for item in page.items {
      switch item {
      case .text(let run):
        beginLine(bottom: run.y + run.boxHeight, isNew: run.line != printedLine)
        printedLine = run.line
        // Wide characters take as many columns as they do on paper.
        var spread: [Unicode.Scalar] = []
        for scalar in run.scalars {
          spread.append(scalar)
          for _ in 1..<max(1, run.widthFactor) { spread.append(" ") }
        }
        put(spread, at: run.x / Self.columnDots, row: rows.count - 1)
      case .bitmap(let placed):
        guard placed.bitmap.height <= 2 * Self.columnDots else {
          draw(Picture(placed.bitmap), at: placed.x)
          continue
        }
        // A drawn character, or a line of them.
        beginLine(bottom: placed.y + placed.bitmap.height, isNew: true)
        let dots = Picture(placed.bitmap).braille(cellWidth: Self.columnDots, cellHeight: 2 * Self.columnDots)
        if let first = dots.first {
          put(first.unicodeScalars, at: placed.x / Self.columnDots, row: rows.count - 1)
        }
      case .symbol(let symbol):
        if let drawing = symbol.drawing { draw(Picture(drawing), at: symbol.x) }
      case .cut:
        rows.append(Array(repeating: "╌", count: columns))
        lineBottom = nil
      case .drawer: break
      }
    }
    let edge = String(repeating: "─", count: columns + 2)
    lines =
      ["┌\(edge)┐"] + rows.map { "│ \(String(String.UnicodeScalarView($0))) │" } + ["└\(edge)┘"]
  }
}
