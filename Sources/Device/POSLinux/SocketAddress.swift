import CPOSLinux
import Glibc
import POSModel

/// Where a socket connects to or listens at.
struct SocketAddress: Sendable {
  private var raw: pos_socket_address

  /// The addresses of a host by number, without asking anybody; empty when `host` is a name.
  static func numeric(_ host: String, port: UInt16) -> [SocketAddress] {
    (try? resolve(host, port: port, isNumeric: true, during: "")) ?? []
  }

  /// The addresses of a host, by number or name. Blocks while name servers answer.
  static func resolve(
    _ host: String, port: UInt16, isNumeric: Bool = false, during operation: String
  ) throws(DeviceError) -> [SocketAddress] {
    var found = [pos_socket_address](repeating: pos_socket_address(), count: 8)
    let count = pos_resolve(host, port, isNumeric ? 1 : 0, &found, Int32(found.count))
    guard count > 0 else {
      let detail = count < 0 ? String(cString: pos_resolve_error_text(count)) : "it has no address"
      throw DeviceError(
        .notFound, during: operation, detail: "\(host): \(detail)",
        hint: "check the name, or use the device's IP address: getent hosts \(host)")
    }
    return found.prefix(Int(count)).map { SocketAddress(raw: $0) }
  }

  /// The address of a local socket.
  static func local(_ path: String, during operation: String) throws(DeviceError) -> SocketAddress {
    var raw = pos_socket_address()
    _ = try translating(.opening, during: operation) { () throws(SystemError) in
      try SystemError.check(pos_local_address(path, &raw))
    }
    return SocketAddress(raw: raw)
  }

  /// The address of a local socket without a file.
  static func abstract(_ name: String) throws(SystemError) -> SocketAddress {
    var raw = pos_socket_address()
    _ = try SystemError.check(pos_abstract_address(name, &raw))
    return SocketAddress(raw: raw)
  }

  /// A new non-blocking TCP socket of this address's family.
  func makeTCPSocket() throws(SystemError) -> OwnedDescriptor {
    var raw = raw
    return try OwnedDescriptor(returned: pos_tcp_socket(&raw))
  }

  /// One try to connect; to be repeated, as connect(2) reports the result of the first call to a later one.
  func connect(_ number: Int32) -> SharedDescriptor.Attempt<Void> {
    var raw = raw
    let status = pos_connect(number, &raw)
    switch status {
    case 0, -EISCONN: return .done(())
    case -EINPROGRESS, -EALREADY: return .wouldBlock
    default: return .failed(SystemError(-status))
    }
  }

  /// Binds a socket to this address and listens.
  func listen(_ number: Int32) throws(SystemError) {
    var raw = raw
    _ = try SystemError.check(pos_bind_and_listen(number, &raw))
  }
}
