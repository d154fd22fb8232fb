public import POSBarcode

/// What stands on the paper after a printer has obeyed its bytes: plain values, measured in dots.
///
/// The origin is the top left corner of the printable area; x grows to the right, y with the feed. Everything a
/// painter needs is here: it draws the ``items`` in order on white, text by its cells, bitmaps dot for dot.
public struct PrintedPage: Sendable, Equatable {
  /// Dots across the printable area.
  public var width: Int
  /// Dots an inch, the same in both directions.
  public var dotsPerInch: Int
  /// Dots of paper fed so far: the picture's height.
  public var height: Int
  /// What was printed and done, in the order of the bytes.
  public var items: [Item]
  /// What a strict reader objects to in the bytes.
  public var complaints: [Complaint]

  /// A page without anything on it.
  public init(width: Int, dotsPerInch: Int) {
    self.width = width
    self.dotsPerInch = dotsPerInch
    height = 0
    items = []
    complaints = []
  }

  /// One thing on the paper, or one thing done while printing.
  public enum Item: Sendable, Equatable {
    /// Characters of one look in one line.
    case text(TextRun)
    /// A picture sent as dots.
    case bitmap(PlacedBitmap)
    /// A bar code the printer drew itself.
    case symbol(Symbol)
    /// A cut through the paper.
    case cut(Cut)
    /// A pulse to the cash drawer.
    case drawer(DrawerPulse)

    /// The lower edge of what stands on the paper; `nil` for what was only done.
    var bottom: Int? {
      switch self {
      case .text(let run): run.y + run.height
      case .bitmap(let placed): placed.y + placed.bitmap.height
      case .symbol(let symbol): symbol.hri.map { $0.y + $0.height }.max() ?? symbol.y + symbol.height
      case .cut, .drawer: nil
      }
    }
  }

  /// The printer's built-in type faces.
  public enum Font: UInt8, Sendable {
    /// The standard face, 12 × 24 dots on most printers.
    case a
    /// The small face, 9 × 17 or 9 × 24 dots.
    case b
    /// A third face of some models.
    case c
  }

  /// Characters of one look, side by side in one line.
  public struct TextRun: Sendable, Equatable {
    /// Left edge of the first cell.
    public var x: Int
    /// Upper edge of the cells.
    public var y: Int
    /// The line it belongs to, counted from 0 down the page. Runs of one line share it.
    public var line: Int
    /// What the bytes mean in the code page that was selected. U+FFFD where the page has nothing.
    public var scalars: [Unicode.Scalar]
    /// The face.
    public var font: Font
    /// Width of one cell before ``widthFactor``, space to the next character included.
    public var cellWidth: Int
    /// Height of one cell before ``heightFactor``.
    public var cellHeight: Int
    /// 1 to 8.
    public var widthFactor: Int
    /// 1 to 8.
    public var heightFactor: Int
    /// Heavier strokes.
    public var isBold: Bool
    /// Thickness of the line at the foot of the cells: 0, 1 or 2 dots.
    public var underline: Int
    /// White characters on black cells.
    public var isInverse: Bool
    /// The whole run is turned by 180° inside its box: its first character stands at the right.
    public var isUpsideDown: Bool

    /// Creates a run of plain text; looks are set afterwards.
    public init(
      x: Int, y: Int, line: Int, scalars: [Unicode.Scalar], font: Font, cellWidth: Int, cellHeight: Int
    ) {
      self.x = x
      self.y = y
      self.line = line
      self.scalars = scalars
      self.font = font
      self.cellWidth = cellWidth
      self.cellHeight = cellHeight
      widthFactor = 1
      heightFactor = 1
      isBold = false
      underline = 0
      isInverse = false
      isUpsideDown = false
    }

    /// Width of the box that all its cells fill.
    public var width: Int { scalars.count * cellWidth * widthFactor }

    /// Height of the box that all its cells fill.
    public var height: Int { cellHeight * heightFactor }
  }

  /// A picture and where its upper left corner stands. Enlarged rasters are already enlarged.
  public struct PlacedBitmap: Sendable, Equatable {
    /// The dots.
    public var bitmap: Bitmap
    /// Left edge.
    public var x: Int
    /// Upper edge.
    public var y: Int

    /// Places `bitmap`.
    public init(_ bitmap: Bitmap, x: Int, y: Int) {
      self.bitmap = bitmap
      self.x = x
      self.y = y
    }
  }

  /// Where the printer writes a symbol's characters in plain (`GS H`).
  public enum HRIPosition: UInt8, Sendable {
    /// Nowhere.
    case none
    /// Above the bars.
    case above
    /// Below the bars.
    case below
    /// Above and below.
    case both
  }

  /// A bar code that was sent as data and drawn by the printer.
  public struct Symbol: Sendable, Equatable {
    /// The kind of code.
    public var symbology: Symbology
    /// The data as a scanner reports it, check digit of EAN and UPC included.
    public var data: [UInt8]
    /// Left edge of the first bar; quiet zones are outside.
    public var x: Int
    /// Upper edge of the bars.
    public var y: Int
    /// Width of a module in dots.
    public var module: Int
    /// Width of the bars in dots, 0 where this package cannot tell.
    public var width: Int
    /// Height of the bars in dots.
    public var height: Int
    /// Where the characters in plain stand.
    public var hriPosition: HRIPosition
    /// Those characters, placed.
    public var hri: [TextRun]
    /// The bars, `width` × `height` with the corner at `x`, `y`, where this package can draw them. A painter
    /// shows the other symbols as a frame with the data inside.
    public var drawing: Bitmap?

