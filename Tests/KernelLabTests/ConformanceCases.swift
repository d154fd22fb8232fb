import Conformance
import POSDrivers
import POSLinux
import POSModel
import POSSimulation
import POSTransport
import Testing

/// What transports and drivers promise, over the kernel's own drivers: the suite that `swift test` runs on simulators.
@Suite(.enabled(if: KernelLab.isHere, KernelLab.comment), .serialized) struct ConformanceCases {
  @Test func bytesOverCDCACM() async throws {
    let rig = Self.bytes("cdc_acm", .terminal(), as: .serial) { node in try await SerialPort.open(node) }
    for promise in ByteTransportConformance.allCases { try await promise.check(rig) }
  }

  @Test func bytesOverFTDI() async throws {
    let rig = Self.bytes("ftdi_sio", .serialAdapter(), as: .serial) { node in
      try await SerialPort.open(node)
    }
    for promise in ByteTransportConformance.allCases { try await promise.check(rig) }
  }

  @Test func bytesOverUSBLP() async throws {
    let rig = Self.bytes("usblp", .printer(), as: .printer) { node in try await PrinterNode.open(node) }
    for promise in ByteTransportConformance.allCases { try await promise.check(rig) }
  }

  @Test func bytesOverLibUSB() async throws {
    let rig = Self.bytes("libusb", .printer(), as: .printer) { _ in
      try await USBStreamCases.open()
    }
    for promise in ByteTransportConformance.allCases { try await promise.check(rig) }
  }

  static func bytes(
    _ name: String, _ model: SimulatedUSBModel, as kind: VirtualUSBPort.NodeKind,
    _ open: @escaping @Sendable (String) async throws -> any ByteTransport
  ) -> Rig<ByteTransportConformance.Pair> {
    Rig(name) {
      let plugged = try await PluggedIn(model, as: kind)
      return .init(
        near: try await open(plugged.node), far: plugged.device.stream,
        cut: { await plugged.device.unplug() }, end: { await plugged.end() })
    }
  }

  @Test func reportsOverHidraw() async throws {
    let rig = Rig<ReportTransportConformance.Link>("hidraw") {
      // Its reports have no ids.
      let plugged = try await PluggedIn(.oemScanner(), as: .rawHID)
      return .init(
        near: try await HIDRaw.open(plugged.node), far: plugged.device.reports, end: { await plugged.end() })
    }
    for promise in ReportTransportConformance.allCases { try await promise.check(rig) }
  }

  // MARK: Drivers

  @Test func scannerHIDPOS() async throws {
    try await Self.check(.scanner(), as: .rawHID, { DeviceAddress(route: .hidraw(path: $0)) }) { device in
      let scanner = SimulatedHIDPOSScanner(device: device.reports)
      return (
        { try await scanner.waitUntilTold(toRead: true, until: KernelLab.patience) },
        { _ = try await scanner.scan(.code128($0)) }
      )
    }
  }

  @Test func scannerOEM() async throws {
    try await Self.check(
      .oemScanner(), as: .rawHID, { DeviceAddress(scheme: "oem", route: .hidraw(path: $0)) }
    ) { device in
      let scanner = SimulatedOEMScanner(device: device.reports)
      return (
        { try await scanner.waitUntilTold(toRead: true, until: KernelLab.patience) },
        { _ = try await scanner.scan(Array($0.utf8), id: 0x18) }
      )
    }
  }

  @Test func scannerKeyboard() async throws {
    try await Self.check(
      .keyboardScanner(), as: .rawHID, { DeviceAddress(scheme: "keyboard", route: .hidraw(path: $0)) }
    ) { device in
      let scanner = SimulatedKeyboardScanner(device: device.reports)
      return ({ true }, { try await scanner.scan($0) })
    }
  }

  @Test func scannerCDCACM() async throws {
    try await Self.check(
      .serialScanner(), as: .serial, { DeviceAddress(route: .serial(path: $0, baud: nil)) }
    ) { device in
      let scanner = SimulatedSerialScanner(line: device.stream, mode: .serial)
      return ({ true }, { try await scanner.scan(.code128($0)) })
    }
  }

  typealias Hands = (
    becomeReady: @Sendable () async throws -> Bool, show: @Sendable (String) async throws -> Void
  )

  static func check(
    _ model: SimulatedUSBModel, as kind: VirtualUSBPort.NodeKind,
    _ address: @escaping @Sendable (String) -> DeviceAddress,
    _ simulate: @escaping @Sendable (SimulatedUSBDevice) -> Hands
  ) async throws {
    let rig = Rig<ScannerConformance.Bench>(model.identity.name) {
      let plugged = try await PluggedIn(model, as: kind)
      let hands = simulate(plugged.device)
      return .init(
        address: address(plugged.node), becomeReady: hands.becomeReady, show: hands.show,
        unplug: { await plugged.end() })
    }
    for promise in ScannerConformance.allCases { try await promise.check(rig) }
  }

  @Test func printerUSBLP() async throws {
    try await Self.checkPrinter("usblp") { DeviceAddress(route: .usblp(path: $0)) }
  }

  @Test func printerLibUSB() async throws {
    try await Self.checkPrinter("libusb") { _ in
      DeviceAddress(route: .usb(vendor: 0x04B8, product: 0x0202, serial: nil))
    }
  }

  static func checkPrinter(
    _ name: String, _ address: @escaping @Sendable (String) -> DeviceAddress
  ) async throws {
    let rig = PrinterConformance.Rig(name) { limit in
      let faults = limit.map { [USBFault.writing(.unplug, after: $0)] } ?? []
      let plugged = try await PluggedIn(.printer(), as: .printer, faults: faults)
      try await Program.settleRules()
      let printer = SimulatedPrinter(over: plugged.device.stream, PrinterProfile.epsonTMT20II.geometry)
      let running = Task { await printer.run() }
      return .init(
        address: address(plugged.node), paper: { await printer.page.text },
        end: {
          await plugged.end()
          await running.value
        })
    }
    for promise in PrinterConformance.allCases { try await promise.check(rig) }
  }

  @Test func terminalsCDCACM() async throws {
    for speech in [TerminalCases.Speech.zvt, .concert] {
      let rig = TerminalConformance.Rig(speech.rawValue, speaks: speech.simulated) { behaviour in
        let book = ChargeBook()
        let simulator = SimulatedTerminal(behaviour, ledger: book.append)
        let current = Lock<PluggedIn?>(nil)
        let plug: @Sendable () async throws -> String = {
          await current.withLock { $0 }?.end()
          let plugged = try await PluggedIn(.terminal(), as: .serial)
          current.withLock { $0 = plugged }
          // Ends with the link.
          Task {
            await simulator.run(over: plugged.device.stream)
            await plugged.device.unplug()
          }
          return plugged.node
        }
        let terminal = try TerminalCases.terminal(try await plug(), speaking: speech)
        return .init(
          terminal: terminal, canBeAsked: speech == .zvt, charges: { await book.charges },
          // In the same port and with the same node, for the kernel has let go of the first one.
          replug: { _ = try await plug() }, end: { await current.withLock { $0 }?.end() })
      }
      for promise in TerminalConformance.allCases { try await promise.check(rig) }
    }
  }
}
