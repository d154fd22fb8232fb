import POSLinux
import POSModel
import POSTransport

/// Kills posctl once so many bytes have left: for tests of what comes after.
struct CrashingTransport: ByteTransport {
  private let base: any ByteTransport
  private let limit: Int
  private let sent = Lock(0)

  /// Everything passes through `base` until `limit` bytes have left.
  init(_ base: any ByteTransport, after limit: Int) {
    self.base = base
    self.limit = limit
  }

  var clock: any TransportClock { base.clock }

  func read(upTo limit: Int, until deadline: MonotonicInstant?) async throws(DeviceError) -> ReadResult {
    try await base.read(upTo: limit, until: deadline)
  }

  func write(_ bytes: [UInt8], until deadline: MonotonicInstant?) async throws(DeviceError) {
    let left = limit - sent.withLock { $0 }
    guard bytes.count >= left else {
      try await base.write(bytes, until: deadline)
      sent.withLock { $0 += bytes.count }
      return
    }
    try await base.write(Array(bytes.prefix(left)), until: deadline)
    CurrentProcess.kill()
  }

  func close() async { await base.close() }
}
