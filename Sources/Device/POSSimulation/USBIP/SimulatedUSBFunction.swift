/// What a kind of USB device is, beside the moving of bytes: its interfaces and its class's own requests.
public protocol SimulatedUSBFunction: Sendable {
  /// How it is built; the same as long as it is plugged in.
  var layout: SimulatedUSBLayout { get }

  /// Answers a request that is none of USB's own.
  mutating func control(_ setup: USBSetup, _ data: [UInt8]) -> USBControlAnswer

  /// What data look like on the input endpoint, one transfer each.
  func packets(for data: [UInt8]) -> [[UInt8]]
}

extension SimulatedUSBFunction {
  /// Data go as they are.
  public func packets(for data: [UInt8]) -> [[UInt8]] { [data] }
}

/// How a USB device is built. Each has one endpoint for data in either direction; further ones never have
/// anything to say.
public struct SimulatedUSBLayout: Sendable, Equatable {
  /// How fast it is.
  public var speed: USBSpeed
  /// Class, subclass and protocol of the device; zeros when its interfaces say it.
  public var deviceClass: [UInt8]
  /// Interface descriptors with what belongs to them (USB 2.0 §9.6.5).
  public var interfaces: [UInt8]
  /// The number of the endpoint that sends data to the host, without the direction bit.
  public var input: UInt8
  /// The number of the endpoint that takes data from the host; `nil` where requests carry it.
  public var output: UInt8?
  /// The most bytes of one packet at these endpoints.
  public var packetSize: Int

  /// A layout from its parts.
  public init(
    speed: USBSpeed, deviceClass: [UInt8] = [0, 0, 0], interfaces: [UInt8], input: UInt8, output: UInt8?,
    packetSize: Int
  ) {
    self.speed = speed
    self.deviceClass = deviceClass
    self.interfaces = interfaces
    self.input = input
    self.output = output
    self.packetSize = packetSize
  }
}

/// Descriptors that several kinds of devices have.
enum USBDescriptors {
  /// USB 2.0 §9.6.5.
  static func interface(
    _ number: UInt8, endpoints: UInt8, class kind: UInt8, subclass: UInt8, protocol: UInt8
  ) -> [UInt8] {
    [9, 4, number, 0, endpoints, kind, subclass, `protocol`, 0]
  }

  /// USB 2.0 §9.6.6. The address has the direction in its top bit: 1 to the host.
  static func endpoint(_ address: UInt8, _ kind: EndpointKind, packetSize: Int, interval: UInt8 = 0)
    -> [UInt8]
  {
    [7, 5, address, kind.rawValue, UInt8(packetSize & 0xFF), UInt8(packetSize >> 8), interval]
  }

  /// How an endpoint moves data.
  enum EndpointKind: UInt8 {
    case bulk = 2
    case interrupt = 3
  }

  /// Text in UTF-16 (USB 2.0 §9.6.7), cut to the 126 units that fit.
  static func string(_ text: String) -> [UInt8] {
    let units = text.utf16.prefix(126)
    return [UInt8(2 + 2 * units.count), 3] + units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
  }
}
