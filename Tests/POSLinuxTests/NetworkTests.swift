import Glibc
import POSLinux
import POSModel
import POSTransport
import Testing

@Suite("TCP", .timeLimit(.minutes(1)))
struct NetworkTests {
  @Test("a name or an address connects to a listener, which learns its port from the kernel")
  func connect() async throws {
    let listener = try TCPListener()
    #expect(listener.port > 0)
    for host in ["127.0.0.1", "localhost"] {
      let connection = try await TCPConnection.open(host: host, port: listener.port)
      #expect(connection.name == "tcp:\(host):\(listener.port)")
      let accepted = try await listener.accept(until: nil)
      try await connection.write([1], until: nil)
      #expect(try await accepted.read(upTo: 1, until: nil) == .bytes([1]))
      async let closed: Void = accepted.close()
      await connection.close()
      await closed
    }
    await listener.close()
    await expect(.connectionRefused) {
      _ = try await TCPConnection.open(host: "127.0.0.1", port: listener.port)
    }
  }

  @Test("a listener is for this machine unless told otherwise")
  func loopbackOnly() async throws {
    let listener = try TCPListener()
    await expect(.connectionRefused) {
      _ = try await TCPConnection.open(host: "127.0.0.2", port: listener.port)
    }
    await listener.close()
    let other = try TCPListener(.address("127.0.0.2"))
    _ = try await TCPConnection.open(host: "127.0.0.2", port: other.port)
    await other.close()
  }

  @Test("a name that means nothing is not found")
  func badName() async {
    await expect(.notFound) { _ = try await TCPConnection.open(host: "no such host", port: 1) }
  }

  @Test("a listener that takes nobody times the connection out")
  func noAnswer() async throws {
    let listener = try TCPListener()
    var connections: [DescriptorTransport] = []
    var failure: DeviceError?
    while failure == nil, connections.count < 64 {
      do throws(DeviceError) {
        connections.append(
          try await TCPConnection.open(host: "127.0.0.1", port: listener.port, within: .milliseconds(50)))
      } catch { failure = error }
    }
    #expect(failure?.code == .timedOut)
    await listener.close()
  }

  @Test("connecting can be cancelled")
  func cancelled() async throws {
    let listener = try TCPListener()
    let connecting = Task {
      var all: [DescriptorTransport] = []
      while true { all.append(try await TCPConnection.open(host: "127.0.0.1", port: listener.port)) }
    }
    await Task.yield()
    connecting.cancel()
    await expect(.cancelled) { try await connecting.value }
    await listener.close()
  }

  @Test("a listener's accept ends by deadline, cancellation and close")
  func accept() async throws {
    let listener = try TCPListener()
    await expect(.timedOut) { _ = try await listener.accept(until: .start) }
    let first = Task { try await listener.accept(until: nil) }
    first.cancel()
    await expect(.cancelled) { _ = try await first.value }
    let second = Task { try await listener.accept(until: nil) }
    await Task.yield()
    await listener.close()
    await expect(.closed) { _ = try await second.value }
  }

  @Test("a port in use is busy; somebody else's address is a bad one")
  func busy() async throws {
    let listener = try TCPListener()
    await expect(.busy) { _ = try TCPListener(port: listener.port) }
    await expect(.badAddress) { _ = try TCPListener(.address("192.0.2.1")) }
    await expect(.badAddress) { _ = try TCPListener(.address("localhost")) }
    await listener.close()
    let again = try TCPListener(port: listener.port)
    #expect(again.port == listener.port)
    await again.close()
  }
}
