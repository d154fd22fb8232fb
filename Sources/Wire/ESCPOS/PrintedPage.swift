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

    /// The part of the paper that it takes; `nil` for what was only done.
    var box: (x: Int, y: Int, width: Int, height: Int)? {
      switch self {
      case .text(let run): (run.x, run.y, run.boxWidth, run.boxHeight)
      case .bitmap(let placed): (placed.x, placed.y, placed.bitmap.width, placed.bitmap.height)
      case .symbol(let symbol): (symbol.x, symbol.y, symbol.boxWidth, symbol.boxHeight)
      case .cut, .drawer: nil
      }
    }

    /// Bytes of its picture and data.
    var storedBytes: Int {
      switch self {
      case .bitmap(let placed): placed.bitmap.bytes.count
      case .symbol(let symbol): symbol.data.count + (symbol.drawing?.bytes.count ?? 0)
      case .text, .cut, .drawer: 0
      }
    }

    /// The lower edge of what stands on the paper; `nil` for what was only done.
    var bottom: Int? {
      guard let box else { return nil }
      guard case .symbol(let symbol) = self else { return box.y + box.height }
      return symbol.hri.reduce(box.y + box.height) { max($0, $1.y + $1.boxHeight) }
    }
  }

  /// How far something is turned to the right. The raw value counts quarters.
  public enum Turn: UInt8, Sendable {
    /// Upright.
    case none
    /// Reads from the top down.
    case right
    /// Upside-down.
    case halfway
    /// Reads from the bottom up.
    case left

    /// Quarters of a full turn, 0 to 3.
    public var quarters: Int { Int(rawValue) }

    /// Whether width and height change places.
    var isSideways: Bool { self == .right || self == .left }
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
    /// Left edge of its box on the paper.
    public var x: Int
    /// Upper edge of its box on the paper.
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
    /// How the whole run is turned: halfway, its first character stands at the right of its box.
    public var turn: Turn
    /// Each character lies on its right side in its cell, as `ESC V` turns it.
    public var isLying: Bool

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
      turn = .none
      isLying = false
    }

    /// Dots that all its cells fill along the text.
    public var width: Int { scalars.count * cellWidth * widthFactor }

    /// Dots that its cells fill across the text.
    public var height: Int { cellHeight * heightFactor }

    /// Width of its box on the paper.
    public var boxWidth: Int { turn.isSideways ? height : width }

    /// Height of its box on the paper.
    public var boxHeight: Int { turn.isSideways ? width : height }

    /// Turns its characters by a quarter to the right, each in its cell; lines under them are not printed then.
    mutating func layDown(spacing: Int) {
      (cellWidth, cellHeight) = (cellHeight + spacing, cellWidth - spacing)
      (widthFactor, heightFactor) = (heightFactor, widthFactor)
      underline = 0
      isLying = true
    }

    /// Whether `other` differs only in its characters and its place in the line.
    func looks(like other: Self) -> Bool {
      cellWidth == other.cellWidth && cellHeight == other.cellHeight && font == other.font
        && widthFactor == other.widthFactor && heightFactor == other.heightFactor && isBold == other.isBold
        && underline == other.underline && isInverse == other.isInverse && isLying == other.isLying
    }

    /// Where it begins and ends along the text of its line.
    fileprivate var reach: (start: Int, end: Int) {
      switch turn {
      case .none: (x, x + width)
      case .right: (y, y + width)
      case .halfway: (-x - width, -x)
      case .left: (-y - width, -y)
      }
    }
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
    /// Left edge of the bars on the paper; quiet zones are outside.
    public var x: Int
    /// Upper edge of the bars on the paper.
    public var y: Int
    /// Width of a module in dots.
    public var module: Int
    /// Dots across the bars, from the first to the last, 0 where this package cannot tell.
    public var width: Int
    /// Length of the bars in dots.
    public var height: Int
    /// How it is turned.
    public var turn: Turn
    /// Where the characters in plain stand.
    public var hriPosition: HRIPosition
    /// Those characters, placed.
    public var hri: [TextRun]
    /// The bars as they stand on the paper, with the corner at `x`, `y`, where this package can draw them. A painter
    /// shows the other symbols as a frame with the data inside.
    public var drawing: Bitmap?

    /// Width of the bars' box on the paper.
    public var boxWidth: Int { turn.isSideways ? height : width }

    /// Height of the bars' box on the paper.
    public var boxHeight: Int { turn.isSideways ? width : height }

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
      turn = .none
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
    case outsideArea
    case onlyInPageMode
    case notInPageMode

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
      case .lineNotPrinted: "without a line feed, in page mode a form feed, it stays in the printer"
      case .unknownCodePage: "a code page this reader does not know"
      case .notDrawn: "understood, but this reader does not draw it"
      case .cutsPrint: "cuts what was just printed, or leaves it on the next piece: feed before cutting"
      case .outsideArea: "reaches out of the area of page mode, which cuts it off"
      case .onlyInPageMode: "only obeyed in page mode"
      case .notInPageMode: "not obeyed in page mode"
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
        if run.reach.start > edge { lines[lines.count - 1].append(" ") }
        lines[lines.count - 1].append(contentsOf: run.scalars)
      }
      current = run.line
      edge = run.reach.end
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
