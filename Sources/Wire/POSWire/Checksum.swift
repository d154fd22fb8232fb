/// Exclusive or over bytes: the LRC of Concert, Transbank and ECR17 links (specs/terminals.md §1).
public struct XORChecksum: Sendable, Equatable {
  /// The check byte of everything fed so far.
  public private(set) var value: UInt8

  /// Starts from `seed`: 0 for most links, 0x7F for ECR17.
  public init(seed: UInt8 = 0) { value = seed }

  /// Feeds one byte.
  public mutating func update(_ byte: UInt8) { value ^= byte }

  /// The check byte of `bytes`.
  public static func of(_ bytes: Span<UInt8>, seed: UInt8 = 0) -> UInt8 {
    var sum = XORChecksum(seed: seed)
    for index in bytes.indices { sum.update(bytes[index]) }
    return sum.value
  }
}

/// CRC-16/KERMIT: polynomial 0x1021 reflected, initial value 0, no final xor.
///
/// ZVT calls it by another name, but every capture is this one (specs/terminals.md §2.2). The check value
/// over the ASCII digits 1 to 9 is 0x2189.
public struct CRC16Kermit: Sendable, Equatable {
  /// The checksum of everything fed so far.
  public private(set) var value: UInt16 = 0

  /// Starts a new checksum.
  public init() {}

  /// Feeds one byte.
  public mutating func update(_ byte: UInt8) {
    var register = value ^ UInt16(byte)
    for _ in 0..<8 {
      register = register & 1 == 1 ? register >> 1 ^ 0x8408 : register >> 1
    }
    value = register
  }

  /// The checksum of `bytes`.
  public static func of(_ bytes: Span<UInt8>) -> UInt16 {
    var sum = CRC16Kermit()
    for index in bytes.indices { sum.update(bytes[index]) }
    return sum.value
  }
}
