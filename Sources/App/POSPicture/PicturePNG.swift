import CPNG
public import POSBarcode
public import POSModel

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

  /// Most dots of a picture that is read: a page of 576 dots across would be 4 metres long.
  public static let mostDots = 20_000_000

  /// Reads a PNG file; colours become grey, what is transparent white.
  ///
  /// - Throws: ``DeviceError`` with code `input.malformed` for what is no PNG, a damaged one, or one with more than
  ///   ``mostDots`` dots.
  public init(png file: [UInt8]) throws(DeviceError) {
    let operation = "reading a PNG"
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    func failure() -> DeviceError {
      let message = withUnsafeBytes(of: image.message) { Array($0.prefix { $0 != 0 }) }
      png_image_free(&image)
      return DeviceError(.badInput, during: operation, detail: String(decoding: message, as: UTF8.self))
    }
    guard png_image_begin_read_from_memory(&image, file, file.count) != 0 else { throw failure() }
    let (width, height) = (Int(image.width), Int(image.height))
    let (dots, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, dots <= Self.mostDots else {
      png_image_free(&image)
      throw DeviceError(
        .badInput, during: operation,
        detail: "\(width) × \(height) dots are too many, \(Self.mostDots) are allowed")
    }
    image.format = png_uint_32(PNG_FORMAT_GRAY)
    var levels = [UInt8](repeating: 255, count: dots)
    var white = png_color(red: 255, green: 255, blue: 255)
    guard png_image_finish_read(&image, &white, &levels, 0, nil) != 0 else { throw failure() }
    guard let picture = Picture(width: width, height: height, levels: levels) else { throw failure() }
    self = picture
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
