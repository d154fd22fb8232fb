/// What the interpreter must know of a printer to place dots.
public struct PrinterGeometry: Sendable, Equatable {
  /// The size of a character cell in dots.
  public struct Cell: Sendable, Equatable {
    /// Dots across.
    public var width: Int
    /// Dots down.
    public var height: Int

    /// A cell, at least one dot each way.
    public init(width: Int, height: Int) {
      self.width = max(1, width)
      self.height = max(1, height)
    }
  }

  /// Dots across the printable area.
  public var width: Int
  /// Dots an inch, both ways.
  public var dotsPerInch: Int
  /// How many units of `ESC 3` and `ESC J` are an inch before `GS P` changes it.
  public var verticalUnitsPerInch: Int
  /// How many units of `GS L`, `GS W` and `ESC $` are an inch before `GS P` changes it.
  public var horizontalUnitsPerInch: Int
  /// The cell of the standard face.
  public var cellA: Cell
  /// The cell of the small face.
  public var cellB: Cell
  /// Dots of paper between the head and the cutter.
  public var cutterDistance: Int
  /// The code pages and their numbers. The first is selected after `ESC @`.
  public var codePages: CodePageSet

  /// A geometry; sizes below 1 count as 1, units default to dots.
  public init(
    width: Int, dotsPerInch: Int, verticalUnitsPerInch: Int? = nil, horizontalUnitsPerInch: Int? = nil,
    cellA: Cell = Cell(width: 12, height: 24), cellB: Cell = Cell(width: 9, height: 17),
    cutterDistance: Int = 0,
    codePages: CodePageSet = CodePageSet([
      .init(.pc437, 0), .init(.pc850, 2), .init(.windows1252, 16), .init(.pc858, 19),
    ])
  ) {
    self.width = max(1, width)
    self.dotsPerInch = max(1, dotsPerInch)
    self.verticalUnitsPerInch = max(1, verticalUnitsPerInch ?? dotsPerInch)
    self.horizontalUnitsPerInch = max(1, horizontalUnitsPerInch ?? dotsPerInch)
    self.cellA = cellA
    self.cellB = cellB
    self.cutterDistance = max(0, cutterDistance)
    self.codePages = codePages
  }
}

extension ESCPOSInterpreter {
  /// How much an interpreter keeps. What exceeds it is consumed, dropped and complained about.
  public struct Limits: Sendable, Equatable {
    /// Dots of paper.
    public var height: Int
    /// Items on the page.
    public var items: Int
    /// Bytes of all pictures on the page together, and of any one command's data.
    public var rasterBytes: Int
    /// Complaints.
    public var complaints: Int

    /// Limits; the defaults hold five metres of receipt at 203 dpi.
    public init(
      height: Int = 40_000, items: Int = 20_000, rasterBytes: Int = 4 << 20, complaints: Int = 200
    ) {
      self.height = height
      self.items = items
      self.rasterBytes = rasterBytes
      self.complaints = complaints
    }
  }
}
