/// A cursor over borrowed bytes that never reads past their end.
///
///     var reader = ByteReader(bytes.span)
///     let length = try reader.byte("length")
///     let body = try reader.bytes(Int(length), "body")
public struct ByteReader: ~Escapable {
  private let span: Span<UInt8>

  /// Bytes consumed so far.
  public private(set) var offset: Int

  /// Starts at the first byte of `bytes`.
  @_lifetime(copy bytes)
  public init(_ bytes: Span<UInt8>) {
    span = bytes
    offset = 0
  }

  /// Bytes not yet consumed.
  public var remaining: Int { span.count - offset }

  /// Whether every byte has been consumed.
  public var isAtEnd: Bool { offset == span.count }

  /// The next byte without consuming it, or `nil` at the end.
  public var peek: UInt8? { offset < span.count ? span[offset] : nil }

  /// Reads one byte.
  public mutating func byte(_ field: StaticString) throws(WireError) -> UInt8 {
    guard offset < span.count else { throw WireError(.truncated, at: offset, field: field) }
    defer { offset += 1 }
    return span[offset]
  }

  /// Reads `count` bytes as a borrowed slice; `count` is 0 or more.
  @_lifetime(copy self)
  public mutating func bytes(_ count: Int, _ field: StaticString) throws(WireError) -> Span<UInt8> {
    guard count >= 0, count <= remaining else { throw WireError(.truncated, at: offset, field: field) }
    let slice = span.extracting(offset..<(offset + count))
    offset += count
    return slice
  }

  /// Everything not yet consumed.
  @_lifetime(copy self)
  public mutating func rest() -> Span<UInt8> {
    let slice = span.extracting(offset..<span.count)
    offset = span.count
    return slice
  }

  /// Reads an unsigned integer of 1 to 8 bytes, most significant byte first.
  public mutating func bigEndian(bytes count: Int, _ field: StaticString) throws(WireError) -> UInt64 {
    let slice = try bytes(count, field)
    var value: UInt64 = 0
    for index in slice.indices { value = value << 8 | UInt64(slice[index]) }
    return value
  }

  /// Reads an unsigned integer of 1 to 8 bytes, least significant byte first.
  public mutating func littleEndian(bytes count: Int, _ field: StaticString) throws(WireError) -> UInt64 {
    let slice = try bytes(count, field)
    var value: UInt64 = 0
    for index in slice.indices.reversed() { value = value << 8 | UInt64(slice[index]) }
    return value
  }

  /// Reads `count` bytes (1 to 9) of packed decimal, two digits a byte, most significant first.
  ///
  /// - Throws: ``WireError`` with reason `value` at the first nibble above 9.
  public mutating func packedDecimal(bytes count: Int, _ field: StaticString) throws(WireError) -> UInt64 {
    let start = offset
    let slice = try bytes(count, field)
    var value: UInt64 = 0
    for index in slice.indices {
      let high = slice[index] >> 4
      let low = slice[index] & 0x0F
      guard high <= 9, low <= 9 else { throw WireError(.value, at: start + index, field: field) }
      value = value * 100 + UInt64(high) * 10 + UInt64(low)
    }
    return value
  }
}
