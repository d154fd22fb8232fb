import POSDrivers
import POSLinux
import POSModel
import POSRuntime
import POSScan
import POSSimulation
import POSTransport
import Testing

/// Scanners of every kind at once, each through the kernel driver that it has.
@Suite(.enabled(if: KernelLab.isHere, KernelLab.comment), .serialized) struct ManyScannersCases {
  static let scans = 1_000

  /// One scanner: how it is reached, and how a code is held before it.
  struct Lane: Sendable {
    var name: String
    var scanner: any Scanner
    var show: @Sendable (String) async throws -> Void
  }

  /// A till opens four scanners; each reads a thousand codes that say whose they are. A cashier shows a scanner the
  /// next code when the last one has beeped; the four do not wait for each other.
  @Test func thousandScansFromEachOfFour() async throws {
    try await DiscoveryCases.plugAll([
      (.scanner(), .rawHID), (.oemScanner(), .rawHID), (.keyboardScanner(), .rawHID),
      (.serialScanner(), .serial),
    ]) { all in
      let lanes = try await Self.lanes(all)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for lane in lanes { group.addTask { try await Self.work(lane) } }
        try await group.waitForAll()
      }
      for lane in lanes { await lane.scanner.close() }
    }
  }

  /// Opens all four and lets them read.
  static func lanes(_ all: [PluggedIn]) async throws -> [Lane] {
    var opener = DeviceOpener()
    // An emulated processor that has other things to do takes long between two keys.
    opener.scannerSettings.keyboard.terminator = .enter
    opener.scannerSettings.keyboard.gap = 20_000_000_000
    let addresses = [
      "hidraw:\(all[0].node)", "oem+hidraw:\(all[1].node)", "keyboard+hidraw:\(all[2].node)",
      "serial:\(all[3].node)",
    ]
    var scanners: [any Scanner] = []
    for address in addresses { scanners.append(try await opener.scanner(at: DeviceAddress(address))) }
    let hid = SimulatedHIDPOSScanner(device: all[0].device.reports)
    let oem = SimulatedOEMScanner(device: all[1].device.reports)
    let keys = SimulatedKeyboardScanner(device: all[2].device.reports)
    let line = SimulatedSerialScanner(line: all[3].device.stream, mode: .serial)
    // Each is told to read while its simulator listens.
    async let hidReads = hid.waitUntilTold(toRead: true, until: KernelLab.patience)
    async let oemReads = oem.waitUntilTold(toRead: true, until: KernelLab.patience)
    let lanes = [
      Lane(name: "hid-pos", scanner: scanners[0]) { try await hid.scan(.code128($0)) },
      Lane(name: "usb-oem", scanner: scanners[1]) { try await oem.scan(Array($0.utf8), id: 0x18) },
      Lane(name: "keyboard", scanner: scanners[2]) { try await keys.scan($0) },
      Lane(name: "serial", scanner: scanners[3]) { try await line.scan(.code128($0)) },
    ]
    for lane in lanes { try await lane.scanner.enable() }
    #expect(try await hidReads)
    #expect(try await oemReads)
    return lanes
  }

  private static func work(_ lane: Lane) async throws {
    var events = lane.scanner.events().makeAsyncIterator()
    for number in 0..<scans {
      // Short, for the one that types; the first letter says whose it is.
      let code = "\(lane.name.prefix(1))\(number)"
      try await lane.show(code)
      let event = await events.next()
      guard case .scan(let scan) = event, scan.text == code else {
        Issue.record("in place of \(code): \(String(describing: event))")
        return
      }
      guard scan.device == lane.scanner.descriptor.id else {
        Issue.record("\(code) came from \(scan.device)")
        return
      }
    }
  }
}
