/// A key of a JSON object.
struct ReceiptKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { nil }
}

/// The members of one object of a receipt document. Whatever is not asked for is a mistake.
struct ReceiptFields {
  private let container: KeyedDecodingContainer<ReceiptKey>

  /// The object that `decoder` stands on, whatever its members.
  init(_ decoder: any Decoder) throws {
    container = try decoder.container(keyedBy: ReceiptKey.self)
  }

  /// The object that `decoder` stands on.
  ///
  /// - Throws: `DecodingError` for members that are not in `known`.
  init(_ decoder: any Decoder, known: [String]) throws {
    try self.init(decoder)
    for key in container.allKeys where !known.contains(key.stringValue) {
      throw mistake(key.stringValue, "unknown; known here are \(known.joined(separator: ", "))")
    }
  }

  /// Whether there is such a member.
  func has(_ key: String) -> Bool { container.contains(ReceiptKey(key)) }

  /// An error at a member.
  func mistake(_ key: String, _ text: String) -> DecodingError {
    .dataCorrupted(
      .init(codingPath: container.codingPath + [ReceiptKey(key)], debugDescription: text))
  }

  /// An error at the object itself.
  func mistake(_ text: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: container.codingPath, debugDescription: text))
  }

  /// A value of any kind, `nil` when it is missing.
  func value<Value: Decodable>(_ key: String, _ type: Value.Type = Value.self) throws -> Value? {
    guard has(key) else { return nil }
    return try container.decode(type, forKey: ReceiptKey(key))
  }

  /// Text of at most `limit` bytes.
  func text(_ key: String, limit: Int = ReceiptReader.textLimit) throws -> String? {
    guard let text = try value(key, String.self) else { return nil }
    guard text.utf8.count <= limit else { throw mistake(key, "more than \(limit) bytes of text") }
    return text
  }

  /// A whole number in `range`.
  func number(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
    let number: Int?
    do { number = try value(key, Int.self) } catch { throw mistake(key, "a whole number is wanted") }
    guard let number else { return nil }
    guard range.contains(number) else {
      throw mistake(key, "\(number) is not from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// `true` or `false`; `false` when it is missing.
  func flag(_ key: String) throws -> Bool { try value(key, Bool.self) ?? false }

  /// One of a few words.
  func choice<Choice>(_ key: String, among choices: [(String, Choice)]) throws -> Choice? {
    guard let word = try text(key) else { return nil }
    guard let choice = choices.first(where: { $0.0 == word }) else {
      throw mistake(key, "'\(word)' is none of \(choices.map(\.0).joined(separator: ", "))")
    }
    return choice.1
  }

  /// One of the values that an enumeration names.
  func choice<Choice: RawRepresentable & CaseIterable>(_ key: String) throws -> Choice?
  where Choice.RawValue == String {
    try choice(key, among: Choice.allCases.map { ($0.rawValue, $0) })
  }
}
