import POSWire

/// Numbers as text protocols write them: ASCII digits, padded with zeros on the left.
extension ByteWriter {
  /// Appends `value` in `count` digits.
  ///
  /// - Throws: ``WireError`` with reason `value` where it has more digits.
  mutating func digits(_ value: UInt64, count: Int, _ field: StaticString) throws(WireError) {
    var reversed: [UInt8] = []
    var rest = value
    for _ in 0..<count {
      reversed.append(0x30 + UInt8(rest % 10))
      rest /= 10
    }
    guard rest == 0 else { throw WireError(.value, at: self.count, field: field) }
    for digit in reversed.reversed() { byte(digit) }
  }

  /// Appends `text`, filled up with spaces to `count` bytes.
  ///
  /// - Throws: ``WireError`` with reason `lengthOverLimit` for a longer text, `value` for one with characters
  ///   outside 20 to 7E.
  mutating func padded(_ text: [UInt8], count: Int, _ field: StaticString) throws(WireError) {
    guard text.count <= count else { throw WireError(.lengthOverLimit, at: self.count, field: field) }
    for character in text where character < 0x20 || character > 0x7E {
      throw WireError(.value, at: self.count, field: field)
    }
    append(text)
    for _ in text.count..<count { byte(0x20) }
  }
}

extension ByteReader {
  /// Reads `count` (1 to 18) digits.
  ///
  /// - Throws: ``WireError`` with reason `value` at the first byte that is no digit.
  mutating func digits(_ count: Int, _ field: StaticString) throws(WireError) -> UInt64 {
    var value: UInt64 = 0
    for _ in 0..<count {
      let place = offset
      let digit = try byte(field)
      guard digit >= 0x30, digit <= 0x39 else { throw WireError(.value, at: place, field: field) }
      value = value * 10 + UInt64(digit - 0x30)
    }
    return value
  }

  /// Reads `count` bytes as they are.
  mutating func text(_ count: Int, _ field: StaticString) throws(WireError) -> [UInt8] {
    let slice = try bytes(count, field)
    var text: [UInt8] = []
    text.reserveCapacity(slice.count)
    for index in slice.indices { text.append(slice[index]) }
    return text
  }
}

/// The number that 1 to 18 ASCII digits write; `nil` for anything else.
func decimalNumber(_ text: some Collection<UInt8>) -> UInt64? {
  guard !text.isEmpty, text.count <= 18 else { return nil }
  var value: UInt64 = 0
  for digit in text {
    guard digit >= 0x30, digit <= 0x39 else { return nil }
    value = value * 10 + UInt64(digit - 0x30)
  }
  return value
}
