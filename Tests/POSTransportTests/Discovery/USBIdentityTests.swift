import POSModel
import POSTransport
import Testing

@Suite("Identities of USB devices")
struct USBIdentityTests {
  static func scanner(_ serial: String?, port: String) -> USBDevice {
    USBDevice(vendor: 0x05E0, product: 0x1900, serial: serial, port: port)
  }

  /// Serial number, port, identity of interface 0.
  static let identities: [(serial: String?, port: String, id: String)] = [
    ("S123", "1-2", "usb-05e0-1900-S123-if00"),
    ("S123", "3-4.1.2", "usb-05e0-1900-S123-if00"),
    (nil, "1-2.10", "usb-05e0-1900@1-2.10-if00"),
    // What makers leave in when they never thought of one.
    ("0000000", "1-2", "usb-05e0-1900@1-2-if00"),
    ("0123456789ABCDEF", "1-2", "usb-05e0-1900@1-2-if00"),
    // Nothing leaves its folder, looks like a port, or reads back as a protocol.
    ("../../etc", "1-2", "usb-05e0-1900-..%2f..%2fetc-if00"),
    ("@1-3", "1-2", "usb-05e0-1900-%401-3-if00"),
    ("a+b:c d", "1-2", "usb-05e0-1900-a%2bb%3ac%20d-if00"),
    ("\u{1B}[31m", "1-2", "usb-05e0-1900-%1b%5b31m-if00"),
    ("ä", "1-2", "usb-05e0-1900-%c3%a4-if00"),
  ]

  @Test("a serial number goes before the port, and is written safely", arguments: identities.indices)
  func identity(index: Int) {
    let (serial, port, id) = Self.identities[index]
    let device = Self.scanner(serial, port: port)
    #expect(USBIdentity.id(of: device, interface: 0, among: [device]).text == id)
  }

  @Test("two of one model are two, even with one serial number")
  func twins() {
    let pairs: [(String?, String?)] = [("A", "B"), (nil, nil), ("SAME", "SAME"), ("000", "000")]
    for (first, second) in pairs {
      let both = [Self.scanner(first, port: "1-1"), Self.scanner(second, port: "1-2")]
      let ids = both.map { USBIdentity.id(of: $0, interface: 0, among: both) }
      #expect(ids[0] != ids[1])
    }
  }

  @Test("a place is the same with a twin and without, and no serial number can look like one")
  func places() {
    let left = Self.scanner("SAME", port: "1-1")
    let right = Self.scanner("SAME", port: "1-2")
    let place = USBIdentity.place(of: left, interface: 2)
    #expect(place.text == "usb-05e0-1900@1-1-if02")
    #expect(USBIdentity.id(of: left, interface: 2, among: [left, right]) == place)
    let name = USBIdentity.serialName(of: left, interface: 2)
    #expect(USBIdentity.id(of: left, interface: 2, among: [left]) == name)
    #expect(name == USBIdentity.serialName(of: right, interface: 2))
    for serial in [nil, "000", "@1-1", ""] {
      let device = Self.scanner(serial, port: "1-1")
      #expect(USBIdentity.serialName(of: device, interface: 2) != USBIdentity.place(of: device, interface: 2))
    }
    #expect(USBIdentity.serialName(of: Self.scanner("000", port: "1-1"), interface: 0) == nil)
  }

  @Test("a long serial number is shortened to a name of its own")
  func longSerials() {
    let common = String(repeating: "x", count: 120)
    let ids = ["1", "2"].map {
      USBIdentity.id(of: Self.scanner(common + $0, port: "1-1"), interface: 0, among: []).text
    }
    #expect(ids[0] != ids[1])
    #expect(ids.allSatisfy { $0.utf8.count < 80 })
  }

  @Test("interfaces of one device have identities of their own")
  func interfaces() {
    let device = Self.scanner("S", port: "1-1")
    #expect(USBIdentity.id(of: device, interface: 31, among: []).text == "usb-05e0-1900-S-if1f")
  }

  @Test(
    "every identity reads back from an address, with a protocol in front or not",
    arguments: identities.indices)
  func addresses(index: Int) throws {
    let id = DeviceID(Self.identities[index].id)
    #expect(try DeviceAddress(id.text) == DeviceAddress(route: .discovered(id)))
    let address = try DeviceAddress("zvt+\(id.text)")
    #expect(address == DeviceAddress(scheme: "zvt", route: .discovered(id)))
    #expect(address.description == "zvt+\(id.text)")
  }
}
