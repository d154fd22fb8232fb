import CPOSLinux
import Glibc
public import POSModel
public import POSTransport

/// A printer through the kernel's usblp driver, `/dev/usb/lp0`.
///
/// Without blocking that driver never tells what became of a write: a printer that refuses, a bad cable and a
/// transfer that ended early all look like success (drivers/usb/class/usblp.c, `usblp_write`). So writes block,
/// on a thread of their own, and are interrupted when their time is up; reads have a thread as well, for waiting
/// must not stop while the driver talks to a printer that does not answer.
///
/// - A printer that has refused a transfer refuses everything until it is switched off: the driver never clears
///   that.
/// - It reads nothing when the printer sends an empty packet: that is not the end of the stream.
/// - A printer without a way back fails each read with `device.unsupported`.
public final class PrinterNode: ByteTransport {
  /// The most that is asked of the driver at once, in bytes: one transfer. Nobody can say how much of one that
  /// failed the printer has got.
  static let transfer = 4096
  /// Milliseconds after which the driver knows that the printer was pulled out, when it answers nothing any more.
  static let newsOfUnplugging: Int32 = 5_000
  /// Answers that wait to be read, in bytes; then the printer has to wait.
  static let largestBacklog = 65_536

  fileprivate struct State: ~Copyable, Sendable {
    var node: OwnedDescriptor?
    var isClosing = false
    var isWriting = false
    var isReading = false
    /// What is being written, perhaps since an earlier call.
    var writing: PrinterWrite?
    /// Calls that ask the printer something.
    var requests = 0
    var received: [UInt8] = []
    var failure: DeviceError?
    /// Whoever waits for answers, and whoever waits for reading and writing to end.
    var reader: Wait?
    var closer: Wait?
    var readerThreadHasEnded = false
  }

  private let name: String
  private let number: Int32
  private let wake: OwnedDescriptor
  private let state: Lock<State>

  private init(_ node: consuming OwnedDescriptor, wake: consuming OwnedDescriptor, name: String) {
    number = node.number
    self.wake = wake
    self.name = name
    state = Lock(State(node: node))
  }

  /// Opens a node for this program alone, as the driver sees to.
  ///
  /// - Throws: `device.not_found`, `device.permission_denied`, `device.busy`, `device.unsupported` for a plain file.
  public static func open(_ path: String) async throws(DeviceError) -> PrinterNode {
    let name = DeviceAddress(route: .usblp(path: path)).description
    let operation = "opening \(name)"
    let (number, wake, failure) = try await BlockingCall("pos-open", during: operation) {
      () throws(DeviceError) in
      try translating(.opening, during: operation) { () throws(SystemError) in
        let node = try OwnedDescriptor(opening: path, O_RDWR | O_NONBLOCK | O_NOCTTY)
        guard pos_file_kind_of(node.number) != Int32(pos_file_regular.rawValue) else {
          throw SystemError(EINVAL)
        }
        _ = try SystemError.check(pos_prepare_interrupts())
        let wake = try OwnedDescriptor(returned: pos_eventfd_create())
        // A read of nothing says whether there is a way back.
        var nothing: UInt8 = 0
        let status = pos_read(node.number, &nothing, 0)
        _ = try SystemError.check(pos_set_blocking(node.number))
        return (node.release(), wake.release(), status == -Int(EINVAL) ? SystemError(EINVAL) : nil)
      }
    }.value()
    let printer = PrinterNode(
      OwnedDescriptor(owning: number), wake: OwnedDescriptor(owning: wake), name: name)
    if let failure {
      printer.readingFailed(failure)
    } else {
      try translating(.opening, during: operation) { () throws(SystemError) in
        try startThread("pos-lp-read") { printer.receive() }
      }
    }
    return printer
  }

  /// Whether a process, this one included, has a node open: the driver lets in one at a time. `false` also where that
  /// cannot be found out.
  ///
  /// libusb asks nobody: it takes a printer from the driver in the middle of a receipt.
  package static func isInUse(_ path: String) async throws(DeviceError) -> Bool {
    try await BlockingCall("pos-open", during: "looking who has \(path)") { () throws(DeviceError) -> Bool in
      do throws(SystemError) {
        _ = try OwnedDescriptor(opening: path, O_RDWR | O_NONBLOCK | O_NOCTTY)
        return false
      } catch {
        return error.number == EBUSY
      }
    }.value()
  }

  /// The machine's clock.
  public var clock: any TransportClock { Reactor.shared }

  // MARK: - Writing

