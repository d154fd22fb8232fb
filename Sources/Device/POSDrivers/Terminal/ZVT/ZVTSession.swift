import POSModel
import POSTerminalWire

/// A till's side of ZVT above the link, without its wire: register, take the baseline, journal, authorise, follow
/// the terminal to the end; or procedure R (specs/terminals.md §2.5, §2.12).
///
/// Whoever runs it does the actions in order and reports what came of them; time is an argument.
struct ZVTSession: TerminalSession {
  /// Pause before a busy terminal is asked again.
  static let busyPause = Duration.seconds(2)
  /// How long the ACK of our last answer is waited for once all is said.
  static let farewellTime = Duration.seconds(1)

  private enum Step: Sendable {
    case idle
    case connecting
    /// Until the next attempt to connect.
    case pausing
    case registering
    case takingBaseline
    case journalling(PaymentIntent)
    case paying(ZVTPayment)
    case enquiring
    case performing(TerminalTask, TerminalReport, ZVTReceipts)
    /// Until a busy terminal is asked again.
    case waitingUntilReady
    case askingForLast
    /// All is decided; the terminal is to know that we heard it.
    case closing(TerminalEnding)
  }

  /// Who speaks in the command at hand.
  private enum Talk: Sendable {
    case none
    /// 80 00 or 84 xx is due.
    case awaitingAnswer
    /// The terminal leads until 06 0F or 06 1E.
    case following
  }

  /// How a command ended.
  fileprivate enum CommandEnd {
    case refused(ZVTResultCode)
    case completed(ZVTMessage)
    case aborted(ZVTResultCode?)

    /// Why nothing came of it, where the terminal said so.
    var failure: ZVTResultCode? {
      switch self {
      case .refused(let code): code
      case .completed: nil
      case .aborted(let code): code
      }
    }
  }

  private let configuration: ZVTConfiguration
  private var link: ZVTLink
  private var isConnected = false
  private var job: TerminalJob?
  private var step = Step.idle
  private var talk = Talk.none
  private var talkDeadline: MonotonicInstant?
  private var stepDeadline: MonotonicInstant?
  private var giveUpAt: MonotonicInstant?
  /// When the job has taken too long, whatever the terminal says meanwhile.
  private var jobEnd: MonotonicInstant?
  private var failures = 0
  private var isStopWanted = false
  private var isStopAsked = false
  /// Whether the command at hand may have come to the terminal twice: a refusal then says nothing of the first.
  private var isCommandDoubled = false
  private var terminalID: UInt64?
  private var last: (status: ZVTMessage, transaction: ZVTTransaction)?
  private var characterSet: ZVTCharacterSet
  private var numbers = ZVTMessageNumbers()
  private var actions: [TerminalAction] = []

  init(_ configuration: ZVTConfiguration) {
    self.configuration = configuration
    characterSet = configuration.characterSet
    link = Self.newLink(configuration)
  }

  /// When `.time` is due.
  var deadline: MonotonicInstant? {
    [
      talkDeadline, stepDeadline, jobEnd,
      isConnected ? link.deadline.map(MonotonicInstant.init(nanoseconds:)) : nil,
    ]
    .compactMap(\.self).min()
  }

  /// Where the payment stands if nobody waits any longer; `nil` before 06 01 has been sent.
  var standing: PaymentOutcome? {
    let error = DeviceError(.cancelled, during: "waiting for the terminal")
    return switch step {
    case .paying(let payment): payment.outcome(.lost(error))
    case .closing(.payment(let outcome)): outcome
    default: nil
    }
  }

