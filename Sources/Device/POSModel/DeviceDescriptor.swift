/// A device as discovery or an address names it: a plain value, free to copy, that owns nothing.
public struct DeviceDescriptor: Sendable, Hashable {
  /// The identity that survives ports and reboots.
  public var id: DeviceID
  /// What it does.
  public var kind: DeviceKind
  /// How to reach it.
  public var address: DeviceAddress
  /// What to call it before a person: maker and model where they are known.
  public var name: String

  /// A descriptor from its parts.
  public init(id: DeviceID, kind: DeviceKind, address: DeviceAddress, name: String) {
    self.id = id
    self.kind = kind
    self.address = address
    self.name = name
  }
}
