public import POSWire

/// A QR code of model 2 (ISO/IEC 18004), drawn here because a C library would shut out firmware.
///
///     let symbol = try QRCode(bytes.span, level: .medium)
///     let picture = try symbol.bitmap(module: 6)
///
/// The smallest version that holds the data, in one of the three modes digits, capital letters or bytes.
public struct QRCode: Sendable, Equatable {
  /// How much of the symbol may be lost.
  public enum ErrorCorrection: UInt8, Sendable, CaseIterable {
    /// 7 %.
    case low
    /// 15 %.
    case medium
    /// 25 %.
    case quartile
    /// 30 %.
    case high
  }

  /// White modules that must stand on every side.
  public static let quietZone = 4
  /// Modules of a side that this package draws.
  public static let modules = 1...32

  /// The data.
  public let data: [UInt8]
  /// The level it was made with.
  public let level: ErrorCorrection
  /// 1 to 40.
  public let version: Int
  /// 0 to 7, the mask with the lowest penalty.
  public let mask: Int
  /// Modules of a side: 17 + 4 × version.
  public let side: Int
  /// The modules, row by row, `true` for black.
  public let matrix: [Bool]

  /// - Throws: `truncated` for no data, `lengthOverLimit` for more than version 40 holds at this level.
  public init(_ data: Span<UInt8>, level: ErrorCorrection = .medium) throws(WireError) {
    guard !data.isEmpty else { throw WireError(.truncated, at: 0, field: "QR data") }
    guard data.count <= 7089 else { throw WireError(.lengthOverLimit, at: 7089, field: "QR data") }
    let data = LinearSymbol.bytes(data)
    let mode = QRMode(of: data)
    guard
      let version = (1...40).first(where: { version in
        mode.bitCount(data.count, version: version) <= QRLayout.dataCodewords(version, level) * 8
      })
    else { throw WireError(.lengthOverLimit, at: data.count, field: "QR data") }
    self.data = data
    self.level = level
    self.version = version
    let codewords = QRLayout.interleaved(
      QRBits.codewords(data, mode, version, QRLayout.dataCodewords(version, level)), version, level)
    var canvas = QRCanvas(version)
    canvas.drawFunctionPatterns()
    canvas.draw(codewords)
    var best = (mask: 0, penalty: Int.max, canvas: canvas)
    for mask in 0..<8 {
      var candidate = canvas
      candidate.apply(mask)
      candidate.drawFormat(level, mask)
      let penalty = candidate.penalty
      if penalty < best.penalty { best = (mask, penalty, candidate) }
    }
    mask = best.mask
    side = canvas.side
    matrix = best.canvas.dots
  }

  /// Draws the symbol with its quiet zone.
  ///
  /// - Throws: `value` when `module` is not 1 to 32 dots.
  public func bitmap(module: Int) throws(WireError) -> Bitmap {
    try bitmap(module: module, quietZone: Self.quietZone)
  }

  /// Draws the symbol with so many white modules on every side.
  ///
  /// - Throws: `value` when `module` is not 1 to 32 dots or `quietZone` is below zero.
  public func bitmap(module: Int, quietZone: Int) throws(WireError) -> Bitmap {
    guard Self.modules.contains(module) else { throw WireError(.value, at: 0, field: "module width") }
    guard quietZone >= 0 else { throw WireError(.value, at: 0, field: "quiet zone") }
    let dots = (side + 2 * quietZone) * module
    var rows: [UInt8] = []
    let rowBytes = (dots + 7) / 8
    rows.reserveCapacity(rowBytes * dots)
    let empty = [UInt8](repeating: 0, count: rowBytes)
    for _ in 0..<(quietZone * module) { rows.append(contentsOf: empty) }
    for y in 0..<side {
      var row = empty
      for x in 0..<side where matrix[y * side + x] {
        for dot in ((x + quietZone) * module)..<((x + quietZone + 1) * module) {
          row[dot / 8] |= 0x80 >> UInt8(dot & 7)
        }
      }
      for _ in 0..<module { rows.append(contentsOf: row) }
    }
    for _ in 0..<(quietZone * module) { rows.append(contentsOf: empty) }
    return Bitmap(width: dots, packed: rows, height: dots) ?? Bitmap(width: 0, height: 0)
  }

  /// Dots of a side with the quiet zones.
  public func width(module: Int) -> Int { (side + 2 * Self.quietZone) * module }
}

/// The three ways to write characters into a QR code.
enum QRMode {
  case digits, capitals, bytes

  init(of data: [UInt8]) {
    if data.allSatisfy({ (0x30...0x39).contains($0) }) {
      self = .digits
    } else if data.allSatisfy({ Self.alphabet.contains($0) }) {
      self = .capitals
    } else {
      self = .bytes
    }
  }