  /// Writes all of `bytes` and waits until the printer has taken them; see ``ByteTransport``.
  ///
  /// When the deadline passes, the printer is asked why, and the error `link.timed_out` says so. The transfer at hand
  /// then stays under way, counts as moved, and is what the next write waits for first: a printer that gets new paper
  /// goes on where it stopped. Closing gives it up.
  ///
  /// Of a transfer that failed or was given up all bytes count as moved, although fewer may have reached the
  /// printer: whoever asks wants to know whether printing again is safe.
  public func write(_ bytes: [UInt8], until deadline: MonotonicInstant?) async throws(DeviceError) {
    let operation = "writing to \(name)"
    if let code = state.withLock({ $0.beginWriting() }) { throw DeviceError(code, during: operation) }
    defer { finish { $0.isWriting = false } }
    if let earlier = state.withLock({ $0.writing }) {
      try await follow(earlier, isEarlier: true, until: deadline, during: operation)
    }
    let job = PrinterWrite(bytes, to: number)
    state.withLock { $0.writing = job }
    do throws(DeviceError) {
      try translating(.transferring, during: operation) { () throws(SystemError) in
        try startThread("pos-lp-write") { job.run() }
      }
    } catch {
      state.withLock { $0.writing = nil }
      throw error
    }
    try await follow(job, isEarlier: false, until: deadline, during: operation)
  }

  /// Waits for the end of a write, whose bytes were counted already if it is an earlier one.
  private func follow(
    _ job: PrinterWrite, isEarlier: Bool, until deadline: MonotonicInstant?, during operation: String
  ) async throws(DeviceError) {
    var progress = ProgressDeadline(deadline, now: clock.now)
    var seen = job.moved
    var reason: DeviceError.Code?
    while true {
      let (wait, moved, result) = job.look()
      // Closing stops the write by itself: it may have ended by the time that is seen here.
      if reason == nil, state.withLock({ $0.isClosing }) { reason = .closed }
      if let result {
        state.withLock { $0.writing = nil }
        try conclude(
          result, moved: isEarlier ? 0 : moved, of: isEarlier ? 0 : job.count, reason, during: operation)
        return
      }
      if moved > seen { progress.renew(now: clock.now) }
      seen = moved
      guard reason == nil else {
        // The signal may come a moment before the thread is in the driver: until it has worked.
        job.interrupt()
        _ = await wait.outcome(until: clock.now + .milliseconds(20), by: Reactor.shared, isCancellable: false)
        continue
      }
      switch await wait.outcome(until: progress.deadline, by: Reactor.shared) {
      case .ready: break
      case .timedOut:
        guard job.moved == seen else { break }
        let count = job.hold()
        let status = try? await portStatus()
        throw PrinterPortStatus.silence(status, during: operation, bytesMoved: isEarlier ? 0 : count)
      case .cancelled: reason = .cancelled
      }
    }
  }

  private func conclude(
    _ result: PrinterWrite.Result, moved: Int, of count: Int, _ reason: DeviceError.Code?,
    during operation: String
  ) throws(DeviceError) {
    let doubtful = min(count, moved + Self.transfer)
    switch result {
    case .done: return
    case .stopped(let isUnderWay):
      throw DeviceError(
        reason ?? .cancelled, during: operation, bytesMoved: isUnderWay ? doubtful : moved)
    case .failed(let error, let hasGone):
      throw failure(hasGone ? SystemError(ENODEV) : error, moved: doubtful, during: operation)
    }
  }

  private func failure(
    _ error: SystemError, moved: Int, during operation: String
  ) -> DeviceError {
    guard error.number == EIO else {
      return error.deviceError(.transferring, during: operation, bytesMoved: moved)
    }
    return DeviceError(
      .inputOutput, during: operation, detail: "the printer refused the transfer, or the cable is bad",
      hint: "switch the printer off and on, then open it again", bytesMoved: moved, errno: EIO)
  }

  // MARK: - Asking

