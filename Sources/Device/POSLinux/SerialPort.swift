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

  /// How either side says that it takes no more for now. What this side has written by then waits in the kernel.
  ///
  /// DTR and DSR are read and switched by ``SerialPort/modemLines``; Linux has no flow control by them.
  public enum FlowControl: String, Sendable, CaseIterable {
    /// Not at all: each side keeps up.
    case none
    /// By RTS and CTS.
    case requestToSend = "rts-cts"
    /// By the characters 11 and 13 hex, which data must not have then.
    case characters = "xon-xoff"
  }

  /// Bits per second, 50 to 4,000,000; any number the driver takes, not only the usual ones.
  public var baud: Int
  /// The shape of a character.
  public var frame: Frame
  /// How the sides hold each other up.
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

  private init(_ transport: DescriptorTransport) { self.transport = transport }

  /// Opens a port for this program alone, sets the line, raises DTR and RTS and drops what was waiting.
  ///
  /// - Throws: `device.not_found`, `device.permission_denied`, `device.busy` when another program has it,
  ///   `device.bad_address` when it is not a serial port, `device.unsupported` for a speed it does not take,
  ///   `input.configuration` for a speed out of range.
  public static func open(
    _ path: String, _ settings: SerialSettings = SerialSettings()
  ) async throws(DeviceError) -> SerialPort {
    let name = DeviceAddress(route: .serial(path: path, baud: settings.baud)).description
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
      try DescriptorTransport(OwnedDescriptor(owning: number), name: name, .serial(drainAtMost: drainAtMost)))
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
      case .none: pos_flow_none
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
  public func write(_ bytes: [UInt8], until deadline: MonotonicInstant?) async throws(DeviceError) {
    try await transport.write(bytes, until: deadline)
  }

  /// Waits until what is buffered has left, then closes.
  public func close() async { await transport.close() }

  /// The modem lines, or `nil` where there are none.
  public var modemLines: ModemLines? {
    var lines = pos_modem_lines()
    guard pos_modem_get(transport.number, &lines) >= 0 else { return nil }
    return ModemLines(
      dataTerminalReady: lines.dtr != 0, requestToSend: lines.rts != 0, clearToSend: lines.cts != 0,
      dataSetReady: lines.dsr != 0, carrierDetect: lines.dcd != 0)
  }

  /// Switches DTR and RTS; `nil` leaves a line as it is. Returns `false` where there are none.
  @discardableResult
  public func setModemLines(dataTerminalReady: Bool? = nil, requestToSend: Bool? = nil) -> Bool {
    func number(_ wanted: Bool?) -> Int32 { wanted.map { $0 ? 1 : 0 } ?? -1 }
    return pos_modem_set(transport.number, number(dataTerminalReady), number(requestToSend)) >= 0
  }
}
