import FoundationEssentials
import POSLinux
import POSModel
import POSSimulation
import POSTransport

/// How fast a megabyte goes to a printer through our transport, beside `cat FILE > /dev/usb/lp0`.
enum PrintBenchmark {
  static let size = 1 << 20

  /// The times of either, each round one after the other.
  static func run(rounds: Int) async throws -> (ours: Latencies, cat: Latencies) {
    let device = SimulatedUSBDevice(.printer(), clock: Reactor.shared)
    let port = try await VirtualUSBPort.plug(speed: USBSpeed.high.rawValue)
    let serving = Task { await device.run(over: port.connection) }
    let counter = Task {
      while case .bytes = try? await device.stream.read(upTo: 65_536, until: nil) {}
    }
    defer { counter.cancel() }
    let node = try await port.node(of: .printer, until: Reactor.shared.now + .seconds(60))
    let bytes = [UInt8](repeating: 0x20, count: size)
    let file = FileManager.default.temporaryDirectory.appending(path: "pos-bench-\(UUID().uuidString)")
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }

    var ours = Latencies()
    var cat = Latencies()
    for round in 1...rounds {
      ours.append(
        try await time {
          let printer = try await PrinterNode.open(node)
          try await printer.write(bytes, until: Reactor.shared.now + .seconds(60))
          await printer.close()
        })
      cat.append(try await time { try await ChildProcess.run(["sh", "-c", "cat \(file.path) > \(node)"]) })
      let arrived = await device.bytesMoved(.toDevice)
      guard arrived == 2 * round * size else {
        throw DeviceError(
          .inputOutput, during: "measuring a print", detail: "\(arrived) bytes of \(2 * round * size) arrived"
        )
      }
    }
    await device.unplug()
    await serving.value
    await port.close()
    return (ours, cat)
  }

  private static func time(_ body: () async throws -> Void) async throws -> Duration {
    let start = Reactor.shared.now
    try await body()
    return Reactor.shared.now - start
  }
}
