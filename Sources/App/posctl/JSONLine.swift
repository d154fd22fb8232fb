/// A JSON value. Numbers are whole: this project prints no others.
indirect enum JSONValue {
  case null
  case bool(Bool)
  case number(Int64)
  case string(String)
  case array([JSONValue])
  case object(JSONLine)
}

/// One line of `--json` output: an object whose members keep the order they were written in.
///
/// Encoders of the standard kind sort or shuffle keys; a technician reads `type` first.
struct JSONLine: ExpressibleByDictionaryLiteral {
  /// One key and its value.
  struct Member {
    var key: String
    var value: JSONValue
  }

  private(set) var members: [Member]

  init(dictionaryLiteral elements: (String, JSONValue)...) {
    members = elements.map { Member(key: $0.0, value: $0.1) }
  }

  /// Sets or appends one member.
  subscript(key: String) -> JSONValue {
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
  func contains(_ key: String) -> Bool { members.contains { $0.key == key } }

  /// A value as JSON text.
  static func text(of value: JSONValue) -> String {
    var text = ""
    write(value, to: &text)
    return text
  }

  /// The object as one line of text, without a line feed.
  var text: String {
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
  init(stringLiteral value: String) { self = .string(value) }
  init(integerLiteral value: Int64) { self = .number(value) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(nilLiteral: ()) { self = .null }
  init(arrayLiteral elements: Self...) { self = .array(elements) }

  /// A string, or null.
  init(_ string: String?) { self = string.map(Self.string) ?? .null }
  /// A number, or null.
  init(_ number: (some BinaryInteger)?) { self = number.map { .number(Int64(clamping: $0)) } ?? .null }
}
