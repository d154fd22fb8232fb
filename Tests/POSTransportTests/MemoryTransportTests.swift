import POSModel
import POSTransport
import Testing

@Suite("Link in memory", .timeLimit(.minutes(1)))
struct MemoryTransportTests {
  let clock = ManualClock()

  @Test("bytes arrive in order, at most as many as asked for")
  func order() async throws {
    let link = MemoryLink(clock: clock)
    try await link.host.write([1, 2, 3], until: nil)
    #expect(try await link.device.read(upTo: 2, until: nil) == .bytes([1, 2]))
    #expect(try await link.device.read(upTo: 2, until: nil) == .bytes([3]))
    try await link.device.write([4], until: nil)
    #expect(try await link.host.read(upTo: 9, until: nil) == .bytes([4]))
    #expect(link.bytesMoved(.toDevice) == 3)
    #expect(link.bytesMoved(.toHost) == 1)
  }

  @Test("a read waits, and the deadline ends it")
  func deadline() async throws {
    let link = MemoryLink(clock: clock)
    let reading = Task { try await link.host.read(upTo: 1, until: clock.now + .seconds(5)) }
    await clock.waitForAlarms()
    clock.advance(by: .milliseconds(4999))
    #expect(clock.pendingAlarms == 1)
    clock.advance(by: .milliseconds(1))
    try await link.device.write([7], until: nil)
    #expect(try await reading.value == .timedOut)
    #expect(try await link.host.read(upTo: 1, until: clock.now) == .bytes([7]))
    #expect(try await link.host.read(upTo: 1, until: clock.now) == .timedOut)
  }

  @Test("cancelling a read loses no byte")
  func cancel() async throws {
    let link = MemoryLink(clock: clock)
    let reading = Task { try await link.host.read(upTo: 1, until: clock.now + .seconds(5)) }
    await clock.waitForAlarms()
    reading.cancel()
    try await link.device.write([7], until: nil)
    await expect(.cancelled) { _ = try await reading.value }
    #expect(try await link.host.read(upTo: 1, until: nil) == .bytes([7]))
    #expect(clock.pendingAlarms == 0)
  }

  @Test("a full buffer holds the writer until the other side reads")
  func backPressure() async throws {
    let link = MemoryLink(clock: clock, capacity: 4)
    let bytes = (0..<100).map { UInt8($0) }
    let writing = Task { try await link.host.write(bytes, until: nil) }
    var received: [UInt8] = []
    while received.count < bytes.count {
      guard case .bytes(let some) = try await link.device.read(upTo: 3, until: nil) else { break }
      #expect(some.count <= 3)
      received += some
    }
    try await writing.value
    #expect(received == bytes)
  }

  @Test("a write times out by lack of progress, not by its length, and says how far it got")
  func progress() async throws {
    let link = MemoryLink(clock: clock, capacity: 4)
    let writing = Task {
      try await link.host.write([UInt8](repeating: 9, count: 10), until: clock.now + .seconds(5))
    }
    await clock.waitForAlarms()
    clock.advance(by: .seconds(4))
    #expect(try await link.device.read(upTo: 4, until: nil) == .bytes([9, 9, 9, 9]))
    while clock.nextAlarm != .start + .seconds(9) { await Task.yield() }
    clock.advance(by: .seconds(4))
    #expect(clock.pendingAlarms == 1)
    clock.advance(by: .seconds(1))
    let error = await expect(.timedOut) { try await writing.value }
    #expect(error?.bytesMoved == 8)
  }

  @Test("after close the other side reads what was sent, then the end; writing to it fails")
  func close() async throws {
    let link = MemoryLink(clock: clock)
    try await link.host.write([1, 2], until: nil)
    await link.host.close()
    #expect(try await link.device.read(upTo: 9, until: nil) == .bytes([1, 2]))
    #expect(try await link.device.read(upTo: 9, until: nil) == .endOfStream)
    await expect(.connectionLost) { try await link.device.write([3], until: nil) }
    await expect(.closed) { try await link.host.write([3], until: nil) }
    await expect(.closed) { _ = try await link.host.read(upTo: 1, until: nil) }
  }

  @Test("closing ends the reads and writes at hand on both sides")
  func closeAtHand() async throws {
    let link = MemoryLink(clock: clock, capacity: 1)
    let hour = clock.now + .seconds(3600)
    let hostReads = Task { try await link.host.read(upTo: 1, until: hour) }
    let hostWrites = Task { try await link.host.write([1, 2], until: hour) }
    let deviceWrites = Task { try await link.device.write([], until: hour) }
    try await deviceWrites.value
    await clock.waitForAlarms(atLeast: 2)
    await link.host.close()
    await expect(.closed) { _ = try await hostReads.value }
    let error = await expect(.closed) { try await hostWrites.value }
    #expect(error?.bytesMoved == 1)
    #expect(clock.pendingAlarms == 0)
  }

  @Test("there is one reader and one writer at a time")
  func exclusive() async throws {
    let link = MemoryLink(clock: clock, capacity: 1)
    let reading = Task { try await link.host.read(upTo: 1, until: clock.now + .seconds(1)) }
    await clock.waitForAlarms()
    await expect(.busy) { _ = try await link.host.read(upTo: 1, until: nil) }
    let writing = Task { try await link.host.write([1, 2], until: clock.now + .seconds(1)) }
    await clock.waitForAlarms(atLeast: 2)
    await expect(.busy) { try await link.host.write([3], until: nil) }
    clock.advance(by: .seconds(1))
    #expect(try await reading.value == .timedOut)
    await expect(.timedOut) { try await writing.value }
  }

