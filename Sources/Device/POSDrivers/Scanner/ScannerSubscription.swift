import POSModel
import POSTransport

/// One subscriber's end of a scanner's events.
final class ScannerSubscription: Sendable {
  private struct State: Sendable {
    var queue: ScannerEventQueue
    /// The subscriber's wait, while it has nothing to take.
    var wait: Wait?

    mutating func takeWait() -> Wait? {
      defer { wait = nil }
      return wait
    }
  }

  /// Whether the subscriber wants what was read before it is decoded, too.
  let wantsRaw: Bool
  private let state: Lock<State>
  private let clock: any TransportClock

  init(wantsRaw: Bool, clock: any TransportClock) {
    self.wantsRaw = wantsRaw
    self.clock = clock
    state = Lock(
      State(queue: ScannerEventQueue(limit: wantsRaw ? ScannerEventQueue.rawLimit : ScannerEventQueue.limit)))
  }

  /// Whether there was room for the event.
  func deliver(_ event: ScannerEvent) -> Bool {
    let (hasRoom, wait) = state.withLock { state in
      let hasRoom = state.queue.append(event)
      return (hasRoom, state.takeWait())
    }
    wait?.end(.ready)
    return hasRoom
  }

  func end(with last: ScannerEvent?) {
    let wait = state.withLock { state in
      state.queue.end(with: last)
      return state.takeWait()
    }
    wait?.end(.ready)
  }

  /// Waits for the next event; `nil` at the end, and when the subscriber's task is cancelled.
  func next() async -> ScannerEvent? {
    while true {
      let (taken, wait) = state.withLock { state -> (ScannerEventQueue.Taken, Wait) in
        let wait = Wait()
        let taken = state.queue.take()
        if taken == .nothing { state.wait = wait }
        return (taken, wait)
      }
      switch taken {
      case .event(.scan(var scan)):
        scan.deliveredAt = clock.now
        return .scan(scan)
      case .event(let event): return event
      case .end: return nil
      case .nothing:
        guard await wait.outcome() == .ready else { return nil }
      }
    }
  }
}

/// Everybody who listens to one scanner.
///
/// A subscription lives as long as its stream: whoever stops iterating stops costing.
final class ScannerSubscribers: Sendable {
  private struct State: Sendable {
    var subscribers: [Subscriber] = []
    var hasEnded = false
  }

  private struct Subscriber: Sendable {
    weak let subscription: ScannerSubscription?
  }

  private let state = Lock(State())
  private let clock: any TransportClock
  private let counts: Lock<ScannerStatistics>

  init(clock: any TransportClock, counts: Lock<ScannerStatistics>) {
    self.clock = clock
    self.counts = counts
  }

  /// A stream of the events from now on.
  func subscribe(wantsRaw: Bool) -> AsyncStream<ScannerEvent> {
    let subscription = ScannerSubscription(wantsRaw: wantsRaw, clock: clock)
    let hasEnded = state.withLock { state in
      state.subscribers.removeAll { $0.subscription == nil }
      state.subscribers.append(Subscriber(subscription: subscription))
      return state.hasEnded
    }
    if hasEnded { subscription.end(with: nil) }
    return AsyncStream(unfolding: { await subscription.next() })
  }

  /// Gives `event` to everybody. To be called by one task at a time, or the order is anybody's.
  func publish(_ event: ScannerEvent) { publish(event, to: living) }

  /// Gives what was read to those who want it.
  func publish(raw bytes: [UInt8], at instant: MonotonicInstant) {
    publish(.raw(bytes, at: instant), to: living.filter(\.wantsRaw))
  }

  private func publish(_ event: ScannerEvent, to subscriptions: [ScannerSubscription]) {
    for subscription in subscriptions where !subscription.deliver(event) {
      counts.withLock { $0.lostEvents += 1 }
    }
  }

  /// Ends all streams, `last` being the last event of each.
  func end(with last: ScannerEvent? = nil) {
    state.withLock { $0.hasEnded = true }
    for subscription in living { subscription.end(with: last) }
  }

  private var living: [ScannerSubscription] {
    state.withLock { state in state.subscribers.compactMap(\.subscription) }
  }
}
