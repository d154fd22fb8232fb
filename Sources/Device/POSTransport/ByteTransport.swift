public import POSModel

/// One open, exclusive, two-way stream of bytes: serial port, TCP connection, printer node, or a fake.
///
/// This is the only place where device code waits. A deadline is part of every call, so protocols stay free of
/// timers and a test's clock drives them.
public protocol ByteTransport: Sendable {
  /// The clock that deadlines refer to.
  var clock: any TransportClock { get }

  /// Waits for bytes and returns at most `limit` of them, as soon as there are any.
  ///
  /// One reader at a time. Cancelling the task throws `link.cancelled`; no byte is lost by it.
  func read(upTo limit: Int, until deadline: MonotonicInstant?) async throws(DeviceError) -> ReadResult

  /// Writes all of `bytes`.
  ///
  /// The deadline is one of progress: it is passed only while the other side takes nothing at all.
  /// An error says in ``DeviceError/bytesMoved`` how many bytes had left.
  func write(_ bytes: [UInt8], until deadline: MonotonicInstant?) async throws(DeviceError)

  /// Sends what is still buffered as far as the device takes it, then closes. Reads and writes at hand fail
  /// with `link.closed`.
  func close() async
}

/// What a read came to.
public enum ReadResult: Sendable, Equatable {
  /// One byte or more.
  case bytes([UInt8])
  /// The deadline passed.
  case timedOut
  /// The other side will send nothing more.
  case endOfStream
}
