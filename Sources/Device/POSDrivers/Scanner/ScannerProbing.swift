public import POSModel
public import POSScan
public import POSTransport

extension SerialScannerProbe {
  /// Asks an open serial line which scanner is on it. It is written to: ask only where a scanner is meant to be.
  ///
  /// - Returns: who answered, `nil` where nobody did in time.
  /// - Throws: what the transport throws.
  public static func run(
    over line: any ByteTransport, timeout: Duration = .seconds(1)
  ) async throws(DeviceError) -> Finding? {
    var probe = SerialScannerProbe(timeout: timeout.nanoseconds)
    var actions = probe.start(at: line.clock.now.nanoseconds)
    while true {
      for action in actions {
        switch action {
        case .send(let bytes): try await line.write(bytes, until: line.clock.now + .seconds(5))
        case .end(let finding): return finding
        }
      }
      let deadline = probe.deadline.map(MonotonicInstant.init(nanoseconds:))
      switch try await line.read(upTo: 4096, until: deadline) {
      case .bytes(let bytes): actions = probe.receive(bytes.span, at: line.clock.now.nanoseconds)
      case .timedOut: actions = probe.expire(at: deadline?.nanoseconds ?? .max)
      case .endOfStream: throw DeviceError(.gone, during: "probing a serial line")
      }
    }
  }
}
