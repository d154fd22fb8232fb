public import ESCPOS

extension DoubleByteCharacters {
  /// The characters of a set.
  public static func of(_ set: DoubleByteSet) -> DoubleByteCharacters {
    switch set {
    case .shiftJIS: shiftJIS
    case .gbk: gbk
    case .big5: big5
    case .ksX1001: ksX1001
    }
  }

  /// Shift JIS with the characters of JIS X 0208.
  public static let shiftJIS = DoubleByteCharacters(
    .shiftJIS, encode: { DoubleByteIndex.shiftJIS.pair(for: $0) },
    decode: { DoubleByteIndex.shiftJIS.scalar($0) })
  /// GBK.
  public static let gbk = DoubleByteCharacters(
    .gbk, encode: { DoubleByteIndex.gbk.pair(for: $0) }, decode: { DoubleByteIndex.gbk.scalar($0) })
  /// Big5.
  public static let big5 = DoubleByteCharacters(
    .big5, encode: { DoubleByteIndex.big5.pair(for: $0) }, decode: { DoubleByteIndex.big5.scalar($0) })
  /// KS X 1001 in EUC-KR.
  public static let ksX1001 = DoubleByteCharacters(
    .ksX1001, encode: { DoubleByteIndex.ksX1001.pair(for: $0) },
    decode: { DoubleByteIndex.ksX1001.scalar($0) })
}

/// One set, unfolded in both directions when it is first used.
struct DoubleByteIndex: Sendable {
  /// By pair less 8000 hex.
  private var scalars: [UInt16]
  /// By scalar.
  private var pairs: [UInt16]

  static let shiftJIS = DoubleByteIndex(
    ShiftJISTable.rows, leads: [0x81...0x84, 0x88...0x9F, 0xE0...0xEA], trails: [0x40...0x7E, 0x80...0xFC])
  static let gbk = DoubleByteIndex(GBKTable.rows, leads: [0x81...0xFE], trails: [0x40...0x7E, 0x80...0xFE])
  static let big5 = DoubleByteIndex(Big5Table.rows, leads: [0xA1...0xF9], trails: [0x40...0x7E, 0xA1...0xFE])
  static let ksX1001 = DoubleByteIndex(KSX1001Table.rows, leads: [0xA1...0xFE], trails: [0xA1...0xFE])

  private init(_ rows: StaticString, leads: [ClosedRange<UInt8>], trails: [ClosedRange<UInt8>]) {
    scalars = [UInt16](repeating: 0, count: 0x8000)
    pairs = [UInt16](repeating: 0, count: 0x1_0000)
    let leads = leads.flatMap { Array($0) }
    let trails = trails.flatMap { Array($0) }
    var row = 0
    var column = 0
    var value = 0
    var left = 0
    rows.withUTF8Buffer { bytes in
      for byte in bytes {
        switch byte {
        case 0x0A:
          row += 1
          column = 0
          continue
        case 0x20: value = 0
        case 0x80..<0xC0:
          value = value << 6 | Int(byte & 0x3F)
          left -= 1
        case 0xC0..<0xE0: (value, left) = (Int(byte & 0x1F), 1)
        default: (value, left) = (Int(byte & 0x0F), 2)
        }
        guard left == 0 else { continue }
        defer { column += 1 }
        guard value > 0, row < leads.count, column < trails.count else { continue }
        let pair = Int(leads[row]) << 8 | Int(trails[column])
        scalars[pair - 0x8000] = UInt16(value)
        if pairs[value] == 0 { pairs[value] = UInt16(pair) }
      }
    }
  }

  func pair(for scalar: Unicode.Scalar) -> UInt16? {
    guard scalar.value < 0x1_0000, pairs[Int(scalar.value)] != 0 else { return nil }
    return pairs[Int(scalar.value)]
  }

  func scalar(_ pair: UInt16) -> Unicode.Scalar? {
    guard pair >= 0x8000, scalars[Int(pair) - 0x8000] != 0 else { return nil }
    return Unicode.Scalar(scalars[Int(pair) - 0x8000])
  }
}
