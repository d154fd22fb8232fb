import CPOSLinux
public import POSModel
import POSTransport

/// Makes connections to devices on the network.
///
///     let printer = try await TCPConnection.open(host: "192.0.2.7", port: 9100, within: .seconds(5))
public enum TCPConnection {
  /// Connects to `host`, a name or an address. Small writes go out at once, and a dead connection is found out
  /// within about a minute.
  ///
  /// All addresses of the host are tried in turn, each with its share of what is left of `allowance`.
  /// - Throws: `device.not_found` for a name that means nothing, `link.refused`, `link.timed_out`,
  ///   `link.cancelled`.
  public static func open(
    host: String, port: UInt16, within allowance: Duration = .seconds(5)
  ) async throws(DeviceError) -> DescriptorTransport {
    let name = DeviceAddress(route: .tcp(host: host, port: port)).description
    let operation = "connecting to \(name)"
    let clock = Reactor.shared
    let deadline = clock.now + allowance

    var addresses = SocketAddress.numeric(host, port: port)
    if addresses.isEmpty {
      addresses = try await BlockingCall("pos-resolve", during: operation) { () throws(DeviceError) in
        try SocketAddress.resolve(host, port: port, during: operation)
      }.value(until: deadline)
    }
    var failure = DeviceError(.notFound, during: operation)
    for (index, address) in addresses.enumerated() {
      do {
        let share = (deadline - clock.now) / (addresses.count - index)
        return try await connect(to: address, name: name, until: clock.now + share)
      } catch {
        failure = error
        if error.code == .cancelled { break }
      }
    }
    throw failure
  }

  private static func connect(
    to address: SocketAddress, name: String, until deadline: MonotonicInstant
  ) async throws(DeviceError) -> DescriptorTransport {
    let socket = try translating(.opening, during: "connecting to \(name)") { () throws(SystemError) in
      try SharedDescriptor(address.makeTCPSocket(), name: name)
    }
    try await socket.perform(.writing, .opening, until: deadline, during: "connecting to") { number in
      address.connect(number)
    }
    pos_tcp_tune(socket.number)
    return DescriptorTransport(socket, .socket)
  }
}
