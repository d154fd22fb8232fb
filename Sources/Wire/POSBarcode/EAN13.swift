public import POSWire

/// An EAN-13 symbol: thirteen digits and the 95 modules they make (specs/escpos.md §2.7, EAN-13 geometry).
///
///     let symbol = try EAN13(ascii: digits.span)        // 12 digits, or 13 with a check digit that must fit
///     let picture = try symbol.bitmap(module: 3, height: 208)
///
/// Modules are whole dots, so every bar of one width has exactly that width. UPC-A is the same symbol with
/// a zero in front.
public struct EAN13: Sendable, Equatable {
  /// Modules from the first to the last guard bar.
  public static let moduleCount = 95
  /// White modules that must stand left of the first bar.
  public static let leftQuietZone = 11
  /// White modules that must stand right of the last bar.
  public static let rightQuietZone = 7
  /// Modules across the symbol with both quiet zones.
  public static let totalModules = leftQuietZone + moduleCount + rightQuietZone
  /// Modules by which guard bars run below the data bars.
  public static let guardDrop = 5

  /// The thirteen digits as ASCII, check digit last.
  public let ascii: [UInt8]

  /// Reads 12 ASCII digits and appends the check digit, or reads 13 and verifies it.
  ///
  /// - Throws: `value` at a byte that is no digit, `truncated` or `lengthOverLimit` for another count,
  ///   `checksum` at offset 12 for a wrong check digit.
  public init(ascii: Span<UInt8>) throws(WireError) {
    try self.init(ascii: ascii, padding: 0)
  }

  /// Reads a UPC-A: 11 ASCII digits, or 12 with the check digit.
  ///
  /// - Throws: as ``init(ascii:)``, with offsets in `upcA`.
  public init(upcA ascii: Span<UInt8>) throws(WireError) {
    try self.init(ascii: ascii, padding: 1)
  }

  private init(ascii: Span<UInt8>, padding: Int) throws(WireError) {
    var digits: [UInt8] = []
    digits.reserveCapacity(13)
    for _ in 0..<padding { digits.append(0x30) }
    guard ascii.count <= 13 - padding else {
      throw WireError(.lengthOverLimit, at: 13 - padding, field: "bar code digits")
    }
    for index in ascii.indices {
      guard ascii[index] >= 0x30, ascii[index] <= 0x39 else {
        throw WireError(.value, at: index, field: "bar code digit")
      }
      digits.append(ascii[index])
    }
    guard digits.count >= 12 else { throw WireError(.truncated, at: ascii.count, field: "bar code digits") }
    let check = 0x30 + Self.checkDigit(of: digits.span.extracting(0..<12))
    if digits.count == 13 {
      guard digits[12] == check else { throw WireError(.checksum, at: 12 - padding, field: "check digit") }
    } else {
      digits.append(check)
    }
    self.ascii = digits
  }

  /// The check digit of 12 digits, given as numbers or as ASCII: weights 1 and 3 from the left, complement to ten.
  public static func checkDigit(of digits: Span<UInt8>) -> UInt8 {
    var sum = 0
    for index in digits.indices { sum += Int(digits[index] & 0x0F) * (index % 2 == 0 ? 1 : 3) }
    return UInt8((10 - sum % 10) % 10)
  }

  /// The thirteen digits as numbers 0 to 9, check digit last.
  public var digits: [UInt8] { ascii.map { $0 - 0x30 } }

  private func digit(_ index: Int) -> UInt8 { ascii[index] - 0x30 }

  /// The 95 modules from the left, `true` for a bar.
  public var modules: [Bool] {
    var modules: [Bool] = []
    modules.reserveCapacity(Self.moduleCount)
    func append(_ pattern: UInt8, bits: UInt8) {
      for bit in (0..<bits).reversed() { modules.append(pattern >> bit & 1 == 1) }
    }
    append(0b101, bits: 3)
    let parity = Self.parities[Int(digit(0))]
    for index in 1...6 {
      let isG = parity >> UInt8(6 - index) & 1 == 1
      append(isG ? Self.reversed(Self.complement(digit(index))) : Self.left[Int(digit(index))], bits: 7)
    }
    append(0b01010, bits: 5)
    for index in 7...12 { append(Self.complement(digit(index)), bits: 7) }
    append(0b101, bits: 3)
    return modules
  }

  /// L codes of the digits 0 to 9, seven modules each.
  static let left: [UInt8] = [
    0b0001101, 0b0011001, 0b0010011, 0b0111101, 0b0100011,
    0b0110001, 0b0101111, 0b0111011, 0b0110111, 0b0001011,
  ]

  /// Which of the left six digits are in G code, first of them in the highest of six bits, by first digit.
  static let parities: [UInt8] = [
    0b000000, 0b001011, 0b001101, 0b001110, 0b010011, 0b011001, 0b011100, 0b010101, 0b010110, 0b011010,
  ]

  /// The R code of a digit.
  static func complement(_ digit: UInt8) -> UInt8 { ~left[Int(digit)] & 0x7F }

  /// Seven modules from the right.
  static func reversed(_ pattern: UInt8) -> UInt8 {
    var result: UInt8 = 0
    for bit in 0..<UInt8(7) where pattern >> bit & 1 == 1 { result |= 1 << (6 - bit) }
    return result
  }
}
