public import POSModel

/// Writes down what passes through a transport, as lines of a ``Recording``.
///
///     let transport = RecordingTransport(serial) { line in log.append(line) }
///
/// Card numbers and the like never reach the recording: `redact` sees every byte before it is formatted.
public struct RecordingTransport: ByteTransport {
  private let base: any ByteTransport
  private let log: RecordingLog

  /// Records the traffic of `base` into `sink`: one call a line, without its end, in order, the header first.
  public init(
    _ base: any ByteTransport, redact: @escaping Redaction = { $1 },
    sink: @escaping @Sendable (String) -> Void
  ) {
    self.base = base
    log = RecordingLog(.bytes, clock: base.clock, redact: redact, sink: sink)
  }

  /// The clock of the recorded transport.
  public var clock: any TransportClock { base.clock }

  /// Reads from the recorded transport.
  public func read(upTo limit: Int, until deadline: MonotonicInstant?) async throws(DeviceError) -> ReadResult
  {
    do {
      let result = try await base.read(upTo: limit, until: deadline)
      switch result {
      case .bytes(let bytes): log.note(.read(log.redact(.toHost, bytes)))
      case .timedOut: log.note(.readTimedOut)
      case .endOfStream: log.note(.readEnded)
      }
      return result
    } catch {
      log.note(.readFailed(.init(error)))
      throw error
    }
  }

  /// Writes to the recorded transport.
  public func write(_ bytes: [UInt8], until deadline: MonotonicInstant?) async throws(DeviceError) {
    do {
      try await base.write(bytes, until: deadline)
      log.note(.write(log.redact(.toDevice, bytes), nil))
    } catch {
      log.note(.write(log.redact(.toDevice, bytes), .init(error)))
      throw error
    }
  }

  /// Closes the recorded transport.
  public func close() async {
    await base.close()
    log.note(.close)
  }
}

/// Writes down what passes through a transport of reports, as lines of a ``Recording``.
public struct RecordingReportTransport: ReportTransport {
  private let base: any ReportTransport
  private let log: RecordingLog

  /// Records the traffic of `base` into `sink`: one call a line, without its end, in order, the header first.
  public init(
    _ base: any ReportTransport, redact: @escaping Redaction = { $1 },
    sink: @escaping @Sendable (String) -> Void
  ) {
    self.base = base
    log = RecordingLog(.reports, clock: base.clock, redact: redact, sink: sink)
    log.note(.descriptor(base.reportDescriptor))
  }

  /// The clock of the recorded transport.
  public var clock: any TransportClock { base.clock }

  /// The descriptor of the recorded transport.
  public var reportDescriptor: [UInt8] { base.reportDescriptor }

  /// Reads from the recorded transport.
  public func readReport(until deadline: MonotonicInstant?) async throws(DeviceError) -> ReportReadResult {
    do {
      let result = try await base.readReport(until: deadline)
      switch result {
      case .report(let bytes, _): log.note(.read(log.redact(.toHost, bytes)))
      case .timedOut: log.note(.readTimedOut)
      case .endOfStream: log.note(.readEnded)
      }
      return result
    } catch {
      log.note(.readFailed(.init(error)))
      throw error
    }
  }

  /// Writes to the recorded transport.
  public func writeReport(_ report: [UInt8]) async throws(DeviceError) {
    do {
      try await base.writeReport(report)
      log.note(.write(log.redact(.toDevice, report), nil))
    } catch {
      log.note(.write(log.redact(.toDevice, report), .init(error)))
      throw error
    }
  }

  /// Discards from the recorded transport. A failure is not recorded: the next read meets it again.
  public func discardPendingReports() async throws(DeviceError) -> Int {
    let count = try await base.discardPendingReports()
    log.note(.discard(count))
    return count
  }

  /// Asks the recorded transport. It is not recorded.
  public func feature(_ number: UInt8, upTo limit: Int) async throws(DeviceError) -> [UInt8] {
    try await base.feature(number, upTo: limit)
  }

  /// Looks at the lamp of the recorded transport. It is not recorded.
  public func capsLockLamp() async -> Bool? { await base.capsLockLamp() }

  /// Closes the recorded transport.
  public func close() async {
    await base.close()
    log.note(.close)
  }
}

/// Takes secrets out of traffic before it is written down: given the direction and the bytes of one read or
/// write, returns the bytes to record, one or more.
///
/// It sees pieces as the link cut them, so a secret may come in two of them: a redaction that looks for
/// patterns has to remember the end of the piece before.
public typealias Redaction = @Sendable (LinkDirection, [UInt8]) -> [UInt8]

/// Puts events of concurrent readers and writers into one order and hands them to the sink in that order.
private final class RecordingLog: Sendable {
  private struct State {
    var pending: [Recording.Event] = []
    var microseconds: Int64 = 0
    var isDelivering = false
  }

  let redact: Redaction
  private let clock: any TransportClock
  private let begin: MonotonicInstant
  private let sink: @Sendable (String) -> Void
  private let state = Lock(State())

  init(
    _ kind: Recording.Kind, clock: any TransportClock, redact: @escaping Redaction,
    sink: @escaping @Sendable (String) -> Void
  ) {
    self.clock = clock
    self.redact = redact
    self.sink = sink
    begin = clock.now
    sink(Recording.header(kind))
  }

  /// Writes down what happened just now. Whoever finds nobody delivering delivers for all.
  func note(_ action: Recording.Action) {
    let microseconds = Int64((clock.now - begin) / .microseconds(1))
    let isMine = state.withLock { state in
      state.microseconds = max(state.microseconds, microseconds)
      state.pending.append(.init(microseconds: state.microseconds, action: action))
      defer { state.isDelivering = true }
      return !state.isDelivering
    }
    guard isMine else { return }
    while let event = nextPending() { sink(event.description) }
  }

  private func nextPending() -> Recording.Event? {
    state.withLock { state in
      guard !state.pending.isEmpty else {
        state.isDelivering = false
        return nil
      }
      return state.pending.removeFirst()
    }
  }
}
