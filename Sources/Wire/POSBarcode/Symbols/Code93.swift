import POSWire

extension LinearSymbol {
  /// Code 93 (AIM BC5), ASCII by its shift characters, with both check characters.
  init(code93 ascii: Span<UInt8>) throws(WireError) {
    try Self.limit(ascii)
    var values: [Int] = []
    for index in ascii.indices {
      guard let encoded = Self.code93Values(ascii[index]) else {
        throw WireError(.value, at: index, field: "Code 93 character")
      }
      values += encoded
    }
    for limit in [20, 15] {
      var sum = 0
      for (index, value) in values.reversed().enumerated() { sum += (index % limit + 1) * value }
      values.append(sum % 47)
    }
    var row = ModuleRow()
    row.append(Self.code93Star, bits: 9)
    for value in values { row.append(Self.code93Patterns[value], bits: 9) }
    row.append(Self.code93Star, bits: 9)
    row.append(1, bits: 1)
    let data = Self.bytes(ascii)
    self.init(
      .code93, data: data, modules: row.modules, quietZones: (10, 10), text: data.map { Self.plain($0) })
  }

  /// One value, or a shift and a letter. The shifts 43 to 46 are ($), (%), (/) and (+).
  static func code93Values(_ character: UInt8) -> [Int]? {
    if let place = code39Alphabet.firstIndex(of: character) { return [place] }
    let letter = 10
    switch Int(character) {
    case 0: return [44, letter + 20]
    case 1...26: return [43, letter + Int(character) - 1]
    case 27...31: return [44, letter + Int(character) - 27]
    case 33...44: return [45, letter + Int(character) - 33]
    case 58: return [45, letter + 25]
    case 59...63: return [44, letter + 5 + Int(character) - 59]
    case 64: return [44, letter + 21]
    case 91...95: return [44, letter + 10 + Int(character) - 91]
    case 96: return [44, letter + 22]
    case 97...122: return [46, letter + Int(character) - 97]
    case 123...127: return [44, letter + 15 + Int(character) - 123]
    default: return nil
    }
  }

  /// A character as text: controls show as spaces.
  static func plain(_ character: UInt8) -> UInt8 { character < 0x20 || character >= 0x7F ? 0x20 : character }

  static let code93Star = 0b101011110
  static let code93Patterns: [Int] = [
    0b100010100, 0b101001000, 0b101000100, 0b101000010, 0b100101000, 0b100100100, 0b100100010, 0b101010000,
    0b100010010, 0b100001010, 0b110101000, 0b110100100, 0b110100010, 0b110010100, 0b110010010, 0b110001010,
    0b101101000, 0b101100100, 0b101100010, 0b100110100, 0b100011010, 0b101011000, 0b101001100, 0b101000110,
    0b100101100, 0b100010110, 0b110110100, 0b110110010, 0b110101100, 0b110100110, 0b110010110, 0b110011010,
    0b101101100, 0b101100110, 0b100110110, 0b100111010, 0b100101110, 0b111010100, 0b111010010, 0b111001010,
    0b101101110, 0b101110110, 0b110101110, 0b100100110, 0b111011010, 0b111010110, 0b100110010,
  ]
}