  static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".utf8)

  /// The four bits in front of a segment.
  var indicator: Int {
    switch self {
    case .digits: 1
    case .capitals: 2
    case .bytes: 4
    }
  }

  /// Bits of the count of characters.
  func countBits(_ version: Int) -> Int {
    let step = version < 10 ? 0 : version < 27 ? 1 : 2
    switch self {
    case .digits: return [10, 12, 14][step]
    case .capitals: return [9, 11, 13][step]
    case .bytes: return [8, 16, 16][step]
    }
  }

  /// Bits of a whole segment.
  func bitCount(_ count: Int, version: Int) -> Int {
    guard count < 1 << countBits(version) else { return Int.max }
    let body =
      switch self {
      case .digits: count / 3 * 10 + [0, 4, 7][count % 3]
      case .capitals: count / 2 * 11 + count % 2 * 6
      case .bytes: count * 8
      }
    return 4 + countBits(version) + body
  }
}

/// Bits under construction.
struct QRBits {
  private var bytes: [UInt8] = []
  private var count = 0

  private mutating func append(_ value: Int, _ bits: Int) {
    for bit in (0..<bits).reversed() {
      if count % 8 == 0 { bytes.append(0) }
      if value >> bit & 1 == 1 { bytes[count / 8] |= 0x80 >> UInt8(count & 7) }
      count += 1
    }
  }

  /// The data codewords of one segment, padded to `capacity`.
  static func codewords(_ data: [UInt8], _ mode: QRMode, _ version: Int, _ capacity: Int) -> [UInt8] {
    var bits = QRBits()
    bits.append(mode.indicator, 4)
    bits.append(data.count, mode.countBits(version))
    switch mode {
    case .digits:
      for start in stride(from: 0, to: data.count, by: 3) {
        let group = data[start..<min(start + 3, data.count)]
        bits.append(group.reduce(0) { $0 * 10 + Int($1 & 15) }, [0, 4, 7, 10][group.count])
      }
    case .capitals:
      let values = data.map { QRMode.alphabet.firstIndex(of: $0) ?? 0 }
      for start in stride(from: 0, to: values.count, by: 2) {
        if start + 1 < values.count {
          bits.append(values[start] * 45 + values[start + 1], 11)
        } else {
          bits.append(values[start], 6)
        }
      }
    case .bytes: for byte in data { bits.append(Int(byte), 8) }
    }
    bits.append(0, min(4, capacity * 8 - bits.count))
    bits.append(0, (8 - bits.count % 8) % 8)
    var pad = 0xEC
    while bits.bytes.count < capacity {
      bits.append(pad, 8)
      pad = 0xEC + 0x11 - pad
    }
    return bits.bytes
  }
}

/// How codewords are shared out, by version and level (ISO/IEC 18004, table 9).
enum QRLayout {
  /// Error correction codewords of a block, levels L, M, Q, H.
  private static let correction: [[UInt8]] = [
    [
      7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26, 28,
      30,
      30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
      10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28,
      28,
      28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    ],
    [
      13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30, 30, 30, 30, 28,
      30,
      30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
      17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28, 30, 24, 30, 30, 30, 30,
      30,
      30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
  ]
  /// Blocks, levels L, M, Q, H.
  private static let blocks: [[UInt8]] = [
    [
      1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17,
      18,
      19, 19, 20, 21, 22, 24, 25,
    ],
    [
      1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28,
      29, 31,
      33, 35, 37, 38, 40, 43, 45, 47, 49,
    ],
    [
      1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29, 34, 34, 35, 38,
      40,
      43, 45, 48, 51, 53, 56, 59, 62, 65, 68,
    ],
    [
      1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34, 30, 32, 35, 37, 40, 42,
      45, 48,
      51, 54, 57, 60, 63, 66, 70, 74, 77, 81,
    ],
  ]

  static func blockCount(_ version: Int, _ level: QRCode.ErrorCorrection) -> Int {
    Int(blocks[Int(level.rawValue)][version - 1])
  }

  static func correctionCodewords(_ version: Int, _ level: QRCode.ErrorCorrection) -> Int {
    Int(correction[Int(level.rawValue)][version - 1])
  }

  /// Modules that are not finder, timing, alignment, format or version patterns.
  static func dataModules(_ version: Int) -> Int {
    var count = (16 * version + 128) * version + 64
    if version >= 2 {
      let alignments = version / 7 + 2
      count -= (25 * alignments - 10) * alignments - 55
      if version >= 7 { count -= 36 }
    }
    return count
  }

  /// Codewords for data.
  static func dataCodewords(_ version: Int, _ level: QRCode.ErrorCorrection) -> Int {
    dataModules(version) / 8 - blockCount(version, level) * correctionCodewords(version, level)
  }

  /// Lengths of the blocks' data: the short ones first.
  static func blockLengths(_ version: Int, _ level: QRCode.ErrorCorrection) -> [Int] {
    let count = blockCount(version, level)
    let total = dataCodewords(version, level)
    return (0..<count).map { total / count + ($0 >= count - total % count ? 1 : 0) }
  }

  /// Data and error correction in the order in which they are drawn.
  static func interleaved(_ data: [UInt8], _ version: Int, _ level: QRCode.ErrorCorrection) -> [UInt8] {
    let divisor = ReedSolomon.generator(correctionCodewords(version, level))
    var start = 0
    var blocks: [(data: ArraySlice<UInt8>, correction: [UInt8])] = []
    for length in blockLengths(version, level) {
      let block = data[start..<(start + length)]
      blocks.append((block, ReedSolomon.remainder(block, divisor)))
      start += length
    }
    var result: [UInt8] = []
    result.reserveCapacity(dataModules(version) / 8)
    for index in 0..<(blocks.last?.data.count ?? 0) {
      for block in blocks where index < block.data.count {
        result.append(block.data[block.data.startIndex + index])
      }
    }
    for index in divisor.indices {
      for block in blocks { result.append(block.correction[index]) }
    }
    return result
  }
}

/// Error correction over the field of 256 elements whose polynomial is 11D hex.
enum ReedSolomon {
  static func multiply(_ left: UInt8, _ right: UInt8) -> UInt8 {
    var result = 0
    for bit in (0..<8).reversed() {
      result = result << 1 ^ (result >> 7) * 0x11D
      if right >> UInt8(bit) & 1 == 1 { result ^= Int(left) }
    }
    return UInt8(result & 0xFF)
  }

