import POSModel
import POSTransport

/// The open device of a scanner: reports or bytes, read and written alike. One message is written at a time, in
/// the order in which they were asked for.
struct ScannerLink: Sendable {
  /// What carries it.
  enum Carrier: Sendable {
    case reports(any ReportTransport)
    case bytes(any ByteTransport)
  }

  /// What a read came to.
  enum Reading: Sendable {
    case bytes([UInt8], at: MonotonicInstant)
    case timedOut
    case endOfStream
  }

  /// Bytes taken at once: more than a scanner sends between two looks.
  private static let readLimit = 4096
  private let carrier: Carrier
  private let turns = WriteTurns()

  init(_ carrier: Carrier) { self.carrier = carrier }

  var clock: any TransportClock {
    switch carrier {
    case .reports(let transport): transport.clock
    case .bytes(let transport): transport.clock
    }
  }

  func read(until deadline: MonotonicInstant?) async throws(DeviceError) -> Reading {
    switch carrier {
    case .reports(let transport):
      switch try await transport.readReport(until: deadline) {
      case .report(let report, let instant): .bytes(report, at: instant)
      case .timedOut: .timedOut
      case .endOfStream: .endOfStream
      }
    case .bytes(let transport):
      switch try await transport.read(upTo: Self.readLimit, until: deadline) {
      case .bytes(let bytes): .bytes(bytes, at: transport.clock.now)
      case .timedOut: .timedOut
      case .endOfStream: .endOfStream
      }
    }
  }

  func feature(_ number: UInt8) async throws(DeviceError) -> [UInt8] {
    guard case .reports(let transport) = carrier else {
      throw DeviceError(.unsupported, during: "asking for a feature report", detail: "a stream has none")
    }
    return try await transport.feature(number, upTo: 64)
  }

  func capsLockLamp() async -> Bool? {
    if case .reports(let transport) = carrier { await transport.capsLockLamp() } else { nil }
  }

  func write(_ message: [UInt8]) async throws(DeviceError) {
    await turns.take()
    defer { turns.pass() }
    switch carrier {
    case .reports(let transport): try await transport.writeReport(message)
    case .bytes(let transport): try await transport.write(message, until: transport.clock.now + .seconds(5))
    }
  }

  func close() async {
    switch carrier {
    case .reports(let transport): await transport.close()
    case .bytes(let transport): await transport.close()
    }
  }
}

/// Who may write next: first come, first served.
private final class WriteTurns: Sendable {
  private struct State: Sendable {
    var isTaken = false
    var queue: [Wait] = []
  }

  private let state = Lock(State())

  func take() async {
    let wait: Wait? = state.withLock { state in
      guard state.isTaken else {
        state.isTaken = true
        return nil
      }
      let wait = Wait()
      state.queue.append(wait)
      return wait
    }
    // A write is over soon: the transport's own time limit ends it.
    _ = await wait?.outcome(isCancellable: false)
  }

  func pass() {
    let next: Wait? = state.withLock { state in
      guard !state.queue.isEmpty else {
        state.isTaken = false
        return nil
      }
      return state.queue.removeFirst()
    }
    next?.end(.ready)
  }
}
