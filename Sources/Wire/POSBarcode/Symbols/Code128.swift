public import POSWire

/// The code words of a Code 128, as few as there can be (ISO/IEC 15417).
public struct Code128: Sendable, Equatable {
  /// One character to encode: a byte 0 to 127, or a function.
  enum Unit: Equatable {
    case character(UInt8)
    case function1
  }

  /// The sets of code words.
  public enum Set: Int, Sendable, CaseIterable { case a, b, c }

  /// Start, data, check and stop.
  public let codewords: [UInt8]

  /// The code words of ASCII and control characters.
  ///
  /// - Throws: `value` at a byte above 127.
  public init(ascii: Span<UInt8>) throws(WireError) {
    try self.init(LinearSymbol.bytes(ascii).map { .character($0) })
  }

  /// - Throws: `value` at a byte above 127.
  init(_ units: [Unit]) throws(WireError) {
    for (index, unit) in units.enumerated() {
      if case .character(let byte) = unit, byte > 127 {
        throw WireError(.value, at: index, field: "Code 128 character")
      }
    }
    var codewords = Self.shortest(units)
    var sum = Int(codewords[0])
    for index in codewords.indices.dropFirst() { sum += index * Int(codewords[index]) }
    codewords.append(UInt8(sum % 103))
    codewords.append(106)
    self.codewords = codewords
  }

  /// Start and data as somebody else chose them; check and stop are appended.
  ///
  /// - Throws: `truncated` for no start, `value` at a word that is no start or no data.
  public init(startAndData words: [UInt8]) throws(WireError) {
    guard let start = words.first else { throw WireError(.truncated, at: 0, field: "Code 128 start") }
    guard (103...105).contains(start) else { throw WireError(.value, at: 0, field: "Code 128 start") }
    var sum = Int(start)
    for (index, word) in words.enumerated().dropFirst() {
      guard word < 103 else { throw WireError(.value, at: index, field: "Code 128 word") }
      sum += index * Int(word)
    }
    codewords = words + [UInt8(sum % 103), 106]
  }

  /// The modules, 11 a code word and 13 for the stop.
  var modules: [Bool] {
    var row = ModuleRow()
    for codeword in codewords {
      row.append(widths: Self.widths[Int(codeword)], elements: codeword == 106 ? 7 : 6)
    }
    return row.modules
  }

  // MARK: - The fewest code words

  /// Looks at all ways from the end: the fewest code words from a place on, by the set at work there.
  private static func shortest(_ units: [Unit]) -> [UInt8] {
    let none = Int.max / 2
    let count = units.count
    // cost[i][s]: code words for units[i...] with set s at work.
    var cost = [[Int]](repeating: [none, none, none], count: count + 1)
    cost[count] = [0, 0, 0]
    for index in (0..<count).reversed() {
      for set in Set.allCases { cost[index][set.rawValue] = step(units, index, set, cost).cost }
      // Changing the set costs one more; one round is enough, as two changes never pay.
      let plain = cost[index]
      for set in 0..<3 { cost[index][set] = min(plain[set], (plain.min() ?? none) + 1) }
    }
    var set = Set.b
    for other in [Set.c, .a] where cost[0][other.rawValue] < cost[0][set.rawValue] { set = other }
    var codewords = [UInt8(103 + set.rawValue)]
    var index = 0
    while index < count {
      var best = step(units, index, set, cost)
      if best.cost > cost[index][set.rawValue] {
        for other in Set.allCases where step(units, index, other, cost).cost < best.cost {
          best = step(units, index, other, cost)
          set = other
        }
        codewords.append(change(to: set))
      }
      codewords += best.words
      index += best.used
    }
    return codewords
  }

  /// The best code words for the unit at `index` without a change of the set, and what follows costs with them.
  private static func step(
    _ units: [Unit], _ index: Int, _ set: Set, _ cost: [[Int]]
  ) -> (cost: Int, words: [UInt8], used: Int) {
    guard case .character(let byte) = units[index] else {
      return (1 + cost[index + 1][set.rawValue], [102], 1)
    }
    let nowhere = (Int.max / 2, [UInt8](), 1)
    switch set {
    case .c:
      guard index + 1 < units.count, case .character(let next) = units[index + 1],
        (0x30...0x39).contains(byte), (0x30...0x39).contains(next)
      else { return nowhere }
      return (1 + cost[index + 2][set.rawValue], [(byte - 0x30) * 10 + next - 0x30], 2)
    case .a, .b:
      if let word = word(byte, set) { return (1 + cost[index + 1][set.rawValue], [word], 1) }
      // A shift holds for one character.
      guard let word = word(byte, set == .a ? .b : .a) else { return nowhere }
      return (2 + cost[index + 1][set.rawValue], [98, word], 1)
    }
  }

  private static func word(_ byte: UInt8, _ set: Set) -> UInt8? {
    switch byte {
    case 0..<0x20: set == .a ? byte + 64 : nil
    case 0x20..<0x60: byte - 0x20
    default: set == .b ? byte - 0x20 : nil
    }
  }

