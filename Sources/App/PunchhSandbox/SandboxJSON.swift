/// JSON as the sandbox sees it: numbers keep their text, so that `9`, `9.0` and `9.00` can be told apart.
enum SandboxJSON: Equatable, Sendable {
  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([SandboxJSON])
  case object([Member])

  struct Member: Equatable, Sendable {
    var name: String
    var value: SandboxJSON
  }

  /// The first member of this name; `nil` for absent ones and for anything but an object.
  subscript(name: String) -> SandboxJSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// A string, or a number as its text.
  var text: String? {
    switch self {
    case .string(let text), .number(let text): text
    default: nil
    }
  }

  var integer: Int64? { text.flatMap { Int64($0) } }

  var elements: [SandboxJSON]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// Hundredths, from a number or a string with at most two decimals.
  var hundredths: Int64? {
    guard let text else { return nil }
    let isNegative = text.hasPrefix("-")
    let parts = text.dropFirst(isNegative ? 1 : 0).split(separator: ".", omittingEmptySubsequences: false)
    guard let first = parts.first, let whole = Int64(first), whole >= 0, whole < 1_000_000_000_000 else {
      return nil
    }
    let fraction = parts.count == 2 ? parts[1] : "00"
    guard parts.count <= 2, (1...2).contains(fraction.count),
      fraction.allSatisfy({ $0.isASCII && $0.isNumber })
    else {
      return nil
    }
    let padded = fraction + String(repeating: "0", count: 2 - fraction.count)
    let value = whole * 100 + (Int64(padded) ?? 0)
    return isNegative ? -value : value
  }

  /// `true` for a number written with exactly two decimals.
  var isExactAmount: Bool {
    guard case .number(let text) = self, let point = text.firstIndex(of: ".") else { return false }
    return text[point...].count == 3 && hundredths != nil
  }

  /// Every number as a string: what some installations of the real server do.
  var retyped: SandboxJSON {
    switch self {
    case .number(let text): .string(text)
    case .array(let elements): .array(elements.map(\.retyped))
    case .object(let members): .object(members.map { Member(name: $0.name, value: $0.value.retyped) })
    default: self
    }
  }
}

extension SandboxJSON: ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
  init(stringLiteral value: String) { self = .string(value) }
  init(integerLiteral value: Int64) { self = .number(String(value)) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(nilLiteral: ()) { self = .null }
  init(arrayLiteral elements: SandboxJSON...) { self = .array(elements) }
  init(dictionaryLiteral elements: (String, SandboxJSON)...) {
    self = .object(elements.map { Member(name: $0.0, value: $0.1) })
  }

  /// A number of hundredths as Ruby prints a float: `5.0`, `2.86`.
  static func float(_ hundredths: Int64) -> SandboxJSON {
    let digits = String(hundredths.magnitude % 100)
    let fraction = digits.count == 2 ? digits : "0" + digits
    let shown = fraction.hasSuffix("0") ? String(fraction.dropLast()) : fraction
    return .number("\(hundredths < 0 ? "-" : "")\(hundredths.magnitude / 100).\(shown)")
  }

  static func integer(_ value: some BinaryInteger) -> SandboxJSON { .number(String(value)) }
}

// MARK: - Text

extension SandboxJSON {
  /// The document in UTF-8.
  var bytes: [UInt8] { Array(document.utf8) }

