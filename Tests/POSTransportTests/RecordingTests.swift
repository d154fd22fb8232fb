import POSModel
import POSTransport
import TestSupport
import Testing

@Suite("Recordings", .timeLimit(.minutes(1)))
struct RecordingTests {
  static let sample = """
    pos-recording 1 bytes
    # a printer that dies
    0.000000 > 10 04 01
    0.004211 < 12

    2.004300 < timeout
    2.004400 > 1b 40 ! link.lost after 1 errno 104
    2.004500 < ! device.gone
    2.004600 < end
    2.004700 close

    """

  @Test("the text says what happened, when, and on which line")
  func parse() throws {
    let recording = try Recording(parsing: Self.sample)
    var lost = Recording.Failure(DeviceError(.connectionLost, during: "", bytesMoved: 1, errno: 104))
    lost.errno = 104
    #expect(recording.kind == .bytes)
    #expect(
      recording.events == [
        .init(microseconds: 0, action: .write([0x10, 4, 1], nil), line: 3),
        .init(microseconds: 4211, action: .read([0x12]), line: 4),
        .init(microseconds: 2_004_300, action: .readTimedOut, line: 6),
        .init(microseconds: 2_004_400, action: .write([0x1B, 0x40], lost), line: 7),
        .init(
          microseconds: 2_004_500, action: .readFailed(.init(DeviceError(.gone, during: ""))), line: 8),
        .init(microseconds: 2_004_600, action: .readEnded, line: 9),
        .init(microseconds: 2_004_700, action: .close, line: 10),
      ])
  }

  @Test("the text form reads back to itself")
  func roundTrip() throws {
    let text = try Recording(parsing: Self.sample).description
    #expect(try Recording(parsing: text).description == text)
    #expect(text.split(separator: "\n").count == 8)
    let windows = Self.sample.split(separator: "\n", omittingEmptySubsequences: false).joined(
      separator: "\r\n")
    #expect(try Recording(parsing: windows).description == text)
  }

  @Test(
    "a line that breaks the format is named",
    arguments: [
      ("", 1, .notARecording), ("hello", 1, .notARecording), ("pos-recording 2 bytes", 1, .unknownVersion),
      ("pos-recording 1 words", 1, .unknownKind), ("pos-recording 1 bytes\n0.1 close", 2, .malformedTime),
      ("pos-recording 1 bytes\n-1.000000 close", 2, .malformedTime),
      ("pos-recording 1 bytes\n9999999999.000000 close", 2, .malformedTime),
      ("pos-recording 1 bytes\n1.000000 close\n0.999999 close", 3, .timeGoesBack),
      ("pos-recording 1 bytes\n0.000000", 2, .unknownAction),
      ("pos-recording 1 bytes\n0.000000 open", 2, .unknownAction),
      ("pos-recording 1 bytes\n0.000000 close now", 2, .unknownAction),
      ("pos-recording 1 bytes\n0.000000 discard 3", 2, .unknownAction),
      ("pos-recording 1 bytes\n0.000000 > 1", 2, .malformedHex),
      ("pos-recording 1 bytes\n0.000000 > +1", 2, .malformedHex),
      ("pos-recording 1 bytes\n0.000000 > 012", 2, .malformedHex),
      ("pos-recording 1 bytes\n0.000000 <", 2, .malformedHex),
      ("pos-recording 1 bytes\n0.000000 > 00 !", 2, .malformedFailure),
      ("pos-recording 1 bytes\n0.000000 > 00 ! link.lost after", 2, .malformedFailure),
      ("pos-recording 1 bytes\n0.000000 < ! link.lost errno x", 2, .malformedFailure),
      ("pos-recording 1 bytes\n0.000000 < ! link.lost for ever", 2, .malformedFailure),
      ("pos-recording 1 reports\n0.000000 discard -1", 2, .malformedCount),
    ] as [(String, Int, RecordingError.Reason)])
  func errors(text: String, line: Int, reason: RecordingError.Reason) {
    let error = #expect(throws: RecordingError.self) { try Recording(parsing: text) }
    #expect(error?.line == line)
    #expect(error?.reason == reason)
  }

  @Test("damaged text is read or refused, and what is read is written the same")
  func damage() throws {
    var random = SeededGenerator(seed: 1)
    let reports = "pos-recording 1 reports\n0.000001 descriptor 05 8c\n0.100000 discard 3\n0.200000 < 02\n"
    var accepted = 0
    for round in 0..<4000 {
      var bytes = Array((round % 2 == 0 ? Self.sample : reports).utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes.remove(at: index)
        default: bytes.insert(bytes[index], at: index)
        }
      }
      guard let recording = try? Recording(parsing: String(decoding: bytes, as: UTF8.self)) else { continue }
      accepted += 1
      let again = try Recording(parsing: recording.description)
      #expect(again.events.map(\.description) == recording.events.map(\.description))
    }
    #expect(accepted > 100)
  }

  @Test("the recorder writes the header, then each operation as it ends, secrets redacted")
  func record() async throws {
    let clock = ManualClock(at: MonotonicInstant(nanoseconds: 5_000_000_000))
    let link = MemoryLink(clock: clock)
    let lines = Lock([String]())
    let transport = RecordingTransport(link.host) { direction, bytes in
      direction == .toHost ? bytes.map { _ in 0x2A } : bytes
    } sink: { line in
      lines.withLock { $0.append(line) }
    }
    try await transport.write([1, 2], until: nil)
    try await link.device.write([0x99, 0x98], until: nil)
    clock.advance(by: .microseconds(1500))
    #expect(try await transport.read(upTo: 9, until: nil) == .bytes([0x99, 0x98]))
    #expect(try await transport.read(upTo: 9, until: clock.now) == .timedOut)
    link.cut(.toDevice, after: 3)
    await expect(.connectionLost) { try await transport.write([3, 4], until: nil) }
    await expect(.connectionLost) { _ = try await transport.read(upTo: 9, until: nil) }
    await transport.close()
    let text = lines.withLock { $0.joined(separator: "\n") }
    #expect(
      text == """
        pos-recording 1 bytes
        0.000000 > 01 02
        0.001500 < 2a 2a
        0.001500 < timeout
        0.001500 > 03 04 ! link.lost after 1
        0.001500 < ! link.lost
        0.001500 close
        """)
    #expect(try Recording(parsing: text).events.count == 6)
  }

  @Test("lines of concurrent readers and writers come out one by one and in the order of time")
  func concurrent() async throws {
    let link = MemoryLink(clock: ManualClock(), capacity: 8)
    let lines = Lock([String]())
    let transport = RecordingTransport(link.host) { line in lines.withLock { $0.append(line) } }
    let echo = Task {
      while case .bytes(let bytes) = try await link.device.read(upTo: 3, until: nil) {
        try await link.device.write(bytes, until: nil)
      }
    }
    let writing = Task {
      for number in 0..<200 { try await transport.write([UInt8(number)], until: nil) }
    }
    var received: [UInt8] = []
    while received.count < 200, case .bytes(let bytes) = try await transport.read(upTo: 5, until: nil) {
      received += bytes
    }
    try await writing.value
    await transport.close()
    try await echo.value
    let recording = try Recording(parsing: lines.withLock { $0.joined(separator: "\n") })
    let read = recording.events.flatMap { event -> [UInt8] in
      if case .read(let bytes) = event.action { bytes } else { [] }
    }
    #expect(read == [UInt8](0..<200))
  }
}
