/// Why a decoder refused bytes, and where.
///
/// Every decoder of the Wire world is total: it returns a value, asks for more bytes, or throws this.
public struct WireError: Error, Sendable {
  /// What kind of rule the bytes broke.
  public enum Reason: UInt8, Sendable {
    /// The bytes end inside a field.
    case truncated
    /// A declared length exceeds the limit of its field or buffer.
    case lengthOverLimit
    /// A checksum or check digit does not fit the data.
    case checksum
    /// Start, end or escape bytes stand where they must not.
    case framing
    /// A field holds a value outside its range.
    case value
    /// The bytes are well formed but name something this codec does not know.
    case unsupported
  }

  /// The broken rule.
  public var reason: Reason
  /// Offset of the offending byte from the start of the decoded span, in bytes.
  public var offset: Int
  /// The field that was being read, in words ("amount", "report size").
  public var field: StaticString

  /// Creates an error for `field` at `offset`.
  public init(_ reason: Reason, at offset: Int, field: StaticString) {
    self.reason = reason
    self.offset = offset
    self.field = field
  }

  /// The same error seen from a span in which this one's span starts at `base`.
  public func shifted(by base: Int) -> WireError {
    WireError(reason, at: offset + base, field: field)
  }
}

extension WireError.Reason {
  /// The reason in words, for error lines and logs.
  public var name: StaticString {
    switch self {
    case .truncated: "truncated"
    case .lengthOverLimit: "length over limit"
    case .checksum: "bad checksum"
    case .framing: "bad framing"
    case .value: "value out of range"
    case .unsupported: "unsupported"
    }
  }
}

extension WireError: Equatable {
  /// Two errors are equal when reason and offset are; the field name is for people.
  public static func == (left: WireError, right: WireError) -> Bool {
    left.reason == right.reason && left.offset == right.offset
  }
}
