import POSModel
public import POSTransport

/// A simulated device plugged into a USB port, once: it carries what a simulator says to a host that speaks
/// USB/IP, such as the kernel of this machine.
///
///     let device = SimulatedUSBDevice(.printer(), clock: clock)
///     let printer = SimulatedPrinter(over: device.stream, geometry)
///     async let running: Void = printer.run()
///     await device.run(over: port)      // until it is unplugged
public actor SimulatedUSBDevice {
  /// What the simulator behind it has: bytes or reports.
  private enum Pipe: Sendable {
    case stream(MemoryLink)
    case reports(MemoryReportLink)

    /// Hands data to the simulator and waits until it has room for them.
    func give(_ data: [UInt8]) async throws(DeviceError) {
      switch self {
      case .stream(let link): try await link.host.write(data, until: nil)
      case .reports(let link): try await link.host.writeReport(data)
      }
    }

    /// Waits for data of the simulator; `nil` when there will be none.
    func take() async throws(DeviceError) -> [UInt8]? {
      switch self {
      case .stream(let link):
        guard case .bytes(let bytes) = try await link.host.read(upTo: 4096, until: nil) else { return nil }
        return bytes
      case .reports(let link):
        guard case .report(let report, _) = try await link.host.readReport(until: nil) else { return nil }
        return report
      }
    }

    func close() async {
      switch self {
      case .stream(let link): await link.host.close()
      case .reports(let link): await link.host.close()
      }
    }
  }

  /// The simulator's end of a device that moves bytes.
  public nonisolated let stream: MemoryTransport
  /// The simulator's end of a device that moves reports.
  public nonisolated let reports: MemoryReportDevice

  private nonisolated let clock: any AlarmClock
  private nonisolated let pipe: Pipe
  private var machine: USBIPMachine
  private var host: (any ByteTransport)?
  private var isSending = false
  private var hasEnded = false
  /// Whoever waits for the end.
  private var onlookers: [Wait] = []
  /// Whoever waits for something to do in a direction.
  private var waits: [LinkDirection: Wait] = [:]

  /// The most bytes that wait for the host here; further ones stay with the simulator.
  private static let largestBacklog = 4096

  /// A device that is not plugged in yet.
  public init(_ model: SimulatedUSBModel, clock: any AlarmClock, faults: [USBFault] = []) {
    self.clock = clock
    machine = USBIPMachine(model, faults: faults)
    let bytes = MemoryLink(clock: clock)
    let descriptor = (model.function as? USBHIDFunction)?.reportDescriptor
    let packets = MemoryReportLink(clock: clock, reportDescriptor: descriptor ?? [])
    stream = bytes.device
    reports = packets.device
    pipe = descriptor == nil ? .stream(bytes) : .reports(packets)
  }

  /// The device as it is now: what its host has set.
  public var model: SimulatedUSBModel { machine.model }

  /// Bytes of data that have gone this way.
  public func bytesMoved(_ direction: LinkDirection) -> Int { machine.bytesMoved(direction) }

  /// Adds something that goes wrong.
  public func add(_ fault: USBFault) {
    machine.add(fault)
    wake()
  }

  /// Switches the line by which what hangs on a serial adapter says that it takes data: DSR at the host.
  public func setDataSetReady(_ isOn: Bool) { machine.setDataSetReady(isOn) }

  /// Ends what ``USBFault/Effect/notReady(_:)`` began.
  public func becomeReady() {
    machine.becomeReady()
    wake()
  }

  /// Waits until it has been pulled out, or the task is cancelled.
  public func end() async {
    while !hasEnded, !Task.isCancelled {
      let wait = Wait()
      onlookers.append(wait)
      _ = await wait.outcome()
    }
  }

  /// Pulls it out. What runs ends.
  public func unplug() async {
    hasEnded = true
    wake()
    for onlooker in onlookers { onlooker.end(.ready) }
    onlookers = []
    await host?.close()
    await pipe.close()
  }

  /// Serves a host until one of the two goes away, then pulls the device out. To be called once.
  ///
  /// - Parameter beginning: what the host has sent already.
  public func run(over host: any ByteTransport, beginning: [UInt8] = []) async {
    guard !hasEnded, self.host == nil, (try? machine.receive(beginning)) != nil else { return }
    self.host = host
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.listen(to: host) }
      group.addTask { await self.move(.toDevice) }
      group.addTask { await self.move(.toHost) }
      group.addTask { await self.collect() }
      await group.next()
      group.cancelAll()
      await self.unplug()
    }
  }

  // MARK: - Four tasks: from the host, to the device, from the device, to the host

  private func listen(to host: any ByteTransport) async {
    while !hasEnded, case .bytes(let bytes) = try? await host.read(upTo: 65_536, until: nil) {
      guard (try? machine.receive(bytes)) != nil else { return }
      wake()
      guard await flush() else { return }
    }
  }

  private func move(_ direction: LinkDirection) async {
    while !hasEnded, !Task.isCancelled {
      let step = machine.nextStep(direction, at: clock.now)
      // A fault may have ended transfers.
      guard await flush() else { return }
      switch step {
      case .unplug: return
      case .idle: await pause(direction, until: nil)
      case .notReady(let end): await pause(direction, until: end)
      case .send: machine.send()
      case .deliver(let data):
        guard (try? await pipe.give(data)) != nil else { return }
        machine.accept()
      }
    }
  }

  private func collect() async {
    while !hasEnded, !Task.isCancelled {
      guard let data = try? await pipe.take() else { return }
      machine.offer(data)
      wake()
      while machine.backlogSize > Self.largestBacklog, !hasEnded, !Task.isCancelled {
        let wait = Wait()
        room = wait
        _ = await wait.outcome()
      }
    }
  }

  /// Who waits for the host to take some of what waits for it.
  private var room: Wait?

  private func pause(_ direction: LinkDirection, until deadline: MonotonicInstant?) async {
    let wait = Wait()
    waits[direction] = wait
    _ = await wait.outcome(until: deadline, by: clock)
  }

  private func wake() {
    for wait in waits.values { wait.end(.ready) }
    waits = [:]
    room?.end(.ready)
    room = nil
  }

  /// Sends the host what there is for it; `false` when it is gone.
  private func flush() async -> Bool {
    guard !isSending else { return true }
    isSending = true
    defer { isSending = false }
    while let host, !hasEnded {
      let output = machine.takeOutput()
      guard !output.isEmpty else {
        // The host has taken something: there is room again.
        if machine.backlogSize <= Self.largestBacklog {
          room?.end(.ready)
          room = nil
        }
        return true
      }
      // A kernel that takes no answers is as good as gone.
      guard (try? await host.write(output, until: clock.now + .seconds(10))) != nil else { return false }
    }
    return false
  }
}
