import POSModel
import POSTransport
import TestSupport
import Testing

@Suite("Replay", .timeLimit(.minutes(1)))
struct ReplayTests {
  static func recording(_ lines: String...) throws -> Recording {
    try Recording(parsing: (["pos-recording 1 bytes"] + lines).joined(separator: "\n"))
  }

  @Test("reads and writes come back as recorded, in virtual time")
  func plain() async throws {
    let replay = try ReplayTransport(
      Self.recording("0.000000 > 01 02", "1.500000 < 03 04 05", "3.000000 < timeout", "3.500000 < end"))
    try await replay.write([1, 2], until: nil)
    #expect(try await replay.read(upTo: 2, until: nil) == .bytes([3, 4]))
    #expect(replay.clock.now == .start + .milliseconds(1500))
    #expect(try await replay.read(upTo: 2, until: nil) == .bytes([5]))
    #expect(try await replay.read(upTo: 2, until: .start + .seconds(9)) == .timedOut)
    #expect(replay.clock.now == .start + .seconds(9))
    #expect(replay.nextLine == 5)
    #expect(try await replay.read(upTo: 2, until: nil) == .endOfStream)
    #expect(replay.nextLine == nil)
    #expect(try await replay.read(upTo: 2, until: nil) == .endOfStream)
    #expect(replay.mismatch == nil)
  }

  @Test("writes may be split and joined otherwise than they were", arguments: 1...6)
  func splits(size: Int) async throws {
    let replay = try ReplayTransport(
      Self.recording("0.000000 > 01 02 03", "0.000001 > 04 05 06", "0.000002 < 07"))
    let bytes: [UInt8] = [1, 2, 3, 4, 5, 6]
    for start in stride(from: 0, to: 6, by: size) {
      try await replay.write(Array(bytes[start..<min(6, start + size)]), until: nil)
    }
    #expect(try await replay.read(upTo: 9, until: nil) == .bytes([7]))
  }

  @Test("a departure names the line and the byte, and nothing goes on after it")
  func mismatch() async throws {
    let replay = try ReplayTransport(Self.recording("# comment", "0.000000 > 01 02 03", "0.100000 < 04"))
    try await replay.write([1], until: nil)
    let error = await expect(.protocolViolation) { try await replay.write([2, 9], until: nil) }
    #expect(replay.mismatch == ReplayMismatch(kind: .differentBytes, line: 3, offset: 2))
    #expect(error?.detail.contains("line 3, byte 2") == true)
    await expect(.protocolViolation) { _ = try await replay.read(upTo: 1, until: nil) }
    await expect(.protocolViolation) { try await replay.write([3], until: nil) }
  }

  @Test("writing more than was recorded is a departure")
  func tooMuch() async throws {
    let replay = try ReplayTransport(Self.recording("0.000000 > 01"))
    await expect(.protocolViolation) { try await replay.write([1, 2], until: nil) }
    #expect(replay.mismatch?.kind == .noMoreWrites)
  }

  @Test("recorded failures are thrown again, with their bytes and errno")
  func failures() async throws {
    let replay = try ReplayTransport(
      Self.recording("0.000000 > 01 02 ! link.timed_out after 1", "0.000001 < ! device.gone errno 5"))
    let first = await expect(.timedOut) { try await replay.write([1, 2], until: nil) }
    #expect(first?.bytesMoved == 1)
    let second = await expect(.gone) { _ = try await replay.read(upTo: 1, until: nil) }
    #expect(second?.errno == 5)
  }

  @Test("an answer is not read before its question was written")
  func causality() async throws {
    let replay = try ReplayTransport(Self.recording("1.000000 > 01", "1.100000 < 02"))
    let reading = Task { try await replay.read(upTo: 1, until: .start + .seconds(2)) }
    await replay.manualClock.waitForAlarms()
    try await replay.write([1], until: nil)
    #expect(try await reading.value == .bytes([2]))
    #expect(replay.clock.now == .start + .milliseconds(1100))
  }

