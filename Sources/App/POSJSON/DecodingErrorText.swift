extension DecodingError {
  /// Where and what is wrong, as `lines[3].amount: …`; with `root` in front, as `$.items[3].size: …`.
  public func explained(root: String = "") -> String {
    func place(_ path: [any CodingKey], _ key: (any CodingKey)? = nil) -> String {
      var text = root
      for part in path + (key.map { [$0] } ?? []) {
        text += part.intValue.map { "[\($0)]" } ?? (text.isEmpty ? "" : ".") + part.stringValue
      }
      return text.isEmpty ? "the document" : text
    }
    switch self {
    case .keyNotFound(let key, let context): return "\(place(context.codingPath, key)): it is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      return "\(place(context.codingPath)): \(context.debugDescription)"
    @unknown default: return "it does not fit the form"
    }
  }
}
