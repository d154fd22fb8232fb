import CPOSLinux
package import POSModel
import POSTransport

/// C calls that may hang and that a signal ends, on a thread of their own. Unlike a ``BlockingCall`` they are not
/// waited for without end.
package final class InterruptibleCall: Sendable {
  /// The signal may come a moment before the thread is in the kernel: it is sent again after so long.
  private static let pause = Duration.milliseconds(20)

  private struct State: Sendable {
    /// The kernel's number of the thread, as long as it runs.
    var thread: Int32?
    var isToEnd = false
    var hasEnded = false
    var wait: Wait?
  }

  private let state = Lock(State())

  /// Starts `body` on a new thread with this name (at most 15 characters). It must own what it uses, for it may outlive
  /// everybody who waits for it. A call of its that was interrupted is not made again when `isToEnd` says so; else the
  /// signal was somebody else's.
  package init(
    _ name: String, _ body: @escaping @Sendable (_ isToEnd: () -> Bool) -> Void
  ) throws(SystemError) {
    _ = try SystemError.check(pos_prepare_interrupts())
    try startThread(name) { self.run(body) }
  }

  private func run(_ body: (_ isToEnd: () -> Bool) -> Void) {
    state.withLock { $0.thread = pos_thread_id() }
    pos_admit_interrupts(1)
    body { state.withLock { $0.isToEnd } }
    pos_admit_interrupts(0)
    state.withLock { state in
      // Its number may be another thread's soon.
      state.thread = nil
      state.hasEnded = true
      return state.wait.take()
    }?.end(.ready)
  }

  /// Waits for the end, whether or not the task is cancelled, and interrupts the thread again and again from `deadline`
  /// on. Returns whether it has ended by `limit`; if not, it goes on by itself. One caller at a time.
  package func end(
    interruptedFrom deadline: MonotonicInstant, until limit: MonotonicInstant
  ) async -> Bool {
    let clock = Reactor.shared
    while true {
      let wait = Wait()
      let hasEnded = state.withLock { state in
        state.wait = wait
        return state.hasEnded
      }
      if hasEnded { return true }
      let now = clock.now
      guard now < limit else { return false }
      let isLate = now >= deadline
      if isLate { interrupt() }
      _ = await wait.outcome(
        until: min(limit, isLate ? now + Self.pause : deadline), by: clock, isCancellable: false)
    }
  }

  private func interrupt() {
    state.withLock { state in
      state.isToEnd = true
      if let thread = state.thread { _ = pos_interrupt_thread(thread) }
    }
  }
}
