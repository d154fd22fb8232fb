internal import FoundationEssentials
public import POSModel

/// One value of an answer, whatever JSON type it came in: the documents and their examples disagree on types
/// (specs/punchh.md §4.1, §5.2, §12).
enum LenientValue: Decodable {
  case absent
  case bool(Bool)
  /// A number or a text, as text. Numbers never pass through `Double`.
  case text(String)

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .absent
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .text(String(value))
    } else {
      self = .text(try container.decode(Decimal.self).description)
    }
  }

  /// Text for people or an id: numbers and booleans read as their text.
  var text: String? {
    switch self {
    case .absent: nil
    case .bool(let value): value ? "true" : "false"
    case .text(let text): text
    }
  }
}

/// Absent, `null`, one element or many: a list. Elements that are `null` are dropped.
struct LenientList<Element: Decodable>: Decodable {
  /// Elements of one list, at most.
  static var limit: Int { 1000 }

  var elements: [Element]

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard !container.decodeNil() else {
      elements = []
      return
    }
    if var list = try? decoder.unkeyedContainer() {
      elements = []
      while !list.isAtEnd {
        guard try !list.decodeNil() else { continue }
        guard elements.count < Self.limit else {
          throw DecodingError.dataCorruptedError(
            in: list, debugDescription: "more than \(Self.limit) elements")
        }
        elements.append(try list.decode(Element.self))
      }
    } else {
      elements = [try container.decode(Element.self)]
    }
  }
}

/// An element that is read where it can be.
struct Readable<Value: Decodable>: Decodable {
  var value: Value?

  init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
}

/// A decimal number of an answer, as it came: answers do not name their currency.
public struct DecimalAmount: Sendable, Equatable {
  /// The number in decimal digits.
  public let text: String

  init(text: String) { self.text = text }

  /// The number of `minorUnits` of a currency.
  public init(minorUnits: Int64, currency: Currency) {
    text = String(decoding: JSONText.amount(minorUnits, decimals: currency.exponent).bytes, as: UTF8.self)
  }

  /// The minor units of `currency`, the nearest; `nil` when it is no plain decimal or too large.
  public func minorUnits(in currency: Currency) -> Int64? {
    DecimalText.minorUnits(text, decimals: currency.exponent, rounding: .nearest)
  }
}

/// Texts wherever they stand: alone, in a list, or as the values of an object.
///
/// This reads `message` of a discount and every error shape of specs/punchh.md §3.1.
struct LenientMessages: Decodable {
  /// Names and elements of one object or list that are looked at.
  private static var limit: Int { 20 }

  var texts: [String]

  private struct AnyName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    texts = []
    // No real message is nested this deep.
    guard decoder.codingPath.count < 10 else { return }
    if let object = try? decoder.container(keyedBy: AnyName.self) {
      let names = object.allKeys.sorted { $0.stringValue < $1.stringValue }
      // A machine code beside a message says nothing to people.
      let hasMessage = names.contains { $0.stringValue == "message" }
      for name in names.prefix(Self.limit) where !hasMessage || name.stringValue != "code" {
        texts += try object.decode(LenientMessages.self, forKey: name).texts
      }
    } else if var list = try? decoder.unkeyedContainer() {
      for _ in 0..<Self.limit where !list.isAtEnd {
        texts += try list.decode(LenientMessages.self).texts
      }
    } else if let text = try LenientValue(from: decoder).text {
      texts = [text]
    }
  }
}

extension KeyedDecodingContainer {
  /// Text, number or boolean as text; `nil` when absent or `null`.
  func text(_ key: Key) throws -> String? {
    try decodeIfPresent(LenientValue.self, forKey: key)?.text
  }

  /// Text, number or boolean as text; `nil` also for what is none of these.
  ///
  /// For members that a call can do without: a server that adds, drops or retypes them breaks nothing.
  func known(_ key: Key) -> String? {
    guard let text = (try? text(key)) ?? nil, !text.isEmpty, text != "null", text.utf8.count <= 4096 else {
      return nil
    }
    return text
  }

  /// A decimal number that a call can do without.
  func knownAmount(_ key: Key) -> DecimalAmount? { known(key).map { DecimalAmount(text: $0) } }

  /// A number that a call can do without; texts and fractions as in ``integer(_:)``.
  func knownInteger(_ key: Key) -> Int? { (try? integer(key)) ?? nil }