  var awaited: TerminalWait? {
    let text: String? =
      switch step {
      case .idle, .connecting, .journalling: nil
      case .pausing: "the next attempt to reach the terminal"
      case .paying:
        if case .following = talk {
          "the end of the payment at the terminal"
        } else {
          "the terminal to begin the payment"
        }
      case .performing(let task, _, _):
        if task == .endOfDay { "the end of the terminal's day" } else { "the terminal" }
      case .waitingUntilReady: "a busy terminal"
      case .registering, .takingBaseline, .enquiring, .askingForLast, .closing: "the terminal's answer"
      }
    return text.flatMap { text in
      (talkDeadline ?? stepDeadline ?? deadline).map { TerminalWait(text: text, until: $0) }
    }
  }

  /// Takes one input and says what to do, in order.
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
    case .lost(let error): lost(error, at: now)
    case .time: timePassed(at: now)
    case .journaled: journaled(at: now)
    case .journalFailed(let error):
      if case .journalling = step { close(.payment(.notStarted(error)), at: now) }
    case .stop: stop(at: now)
    case .abandon(let error): abandon(error)
    }
    defer { actions = [] }
    return actions
  }

  // MARK: - Connecting and registering

  private mutating func begin(_ job: TerminalJob, at now: MonotonicInstant) {
    self.job = job
    failures = 0
    isStopWanted = false
    isStopAsked = false
    terminalID = nil
    last = nil
    if case .recover = job {
      giveUpAt = now + configuration.recoveryTime
      // What has been asked by then may still be answered.
      jobEnd = now + configuration.recoveryTime + configuration.silenceTime
    } else {
      giveUpAt = nil
      jobEnd = now + configuration.longestPayment
    }
    if isConnected { register(at: now) } else { connect() }
  }

  private mutating func connect() {
    step = .connecting
    stepDeadline = nil
    actions.append(.connect)
  }

  private mutating func connected(at now: MonotonicInstant) {
    guard case .connecting = step else { return }
    isConnected = true
    link = Self.newLink(configuration)
    register(at: now)
  }

  private mutating func register(at now: MonotonicInstant) {
    step = .registering
    numbers = ZVTMessageNumbers()
    characterSet = configuration.characterSet
    command(
      .registration(
        password: configuration.password,
        configuration: [
          .printsPaymentReceipts, .printsAdministrationReceipts, .wantsIntermediateStatus, .controlsPayment,
          .controlsAdministration, .receivesReceipts,
        ], currency: currency.number, asksForNumbers: configuration.asksForNumbers), at: now)
  }

  private var currency: Currency {
    switch job {
    case .pay(let request, _): request.amount.currency
    case .recover(let intent, _): intent.request.amount.currency
    case .enquire, .perform, nil: configuration.currency
    }
  }

  private static func newLink(_ configuration: ZVTConfiguration) -> ZVTLink {
    switch configuration.link {
    case .serial: .serial(maximumDataLength: configuration.maximumDataLength)
    case .stream: .stream(maximumDataLength: configuration.maximumDataLength)
    }
  }

  /// After a failure before which nothing can have been charged, or in a recovery, where asking is free.
  private mutating func tryAgain(after error: DeviceError, at now: MonotonicInstant) {
    failures += 1
    let pause = TerminalRetry.pause(after: failures)
    let isOver =
      giveUpAt.map { now + pause > $0 } ?? (failures >= configuration.attempts)
    if isOver {
      close(failure(error), at: now)
    } else {
      step = .pausing
      stepDeadline = now + pause
    }
  }

  /// How the job ends when the terminal cannot be reached.
  private func failure(_ error: DeviceError) -> TerminalEnding {
    switch job {
    case .pay: .payment(.notStarted(error))
    case .recover(_, let outcome): .payment(unresolved(outcome, error.detail, error))
    case .perform: .performed(.notDone(error))
    case .enquire, nil: .failed(error)
    }
  }

  // MARK: - Losing the link, passing time

  private mutating func lost(_ error: DeviceError, at now: MonotonicInstant) {
    guard isConnected else { return }
    disconnect()
    switch step {
    case .idle, .connecting, .pausing: break
    case .journalling: break
    case .closing(let ending): finish(ending)
    case .paying(let payment): finish(.payment(payment.outcome(.lost(error))))
    case .performing(let task, _, _) where task != .turnover: finish(.performed(.unknown(error)))
    case .performing, .registering, .takingBaseline, .enquiring, .waitingUntilReady, .askingForLast:
      tryAgain(after: error, at: now)
    }
  }

  private mutating func disconnect() {
    isConnected = false
    talk = .none
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
    case .waitingUntilReady: register(at: now)
    case .closing(let ending):
      disconnect()
      finish(ending)
    default: break
    }
  }

  // MARK: - Commands

  private mutating func command(_ apdu: ZVTAPDU, tags: [UInt8] = [], at now: MonotonicInstant) {
    talk = .awaitingAnswer
    isCommandDoubled = false
    stepDeadline = nil
    // On a serial link the answer is due once the link holds the ACK; the link's own limits run until then.
    talkDeadline = now + configuration.answerTime
    if case .serial = configuration.link { talkDeadline = nil }
    perform(link.send(apdu.adding(tags: tags + numbers.forCommand()), at: now.nanoseconds), at: now)
  }

  private mutating func reply(_ apdu: ZVTAPDU, at now: MonotonicInstant) {
    perform(link.send(numbers.reply(apdu), at: now.nanoseconds), at: now)
  }

  private mutating func perform(_ linkActions: [TerminalLinkAction], at now: MonotonicInstant) {
    for action in linkActions {
      guard isConnected else { return }
      switch action {
      case .write(let bytes):
        actions.append(.write(bytes))
      case .deliver(let bytes):
        take(bytes, at: now)
      case .delivered:
        // An answer that is lost on the line comes again by itself, up to twice.
        if case .awaitingAnswer = talk {
          isCommandDoubled = link.hasRepeatedUnheard
          talkDeadline =
            now + configuration.answerTime
            + .nanoseconds(ZVTSerialLink.acknowledgeTime * Int64(ZVTSerialLink.maximumRepeats))
        }
        if case .closing(let ending) = step { finish(ending) }
      case .failed(let failure):
        lost(
          DeviceError(
            failure == .oversizedMessage ? .protocolViolation : .timedOut, during: "talking to the terminal",
            detail: "\(failure.name)"), at: now)
      }
    }
  }

  private mutating func take(_ bytes: [UInt8], at now: MonotonicInstant) {
    guard let apdu = try? ZVTAPDU(bytes.span) else {
      if bytes.first != 0x80, bytes.first != 0x84 {
        reply(.negativeAnswer(ZVTResultCode(rawValue: 0x9A)), at: now)
      }
      return
    }
    let message = ZVTMessage(apdu, characterSet: characterSet)
    if message.command.isAnswer {
      if numbers.isDue(message) { answered(message, at: now) }
      return
    }
    if let reply = numbers.take(message) {
      perform(link.send(reply, at: now.nanoseconds), at: now)
      return
    }
    let isFollowing = if case .following = talk { true } else { false }
    if isFollowing { talkDeadline = now + configuration.silenceTime }
    switch message.command {
    case .intermediateStatus:
      if isFollowing, let minutes = message.number(.timeout), minutes > 0 {
        talkDeadline = now + .seconds(Int64(minutes) * 60)
      }
      show(message)
      reply(.positiveAnswer, at: now)
    case .statusInformation:
      reply(statusReply(message, isFollowing: isFollowing), at: now)
    case .printLine, .printTextBlock:
      switch step {
      case .paying(var payment):
        payment.takePrint(message)
        step = .paying(payment)
      case .performing(let task, let report, var receipts):
        receipts.take(message)
        step = .performing(task, report, receipts)
      default: break
      }
      reply(.positiveAnswer, at: now)
    case .setClock:
      reply(.positiveAnswer, at: now)
    case .completion:
      reply(.positiveAnswer, at: now)
      if isFollowing { ended(.completed(message), at: now) }
    case .abort:
      reply(.positiveAnswer, at: now)
      if isFollowing { ended(.aborted(message.result), at: now) }
    default:
      reply(.negativeAnswer(.unknownCommand), at: now)
    }
  }

  /// The answer to 04 0F. One that belongs to no command of ours makes the terminal take the charge back: whoever
  /// gave up on it may have taken cash (specs/terminals.md §2.12).
  private mutating func statusReply(_ message: ZVTMessage, isFollowing: Bool) -> ZVTAPDU {
    switch step {
    case .paying(var payment) where isFollowing:
      let answer = payment.take(message)
      step = .paying(payment)
      return answer
    case .takingBaseline where isFollowing, .askingForLast where isFollowing:
      last = (message, ZVTTransaction(message))
      return .positiveAnswer
    case .performing(let task, var report, let receipts) where isFollowing:
      report.total = message.total ?? report.total
      step = .performing(task, report, receipts)
      return .positiveAnswer
    default:
      return .negativeAnswer(.processingError)
    }
  }

  private mutating func answered(_ message: ZVTMessage, at now: MonotonicInstant) {
    guard case .awaitingAnswer = talk else {
      if isStopAsked, message.command.refusal != nil {
        isStopAsked = false
        actions.append(.show(.problem(text: "the terminal cannot stop now")))
      }
      return
    }
    if let refusal = message.command.refusal {
      ended(.refused(refusal), at: now)
    } else {
      talk = .following
      talkDeadline = now + configuration.silenceTime
      if case .paying = step, isStopWanted { askToStop(at: now) }
    }
  }

  // MARK: - Step by step

  private mutating func ended(_ end: CommandEnd, at now: MonotonicInstant) {
    talk = .none
    talkDeadline = nil
    if case .refused(let code) = end, isCommandDoubled {
      // It may refuse what came again because it is at what came first.
      let doubt = DeviceError(
        .terminalRefused, during: "waiting for the terminal",
        detail: "\(hexadecimal(code.rawValue)) to a command that was sent again")
      switch step {
      case .paying(let payment): return close(.payment(payment.outcome(.lost(doubt))), at: now)
      case .performing(let task, _, _) where task != .turnover:
        return close(.performed(.unknown(doubt)), at: now)
      default: break
      }
    }
    switch step {
    case .registering: registered(end, at: now)
    case .takingBaseline: tookBaseline(end, at: now)
    case .paying(let payment): close(.payment(payment.outcome(ZVTPayment.End(end))), at: now)
    case .enquiring: enquired(end, at: now)
    case .performing(let task, let report, let receipts):
      close(.performed(Self.taskEnd(end, task, report, receipts)), at: now)
    case .askingForLast: learnedLast(end, at: now)
    case .idle, .connecting, .pausing, .journalling, .waitingUntilReady, .closing: break
    }
  }

  private mutating func registered(_ end: CommandEnd, at now: MonotonicInstant) {
    switch end {
    case .completed(let message):
      terminalID = message.digits(.terminalID)?.decimal
      if message.taggedNumber(.messageNumber) != nil, configuration.asksForNumbers { numbers.begin() }
      if case .code(let set) = message.tagged(.characterSet)?.value, let byte = set.last {
        characterSet = ZVTCharacterSet(tag14: byte)
      }
      showNeeds(message)
    case .refused(let code):
      guard case .recover = job, ZVTTerminalStatus(rawValue: code.rawValue).isTransient else {
        close(failure(DeviceError(refusedBy: code, during: "registering the till")), at: now)
        return
      }
      waitUntilReady(at: now)
      return
    case .aborted(let code):
      close(failure(DeviceError(refusedBy: code ?? .aborted, during: "registering the till")), at: now)
      return
    }
    switch job {
    case .pay:
      last = nil
      step = .takingBaseline
      command(.lastTransaction(password: configuration.password), at: now)
    case .perform(let task):
      step = .performing(task, TerminalReport(), ZVTReceipts())
      let apdu: ZVTAPDU =
        switch task {
        case .endOfDay: .endOfDay(password: configuration.password)
        case .turnover: .turnoverTotals(password: configuration.password)
        case .diagnosis: .diagnosis
        case .initialisation: .initialisation(password: configuration.password)
        }
      command(apdu, at: now)
    case .recover, .enquire, nil:
      enquire(at: now)
    }
  }

  /// BMP 19 of the completion (PA00P015 §3.2): what the terminal wants done; it may take payments all the same.
  private mutating func showNeeds(_ message: ZVTMessage) {
    let needs = message.code(.paymentType) ?? 0
    if needs & 0x01 != 0 { actions.append(.show(.problem(text: "the terminal wants an initialisation"))) }
    if needs & 0x02 != 0 { actions.append(.show(.problem(text: "the terminal wants a diagnosis"))) }
  }

  /// That it holds nothing says only a terminal that completes the question without naming one.
  private func lastTransaction(_ end: CommandEnd) -> ZVTLastTransaction {
    if let last { return .transaction(last.transaction) }
    return if case .completed = end { .none } else { .unavailable }
  }

  private mutating func tookBaseline(_ end: CommandEnd, at now: MonotonicInstant) {
    guard case .pay(let request, let terminal) = job else { return }
    if let code = end.failure, ZVTTerminalStatus(rawValue: code.rawValue).isTransient {
      close(failure(DeviceError(refusedBy: code, during: "asking for the last transaction")), at: now)
      return
    }
    let baseline = ZVTBaseline(terminalID: terminalID, last: lastTransaction(end))
    let intent = PaymentIntent(request: request, terminal: terminal, baseline: baseline.bytes)
    step = .journalling(intent)
    actions.append(.journal(intent))
  }

  private mutating func journaled(at now: MonotonicInstant) {
    guard case .journalling(let intent) = step else { return }
    guard isConnected, !isStopWanted else {
      close(
        failure(DeviceError(isStopWanted ? .cancelled : .connectionLost, during: "writing the journal")),
        at: now)
      return
    }
    let amount = intent.request.amount
    guard let apdu = order(intent.request) else {
      close(failure(DeviceError(.badInput, during: "asking for the payment", detail: "\(amount)")), at: now)
      return
    }
    step = .paying(ZVTPayment(intent.request, terminalID: terminalID))
    jobEnd = now + configuration.longestPayment
    var tags = intent.request.acceptsPart ? ZVTAPDU.acceptsPartTag : []
    if configuration.confirmsLastTransaction {
      tags += ZVTAPDU.lastReceiptTag(last?.transaction.syncNumber)
    }
    command(apdu, tags: tags, at: now)
  }

  private func order(_ request: PaymentRequest) -> ZVTAPDU? {
    guard let units = UInt64(exactly: request.amount.minorUnits) else { return nil }
    let currency = request.amount.currency.number
    // What leaves the choice of card to the terminal, and lets the customer add a tip (BMP 19).
    let paymentType: UInt8? = request.acceptsTip && request.kind == .payment ? 0x48 : nil
    let (command, wantsPassword): (ZVTCommand, Bool) =
      switch request.kind {
      case .payment: (.authorisation, false)
      case .refund: (.refund, true)
      case .reversal: (.reversal, true)
      case .preAuthorisation: (.preAuthorisation, false)
      case .booking: (.bookTotal, false)
      case .partialReversal: (.partialReversal, false)
      case .preAuthorisationReversal: (.preAuthorisationReversal, false)
      case .tip: (.tip, false)
      }
    return try? .order(
      command, password: wantsPassword ? configuration.password : nil, amount: units, currency: currency,
      receipt: request.kind.receipt, paymentType: paymentType)
  }

  /// 06 1E after the host has been told all the same is rare, and its code says which.
  private static func taskEnd(
    _ end: CommandEnd, _ task: TerminalTask, _ report: TerminalReport, _ receipts: ZVTReceipts
  ) -> EffectOutcome<TerminalReport> {
    switch end {
    case .refused(let code):
      return .notDone(DeviceError(refusedBy: code, during: task.operation))
    case .aborted(let code):
      return .notDone(DeviceError(refusedBy: code ?? .aborted, during: task.operation))
    case .completed:
      var report = report
      let lines = receipts.lines
      report.lines = lines.merchant + lines.customer
      return .done(report)
    }
  }

  private mutating func enquire(at now: MonotonicInstant) {
    step = .enquiring
    command(.statusEnquiry(password: configuration.password), at: now)
  }

  private mutating func enquired(_ end: CommandEnd, at now: MonotonicInstant) {
    if case .enquire = job {
      switch end {
      case .completed(let message):
        close(.status(TerminalStatus(message, terminalID: terminalID)), at: now)
      case .refused(let code):
        close(.failed(DeviceError(refusedBy: code, during: "asking for the status")), at: now)
      case .aborted(let code):
        close(.failed(DeviceError(refusedBy: code ?? .aborted, during: "asking for the status")), at: now)
      }
      return
    }
    let isBusy =
      switch end {
      case .completed(let message): message.terminalStatus?.isTransient ?? false
      case .refused(let code): ZVTTerminalStatus(rawValue: code.rawValue).isTransient
      case .aborted: true
      }
    if isBusy {
      if case .completed(let message) = end, message.terminalStatus == .cardInserted {
        actions.append(.show(.removeCard(text: "take the card out")))
      }
      waitUntilReady(at: now)
      return
    }
    last = nil
    step = .askingForLast
    command(.lastTransaction(password: configuration.password), at: now)
  }

  private mutating func waitUntilReady(at now: MonotonicInstant) {
    guard let giveUpAt, now + Self.busyPause <= giveUpAt else {
      close(failure(DeviceError(.terminalNotReady, during: "waiting for the terminal")), at: now)
      return
    }
    step = .waitingUntilReady
    stepDeadline = now + Self.busyPause
  }

  private mutating func learnedLast(_ end: CommandEnd, at now: MonotonicInstant) {
    guard case .recover(let intent, let outcome) = job else { return }
    if case .refused(let code) = end, ZVTTerminalStatus(rawValue: code.rawValue).isTransient {
      waitUntilReady(at: now)
      return
    }
    let verdict = ZVTVerdict(
      request: intent.request, baseline: ZVTBaseline(intent.baseline), terminalID: terminalID,
      last: lastTransaction(end))
    close(.payment(resolve(verdict, intent.request, outcome)), at: now)
  }

  private func resolve(
    _ verdict: ZVTVerdict, _ request: PaymentRequest, _ outcome: PaymentOutcome?
  ) -> PaymentOutcome {
    switch verdict {
    case .charged:
      guard let status = last?.status else { return unresolved(outcome, "", nil) }
      var record = PaymentRecord(status, of: request)
      if case .approvedUnconfirmed(let known) = outcome, known.receiptNumber == record.receiptNumber {
        record.customerReceipt = known.customerReceipt
        record.merchantReceipt = known.merchantReceipt
      }
      return .approved(record)
    case .notStored:
      return .declined(
        PaymentRefusal(code: "not-stored", text: "the terminal has not stored this payment"))
    case .failed(let code):
      return PaymentOutcome(PaymentRefusal(code, text: last?.status.text(.additionalText)))
    case .undecided(let reason):
      return unresolved(outcome, reason, nil)
    }
  }

  /// The outcome of a recovery that found nothing out.
  private func unresolved(_ outcome: PaymentOutcome?, _ reason: String, _ cause: DeviceError?)
    -> PaymentOutcome
  {
    if case .approvedUnconfirmed = outcome, let outcome { return outcome }
    return .unknown(
      DeviceError(
        .paymentUnknown, during: cause?.operation ?? "asking the terminal for its last transaction",
        detail: reason.isEmpty ? cause?.code.rawValue ?? "" : reason, errno: cause?.errno))
  }

  // MARK: - Stopping

  private mutating func stop(at now: MonotonicInstant) {
    guard case .pay = job else { return }
    isStopWanted = true
    switch step {
    case .connecting, .pausing:
      close(failure(DeviceError(.cancelled, during: "connecting to the terminal")), at: now)
    case .registering, .takingBaseline:
      // Nothing has been ordered, and the terminal may have much to say yet.
      abandon(DeviceError(.cancelled, during: "preparing the payment"))
    case .paying:
      if case .following = talk { askToStop(at: now) }
    default:
      break
    }
  }

  private mutating func abandon(_ error: DeviceError) {
    let ending: TerminalEnding =
      switch step {
      case .paying(let payment): .payment(payment.outcome(.lost(error)))
      case .closing(let ending): ending
      case .performing(let task, _, _) where task != .turnover: .performed(.unknown(error))
      default: failure(error)
      }
    if isConnected { disconnect() }
    if job != nil { finish(ending) }
  }

  /// 06 B0: a request. Too late once the terminal has approved.
  private mutating func askToStop(at now: MonotonicInstant) {
    guard case .paying(let payment) = step, !payment.isApproved, !isStopAsked else { return }
    isStopAsked = true
    perform(link.send(ZVTAPDU.abortRequest.adding(tags: numbers.forAside()), at: now.nanoseconds), at: now)
  }

  // MARK: - TerminalEnding

  /// Ends the job, once our last answer has arrived where the link can tell.
  private mutating func close(_ ending: TerminalEnding, at now: MonotonicInstant) {
    if isConnected, link.deadline != nil {
      step = .closing(ending)
      stepDeadline = now + Self.farewellTime
    } else {
      finish(ending)
    }
  }

  private mutating func finish(_ ending: TerminalEnding) {
    step = .idle
    job = nil
    talk = .none
    talkDeadline = nil
    stepDeadline = nil
    jobEnd = nil
    actions.append(.finish(ending))
  }

  private mutating func show(_ message: ZVTMessage) {
    guard let status = message.intermediateStatus else { return }
    let kind: TerminalEvent.Kind =
      switch status.kind {
      case .waitingForCustomer: .waitingForCustomer
      case .removeCard: .removeCard
      // Texts that speak of success are hints for a display, no proof of payment.
      case .working, .approvalText, .service, .other: .working
      case .reversing: .reversing
      case .problem: .problem
      }
    actions.append(
      .show(TerminalEvent(kind, text: status.name.description, terminalText: message.displayText)))
  }
}

