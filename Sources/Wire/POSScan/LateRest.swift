/// How long after a time-out what begins may be the rest of the code that the time-out ended.
///
/// A scanner or a radio link that pauses longer than it should goes on where it stopped, and such a rest has
/// an end like a code of its own. A rest that comes later than this is told from the next code by nothing.
enum LateRest {
  /// Time-outs that are waited for it.
  private static let timeouts: Int64 = 10

  /// Until when it may begin, after a time-out of this length at `instant`.
  static func deadline(after instant: Int64, timeout: Int64) -> Int64 {
    let (window, isOver) = timeout.multipliedReportingOverflow(by: timeouts)
    let (deadline, isBeyond) = instant.addingReportingOverflow(window)
    return isOver || isBeyond ? .max : deadline
  }
}
