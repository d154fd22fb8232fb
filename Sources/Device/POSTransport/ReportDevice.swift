public import POSModel

/// The device's side of a link of HID reports: what a simulated scanner talks to.
public protocol ReportDevice: Sendable {
  /// The clock that deadlines refer to.
  var clock: any TransportClock { get }

  /// Sends one input report, id first where reports are numbered. The deadline applies while the host takes none.
  func sendReport(_ report: [UInt8], until deadline: MonotonicInstant?) async throws(DeviceError)

  /// Waits for one output report, id first. One reader at a time.
  func receiveReport(until deadline: MonotonicInstant?) async throws(DeviceError) -> ReportReadResult

  /// Unplugs the device. A wait at hand fails with `link.closed`.
  func close() async
}
