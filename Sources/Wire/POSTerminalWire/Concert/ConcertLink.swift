import POSWire

/// The serial link of Concert, seen from the till: ENQ for the line, a frame, EOT to give it back
/// (specs/terminals.md §3.1).
///
/// Either side may bid. What the sources leave open is settled so that nothing is ever sent twice by mistake: a
/// frame is repeated after NAK only, never after silence, and a bid that came to nothing is taken back with EOT.
/// A frame that equals the one before in the same session is that frame again, because our ACK was lost.
public struct ConcertLink: TerminalLink {
  /// Longest text that either side sends, in bytes.
  public static let maximumLength = 512
  /// Longest wait for the answer to ENQ, in nanoseconds.
  public static let bidTime: Int64 = 3_000_000_000
  /// Pause before the line is asked for again after a NAK, in nanoseconds.
  public static let busyTime: Int64 = 1_000_000_000
  /// Longest wait for the ACK of a frame, in nanoseconds. A terminal may need three seconds.
  public static let acknowledgeTime: Int64 = 4_000_000_000
  /// Longest silence of a terminal that has been given the line, in nanoseconds.
  public static let sessionTime: Int64 = 4_000_000_000
  /// Longest pause between two bytes of a frame, in nanoseconds.
  public static let interByteTime: Int64 = 1_000_000_000
  /// How often the line is asked for, a frame is sent, and a damaged answer is asked for again.
  public static let maximumTries = 3

  private enum State: Sendable {
    case idle
    /// ENQ has been sent so many times; `isRefused` while the pause after a NAK runs.
    case bidding(tries: Int, isRefused: Bool)
    /// The frame has been sent so many times.
    case sending(tries: Int)
    /// The terminal has the line.
    case receiving(damaged: Int, last: [UInt8]?)
  }

  private var framer = STXETXFramer(maximumLength: maximumLength)
  private var state = State.idle
  /// The frame that is to be sent.
  private var outgoing: [UInt8]?
  private var stateDeadline: Int64?
  private var byteDeadline: Int64?
  /// Whether a byte of the last message has left.
  public private(set) var hasBegunToSend = false

  /// A link at rest.
  public init() {}

  /// When ``advance(to:)`` has something to do, in nanoseconds.
  public var deadline: Int64? {
    guard let stateDeadline else { return byteDeadline }
    return min(stateDeadline, byteDeadline ?? .max)
  }

  /// Bytes of noise so far.
  public var skippedBytes: Int { framer.skippedBytes }

  /// Asks for the line to send `message`; waits for the terminal to end what it is saying.
  public mutating func send(_ message: [UInt8], at now: Int64) -> [TerminalLinkAction] {
    hasBegunToSend = false
    guard let frame = try? STXETXFramer.encode(message.span), outgoing == nil else {
      return [.failed(.overrun)]
    }
    outgoing = frame
    switch state {
    case .receiving(_, nil): return []
    case .idle, .bidding, .sending, .receiving: return bid(at: now)
    }
  }

  /// Takes bytes as they come, in pieces of any size.
  public mutating func receive(_ bytes: Span<UInt8>, at now: Int64) -> [TerminalLinkAction] {
    var actions: [TerminalLinkAction] = []
    for index in bytes.indices {
      switch framer.push(bytes[index]) {
      case .acknowledged: actions += acknowledged(at: now)
      case .refused: actions += refused(at: now)
      case .enquiry: actions += enquired(at: now)
      case .endOfTransmission: actions += sessionEnded(at: now)
      case .frame(let text): actions += take(text, at: now)
      case .damaged: actions += damaged(at: now)
      case nil: break
      }
    }
    byteDeadline = framer.isInsideFrame ? now.later(by: Self.interByteTime) : nil
    return actions
  }

