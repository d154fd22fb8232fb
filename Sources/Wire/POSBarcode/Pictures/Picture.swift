/// A picture of grey levels, one byte a dot: what previews are painted on and PNG files hold.
public struct Picture: Sendable, Equatable {
  /// Dots in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// All rows, top to bottom: 0 black, 255 white; `width * height` bytes.
  public private(set) var levels: [UInt8]

  /// A white picture. Negative sizes count as zero.
  public init(width: Int, height: Int) {
    self.width = max(0, width)
    self.height = max(0, height)
    levels = [UInt8](repeating: 255, count: self.width * self.height)
  }

  /// Takes rows of grey levels; `nil` when they are not `width * height`.
  public init?(width: Int, height: Int, levels: [UInt8]) {
    guard width >= 0, height >= 0, levels.count == width * height else { return nil }
    self.width = width
    self.height = height
    self.levels = levels
  }

  /// A picture of `bitmap` with a white margin of `margin` dots on every side.
  public init(_ bitmap: Bitmap, margin: Int = 0) {
    self.init(width: bitmap.width + 2 * margin, height: bitmap.height + 2 * margin)
    blacken(bitmap, x: margin, y: margin)
  }

  /// Blackens every dot that is black in `bitmap`, placed with its corner at `x`, `y`; the rest is cut off.
  public mutating func blacken(_ bitmap: Bitmap, x: Int, y: Int) {
    for row in 0..<bitmap.height {
      for column in 0..<bitmap.width where bitmap[column, row] {
        darken(x: x + column, y: y + row, to: 0)
      }
    }
  }

  /// Makes one dot at least as dark as `level`; dots outside are ignored.
  public mutating func darken(x: Int, y: Int, to level: UInt8) {
    guard x >= 0, x < width, y >= 0, y < height else { return }
    levels[y * width + x] = min(levels[y * width + x], level)
  }

  /// Turns a rectangle into its negative; parts outside are ignored.
  public mutating func invert(x: Int, y: Int, width invertWidth: Int, height invertHeight: Int) {
    for row in max(0, y)..<max(0, y, min(height, y + invertHeight)) {
      for column in max(0, x)..<max(0, x, min(width, x + invertWidth)) {
        levels[row * width + column] = 255 - levels[row * width + column]
      }
    }
  }
}

extension Picture {
  /// The picture made as wide as `newWidth`, its height in proportion, by the mean of the area that each new dot covers.
  ///
  /// Smaller or larger; at least one dot each way. An area filter keeps thin lines grey where others lose them.
  public func scaled(toWidth newWidth: Int) -> Picture {
    let newHeight = width == 0 ? 0 : max(1, (height * max(1, newWidth) + width / 2) / width)
    return scaled(toWidth: newWidth, height: height == 0 ? 0 : newHeight)
  }

  /// The picture made `newWidth` by `newHeight` dots by the mean of the area that each new dot covers.
  public func scaled(toWidth newWidth: Int, height newHeight: Int) -> Picture {
    guard width > 0, height > 0, newWidth > 0, newHeight > 0 else {
      return Picture(width: newWidth, height: newHeight)
    }
    if newWidth == width, newHeight == height { return self }
    // Rows of the source, shrunk across once each, are summed into the rows that they touch. Weights are the parts of
    // a source dot, in units of a 1/newWidth and 1/newHeight of a dot, so that all sums are exact.
    var result = [UInt8](repeating: 0, count: newWidth * newHeight)
    var shrunk = [Int](repeating: 0, count: newWidth)
    var sums = [Int](repeating: 0, count: newWidth)
    let area = width * height
    var sourceRow = 0
    var rest = newHeight
    shrink(row: 0, to: newWidth, into: &shrunk)
    for row in 0..<newHeight {
      for column in 0..<newWidth { sums[column] = 0 }
      var needed = height
      while needed > 0 {
        let part = min(needed, rest)
        for column in 0..<newWidth { sums[column] += part * shrunk[column] }
        needed -= part
        rest -= part
        if rest == 0, sourceRow + 1 < height {
          sourceRow += 1
          rest = newHeight
          shrink(row: sourceRow, to: newWidth, into: &shrunk)
        }
      }
      for column in 0..<newWidth { result[row * newWidth + column] = UInt8((sums[column] + area / 2) / area) }
    }
    return Picture(width: newWidth, height: newHeight, levels: result) ?? self
  }

  /// Sums of one row over the new dots' spans, each `width` in all.
  private func shrink(row: Int, to newWidth: Int, into sums: inout [Int]) {
    var source = row * width
    var rest = newWidth
    for column in 0..<newWidth {
      var needed = width
      var sum = 0
      while needed > 0 {
        let part = min(needed, rest)
        sum += part * Int(levels[source])
        needed -= part
        rest -= part
        if rest == 0, needed > 0 || column + 1 < newWidth {
          source += 1
          rest = newWidth
        }
      }
      sums[column] = sum
    }
  }
}
