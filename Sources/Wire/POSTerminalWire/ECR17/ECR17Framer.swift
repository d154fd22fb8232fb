public import POSWire

/// What the check of ECR17 is taken over besides the payload, always from 0x7F. Four ways are in the field
/// (specs/terminals.md §3.3); a control frame's check tells which.
public enum ECR17Check: UInt8, Sendable, CaseIterable {
  /// The payload alone.
  case standard = 0
  /// The payload and STX.
  case startIncluded = 2
  /// The payload and ETX.
  case endIncluded = 3
  /// The payload, STX and ETX.
  case bothIncluded = 1

  /// The check byte of `payload`. STX and ETX differ in one bit, so each way is the standard one and a constant.
  public func value(of payload: Span<UInt8>) -> UInt8 {
    XORChecksum.of(payload, seed: 0x7F) ^ rawValue
  }
}

/// What ``ECR17Framer`` found.
public enum ECR17Event: Sendable, Equatable {
  /// The payload of one intact frame.
  case frame([UInt8])
  /// A control frame: ACK, or NAK.
  case control(isAcknowledged: Bool, ECR17Check)
  /// What the terminal shows: twenty characters, card numbers withheld.
  case progress([UInt8])
  case damaged(WireError.Reason)
}

/// Frames of ECR17: STX payload ETX check; ACK or NAK, ETX, check; SOH, twenty characters, EOT.
public struct ECR17Framer: Sendable {
  /// Start of heading: of a line for the display.
  static let soh: UInt8 = 0x01
  /// Length of a line for the display.
  static let progressLength = 20

  private enum State: Sendable {
    case idle
    case payload
    case check
    case controlEnd(UInt8)
    case controlCheck(UInt8)
    case progress
    case hunting
    case huntingCheck
  }

  /// Largest payload that is accepted, in bytes.
  public let maximumLength: Int
  /// Which check payloads have.
  public var check = ECR17Check.standard
  /// Bytes so far that belonged to no frame.
  public private(set) var skippedBytes = 0
  private var state = State.idle
  private var content: [UInt8] = []

  /// A framer between frames.
  public init(maximumLength: Int) { self.maximumLength = maximumLength }

  /// Whether bytes of a frame are still to come.
  public var isInsideFrame: Bool { if case .idle = state { false } else { true } }

  /// Forgets a frame that has begun.
  public mutating func reset() {
    state = .idle
    content = []
  }

  /// Takes one byte and says what it completed, if anything.
  public mutating func push(_ byte: UInt8) -> ECR17Event? {
    switch state {
    case .idle:
      content = []
      switch byte {
      case ASCIIControl.stx: state = .payload
      case ASCIIControl.ack, ASCIIControl.nak: state = .controlEnd(byte)
      case Self.soh: state = .progress
      default: skippedBytes += 1
      }
      return nil
    case .payload:
      switch byte {
      case ASCIIControl.etx: state = .check
      case ASCIIControl.stx:
        content = []
        return .damaged(.framing)
      default:
        guard content.count < maximumLength else {
          state = .hunting
          return .damaged(.lengthOverLimit)
        }
        content.append(byte)
      }
      return nil
    case .check:
      state = .idle
      guard check.value(of: content.span) == byte else {
        if byte == ASCIIControl.stx {
          content = []
          state = .payload
        }
        return .damaged(.checksum)
      }
      return .frame(content)
    case .controlEnd(let control):
      guard byte == ASCIIControl.etx else {
        state = .idle
        skippedBytes += 1
        return push(byte)
      }
      state = .controlCheck(control)
      return nil
    case .controlCheck(let control):
      state = .idle
      let difference = byte ^ control ^ 0x7F
      guard let check = ECR17Check(rawValue: difference) else {
        skippedBytes += 2
        return push(byte)
      }
      return .control(isAcknowledged: control == ASCIIControl.ack, check)
    case .progress:
      if byte == ASCIIControl.eot, content.count == Self.progressLength {
        state = .idle
        MaskedPAN.withhold(in: &content)
        return .progress(content)
      }
      guard content.count < Self.progressLength, byte >= 0x20 else {
        skippedBytes += content.count + 1
        state = .idle
        return push(byte)
      }
      content.append(byte)
      return nil
    case .hunting:
      switch byte {
      case ASCIIControl.stx:
        content = []
        state = .payload
      case ASCIIControl.etx: state = .huntingCheck
      default: break
      }
      return nil
    case .huntingCheck:
      state = .idle
      return nil
    }
  }

