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
    /// Under way to the device, perhaps since an earlier write.
    var outgoing: USBOutgoing?
    var writer: Wait?
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

  /// A stream that nobody closed gives the interface back all the same.
  deinit {
    let (isClosed, transfers) = state.withLock { state in
      (state.isClosing, state.prepareToClose(Wait()).transfers)
    }
    guard !isClosed else { return }
    let handle = handle
    try? startThread("pos-close") {
      for transfer in transfers { transfer.cancel() }
      handle.close()
    }
  }

  /// Opens a node of `/dev/bus/usb` and claims its printer interface, else one of the maker's own with bulk endpoints.
  ///
  /// A program that prints through the kernel's driver loses the printer, for the kernel asks nobody: look first
  /// whether its node is in use, as `DeviceOpener` does.
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
  /// A transfer that ends early is followed by the rest. When the deadline passes, a printer is asked why, and the
  /// error `link.timed_out` says so. The transfer at hand then stays under way, counts as moved, and is what the next
  /// write waits for first: a printer that gets new paper goes on where it stopped. Closing gives it up.
  ///
  /// Of a transfer that failed or was given up all bytes count as moved, although fewer may have reached the device:
  /// whoever asks wants to know whether printing again is safe.
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
    // What an earlier write left under way, its bytes counted by then.
    var earlier = state.withLock { $0.outgoing }
    while earlier != nil || moved < bytes.count {
      let outgoing: USBOutgoing
      if let earlier {
        outgoing = earlier
      } else {
        if Task.isCancelled { throw DeviceError(.cancelled, during: operation, bytesMoved: moved) }
        outgoing = try send(
          bytes[moved..<min(bytes.count, moved + Self.transfer)], bytesMoved: moved, during: operation)
      }
      let doubtful = earlier == nil ? moved + outgoing.bytes.count : moved
      guard let (ending, reason) = await end(of: outgoing, until: progress.deadline) else {
        throw await explainSilence(during: operation, bytesMoved: doubtful)
      }
      state.withLock { $0.outgoing = nil }
      if let failure = ending.failure {
        if ending.wasCancelled {
          throw DeviceError(reason ?? .closed, during: operation, bytesMoved: doubtful)
        }
        if failure.isRefusal { await clearHalt(handle.interface.output) }
        throw failure.deviceError(.transferring, during: operation, bytesMoved: doubtful)
      }
      if ending.moved > 0 { progress.renew(now: clock.now) }
      empty = ending.moved > 0 ? 0 : empty + 1
      guard empty < Self.mostRefusals else {
        throw DeviceError(
          .inputOutput, during: operation, detail: "the device takes transfers, but no bytes",
          bytesMoved: moved)
      }
      if earlier == nil {
        moved += ending.moved
      } else {
        let rest = outgoing.bytes.dropFirst(ending.moved)
        earlier = rest.isEmpty ? nil : try send(rest, bytesMoved: 0, during: operation)
      }
    }
  }

  /// Has a transfer under way.
  private func send(
    _ bytes: ArraySlice<UInt8>, bytesMoved: Int, during operation: String
  ) throws(DeviceError) -> USBOutgoing {
    let outgoing = USBOutgoing(bytes)
    let transfer = try translating(.transferring, during: operation) { () throws(SystemError) in
      try USBTransfer(bytes, to: handle) { outgoing.finish($0) }
    }
    outgoing.begin(transfer)
    let isClosing = state.withLock { state in
      if !state.isClosing { state.outgoing = outgoing }
      return state.isClosing
    }
    if isClosing { throw DeviceError(.closed, during: operation, bytesMoved: bytesMoved) }
    if let failure = transfer.submit() {
      state.withLock { $0.outgoing = nil }
      throw failure.deviceError(.transferring, during: operation, bytesMoved: bytesMoved)
    }
    return outgoing
  }

  /// Waits for the end of a transfer, and says why it was given up, if it was; `nil` when the deadline has passed and
  /// it is still under way.
  private func end(
    of outgoing: USBOutgoing, until deadline: MonotonicInstant?
  ) async -> (USBTransfer.Ending, DeviceError.Code?)? {
    var isLate = false
    var reason: DeviceError.Code?
    while true {
      let wait = Wait()
      let isClosing = state.withLock { state in
        state.writer = wait
        return state.isClosing
      }
      if let ending = outgoing.ending(or: wait) { return (ending, reason) }
      if isLate { return nil }
      if reason == nil, isClosing { reason = .closed }
      if reason != nil {
        // It may not have been handed over yet when it was looked for: until it has ended.
        await cancel(outgoing.transfers)
        _ = await wait.outcome(
          until: clock.now + Self.pauseAfterNothing, by: Reactor.shared, isCancellable: false)
        continue
      }
      switch await wait.outcome(until: deadline, by: Reactor.shared) {
      case .ready: break
      case .timedOut: isLate = true
      case .cancelled: reason = .cancelled
      }
    }
  }

  /// Has transfers end, on a thread of its own, for the kernel waits until the device's controller has let go.
  private func cancel(_ transfers: [USBTransfer]) async {
    try? await BlockingCall("pos-usb-cancel", during: "giving up \(name)") {
      for transfer in transfers { transfer.cancel() }
    }.value()
  }

  /// Asks a printer that took nothing why.
  private func explainSilence(during operation: String, bytesMoved: Int) async -> DeviceError {
    let status = isPrinter ? try? await portStatus() : nil
    return PrinterPortStatus.silence(status, during: operation, bytesMoved: bytesMoved)
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
      let (isIdle, waiting, transfers) = state.withLock { state in state.prepareToClose(wait) }
      for wait in waiting { wait.end(.ready) }
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
  ) -> (isIdle: Bool, waiting: [Wait], transfers: [USBTransfer]) {
    let isUnderWay = incoming != nil || outgoing?.isUnderWay ?? false
    let isIdle = !isWriting && !isReading && requests == 0 && !isUnderWay
    closer = isIdle ? nil : wait
    return (
      isIdle, [reader.take(), writer.take()].compactMap { $0 },
      [incoming].compactMap { $0 } + (outgoing?.transfers ?? [])
    )
  }
}

/// A transfer to the device, which may outlive the write that began it.
private final class USBOutgoing: Sendable {
  private struct State: Sendable {
    var transfer: USBTransfer?
    var ending: USBTransfer.Ending?
    var wait: Wait?
  }

  let bytes: ArraySlice<UInt8>
  private let state = Lock(State())

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  /// What to give up, if anything is under way.
  var transfers: [USBTransfer] { state.withLock { [$0.transfer].compactMap { $0 } } }
  var isUnderWay: Bool { state.withLock { $0.transfer != nil } }

  func begin(_ transfer: USBTransfer) { state.withLock { $0.transfer = transfer } }

  func finish(_ ending: USBTransfer.Ending) {
    state.withLock { state in
      state.transfer = nil
      state.ending = ending
      return state.wait.take()
    }?.end(.ready)
  }

  /// How it ended; else `wait` is ended when it does.
  func ending(or wait: Wait) -> USBTransfer.Ending? {
    state.withLock { state in
      if state.ending == nil { state.wait = wait }
      return state.ending
    }
  }
}
