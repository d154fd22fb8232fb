import POSDrivers
import POSModel
import POSTransport
import Testing

@Suite("Recognising devices")
struct DeviceMatcherTests {
  /// specs/scanners.md §8.1: a HID POS collection whose one report has decoded data.
  static let barCodeReport: [UInt8] = [
    0x05, 0x8C, 0x09, 0x02, 0xA1, 0x01, 0x85, 0x02, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08, 0x95, 0x38,
    0x09,
    0xFE, 0x82, 0x02, 0x02, 0xC0,
  ]
  /// HID 1.11 appendix E.6, shortened to modifiers and keys.
  static let keyboard: [UInt8] = [
    0x05, 0x01, 0x09, 0x06, 0xA1, 0x01, 0x05, 0x07, 0x19, 0xE0, 0x29, 0xE7, 0x15, 0x00, 0x25, 0x01, 0x75,
    0x01,
    0x95, 0x08, 0x81, 0x02, 0xC0,
  ]
  static let mouse: [UInt8] = [
    0x05, 0x01, 0x09, 0x02, 0xA1, 0x01, 0x09, 0x30, 0x15, 0x81, 0x25, 0x7F, 0x75, 0x08, 0x95, 0x01, 0x81,
    0x06, 0xC0,
  ]

  static func device(
    _ vendor: UInt16, _ product: UInt16, _ model: String? = nil, _ interfaces: USBInterface...
  ) -> USBDevice {
    USBDevice(vendor: vendor, product: product, model: model, port: "1-1", interfaces: interfaces)
  }

  static func hid(_ descriptor: [UInt8]?, boot: Bool = false, name: String? = nil) -> USBInterface {
    USBInterface(
      number: 0, classCode: 3, subclass: boot ? 1 : 0, protocolCode: boot ? 1 : 0, name: name,
      reportDescriptor: descriptor)
  }

  static func interface(_ classCode: UInt8, number: UInt8 = 0, ieee1284: String? = nil) -> USBInterface {
    USBInterface(number: number, classCode: classCode, ieee1284: ieee1284)
  }

  static let cases: [(name: String, device: USBDevice, expected: [String])] = [
    ("a stranger with bar code data", device(0xDEAD, 1, nil, hid(barCodeReport)), ["scanner hid-pos"]),
    // The descriptor is right and the table is not: the scanner was switched.
    (
      "a keyboard's number with bar code data", device(0x05E0, 0x1200, nil, hid(barCodeReport)),
      ["scanner hid-pos"]
    ),
    ("no descriptor while no driver is bound", device(0x05E0, 0x2100, nil, hid(nil)), ["scanner hid-pos"]),
    ("a HID POS number that types", device(0x05E0, 0x2100, nil, hid(keyboard)), ["scanner keyboard"]),
    ("a known keyboard", device(0x05E0, 0x1200, nil, hid(keyboard, boot: true)), ["scanner keyboard"]),
    ("a keyboard by name", device(0xDEAD, 1, "USB Barcode Reader", hid(keyboard)), ["scanner keyboard"]),
    (
      "a boot keyboard by name, unbound", device(0xDEAD, 1, "Scanner X", hid(nil, boot: true)),
      ["scanner keyboard"]
    ),
    ("an ordinary keyboard", device(0x046D, 0xC31C, "USB Keyboard", hid(keyboard, boot: true)), []),
    ("an ordinary mouse", device(0x046D, 0xC077, "USB Optical Mouse", hid(mouse)), []),
    (
      "USB-OEM by its interface's name", device(0xDEAD, 1, nil, hid([], name: "Usage = 4B00h")),
      ["scanner usb-oem"]
    ),
    ("Zebra's own mode", device(0x05E0, 0x1900, nil, hid([])), ["scanner snapi"]),
    ("Newland, any model, HID POS", device(0x1EAB, 0x1D10, nil, hid(nil)), ["scanner hid-pos"]),
    (
      "Newland, any model, serial", device(0x1EAB, 0x1D06, nil, interface(2), interface(10, number: 1)),
      ["scanner serial"]
    ),
    (
      "a printer by its language", device(0xDEAD, 1, nil, interface(7, ieee1284: "MFG:X;CMD:ESC/POS;")),
      ["printer printer"]
    ),
    ("a known printer without an id", device(0x04B8, 0x0202, nil, interface(255)), ["printer printer"]),
    ("an office printer", device(0x03F0, 0x0C17, nil, interface(7, ieee1284: "MFG:HP;CMD:PCL;")), []),
    (
      "a card terminal", device(0x0B00, 0x0061, nil, interface(2), interface(10, number: 1)),
      ["terminal serial"]
    ),
    ("a serial adapter", device(0x1A86, 0x7523, nil, interface(255)), ["unknown serial"]),
    (
      "a scanner with a keyboard beside it is one",
      device(
        0x0C2E, 0x1007, nil, hid(barCodeReport),
        USBInterface(number: 1, classCode: 3, subclass: 1, protocolCode: 1, reportDescriptor: keyboard)),
      ["scanner hid-pos"]
    ),
    ("a descriptor that lies", device(0xDEAD, 1, nil, hid([0x05, 0x8C, 0xA1])), []),
    ("nothing at all", device(0xDEAD, 1), []),
  ]

