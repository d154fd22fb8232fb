import CPOSLinux
import Glibc
public import POSModel
import POSTransport

/// Waits for connections, as a simulated device on the network does.
///
///     let listener = try TCPListener()
///     print("tcp:127.0.0.1:\(listener.port)")
///     let host = try await listener.accept(until: nil)
public final class TCPListener: Sendable {
  /// Who can connect.
  public enum Interface: Sendable, Hashable {
    /// Programs on this machine.
    case loopback
    /// Whoever reaches this address of this machine, given by number; `0.0.0.0` and `::` are all of them.
    case address(String)
  }

  /// The port, chosen by the kernel if 0 was asked for.
  public let port: UInt16
  private let descriptor: SharedDescriptor

  /// Listens on `port`, or on a free one for 0.
  ///
  /// - Throws: `device.busy` for a port in use, `device.permission_denied` for one below 1024,
  ///   `device.bad_address` for an address that is not one of this machine's.
  public init(_ interface: Interface = .loopback, port: UInt16 = 0) throws(DeviceError) {
    let host = if case .address(let address) = interface { address } else { "127.0.0.1" }
    let name = DeviceAddress(route: .tcp(host: host, port: port)).description
    let operation = "listening at \(name)"
    guard let address = SocketAddress.numeric(host, port: port).first else {
      throw DeviceError(
        .badAddress, during: operation, detail: "expected an address by number", hint: "ip addr")
    }
    (descriptor, self.port) = try translating(.opening, during: operation) { () throws(SystemError) in
      let socket = try address.makeTCPSocket()
      try address.listen(socket.number)
      let port = UInt16(truncatingIfNeeded: try SystemError.check(pos_local_port(socket.number)))
      return (try SharedDescriptor(socket, name: name), port)
    }
  }

  /// Waits for a connection.
  ///
  /// - Throws: `link.timed_out` at the deadline, `link.closed`, `link.cancelled`.
  public func accept(until deadline: MonotonicInstant?) async throws(DeviceError) -> DescriptorTransport {
    let number = try await descriptor.accept(until: deadline)
    pos_tcp_tune(number)
    return try DescriptorTransport(
      OwnedDescriptor(owning: number), name: "a connection to \(descriptor.name)")
  }

  /// Stops listening; connections that were accepted go on.
  public func close() async {
    guard await descriptor.beginClose() else { return }
    _ = descriptor.endClose()
  }
}

extension SharedDescriptor {
  /// Waits for a connection to a listening socket and returns its descriptor, which the caller closes.
  func accept(until deadline: MonotonicInstant?) async throws(DeviceError) -> Int32 {
    try await perform(.reading, until: deadline, during: "listening at") { number in
      let accepted = pos_accept(number)
      if accepted == -EAGAIN { return .wouldBlock }
      return accepted < 0 ? .failed(SystemError(-accepted)) : .done(accepted)
    }
  }
}
