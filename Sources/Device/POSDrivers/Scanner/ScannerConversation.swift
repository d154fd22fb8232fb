import POSModel
import POSTransport

/// The one question that a scanner has been asked and has not answered yet: the caller waits at one end, the
/// reader knows of it at the other.
final class ScannerConversation: Sendable {
  private struct Outstanding: Sendable {
    let question: ScannerQuestion
    let deadline: Int64
    let wait: Wait
    var answer: ScannerAnswer?
  }

  private let state = Lock<Outstanding?>(nil)

  /// What is being waited for, and until when.
  var outstanding: (question: ScannerQuestion, deadline: Int64)? {
    state.withLock { state in
      guard let state, state.answer == nil else { return nil }
      return (state.question, state.deadline)
    }
  }

  /// Begins to wait; `nil` while another question is open.
  func begin(_ question: ScannerQuestion, until deadline: MonotonicInstant) -> Wait? {
    state.withLock { state in
      guard state == nil else { return nil }
      let wait = Wait()
      state = Outstanding(question: question, deadline: deadline.nanoseconds, wait: wait)
      return wait
    }
  }

  /// The scanner said something; whether anybody had asked.
  func answer(_ answer: ScannerAnswer) {
    let wait: Wait? = state.withLock { state in
      guard state != nil, state?.answer == nil else { return nil }
      state?.answer = answer
      return state?.wait
    }
    wait?.end(.ready)
  }

  /// Nobody will answer any more.
  func giveUp() { state.withLock { $0?.wait }?.end(.timedOut) }

  /// Ends the wait and takes the answer, if there is one.
  func finish() -> ScannerAnswer? {
    state.withLock { state in
      defer { state = nil }
      return state?.answer
    }
  }
}
