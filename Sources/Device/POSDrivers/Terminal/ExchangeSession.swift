import POSModel
import POSTerminalWire

/// A till's side of every protocol that is one order and one answer: reach the terminal, take the baseline, journal,
/// order, follow to the end; or find out what became of a lost payment. The words are a ``TerminalDialect``'s.
///
/// Each job has a connection of its own. An order is given once: after its first byte has left, everything but the
/// terminal's own answer is unknown.
struct ExchangeSession<Dialect: TerminalDialect>: TerminalSession {
  private enum Step: Sendable {
    case idle
    case connecting
    /// Until the next attempt to connect.
    case pausing
    case takingBaseline(TerminalQuestion)
    case journalling(PaymentIntent, order: [UInt8])
    case paying(PaymentIntent)
    /// The question with this number of a recovery.
    case asking([TerminalQuestion], Int)
    /// For an answer that comes late.
    case listening
    case reporting(TerminalQuestion)
  }

  private let dialect: Dialect
  private var link: any TerminalLink
  private var isConnected = false
  private var job: TerminalJob?
  private var step = Step.idle
  private var talkDeadline: MonotonicInstant?
  private var stepDeadline: MonotonicInstant?
  private var giveUpAt: MonotonicInstant?
  /// When the job has taken too long, whatever the terminal says meanwhile.
  private var jobEnd: MonotonicInstant?
  private var settledAt: MonotonicInstant?
  private var failures = 0
  /// The answer to the baseline question, once it has been taken on a connection of its own.
  private var baselineAnswer: [UInt8]?
  /// Whether the terminal has acknowledged the order.
  private var isOrderDelivered = false
  private var isStopWanted = false
  private var actions: [TerminalAction] = []

  init(_ dialect: Dialect) {
    self.dialect = dialect
    link = dialect.link
  }

  var deadline: MonotonicInstant? {
    [
      talkDeadline, stepDeadline, jobEnd,
      isConnected ? link.deadline.map(MonotonicInstant.init(nanoseconds:)) : nil,
    ]
    .compactMap(\.self).min()
  }

  var standing: PaymentOutcome? {
    guard case .paying = step, link.hasBegunToSend else { return nil }
    return .unknown(DeviceError(.paymentUnknown, during: "waiting for the terminal", detail: "cancelled"))
  }

  var awaited: TerminalWait? {
    let text =
      switch step {
      case .idle, .connecting, .journalling: nil as String?
      case .pausing: "the next attempt to reach the terminal"
      case .takingBaseline, .asking, .reporting: "the terminal's answer"
      case .paying: "the end of the payment at the terminal"
      case .listening: "an answer that comes late"
      }
    return text.flatMap { text in
      (talkDeadline ?? stepDeadline ?? deadline).map { TerminalWait(text: text, until: $0) }
    }
  }

  mutating func on(_ input: TerminalInput, at now: MonotonicInstant) -> [TerminalAction] {
    switch input {
    case .begin(let job): begin(job, at: now)
    case .connected: connected(at: now)
    case .connectionFailed(let error):
      if case .connecting = step { tryAgain(after: error, at: now) }
    case .received(let bytes):
      guard isConnected else { break }
      perform(link.receive(bytes.span, at: now.nanoseconds), at: now)
      endOverlongJob(at: now)
    case .lost(let error):
      if isConnected { perform(link.streamEnded(), at: now) }
      lost(error, at: now)
    case .time: timePassed(at: now)
    case .journaled: journaled(at: now)
    case .journalFailed(let error):
      if case .journalling = step { finish(.payment(.notStarted(error))) }
    case .stop: stop()
    case .abandon(let error): abandon(error)
    }
    defer { actions = [] }
    return actions
  }

  // MARK: - Reaching the terminal

