/// A USB device as its host sees it: who made it, what it is, and how it answers requests.
public struct SimulatedUSBModel: Sendable {
  /// What names a device among others.
  public struct Identity: Sendable, Equatable {
    /// The maker's number.
    public var vendor: UInt16
    /// The maker's number for the model.
    public var product: UInt16
    /// The device's release, in packed decimal.
    public var release: UInt16
    /// The maker's name.
    public var manufacturer: String
    /// The model's name.
    public var name: String
    /// The serial number, `nil` for a device without.
    public var serial: String?

    /// An identity from its parts.
    public init(
      vendor: UInt16, product: UInt16, release: UInt16 = 0x0100, manufacturer: String, name: String,
      serial: String?
    ) {
      self.vendor = vendor
      self.product = product
      self.release = release
      self.manufacturer = manufacturer
      self.name = name
      self.serial = serial
    }
  }

  /// Who it is.
  public var identity: Identity
  /// What it is.
  public var function: any SimulatedUSBFunction
  private var configuration: UInt8 = 0

  /// A device from its parts.
  public init(_ identity: Identity, _ function: some SimulatedUSBFunction) {
    self.identity = identity
    self.function = function
  }

  // MARK: - Requests of every device (USB 2.0 §9.4)

  /// What a request did to an endpoint.
  enum Effect: Equatable {
    case none
    /// Every endpoint works again.
    case allResumed
    /// This endpoint, direction in its top bit, works again.
    case resumed(UInt8)
    /// This endpoint is halted.
    case halted(UInt8)
  }

  /// Answers a control transfer. `halted` are the endpoints that are.
  mutating func control(
    _ setup: USBSetup, _ data: [UInt8], halted: Set<UInt8>
  ) -> (answer: USBControlAnswer, effect: Effect) {
    let endpoint = UInt8(setup.index & 0x8F)
    switch setup.kind {
    case (0x80, 6):
      guard let bytes = descriptor(UInt8(setup.value >> 8), UInt8(setup.value & 0xFF)) else {
        return (.stall, .none)
      }
      return (.done(bytes), .none)
    case (0x00, 9):
      configuration = UInt8(setup.value & 0xFF)
      return (.done(), .allResumed)
    case (0x01, 11): return setup.value == 0 ? (.done(), .allResumed) : (.stall, .none)
    case (0x80, 8): return (.done([configuration]), .none)
    case (0x81, 10): return (.done([0]), .none)
    case (0x80, 0): return (.done([1, 0]), .none)
    case (0x81, 0): return (.done([0, 0]), .none)
    case (0x82, 0): return (.done([halted.contains(endpoint) ? 1 : 0, 0]), .none)
    case (0x02, 1): return setup.value == 0 ? (.done(), .resumed(endpoint)) : (.stall, .none)
    case (0x02, 3): return setup.value == 0 ? (.done(), .halted(endpoint)) : (.stall, .none)
    default: return (function.control(setup, data), .none)
    }
  }

  private func descriptor(_ kind: UInt8, _ index: UInt8) -> [UInt8]? {
    switch kind {
    case 1: deviceDescriptor
    case 2: index == 0 ? configurationDescriptor : nil
    case 3: string(index)
    default: nil
    }
  }

  /// USB 2.0 §9.6.1.
  var deviceDescriptor: [UInt8] {
    func word(_ value: UInt16) -> [UInt8] { [UInt8(value & 0xFF), UInt8(value >> 8)] }
    return [18, 1, 0x00, 0x02] + function.layout.deviceClass + [64]
      + word(identity.vendor) + word(identity.product) + word(identity.release)
      + [1, 2, identity.serial == nil ? 0 : 3, 1]
  }

  /// USB 2.0 §9.6.3: powers itself, takes 2 mA.
  var configurationDescriptor: [UInt8] {
    let length = 9 + function.layout.interfaces.count
    return [9, 2, UInt8(length & 0xFF), UInt8(length >> 8), UInt8(interfaceClasses.count), 1, 0, 0xC0, 1]
      + function.layout.interfaces
  }

  /// Class, subclass and protocol of each interface.
  var interfaceClasses: [[UInt8]] {
    var classes: [[UInt8]] = []
    var rest = function.layout.interfaces[...]
    while let length = rest.first, length >= 2, rest.count >= length {
      let descriptor = Array(rest.prefix(Int(length)))
      if descriptor[1] == 4, descriptor.count == 9 { classes.append(Array(descriptor[5..<8])) }
      rest = rest.dropFirst(Int(length))
    }
    return classes
  }

  private func string(_ index: UInt8) -> [UInt8]? {
    switch index {
    case 0: [4, 3, 0x09, 0x04]
    case 1: USBDescriptors.string(identity.manufacturer)
    case 2: USBDescriptors.string(identity.name)
    case 3: identity.serial.map(USBDescriptors.string)
    default: nil
    }
  }
}
