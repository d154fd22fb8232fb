/// One bar code as it was typed.
public struct KeyboardScan: Sendable, Equatable {
  /// What went wrong on the way. A scan with any of these may hold other data than the symbol.
  public struct Flaws: OptionSet, Sendable, Hashable {
    /// One bit for each flaw.
    public let rawValue: UInt8

    /// Flaws from their bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// More keys were down than a report has room for: characters are missing.
    public static let rollover = Flaws(rawValue: 1)
    /// A key types nothing under this layout: the layout is wrong, or a character is missing.
    public static let unmappedKey = Flaws(rawValue: 2)
    /// Several keys went down in one report that keeps no order.
    public static let unordered = Flaws(rawValue: 4)
    /// The limit of ``KeyboardDecoder/characterLimit`` was reached; the rest is dropped.
    public static let tooLong = Flaws(rawValue: 8)
    /// A report in the middle could not be read.
    public static let damagedReport = Flaws(rawValue: 16)
  }

  /// How the characters were put into bytes.
  public enum Encoding: UInt8, Sendable {
    /// One byte a character: all were below U+0100.
    case latin1
    /// UTF-8, because one was not.
    case utf8
  }

  /// The code. ``DecodedCode/pieces`` counts reports with keystrokes; it is truncated when the terminator or
  /// more never came.
  public var code: DecodedCode
  /// How the characters were put into bytes.
  public var encoding: Encoding
  /// What went wrong.
  public var flaws: Flaws
  /// How fast it was typed.
  public var burst: KeyboardBurst
}

/// How fast keys followed each other.
public struct KeyboardBurst: Sendable, Equatable {
  /// Whose fingers these were.
  public enum Origin: UInt8, Sendable {
    case scanner, person, unclear
  }

  /// Keystrokes that typed something, the terminator included.
  public internal(set) var keystrokes = 0
  /// From the first to the last keystroke, in nanoseconds.
  public internal(set) var duration: Int64 = 0
  /// The longest time between two keystrokes, in nanoseconds.
  public internal(set) var longestGap: Int64 = 0
  /// Whether a terminator ended it.
  public internal(set) var isTerminated = false

  /// No keystrokes yet.
  public init() {}

  /// Scanner or person? For pairing a device ("scan something now"), never for dropping a scan: a driver that
  /// owns the scanner knows.
  ///
  /// Scanners measured send a key every 1 to 19 ms; nobody types a word at 30 ms a key (specs/scanners.md §2.3).
  public func classify() -> Origin {
    guard keystrokes >= 5 else { return .unclear }
    let mean = duration / Int64(keystrokes - 1)
    if longestGap <= 40_000_000, mean < 30_000_000 { return .scanner }
    return mean > 60_000_000 ? .person : .unclear
  }
}

/// What a report, or the time, brought to light.
public enum KeyboardEvent: Sendable, Equatable {
  /// A code was typed, or the beginning of one.
  case scan(KeyboardScan)
  /// A report of the device that carries no keys.
  case notKeys(reportID: UInt8)
}
