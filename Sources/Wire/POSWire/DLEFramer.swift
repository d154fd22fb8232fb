/// Frames of the ZVT serial link: DLE STX, content with every DLE doubled, DLE ETX, CRC low, CRC high
/// (specs/terminals.md §2.2).
///
/// The check is CRC-16/KERMIT over the content before doubling and one ETX; its two bytes are never doubled.
///
/// Resynchronisation: bytes before a frame are skipped and counted, save for a lone ACK or NAK. Once a frame is
/// damaged everything up to its end, the next DLE STX or ``reset()`` is skipped, so that no byte of it is taken
/// for an ACK.
public struct DLEFramer: Sendable {
  private enum State {
    case idle
    case idleEscape
    case content
    case contentEscape
    case checkLow
    case checkHigh(low: UInt8)
    case hunting
    case huntingEscape
    case huntingCheck(left: UInt8)
  }

  /// Largest content that is accepted, in bytes before doubling.
  public let maximumLength: Int
  /// Bytes so far that belonged to no frame and were neither ACK nor NAK.
  public private(set) var skippedBytes = 0
  private var state = State.idle
  private var content: [UInt8] = []
  private var check = CRC16Kermit()

  /// A framer between frames.
  public init(maximumLength: Int) {
    self.maximumLength = maximumLength
  }

  /// Whether bytes of a frame are still to come: the time between two bytes is limited then.
  public var isInsideFrame: Bool {
    switch state {
    case .idle, .idleEscape: false
    default: true
    }
  }

  /// Forgets a frame that has begun: what to do when the line has fallen silent.
  public mutating func reset() {
    state = .idle
    content = []
  }

  /// Takes one byte and says what it completed, if anything.
  public mutating func push(_ byte: UInt8) -> FramingEvent? {
    switch state {
    case .idle:
      return lone(byte)
    case .idleEscape:
      if byte == ASCIIControl.stx {
        start()
        return nil
      }
      skippedBytes += 1
      state = .idle
      return lone(byte)

    case .content:
      if byte == ASCIIControl.dle {
        state = .contentEscape
        return nil
      }
      return keep(byte)
    case .contentEscape:
      switch byte {
      case ASCIIControl.dle:
        state = .content
        return keep(byte)
      case ASCIIControl.etx:
        check.update(byte)
        state = .checkLow
        return nil
      case ASCIIControl.stx:
        start()
        return .damaged(.framing)
      default:
        return giveUp(.framing)
      }

    case .checkLow:
      state = .checkHigh(low: byte)
      return nil
    case .checkHigh(let low):
      state = .idle
      if check.value == UInt16(byte) << 8 | UInt16(low) {
        let frame = content
        content = []
        return .frame(frame)
      }
      // A lost check byte lets the next frame's start slip in here: do not lose that frame too.
      if low == ASCIIControl.dle, byte == ASCIIControl.stx {
        start()
      } else if byte == ASCIIControl.dle {
        state = .idleEscape
      }
      return .damaged(.checksum)

    case .hunting:
      if byte == ASCIIControl.dle { state = .huntingEscape }
      return nil
    case .huntingEscape:
      switch byte {
      case ASCIIControl.stx: start()
      case ASCIIControl.etx: state = .huntingCheck(left: 2)
      default: state = .hunting
      }
      return nil
    case .huntingCheck(let left):
      state = left > 1 ? .huntingCheck(left: left - 1) : .idle
      return nil
    }
  }

  /// Takes a run of bytes and says what it completed, in order.
  public mutating func push(_ bytes: Span<UInt8>) -> [FramingEvent] {
    var events: [FramingEvent] = []
    for index in bytes.indices {
      if let event = push(bytes[index]) { events.append(event) }
    }
    return events
  }

  /// The frame around `content`, ready to send.
  public static func encode(_ content: Span<UInt8>) -> [UInt8] {
    var frame: [UInt8] = []
    frame.reserveCapacity(content.count + 8)
    frame.append(ASCIIControl.dle)
    frame.append(ASCIIControl.stx)
    var check = CRC16Kermit()
    for index in content.indices {
      let byte = content[index]
      check.update(byte)
      frame.append(byte)
      if byte == ASCIIControl.dle { frame.append(byte) }
    }
    check.update(ASCIIControl.etx)
    frame.append(ASCIIControl.dle)
    frame.append(ASCIIControl.etx)
    frame.append(UInt8(truncatingIfNeeded: check.value))
    frame.append(UInt8(truncatingIfNeeded: check.value >> 8))
    return frame
  }

  private mutating func lone(_ byte: UInt8) -> FramingEvent? {
    switch byte {
    case ASCIIControl.ack: return .acknowledged
    case ASCIIControl.nak: return .refused
    case ASCIIControl.dle: state = .idleEscape
    default: skippedBytes += 1
    }
    return nil
  }

  private mutating func start() {
    state = .content
    content = []
    check = CRC16Kermit()
  }

  private mutating func keep(_ byte: UInt8) -> FramingEvent? {
    guard content.count < maximumLength else { return giveUp(.lengthOverLimit) }
    content.append(byte)
    check.update(byte)
    return nil
  }

  private mutating func giveUp(_ reason: WireError.Reason) -> FramingEvent {
    state = .hunting
    content = []
    return .damaged(reason)
  }
}
