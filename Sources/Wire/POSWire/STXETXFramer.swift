/// Frames of Concert and Transbank links: STX, text, ETX, one LRC byte (specs/terminals.md §1, §3.1, §3.4).
///
/// The LRC is the exclusive or of the text and ETX and may be any byte, STX and ETX included. The text holds no
/// control character that the framing uses.
///
/// Resynchronisation: bytes before a frame are skipped and counted, save for a lone ACK, NAK, ENQ or EOT. An STX
/// inside a frame starts a new one; after a text beyond the limit everything up to ETX and LRC is skipped.
public struct STXETXFramer: Sendable {
  private enum State {
    case idle
    case text
    case check
    case hunting
    case huntingCheck
  }

  /// Largest text that is accepted, in bytes.
  public let maximumLength: Int
  /// Bytes so far that belonged to no frame and were no lone control character.
  public private(set) var skippedBytes = 0
  private let seed: UInt8
  private var state = State.idle
  private var text: [UInt8] = []
  private var check: XORChecksum

  /// A framer between frames; `seed` is where the LRC starts from.
  public init(maximumLength: Int, seed: UInt8 = 0) {
    self.maximumLength = maximumLength
    self.seed = seed
    check = XORChecksum(seed: seed)
  }

  /// Whether bytes of a frame are still to come: the time between two bytes is limited then.
  public var isInsideFrame: Bool { state != .idle }

  /// Forgets a frame that has begun: what to do when the line has fallen silent.
  public mutating func reset() {
    state = .idle
    text = []
  }

  /// Takes one byte and says what it completed, if anything.
  public mutating func push(_ byte: UInt8) -> FramingEvent? {
    switch state {
    case .idle:
      switch byte {
      case ASCIIControl.stx: start()
      case ASCIIControl.ack: return .acknowledged
      case ASCIIControl.nak: return .refused
      case ASCIIControl.enq: return .enquiry
      case ASCIIControl.eot: return .endOfTransmission
      default: skippedBytes += 1
      }
      return nil
    case .text:
      switch byte {
      case ASCIIControl.stx:
        start()
        return .damaged(.framing)
      case ASCIIControl.etx:
        check.update(byte)
        state = .check
        return nil
      default:
        guard text.count < maximumLength else {
          state = .hunting
          text = []
          return .damaged(.lengthOverLimit)
        }
        text.append(byte)
        check.update(byte)
        return nil
      }
    case .check:
      state = .idle
      if byte == check.value {
        let frame = text
        text = []
        return .frame(frame)
      }
      // A lost LRC lets the next frame's start slip in here: do not lose that frame too.
      if byte == ASCIIControl.stx { start() }
      return .damaged(.checksum)
    case .hunting:
      switch byte {
      case ASCIIControl.stx: start()
      case ASCIIControl.etx: state = .huntingCheck
      default: break
      }
      return nil
    case .huntingCheck:
      state = .idle
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

  /// The frame around `text`, ready to send.
  ///
  /// - Throws: ``WireError`` with reason `value` where the text holds STX or ETX, which this framing cannot carry.
  public static func encode(_ text: Span<UInt8>, seed: UInt8 = 0) throws(WireError) -> [UInt8] {
    var frame: [UInt8] = []
    frame.reserveCapacity(text.count + 3)
    frame.append(ASCIIControl.stx)
    var check = XORChecksum(seed: seed)
    for index in text.indices {
      let byte = text[index]
      guard byte != ASCIIControl.stx, byte != ASCIIControl.etx else {
        throw WireError(.value, at: index, field: "text")
      }
      frame.append(byte)
      check.update(byte)
    }
    check.update(ASCIIControl.etx)
    frame.append(ASCIIControl.etx)
    frame.append(check.value)
    return frame
  }

  private mutating func start() {
    state = .text
    text = []
    check = XORChecksum(seed: seed)
  }
}
