public import POSModel
import POSScan
public import POSTransport
import POSWire

/// A bar code scanner in any mode but HID POS: one that types, USB-OEM, SNAPI, SSI or plain serial.
///
///     let scanner = try CodeScanner(descriptor, reports: hidraw, mode: .keyboard(KeyboardSettings(layout: .de)))
///     let scanner = CodeScanner(descriptor, bytes: port, mode: .ssi)
///     let events = scanner.events()
///     try await scanner.enable()
///
/// It reads only while enabled. A scanner that cannot be told to stop is not read while disabled, and what it
/// sent meanwhile is dropped and counted by the next enabling.
public actor CodeScanner: Scanner {
  /// What and where it is.
  public nonisolated let descriptor: DeviceDescriptor

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
  private let link: ScannerLink
  /// The decoder as it is before the first byte.
  private let machine: any ScannerMachine
  private nonisolated let subscribers = ScannerSubscribers()
  private nonisolated let counts = Lock(ScannerStatistics())

  /// Takes over an open device that sends reports. Nothing is sent yet.
  ///
  /// - Throws: `device.unsupported` when its report descriptor has no keys, `link.protocol` when it cannot be
  ///   read; both for a keyboard only.
  public init(
    _ descriptor: DeviceDescriptor, reports transport: any ReportTransport, mode: ReportScannerMode
  ) throws(DeviceError) {
    self.descriptor = descriptor
    link = .reports(transport)
    switch mode {
    case .keyboard(let settings):
      let bytes = transport.reportDescriptor
      do throws(WireError) {
        machine = KeyboardMachine(
          decoder: KeyboardDecoder(try KeyboardReportShape(descriptor: bytes.span), settings))
      } catch {
        throw DeviceError(
          error.reason == .unsupported ? .unsupported : .protocolViolation,
          during: "reading the report descriptor of \(descriptor.id)",
          detail: "\(error.field): \(error.reason.name) at byte \(error.offset) of \(bytes.count)",
          hint: "a scanner that types has a keyboard among its interfaces: ls /sys/class/hidraw")
      }
    case .oem: machine = OEMMachine()
    case .snapi: machine = SNAPIMachine()
    }
  }

  /// Takes over an open device that sends a stream of bytes. Nothing is sent yet.
  public init(_ descriptor: DeviceDescriptor, bytes transport: any ByteTransport, mode: StreamScannerMode) {
    self.descriptor = descriptor
    link = .bytes(transport)
    switch mode {
    case .serial(let settings, let dialect):
      machine = SerialMachine(decoder: SerialScanDecoder(settings), dialect: dialect)
    case .ssi: machine = SSIMachine()
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

  /// Drops what was left of earlier codes, then lets the scanner read.
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
      let stale = try await link.discard()
      counts.withLock { $0.staleReports += stale }
      for message in machine.enabling { try await link.write(message) }
    } catch {
      throw failed(error)
    }
    // The scanner may have been closed meanwhile.
    guard case .enabling = phase else { throw closed("enabling") }
    var reader = ScannerReader(
      device: descriptor.id, link: link, machine: machine, subscribers: subscribers, counts: counts)
    phase = .enabled(
      reader: Task { [weak self] in
        let ending = await reader.run()
        await self?.readingEnded(ending)
      })
  }

  /// Keeps the scanner from reading codes, as far as it can be told. A code at hand is delivered as truncated;
  /// nothing comes after the return.
  ///
  /// - Throws: `device.busy` while another call enables or disables it, and what the transport throws; what the
  ///   scanner sends is ignored all the same.
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
    // The reader may be answering the scanner: one writer at a time.
    reader.cancel()
    await reader.value
    if case .gone(let error) = phase { throw error }
    var failure: DeviceError?
    do throws(DeviceError) { try await tellToStop() } catch { failure = error }
    if case .disabling = phase { phase = .disabled }
    if let failure { throw failure }
  }

  /// Disables the scanner as far as it still can be, releases the device and ends all subscriptions.
  public func close() async {
    let last = phase
    if case .closed = last { return }
    phase = .closed
    if case .enabled(let reader) = last {
      reader.cancel()
      await reader.value
      // A device that cannot be told is closed all the same.
      do throws(DeviceError) { try await tellToStop() } catch {}
    }
    await link.close()
    subscribers.end()
  }

  private func tellToStop() async throws(DeviceError) {
    for message in machine.disabling { try await link.write(message) }
  }

  private func readingEnded(_ ending: ScannerReader.Ending) {
    if case .closed = phase { return }
    if case .gone(let error) = ending { phase = .gone(error) }
  }

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
