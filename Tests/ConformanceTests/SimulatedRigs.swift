import Conformance
import ESCPOS
import Foundation
import POSDrivers
import POSLinux
import POSModel
import POSRuntime
import POSSimulation
import POSTerminalWire
import POSTransport

/// A path for a socket or a link that no other test uses.
func scratch(_ name: String) -> String {
  FileManager.default.temporaryDirectory.path + "/pos-\(name)-\(UInt64.random(in: 0...UInt64.max))"
}

extension Rig<ByteTransportConformance.Pair> {
  static let simulated: [Self] = [
    Self("a link in memory") {
      let link = MemoryLink(clock: Reactor.shared)
      return .init(near: link.host, far: link.device)
    },
    Self("TCP") {
      let listener = try TCPListener()
      let near = try await TCPConnection.open(host: "127.0.0.1", port: listener.port)
      let far = try await listener.accept(until: nil)
      await listener.close()
      return .init(near: near, far: far)
    },
    Self("a serial line") {
      let line = try PseudoTerminal()
      return .init(near: try await SerialPort.open(line.path, SerialSettings(baud: 115_200)), far: line)
    },
  ]
}

extension Rig<ReportTransportConformance.Link> {
  static let simulated: [Self] = [
    Self("a link in memory") {
      let link = MemoryReportLink(clock: Reactor.shared, reportDescriptor: [])
      return .init(near: link.host, far: link.device)
    },
    Self("a socket of reports") {
      let path = scratch("reports")
      let listener = try ReportSocketListener(path, reportDescriptor: [0x05, 0x01])
      async let far = listener.accept(until: nil)
      let near = try await ReportSocket.open(path)
      return .init(near: near, far: try await far, end: { await listener.close() })
    },
  ]
}

extension Rig<ScannerConformance.Bench> {
  static let simulated: [Self] = [
    reports("HID POS", scheme: nil, SimulatedHIDPOSScanner.reportDescriptor) { device in
      let scanner = SimulatedHIDPOSScanner(device: device)
      return (
        { try await scanner.waitUntilTold(toRead: true, until: Reactor.shared.now + .seconds(30)) },
        { _ = try await scanner.scan(.code128($0)) }
      )
    },
    reports("USB-OEM", scheme: "oem", SimulatedOEMScanner.reportDescriptor) { device in
      let scanner = SimulatedOEMScanner(device: device)
      return (
        { try await scanner.waitUntilTold(toRead: true, until: Reactor.shared.now + .seconds(30)) },
        { _ = try await scanner.scan(Array($0.utf8), id: 0x18) }
      )
    },
    reports("keyboard", scheme: "keyboard", SimulatedKeyboardScanner.reportDescriptor) { device in
      let scanner = SimulatedKeyboardScanner(device: device)
      return ({ true }, { try await scanner.scan($0) })
    },
    line("plain serial", scheme: nil, .serial),
    line("SSI", scheme: "ssi", .ssi),
  ]

  typealias Hands = (
    becomeReady: @Sendable () async throws -> Bool, show: @Sendable (String) async throws -> Void
  )

  /// A scanner behind a socket of reports; each time it is opened, its simulator is a new one.
  static func reports(
    _ name: String, scheme: String?, _ descriptor: [UInt8],
    _ simulate: @escaping @Sendable (any ReportDevice) -> Hands
  ) -> Self {
    Self(name) {
      let path = scratch("scanner")
      let listener = try ReportSocketListener(path, reportDescriptor: descriptor)
      let current = Lock<Hands?>(nil)
      let (arrivals, arrival) = AsyncStream.makeStream(of: Hands.self)
      // Opening waits for the descriptor, so somebody must be there before.
      let serving = Task {
        var devices: [ReportSocketDevice] = []
        while let device = try? await listener.accept(until: nil) {
          devices.append(device)
          arrival.yield(simulate(device))
        }
        for device in devices { await device.close() }
      }
      return .init(
        address: DeviceAddress(scheme: scheme, route: .reportSocket(path: path)),
        becomeReady: {
          var iterator = arrivals.makeAsyncIterator()
          guard let hands = await iterator.next() else { return false }
          current.withLock { $0 = hands }
          return try await hands.becomeReady()
        },
        show: { code in
          guard let hands = current.withLock({ $0 }) else { return }
          try await hands.show(code)
        },
        unplug: {
          serving.cancel()
          await listener.close()
          await serving.value
        })
    }
  }