  @Test("by what they say of themselves, then by their numbers", arguments: cases.indices)
  func recognise(index: Int) {
    let (name, device, expected) = Self.cases[index]
    let found = DeviceMatcher.recognise([device])
    #expect(found.map { "\($0.kind.rawValue) \($0.mode.rawValue)" } == expected, "\(name)")
    for function in found { #expect(!function.evidence.isEmpty && !function.name.isEmpty) }
  }

  @Test("a modem's node is found at whichever of its interfaces has it")
  func modemNode() throws {
    let node = DeviceNode(path: "/dev/ttyACM0", kind: .tty, access: NodeAccess(.granted))
    let device = Self.device(
      0x0B00, 1, nil, Self.interface(2),
      USBInterface(number: 1, classCode: 10, nodes: [node]))
    let terminal = try #require(DeviceMatcher.recognise([device]).first)
    #expect(terminal.address == DeviceAddress(route: .serial(path: "/dev/ttyACM0", baud: nil)))
    #expect(terminal.obstacle == nil)
  }

  @Test("every mode that no driver speaks says what to do")
  func obstacles() {
    for (_, device, _) in Self.cases {
      for function in DeviceMatcher.recognise([device])
      where function.mode != .hidPOS && function.mode != .printer && function.kind != .terminal {
        #expect(function.obstacle?.reason.isEmpty == false)
        #expect(function.obstacle?.remedy.isEmpty == false)
      }
    }
  }

  @Test("a scanner that has no HID POS mode is switched to another one, and in that one is used")
  func withoutHIDPOS() {
    let typing = Self.device(0x05F9, 0x2206, nil, Self.hid(Self.keyboard))
    let oem = Self.device(0x05F9, 0x1206, nil, Self.hid(nil))
    let serial = Self.device(0x05F9, 0x4002, nil, Self.interface(2))
    let remedies = DeviceMatcher.recognise([typing, oem, serial]).map { $0.obstacle?.remedy }
    #expect(
      remedies == [
        "scan the code 'USB-OEM' or 'USB-COM' of its Product Reference Guide",
        "posctl scan oem+usb-05f9-1206@1-1-if00", "posctl scan usb-05f9-4002@1-1-if00",
      ])
  }

  @Test("no profile hides behind an earlier one")
  func profilesAreReachable() {
    for (index, profile) in DeviceProfile.all.enumerated() {
      let product: UInt16 =
        switch profile.products {
        case .product(let number): number
        case .ending(let byte): 0xAA00 | UInt16(byte)
        case .all: 0xFFFF
        }
      let first = DeviceProfile.all.firstIndex { $0.matches(vendor: profile.vendor, product: product) }
      #expect(first == index, "\(profile.name)")
    }
  }
}
