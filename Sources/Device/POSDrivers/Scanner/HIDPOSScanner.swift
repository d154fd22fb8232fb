public import POSModel
public import POSScan
public import POSTransport
import POSWire

/// A bar code scanner in HID POS mode, over any transport of reports.
///
///     let scanner = try HIDPOSScanner(descriptor, transport: hidraw)
///     let events = scanner.events()
///     try await scanner.enable()
///     for await event in events { … }
///
/// It reads only while enabled. A device that goes away while the scanner is disabled is noticed by the next
/// call.
public actor HIDPOSScanner: Scanner {
  /// What and where it is.
  public nonisolated let descriptor: DeviceDescriptor
  /// Where its reports hold what.
  public nonisolated let layout: HIDPOSLayout

  private enum Phase {
    case disabled
    /// Between the calls of the transport that enable it.
    case enabling
    case enabled(reader: Task<Void, Never>)
    /// Waiting for the device to be told and the reader to end.
    case disabling
    case closed
    case gone(DeviceError)
  }

  private var phase = Phase.disabled
  private let transport: any ReportTransport
  private let pieceTimeout: Duration
  private nonisolated let subscribers = ScannerSubscribers()
  private nonisolated let counts = Lock(ScannerStatistics())

  /// Takes over an open device. Nothing is sent yet.
  ///
  /// - Parameters:
  ///   - descriptor: what and where the device is.
  ///   - transport: the open device. Its report descriptor says where everything is.
  ///   - fallback: the maker whose published layout applies when the descriptor cannot be used.
  ///   - pieceTimeout: how long the next piece of a code may take.
  /// - Throws: `device.unsupported` when the device is no HID POS scanner, `link.protocol` with the offset
  ///   when its descriptor cannot be read, both only without `fallback`.
  public init(
    _ descriptor: DeviceDescriptor, transport: any ReportTransport, fallback: HIDPOSMaker? = nil,
    pieceTimeout: Duration = .milliseconds(500)
  ) throws(DeviceError) {
    self.descriptor = descriptor
    self.transport = transport
    self.pieceTimeout = pieceTimeout
    let bytes = transport.reportDescriptor
    do {
      layout = try HIDPOSLayout(descriptor: bytes.span)
    } catch {
      guard let fallback else {
        let operation = "reading the report descriptor of \(descriptor.id)"
        guard error.reason == .unsupported else {
          throw DeviceError(
            .protocolViolation, during: operation,
            detail: "\(error.field): \(error.reason.name) at byte \(error.offset) of \(bytes.count)")
        }
        throw DeviceError(
          .unsupported, during: operation, detail: "no report of it carries decoded data",
          hint: "scan the maker's programming code for 'USB HID POS' mode, then plug the scanner in again")
      }
      layout = HIDPOSLayout(maker: fallback)
    }
  }

  deinit {
    if case .enabled(let reader) = phase { reader.cancel() }
    subscribers.end()
  }

  /// What has been counted since the scanner was opened.
  public nonisolated var statistics: ScannerStatistics { counts.withLock { $0 } }

  /// A new subscription; see ``Scanner/events()``.
  public nonisolated func events() -> AsyncStream<ScannerEvent> { subscribers.subscribe() }

  /// Lets the scanner read codes, once it has been kept from it long enough to drop what was left of earlier
  /// ones.
  ///
  /// - Throws: `device.busy` while another call enables or disables it, and what the transport throws.
  public func enable() async throws(DeviceError) {
    switch phase {
    case .disabled: phase = .enabling
    case .enabled: return
    case .enabling, .disabling: throw busy("enabling")
    case .closed: throw closed("enabling")
    case .gone(let error): throw error
    }
    do throws(DeviceError) {
      try await preventReading(true)
      let stale = try await transport.discardPendingReports()
      counts.withLock { $0.staleReports += stale }
      try await preventReading(false)
    } catch {
      throw failed(error)
    }
    // The scanner may have been closed meanwhile.
    guard case .enabling = phase else { throw closed("enabling") }
    startReading()
  }

  /// Keeps the scanner from reading codes. A code at hand is delivered as truncated; nothing comes after the
  /// return.
  ///
  /// - Throws: `device.busy` while another call enables or disables it, and what the transport throws; the
  ///   scanner's reports are ignored all the same.
  public func disable() async throws(DeviceError) {
    let reader: Task<Void, Never>
    switch phase {
    case .disabled: return
    case .enabled(let running): reader = running
    case .enabling, .disabling: throw busy("disabling")
    case .closed: throw closed("disabling")
    case .gone(let error): throw error
    }
    phase = .disabling
    var failure: DeviceError?
    do throws(DeviceError) { try await preventReading(true) } catch { failure = error }
    reader.cancel()
    await reader.value
    if case .gone(let error) = phase { throw error }
    if case .disabling = phase { phase = .disabled }
    if let failure { throw failure }
  }

  /// Disables the scanner as far as it still can be, releases the device and ends all subscriptions.
  public func close() async {
    let last = phase
    if case .closed = last { return }
    phase = .closed
    if case .enabled(let reader) = last {
      // A device that cannot be told is closed all the same.
      do throws(DeviceError) { try await preventReading(true) } catch {}
      reader.cancel()
      await reader.value
    }
    await transport.close()
    subscribers.end()
  }

  // MARK: Reading

  private func startReading() {
    let (seconds, attoseconds) = pieceTimeout.components
    let (nanoseconds, isOver) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let timeout = isOver ? .max : nanoseconds &+ attoseconds / 1_000_000_000
    var reader = HIDPOSReader(
      device: descriptor.id, transport: transport, decoder: HIDPOSDecoder(layout, pieceTimeout: timeout),
      subscribers: subscribers, counts: counts)
    phase = .enabled(
      reader: Task { [weak self] in
        let ending = await reader.run()
        await self?.readingEnded(ending)
      })
  }

  private func readingEnded(_ ending: HIDPOSReader.Ending) {
    if case .closed = phase { return }
    if case .gone(let error) = ending { phase = .gone(error) }
  }

  /// Tells the device, where its descriptor has a bit for it.
  private func preventReading(_ isPrevented: Bool) async throws(DeviceError) {
    guard layout.output.declared.contains(.preventRead),
      let report = layout.output.report(setting: isPrevented ? .preventRead : [])
    else { return }
    try await transport.writeReport(report)
  }

  // MARK: Failures

  /// The end of an attempt to enable.
  private func failed(_ error: DeviceError) -> DeviceError {
    guard case .enabling = phase else { return closed("enabling") }
    if error.code == .gone || error.code == .connectionLost {
      phase = .gone(error)
      subscribers.end(with: .detached(error))
    } else {
      phase = .disabled
    }
    return error
  }

  private func busy(_ operation: String) -> DeviceError {
    DeviceError(
      .busy, during: "\(operation) \(descriptor.id)", detail: "another call enables or disables it")
  }

  private func closed(_ operation: String) -> DeviceError {
    DeviceError(.closed, during: "\(operation) \(descriptor.id)")
  }
}
