import POSLinux
public import POSModel
public import POSTransport

/// A printer, or another device that takes a stream of bytes, through libusb: where the kernel has no driver for it,
/// or one that hides what goes wrong, as usblp does.
///
///     let printer = try await USBStream.open("/dev/bus/usb/001/004")
///     let status = try await printer.portStatus()
///
/// The kernel's driver of the interface in use steps aside and comes back when the stream is closed. A process that
/// is killed leaves the interface without a driver until a stream is opened and closed again, or the device is
/// plugged in anew.
///
/// - Answers are read ahead, up to 64 KiB; then the device has to wait.
/// - A device without a way back fails each read with `device.unsupported`.
/// - An endpoint that refuses is made to work again at once, so that the next transfer may pass.
public final class USBStream: ByteTransport {
  /// The most that goes to the device at once, in bytes: nobody can say how much of a transfer that failed it took.
  static let transfer = 4096
  /// Answers that wait to be read, in bytes.
  static let largestBacklog = 65_536
  /// How long to wait after an empty packet: some printers send one after the other.
  private static let pauseAfterNothing = Duration.milliseconds(10)
  /// Refusals in a row, without a byte between them, after which reading fails.
  private static let mostRefusals = 3

  fileprivate struct State: ~Copyable, Sendable {
    var isClosing = false
    var isWriting = false
    var isReading = false
    /// Calls that wait for the device.
    var requests = 0
    var incoming: USBTransfer?
    var outgoing: USBTransfer?
    /// Between an empty packet and the next transfer.
    var pauses = false
    var received: [UInt8] = []
    var refusals = 0
    var trouble: USBFailure?
    var reader: Wait?
    var closer: Wait?
  }

  private let name: String
  private let handle: USBHandle
  private let state = Lock(State())

  private init(_ handle: USBHandle, name: String) {
    self.handle = handle
    self.name = name
  }

  /// Opens a node of `/dev/bus/usb` and claims its printer interface, else one of the maker's own with bulk endpoints.
  ///
  /// - Parameters:
  ///   - name: what to call it in errors, `usb:04b8:0202`; the path if it is left out.
  ///   - interface: the only interface to use, `bInterfaceNumber`.
  /// - Throws: `device.not_found`, `device.permission_denied`, `device.busy` when another program has claimed the
  ///   interface, `device.unsupported` when no interface takes bytes, `device.bad_address` for what is no USB device.
  public static func open(
    _ path: String, name: String? = nil, interface: UInt8? = nil
  ) async throws(DeviceError) -> USBStream {
    let name = name ?? path
    let operation = "opening \(name)"
    let handle = try await BlockingCall("pos-open", during: operation) { () throws(DeviceError) in
      try USBHandle.open(path, interface: interface, during: operation)
    }.value()
    let stream = USBStream(handle, name: name)
    stream.listen()
    return stream
  }

  /// The machine's clock.
  public var clock: any TransportClock { Reactor.shared }

  /// Whether it is of the printer class, which ``deviceID()`` and ``portStatus()`` ask.
  public var isPrinter: Bool { handle.interface.isPrinter }

  // MARK: - Writing

  /// Writes all of `bytes` and waits until the device has taken them; see ``ByteTransport``.
  ///
  /// A transfer that ends early is followed by the rest. When the deadline passes, a printer is asked why: the error
  /// is `printer.paper_out`, `printer.offline` or `printer.fault` then, and `link.timed_out` for one that is well or
  /// does not say. Of a transfer that failed or was given up all bytes count as moved, although fewer may have
  /// reached the device: whoever asks wants to know whether printing again is safe.
  public func write(_ bytes: [UInt8], until deadline: MonotonicInstant?) async throws(DeviceError) {
    let operation = "writing to \(name)"
    let refusal: DeviceError.Code? = state.withLock { state in
      if state.isClosing { return .closed }
      if state.isWriting { return .busy }
      state.isWriting = true
      return nil
    }
    if let refusal { throw DeviceError(refusal, during: operation) }
    defer { finish { $0.isWriting = false } }

    var progress = ProgressDeadline(deadline, now: clock.now)
    var moved = 0
    var empty = 0
    while moved < bytes.count {
      if state.withLock({ $0.isClosing }) { throw DeviceError(.closed, during: operation, bytesMoved: moved) }
      if Task.isCancelled { throw DeviceError(.cancelled, during: operation, bytesMoved: moved) }
      let piece = bytes[moved..<min(bytes.count, moved + Self.transfer)]
      let (ending, reason) = try await send(piece, until: progress.deadline, moved: moved, during: operation)
      guard let failure = ending.failure else {
        moved += ending.moved
        empty = ending.moved > 0 ? 0 : empty + 1
        guard empty < Self.mostRefusals else {
          throw DeviceError(
            .inputOutput, during: operation, detail: "the device takes transfers, but no bytes",
            bytesMoved: moved)
        }
        if ending.moved > 0 { progress.renew(now: clock.now) }
        continue
      }
      let doubtful = moved + piece.count
      if ending.wasCancelled {
        throw await explain(reason ?? .closed, during: operation, bytesMoved: doubtful)
      }
      if failure.isRefusal { await clearHalt(handle.interface.output) }
      throw failure.deviceError(.transferring, during: operation, bytesMoved: doubtful)
    }
  }

