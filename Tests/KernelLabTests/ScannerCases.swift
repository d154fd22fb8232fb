import POSDrivers
import POSLinux
import POSModel
import POSSimulation
import POSTransport
import Testing

@Suite(.enabled(if: KernelLab.isHere, KernelLab.comment), .serialized) struct ScannerCases {
  static func descriptor(_ node: String) -> DeviceDescriptor {
    let address = DeviceAddress(route: .hidraw(path: node))
    return DeviceDescriptor(
      id: DeviceID(address.description), kind: .scanner, address: address, name: "the lab scanner")
  }

  /// Opens a scanner, and reads one code that the simulator is shown.
  static func readOne(_ text: String, _ model: SimulatedUSBModel) async throws {
    try await plug(model, as: .rawHID) { plugged in
      let hidraw = try await HIDRaw.open(plugged.node)
      #expect(hidraw.reportDescriptor == SimulatedHIDPOSScanner.reportDescriptor)
      let scanner = try HIDPOSScanner(descriptor(plugged.node), transport: hidraw)
      let simulator = SimulatedHIDPOSScanner(device: plugged.device.reports)
      var events = scanner.events().makeAsyncIterator()
      try await scanner.enable()
      #expect(try await simulator.waitUntilTold(toRead: false, until: KernelLab.patience))
      #expect(try await simulator.waitUntilTold(toRead: true, until: KernelLab.patience))
      let outcome = try await simulator.scan(.qr(text))
      guard case .scan(let scan) = await events.next() else {
        Issue.record("no scan")
        return
      }
      #expect(scan.text == text)
      #expect(outcome == .read(reports: scan.reports))
      #expect(!scan.isTruncated)
      await scanner.close()
    }
  }

  /// Four reports of 64 bytes through hidraw; output reports by the interrupt endpoint.
  @Test func longCode() async throws {
    try await Self.readOne(String(repeating: "0123456789abcdef", count: 12), .scanner())
  }

  /// The same with output reports by SET_REPORT requests, as most scanners want them.
  @Test func outputReportsByRequest() async throws {
    try await Self.readOne("5fa24b31", .scanner(hasOutputEndpoint: false))
  }
}
