/// A device of the HID class, version 1.11: a scanner in HID POS mode or one that types.
public struct USBHIDFunction: SimulatedUSBFunction {
  /// What it types: what its interface says to a host that cannot read descriptors yet.
  public enum Boot: UInt8, Sendable {
    /// Nothing.
    case none = 0
    /// A keyboard.
    case keyboard = 1
  }

  /// Its report descriptor.
  public var reportDescriptor: [UInt8]
  /// Whether it understands the boot protocol.
  public var boot: Boot
  /// Whether output reports come to an endpoint of their own, not by `SET_REPORT` requests.
  public var hasOutputEndpoint: Bool
  private var idleRate: UInt8 = 0
  private var `protocol`: UInt8 = 1

  /// A device with this report descriptor.
  public init(reportDescriptor: [UInt8], boot: Boot = .none, hasOutputEndpoint: Bool = true) {
    self.reportDescriptor = reportDescriptor
    self.boot = boot
    self.hasOutputEndpoint = hasOutputEndpoint
  }

  /// How it is built.
  public var layout: SimulatedUSBLayout {
    SimulatedUSBLayout(
      speed: .full,
      interfaces:
        USBDescriptors.interface(
          0, endpoints: hasOutputEndpoint ? 2 : 1, class: 3, subclass: boot == .none ? 0 : 1,
          protocol: boot.rawValue) + hidDescriptor
        + USBDescriptors.endpoint(0x81, .interrupt, packetSize: 64, interval: 1)
        + (hasOutputEndpoint ? USBDescriptors.endpoint(0x02, .interrupt, packetSize: 64, interval: 1) : []),
      input: 1, output: hasOutputEndpoint ? 2 : nil, packetSize: 64)
  }

  /// HID 1.11 §6.2.1.
  private var hidDescriptor: [UInt8] {
    [
      9, 0x21, 0x11, 0x01, 0, 1, 0x22, UInt8(reportDescriptor.count & 0xFF),
      UInt8(reportDescriptor.count >> 8 & 0xFF),
    ]
  }

  /// Answers the requests of its class.
  public mutating func control(_ setup: USBSetup, _ data: [UInt8]) -> USBControlAnswer {
    switch setup.kind {
    case (0x81, 6):
      switch setup.value >> 8 {
      case 0x22: return .done(reportDescriptor)
      case 0x21: return .done(hidDescriptor)
      default: return .stall
      }
    case (0x21, 10):
      idleRate = UInt8(setup.value >> 8)
      return .done()
    case (0xA1, 2): return .done([idleRate])
    case (0x21, 11):
      `protocol` = UInt8(setup.value & 0xFF)
      return .done()
    case (0xA1, 3): return .done([`protocol`])
    // SET_REPORT of an output report; the data begin with the id where reports have one.
    case (0x21, 9): return setup.value >> 8 == 2 ? .report(data) : .stall
    default: return .stall
    }
  }
}
