/// What carries the messages of a terminal protocol, without its wire: bytes and time in, actions out.
///
/// Times are nanoseconds of any clock that only goes forward.
public protocol TerminalLink: Sendable {
  /// When ``advance(to:)`` has something to do.
  var deadline: Int64? { get }

  /// Whether a byte of the message last given to ``send(_:at:)`` has left: as long as none has, nothing can have
  /// come of it.
  var hasBegunToSend: Bool { get }

  /// Sends a message.
  mutating func send(_ message: [UInt8], at now: Int64) -> [TerminalLinkAction]

  /// Takes what the other side sent, in pieces of any size.
  mutating func receive(_ bytes: Span<UInt8>, at now: Int64) -> [TerminalLinkAction]

  /// Does what time asks for.
  mutating func advance(to now: Int64) -> [TerminalLinkAction]

  /// The stream has ended: gives out what is complete without hearing more.
  mutating func streamEnded() -> [TerminalLinkAction]
}

extension TerminalLink {
  /// Nothing: frames say themselves where they end.
  public mutating func streamEnded() -> [TerminalLinkAction] { [] }
}

/// What a link engine wants done.
public enum TerminalLinkAction: Sendable, Equatable {
  /// Send these bytes.
  case write([UInt8])
  /// The other side sent this message.
  case deliver([UInt8])
  /// The other side holds our last message.
  case delivered
  /// The link gave up; what was being sent may or may not have arrived, save where ``TerminalLinkFailure`` knows.
  case failed(TerminalLinkFailure)
}

/// Why a link gave up.
public enum TerminalLinkFailure: Sendable, Equatable {
  /// The message was not acknowledged in time.
  case noAcknowledgement
  /// The message was refused as often as it may be sent: the other side has not taken it.
  case refused
  /// The line was asked for and not given; nothing was sent.
  case notHeard
  /// The line was asked for and refused; nothing was sent.
  case busy
  /// A message beyond the limit in a stream that has no frames.
  case oversizedMessage
  /// More messages wait for the other side's ACK than a half-duplex talk can have.
  case overrun
  /// What the other side sends is damaged again and again.
  case damagedAnswer

  /// Whether the other side is known not to have taken our message.
  public var leavesNothingTaken: Bool {
    switch self {
    case .refused, .notHeard, .busy: true
    case .noAcknowledgement, .oversizedMessage, .overrun, .damagedAnswer: false
    }
  }

  /// The failure in words.
  public var name: StaticString {
    switch self {
    case .noAcknowledgement: "no acknowledgement"
    case .refused: "three times refused"
    case .notHeard: "three times no answer to a request for the line"
    case .busy: "the terminal is busy"
    case .oversizedMessage: "a message beyond the limit"
    case .overrun: "messages without acknowledgement"
    case .damagedAnswer: "three times a damaged answer"
    }
  }
}

extension Int64 {
  /// The time `span` after `self`, saturating.
  func later(by span: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(span)
    return overflow ? .max : sum
  }
}
