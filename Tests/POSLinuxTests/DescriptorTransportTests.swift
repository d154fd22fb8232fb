import Glibc
import POSLinux
import POSModel
import POSTransport
import TestSupport
import Testing

@Suite("Streams over descriptors", .timeLimit(.minutes(2)))
struct DescriptorTransportTests {
  var clock: Reactor { .shared }

  @Test("every byte value goes both ways unchanged", arguments: LinkedPair.allCases)
  func transparent(pair: LinkedPair) async throws {
    let ends = try await pair.open()
    let all = [UInt8](0...255)
    try await ends.host.write(all, until: nil)
    #expect(try await ends.device.read(exactly: 256) == all)
    try await ends.device.write(all, until: nil)
    #expect(try await ends.host.read(exactly: 256) == all)
    await ends.close()
  }

  @Test(
    "a read waits for what comes later, and takes at most what was asked for", arguments: LinkedPair.allCases)
  func later(pair: LinkedPair) async throws {
    let ends = try await pair.open()
    async let reading = ends.host.read(upTo: 3, until: nil)
    try await ends.device.write([1, 2, 3, 4], until: nil)
    guard case .bytes(var bytes) = try await reading else {
      Issue.record("no bytes")
      return
    }
    #expect((1...3).contains(bytes.count))
    bytes += try await ends.host.read(exactly: 4 - bytes.count)
    #expect(bytes == [1, 2, 3, 4])
    await ends.close()
  }

  @Test(
    "a deadline ends a read, at once if it has passed; data that is there wins",
    arguments: LinkedPair.allCases)
  func deadline(pair: LinkedPair) async throws {
    let ends = try await pair.open()
    #expect(try await ends.host.read(upTo: 1, until: .start) == .timedOut)
    #expect(try await ends.host.read(upTo: 1, until: clock.now + .milliseconds(5)) == .timedOut)
    try await ends.device.write([7], until: nil)
    // A pseudo-terminal hands bytes over in the background.
    #expect(try await ends.host.read(upTo: 1, until: nil) == .bytes([7]))
    #expect(try await ends.host.read(upTo: 1, until: .start) == .timedOut)
    await ends.close()
  }

  @Test("a cancelled read throws and loses no byte", arguments: LinkedPair.allCases)
  func cancel(pair: LinkedPair) async throws {
    let ends = try await pair.open()
    let reading = Task { try await ends.host.read(upTo: 1, until: nil) }
    reading.cancel()
    await expect(.cancelled) { _ = try await reading.value }
    try await ends.device.write([9], until: nil)
    #expect(try await ends.host.read(upTo: 1, until: nil) == .bytes([9]))
    await ends.close()
  }

  @Test("closing ends the read at hand; afterwards everything fails", arguments: LinkedPair.allCases)
  func close(pair: LinkedPair) async throws {
    let ends = try await pair.open()
    let reading = Task { try await ends.host.read(upTo: 1, until: nil) }
    await Task.yield()
    async let closed: Void = ends.host.close()
    await expect(.closed) { _ = try await reading.value }
    async let otherClosed: Void = ends.device.close()
    await closed
    await expect(.closed) { _ = try await ends.host.read(upTo: 1, until: nil) }
    await expect(.closed) { try await ends.host.write([1], until: nil) }
    await ends.host.close()
    await otherClosed
  }

  @Test("what was written before closing is read by the other side", arguments: LinkedPair.allCases)
  func closeFlushes(pair: LinkedPair) async throws {
    let ends = try await pair.open()
    try await ends.host.write([1, 2, 3], until: nil)
    async let closed: Void = ends.host.close()
    #expect(try await ends.device.read(exactly: 3) == [1, 2, 3])
    await ends.device.close()
    await closed
  }

  @Test("unread input does not make closing destroy what was sent")
  func closeWithUnreadInput() async throws {
    let ends = try await LinkedPair.tcp.open()
    let bytes = [UInt8](repeating: 5, count: 200_000)
    try await ends.device.write([1, 2, 3], until: nil)
    let receiving = Task { try await ends.device.read(exactly: bytes.count) }
    try await ends.host.write(bytes, until: nil)
    async let closed: Void = ends.host.close()
    #expect(try await receiving.value == bytes)
    #expect(try await ends.device.read(upTo: 1, until: nil) == .endOfStream)
    await ends.device.close()
    await closed
  }

