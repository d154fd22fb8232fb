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

  /// How long a piece of a code may be awaited: an emulated machine that has other things to do takes its time.
  static let patience = Duration.seconds(60)

  /// Opens a scanner, and reads one code that the simulator is shown.
  static func readOne(_ text: String, _ model: SimulatedUSBModel) async throws {
    try await plug(model, as: .rawHID) { plugged in
      let hidraw = try await HIDRaw.open(plugged.node)
      #expect(hidraw.reportDescriptor == SimulatedHIDPOSScanner.reportDescriptor)
      let scanner = try HIDPOSScanner(descriptor(plugged.node), transport: hidraw, pieceTimeout: patience)
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

extension ScannerCases {
  /// The scanner is pulled out while it is read, fifty times. Nothing is left behind.
  @Test func unplugWhileReading() async throws {
    var before: Int?
    for round in 0..<50 {
      let plugged = try await PluggedIn(.scanner(), as: .rawHID)
      let hidraw = try await HIDRaw.open(plugged.node)
      let reading = Task { () async throws(DeviceError) in
        try await hidraw.readReport(until: KernelLab.patience)
      }
      // In some rounds reports are on their way.
      for _ in 0..<round % 3 {
        try await plugged.device.reports.sendReport([2] + [UInt8](repeating: 0, count: 63), until: nil)
      }
      if round % 3 > 0 { _ = try await reading.value }
      try await plugged.pullOut()
      if round % 3 == 0 {
        let error = await #expect(throws: DeviceError.self) { _ = try await reading.value }
        #expect(error?.code == .gone)
      } else {
        let error = try await deviceError { () async throws(DeviceError) in
          while true { _ = try await hidraw.readReport(until: KernelLab.patience) }
        }
        #expect(error.code == .gone)
      }
      await hidraw.close()
      let open = try KernelLab.openDescriptors.count
      if let before { #expect(open <= before, "round \(round)") } else { before = open }
    }
  }

  /// Pulled out between two reports of one code: what there is of it is never taken for the whole.
  @Test func unplugInACode() async throws {
    let plugged = try await PluggedIn(.scanner(), as: .rawHID)
    let scanner = try HIDPOSScanner(
      Self.descriptor(plugged.node), transport: try await HIDRaw.open(plugged.node),
      pieceTimeout: Self.patience)
    let simulator = SimulatedHIDPOSScanner(device: plugged.device.reports)
    var events = scanner.events().makeAsyncIterator()
    try await scanner.enable()
    #expect(try await simulator.waitUntilTold(toRead: false, until: KernelLab.patience))
    #expect(try await simulator.waitUntilTold(toRead: true, until: KernelLab.patience))
    // A report of a full piece that says more follows.
    let report: [UInt8] =
      [2, 56, 0] + Array("]Q1".utf8) + [UInt8](repeating: 0x41, count: 56) + [UInt8(ascii: "s"), 1]
    try await plugged.device.reports.sendReport(report, until: nil)
    try await KernelLab.wait { scanner.statistics.reports > 0 }
    try await plugged.pullOut()
    guard case .interrupted(let bytes, let error) = await events.next() else {
      Issue.record("no interruption")
      return
    }
    #expect(bytes == 56)
    #expect(error.code == .gone)
    await scanner.close()
  }
}
