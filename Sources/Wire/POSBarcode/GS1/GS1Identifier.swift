/// One row of the GS1 application identifiers: what its value consists of.
public struct GS1Identifier: Sendable {
  /// What characters a part of a value may hold.
  enum Characters: UInt8, Sendable {
    case digits, set82, set39, base64
  }

  /// One part of a value.
  struct Part: Sendable {
    var characters = Characters.digits
    var minimum = 1
    var maximum = 0
    var isOptional = false
    /// Where the names of its rules are in the row.
    var rules: Range<Int> = 0..<0
  }

  /// The digits of the identifier: 2 to 4.
  public let digits: Int
  /// Its number.
  public let number: Int
  private let row: StaticString

  /// The row of the identifier that `data` begins with, at `offset`.
  init?(in data: Span<UInt8>, at offset: Int) {
    var prefixes: [Int] = []
    var value = 0
    for length in 1...4 {
      guard offset + length <= data.count, let digit = Digits.value(data[offset + length - 1]) else { break }
      value = value * 10 + digit
      if length >= 2 { prefixes.append(value) }
    }
    for row in GS1Table.rows {
      let (first, last, length) = Self.range(of: row)
      guard length - 2 < prefixes.count, length >= 2 else { continue }
      let number = prefixes[length - 2]
      if first <= number, number <= last {
        self.row = row
        self.number = number
        digits = length
        return
      }
    }
    return nil
  }

  /// Its title, as GS1 prints it: "BATCH/LOT".
  public var title: [UInt8] {
    row.withUTF8Buffer { row in
      guard let mark = row.firstIndex(of: 0x23) else { return [] }
      return Array(row[(mark + 1)...].drop { $0 == 0x20 })
    }
  }

  /// How many of the value's last digits are behind the decimal point: the last digit of identifiers that
  /// measure or price, `nil` for others.
  public var decimals: Int? {
    switch number {
    case 3100...3699, 3900...3959: digits == 4 ? number % 10 : nil
    default: nil
    }
  }

  /// The first two digits of the identifier.
  private var family: Int {
    switch digits {
    case 4: number / 100
    case 3: number / 10
    default: number
    }
  }

  /// The length of the value where GS1 fixed it for good, so that no separator follows it (General Specifications
  /// §7.8.5; specs/scanners.md §3.4).
  var predefinedLength: Int? {
    let whole: Int
    switch family {
    case 0: whole = 20
    case 1...3: whole = 16
    case 4: whole = 18
    case 11...19: whole = 8
    case 20: whole = 4
    case 31...36: whole = 10
    case 41: whole = 16
    default: return nil
    }
    return whole - digits
  }

  // MARK: The row's fields

  /// The parts of the value, in order.
  var parts: [Part] {
    row.withUTF8Buffer { row in
      var parts: [Part] = []
      for word in Self.words(of: row).dropFirst() {
        var index = word.lowerBound
        var part = Part()
        if row[index] == 0x5B {
          part.isOptional = true
          index += 1
        }
        switch row[index] {
        case UInt8(ascii: "N"): part.characters = .digits
        case UInt8(ascii: "X"): part.characters = .set82
        case UInt8(ascii: "Y"): part.characters = .set39
        case UInt8(ascii: "Z"): part.characters = .base64
        default: continue
        }
        index += 1
        let isRange = index < word.upperBound && row[index] == 0x2E
        if isRange { index += 2 }
        while index < word.upperBound, let digit = Digits.value(row[index]) {
          part.maximum = part.maximum * 10 + digit
          index += 1
        }
        part.minimum = isRange ? 1 : part.maximum
        if index < word.upperBound, row[index] == 0x5D { index += 1 }
        part.rules = index..<word.upperBound
        parts.append(part)
      }
      return parts
    }
  }

  /// Whether a part is under a rule.
  func has(_ rule: StaticString, _ part: Part) -> Bool {
    row.withUTF8Buffer { row in
      rule.withUTF8Buffer { rule in
        for name in row[part.rules].split(separator: 0x2C) where name.elementsEqual(rule) { return true }
        return false
      }
    }
  }

  /// Whether a value under `other` may not stand beside this one.
  func excludes(_ other: GS1Identifier) -> Bool {
    guard number != other.number || digits != other.digits else { return false }
    return field("ex=") { field in
      for pattern in field.split(separator: 0x2C) where Self.matches(pattern, other) { return true }
      return false
    } ?? false
  }

  /// Whether a Digital Link may begin with this identifier.
  var isPrimaryKey: Bool { field("dlpkey") { _ in true } ?? false }

  /// Whether `qualifiers` may follow this key in a Digital Link, in this order.
  func mayBeQualified(by qualifiers: [GS1Identifier]) -> Bool {
    if qualifiers.isEmpty { return true }
    return field("dlpkey=") { field in
      for alternative in field.split(separator: 0x7C) {
        var rest = qualifiers[...]
        for name in alternative.split(separator: 0x2C) {
          if let next = rest.first, Self.matches(name, next) { rest = rest.dropFirst() }
        }
        if rest.isEmpty { return true }
      }
      return false
    } ?? false
  }

  private func field<T>(_ name: StaticString, _ body: (UnsafeBufferPointer<UInt8>.SubSequence) -> T) -> T? {
    row.withUTF8Buffer { row in
      name.withUTF8Buffer { name in
        for word in Self.words(of: row) where row[word].starts(with: name) {
          return body(row[word].dropFirst(name.count))
        }
        return nil
      }
    }
  }

  /// A pattern such as 310n: digits, and n for any digit.
  private static func matches(_ pattern: some Collection<UInt8>, _ other: GS1Identifier) -> Bool {
    guard pattern.count == other.digits else { return false }
    var number = other.number
    for character in Array(pattern).reversed() {
      if character != UInt8(ascii: "n"), Digits.value(character) != number % 10 { return false }
      number /= 10
    }
    return true
  }

  private static func words(of row: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
    var words: [Range<Int>] = []
    var start = 0
    for index in row.indices {
      if row[index] == 0x23 { return words }
      if row[index] == 0x20 {
        if start < index { words.append(start..<index) }
        start = index + 1
      }
    }
    if start < row.count { words.append(start..<row.count) }
    return words
  }

  private static func range(of row: StaticString) -> (first: Int, last: Int, digits: Int) {
    row.withUTF8Buffer { row in
      var values = [0, 0]
      var digits = 0
      var current = 0
      for character in row {
        if let digit = Digits.value(character) {
          values[current] = values[current] * 10 + digit
          if current == 0 { digits += 1 }
        } else if character == 0x2D {
          current = 1
        } else {
          break
        }
      }
      return (values[0], current == 0 ? values[0] : values[1], digits)
    }
  }
}

/// ASCII digits.
enum Digits {
  /// 0 to 9, `nil` for another character.
  static func value(_ character: UInt8) -> Int? {
    character >= 0x30 && character <= 0x39 ? Int(character) - 0x30 : nil
  }
}
