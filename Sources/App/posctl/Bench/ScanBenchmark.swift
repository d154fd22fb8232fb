import POSLinux
import POSModel
import POSRuntime
import POSSimulation
import POSTransport

/// How long a code takes from the scanner's end to a subscriber, beside a bare hop from a pipe to a task.
struct ScanBenchmark {
  /// One way by which codes come.
  struct Route: Sendable {
    var name: String
    var address: DeviceAddress
    /// Sends one code of 13 digits.
    var send: @Sendable () async throws -> Void
    /// Takes the simulated device away.
    var end: @Sendable () async -> Void
  }

  /// What was measured on one route.
  struct Result {
    var name: String
    /// From the device's write to the subscriber.
    var whole = Latencies()
    /// From the driver's read to the subscriber.
    var driver = Latencies()
  }

  /// Measures all routes and the bare hop, by turns.
  static func run(_ routes: [Route], rounds: Int) async throws -> (hop: Latencies, results: [Result]) {
    let bare = try BareHop()
    var hop = Latencies()
    var results = routes.map { Result(name: $0.name) }
    var scanners: [any Scanner] = []
    for route in routes { scanners.append(try await DeviceOpener().scanner(at: route.address)) }
    var events = scanners.map { $0.events().makeAsyncIterator() }
    for scanner in scanners { try await scanner.enable() }
    // The first rounds warm up and are not counted.
    for round in -rounds / 10..<rounds {
      let duration = await bare.measure()
      if round >= 0 { hop.append(duration) }
      for place in routes.indices {
        let start = Reactor.shared.now
        try await routes[place].send()
        guard case .scan(let scan) = await events[place].next() else {
          throw DeviceError(.protocolViolation, during: "measuring \(routes[place].name)")
        }
        let now = Reactor.shared.now
        guard round >= 0 else { continue }
        results[place].whole.append(now - start)
        results[place].driver.append(now - scan.readAt)
      }
    }
    for scanner in scanners { await scanner.close() }
    for route in routes { await route.end() }
    return (hop, results)
  }

  /// A scanner that sends plain text on a pseudo-terminal.
  static func line() throws(DeviceError) -> Route {
    let line = try PseudoTerminal()
    return Route(
      name: "pty", address: DeviceAddress(route: .serial(path: line.path, baud: nil)),
      send: { try await line.write(Array("4006381333931\r".utf8), until: nil) }, end: { await line.close() })
  }

  /// A HID POS scanner in a port of this machine's kernel.
  static func hidraw() async throws -> Route {
    let plugged = try await PluggedScanner()
    return Route(
      name: "hidraw", address: DeviceAddress(route: .hidraw(path: plugged.node)),
      send: { try await plugged.device.reports.sendReport(report, until: nil) },
      end: { await plugged.pullOut() })
  }

  /// An EAN-13 as a DS2208 sends it (specs/scanners.md §1.2).
  private static let report: [UInt8] = {
    let digits = Array("4006381333931".utf8)
    let head: [UInt8] = [0x02, UInt8(digits.count), 0] + Array("]E0".utf8)
    return head + digits + [UInt8](repeating: 0, count: 64 - head.count - digits.count)
  }()
}

/// A simulated HID POS scanner in a port of this machine's kernel.
struct PluggedScanner: Sendable {
  let device = SimulatedUSBDevice(.scanner(), clock: Reactor.shared)
  let port: VirtualUSBPort
  let node: String
  private let serving: Task<Void, Never>

  init() async throws(DeviceError) {
    let port = try await VirtualUSBPort.plug(speed: USBSpeed.full.rawValue)
    let device = device
    self.port = port
    serving = Task { await device.run(over: port.connection) }
    do throws(DeviceError) {
      node = try await port.node(of: .rawHID, until: Reactor.shared.now + .seconds(60))
    } catch {
      await device.unplug()
      await port.close()
      throw error
    }
  }

  func pullOut() async {
    await device.unplug()
    await serving.value
    await port.close()
  }
}
