/// What a scanner has counted since it was opened.
public struct ScannerStatistics: Sendable, Equatable {
  /// Input reports, or runs of bytes, read while enabled.
  public internal(set) var reports = 0
  /// Whole codes delivered: `GoodScanCount` of UnifiedPOS.
  public internal(set) var goodScans = 0
  /// Beginnings of codes whose end never came.
  public internal(set) var truncatedScans = 0
  /// Reports, or runs of bytes, that could not be decoded.
  public internal(set) var undecodableReports = 0
  /// Reports, or runs of bytes, from before an enabling, dropped.
  public internal(set) var staleReports = 0
}
