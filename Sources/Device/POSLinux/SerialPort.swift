import CPOSLinux
import Glibc
public import POSModel
public import POSTransport

/// How a serial line is set.
public struct SerialSettings: Sendable, Hashable {
  /// Data bits, parity and stop bits of one character.
  public enum Frame: String, Sendable, CaseIterable {
    case eightNoneOne = "8N1"
    /// What ZVT asks for (specs/terminals.md §2.1).
    case eightNoneTwo = "8N2"
    case eightEvenOne = "8E1"
    case eightOddOne = "8O1"
    case sevenNoneTwo = "7N2"
    case sevenEvenOne = "7E1"
    case sevenEvenTwo = "7E2"
    case sevenOddOne = "7O1"
    case sevenOddTwo = "7O2"

    /// Data bits, parity (`N`, `E`, `O`) and stop bits.
    var parts: (dataBits: Int32, parity: CChar, stopBits: Int32) {
      let letters = Array(rawValue.utf8)
      return (Int32(letters[0]) - 0x30, CChar(letters[1]), Int32(letters[2]) - 0x30)
    }
  }

  /// How the device says that it takes no more for now. What was written by then waits in the kernel.
  public typealias FlowControl = SerialFlowControl

  /// Bits per second, 50 to 4,000,000; any number the driver takes, not only the usual ones.
  public var baud: Int
  /// The shape of a character.
  public var frame: Frame
  /// How the device holds this side up. Without it this side never holds the device up: the kernel keeps 64 kB of
  /// what comes.
  public var flow: FlowControl

  /// Settings from their parts.
  public init(baud: Int = 9600, frame: Frame = .eightNoneOne, flow: FlowControl = .none) {
    self.baud = baud
    self.frame = frame
    self.flow = flow
  }
}

/// An open serial port: UART, USB adapter, USB modem class or pseudo-terminal.
///
///     let terminal = try await SerialPort.open("/dev/ttyACM0", .init(baud: 9600, frame: .eightNoneTwo))
public final class SerialPort: ByteTransport {
  /// Signals beside the data; those of a pseudo-terminal do not exist.
  public struct ModemLines: Sendable, Hashable {
    /// This side is there.
    public var dataTerminalReady: Bool
    /// This side takes data.
    public var requestToSend: Bool
    /// The device takes data.
    public var clearToSend: Bool
    /// The device is there.
    public var dataSetReady: Bool
    /// The device has a connection.
    public var carrierDetect: Bool
  }

  private let transport: DescriptorTransport
  private let baud: Int
  private let asksBeforeWriting: Bool
  private let isWriting = Lock(false)

  private init(_ transport: DescriptorTransport, _ settings: SerialSettings) {
    self.transport = transport
    baud = settings.baud
    asksBeforeWriting = settings.flow == .dataTerminalReady
  }

  /// Opens a port for this program alone, sets the line, raises DTR and RTS and drops what was waiting.
  ///
  /// - Throws: `device.not_found`, `device.permission_denied`, `device.busy` when another program has it,
  ///   `device.bad_address` when it is not a serial port, `device.unsupported` for a speed it does not take, and for
  ///   flow control by lines that it does not have, `input.configuration` for a speed out of range.
  public static func open(
    _ path: String, _ settings: SerialSettings = SerialSettings()
  ) async throws(DeviceError) -> SerialPort {
    let name = DeviceAddress(route: .serial(path: path, baud: settings.baud, flow: settings.flow)).description
    let operation = "opening \(name)"
    guard (50...4_000_000).contains(settings.baud) else {
      throw DeviceError(.badConfiguration, during: operation, detail: "expected 50 to 4000000 baud")
    }
    // Opening and setting an adapter talks to it over USB, which may take long.
    let number = try await BlockingCall("pos-open", during: operation) { () throws(DeviceError) in
      try openAndSet(path, settings, during: operation).release()
    }.value()
    // Time for a full kernel buffer at this speed, eleven bits a byte, and some more.
    let drainAtMost = Duration.seconds(2) + .seconds(4096 * 11) / settings.baud
    return SerialPort(
      try DescriptorTransport(OwnedDescriptor(owning: number), name: name, .serial(drainAtMost: drainAtMost)),
      settings)
  }

