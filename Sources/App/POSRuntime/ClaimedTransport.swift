import POSLinux
import POSModel
import POSTransport

/// A stream of bytes to a device that stays claimed as long as it is open.
final class ClaimedByteTransport: ByteTransport {
  private let base: any ByteTransport
  private let claim: Lock<Claim?>

  init(_ base: any ByteTransport, _ claim: consuming Claim) {
    self.base = base
    self.claim = Lock(claim)
  }

  var clock: any TransportClock { base.clock }

  func read(upTo limit: Int, until deadline: MonotonicInstant?) async throws(DeviceError) -> ReadResult {
    try await base.read(upTo: limit, until: deadline)
  }

  func write(_ bytes: [UInt8], until deadline: MonotonicInstant?) async throws(DeviceError) {
    try await base.write(bytes, until: deadline)
  }

  func close() async {
    await base.close()
    claim.withLock { $0 = nil }
  }
}

/// A stream of reports from a device that stays claimed as long as it is open.
final class ClaimedReportTransport: ReportTransport {
  private let base: any ReportTransport
  private let claim: Lock<Claim?>

  init(_ base: any ReportTransport, _ claim: consuming Claim) {
    self.base = base
    self.claim = Lock(claim)
  }

  var clock: any TransportClock { base.clock }
  var reportDescriptor: [UInt8] { base.reportDescriptor }

  func readReport(until deadline: MonotonicInstant?) async throws(DeviceError) -> ReportReadResult {
    try await base.readReport(until: deadline)
  }

  func writeReport(_ report: [UInt8]) async throws(DeviceError) { try await base.writeReport(report) }

  func discardPendingReports() async throws(DeviceError) -> Int { try await base.discardPendingReports() }

  func feature(_ number: UInt8, upTo limit: Int) async throws(DeviceError) -> [UInt8] {
    try await base.feature(number, upTo: limit)
  }

  func capsLockLamp() async -> Bool? { await base.capsLockLamp() }

  func close() async {
    await base.close()
    claim.withLock { $0 = nil }
  }
}