extension ZVTPayment.End {
  fileprivate init(_ end: ZVTSession.CommandEnd) {
    switch end {
    case .refused(let code): self = .refused(code)
    case .completed: self = .completed
    case .aborted(let code): self = .aborted(code)
    }
  }
}

extension ZVTMessage {
  /// The total of status information: BMP 04, else the sum of what BMP 60 says of each kind of card.
  fileprivate var total: Int64? {
    if let amount = number(.amount) { return Int64(exactly: amount) }
    guard case .fields(let fields) = field(.totals)?.value else { return nil }
    var sum: Int64 = 0
    for field in fields where "\(field.key)".hasSuffix("_amount") {
      if case .number(let amount) = field.value { sum += Int64(clamping: amount) }
    }
    return sum
  }

  /// The terminal's own words for its display, on one line.
  fileprivate var displayText: String? {
    guard case .fields(let texts) = containerFields.first(where: { $0.tag == .displayTexts })?.value else {
      return nil
    }
    var words: [String] = []
    for field in texts where field.tag == .textLine {
      if case .text(let text) = field.value {
        for line in text.split(separator: 0x0A) { words.append(String(decoding: line, as: UTF8.self)) }
      }
    }
    return words.isEmpty ? nil : words.joined(separator: " ")
  }
}
