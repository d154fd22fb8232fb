/// Reads linear bar codes from exact rows of dots, as a scanner would from a perfect print.
///
/// Knows the symbologies of ``LinearSymbol/symbologies``. Bars need not be whole modules, but each must be nearest to
/// one width.
public enum LinearReader {
  /// One symbol found.
  public struct Found: Sendable, Equatable {
    /// What it is.
    public var symbology: Symbology
    /// The data as a scanner reports it.
    public var data: [UInt8]
    /// Left edge of the first bar.
    public var x: Int
    /// Dots from there to the end of the last bar.
    public var width: Int
    /// Modules across the bars.
    public var modules: Int
  }

  /// The symbols that one row of a picture crosses, from left to right.
  public static func read(_ picture: Bitmap, row: Int) -> [Found] {
    guard row >= 0, row < picture.height else { return [] }
    // Edges between colours; the first element is white, so bars are the elements of odd index.
    var edges = [0]
    var isBlack = false
    for x in 0..<picture.width where picture[x, row] != isBlack {
      edges.append(x)
      isBlack.toggle()
    }
    edges.append(picture.width)
    if !isBlack { edges.append(picture.width) }
    var widths: [Int] = []
    for index in 0..<(edges.count - 1) { widths.append(edges[index + 1] - edges[index]) }
    var found: [Found] = []
    var first = 1
    while first + 14 < widths.count {
      if let (symbology, data, count, modules) = symbol(widths[first...]),
        isQuiet(widths, first..<(first + count), modules)
      {
        let width = widths[first..<(first + count)].reduce(0, +)
        found.append(Found(symbology: symbology, data: data, x: edges[first], width: width, modules: modules))
        first += count
        if first % 2 == 0 { first += 1 }
      } else {
        first += 2
      }
    }
    return found
  }

  private typealias Reading = (symbology: Symbology, data: [UInt8], elements: Int, modules: Int)

  private static func symbol(_ widths: ArraySlice<Int>) -> Reading? {
    retail(widths) ?? code128(widths) ?? code93(widths) ?? code39(widths) ?? codabar(widths)
      ?? interleaved2of5(widths)
  }

  /// Whether five modules or the edge of the picture are white on both sides: less is print, not paper.
  private static func isQuiet(_ widths: [Int], _ range: Range<Int>, _ modules: Int) -> Bool {
    let dots = widths[range].reduce(0, +)
    let before = widths[range.lowerBound - 1]
    let after = range.upperBound < widths.count ? widths[range.upperBound] : 0
    let isFirst = range.lowerBound == 1
    let isLast = range.upperBound >= widths.count - 1
    return (isFirst || before * modules >= 5 * dots) && (isLast || after * modules >= 5 * dots)
  }

  /// `count` elements as modules when all together are `modules`; `nil` where one is nothing.
  private static func modules(_ widths: ArraySlice<Int>, total modules: Int) -> [Int]? {
    let dots = widths.reduce(0, +)
    guard dots >= modules else { return nil }
    var result: [Int] = []
    for width in widths {
      let count = (2 * width * modules + dots) / (2 * dots)
      guard count >= 1 else { return nil }
      result.append(count)
    }
    return result.reduce(0, +) == modules ? result : nil
  }

  private static func pattern(_ elements: ArraySlice<Int>, startsWithBar: Bool = true) -> Int {
    var pattern = 0
    var isBar = startsWithBar
    for count in elements {
      for _ in 0..<count { pattern = pattern << 1 | (isBar ? 1 : 0) }
      isBar.toggle()
    }
    return pattern
  }

  // MARK: - EAN and UPC

  private static func retail(_ widths: ArraySlice<Int>) -> Reading? {
    // Bars and spaces from guard to guard, and what stands where.
    for (symbology, elements, total, leftDigits, rightDigits) in [
      (Symbology.ean13, 59, 95, 6, 6), (.ean8, 43, 67, 4, 4), (.upcE, 33, 51, 6, 0),
    ] {
      guard widths.count >= elements,
        let counts = modules(widths.prefix(elements), total: total),
        counts[0...2].allSatisfy({ $0 == 1 }), counts.suffix(rightDigits == 0 ? 6 : 3).allSatisfy({ $0 == 1 })
      else { continue }
      var place = 3
      var parity = 0
      var digits: [UInt8] = []
      func digit(isRight: Bool) -> Bool {
        let pattern = pattern(counts[place..<(place + 4)], startsWithBar: isRight)
        place += 4
        for digit in UInt8(0)...9 {
          let (odd, right) = (Int(EAN13.left[Int(digit)]), Int(EAN13.complement(digit)))
          if isRight ? right == pattern : odd == pattern {
            digits.append(digit + 0x30)
            parity <<= 1
            return true
          }
          if !isRight, Int(EAN13.reversed(UInt8(right))) == pattern {
            digits.append(digit + 0x30)
            parity = parity << 1 | 1
            return true
          }
        }
        return false
      }
      guard (0..<leftDigits).allSatisfy({ _ in digit(isRight: false) }) else { continue }
      let leftParity = parity
      if rightDigits > 0 {
        guard counts[place..<(place + 5)].allSatisfy({ $0 == 1 }) else { continue }
        place += 5
        guard (0..<rightDigits).allSatisfy({ _ in digit(isRight: true) }) else { continue }
      }
      guard let data = whole(symbology, digits, leftParity) else { continue }
      return (symbology, data, elements, total)
    }
    return nil
  }

