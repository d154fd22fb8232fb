public import POSModel

/// The traffic of one transport as lines of text: made by ``RecordingTransport``, played by ``ReplayTransport``.
///
///     pos-recording 1 bytes
///     # what a line begins with: seconds since the recording began, six decimals, never going back
///     0.000000 > 10 04 01                         written
///     0.004211 < 12                               read
///     2.004300 < timeout                          a read whose deadline passed
///     2.004400 > 1b 40 ! link.lost after 1 errno 104    a write that failed when one byte had left
///     2.004500 < ! device.gone                    a read that failed
///     2.004600 < end                              a read that found the end of the stream
///     2.004700 close
///
/// A recording of reports has `reports` in its first line and two more kinds of line, `0.000000 descriptor 05 8c`
/// and `0.000000 discard 3` (reports dropped). Lines end in a line feed; empty lines and lines that begin with
/// `#` mean nothing.
public struct Recording: Sendable, Equatable {
  /// What the transport carried.
  public enum Kind: String, Sendable, CaseIterable { case bytes, reports }

  /// How an operation failed.
  public struct Failure: Sendable, Equatable {
    /// The code of the error.
    public var code: DeviceError.Code
    /// Bytes that had left.
    public var bytesMoved: Int
    /// The operating system's error number, when there was one.
    public var errno: Int32?

    /// What a recording keeps of `error`: its words may hold data, so they stay out.
    public init(_ error: DeviceError) {
      code = error.code
      bytesMoved = error.bytesMoved
      errno = error.errno
    }
  }

  /// What happened.
  public enum Action: Sendable, Equatable {
    /// A write ended, well or not.
    case write([UInt8], Failure?)
    /// A read returned these bytes: 1 or more, or one report.
    case read([UInt8])
    /// A read's deadline passed.
    case readTimedOut
    /// A read found the end of the stream.
    case readEnded
    /// A read failed.
    case readFailed(Failure)
    /// The report descriptor of the device.
    case descriptor([UInt8])
    /// Pending reports were dropped, this many.
    case discard(Int)
    /// The transport was closed.
    case close
  }

  /// One line.
  public struct Event: Sendable, Equatable {
    /// Microseconds since the recording began, 0 or more.
    public var microseconds: Int64
    /// What happened.
    public var action: Action
    /// The number of the line in the text it was read from, from 1; 0 when it was not read from a text.
    public var line: Int

    /// An event from its parts.
    public init(microseconds: Int64, action: Action, line: Int = 0) {
      self.microseconds = microseconds
      self.action = action
      self.line = line
    }
  }

  /// What the transport carried.
  public var kind: Kind
  /// What happened, in order.
  public var events: [Event]

  /// A recording from its parts.
  public init(kind: Kind, events: [Event] = []) {
    self.kind = kind
    self.events = events
  }

  /// Reads the text form.
  ///
  /// - Throws: ``RecordingError`` for the first line that breaks the format.
  public init(parsing text: some StringProtocol) throws(RecordingError) {
    var kind: Kind?
    var events: [Event] = []
    var number = 0
    for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }
        .map { String(decoding: $0, as: UTF8.self) }
      guard let known = kind else {
        guard words.count == 3, words[0] == "pos-recording" else { throw .init(number, .notARecording) }
        guard words[1] == "1" else { throw .init(number, .unknownVersion) }
        kind = Kind(rawValue: words[2])
        guard kind != nil else { throw .init(number, .unknownKind) }
        continue
      }
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      guard let microseconds = Self.microseconds(first) else { throw .init(number, .malformedTime) }
      guard microseconds >= events.last?.microseconds ?? 0 else { throw .init(number, .timeGoesBack) }
      let action = try Self.action(words.dropFirst(), known, line: number)
      events.append(Event(microseconds: microseconds, action: action, line: number))
    }
    guard let kind else { throw .init(1, .notARecording) }
    self.init(kind: kind, events: events)
  }

  /// The first line of a recording.
  public static func header(_ kind: Kind) -> String { "pos-recording 1 \(kind.rawValue)" }
}

/// Why a text is not a recording.
public struct RecordingError: Error, Sendable, Equatable {
  /// The rule that the line breaks.
  public enum Reason: String, Sendable {
    case notARecording = "the first line is not 'pos-recording 1 bytes' or 'pos-recording 1 reports'"
    case unknownVersion = "the recording has a format version that this program does not know"
    case unknownKind = "a recording holds 'bytes' or 'reports'"
    case malformedTime = "the time is not of the form 12.345678"
    case timeGoesBack = "the time is earlier than that of the line before"
    case unknownAction = "expected >, <, descriptor, discard or close after the time"
    case malformedHex = "expected bytes of two hexadecimal digits, separated by spaces"
    case malformedFailure = "expected a failure of the form '! link.lost after 3 errno 104'"
    case malformedCount = "expected a number of reports"
  }

