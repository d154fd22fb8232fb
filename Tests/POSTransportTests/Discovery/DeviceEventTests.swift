import POSTransport
import TestSupport
import Testing

@Suite("Changes between lists of devices")
struct DeviceEventTests {
  static func device(_ port: String, number: Int = 1, product: UInt16 = 1, nodes: [DeviceNode] = [])
    -> USBDevice
  {
    USBDevice(
      vendor: 1, product: product, port: port, number: number,
      interfaces: [USBInterface(number: 0, classCode: 3, nodes: nodes)])
  }

  static let node = DeviceNode(path: "/dev/hidraw0", kind: .hidraw, access: NodeAccess(.granted))

  @Test("what came, went and changed, departures first")
  func kinds() {
    let stays = Self.device("1-1")
    let goes = Self.device("1-2")
    let comes = Self.device("1-3")
    let ready = Self.device("1-1", nodes: [Self.node])
    #expect(
      DeviceEvent.changes(from: [stays, goes], to: [ready, comes]) == [
        .detached(goes), .changed(ready, was: stays), .attached(comes),
      ])
    #expect(DeviceEvent.changes(from: [stays], to: [stays]).isEmpty)
  }

  @Test("a device that came back in between, or as another one, went and came")
  func replugged() {
    let before = Self.device("1-1", number: 4)
    for after in [Self.device("1-1", number: 5), Self.device("1-1", number: 4, product: 2)] {
      #expect(DeviceEvent.changes(from: [before], to: [after]) == [.detached(before), .attached(after)])
    }
  }

  @Test("applying the changes to the old list gives the new one")
  func roundTrip() {
    var random = SeededGenerator(seed: 7)
    func list() -> [USBDevice] {
      (1...6).compactMap { port in
        guard Bool.random(using: &random) else { return nil }
        return Self.device(
          "1-\(port)", number: .random(in: 1...2, using: &random),
          nodes: Bool.random(using: &random) ? [Self.node] : [])
      }
    }
    var known: [USBDevice] = []
    for _ in 0..<200 {
      let next = list()
      let applied = DeviceEvent.changes(from: known, to: next).reduce(known) { $1.applied(to: $0) }
      #expect(Set(applied) == Set(next))
      #expect(applied.count == next.count)
      known = next
    }
  }

  /// Text of a device, and what a person sees of it.
  static let texts: [(String, String?)] = [
    ("Symbol Bar Code Scanner", "Symbol Bar Code Scanner"), ("  x ", "x"), ("", nil), ("   ", nil),
    ("\u{1B}[2J", "?[2J"), ("a\nb", "a?b"), ("\u{202E}evil", "?evil"), ("Füchslein", "Füchslein"),
  ]

  @Test("a device's name cannot write to the terminal", arguments: texts.indices)
  func printable(index: Int) {
    #expect(USBDevice.printable(Self.texts[index].0) == Self.texts[index].1)
  }

  @Test("maker and model, each once")
  func titles() {
    func title(_ maker: String?, _ model: String?) -> String {
      USBDevice(vendor: 0x04B8, product: 0x0E03, maker: maker, model: model, port: "1-1").title
    }
    #expect(title("EPSON", "TM-T20") == "EPSON TM-T20")
    #expect(title("Honeywell", "honeywell Xenon") == "honeywell Xenon")
    #expect(title(nil, "TM-T20") == "TM-T20")
    #expect(title("EPSON", nil) == "EPSON")
    #expect(title(nil, nil) == "USB device 04b8:0e03")
  }
}
