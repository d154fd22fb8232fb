/// A point on the clock that only goes forward, in nanoseconds since an arbitrary start.
///
/// Deadlines and time stamps of devices are monotonic; wall time belongs to receipts and journals.
public struct MonotonicInstant: Sendable, Hashable, Comparable {
  /// Nanoseconds since the clock's start.
  public var nanoseconds: Int64

  /// The instant `nanoseconds` after the clock's start.
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// The instant before every other.
  public static let start = MonotonicInstant(nanoseconds: 0)

  /// Whether `left` comes first.
  public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

  /// The instant `duration` later, saturating at the ends of time.
  public static func + (left: Self, duration: Duration) -> Self {
    let (seconds, attoseconds) = duration.components
    let (scaled, scaleOverflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !scaleOverflow else { return Self(nanoseconds: seconds < 0 ? .min : .max) }
    let (span, spanOverflow) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
    let (sum, sumOverflow) = left.nanoseconds.addingReportingOverflow(span)
    guard !spanOverflow, !sumOverflow else { return Self(nanoseconds: seconds < 0 ? .min : .max) }
    return Self(nanoseconds: sum)
  }

  /// The time from `right` to `left`, saturating.
  public static func - (left: Self, right: Self) -> Duration {
    let (span, overflow) = left.nanoseconds.subtractingReportingOverflow(right.nanoseconds)
    return .nanoseconds(overflow ? (left < right ? .min : .max) : span)
  }
}
