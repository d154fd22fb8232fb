import CPOSLinux
package import POSModel
import POSTransport

/// A descriptor that one reader and one writer at a time use, and that is closed when neither is left.
///
/// An operation on a non-blocking one is tried first and waited for only if it would block. Readiness is
/// edge-triggered and kept in a flag that is cleared before each try, so no edge between a try and a wait is lost.
package final class SharedDescriptor: Sendable {
  /// Which way an operation goes.
  package enum Side: Sendable { case reading, writing }

  /// What one try of an operation came to.
  package enum Attempt<Value> {
    /// The operation is complete.
    case done(Value)
    /// Something was achieved, and there is more to do.
    case progressed
    /// The device has nothing to give or no room.
    case wouldBlock
    /// It failed.
    case failed(SystemError)
  }

  private struct Party: Sendable {
    var isActive = false
    var isReady = false
    var wait: Wait?

    /// Notes that a try may succeed now, and takes out the wait to end.
    mutating func becomeReady() -> Wait? {
      isReady = true
      defer { wait = nil }
      return wait
    }
  }

  private struct State: ~Copyable, Sendable {
    var descriptor: OwnedDescriptor?
    var reader = Party()
    var writer = Party()
    var watchesWriting = false
    var isClosing = false
    var closer: Wait?

    subscript(side: Side) -> Party {
      get { side == .reading ? reader : writer }
      _modify { if side == .reading { yield &reader } else { yield &writer } }
    }

    /// Whether an operation of this phase may go on.
    func admits(_ phase: SystemError.Phase) -> Bool { descriptor != nil && (!isClosing || phase == .closing) }
  }

  /// What it is called in errors: `tcp:192.0.2.7:9100`.
  package let name: String
  /// Valid until ``endClose(on:)``.
  let number: Int32
  let key: UInt64
  private let state: Lock<State>

  /// Takes over a descriptor that is non-blocking already, for ``perform(_:_:until:during:_:)``.
  package convenience init(_ descriptor: consuming OwnedDescriptor, name: String) throws(SystemError) {
    self.init(blocking: descriptor, name: name)
    try Reactor.shared.add(self)
  }

  /// Takes over a descriptor that the reactor cannot or need not watch, for ``block(_:during:_:)``.
  package init(blocking descriptor: consuming OwnedDescriptor, name: String) {
    self.name = name
    number = descriptor.number
    key = Reactor.shared.reserveKey()
    state = Lock(State(descriptor: descriptor))
  }

  deinit { Reactor.shared.remove(number, key: key) }

  // MARK: Operations

  /// Tries an operation until it is complete, waiting between tries.
  ///
  /// - Parameters:
  ///   - phase: what errors mean; operations of closing are allowed after ``beginClose()`` and not cancelled.
  ///   - deadline: for the first progress; the allowance starts anew with each ``Attempt/progressed``.
  ///   - verb: the operation in errors, before the name: `reading from`.
  ///   - attempt: one non-blocking try on the descriptor.
  /// - Throws: `device.busy` when another task is on that side, `link.closed`, `link.cancelled`,
  ///   `link.timed_out`, or what the system's error means.
  package func perform<Value>(
    _ side: Side, _ phase: SystemError.Phase = .transferring, until deadline: MonotonicInstant?,
    during verb: StaticString, _ attempt: (Int32) -> Attempt<Value>
  ) async throws(DeviceError) -> Value {
    let clock = Reactor.shared
    func failure(_ code: DeviceError.Code) -> DeviceError { DeviceError(code, during: "\(verb) \(name)") }
    guard begin(side) else { throw failure(.busy) }
    defer { finish(side) }

    var progress = ProgressDeadline(deadline, now: clock.now)
    var isLate = false
    while phase == .closing || !Task.isCancelled {
      guard prepare(side, phase) else { throw failure(.closed) }
      switch attempt(number) {
      case .done(let value): return value
      case .failed(let error): throw error.deviceError(phase, during: "\(verb) \(name)")
      case .progressed: progress.renew(now: clock.now)
      case .wouldBlock:
        if isLate { throw failure(.timedOut) }
        guard let wait = suspend(side, phase) else { continue }
        let outcome = await wait.outcome(
          until: progress.deadline, by: clock, isCancellable: phase != .closing)
        // After a stall both a byte and its deadline may be overdue: the byte wins.
        isLate = outcome == .timedOut
      }
    }
    throw failure(.cancelled)
  }

  /// Runs an operation that blocks on a thread of its own, and waits for it whether or not the task is cancelled.
  ///
  /// - Parameter body: returns what its C call did: 0 or more, or a negated error number.
  package func block(
    _ side: Side, during verb: StaticString, _ body: @escaping @Sendable (Int32) -> Int
  ) async throws(DeviceError) -> Int {
    let operation = "\(verb) \(name)"
    let number = number
    guard begin(side) else { throw DeviceError(.busy, during: operation) }
    defer { finish(side) }
    guard prepare(side, .transferring) else { throw DeviceError(.closed, during: operation) }
    return try await BlockingCall("pos-call", during: operation) { () throws(DeviceError) in
      try translating(.transferring, during: operation) { () throws(SystemError) in
        try SystemError.check(body(number))
      }
    }.value()
  }

  /// Looks at something that the kernel tells at once; `nil` when the descriptor is closed. It is not closed meanwhile.
  func peek<Value>(_ body: (Int32) -> Value) -> Value? {
    state.withLock { state in state.descriptor == nil ? nil : body(number) }
  }

  /// Reports readiness: called by the reactor.
  func signal(isReadable: Bool, isWritable: Bool) {
    let (reader, writer) = state.withLock { state in
      (isReadable ? state.reader.becomeReady() : nil, isWritable ? state.writer.becomeReady() : nil)
    }
    reader?.end(.ready)
    writer?.end(.ready)
  }

  private func begin(_ side: Side) -> Bool {
    state.withLock { state in
      defer { state[side].isActive = true }
      return !state[side].isActive
    }
  }

  private func finish(_ side: Side) {
    let closer: Wait? = state.withLock { state in
      state[side].isActive = false
      state[side].wait = nil
      guard !state.reader.isActive, !state.writer.isActive else { return nil }
      return state.closer
    }
    closer?.end(.ready)
  }

  /// Forgets earlier readiness before a try; `false` when the descriptor is closed.
  private func prepare(_ side: Side, _ phase: SystemError.Phase) -> Bool {
    state.withLock { state in
      state[side].isReady = false
      return state.admits(phase)
    }
  }

  /// A wait for readiness, or `nil` when there is a reason to look again at once.
  private func suspend(_ side: Side, _ phase: SystemError.Phase) -> Wait? {
    let (wait, mustWatchWriting): (Wait?, Bool) = state.withLock { state in
      guard state.admits(phase), !state[side].isReady else { return (nil, false) }
      let wait = Wait()
      state[side].wait = wait
      guard side == .writing, !state.watchesWriting else { return (wait, false) }
      state.watchesWriting = true
      return (wait, true)
    }
    // Most writes find room, and watching for it costs a wake-up each time the device takes something.
    if mustWatchWriting { Reactor.shared.addWritable(number, key: key) }
    return wait
  }

  // MARK: Closing

  /// Fails the operations at hand with `link.closed` and waits until they have ended.
  ///
  /// Returns `false` when it is being closed already.
  package func beginClose() async -> Bool {
    let (isFirst, closer): (Bool, Wait?) = state.withLock { state in
      guard !state.isClosing else { return (false, nil) }
      state.isClosing = true
      if state.reader.isActive || state.writer.isActive { state.closer = Wait() }
      return (true, state.closer)
    }
    if isFirst { signal(isReadable: true, isWritable: true) }
    _ = await closer?.outcome(until: nil, by: Reactor.shared, isCancellable: false)
    return isFirst
  }

  /// Takes the descriptor from the reactor and gives it up. After ``beginClose()`` only; `nil` the second time.
  package func endClose() -> OwnedDescriptor? {
    Reactor.shared.remove(number, key: key)
    return state.withLock { $0.descriptor.take() }
  }
}