  /// Coefficients of the generator of so many codewords, the leading 1 left out.
  static func generator(_ degree: Int) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: max(1, degree))
    result[result.count - 1] = 1
    var root: UInt8 = 1
    for _ in 0..<degree {
      for index in result.indices {
        result[index] = multiply(result[index], root)
        if index + 1 < result.count { result[index] ^= result[index + 1] }
      }
      root = multiply(root, 2)
    }
    return result
  }

  static func remainder(_ data: ArraySlice<UInt8>, _ divisor: [UInt8]) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: divisor.count)
    for byte in data {
      let factor = byte ^ result.removeFirst()
      result.append(0)
      for index in divisor.indices { result[index] ^= multiply(divisor[index], factor) }
    }
    return result
  }
}

/// The modules of a QR code under construction.
struct QRCanvas {
  let version: Int
  let side: Int
  private(set) var dots: [Bool]
  /// Modules that hold no data.
  private(set) var isFunction: [Bool]

  init(_ version: Int) {
    self.version = version
    side = 17 + 4 * version
    dots = [Bool](repeating: false, count: side * side)
    isFunction = dots
  }

  private mutating func set(_ x: Int, _ y: Int, _ isDark: Bool) {
    dots[y * side + x] = isDark
    isFunction[y * side + x] = true
  }

  mutating func drawFunctionPatterns() {
    for index in 0..<side {
      set(6, index, index % 2 == 0)
      set(index, 6, index % 2 == 0)
    }
    for (x, y) in [(3, 3), (side - 4, 3), (3, side - 4)] { drawFinder(x, y) }
    let places = Self.alignmentPlaces(version)
    for (row, y) in places.enumerated() {
      for (column, x) in places.enumerated() {
        let last = places.count - 1
        if (row, column) == (0, 0) || (row, column) == (0, last) || (row, column) == (last, 0) { continue }
        for dy in -2...2 {
          for dx in -2...2 { set(x + dx, y + dy, max(abs(dx), abs(dy)) != 1) }
        }
      }
    }
    // Reserves the room of the format; what it says comes with the mask.
    drawFormat(.low, 0)
    drawVersion()
  }

  private mutating func drawFinder(_ centreX: Int, _ centreY: Int) {
    for dy in -4...4 {
      for dx in -4...4 {
        let distance = max(abs(dx), abs(dy))
        let (x, y) = (centreX + dx, centreY + dy)
        if x >= 0, x < side, y >= 0, y < side { set(x, y, distance != 2 && distance != 4) }
      }
    }
  }

  /// The coordinates of the alignment patterns' centres (ISO/IEC 18004, annex E).
  static func alignmentPlaces(_ version: Int) -> [Int] {
    guard version > 1 else { return [] }
    let count = version / 7 + 2
    let step = version == 32 ? 26 : (version * 4 + count * 2 + 1) / (count * 2 - 2) * 2
    var places = [6]
    for index in 0..<(count - 1) { places.insert(17 + 4 * version - 7 - index * step, at: 1) }
    return places
  }