  private var document: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number(let text): text
    case .string(let text): Self.quoted(text)
    case .array(let elements): "[" + elements.map(\.document).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0.name) + ":" + $0.value.document }.joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\n": result += "\\n"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// Reads one document; `nil` when it is none, or is nested deeper than 16.
  init?(parsing bytes: [UInt8]) {
    var parser = Parser(bytes: bytes)
    guard let value = parser.value(depth: 0), parser.skipSpace() == nil else { return nil }
    self = value
  }

  private struct Parser {
    let bytes: [UInt8]
    var index = 0

    /// The next byte that is no white space; `nil` at the end.
    mutating func skipSpace() -> UInt8? {
      while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
      return index < bytes.count ? bytes[index] : nil
    }

    private mutating func take(_ word: String) -> Bool {
      guard bytes[index...].starts(with: word.utf8) else { return false }
      index += word.utf8.count
      return true
    }

    mutating func value(depth: Int) -> SandboxJSON? {
      guard depth < 16, let first = skipSpace() else { return nil }
      switch first {
      case UInt8(ascii: "{"): return object(depth: depth)
      case UInt8(ascii: "["): return array(depth: depth)
      case UInt8(ascii: "\""): return string().map { .string($0) }
      case UInt8(ascii: "t"): return take("true") ? .bool(true) : nil
      case UInt8(ascii: "f"): return take("false") ? .bool(false) : nil
      case UInt8(ascii: "n"): return take("null") ? .null : nil
      default: return number()
      }
    }

    private mutating func object(depth: Int) -> SandboxJSON? {
      index += 1
      var members: [Member] = []
      if skipSpace() == UInt8(ascii: "}") {
        index += 1
        return .object([])
      }
      while true {
        guard skipSpace() == UInt8(ascii: "\""), let name = string(), skipSpace() == UInt8(ascii: ":") else {
          return nil
        }
        index += 1
        guard let value = value(depth: depth + 1), let next = skipSpace() else { return nil }
        members.append(Member(name: name, value: value))
        index += 1
        if next == UInt8(ascii: "}") { return .object(members) }
        guard next == UInt8(ascii: ",") else { return nil }
      }
    }

    private mutating func array(depth: Int) -> SandboxJSON? {
      index += 1
      var elements: [SandboxJSON] = []
      if skipSpace() == UInt8(ascii: "]") {
        index += 1
        return .array([])
      }
      while true {
        guard let value = value(depth: depth + 1), let next = skipSpace() else { return nil }
        elements.append(value)
        index += 1
        if next == UInt8(ascii: "]") { return .array(elements) }
        guard next == UInt8(ascii: ",") else { return nil }
      }
    }

    private mutating func number() -> SandboxJSON? {
      let start = index
      func isDigit(_ at: Int) -> Bool { at < bytes.count && (0x30...0x39).contains(bytes[at]) }
      if bytes[index] == UInt8(ascii: "-") { index += 1 }
      guard isDigit(index) else { return nil }
      let leadingZero = bytes[index] == UInt8(ascii: "0")
      while isDigit(index) { index += 1 }
      let whole = start + (bytes[start] == UInt8(ascii: "-") ? 1 : 0)
      guard !leadingZero || index == whole + 1 else { return nil }
      if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
        index += 1
        guard isDigit(index) else { return nil }
        while isDigit(index) { index += 1 }
      }
      if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
        index += 1
        if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
          index += 1
        }
        guard isDigit(index) else { return nil }
        while isDigit(index) { index += 1 }
      }
      return .number(String(decoding: bytes[start..<index], as: UTF8.self))
    }

    private mutating func string() -> String? {
      index += 1
      var units: [UInt8] = []
      while index < bytes.count {
        let byte = bytes[index]
        index += 1
        switch byte {
        case UInt8(ascii: "\""): return String(validating: units, as: UTF8.self)
        case 0..<0x20: return nil
        case UInt8(ascii: "\\"):
          guard index < bytes.count else { return nil }
          let escape = bytes[index]
          index += 1
          switch escape {
          case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): units.append(escape)
          case UInt8(ascii: "b"): units.append(0x08)
          case UInt8(ascii: "f"): units.append(0x0C)
          case UInt8(ascii: "n"): units.append(0x0A)
          case UInt8(ascii: "r"): units.append(0x0D)
          case UInt8(ascii: "t"): units.append(0x09)
          case UInt8(ascii: "u"):
            guard let scalar = escapedScalar() else { return nil }
            units += Array(String(Character(scalar)).utf8)
          default: return nil
          }
        default: units.append(byte)
        }
      }
      return nil
    }

    private mutating func escapedScalar() -> Unicode.Scalar? {
      guard let first = hexUnit() else { return nil }
      guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) }
      guard index + 1 < bytes.count, take("\\u"), let second = hexUnit(), (0xDC00..<0xE000).contains(second)
      else { return nil }
      return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private mutating func hexUnit() -> UInt32? {
      guard index + 4 <= bytes.count else { return nil }
      defer { index += 4 }
      let digits = String(decoding: bytes[index..<(index + 4)], as: UTF8.self)
      return digits.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2D }) ? UInt32(digits, radix: 16) : nil
    }
  }
}
