import Conformance
import Foundation
import POSDrivers
import POSJournal
import POSLinux
import POSModel
import POSSimulation
import POSTransport
import Testing

/// A receipt of 60 kB through the kernel's printer driver and around it, broken off by a pulled cable, by a power cut and
/// by `kill -9`: no receipt ever doubles. `LAB_SWEEP=1 tools/lab --case PrintQueue` does so at every 512th byte.
@Suite(.enabled(if: KernelLab.isHere, KernelLab.comment), .serialized) struct PrintQueueCases {
  static let isWhole = ProcessInfo.processInfo.environment["LAB_SWEEP"] == "1"

  /// At the first byte, in the picture, and when the printer has all and has not confirmed it.
  static let places =
    isWhole ? PrintQueueSweep.places(every: 512) : [1, 30_208, PrintQueueSweep.commands.count]

  /// Long enough for an emulated machine; one that has other things to do fills a broken command up further than it
  /// must. Thousands of times it is what the driver waits by itself.
  static let status = Duration.seconds(isWhole ? 1 : 2)

  static let usblp = PrintQueueSweep("usblp", status: status) { () async throws(DeviceError) in
    try await PrintQueueCases.link { plugged in try await PrinterNode.open(plugged.node) }
  }

  static let libusb = PrintQueueSweep("libusb", status: status) { () async throws(DeviceError) in
    try await PrintQueueCases.link { plugged in try await USBStreamCases.open(plugged) }
  }

  /// A printer that is plugged in anew.
  private static func link(
    _ open: (PluggedIn) async throws -> any ByteTransport
  ) async throws(DeviceError) -> SweepLink {
    do {
      let plugged = try await PluggedIn(.printer(), as: .printer)
      do {
        return SweepLink(near: try await open(plugged), far: plugged.device.stream) { await plugged.end() }
      } catch {
        await plugged.end()
        throw error
      }
    } catch {
      throw error as? DeviceError ?? DeviceError(.inputOutput, during: "plugging in", detail: "\(error)")
    }
  }

  @Test func cablePulledUSBLP() async throws { try await Self.check(Self.usblp, .cablePulled) }
  @Test func powerCutUSBLP() async throws { try await Self.check(Self.usblp, .powerCut) }
  @Test func cablePulledLibUSB() async throws { try await Self.check(Self.libusb, .cablePulled) }
  @Test func powerCutLibUSB() async throws { try await Self.check(Self.libusb, .powerCut) }

  static func check(_ sweep: PrintQueueSweep, _ fault: PrintQueueSweep.Fault) async throws {
    let seen = try await sweep.check(fault, at: places)
    // For the log.
    print(sweep.name, fault.rawValue, places.count, "places:", seen)
    #expect(Set(seen.keys).isSuperset(of: [.printed, .unknown]))
  }

  @Test func killedUSBLP() async throws { try await Self.kill { "usblp:\($0)" } }
  @Test func killedLibUSB() async throws { try await Self.kill { _ in "usb:04b8:0202" } }

  /// The printer stays plugged in and keeps what it has, half a command included.
  static func kill(_ address: (String) -> String) async throws {
    let sweep = try PrintKillSweep(in: URL(filePath: try Program.folder())) { arguments in
      let result = try await Program.run(arguments)
      return (result.status, result.output, result.complaints)
    }
    let points = isWhole ? PrintKillSweep.bytesSent(every: 512) : ["sent:1024", "sent:30208"]
    var seen: [String: Int] = [:]
    for point in points {
      let plugged = try await PluggedIn(.printer(), as: .printer)
      try await Program.settleRules()
      let simulator = SimulatedPrinter(over: plugged.device.stream, PrinterProfile.epsonTMT20II.geometry)
      let running = Task { await simulator.run() }
      let (wasKilled, state) = try await sweep.check(point, printer: address(plugged.node)) {
        await plugged.end()
        await running.value
        return await simulator.page.text
      }
      seen["\(wasKilled ? "killed" : "not killed"), \(state ?? "nothing")", default: 0] += 1
    }
    print("kill -9", points.count, "places:", seen)
    #expect(seen.contains { $0.key.hasPrefix("killed") })
  }
}
