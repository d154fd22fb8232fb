public import POSModel

/// A link of bytes in memory: a driver at one end, a simulated device or a test at the other.
///
///     let link = MemoryLink(clock: ManualClock())
///     link.cut(.toDevice, after: 12)
///     // hand link.host to a driver, link.device to a simulator
public struct MemoryLink: Sendable {
  /// The driver's end.
  public let host: MemoryTransport
  /// The device's end.
  public let device: MemoryTransport
  private let wire: MemoryWire<UInt8>

  /// A link that buffers up to `capacity` bytes (1 or more) in each direction and waits by `clock`.
  public init(clock: any AlarmClock, capacity: Int = 4096) {
    wire = MemoryWire(clock: clock, capacity: capacity)
    host = MemoryTransport(wire: wire, outgoing: .toDevice, name: "the host end of a link in memory")
    device = MemoryTransport(wire: wire, outgoing: .toHost, name: "the device end of a link in memory")
  }

  /// Cuts the link as soon as `count` bytes in all, 0 or more, have gone in `direction`.
  ///
  /// Bytes that were written before are still read. Replaces an earlier cut of that direction.
  public func cut(
    _ direction: LinkDirection, after count: Int, _ breakage: LinkBreakage = .fails(.connectionLost)
  ) {
    wire.cut(direction, after: count, breakage)
  }

  /// Bytes written in `direction` since the beginning.
  public func bytesMoved(_ direction: LinkDirection) -> Int { wire.moved(direction) }
}

/// One end of a ``MemoryLink``.
public struct MemoryTransport: ByteTransport {
  let wire: MemoryWire<UInt8>
  let outgoing: LinkDirection
  let name: String

  /// The clock of the link.
  public var clock: any TransportClock { wire.clock }

  /// Waits for bytes; see ``ByteTransport``. A second reader at the same time fails with `device.busy`.
  public func read(upTo limit: Int, until deadline: MonotonicInstant?) async throws(DeviceError) -> ReadResult
  {
    switch try await wire.take(
      outgoing.reversed, upTo: limit, until: deadline, during: "reading from \(name)")
    {
    case .elements(let bytes): .bytes(bytes)
    case .timedOut: .timedOut
    case .endOfStream: .endOfStream
    }
  }

  /// Writes all of `bytes`; see ``ByteTransport``. A second writer at the same time fails with `device.busy`.
  public func write(_ bytes: [UInt8], until deadline: MonotonicInstant?) async throws(DeviceError) {
    try await wire.put(bytes, outgoing, until: deadline, during: "writing to \(name)")
  }

  /// Closes this end. The other one reads what was written, then the end of the stream.
  public func close() async { wire.close(outgoing) }
}