  /// The frame around `payload`.
  ///
  /// - Throws: ``WireError`` with reason `value` for a payload with control characters.
  public static func encode(_ payload: Span<UInt8>, check: ECR17Check) throws(WireError) -> [UInt8] {
    var frame: [UInt8] = [ASCIIControl.stx]
    frame.reserveCapacity(payload.count + 3)
    for index in payload.indices {
      guard payload[index] >= 0x20 else { throw WireError(.value, at: index, field: "payload") }
      frame.append(payload[index])
    }
    frame.append(ASCIIControl.etx)
    frame.append(check.value(of: payload))
    return frame
  }

  /// A control frame.
  public static func control(isAcknowledged: Bool, check: ECR17Check) -> [UInt8] {
    let byte = isAcknowledged ? ASCIIControl.ack : ASCIIControl.nak
    return [byte, ASCIIControl.etx, byte ^ 0x7F ^ check.rawValue]
  }
}

/// The link of ECR17 (specs/terminals.md §3.3): frames, control frames, and the kind of check, which is learnt from
/// the terminal's first control frame.
///
/// A frame is repeated after NAK only. A NAK whose own check is of another kind says that ours was: the kind is
/// changed once, and the frame sent again.
public struct ECR17Link: TerminalLink {
  /// Longest payload that either side sends, in bytes.
  public static let maximumLength = 1_024
  /// Longest wait for the ACK of a frame, in nanoseconds. Two seconds by the document, and some for the net.
  public static let acknowledgeTime: Int64 = 4_000_000_000
  /// Longest pause between two bytes of a frame, in nanoseconds.
  public static let interByteTime: Int64 = 1_000_000_000
  /// How often a frame is sent, and a damaged one asked for again.
  public static let maximumTries = 3

  private var framer = ECR17Framer(maximumLength: maximumLength)
  private var outgoing: (payload: [UInt8], tries: Int)?
  private var hasChangedCheck = false
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

  /// Sends a payload.
  public mutating func send(_ message: [UInt8], at now: Int64) -> [TerminalLinkAction] {
    guard outgoing == nil else { return [.failed(.overrun)] }
    outgoing = (message, 0)
    return transmit(at: now)
  }

  /// Takes bytes as they come. A line for the display is delivered with SOH in front.
  public mutating func receive(_ bytes: Span<UInt8>, at now: Int64) -> [TerminalLinkAction] {
    var actions: [TerminalLinkAction] = []
    for index in bytes.indices {
      switch framer.push(bytes[index]) {
      case .frame(let payload):
        damaged = 0
        talksOn()
        actions.append(.write(ECR17Framer.control(isAcknowledged: true, check: framer.check)))
        actions.append(.deliver(payload))
      case .progress(let text):
        actions.append(.deliver([ECR17Framer.soh] + text))
      case .control(let isAcknowledged, let check):
        if check != framer.check, !hasChangedCheck {
          hasChangedCheck = true
          framer.check = check
        }
        actions += isAcknowledged ? acknowledged() : transmitAgain(at: now)
      case .damaged:
        actions += damagedFrame()
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
      actions += damagedFrame()
    }
    if let due = frameDeadline, due <= now { actions += giveUp(.noAcknowledgement) }
    return actions
  }

  private mutating func transmit(at now: Int64) -> [TerminalLinkAction] {
    guard let (payload, tries) = outgoing,
      let frame = try? ECR17Framer.encode(payload.span, check: framer.check)
    else { return giveUp(.overrun) }
    outgoing = (payload, tries + 1)
    frameDeadline = now.later(by: Self.acknowledgeTime)
    hasBegunToSend = true
    return [.write(frame)]
  }

  private mutating func transmitAgain(at now: Int64) -> [TerminalLinkAction] {
    guard let tries = outgoing?.tries else { return [] }
    return tries < Self.maximumTries ? transmit(at: now) : giveUp(.refused)
  }

  private mutating func acknowledged() -> [TerminalLinkAction] {
    guard outgoing != nil else { return [] }
    outgoing = nil
    frameDeadline = nil
    return [.delivered]
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
    return [.write(ECR17Framer.control(isAcknowledged: false, check: framer.check))]
  }

  private mutating func giveUp(_ failure: TerminalLinkFailure) -> [TerminalLinkAction] {
    outgoing = nil
    frameDeadline = nil
    return [.failed(failure)]
  }
}
