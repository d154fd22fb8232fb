/// A serial line by the communications class's abstract control model (CDC PSTN 1.2): what `cdc_acm` makes a
/// terminal of.
public struct USBSerialFunction: SimulatedUSBFunction {
  /// How the host has set the line: 4 bytes of speed, stop bits, parity, data bits (CDC PSTN §6.3.11).
  public private(set) var lineCoding: [UInt8] = [0x80, 0x25, 0, 0, 0, 0, 8]
  /// Whether the host says that it is there.
  public private(set) var isDataTerminalReady = false

  /// A line of 9600 baud until the host sets it.
  public init() {}

  /// Bits per second.
  public var baud: Int { lineCoding.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) } }

  /// How it is built.
  public var layout: SimulatedUSBLayout {
    SimulatedUSBLayout(
      speed: .high, deviceClass: [2, 0, 0],
      interfaces:
        USBDescriptors.interface(0, endpoints: 1, class: 2, subclass: 2, protocol: 1)
        // Header, call management, abstract control, union of both interfaces (CDC 1.2 §5.2.3).
        + [5, 0x24, 0x00, 0x20, 0x01] + [5, 0x24, 0x01, 0x00, 1] + [4, 0x24, 0x02, 0x06]
        + [5, 0x24, 0x06, 0, 1]
        + USBDescriptors.endpoint(0x83, .interrupt, packetSize: 16, interval: 9)
        + USBDescriptors.interface(1, endpoints: 2, class: 10, subclass: 0, protocol: 0)
        + USBDescriptors.endpoint(0x01, .bulk, packetSize: 512)
        + USBDescriptors.endpoint(0x82, .bulk, packetSize: 512),
      input: 2, output: 1, packetSize: 512)
  }

  /// Answers the requests of its class.
  public mutating func control(_ setup: USBSetup, _ data: [UInt8]) -> USBControlAnswer {
    switch setup.kind {
    case (0x21, 0x20):
      guard data.count == 7 else { return .stall }
      lineCoding = data
      return .done()
    case (0xA1, 0x21): return .done(lineCoding)
    case (0x21, 0x22):
      isDataTerminalReady = setup.value & 1 != 0
      return .done()
    case (0x21, 0x23): return .done()
    default: return .stall
    }
  }
}