  @Test(
    "cut after every byte k, in either direction: k bytes arrive, both ends learn of it", arguments: 0...8)
  func cut(after count: Int) async throws {
    for direction in LinkDirection.allCases {
      for breakage in [LinkBreakage.fails(.gone), .fails(.connectionLost), .hangsUp] {
        let link = MemoryLink(clock: clock, capacity: 16)
        let (sender, receiver) = direction == .toDevice ? (link.host, link.device) : (link.device, link.host)
        link.cut(direction, after: count, breakage)
        let code: DeviceError.Code = if case .fails(let code) = breakage { code } else { .connectionLost }
        if count < 8 {
          let error = await expect(code) { try await sender.write([UInt8](0..<8), until: nil) }
          #expect(error?.bytesMoved == count)
        } else {
          try await sender.write([UInt8](0..<8), until: nil)
        }
        if count > 0 {
          #expect(try await receiver.read(upTo: 16, until: nil) == .bytes([UInt8](0..<UInt8(count))))
        }
        for end in [link.host, link.device] {
          if breakage == .hangsUp {
            #expect(try await end.read(upTo: 1, until: nil) == .endOfStream)
          } else {
            await expect(code) { _ = try await end.read(upTo: 1, until: nil) }
          }
          await expect(code) { try await end.write([1], until: nil) }
        }
      }
    }
  }

  @Test("a silent cut lets writes succeed and nothing arrive")
  func silence() async throws {
    let link = MemoryLink(clock: clock, capacity: 4)
    link.cut(.toDevice, after: 2, .goesSilent)
    try await link.host.write([1, 2, 3, 4, 5, 6, 7, 8], until: nil)
    #expect(try await link.device.read(upTo: 8, until: nil) == .bytes([1, 2]))
    #expect(try await link.device.read(upTo: 8, until: clock.now) == .timedOut)
    try await link.device.write([9], until: nil)
    #expect(try await link.host.read(upTo: 8, until: nil) == .bytes([9]))
  }

  @Test("a cut wakes whoever waits")
  func cutWakes() async throws {
    let link = MemoryLink(clock: clock)
    let reading = Task { try await link.host.read(upTo: 1, until: clock.now + .seconds(5)) }
    await clock.waitForAlarms()
    link.cut(.toDevice, after: 0, .fails(.gone))
    await expect(.gone) { _ = try await reading.value }
  }

  @Test("reports stay whole, in order and bounded")
  func reports() async throws {
    let link = MemoryReportLink(clock: clock, reportDescriptor: [5, 1], capacity: 2)
    #expect(link.host.reportDescriptor == [5, 1])
    try await link.device.sendReport([1, 2, 3], until: nil)
    try await link.device.sendReport([4], until: nil)
    await expect(.timedOut) { try await link.device.sendReport([5], until: clock.now) }
    clock.advance(by: .seconds(1))
    #expect(try await link.host.readReport(until: nil) == .report([1, 2, 3], at: clock.now))
    #expect(try await link.host.discardPendingReports() == 1)
    #expect(try await link.host.discardPendingReports() == 0)
    #expect(try await link.host.readReport(until: clock.now) == .timedOut)
    try await link.host.writeReport([4, 1])
    #expect(try await link.device.receiveReport(until: nil) == .report([4, 1], at: clock.now))
    await link.host.close()
    #expect(try await link.device.receiveReport(until: nil) == .endOfStream)
    await expect(.closed) { _ = try await link.host.discardPendingReports() }
  }

  @Test("a device that is pulled out after report k", arguments: 0...3)
  func unplug(after count: Int) async throws {
    let link = MemoryReportLink(clock: clock, reportDescriptor: [])
    link.cut(.toHost, after: count)
    for number in 0..<3 {
      if number < count {
        try await link.device.sendReport([UInt8(number)], until: nil)
      } else {
        await expect(.gone) { try await link.device.sendReport([UInt8(number)], until: nil) }
      }
    }
    for number in 0..<count {
      #expect(try await link.host.readReport(until: nil) == .report([UInt8(number)], at: clock.now))
    }
    await expect(.gone) { _ = try await link.host.readReport(until: nil) }
    await expect(.gone) { try await link.host.writeReport([0]) }
  }

  @Test("many cancelled readers leave nothing behind and lose nothing")
  func cancellationStorm() async throws {
    let link = MemoryLink(clock: clock)
    var received = 0
    for round in 0..<500 {
      let reading = Task { try await link.host.read(upTo: 1, until: clock.now + .seconds(5)) }
      if round % 2 == 0 { await Task.yield() }
      async let written: Void = link.device.write([UInt8(truncatingIfNeeded: round)], until: nil)
      reading.cancel()
      if case .success(.bytes(let bytes)) = await reading.result { received += bytes.count }
      try await written
    }
    while case .bytes(let bytes) = try await link.host.read(upTo: 64, until: clock.now) {
      received += bytes.count
    }
    #expect(received == 500)
    #expect(clock.pendingAlarms == 0)
  }
}
