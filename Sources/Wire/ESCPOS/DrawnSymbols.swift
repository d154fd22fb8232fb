import POSBarcode

extension PrintedPage {
  /// The bar codes that were sent as dots, as a scanner would read them off the paper: linear ones and QR codes.
  ///
  /// Strips and bands that touch are read as the one picture they make. The data are what a scanner reports, and the
  /// height is that of the first bar.
  public var drawnSymbols: [Symbol] {
    var found: [Symbol] = []
    for area in DottedArea.areas(of: self) {
      for symbol in area.symbols() where !found.contains(symbol) { found.append(symbol) }
    }
    return found
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
    self.width = width
  }

  private func isBlack(_ x: Int, _ y: Int) -> Bool {
    pictures.contains { $0.bitmap[x - $0.x, y - $0.y] }
  }

  /// Some rows of the paper.
  private func rows(from first: Int, count: Int) -> Bitmap {
    var result = Bitmap(width: width, height: count)
    for placed in pictures where placed.y < first + count && placed.y + placed.bitmap.height > first {
      let from = max(first, placed.y)
      let to = min(first + count, placed.y + placed.bitmap.height)
      result.draw(placed.bitmap.rows(from: from - placed.y, count: to - from), x: placed.x, y: from - first)
    }
    return result
  }

  func symbols() -> [PrintedPage.Symbol] {
    var found: [PrintedPage.Symbol] = []
    // A symbol is at least so high; every piece is looked at in its middle too.
    var places = Array(stride(from: top + 4, to: bottom, by: 12))
    for placed in pictures where placed.bitmap.height < 24 {
      places.append(placed.y + placed.bitmap.height / 2)
    }
    for y in places.sorted() {
      let row = rows(from: y, count: 1)
      for seen in LinearReader.read(row, row: 0) {
        if found.contains(where: { $0.x == seen.x && $0.y <= y && $0.y + $0.height > y }) { continue }
        var first = y
        while first > top, isBlack(seen.x, first - 1) { first -= 1 }
        var end = y + 1
        while end < bottom, isBlack(seen.x, end) { end += 1 }
        found.append(
          PrintedPage.Symbol(
            seen.symbology, data: seen.data, x: seen.x, y: first, module: max(1, seen.width / seen.modules),
            width: seen.width, height: end - first, drawing: nil))
      }
      for (x, module) in QRReader.finders(in: row, row: 0) {
        // The upper edge of the finder pattern, if this row crosses its middle.
        guard isBlack(x, y), !found.contains(where: { $0.x == x && $0.y <= y && $0.y + $0.height > y }) else {
          continue
        }
        var first = y
        while first > top, y - first < 7 * module, isBlack(x, first - 1) { first -= 1 }
        let most = min(bottom - first, 177 * module)
        guard let code = QRReader.read(rows(from: first, count: most), x: x, y: 0, module: module) else {
          continue
        }
        let side = code.side * module
        found.append(
          PrintedPage.Symbol(
            .qr, data: code.data, x: x, y: first, module: module, width: side, height: side, drawing: nil))
      }
    }
    return found
  }
}
