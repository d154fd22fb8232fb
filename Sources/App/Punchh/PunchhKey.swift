public import POSModel

/// The number of one receipt: 39 bits, written as 12 decimal digits (specs/punchh.md §1).
public struct PunchhKey: Sendable, Hashable {
  /// Bits of a key: 22 of the check, 13 of the location, 4 of checksum.
  public static let bitCount = 39
  /// The largest key, 549755813887.
  public static let max = PunchhKey(unchecked: 1 << 39 - 1)

  /// The number, below 2^39.
  public let value: UInt64

  /// The key with this number, or `nil` when 39 bits do not hold it.
  public init?(value: UInt64) {
    guard value >> Self.bitCount == 0 else { return nil }
    self.value = value
  }

  /// Reads 12 digits, or 11 where a leading zero was lost (specs/punchh.md §1.2).
  public init?(decimal text: some StringProtocol) {
    let digits = text.utf8
    guard digits.count == 11 || digits.count == 12, digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let value = UInt64(text)
    else { return nil }
    self.init(value: value)
  }

  private init(unchecked value: UInt64) { self.value = value }

  /// The 13 digits of the printed bar code: the key and the check digit of EAN-13.
  public var ean13: String {
    let digits = description
    var sum = 0
    for (index, digit) in digits.utf8.enumerated() {
      sum += Int(digit - 0x30) * (index.isMultiple(of: 2) ? 1 : 3)
    }
    return digits + String((10 - sum % 10) % 10)
  }
}

extension PunchhKey: CustomStringConvertible {
  /// 12 digits, with leading zeros.
  public var description: String {
    let digits = String(value)
    return String(repeating: "0", count: 12 - digits.count) + digits
  }
}

extension PunchhKey: Codable {
  /// Reads the decimal text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let key = PunchhKey(decimal: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a key of 12 digits")
    }
    self = key
  }

  /// Writes 12 digits.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// What a key is made from.
public struct KeySource: Sendable, Equatable {
  /// The till's number for the check.
  public var checkID: String
  /// The running number of the check at its location.
  public var counter: UInt64

  /// A source from its parts.
  public init(checkID: String, counter: UInt64) {
    self.checkID = checkID
    self.counter = counter
  }
}

/// What a key is made of.
public struct KeyParts: Sendable, Equatable {
  /// The check's part, 22 bits, as it stands in the key.
  public var rBits: UInt32
  /// The location's short key, 13 bits.
  public var shortKey: Int
  /// The checksum, 4 bits.
  public var cBits: UInt8

  /// Parts of a key.
  public init(rBits: UInt32, shortKey: Int, cBits: UInt8) {
    self.rBits = rBits
    self.shortKey = shortKey
    self.cBits = cBits
  }
}

/// Makes and checks receipt keys.
///
/// The real algorithm is PAR's and is told to partners only: an integrator fills this protocol with code, or
/// ``KeyScheme`` with data.
public protocol PunchhKeyCodec: Sendable {
  /// The name, for messages.
  var name: String { get }
  /// Whether real servers do not know these keys.
  var isForSandboxOnly: Bool { get }

  /// The key of a check at the location with `shortKey`, 0 to 8191.
  ///
  /// - Throws: `input.malformed` when `shortKey` is outside its range.
  func encode(_ source: KeySource, shortKey: Int) throws(DeviceError) -> PunchhKey

  /// The parts of `key`; `nil` when its checksum does not fit.
  func decode(_ key: PunchhKey) -> KeyParts?
}

extension PunchhKeyCodec {
  /// Whether `key` has the right checksum and belongs to the location with `shortKey`.
  public func isValid(_ key: PunchhKey, shortKey: Int) -> Bool {
    decode(key)?.shortKey == shortKey
  }
}
