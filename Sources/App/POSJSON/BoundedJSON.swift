import FoundationEssentials

/// Reading JSON that comes from outside.
public enum BoundedJSON {
  /// Levels of lists and objects in each other that are read.
  public static let depthLimit = 64

  /// Reads `bytes` as `Value`.
  ///
  /// Nesting is bounded first: `JSONDecoder` of Swift 6.3.1 traps on an opening bracket of the 513th level at
  /// the very end of its input.
  ///
  /// - Throws: `DecodingError`, also for documents nested deeper than ``depthLimit``.
  public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
    guard isShallow(bytes) else {
      throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "nested too deep"))
    }
    return try JSONDecoder().decode(type, from: Data(bytes))
  }

  private static func isShallow(_ bytes: [UInt8]) -> Bool {
    var depth = 0
    var isInString = false
    var isEscaped = false
    for byte in bytes {
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      default: break
      }
      guard depth <= depthLimit else { return false }
    }
    return true
  }
}
