/// Keeps a Datalogic scanner's answer to a question apart from codes on a serial line: SOH, the answer, EOT
/// (Datalogic's own open driver, `DLSSerialScanner`; specs/scanners.md §1.6).
///
/// The answer is taken only while a question is open, and only between codes: anywhere else SOH is a byte of a code.
public struct DatalogicReply: Sendable {
  /// What became of a byte.
  public enum Taken: Sendable, Equatable {
    /// It belongs to no answer.
    case notExpected
    /// It belongs to an answer that goes on.
    case held
    /// It ends the answer: what stood between SOH and EOT, a letter and its value for each field, control characters
    /// between them.
    case reply([UInt8])
    /// No answer is as long: these bytes are of a code.
    case released([UInt8])
  }

  /// SOH.
  private static let start: UInt8 = 0x01
  /// EOT.
  private static let end: UInt8 = 0x04
  /// Bytes held at most; an answer has some 25 fields.
  private static let limit = 4096

  private var until: Int64?
  /// SOH and what came behind it; empty outside an answer.
  private var bytes: [UInt8] = []

  /// No question is open.
  public init() {}

  /// When ``expire(at:)`` has something to do, or `nil` while nothing is held.
  public var deadline: Int64? { bytes.isEmpty ? nil : until }

  /// Whether a question is open.
  public var isExpecting: Bool { until != nil }

  /// Bytes of an answer that has begun and not ended.
  public var pendingBytes: Int { bytes.count }

  /// A question has been sent: until `deadline`, SOH may begin its answer.
  public mutating func expect(until deadline: Int64) { until = deadline }

  /// Takes the next byte, of seven bits where the line has no more.
  public mutating func take(_ byte: UInt8, isBetweenCodes: Bool) -> Taken {
    guard until != nil else { return .notExpected }
    if bytes.isEmpty {
      guard byte == Self.start, isBetweenCodes else { return .notExpected }
      bytes = [byte]
      return .held
    }
    if byte == Self.end {
      let answer = Array(bytes.dropFirst())
      forget()
      return .reply(answer)
    }
    bytes.append(byte)
    return bytes.count > Self.limit ? .released(forget()) : .held
  }

  /// Gives back what was held for an answer whose end is late, and expects none any more.
  public mutating func expire(at now: Int64) -> [UInt8] {
    guard let until, until <= now else { return [] }
    return forget()
  }

  @discardableResult
  private mutating func forget() -> [UInt8] {
    defer { bytes = [] }
    until = nil
    return bytes
  }
}
