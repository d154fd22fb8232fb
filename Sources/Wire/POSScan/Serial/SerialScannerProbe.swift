/// Asks a serial line which scanner is on it: only when somebody wants to know, for what is sent may mean anything
/// to a device that is no scanner (specs/scanners.md §4).
///
///     var probe = SerialScannerProbe()
///     for action in probe.start(at: now) { … }
///     for action in probe.receive(bytes.span, at: now) { … }
///     // and once probe.deadline has come:
///     for action in probe.expire(at: now) { … }
///
/// One question after the other, each with its own time. Nothing but an answer in the asked protocol counts: a
/// code that is read meanwhile proves nothing. Time is in nanoseconds of any clock that only goes forward.
public struct SerialScannerProbe: Sendable {
  /// Who answered, and what it said of itself.
  public enum Finding: Sendable, Equatable {
    /// Simple Serial Interface: Symbol and Zebra. The revision, empty where the scanner only refused.
    case ssi(revision: [UInt8])
    /// Honeywell's menu commands.
    case honeywell(revision: [UInt8])
    /// Datalogic's single letters. What ``DatalogicReply`` gives.
    case datalogic(information: [UInt8])
  }

  /// What to do next.
  public enum Action: Sendable, Equatable {
    case send([UInt8])
    /// The end: who it is, or `nil` where nobody answered.
    case end(Finding?)
  }

  private enum Question: Sendable {
    case ssi, honeywell, datalogic
  }

  /// How long each question waits, in nanoseconds.
  public let timeout: Int64
  /// When ``expire(at:)`` has something to do; `nil` before the start and after the end.
  public private(set) var deadline: Int64?
  private var question = Question.ssi
  private var framer = SSIFramer()
  private var reply = HoneywellReply()
  private var answer = DatalogicReply()
  private var lines = SerialScanDecoder()

  /// A probe that has not begun.
  public init(timeout: Int64 = 1_000_000_000) { self.timeout = timeout }

  /// Asks the first question.
  public mutating func start(at now: Int64) -> [Action] {
    question = .ssi
    wait(from: now)
    return [.send(SSIPacket(opcode: SSIOpcode.requestRevision).bytes)]
  }

  /// Takes what came.
  public mutating func receive(_ bytes: Span<UInt8>, at now: Int64) -> [Action] {
    guard deadline != nil else { return [] }
    var actions: [Action] = []
    switch question {
    case .ssi:
      for index in bytes.indices {
        var found: SSIPacket?
        framer.push(bytes[index]) { event in
          if case .packet(let packet) = event { found = packet }
        }
        guard let packet = found, packet.source == SSIPacket.Source.decoder.rawValue else { continue }
        switch packet.opcode {
        case SSIOpcode.revision:
          actions.append(.send(SSIPacket(opcode: SSIOpcode.acknowledge).bytes))
          return actions + end(.ssi(revision: packet.data))
        case SSIOpcode.refuse: return actions + end(.ssi(revision: []))
        // It speaks SSI, but what it says is a code: whoever opens it will be told again.
        default: break
        }
      }
    case .honeywell:
      var events: [SerialScanDecoder.Event] = []
      lines.receive(bytes, at: now) { events.append($0) }
      // The echo ends without a line's end.
      if bytes.count > 0, bytes[bytes.count - 1] == 0x2E { lines.flush { events.append($0) } }
      for event in events {
        guard case .scan(let line) = event, case .reply(let reply) = reply.take(line) else { continue }
        return end(.honeywell(revision: reply.text))
      }
    case .datalogic:
      for index in bytes.indices {
        // Magellan's lines have seven bits (specs/scanners.md §1.6), and an answer has no other bytes.
        let byte = bytes[index] & 0x7F
        switch answer.take(byte, isBetweenCodes: lines.isBetweenCodes) {
        case .reply(let text) where !text.isEmpty: return end(.datalogic(information: text))
        // SOH and EOT with nothing between them say nothing.
        case .reply: answer.expect(until: .max)
        case .notExpected:
          let other = [byte]
          lines.receive(other.span, at: now) { _ in }
        case .held, .released: break
        }
      }
    }
    return actions
  }

  /// Goes on to the next question once nobody has answered this one.
  public mutating func expire(at now: Int64) -> [Action] {
    guard let deadline, deadline <= now else { return [] }
    switch question {
    case .ssi:
      question = .honeywell
      wait(from: now)
      reply.expect(until: .max)
      return [.send(HoneywellMenu.revision)]
    case .honeywell:
      question = .datalogic
      wait(from: now)
      lines = SerialScanDecoder()
      answer.expect(until: .max)
      return [.send(SerialScannerDialect.datalogic.information ?? [])]
    case .datalogic: return end(nil)
    }
  }

  private mutating func wait(from now: Int64) {
    let (deadline, isOver) = now.addingReportingOverflow(timeout)
    self.deadline = isOver ? .max : deadline
  }

  private mutating func end(_ finding: Finding?) -> [Action] {
    deadline = nil
    return [.end(finding)]
  }
}