  @Test("a read whose deadline is before the next recorded write times out")
  func earlyDeadline() async throws {
    let replay = try ReplayTransport(Self.recording("1.000000 > 01", "1.100000 < 02"))
    #expect(try await replay.read(upTo: 1, until: .start + .milliseconds(500)) == .timedOut)
    #expect(replay.clock.now == .start + .milliseconds(500))
  }

  @Test("reads that the driver ended itself wait for it to do so again")
  func ownEnds() async throws {
    let replay = try ReplayTransport(
      Self.recording(
        "1.000000 < ! link.cancelled", "1.100000 < 02", "2.000000 < ! link.closed", "2.000000 close"))
    let soon = MonotonicInstant.start + .seconds(5)
    let first = Task { try await replay.read(upTo: 1, until: soon) }
    await replay.manualClock.waitForAlarms()
    first.cancel()
    await expect(.cancelled) { _ = try await first.value }
    #expect(try await replay.read(upTo: 1, until: soon) == .bytes([2]))
    let last = Task { try await replay.read(upTo: 1, until: soon) }
    await replay.manualClock.waitForAlarms()
    await replay.close()
    await expect(.closed) { _ = try await last.value }
    await expect(.closed) { try await replay.write([1], until: nil) }
  }

  @Test("reports are whole, and dropped ones are counted again")
  func reports() async throws {
    let text = """
      pos-recording 1 reports
      0.000000 descriptor 05 8c
      0.100000 discard 3
      0.200000 > 04 01
      0.300000 < 02 33
      """
    let replay = try ReplayReportTransport(Recording(parsing: text))
    #expect(replay.reportDescriptor == [0x05, 0x8C])
    #expect(try await replay.discardPendingReports() == 3)
    try await replay.writeReport([4, 1])
    #expect(
      try await replay.readReport(until: nil) == .report([2, 0x33], at: .start + .milliseconds(300)))

    let split = try ReplayReportTransport(Recording(parsing: text))
    await expect(.protocolViolation) { _ = try await split.readReport(until: nil) }
    #expect(split.mismatch == ReplayMismatch(kind: .readInsteadOfDiscard, line: 3, offset: 0))
    let short = try ReplayReportTransport(Recording(parsing: text))
    await expect(.protocolViolation) { try await short.writeReport([4]) }
    await expect(.badInput) { _ = try ReplayTransport(Recording(parsing: text)) }
  }

  @Test("what one driver recorded, the same driver replays; another one is caught", arguments: 0..<20)
  func roundTrip(seed: UInt64) async throws {
    let clock = ManualClock()
    let link = MemoryLink(clock: clock, capacity: 64)
    let lines = Lock([String]())
    let simulator = Task {
      while case .bytes(let bytes) = try await link.device.read(upTo: 64, until: nil) {
        try await link.device.write(bytes.map { ~$0 }, until: nil)
      }
    }
    let mask: Redaction = { _, bytes in bytes.map { $0 & 0x7F } }
    let recorder = RecordingTransport(link.host, redact: mask) { line in lines.withLock { $0.append(line) } }
    let heard = try await Self.talk(over: recorder, seed: seed)
    try await simulator.value

    let recording = try Recording(parsing: lines.withLock { $0.joined(separator: "\n") })
    let replay = try ReplayTransport(recording, redact: mask)
    #expect(try await Self.talk(over: replay, seed: seed) == heard.map { $0 & 0x7F })
    #expect(replay.nextLine == nil)
    let other = try ReplayTransport(recording, redact: mask)
    await expect(.protocolViolation) { _ = try await Self.talk(over: other, seed: seed + 1) }
  }

  /// A driver: sends and reads back some messages.
  static func talk(over transport: some ByteTransport, seed: UInt64) async throws -> [UInt8] {
    var random = SeededGenerator(seed: seed)
    var heard: [UInt8] = []
    for _ in 0..<10 {
      let message = (0..<Int.random(in: 1...40, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      try await transport.write(message, until: nil)
      var missing = message.count
      while missing > 0, case .bytes(let bytes) = try await transport.read(upTo: 7, until: nil) {
        heard += bytes
        missing -= bytes.count
      }
    }
    await transport.close()
    return heard
  }
}
