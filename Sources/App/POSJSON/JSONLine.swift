/// A JSON value. Numbers are whole: this project prints no others.
public indirect enum JSONValue {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A whole number.
  case number(Int64)
  /// Text.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// An object.
  case object(JSONLine)
}

/// One line of `--json` output: an object whose members keep the order they were written in.
///
/// Encoders of the standard kind sort or shuffle keys; a technician reads `type` first.
public struct JSONLine: ExpressibleByDictionaryLiteral {
  /// One key and its value.
  public struct Member {
    /// The key.
    public var key: String
    /// The value.
    public var value: JSONValue
  }

  /// The members, in order.
  public private(set) var members: [Member]

  /// An object of these members.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    members = elements.map { Member(key: $0.0, value: $0.1) }
  }

  /// Sets or appends one member.
  public subscript(key: String) -> JSONValue {
    get { members.first { $0.key == key }?.value ?? .null }
    set {
      if let index = members.firstIndex(where: { $0.key == key }) {
        members[index].value = newValue
      } else {
        members.append(Member(key: key, value: newValue))
      }
    }
  }

  /// Whether there is a member `key`.
  public func contains(_ key: String) -> Bool { members.contains { $0.key == key } }

  /// A value as JSON text.
  public static func text(of value: JSONValue) -> String {
    var text = ""
    write(value, to: &text)
    return text
  }

  /// The object as one line of text, without a line feed.
  public var text: String {
    var text = ""
    Self.write(self, to: &text)
    return text
  }

  private static func write(_ line: JSONLine, to text: inout String) {
    text += "{"
    for (index, member) in line.members.enumerated() {
      if index > 0 { text += "," }
      write(member.key, to: &text)
      text += ":"
      write(member.value, to: &text)
    }
    text += "}"
  }

  private static func write(_ value: JSONValue, to text: inout String) {
    switch value {
    case .null: text += "null"
    case .bool(let bool): text += bool ? "true" : "false"
    case .number(let number): text += String(number)
    case .string(let string): write(string, to: &text)
    case .object(let line): write(line, to: &text)
    case .array(let values):
      text += "["
      for (index, value) in values.enumerated() {
        if index > 0 { text += "," }
        write(value, to: &text)
      }
      text += "]"
    }
  }

  /// Quotes by RFC 8259 §7; everything above ASCII control characters stands for itself.
  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral
{
  /// A value as it is written in Swift.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A value as it is written in Swift.
  public init(integerLiteral value: Int64) { self = .number(value) }
  /// A value as it is written in Swift.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A value as it is written in Swift.
  public init(nilLiteral: ()) { self = .null }
  /// A value as it is written in Swift.
  public init(arrayLiteral elements: Self...) { self = .array(elements) }

  /// A string, or null.
  public init(_ string: String?) { self = string.map(Self.string) ?? .null }
  /// A number, or null.
  public init(_ number: (some BinaryInteger)?) { self = number.map { .number(Int64(clamping: $0)) } ?? .null }
}