  @Test(
    "the other side's end is the end of a socket, and the loss of a serial device",
    arguments: LinkedPair.allCases)
  func otherSideCloses(pair: LinkedPair) async throws {
    let ends = try await pair.open()
    let reading = Task { try await ends.host.read(upTo: 1, until: nil) }
    async let closed: Void = ends.device.close()
    if pair == .serial {
      let error = await expect(.gone) { _ = try await reading.value }
      #expect(error?.errno == EIO)
      await expect(.gone) { try await ends.host.write([1], until: nil) }
    } else {
      #expect(try await reading.value == .endOfStream)
    }
    await ends.host.close()
    await closed
  }

  @Test("a second reader is refused, and the first one goes on", arguments: LinkedPair.allCases)
  func oneReader(pair: LinkedPair) async throws {
    let ends = try await pair.open()
    let results = Lock([DeviceError.Code?]())
    let soon = clock.now + .seconds(30)
    try await withThrowingTaskGroup { group in
      for _ in 0..<2 {
        group.addTask { try await ends.host.read(upTo: 1, until: soon) }
      }
      do {
        _ = try await group.next()
        Issue.record("both were let in")
      } catch let error as DeviceError {
        results.withLock { $0.append(error.code) }
      }
      try await ends.device.write([4], until: nil)
      #expect(try await group.next() == .bytes([4]))
    }
    #expect(results.withLock { $0 } == [.busy])
    await ends.close()
  }

  @Test(
    "a device that takes nothing times a write out, which says what had left", arguments: LinkedPair.allCases)
  func stuck(pair: LinkedPair) async throws {
    let ends = try await pair.open()
    let bytes = [UInt8](repeating: 1, count: 20_000_000)
    let error = await expect(.timedOut) {
      try await ends.host.write(bytes, until: clock.now + .milliseconds(20))
    }
    let moved = try #require(error?.bytesMoved)
    #expect(moved > 0 && moved < bytes.count)
    // Exactly as many arrive.
    let draining = Task { try await ends.device.read(exactly: moved, piece: 65536) }
    #expect(try await draining.value.count == moved)
    #expect(try await ends.device.read(upTo: 1, until: clock.now + .milliseconds(1)) == .timedOut)
    await ends.close()
  }

