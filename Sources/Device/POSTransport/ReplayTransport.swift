public import POSModel

/// Plays a ``Recording`` of bytes back to a driver.
///
/// What the driver writes is compared with what was written then, however it is split. Reads return in order
/// what reads came to then, whatever their deadlines, and no earlier than the writes before them. Time is
/// virtual: the clock jumps to the time of each line that is played.
///
/// A read before which the recording holds a write that has not come yet waits for that write; it ends early
/// when it is cancelled, when the transport is closed, or when the clock is moved to the deadline by hand.
public struct ReplayTransport: ByteTransport {
  private let tape: ReplayTape

  /// A transport that plays `recording`. Writes go through `redact` before they are compared: it must be the
  /// redaction that made the recording.
  ///
  /// - Throws: ``DeviceError`` with code `input.malformed` when the recording holds reports.
  public init(_ recording: Recording, redact: @escaping Redaction = { $1 }) throws(DeviceError) {
    tape = try ReplayTape(recording, .bytes, redact: redact)
  }

  /// The virtual time, starting at 0.
  public var clock: any TransportClock { tape.clock }

  /// The virtual time, to be moved by hand where a test has to.
  public var manualClock: ManualClock { tape.clock }

  /// The first departure of the driver from the recording, if there was one.
  public var mismatch: ReplayMismatch? { tape.mismatch }

  /// The line of the first write or read that has not been played, or `nil` when all have been.
  public var nextLine: Int? { tape.nextLine }

  /// Returns what the next read of the recording came to, at most `limit` bytes at a time.
  public func read(upTo limit: Int, until deadline: MonotonicInstant?) async throws(DeviceError) -> ReadResult
  {
    switch try await tape.read(upTo: max(1, limit), until: deadline) {
    case .read(let bytes): .bytes(bytes)
    case .readTimedOut: .timedOut
    default: .endOfStream
    }
  }

  /// Compares `bytes` with the recording, and fails as the recorded write did.
  ///
  /// - Throws: ``DeviceError`` with code `link.protocol` at a departure from the recording, naming the line.
  public func write(_ bytes: [UInt8], until deadline: MonotonicInstant?) async throws(DeviceError) {
    try tape.write(bytes)
  }

  /// Ends the replay.
  public func close() async { tape.close() }
}

/// Plays a ``Recording`` of reports back to a driver; see ``ReplayTransport``.
public struct ReplayReportTransport: ReportTransport {
  private let tape: ReplayTape

  /// The report descriptor of the recording; empty when it has none.
  public let reportDescriptor: [UInt8]

  /// A transport that plays `recording`. Writes go through `redact` before they are compared.
  ///
  /// - Throws: ``DeviceError`` with code `input.malformed` when the recording holds bytes.
  public init(_ recording: Recording, redact: @escaping Redaction = { $1 }) throws(DeviceError) {
    tape = try ReplayTape(recording, .reports, redact: redact)
    reportDescriptor =
      recording.events.lazy.compactMap { event in
        if case .descriptor(let bytes) = event.action { bytes } else { nil }
      }.first ?? []
  }

  /// The virtual time, starting at 0.
  public var clock: any TransportClock { tape.clock }

  /// The virtual time, to be moved by hand where a test has to.
  public var manualClock: ManualClock { tape.clock }

  /// The first departure of the driver from the recording, if there was one.
  public var mismatch: ReplayMismatch? { tape.mismatch }

  /// The line of the first write, read or discard that has not been played, or `nil` when all have been.
  public var nextLine: Int? { tape.nextLine }

  /// Returns what the next read of the recording came to.
  public func readReport(until deadline: MonotonicInstant?) async throws(DeviceError) -> ReportReadResult {
    switch try await tape.read(upTo: .max, until: deadline) {
    case .read(let bytes): .report(bytes, at: tape.clock.now)
    case .readTimedOut: .timedOut
    default: .endOfStream
    }
  }

  /// Compares `report` with the recording, and fails as the recorded write did.
  public func writeReport(_ report: [UInt8]) async throws(DeviceError) { try tape.write(report) }

  /// Returns the count that the recording holds here.
  public func discardPendingReports() async throws(DeviceError) -> Int { try tape.discard() }

  /// Ends the replay.
  public func close() async { tape.close() }
}

