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

  /// Asks the device for the feature report `number`, 0 where reports have none: at most `limit` bytes, its number first.
  ///
  /// Some devices hang when they are asked for a report (specs/scanners.md §1.6), so this is for whoever wants to know,
  /// never for finding out what a device is.
  ///
  /// - Throws: `device.unsupported` where the transport carries none, and what the device makes of it.
  func feature(_ number: UInt8, upTo limit: Int) async throws(DeviceError) -> [UInt8]

  /// Whether the host has lit the Caps Lock lamp of a keyboard; `nil` where there is none, or none can be seen.
  func capsLockLamp() async -> Bool?

  /// Closes. A read at hand fails with `link.closed`.
  func close() async
}

extension ReportTransport {
  /// Fails with `device.unsupported`.
  public func feature(_ number: UInt8, upTo limit: Int) async throws(DeviceError) -> [UInt8] {
    throw DeviceError(
      .unsupported, during: "asking for the feature report \(number)", detail: "this route carries none",
      hint: "reach the scanner through /dev/hidraw")
  }

  /// No lamp is seen.
  public func capsLockLamp() async -> Bool? { nil }
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