  private mutating func begin(_ job: TerminalJob, at now: MonotonicInstant) {
    self.job = job
    failures = 0
    isStopWanted = false
    giveUpAt = nil
    settledAt = nil
    baselineAnswer = nil
    jobEnd = now + dialect.times.longest
    switch job {
    case .pay: break
    case .recover:
      giveUpAt = now + dialect.times.recovery
      // What has been asked by then may still be answered.
      jobEnd = now + dialect.times.recovery + dialect.times.silence
      settledAt = now + dialect.times.settle
    case .enquire:
      guard dialect.statusQuestion != nil else {
        let error = DeviceError(
          .unsupported, during: "asking the terminal for its status",
          detail: "its protocol has no such question", hint: "look at the terminal's display")
        return finish(.failed(error))
      }
    case .perform(let task):
      guard dialect.question(for: task) != nil else {
        let error = DeviceError(
          .unsupported, during: task.operation, detail: "its protocol has no such command",
          hint: "use the terminal's own menu")
        return finish(.performed(.notDone(error)))
      }
    }
    connect()
  }

  private mutating func connect() {
    step = .connecting
    stepDeadline = nil
    actions.append(.connect)
  }

  private mutating func connected(at now: MonotonicInstant) {
    guard case .connecting = step else { return }
    isConnected = true
    link = dialect.link
    switch job {
    case .pay(let request, let terminal):
      if let baselineAnswer {
        prepare(request, on: terminal, answer: baselineAnswer)
      } else if let question = dialect.baselineQuestion {
        step = .takingBaseline(question)
        ask(question, at: now)
      } else {
        prepare(request, on: terminal, answer: nil)
      }
    case .recover(let intent, _):
      let questions = dialect.recoveryQuestions(for: intent)
      if questions.isEmpty {
        step = .listening
        stepDeadline = giveUpAt
      } else {
        step = .asking(questions, 0)
        ask(questions[0], at: now)
      }
    case .enquire:
      if let question = dialect.statusQuestion { report(question, at: now) }
    case .perform(let task):
      if let question = dialect.question(for: task) { report(question, at: now) }
    case nil:
      disconnect()
    }
  }

  private mutating func report(_ question: TerminalQuestion, at now: MonotonicInstant) {
    step = .reporting(question)
    ask(question, at: now)
  }

  private mutating func ask(_ question: TerminalQuestion, at now: MonotonicInstant) {
    let isTask = if case .perform = job { true } else { false }
    talkDeadline = now + (isTask ? dialect.times.silence : dialect.times.answer)
    perform(link.send(question.text, at: now.nanoseconds), at: now)
  }

  /// After a failure before which nothing can have moved, or in a recovery, where asking is free.
  private mutating func tryAgain(after error: DeviceError, at now: MonotonicInstant) {
    failures += 1
    let pause = TerminalRetry.pause(after: failures)
    let isOver = giveUpAt.map { now + pause > $0 } ?? (failures >= dialect.times.attempts)
    if isOver {
      finish(failure(error))
    } else {
      step = .pausing
      stepDeadline = now + pause
    }
  }

  /// How the job ends when nothing of it has reached the terminal, or nothing could be found out.
  private func failure(_ error: DeviceError) -> TerminalEnding {
    switch job {
    case .pay: .payment(.notStarted(error))
    case .recover(_, let outcome):
      .payment(unresolved(outcome, error.detail.isEmpty ? error.code.rawValue : error.detail))
    case .perform: .performed(.notDone(error))
    case .enquire, nil: .failed(error)
    }
  }

  /// The outcome of a recovery that found nothing out.
  private func unresolved(_ outcome: PaymentOutcome?, _ reason: String) -> PaymentOutcome {
    if case .approvedUnconfirmed = outcome, let outcome { return outcome }
    return .unknown(
      DeviceError(
        .paymentUnknown, during: "finding out about a payment", detail: reason,
        hint: "read the terminal's own journal, then: posctl terminal recover --device ADDRESS "
          + "--charged or --not-charged"))
  }

  // MARK: - Link, loss and time

  private mutating func perform(_ linkActions: [TerminalLinkAction], at now: MonotonicInstant) {
    for action in linkActions {
      guard isConnected else { return }
      switch action {
      case .write(let bytes): actions.append(.write(bytes))
      case .delivered: delivered(at: now)
      case .deliver(let message): take(message, at: now)
      case .failed(let failure): failed(failure, at: now)
      }
    }
  }

