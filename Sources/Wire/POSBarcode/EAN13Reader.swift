extension EAN13 {
  /// Reads the symbol that one row of a picture crosses, from left to right.
  ///
  /// - Returns: the first symbol found, the left edge of its first bar and the dots from there to the end of its last;
  ///   `nil` when there is none. Bars need not be whole modules, but each must be nearest to one width.
  public static func read(_ picture: Bitmap, row: Int) -> (symbol: EAN13, x: Int, width: Int)? {
    guard row >= 0, row < picture.height else { return nil }
    // Edges between colours; the first element is white, so bars are the elements of odd index.
    var edges = [0]
    var isBlack = false
    for x in 0..<picture.width where picture[x, row] != isBlack {
      edges.append(x)
      isBlack.toggle()
    }
    edges.append(picture.width)
    var first = 1
    while first + elementCount < edges.count {
      if let symbol = decode(edges[first...(first + elementCount)]) {
        return (symbol, edges[first], edges[first + elementCount] - edges[first])
      }
      first += 2
    }
    return nil
  }

  /// Bars and spaces from guard to guard: 3 + 6 · 4 + 5 + 6 · 4 + 3.
  private static let elementCount = 59

  /// Reads the elements between sixty edges.
  private static func decode(_ edges: ArraySlice<Int>) -> EAN13? {
    let start = edges.startIndex
    let total = edges[start + elementCount] - edges[start]
    guard total >= moduleCount else { return nil }
    var widths: [Int] = []
    widths.reserveCapacity(elementCount)
    for index in 0..<elementCount {
      let dots = edges[start + index + 1] - edges[start + index]
      widths.append((2 * dots * moduleCount + total) / (2 * total))
    }
    for guardElement in [0, 1, 2, 27, 28, 29, 30, 31, 56, 57, 58] where widths[guardElement] != 1 {
      return nil
    }
    var digits: [UInt8] = [0]
    var parity: UInt8 = 0
    for index in 0..<12 {
      let isLeft = index < 6
      let pattern = Self.pattern(
        of: widths, from: isLeft ? 3 + 4 * index : 32 + 4 * (index - 6), isBar: !isLeft)
      guard let pattern, let (digit, isG) = digit(of: pattern, isLeft: isLeft) else { return nil }
      digits.append(digit)
      if isLeft { parity = parity << 1 | (isG ? 1 : 0) }
    }
    guard let leading = parities.firstIndex(of: parity) else { return nil }
    digits[0] = UInt8(leading)
    let ascii = digits.map { $0 + 0x30 }
    return try? EAN13(ascii: ascii.span)
  }

  /// The seven modules of four elements, or `nil` when they are not seven.
  private static func pattern(of widths: [Int], from start: Int, isBar: Bool) -> UInt8? {
    var pattern: UInt8 = 0
    var modules = 0
    for index in 0..<4 {
      let width = widths[start + index]
      modules += width
      guard width >= 1, modules <= 7 else { return nil }
      for _ in 0..<width { pattern = pattern << 1 | ((index % 2 == 0) == isBar ? 1 : 0) }
    }
    return modules == 7 ? pattern : nil
  }

  private static func digit(of pattern: UInt8, isLeft: Bool) -> (digit: UInt8, isG: Bool)? {
    for digit in UInt8(0)...9 {
      if isLeft {
        if left[Int(digit)] == pattern { return (digit, false) }
        if reversed(complement(digit)) == pattern { return (digit, true) }
      } else if complement(digit) == pattern {
        return (digit, false)
      }
    }
    return nil
  }
}
