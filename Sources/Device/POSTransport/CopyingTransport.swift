public import POSModel

/// Passes everything through and hands a copy of what was written to somebody else.
public struct CopyingTransport: ByteTransport {
  private let base: any ByteTransport
  private let copy: @Sendable ([UInt8]) -> Void

  /// Hands `copy` the bytes of every write to `base` that has left.
  public init(_ base: any ByteTransport, copy: @escaping @Sendable ([UInt8]) -> Void) {
    self.base = base
    self.copy = copy
  }

  /// The clock of the transport below.
  public var clock: any TransportClock { base.clock }

  /// Reads from the transport below.
  public func read(upTo limit: Int, until deadline: MonotonicInstant?) async throws(DeviceError) -> ReadResult
  {
    try await base.read(upTo: limit, until: deadline)
  }

  /// Writes to the transport below; of a write that failed, copies what had left.
  public func write(_ bytes: [UInt8], until deadline: MonotonicInstant?) async throws(DeviceError) {
    do throws(DeviceError) {
      try await base.write(bytes, until: deadline)
      copy(bytes)
    } catch {
      copy(Array(bytes.prefix(error.bytesMoved)))
      throw error
    }
  }

  /// Closes the transport below.
  public func close() async { await base.close() }
}
