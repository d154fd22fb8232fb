/// The bytes of ZVT as the simulated terminal reads and writes them: written apart from the driver's codecs, so that
/// both cannot share a mistake (specs/terminals.md §2.2, §2.4).
enum SimulatedZVTWire {
  /// What stands at the start of received bytes on a serial link.
  enum SerialItem: Equatable {
    case acknowledge
    case refuse
    case message([UInt8])
    case broken
    case noise
  }

  /// The first item and how many bytes it takes; `nil` while it is incomplete.
  static func firstSerialItem(of bytes: [UInt8]) -> (item: SerialItem, count: Int)? {
    guard let first = bytes.first else { return nil }
    switch first {
    case 0x06: return (.acknowledge, 1)
    case 0x15: return (.refuse, 1)
    case 0x10: break
    default: return (.noise, 1)
    }
    guard bytes.count >= 2 else { return nil }
    guard bytes[1] == 0x02 else { return (.noise, 1) }
    var message: [UInt8] = []
    var place = 2
    while place + 1 < bytes.count {
      switch (bytes[place], bytes[place + 1]) {
      case (0x10, 0x10):
        message.append(0x10)
        place += 2
      case (0x10, 0x03):
        guard place + 3 < bytes.count else { return nil }
        let check = check(message + [0x03])
        let isIntact = bytes[place + 2] == check & 0xFF && bytes[place + 3] == check >> 8
        return (isIntact ? .message(message) : .broken, place + 4)
      case (0x10, _):
        return (.broken, place)
      default:
        message.append(bytes[place])
        place += 1
      }
    }
    return nil
  }

  /// A frame; `damaged` spoils its check.
  static func frame(_ message: [UInt8], damaged: Bool = false) -> [UInt8] {
    let value = check(message + [0x03]) ^ (damaged ? 0x0100 : 0)
    let body = message.flatMap { $0 == 0x10 ? [0x10, 0x10] : [$0] }
    return [0x10, 0x02] + body + [0x10, 0x03, UInt8(value % 256), UInt8(value / 256)]
  }

  /// The check by long division, most significant bit first over mirrored bytes, mirrored again at the end.
  static func check(_ bytes: [UInt8]) -> UInt16 {
    var remainder: UInt32 = 0
    for byte in bytes {
      for bit in 0..<8 {
        let carry = remainder >> 15 & 1 ^ UInt32(byte >> UInt8(bit) & 1)
        remainder = remainder << 1 & 0xFFFF
        if carry == 1 { remainder ^= 0x1021 }
      }
    }
    var mirrored: UInt16 = 0
    for bit in 0..<16 where remainder >> UInt32(bit) & 1 == 1 { mirrored |= 1 << UInt16(15 - bit) }
    return mirrored
  }

  /// The first whole message of a stream; `nil` while it is incomplete.
  static func firstMessage(of bytes: [UInt8]) -> [UInt8]? {
    guard bytes.count >= 3 else { return nil }
    var size = 3 + Int(bytes[2])
    if bytes[2] == 0xFF {
      guard bytes.count >= 5 else { return nil }
      size = 5 + Int(bytes[3]) + 256 * Int(bytes[4])
    }
    return bytes.count >= size ? Array(bytes[..<size]) : nil
  }

  /// Command and data with the length between them.
  static func message(_ command: (UInt8, UInt8), _ data: [UInt8] = []) -> [UInt8] {
    let length =
      data.count < 255 ? [UInt8(data.count)] : [0xFF, UInt8(data.count % 256), UInt8(data.count / 256)]
    return [command.0, command.1] + length + data
  }

  /// The data of a whole message.
  static func data(of message: [UInt8]) -> [UInt8] {
    Array(message.dropFirst(message.count > 2 && message[2] == 0xFF ? 5 : 3))
  }

  /// `value` as `count` bytes of packed decimal.
  static func decimal(_ value: Int, bytes count: Int) -> [UInt8] {
    var digits = Array(String(value).utf8.map { $0 - 48 })
    while digits.count < 2 * count { digits.insert(0, at: 0) }
    digits = Array(digits.suffix(2 * count))
    return stride(from: 0, to: 2 * count, by: 2).map { digits[$0] * 16 + digits[$0 + 1] }
  }

