/// A serial adapter with FTDI's FT232R: what `ftdi_sio` makes a terminal of. Its requests are the maker's own
/// (drivers/usb/serial/ftdi_sio.h names them).
public struct USBFTDIFunction: SimulatedUSBFunction {
  /// The divisor that the host has set, as sent: value and index.
  public private(set) var divisor: (value: UInt16, index: UInt16) = (0, 0)
  /// Milliseconds that short input is held back.
  public private(set) var latency: UInt8 = 16

  /// An adapter with the latency of a new one.
  public init() {}

  /// Whether what hangs on the line says by its DTR that it takes data.
  public var isDataSetReady = true

  /// Clear to send is on, data set ready perhaps; the transmitter is empty.
  private var status: [UInt8] { [isDataSetReady ? 0x31 : 0x11, 0x60] }

  /// How it is built.
  public var layout: SimulatedUSBLayout {
    SimulatedUSBLayout(
      speed: .full,
      interfaces:
        USBDescriptors.interface(0, endpoints: 2, class: 0xFF, subclass: 0xFF, protocol: 0xFF)
        + USBDescriptors.endpoint(0x81, .bulk, packetSize: 64)
        + USBDescriptors.endpoint(0x02, .bulk, packetSize: 64),
      input: 1, output: 2, packetSize: 64)
  }

  /// Answers the requests of its class.
  public mutating func control(_ setup: USBSetup, _ data: [UInt8]) -> USBControlAnswer {
    switch setup.kind {
    case (0x40, 3): divisor = (setup.value, setup.index)
    case (0x40, 9): latency = UInt8(setup.value & 0xFF)
    case (0x40, 0), (0x40, 1), (0x40, 2), (0x40, 4), (0x40, 6), (0x40, 7): break
    case (0xC0, 5): return .done(status)
    case (0xC0, 10): return .done([latency])
    case (0xC0, 0x90): return .done([0, 0])
    default: return .stall
    }
    return .done()
  }

  /// Each packet of 64 bytes begins with the state of the line.
  public func packets(for data: [UInt8]) -> [[UInt8]] {
    stride(from: 0, to: data.count, by: 62).map { start in
      status + data[start..<min(start + 62, data.count)]
    }
  }
}