  /// A boolean that a call can do without.
  func knownBool(_ key: Key) -> Bool? { (try? bool(key)) ?? nil }

  /// A list that a call can do without: elements that cannot be read are dropped.
  func knownList<Element: Decodable>(_ key: Key, of: Element.Type) -> [Element] {
    let list = try? decodeIfPresent(LenientList<Readable<Element>>.self, forKey: key)
    return list?.elements.compactMap(\.value) ?? []
  }

  /// Text that people read: without control characters, clipped to `limit` characters.
  func display(_ key: Key, limit: Int = 200) throws -> String {
    DisplayText.clean(try text(key) ?? "", limit: limit)
  }

  /// A text that identifies something: 1 to 128 characters without control characters.
  func id(_ key: Key) throws -> String {
    guard let id = try text(key), (1...128).contains(id.unicodeScalars.count),
      id.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
    else {
      throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "no id")
    }
    return id
  }

  /// Boolean, 0 or 1, as such or as text; `nil` when absent or empty.
  func bool(_ key: Key) throws -> Bool? {
    switch try text(key)?.lowercased() {
    case nil, "", "null": return nil
    case "1", "true", "yes": return true
    case "0", "false", "no": return false
    default: throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "no boolean")
    }
  }

  /// A whole number, as such or as text, fractions cut off; `nil` when absent or empty.
  func integer(_ key: Key) throws -> Int? {
    try amount(key, decimals: 0, rounding: .down).flatMap { Int(exactly: $0) }
  }

  /// Minor units of a decimal number, as such or as text; `nil` when absent or empty.
  ///
  /// Digits beyond the currency's decimals are rounded to the nearest: servers compute with binary fractions.
  func amount(_ key: Key, decimals: Int, rounding: DecimalText.Rounding = .nearest) throws -> Int64? {
    guard let text = try text(key), !text.isEmpty, text != "null" else { return nil }
    guard let value = DecimalText.minorUnits(text, decimals: decimals, rounding: rounding) else {
      throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "no amount")
    }
    return value
  }

  /// A list; absent, `null` and `[]` are empty, one element stands for itself.
  func list<Element: Decodable>(_ key: Key, of: Element.Type) throws -> [Element] {
    try decodeIfPresent(LenientList<Element>.self, forKey: key)?.elements ?? []
  }

  /// The texts of a message, joined.
  func message(_ key: Key) throws -> String {
    DisplayText.clean(
      try decodeIfPresent(LenientMessages.self, forKey: key)?.texts.joined(separator: "; ") ?? "")
  }
}

/// Decimal numbers as text.
enum DecimalText {
  enum Rounding { case nearest, down }

  /// Amounts are below this many minor units, so that a thousand of them still add up.
  static let limit: Int64 = 1_000_000_000_000

  /// Minor units of `text`, as in `-12.5`; `nil` when it is no plain decimal or too large.
  static func minorUnits(_ text: String, decimals: Int, rounding: Rounding) -> Int64? {
    var digits = text.utf8[...]
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative { digits = digits.dropFirst() }
    let parts = digits.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, !first.isEmpty, parts.count == 1 || !parts[1].isEmpty else { return nil }
    let whole = Array(first)
    let fraction = parts.count == 2 ? Array(parts[1]) : []
    guard whole.count + fraction.count <= 160, (whole + fraction).allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    var value: Int64 = 0
    for index in 0..<(whole.count + decimals) {
      let offset = index - whole.count
      let digit = offset < 0 ? whole[index] : offset < fraction.count ? fraction[offset] : 0x30
      value = value * 10 + Int64(digit - 0x30)
      guard value < limit else { return nil }
    }
    if rounding == .nearest, fraction.count > decimals, fraction[decimals] >= UInt8(ascii: "5") { value += 1 }
    return isNegative ? -value : value
  }
}

/// A server's text on its way to a display, a printer or a log.
enum DisplayText {
  /// `text` without control characters other than line feeds, clipped.
  static func clean(_ text: String, limit: Int = 200) -> String {
    let scalars = text.unicodeScalars.lazy.filter { scalar in
      scalar == "\n" || scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
    }
    return String(String.UnicodeScalarView(scalars.prefix(limit)))
  }
}
