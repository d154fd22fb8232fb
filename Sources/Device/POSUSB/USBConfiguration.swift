/// Where bytes go in and out of a USB device: one interface in one of its alternate settings.
package struct USBBulkInterface: Sendable, Hashable {
  /// `bInterfaceNumber`.
  package var number: UInt8
  /// `bAlternateSetting`.
  package var setting: UInt8
  /// Whether there are other settings of the same interface, so that this one has to be chosen.
  package var hasOtherSettings: Bool
  /// `bInterfaceClass`: 7 printer, 255 the maker's own.
  package var classCode: UInt8
  /// The endpoint that takes bytes.
  package var output: UInt8
  /// The endpoint that gives bytes, its top bit set; `nil` for a device without a way back.
  package var input: UInt8?
  /// The most bytes of one packet of ``input``.
  package var inputPacket: Int

  /// Whether it answers the requests of the printer class.
  package var isPrinter: Bool { classCode == USBConfiguration.printerClass }
}

/// A configuration of a USB device, from the descriptors as the kernel hands them out.
///
/// A device may say anything there: what makes no sense is left out, and nothing beyond the bytes is read.
package struct USBConfiguration: Sendable, Hashable {
  static let printerClass: UInt8 = 7
  static let makersClass: UInt8 = 255

  /// `bConfigurationValue`.
  package var value: UInt8
  /// Every setting of every interface that takes bytes in bulk.
  package var interfaces: [USBBulkInterface]
  /// Preferred over others: the protocol of each entry of ``interfaces``.
  private var protocols: [UInt8]

  /// Reads all configurations from the content of a node in `/dev/bus/usb`: the device descriptor and each
  /// configuration descriptor with all that belongs to it (USB 2.0 §9.6).
  package static func all(in bytes: [UInt8]) -> [USBConfiguration] {
    guard bytes.count >= 18, bytes[0] == 18, bytes[1] == 1 else { return [] }
    var found: [USBConfiguration] = []
    var offset = 18
    while offset + 9 <= bytes.count, bytes[offset + 1] == 2 {
      let length = Int(bytes[offset + 2]) | Int(bytes[offset + 3]) << 8
      guard length >= 9 else { break }
      found.append(USBConfiguration(bytes[offset..<min(bytes.count, offset + length)]))
      offset += length
    }
    return found
  }

  private init(_ bytes: ArraySlice<UInt8>) {
    value = bytes[bytes.startIndex + 5]
    interfaces = []
    protocols = []
    var settings: [UInt8: Int] = [:]
    var current: USBBulkInterface?
    var currentProtocol: UInt8 = 0
    var hasOutput = false
    func finish(_ all: inout [USBBulkInterface], _ protocols: inout [UInt8]) {
      guard let current, hasOutput else { return }
      all.append(current)
      protocols.append(currentProtocol)
    }
    var offset = bytes.startIndex
    while offset + 2 <= bytes.endIndex {
      let length = Int(bytes[offset])
      guard length >= 2, offset + length <= bytes.endIndex else { break }
      switch (bytes[offset + 1], length) {
      case (4, 9...):
        finish(&interfaces, &protocols)
        hasOutput = false
        currentProtocol = bytes[offset + 7]
        settings[bytes[offset + 2], default: 0] += 1
        current = USBBulkInterface(
          number: bytes[offset + 2], setting: bytes[offset + 3], hasOtherSettings: false,
          classCode: bytes[offset + 5], output: 0, input: nil, inputPacket: 0)
      case (5, 7...) where bytes[offset + 3] & 3 == 2:
        let address = bytes[offset + 2]
        // Bits 12 and 11 are of interrupt endpoints at high speed.
        let packet = (Int(bytes[offset + 4]) | Int(bytes[offset + 5]) << 8) & 0x7FF
        guard address & 0x70 == 0, address & 0x0F != 0, packet > 0 else { break }
        if address & 0x80 == 0 {
          if !hasOutput { current?.output = address }
          hasOutput = true
        } else if current?.input == nil {
          current?.input = address
          current?.inputPacket = packet
        }
      default: break
      }
      offset += length
    }
    finish(&interfaces, &protocols)
    for index in interfaces.indices {
      interfaces[index].hasOtherSettings = settings[interfaces[index].number, default: 0] > 1
    }
  }

  /// The interface to use: a printer's before one of the maker's own, both ways before one way, and none of those
  /// that speak in packets of their own (IEEE 1284.4, IPP over USB).
  ///
  /// - Parameter number: the only interface that will do, if one is asked for.
  package func preferred(_ number: UInt8? = nil) -> USBBulkInterface? {
    var best: (rank: Int, interface: USBBulkInterface)?
    for (interface, protocolCode) in zip(interfaces, protocols)
    where number ?? interface.number == interface.number {
      let rank: Int
      switch (interface.classCode, protocolCode) {
      // Protocols 1: one way, 2: both ways (USB Printer Class 1.1 §5.2).
      case (Self.printerClass, 2): rank = 4
      case (Self.printerClass, 0...1): rank = 3
      case (Self.printerClass, _): continue
      case (Self.makersClass, _): rank = interface.input == nil ? 1 : 2
      default: continue
      }
      if rank > best?.rank ?? 0 { best = (rank, interface) }
    }
    return best?.interface
  }
}