  /// The number that packed decimal writes; `nil` for other bytes.
  static func number(_ packed: ArraySlice<UInt8>) -> Int? {
    let digits = packed.map { String($0, radix: 16) }.map { $0.count == 1 ? "0" + $0 : $0 }.joined()
    return Int(digits)
  }

  /// A text behind its length in `digits` half-bytes.
  static func variable(_ text: [UInt8], digits: Int) -> [UInt8] {
    let length = String(text.count)
    let padded = String(repeating: "0", count: max(0, digits - length.count)) + length
    return padded.utf8.map { 0xF0 + ($0 - 48) } + text
  }

  /// The values of the bitmaps that orders of a till have, by number, and whatever stands in the container under 06.
  static func bitmaps(_ data: [UInt8]) -> [UInt8: [UInt8]] {
    let sizes: [UInt8: Int] = [
      0x01: 1, 0x02: 1, 0x03: 1, 0x04: 6, 0x0B: 3, 0x0E: 2, 0x19: 1, 0x49: 2, 0x87: 2,
    ]
    var found: [UInt8: [UInt8]] = [:]
    var place = 0
    while place < data.count {
      let number = data[place]
      var size = sizes[number]
      place += 1
      if number == 0x06, place < data.count {
        size = Int(data[place])
        place += 1
      }
      guard let size, place + size <= data.count else { break }
      found[number] = Array(data[place..<(place + size)])
      place += size
    }
    return found
  }

  /// What stands behind a two-byte tag in a container without containers; `nil` where it is missing.
  static func tag(_ first: UInt8, _ second: UInt8, in container: [UInt8]) -> [UInt8]? {
    guard container.count >= 3 else { return nil }
    for place in 0...(container.count - 3) where container[place] == first && container[place + 1] == second {
      let size = Int(container[place + 2])
      if place + 3 + size <= container.count { return Array(container[(place + 3)..<(place + 3 + size)]) }
    }
    return nil
  }

  /// The message with `tags` more in its container, or with a container of them.
  static func adding(_ tags: [UInt8], to message: [UInt8]) -> [UInt8] {
    var data = data(of: message)
    let command = (message[0], message[1])
    if command == (0x06, 0xD3) {
      let header = data[1] == 0x82 ? 4 : data[1] == 0x81 ? 3 : 2
      data = container(Array(data.dropFirst(header)) + tags)
    } else if command == (0x06, 0xD1), data.count >= 7,
      Array(data.suffix(6).prefix(5)) == [0x06, 0x04, 0x1F, 0x07, 0x01]
    {
      data = data.dropLast(6) + container(Array(data.suffix(4)) + tags)
    } else if command == (0x04, 0x0F), let place = containerPlace(data) {
      data = data[..<place] + container(Array(data[(place + 2)...]) + tags)
    } else {
      data += container(tags)
    }
    return self.message(command, data)
  }

  /// The data without the six bytes of a message's number at its end, and without its container if nothing else is in it.
  static func withoutNumber(_ data: [UInt8]) -> [UInt8] {
    let start = data.indices.last {
      data[$0] == 0x06 && $0 + 1 < data.count && $0 + 2 + Int(data[$0 + 1]) == data.count && data[$0 + 1] >= 6
    }
    guard let start else { return Array(data.dropLast(6)) }
    let content = Array(data[(start + 2)...].dropLast(6))
    return data[..<start] + (content.isEmpty ? [] : container(content))
  }

  /// Where status information of this terminal has its container: it comes last and is short.
  private static func containerPlace(_ data: [UInt8]) -> Int? {
    data.indices.last {
      $0 > 0 && data[$0] == 0x06 && $0 + 1 < data.count && $0 + 2 + Int(data[$0 + 1]) == data.count
        && data[$0 + 1] >= 4
    }
  }

  static func container(_ content: [UInt8]) -> [UInt8] {
    let length: [UInt8] =
      content.count < 0x80
      ? [UInt8(content.count)]
      : content.count < 0x100
        ? [0x81, UInt8(content.count)] : [0x82, UInt8(content.count / 256), UInt8(content.count % 256)]
    return [0x06] + length + content
  }
}