  private static func change(to set: Set) -> UInt8 {
    switch set {
    case .a: 101
    case .b: 100
    case .c: 99
    }
  }

  /// Widths of bars and spaces, a decimal digit each.
  static let widths: [Int] = [
    212222, 222122, 222221, 121223, 121322, 131222, 122213, 122312, 132212, 221213, 221312, 231212, 112232,
    122132, 122231, 113222, 123122, 123221, 223211, 221132, 221231, 213212, 223112, 312131, 311222, 321122,
    321221, 312212, 322112, 322211, 212123, 212321, 232121, 111323, 131123, 131321, 112313, 132113, 132311,
    211313, 231113, 231311, 112133, 112331, 132131, 113123, 113321, 133121, 313121, 211331, 231131, 213113,
    213311, 213131, 311123, 311321, 331121, 312113, 312311, 332111, 314111, 221411, 431111, 111224, 111422,
    121124, 121421, 141122, 141221, 112214, 112412, 122114, 122411, 142112, 142211, 241211, 221114, 413111,
    241112, 134111, 111242, 121142, 121241, 114212, 124112, 124211, 411212, 421112, 421211, 212141, 214121,
    412121, 111143, 111341, 131141, 114113, 114311, 411113, 411311, 113141, 114131, 311141, 411131, 211412,
    211214, 211232, 2_331_112,
  ]
}

extension LinearSymbol {
  /// Code 128 of ASCII.
  init(code128 ascii: Span<UInt8>) throws(WireError) {
    try Self.limit(ascii)
    let data = Self.bytes(ascii)
    let code = try Code128(ascii: ascii)
    self.init(
      .code128, data: data, modules: code.modules, quietZones: (10, 10), text: data.map { Self.plain($0) })
  }

  /// A Code 128 of code words that somebody else chose. One that begins with FNC1 is a GS1-128.
  public init(_ code: Code128) {
    let (data, isGS1) = LinearReader.text(ofCode128: code.codewords.dropLast(2).map { Int($0) })
    self.init(
      isGS1 ? .gs1128 : .code128, data: data, modules: code.modules, quietZones: (10, 10),
      text: data.map { Self.plain($0) })
  }

  /// GS1-128: a Code 128 that begins with FNC1 (GS1 General Specifications §5.4).
  init(gs1128 ascii: Span<UInt8>) throws(WireError) {
    try Self.limit(ascii)
    let (data, text) = try GS1Text.elements(ascii)
    let code = try Code128([.function1] + data.map { $0 == 0x1D ? .function1 : .character($0) })
    self.init(.gs1128, data: data, modules: code.modules, quietZones: (10, 10), text: text)
  }
}

/// GS1 elements as people write them: `(01)09501101530003(10)AB-123`.
enum GS1Text {
  /// The element string, FNC1 as 1D where the identifier needs one, and the same with brackets.
  ///
  /// - Throws: `value` at what breaks a rule of GS1, `unsupported` for an unknown identifier.
  static func elements(_ ascii: Span<UInt8>) throws(WireError) -> (data: [UInt8], text: [UInt8]) {
    var data: [UInt8] = []
    if ascii[0] == UInt8(ascii: "(") {
      data = try withoutBrackets(ascii)
    } else {
      for index in ascii.indices { data.append(ascii[index]) }
    }
    let read = GS1ElementString(data.span)
    if let finding = read.findings.first { throw finding }
    guard read.rest.isEmpty, !read.elements.isEmpty else {
      throw WireError(.value, at: data.count - read.rest.count, field: "GS1 element")
    }
    var exact: [UInt8] = []
    var text: [UInt8] = []
    for (index, element) in read.elements.enumerated() {
      let identifier = Array(data[(element.offset - element.identifier.digits)..<element.offset])
      exact += identifier + element.value
      text += [UInt8(ascii: "(")] + identifier + [UInt8(ascii: ")")] + element.value
      if element.identifier.predefinedLength == nil, index + 1 < read.elements.count { exact.append(0x1D) }
    }
    return (exact, text)
  }

  private static func withoutBrackets(_ ascii: Span<UInt8>) throws(WireError) -> [UInt8] {
    var data: [UInt8] = []
    var index = 0
    while index < ascii.count {
      guard ascii[index] == UInt8(ascii: "(") else { throw WireError(.framing, at: index, field: "bracket") }
      if !data.isEmpty { data.append(0x1D) }
      index += 1
      var hasEnded = false
      while index < ascii.count, !hasEnded {
        if ascii[index] == UInt8(ascii: ")") { hasEnded = true } else { data.append(ascii[index]) }
        index += 1
      }
      guard hasEnded else { throw WireError(.truncated, at: index, field: "bracket") }
      while index < ascii.count, ascii[index] != UInt8(ascii: "(") {
        data.append(ascii[index])
        index += 1
      }
    }
    return data
  }
}
