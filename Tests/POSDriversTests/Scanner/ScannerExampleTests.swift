import Foundation
import POSBarcode
import POSDrivers
import POSLinux
import POSModel
import POSSimulation
import Testing

/// The ten lines of the README and of the article "Scanners", run against a simulated scanner. Line for line the
/// same text but the first, which opens a socket instead of a raw HID node.
@Suite("Scanners in ten lines")
struct ScannerExampleTests {
  @Test("the example prints what was scanned")
  func example() async throws {
    let path = NSTemporaryDirectory() + "example-\(UInt32.random(in: 0 ... .max)).sock"
    let listener = try ReportSocketListener(path, reportDescriptor: SimulatedHIDPOSScanner.reportDescriptor)
    async let accepted = listener.accept(until: nil)
    let hidraw = try await ReportSocket.open(path)
    let device = SimulatedHIDPOSScanner(device: try await accepted)
    let scanning = Task {
      _ = try await device.waitUntilTold(toRead: true, until: nil)
      try await device.scan(.ean13("4006381333931"))
      await device.unplug()
    }
    var printed: [String] = []
    func print(_ symbology: StaticString, _ text: String) { printed.append("\(symbology) \(text)") }

    let place = DeviceDescriptor(
      id: DeviceID("lane-1"), kind: .scanner, address: try DeviceAddress("hidraw:/dev/hidraw0"),
      name: "lane scanner")
    let scanner = try CodeScanner(place, reports: hidraw, mode: .hidPOS())
    let events = scanner.events()
    try await scanner.enable()
    for await event in events {
      guard case .scan(let scan) = event, !scan.isTruncated else { continue }
      print(scan.symbology.name, scan.text)
    }

    #expect(printed == ["ean-13 4006381333931"])
    try await scanning.value
    await listener.close()
  }

  @Test("README and article show what this test runs, in ten lines")
  func sameText() throws {
    let here = URL(filePath: #filePath)
    let root = here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    func words(_ text: String) -> String {
      text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    let first = "let hidraw = try await HIDRaw.open(\"/dev/hidraw0\")\n"
    let test = words(try String(contentsOf: here, encoding: .utf8))
    for file in ["README.md", "Sources/Device/POSDrivers/POSDrivers.docc/Scanners.md"] {
      let text = try String(contentsOf: root.appending(path: file), encoding: .utf8)
      let start = try #require(text.range(of: first), "\(file)")
      let rest = text[start.upperBound...]
      let example = try #require(rest.range(of: "```").map { rest[..<$0.lowerBound] })
      #expect(example.split(separator: "\n").count == 9)
      #expect(test.contains(words(String(example))), "\(file)")
    }
  }
}
