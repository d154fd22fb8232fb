/// A printer of the USB printer class, version 1.1, with a way back: what `usblp` makes a node of.
public struct USBPrinterFunction: SimulatedUSBFunction {
  /// The IEEE 1284 device id that it answers `GET_DEVICE_ID` with.
  public var deviceID: String
  /// Bits of `GET_PORT_STATUS`: 20 paper empty, 10 selected, 08 no error (specs/escpos.md §2.9).
  public var portStatus: UInt8 = 0x18
  /// How often the host has asked for `SOFT_RESET`.
  public private(set) var softResets = 0

  /// A printer with this device id.
  public init(deviceID: String = "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;") {
    self.deviceID = deviceID
  }

  /// How it is built.
  public var layout: SimulatedUSBLayout {
    SimulatedUSBLayout(
      speed: .high,
      interfaces:
        USBDescriptors.interface(0, endpoints: 2, class: 7, subclass: 1, protocol: 2)
        + USBDescriptors.endpoint(0x01, .bulk, packetSize: 512)
        + USBDescriptors.endpoint(0x82, .bulk, packetSize: 512),
      input: 2, output: 1, packetSize: 512)
  }

  /// Answers the requests of its class.
  public mutating func control(_ setup: USBSetup, _ data: [UInt8]) -> USBControlAnswer {
    switch setup.kind {
    case (0xA1, 0):
      let id = Array(deviceID.utf8.prefix(0xFFFD))
      let length = id.count + 2
      return .done([UInt8(length >> 8), UInt8(length & 0xFF)] + id)
    case (0xA1, 1): return .done([portStatus])
    // Version 1.0 of the class sent it to the wrong recipient, and hosts still do.
    case (0x21, 2), (0x23, 2):
      softResets += 1
      return .done()
    default: return .stall
    }
  }
}
