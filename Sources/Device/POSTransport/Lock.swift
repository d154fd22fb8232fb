#if TSAN
  // The thread sanitizer does not understand the futex inside Synchronization.Mutex and reports races that are
  // none, so builds for it lock with pthreads.
  import Glibc

  package final class Lock<State: ~Copyable>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var state: State

    package init(_ state: consuming sending State) {
      self.state = state
      mutex = .allocate(capacity: 1)
      pthread_mutex_init(mutex, nil)
    }

    deinit {
      pthread_mutex_destroy(mutex)
      mutex.deallocate()
    }

    package func withLock<Result: ~Copyable, Failure: Error>(
      _ body: (inout sending State) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
      pthread_mutex_lock(mutex)
      defer { pthread_mutex_unlock(mutex) }
      return try body(&state)
    }
  }
#else
  import Synchronization

  /// State behind a lock. The only lock in the project, so that one file knows how sanitizers see it.
  package final class Lock<State: ~Copyable>: Sendable {
    private let mutex: Mutex<State>

    /// Takes over `state`.
    package init(_ state: consuming sending State) { mutex = Mutex(state) }

    /// Runs `body` with the state. Never wait, call out or resume a continuation inside.
    package func withLock<Result: ~Copyable, Failure: Error>(
      _ body: (inout sending State) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
      try mutex.withLock(body)
    }
  }
#endif