  /// One transfer to its end, and why it was given up, if it was.
  private func send(
    _ piece: ArraySlice<UInt8>, until deadline: MonotonicInstant?, moved: Int, during operation: String
  ) async throws(DeviceError) -> (USBTransfer.Ending, DeviceError.Code?) {
    let ended = Lock<USBTransfer.Ending?>(nil)
    let (early, late) = (Wait(), Wait())
    let transfer = try translating(.transferring, during: operation) { () throws(SystemError) in
      try USBTransfer(piece, to: handle) { ending in
        ended.withLock { $0 = ending }
        early.end(.ready)
        late.end(.ready)
      }
    }
    state.withLock { $0.outgoing = transfer }
    defer { state.withLock { $0.outgoing = nil } }
    if let failure = transfer.submit() {
      throw failure.deviceError(.transferring, during: operation, bytesMoved: moved)
    }
    // Closing may have looked for a transfer just before this one was under way.
    if state.withLock({ $0.isClosing }) { early.end(.cancelled) }
    var reason: DeviceError.Code?
    switch await early.outcome(until: deadline, by: Reactor.shared) {
    case .ready: break
    case .timedOut: reason = .timedOut
    case .cancelled: reason = state.withLock { $0.isClosing } ? .closed : .cancelled
    }
    if reason != nil {
      await cancel([transfer])
      _ = await late.outcome(until: nil, by: Reactor.shared, isCancellable: false)
    }
    return (ended.withLock { $0 } ?? USBTransfer.Ending(), reason)
  }

  /// Has transfers end, on a thread of its own, for the kernel waits until the device's controller has let go.
  private func cancel(_ transfers: [USBTransfer]) async {
    try? await BlockingCall("pos-usb-cancel", during: "giving up \(name)") {
      for transfer in transfers { transfer.cancel() }
    }.value()
  }

  /// Asks a printer that took nothing why.
  private func explain(
    _ reason: DeviceError.Code, during operation: String, bytesMoved: Int
  ) async -> DeviceError {
    var error = DeviceError(reason, during: operation, bytesMoved: bytesMoved)
    guard reason == .timedOut, isPrinter, let status = try? await portStatus() else { return error }
    if let code = status.obstacle {
      error = DeviceError(code, during: operation, detail: "it takes no bytes", bytesMoved: bytesMoved)
    } else {
      error.detail = "it takes no bytes, yet says that it is well"
    }
    return error
  }

  // MARK: - Reading

  /// Waits for bytes; see ``ByteTransport``. A second reader at the same time fails with `device.busy`.
  public func read(upTo limit: Int, until deadline: MonotonicInstant?) async throws(DeviceError) -> ReadResult
  {
    let operation = "reading from \(name)"
    guard let input = handle.interface.input else {
      throw DeviceError(.unsupported, during: operation, detail: "the device has no way back")
    }
    let isFirst = state.withLock { state in
      defer { state.isReading = true }
      return !state.isReading
    }
    guard isFirst else { throw DeviceError(.busy, during: operation) }
    defer { finish { $0.isReading = false } }

    var isLate = false
    while !Task.isCancelled {
      listen()
      let wait = Wait()
      let (isClosing, bytes, trouble, refusals) = state.withLock { state in
        state.take(upTo: max(1, limit), or: wait)
      }
      if isClosing { throw DeviceError(.closed, during: operation) }
      if !bytes.isEmpty {
        listen()
        return .bytes(bytes)
      }
      if let trouble {
        // What is over is over; after anything else the next read tries again.
        if !trouble.isDisappearance { state.withLock { $0.trouble = nil } }
        guard trouble.isRefusal, refusals < Self.mostRefusals else {
          throw trouble.deviceError(.transferring, during: operation)
        }
        await clearHalt(input)
        continue
      }
      if isLate { return .timedOut }
      isLate = await wait.outcome(until: deadline, by: Reactor.shared) == .timedOut
    }
    throw DeviceError(.cancelled, during: operation)
  }

  /// Has a transfer from the device under way, unless there is one, or no room, or no sense in it.
  private func listen() {
    guard let input = handle.interface.input else { return }
    let packet = handle.interface.inputPacket
    let transfer: USBTransfer? = state.withLock { state in
      guard state.incoming == nil, !state.isClosing, !state.pauses, state.trouble == nil,
        state.received.count < Self.largestBacklog
      else { return nil }
      // A whole number of packets: what does not fit is an error of the controller.
      state.incoming = try? USBTransfer(
        from: input, upTo: (Self.transfer + packet - 1) / packet * packet, of: handle
      ) {
        [weak self] in self?.receive($0)
      }
      return state.incoming
    }
    guard let transfer else { return }
    if let failure = transfer.submit() {
      var ending = USBTransfer.Ending()
      ending.failure = failure
      receive(ending)
    } else if state.withLock({ $0.isClosing }) {
      // Closing may have looked for a transfer just before this one was under way; it looks again.
      state.withLock { $0.closer }?.end(.ready)
    }
  }

