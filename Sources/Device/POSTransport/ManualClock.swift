public import POSModel

/// A clock that stands still until a test moves it, so that time-outs need no time.
///
///     let reading = Task { try await link.host.read(upTo: 64, until: clock.now + .seconds(5)) }
///     await clock.advanceToNextAlarm()   // once the read waits, five seconds pass
///     #expect(try await reading.value == .timedOut)
public final class ManualClock: AlarmClock {
  private struct State {
    var now: MonotonicInstant
    var alarms = AlarmQueue()
    var onlookers: [(count: Int, wait: Wait)] = []
  }

  private let state: Lock<State>

  /// A clock that shows `now`.
  public init(at now: MonotonicInstant = .start) {
    state = Lock(State(now: now))
  }

  /// The time that the clock shows.
  public var now: MonotonicInstant { state.withLock { $0.now } }

  /// When the next alarm rings: the earliest deadline that somebody waits for.
  public var nextAlarm: MonotonicInstant? { state.withLock { $0.alarms.next } }

  /// How many deadlines are being waited for.
  public var pendingAlarms: Int { state.withLock { $0.alarms.count } }

  /// Moves the clock forward by `duration` and rings what falls due.
  public func advance(by duration: Duration) { advance(to: now + duration) }

  /// Moves the clock forward to `instant`, never back.
  ///
  /// Alarms ring one after another, in order, each at its own time; all that fell due have rung on return.
  public func advance(to instant: MonotonicInstant) {
    while let ring = nextDue(by: instant) { ring() }
  }

  /// Waits until at least `count` deadlines are being waited for, or the task is cancelled.
  public func waitForAlarms(atLeast count: Int = 1) async {
    let wait: Wait? = state.withLock { state in
      guard state.alarms.count < count else { return nil }
      let wait = Wait()
      state.onlookers.append((count, wait))
      return wait
    }
    guard let wait else { return }
    _ = await wait.outcome(until: nil, by: self)
    state.withLock { state in state.onlookers.removeAll { $0.wait === wait } }
  }

  /// Waits until somebody waits for a deadline, then moves the clock to it.
  public func advanceToNextAlarm() async {
    await waitForAlarms()
    if let nextAlarm { advance(to: nextAlarm) }
  }

  /// Calls `ring` when the clock has been moved to `deadline`; at once if it is there already.
  public func setAlarm(at deadline: MonotonicInstant, _ ring: @escaping @Sendable () -> Void) -> Alarm {
    let (alarm, isDue, watchers) = state.withLock { state in
      let alarm = state.alarms.insert(at: deadline, ring)
      if deadline <= state.now {
        state.alarms.remove(alarm)
        return (alarm, true, [Wait]())
      }
      let count = state.alarms.count
      return (alarm, false, state.onlookers.filter { $0.count <= count }.map(\.wait))
    }
    if isDue { ring() }
    for watcher in watchers { watcher.end(.ready) }
    return alarm
  }

  /// Forgets an alarm that has not rung.
  public func cancelAlarm(_ alarm: Alarm) {
    state.withLock { $0.alarms.remove(alarm) }
  }

  /// Moves to the next alarm up to `instant` and takes it out, or moves to `instant`.
  private func nextDue(by instant: MonotonicInstant) -> (@Sendable () -> Void)? {
    state.withLock { state in
      if let next = state.alarms.next, next <= instant { state.now = max(state.now, next) }
      if let ring = state.alarms.popDue(at: state.now) { return ring }
      state.now = max(state.now, instant)
      return nil
    }
  }
}
