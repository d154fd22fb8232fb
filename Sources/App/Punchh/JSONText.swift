/// A JSON document under construction, members in the order given.
///
/// `JSONEncoder` writes nine dollars as `9` and goes through its own notion of numbers; money leaves here with
/// its decimals, `9.00`, from an integer.
enum JSONText {
  case text(String)
  case integer(Int64)
  /// Minor units and how many of their digits stand behind the point.
  case amount(Int64, decimals: Int)
  case bool(Bool)
  case array([JSONText])
  case object([(name: String, value: JSONText)])

  /// The document in UTF-8.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    write(to: &bytes)
    return bytes
  }

  private func write(to bytes: inout [UInt8]) {
    switch self {
    case .text(let text): Self.write(text, to: &bytes)
    case .integer(let value): bytes += Array(String(value).utf8)
    case .amount(let minorUnits, let decimals):
      let digits = String(minorUnits.magnitude)
      let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
      if minorUnits < 0 { bytes.append(UInt8(ascii: "-")) }
      bytes += Array(padded.utf8.dropLast(decimals))
      if decimals > 0 { bytes += [UInt8(ascii: ".")] + Array(padded.utf8.suffix(decimals)) }
    case .bool(let value): bytes += Array((value ? "true" : "false").utf8)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        element.write(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        Self.write(member.name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.value.write(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static func write(_ text: String, to bytes: inout [UInt8]) {
    let hex = Array("0123456789abcdef".utf8)
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0..<0x20: bytes += Array("\\u00".utf8) + [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
