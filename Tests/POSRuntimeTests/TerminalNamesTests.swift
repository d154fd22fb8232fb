import Foundation
import POSModel
import POSRuntime
import POSTransport
import Testing

@Suite("A card terminal by several addresses")
struct TerminalNamesTests {
  /// A folder with a file in place of a node, and a link to it.
  private static func nodes() throws -> (node: String, link: String, folder: String) {
    let folder =
      FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path + "/names-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let (node, link) = (folder + "/ttyACM0", folder + "/by-id")
    try Data().write(to: URL(filePath: node))
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "ttyACM0")
    return (node, link, folder)
  }

  @Test("node, link, speed, protocol and identity: one device, one name for new payments")
  func oneDevice() async throws {
    let (node, link, folder) = try Self.nodes()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var opener = DeviceOpener()
    opener.enumerator = FakeEnumerator(devices: [Sample.printer(), Sample.adapter(path: node)])
    let identity = "usb-1a86-7523@1-3-if00"
    for text in [
      "zvt+serial:\(node)", "zvt+serial:\(link)", "zvt+serial:\(link):9600", "concert+serial:\(node)",
      "zvt+\(identity)",
    ] {
      let address = try DeviceAddress(text)
      let names = try await opener.terminalNames(of: address)
      #expect(names.first?.text == identity, "\(text)")
      // What an earlier version has written down.
      #expect(names.last == DeviceOpener.deviceID(of: address), "\(text)")
    }
  }

  @Test("a terminal with a twin is found by what it was called without one in its port")
  func twins() async throws {
    let (node, _, folder) = try Self.nodes()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var terminal = Sample.adapter(path: node)
    terminal.serial = "SAME"
    var twin = Sample.adapter(path: "/dev/nowhere")
    (twin.serial, twin.port) = ("SAME", "1-9")
    var opener = DeviceOpener()
    opener.enumerator = FakeEnumerator(devices: [terminal, twin])
    let place = DeviceID("usb-1a86-7523@1-3-if00")
    let name = DeviceID("usb-1a86-7523-SAME-if00")
    let bySerialLine = try DeviceAddress("zvt+serial:\(node)")
    #expect(try await opener.terminalNames(of: bySerialLine).first == place)
    opener.enumerator = FakeEnumerator(devices: [terminal])
    for address in [bySerialLine, try DeviceAddress("zvt+\(place)"), try DeviceAddress("zvt+\(name)")] {
      let names = try await opener.terminalNames(of: address)
      #expect(names == [name, place, DeviceID("serial:\(node)"), DeviceOpener.deviceID(of: address)])
    }
  }

  @Test("what was written down while a terminal was unplugged is found when it is back")
  func unplugged() async throws {
    let (node, link, folder) = try Self.nodes()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var opener = DeviceOpener()
    for text in ["zvt+serial:\(node)", "zvt+serial:\(link)", "zvt+usb-1a86-7523@1-3-if00"] {
      let address = try DeviceAddress(text)
      opener.enumerator = FakeEnumerator()
      try FileManager.default.removeItem(atPath: link)
      let before = try await opener.terminalNames(of: address)
      opener.enumerator = FakeEnumerator(devices: [Sample.adapter(path: node)])
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "ttyACM0")
      let after = try await opener.terminalNames(of: address)
      #expect(Set(before).isSubset(of: after), "\(before) and \(after)")
      #expect(after.contains(DeviceID("serial:\(node)")))
    }
  }

  @Test("nothing is said of what a terminal is called while nobody can list what is plugged in")
  func unlisted() async throws {
    var blind = DeviceOpener()
    blind.enumerator = BlindEnumerator()
    let opener = blind
    for text in ["zvt+serial:/nowhere", "zvt+usb-1a86-7523@1-3-if00"] {
      let address = try DeviceAddress(text)
      await #expect(throws: DeviceError.self, "\(text)") { try await opener.terminalNames(of: address) }
    }
    let address = try DeviceAddress("zvt+tcp:192.0.2.9:20007")
    #expect(try await opener.terminalNames(of: address).map(\.text) == ["zvt+tcp:192.0.2.9:20007"])
  }

  @Test("a port that is no USB device's is known by where the link leads; what is not there, by its address")
  func otherPorts() async throws {
    let (node, link, folder) = try Self.nodes()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var opener = DeviceOpener()
    opener.enumerator = FakeEnumerator()
    func names(_ text: String) async throws -> [String] {
      try await opener.terminalNames(of: try DeviceAddress(text)).map(\.text)
    }
    #expect(try await names("zvt+serial:\(link)") == ["serial:\(node)", "zvt+serial:\(link)"])
    #expect(try await names("zvt+serial:/nowhere") == ["serial:/nowhere", "zvt+serial:/nowhere"])
    #expect(try await names("zvt+tcp:192.0.2.9:20007") == ["zvt+tcp:192.0.2.9:20007"])
    // A simulated terminal's link stays, what it leads to does not.
    try FileManager.default.removeItem(atPath: link)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/pts/ptmx")
    #expect(try await names("zvt+serial:\(link)") == ["zvt+serial:\(link)"])
  }
}

/// One that cannot list.
private struct BlindEnumerator: DeviceEnumerator {
  func list() async throws(DeviceError) -> [USBDevice] {
    throw DeviceError(.permissionDenied, during: "listing what is plugged in")
  }

  func events() async throws(DeviceError) -> AsyncStream<DeviceEvent> {
    throw DeviceError(.permissionDenied, during: "listing what is plugged in")
  }
}
