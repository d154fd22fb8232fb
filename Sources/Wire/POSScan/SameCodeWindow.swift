public import POSBarcode

/// Tells a code that was read again from one that is new: a code that lies before a scanner is read many times.
///
///     var window = SameCodeWindow(500_000_000)
///     if window.isRepeat(code, at: now) { … }
///
/// Each repeat begins the window anew, so a code counts once for as long as it stays there. One window a
/// scanner: the same code at two scanners is two scans. Time is in nanoseconds of any clock that only goes
/// forward.
public struct SameCodeWindow: Sendable {
  /// How long a code counts as the same one, in nanoseconds.
  public let length: Int64
  /// For which symbologies; `nil` for all.
  public let symbologies: [Symbology]?

  private var last: (symbology: Symbology, bytes: [UInt8], until: Int64)?

  /// A window that has seen nothing.
  public init(_ length: Int64, symbologies: [Symbology]? = nil) {
    self.length = length
    self.symbologies = symbologies
  }

  /// Whether `code` is the last one, read again at `now`. A beginning of a code repeats nothing.
  public mutating func isRepeat(_ code: DecodedCode, at now: Int64) -> Bool {
    guard !code.isTruncated, symbologies?.contains(code.symbology) ?? true else {
      last = nil
      return false
    }
    let isRepeat =
      last.map { $0.until > now && $0.symbology == code.symbology && $0.bytes == code.bytes } ?? false
    let (until, isOver) = now.addingReportingOverflow(length)
    last = (code.symbology, code.bytes, isOver ? .max : until)
    return isRepeat
  }
}