/// A departure of a driver from the recording that is played to it. The bytes themselves are left out: they may
/// be secret.
public struct ReplayMismatch: Error, Sendable, Equatable {
  /// What the driver did that the recording does not hold.
  public enum Kind: String, Sendable {
    case differentBytes = "another byte was written then"
    case noMoreWrites = "nothing more was written then"
    case readInsteadOfDiscard = "reports were dropped here then, not read"
    case discardInsteadOfRead = "a report was read here then, not dropped"
  }

  /// What differs.
  public var kind: Kind
  /// The line of the recording, or 0 for its end.
  public var line: Int
  /// The offset of the differing byte in the bytes of that line.
  public var offset: Int

  /// A departure from its parts.
  public init(kind: Kind, line: Int, offset: Int) {
    self.kind = kind
    self.line = line
    self.offset = offset
  }
}

/// A recording being played: who plays which line next, without any operating system.
private final class ReplayTape: Sendable {
  fileprivate struct State: Sendable {
    /// What a reader or a writer plays, in order, and how many bytes of the first one have been played.
    struct Lane: Sendable {
      var events: ArraySlice<(order: Int, event: Recording.Event)>
      var offset = 0
      mutating func pop() {
        events.removeFirst()
        offset = 0
      }
    }
    var writes: Lane
    var reads: Lane
    var mismatch: ReplayMismatch?
    var isClosed = false
    var reader: Wait?
  }

  fileprivate enum Step: Sendable {
    case done(Recording.Action, at: Int64)
    case failed(DeviceError)
    case timedOut
    case wait(Wait)
  }

  let clock = ManualClock()
  private let kind: Recording.Kind
  private let redact: Redaction
  private let state: Lock<State>

  init(_ recording: Recording, _ kind: Recording.Kind, redact: @escaping Redaction) throws(DeviceError) {
    guard recording.kind == kind else {
      throw DeviceError(
        .badInput, during: "replaying a recording",
        detail: "it holds \(recording.kind.rawValue), not \(kind.rawValue)")
    }
    self.kind = kind
    self.redact = redact
    var writes: [(order: Int, event: Recording.Event)] = []
    var reads: [(order: Int, event: Recording.Event)] = []
    for (order, event) in recording.events.enumerated() {
      switch event.action {
      case .write: writes.append((order, event))
      case .read, .readTimedOut, .readEnded, .readFailed, .discard: reads.append((order, event))
      case .descriptor, .close: break
      }
    }
    state = Lock(State(writes: .init(events: writes[...]), reads: .init(events: reads[...])))
  }

  var mismatch: ReplayMismatch? { state.withLock { $0.mismatch } }

  var nextLine: Int? {
    state.withLock { state in
      [state.writes.events.first, state.reads.events.first].compactMap { $0 }
        .min { $0.order < $1.order }?.event.line
    }
  }

  func write(_ bytes: [UInt8]) throws(DeviceError) {
    let bytes = redact(.toDevice, bytes)
    let (outcome, time, woken) = state.withLock { state -> (Result<Void, DeviceError>, Int64?, Wait?) in
      let (outcome, time) = state.write(bytes, whole: kind == .reports)
      defer { state.reader = nil }
      return (outcome, time, state.reader)
    }
    if let time { clock.advance(to: .start + .microseconds(time)) }
    woken?.end(.ready)
    try outcome.get()
  }

  func read(upTo limit: Int, until deadline: MonotonicInstant?) async throws(DeviceError) -> Recording.Action
  {
    let operation = "reading from a recording"
    while !Task.isCancelled {
      let step = state.withLock { state in state.read(upTo: limit, until: deadline, during: operation) }
      switch step {
      case .failed(let error): throw error
      case .timedOut:
        if let deadline { clock.advance(to: deadline) }
        return .readTimedOut
      case .done(let action, let time):
        clock.advance(to: .start + .microseconds(time))
        if case .readTimedOut = action, let deadline { clock.advance(to: deadline) }
        if case .readFailed(let failure) = action { throw failure.error(during: operation) }
        return action
      case .wait(let wait):
        switch await wait.outcome(until: deadline, by: clock) {
        case .ready: continue
        case .timedOut: return .readTimedOut
        case .cancelled: break
        }
      }
    }
    state.withLock { state in state.readerWasCancelled() }
    throw DeviceError(.cancelled, during: operation)
  }