    /// A symbol without characters in plain.
    public init(
      _ symbology: Symbology, data: [UInt8], x: Int, y: Int, module: Int, width: Int, height: Int,
      drawing: Bitmap?
    ) {
      self.symbology = symbology
      self.data = data
      self.x = x
      self.y = y
      self.module = module
      self.width = width
      self.height = height
      self.drawing = drawing
      hriPosition = .none
      hri = []
    }
  }

  /// A cut across the whole paper.
  public struct Cut: Sendable, Equatable {
    /// How much of the width.
    public enum Kind: UInt8, Sendable {
      /// The piece falls.
      case full
      /// The piece hangs by a bridge.
      case partial
    }

    /// How much of the width.
    public var kind: Kind
    /// Dots of paper above the cut.
    public var y: Int

    /// A cut at `y`.
    public init(_ kind: Kind, y: Int) {
      self.kind = kind
      self.y = y
    }
  }

  /// A pulse on the drawer connector.
  public struct DrawerPulse: Sendable, Equatable {
    /// The connector's pin, 2 or 5.
    public var pin: Int
    /// Milliseconds on.
    public var on: Int
    /// Milliseconds off afterwards.
    public var off: Int
    /// Dots of paper that had been fed.
    public var y: Int

    /// A pulse on `pin`.
    public init(pin: Int, on: Int, off: Int, y: Int) {
      self.pin = pin
      self.on = on
      self.off = off
      self.y = y
    }
  }

  /// An objection to the bytes at `offset` from the start of the stream.
  public struct Complaint: Sendable, Equatable {
    /// Offset of the first byte of the command at fault.
    public var offset: Int
    /// The objection.
    public var reason: Reason

    /// An objection.
    public init(_ reason: Reason, at offset: Int) {
      self.reason = reason
      self.offset = offset
    }

    /// The objection in words.
    public var text: StaticString { reason.text }
  }
}

extension PrintedPage.Complaint {
  /// The objections there are.
  public enum Reason: UInt8, Sendable, CaseIterable {
    // Their `text` says what each one means.
    case unknownCommand
    case badParameter
    case lengthMismatch
    case endsInsideCommand
    case notAtLineStart
    case tooWide
    case badSymbolData
    case nothingStored
    case realTimeInsideData
    case lineNotPrinted
    case unknownCodePage
    case notDrawn
    case overLimit
    case cutsPrint

    /// The objection in words.
    public var text: StaticString {
      switch self {
      case .unknownCommand: "unknown command; its parameters would print as text"
      case .badParameter: "parameter out of range; the command is ignored"
      case .lengthMismatch: "the declared length does not fit the data"
      case .endsInsideCommand: "the bytes end inside a command"
      case .notAtLineStart: "only allowed at the start of a line"
      case .tooWide: "wider than the paper; nothing is printed"
      case .badSymbolData: "the symbol cannot hold this data"
      case .nothingStored: "nothing has been stored to print"
      case .realTimeInsideData: "image or symbol data spells a real-time command, which some printers obey"
      case .lineNotPrinted: "text without a line feed after it stays in the printer"
      case .unknownCodePage: "a code page this reader does not know"
      case .notDrawn: "understood, but this reader does not draw it"
      case .cutsPrint: "cuts what was just printed, or leaves it on the next piece: feed before cutting"
      case .overLimit: "more than this reader keeps; the rest is dropped"
      }
    }
  }
}

extension PrintedPage {
  /// The text, one element a printed line from the top, gaps between runs as single spaces.
  public var lines: [[Unicode.Scalar]] {
    var lines: [[Unicode.Scalar]] = []
    var current = -1
    var edge = 0
    for item in items {
      guard case .text(let run) = item else { continue }
      if run.line != current || lines.isEmpty {
        lines.append(run.scalars)
      } else {
        if run.x > edge { lines[lines.count - 1].append(" ") }
        lines[lines.count - 1].append(contentsOf: run.scalars)
      }
      current = run.line
      edge = run.x + run.width
    }
    return lines
  }

  /// The text as it stands on the paper: spaces fill the way from the left edge to each run, in cells of
  /// `cellWidth` dots, and between the characters of wide runs.
  public func paddedLines(cellWidth: Int) -> [[Unicode.Scalar]] {
    let cellWidth = max(1, cellWidth)
    var lines: [[Unicode.Scalar]] = []
    var current = -1
    for item in items {
      guard case .text(let run) = item else { continue }
      if run.line != current || lines.isEmpty { lines.append([]) }
      current = run.line
      let last = lines.count - 1
      while lines[last].count < min(run.x, width) / cellWidth { lines[last].append(" ") }
      for scalar in run.scalars {
        lines[last].append(scalar)
        for _ in 1..<max(2, run.widthFactor) where run.widthFactor > 1 { lines[last].append(" ") }
      }
    }
    return lines
  }

  /// The bar codes the printer drew itself.
  public var symbols: [Symbol] {
    items.compactMap { item in
      guard case .symbol(let symbol) = item else { return nil }
      return symbol
    }
  }

  /// The cuts, from the top.
  public var cuts: [Cut] {
    items.compactMap { item in
      guard case .cut(let cut) = item else { return nil }
      return cut
    }
  }

  /// The pulses to the cash drawer.
  public var drawerPulses: [DrawerPulse] {
    items.compactMap { item in
      guard case .drawer(let pulse) = item else { return nil }
      return pulse
    }
  }
}
