import POSBarcode

extension PrintedPage {
  /// The bar codes that were sent as dots, as a scanner would read them off the paper: linear ones and QR codes.
  ///
  /// Strips and bands that touch are read as the one picture they make. The data are what a scanner reports, and the
  /// height is that of the first bar.
  public var drawnSymbols: [Symbol] {
    var found: [Symbol] = []
    // Areas lie over each other where a sheet was printed twice. Symbols are looked up by their places, not one by one.
    var places = [[Int]](repeating: [], count: 1024)
    var bars = RowReader { LinearReader.read($0, row: 0) }
    var finders = RowReader { QRReader.finders(in: $0, row: 0) }
    for area in DottedArea.areas(of: self) {
      let dots = area.whole()
      let symbols = area.barCodes(in: dots, &bars) + area.qrCodes(in: dots, &finders)
      for symbol in symbols.sorted(by: { ($0.y, $0.x) < ($1.y, $1.x) }) {
        let place = (symbol.x &+ 31 &* symbol.y) & 1023
        guard !places[place].contains(where: { found[$0] == symbol }) else { continue }
        places[place].append(found.count)
        found.append(symbol)
      }
    }
    return found
  }
}

/// What rows of dots say. The rows of a symbol are alike, and those of a hostile job may all be, so it is kept for the next
/// row like it.
private struct RowReader<Reading> {
  private let read: (Bitmap) -> Reading
  private var readings = [(row: [UInt8], reading: Reading)?](repeating: nil, count: 256)

  init(_ read: @escaping (Bitmap) -> Reading) { self.read = read }

  mutating func callAsFunction(_ row: Bitmap) -> Reading {
    var hash = 0
    for byte in row.bytes { hash = hash &* 31 &+ Int(byte) }
    let slot = hash & 255
    if let known = readings[slot], known.row == row.bytes { return known.reading }
    let reading = read(row)
    readings[slot] = (row.bytes, reading)
    return reading
  }
}

/// Pictures on the paper that touch each other from above, read as one.
private struct DottedArea {
  private var pictures: [PrintedPage.PlacedBitmap] = []
  private var top = 0
  private var bottom = 0
  private let width: Int

  static func areas(of page: PrintedPage) -> [DottedArea] {
    var areas: [DottedArea] = []
    for case .bitmap(let placed) in page.items where placed.bitmap.width > 0 && placed.bitmap.height > 0 {
      let end = placed.y + placed.bitmap.height
      if var last = areas.last, placed.y <= last.bottom, end >= last.top {
        areas.removeLast()
        last.pictures.append(placed)
        last.top = min(last.top, placed.y)
        last.bottom = max(last.bottom, end)
        areas.append(last)
      } else {
        areas.append(DottedArea(pictures: [placed], top: placed.y, bottom: end, width: page.width))
      }
    }
    return areas
  }

  private init(pictures: [PrintedPage.PlacedBitmap], top: Int, bottom: Int, width: Int) {
    self.pictures = pictures
    self.top = top
    self.bottom = bottom
    self.width = max(0, width)
  }

  /// The pictures as one that is as wide as the paper.
  ///
  /// Many symbols may be looked for in many pictures, so the pictures are not asked again for each. It has no more rows
  /// than they have together.
  func whole() -> Bitmap {
    var result = Bitmap(width: width, height: bottom - top)
    for placed in pictures { result.draw(placed.bitmap, x: placed.x, y: placed.y - top) }
    return result
  }

  func barCodes(
    in dots: Bitmap, _ reader: inout RowReader<[LinearReader.Found]>
  ) -> [PrintedPage.Symbol] {
    // One is at least so high; every piece is looked at in its middle too.
    var rows = Array(stride(from: 4, to: dots.height, by: 12))
    for placed in pictures where placed.bitmap.height < 24 {
      rows.append(placed.y - top + placed.bitmap.height / 2)
    }
    rows.sort()
    var found: [PrintedPage.Symbol] = []
    // By left edge, the row where the last one found there ends.
    var ends = [Int](repeating: 0, count: dots.width)
    for (index, row) in rows.enumerated() where index == 0 || rows[index - 1] != row {
      for seen in reader(dots.rows(from: row, count: 1)) where ends[seen.x] <= row {
        var first = row
        while dots[seen.x, first - 1] { first -= 1 }
        var end = row + 1
        while dots[seen.x, end] { end += 1 }
        ends[seen.x] = end
        found.append(
          PrintedPage.Symbol(
            seen.symbology, data: seen.data, x: seen.x, y: top + first,
            module: max(1, seen.width / seen.modules),
            width: seen.width, height: end - first, drawing: nil))
      }
    }
    return found
  }

  func qrCodes(
    in dots: Bitmap, _ reader: inout RowReader<[(x: Int, module: Int)]>
  ) -> [PrintedPage.Symbol] {
    var found: [PrintedPage.Symbol] = []
    // By left edge: the row where the last one found there ends, and the last finder pattern without a code.
    var ends = [Int](repeating: 0, count: dots.width)
    var failed = [(first: Int, module: Int)](repeating: (-1, 0), count: dots.width)
    // The middle of a finder pattern is three modules high.
    for row in stride(from: 1, to: dots.height, by: 3) {
      for (x, module) in reader(dots.rows(from: row, count: 1)) where ends[x] <= row {
        // The upper edge of the finder pattern, if this row crosses its middle.
        var first = row
        while row - first < 7 * module, dots[x, first - 1] { first -= 1 }
        guard failed[x].first != first || failed[x].module != module else { continue }
        guard let code = QRReader.read(dots, x: x, y: first, module: module) else {
          failed[x] = (first, module)
          continue
        }
        let side = code.side * module
        ends[x] = first + side
        found.append(
          PrintedPage.Symbol(
            .qr, data: code.data, x: x, y: top + first, module: module, width: side, height: side,
            drawing: nil))
      }
    }
    return found
  }
}
