import POSWire

/// A GS1 Digital Link: a web address that carries the same elements as a GS1 symbol, uncompressed (GS1 Digital
/// Link: URI Syntax).
///
///     let link = GS1DigitalLink(bytes.span)
///     link?.elements.value(of: 1)
///
/// Any domain will do, and any path in front of the first key.
public struct GS1DigitalLink: Sendable {
  /// The elements: the key and its qualifiers from the path, then those of the query.
  public let elements: GS1ElementString

  /// Longest address that is looked at, in bytes.
  public static let limit = 4096

  /// Reads an address; `nil` where it is no Digital Link.
  public init?(_ address: Span<UInt8>) {
    guard address.count <= Self.limit else { return nil }
    var text: [UInt8] = []
    for index in address.indices {
      guard address[index] > 0x20, address[index] < 0x7F else { return nil }
      if address[index] == 0x23 { break }
      text.append(address[index])
    }
    guard let start = Self.pathStart(in: text) else { return nil }
    let queryStart = text[start...].firstIndex(of: 0x3F) ?? text.count
    var pairs: [(identifier: GS1Identifier, value: [UInt8], offset: Int)] = []

    let segments = Self.split(text, start..<queryStart, at: 0x2F)
    // The key may stand behind any path: take the last place from which all that follows are pairs.
    for first in segments.indices where (segments.count - first) % 2 == 0 && pairs.isEmpty {
      pairs = Self.pathPairs(text, segments[first...]) ?? []
    }
    guard !pairs.isEmpty else { return nil }
    if queryStart < text.count {
      for field in Self.split(text, (queryStart + 1)..<text.count, at: 0x26) {
        guard let mark = text[field].firstIndex(of: 0x3D),
          let identifier = Self.identifier(text[field.lowerBound..<mark]),
          let value = PercentEncoding.decode(text[(mark + 1)..<field.upperBound])
        else { continue }
        pairs.append((identifier, value, mark + 1))
      }
    }
    elements = GS1ElementString(pairs)
  }

  /// Behind `http://` or `https://` and the domain.
  private static func pathStart(in text: [UInt8]) -> Int? {
    for scheme in ["https://", "http://"] as [StaticString] {
      let length = scheme.utf8CodeUnitCount
      let fits = scheme.withUTF8Buffer { scheme in
        text.count > length && scheme.indices.allSatisfy { text[$0] | 0x20 == scheme[$0] | 0x20 }
      }
      if fits, let slash = text[length...].firstIndex(of: 0x2F), slash > length { return slash + 1 }
    }
    return nil
  }

  private static func pathPairs(
    _ text: [UInt8], _ segments: ArraySlice<Range<Int>>
  ) -> [(identifier: GS1Identifier, value: [UInt8], offset: Int)]? {
    var pairs: [(identifier: GS1Identifier, value: [UInt8], offset: Int)] = []
    var index = segments.startIndex
    while index + 1 < segments.endIndex {
      guard let identifier = identifier(text[segments[index]]),
        var value = PercentEncoding.decode(text[segments[index + 1]]), !value.isEmpty
      else { return nil }
      // A GTIN may be as short as it was before it had fourteen digits.
      if identifier.number == 1, identifier.digits == 2, [8, 12, 13].contains(value.count) {
        value = [UInt8](repeating: 0x30, count: 14 - value.count) + value
      }
      pairs.append((identifier, value, segments[index + 1].lowerBound))
      index += 2
    }
    guard let key = pairs.first?.identifier, key.isPrimaryKey,
      key.mayBeQualified(by: pairs.dropFirst().map { $0.identifier })
    else { return nil }
    return pairs
  }

  private static func identifier(_ digits: ArraySlice<UInt8>) -> GS1Identifier? {
    let digits = Array(digits)
    guard let identifier = GS1Identifier(in: digits.span, at: 0), identifier.digits == digits.count else {
      return nil
    }
    return identifier
  }

  private static func split(_ text: [UInt8], _ range: Range<Int>, at separator: UInt8) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = range.lowerBound
    for index in range where text[index] == separator {
      parts.append(start..<index)
      start = index + 1
    }
    if start < range.upperBound { parts.append(start..<range.upperBound) }
    return parts
  }
}

/// `%` and two hexadecimal digits for a byte (RFC 3986 §2.1).
enum PercentEncoding {
  /// The bytes that were meant, `nil` where a `%` stands without its digits.
  static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var index = text.startIndex
    while index < text.endIndex {
      guard text[index] == 0x25 else {
        bytes.append(text[index])
        index += 1
        continue
      }
      guard index + 2 < text.endIndex, let high = digit(text[index + 1]), let low = digit(text[index + 2])
      else {
        return nil
      }
      bytes.append(high << 4 | low)
      index += 3
    }
    return bytes
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }
}
