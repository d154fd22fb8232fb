import POSWire

/// The serial link of ZVT without its wire: frames, ACK and NAK, T1, T2 and two repeats (specs/terminals.md §2.2).
///
/// Where the standard is silent: a new frame from the other side counts as the ACK of ours, for it would not talk
/// on without having heard us. And a frame that equals the one before, while nothing of ours has been
/// acknowledged since, is that frame again because our ACK was lost: it gets its ACK, and our answer again if
/// there is one, but is not delivered twice.
public struct ZVTSerialLink: Sendable {
  /// T1: longest pause inside a frame, 200 ms in nanoseconds.
  public static let interByteTime: Int64 = 200_000_000
  /// T2: longest wait for an ACK, 5 s in nanoseconds.
  public static let acknowledgeTime: Int64 = 5_000_000_000
  /// Repeats after the first sending.
  public static let maximumRepeats = 2
  /// Messages that may wait behind one another; a half-duplex talk needs two.
  static let queueLimit = 8

  private var framer: DLEFramer
  private var frameDeadline: Int64?
  private var outstanding: (frame: [UInt8], repeats: Int, deadline: Int64)?
  private var queue: [[UInt8]] = []
  private var lastReceived: [UInt8]?

  /// Whether what was sent last has been sent again after a silence: the other side may have it twice, and answer the
  /// second while it is at the first.
  public private(set) var hasRepeatedUnheard = false

  /// A link at rest that takes APDUs of up to `maximumLength` bytes, header included.
  public init(maximumLength: Int) {
    framer = DLEFramer(maximumLength: maximumLength)
  }

  /// When ``advance(to:)`` has something to do, in nanoseconds.
  public var deadline: Int64? {
    guard let acknowledge = outstanding?.deadline else { return frameDeadline }
    return min(acknowledge, frameDeadline ?? .max)
  }

  /// Bytes of noise so far.
  public var skippedBytes: Int { framer.skippedBytes }

  /// Sends an APDU, or puts it behind the one that waits for its ACK.
  public mutating func send(_ apdu: [UInt8], at now: Int64) -> [TerminalLinkAction] {
    let frame = DLEFramer.encode(apdu.span)
    guard outstanding == nil else {
      guard queue.count < Self.queueLimit else { return fail(.overrun) }
      queue.append(frame)
      return []
    }
    return start(frame, at: now)
  }

  /// Takes bytes as they come, in pieces of any size.
  public mutating func receive(_ bytes: Span<UInt8>, at now: Int64) -> [TerminalLinkAction] {
    var actions: [TerminalLinkAction] = []
    for index in bytes.indices {
      switch framer.push(bytes[index]) {
      case .frame(let apdu): actions += take(apdu, at: now)
      case .acknowledged: actions += acknowledged(at: now)
      case .refused: actions += repeatOutstanding(.refused, at: now)
      case .damaged: actions.append(.write([ASCIIControl.nak]))
      case .enquiry, .endOfTransmission, nil: break
      }
    }
    frameDeadline = framer.isInsideFrame ? now.later(by: Self.interByteTime) : nil
    return actions
  }

  /// Does what time asks for.
  public mutating func advance(to now: Int64) -> [TerminalLinkAction] {
    var actions: [TerminalLinkAction] = []
    if let frameDeadline, frameDeadline <= now {
      framer.reset()
      self.frameDeadline = nil
      actions.append(.write([ASCIIControl.nak]))
    }
    if let outstanding, outstanding.deadline <= now {
      actions += repeatOutstanding(.noAcknowledgement, at: now)
    }
    return actions
  }

  private mutating func take(_ apdu: [UInt8], at now: Int64) -> [TerminalLinkAction] {
    var actions = [TerminalLinkAction.write([ASCIIControl.ack])]
    if apdu == lastReceived {
      if let answer = outstanding?.frame {
        outstanding?.deadline = now.later(by: Self.acknowledgeTime)
        hasRepeatedUnheard = true
        actions.append(.write(answer))
      }
      return actions
    }
    actions += acknowledged(at: now)
    lastReceived = apdu
    actions.append(.deliver(apdu))
    return actions
  }

  private mutating func acknowledged(at now: Int64) -> [TerminalLinkAction] {
    guard outstanding != nil else { return [] }
    outstanding = nil
    lastReceived = nil
    guard !queue.isEmpty else { return [.delivered] }
    return [.delivered] + start(queue.removeFirst(), at: now)
  }

  private mutating func repeatOutstanding(_ failure: TerminalLinkFailure, at now: Int64)
    -> [TerminalLinkAction]
  {
    guard let pending = outstanding else { return [] }
    guard pending.repeats < Self.maximumRepeats else { return fail(failure) }
    outstanding = (pending.frame, pending.repeats + 1, now.later(by: Self.acknowledgeTime))
    if failure == .noAcknowledgement { hasRepeatedUnheard = true }
    return [.write(pending.frame)]
  }

  private mutating func start(_ frame: [UInt8], at now: Int64) -> [TerminalLinkAction] {
    outstanding = (frame, 0, now.later(by: Self.acknowledgeTime))
    hasRepeatedUnheard = false
    return [.write(frame)]
  }

  private mutating func fail(_ failure: TerminalLinkFailure) -> [TerminalLinkAction] {
    outstanding = nil
    queue = []
    return [.failed(failure)]
  }
}
