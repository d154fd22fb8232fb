/// Device and configuration descriptors (USB 2.0 §9.6), laid out by hand.
enum Descriptors {
  /// An Epson's numbers, whatever it is.
  static func device(configurations: UInt8 = 1) -> [UInt8] {
    [18, 1, 0x00, 0x02, 0, 0, 0, 64, 0xB8, 0x04, 0x02, 0x02, 0x00, 0x01, 1, 2, 3, configurations]
  }

  static func configuration(value: UInt8 = 1, interfaces: UInt8 = 1, _ parts: [[UInt8]]) -> [UInt8] {
    let rest = parts.flatMap(\.self)
    let length = 9 + rest.count
    return [9, 2, UInt8(length & 0xFF), UInt8(length >> 8), interfaces, value, 0, 0xC0, 1] + rest
  }

  static func interface(
    _ number: UInt8 = 0, setting: UInt8 = 0, class kind: UInt8 = 7, protocol: UInt8 = 2, endpoints: UInt8 = 2
  ) -> [UInt8] {
    [9, 4, number, setting, endpoints, kind, 1, `protocol`, 0]
  }

  static func bulk(_ address: UInt8, packet: UInt16 = 512) -> [UInt8] {
    [7, 5, address, 2, UInt8(packet & 0xFF), UInt8(packet >> 8), 0]
  }

  static let printer = device() + configuration([interface(), bulk(0x01), bulk(0x82)])

  /// A printer that speaks one way in one setting, both ways in the next, and in packets of IEEE 1284.4 in the last.
  static let twoSettings =
    device()
    + configuration([
      interface(2, setting: 0, protocol: 1, endpoints: 1), bulk(0x01),
      interface(2, setting: 1, protocol: 2), bulk(0x01), bulk(0x82),
      interface(2, setting: 2, protocol: 3), bulk(0x01), bulk(0x82),
    ])

  static let makersOwn =
    device() + configuration([interface(0, class: 255, protocol: 0, endpoints: 1), bulk(0x03)])
}
