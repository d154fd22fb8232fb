import POSModel
import POSTerminalWire

/// A terminal protocol of one order and one answer, as a table of texts for ``ExchangeSession``: what to send, and
/// what to make of what comes back. Adding a protocol is adding a link, a codec and one of these.
protocol TerminalDialect: Sendable {
  /// A link at rest.
  var link: any TerminalLink { get }
  var times: ExchangeTimes { get }

  /// Asked before each payment; the answer is what the terminal held before. `nil` where there is no such question.
  var baselineQuestion: TerminalQuestion? { get }

  /// Whether the baseline has a connection of its own, because its answer, repeated by a terminal that has not heard our
  /// ACK, would look like the answer to the order.
  var separatesBaseline: Bool { get }

  /// The order for `request`, and what recovery needs; `answer` is the one to ``baselineQuestion``.
  ///
  /// - Throws: `input.malformed` for what the protocol cannot say, `device.unsupported` for what it does not know.
  func order(for request: PaymentRequest, answer: [UInt8]?) throws(DeviceError) -> TerminalOrder

  /// What a message means while an order is followed.
  func read(_ message: [UInt8], for intent: PaymentIntent) -> OrderReading

  /// Asked one after another to find out about a lost payment; the last answer is judged. Empty where nothing can be
  /// asked: a recovery then listens for an answer that comes late.
  func recoveryQuestions(for intent: PaymentIntent) -> [TerminalQuestion]

  /// What the last answer says of a lost payment.
  func judge(_ answer: [UInt8], for intent: PaymentIntent) -> LostPaymentVerdict

  /// `nil` where there is no such question.
  var statusQuestion: TerminalQuestion? { get }
  func status(_ answer: [UInt8]?) -> TerminalStatus?

  /// `nil` where there is no such command.
  func question(for task: TerminalTask) -> TerminalQuestion?
  func report(on task: TerminalTask, _ answer: [UInt8]?) -> EffectOutcome<TerminalReport>
}

extension TerminalDialect {
  var baselineQuestion: TerminalQuestion? { nil }
  var separatesBaseline: Bool { false }
  func recoveryQuestions(for intent: PaymentIntent) -> [TerminalQuestion] { [] }
  func judge(_ answer: [UInt8], for intent: PaymentIntent) -> LostPaymentVerdict {
    .undecided("the protocol has no question for it")
  }
  var statusQuestion: TerminalQuestion? { nil }
  func status(_ answer: [UInt8]?) -> TerminalStatus? { nil }
  func question(for task: TerminalTask) -> TerminalQuestion? { nil }
  func report(on task: TerminalTask, _ answer: [UInt8]?) -> EffectOutcome<TerminalReport> {
    .notDone(DeviceError(.unsupported, during: task.operation))
  }
}

/// A message that moves no money.
struct TerminalQuestion: Sendable, Equatable {
  var text: [UInt8]
  /// What tells the answer from other messages; `nil` when the link's acknowledgement is all there is.
  var answer: Answer?

  /// These bytes at this place.
  struct Answer: Sendable, Equatable {
    var place: Int
    var bytes: [UInt8]

    func matches(_ message: [UInt8]) -> Bool {
      message.count >= place + bytes.count && Array(message[place..<(place + bytes.count)]) == bytes
    }
  }
}

/// The text of an order, and what the journal keeps beside it.
struct TerminalOrder: Sendable, Equatable {
  var text: [UInt8]
  var baseline: [UInt8]
}

/// What a message means while an order is followed.
enum OrderReading: Sendable, Equatable {
  /// It goes on.
  case progress(TerminalEvent)
  /// This is how it ended. Not final outcomes end the waiting all the same.
  case ended(PaymentOutcome)
  /// About something else, or unreadable; why.
  case foreign(String)
}

/// What a terminal's record says of a lost payment.
enum LostPaymentVerdict: Sendable, Equatable {
  case charged(PaymentRecord)
  case failed(PaymentRefusal)
  /// The terminal's last transaction is the one from before. As long as the terminal may still be at it that says
  /// nothing: it is asked again until ``ExchangeTimes/settle`` has passed.
  case notStored
  /// Why nothing can be said.
  case undecided(String)
}

/// Limits of an exchange.
struct ExchangeTimes: Sendable {
  /// How often a payment tries to reach the terminal before it counts as not started; 1 or more.
  var attempts = 3
  /// Longest wait for the answer to a question.
  var answer = Duration.seconds(10)
  /// Longest silence while an order is followed.
  var silence = Duration.seconds(180)
  /// Longest payment or task, however much the terminal has to tell meanwhile.
  var longest = Duration.seconds(1_800)
  /// How long a terminal may go on with an order that nobody follows.
  var settle = Duration.seconds(120)
  /// How long a recovery keeps trying, or listens.
  var recovery = Duration.seconds(180)
  /// Pause before a terminal is asked again.
  var pause = Duration.seconds(5)
}

/// A short name for a payment's reference, for protocols whose own field is shorter.
enum ReferenceTag {
  private static let letters = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

  /// `count` (1 to 12) letters and digits that depend on all of `reference`: FNV-1a, folded.
  static func of(_ reference: String, count: Int, attempt: UInt8 = 0) -> [UInt8] {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in Array(reference.utf8) + [attempt] { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01B3 }
    hash ^= hash >> 29
    var tag: [UInt8] = []
    for _ in 0..<count {
      tag.append(letters[Int(hash % 32)])
      hash >>= 5
    }
    return tag
  }
}
