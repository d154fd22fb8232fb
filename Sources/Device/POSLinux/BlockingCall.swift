import CPOSLinux
package import POSModel
import POSTransport

/// A C call that blocks, on a thread of its own: they are rare, and one that hangs must not hold up others.
package final class BlockingCall<Value: Sendable>: Sendable {
  private struct State {
    var body: (@Sendable () throws(DeviceError) -> Value)?
    var result: Result<Value, DeviceError>?
  }

  private let state: Lock<State>
  private let done = Wait()
  private let operation: String

  /// Starts `body` on a new thread with this name (at most 15 characters).
  ///
  /// Without room for a thread the caller has to block after all.
  package init(
    _ name: String, during operation: String, _ body: @escaping @Sendable () throws(DeviceError) -> Value
  ) {
    self.operation = operation
    state = Lock(State(body: body))
    do { try startThread(name) { self.run() } } catch { run() }
  }

  /// Lets go of the body, and of all it holds, before anybody learns that it has ended.
  private func run() {
    let result = takeBody().map { body in Result { () throws(DeviceError) in try body() } }
    state.withLock { $0.result = result }
    done.end(.ready)
  }

  private func takeBody() -> (@Sendable () throws(DeviceError) -> Value)? {
    state.withLock { $0.body.take() }
  }

  /// Waits for the call, whether or not the task is cancelled. To be called once.
  package func value() async throws(DeviceError) -> Value {
    try await value(until: nil, isCancellable: false)
  }

  /// Waits for the call until the deadline or cancellation. The thread goes on to its end then, and what it
  /// returns is dropped: it must not own anything. To be called once.
  func value(until deadline: MonotonicInstant?, isCancellable: Bool = true) async throws(DeviceError) -> Value
  {
    switch await done.outcome(until: deadline, by: Reactor.shared, isCancellable: isCancellable) {
    case .timedOut: throw DeviceError(.timedOut, during: operation)
    case .ready, .cancelled:
      guard let result = state.withLock({ $0.result }) else {
        throw DeviceError(.cancelled, during: operation)
      }
      return try result.get()
    }
  }
}

/// Starts a detached thread with this name (at most 15 characters) on which no signal is delivered.
package func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
  let box = Unmanaged.passRetained(ThreadBody(body))
  let status = pos_thread_start(
    name, { context in Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run() }, box.toOpaque())
  guard status < 0 else { return }
  box.release()
  throw SystemError(-status)
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}
