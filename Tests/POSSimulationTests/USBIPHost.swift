import POSSimulation

/// The host's side of USB/IP, laid out by hand from the kernel's Documentation/usb/usbip_protocol.rst.
enum USBIPHost {
  static func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 0xFF) } }

  /// USBIP_CMD_SUBMIT.
  static func submit(
    _ sequence: UInt32, in isInput: Bool, endpoint: UInt32, length: Int, setup: [UInt8] = [],
    data: [UInt8] = []
  ) -> [UInt8] {
    let setup = setup + [UInt8](repeating: 0, count: 8 - setup.count)
    return word(1) + word(sequence) + word(0x0001_0001) + word(isInput ? 1 : 0) + word(endpoint) + word(0)
      + word(UInt32(length)) + word(0) + word(0) + word(0) + setup + data
  }

  /// A control transfer that asks for bytes.
  static func ask(_ sequence: UInt32, _ setup: [UInt8], length: Int) -> [UInt8] {
    submit(sequence, in: true, endpoint: 0, length: length, setup: setup)
  }

  /// A control transfer that tells something.
  static func tell(_ sequence: UInt32, _ setup: [UInt8], _ data: [UInt8] = []) -> [UInt8] {
    submit(sequence, in: false, endpoint: 0, length: data.count, setup: setup, data: data)
  }

  /// USBIP_CMD_UNLINK.
  static func unlink(_ sequence: UInt32, _ victim: UInt32) -> [UInt8] {
    word(2) + word(sequence) + word(0x0001_0001) + word(0) + word(0) + word(victim)
      + [UInt8](repeating: 0, count: 24)
  }

  /// What a device has answered.
  struct Reply: Equatable {
    var command: UInt32
    var sequence: UInt32
    var status: Int32
    /// Bytes moved; 0 in answers to unlinking.
    var moved: UInt32 = 0
    var data: [UInt8] = []

    static func done(_ sequence: UInt32, moved: Int = 0, _ data: [UInt8] = [], status: Int32 = 0) -> Self {
      Reply(command: 3, sequence: sequence, status: status, moved: UInt32(moved), data: data)
    }

    static func unlinked(_ sequence: UInt32, _ status: Int32) -> Self {
      Reply(command: 4, sequence: sequence, status: status)
    }
  }

  /// Reads answers. Only the host knows which transfers carry data back: `inputs` are their numbers.
  static func replies(_ bytes: [UInt8], inputs: Set<UInt32>) -> [Reply] {
    var replies: [Reply] = []
    var rest = bytes[...]
    func number(_ place: Int) -> UInt32 {
      rest.dropFirst(place).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
    while rest.count >= 48 {
      var reply = Reply(command: number(0), sequence: number(4), status: Int32(bitPattern: number(20)))
      if reply.command == 3 { reply.moved = number(24) }
      let count = inputs.contains(reply.sequence) ? Int(reply.moved) : 0
      reply.data = Array(rest.dropFirst(48).prefix(count))
      rest = rest.dropFirst(48 + count)
      replies.append(reply)
    }
    return replies
  }
}
