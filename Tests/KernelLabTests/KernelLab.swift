import Foundation
import POSLinux
import POSModel
import POSSimulation
import POSTransport
import Testing

/// Cases that need a kernel with virtual USB ports: `tools/lab` runs each in a guest, in a process of its own.
enum KernelLab {
  static let isHere = ProcessInfo.processInfo.environment["POS_KERNEL_LAB"] != nil
  static let comment: Comment = "needs the drivers of a stock kernel: tools/lab"

  /// Longer than the slowest guest takes for anything.
  static var patience: MonotonicInstant { Reactor.shared.now + .seconds(40) }

  /// Waits until `condition` holds, and looks every now and then; throws when the patience ends.
  static func wait(_ condition: () async throws -> Bool) async throws {
    let clock = Reactor.shared
    let deadline = patience
    while try await !condition() {
      try #require(clock.now < deadline, "what was waited for never came")
      try await clock.sleep(until: clock.now + .milliseconds(5))
    }
  }

  /// The numbers of this process's open descriptors.
  static var openDescriptors: Set<String> {
    get throws { Set(try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) }
  }

  /// How many threads of this project's this process has, by their names. Swift's own come and go.
  static var threads: Int {
    get throws {
      let folder = "/proc/self/task"
      return try FileManager.default.contentsOfDirectory(atPath: folder).count { thread in
        // One that has ended meanwhile has no name.
        (try? String(contentsOfFile: "\(folder)/\(thread)/comm", encoding: .utf8))?.hasPrefix("pos-") == true
      }
    }
  }

  /// Where a case leaves what is to be kept.
  static let outputFolder = ProcessInfo.processInfo.environment["POS_KERNEL_LAB"] ?? "/nonexistent"
}

/// A simulated device in a USB port of this machine's kernel, and its node.
struct PluggedIn: Sendable {
  let device: SimulatedUSBDevice
  let port: VirtualUSBPort
  let node: String
  private let serving: Task<Void, Never>
  private let isOut = Lock(false)

  /// Plugs a device in and waits for its node.
  init(
    _ model: SimulatedUSBModel, as kind: VirtualUSBPort.NodeKind, faults: [USBFault] = []
  ) async throws {
    let device = SimulatedUSBDevice(model, clock: Reactor.shared, faults: faults)
    let port = try await VirtualUSBPort.plug(speed: model.function.layout.speed.rawValue)
    self.device = device
    self.port = port
    serving = Task { await device.run(over: port.connection) }
    node = try await port.node(of: kind, until: KernelLab.patience)
  }

  /// Pulls it out and waits until the kernel has let go of it: what is plugged in next finds its port and its nodes
  /// free. However often.
  func pullOut() async throws {
    await device.unplug()
    await serving.value
    let isFirst = isOut.withLock { isOut in
      defer { isOut = true }
      return !isOut
    }
    guard isFirst else { return }
    try await port.removal(until: KernelLab.patience)
    await port.close()
  }

  /// The same where nothing can be thrown.
  func end() async {
    do { try await pullOut() } catch { Issue.record(error) }
  }

  /// Waits until it has been pulled out by a fault.
  func hasGone() async { await serving.value }
}

/// Runs `body` with devices plugged in, and pulls them out whatever happens.
func plug(
  _ model: SimulatedUSBModel, as kind: VirtualUSBPort.NodeKind, faults: [USBFault] = [],
  _ body: (PluggedIn) async throws -> Void
) async throws {
  let plugged = try await PluggedIn(model, as: kind, faults: faults)
  do {
    try await body(plugged)
  } catch {
    await plugged.device.unplug()
    throw error
  }
  await plugged.end()
}

/// The error that `body` throws, which must be a device's.
func deviceError(_ body: () async throws(DeviceError) -> Void) async throws -> DeviceError {
  do throws(DeviceError) {
    try await body()
  } catch {
    return error
  }
  throw NoError()
}

struct NoError: Error {}
