import POSLinux
import POSTransport

/// The USB devices of `/sys`: device, interface, kernel driver, node.
struct USBTree {
  /// Bytes of a report descriptor that the kernel hands over at most.
  private static let largestReportDescriptor = 4096
  /// `bDeviceClass` of hubs, whose ports are in the names of what hangs on them.
  private static let hubClass = "09"

  private var devicesByPath: [String: USBDevice] = [:]
  private var interfacesByPath: [String: [String: USBInterface]] = [:]

  /// What is still in `/sys` of what was to be left out.
  private(set) var hidden: Set<String> = []
  /// The numbers on the bus of all devices, hubs included, by their paths.
  private(set) var numbers: [String: Int] = [:]

  /// Reads the tree, but for `departures`. What goes away in the meantime is left out.
  init(_ udev: borrowing Udev, without departures: Departures) throws(SystemError) {
    // The classes of nodes would list everything else too: a kernel has some seventy terminals.
    var paths = try udev.paths(inSubsystem: "usb")
    for path in paths where Self.isInterface(path) { Self.addNodes(below: path, to: &paths) }
    // Parents come first in the paths' own order, and a node needs its interface.
    for path in paths.sorted() {
      _ = udev.withDevice(at: path) { device -> Void? in
        if device.type == "usb_device" { numbers[path] = device.attribute("devnum").flatMap { Int($0) } }
        if departures.hide(path, among: numbers) { hidden.insert(path) } else { add(device) }
        return ()
      }
    }
  }

  /// Interfaces are called as in `1-2:1.0`.
  private static func isInterface(_ path: String) -> Bool {
    path.reversed().prefix { $0 != "/" }.contains(":")
  }

  /// Adds the devices there: `1-2:1.0/0003:05E0:2100.0001/hidraw/hidraw0` is as deep as it gets, but for inputs.
  private static func addNodes(below path: String, to paths: inout [String], depth: Int = 5) {
    for name in SmallFile.names(in: path, onlyDirectories: true)
    where name != "power" && !name.hasPrefix("ep_") {
      let child = "\(path)/\(name)"
      if SmallFile.exists("\(child)/uevent") { paths.append(child) }
      if depth > 1 { addNodes(below: child, to: &paths, depth: depth - 1) }
    }
  }

  /// All devices, hubs left out, in the order of their ports.
  var devices: [USBDevice] {
    devicesByPath.map { path, device in
      var device = device
      device.interfaces = (interfacesByPath[path] ?? [:]).values.sorted { $0.number < $1.number }
      for index in device.interfaces.indices {
        device.interfaces[index].nodes.sort { ($0.kind.rawValue, $0.path) < ($1.kind.rawValue, $1.path) }
      }
      return device
    }
    .sorted { Self.ports($0.port).lexicographicallyPrecedes(Self.ports($1.port)) }
  }

  /// The numbers in `1-2.10`, so that port 10 comes after port 2.
  private static func ports(_ text: String) -> [Int] {
    text.split { $0 == "-" || $0 == "." }.map { Int($0) ?? 0 }
  }

  private mutating func add(_ device: UdevDevice) {
    switch (device.subsystem, device.type) {
    case ("usb", "usb_device"): addDevice(device)
    case ("usb", "usb_interface"): addInterface(device)
    default: addNode(device)
    }
  }

  private mutating func addDevice(_ device: UdevDevice) {
    guard device.attribute("bDeviceClass") != Self.hubClass,
      let vendor = device.hexadecimal("idVendor", as: UInt16.self),
      let product = device.hexadecimal("idProduct", as: UInt16.self),
      let number = device.attribute("devnum").flatMap({ Int($0) })
    else { return }
    devicesByPath[device.path] = USBDevice(
      vendor: vendor, product: product, release: device.hexadecimal("bcdDevice", as: UInt16.self) ?? 0,
      serial: device.text("serial"), maker: device.text("manufacturer"), model: device.text("product"),
      port: device.name, number: number,
      speed: device.text("speed") ?? "",
      power: USBPower(
        milliamperes: device.attribute("bMaxPower").flatMap { text in Int(text.prefix { $0.isNumber }) },
        mayBeSuspended: device.attribute("power/control") == "auto",
        isSuspended: device.attribute("power/runtime_status") == "suspended"),
      node: device.node.map { DeviceNode(path: $0, kind: .usb, access: NodeAccess(node: $0)) })
  }

  private mutating func addInterface(_ interface: UdevDevice) {
    guard let device = interface.parent("usb", "usb_device"), devicesByPath[device.path] != nil,
      let number = interface.hexadecimal("bInterfaceNumber", as: UInt8.self)
    else { return }
    interfacesByPath[device.path, default: [:]][interface.path] = USBInterface(
      number: number, classCode: interface.hexadecimal("bInterfaceClass", as: UInt8.self) ?? 0,
      subclass: interface.hexadecimal("bInterfaceSubClass", as: UInt8.self) ?? 0,
      protocolCode: interface.hexadecimal("bInterfaceProtocol", as: UInt8.self) ?? 0,
      name: interface.text("interface"), driver: interface.driver, ieee1284: interface.text("ieee1284_id"))
  }

  private mutating func addNode(_ device: UdevDevice) {
    guard let kind = device.nodeKind, let path = device.node,
      let interface = device.parent("usb", "usb_interface"), let owner = interface.parent("usb", "usb_device")
    else { return }
    interfacesByPath[owner.path]?[interface.path]?.nodes.append(
      DeviceNode(path: path, kind: kind, access: NodeAccess(node: path)))
    guard kind == .hidraw, let hid = device.parent("hid") else { return }
    // The attribute is binary, and libudev ends it at the first zero.
    interfacesByPath[owner.path]?[interface.path]?.reportDescriptor =
      try? SmallFile.read("\(hid.path)/report_descriptor", upTo: Self.largestReportDescriptor)
  }
}

extension UdevDevice {
  /// The kind of its node, if it is one that can reach a POS device.
  fileprivate var nodeKind: DeviceNode.Kind? {
    switch subsystem {
    case "hidraw": .hidraw
    case "tty": .tty
    case "usbmisc" where name.hasPrefix("lp"): .printer
    case "input" where name.hasPrefix("event"): .input
    default: nil
    }
  }

  fileprivate func hexadecimal<Number: FixedWidthInteger>(_ name: String, as: Number.Type) -> Number? {
    attribute(name).flatMap { Number($0, radix: 16) }
  }

  /// An attribute that the device itself wrote.
  fileprivate func text(_ name: String) -> String? { attribute(name).flatMap(USBDevice.printable) }
}
