import POSWire

/// The serial link of Transbank POS Integrado: a frame, ACK or NAK (specs/terminals.md §3.4).
///
/// A frame is repeated after NAK only, never after silence: the terminal may have it, and a sale that comes twice is
/// two sales.
public struct TransbankLink: TerminalLink {
  /// Longest text that either side sends, in bytes.
  public static let maximumLength = 1_024
  /// Longest wait for the ACK of a frame, in nanoseconds.
  public static let acknowledgeTime: Int64 = 4_000_000_000
  /// Longest pause between two bytes of a frame, in nanoseconds.
  public static let interByteTime: Int64 = 1_000_000_000
  /// How often a frame is sent, and a damaged one asked for again.
  public static let maximumTries = 3

  private var framer = STXETXFramer(maximumLength: maximumLength)
  private var outgoing: (frame: [UInt8], tries: Int)?
  private var damaged = 0
  private var frameDeadline: Int64?
  private var byteDeadline: Int64?
  /// Whether a byte of the last message has left.
  public private(set) var hasBegunToSend = false

  /// A link at rest.
  public init() {}

  /// When ``advance(to:)`` has something to do, in nanoseconds.
  public var deadline: Int64? {
    guard let frameDeadline else { return byteDeadline }
    return min(frameDeadline, byteDeadline ?? .max)
  }

  /// Sends a message.
  public mutating func send(_ message: [UInt8], at now: Int64) -> [TerminalLinkAction] {
    guard outgoing == nil, let frame = try? STXETXFramer.encode(message.span) else {
      return [.failed(.overrun)]
    }
    outgoing = (frame, 1)
    frameDeadline = now.later(by: Self.acknowledgeTime)
    hasBegunToSend = true
    return [.write(frame)]
  }

  /// Takes bytes as they come, in pieces of any size.
  public mutating func receive(_ bytes: Span<UInt8>, at now: Int64) -> [TerminalLinkAction] {
    var actions: [TerminalLinkAction] = []
    for index in bytes.indices {
      switch framer.push(bytes[index]) {
      case .acknowledged: actions += acknowledged()
      case .refused: actions += refused(at: now)
      case .frame(let text):
        damaged = 0
        talksOn()
        actions += [.write([ASCIIControl.ack]), .deliver(text)]
      case .damaged: actions += damagedFrame()
      case .enquiry, .endOfTransmission, nil: break
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
      actions += damagedFrame()
    }
    if let due = frameDeadline, due <= now { actions += giveUp(.noAcknowledgement) }
    return actions
  }

  private mutating func acknowledged() -> [TerminalLinkAction] {
    guard outgoing != nil else { return [] }
    outgoing = nil
    frameDeadline = nil
    return [.delivered]
  }

  private mutating func refused(at now: Int64) -> [TerminalLinkAction] {
    guard let (frame, tries) = outgoing else { return [] }
    guard tries < Self.maximumTries else { return giveUp(.refused) }
    outgoing = (frame, tries + 1)
    frameDeadline = now.later(by: Self.acknowledgeTime)
    return [.write(frame)]
  }

  /// A terminal that talks on has probably heard us, or else this is from before: nothing is sent again, nor said to be
  /// delivered.
  private mutating func talksOn() {
    outgoing = nil
    frameDeadline = nil
  }

  private mutating func damagedFrame() -> [TerminalLinkAction] {
    damaged += 1
    guard damaged < Self.maximumTries else {
      damaged = 0
      return giveUp(.damagedAnswer)
    }
    return [.write([ASCIIControl.nak])]
  }

  private mutating func giveUp(_ failure: TerminalLinkFailure) -> [TerminalLinkAction] {
    outgoing = nil
    frameDeadline = nil
    return [.failed(failure)]
  }
}
