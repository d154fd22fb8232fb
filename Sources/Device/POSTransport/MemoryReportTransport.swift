public import POSModel

/// A link of HID reports in memory: a driver at one end, a simulated device or a test at the other.
public struct MemoryReportLink: Sendable {
  /// The driver's end.
  public let host: MemoryReportTransport
  /// The device's end.
  public let device: MemoryReportDevice
  private let wire: MemoryWire<[UInt8]>
  private let memory = Lock(DeviceMemory())

  /// A link to a device with this report descriptor. It buffers up to `capacity` reports (1 or more; 64 as
  /// hidraw does) in each direction and waits by `clock`.
  public init(clock: any AlarmClock, reportDescriptor: [UInt8], capacity: Int = 64) {
    wire = MemoryWire(clock: clock, capacity: capacity)
    host = MemoryReportTransport(wire: wire, memory: memory, reportDescriptor: reportDescriptor)
    device = MemoryReportDevice(wire: wire)
  }

  /// Cuts the link as soon as `count` reports in all, 0 or more, have gone in `direction`.
  ///
  /// Reports that were sent before are still read. Replaces an earlier cut of that direction.
  public func cut(_ direction: LinkDirection, after count: Int, _ breakage: LinkBreakage = .fails(.gone)) {
    wire.cut(direction, after: count, breakage)
  }

  /// Lights the device's Caps Lock lamp, or puts it out, as a host does; `nil` takes the lamp away.
  public func setCapsLockLamp(_ isLit: Bool?) { memory.withLock { $0.capsLockLamp = isLit } }

  /// Gives the device a feature report, its number first.
  public func setFeature(_ report: [UInt8]) { memory.withLock { $0.features[report.first ?? 0] = report } }

  /// Reports sent in `direction` since the beginning.
  public func reportsMoved(_ direction: LinkDirection) -> Int { wire.moved(direction) }
}

/// What a device in memory holds besides its streams.
struct DeviceMemory: Sendable {
  var capsLockLamp: Bool?
  var features: [UInt8: [UInt8]] = [:]
}

/// The driver's end of a ``MemoryReportLink``.
public struct MemoryReportTransport: ReportTransport {
  let wire: MemoryWire<[UInt8]>
  let memory: Lock<DeviceMemory>

  /// The descriptor that the link was made with.
  public let reportDescriptor: [UInt8]

  /// The clock of the link.
  public var clock: any TransportClock { wire.clock }

  /// Waits for one input report; see ``ReportTransport``.
  public func readReport(until deadline: MonotonicInstant?) async throws(DeviceError) -> ReportReadResult {
    try await wire.takeReport(.toHost, until: deadline, during: "reading a report from memory")
  }

  /// Sends one output report. Fails with `link.timed_out` when the device takes none for five seconds, as the
  /// kernel does.
  public func writeReport(_ report: [UInt8]) async throws(DeviceError) {
    try await wire.put(
      [report], .toDevice, until: clock.now + .seconds(5), during: "writing a report to memory")
  }

  /// Drops the input reports that wait and returns how many there were.
  public func discardPendingReports() async throws(DeviceError) -> Int {
    try wire.discard(.toHost, during: "discarding reports in memory")
  }

  /// The lamp as ``MemoryReportLink/setCapsLockLamp(_:)`` set it.
  public func capsLockLamp() async -> Bool? { memory.withLock { $0.capsLockLamp } }

  /// The feature report as ``MemoryReportLink/setFeature(_:)`` gave it. One that the device lacks fails as a stalled USB
  /// request does.
  public func feature(_ number: UInt8, upTo limit: Int) async throws(DeviceError) -> [UInt8] {
    guard let report = memory.withLock({ $0.features[number] }) else {
      throw DeviceError(.inputOutput, during: "asking for the feature report \(number) in memory")
    }
    return Array(report.prefix(limit))
  }

  /// Closes this end. The device receives what was written, then the end of the stream.
  public func close() async { wire.close(.toDevice) }
}

/// The device's end of a ``MemoryReportLink``.
public struct MemoryReportDevice: ReportDevice {
  let wire: MemoryWire<[UInt8]>

  /// The clock of the link.
  public var clock: any TransportClock { wire.clock }

  /// Sends one input report; see ``ReportDevice``.
  public func sendReport(_ report: [UInt8], until deadline: MonotonicInstant?) async throws(DeviceError) {
    try await wire.put([report], .toHost, until: deadline, during: "sending a report to memory")
  }

  /// Waits for one output report; see ``ReportDevice``.
  public func receiveReport(until deadline: MonotonicInstant?) async throws(DeviceError) -> ReportReadResult {
    try await wire.takeReport(.toDevice, until: deadline, during: "receiving a report from memory")
  }

  /// Unplugs: the driver reads what was sent, then the end of the stream.
  public func close() async { wire.close(.toHost) }
}

extension MemoryWire<[UInt8]> {
  fileprivate func takeReport(
    _ direction: LinkDirection, until deadline: MonotonicInstant?, during operation: String
  ) async throws(DeviceError) -> ReportReadResult {
    switch try await take(direction, upTo: 1, until: deadline, during: operation) {
    case .elements(let reports): .report(reports[0], at: clock.now)
    case .timedOut: .timedOut
    case .endOfStream: .endOfStream
    }
  }
}
