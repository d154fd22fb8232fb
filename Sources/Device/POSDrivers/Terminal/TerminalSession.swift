import POSModel

/// A till's side of a terminal protocol above its wire: whoever runs it does the actions in order and reports what came
/// of them; time is an argument. ``CardTerminal`` runs it.
protocol TerminalSession: Sendable {
  /// When `.time` is due.
  var deadline: MonotonicInstant? { get }

  /// Where the payment stands if nobody waits any longer; `nil` as long as nothing of it has left.
  var standing: PaymentOutcome? { get }

  /// What of the terminal is waited for, in words, and until when at the latest.
  var awaited: TerminalWait? { get }

  /// Takes one input and says what to do, in order.
  mutating func on(_ input: TerminalInput, at now: MonotonicInstant) -> [TerminalAction]
}

/// What to do in one go.
enum TerminalJob: Sendable, Equatable {
  case pay(PaymentRequest, on: DeviceID)
  case recover(PaymentIntent, last: PaymentOutcome?)
  case enquire
  case perform(TerminalTask)
}

/// What a job came to.
enum TerminalEnding: Sendable, Equatable {
  case payment(PaymentOutcome)
  case status(TerminalStatus)
  case performed(EffectOutcome<TerminalReport>)
  case failed(DeviceError)
}

enum TerminalInput: Sendable {
  case begin(TerminalJob)
  case connected
  case connectionFailed(DeviceError)
  case received([UInt8])
  /// A read or a write failed, or the stream ended.
  case lost(DeviceError)
  /// The session's deadline has come.
  case time
  /// The intent is on disk.
  case journaled
  case journalFailed(DeviceError)
  /// Somebody wants the payment stopped.
  case stop
  /// The job ends now, as what is known.
  case abandon(DeviceError)
}

enum TerminalAction: Sendable, Equatable {
  case connect
  case disconnect
  case write([UInt8])
  case journal(PaymentIntent)
  case show(TerminalEvent)
  case finish(TerminalEnding)
}

/// What a session waits for.
struct TerminalWait: Sendable, Equatable {
  var text: String
  var until: MonotonicInstant
}

/// How attempts to reach a terminal are spaced.
enum TerminalRetry {
  private static let pauses: [Duration] = [.seconds(1), .seconds(2), .seconds(4), .seconds(8)]

  /// The pause after so many failures, 1 or more.
  static func pause(after failures: Int) -> Duration { pauses[min(max(failures, 1), pauses.count) - 1] }
}