  /// Does what time asks for.
  public mutating func advance(to now: Int64) -> [TerminalLinkAction] {
    var actions: [TerminalLinkAction] = []
    if let due = byteDeadline, due <= now {
      byteDeadline = nil
      framer.reset()
      actions += damaged(at: now)
    }
    guard let due = stateDeadline, due <= now else { return actions }
    switch state {
    case .idle: stateDeadline = nil
    case .bidding(let tries, let isRefused):
      guard tries < Self.maximumTries else {
        return actions + [.write([ASCIIControl.eot])] + giveUp(isRefused ? .busy : .notHeard)
      }
      state = .bidding(tries: tries + 1, isRefused: false)
      stateDeadline = now.later(by: Self.bidTime)
      actions.append(.write([ASCIIControl.enq]))
    case .sending: actions += giveUp(.noAcknowledgement)
    case .receiving: actions += sessionEnded(at: now)
    }
    return actions
  }

  // MARK: - Sending

  private mutating func bid(at now: Int64) -> [TerminalLinkAction] {
    state = .bidding(tries: 1, isRefused: false)
    stateDeadline = now.later(by: Self.bidTime)
    return [.write([ASCIIControl.enq])]
  }

  private mutating func acknowledged(at now: Int64) -> [TerminalLinkAction] {
    switch state {
    case .bidding(_, false):
      guard let outgoing else { return [] }
      state = .sending(tries: 1)
      stateDeadline = now.later(by: Self.acknowledgeTime)
      hasBegunToSend = true
      return [.write(outgoing)]
    case .sending:
      rest()
      outgoing = nil
      return [.write([ASCIIControl.eot]), .delivered]
    case .idle, .bidding, .receiving:
      return []
    }
  }

  private mutating func refused(at now: Int64) -> [TerminalLinkAction] {
    switch state {
    case .bidding(let tries, false):
      state = .bidding(tries: tries, isRefused: true)
      stateDeadline = now.later(by: Self.busyTime)
      return []
    case .sending(let tries):
      guard tries < Self.maximumTries, let outgoing else {
        return [.write([ASCIIControl.eot])] + giveUp(.refused)
      }
      state = .sending(tries: tries + 1)
      stateDeadline = now.later(by: Self.acknowledgeTime)
      return [.write(outgoing)]
    case .idle, .bidding, .receiving:
      return []
    }
  }

  private mutating func giveUp(_ failure: TerminalLinkFailure) -> [TerminalLinkAction] {
    rest()
    outgoing = nil
    return [.failed(failure)]
  }

  private mutating func rest() {
    state = .idle
    stateDeadline = nil
  }

  // MARK: - Receiving

  private mutating func enquired(at now: Int64) -> [TerminalLinkAction] {
    var actions: [TerminalLinkAction] = []
    switch state {
    case .sending:
      // It talks on, so it holds our frame and its ACK was lost.
      outgoing = nil
      actions.append(.delivered)
    case .receiving(let damaged, nil):
      state = .receiving(damaged: damaged, last: nil)
      stateDeadline = now.later(by: Self.sessionTime)
      return [.write([ASCIIControl.ack])]
    case .idle, .bidding, .receiving:
      break
    }
    state = .receiving(damaged: 0, last: nil)
    stateDeadline = now.later(by: Self.sessionTime)
    return actions + [.write([ASCIIControl.ack])]
  }

  private mutating func take(_ text: [UInt8], at now: Int64) -> [TerminalLinkAction] {
    var actions: [TerminalLinkAction] = []
    if case .sending = state {
      outgoing = nil
      actions.append(.delivered)
    }
    let isRepeat = if case .receiving(_, let last) = state { last == text } else { false }
    state = .receiving(damaged: 0, last: text)
    stateDeadline = now.later(by: Self.sessionTime)
    actions.append(.write([ASCIIControl.ack]))
    if !isRepeat { actions.append(.deliver(text)) }
    return actions
  }

  private mutating func damaged(at now: Int64) -> [TerminalLinkAction] {
    guard case .receiving(let damaged, let last) = state else { return [] }
    guard damaged + 1 < Self.maximumTries else { return giveUp(.damagedAnswer) }
    state = .receiving(damaged: damaged + 1, last: last)
    stateDeadline = now.later(by: Self.sessionTime)
    return [.write([ASCIIControl.nak])]
  }

  private mutating func sessionEnded(at now: Int64) -> [TerminalLinkAction] {
    guard case .receiving = state else { return [] }
    rest()
    return outgoing == nil ? [] : bid(at: now)
  }
}
