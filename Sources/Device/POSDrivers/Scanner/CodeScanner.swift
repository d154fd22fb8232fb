public import POSModel
public import POSScan
public import POSTransport
import POSWire

/// A bar code scanner in any mode: HID POS, one that types, USB-OEM, SNAPI, SSI or plain serial.
///
///     let scanner = try CodeScanner(descriptor, reports: hidraw, mode: .hidPOS())
///     let scanner = try CodeScanner(descriptor, reports: hidraw, mode: .keyboard(KeyboardSettings(layout: .de)))
///     let scanner = CodeScanner(descriptor, bytes: port, mode: .ssi())
///     let events = scanner.events()
///     try await scanner.enable()
///
/// It reads only while enabled. A scanner that cannot be told to stop is not read while disabled, and what it
/// sent meanwhile is dropped and counted by the next enabling. A device that goes away while the scanner is
/// disabled is noticed by the next call.
public actor CodeScanner: Scanner {
  /// What and where it is.
  public nonisolated let descriptor: DeviceDescriptor
  /// What happens to codes before they are delivered.
  public nonisolated let delivery: ScanDelivery
  /// What the scanner can be told.
  public nonisolated let controls: [ScannerControl]
  /// What the scanner can be asked.
  public nonisolated let questions: [ScannerQuestion]

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
  /// The decoder as the last disabling left it.
  private var lastMachine: (any ScannerMachine)?
  /// The one that knows what the scanner was told.
  private var speaker: any ScannerMachine
  private nonisolated let conversation = ScannerConversation()
  private nonisolated let subscribers: ScannerSubscribers
  private nonisolated let counts: Lock<ScannerStatistics>

  private init(
    _ descriptor: DeviceDescriptor, _ carrier: ScannerLink.Carrier, _ machine: any ScannerMachine,
    _ delivery: ScanDelivery
  ) {
    self.descriptor = descriptor
    self.delivery = delivery
    self.machine = machine
    link = ScannerLink(carrier)
    speaker = machine
    let counts = Lock(ScannerStatistics())
    self.counts = counts
    subscribers = ScannerSubscribers(clock: link.clock, counts: counts)
    controls = ScannerControl.allCases.filter { control in
      var copy = machine
      return copy.messages(for: control) != nil
    }
    questions = ScannerQuestion.allCases.filter {
      machine.message(for: $0) != nil || !machine.features(for: $0).isEmpty
    }
  }

  /// Takes over an open device that sends reports. Nothing is sent yet.
  ///
  /// - Throws: for HID POS and keyboards, `device.unsupported` when the report descriptor holds no decoded data or
  ///   no keys, `link.protocol` with the offset when it cannot be read; for HID POS only without a fallback.
  public init(
    _ descriptor: DeviceDescriptor, reports transport: any ReportTransport, mode: ReportScannerMode,
    delivery: ScanDelivery = ScanDelivery()
  ) throws(DeviceError) {
    self.init(
      descriptor, .reports(transport), try Self.machine(mode, transport.reportDescriptor, descriptor.id),
      delivery)
  }

  /// Takes over an open device that sends a stream of bytes. Nothing is sent yet.
  public init(
    _ descriptor: DeviceDescriptor, bytes transport: any ByteTransport, mode: StreamScannerMode,
    delivery: ScanDelivery = ScanDelivery()
  ) {
    let machine: any ScannerMachine =
      switch mode {
      case .serial(let settings, let dialect): SerialMachine(settings, dialect)
      case .ssi(let timeout): SSIMachine(packetTimeout: timeout.nanoseconds)
      }
    self.init(descriptor, .bytes(transport), machine, delivery)
  }

  deinit {
    if case .enabled(let reader) = phase { reader.cancel() }
    subscribers.end()
  }

  /// What has been counted since the scanner was opened.
  public nonisolated var statistics: ScannerStatistics { counts.withLock { $0 } }

  /// Where a HID POS scanner's reports hold what; `nil` in other modes.
  public nonisolated var layout: HIDPOSLayout? { (machine as? HIDPOSMachine)?.layout }

  /// Where the reports of a scanner that types hold keys; `nil` in other modes.
  public nonisolated var keyboardShape: KeyboardReportShape? { (machine as? KeyboardMachine)?.decoder.shape }

  /// A new subscription; see ``Scanner/events()``.
  public nonisolated func events() -> AsyncStream<ScannerEvent> { events(withRaw: false) }

  /// A new subscription, also to what was read before it was decoded. It holds at most 64 undelivered events, or
  /// 4096 with raw ones.
  public nonisolated func events(withRaw: Bool) -> AsyncStream<ScannerEvent> {
    subscribers.subscribe(wantsRaw: withRaw)
  }

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
    var decoder = lastMachine ?? machine
    lastMachine = nil
    do throws(DeviceError) {
      for message in machine.quieting { try await link.write(message) }
      try await drain(into: &decoder)
      if let isLit = await link.capsLockLamp() { decoder.see(capsLockLamp: isLit) }
      for message in machine.enabling { try await link.write(message) }
    } catch {
      throw failed(error)
    }
    // The scanner may have been closed meanwhile.
    guard case .enabling = phase else { throw closed("enabling") }
    speaker = machine
    var reader = ScannerReader(
      device: descriptor.id, link: link, machine: decoder, delivery: delivery, subscribers: subscribers,
      conversation: conversation, counts: counts)
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
    var failure: DeviceError?
    do throws(DeviceError) { try await tellToStop() } catch { failure = error }
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
      do throws(DeviceError) { try await tellToStop() } catch {}
      reader.cancel()
      await reader.value
    }
    await link.close()
    subscribers.end()
  }

  /// Old reports, or runs of bytes, that are looked at: a device that never stops is not drained for ever.
  private static let drainLimit = 256

  /// Drops what waits. The decoder sees it, so that it knows where in a code the first new bytes are; the codes
  /// in it go nowhere, and the scanner is answered so that it does not send them again.
  private func drain(into decoder: inout any ScannerMachine) async throws(DeviceError) {
    _ = decoder.expire(at: link.clock.now.nanoseconds)
    for _ in 0..<Self.drainLimit {
      guard case .bytes(let bytes, at: let instant) = try await link.read(until: link.clock.now) else {
        return
      }
      counts.withLock { $0.staleReports += 1 }
      _ = decoder.expire(at: instant.nanoseconds)
      for case .send(let answer) in decoder.receive(bytes, at: instant.nanoseconds) {
        try await link.write(answer)
      }
    }
  }

  private func tellToStop() async throws(DeviceError) {
    for message in machine.disabling { try await link.write(message) }
  }

  private func readingEnded(_ ending: ScannerReader.Ending) {
    if case .closed = phase { return }
    switch ending {
    case .stopped(let machine): lastMachine = machine
    case .gone(let error): phase = .gone(error)
    }
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

// MARK: - Telling and asking

extension CodeScanner {
  /// Tells an enabled scanner to do something. What left the machine is all that is known: few scanners confirm.
  ///
  /// - Throws: `device.unsupported` for what is not among ``controls``, `device.closed` while it is not enabled,
  ///   and what the transport throws.
  public func tell(_ control: ScannerControl) async throws(DeviceError) {
    let operation = "telling \(descriptor.id) to \(control.rawValue)"
    try requireEnabled(operation)
    guard let messages = speaker.messages(for: control) else {
      throw DeviceError(.unsupported, during: operation, detail: Self.list(controls.map(\.rawValue)))
    }
    for message in messages { try await link.write(message) }
  }

  /// Configures an enabled USB-OEM scanner.
  ///
  /// - Throws: as ``tell(_:)``.
  public func configure(_ configuration: OEMConfiguration) async throws(DeviceError) {
    let operation = "configuring \(descriptor.id)"
    try requireEnabled(operation)
    guard machine is OEMMachine else {
      throw DeviceError(.unsupported, during: operation, detail: "only USB-OEM has a configuration")
    }
    try await link.write(OEMCommand.configure(configuration).bytes)
  }

  /// Asks an enabled scanner something and waits for what it says. Codes that are read meanwhile are delivered.
  ///
  /// - Throws: `device.unsupported` for what is not among ``questions`` and for what the scanner refuses,
  ///   `device.busy` while another question is open, `link.timed_out` without an answer, and what the transport
  ///   throws.
  public func ask(
    _ question: ScannerQuestion, timeout: Duration = .seconds(3)
  ) async throws(DeviceError) -> ScannerAnswer {
    let operation = "asking \(descriptor.id) for its \(question.rawValue)"
    try requireEnabled(operation)
    let features = machine.features(for: question)
    guard features.isEmpty else { return try await readFeatures(features, operation) }
    guard let message = machine.message(for: question) else {
      throw DeviceError(.unsupported, during: operation, detail: Self.list(questions.map(\.rawValue)))
    }
    let deadline = link.clock.now + timeout
    guard let wait = conversation.begin(question, until: deadline) else {
      throw DeviceError(.busy, during: operation, detail: "another question is open")
    }
    do throws(DeviceError) {
      try await link.write(message)
    } catch {
      _ = conversation.finish()
      throw error
    }
    let clock = link.clock
    let alarm = Task {
      do throws(DeviceError) { try await clock.sleep(until: deadline) } catch {}
      wait.end(.timedOut)
    }
    let outcome = await wait.outcome()
    alarm.cancel()
    guard let answer = conversation.finish() else {
      throw DeviceError(outcome == .cancelled ? .cancelled : .timedOut, during: operation)
    }
    guard answer.verdict == .accepted else {
      throw DeviceError(.unsupported, during: operation, detail: "the scanner refused")
    }
    return answer
  }

  /// The texts of feature reports, a line each. One that the scanner does not have is left out, unless it has none.
  private func readFeatures(
    _ features: [UInt8], _ operation: String
  ) async throws(DeviceError) -> ScannerAnswer {
    var lines: [[UInt8]] = []
    var failure = DeviceError(.unsupported, during: operation, detail: "the scanner tells nothing")
    for number in features {
      do throws(DeviceError) {
        // The number in front, zeros behind.
        var text = try await link.feature(number).dropFirst()
        while text.last == 0 { text.removeLast() }
        if !text.isEmpty { lines.append(Array(text)) }
      } catch {
        guard error.code == .inputOutput else { throw error }
        failure = error
      }
    }
    guard !lines.isEmpty else { throw failure }
    return ScannerAnswer(bytes: Array(lines.joined(separator: [0x0A])))
  }

  private func requireEnabled(_ operation: String) throws(DeviceError) {
    switch phase {
    case .enabled: return
    case .gone(let error): throw error
    case .disabled, .enabling, .disabling, .closed:
      throw DeviceError(.closed, during: operation, detail: "the scanner is not enabled")
    }
  }

  private static func list(_ names: [String]) -> String {
    names.isEmpty ? "this scanner takes nothing" : "it takes \(names.joined(separator: ", "))"
  }
}

// MARK: - Modes

extension CodeScanner {
  private static func machine(
    _ mode: ReportScannerMode, _ bytes: [UInt8], _ device: DeviceID
  ) throws(DeviceError) -> any ScannerMachine {
    do throws(WireError) {
      switch mode {
      case .hidPOS(let fallback, let pieceTimeout):
        return HIDPOSMachine(
          try hidPOSLayout(bytes, fallback: fallback), pieceTimeout: pieceTimeout.nanoseconds)
      case .keyboard(let settings):
        return KeyboardMachine(
          decoder: KeyboardDecoder(try KeyboardReportShape(descriptor: bytes.span), settings))
      case .oem: return OEMMachine()
      case .snapi(let timeout): return SNAPIMachine(packetTimeout: timeout.nanoseconds)
      }
    } catch {
      let operation = "reading the report descriptor of \(device)"
      guard error.reason == .unsupported else {
        throw DeviceError(
          .protocolViolation, during: operation,
          detail: "\(error.field): \(error.reason.name) at byte \(error.offset) of \(bytes.count)")
      }
      if case .keyboard = mode {
        throw DeviceError(
          .unsupported, during: operation, detail: "no report of it holds keys",
          hint: "a scanner that types has a keyboard among its interfaces: ls /sys/class/hidraw")
      }
      throw DeviceError(
        .unsupported, during: operation, detail: "no report of it carries decoded data",
        hint: "scan the maker's programming code for 'USB HID POS' mode, then plug the scanner in again")
    }
  }

  private static func hidPOSLayout(
    _ bytes: [UInt8], fallback: HIDPOSMaker?
  ) throws(WireError) -> HIDPOSLayout {
    do throws(WireError) {
      return try HIDPOSLayout(descriptor: bytes.span)
    } catch {
      guard let fallback else { throw error }
      return HIDPOSLayout(maker: fallback)
    }
  }
}
