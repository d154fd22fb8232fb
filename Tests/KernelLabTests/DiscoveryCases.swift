import Foundation
import POSDrivers
import POSLinux
import POSModel
import POSRuntime
import POSSimulation
import POSTransport
import POSUdev
import Testing

/// What is plugged in is seen, for what it is, wherever it is.
@Suite(.enabled(if: KernelLab.isHere, KernelLab.comment), .serialized) struct DiscoveryCases {
  /// Runs `body` with all these plugged in, in this order.
  static func plugAll(
    _ models: [(SimulatedUSBModel, VirtualUSBPort.NodeKind)],
    _ body: ([PluggedIn]) async throws -> Void
  ) async throws {
    var all: [PluggedIn] = []
    func pullOut() async {
      for each in all { await each.device.unplug() }
      for each in all { await each.end() }
    }
    do {
      for (model, kind) in models { all.append(try await PluggedIn(model, as: kind)) }
      try await Program.settleRules()
      try await body(all)
    } catch {
      await pullOut()
      throw error
    }
    await pullOut()
  }

  /// A counter with one of everything.
  static let counter: [(SimulatedUSBModel, VirtualUSBPort.NodeKind)] = [
    (.printer(), .printer), (.scanner(), .rawHID), (.keyboardScanner(), .rawHID), (.oemScanner(), .rawHID),
    (.serialScanner(), .serial), (.terminal(), .serial), (.serialAdapter(), .serial),
  ]

  @Test func enumerateAndIdentify() async throws {
    try await Self.plugAll(Self.counter) { all in
      let result = try await Program.run(["devices", "--json"])
      #expect(result.status == 0, "\(result)")
      var seen: [String] = []
      for line in result.output.split(separator: "\n") {
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        for function in object["functions"] as? [[String: Any]] ?? [] {
          let words = ["id", "kind", "mode", "address"].map { function[$0] as? String ?? "none" }
          #expect(function["accessible"] as? Bool == true, "\(line)")
          seen.append(words.joined(separator: " "))
        }
      }
      let nodes = all.map(\.node)
      #expect(
        seen == [
          "usb-04b8-0202-PRINTER1-if00 printer printer usblp:\(nodes[0])",
          "usb-05e0-2100-SCANNER1-if00 scanner hid-pos hidraw:\(nodes[1])",
          "usb-0c2e-0901-WEDGE1-if00 scanner keyboard hidraw:\(nodes[2])",
          "usb-05e0-1300-OEM1-if00 scanner usb-oem hidraw:\(nodes[3])",
          "usb-05e0-1701-SERIAL1-if00 scanner serial serial:\(nodes[4])",
          "usb-11ca-0219-TERMINAL1-if00 terminal serial serial:\(nodes[5])",
          "usb-0403-6001-ADAPTER1-if00 unknown serial serial:\(nodes[6])",
        ], "\(result)")
    }
  }

  /// What the README shows of a counter. `tools/lab` leaves what was printed beside its log.
  @Test func printed() async throws {
    try await Self.plugAll(Array(Self.counter.prefix(3))) { all in
      let simulator = SimulatedPrinter(
        over: all[0].device.stream, PrinterProfile.epsonTMT20II.geometry)
      async let running: Void = simulator.run()
      let state = try Program.folder()
      for (name, arguments) in [("devices", ["devices"]), ("doctor", ["doctor", "--state", state])] {
        let result = try await Program.run(arguments)
        try result.output.write(
          toFile: KernelLab.outputFolder + "/\(name).txt", atomically: false, encoding: .utf8)
        let golden = try String(contentsOfFile: Program.goldens + "/\(name).txt", encoding: .utf8)
        #expect(result.output == golden, "\(result)")
      }
      await all[0].device.unplug()
      await running
    }
  }

  /// Two scanners of one model: each code comes from the one that read it, in whatever port that is.
  @Test func twoOfOneModel() async throws {
    let serials = ["LEFT", "RIGHT"]
    func id(_ serial: String) -> DeviceID { DeviceID("usb-05e0-2100-\(serial)-if00") }
    for order in [serials, serials.reversed()] {
      try await Self.plugAll(order.map { (.scanner(serial: $0), .rawHID) }) { all in
        let ports = all.map { $0.port.number }
        #expect(ports == ports.sorted())
        for serial in serials {
          let place = try #require(order.firstIndex(of: serial))
          try await Self.readOne("code of \(serial)", as: id(serial), at: all[place])
        }
      }
    }
  }

  /// Two of one model without serial numbers are two by their ports, and stay it while the other one goes and comes.
  @Test func twoWithoutSerialNumbers() async throws {
    try await Self.plugAll([(.scanner(serial: nil), .rawHID), (.scanner(serial: nil), .rawHID)]) { all in
      let ids = DeviceMatcher.recognise(try await UdevEnumerator().list()).map(\.id.text)
      #expect(ids == ["usb-05e0-2100@1-1-if00", "usb-05e0-2100@1-2-if00"])
      for (id, each) in zip(ids, all) { try await Self.readOne("at \(id)", as: DeviceID(id), at: each) }
      try await all[0].pullOut()
      try await Self.readOne("still there", as: DeviceID(ids[1]), at: all[1])
    }
  }

  /// Opens a scanner by its identity and reads one code that `plugged` is shown.
  static func readOne(_ text: String, as id: DeviceID, at plugged: PluggedIn) async throws {
    let scanner = try await DeviceOpener().scanner(at: DeviceAddress(route: .discovered(id)))
    let simulator = SimulatedHIDPOSScanner(device: plugged.device.reports)
    var events = scanner.events().makeAsyncIterator()
    try await scanner.enable()
    #expect(try await simulator.waitUntilTold(toRead: false, until: KernelLab.patience))
    #expect(try await simulator.waitUntilTold(toRead: true, until: KernelLab.patience))
    try await simulator.scan(.qr(text))
    guard case .scan(let scan) = await events.next() else {
      Issue.record("no scan from \(id)")
      return
    }
    #expect(scan.text == text)
    #expect(scan.device.text.contains(id.text), "\(scan.device)")
    await scanner.close()
  }

  /// `posctl watch` says what comes and goes; `posctl wait` ends when what it waits for may be opened.
  @Test func watchAndWait() async throws {
    let waiting = Task { try await Program.run(["wait", "--for", "scanner", "--timeout", "60", "--json"]) }
    let watching = Process()
    watching.executableURL = Program.posctl
    watching.arguments = ["watch", "--json"]
    let lines = try await Program.start(watching, lines: 1)
    #expect(lines == [#"{"schema":1,"type":"watching"}"#])
    Program.end(watching)

    var events = try await UdevEnumerator().events().makeAsyncIterator()
    guard case .present(let before) = await events.next() else {
      Issue.record("no list")
      return
    }
    #expect(DeviceMatcher.recognise(before).isEmpty)
    let plugged = try await PluggedIn(.scanner(), as: .rawHID)
    var seen = "nothing"
    while let event = await events.next() {
      if case .attached(let device) = event { seen = device.numbers }
      if case .changed(let device, _) = event, device.interfaces.contains(where: { !$0.nodes.isEmpty }) {
        break
      }
      if case .attached(let device) = event, device.interfaces.contains(where: { !$0.nodes.isEmpty }) {
        break
      }
    }
    #expect(seen == "05e0:2100")
    let found = try await waiting.value
    #expect(found.status == 0, "\(found)")
    #expect(found.output.contains("\"id\":\"usb-05e0-2100-SCANNER1-if00\""), "\(found)")
    try await plugged.pullOut()
    while let event = await events.next() {
      if case .detached(let device) = event {
        #expect(device.serial == "SCANNER1")
        break
      }
    }
  }

  /// A storm: in and out again and again, and the list is what it was. No descriptor and no thread is left.
  /// `ScannerCases.unplugWhileReading` does it fifty times, `posctl bench` as often as it is told.
  @Test func twentyTimesInAndOut() async throws {
    let enumerator = UdevEnumerator()
    var events = try await enumerator.events().makeAsyncIterator()
    _ = await events.next()
    var before: (descriptors: Int, threads: Int)?
    for round in 0..<20 {
      let plugged = try await PluggedIn(.scanner(serial: "STORM\(round)"), as: .rawHID)
      while let event = await events.next() {
        if case .attached(let device) = event {
          #expect(device.serial == "STORM\(round)")
          break
        }
      }
      try await plugged.pullOut()
      while let event = await events.next() {
        if case .detached(let device) = event {
          #expect(device.serial == "STORM\(round)")
          break
        }
      }
      let descriptors = try KernelLab.openDescriptors.count
      // The first rounds start the threads that stay.
      if round == 4 { before = (descriptors, try KernelLab.threads) }
      if let before { #expect(descriptors <= before.descriptors, "round \(round)") }
    }
    let threads = try #require(before?.threads)
    // One that has done its work may take a moment to end.
    try await KernelLab.wait { try KernelLab.threads <= threads }
    #expect(try await enumerator.list().isEmpty)
  }
}
