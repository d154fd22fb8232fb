import POSWire

/// Data of a symbol whose identifier says that the ECI protocol is on: `\` and six digits change the character
/// set, `\\` is one backslash (specs/scanners.md §4; ISO/IEC 15424).
///
///     if aim.usesECI { let content = ECIContent(bytes) }
public struct ECIContent: Sendable, Equatable {
  /// Data under one character set.
  public struct Segment: Sendable, Equatable {
    /// The number of the interpretation: 0 to 999999; 3, Latin-1, where nothing was said.
    public var number: Int
    /// The data, escapes undone.
    public var bytes: [UInt8]
    /// Whether the data name the interpretation; else it is the default.
    public var isNamed = false
  }

  /// The segments in order; those without data are left out.
  public let segments: [Segment]
  /// Where a backslash stands that is neither doubled nor followed by six digits: the data may not be under the
  /// ECI protocol after all. It was kept as it is.
  public let strayEscape: Int?

  /// The interpretation of data that name none.
  public static let defaultNumber = 3

  /// Undoes the escapes of `data`.
  public init(_ data: [UInt8]) {
    var segments: [Segment] = []
    var current = Segment(number: Self.defaultNumber, bytes: [])
    var stray: Int?
    var index = 0
    while index < data.count {
      guard data[index] == 0x5C else {
        current.bytes.append(data[index])
        index += 1
        continue
      }
      if index + 1 < data.count, data[index + 1] == 0x5C {
        current.bytes.append(0x5C)
        index += 2
      } else if let number = Self.number(in: data, at: index + 1) {
        if !current.bytes.isEmpty { segments.append(current) }
        current = Segment(number: number, bytes: [], isNamed: true)
        index += 7
      } else {
        stray = stray ?? index
        current.bytes.append(0x5C)
        index += 1
      }
    }
    if !current.bytes.isEmpty { segments.append(current) }
    self.segments = segments
    strayEscape = stray
  }

  /// All data, escapes undone, whatever their character sets.
  public var bytes: [UInt8] { segments.flatMap { $0.bytes } }

  /// All data as text in UTF-8, or `nil` where one segment is of a character set that is not known here or does
  /// not fit it.
  public var utf8: [UInt8]? {
    var text: [UInt8] = []
    for segment in segments {
      guard let set = CharacterSet(eci: segment.number), let part = set.utf8(segment.bytes) else {
        return nil
      }
      text += part
    }
    return text
  }

  private static func number(in data: [UInt8], at start: Int) -> Int? {
    guard start + 6 <= data.count else { return nil }
    var number = 0
    for index in start..<(start + 6) {
      guard let digit = Digits.value(data[index]) else { return nil }
      number = number * 10 + digit
    }
    return number
  }
}

extension AIMIdentifier {
  /// Whether backslashes in the data are escapes of the ECI protocol (specs/scanners.md §3.1).
  public var usesECI: Bool {
    switch (Unicode.Scalar(code), Unicode.Scalar(modifier)) {
    case ("L", "1"), ("Q", "2"), ("Q", "4"), ("Q", "6"), ("U", "2"), ("U", "3"), ("d", "4"), ("d", "5"),
      ("d", "6"),
      ("h", "1"), ("z", "3"), ("z", "4"), ("z", "5"), ("z", "9"), ("z", "A"), ("z", "B"):
      true
    default: false
    }
  }

  /// Whether the data are GS1 elements: the symbol begins with FNC1, which itself is not sent.
  public var isGS1: Bool {
    switch (Unicode.Scalar(code), Unicode.Scalar(modifier)) {
    case ("C", "1"), ("e", "0"), ("e", "1"), ("e", "2"), ("e", "3"), ("d", "2"), ("d", "5"), ("Q", "3"),
      ("Q", "4"),
      ("z", "1"), ("z", "4"), ("z", "7"), ("z", "A"), ("J", "1"):
      true
    default: false
    }
  }
}
