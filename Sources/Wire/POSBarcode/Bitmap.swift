/// A picture of one bit a dot, set bits black: what a thermal head burns.
///
/// Rows are padded to whole bytes; the most significant bit of a byte is its leftmost dot, as `GS v 0` wants it.
public struct Bitmap: Sendable, Equatable {
  /// Dots in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Bytes in a row.
  public let rowBytes: Int
  /// All rows, top to bottom: `rowBytes * height` bytes. Padding bits are zero.
  public private(set) var bytes: [UInt8]

  /// A white picture. Negative sizes count as zero.
  public init(width: Int, height: Int) {
    self.width = max(0, width)
    self.height = max(0, height)
    rowBytes = (self.width + 7) / 8
    bytes = [UInt8](repeating: 0, count: rowBytes * self.height)
  }

  /// Takes packed rows of `(width + 7) / 8` bytes; `nil` when `bytes` is not exactly `height` of them.
  public init?(width: Int, packed bytes: [UInt8], height: Int) {
    guard width >= 0, height >= 0 else { return nil }
    let rowBytes = (width + 7) / 8
    guard bytes.count == rowBytes * height else { return nil }
    self.width = width
    self.height = height
    self.rowBytes = rowBytes
    self.bytes = bytes
  }

  /// Whether the dot is black. Dots outside the picture are white and cannot be set.
  public subscript(x: Int, y: Int) -> Bool {
    get {
      guard x >= 0, x < width, y >= 0, y < height else { return false }
      return bytes[y * rowBytes + x / 8] & Self.mask(x) != 0
    }
    set {
      guard x >= 0, x < width, y >= 0, y < height else { return }
      let index = y * rowBytes + x / 8
      if newValue { bytes[index] |= Self.mask(x) } else { bytes[index] &= ~Self.mask(x) }
    }
  }

  private static func mask(_ x: Int) -> UInt8 { UInt8(0x80) >> UInt8(x & 7) }

  /// Replaces the byte at `index` of ``bytes``, eight dots; padding bits stay zero. Nothing is there beyond the end.
  public mutating func replaceByte(at index: Int, with byte: UInt8) {
    guard bytes.indices.contains(index) else { return }
    bytes[index] = byte & mask(ofByte: index % rowBytes)
  }

  /// Blackens a rectangle; parts outside the picture are cut off.
  public mutating func fill(x: Int, y: Int, width fillWidth: Int, height fillHeight: Int) {
    let columns = max(0, x)..<max(0, x, min(width, x + fillWidth))
    for row in max(0, y)..<max(0, y, min(height, y + fillHeight)) {
      for column in columns { bytes[row * rowBytes + column / 8] |= Self.mask(column) }
    }
  }

  /// Makes a row the first of so many that are the same; what is beyond the last row is left out.
  mutating func repeatRow(_ row: Int, times: Int) {
    let (rowBytes, end) = (self.rowBytes, min(height, row + times))
    guard row >= 0, row + 1 < end else { return }
    bytes.withUnsafeMutableBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return }
      for next in (row + 1)..<end {
        (base + next * rowBytes).update(from: base + row * rowBytes, count: rowBytes)
      }
    }
  }

  /// Blackens every dot of this picture that is black in `other`, placed with its corner at `x`, `y`.
  public mutating func draw(_ other: Bitmap, x: Int, y: Int) {
    guard x < width, x > -other.width, y < height, y > -other.height else { return }
    // Eight dots at a time; they may stand in two bytes here.
    let shift = UInt8(x & 7)
    for row in max(0, -y)..<min(other.height, height - y) {
      for index in 0..<other.rowBytes {
        let byte = other.bytes[row * other.rowBytes + index] & other.mask(ofByte: index)
        guard byte != 0 else { continue }
        blacken(byte >> shift, row: y + row, byte: (x >> 3) + index)
        if shift > 0 { blacken(byte << (8 - shift), row: y + row, byte: (x >> 3) + index + 1) }
      }
    }
  }

  private mutating func blacken(_ dots: UInt8, row: Int, byte: Int) {
    guard byte >= 0, byte < rowBytes else { return }
    bytes[row * rowBytes + byte] |= dots & mask(ofByte: byte)
  }

  /// The dots of a row's byte that are not padding.
  private func mask(ofByte index: Int) -> UInt8 {
    index == rowBytes - 1 && width & 7 != 0 ? ~(0xFF >> UInt8(width & 7)) : 0xFF
  }
}
