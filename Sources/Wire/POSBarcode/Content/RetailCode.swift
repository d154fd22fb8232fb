/// The digits of an EAN or UPC symbol, and what can be told from them (specs/scanners.md §3.4).
///
///     let code = RetailCode(symbology: .upcE, digits: "01234565".utf8)
///     code?.gtin14       // 00012345000065
///
/// The digits stay as the scanner sent them; everything else is computed.
public struct RetailCode: Sendable, Equatable {
  /// What the digits are of. ``ambiguous8`` is eight digits that an EAN-8 has as well as a UPC-E,
  /// ``ambiguous7`` seven that two different UPC-E have.
  public enum Kind: UInt8, Sendable {
    case upcA, upcE, ean8, ean13
    /// Eight digits without an identifier that tells. The first digit proves nothing.
    case ambiguous8
    /// Seven digits of a UPC-E of which the last fits as check digit: six digits and that, or the number
    /// system and six digits.
    case ambiguous7

    /// The name used on the command line.
    public var name: StaticString {
      switch self {
      case .upcA: "upc-a"
      case .upcE: "upc-e"
      case .ean8: "ean-8"
      case .ean13: "ean-13"
      case .ambiguous8: "ean-8-or-upc-e"
      case .ambiguous7: "upc-e-of-seven-digits"
      }
    }
  }

  /// What the digits are of.
  public let kind: Kind
  /// The primary digits, ASCII, as sent: 13, 12, 8, or 6 to 8 for a UPC-E.
  public let digits: [UInt8]
  /// The digits of an add-on: 2, 5 or none.
  public let addOn: [UInt8]

  /// Reads the data of a retail symbol; `nil` for what is none. Where the length leaves room, the last 2 or 5
  /// digits are an add-on.
  ///
  /// - Parameters:
  ///   - symbology: what is known; ``Symbology/unknown`` reads 13 digits as EAN-13 and 12 as UPC-A.
  ///   - digits: ASCII digits.
  public init?(symbology: Symbology, digits: some Collection<UInt8>) {
    let digits = Array(digits)
    guard digits.count <= 18, digits.allSatisfy({ Digits.value($0) != nil }) else { return nil }
    let count = digits.count
    let kind: Kind
    let primary: Int
    switch (symbology, count) {
    case (.ean13, 13), (.ean13, 15), (.ean13, 18): (kind, primary) = (.ean13, 13)
    case (.upcA, 12), (.upcA, 14), (.upcA, 17): (kind, primary) = (.upcA, 12)
    // Datalogic sends a UPC-A with the zero that makes it an EAN-13.
    case (.upcA, 13): (kind, primary) = (.ean13, 13)
    case (.ean8, 8), (.ean8, 10), (.ean8, 13): (kind, primary) = (.ean8, 8)
    case (.upcE, 6), (.upcE, 7), (.upcE, 8): (kind, primary) = (.upcE, count)
    case (.upcE, 10), (.upcE, 13): (kind, primary) = (.upcE, 8)
    case (.unknown, 13): (kind, primary) = (.ean13, 13)
    case (.unknown, 12): (kind, primary) = (.upcA, 12)
    case (.unknown, 8): (kind, primary) = (.ambiguous8, 8)
    default: return nil
    }
    let sent = Array(digits[..<primary])
    self.digits = sent
    addOn = Array(digits[primary...])
    guard kind == .upcE, primary >= 7 else {
      self.kind = kind
      return
    }
    // Number system 0 or 1 is all that a UPC-E has. Of seven digits the last may be the check digit, and what
    // is missing the number system, which is 0 then.
    let mayBeginWithSystem = sent[0] <= 0x31
    let mayEndWithCheck = primary == 7 && Self.expand(Array(sent[..<6]))?.last == sent[6]
    guard mayBeginWithSystem || mayEndWithCheck else { return nil }
    self.kind = mayBeginWithSystem && mayEndWithCheck ? .ambiguous7 : .upcE
  }

  /// Whether the digits are six and the check digit.
  private var lacksSystem: Bool { digits.count == 7 && digits[0] > 0x31 }

  /// Whether the check digit fits; `nil` where none was sent or it depends on what the code is.
  public var hasValidCheckDigit: Bool? {
    switch kind {
    case .upcA, .ean8, .ean13: CheckDigit.isValid(digits)
    case .upcE where lacksSystem: true
    case .upcE: digits.count == 8 ? upcA.map { CheckDigit.isValid($0) } ?? false : nil
    case .ambiguous8, .ambiguous7: nil
    }
  }