  /// A transfer from the device has ended: on libusb's thread.
  private func receive(_ ending: USBTransfer.Ending) {
    let isEmpty = ending.failure == nil && ending.bytes.isEmpty
    let (reader, closer): (Wait?, Wait?) = state.withLock { state in
      state.incoming = nil
      state.received += ending.bytes
      if !ending.bytes.isEmpty { state.refusals = 0 }
      if let failure = ending.failure, !ending.wasCancelled {
        state.trouble = failure
        if failure.isRefusal { state.refusals += 1 }
      }
      state.pauses = isEmpty
      guard !isEmpty else { return (nil, state.closer) }
      return (state.reader.take(), state.closer)
    }
    reader?.end(.ready)
    closer?.end(.ready)
    if isEmpty {
      let clock = Reactor.shared
      _ = clock.setAlarm(at: clock.now + Self.pauseAfterNothing) { [weak self] in
        self?.state.withLock { $0.pauses = false }
        self?.listen()
      }
    } else {
      listen()
    }
  }

  private func clearHalt(_ endpoint: UInt8) async {
    try? await request("resuming \(name)") { handle, operation throws(DeviceError) in
      try handle.clearHalt(endpoint, during: operation)
    }
  }

  // MARK: - Asking a printer

  /// The printer's IEEE 1284 device id: `MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;`, as it was sent, at most
  /// 1022 bytes.
  ///
  /// - Throws: `device.unsupported` for a device that is no printer; what the transfer fails with.
  public func deviceID() async throws(DeviceError) -> String {
    try mustBePrinter("asking \(name) what it is")
    let bytes = try await request("asking \(name) what it is") { handle, operation throws(DeviceError) in
      try handle.deviceID(during: operation)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What the printer says of itself. Many say that all is well whatever happens.
  ///
  /// - Throws: `device.unsupported` for a device that is no printer; what the transfer fails with.
  public func portStatus() async throws(DeviceError) -> PrinterPortStatus {
    try mustBePrinter("asking \(name) how it is")
    return try await request("asking \(name) how it is") { handle, operation throws(DeviceError) in
      try handle.portStatus(during: operation)
    }
  }

  private func mustBePrinter(_ operation: String) throws(DeviceError) {
    guard isPrinter else { throw DeviceError(.unsupported, during: operation, detail: "it is no printer") }
  }

  /// Runs a call that waits for the device, on a thread of its own. Closing waits for it.
  private func request<Value: Sendable>(
    _ operation: String,
    _ body: @escaping @Sendable (USBHandle, String) throws(DeviceError) -> Value
  ) async throws(DeviceError) -> Value {
    let isOpen = state.withLock { state in
      guard !state.isClosing else { return false }
      state.requests += 1
      return true
    }
    guard isOpen else { throw DeviceError(.closed, during: operation) }
    defer { finish { $0.requests -= 1 } }
    let handle = handle
    return try await BlockingCall("pos-usb-call", during: operation) { () throws(DeviceError) in
      try body(handle, operation)
    }.value()
  }

  // MARK: - Closing

  /// Gives the interface back and closes. A write at hand is given up and fails, as a read does, with `link.closed`.
  public func close() async {
    let isFirst = state.withLock { state in
      defer { state.isClosing = true }
      return !state.isClosing
    }
    guard isFirst else { return }
    while true {
      let wait = Wait()
      let (isIdle, reader, transfers) = state.withLock { state in state.prepareToClose(wait) }
      reader?.end(.ready)
      if isIdle { break }
      await cancel(transfers)
      _ = await wait.outcome(
        until: clock.now + .milliseconds(20), by: Reactor.shared, isCancellable: false)
    }
    let handle = handle
    try? await BlockingCall("pos-close", during: "closing \(name)") { handle.close() }.value()
  }

  private func finish(_ change: (inout State) -> Void) {
    state.withLock { state in
      change(&state)
      return state.closer
    }?.end(.ready)
  }
}

extension USBStream.State {
  /// What there is to read, or why there is nothing; else whoever waits is woken by `wait`.
  fileprivate mutating func take(
    upTo limit: Int, or wait: Wait
  ) -> (isClosing: Bool, bytes: [UInt8], trouble: USBFailure?, refusals: Int) {
    if isClosing { return (true, [], nil, 0) }
    let bytes = Array(received.prefix(limit))
    received.removeFirst(bytes.count)
    if bytes.isEmpty, trouble == nil { reader = wait }
    return (false, bytes, bytes.isEmpty ? trouble : nil, refusals)
  }

  /// Whether nobody uses the device any more; else who is to be told, and what to be given up.
  fileprivate mutating func prepareToClose(
    _ wait: Wait
  ) -> (isIdle: Bool, reader: Wait?, transfers: [USBTransfer]) {
    let isIdle = !isWriting && !isReading && requests == 0 && incoming == nil && outgoing == nil
    closer = isIdle ? nil : wait
    return (isIdle, reader.take(), [incoming, outgoing].compactMap { $0 })
  }
}
