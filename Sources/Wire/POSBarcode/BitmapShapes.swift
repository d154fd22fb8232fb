extension Bitmap {
  /// Draws the modules of a linear symbol side by side, without quiet zones: `true` is a bar of `module` × `height`
  /// dots. Sizes below zero count as zero.
  public init(bars modules: [Bool], module: Int, height: Int) {
    let module = max(0, module)
    let height = max(0, height)
    let width = modules.count * module
    var row = [UInt8](repeating: 0, count: (width + 7) / 8)
    for index in modules.indices where modules[index] {
      for dot in (index * module)..<((index + 1) * module) { row[dot / 8] |= 0x80 >> UInt8(dot & 7) }
    }
    var rows: [UInt8] = []
    rows.reserveCapacity(row.count * height)
    for _ in 0..<height { rows.append(contentsOf: row) }
    self = Bitmap(width: width, packed: rows, height: height) ?? Bitmap(width: 0, height: 0)
  }

  /// The part from the left edge to `newWidth`; the whole picture when it is not wider.
  public func cropped(toWidth newWidth: Int) -> Bitmap {
    guard newWidth < width else { return self }
    let newWidth = max(0, newWidth)
    let newRowBytes = (newWidth + 7) / 8
    var rows: [UInt8] = []
    rows.reserveCapacity(newRowBytes * height)
    for y in 0..<height {
      rows.append(contentsOf: bytes[(y * rowBytes)..<(y * rowBytes + newRowBytes)])
      if newWidth & 7 != 0 { rows[rows.count - 1] &= ~(0xFF >> UInt8(newWidth & 7)) }
    }
    return Bitmap(width: newWidth, packed: rows, height: height) ?? Bitmap(width: 0, height: 0)
  }

  /// The picture with so many white columns more at its left.
  public func shifted(right columns: Int) -> Bitmap {
    guard columns > 0 else { return self }
    var result = Bitmap(width: width + columns, height: height)
    result.draw(self, x: columns, y: 0)
    return result
  }

  /// The rows from `first` on, so many at most.
  public func rows(from first: Int, count: Int) -> Bitmap {
    let range = min(max(0, first), height)..<min(max(0, first, first + count), height)
    guard range.count < height else { return self }
    return Bitmap(
      width: width, packed: Array(bytes[(range.lowerBound * rowBytes)..<(range.upperBound * rowBytes)]),
      height: range.count) ?? Bitmap(width: 0, height: 0)
  }

  /// The picture turned to the right by so many quarters of a full turn.
  public func turned(_ quarters: Int) -> Bitmap {
    let quarters = quarters & 3
    guard quarters != 0 else { return self }
    let isHalf = quarters == 2
    var result = Bitmap(width: isHalf ? width : height, height: isHalf ? height : width)
    for y in 0..<height {
      for x in 0..<width where self[x, y] {
        switch quarters {
        case 1: result[height - 1 - y, x] = true
        case 2: result[width - 1 - x, height - 1 - y] = true
        default: result[y, width - 1 - x] = true
        }
      }
    }
    return result
  }

  /// The picture with every dot `horizontal` dots wide and `vertical` dots high, each 1 or more.
  public func enlarged(horizontal: Int, vertical: Int) -> Bitmap {
    guard horizontal > 1 || vertical > 1 else { return self }
    var result: [UInt8] = []
    let newWidth = width * max(1, horizontal)
    let newRowBytes = (newWidth + 7) / 8
    result.reserveCapacity(newRowBytes * height * max(1, vertical))
    for y in 0..<height {
      var row = [UInt8](repeating: 0, count: newRowBytes)
      for x in 0..<newWidth where self[x / max(1, horizontal), y] { row[x / 8] |= 0x80 >> UInt8(x & 7) }
      for _ in 0..<max(1, vertical) { result.append(contentsOf: row) }
    }
    return Bitmap(width: newWidth, packed: result, height: height * max(1, vertical))
      ?? Bitmap(width: 0, height: 0)
  }
}