  /// The twelve digits of the UPC-A that this is, or is a short form of; `nil` for others.
  public var upcA: [UInt8]? {
    switch kind {
    case .upcA: digits
    case .upcE: Self.expand(lacksSystem ? Array(digits[..<6]) : digits)
    case .ean13: digits[0] == 0x30 ? Array(digits.dropFirst()) : nil
    case .ean8, .ambiguous8, .ambiguous7: nil
    }
  }

  /// The fourteen digits under which articles are kept; `nil` for digits that may be two things.
  public var gtin14: [UInt8]? {
    let number: [UInt8]
    switch kind {
    case .ean13, .ean8, .upcA: number = digits
    case .upcE:
      guard let expanded = upcA else { return nil }
      number = expanded
    case .ambiguous8, .ambiguous7: return nil
    }
    return [UInt8](repeating: 0x30, count: 14 - number.count) + number
  }

  /// The readings of eight ambiguous digits whose check digit fits: none, one or both. Of seven both are a
  /// UPC-E. Otherwise what it is.
  public var readings: [Kind] {
    if kind == .ambiguous7 { return [.upcE, .upcE] }
    guard kind == .ambiguous8 else { return [kind] }
    var readings: [Kind] = []
    if CheckDigit.isValid(digits) { readings.append(.ean8) }
    if digits[0] <= 0x31, let expanded = Self.expand(digits), CheckDigit.isValid(expanded) {
      readings.append(.upcE)
    }
    return readings
  }

  /// The eight digits of a UPC-E from its number system, 0 or 1, and its six digits; `nil` where they are
  /// none.
  public static func upcE(numberSystem: UInt8, digits: [UInt8]) -> [UInt8]? {
    guard numberSystem <= 1, digits.count == 6, digits.allSatisfy({ Digits.value($0) != nil }) else {
      return nil
    }
    let short = [0x30 + numberSystem] + digits
    return expand(short)?.last.map { short + [$0] }
  }

  /// The UPC-A behind a UPC-E of 6 digits, 7 with the number system, or 8 with the check digit too. What is not
  /// there is 0 and computed.
  static func expand(_ upcE: [UInt8]) -> [UInt8]? {
    let zero: UInt8 = 0x30
    let system = upcE.count == 6 ? zero : upcE[0]
    let body = upcE.count == 6 ? upcE : Array(upcE[1..<7])
    var result: [UInt8] = [system]
    switch body[5] {
    case 0x30...0x32:
      result += [body[0], body[1], body[5], zero, zero, zero, zero, body[2], body[3], body[4]]
    case 0x33: result += [body[0], body[1], body[2], zero, zero, zero, zero, zero, body[3], body[4]]
    case 0x34: result += [body[0], body[1], body[2], body[3], zero, zero, zero, zero, zero, body[4]]
    default: result += [body[0], body[1], body[2], body[3], body[4], zero, zero, zero, zero, body[5]]
    }
    if upcE.count == 8 { return result + [upcE[7]] }
    return CheckDigit.mod10(result).map { result + [$0] }
  }
}

// MARK: - Books, periodicals, store codes

extension RetailCode {
  /// What the first digits of an EAN-13 say the number is.
  public enum Meaning: Sendable, Equatable {
    /// An article.
    case article
    /// A book: the ten characters of the ISBN-10, or `nil` for 979 which has none.
    case book(isbn10: [UInt8]?)
    /// A periodical: the eight characters of the ISSN.
    case periodical(issn: [UInt8])
    /// The second line of a Japanese book: four digits of class, and the price in yen.
    case japaneseBookPrice(classification: [UInt8], yen: Int)
    /// A number of the store's own, often with a weight or price in it: how is the store's business.
    case storeDefined
  }

  /// What the number is; ``Meaning/article`` where nothing says otherwise.
  public var meaning: Meaning {
    if kind == .upcA { return digits[0] == 0x32 ? .storeDefined : .article }
    guard kind == .ean13 else { return .article }
    let prefix = (digits[0], digits[1], digits[2])
    switch prefix {
    case (0x39, 0x37, 0x38):
      let body = digits[3..<12]
      return .book(isbn10: CheckDigit.isbn10(body).map { Array(body) + [$0] })
    // 979-0 are sheets of music, whose number is another.
    case (0x39, 0x37, 0x39): return digits[3] == 0x30 ? .article : .book(isbn10: nil)
    case (0x39, 0x37, 0x37):
      let body = digits[3..<10]
      return CheckDigit.issn(body).map { .periodical(issn: Array(body) + [$0]) } ?? .article
    case (0x31, 0x39, 0x32):
      let yen = digits[7..<12].reduce(0) { $0 * 10 + Int($1 & 0x0F) }
      return .japaneseBookPrice(classification: Array(digits[3..<7]), yen: yen)
    case (0x32, _, _), (0x30, 0x32, _): return .storeDefined
    default: return .article
    }
  }
}
