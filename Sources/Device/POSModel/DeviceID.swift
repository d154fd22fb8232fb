/// What a device is called for as long as it exists: serial number, else bus path and interface (DESIGN §2.8).
public struct DeviceID: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The identity as text: stable across reboots, safe in file names and logs.
  public let text: String

  /// Wraps an identity that an enumerator or an address has formed.
  public init(_ text: String) { self.text = text }

  /// The identity as text.
  public var description: String { text }
}

/// What a device does.
public enum DeviceKind: String, Sendable, CaseIterable {
  case scanner, printer, drawer, terminal, unknown
}