  /// The line, from 1.
  public var line: Int
  /// The broken rule.
  public var reason: Reason

  init(_ line: Int, _ reason: Reason) {
    self.line = line
    self.reason = reason
  }
}

extension RecordingError: CustomStringConvertible {
  /// The line and the rule.
  public var description: String { "line \(line): \(reason.rawValue)" }
}

// MARK: - Text

extension Recording: CustomStringConvertible {
  /// The text form, which reads back to the same events.
  public var description: String {
    ([Self.header(kind)] + events.map(\.description)).map { $0 + "\n" }.joined()
  }
}

extension Recording.Event: CustomStringConvertible {
  /// The line, without its end.
  public var description: String {
    let fraction = String(microseconds % 1_000_000)
    let time = "\(microseconds / 1_000_000).\(String(repeating: "0", count: 6 - fraction.count))\(fraction)"
    return "\(time) \(action)"
  }
}

extension Recording.Action: CustomStringConvertible {
  /// The line after its time.
  public var description: String {
    switch self {
    case .write(let bytes, nil): ">\(hex(bytes))"
    case .write(let bytes, let failure?): ">\(hex(bytes)) \(failure)"
    case .read(let bytes): "<\(hex(bytes))"
    case .readTimedOut: "< timeout"
    case .readEnded: "< end"
    case .readFailed(let failure): "< \(failure)"
    case .descriptor(let bytes): "descriptor\(hex(bytes))"
    case .discard(let count): "discard \(count)"
    case .close: "close"
    }
  }

  private func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 3)
    for byte in bytes { text += [UInt8(ascii: " "), digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }
}

extension Recording.Failure: CustomStringConvertible {
  /// `! link.lost after 3 errno 104`; what is zero or missing is left out.
  public var description: String {
    "! \(code.rawValue)" + (bytesMoved > 0 ? " after \(bytesMoved)" : "")
      + (errno.map { " errno \($0)" } ?? "")
  }

  fileprivate init?(_ words: ArraySlice<String>) {
    var words = words
    guard words.popFirst() == "!", let code = words.popFirst(), !code.isEmpty else { return nil }
    self.init(DeviceError(.init(rawValue: code), during: ""))
    if words.first == "after" {
      guard words.count >= 2, let count = Int(words[words.startIndex + 1]), count > 0 else { return nil }
      bytesMoved = count
      words = words.dropFirst(2)
    }
    if words.first == "errno" {
      guard words.count >= 2, let number = Int32(words[words.startIndex + 1]) else { return nil }
      errno = number
      words = words.dropFirst(2)
    }
    guard words.isEmpty else { return nil }
  }
}

extension Recording {
  /// Reads `12.345678`: up to nine digits, a point, exactly six digits.
  private static func microseconds(_ word: String) -> Int64? {
    let parts = word.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 2, (1...9).contains(parts[0].count), parts[1].count == 6 else { return nil }
    var value: Int64 = 0
    for digit in parts.joined() {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      value = value * 10 + Int64(digit - UInt8(ascii: "0"))
    }
    return value
  }

  private static func action(
    _ words: ArraySlice<String>, _ kind: Kind, line: Int
  ) throws(RecordingError) -> Action {
    let rest = words.dropFirst()
    switch words.first {
    case ">":
      let mark = rest.firstIndex(of: "!") ?? rest.endIndex
      let bytes = try hex(rest[..<mark], line: line)
      guard mark < rest.endIndex else { return .write(bytes, nil) }
      guard let failure = Failure(rest[mark...]) else { throw .init(line, .malformedFailure) }
      return .write(bytes, failure)
    case "<":
      if rest.first == "!" {
        guard let failure = Failure(rest) else { throw .init(line, .malformedFailure) }
        return .readFailed(failure)
      }
      if rest.count == 1, rest.first == "timeout" { return .readTimedOut }
      if rest.count == 1, rest.first == "end" { return .readEnded }
      guard kind == .reports || !rest.isEmpty else { throw .init(line, .malformedHex) }
      return .read(try hex(rest, line: line))
    case "descriptor" where kind == .reports:
      return .descriptor(try hex(rest, line: line))
    case "discard" where kind == .reports:
      guard rest.count == 1, let count = rest.first.flatMap({ Int($0) }), count >= 0 else {
        throw .init(line, .malformedCount)
      }
      return .discard(count)
    case "close" where rest.isEmpty:
      return .close
    default:
      throw .init(line, .unknownAction)
    }
  }

  private static func hex(_ words: ArraySlice<String>, line: Int) throws(RecordingError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(words.count)
    for word in words {
      guard word.utf8.count == 2, word.utf8.first != UInt8(ascii: "+"), let byte = UInt8(word, radix: 16)
      else {
        throw .init(line, .malformedHex)
      }
      bytes.append(byte)
    }
    return bytes
  }
}
