import POSWire

/// The messages of USB/IP between a host and a device that it has imported, version 1.1.1 (the kernel's
/// Documentation/usb/usbip_protocol.rst): 48 bytes, numbers with the high byte first, then data.
enum USBIPMessage: Equatable {
  /// Move data: `length` bytes at most; to the device they are at hand.
  case submit(sequence: UInt32, isInput: Bool, endpoint: UInt8, length: Int, setup: USBSetup, data: [UInt8])
  /// Forget what was submitted under this number.
  case unlink(sequence: UInt32, victim: UInt32)

  /// The most data of one transfer, in bytes.
  static let largestTransfer = 1 << 20
  /// The size of every header.
  static let headerSize = 48

  /// Reads the first message and says how long it was; `nil` while it is incomplete.
  ///
  /// - Throws: `value` for a command or an endpoint that does not exist, `length over limit` for more than
  ///   ``largestTransfer``.
  static func first(of bytes: [UInt8]) throws(WireError) -> (message: Self, count: Int)? {
    guard bytes.count >= headerSize else { return nil }
    var reader = ByteReader(bytes.span)
    let command = try reader.bigEndian(bytes: 4, "command")
    let sequence = UInt32(try reader.bigEndian(bytes: 4, "sequence number"))
    _ = try reader.bigEndian(bytes: 4, "device")
    let direction = try reader.bigEndian(bytes: 4, "direction")
    guard direction <= 1 else { throw WireError(.value, at: 12, field: "direction") }
    let endpoint = try reader.bigEndian(bytes: 4, "endpoint")
    guard endpoint <= 15 else { throw WireError(.value, at: 16, field: "endpoint") }
    switch command {
    case 1:
      _ = try reader.bigEndian(bytes: 4, "flags")
      let length = try reader.bigEndian(bytes: 4, "length")
      guard length <= largestTransfer else { throw WireError(.lengthOverLimit, at: 24, field: "length") }
      let data = direction == 0 ? Int(length) : 0
      guard bytes.count >= headerSize + data else { return nil }
      guard let setup = USBSetup(bytes[40..<48]) else { return nil }
      return (
        .submit(
          sequence: sequence, isInput: direction == 1, endpoint: UInt8(endpoint), length: Int(length),
          setup: setup, data: Array(bytes[headerSize..<headerSize + data])), headerSize + data
      )
    case 2:
      let victim = UInt32(try reader.bigEndian(bytes: 4, "number to unlink"))
      return (.unlink(sequence: sequence, victim: victim), headerSize)
    default: throw WireError(.value, at: 0, field: "command")
    }
  }

  /// The end of a transfer: 0 or a negated error number, and how many bytes it moved.
  static func submitted(_ sequence: UInt32, status: Int32, moved: Int, data: [UInt8] = []) -> [UInt8] {
    var writer = header(3, sequence, status)
    writer.bigEndian(UInt64(moved), bytes: 4)
    writer.append([UInt8](repeating: 0, count: 20))
    writer.append(data)
    return writer.bytes
  }

  /// The answer to ``unlink(sequence:victim:)``: whether there was still something to forget.
  static func unlinked(_ sequence: UInt32, hasForgotten: Bool) -> [UInt8] {
    var writer = header(4, sequence, hasForgotten ? -USBIPError.unlinked : 0)
    writer.append([UInt8](repeating: 0, count: 24))
    return writer.bytes
  }

  private static func header(_ command: UInt64, _ sequence: UInt32, _ status: Int32) -> ByteWriter {
    var writer = ByteWriter(reservingCapacity: headerSize)
    writer.bigEndian(command, bytes: 4)
    writer.bigEndian(UInt64(sequence), bytes: 4)
    // Device, direction and endpoint are zero in answers.
    writer.append([UInt8](repeating: 0, count: 12))
    writer.bigEndian(UInt64(UInt32(bitPattern: status)), bytes: 4)
    return writer
  }
}

/// Linux's numbers for what becomes of a transfer: they are what USB/IP carries.
enum USBIPError {
  /// `EPIPE`: the endpoint is halted.
  static let halted: Int32 = 32
  /// `ECONNRESET`: the host has taken it back.
  static let unlinked: Int32 = 104
}
