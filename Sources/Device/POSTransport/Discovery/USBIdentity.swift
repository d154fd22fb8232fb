public import POSModel

/// How the functions of USB devices are called, for as long as the devices exist (DESIGN §2.8).
///
/// - With a serial number: `usb-05e0-1900-S123-if00`, in whatever port it is.
/// - Without: `usb-05e0-1900@1-2.3-if00`, by bus and ports.
///
/// The second is its place. It is good as long as the device stays where it is, whatever else comes and goes; the first
/// only as long as nothing else has the same serial number.
///
/// Letters, digits, dots and hyphens stand for themselves; every other byte of a serial number is written as `%`
/// and two digits, so no two serial numbers share a name and no name leaves its folder.
public enum USBIdentity {
  /// Serial numbers longer than this are told apart by a checksum of the whole.
  static let longestSerial = 48

  /// What the function behind `interface` is called.
  ///
  /// - Parameter peers: everything that is plugged in. Makers give whole batches one serial number: devices that
  ///   share one go by their ports.
  public static func id(of device: USBDevice, interface: UInt8, among peers: [USBDevice]) -> DeviceID {
    guard let name = serialName(of: device, interface: interface), !hasTwin(device, peers) else {
      return place(of: device, interface: interface)
    }
    return name
  }

  /// What the function behind `interface` is called by bus and ports: what claims go by, for it does not change while
  /// the device is open.
  public static func place(of device: USBDevice, interface: UInt8) -> DeviceID {
    DeviceID("\(model(device))@\(escaped(device.port))\(suffix(interface))")
  }

  /// What the function behind `interface` is called by serial number, which others may have too; `nil` without one that
  /// tells devices apart.
  public static func serialName(of device: USBDevice, interface: UInt8) -> DeviceID? {
    guard let serial = device.serial, isTelling(serial) else { return nil }
    return DeviceID("\(model(device))-\(shortened(escaped(serial), of: serial))\(suffix(interface))")
  }

  private static func model(_ device: USBDevice) -> String {
    "usb-\(USBDevice.hex(device.vendor))-\(USBDevice.hex(device.product))"
  }

  private static func suffix(_ interface: UInt8) -> String {
    let digits = String(interface, radix: 16)
    return "-if\(digits.count < 2 ? "0" : "")\(digits)"
  }

  /// Whether a serial number tells devices apart: zeros, and the digits in order, are what makers leave in when
  /// they never thought of one.
  static func isTelling(_ serial: String) -> Bool {
    let placeholders = ["0123456789", "0123456789abcdef", "123456", "123456789", "1234567890", "none", "n/a"]
    return serial.contains { $0 != "0" && $0 != " " } && !placeholders.contains(serial.lowercased())
  }

  private static func hasTwin(_ device: USBDevice, _ peers: [USBDevice]) -> Bool {
    peers.contains {
      $0.port != device.port && $0.vendor == device.vendor && $0.product == device.product
        && $0.serial == device.serial
    }
  }

  private static func escaped(_ text: String) -> String {
    var name = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "-"):
        name.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16)
        name += "%\(digits.count < 2 ? "0" : "")\(digits)"
      }
    }
    return name
  }

  private static func shortened(_ name: String, of serial: String) -> String {
    guard name.utf8.count > longestSerial else { return name }
    // FNV-1a, 64 bits.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in serial.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return "\(name.prefix(longestSerial - 17))~\(String(hash, radix: 16))"
  }
}
