import Foundation
import NIOCore
import NIOPosix
import POSModel
import PunchhSandbox
import Testing

@Suite("The sandbox on the wire", .timeLimit(.minutes(1)))
struct ServerTests {
  /// Sends bytes and reads until the server closes.
  private func exchange(_ port: Int, _ text: String) async throws -> String {
    let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(string: text))
      var answer = ""
      do {
        for try await part in inbound { answer += String(buffer: part) }
      } catch {}
      return answer
    }
  }

  private func running(
    _ settings: SandboxSettings = SandboxSettings(), log: String? = nil,
    _ body: (SandboxServer) async throws -> Void
  ) async throws {
    let server = try await SandboxServer.start(settings, checkInLog: log)
    do { try await body(server) } catch {
      await server.stop()
      throw error
    }
    await server.stop()
  }

  private static let head = """
    Host: x\r\nAuthorization: Token token=sandbox-location-key, btoken=sandbox-business-key\r\n\
    User-Agent: A/POS/1\r\nAccept: application/json\r\nContent-Type: application/json\r\nConnection: close\r\n
    """

  private func request(_ line: String, _ body: String = "") -> String {
    "\(line) HTTP/1.1\r\n\(Self.head)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  @Test("ping, ledger, and an address nobody knows")
  func plain() async throws {
    try await running { server in
      #expect(try await exchange(server.port, request("GET /ping")).hasSuffix("\r\n\r\nOK"))
      let nowhere = try await exchange(server.port, request("GET /nowhere"))
      #expect(nowhere.hasPrefix("HTTP/1.1 404 "))
      #expect(nowhere.contains("X-Request-Id: sandbox-2"))
      let text = try await exchange(server.port, request("GET /sandbox/ledger"))
      let json = try #require(text.range(of: "\r\n\r\n")).upperBound
      let ledger = try JSONDecoder().decode(SandboxLedger.self, from: Data(text[json...].utf8))
      #expect(ledger == server.ledger)
      #expect(ledger.violations.map(\.rule) == ["there is no GET /nowhere"])
      #expect(ledger.accounts.map(\.points) == [15])
    }
  }

  @Test("a credited check-in is in the log before it is answered, refused ones are not")
  func log() async throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await running(log: path) { server in
      for number in [1, 1, 2] {
        let body = Till.checkIn.replacing("uid-1", with: "uid-\(number)").replacing(
          "315788232640", with: "31578823264\(number)")
        _ = try await exchange(server.port, request("POST /api/pos/checkins", body))
      }
      let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      let entries = try lines.map {
        try JSONDecoder().decode(SandboxLedger.CheckIn.self, from: Data($0.utf8))
      }
      #expect(entries.map(\.externalUID) == ["uid-1", "uid-2"])
      #expect(entries.map(\.pointsEarned) == [12, 12])
    }
  }

  @Test("a log that cannot be written makes no check-in look accepted")
  func brokenLog() async throws {
    try await running(log: "/dev/null/log") { server in
      let answer = try await exchange(server.port, request("POST /api/pos/checkins", Till.checkIn))
      #expect(answer.hasPrefix("HTTP/1.1 500 "))
    }
  }

  @Test("requests are bounded")
  func bounds() async throws {
    try await running { server in
      let head = try await exchange(
        server.port, "GET /ping HTTP/1.1\r\nX: \(String(repeating: "x", count: 40_000))\r\n\r\n")
      #expect(head.hasPrefix("HTTP/1.1 431 "))
      let body = try await exchange(
        server.port, request("POST /receipt_details", String(repeating: " ", count: 2 << 20)))
      #expect(body.isEmpty || body.hasPrefix("HTTP/1.1 413 "))
      #expect(server.ledger.calls == [])
      #expect(try await exchange(server.port, "no HTTP at all\r\n\r\n").hasPrefix("HTTP/1.1 400 "))
      #expect(try await exchange(server.port, request("GET /ping")).hasSuffix("OK"))
    }
  }

  @Test("a server may be stopped twice")
  func stoppedTwice() async throws {
    let server = try await SandboxServer.start()
    await server.stop()
    await server.stop()
  }

  @Test("a port in use is an error, and the port is free again after stop")
  func ports() async throws {
    let first = try await SandboxServer.start()
    let error = await #expect(throws: DeviceError.self) { try await SandboxServer.start(port: first.port) }
    #expect(error?.code == .busy)
    await first.stop()
    // A test beside this one may get the port in between; a server that kept it would keep it for good.
    var second: SandboxServer?
    for _ in 0..<100 where second == nil {
      second = try? await SandboxServer.start(port: first.port)
      if second == nil { try await Task.sleep(for: .milliseconds(20)) }
    }
    #expect(second?.port == first.port)
    await second?.stop()
  }
}
