import POSWire

// Symbologies of wide and narrow elements. Widths are those that other programs draw too: 2 : 1 for Code 39 and
// Codabar, 3 : 1 for ITF.
extension LinearSymbol {
  /// Code 39 (ISO/IEC 16388).
  init(code39 ascii: Span<UInt8>) throws(WireError) {
    try Self.limit(ascii)
    var row = ModuleRow()
    row.append(wideBits: Self.code39Star, count: 9, wide: 2)
    for index in ascii.indices {
      guard let pattern = Self.code39Pattern(ascii[index]) else {
        throw WireError(.value, at: index, field: "Code 39 character")
      }
      row.append(0, bits: 1)
      row.append(wideBits: pattern, count: 9, wide: 2)
    }
    row.append(0, bits: 1)
    row.append(wideBits: Self.code39Star, count: 9, wide: 2)
    let data = Self.bytes(ascii)
    self.init(.code39, data: data, modules: row.modules, quietZones: (10, 10), text: data)
  }

  /// Five of nine elements alternate; those of bit 1 are wide.
  static func code39Pattern(_ character: UInt8) -> Int? {
    Self.code39Alphabet.firstIndex(of: character).map { Self.code39Patterns[$0] }
  }

  static let code39Alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%".utf8)
  static let code39Star = 0b010010100
  static let code39Patterns: [Int] = [
    0b000110100, 0b100100001, 0b001100001, 0b101100000, 0b000110001, 0b100110000, 0b001110000, 0b000100101,
    0b100100100, 0b001100100, 0b100001001, 0b001001001, 0b101001000, 0b000011001, 0b100011000, 0b001011000,
    0b000001101, 0b100001100, 0b001001100, 0b000011100, 0b100000011, 0b001000011, 0b101000010, 0b000010011,
    0b100010010, 0b001010010, 0b000000111, 0b100000110, 0b001000110, 0b000010110, 0b110000001, 0b011000001,
    0b111000000, 0b010010001, 0b110010000, 0b011010000, 0b010000101, 0b110000100, 0b011000100, 0b010101000,
    0b010100010, 0b010001010, 0b000101010,
  ]

  /// Interleaved 2 of 5 (ISO/IEC 16390).
  init(interleaved2of5 ascii: Span<UInt8>) throws(WireError) {
    try Self.limit(ascii)
    let data = try Self.digits(ascii)
    guard data.count % 2 == 0 else {
      throw WireError(.truncated, at: data.count, field: "even number of digits")
    }
    var row = ModuleRow()
    row.append(0b1010, bits: 4)
    for index in stride(from: 0, to: data.count, by: 2) {
      // The first digit is in the bars, the second in the spaces between them.
      let bars = Self.twoOfFive[Int(data[index] & 15)]
      let spaces = Self.twoOfFive[Int(data[index + 1] & 15)]
      for bit in (0..<5).reversed() {
        row.append(wideBits: bars >> bit & 1, count: 1, wide: 3)
        row.append(wideBits: spaces >> bit & 1, count: 1, wide: 3, startsWithBar: false)
      }
    }
    row.append(wideBits: 0b100, count: 3, wide: 3)
    self.init(.interleaved2of5, data: data, modules: row.modules, quietZones: (10, 10), text: data)
  }

  static let twoOfFive: [Int] = [
    0b00110, 0b10001, 0b01001, 0b11000, 0b00101, 0b10100, 0b01100, 0b00011, 0b10010, 0b01010,
  ]

  /// Codabar (EN 798).
  init(codabar ascii: Span<UInt8>) throws(WireError) {
    try Self.limit(ascii)
    var data = Self.bytes(ascii)
    for index in data.indices where (0x61...0x64).contains(data[index]) { data[index] -= 0x20 }
    if !Self.isCodabarLetter(data[0]) {
      data = [UInt8(ascii: "A")] + data + [UInt8(ascii: "A")]
    }
    guard data.count >= 3 else { throw WireError(.truncated, at: ascii.count, field: "Codabar data") }
    var row = ModuleRow()
    for (index, character) in data.enumerated() {
      let isEnd = index == 0 || index == data.count - 1
      guard let place = Self.codabarAlphabet.firstIndex(of: character),
        Self.isCodabarLetter(character) == isEnd
      else {
        // An A in front of the caller's characters is not counted.
        let given = max(0, index - (data.count - ascii.count) / 2)
        throw WireError(.value, at: min(given, ascii.count - 1), field: "Codabar character")
      }
      if index > 0 { row.append(0, bits: 1) }
      row.append(wideBits: Self.codabarPatterns[place], count: 7, wide: 2)
    }
    self.init(.codabar, data: data, modules: row.modules, quietZones: (10, 10), text: data)
  }

  private static func isCodabarLetter(_ character: UInt8) -> Bool { (0x41...0x44).contains(character) }

  static let codabarAlphabet = Array("0123456789-$:/.+ABCD".utf8)
  static let codabarPatterns: [Int] = [
    0b0000011, 0b0000110, 0b0001001, 0b1100000, 0b0010010, 0b1000010, 0b0100001, 0b0100100, 0b0110000,
    0b1001000,
    0b0001100, 0b0011000, 0b1000101, 0b1010001, 0b1010100, 0b0010101, 0b0011010, 0b0101001, 0b0001011,
    0b0001110,
  ]
}
