public import POSModel

/// Where a server is: `https://pos.example.com`, or `http://127.0.0.1:8080` on this machine.
public struct ServerURL: Sendable, Equatable {
  /// Scheme, host, port and path, without a slash at the end.
  public let text: String
  /// Whether it is this machine: then plain http is accepted.
  public let isLoopback: Bool

  /// Reads a base address.
  ///
  /// - Throws: `input.configuration` for anything but https, or http to this machine; for user names, queries
  ///   and fragments; for characters outside those of host names and plain paths.
  public init(_ text: String) throws(DeviceError) {
    func wrong(_ detail: String, hint: String = "write it as https://HOST") -> DeviceError {
      DeviceError(
        .badConfiguration, during: "reading the loyalty server's address", detail: detail, hint: hint)
    }
    var base = text[...]
    while base.hasSuffix("/") { base = base.dropLast() }
    let scheme: String
    if base.lowercased().hasPrefix("https://") {
      scheme = "https://"
    } else if base.lowercased().hasPrefix("http://") {
      scheme = "http://"
    } else {
      throw wrong("it begins neither with https:// nor with http://")
    }
    let rest = base.dropFirst(scheme.count)
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let authority = rest[..<slash].lowercased()
    let path = rest[slash...]
    guard path.utf8.count <= 200, path.utf8.allSatisfy({ Self.isPlain($0) || $0 == UInt8(ascii: "/") }) else {
      throw wrong("its path has other characters than letters, digits and -._/")
    }
    guard let (host, port) = Self.split(authority) else { throw wrong("its host or port is malformed") }
    isLoopback = Self.isLoopback(host)
    guard scheme == "https://" || isLoopback else {
      throw wrong(
        "plain http would show the keys to the network",
        hint: "use https://\(host); plain http is for a sandbox on this machine")
    }
    self.text = scheme + host + port + path
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
    default: false
    }
  }

  /// Host (with its brackets) and port (with its colon); `nil` when malformed.
  private static func split(_ authority: String) -> (host: String, port: String)? {
    let end: String.Index
    if authority.hasPrefix("[") {
      guard let bracket = authority.firstIndex(of: "]") else { return nil }
      end = authority.index(after: bracket)
      let inner = authority[authority.index(after: authority.startIndex)..<bracket]
      guard !inner.isEmpty, inner.utf8.allSatisfy({ $0 == 0x3A || $0 == 0x2E || Self.isHex($0) }) else {
        return nil
      }
    } else {
      end = authority.firstIndex(of: ":") ?? authority.endIndex
      guard authority[..<end].utf8.allSatisfy(isPlain) else { return nil }
    }
    let host = String(authority[..<end])
    guard (1...253).contains(host.utf8.count) else { return nil }
    guard end != authority.endIndex else { return (host, "") }
    let digits = authority[end...].dropFirst()
    guard authority[end] == ":", digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let port = UInt16(digits), port > 0
    else { return nil }
    return (host, ":\(port)")
  }

  private static func isHex(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
  }

  private static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "[::1]" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return parts.count == 4 && parts[0] == 127 && !parts.contains(nil)
  }
}
