import Foundation

/// An answer with each of its fields, at any depth, made wrong in each way.
enum AnswerVariants {
  /// What stands in a field's place, as JSON; `nil` takes the field away.
  static let values: [String?] = [
    nil, "null", "true", "-1", "9223372036854775808", "1e400", "\"\"", "[]", "{}", "[null]",
    "\"" + String(repeating: "y", count: 20_000) + "\"",
  ]

  /// Name and body of each variant.
  static func of(_ answer: [UInt8]) -> [(place: String, body: String)] {
    let document =
      (try? JSONSerialization.jsonObject(with: Data(answer), options: .fragmentsAllowed)) ?? [String: Any]()
    return paths(in: document).flatMap { path in
      values.compactMap { value in
        guard let changed = replace(path[...], in: document, by: value == nil ? nil : mark),
          let data = try? JSONSerialization.data(withJSONObject: changed, options: .fragmentsAllowed)
        else { return value == nil && path.isEmpty ? ("all is missing", "") : nil }
        let body = String(decoding: data, as: UTF8.self).replacingOccurrences(
          of: "\"\(mark)\"", with: value ?? "")
        return ("\(path.joined(separator: ".")) = \((value ?? "missing").prefix(30))", body)
      }
    }
  }

  private static let mark = "the-field-at-fault"

  /// The way to every field and element; of a list, to its first element only.
  private static func paths(in document: Any) -> [[String]] {
    switch document {
    case let object as [String: Any]:
      return [[]]
        + object.sorted { $0.key < $1.key }.flatMap { name, value in
          paths(in: value).map { [name] + $0 }
        }
    case let list as [Any]: return [[]] + (list.first.map { paths(in: $0).map { ["0"] + $0 } } ?? [])
    default: return [[]]
    }
  }

  private static func replace(_ path: ArraySlice<String>, in document: Any, by value: String?) -> Any? {
    guard let name = path.first else { return value }
    if var object = document as? [String: Any] {
      object[name] = object[name].flatMap { replace(path.dropFirst(), in: $0, by: value) }
      return object
    }
    guard var list = document as? [Any], let first = list.first else { return document }
    if let changed = replace(path.dropFirst(), in: first, by: value) {
      list[0] = changed
    } else {
      list.removeFirst()
    }
    return list
  }
}
