package import POSModel

/// One suspension of one task, ended by whichever comes first: an event, the deadline or cancellation.
///
/// Ending it before anybody waits is fine, so there is no moment in which a wake-up can be lost.
package final class Wait: Sendable {
  /// What ended the wait.
  package enum Outcome: Sendable {
    /// Something happened; look again.
    case ready
    /// The deadline came.
    case timedOut
    /// The task was cancelled.
    case cancelled
  }

  private enum State {
    case unended
    case suspended(CheckedContinuation<Outcome, Never>)
    case ended(Outcome)
  }

  private let state = Lock(State.unended)

  /// A wait that nobody waits for yet.
  package init() {}

  /// Ends the wait. The first call decides; later ones do nothing.
  package func end(_ outcome: Outcome) {
    let continuation: CheckedContinuation<Outcome, Never>? = state.withLock { state in
      switch state {
      case .ended: return nil
      case .unended:
        state = .ended(outcome)
        return nil
      case .suspended(let continuation):
        state = .ended(outcome)
        return continuation
      }
    }
    continuation?.resume(returning: outcome)
  }

  /// Suspends the task until the wait ends. To be called once.
  ///
  /// A wait that is not cancellable holds even a cancelled task: closing has to wait for what it closes.
  package func outcome(
    until deadline: MonotonicInstant?, by clock: any AlarmClock, isCancellable: Bool = true
  ) async -> Outcome {
    let alarm = deadline.map { clock.setAlarm(at: $0) { self.end(.timedOut) } }
    let outcome = await outcome(isCancellable: isCancellable)
    if let alarm { clock.cancelAlarm(alarm) }
    return outcome
  }

  /// Suspends the task until the wait ends, without a deadline. To be called once.
  package func outcome(isCancellable: Bool = true) async -> Outcome {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let ended: Outcome? = state.withLock { state in
          if case .ended(let outcome) = state { return outcome }
          state = .suspended(continuation)
          return nil
        }
        if let ended { continuation.resume(returning: ended) }
      }
    } onCancel: {
      if isCancellable { end(.cancelled) }
    }
  }
}
