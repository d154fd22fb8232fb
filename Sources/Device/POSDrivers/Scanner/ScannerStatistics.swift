/// What a scanner has counted since it was opened.
public struct ScannerStatistics: Sendable, Equatable {
  /// Input reports, or runs of bytes, read while enabled.
  public internal(set) var reports = 0
  /// Whole codes delivered: `GoodScanCount` of UnifiedPOS.
  public internal(set) var goodScans = 0
  /// Beginnings of codes whose end never came.
  public internal(set) var truncatedScans = 0
  /// Codes that were read again within the same-code window, dropped.
  public internal(set) var repeatedScans = 0
  /// Add-ons and second lines that were joined to the scan before or behind them.
  public internal(set) var joinedScans = 0
  /// Reports, or runs of bytes, that could not be decoded.
  public internal(set) var undecodableReports = 0
  /// Times the scanner reported trouble or refused a command.
  public internal(set) var troubles = 0
  /// Reports, or runs of bytes, from before an enabling, dropped.
  public internal(set) var staleReports = 0
  /// Events that subscribers were too slow for, all subscribers together.
  public internal(set) var lostEvents = 0
}