  /// The digits with what the parity says, when the check digit fits.
  private static func whole(_ symbology: Symbology, _ digits: [UInt8], _ parity: Int) -> [UInt8]? {
    switch symbology {
    case .ean13:
      guard let first = EAN13.parities.firstIndex(of: UInt8(parity)) else { return nil }
      let data = [UInt8(first) + 0x30] + digits
      return CheckDigit.isValid(data) ? data : nil
    case .ean8: return parity == 0 && CheckDigit.isValid(digits) ? digits : nil
    default:
      for system in UInt8(0)...1 {
        let wanted = system == 0 ? parity : ~parity & 0x3F
        guard let check = LinearSymbol.upcEParities.firstIndex(of: wanted) else { continue }
        let data = [system + 0x30] + digits + [UInt8(check) + 0x30]
        if RetailCode(symbology: .upcE, digits: data)?.hasValidCheckDigit == true { return data }
      }
      return nil
    }
  }

  // MARK: - Code 128 and 93

  private static func code128(_ widths: ArraySlice<Int>) -> Reading? {
    guard let start = code128Word(widths.prefix(6)), (103...105).contains(start) else { return nil }
    var words = [start]
    var rest = widths.dropFirst(6)
    while words.count <= LinearSymbol.mostCharacters * 2 {
      if rest.count >= 7, let counts = modules(rest.prefix(7), total: 13), counts == [2, 3, 3, 1, 1, 1, 2] {
        guard words.count >= 2 else { return nil }
        var sum = words[0]
        for index in 1..<(words.count - 1) { sum += index * words[index] }
        guard words.count >= 3, sum % 103 == words[words.count - 1] else { return nil }
        let (data, isGS1) = text(ofCode128: Array(words.dropLast()))
        return (isGS1 ? .gs1128 : .code128, data, words.count * 6 + 7, words.count * 11 + 13)
      }
      guard let word = code128Word(rest.prefix(6)) else { return nil }
      words.append(word)
      rest = rest.dropFirst(6)
    }
    return nil
  }

  private static func code128Word(_ widths: ArraySlice<Int>) -> Int? {
    guard widths.count == 6, let counts = modules(widths, total: 11) else { return nil }
    let number = counts.reduce(0) { $0 * 10 + $1 }
    return Code128.widths.firstIndex(of: number)
  }

  /// The characters of code words, without check and stop.
  static func text(ofCode128 words: [Int]) -> (data: [UInt8], isGS1: Bool) {
    var set = Code128.Set(rawValue: words[0] - 103) ?? .b
    var shifted: Code128.Set?
    var data: [UInt8] = []
    var isGS1 = false
    for (index, word) in words.enumerated().dropFirst() {
      let actual = shifted ?? set
      shifted = nil
      switch (actual, word) {
      case (_, 102): if index == 1 { isGS1 = true } else { data.append(0x1D) }
      case (.c, 0...99): data += [UInt8(word / 10) + 0x30, UInt8(word % 10) + 0x30]
      case (.c, 100), (.a, 100): set = .b
      case (.c, 101), (.b, 101): set = .a
      case (.a, 99), (.b, 99): set = .c
      case (.a, 98): shifted = .b
      case (.b, 98): shifted = .a
      case (.a, 64...95): data.append(UInt8(word - 64))
      case (.a, 0...63), (.b, 0...95): data.append(UInt8(word + 32))
      default: break
      }
    }
    return (data, isGS1)
  }

  private static func code93(_ widths: ArraySlice<Int>) -> Reading? {
    func value(_ widths: ArraySlice<Int>) -> Int? {
      guard widths.count == 6, let counts = modules(widths, total: 9) else { return nil }
      let pattern = pattern(counts[...])
      return pattern == LinearSymbol.code93Star ? 47 : LinearSymbol.code93Patterns.firstIndex(of: pattern)
    }
    guard value(widths.prefix(6)) == 47 else { return nil }
    var values: [Int] = []
    var rest = widths.dropFirst(6)
    while values.count <= LinearSymbol.mostCharacters * 2 {
      guard let next = value(rest.prefix(6)) else { return nil }
      rest = rest.dropFirst(6)
      if next == 47 { break }
      values.append(next)
    }
    guard values.count >= 3, let data = text(ofCode93: Array(values.dropLast(2))) else { return nil }
    // The encoder computes both check characters; what it draws must be what was read.
    guard let again = try? LinearSymbol(.code93, ascii: data.span) else { return nil }
    let count = (values.count + 2) * 9 + 1
    guard again.modules.count == count else { return nil }
    return (.code93, data, (values.count + 2) * 6 + 1, count)
  }

