import POSWire

/// Caisse-AP over TCP: fields without frames and without an end mark (specs/terminals.md §3.2).
///
/// An answer is whole when its last field is, the result AE is among its fields, and nothing more has come for
/// ``idleTime``, or the terminal has hung up. One read is never taken for one answer.
///
/// "Not done" without the reason AF may be the beginning of "not done, and not ended", which is no refusal. So its reason
/// is waited for longer, and a terminal that hangs up before it has not answered.
public struct CaisseAPLink: TerminalLink {
  /// How long nothing must come after a whole field, in nanoseconds.
  public static let idleTime: Int64 = 300_000_000
  /// How long the reason of "not done" is waited for, in nanoseconds.
  public static let reasonTime: Int64 = 5_000_000_000
  /// Largest answer, in bytes: a ticket takes 900.
  public static let maximumLength = 4_096

  private var buffer: [UInt8] = []
  private var hasFailed = false
  /// Whether a refusal lacks its reason.
  private var lacksReason = false
  /// When an answer that looks whole is taken to be so.
  public private(set) var deadline: Int64?
  /// Whether a message has been given out.
  public private(set) var hasBegunToSend = false

  /// A link at rest.
  public init() {}

  /// Sends a message. What had come before belongs to no order and is forgotten.
  public mutating func send(_ message: [UInt8], at now: Int64) -> [TerminalLinkAction] {
    buffer = []
    deadline = nil
    hasFailed = false
    hasBegunToSend = true
    return [.write(message), .delivered]
  }

  /// Takes what the terminal sent.
  public mutating func receive(_ bytes: Span<UInt8>, at now: Int64) -> [TerminalLinkAction] {
    guard !hasFailed else { return [] }
    guard buffer.count + bytes.count <= Self.maximumLength else { return fail(.oversizedMessage) }
    for index in bytes.indices { buffer.append(bytes[index]) }
    deadline = nil
    do throws(WireError) {
      let message = try CaisseAPMessage(buffer.span)
      if let result = message.number(.result) {
        lacksReason = result == 1 && message[.reason] == nil
        deadline = now.later(by: lacksReason ? Self.reasonTime : Self.idleTime)
      }
    } catch {
      if error.reason != .truncated { return fail(.damagedAnswer) }
    }
    return []
  }

  /// Gives out an answer after which nothing more has come.
  public mutating func advance(to now: Int64) -> [TerminalLinkAction] {
    guard let due = deadline, due <= now else { return [] }
    return handOver()
  }

  /// Gives out an answer that is whole.
  public mutating func streamEnded() -> [TerminalLinkAction] {
    deadline != nil && !lacksReason ? handOver() : []
  }

  private mutating func handOver() -> [TerminalLinkAction] {
    deadline = nil
    defer { buffer = [] }
    return [.deliver(buffer)]
  }

  private mutating func fail(_ failure: TerminalLinkFailure) -> [TerminalLinkAction] {
    hasFailed = true
    buffer = []
    deadline = nil
    return [.failed(failure)]
  }
}
