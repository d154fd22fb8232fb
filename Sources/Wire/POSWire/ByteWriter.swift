/// Bytes under construction: the mirror of ``ByteReader``.
public struct ByteWriter: Sendable {
  /// What has been written so far.
  public private(set) var bytes: [UInt8] = []

  /// An empty writer with room for `capacity` bytes.
  public init(reservingCapacity capacity: Int = 0) {
    bytes.reserveCapacity(capacity)
  }

  /// Bytes written so far.
  public var count: Int { bytes.count }

  /// Appends one byte.
  public mutating func byte(_ value: UInt8) { bytes.append(value) }

  /// Appends a run of bytes.
  public mutating func append(_ run: [UInt8]) { bytes.append(contentsOf: run) }

  /// Appends borrowed bytes.
  public mutating func append(_ run: Span<UInt8>) {
    for index in run.indices { bytes.append(run[index]) }
  }

  /// Appends the characters of a literal, which must be ASCII.
  public mutating func ascii(_ literal: StaticString) {
    literal.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  /// Appends `count` (1 to 8) bytes of `value`, most significant first. Higher bytes are dropped.
  public mutating func bigEndian(_ value: UInt64, bytes count: Int) {
    for index in (0..<count).reversed() {
      bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))))
    }
  }

  /// Appends `count` (1 to 8) bytes of `value`, least significant first. Higher bytes are dropped.
  public mutating func littleEndian(_ value: UInt64, bytes count: Int) {
    for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))) }
  }

  /// Appends `value` as packed decimal in `count` bytes; digits that do not fit are dropped from the left.
  public mutating func packedDecimal(_ value: UInt64, bytes count: Int) {
    let start = bytes.count
    for _ in 0..<count { bytes.append(0) }
    var rest = value
    for index in (start..<(start + count)).reversed() {
      let pair = UInt8(rest % 100)
      bytes[index] = (pair / 10) << 4 | pair % 10
      rest /= 100
    }
  }
}
