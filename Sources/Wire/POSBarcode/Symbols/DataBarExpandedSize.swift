/// How large a GS1 DataBar Expanded is: its bits, in the ways to write them that the standard has whoever draws it choose
/// (ISO/IEC 24724, §7.2.5).
struct DataBarExpandedSize {
  /// Symbol characters of 12 bits, with the one that checks the others. A symbol has at most 22.
  let characters: Int

  /// 17 modules a character, 15 a finder pattern, of which every two characters have one, and guards of 2.
  var modules: Int { 17 * characters + 15 * ((characters + 1) / 2) + 4 }

  /// The size for an element string, 1D behind elements of variable length.
  init(_ data: [UInt8]) {
    let (field, rest) = Self.compressed(data)
    let bits = Self.append(rest, to: field)
    characters = max(4, (bits + 11) / 12 + 1)
  }

  // MARK: - Compressed fields

  /// Bits of what has a field of its own, linkage flag, method and length included, and what is left.
  private static func compressed(_ data: [UInt8]) -> (bits: Int, rest: ArraySlice<UInt8>) {
    guard data.count >= 16, data.starts(with: "01".utf8) else { return (1 + 2 + 2, data[...]) }
    // An item of variable measure: its first digit is 9 and not written.
    if data[2] == UInt8(ascii: "9"), let variable = variableMeasure(data[16...]) { return variable }
    return (1 + 1 + 2 + 44, data[16...])
  }

  private static func variableMeasure(
    _ data: ArraySlice<UInt8>
  ) -> (bits: Int, rest: ArraySlice<UInt8>)? {
    let elements = Array(data)
    let gtin = 40
    if elements.starts(with: "310".utf8) || elements.starts(with: "320".utf8), elements.count >= 10 {
      let value = elements[4..<10].reduce(0) { 10 * $0 + Int($1 & 0x0F) }
      let limits: [(identifier: String, most: Int)] = [("3103", 32_767), ("3202", 9999), ("3203", 22_767)]
      if elements.count == 10,
        limits.contains(where: { elements.starts(with: $0.identifier.utf8) && value <= $0.most })
      {
        return (1 + 4 + gtin + 15, [])
      }
      let dates = ["11", "13", "15", "17"]
      let hasDate =
        elements.count == 18 && dates.contains { elements[10...].starts(with: $0.utf8) }
      guard elements.count == 10 || hasDate, value <= 99_999 else { return nil }
      return (1 + 7 + gtin + 20 + 16, [])
    }
    // A price has at most three decimals here.
    guard elements.count > 4, (UInt8(ascii: "0")...UInt8(ascii: "3")).contains(elements[3]) else {
      return nil
    }
    if elements.starts(with: "392".utf8) { return (1 + 5 + 2 + gtin + 2, data.dropFirst(4)) }
    // Its currency is three digits.
    guard elements.starts(with: "393".utf8), elements.count > 7 else { return nil }
    return (1 + 5 + 2 + gtin + 2 + 10, data.dropFirst(7))
  }

  // MARK: - General field

  private enum Alphabet {
    /// Pairs of digits, or of one and the end of an element.
    case digits
    /// Digits, capitals and `*,-./`.
    case capitals
    /// Whatever GS1 elements hold.
    case all
  }

  /// Bits after `data` have been appended to so many.
  private static func append(_ data: ArraySlice<UInt8>, to bits: Int) -> Int {
    var bits = bits
    var alphabet = Alphabet.digits
    var rest = data
    while let next = rest.first {
      switch alphabet {
      case .digits:
        let second = rest.dropFirst().first
        if isHalf(next), let second, isHalf(second), next != separator || second != separator {
          bits += 7
          rest = rest.dropFirst(2)
        } else if second == nil, next != separator {
          // The last digit alone is short where it fills the character up.
          let room = (12 - bits % 12) % 12
          bits += isHalf(next) ? ((4...6).contains(room) ? 4 : 7) : 4
          if isHalf(next) { rest = [] } else { alphabet = .capitals }
        } else {
          bits += 4
          alphabet = .capitals
        }
      case _ where next == separator:
        // It changes back to digits.
        bits += 5
        alphabet = .digits
        rest = rest.dropFirst()
      case .capitals:
        let digits = rest.prefix { isHalf($0) }.count
        if !isCapital(next) {
          bits += 5
          alphabet = .all
        } else if digits >= 6 || (digits >= 4 && digits == rest.count) {
          bits += 3
          alphabet = .digits
        } else {
          bits += isHalf(next) ? 5 : 6
          rest = rest.dropFirst()
        }
      case .all:
        let capitals = rest.prefix { isCapital($0) || $0 == separator }.count
        let staysSimple = capitals >= min(10, rest.count)
        if staysSimple, rest.prefix(4).count == 4, rest.prefix(4).allSatisfy({ isHalf($0) }) {
          bits += 3
          alphabet = .digits
        } else if staysSimple, capitals >= 5 {
          bits += 5
          alphabet = .capitals
        } else {
          bits += isHalf(next) ? 5 : isLetter(next) ? 7 : 8
          rest = rest.dropFirst()
        }
      }
    }
    return bits
  }

  private static let separator: UInt8 = 0x1D

  private static func isHalf(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == separator
  }

  private static func isCapital(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x2A, 0x2C...0x2F: true
    default: false
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte & 0xDF)
  }
}
