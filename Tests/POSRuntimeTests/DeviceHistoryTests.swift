import Foundation
import POSDrivers
import POSModel
import POSRuntime
import POSTransport
import Testing

@Suite("What devices were like")
struct DeviceHistoryTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "history-\(UUID().uuidString)")

  static func scanner(_ serial: String?, product: UInt16 = 0x1007) throws -> RecognisedDevice {
    let device = USBDevice(
      vendor: 0x0C2E, product: product, serial: serial, port: "1-1",
      interfaces: [USBInterface(number: 0, classCode: 3, subclass: 1, protocolCode: 1)])
    return try #require(DeviceMatcher.recognise([device]).first)
  }

  @Test("a history survives its file, and what is damaged is an empty one")
  func file() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(DeviceHistory(in: folder.path) == DeviceHistory())
    var history = DeviceHistory()
    history.remember(try Self.scanner("A"), at: Date(timeIntervalSince1970: 0))
    try history.save(in: folder.path)
    #expect(DeviceHistory(in: folder.path) == history)
    #expect(history.snapshots.first?.time == "1970-01-01T00:00:00Z")
    for text in ["", "{", "[{\"id\":1}]", String(repeating: "[", count: 600)] {
      try Data(text.utf8).write(to: folder.appending(path: "devices.json"))
      #expect(DeviceHistory(in: folder.path) == DeviceHistory())
    }
  }

  @Test("one entry a device, the oldest forgotten first")
  func bounded() throws {
    var history = DeviceHistory()
    for number in 0..<300 { history.remember(try Self.scanner("S\(number)"), at: Date()) }
    history.remember(try Self.scanner("S299"), at: Date())
    #expect(history.snapshots.count == 256)
    #expect(history.lastTime(of: try Self.scanner("S299")) != nil)
    #expect(history.lastTime(of: try Self.scanner("S0")) == nil)
  }

  @Test("a unit that was switched to another mode is known by its serial number")
  func switched() throws {
    var history = DeviceHistory()
    history.remember(try Self.scanner("A"), at: Date())
    let typing = try Self.scanner("A", product: 0x0B61)
    let before = try #require(history.lastTime(of: typing))
    #expect(before.changes(to: DeviceSnapshot(typing)) == ["mode keyboard, was hid-pos"])
    #expect(history.lastTime(of: try Self.scanner(nil, product: 0x0B61)) == nil)
  }
}
