import POSUSB
import TestSupport
import Testing

@Suite("USB descriptors")
struct USBConfigurationTests {
  static func chosen(_ bytes: [UInt8], _ number: UInt8? = nil) -> USBBulkInterface? {
    USBConfiguration.all(in: bytes).first?.preferred(number)
  }

  @Test("a printer's endpoints are found (§1.4 B6)")
  func printer() throws {
    let interface = try #require(Self.chosen(Descriptors.printer))
    #expect(interface.number == 0)
    #expect(interface.output == 0x01)
    #expect(interface.input == 0x82)
    #expect(interface.inputPacket == 512)
    #expect(interface.isPrinter)
    #expect(!interface.hasOtherSettings)
  }

  @Test("both ways come before one way, and packets of IEEE 1284.4 never")
  func settings() throws {
    let interface = try #require(Self.chosen(Descriptors.twoSettings))
    #expect(interface.setting == 1)
    #expect(interface.hasOtherSettings)
    #expect(Self.chosen(Descriptors.twoSettings, 1) == nil)
    let packets =
      Descriptors.device()
      + Descriptors.configuration([
        Descriptors.interface(protocol: 4), Descriptors.bulk(0x01), Descriptors.bulk(0x82),
      ])
    #expect(Self.chosen(packets) == nil)
  }

  @Test("a printer comes before what is the maker's own, unless that is asked for")
  func makersOwn() throws {
    let bytes =
      Descriptors.device()
      + Descriptors.configuration([
        Descriptors.interface(0, class: 255, protocol: 0), Descriptors.bulk(0x03), Descriptors.bulk(0x83),
        Descriptors.interface(1, class: 3), Descriptors.bulk(0x05),
        Descriptors.interface(2), Descriptors.bulk(0x01), Descriptors.bulk(0x82),
      ])
    #expect(Self.chosen(bytes)?.number == 2)
    #expect(Self.chosen(bytes, 0)?.output == 0x03)
    #expect(Self.chosen(bytes, 1) == nil)
  }

  @Test("configurations are told apart")
  func configurations() {
    let bytes =
      Descriptors.device(configurations: 2)
      + Descriptors.configuration(value: 1, [Descriptors.interface(class: 3)])
      + Descriptors.configuration(value: 7, [Descriptors.interface(), Descriptors.bulk(0x01)])
    let all = USBConfiguration.all(in: bytes)
    #expect(all.map(\.value) == [1, 7])
    #expect(all.map { $0.preferred()?.output } == [nil, 0x01])
  }

  static let lies: [[[UInt8]]] = [
    // An endpoint before any interface.
    [Descriptors.bulk(0x01)],
    // The control endpoint, reserved bits, an empty packet, an interrupt endpoint.
    [Descriptors.interface(), Descriptors.bulk(0x00)],
    [Descriptors.interface(), Descriptors.bulk(0x71)],
    [Descriptors.interface(), Descriptors.bulk(0x01, packet: 0)],
    [Descriptors.interface(), [7, 5, 0x01, 3, 64, 0, 1]],
    // Lengths of nothing, too little and too much.
    [Descriptors.interface(), [0, 5, 0x01, 2, 64, 0, 0]],
    [Descriptors.interface(), [6, 5, 0x01, 2, 64, 0]],
    [[8, 4, 0, 0, 2, 7, 1, 2], Descriptors.bulk(0x01)],
    [Descriptors.interface(), [200, 5, 0x01, 2, 64, 0, 0]],
  ]

  @Test("what makes no sense is left out", arguments: lies)
  func lie(_ parts: [[UInt8]]) {
    #expect(Self.chosen(Descriptors.device() + Descriptors.configuration(parts)) == nil)
  }

  @Test("no bytes make it trap or run on")
  func anything() {
    var generator = SeededGenerator(seed: 3)
    for sample in [Descriptors.printer, Descriptors.twoSettings, Descriptors.makersOwn] {
      for end in 0...sample.count {
        _ = USBConfiguration.all(in: Array(sample.prefix(end))).first?.preferred()
      }
      for _ in 0..<2000 {
        var bytes = sample
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
          bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
            in: 0...255, using: &generator)
        }
        for configuration in USBConfiguration.all(in: bytes) {
          guard let interface = configuration.preferred() else { continue }
          #expect(interface.output & 0xF0 == 0)
          #expect(interface.output != 0)
          #expect(interface.input.map { $0 & 0x8F == $0 && $0 != 0x80 } ?? true)
        }
      }
    }
  }
}
