import POSLinux
import POSModel
import POSSimulation
import POSTransport
import TestSupport
import Testing

/// Bytes through the kernel's usblp driver, and what becomes of them when the printer misbehaves.
@Suite(.enabled(if: KernelLab.isHere, KernelLab.comment), .serialized) struct PrinterNodeCases {
  /// 200 kB in which no stretch looks like another.
  static let job: [UInt8] = {
    var generator = SeededGenerator(seed: 7)
    return (0..<200_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }()

  /// Whether `bytes` are the first so many of the job: a comparison that prints no 200 kB when it fails.
  static func isStart(_ bytes: [UInt8], _ count: Int) -> Bool {
    bytes.count == count && bytes[...] == job.prefix(count)
  }

  /// Everything the device takes until it is unplugged.
  static func collecting(_ device: SimulatedUSBDevice) -> Task<[UInt8], Never> {
    Task {
      var bytes: [UInt8] = []
      while case .bytes(let more) = try? await device.stream.read(upTo: 4096, until: nil) { bytes += more }
      return bytes
    }
  }

  /// Writes the job; returns what the printer has got, and the error of writing it. `after` comes before closing.
  static func write(
    _ faults: [USBFault],
    through open: (PluggedIn) async throws -> any ByteTransport = { try await PrinterNode.open($0.node) },
    after writing: (PluggedIn, any ByteTransport) async throws -> Void = { _, _ in }
  ) async throws -> (got: [UInt8], failure: DeviceError?) {
    var result: (got: [UInt8], failure: DeviceError?) = ([], nil)
    try await plug(.printer(), as: .printer, faults: faults) { plugged in
      let collecting = collecting(plugged.device)
      let printer = try await open(plugged)
      do throws(DeviceError) {
        try await printer.write(job, until: KernelLab.patience)
      } catch {
        result.failure = error
      }
      try await writing(plugged, printer)
      await printer.close()
      await plugged.device.unplug()
      result.got = await collecting.value
    }
    return result
  }

  /// A printer that takes nothing for seconds, as one does that cuts, or whose buffer is full.
  static let busy: [USBFault] = [
    .writing(.notReady(.seconds(3)), after: 50_000), .writing(.notReady(.seconds(2)), after: 199_900),
  ]
  /// Transfers that end early: the rest must follow, once.
  static let short: [USBFault] = [
    .writing(.endsShort(100), after: 3_000), .writing(.endsShort(1), after: 100_000),
  ]

  @Test func everythingArrives() async throws {
    let (got, failure) = try await Self.write([])
    #expect(failure == nil)
    #expect(Self.isStart(got, 200_000))
  }

  @Test func busyPrinter() async throws {
    let (got, failure) = try await Self.write(Self.busy)
    #expect(failure == nil)
    #expect(Self.isStart(got, 200_000))
  }

  @Test func shortTransfer() async throws {
    let (got, failure) = try await Self.write(Self.short)
    #expect(failure == nil)
    #expect(Self.isStart(got, 200_000))
  }

  /// The printer refuses, and the driver never clears that: it is said so, now and at the next attempt.
  @Test func stall() async throws {
    let (got, failure) = try await Self.write(
      [.writing(.stall, after: 20_000)],
      after: { plugged, printer in
        await printer.close()
        let again = try await PrinterNode.open(plugged.node)
        let error = try await deviceError { () async throws(DeviceError) in
          try await again.write(Self.job, until: KernelLab.patience)
        }
        #expect(error.code == .inputOutput)
        await again.close()
      })
    #expect(Self.isStart(got, 20_000))
    let error = try #require(failure)
    #expect(error.code == .inputOutput, "\(error)")
    #expect(error.errno == 5)
    #expect(error.hint.contains("switch the printer off and on"), "\(error)")
    #expect((20_000...20_000 + 8_192).contains(error.bytesMoved), "\(error)")
  }

  /// One transfer is lost on a bad cable. Nothing may be left out silently.
  @Test func badCable() async throws {
    let (got, failure) = try await Self.write([.writing(.fails(71), after: 20_000)])
    let error = try #require(failure)
    #expect(Self.isStart(got, 20_000))
    #expect(error.code == .inputOutput, "\(error)")
    #expect((20_000...20_000 + 8_192).contains(error.bytesMoved), "\(error)")
  }

  /// The cable is pulled in the middle.
  @Test func unplug() async throws {
    let (got, failure) = try await Self.write([.writing(.unplug, after: 100_000)])
    #expect(Self.isStart(got, 100_000))
    let error = try #require(failure)
    #expect(error.code == .gone, "\(error)")
    #expect((100_000...100_000 + 8_192).contains(error.bytesMoved), "\(error)")
  }

  /// A printer that takes nothing for longer than the till waits.
  @Test func deadPrinter() async throws {
    try await plug(.printer(), as: .printer, faults: [.writing(.notReady(nil), after: 10_000)]) { plugged in
      let collecting = Self.collecting(plugged.device)
      let printer = try await PrinterNode.open(plugged.node)
      // What it takes may take long.
      try await printer.write(Array(Self.job.prefix(10_000)), until: KernelLab.patience)
      let error = try await deviceError { () async throws(DeviceError) in
        try await printer.write(Array(Self.job.dropFirst(10_000)), until: Reactor.shared.now + .seconds(1))
      }
      #expect(error.code == .timedOut, "\(error)")
      #expect((0...8_192).contains(error.bytesMoved), "\(error)")
      await printer.close()
      // The node is free again, and what was not taken is forgotten.
      let again = try await PrinterNode.open(plugged.node)
      await plugged.device.becomeReady()
      try await again.write([1, 2, 3], until: KernelLab.patience)
      await again.close()
      await plugged.device.unplug()
      let got = await collecting.value
      #expect(got.suffix(3) == [1, 2, 3])
      #expect(Self.isStart(Array(got.dropLast(3)), 10_000))
    }
  }

  /// Closing gives up a write that would last for ever, and one that is cancelled says what had left.
  @Test func closingAndCancelling() async throws {
    try await plug(.printer(), as: .printer, faults: [.writing(.notReady(nil), after: 10_000)]) { plugged in
      let collecting = Self.collecting(plugged.device)
      let printer = try await PrinterNode.open(plugged.node)
      let writing = Task { try await printer.write(Self.job, until: nil) }
      while await plugged.device.bytesMoved(.toDevice) < 10_000 { await Task.yield() }
      await printer.close()
      let closing = await #expect(throws: DeviceError.self) { try await writing.value }
      let closed = try #require(closing)
      #expect(closed.code == .closed, "\(closed)")
      #expect((10_000...10_000 + 8_192).contains(closed.bytesMoved), "\(closed)")

      let again = try await PrinterNode.open(plugged.node)
      let cancelling = Task { try await again.write(Self.job, until: nil) }
      cancelling.cancel()
      let failure = await #expect(throws: DeviceError.self) { try await cancelling.value }
      let cancelled = try #require(failure)
      #expect(cancelled.code == .cancelled, "\(cancelled)")
      #expect(cancelled.bytesMoved <= 4_096, "\(cancelled)")
      await again.close()
      await plugged.device.unplug()
      _ = await collecting.value
    }
  }

  /// What the printer says is read while it is written to.
  @Test func answers() async throws {
    try await plug(.printer(), as: .printer) { plugged in
      let printer = try await PrinterNode.open(plugged.node)
      let nothing = try await printer.read(upTo: 64, until: Reactor.shared.now + .milliseconds(200))
      #expect(nothing == .timedOut)
      async let answer = printer.read(upTo: 64, until: KernelLab.patience)
      try await plugged.device.stream.write([0x12, 0x34], until: nil)
      #expect(try await answer == .bytes([0x12, 0x34]))
      let reading = Task { try await printer.read(upTo: 64, until: nil) }
      await plugged.device.unplug()
      let failure = await #expect(throws: DeviceError.self) { _ = try await reading.value }
      #expect(failure?.code == .gone)
      await printer.close()
    }
  }
}