  func discard() throws(DeviceError) -> Int {
    let operation = "discarding reports of a recording"
    let result = state.withLock { state -> Result<Int, DeviceError> in
      if state.isClosed { return .failure(DeviceError(.closed, during: operation)) }
      if let mismatch = state.mismatch { return .failure(mismatch.error(during: operation)) }
      guard let (_, event) = state.reads.events.first else { return .success(0) }
      guard case .discard(let count) = event.action else {
        return .failure(state.depart(.discardInsteadOfRead, line: event.line, during: operation))
      }
      state.reads.pop()
      return .success(count)
    }
    return try result.get()
  }

  func close() {
    let woken = state.withLock { state in
      state.isClosed = true
      defer { state.reader = nil }
      return state.reader
    }
    woken?.end(.ready)
  }
}

extension ReplayTape.State {
  mutating func depart(
    _ kind: ReplayMismatch.Kind, line: Int, offset: Int = 0, during operation: String
  ) -> DeviceError {
    let new = ReplayMismatch(kind: kind, line: line, offset: offset)
    mismatch = new
    return new.error(during: operation)
  }

  /// Compares a write with the next recorded ones, and says to which time the clock moves.
  ///
  /// A `whole` one is a report: it may not be split otherwise than it was.
  mutating func write(_ bytes: [UInt8], whole: Bool) -> (Result<Void, DeviceError>, Int64?) {
    let operation = "writing to a recording"
    if isClosed { return (.failure(DeviceError(.closed, during: operation)), nil) }
    if let mismatch { return (.failure(mismatch.error(during: operation)), nil) }
    var rest = bytes[...]
    var time: Int64?
    repeat {
      guard let (_, event) = writes.events.first, case .write(let expected, let failure) = event.action
      else { return (.failure(depart(.noMoreWrites, line: 0, during: operation)), time) }
      let common = zip(expected[writes.offset...], rest).prefix { $0 == $1 }.count
      let isPrefix = common == min(expected.count - writes.offset, rest.count)
      guard isPrefix, !whole || expected.count == bytes.count else {
        let offset = writes.offset + common
        return (.failure(depart(.differentBytes, line: event.line, offset: offset, during: operation)), time)
      }
      time = event.microseconds
      rest = rest.dropFirst(common)
      writes.offset += common
      guard writes.offset == expected.count else { break }
      writes.pop()
      if let failure { return (.failure(failure.error(during: operation)), time) }
    } while !rest.isEmpty
    return (.success(()), time)
  }

  /// The task of the reader was cancelled: so it was then, if that is what comes next.
  mutating func readerWasCancelled() {
    reader = nil
    if case .readFailed(let failure)? = reads.events.first?.event.action, failure.code == .cancelled {
      reads.pop()
    }
  }

  mutating func read(
    upTo limit: Int, until deadline: MonotonicInstant?, during operation: String
  ) -> ReplayTape.Step {
    if isClosed { return .failed(DeviceError(.closed, during: operation)) }
    if let mismatch { return .failed(mismatch.error(during: operation)) }
    guard let (order, event) = reads.events.first else { return .done(.readEnded, at: 0) }
    if let (writeOrder, write) = writes.events.first, writeOrder < order {
      if let deadline, deadline < .start + .microseconds(write.microseconds) { return .timedOut }
      return suspend()
    }
    switch event.action {
    case .discard: return .failed(depart(.readInsteadOfDiscard, line: event.line, during: operation))
    case .readFailed(let failure) where [.cancelled, .closed].contains(failure.code):
      // The driver itself ended this read then, and has to end it now.
      return suspend()
    case .read(let bytes):
      let part = Array(bytes[reads.offset...].prefix(limit))
      reads.offset += part.count
      if reads.offset == bytes.count { reads.pop() }
      return .done(.read(part), at: event.microseconds)
    default:
      reads.pop()
      return .done(event.action, at: event.microseconds)
    }
  }

  private mutating func suspend() -> ReplayTape.Step {
    let wait = Wait()
    reader = wait
    return .wait(wait)
  }
}

extension ReplayMismatch {
  fileprivate func error(during operation: String) -> DeviceError {
    DeviceError(
      .protocolViolation, during: operation,
      detail: line > 0 ? "line \(line), byte \(offset): \(kind.rawValue)" : kind.rawValue,
      hint: "compare the driver with the recording at that line")
  }
}

extension Recording.Failure {
  fileprivate func error(during operation: String) -> DeviceError {
    DeviceError(
      code, during: operation, detail: "so it was recorded", bytesMoved: bytesMoved, errno: errno)
  }
}
