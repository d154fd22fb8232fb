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
  /// Dots across the printable area.
  public var dots: Int
  /// Dots an inch.
  public var dotsPerInch: Int
  /// Characters of the standard face in a line.
  public var columns: Int
  /// The cell of the standard face.
  public var cell: PrinterGeometry.Cell
  /// Code pages and their numbers, most trusted first.
  public var codePages: CodePageSet
  /// Whether it starts in a double-byte mode that must be ended before accented letters print.
  public var startsInDoubleByteMode: Bool
  /// Most rows in one raster command.
  public var bandRows: Int
  /// Most bytes in one raster command: a part of the receive buffer.
  public var bandBytes: Int
  /// How receipts end.
  public var cutter: Cutter
  /// Dots between head and cutter.
  public var cutterDistance: Int
  /// Whether it draws EAN-13 itself.
  public var drawsEAN13: Bool
  /// How it confirms.
  public var confirmation: Confirmation
  /// Whether it answers real-time status requests.
  public var realTimeStatus: RealTimeStatus
  /// The pin of the connector that the drawer hangs on, 2 or 5.
  public var drawerPin: Int

  /// A profile; the defaults are those of most clones, which promise nothing.
  public init(
    name: String, dots: Int, dotsPerInch: Int, columns: Int,
    cell: PrinterGeometry.Cell = PrinterGeometry.Cell(width: 12, height: 24),
    codePages: CodePageSet = CodePageSet([.init(.pc437, 0)]), startsInDoubleByteMode: Bool = false,
    bandRows: Int = 960, bandBytes: Int = 4096, cutter: Cutter = .tearBar(lines: 4), cutterDistance: Int = 0,
    drawsEAN13: Bool = false, confirmation: Confirmation = .none, realTimeStatus: RealTimeStatus = .maybe,
    drawerPin: Int = 2
  ) {
    self.name = name
    self.dots = dots
    self.dotsPerInch = dotsPerInch
    self.columns = columns
    self.cell = cell
    self.codePages = codePages
    self.startsInDoubleByteMode = startsInDoubleByteMode
    self.bandRows = bandRows
    self.bandBytes = bandBytes
    self.cutter = cutter
    self.cutterDistance = cutterDistance
    self.drawsEAN13 = drawsEAN13
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
      width: dots, dotsPerInch: dotsPerInch, cellA: cell, cutterDistance: cutterDistance, codePages: codePages
    )
  }
}

extension PrinterProfile {
  /// 58 mm paper, 203 dpi, no cutter: POS-5890 and its many relatives (specs/escpos.md §2.9).
  public static let generic58 = PrinterProfile(name: "generic-58", dots: 384, dotsPerInch: 203, columns: 32)

  /// 80 mm paper, 203 dpi. Promises neither the euro sign nor an answer.
  public static let generic80 = PrinterProfile(
    name: "generic-80", dots: 576, dotsPerInch: 203, columns: 48, cutter: .partial, cutterDistance: 120)

  /// Epson TM-T20II: 80 mm paper, 203 dpi.
  public static let epsonTMT20II = PrinterProfile(
    name: "epson-tm-t20ii", dots: 576, dotsPerInch: 203, columns: 48, codePages: epsonPages, bandRows: 2303,
    bandBytes: 65_536, cutter: .partial, cutterDistance: 120, drawsEAN13: true, confirmation: .processID,
    realTimeStatus: .always)

  /// Epson TM-T88V: 80 mm paper, 180 dpi.
  public static let epsonTMT88V = PrinterProfile(
    name: "epson-tm-t88v", dots: 512, dotsPerInch: 180, columns: 42, codePages: epsonPages, bandRows: 2303,
    bandBytes: 65_536, cutter: .partial, cutterDistance: 106, drawsEAN13: true, confirmation: .processID,
    realTimeStatus: .always)

  /// 80 mm paper, 203 dpi, from a maker that documents `DLE EOT` and `GS r`: it confirms, but by no id.
  public static let confirming80 = PrinterProfile(
    name: "generic-80-gs-r", dots: 576, dotsPerInch: 203, columns: 48, codePages: epsonPages, bandRows: 1024,
    bandBytes: 16_384, cutter: .partial, cutterDistance: 120, drawsEAN13: true, confirmation: .paperStatus,
    realTimeStatus: .always)

  /// The profiles that come with the package.
  public static let all = [generic80, generic58, confirming80, epsonTMT20II, epsonTMT88V]

  /// The profile called `name`, or `nil`.
  public static func named(_ name: String) -> PrinterProfile? { all.first { $0.name == name } }

  /// Numbers of specs/escpos.md §2.8.
  private static let epsonPages = CodePageSet([.init(.pc437, 0), .init(.pc858, 19)])
}
