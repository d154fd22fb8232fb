import Conformance
import Foundation
import POSDrivers
import POSModel
import POSRuntime
import POSSimulation
import Testing

/// A device that the environment names.
struct NamedDevice: Sendable, CustomTestStringConvertible {
  var kind: String
  var address: String
  var testDescription: String { "\(kind) at \(address)" }

  static let all: [Self] = (ProcessInfo.processInfo.environment["POS_DEVICES"] ?? "").split(separator: " ")
    .map { word in
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      return Self(kind: parts.first ?? "", address: parts.last ?? "")
    }
}

/// Devices on the table, named by their addresses in `POS_DEVICES`, separated by blanks:
///
///     POS_DEVICES='scanner=hidraw:/dev/hidraw0 printer=usblp:/dev/usb/lp0' swift test --filter Hardware
///
/// A scanner wants a person who holds any code before it when it is asked for one; a printer uses paper; a terminal is
/// asked how it is, and never to charge.
@Suite("Devices on the table keep what drivers promise", .enabled(if: !NamedDevice.all.isEmpty), .serialized)
struct HardwareConformanceTests {
  @Test(arguments: NamedDevice.all) func device(_ device: NamedDevice) async throws {
    let address = try DeviceAddress(device.address)
    switch device.kind {
    case "printer":
      let rig = PrinterConformance.Rig(device.address, canBreak: false) { _ in .init(address: address) }
      for promise in PrinterConformance.allCases { try await promise.check(rig) }
    case "scanner":
      let scanner = try await DeviceOpener().scanner(at: address)
      var events = scanner.events().makeAsyncIterator()
      try await scanner.enable()
      print("\(device.address): hold a code before the scanner")
      guard case .scan(let scan) = await events.next() else {
        Issue.record("no scan")
        return
      }
      #expect(!scan.bytes.isEmpty && !scan.isTruncated)
      try await scanner.disable()
      await scanner.close()
      #expect(await events.next() == nil)
      let again = try await DeviceOpener().scanner(at: address)
      await again.close()
    case "terminal":
      let terminal = try DeviceOpener().terminal(at: address, journal: MemoryPaymentJournal())
      let status = try await terminal.status()
      #expect(!status.text.isEmpty)
      await terminal.close()
    default: Issue.record("POS_DEVICES takes scanner=, printer= or terminal= and an address: \(device)")
    }
  }
}
