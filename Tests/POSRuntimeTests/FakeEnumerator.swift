import POSModel
import POSTransport

/// Devices that a test plugs in.
struct FakeEnumerator: DeviceEnumerator {
  var devices: [USBDevice] = []
  var later: [DeviceEvent] = []

  func list() async throws(DeviceError) -> [USBDevice] { devices }

  func events() async throws(DeviceError) -> AsyncStream<DeviceEvent> {
    let (stream, continuation) = AsyncStream.makeStream(of: DeviceEvent.self)
    continuation.yield(.present(devices))
    for event in later { continuation.yield(event) }
    return stream
  }
}

/// Devices as a till has them.
enum Sample {
  static let granted = NodeAccess(
    .granted, mode: 0o660, owner: "root", group: "pos", user: "till", membership: .member)

  static func printer(_ access: NodeAccess = granted, port: String = "1-1", path: String = "/dev/usb/lp0")
    -> USBDevice
  {
    USBDevice(
      vendor: 0x04B8, product: 0x0E03, serial: "J8KF", maker: "EPSON", model: "TM-T20", port: port,
      interfaces: [
        USBInterface(
          number: 0, classCode: 7, driver: "usblp", ieee1284: "CMD:ESC/POS;",
          nodes: [DeviceNode(path: path, kind: .printer, access: access)])
      ])
  }

  static func wedge() -> USBDevice {
    USBDevice(
      vendor: 0x0C2E, product: 0x0B61, model: "Vuquest", port: "1-2",
      interfaces: [
        USBInterface(
          number: 0, classCode: 3, subclass: 1, protocolCode: 1, driver: "usbhid",
          nodes: [DeviceNode(path: "/dev/hidraw0", kind: .hidraw, access: granted)])
      ])
  }

  /// A scanner without a serial number: one that sends reports, or, with a `line`, one on a serial port.
  static func scanner(_ vendor: UInt16, _ product: UInt16, line: String? = nil) -> USBDevice {
    let node = DeviceNode(
      path: line ?? "/dev/hidraw1", kind: line == nil ? .hidraw : .tty, access: granted)
    return USBDevice(
      vendor: vendor, product: product, port: "1-4",
      interfaces: [
        USBInterface(
          number: 0, classCode: line == nil ? 3 : 2, driver: line == nil ? "usbhid" : "cdc_acm",
          nodes: [node])
      ])
  }

  /// A serial adapter, for which any terminal line may stand in.
  static func adapter(path: String) -> USBDevice {
    USBDevice(
      vendor: 0x1A86, product: 0x7523, port: "1-3",
      interfaces: [
        USBInterface(
          number: 0, classCode: 255, driver: "ch341",
          nodes: [DeviceNode(path: path, kind: .tty, access: granted)])
      ])
  }
}