  private mutating func failed(_ failure: TerminalLinkFailure, at now: MonotonicInstant) {
    let code: DeviceError.Code =
      switch failure {
      case .busy: .terminalNotReady
      case .refused: .terminalRefused
      case .noAcknowledgement, .notHeard: .timedOut
      case .oversizedMessage, .overrun, .damagedAnswer: .protocolViolation
      }
    let error = DeviceError(code, during: "talking to the terminal", detail: "\(failure.name)")
    if case .paying = step, failure.leavesNothingTaken {
      finish(.payment(.notStarted(error)))
    } else if case .listening = step {
      link = dialect.link
    } else {
      lost(error, at: now)
    }
  }

  private mutating func lost(_ error: DeviceError, at now: MonotonicInstant) {
    guard isConnected else { return }
    disconnect()
    switch step {
    case .idle, .connecting, .pausing, .journalling: break
    case .paying: finish(.payment(abandoned(error)))
    case .reporting where isTaskBegun: finish(.performed(.unknown(error)))
    case .takingBaseline, .asking, .listening, .reporting: tryAgain(after: error, at: now)
    }
  }

  /// Whether the terminal may be at a task that must not be asked for twice.
  private var isTaskBegun: Bool {
    guard case .perform(let task) = job else { return false }
    return task != .turnover && link.hasBegunToSend
  }

  /// Where an order stands that nobody follows any longer.
  private func abandoned(_ error: DeviceError) -> PaymentOutcome {
    guard link.hasBegunToSend else { return .notStarted(error) }
    return .unknown(
      DeviceError(
        .paymentUnknown, during: error.operation,
        detail: error.detail.isEmpty ? error.code.rawValue : error.detail, errno: error.errno))
  }

  private mutating func disconnect() {
    guard isConnected else { return }
    isConnected = false
    talkDeadline = nil
    stepDeadline = nil
    actions.append(.disconnect)
  }

  /// A terminal that has more and more to say must not keep a till for ever.
  private mutating func endOverlongJob(at now: MonotonicInstant) {
    guard let jobEnd, jobEnd <= now else { return }
    abandon(DeviceError(.timedOut, during: "waiting for the terminal", detail: "it comes to no end"))
  }

  private mutating func timePassed(at now: MonotonicInstant) {
    if isConnected { perform(link.advance(to: now.nanoseconds), at: now) }
    endOverlongJob(at: now)
    if let talkDeadline, talkDeadline <= now {
      lost(DeviceError(.timedOut, during: "waiting for the terminal"), at: now)
    }
    guard let stepDeadline, stepDeadline <= now else { return }
    self.stepDeadline = nil
    switch step {
    case .pausing: connect()
    case .listening:
      finish(failure(DeviceError(.timedOut, during: "listening", detail: "the terminal says nothing of it")))
    default: break
    }
  }

  // MARK: - Messages

  private mutating func delivered(at now: MonotonicInstant) {
    switch step {
    case .paying:
      isOrderDelivered = true
      talkDeadline = now + dialect.times.silence
    case .asking(let questions, let number) where questions[number].answer == nil:
      next(questions, after: number, nil, at: now)
    case .reporting(let question) where question.answer == nil: reported(nil)
    default: break
    }
  }

  private mutating func take(_ message: [UInt8], at now: MonotonicInstant) {
    switch step {
    case .takingBaseline(let question):
      guard question.answer?.matches(message) == true, case .pay(let request, let terminal) = job else {
        return
      }
      talkDeadline = nil
      if dialect.separatesBaseline {
        baselineAnswer = message
        disconnect()
        connect()
      } else {
        prepare(request, on: terminal, answer: message)
      }
    case .paying(let intent):
      switch dialect.read(message, for: intent) {
      case .progress(let event):
        talkDeadline = now + dialect.times.silence
        actions.append(.show(event))
      case .ended(let outcome): finish(.payment(believed(outcome, intent)))
      case .foreign(let reason):
        talkDeadline = talkDeadline ?? (now + dialect.times.silence)
        actions.append(.show(.problem(text: reason)))
      }
    case .listening:
      guard case .recover(let intent, _) = job, case .ended(let outcome) = dialect.read(message, for: intent),
        outcome.isFinal
      else { return }
      finish(.payment(outcome))
    case .asking(let questions, let number):
      guard questions[number].answer?.matches(message) == true else { return }
      next(questions, after: number, message, at: now)
    case .reporting(let question):
      if question.answer?.matches(message) == true { reported(message) }
    case .idle, .connecting, .pausing, .journalling:
      break
    }
  }

