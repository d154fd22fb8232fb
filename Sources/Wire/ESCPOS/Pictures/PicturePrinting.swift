public import POSBarcode
public import POSWire

extension ESCPOSEncoder {
  /// How often `GS v 0` prints every dot.
  public enum Doubling: UInt8, Sendable {
    /// Once.
    case none
    /// Twice across.
    case across
    /// Twice down.
    case down
    /// Twice across and down.
    case both
  }

  /// `GS v 0`: prints a picture in bands of at most `bandRows` rows. Only at the start of a line.
  ///
  /// No two bytes of a header spell the start of a real-time command (specs/escpos.md §2.10); for the dots
  /// see ``separateRealTimePairs(in:)``.
  ///
  /// - Throws: `lengthOverLimit` for a picture wider than 65535 bytes, `value` for a band limit below 1.
  public mutating func raster(
    _ picture: Bitmap, bandRows: Int, doubling: Doubling = .none
  ) throws(WireError) {
    guard picture.rowBytes <= 0xFFFF else { throw WireError(.lengthOverLimit, at: 4, field: "picture width") }
    guard bandRows >= 1 else { throw WireError(.value, at: 6, field: "band limit") }
    guard picture.rowBytes > 0 else { return }
    reserve(picture.bytes.count + 8 * (picture.height / bandRows + 1))
    var row = 0
    while row < picture.height {
      var rows = min(bandRows, picture.height - row, 0xFFFF)
      if Self.startsRealTime(UInt8(rows & 0xFF), UInt8(rows >> 8)) { rows -= 1 }
      append([
        0x1D, 0x76, 0x30, doubling.rawValue, UInt8(picture.rowBytes & 0xFF), UInt8(picture.rowBytes >> 8),
        UInt8(rows & 0xFF), UInt8(rows >> 8),
      ])
      append(picture.bytes[(row * picture.rowBytes)..<((row + rows) * picture.rowBytes)])
      row += rows
    }
  }

  /// `ESC *` with columns of 24 dots: prints a picture in strips. Only at the start of a line.
  ///
  /// The line spacing must be 24 dots, or white stripes appear; see ``picture(_:on:)``.
  public mutating func columns(_ picture: Bitmap) {
    reserve((picture.width * 3 + 6) * (picture.height / 24 + 1))
    for top in stride(from: 0, to: picture.height, by: 24) {
      strip(picture, from: top)
      lineFeed()
    }
  }

  /// One strip of `ESC *`: 24 rows from `top` on, into the line.
  mutating func strip(_ picture: Bitmap, from top: Int) {
    append([0x1B, 0x2A, 33, UInt8(picture.width & 0xFF), UInt8(picture.width >> 8 & 0xFF)])
    for x in 0..<picture.width {
      for byte in 0..<3 {
        var column: UInt8 = 0
        for bit in 0..<8 where picture[x, top + 8 * byte + bit] { column |= 0x80 >> UInt8(bit) }
        append(CollectionOfOne(column))
      }
    }
  }

  /// `GS ( L`, or `GS 8 L` where the length needs it: stores a raster and prints it, in bands.
  ///
  /// - Throws: `lengthOverLimit` for a picture wider than 2400 dots, `unsupported` for a printer without the commands.
  public mutating func graphics(_ picture: Bitmap, on support: PictureSupport) throws(WireError) {
    guard support.commands.contains(.graphics) else {
      throw WireError(.unsupported, at: 0, field: "graphics command")
    }
    guard picture.width <= 2400 else { throw WireError(.lengthOverLimit, at: 0, field: "picture width") }
    guard picture.rowBytes > 0 else { return }
    let most = support.commands.contains(.longGraphics) ? Int.max : 0xFFFF - 10
    // Epson takes 1662 rows a command (specs/escpos.md §2.6).
    let bandRows = max(1, min(support.rows(ofBytes: picture.rowBytes), 1662, most / picture.rowBytes))
    var row = 0
    while row < picture.height {
      var rows = min(bandRows, picture.height - row)
      if Self.startsRealTime(UInt8(rows & 0xFF), UInt8(rows >> 8)), rows > 1 { rows -= 1 }
      let count = rows * picture.rowBytes
      graphicsHeader(10 + count)
      append([0x30, 0x70, 0x30, 1, 1, 0x31])
      append([UInt8(picture.width & 0xFF), UInt8(picture.width >> 8), UInt8(rows & 0xFF), UInt8(rows >> 8)])
      append(picture.bytes[(row * picture.rowBytes)..<((row + rows) * picture.rowBytes)])
      append([0x1D, 0x28, 0x4C, 0x02, 0x00, 0x30, 0x32])
      row += rows
    }
  }

