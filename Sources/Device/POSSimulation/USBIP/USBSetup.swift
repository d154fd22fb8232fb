/// The eight bytes that begin a control transfer (USB 2.0 §9.3).
public struct USBSetup: Sendable, Equatable {
  /// Direction, type and recipient.
  public var requestType: UInt8
  /// Which request.
  public var request: UInt8
  /// The request's first parameter.
  public var value: UInt16
  /// The request's second parameter: often an interface or an endpoint.
  public var index: UInt16
  /// The most bytes that follow.
  public var length: UInt16

  /// A packet from its parts.
  public init(requestType: UInt8, request: UInt8, value: UInt16 = 0, index: UInt16 = 0, length: UInt16 = 0) {
    self.requestType = requestType
    self.request = request
    self.value = value
    self.index = index
    self.length = length
  }

  /// A packet from its eight bytes, numbers with the low byte first; `nil` for another count.
  public init?(_ bytes: some Collection<UInt8>) {
    let bytes = Array(bytes)
    guard bytes.count == 8 else { return nil }
    func word(_ place: Int) -> UInt16 { UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8 }
    self.init(
      requestType: bytes[0], request: bytes[1], value: word(2), index: word(4), length: word(6))
  }

  /// What a `switch` matches: type and request.
  var kind: (UInt8, UInt8) { (requestType, request) }
}

/// What a device answers to a control transfer.
public enum USBControlAnswer: Sendable, Equatable {
  /// Done; the bytes go to the host when it asked for some.
  case done([UInt8] = [])
  /// Done; the host has sent the device a report this way.
  case report([UInt8])
  /// The device does not know the request.
  case stall
}

/// How fast a device is, by the number that the kernel gives it (`enum usb_device_speed`).
public enum USBSpeed: Int, Sendable {
  /// 12 Mbit/s.
  case full = 2
  /// 480 Mbit/s.
  case high = 3
}
