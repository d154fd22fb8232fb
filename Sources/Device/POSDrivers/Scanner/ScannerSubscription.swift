import POSModel
import POSTransport

/// One subscriber's end of a scanner's events.
final class ScannerSubscription: Sendable {
  private struct State: Sendable {
    var queue = ScannerEventQueue()
    /// The subscriber's wait, while it has nothing to take.
    var wait: Wait?

    mutating func takeWait() -> Wait? {
      defer { wait = nil }
      return wait
    }
  }

  private let state = Lock(State())

  func deliver(_ event: ScannerEvent) {
    wake(
      state.withLock { state in
        state.queue.append(event)
        return state.takeWait()
      })
  }

  func end(with last: ScannerEvent?) {
    wake(
      state.withLock { state in
        state.queue.end(with: last)
        return state.takeWait()
      })
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
      case .event(let event): return event
      case .end: return nil
      case .nothing:
        guard await wait.outcome() == .ready else { return nil }
      }
    }
  }

  private func wake(_ wait: Wait?) { wait?.end(.ready) }
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

  /// A stream of the events from now on.
  func subscribe() -> AsyncStream<ScannerEvent> {
    let subscription = ScannerSubscription()
    let hasEnded = state.withLock { state in
      state.subscribers.removeAll { $0.subscription == nil }
      state.subscribers.append(Subscriber(subscription: subscription))
      return state.hasEnded
    }
    if hasEnded { subscription.end(with: nil) }
    return AsyncStream(unfolding: { await subscription.next() })
  }

  /// Gives `event` to everybody. To be called by one task at a time, or the order is anybody's.
  func publish(_ event: ScannerEvent) {
    for subscription in living { subscription.deliver(event) }
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
