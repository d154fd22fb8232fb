import ESCPOS
import Foundation
import POSDrivers
import POSLinux
import POSModel
import POSSimulation
import POSTransport
import Testing

/// Whole sales through the kernel's drivers.
@Suite(.enabled(if: KernelLab.isHere, KernelLab.comment), .serialized) struct SaleCases {
  /// Runs one sale with these devices; returns how it ended and its summary.
  static func sell(
    scanner: String, printer: String, terminal: String, server: String
  ) async throws -> (result: Program.Result, summary: [String: Any]) {
    let folder = try Program.folder()
    let result = try await Program.run(
      [
        "sale", "run", "--order", Program.order, "--scanner", scanner, "--printer", printer, "--terminal",
        terminal,
        "--server", server, "--state", folder + "/state", "--json",
      ], environment: ["ZVT_PASSWORD": "000000"].merging(Program.keys) { $1 })
    let last = result.output.split(separator: "\n").last.map { Data($0.utf8) } ?? Data()
    let summary = try? JSONSerialization.jsonObject(with: last) as? [String: Any]
    return (result, summary ?? [:])
  }

  /// `posctl simulate lane --usbip` on one side, `posctl sale run` on the other, twice.
  @Test func saleOnUSB() async throws {
    let folder = try Program.folder()
    let (punchh, server) = try await Program.simulate(["punchh"], lines: 1)
    defer { Program.end(punchh) }
    let (lane, devices) = try await Program.simulate(["lane", folder + "/lane", "--usbip"], lines: 3)
    defer { Program.end(lane) }
    let scanner = try #require(devices["scanner"])
    #expect(scanner.hasPrefix("hidraw:/dev/hidraw"))
    for number in 1...2 {
      let (result, summary) = try await Self.sell(
        scanner: scanner, printer: try #require(devices["printer"]),
        terminal: try #require(devices["terminal"]),
        server: try #require(server["punchh"]))
      #expect(result.status == 0, "\(result)")
      let payment = summary["payment"] as? [String: Any]
      #expect(payment?["outcome"] as? String == "approved", "\(result)")
      #expect(summary["guest"] as? String == "Jane Doe", "\(result)")
      let ledger = try String(contentsOfFile: folder + "/lane/terminal-ledger", encoding: .utf8)
      #expect(ledger.split(separator: "\n").count == number, "\(ledger)")
    }
  }

  /// A simulator without rights offers its devices to `usbip attach`, which root runs.
  @Test func attachOverTCP() async throws {
    let folder = try Program.folder(forPlainUser: true)
    let (lane, devices) = try await Program.simulate(
      ["lane", folder + "/lane", "--usbip"], lines: 3, asPlainUser: true)
    defer { Program.end(lane) }
    #expect(devices["printer"] == "usbip:127.0.0.1:3240:1-2")
    let attached = try await Program.run(
      URL(filePath: "/usr/sbin/usbip"), ["attach", "--remote", "127.0.0.1", "--busid", "1-2"], [:])
    #expect(attached.status == 0, "\(attached)")
    try await Program.wait(for: "/dev/usb/lp0")
    let printer = try await PrinterNode.open("/dev/usb/lp0")
    // DLE EOT 1: how are you?
    try await printer.write([0x10, 0x04, 0x01], until: KernelLab.patience)
    #expect(try await printer.read(upTo: 9, until: KernelLab.patience) == .bytes([0x12]))
    await printer.close()
  }

  /// Waits that an emulated machine with other things to do does not exceed.
  static let patient = ESCPOSPrinter.Timing(
    status: .seconds(20), progress: .seconds(60), confirmation: .seconds(60))

  /// What comes out of the printer is what was sold.
  @Test func paper() async throws {
    let printer = try await PluggedIn(.printer(), as: .printer)
    let simulator = SimulatedPrinter(over: printer.device.stream, PrinterProfile.epsonTMT20II.geometry)
    async let running: Void = simulator.run()
    let node = try await PrinterNode.open(printer.node)
    let driver = ESCPOSPrinter(
      DeviceDescriptor(
        id: DeviceID("lab"), kind: .printer, address: DeviceAddress(route: .usblp(path: printer.node)),
        name: "the lab printer"),
      over: node, profile: .epsonTMT20II, timing: Self.patient)
    var receipt = ReceiptDocument()
    for line in 0..<1_000 { receipt.columns("Line \(line) of a very long receipt", "\(line).00") }
    receipt.cut()
    let outcome = await driver.print(PrintJob(id: "long", document: receipt))
    #expect(outcome == .printed)
    let page = await simulator.page
    #expect(page.cuts.count == 1)
    #expect(await simulator.receivedBytes.count > 45_000)
    let status = try await driver.status()
    #expect(status.isOnline)
    #expect(status.paper == .present)
    await driver.close()
    await printer.device.unplug()
    await running
  }

  /// A job whose cable is pulled in the middle is neither printed nor not printed.
  @Test func paperUnplugged() async throws {
    try await plug(.printer(), as: .printer, faults: [.writing(.unplug, after: 20_000)]) { plugged in
      let simulator = SimulatedPrinter(over: plugged.device.stream, PrinterProfile.epsonTMT20II.geometry)
      async let running: Void = simulator.run()
      let driver = ESCPOSPrinter(
        DeviceDescriptor(
          id: DeviceID("lab"), kind: .printer, address: DeviceAddress(route: .usblp(path: plugged.node)),
          name: "the lab printer"),
        over: try await PrinterNode.open(plugged.node), profile: .epsonTMT20II, timing: Self.patient)
      var receipt = ReceiptDocument()
      for line in 0..<2_000 { receipt.columns("Line \(line) of a very long receipt", "\(line).00") }
      guard case .unknown(let error) = await driver.print(PrintJob(id: "long", document: receipt)) else {
        Issue.record("not unknown")
        return
      }
      // Not more than a transfer above what has left, status requests among it.
      #expect((19_900...20_000 + 8_192).contains(error.bytesMoved), "\(error)")
      await driver.close()
      await running
    }
  }
}
