import POSModel
import POSSimulation
import POSTransport
import Testing

@Suite("Simulated USB devices", .timeLimit(.minutes(1))) struct SimulatedUSBDeviceTests {
  /// A host over a link in memory, reading until so many bytes have come.
  static func read(_ host: MemoryTransport, _ count: Int) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      guard case .bytes(let more) = try await host.read(upTo: count - bytes.count, until: nil) else { break }
      bytes += more
    }
    return bytes
  }

  @Test("bytes go both ways, and both ends learn that the cable was pulled")
  func bothWays() async throws {
    let clock = ManualClock()
    let link = MemoryLink(clock: clock, capacity: 65_536)
    let device = SimulatedUSBDevice(.printer(), clock: clock)
    let running = Task { await device.run(over: link.device) }
    let data = [UInt8](repeating: 7, count: 5_000)
    try await link.host.write(
      USBIPHost.submit(1, in: false, endpoint: 1, length: data.count, data: data), until: nil)
    var got: [UInt8] = []
    while got.count < data.count, case .bytes(let more) = try await device.stream.read(upTo: 999, until: nil)
    {
      got += more
    }
    #expect(got == data)
    #expect(USBIPHost.replies(try await Self.read(link.host, 48), inputs: []) == [.done(1, moved: 5_000)])
    try await link.host.write(USBIPHost.submit(2, in: true, endpoint: 2, length: 64), until: nil)
    try await device.stream.write([1, 2, 3], until: nil)
    #expect(
      USBIPHost.replies(try await Self.read(link.host, 51), inputs: [2]) == [.done(2, moved: 3, [1, 2, 3])])
    await device.unplug()
    await running.value
    await device.end()
    #expect(try await device.stream.read(upTo: 1, until: nil) == .endOfStream)
    #expect(try await link.host.read(upTo: 1, until: nil) == .endOfStream)
  }

  @Test("a simulator that takes nothing keeps the host waiting; a host that goes away ends the device")
  func backPressure() async throws {
    let clock = ManualClock()
    let link = MemoryLink(clock: clock, capacity: 65_536)
    let device = SimulatedUSBDevice(.printer(), clock: clock)
    let running = Task { await device.run(over: link.device) }
    let data = [UInt8](repeating: 7, count: 8_000)
    try await link.host.write(
      USBIPHost.submit(1, in: false, endpoint: 1, length: data.count, data: data)
        + USBIPHost.ask(2, [0xA1, 1], length: 1), until: nil)
    // The question is answered; the transfer is not at its end, for the link holds 4096 bytes.
    #expect(
      USBIPHost.replies(try await Self.read(link.host, 49), inputs: [2]) == [.done(2, moved: 1, [0x18])])
    await link.host.close()
    await running.value
  }

  @Test("keys are pressed and released")
  func keyboard() async throws {
    let link = MemoryReportLink(
      clock: ManualClock(), reportDescriptor: SimulatedKeyboardScanner.reportDescriptor)
    let scanner = SimulatedKeyboardScanner(device: link.device)
    try await scanner.scan("aA1:")
    var reports: [[UInt8]] = []
    while case .report(let report, _) = try await link.host.readReport(until: .start) {
      reports.append(report)
    }
    #expect(reports.count == 10)
    #expect(reports.filter { $0 == [UInt8](repeating: 0, count: 8) }.count == 5)
    #expect(
      stride(from: 0, to: 10, by: 2).map { Array(reports[$0][0...2]) } == [
        [0, 0, 4], [2, 0, 4], [0, 0, 0x1E], [2, 0, 0x33], [0, 0, 0x28],
      ])
    await #expect(throws: DeviceError.self) { try await scanner.scan("é") }
    #expect(link.reportsMoved(.toHost) == 10)
  }
}