  private static func openAndSet(
    _ path: String, _ settings: SerialSettings, during operation: String
  ) throws(DeviceError) -> OwnedDescriptor {
    let descriptor = try translating(.opening, during: operation) { () throws(SystemError) in
      let descriptor = try OwnedDescriptor(opening: path, O_RDWR | O_NOCTTY | O_NONBLOCK)
      _ = try SystemError.check(pos_lock_exclusively(descriptor.number))
      return descriptor
    }
    let (dataBits, parity, stopBits) = settings.frame.parts
    let flow =
      switch settings.flow {
      case .none, .dataTerminalReady: pos_flow_none
      case .requestToSend: pos_flow_lines
      case .characters: pos_flow_characters
      }
    let status = pos_serial_configure(
      descriptor.number, UInt32(settings.baud), dataBits, parity, stopBits, Int32(flow.rawValue))
    switch status {
    case 0...: break
    case -ENOTTY:
      throw DeviceError(.badAddress, during: operation, detail: "it is not a serial port", errno: ENOTTY)
    case -EINVAL:
      throw DeviceError(
        .unsupported, during: operation, detail: "the port does not take \(settings.baud) baud",
        hint: "choose a usual speed: 9600, 19200, 38400, 115200", errno: EINVAL)
    default: throw SystemError(-status).deviceError(.opening, during: operation)
    }
    let claimed = pos_serial_claim(descriptor.number)
    guard claimed >= 0 else { throw SystemError(-claimed).deviceError(.opening, during: operation) }
    // What follows is not everywhere: pseudo-terminals have no modem lines (specs/testlab.md §C).
    _ = pos_serial_low_latency(descriptor.number)
    _ = pos_modem_set(descriptor.number, 1, 1)
    _ = pos_serial_flush(descriptor.number)
    var lines = pos_modem_lines()
    if settings.flow == .dataTerminalReady, pos_modem_get(descriptor.number, &lines) < 0 {
      throw DeviceError(
        .unsupported, during: operation, detail: "the port has no DSR that the device could switch",
        hint: "set the device and the address to xon-xoff")
    }
    return descriptor
  }

  /// The machine's clock.
  public var clock: any TransportClock { transport.clock }

  /// Waits for bytes; see ``ByteTransport``. A port that hangs up fails with `device.gone`.
  public func read(upTo limit: Int, until deadline: MonotonicInstant?) async throws(DeviceError) -> ReadResult
  {
    try await transport.read(upTo: limit, until: deadline)
  }

  /// Writes all of `bytes` into the kernel's buffer; see ``ByteTransport``.
  ///
  /// With flow control by DTR and DSR they leave in pieces, each while DSR is on and once the one before has left: a
  /// device that switches DSR off gets at most ``largestPiece`` bytes more. That suits printers that do so with 128 bytes
  /// to spare; one with a buffer of 45 bytes may lose some. The line is looked at every 5 ms, for not every driver can
  /// wait for it (TIOCMIWAIT), and none until a deadline. A piece that failed counts as moved.
  public func write(_ bytes: [UInt8], until deadline: MonotonicInstant?) async throws(DeviceError) {
    guard asksBeforeWriting else { return try await transport.write(bytes, until: deadline) }
    let operation = "writing to \(transport.name)"
    let isAlone = isWriting.withLock { isWriting in
      defer { isWriting = true }
      return !isWriting
    }
    guard isAlone else { throw DeviceError(.busy, during: operation) }
    defer { isWriting.withLock { $0 = false } }
    var progress = ProgressDeadline(deadline, now: clock.now)
    var moved = 0
    while moved < bytes.count {
      if Task.isCancelled { throw DeviceError(.cancelled, during: operation, bytesMoved: moved) }
      let piece = Array(bytes[moved..<min(bytes.count, moved + Self.largestPiece)])
      let step = try await send(piece, after: moved)
      var pause = Self.look
      switch step {
      case .sent(let count):
        moved += count
        progress.renew(now: clock.now)
        // Start and stop bits make it eleven bits a byte at most.
        pause = .seconds(count * 11) / baud
      case .notLeft, .notReady:
        guard let limit = progress.deadline, clock.now >= limit else { break }
        throw DeviceError(
          .timedOut, during: operation,
          detail: step == .notLeft
            ? "what was written before does not leave the port"
            : "the device keeps DSR off: it is off itself, or takes no data now", bytesMoved: moved)
      }
      // Cancelling ends it, and is seen above.
      if moved < bytes.count { try? await Reactor.shared.sleep(until: clock.now + pause) }
    }
  }

