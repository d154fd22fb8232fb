public import POSModel
public import POSTransport

/// One function of a USB device that this project knows: still a plain value, not opened.
public struct RecognisedDevice: Sendable, Hashable {
  /// The identity that survives ports and reboots, as long as no other device has the same serial number: see
  /// ``place``.
  public var id: DeviceID
  /// What it does; `unknown` for a serial adapter.
  public var kind: DeviceKind
  /// How it presents itself.
  public var mode: DeviceMode
  /// What a person calls it.
  public var name: String
  /// The device it is part of.
  public var device: USBDevice
  /// The number of its interface.
  public var interface: UInt8
  /// Why it was taken for this.
  public var evidence: String

  /// What it is called by its port: a name that stays when a device with the same serial number comes or goes.
  public var place: DeviceID { USBIdentity.place(of: device, interface: interface) }

  /// What it is called by its serial number, if it has one: ``id``, as long as no other device is called so.
  public var serialName: DeviceID? { USBIdentity.serialName(of: device, interface: interface) }

  /// Whether this name leads to it now: its identity or its place.
  public func isCalled(_ name: DeviceID) -> Bool { name == id || name == place }

  /// The node by which a driver reaches it; `nil` while there is none.
  public var node: DeviceNode? {
    device.interfaces.first { $0.number == interface }?.node(mode.nodeKind)
      // A modem's control and data interfaces share one node, at the first.
      ?? (mode == .serial ? device.interfaces.lazy.compactMap { $0.node(.tty) }.first : nil)
  }

  /// How to reach it today; `nil` without a node.
  public var address: DeviceAddress? {
    guard let node else { return nil }
    return switch node.kind {
    case .hidraw: DeviceAddress(route: .hidraw(path: node.path))
    case .tty: DeviceAddress(route: .serial(path: node.path, baud: nil))
    case .printer: DeviceAddress(route: .usblp(path: node.path))
    case .usb, .input: nil
    }
  }

  /// The address by which a scanner is opened in the mode it is in; `nil` for what is no scanner, or does not scan now.
  public var scannerAddress: DeviceAddress? {
    guard kind == .scanner else { return nil }
    let route = DeviceAddress.Route.discovered(id)
    return switch mode {
    case .hidPOS, .serial: DeviceAddress(route: route)
    case .keyboard: DeviceAddress(scheme: "keyboard", route: route)
    case .usbOEM: DeviceAddress(scheme: "oem", route: route)
    case .snapi: DeviceAddress(scheme: "snapi", route: route)
    case .printer, .maintenance: nil
    }
  }

  /// Why its identity alone does not say how to use it as it is, and what to do; `nil` when it does. A scanner whose
  /// mode the address names is opened all the same: ``scannerAddress``.
  public var obstacle: (reason: String, remedy: String)? {
    switch mode {
    case .hidPOS, .printer: nil
    case .serial where kind == .terminal: nil
    case .serial where kind == .unknown:
      (
        "what is behind a serial adapter cannot be seen",
        "name it yourself: \(address?.description ?? "serial:PATH")"
      )
    case .serial: ("it sends codes over a serial port", modeRemedy)
    case .keyboard: ("it types its codes as a keyboard does", modeRemedy)
    case .usbOEM, .snapi: ("it is in \(mode.rawValue) mode", modeRemedy)
    case .maintenance:
      ("it is being configured or takes new firmware", "wait until it has finished, then plug it in again")
    }
  }

  /// How a scanner is switched to a better mode than the one it is in; `nil` where its maker has none.
  public var modeSwitch: String? {
    mode != .keyboard && ModeAdvice.lacksHIDPOS(vendor: device.vendor)
      ? nil : ModeAdvice.switchingToHIDPOS(vendor: device.vendor)
  }

  /// To switch it, or to use it as it is.
  private var modeRemedy: String {
    modeSwitch ?? scannerAddress.map { "posctl scan \($0)" }
      ?? ModeAdvice.switchingToHIDPOS(vendor: device.vendor)
  }
}
