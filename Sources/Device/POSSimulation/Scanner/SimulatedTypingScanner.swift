public import POSModel
public import POSTransport

/// A scanner that types, on a US keyboard: boot reports, each key followed by an empty report.
///
/// Characters that a US keyboard lacks, and all of them if it is set to, go as Alt and the byte's number with a
/// leading zero, three digits in one report as the captured one does it. Its key table is its own.
///
///     try await SimulatedTypingScanner(device: link.device).scan(.code128("SIP-4-1"))
public struct SimulatedTypingScanner: Sendable {
  /// What the scanner gets wrong, and how it is set.
  public struct Behaviour: Sendable, Equatable {
    /// Whether every byte goes as an Alt code.
    public var usesAltCodes = false
    /// Whether Enter follows the code.
    public var sendsEnter = true
    /// Whether it has seen the Caps Lock lamp lit, and turns its letters round so that the host turns them back.
    public var seesCapsLock = false
    /// Whether the AIM identifier goes in front.
    public var sendsAIM = false
    /// Keys after which the scanner is unplugged.
    public var unplugAfterKeys: Int?
    /// The time between two keys; `nil` for as fast as they are taken.
    public var pace: Duration?

    /// A scanner as it leaves the factory.
    public init() {}
  }

  private let device: any ReportDevice
  private let behaviour: Behaviour

  /// A scanner at the device's end of a report link that was made with ``reportDescriptor``.
  public init(device: any ReportDevice, behaviour: Behaviour = Behaviour()) {
    self.device = device
    self.behaviour = behaviour
  }

  /// Holds a code before the scanner: types it.
  public func scan(_ code: SimulatedBarcode) async throws(DeviceError) {
    var keys = (behaviour.sendsAIM ? code.aim : []).map(key) + code.data.map(key)
    if behaviour.sendsEnter { keys.append([0, 0, 0x28, 0, 0, 0, 0, 0]) }
    for (index, report) in keys.enumerated() {
      if index == behaviour.unplugAfterKeys { return await device.close() }
      if index > 0, let pace = behaviour.pace {
        try await device.clock.sleep(until: device.clock.now + pace)
      }
      try await device.sendReport(report, until: nil)
      try await device.sendReport([UInt8](repeating: 0, count: 8), until: nil)
    }
  }

  private func key(_ byte: UInt8) -> [UInt8] {
    if !behaviour.usesAltCodes {
      if let (shift, usage) = Self.usKey(byte) {
        let isTurned = behaviour.seesCapsLock && (0x04...0x1D).contains(usage)
        return [shift != isTurned ? 0x02 : 0, 0, usage, 0, 0, 0, 0, 0]
      }
      if (0x01...0x1A).contains(byte) { return [0x01, 0, byte + 0x03, 0, 0, 0, 0, 0] }
      if byte == 0x1D { return [0x01, 0, 0x30, 0, 0, 0, 0, 0] }
    }
    let digits = [0, byte / 100, byte / 10 % 10, byte % 10].map { $0 == 0 ? 0x62 : 0x58 + $0 }
    // Two digits fit with one leading zero, three need four keys.
    let keys = byte < 100 ? [0x62] + digits.suffix(2) : digits
    return [0x04, 0] + keys + [UInt8](repeating: 0, count: 6 - keys.count)
  }

  private static func usKey(_ byte: UInt8) -> (shift: Bool, usage: UInt8)? {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"): return (false, byte - 0x61 + 0x04)
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): return (true, byte - 0x41 + 0x04)
    case UInt8(ascii: "1")...UInt8(ascii: "9"): return (false, byte - 0x31 + 0x1E)
    case UInt8(ascii: "0"): return (false, 0x27)
    case UInt8(ascii: " "): return (false, 0x2C)
    default: break
    }
    let plain: [Character] = ["-", "=", "[", "]", "\\", "#", ";", "'", "`", ",", ".", "/"]
    let shifted: [Character] = ["_", "+", "{", "}", "|", "~", ":", "\"", "~", "<", ">", "?"]
    let digits: [Character] = ["!", "@", "#", "$", "%", "^", "&", "*", "(", ")"]
    let character = Character(Unicode.Scalar(byte))
    if let index = digits.firstIndex(of: character) { return (true, 0x1E + UInt8(index)) }
    // Usage 32 is not on a US keyboard.
    if let index = plain.firstIndex(of: character), index != 5 { return (false, 0x2D + UInt8(index)) }
    if let index = shifted.indices.first(where: { shifted[$0] == character && $0 != 5 }) {
      return (true, 0x2D + UInt8(index))
    }
    return nil
  }

  /// The descriptor of a boot keyboard (HID 1.11 appendix B.1), without its lamps.
  public static let reportDescriptor: [UInt8] = [
    0x05, 0x01, 0x09, 0x06, 0xA1, 0x01,  // generic desktop, keyboard, application collection
    // Eight modifier bits.
    0x05, 0x07, 0x19, 0xE0, 0x29, 0xE7, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x08, 0x81, 0x02,
    0x95, 0x01, 0x75, 0x08, 0x81, 0x03,  // reserved
    0x19, 0x00, 0x2A, 0xFF, 0x00, 0x26, 0xFF, 0x00, 0x95, 0x06, 0x81, 0x00,  // six keys
    0xC0,
  ]
}
