/// How grey levels become black and white dots.
public enum Dithering: Sendable, Equatable {
  /// Black below the level: for line art and text.
  case threshold(UInt8)
  /// Floyd and Steinberg's error diffusion: for photographs.
  case floydSteinberg
  /// Bill Atkinson's: loses an eighth of each part of the error twice, so highlights and shadows come out clean.
  case atkinson
  /// Stucki's: the error over twelve neighbours, sharper and slower.
  case stucki
  /// A regular pattern of 4 × 4 or 8 × 8 dots: calm, and it compresses the eye's noise.
  case bayer(Pattern)

  /// Sizes of the regular pattern.
  public enum Pattern: UInt8, Sendable {
    /// 17 levels.
    case four = 4
    /// 65 levels.
    case eight = 8
  }

  /// The names used on the command line and in receipt documents, with usual parameters.
  public static let named: [(name: StaticString, dithering: Dithering)] = [
    ("threshold", .threshold(128)), ("floyd-steinberg", .floydSteinberg), ("atkinson", .atkinson),
    ("stucki", .stucki), ("bayer4", .bayer(.four)), ("bayer8", .bayer(.eight)),
  ]
}

extension Picture {
  /// The picture in black and white.
  public func dithered(_ method: Dithering) -> Bitmap {
    let rowBytes = (width + 7) / 8
    var rows = [UInt8](repeating: 0, count: rowBytes * height)
    guard width > 0, height > 0 else { return Bitmap(width: width, height: height) }
    switch method {
    case .threshold(let level): threshold(level, into: &rows, rowBytes)
    case .floydSteinberg: floydSteinberg(into: &rows, rowBytes)
    case .atkinson: diffuse(into: &rows, rowBytes, Self.atkinson, divisor: 8)
    case .stucki: diffuse(into: &rows, rowBytes, Self.stucki, divisor: 42)
    case .bayer(let pattern): ordered(Int(pattern.rawValue), into: &rows, rowBytes)
    }
    return Bitmap(width: width, packed: rows, height: height) ?? Bitmap(width: 0, height: 0)
  }

  private func threshold(_ level: UInt8, into rows: inout [UInt8], _ rowBytes: Int) {
    let levels = self.levels.span
    var packed = rows.mutableSpan
    for y in 0..<height {
      let start = y * width
      for byte in 0..<rowBytes {
        var dots: UInt8 = 0
        let first = byte * 8
        for bit in 0..<min(8, width - first) where levels[start + first + bit] < level {
          dots |= 0x80 >> UInt8(bit)
        }
        packed[y * rowBytes + byte] = dots
      }
    }
  }

  private func ordered(_ size: Int, into rows: inout [UInt8], _ rowBytes: Int) {
    // The pattern's rank at x, y: bits of x and x ^ y, interleaved from the lowest up.
    func rank(_ x: Int, _ y: Int) -> Int {
      var rank = 0
      var bit = size / 2
      var place = 0
      while bit >= 1 {
        rank |= (((((x ^ y) & bit) / bit) << 1) | ((y & bit) / bit)) << place
        place += 2
        bit /= 2
      }
      return rank
    }
    let steps = size * size
    var thresholds = [Int](repeating: 0, count: steps)
    for y in 0..<size {
      for x in 0..<size { thresholds[y * size + x] = (2 * rank(x, y) + 1) * 255 }
    }
    for y in 0..<height {
      for x in 0..<width
      where 2 * steps * Int(levels[y * width + x]) < thresholds[y % size * size + x % size] {
        rows[y * rowBytes + x / 8] |= 0x80 >> UInt8(x & 7)
      }
    }
  }

  /// Where parts of a dot's error go: columns ahead, rows below, weight.
  private typealias Share = (x: Int, y: Int, weight: Int32)

  private static let atkinson: [Share] = [(1, 0, 1), (2, 0, 1), (-1, 1, 1), (0, 1, 1), (1, 1, 1), (0, 2, 1)]
  private static let stucki: [Share] = [
    (1, 0, 8), (2, 0, 4), (-2, 1, 2), (-1, 1, 4), (0, 1, 8), (1, 1, 4), (2, 1, 2), (-2, 2, 1), (-1, 2, 2),
    (0, 2, 4), (1, 2, 2), (2, 2, 1),
  ]

