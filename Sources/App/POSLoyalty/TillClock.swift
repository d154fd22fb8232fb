public import POSJournal
public import POSTransport

/// The till's sense of time: civil time for receipts and queues, monotonic time for waiting.
public struct TillClock: Sendable {
  /// The clock to wait and to measure by.
  public var monotonic: any TransportClock
  /// The time of day.
  public var now: @Sendable () -> WallTime
  /// How far the till's time zone is ahead of UTC, in seconds.
  public var secondsFromUTC: Int

  /// A clock from its parts; `now` should be the one the journal was opened with.
  public init(
    monotonic: any TransportClock, now: @escaping @Sendable () -> WallTime = { .now },
    secondsFromUTC: Int = 0
  ) {
    self.monotonic = monotonic
    self.now = now
    self.secondsFromUTC = secondsFromUTC
  }
}
