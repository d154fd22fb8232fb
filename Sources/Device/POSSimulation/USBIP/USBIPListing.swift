public import POSWire

/// What a USB/IP server says before a device is attached: which there are, and that one may be had (the kernel's
/// Documentation/usb/usbip_protocol.rst, version 1.1.1). Without I/O; one for each connection.
public struct USBIPListing: Sendable {
  /// What to do after a request.
  public enum Action: Sendable, Equatable {
    /// Wait for more bytes.
    case wait
    /// Send this and hang up.
    case answer([UInt8])
    /// Send this; then the connection belongs to the device at this place of the list, which has these bytes to
    /// begin with.
    case attach(Int, answer: [UInt8], rest: [UInt8])
  }

  private let models: [SimulatedUSBModel]
  private var received: [UInt8] = []

  private static let version: UInt64 = 0x0111
  private static let busIDSize = 32

  /// A list of devices, whose bus ids are `1-1`, `1-2`, …
  public init(_ models: [SimulatedUSBModel]) { self.models = models }

  /// Takes bytes from the host.
  ///
  /// - Throws: `value` for a version or a request that does not exist.
  public mutating func receive(_ bytes: [UInt8]) throws(WireError) -> Action {
    received += bytes
    guard received.count >= 8 else { return .wait }
    var reader = ByteReader(received.span)
    let version = try reader.bigEndian(bytes: 2, "version")
    guard version == Self.version else { throw WireError(.value, at: 0, field: "version") }
    let request = try reader.bigEndian(bytes: 2, "request")
    _ = try reader.bigEndian(bytes: 4, "status")
    switch request {
    case 0x8005:
      var writer = Self.header(0x0005, status: 0)
      writer.bigEndian(UInt64(models.count), bytes: 4)
      for place in models.indices {
        writer.append(record(place))
        for kind in models[place].interfaceClasses { writer.append(kind + [0]) }
      }
      return .answer(writer.bytes)
    case 0x8003:
      guard reader.remaining >= Self.busIDSize else { return .wait }
      let id = Array(received[8..<8 + Self.busIDSize].prefix { $0 != 0 })
      guard let place = models.indices.first(where: { Array(Self.busID($0).utf8) == id }) else {
        return .answer(Self.header(0x0003, status: 1).bytes)
      }
      var writer = Self.header(0x0003, status: 0)
      writer.append(record(place))
      return .attach(place, answer: writer.bytes, rest: Array(received[(8 + Self.busIDSize)...]))
    default: throw WireError(.value, at: 2, field: "request")
    }
  }

  /// What `usbip attach --busid` wants for the device at a place of the list.
  public static func busID(_ place: Int) -> String { "1-\(place + 1)" }

  private static func header(_ reply: UInt64, status: UInt64) -> ByteWriter {
    var writer = ByteWriter()
    writer.bigEndian(version, bytes: 2)
    writer.bigEndian(reply, bytes: 2)
    writer.bigEndian(status, bytes: 4)
    return writer
  }

  /// One device: path (256 bytes), bus id (32), bus, address, speed, numbers and classes.
  private func record(_ place: Int) -> [UInt8] {
    func text(_ text: String, _ size: Int) -> [UInt8] {
      let bytes = Array(text.utf8.prefix(size - 1))
      return bytes + [UInt8](repeating: 0, count: size - bytes.count)
    }
    let model = models[place]
    var writer = ByteWriter()
    writer.append(text("/sys/devices/simulated/\(Self.busID(place))", 256))
    writer.append(text(Self.busID(place), Self.busIDSize))
    writer.bigEndian(1, bytes: 4)
    writer.bigEndian(UInt64(place + 1), bytes: 4)
    writer.bigEndian(UInt64(model.function.layout.speed.rawValue), bytes: 4)
    for number in [model.identity.vendor, model.identity.product, model.identity.release] {
      writer.bigEndian(UInt64(number), bytes: 2)
    }
    writer.append(model.function.layout.deviceClass)
    // The configuration that is set, how many there are, interfaces.
    writer.append([1, 1, UInt8(model.interfaceClasses.count)])
    return writer.bytes
  }
}