  /// Where a logo is kept.
  public enum GraphicsMemory: Sendable {
    /// Flash memory: survives power off. Makers advise at most ten writes a day.
    case stored
    /// Until power off or `ESC @`.
    case downloaded
  }

  /// The key of a logo: two characters from its dots, so that the same logo is never stored twice under two names.
  ///
  /// There are 9025 keys. Of a handful of logos two share one once in a thousand handfuls; then the one kept last is
  /// printed for both: whoever keeps several compares their keys.
  public static func key(of picture: Bitmap) -> [UInt8] {
    // Fowler, Noll and Vo's hash of size and dots, brought to 95 × 95 printable pairs.
    var hash: UInt32 = 2_166_136_261
    func mix(_ byte: UInt8) { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    for shift in [0, 8, 16, 24] { mix(UInt8(truncatingIfNeeded: picture.width >> shift)) }
    for byte in picture.bytes { mix(byte) }
    return [UInt8(0x20 + hash % 95), UInt8(0x20 + hash / 95 % 95)]
  }

  /// Keeps a picture in the printer under its ``key(of:)``: `GS ( L` functions 67 and 83, or `GS 8 L`.
  ///
  /// - Throws: `unsupported` for a printer without the memory, `lengthOverLimit` for a picture too large for one
  ///   command.
  public mutating func keep(
    _ picture: Bitmap, in memory: GraphicsMemory, on support: PictureSupport
  ) throws(WireError) {
    guard support.commands.contains(memory == .stored ? .storedGraphics : .downloadedGraphics) else {
      throw WireError(.unsupported, at: 0, field: "graphics memory")
    }
    let key = Self.key(of: picture)
    let picture = Self.separateRealTimePairs(in: picture)
    let count = 11 + picture.bytes.count
    guard picture.width <= 2400, picture.height <= 2400, picture.rowBytes > 0, picture.height > 0,
      count <= 0xFFFF || support.commands.contains(.longGraphics)
    else { throw WireError(.lengthOverLimit, at: 0, field: "picture size") }
    graphicsHeader(count)
    append([0x30, memory == .stored ? 67 : 83, 0x30] + key + [1])
    append([UInt8(picture.width & 0xFF), UInt8(picture.width >> 8)])
    append([UInt8(picture.height & 0xFF), UInt8(picture.height >> 8), 0x31])
    append(picture.bytes)
  }

  /// Prints the picture kept under a key. Only at the start of a line.
  ///
  /// - Throws: `value` unless `key` is two printable characters.
  public mutating func printKept(_ key: [UInt8], from memory: GraphicsMemory) throws(WireError) {
    guard key.count == 2, key.allSatisfy({ (0x20...0x7E).contains($0) }) else {
      throw WireError(.value, at: 0, field: "graphics key")
    }
    append([0x1D, 0x28, 0x4C, 0x06, 0x00, 0x30, memory == .stored ? 69 : 85] + key + [1, 1])
  }

  /// The head of `GS ( L`, or of `GS 8 L` when `count` parameters are too many for two bytes.
  mutating func graphicsHeader(_ count: Int) {
    if count <= 0xFFFF {
      append([0x1D, 0x28, 0x4C, UInt8(count & 0xFF), UInt8(count >> 8)])
    } else {
      append([0x1D, 0x38, 0x4C])
      for shift in [0, 8, 16, 24] { append(CollectionOfOne(UInt8(count >> shift & 0xFF))) }
    }
  }

  /// Prints a picture by the command that suits the printer: `GS v 0`, `GS ( L` or `ESC *`, in bands that join without
  /// stripes, rows without a black dot as feed. Only at the start of a line.
  ///
  /// Dots whose bytes would spell a real-time command are moved by one place; bar codes go through
  /// ``symbol(_:on:route:)`` instead, which never does that.
  ///
  /// - Throws: `lengthOverLimit` for a picture wider than the paper, `unsupported` for a printer without pictures.
  public mutating func picture(_ picture: consuming Bitmap, on printer: SymbolSupport) throws(WireError) {
    guard picture.width <= printer.dots else {
      throw WireError(.lengthOverLimit, at: printer.dots, field: "picture width")
    }
    let commands = printer.pictures.commands
    guard commands.contains(.raster) || commands.contains(.graphics) else {
      guard commands.contains(.columns24), beginStrips(printer) else {
        throw WireError(.unsupported, at: 0, field: "pictures")
      }
      columns(Self.separateRealTimeColumns(in: picture))
      return endStrips()
    }
    let mended = Self.separateRealTimePairs(in: picture)
    try Self.forEachPart(of: mended, printer) { part throws(WireError) in
      switch part {
      case .white(let units): feed(units: units)
      case .rows(let rows):
        let rows = mended.rows(from: rows.lowerBound, count: rows.count)
        if commands.contains(.raster) {
          try raster(rows, bandRows: printer.pictures.rows(ofBytes: rows.rowBytes))
        } else {
          try graphics(rows, on: printer.pictures)
        }
      }
    }
  }

  private enum Part {
    case white(units: Int)
    case rows(Range<Int>)
  }

  /// Splits a picture where enough white rows stand together that a feed is shorter.
  private static func forEachPart(
    of picture: Bitmap, _ printer: SymbolSupport, _ body: (Part) throws(WireError) -> Void
  ) throws(WireError) {
    let isExact = printer.verticalUnits(1) != nil
    var start = 0
    var blank = 0
    func isBlank(_ row: Int) -> Bool {
      for index in (row * picture.rowBytes)..<((row + 1) * picture.rowBytes) where picture.bytes[index] != 0 {
        return false
      }
      return true
    }
    for row in 0...picture.height {
      if row < picture.height, isExact, isBlank(row) {
        blank += 1
        continue
      }
      // A feed and the next command's header need eleven bytes.
      let units = printer.verticalUnits(blank) ?? 0
      if blank * picture.rowBytes > 8 + 3 * (units / 255 + 1) {
        if start < row - blank { try body(.rows(start..<(row - blank))) }
        try body(.white(units: units))
        start = row
      }
      blank = 0
    }
    if start < picture.height { try body(.rows(start..<picture.height)) }
  }

  // MARK: - Real-time commands in dots

  /// Moves one dot by one place wherever the bytes of `picture` start a real-time command.
  ///
  /// Some printers obey `DLE EOT`, `DLE ENQ` and `DLE DC4` inside picture data: they answer unasked, open the
  /// drawer, or clear their buffers in the middle of the job (specs/escpos.md §2.10). Light dithers contain such
  /// pairs by the dozen. Not for bar codes, whose dots must stay.
  public static func separateRealTimePairs(in picture: consuming Bitmap) -> Bitmap {
    for index in picture.bytes.indices.dropLast()
    where startsRealTime(picture.bytes[index], picture.bytes[index + 1]) {
      picture.replaceByte(at: index, with: 0x20)
    }
    return picture
  }

  /// The same for the column data of `ESC *`.
  static func separateRealTimeColumns(in picture: Bitmap) -> Bitmap {
    var result = picture
    for top in stride(from: 0, to: picture.height, by: 24) {
      var previous: UInt8 = 0
      for place in 0..<(picture.width * 3) {
        let (x, y) = (place / 3, top + place % 3 * 8)
        var byte: UInt8 = 0
        for bit in 0..<8 where result[x, y + bit] { byte |= 0x80 >> UInt8(bit) }
        if startsRealTime(previous, byte) {
          // The dot before this byte is the only one of its byte.
          let (x, y) = ((place - 1) / 3, top + (place - 1) % 3 * 8)
          result[x, y + 3] = false
          result[x, y + 2] = true
        }
        previous = byte
      }
    }
    return result
  }

  /// Whether some byte and its follower start a real-time command.
  static func hasRealTimePair(_ bytes: ArraySlice<UInt8>) -> Bool {
    for index in bytes.indices.dropLast() where startsRealTime(bytes[index], bytes[index + 1]) { return true }
    return false
  }

  static func startsRealTime(_ first: UInt8, _ second: UInt8) -> Bool {
    first == 0x10 && (second == 0x04 || second == 0x05 || second == 0x14)
  }
}