  /// The printer's IEEE 1284 device id, as the driver has it: `MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;`.
  ///
  /// - Throws: `device.unsupported` for a node that is none of usblp's, `link.closed`.
  public func deviceID() async throws(DeviceError) -> String {
    let bytes = try await request("asking \(name) what it is") { number in
      var bytes = [UInt8](repeating: 0, count: 1024)
      let count = pos_printer_id(number, &bytes, bytes.count)
      // Two bytes of length come first (USB Printer Class 1.1 §4.2.1).
      return count < 0
        ? .failure(SystemError(-count)) : .success(Array(bytes.prefix(Int(count)).dropFirst(2)))
    }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// What the printer says of itself. Many say that all is well whatever happens.
  ///
  /// - Throws: `device.unsupported` for a node that is none of usblp's, `link.closed`.
  public func portStatus() async throws(DeviceError) -> PrinterPortStatus {
    try await request("asking \(name) how it is") { number in
      let status = pos_printer_status(number)
      return status < 0
        ? .failure(SystemError(-status))
        : .success(PrinterPortStatus(rawValue: UInt8(truncatingIfNeeded: status)))
    }
  }

  /// Runs a call that waits for the printer, five seconds at most, on a thread of its own. Closing waits for it.
  private func request<Value: Sendable>(
    _ operation: String, _ body: @escaping @Sendable (Int32) -> Result<Value, SystemError>
  ) async throws(DeviceError) -> Value {
    let isOpen = state.withLock { state in
      guard !state.isClosing else { return false }
      state.requests += 1
      return true
    }
    guard isOpen else { throw DeviceError(.closed, during: operation) }
    defer { finish { $0.requests -= 1 } }
    let number = number
    return try await BlockingCall("pos-lp-ask", during: operation) { () throws(DeviceError) in
      try translating(.transferring, during: operation) { () throws(SystemError) in try body(number).get() }
    }.value()
  }

  // MARK: - Reading

  /// Waits for bytes; see ``ByteTransport``. A second reader at the same time fails with `device.busy`.
  public func read(upTo limit: Int, until deadline: MonotonicInstant?) async throws(DeviceError) -> ReadResult
  {
    let operation = "reading from \(name)"
    guard state.withLock({ $0.beginReading() }) else { throw DeviceError(.busy, during: operation) }
    defer { finish { $0.isReading = false } }
    var isLate = false
    while !Task.isCancelled {
      let (bytes, failure, wait) = state.withLock { $0.take(upTo: max(1, limit)) }
      if !bytes.isEmpty {
        pos_eventfd_signal(wake.number)
        return .bytes(bytes)
      }
      if let failure { throw failure }
      guard let wait else { throw DeviceError(.closed, during: operation) }
      if isLate { return .timedOut }
      isLate = await wait.outcome(until: deadline, by: Reactor.shared) == .timedOut
    }
    throw DeviceError(.cancelled, during: operation)
  }

  /// The reading thread.
  private func receive() {
    var buffer = [UInt8](repeating: 0, count: 1024)
    var error: SystemError?
    while error == nil {
      let (isClosing, isFull) = state.withLock { ($0.isClosing, $0.received.count >= Self.largestBacklog) }
      if isClosing { break }
      let seen = pos_wait_input(isFull ? -1 : number, wake.number, -1)
      if seen < 0 { error = SystemError(-seen) }
      if seen & Int32(pos_input_wake.rawValue) != 0 { pos_eventfd_clear(wake.number) }
      if seen & Int32(pos_input_ready.rawValue) != 0 {
        let count = pos_read(number, &buffer, buffer.count)
        if count > 0 {
          let bytes = buffer.prefix(count)
          state.withLock { state in
            state.received += bytes
            return state.reader.take()
          }?.end(.ready)
        } else if count < 0, count != -Int(EAGAIN) {
          error = SystemError(Self.hasGone(number) ? ENODEV : Int32(-count))
        } else if count == 0 {
          // Nothing, and perhaps nothing again at once.
          _ = pos_wait_input(-1, wake.number, 10)
        }
      } else if seen > 0, seen & Int32(pos_input_gone.rawValue) != 0 {
        error = SystemError(ENODEV)
      }
    }
    if let error { readingFailed(error) }
    state.withLock { state in
      state.readerThreadHasEnded = true
      return state.closer
    }?.end(.ready)
  }

  /// Whether a transfer has failed because the printer was pulled out, which the driver learns a while after transfers
  /// begin to fail. A printer that is there says how it is, so only the others are waited for. Blocks.
  fileprivate static func hasGone(_ number: Int32) -> Bool {
    pos_printer_status(number) < 0 && pos_wait_gone(number, newsOfUnplugging) > 0
  }

  private func readingFailed(_ error: SystemError) {
    let failure = failure(error, moved: 0, during: "reading from \(name)")
    state.withLock { state in
      state.failure = failure
      if error.number == EINVAL { state.readerThreadHasEnded = true }
      return state.reader.take()
    }?.end(.ready)
  }

  // MARK: - Closing

  /// Closes. A write at hand is given up and fails, as a read does, with `link.closed`.
  public func close() async {
    let isFirst = state.withLock { state in
      defer { state.isClosing = true }
      return !state.isClosing
    }
    guard isFirst else { return }
    pos_eventfd_signal(wake.number)
    state.withLock { $0.reader.take() }?.end(.ready)
    while let (wait, job) = state.withLock({ $0.waitForEnd() }) {
      // What an earlier write left under way has nobody else to end it.
      job?.interrupt()
      job?.nudge()
      _ = await wait.outcome(
        until: job.map { _ in clock.now + .milliseconds(20) }, by: Reactor.shared, isCancellable: false)
    }
    guard let node = state.withLock({ $0.node.take() }) else { return }
    let number = node.release()
    try? await BlockingCall("pos-close", during: "closing \(name)") { _ = Glibc.close(number) }.value()
  }

  private func finish(_ change: (inout State) -> Void) {
    state.withLock { state in
      change(&state)
      return state.closer
    }?.end(.ready)
  }
}

extension PrinterNode.State {
  /// Takes the place of the only writer, or says why not.
  fileprivate mutating func beginWriting() -> DeviceError.Code? {
    if isClosing { return .closed }
    if isWriting { return .busy }
    isWriting = true
    return nil
  }