  // MARK: - Paying

  /// A refusal counts once the terminal has acknowledged the order: one that comes before may be of another order, whose
  /// acknowledgement by us was lost, and the terminal begin only now.
  private func believed(_ outcome: PaymentOutcome, _ intent: PaymentIntent) -> PaymentOutcome {
    switch outcome {
    case .declined, .cancelled:
      isOrderDelivered
        ? outcome : .unknown(contradicting: "a refusal before it has acknowledged the order", intent.request)
    case .approved, .approvedUnconfirmed, .notStarted, .unknown: outcome
    }
  }

  private mutating func prepare(_ request: PaymentRequest, on terminal: DeviceID, answer: [UInt8]?) {
    do throws(DeviceError) {
      let order = try dialect.order(for: request, answer: answer)
      let intent = PaymentIntent(request: request, terminal: terminal, baseline: order.baseline)
      step = .journalling(intent, order: order.text)
      actions.append(.journal(intent))
    } catch {
      finish(.payment(.notStarted(error)))
    }
  }

  private mutating func journaled(at now: MonotonicInstant) {
    guard case .journalling(let intent, let order) = step else { return }
    guard isConnected, !isStopWanted else {
      return finish(
        failure(DeviceError(isStopWanted ? .cancelled : .connectionLost, during: "writing the journal")))
    }
    step = .paying(intent)
    jobEnd = now + dialect.times.longest
    isOrderDelivered = false
    // The link's own limits run until it has been delivered.
    talkDeadline = nil
    perform(link.send(order, at: now.nanoseconds), at: now)
  }

  private mutating func stop() {
    guard case .pay = job else { return }
    isStopWanted = true
    switch step {
    case .connecting, .pausing, .takingBaseline:
      // Nothing has been ordered.
      finish(failure(DeviceError(.cancelled, during: "preparing the payment")))
    case .paying:
      actions.append(.show(.problem(text: "only the terminal's red key stops it")))
    default: break
    }
  }

  // MARK: - Recovering and reporting

  private mutating func next(
    _ questions: [TerminalQuestion], after number: Int, _ answer: [UInt8]?, at now: MonotonicInstant
  ) {
    talkDeadline = nil
    if number + 1 < questions.count {
      step = .asking(questions, number + 1)
      return ask(questions[number + 1], at: now)
    }
    guard case .recover(let intent, let outcome) = job else { return }
    switch answer.map({ dialect.judge($0, for: intent) }) ?? .undecided("the terminal does not say") {
    case .charged(let record): finish(.payment(.approved(record)))
    case .failed(let refusal): finish(.payment(.declined(refusal)))
    case .undecided(let reason): finish(.payment(unresolved(outcome, reason)))
    case .notStored:
      if let settledAt, now < settledAt {
        disconnect()
        step = .pausing
        stepDeadline = min(settledAt, now + dialect.times.pause)
      } else {
        finish(
          .payment(
            .declined(
              PaymentRefusal(code: "not-stored", text: "the terminal has not stored this payment"))))
      }
    }
  }

  private mutating func reported(_ answer: [UInt8]?) {
    if case .perform(let task) = job {
      finish(.performed(dialect.report(on: task, answer)))
    } else if let status = dialect.status(answer) {
      finish(.status(status))
    } else {
      finish(.failed(DeviceError(.protocolViolation, during: "asking the terminal for its status")))
    }
  }

  // MARK: - Ending

  private mutating func abandon(_ error: DeviceError) {
    guard job != nil else { return }
    let ending: TerminalEnding =
      switch step {
      case .paying: .payment(abandoned(error))
      case .reporting where isTaskBegun: .performed(.unknown(error))
      default: failure(error)
      }
    finish(ending)
  }

  private mutating func finish(_ ending: TerminalEnding) {
    disconnect()
    step = .idle
    job = nil
    stepDeadline = nil
    jobEnd = nil
    actions.append(.finish(ending))
  }
}