  static func line(_ name: String, scheme: String?, _ mode: SimulatedSerialScanner.Mode) -> Self {
    Self(name) {
      let line = try PseudoTerminal()
      let scanner = SimulatedSerialScanner(line: line, mode: mode)
      return .init(
        address: DeviceAddress(scheme: scheme, route: .serial(path: line.path, baud: nil)),
        becomeReady: { mode == .ssi ? try await scanner.waitForHost() : true },
        show: { try await scanner.scan(.code128($0)) }, unplug: { await line.close() })
    }
  }
}

extension PrinterConformance.Rig {
  static let simulated: [Self] = [
    Self("TCP") { limit in
      let listener = try TCPListener()
      let current = Lock<SimulatedPrinter?>(nil)
      let serving = Task {
        while let connection = try? await listener.accept(until: nil) {
          let printer = simulator(over: connection, breakingAfter: limit)
          current.withLock { $0 = printer }
          await printer.run()
        }
      }
      return .init(
        address: DeviceAddress(route: .tcp(host: "127.0.0.1", port: listener.port)),
        paper: { await current.withLock { $0 }?.page.text ?? [] },
        end: {
          serving.cancel()
          await listener.close()
          await current.withLock { $0 }?.stop()
          await serving.value
        })
    },
    Self("a serial line") { limit in
      let line = try PseudoTerminal()
      let printer = simulator(over: line, breakingAfter: limit)
      let running = Task { await printer.run() }
      return .init(
        address: DeviceAddress(route: .serial(path: line.path, baud: nil)),
        paper: { await printer.page.text },
        end: {
          await line.close()
          await running.value
        })
    },
  ]

  static func simulator(over link: any ByteTransport, breakingAfter limit: Int?) -> SimulatedPrinter {
    var faults = SimulatedPrinter.Faults()
    faults.breaksLinkAfter = limit
    return SimulatedPrinter(over: link, PrinterProfile.epsonTMT20II.geometry, faults: faults)
  }
}

extension TerminalConformance.Rig {
  static let simulated: [Self] = [
    Self("ZVT on a serial line", speaks: .zvtSerial) { behaviour in
      let password = ZVTPassword(digits: Array("000000".utf8))
      return try await line(
        behaviour, .zvt(ZVTConfiguration(link: .serial, password: try password.unwrapped)))
    },
    Self("Concert on a serial line", speaks: .concert) { behaviour in
      var configuration = ConcertConfiguration()
      configuration.listeningTime = .milliseconds(200)
      return try await line(behaviour, .concert(configuration))
    },
  ]

  /// A terminal on a line whose name stays when its cable is pulled and put in again.
  static func line(
    _ behaviour: SimulatedTerminalBehaviour, _ speech: CardTerminalProtocol
  ) async throws -> TerminalConformance.Bench {
    let book = ChargeBook()
    let simulator = SimulatedTerminal(behaviour, ledger: book.append)
    let link = scratch("terminal")
    let current = Lock<(line: PseudoTerminal, serving: Task<Void, Never>)?>(nil)
    let plug: @Sendable () async throws -> Void = {
      if let (line, serving) = current.withLock({ $0 }) {
        await line.close()
        await serving.value
      }
      let line = try PseudoTerminal(link: link)
      let serving = Task { await simulator.run(over: line) }
      current.withLock { $0 = (line, serving) }
    }
    try await plug()
    let terminal = CardTerminal(
      DeviceDescriptor(
        id: DeviceID("conformance"), kind: .terminal,
        address: DeviceAddress(route: .serial(path: link, baud: nil)),
        name: "the terminal"), speaking: speech, journal: MemoryPaymentJournal(), clock: Reactor.shared,
      connect: { () async throws(DeviceError) -> any ByteTransport in
        try await SerialPort.open(link, SerialSettings(baud: 9600))
      })
    return .init(
      terminal: terminal, canBeAsked: behaviour.speaks == .zvtSerial, charges: { await book.charges },
      replug: plug,
      end: {
        guard let (line, serving) = current.withLock({ $0 }) else { return }
        await line.close()
        await serving.value
      })
  }
}

extension Optional {
  /// The value, of which the caller is sure.
  fileprivate var unwrapped: Wrapped {
    get throws {
      guard let self else { throw DeviceError(.badConfiguration, during: "setting up a bench") }
      return self
    }
  }
}
