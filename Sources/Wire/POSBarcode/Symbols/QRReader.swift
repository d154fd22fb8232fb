/// Reads QR codes from exact dots, as they were drawn: not turned, not bent, not damaged.
public enum QRReader {
  /// Where a row crosses something like the middle of a finder pattern: its left edge and the dots of a module.
  public static func finders(in picture: Bitmap, row: Int) -> [(x: Int, module: Int)] {
    var edges: [Int] = []
    var isBlack = false
    for x in 0...picture.width where picture[x, row] != isBlack {
      edges.append(x)
      isBlack.toggle()
    }
    var found: [(x: Int, module: Int)] = []
    for index in stride(from: 0, to: max(0, edges.count - 5), by: 2) {
      let module = edges[index + 1] - edges[index]
      if edges[index + 2] - edges[index + 1] == module, edges[index + 3] - edges[index + 2] == 3 * module,
        edges[index + 4] - edges[index + 3] == module, edges[index + 5] - edges[index + 4] == module
      {
        found.append((edges[index], module))
      }
    }
    return found
  }

  /// The symbol whose upper left corner stands at `x`, `y`; `nil` where there is none without a fault.
  public static func read(_ picture: Bitmap, x: Int, y: Int, module: Int) -> (data: [UInt8], side: Int)? {
    guard module >= 1 else { return nil }
    func dot(_ column: Int, _ row: Int) -> Bool {
      picture[x + column * module + module / 2, y + row * module + module / 2]
    }
    func isFinder(_ left: Int, _ top: Int) -> Bool {
      for row in 0..<7 {
        for column in 0..<7 where dot(left + column, top + row) != (max(abs(row - 3), abs(column - 3)) != 2) {
          return false
        }
      }
      return true
    }
    guard isFinder(0, 0) else { return nil }
    for version in 1...40 {
      let side = 17 + 4 * version
      guard x + side * module <= picture.width, y + side * module <= picture.height else { return nil }
      guard isFinder(side - 7, 0), isFinder(0, side - 7) else { continue }
      // A symbol to compare with is drawn only where the timing patterns are those of its size (ISO/IEC 18004, §6.3.5).
      let hasTiming = (8..<(side - 8)).allSatisfy { place in
        let isDark = place % 2 == 0
        return dot(place, 6) == isDark && dot(6, place) == isDark
      }
      guard hasTiming else { continue }
      if let data = data(version, dot) { return (data, side) }
    }
    return nil
  }

  private static func data(_ version: Int, _ dot: (Int, Int) -> Bool) -> [UInt8]? {
    let side = 17 + 4 * version
    var canvas = QRCanvas(version)
    canvas.drawFunctionPatterns()
    for level in QRCode.ErrorCorrection.allCases {
      for mask in 0..<8 {
        canvas.drawFormat(level, mask)
        var isRight = true
        // The function patterns must be there to the last module.
        for row in 0..<side where isRight {
          for column in 0..<side where canvas.isFunction[row * side + column] {
            if dot(column, row) != canvas.dots[row * side + column] {
              isRight = false
              break
            }
          }
        }
        guard isRight else { continue }
        var codewords = [UInt8](repeating: 0, count: QRLayout.dataModules(version) / 8)
        var bit = 0
        canvas.forEachDataModule { column, row in
          if bit / 8 < codewords.count, dot(column, row) != QRCanvas.isMasked(mask, column, row) {
            codewords[bit / 8] |= 0x80 >> UInt8(bit & 7)
          }
          bit += 1
        }
        let data = ordered(codewords, version, level)
        guard QRLayout.interleaved(data, version, level) == codewords else { return nil }
        return text(data, version)
      }
    }
    return nil
  }

  /// The data codewords in the order of the blocks.
  private static func ordered(
    _ codewords: [UInt8], _ version: Int, _ level: QRCode.ErrorCorrection
  ) -> [UInt8] {
    let lengths = QRLayout.blockLengths(version, level)
    var blocks = lengths.map { _ in [UInt8]() }
    var index = 0
    for place in 0..<(lengths.last ?? 0) {
      for block in lengths.indices where place < lengths[block] {
        blocks[block].append(codewords[index])
        index += 1
      }
    }
    return blocks.flatMap { $0 }
  }

  /// The characters of the segments: digits, capitals and bytes.
  private static func text(_ codewords: [UInt8], _ version: Int) -> [UInt8]? {
    var place = 0
    func take(_ count: Int) -> Int? {
      guard place + count <= codewords.count * 8 else { return nil }
      var value = 0
      for bit in place..<(place + count) {
        value = value << 1 | Int(codewords[bit / 8] >> UInt8(7 - bit & 7) & 1)
      }
      place += count
      return value
    }
    var data: [UInt8] = []
    while let indicator = take(4), indicator != 0 {
      let mode: QRMode
      switch indicator {
      case 1: mode = .digits
      case 2: mode = .capitals
      case 4: mode = .bytes
      case 7:
        // The number of a character set: skipped, the bytes stay as they are.
        guard let first = take(8), take(first < 128 ? 0 : first < 192 ? 8 : 16) != nil else { return nil }
        continue
      default: return nil
      }
      guard var count = take(mode.countBits(version)) else { return nil }
      while count > 0 {
        switch mode {
        case .digits:
          let group = min(count, 3)
          guard var value = take([0, 4, 7, 10][group]) else { return nil }
          var digits: [UInt8] = []
          for _ in 0..<group {
            digits.insert(UInt8(value % 10) + 0x30, at: 0)
            value /= 10
          }
          data += digits
          count -= group
        case .capitals:
          let group = min(count, 2)
          guard let value = take(group == 2 ? 11 : 6), value < (group == 2 ? 45 * 45 : 45) else { return nil }
          if group == 2 { data.append(QRMode.alphabet[value / 45]) }
          data.append(QRMode.alphabet[value % 45])
          count -= group
        case .bytes:
          guard let byte = take(8) else { return nil }
          data.append(UInt8(byte))
          count -= 1
        }
      }
    }
    return data.isEmpty ? nil : data
  }
}
