import FoundationEssentials

/// A point in civil time: milliseconds since 1970-01-01 00:00 UTC.
///
/// It dates journal entries and receipts. It may jump when somebody sets the clock; measure durations with
/// monotonic time.
public struct WallTime: Sendable, Hashable, Comparable, Codable {
  /// Milliseconds since 1970, leap seconds not counted.
  public var milliseconds: Int64

  /// The point `milliseconds` after 1970 began.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// What the machine's clock says.
  public static var now: WallTime {
    WallTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
  }

  /// Whether `left` comes first.
  public static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

  /// The point `duration` later, to the millisecond, saturating at the ends of time.
  public static func + (left: Self, duration: Duration) -> Self {
    let (seconds, attoseconds) = duration.components
    let (scaled, scaleOverflow) = seconds.multipliedReportingOverflow(by: 1000)
    let (span, spanOverflow) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
    let (sum, sumOverflow) = left.milliseconds.addingReportingOverflow(span)
    guard !scaleOverflow, !spanOverflow, !sumOverflow else {
      return Self(milliseconds: seconds < 0 ? .min : .max)
    }
    return Self(milliseconds: sum)
  }

  /// The point `duration` earlier.
  public static func - (left: Self, duration: Duration) -> Self { left + (.zero - duration) }

  /// The time from `right` to `left`, saturating.
  public static func - (left: Self, right: Self) -> Duration {
    let (span, overflow) = left.milliseconds.subtractingReportingOverflow(right.milliseconds)
    return .milliseconds(overflow ? (left < right ? Int64.min : Int64.max) : span)
  }
}

extension WallTime {
  /// ISO 8601 to the second with an offset, as in `2018-10-26T23:59:59-07:00`.
  ///
  /// The offset is an argument because this library knows no time zones; offsets beyond 18 hours count as 0.
  public func iso8601(secondsFromUTC offset: Int) -> String {
    let zone = TimeZone(secondsFromGMT: offset) ?? .gmt
    let style = Date.ISO8601FormatStyle(timeZoneSeparator: .colon, timeZone: zone)
    return Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(style)
  }
}
