/// A USB device as the kernel describes it: plain facts, read without opening it.
public struct USBDevice: Sendable, Hashable {
  /// The maker's number, `idVendor`.
  public var vendor: UInt16
  /// The product's number, `idProduct`.
  public var product: UInt16
  /// The device's release, `bcdDevice`: often the firmware's.
  public var release: UInt16
  /// The serial number, cleaned by ``printable(_:)``; not every device has one.
  public var serial: String?
  /// The maker's name, as the device gives it.
  public var maker: String?
  /// The product's name, as the device gives it.
  public var model: String?
  /// Bus and chain of ports, `1-2.3`: the same as long as nobody moves the cable.
  public var port: String
  /// The number on the bus: another one each time it is plugged in.
  public var number: Int
  /// Megabits a second, `1.5`, `12`, `480` or more, as the kernel writes it.
  public var speed: String
  /// How it is fed.
  public var power: USBPower
  /// The node by which libusb reaches it.
  public var node: DeviceNode?
  /// Its interfaces, in the order of their numbers.
  public var interfaces: [USBInterface]

  /// A device of these facts.
  public init(
    vendor: UInt16, product: UInt16, release: UInt16 = 0, serial: String? = nil, maker: String? = nil,
    model: String? = nil, port: String, number: Int = 0, speed: String = "", power: USBPower = USBPower(),
    node: DeviceNode? = nil, interfaces: [USBInterface] = []
  ) {
    self.vendor = vendor
    self.product = product
    self.release = release
    self.serial = serial
    self.maker = maker
    self.model = model
    self.port = port
    self.number = number
    self.speed = speed
    self.power = power
    self.node = node
    self.interfaces = interfaces
  }

  /// What a person calls it: maker and model, or its numbers.
  public var title: String {
    let words = [maker, model].compactMap { $0 }.filter { !$0.isEmpty }
    guard let first = words.first, let last = words.last else { return "USB device \(numbers)" }
    // Many makers put their name in front of the model again.
    return words.count == 1 || last.lowercased().hasPrefix(first.lowercased()) ? last : "\(first) \(last)"
  }

  /// Vendor and product, `05e0:1900`.
  public var numbers: String { "\(Self.hex(vendor)):\(Self.hex(product))" }

  /// The release as makers write it, `1.10`.
  public var releaseText: String { "\(String(release >> 8, radix: 16)).\(Self.hex(release).suffix(2))" }

  /// Everything that can be opened: the device's own node and those of its interfaces.
  public var nodes: [DeviceNode] { (node.map { [$0] } ?? []) + interfaces.flatMap(\.nodes) }

  /// Four digits.
  static func hex(_ value: UInt16) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }

  /// What makes it this device, plugged in this time.
  struct Presence: Hashable {
    var port: String
    var number: Int
    var vendor: UInt16
    var product: UInt16
    var serial: String?
  }

  var presence: Presence {
    Presence(port: port, number: number, vendor: vendor, product: product, serial: serial)
  }
}

/// How a USB device is fed.
public struct USBPower: Sendable, Hashable {
  /// Milliamperes it may draw from the bus, `bMaxPower`; `nil` when the kernel does not say.
  public var milliamperes: Int?
  /// Whether the kernel may suspend it: a scanner then loses its first code (specs/scanners.md §4).
  public var mayBeSuspended: Bool
  /// Whether it is suspended now.
  public var isSuspended: Bool

  /// Power of a device that is awake.
  public init(milliamperes: Int? = nil, mayBeSuspended: Bool = false, isSuspended: Bool = false) {
    self.milliamperes = milliamperes
    self.mayBeSuspended = mayBeSuspended
    self.isSuspended = isSuspended
  }
}

/// One interface of a USB device: what a kernel driver binds to.
public struct USBInterface: Sendable, Hashable {
  /// Its number, `bInterfaceNumber`.
  public var number: UInt8
  /// `bInterfaceClass`: 3 HID, 7 printer, 2 communications, 255 the maker's own.
  public var classCode: UInt8
  /// `bInterfaceSubClass`.
  public var subclass: UInt8
  /// `bInterfaceProtocol`.
  public var protocolCode: UInt8
  /// Its name, as the device gives it.
  public var name: String?
  /// The kernel's driver, `usbhid`; `nil` when none is bound.
  public var driver: String?
  /// The IEEE 1284 id of a printer, as the kernel's usblp has it.
  public var ieee1284: String?
  /// The report descriptor of a HID interface. Not yet parsed, so it may lie.
  public var reportDescriptor: [UInt8]?
  /// The nodes that its driver made.
  public var nodes: [DeviceNode]

  /// An interface of these facts.
  public init(
    number: UInt8, classCode: UInt8, subclass: UInt8 = 0, protocolCode: UInt8 = 0, name: String? = nil,
    driver: String? = nil, ieee1284: String? = nil, reportDescriptor: [UInt8]? = nil, nodes: [DeviceNode] = []
  ) {
    self.number = number
    self.classCode = classCode
    self.subclass = subclass
    self.protocolCode = protocolCode
    self.name = name
    self.driver = driver
    self.ieee1284 = ieee1284
    self.reportDescriptor = reportDescriptor
    self.nodes = nodes
  }

  /// The first node of this kind.
  public func node(_ kind: DeviceNode.Kind) -> DeviceNode? { nodes.first { $0.kind == kind } }
}

extension USBDevice {
  /// Text of a device that is safe before a person: a device may send escape sequences in its name.
  ///
  /// Control characters become `?`, blanks at both ends go, and nothing is left of nothing.
  public static func printable(_ text: String) -> String? {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse:
        scalars.append("?")
      default: scalars.append(scalar)
      }
    }
    let clean = String(scalars)
    let trimmed = clean.drop { $0 == " " }
    let end = trimmed.lastIndex { $0 != " " }
    return end.map { String(trimmed[...$0]) }
  }
}