  private static func text(ofCode93 values: [Int]) -> [UInt8]? {
    var data: [UInt8] = []
    var index = 0
    while index < values.count {
      let count = values[index] >= 43 ? 2 : 1
      guard index + count <= values.count else { return nil }
      let wanted = Array(values[index..<(index + count)])
      guard let byte = (UInt8(0)...127).first(where: { LinearSymbol.code93Values($0) == wanted }) else {
        return nil
      }
      data.append(byte)
      index += count
    }
    return data
  }

  // MARK: - Wide and narrow

  /// The bits of elements that are narrow or wide, or `nil` where they are not of two widths.
  private static func wideBits(_ widths: ArraySlice<Int>, wide count: ClosedRange<Int>) -> Int? {
    guard let narrow = widths.min(), let widest = widths.max(), widest < 4 * narrow else { return nil }
    var bits = 0
    var wide = 0
    for width in widths {
      let isWide = 2 * width > 3 * narrow
      bits = bits << 1 | (isWide ? 1 : 0)
      wide += isWide ? 1 : 0
    }
    return count.contains(wide) ? bits : nil
  }

  private static func code39(_ widths: ArraySlice<Int>) -> Reading? {
    guard wideBits(widths.prefix(9), wide: 3...3) == LinearSymbol.code39Star,
      let narrow = widths.prefix(9).min()
    else { return nil }
    var data: [UInt8] = []
    var rest = widths.dropFirst(9)
    var elements = 9
    while data.count <= LinearSymbol.mostCharacters {
      guard rest.count >= 10, let gap = rest.first, gap < 4 * narrow,
        let bits = wideBits(rest.dropFirst().prefix(9), wide: 3...3)
      else { return nil }
      elements += 10
      if bits == LinearSymbol.code39Star { break }
      guard let place = LinearSymbol.code39Patterns.firstIndex(of: bits) else { return nil }
      data.append(LinearSymbol.code39Alphabet[place])
      rest = rest.dropFirst(10)
    }
    guard !data.isEmpty, data.count <= LinearSymbol.mostCharacters else { return nil }
    return (.code39, data, elements, widths.prefix(elements).reduce(0, +) / narrow)
  }

  private static func codabar(_ widths: ArraySlice<Int>) -> Reading? {
    var data: [UInt8] = []
    var rest = widths
    var elements = 0
    guard let narrow = widths.prefix(7).min() else { return nil }
    while data.count <= LinearSymbol.mostCharacters {
      guard rest.count >= 7, let bits = wideBits(rest.prefix(7), wide: 2...3),
        let place = LinearSymbol.codabarPatterns.firstIndex(of: bits)
      else { return nil }
      let character = LinearSymbol.codabarAlphabet[place]
      let isEnd = character >= 0x41
      guard data.isEmpty ? isEnd : true else { return nil }
      data.append(character)
      elements += 7
      if isEnd, data.count > 1 { break }
      rest = rest.dropFirst(7)
      guard let gap = rest.first, gap < 4 * narrow else { return nil }
      rest = rest.dropFirst()
      elements += 1
    }
    guard data.count >= 3, data[data.count - 1] >= 0x41 else { return nil }
    return (.codabar, data, elements, widths.prefix(elements).reduce(0, +) / narrow)
  }

  private static func interleaved2of5(_ widths: ArraySlice<Int>) -> Reading? {
    guard wideBits(widths.prefix(4), wide: 0...0) == 0, let narrow = widths.prefix(4).min()
    else { return nil }
    var data: [UInt8] = []
    var rest = widths.dropFirst(4)
    while data.count <= LinearSymbol.mostCharacters {
      if rest.count >= 4, rest[rest.startIndex + 3] >= 5 * narrow || rest.count == 4,
        wideBits(rest.prefix(3), wide: 1...1) == 0b100
      {
        break
      }
      guard rest.count >= 10, let bits = wideBits(rest.prefix(10), wide: 4...4) else { return nil }
      var pair = [0, 0]
      for index in 0..<10 { pair[index % 2] = pair[index % 2] << 1 | bits >> (9 - index) & 1 }
      for digit in pair {
        guard let value = LinearSymbol.twoOfFive.firstIndex(of: digit) else { return nil }
        data.append(UInt8(value) + 0x30)
      }
      rest = rest.dropFirst(10)
    }
    // Two digits may be a part of anything.
    guard data.count >= 4 else { return nil }
    let elements = 7 + data.count * 5
    return (.interleaved2of5, data, elements, widths.prefix(elements).reduce(0, +) / narrow)
  }
}
