import CUMockdev
import Glibc
import POSTransport

/// The fake `/sys` and `/dev` of a process that runs under umockdev's preload. There is one for a process.
struct UmockdevBed: @unchecked Sendable {
  /// `nil` without the preload.
  static let shared: UmockdevBed? = {
    guard let preload = getenv("LD_PRELOAD"), String(cString: preload).contains("umockdev"),
      let bed = umockdev_testbed_new()
    else { return nil }
    return umockdev_in_mock_environment() != 0 ? UmockdevBed(bed: bed) : nil
  }()

  let bed: UnsafeMutablePointer<UMockdevTestbed>
  private let count = Lock(1)

  /// Plugs in a device with these descriptors, another one each time, and returns its node.
  func plugIn(_ descriptors: [UInt8], as device: FakeUSBFS) throws -> String {
    let number = count.withLock { count in
      count += 1
      return count
    }
    let padded = String(repeating: "0", count: 3 - String(number).count) + String(number)
    let node = "/dev/bus/usb/001/\(padded)"
    func hex(_ bytes: [UInt8]) -> String {
      bytes.map { String($0 >> 4, radix: 16, uppercase: true) + String($0 & 15, radix: 16, uppercase: true) }
        .joined()
    }
    let entry = """
      P: /devices/pci0000:00/usb1/1-\(number)
      N: bus/usb/001/\(padded)=\(hex(descriptors))
      E: DEVNAME=\(node)
      E: DEVTYPE=usb_device
      E: SUBSYSTEM=usb
      A: busnum=1\\n
      A: devnum=\(number)\\n
      A: speed=480\\n
      A: bConfigurationValue=1\\n
      H: descriptors=\(hex(descriptors))

      """
    guard umockdev_testbed_add_from_string(bed, entry, nil) != 0, device.attach(to: node, of: bed) else {
      throw Refused()
    }
    return node
  }

  struct Refused: Error {}
}
