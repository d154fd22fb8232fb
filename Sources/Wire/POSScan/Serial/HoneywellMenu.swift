/// Menu commands of Honeywell's scanners: SYN, `M`, CR, the command and a full stop to keep it, an exclamation
/// mark to try it (specs/scanners.md §1.6).
public enum HoneywellMenu {
  /// Asks for the firmware's revision.
  public static let revision = command("REVINF.")

  /// A menu command, its final punctuation included.
  public static func command(_ text: StaticString) -> [UInt8] {
    [0x16, 0x4D, 0x0D] + text.withUTF8Buffer { Array($0) }
  }
}

/// A scanner's answer to a menu command. Over HID POS it comes through the same reports as scans, over a serial
/// line in the same stream (specs/scanners.md §1.7).
public struct HoneywellMenuReply: Sendable, Equatable {
  /// How the scanner took the command.
  public enum Verdict: UInt8, Sendable {
    /// ACK.
    case accepted
    /// ENQ: there is no such command.
    case unknownCommand
    /// NAK: the command is there, its value is out of range.
    case badValue
    /// The echo holds none of the three.
    case unclear
  }

  /// What the scanner had to say, all pieces together.
  public var text: [UInt8]
  /// The command as the scanner repeats it, with ACK, ENQ or NAK before its last character.
  public var echo: [UInt8]

  /// A reply from its parts.
  public init(text: [UInt8], echo: [UInt8]) {
    self.text = text
    self.echo = echo
  }

  /// How the scanner took the command.
  public var verdict: Verdict {
    for byte in echo.reversed() {
      switch byte {
      case 0x06: return .accepted
      case 0x05: return .unknownCommand
      case 0x15: return .badValue
      default: continue
      }
    }
    return .unclear
  }
}

/// Keeps the lines of a menu command's answer apart from codes on a serial line.
///
/// Nothing marks them but their end: ACK, ENQ or NAK before the final punctuation. So while a command is open,
/// lines are held; if no such end comes in time, they are delivered as the codes they look like.
public struct HoneywellReply: Sendable {
  /// What became of a line.
  public enum Taken: Sendable, Equatable {
    /// No command is open: it is a code.
    case notExpected
    /// It may belong to the answer.
    case held
    /// It ends the answer.
    case reply(HoneywellMenuReply)
    /// No answer is as long: these are codes.
    case released([DecodedCode])
  }

  /// Bytes held at most; no answer that has been seen comes near it.
  private static let limit = 4096

  private var until: Int64?
  private var lines: [DecodedCode] = []
  private var length = 0

  /// No command is open.
  public init() {}

  /// When ``expire(at:_:)`` has something to do, or `nil` while nothing is held.
  public var deadline: Int64? { lines.isEmpty ? nil : until }

  /// Bytes of lines that are held.
  public var pendingBytes: Int { length }

  /// A command has been sent: until `deadline`, lines may be its answer.
  public mutating func expect(until deadline: Int64) { until = deadline }

  /// Takes the next line.
  public mutating func take(_ line: DecodedCode) -> Taken {
    guard until != nil else { return .notExpected }
    if line.raw.dropLast().last.map({ $0 == 0x06 || $0 == 0x05 || $0 == 0x15 }) ?? false {
      var text: [UInt8] = []
      for line in lines { text += line.raw + [0x0A] }
      forget()
      return .reply(HoneywellMenuReply(text: text, echo: line.raw))
    }
    lines.append(line)
    length += line.raw.count
    guard length > Self.limit else { return .held }
    let released = lines
    forget()
    return .released(released)
  }

  /// Delivers what was held for an answer that is late.
  public mutating func expire(at now: Int64, _ emit: (DecodedCode) -> Void) {
    guard let until, until <= now else { return }
    let released = lines
    forget()
    for line in released { emit(line) }
  }

  private mutating func forget() {
    until = nil
    lines = []
    length = 0
  }
}
