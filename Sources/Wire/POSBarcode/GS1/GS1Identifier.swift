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
    // As a number of four digits, of which so many are there.
    var prefix = 0
    var available = 0
    while available < 4, offset + available < data.count, let digit = Digits.value(data[offset + available]) {
      prefix = prefix * 10 + digit
      available += 1
    }
    for _ in available..<4 { prefix *= 10 }
    // No row spans two first digits.
    for row in GS1Table.rows where available >= 2 && Self.firstDigit(of: row) == prefix / 1000 {
      let (first, last, length) = Self.range(of: row)
      guard (2...available).contains(length) else { continue }
      let number = length == 4 ? prefix : length == 3 ? prefix / 10 : prefix / 100
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
      for word in Words(row: row).dropFirst() {
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
        var start = part.rules.lowerBound
        for end in part.rules.lowerBound...part.rules.upperBound
        where end == part.rules.upperBound || row[end] == 0x2C {
          if row[start..<end].elementsEqual(rule) { return true }
          start = end + 1
        }
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
        for word in Words(row: row) where row[word].starts(with: name) {
          return body(row[word].dropFirst(name.count))
        }
        return nil
      }
    }
  }

  /// A pattern such as 310n: digits, and n for any digit.
  private static func matches(_ pattern: some BidirectionalCollection<UInt8>, _ other: GS1Identifier) -> Bool
  {
    guard pattern.count == other.digits else { return false }
    var number = other.number
    for character in pattern.reversed() {
      if character != UInt8(ascii: "n"), Digits.value(character) != number % 10 { return false }
      number /= 10
    }
    return true
  }

  /// Where the words of a row are that stand in front of its title.
  private struct Words: Sequence, IteratorProtocol {
    let row: UnsafeBufferPointer<UInt8>
    private var index = 0

    init(row: UnsafeBufferPointer<UInt8>) { self.row = row }

    mutating func next() -> Range<Int>? {
      while index < row.count, row[index] == 0x20 { index += 1 }
      guard index < row.count, row[index] != 0x23 else { return nil }
      let start = index
      while index < row.count, row[index] != 0x20 { index += 1 }
      return start..<index
    }
  }

  private static func firstDigit(of row: StaticString) -> Int? {
    row.withUTF8Buffer { $0.first.flatMap(Digits.value) }
  }

  private static func range(of row: StaticString) -> (first: Int, last: Int, digits: Int) {
    row.withUTF8Buffer { row in
      var first = 0
      var last = 0
      var digits = 0
      var isRange = false
      for character in row {
        if let digit = Digits.value(character) {
          last = last * 10 + digit
          if !isRange { (first, digits) = (last, digits + 1) }
        } else if character == 0x2D {
          (isRange, last) = (true, 0)
        } else {
          break
        }
      }
      return (first, last, digits)
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
