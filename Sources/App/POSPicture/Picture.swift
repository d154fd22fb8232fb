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

  /// The picture in characters for a terminal of `columns` columns: two dots a character, upper and lower half.
  public func halfBlocks(columns: Int) -> String {
    guard width > 0, columns > 0 else { return "" }
    let scale = max(1, (width + columns - 1) / columns)
    let rows = (height + scale - 1) / scale
    func isDark(_ column: Int, _ row: Int) -> Bool {
      // A cell is dark when a third of its dots are: thin strokes stay visible.
      var dark = 0
      var dots = 0
      for y in (row * scale)..<min(height, (row + 1) * scale) {
        for x in (column * scale)..<min(width, (column + 1) * scale) {
          dots += 1
          dark += levels[y * width + x] < 128 ? 1 : 0
        }
      }
      return dots > 0 && dark * 3 >= dots
    }
    var text = ""
    for row in stride(from: 0, to: rows, by: 2) {
      for column in 0..<((width + scale - 1) / scale) {
        switch (isDark(column, row), isDark(column, row + 1)) {
        case (true, true): text += "█"
        case (true, false): text += "▀"
        case (false, true): text += "▄"
        case (false, false): text += " "
        }
      }
      text += "\n"
    }
    return text
  }
}