  @Test("a cancelled write says what had left", arguments: LinkedPair.allCases)
  func cancelledWrite(pair: LinkedPair) async throws {
    let ends = try await pair.open()
    let writing = Task { try await ends.host.write([UInt8](repeating: 1, count: 20_000_000), until: nil) }
    let first = try await ends.device.read(exactly: 1)
    writing.cancel()
    let error = await expect(.cancelled) { try await writing.value }
    let moved = try #require(error?.bytesMoved)
    #expect(
      try await first + ends.device.read(exactly: moved - 1, piece: 65536)
        == [UInt8](repeating: 1, count: moved))
    await ends.close()
  }

  @Test("a device that vanishes in mid-write leaves a typed error and the count of bytes")
  func vanishes() async throws {
    for pair in LinkedPair.allCases {
      let ends = try await pair.open()
      let bytes = [UInt8](repeating: 1, count: 20_000_000)
      let writing = Task { try await ends.host.write(bytes, until: nil) }
      _ = try await ends.device.read(exactly: 1000)
      async let closed: Void = ends.device.close()
      do {
        try await writing.value
        // A socket's other end reads for a second while it closes, and may take everything in that time.
        #expect(pair != .serial)
      } catch let error as DeviceError {
        #expect(error.code == (pair == .serial ? .gone : .connectionLost), "\(pair): \(error)")
        #expect(error.bytesMoved >= 1000 && error.bytesMoved < bytes.count)
        #expect(error.errno != nil)
      }
      await ends.host.close()
      await closed
    }
  }

  @Test("a reader that vanishes from a pipe is a lost connection, not the end of the process")
  func pipe() async throws {
    let (reader, writer) = try LinkedPair.pipe()
    try await writer.write([1, 2], until: nil)
    #expect(try await reader.read(upTo: 9, until: nil) == .bytes([1, 2]))
    await reader.close()
    let error = await expect(.connectionLost) { try await writer.write([3], until: nil) }
    #expect(error?.errno == EPIPE)
    await writer.close()
  }

  @Test("SIGPIPE never comes, whatever its disposition")
  func noSignal() async {
    await #expect(processExitsWith: .success) {
      var all = sigset_t()
      sigfillset(&all)
      signal(SIGPIPE, SIG_DFL)
      pthread_sigmask(SIG_UNBLOCK, &all, nil)
      let (reader, writer) = try LinkedPair.pipe()
      await reader.close()
      for _ in 0..<3 { try? await writer.write([1], until: nil) }
      for pair in LinkedPair.allCases {
        let ends = try await pair.open()
        async let closed: Void = ends.device.close()
        for _ in 0..<1000 { try? await ends.host.write([1], until: nil) }
        await ends.host.close()
        await closed
      }
    }
  }

  @Test("ten million bytes pass both ways at once, cut at random", arguments: LinkedPair.allCases)
  func bulk(pair: LinkedPair) async throws {
    let ends = try await pair.open()
    let size = pair == .serial ? 2_000_000 : 10_000_000
    @Sendable func stream(seed: UInt64) -> [UInt8] {
      var random = SeededGenerator(seed: seed)
      return (0..<(size / 8)).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
    }
    @Sendable func send(_ bytes: [UInt8], over transport: any ByteTransport, seed: UInt64) async throws {
      var random = SeededGenerator(seed: seed)
      var offset = 0
      while offset < bytes.count {
        let end = min(bytes.count, offset + Int.random(in: 1...100_000, using: &random))
        try await transport.write(Array(bytes[offset..<end]), until: Reactor.shared.now + .seconds(60))
        offset = end
      }
    }
    @Sendable func receive(over transport: any ByteTransport, seed: UInt64) async throws -> [UInt8] {
      var random = SeededGenerator(seed: seed)
      var bytes: [UInt8] = []
      while bytes.count < size,
        case .bytes(let some) = try await transport.read(
          upTo: Int.random(in: 1...70_000, using: &random), until: Reactor.shared.now + .seconds(60))
      {
        bytes += some
      }
      return bytes
    }
    let down = stream(seed: 1)
    let up = stream(seed: 2)
    async let sentDown: Void = send(down, over: ends.host, seed: 3)
    async let sentUp: Void = send(up, over: ends.device, seed: 4)
    async let gotDown = receive(over: ends.device, seed: 5)
    async let gotUp = receive(over: ends.host, seed: 6)
    #expect(try await gotDown == down)
    #expect(try await gotUp == up)
    _ = try await (sentDown, sentUp)
    await ends.close()
  }

  @Test("a storm of cancellations loses and doubles no byte", arguments: LinkedPair.allCases)
  func cancellationStorm(pair: LinkedPair) async throws {
    let ends = try await pair.open()
    let sending = Task {
      for number in 0..<1000 { try await ends.device.write([UInt8(truncatingIfNeeded: number)], until: nil) }
    }
    var received: [UInt8] = []
    var random = SeededGenerator(seed: 11)
    while received.count < 1000 {
      let reading = Task { try await ends.host.read(upTo: 3, until: nil) }
      for _ in 0..<Int.random(in: 0...3, using: &random) { await Task.yield() }
      if Bool.random(using: &random) { reading.cancel() }
      if case .success(.bytes(let bytes)) = await reading.result { received += bytes }
    }
    #expect(received == (0..<1000).map { UInt8(truncatingIfNeeded: $0) })
    try await sending.value
    await ends.close()
  }

  @Test(
    "reads, writes, deadlines, cancellations and closes in any order end, and end with an error they may have"
  )
  func anyOrder() async throws {
    for seed in 0..<100 {
      var random = SeededGenerator(seed: UInt64(seed))
      // Closing one end of a connection alone takes a second: it is drawn less often.
      let pair = seed % 20 == 0 ? LinkedPair.tcp : seed % 2 == 0 ? .socketPair : .serial
      let ends = try await pair.open()
      let allowed: Set<DeviceError.Code> = [.closed, .cancelled, .busy, .gone, .connectionLost, .timedOut]
      await withTaskGroup { group in
        for _ in 0..<12 {
          let end = Bool.random(using: &random) ? ends.host : ends.device
          let choice = Int.random(in: 0..<8, using: &random)
          let yields = Int.random(in: 0..<6, using: &random)
          group.addTask {
            for _ in 0..<yields { await Task.yield() }
            do {
              let soon = Reactor.shared.now + .milliseconds(yields)
              switch choice {
              case 0, 1, 2: _ = try await end.read(upTo: 10, until: soon)
              case 3, 4, 5: try await end.write([UInt8](repeating: 0, count: 5000), until: soon)
              case 6: withUnsafeCurrentTask { $0?.cancel() }; _ = try await end.read(upTo: 1, until: nil)
              default: await end.close()
              }
            } catch let error as DeviceError {
              #expect(allowed.contains(error.code), "\(error)")
            } catch {
              Issue.record(error)
            }
          }
        }
      }
      await ends.close()
    }
  }

  @Test("plain files cannot be waited for")
  func plainFile() async throws {
    let path = scratchPath("plain")
    await FileSinkTests.make(path, "")
    let number = open(path, O_RDONLY)
    await expect(.unsupported) { _ = try DescriptorTransport(OwnedDescriptor(owning: number), name: path) }
    unlink(path)
  }

  @Test("a thousand cycles of every kind leave no descriptor open")
  func noLeak() async {
    await #expect(processExitsWith: .success) {
      func cycle(_ round: Int) async throws {
        let ends = try await LinkedPair.allCases[round % 3].open()
        let reading = Task { try await ends.host.read(upTo: 1, until: nil) }
        switch round % 4 {
        case 0: reading.cancel()
        case 1: try await ends.device.write([1], until: nil)
        case 2: await ends.close()
        // The last one to let go closes, too.
        default: reading.cancel(); _ = await reading.result; return
        }
        _ = await reading.result
        await ends.close()

        let link = try await ReportSocketTests.Link()
        try await link.device.sendReport([1], until: nil)
        await link.close()
        let path = scratchPath("cycle")
        for code in [DeviceError.Code.notFound, .badAddress] {
          await expect(code) { _ = try await SerialPort.open(path) }
          let sink = try await FileSink.open(path)
          await sink.close()
        }
        unlink(path)
      }
      for round in 0..<12 { try await cycle(round) }
      let before = openDescriptorCount()
      for round in 0..<1000 { try await cycle(round) }
      let after = openDescriptorCount()
      precondition(after == before, "\(before) descriptors became \(after)")
    }
  }

  @Test("what was recorded on a real link is replayed without one", arguments: LinkedPair.allCases)
  func recordAndReplay(pair: LinkedPair) async throws {
    let ends = try await pair.open()
    let lines = Lock([String]())
    let recorder = RecordingTransport(ends.host) { line in lines.withLock { $0.append(line) } }
    let echo = Task {
      for _ in 0..<3 { try await ends.device.write(ends.device.read(exactly: 4).reversed(), until: nil) }
    }
    func talk(over transport: some ByteTransport) async throws -> [[UInt8]] {
      var answers: [[UInt8]] = []
      for number in UInt8(0)..<3 {
        try await transport.write([number, 1, 2, 3], until: nil)
        answers.append(try await transport.read(exactly: 4))
      }
      let timedOut = try await transport.read(upTo: 1, until: transport.clock.now + .milliseconds(1))
      #expect(timedOut == .timedOut)
      await transport.close()
      return answers
    }
    let answers = try await talk(over: recorder)
    #expect(answers == [[3, 2, 1, 0], [3, 2, 1, 1], [3, 2, 1, 2]])
    try await echo.value
    await ends.device.close()
    let replay = try ReplayTransport(Recording(parsing: lines.withLock { $0.joined(separator: "\n") }))
    #expect(try await talk(over: replay) == answers)
    #expect(replay.nextLine == nil)
  }
}
