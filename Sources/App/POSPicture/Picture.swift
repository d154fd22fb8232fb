import CPNG
public import POSBarcode
public import POSModel

/// A picture of grey levels, one byte a dot: what previews are painted on and PNG files hold.
public struct Picture: Sendable, Equatable {
  /// Dots in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// All rows, top to bottom: 0 black, 255 white; `width * height` bytes.
  public internal(set) var levels: [UInt8]

  /// A white picture. Negative sizes count as zero.
  public init(width: Int, height: Int) {
    self.width = max(0, width)
    self.height = max(0, height)
    levels = [UInt8](repeating: 255, count: self.width * self.height)
  }

  /// A picture of `bitmap` with a white margin of `margin` dots on every side.
  public init(_ bitmap: Bitmap, margin: Int = 0) {
    self.init(width: bitmap.width + 2 * margin, height: bitmap.height + 2 * margin)
    blacken(bitmap, x: margin, y: margin)
  }

  /// Blackens every dot that is black in `bitmap`, placed with its corner at `x`, `y`; the rest is cut off.
  mutating func blacken(_ bitmap: Bitmap, x: Int, y: Int) {
    for row in 0..<bitmap.height {
      for column in 0..<bitmap.width where bitmap[column, row] {
        darken(x: x + column, y: y + row, to: 0)
      }
    }
  }

  /// Makes one dot at least as dark as `level`; dots outside are ignored.
  mutating func darken(x: Int, y: Int, to level: UInt8) {
    guard x >= 0, x < width, y >= 0, y < height else { return }
    levels[y * width + x] = min(levels[y * width + x], level)
  }

  /// Turns a rectangle into its negative; parts outside are ignored.
  mutating func invert(x: Int, y: Int, width invertWidth: Int, height invertHeight: Int) {
    for row in max(0, y)..<max(0, y, min(height, y + invertHeight)) {
      for column in max(0, x)..<max(0, x, min(width, x + invertWidth)) {
        levels[row * width + column] = 255 - levels[row * width + column]
      }
    }
  }
}

extension Picture {
  /// The picture as a PNG file of 8-bit grey.
  ///
  /// - Throws: ``DeviceError`` with code `input.malformed` for a picture without dots or beyond libpng's limits.
  public func png() throws(DeviceError) -> [UInt8] {
    func failure(_ image: png_image) -> DeviceError {
      let message = withUnsafeBytes(of: image.message) { Array($0.prefix { $0 != 0 }) }
      return DeviceError(
        .badInput, during: "writing a PNG of \(width) × \(height) dots",
        detail: String(decoding: message, as: UTF8.self))
    }
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    image.width = png_uint_32(clamping: width)
    image.height = png_uint_32(clamping: height)
    image.format = png_uint_32(PNG_FORMAT_GRAY)
    var size: png_alloc_size_t = 0
    guard png_image_write_to_memory(&image, nil, &size, 0, levels, 0, nil) != 0 else { throw failure(image) }
    var file = [UInt8](repeating: 0, count: Int(size))
    guard png_image_write_to_memory(&image, &file, &size, 0, levels, 0, nil) != 0 else {
      throw failure(image)
    }
    return Array(file.prefix(Int(size)))
  }

  /// The picture in characters: one column for `cellWidth` dots across and `cellHeight` down, each showing
  /// two by four points in Braille patterns.
  public func braille(cellWidth: Int, cellHeight: Int) -> [String] {
    let pointWidth = max(1, cellWidth / 2)
    let pointHeight = max(1, cellHeight / 4)
    func isDark(_ column: Int, _ row: Int) -> Bool {
      // A point is dark when a third of its dots are: thin strokes stay visible.
      var dark = 0
      var dots = 0
      for y in (row * pointHeight)..<max(row * pointHeight, min(height, (row + 1) * pointHeight)) {
        for x in (column * pointWidth)..<max(column * pointWidth, min(width, (column + 1) * pointWidth)) {
          dots += 1
          dark += levels[y * width + x] < 128 ? 1 : 0
        }
      }
      return dots > 0 && dark * 3 >= dots
    }
    // Bits of U+2800 by row, left and right column (Unicode, Braille Patterns).
    let bits: [(left: UInt32, right: UInt32)] = [(0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80)]
    let columns = (width + 2 * pointWidth - 1) / (2 * pointWidth)
    let rows = (height + 4 * pointHeight - 1) / (4 * pointHeight)
    return (0..<rows).map { row in
      var line = String.UnicodeScalarView()
      for column in 0..<columns {
        var pattern: UInt32 = 0
        for (point, bit) in bits.enumerated() {
          if isDark(2 * column, 4 * row + point) { pattern |= bit.left }
          if isDark(2 * column + 1, 4 * row + point) { pattern |= bit.right }
        }
        line.append(pattern == 0 ? " " : Unicode.Scalar(0x2800 + pattern) ?? " ")
      }
      return String(line)
    }
  }
}
