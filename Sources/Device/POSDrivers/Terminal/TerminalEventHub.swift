import POSModel
import POSTransport

/// Hands what a terminal shows to everybody who listens; a slow listener loses the oldest.
final class TerminalEventHub: Sendable {
  private struct State {
    var listeners: [Int: AsyncStream<TerminalEvent>.Continuation] = [:]
    var next = 0
    var isClosed = false
  }

  /// Events that wait for a listener before the oldest goes.
  static let capacity = 64

  private let state = Lock(State())

  /// Events from now on.
  func events() -> AsyncStream<TerminalEvent> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: TerminalEvent.self, bufferingPolicy: .bufferingNewest(Self.capacity))
    let number: Int? = state.withLock { state in
      guard !state.isClosed else { return nil }
      state.next += 1
      state.listeners[state.next] = continuation
      return state.next
    }
    guard let number else {
      continuation.finish()
      return stream
    }
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { state in state.listeners[number] = nil }
    }
    return stream
  }

  func send(_ event: TerminalEvent) {
    let listeners = state.withLock { Array($0.listeners.values) }
    for listener in listeners { listener.yield(event) }
  }

  func close() {
    let listeners = state.withLock { state in
      state.isClosed = true
      defer { state.listeners = [:] }
      return Array(state.listeners.values)
    }
    for listener in listeners { listener.finish() }
  }
}