  /// Level and mask with their own error correction, twice.
  mutating func drawFormat(_ level: QRCode.ErrorCorrection, _ mask: Int) {
    let bits = Self.formatBits(level, mask)
    func bit(_ index: Int) -> Bool { bits >> index & 1 == 1 }
    for index in 0...5 { set(8, index, bit(index)) }
    set(8, 7, bit(6))
    set(8, 8, bit(7))
    set(7, 8, bit(8))
    for index in 9..<15 { set(14 - index, 8, bit(index)) }
    for index in 0..<8 { set(side - 1 - index, 8, bit(index)) }
    for index in 8..<15 { set(8, side - 15 + index, bit(index)) }
    set(8, side - 8, true)
  }

  static func formatBits(_ level: QRCode.ErrorCorrection, _ mask: Int) -> Int {
    // The levels' own numbers: L 1, M 0, Q 3, H 2.
    let data = [1, 0, 3, 2][Int(level.rawValue)] << 3 | mask
    var remainder = data
    for _ in 0..<10 { remainder = remainder << 1 ^ (remainder >> 9) * 0x537 }
    return (data << 10 | remainder) ^ 0x5412
  }

  private mutating func drawVersion() {
    guard version >= 7 else { return }
    var remainder = version
    for _ in 0..<12 { remainder = remainder << 1 ^ (remainder >> 11) * 0x1F25 }
    let bits = version << 12 | remainder
    for index in 0..<18 {
      let isDark = bits >> index & 1 == 1
      let (a, b) = (side - 11 + index % 3, index / 3)
      set(a, b, isDark)
      set(b, a, isDark)
    }
  }

  /// The modules that hold data, in the order of their bits.
  func forEachDataModule(_ body: (_ x: Int, _ y: Int) -> Void) {
    var right = side - 1
    while right >= 1 {
      if right == 6 { right = 5 }
      for step in 0..<side {
        let isUpward = (right + 1) & 2 == 0
        let y = isUpward ? side - 1 - step : step
        for x in [right, right - 1] where !isFunction[y * side + x] { body(x, y) }
      }
      right -= 2
    }
  }

  mutating func draw(_ codewords: [UInt8]) {
    var places: [Int] = []
    places.reserveCapacity(codewords.count * 8)
    forEachDataModule { x, y in places.append(y * side + x) }
    for (index, place) in places.enumerated() where index / 8 < codewords.count {
      dots[place] = codewords[index / 8] >> UInt8(7 - index & 7) & 1 == 1
    }
  }

  static func isMasked(_ mask: Int, _ x: Int, _ y: Int) -> Bool {
    switch mask {
    case 0: (x + y) % 2 == 0
    case 1: y % 2 == 0
    case 2: x % 3 == 0
    case 3: (x + y) % 3 == 0
    case 4: (x / 3 + y / 2) % 2 == 0
    case 5: x * y % 2 + x * y % 3 == 0
    case 6: (x * y % 2 + x * y % 3) % 2 == 0
    default: ((x + y) % 2 + x * y % 3) % 2 == 0
    }
  }

  mutating func apply(_ mask: Int) {
    for y in 0..<side {
      for x in 0..<side where !isFunction[y * side + x] && Self.isMasked(mask, x, y) {
        dots[y * side + x].toggle()
      }
    }
  }

  /// How hard the symbol is to read (ISO/IEC 18004 §7.8.3).
  var penalty: Int {
    var result = 0
    for line in 0..<side {
      result += linePenalty { dots[line * side + $0] }
      result += linePenalty { dots[$0 * side + line] }
    }
    var dark = 0
    for y in 0..<side {
      for x in 0..<side {
        let dot = dots[y * side + x]
        dark += dot ? 1 : 0
        if x + 1 < side, y + 1 < side, dot == dots[y * side + x + 1], dot == dots[(y + 1) * side + x],
          dot == dots[(y + 1) * side + x + 1]
        {
          result += 3
        }
      }
    }
    let total = side * side
    return result + (abs(dark * 20 - total * 10) + total - 1) / total * 10 - 10
  }

  /// Runs of five and more, and what looks like a finder pattern beside white.
  private func linePenalty(_ dot: (Int) -> Bool) -> Int {
    var result = 0
    var run = 0
    var previous = false
    // The last eleven modules; white stands outside.
    var window = 0
    for index in 0..<(side + 4) {
      let isDark = index < side ? dot(index) : false
      if index < side {
        run = index > 0 && isDark == previous ? run + 1 : 1
        if run == 5 { result += 3 } else if run > 5 { result += 1 }
        previous = isDark
      }
      window = (window << 1 | (isDark ? 1 : 0)) & 0x7FF
      if index >= 6, window == 0b00001011101 && index < side || window == 0b10111010000 && index >= 10 {
        result += 40
      }
    }
    return result
  }
}
