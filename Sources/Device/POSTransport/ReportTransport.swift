public import POSModel

/// One open HID device: a stream of input reports and a way to send output and feature reports.
///
/// A report's first byte is its id where the descriptor numbers reports, and data where it does not: reports
/// look as hidraw reads them.
public protocol ReportTransport: Sendable {
  /// The clock that deadlines refer to.
  var clock: any TransportClock { get }

  /// The report descriptor, as the device gave it. Not yet parsed, so it may lie.
  var reportDescriptor: [UInt8] { get }

  /// Waits for one input report. One reader at a time.
  func readReport(until deadline: MonotonicInstant?) async throws(DeviceError) -> ReportReadResult

  /// Sends one output report, id first.
  func writeReport(_ report: [UInt8]) async throws(DeviceError)

  /// Drops the reports that are waiting and returns how many there were.
  func discardPendingReports() async throws(DeviceError) -> Int

  /// Closes. A read at hand fails with `link.closed`.
  func close() async
}

/// What a read of a report came to.
public enum ReportReadResult: Sendable, Equatable {
  /// A report and when the kernel handed it over.
  case report([UInt8], at: MonotonicInstant)
  /// The deadline passed.
  case timedOut
  /// The other side will send nothing more.
  case endOfStream
}
