public import POSDrivers
public import POSModel
public import POSTransport

/// Finds devices by what they are called or do, among all that is plugged in. It opens nothing.
public struct DeviceFinder: Sendable {
  private let enumerator: any DeviceEnumerator

  /// A finder among what `enumerator` lists.
  public init(_ enumerator: any DeviceEnumerator) { self.enumerator = enumerator }

  /// Where to open the device called `id`, which must do what is asked and be fit for it, and what to claim it by.
  ///
  /// - Parameters:
  ///   - id: its identity, or its place: ``RecognisedDevice/place``.
  ///   - kind: what it is to do; a serial adapter may do anything.
  ///   - scheme: the protocol that the address names in front of the identity. A scanner that is no HID POS one is only
  ///     opened by who says how its codes come; a serial line has a protocol of its own that needs no name.
  /// - Throws: `device.not_found`, `device.permission_denied` with the reason and the one command that mends it,
  ///   `device.bad_address` for a serial number that several have, `device.unsupported` for a device of another kind or
  ///   in a mode that no driver speaks.
  public func find(
    _ id: DeviceID, toOpen kind: DeviceKind, speaking scheme: String? = nil
  ) async throws(DeviceError) -> (address: DeviceAddress, place: DeviceID) {
    let operation = "opening \(id)"
    let known = DeviceMatcher.recognise(try await enumerator.list())
    guard let found = known.first(where: { $0.isCalled(id) }) else {
      throw Self.failure(known.filter { $0.serialName == id }, during: operation)
    }
    guard found.kind == kind || found.isAdapter else {
      throw DeviceError(
        .unsupported, during: operation, detail: "it is a \(found.kind.rawValue), not a \(kind.rawValue)",
        hint: "posctl devices")
    }
    if !found.isAdapter, !found.scans(speaking: scheme), let obstacle = found.obstacle {
      throw DeviceError(
        .unsupported, during: operation, detail: obstacle.reason,
        hint: Self.remedy(of: obstacle.remedy, for: found, calledBy: id))
    }
    guard let node = found.node, let address = found.address else {
      throw DeviceError(
        .notFound, during: operation, detail: "the kernel has no \(found.mode.nodeKind.rawValue) node for it",
        hint: "posctl doctor \(id)")
    }
    if let reason = node.access.reason {
      throw DeviceError(
        node.access.verdict == .missing ? .notFound : .permissionDenied, during: operation,
        detail: "\(node.path): \(reason)", hint: node.access.remedy)
    }
    return (address, found.place)
  }

  /// How to use a scanner in the mode it is in, by the name it was asked for by, and how to switch it.
  private static func remedy(
    of obstacle: String, for found: RecognisedDevice, calledBy id: DeviceID
  ) -> String {
    guard var address = found.scannerAddress else { return obstacle }
    address.route = .discovered(id)
    return "posctl scan \(address)" + (found.modeSwitch.map { ", or switch it: \($0)" } ?? "")
  }

  /// Why a name leads nowhere that only these devices could have.
  private static func failure(_ twins: [RecognisedDevice], during operation: String) -> DeviceError {
    guard !twins.isEmpty else {
      return DeviceError(.notFound, during: operation, detail: "nothing of that name is plugged in")
    }
    let ports = twins.map(\.device.port).joined(separator: ", ")
    return DeviceError(
      .badAddress, during: operation, detail: "another device has the same serial number: see ports \(ports)",
      hint: "name it by its port: \(twins.map(\.place.text).joined(separator: " or "))")
  }

  /// The USB device with these numbers, and with this serial number if one is given.
  ///
  /// - Throws: `device.not_found`, `device.permission_denied` with the reason and the one command that mends it,
  ///   `device.bad_address` when several answer to it.
  public func find(
    vendor: UInt16, product: UInt16, serial: String?, toOpen address: DeviceAddress
  ) async throws(DeviceError) -> (device: USBDevice, node: DeviceNode) {
    let operation = "opening \(address)"
    let all = try await enumerator.list()
    let found = all.filter {
      $0.vendor == vendor && $0.product == product && (serial == nil || $0.serial == serial)
    }
    guard let device = found.first else {
      throw DeviceError(.notFound, during: operation, detail: "no such device is plugged in")
    }
    guard found.count == 1 else {
      throw DeviceError(
        .badAddress, during: operation,
        detail: "\(found.count) such devices are plugged in, at \(found.map(\.port).joined(separator: ", "))",
        hint: "add the serial number, or use the identity: posctl devices")
    }
    guard let node = device.node else {
      throw DeviceError(.notFound, during: operation, detail: "the kernel has no node for it")
    }
    if let reason = node.access.reason {
      throw DeviceError(
        node.access.verdict == .missing ? .notFound : .permissionDenied, during: operation,
        detail: "\(node.path): \(reason)", hint: Self.remedy(node, of: device, among: all))
    }
    return (device, node)
  }

  /// The command that gives access to a device which may be a stranger: no rule is made for such a one unasked.
  private static func remedy(_ node: DeviceNode, of device: USBDevice, among all: [USBDevice]) -> String? {
    guard node.access.remedy == NodeAccess.installingRules, !UdevRules.covers(device),
      DeviceMatcher.recognise(device, among: all).isEmpty
    else { return node.access.remedy }
    return UdevRules.commandAdding(device)
  }
}

extension RecognisedDevice {
  /// Whether anything may be behind it.
  public var isAdapter: Bool { kind == .unknown && mode == .serial }

  /// Whether an address with this protocol in front says how codes come from it as it is.
  fileprivate func scans(speaking scheme: String?) -> Bool {
    guard let scannerAddress else { return false }
    return scheme == scannerAddress.scheme || mode == .serial && scheme == "ssi"
  }
}