  private func diffuse(into rows: inout [UInt8], _ rowBytes: Int, _ shares: [Share], divisor: Int32) {
    // Errors of this row and the two below, with two columns of room on both sides, in parts of the divisor.
    let stride = width + 4
    var ring = [Int32](repeating: 0, count: 3 * stride)
    // Where in the ring each share of the row's first dot goes.
    var places = [Int](repeating: 0, count: shares.count)
    let levels = self.levels.span
    var packed = rows.mutableSpan
    var errors = ring.mutableSpan
    for y in 0..<height {
      let own = y % 3 * stride
      for index in shares.indices {
        places[index] = (y + shares[index].y) % 3 * stride + 2 + shares[index].x
      }
      let targets = places.span
      let weights = shares.span
      for x in 0..<width {
        let value = Int32(levels[y * width + x]) * divisor + errors[own + 2 + x]
        let isBlack = value < 128 * divisor
        if isBlack { packed[y * rowBytes + x / 8] |= 0x80 >> UInt8(x & 7) }
        let error = (value - (isBlack ? 0 : 255 * divisor)) / divisor
        for index in targets.indices { errors[targets[index] + x] += error * weights[index].weight }
      }
      for index in own..<(own + stride) { errors[index] = 0 }
    }
  }

  private func floydSteinberg(into rows: inout [UInt8], _ rowBytes: Int) {
    // The errors for the row below, with a column of room on both sides: for print heads of 832 dots on the stack.
    if width <= 832 {
      var below = InlineArray<834, Int32>(repeating: 0)
      var errors = below.mutableSpan
      floydSteinberg(into: &rows, rowBytes, &errors)
    } else {
      var below = [Int32](repeating: 0, count: width + 2)
      var errors = below.mutableSpan
      floydSteinberg(into: &rows, rowBytes, &errors)
    }
  }

  /// - Parameter errors: `width + 2` zeros, or more.
  private func floydSteinberg(
    into rows: inout [UInt8], _ rowBytes: Int, _ errors: inout MutableSpan<Int32>
  ) {
    let levels = self.levels.span
    var packed = rows.mutableSpan
    let tail = UInt8(width & 7)
    var y = 0
    // Each dot waits for the error of the one before it; of two rows at once, one waits while the other works. The upper
    // one is a dot ahead, since a place is finished once the dot above and right of it is.
    while y + 1 < height {
      let (upperStart, lowerStart) = (y * width, (y + 1) * width)
      let (upperBytes, lowerBytes) = (y * rowBytes, (y + 1) * rowBytes)
      var upper = FloydSteinbergRow()
      var lower = FloydSteinbergRow()
      _ = upper.take(levels[upperStart], errors[1])
      for x in 1..<max(1, width) {
        let above = upper.take(levels[upperStart + x], errors[x + 1])
        errors[x - 1] = lower.take(levels[lowerStart + x - 1], above)
        if x & 7 == 7 { packed[upperBytes + x / 8] = upper.dots }
        if x & 7 == 0 { packed[lowerBytes + x / 8 - 1] = lower.dots }
      }
      errors[width - 1] = lower.take(levels[lowerStart + width - 1], upper.underLeft)
      errors[width] = lower.underLeft
      errors[0] = 0
      if tail != 0 { packed[upperBytes + rowBytes - 1] = upper.dots << (8 - tail) }
      packed[lowerBytes + rowBytes - 1] = tail == 0 ? lower.dots : lower.dots << (8 - tail)
      y += 2
    }
    guard y < height else { return }
    var row = FloydSteinbergRow()
    for x in 0..<width {
      _ = row.take(levels[y * width + x], errors[x + 1])
      if x & 7 == 7 { packed[y * rowBytes + x / 8] = row.dots }
    }
    if tail != 0 { packed[y * rowBytes + rowBytes - 1] = row.dots << (8 - tail) }
  }
}

/// One row under Floyd and Steinberg's diffusion, from the left. Errors are in sixteenths.
private struct FloydSteinbergRow {
  /// The error that goes to the right.
  private var right: Int32 = 0
  /// What the row below gets at the place just passed, and at this one.
  private(set) var underLeft: Int32 = 0
  private var under: Int32 = 0
  /// The last eight dots, the latest lowest.
  private(set) var dots: UInt8 = 0

  /// Takes a dot's level and what the row above left for it; returns what the row below gets, finished, at the place
  /// before the one just passed.
  mutating func take(_ level: UInt8, _ above: Int32) -> Int32 {
    // Nothing is between the error of the dot before and this one's that can be had sooner.
    let known = Int32(level) << 4 &+ above &+ 8
    let value = (known &+ right) >> 4
    // All ones for a black dot. A branch would be guessed wrongly at every other dot of a grey.
    let black = (value &- 128) >> 31
    let error = value &- (255 & ~black)
    right = 7 &* error
    dots = dots << 1 | UInt8(truncatingIfNeeded: black & 1)
    // Of the three places below, the left one gets 3, the middle one 5 and the right one 1 sixteenth.
    let finished = underLeft &+ 3 &* error
    underLeft = under &+ 5 &* error
    under = error
    return finished
  }
}
