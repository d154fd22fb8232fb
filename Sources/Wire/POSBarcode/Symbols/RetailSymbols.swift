public import POSWire

// EAN and UPC (GS1 General Specifications §5.2).
extension LinearSymbol {
  /// The symbol of an EAN-13.
  public init(_ symbol: EAN13) {
    self.init(
      .ean13, data: symbol.ascii, modules: symbol.modules,
      quietZones: (EAN13.leftQuietZone, EAN13.rightQuietZone), text: symbol.ascii,
      longBars: Self.ean13Guards, labelModules: Self.ean13Labels)
  }

  private static let ean13Guards: [Range<Int>] = [0..<3, 45..<50, 92..<95]
  /// The first digit in the quiet zone, each other below its code.
  private static let ean13Labels = [
    1 - EAN13.leftQuietZone, 3, 10, 17, 24, 31, 38, 50, 57, 64, 71, 78, 85,
  ]

  /// The symbol of a UPC-A, given as the EAN-13 that it is. Its first and last digits stand outside the guard bars,
  /// and their bars are long.
  init(upcA symbol: EAN13) {
    let ascii = Array(symbol.ascii[1...])
    self.init(
      .upcA, data: ascii, modules: symbol.modules, quietZones: (9, 9), text: ascii,
      longBars: [0..<10, 45..<50, 85..<95], labelModules: [-8, 10, 17, 24, 31, 38, 50, 57, 64, 71, 78, 96])
  }

  /// The symbol of 7 digits, or of 8 with the check digit.
  init(ean8 ascii: Span<UInt8>) throws(WireError) {
    let digits = try Self.checked(ascii, count: 7)
    var row = ModuleRow()
    row.append(0b101, bits: 3)
    for digit in digits[..<4] { row.append(Int(EAN13.left[Int(digit & 15)]), bits: 7) }
    row.append(0b01010, bits: 5)
    for digit in digits[4...] { row.append(Int(EAN13.complement(digit & 15)), bits: 7) }
    row.append(0b101, bits: 3)
    self.init(
      .ean8, data: digits, modules: row.modules, quietZones: (7, 7), text: digits,
      longBars: [0..<3, 31..<36, 64..<67], labelModules: [3, 10, 17, 24, 36, 43, 50, 57])
  }

  /// The short form of a UPC-A; see ``init(_:ascii:)`` for the data.
  init(upcE ascii: Span<UInt8>) throws(WireError) {
    var digits = try Self.digits(ascii)
    switch digits.count {
    case 11, 12:
      let whole = try Self.checked(ascii, count: 11)
      guard let short = Self.short(whole) else {
        throw WireError(.value, at: 0, field: "UPC-A without a short form")
      }
      digits = short
    case 6: digits = [0x30] + digits
    case 7, 8: break
    default:
      throw WireError(
        digits.count < 6 ? .truncated : .lengthOverLimit, at: digits.count, field: "UPC-E digits")
    }
    guard digits[0] <= 0x31 else { throw WireError(.value, at: 0, field: "UPC-E number system") }
    guard let whole = RetailCode.expand(Array(digits[..<7])), let check = whole.last else {
      throw WireError(.value, at: 0, field: "UPC-E digits")
    }
    if digits.count == 8 {
      guard digits[7] == check else { throw WireError(.checksum, at: 7, field: "check digit") }
    } else {
      digits.append(check)
    }
    var row = ModuleRow()
    row.append(0b101, bits: 3)
    let parity = Self.upcEParities[Int(check & 15)]
    for index in 1...6 {
      // A bit of 1 is G code with number system 0, L code with 1.
      let isG = (parity >> (6 - index) & 1 == 1) == (digits[0] == 0x30)
      let digit = digits[index] & 15
      row.append(
        Int(isG ? EAN13.reversed(EAN13.complement(digit)) : EAN13.left[Int(digit)]), bits: 7)
    }
    row.append(0b010101, bits: 6)
    self.init(
      .upcE, data: digits, modules: row.modules, quietZones: (9, 9), text: digits,
      longBars: [0..<3, 45..<51], labelModules: [-8, 3, 10, 17, 24, 31, 38, 52])
  }

  /// Which of the six digits are in G code under number system 0, by the check digit.
  static let upcEParities: [Int] = [
    0b111000, 0b110100, 0b110010, 0b110001, 0b101100, 0b100110, 0b100011, 0b101010, 0b101001, 0b100101,
  ]

  /// The number system and six digits of the short form of twelve UPC-A digits; `nil` where there is none.
  private static func short(_ upcA: [UInt8]) -> [UInt8]? {
    for last in UInt8(0x30)...0x39 {
      // The places of the six digits differ; the one expansion tells which of them fits.
      let body: [UInt8]
      switch last {
      case 0x30...0x32: body = [upcA[1], upcA[2], upcA[8], upcA[9], upcA[10], last]
      case 0x33: body = [upcA[1], upcA[2], upcA[3], upcA[9], upcA[10], last]
      case 0x34: body = [upcA[1], upcA[2], upcA[3], upcA[4], upcA[10], last]
      default: body = [upcA[1], upcA[2], upcA[3], upcA[4], upcA[5], last]
      }
      let candidate = [upcA[0]] + body
      if RetailCode.expand(candidate) == upcA { return candidate }
    }
    return nil
  }

  /// ASCII digits of any count.
  ///
  /// - Throws: `value` at another character.
  public static func digits(_ ascii: Span<UInt8>) throws(WireError) -> [UInt8] {
    for index in ascii.indices where ascii[index] < 0x30 || ascii[index] > 0x39 {
      throw WireError(.value, at: index, field: "bar code digit")
    }
    return bytes(ascii)
  }

  /// `count` ASCII digits with their check digit, appended or verified.
  private static func checked(_ ascii: Span<UInt8>, count: Int) throws(WireError) -> [UInt8] {
    let digits = try digits(ascii)
    guard digits.count >= count else {
      throw WireError(.truncated, at: digits.count, field: "bar code digits")
    }
    guard digits.count <= count + 1 else {
      throw WireError(.lengthOverLimit, at: count + 1, field: "bar code digits")
    }
    guard let check = CheckDigit.mod10(digits[..<count]) else {
      throw WireError(.value, at: 0, field: "bar code digit")
    }
    if digits.count == count { return digits + [check] }
    guard digits[count] == check else { throw WireError(.checksum, at: count, field: "check digit") }
    return digits
  }
}