  /// The most that leaves after a device has switched DSR off, in bytes.
  public static let largestPiece = 64
  private static let look = Duration.milliseconds(5)

  /// What became of a piece.
  private enum Step: Equatable, Sendable {
    case sent(Int)
    /// DSR is off.
    case notReady
    /// The kernel still has some of the piece before.
    case notLeft
  }

  /// Sends a piece, or the beginning of it, if it may go. On a thread of its own: an adapter is asked over USB.
  private func send(_ piece: [UInt8], after moved: Int) async throws(DeviceError) -> Step {
    let step = Lock(Step.notReady)
    do {
      _ = try await transport.block(during: "writing to") { number in
        let waiting = pos_serial_unsent(number)
        guard waiting == 0 else {
          step.withLock { $0 = .notLeft }
          return Int(waiting)
        }
        var lines = pos_modem_lines()
        let status = pos_modem_get(number, &lines)
        guard status >= 0, lines.dsr != 0 else { return Int(status) }
        let count = pos_write(number, piece, piece.count, Int32(pos_file_other.rawValue))
        if count > 0 { step.withLock { $0 = .sent(count) } }
        return count == -Int(EAGAIN) ? 0 : count
      }
    } catch {
      var error = error
      error.bytesMoved = error.code == .closed ? moved : moved + piece.count
      throw error
    }
    return step.withLock { $0 }
  }

  /// Waits until what is buffered has left, for as long as a full buffer takes, and closes. What has not left by then is
  /// lost.
  public func close() async { await transport.close() }

  /// The modem lines, or `nil` where there are none. On a thread of its own: an adapter is asked over USB.
  ///
  /// - Throws: `device.busy` while something is being written, `link.closed`, `link.cancelled`.
  public func modemLines() async throws(DeviceError) -> ModemLines? {
    let found = Lock<ModemLines?>(nil)
    _ = try await transport.block(during: "looking at the modem lines of") { number in
      var lines = pos_modem_lines()
      guard pos_modem_get(number, &lines) >= 0 else { return 0 }
      let seen = ModemLines(
        dataTerminalReady: lines.dtr != 0, requestToSend: lines.rts != 0, clearToSend: lines.cts != 0,
        dataSetReady: lines.dsr != 0, carrierDetect: lines.dcd != 0)
      found.withLock { $0 = seen }
      return 0
    }
    return found.withLock { $0 }
  }

  /// Switches DTR and RTS; `nil` leaves a line as it is. Returns `false` where there are none.
  ///
  /// - Throws: as ``modemLines()``.
  @discardableResult
  public func setModemLines(
    dataTerminalReady: Bool? = nil, requestToSend: Bool? = nil
  ) async throws(DeviceError) -> Bool {
    func number(_ wanted: Bool?) -> Int32 { wanted.map { $0 ? 1 : 0 } ?? -1 }
    let (terminalReady, request) = (number(dataTerminalReady), number(requestToSend))
    return try await transport.block(during: "switching the modem lines of") { number in
      pos_modem_set(number, terminalReady, request) >= 0 ? 1 : 0
    } > 0
  }
}
