import POSLinux
import POSModel
import POSSimulation
import POSTransport
import POSUdev

/// How soon a device is seen, how soon it is missed, and what many of them leave behind.
enum HotPlugBenchmark {
  /// From the kernel's news to `attached` and `detached` at a subscriber.
  static func latency(rounds: Int) async throws -> (attached: Latencies, detached: Latencies) {
    var attached = Latencies()
    var detached = Latencies()
    let kernel = try KernelEvents()
    var events = try await UdevEnumerator().events().makeAsyncIterator()
    _ = await events.next()
    for _ in 0..<rounds {
      async let came = time(of: "add", kernel)
      async let plugging = PluggedScanner()
      let seen = await wait(&events) { if case .attached = $0 { true } else { false } }
      attached.append(max(.zero, seen - (try await came)))
      let plugged = try await plugging
      async let went = time(of: "remove", kernel)
      async let pulled: Void = plugged.pullOut()
      let missed = await wait(&events) { if case .detached = $0 { true } else { false } }
      detached.append(max(.zero, missed - (try await went)))
      await pulled
    }
    await kernel.close()
    return (attached, detached)
  }

  /// When an event came that fits.
  private static func wait(
    _ events: inout AsyncStream<DeviceEvent>.Iterator, _ fits: (DeviceEvent) -> Bool
  ) async -> MonotonicInstant {
    while let event = await events.next(isolation: #isolation), !fits(event) {}
    return Reactor.shared.now
  }

  private static func time(of action: String, _ kernel: KernelEvents) async throws -> MonotonicInstant {
    while true {
      let event = try await kernel.next(until: Reactor.shared.now + .seconds(60))
      if event.action == action, event.subsystem == "usb", event.path.split(separator: "/").count == 5 {
        return Reactor.shared.now
      }
    }
  }

  /// Plugs in, opens, pulls out and closes so many times, eight at once; what the process held before and after.
  static func storm(plugs: Int) async throws -> (before: ResourceUse, after: ResourceUse) {
    // The first ones start the threads that stay.
    try await wave(8)
    let before = ResourceUse()
    for done in stride(from: 0, to: plugs, by: 8) { try await wave(min(8, plugs - done)) }
    return (before, ResourceUse())
  }

  private static func wave(_ count: Int) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<count {
        group.addTask {
          let plugged = try await PluggedScanner()
          let hidraw = try await HIDRaw.open(plugged.node)
          async let reading = hidraw.readReport(until: nil)
          await plugged.pullOut()
          _ = try? await reading
          await hidraw.close()
        }
      }
      try await group.waitForAll()
    }
  }

  /// The same without a kernel device: opens and closes a line so many times.
  static func reopening(times: Int) async throws -> (before: ResourceUse, after: ResourceUse) {
    func open(_ count: Int) async throws {
      for _ in 0..<count {
        let line = try PseudoTerminal()
        let port = try await SerialPort.open(line.path)
        async let reading = port.read(upTo: 64, until: nil)
        await line.close()
        _ = try? await reading
        await port.close()
      }
    }
    try await open(8)
    let before = ResourceUse()
    try await open(times)
    return (before, ResourceUse())
  }
}
