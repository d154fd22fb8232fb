/// How a model of printer takes dots (specs/escpos.md §2.6).
public struct PictureSupport: Sendable, Equatable {
  /// The commands it obeys.
  public struct Commands: OptionSet, Sendable, Hashable {
    /// One bit a command.
    public let rawValue: UInt16

    /// Commands from their bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// `GS v 0` with every dot once.
    public static let raster = Commands(rawValue: 1)
    /// `GS v 0` with dots doubled across, down or both.
    public static let rasterDoubling = Commands(rawValue: 2)
    /// `ESC *` with columns of 24 dots.
    public static let columns24 = Commands(rawValue: 4)
    /// `ESC *` with columns of 8 dots, each printed exactly three lines high.
    public static let columns8 = Commands(rawValue: 8)
    /// `GS ( L`: store a raster, print it.
    public static let graphics = Commands(rawValue: 16)
    /// `GS 8 L`: the same with a length of 32 bits.
    public static let longGraphics = Commands(rawValue: 32)
    /// Rasters kept in flash memory by `GS ( L`.
    public static let storedGraphics = Commands(rawValue: 64)
    /// Rasters kept in memory until power off by `GS ( L`.
    public static let downloadedGraphics = Commands(rawValue: 128)
  }

  /// The commands it obeys.
  public var commands: Commands
  /// Most rows in one command.
  public var bandRows: Int
  /// Most bytes of dots in one command: a part of the receive buffer.
  public var bandBytes: Int

  /// Picture commands and their limits, each at least 24 rows; the defaults promise what every clone has.
  public init(commands: Commands = .raster, bandRows: Int = 960, bandBytes: Int = 4096) {
    self.commands = commands
    self.bandRows = max(24, bandRows)
    self.bandBytes = max(24, bandBytes)
  }

  /// Rows that one command may hold when a row takes so many bytes; at least one.
  public func rows(ofBytes rowBytes: Int) -> Int {
    max(1, min(bandRows, bandBytes / max(1, rowBytes)))
  }
}