  /// Takes the place of the only reader; `false` when it is taken.
  fileprivate mutating func beginReading() -> Bool {
    defer { isReading = true }
    return !isReading
  }

  /// What there is to read, or why there is nothing, or a wait for more; nothing of all when it is closed.
  fileprivate mutating func take(upTo limit: Int) -> ([UInt8], DeviceError?, Wait?) {
    if isClosing { return ([], nil, nil) }
    let bytes = Array(received.prefix(limit))
    received.removeFirst(bytes.count)
    if !bytes.isEmpty || failure != nil { return (bytes, failure, nil) }
    let wait = Wait()
    reader = wait
    return ([], nil, wait)
  }

  /// A wait for whoever still uses the node, and what is to be given up; `nil` when nobody does.
  fileprivate mutating func waitForEnd() -> (Wait, PrinterWrite?)? {
    let job = writing.flatMap { $0.hasEnded ? nil : $0 }
    guard isWriting || isReading || requests > 0 || job != nil || !readerThreadHasEnded else { return nil }
    let wait = Wait()
    closer = wait
    return (wait, job)
  }
}

/// One write to a printer node, on a thread of its own.
private final class PrinterWrite: Sendable {
  /// How it ended.
  enum Result: Sendable {
    case done
    /// It was interrupted; a transfer may still be under way.
    case stopped(isUnderWay: Bool)
    case failed(SystemError, hasGone: Bool)
  }

  private struct State: Sendable {
    var moved = 0
    /// Bytes that the driver has at the moment.
    var underWay = 0
    /// Where it ends.
    var end: Int
    var thread: Int32?
    var isStopped = false
    var result: Result?
    var wait = Wait()
  }

  private let bytes: [UInt8]
  private let number: Int32
  private let state: Lock<State>

  init(_ bytes: [UInt8], to number: Int32) {
    self.bytes = bytes
    self.number = number
    state = Lock(State(end: bytes.count))
  }

  var count: Int { bytes.count }
  var hasEnded: Bool { state.withLock { $0.result != nil } }

  /// Has it end with the transfer at hand, and returns how many bytes there are up to its end.
  func hold() -> Int {
    state.withLock { state in
      state.end = state.moved + state.underWay
      return state.end
    }
  }

  /// Bytes for the driver next, `nil` when it is to stop.
  private func next() -> Int? {
    state.withLock { state in
      guard !state.isStopped else { return nil }
      state.underWay = min(PrinterNode.transfer, state.end - state.moved)
      return state.underWay
    }
  }

  /// The thread.
  func run() {
    state.withLock { $0.thread = pos_thread_id() }
    var moved = 0
    var result: Result?
    while result == nil {
      let wanted = next()
      if wanted == 0 {
        result = .done
      } else if let wanted {
        let count = bytes.withUnsafeBytes { buffer in
          buffer.baseAddress.map { pos_write_interruptibly(number, $0 + moved, wanted) } ?? 0
        }
        let isStopped = state.withLock { $0.isStopped }
        switch count {
        case 0...:
          moved += count
          // The driver was sending the rest when it was interrupted.
          if isStopped, count < wanted { result = .stopped(isUnderWay: true) }
        case -Int(EINTR) where isStopped: result = .stopped(isUnderWay: true)
        default:
          // A signal of somebody else's is among them: writing again might print twice.
          let error = SystemError(Int32(-count))
          result = .failed(error, hasGone: error.number == EIO && PrinterNode.hasGone(number))
        }
      } else {
        result = .stopped(isUnderWay: false)
      }
      report(moved, result)
    }
  }

  private func report(_ moved: Int, _ result: Result?) {
    state.withLock { state in
      state.moved = moved
      state.underWay = 0
      state.result = result
      if result != nil { state.thread = nil }
      return state.wait
    }.end(.ready)
  }

  /// How many bytes the printer has taken.
  var moved: Int { state.withLock { $0.moved } }

  /// How far it is, and a wait for news.
  func look() -> (wait: Wait, moved: Int, result: Result?) {
    state.withLock { state in
      let wait = Wait()
      state.wait = wait
      return (wait, state.moved, state.result)
    }
  }

  /// Has whoever waits for news look again.
  func nudge() { state.withLock { $0.wait }.end(.ready) }

  /// Has it stop, and wakes it if it is in the driver.
  func interrupt() {
    state.withLock { state in
      state.isStopped = true
      if let thread = state.thread { _ = pos_interrupt_thread(thread) }
    }
  }
}
