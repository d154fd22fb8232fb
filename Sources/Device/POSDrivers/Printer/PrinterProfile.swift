public import ESCPOS

/// What a model of printer is like: facts as data, so that drivers stay general.
public struct PrinterProfile: Sendable, Equatable {
  /// How the printer can be asked whether everything was printed, best first (specs/escpos.md §2.4).
  public enum Confirmation: Sendable, Equatable {
    /// `GS ( H`: it returns an id once all before it is printed. `GS r` is asked if that stays unanswered.
    case processID
    /// `GS r`: it answers after processing all before it.
    case paperStatus
    /// It cannot be asked: an outcome is at best `sent`.
    case none
  }

  /// Whether `DLE EOT` is answered.
  public enum RealTimeStatus: Sendable, Equatable {
    /// Always; silence means that the printer is off or gone.
    case always
    /// Perhaps; silence means nothing.
    case maybe
    /// Never, as when bytes go to a file.
    case never
  }

  /// What the printer can do to the end of a receipt.
  public enum Cutter: Sendable, Equatable {
    /// Cut through.
    case full
    /// Cut, leaving a bridge.
    case partial
    /// Nothing: the paper is fed so many lines and torn off.
    case tearBar(lines: UInt8)
  }

  /// What it is called on the command line.
  public var name: String
  /// What it answers when `GS I 67` asks for its model, in small letters; empty for families without a name.
  public var models: [String]
  /// Dots across the printable area.
  public var dots: Int
  /// Dots an inch.
  public var dotsPerInch: Int
  /// Characters of the standard face in a line.
  public var columns: Int
  /// The cell of the standard face.
  public var cell: PrinterGeometry.Cell
  /// Characters of the small face in a line.
  public var smallColumns: Int
  /// The cell of the small face.
  public var smallCell: PrinterGeometry.Cell
  /// How many units of `ESC 3` and `ESC J` are an inch.
  public var verticalUnitsPerInch: Int
  /// Code pages and their numbers, most trusted first, and double-byte characters.
  public var codePages: CodePageSet
  /// Whether it starts in a double-byte mode that must be ended before accented letters print.
  public var startsInDoubleByteMode: Bool
  /// How it takes dots.
  public var pictures: PictureSupport
  /// How receipts end.
  public var cutter: Cutter
  /// Dots between head and cutter.
  public var cutterDistance: Int
  /// What it draws itself.
  public var symbols: NativeSymbols
  /// How it confirms.
  public var confirmation: Confirmation
  /// Whether it answers real-time status requests.
  public var realTimeStatus: RealTimeStatus
  /// The pin of the connector that the drawer hangs on, 2 or 5.
  public var drawerPin: Int

  /// A profile; the defaults are those of most clones, which promise nothing.
  public init(
    name: String, models: [String] = [], dots: Int, dotsPerInch: Int, columns: Int,
    cell: PrinterGeometry.Cell = PrinterGeometry.Cell(width: 12, height: 24), smallColumns: Int? = nil,
    smallCell: PrinterGeometry.Cell = PrinterGeometry.Cell(width: 9, height: 17),
    verticalUnitsPerInch: Int? = nil, codePages: CodePageSet = CodePageSet([.init(.pc437, 0)]),
    startsInDoubleByteMode: Bool = false,
    pictures: PictureSupport = PictureSupport(), cutter: Cutter = .tearBar(lines: 4), cutterDistance: Int = 0,
    symbols: NativeSymbols = [], confirmation: Confirmation = .none, realTimeStatus: RealTimeStatus = .maybe,
    drawerPin: Int = 2
  ) {
    self.name = name
    self.models = models
    self.dots = dots
    self.dotsPerInch = dotsPerInch
    self.columns = columns
    self.cell = cell
    self.smallColumns = smallColumns ?? dots / smallCell.width
    self.smallCell = smallCell
    self.verticalUnitsPerInch = verticalUnitsPerInch ?? dotsPerInch
    self.codePages = codePages
    self.startsInDoubleByteMode = startsInDoubleByteMode
    self.pictures = pictures
    self.cutter = cutter
    self.cutterDistance = cutterDistance
    self.symbols = symbols
    self.confirmation = confirmation
    self.realTimeStatus = realTimeStatus
    self.drawerPin = drawerPin
  }

  /// The same printer behind something that only takes bytes, such as a file: it is never asked, and outcomes
  /// are at best `sent`.
  public var oneWay: PrinterProfile {
    var profile = self
    profile.confirmation = .none
    profile.realTimeStatus = .never
    return profile
  }

  /// The same printer as an interpreter needs to know it.
  public var geometry: PrinterGeometry {
    PrinterGeometry(
      width: dots, dotsPerInch: dotsPerInch, verticalUnitsPerInch: verticalUnitsPerInch, cellA: cell,
      cellB: smallCell, cutterDistance: cutterDistance, codePages: codePages)
  }

  /// The same printer as bar codes and pictures need to know it.
  public var symbolSupport: SymbolSupport {
    SymbolSupport(
      dots: dots, dotsPerInch: dotsPerInch, verticalUnitsPerInch: verticalUnitsPerInch, cell: cell,
      pictures: pictures, native: symbols)
  }

  /// The profile called `name`, or `nil`.
  public static func named(_ name: String) -> PrinterProfile? { all.first { $0.name == name } }

  /// The profile of the model that a printer says it is (`GS I 67`), or `nil` for one that is not known. Capital
  /// and small letters are the same.
  public static func identified(by model: String) -> PrinterProfile? {
    let model = model.lowercased()
    return all.first { $0.models.contains(model) }
  }
}
