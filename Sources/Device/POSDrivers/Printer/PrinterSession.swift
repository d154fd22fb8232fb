import ESCPOS
import POSModel
import POSWire

/// One conversation with a printer, without I/O: what to write or wait for next, and what came of it.
///
/// A job is: drain what is left of earlier answers, ask whether the printer is ready, clear an error that policy
/// allows to clear, send, ask whether everything was printed, and if that stays unanswered ask why. The outcome is
/// decided by two facts alone: whether a byte of the job has left, and whether the printer itself confirmed.
///
/// The machine outlives its jobs, because two things do: answers that are still owed, and a job that stopped in
/// the middle, after which the printer would take a new one's first bytes for the rest of the old picture. Then the
/// command at hand is filled up with NULs before anything else is sent (specs/escpos.md §2.5).
struct PrinterSession: Sendable {
  /// What to do next. Exactly one thing at a time.
  enum Step: Equatable, Sendable {
    /// Write all of it; the deadline is one of progress.
    case write([UInt8], until: MonotonicInstant)
    /// Read whatever comes.
    case read(until: MonotonicInstant)
    /// The first byte of the job leaves next: whoever keeps a journal writes that down now.
    case begin
    /// The job has ended.
    case printed(PrintOutcome)
    /// The question has been answered, or could not be.
    case status(Result<PrinterStatus, DeviceError>)
    /// The printer has said who it is, or could not.
    case identity(Result<PrinterIdentity, DeviceError>)
    /// Whether the printer answers `GS r`.
    case answersPaperStatus(Result<Bool, DeviceError>)
    /// The drawer has been tried.
    case drawer(DrawerOutcome)
  }

  /// What came of a step.
  enum Event: Sendable {
    case written
    case writeFailed(DeviceError)
    case received([UInt8])
    case timedOut
    case readFailed(DeviceError)
    /// The beginning of the job is written down.
    case begun
    /// It could not be.
    case refused(DeviceError)
  }

  private enum Phase: Equatable {
    case idle
    /// Filling up the head of a command that a broken job may have left half sent: a question in it would make it one of
    /// more bytes than anybody knows.
    case filling
    case draining(reads: Int)
    /// Asking `DLE EOT` questions, the first of `left` being the one at hand. What comes before it has been sent
    /// answers something else.
    case asking(left: [ESCPOSEncoder.RealTimeStatus], isSent: Bool)
    /// Has the printer forget an error and what it holds (`DLE ENQ 2`).
    case clearing
    /// Filling up a command that a broken job has left half sent; `isAsking` while the question whether the
    /// printer listens again is being written.
    case flushing(zeros: Int, isAsking: Bool)
    case awaitingFlush(zeros: Int, until: MonotonicInstant)
    /// The printer listens again. Waits out answers to questions that came before.
    case settling(until: MonotonicInstant)
    /// Separating what the broken job left from what comes.
    case tidying
    case beginning
    case sending(offset: Int, chunk: Int)
    case askingProcessID
    case awaitingProcessID(until: MonotonicInstant)
    case askingPaperStatus
    case awaitingPaperStatus(until: MonotonicInstant)
    /// Has the printer go on after an error (`DLE ENQ 1`).
    case goingOn(then: Confirmation)
    case identifying(left: [Particular], isSent: Bool)
    /// Sending or awaiting a `GS r` that no job depends on.
    case probing
    case pulsing
    /// Between two looks at the drawer's switch.
    case watchingDrawer
  }

  /// What a job waits for after its last byte.
  private enum Confirmation: Equatable { case processID, paperStatus }

  /// What `GS I` asks for (specs/escpos.md §2.3).
  private enum Particular: UInt8, CaseIterable {
    case serialNumber = 68
    case maker = 66
    case model = 67
    case firmware = 65
  }

  /// What the questions at hand are for.
  private enum Purpose: Equatable {
    case status
    case readiness
    /// Why a confirmation did not come, and what to go on waiting for once it is mended.
    case explanation(String, Confirmation)
    /// Why the printer takes no more after so many bytes of the job, between two commands.
    case stall(String, moved: Int)
    case identity
    case paperStatusProbe
    case drawer(DrawerPulse)
    /// Whether the drawer's switch has moved from where it was.
    case drawerSwitch(wasHigh: Bool, until: MonotonicInstant)
  }

  private let profile: PrinterProfile
  private let timing: ESCPOSPrinter.Timing
  private let recovery: ESCPOSPrinter.ErrorRecovery
  private let name: String

  private var parser = ESCPOSStatusParser()
  /// One-byte answers that were asked for and have not come, oldest first.
  private var owedAnswers = 0
  private var nextID: UInt32
  /// Bytes that the printer may still wait for since a job stopped in the middle of a command, at most; 0 when none did.
  private(set) var owedBytes: Int
  /// The last status that the printer sent by itself.
  private var automatic: AutomaticStatus?

  private var phase = Phase.idle
  private var purpose = Purpose.status
  private var job: [UInt8] = []
  /// A place in the job, not behind the bytes that have left, at which a command ends.
  private var boundary = 0
  private var processID: [UInt8] = []
  /// How long to wait for the confirmation of the job at hand.
  private var confirmation = Duration.zero
  private var answers = Answers()
  private var askedUntil = MonotonicInstant.start
  /// Until when somebody may mend what keeps the printer from going on, once something does.
  private var repairUntil: MonotonicInstant?
  /// Whether the printer has said what keeps it since it was last given time to go on.
  private var wasObstructed = false
  /// How often it was given time since then without taking or confirming anything.
  private var graces = 0
  private var hasCleared = false
  private var restarts = 0
  private var particulars = PrinterIdentity()
  /// Who the printer was when it was asked last.
  private var earlier: PrinterIdentity?

  /// Flags of the questions answered so far.
  private struct Answers: Sendable {
    var printer: PrinterStateFlags?
    var offline: OfflineCauseFlags?
    var error: ErrorCauseFlags?
    var paper: PaperSensorFlags?
  }

  /// Chunks keep a link's other users and the progress deadline honest. They end where commands end, as far as
  /// commands are short enough.
  static let chunk = 4096
  /// Times that an error is cleared in one job, and that a mended printer is given time.
  private static let restartLimit = 3

  /// A session with the printer called `name`, whose process ids start at `seed`: an arbitrary number, so that an
  /// answer meant for an earlier program is not taken for this one's.
  ///
  /// - Parameter owedBytes: what the printer may still wait for since an earlier session; see
  ///   ``PrinterCommands/bytesOwed(after:)``.
  init(
    _ profile: PrinterProfile, timing: ESCPOSPrinter.Timing, name: String, seed: UInt32,
    recovery: ESCPOSPrinter.ErrorRecovery = .beforeJobs, owedBytes: Int = 0
  ) {
    self.profile = profile
    self.timing = timing
    self.recovery = recovery
    self.name = name
    self.owedBytes = owedBytes
    nextID = seed
  }

  /// Whether a job has stopped in the middle, so that the printer may be in the middle of a command.
  var isInterrupted: Bool { owedBytes > 0 }

  /// The job at hand has stopped: from now on the printer may be in the middle of any command of it.
  private mutating func breakOff() { owedBytes = max(owedBytes, PrinterCommands.bytesOwed(after: job)) }

  /// Whether the printer may say something while the step at hand is being written; answers to questions do not
  /// come before the question is out.
  var listensWhileWriting: Bool {
    switch phase {
    case .sending, .flushing(_, isAsking: false): true
    default: false
    }
  }

  /// How far the job is.
  var progress: PrintProgress {
    let sent: Int
    switch phase {
    case .sending(let offset, _): sent = offset
    case .askingProcessID: sent = job.count
    default:
      if case .stall(_, let moved) = purpose { sent = moved } else { sent = isAfterSending ? job.count : 0 }
    }
    return PrintProgress(sentBytes: sent, totalBytes: job.count, obstacle: automaticObstacle)
  }

  // MARK: - Beginning

  /// Begins to print. Only when no other job or question is at hand.
  mutating func print(_ bytes: [UInt8], now: MonotonicInstant) -> Step {
    job = bytes
    boundary = 0
    if profile.confirmation == .processID, bytes.starts(with: Self.reset) {
      // The reset ends automatic status, so it is asked for right after it. Printers that know `GS ( H` know it.
      job.insert(contentsOf: ESCPOSEncoder.automaticStatus(0xFF), at: Self.reset.count)
    }
    hasCleared = false
    restarts = 0
    repairUntil = nil
    wasObstructed = false
    graces = 0
    confirmation = timing.confirmation
    if profile.confirmation != .none { confirmation += Self.paperTime(of: job, on: profile.geometry) }
    return start(.readiness, now)
  }

  /// How long the paper of a job moves in a slow printer, a second for every 50 mm, up to five minutes: all of it may
  /// still lie before the printer when the last byte has left, in its buffer or in that of a network card.
  static func paperTime(of job: [UInt8], on geometry: PrinterGeometry) -> Duration {
    var paper = ESCPOSInterpreter(geometry, limits: .init(height: 1_000_000))
    paper.feed(job.span)
    return .seconds(min(300, paper.fedDots * 254 / geometry.dotsPerInch / 500))
  }

  /// `ESC @`.
  private static let reset: [UInt8] = [0x1B, 0x40]

  /// Begins to ask for the status. Only when no other job or question is at hand.
  mutating func askStatus(now: MonotonicInstant) -> Step { start(.status, now) }

  /// Begins to ask who the printer is. Only when no other job or question is at hand.
  ///
  /// - Parameter known: who it was when it was asked last; its serial number is enough to know it again.
  mutating func askIdentity(known: PrinterIdentity? = nil, now: MonotonicInstant) -> Step {
    particulars = PrinterIdentity()
    earlier = known
    return start(.identity, now)
  }

  /// Begins to try whether the printer answers `GS r`. Only when no other job or question is at hand.
  mutating func askWhetherItConfirms(now: MonotonicInstant) -> Step { start(.paperStatusProbe, now) }

  /// Begins to open the drawer. Only when no other job or question is at hand.
  mutating func openDrawer(_ pulse: DrawerPulse, now: MonotonicInstant) -> Step {
    do throws(WireError) {
      _ = try drawerCommand(pulse)
    } catch {
      return end(
        .drawer(
          .notOpened(
            DeviceError(.badInput, during: operation("opening"), detail: "\(error.field): out of range"))))
    }
    return start(.drawer(pulse), now)
  }

  private mutating func start(_ purpose: Purpose, _ now: MonotonicInstant) -> Step {
    self.purpose = purpose
    answers = Answers()
    if profile.realTimeStatus == .never {
      switch purpose {
      case .readiness where profile.confirmation == .none, .drawer: return makeReady(now)
      case .status, .identity, .paperStatusProbe:
        return fail(DeviceError(.unsupported, during: operation("asking"), detail: "it cannot answer"), now)
      case .readiness, .explanation, .stall, .drawerSwitch: break
      }
    }
    if isInterrupted {
      phase = .filling
      return .write([UInt8](repeating: 0, count: 16), until: now + timing.progress)
    }
    return drain(now)
  }

  private mutating func drain(_ now: MonotonicInstant) -> Step {
    phase = .draining(reads: 0)
    return .read(until: now)
  }

  // MARK: - Going on

  /// Takes what came of the last step and says the next one.
  mutating func on(_ event: Event, now: MonotonicInstant) -> Step {
    switch event {
    case .received(let bytes):
      var step: Step?
      for byte in bytes {
        if let message = parser.on(byte), let next = on(message, now) { step = next }
      }
      return step ?? goOnReading(now)
    case .timedOut: return onSilence(now)
    case .written: return onWritten(now)
    case .writeFailed(let error): return onBroken(error, now)
    case .readFailed(let error):
      if canDoWithoutAnswers, error.code == .unsupported || error.code == .inputOutput {
        return makeReady(now)
      }
      return onBroken(error, now)
    case .begun: return send(from: 0, now)
    case .refused(let error): return end(.printed(.notPrinted(error)))
    }
  }

  /// Takes what the printer said while something was being written to it.
  mutating func overhear(_ bytes: [UInt8]) {
    for byte in bytes {
      if let message = parser.on(byte) { keep(message) }
    }
  }

  private mutating func keep(_ message: ESCPOSStatusParser.Message) {
    if case .short = message, owedAnswers > 0 { owedAnswers -= 1 }
    if case .automatic(let status) = message {
      automatic = status
      if automaticObstacle != nil { wasObstructed = true }
    }
  }

  private mutating func on(_ message: ESCPOSStatusParser.Message, _ now: MonotonicInstant) -> Step? {
    let wasOwed = owedAnswers > 0
    keep(message)
    // Answers come in the order of the questions: the last one owed is the one for this job.
    let isLastOwed = wasOwed && owedAnswers == 0
    if let id = message.processID, id == processID, isAfterSending { return end(.printed(.printed)) }
    switch (phase, message) {
    case (.asking(let left, true), .realTime(let byte)):
      guard let kind = left.first else { return nil }
      note(byte, as: kind)
      return ask(followUp(after: Array(left.dropFirst()), kind), now)
    case (.awaitingPaperStatus, .short(let byte)) where isLastOwed:
      return Self.saysPaperIsOut(byte)
        ? explain("the printer answered that the paper is out", .paperStatus, now) : end(.printed(.printed))
    case (.asking, .short(let byte)) where isLastOwed && !Self.saysPaperIsOut(byte):
      // The confirmation after all, while the printer was asked what keeps it.
      if case .explanation(_, .paperStatus) = purpose { return end(.printed(.printed)) }
      return nil
    case (.probing, .short(let byte)) where isLastOwed:
      return end(.answersPaperStatus(.success(!Self.saysPaperIsOut(byte))))
    case (.awaitingFlush, .short): return settle(now)
    case (.settling, .short) where wasOwed: return settle(now)
    // The answer to the other question comes right behind and is owed until then.
    case (.awaitingFlush, _) where message.processID == processID: return tidy(now)
    case (.identifying(let left, true), .block(0x5F, let text)):
      guard let particular = left.first else { return nil }
      note(text, as: particular)
      if particular == .serialNumber, !text.isEmpty, let earlier,
        earlier.serialNumber == particulars.serialNumber
      {
        return end(.identity(.success(earlier)))
      }
      return identify(Array(left.dropFirst()), now)
    default: return nil
    }
  }

  /// What a printer that prints before it answers cannot say (`GS r`; specs/escpos.md §2.3).
  private static func saysPaperIsOut(_ byte: UInt8) -> Bool { byte & 0b1100 != 0 }

  /// Whether the whole job has left, so that a confirmation can be meant for it.
  private var isAfterSending: Bool {
    switch phase {
    case .awaitingProcessID, .askingPaperStatus, .awaitingPaperStatus, .goingOn: true
    case .asking: if case .explanation = purpose { true } else { false }
    default: false
    }
  }

  private mutating func goOnReading(_ now: MonotonicInstant) -> Step {
    switch phase {
    case .draining(let reads):
      // A device that never stops talking must not keep a job from printing.
      guard reads < 64 else { return onSilence(now) }
      phase = .draining(reads: reads + 1)
      return .read(until: now)
    // A device that talks and talks has had its time as well.
    case .asking, .identifying, .probing, .watchingDrawer:
      return now < askedUntil ? .read(until: askedUntil) : onSilence(now)
    case .awaitingProcessID(let deadline), .awaitingPaperStatus(let deadline):
      return now < deadline ? .read(until: min(deadline, now + timing.confirmation)) : onSilence(now)
    case .awaitingFlush(_, let deadline), .settling(let deadline):
      return now < deadline ? .read(until: deadline) : onSilence(now)
    default: return onSilence(now)
    }
  }

  private mutating func onWritten(_ now: MonotonicInstant) -> Step {
    switch phase {
    case .filling: return drain(now)
    case .asking(let left, _):
      phase = .asking(left: left, isSent: true)
      askedUntil = now + timing.status
      return .read(until: askedUntil)
    case .identifying(let left, _):
      phase = .identifying(left: left, isSent: true)
      askedUntil = now + timing.identification
      return .read(until: askedUntil)
    case .probing:
      askedUntil = now + timing.status
      return .read(until: askedUntil)
    case .clearing:
      // What earlier jobs asked may be cleared as well, or not: whether answers still come is found out before the job.
      if owedAnswers > 0 { breakOff() }
      answers = Answers()
      return ask([.printer, .paper], now)
    case .flushing(let zeros, let isAsking):
      guard isAsking else {
        return profile.confirmation == .none ? tidy(now) : askWhetherListening(zeros, now)
      }
      // The last time, paper that still moves is waited for as after a job.
      let deadline = now + (zeros < owedBytes ? timing.status : max(timing.status, timing.confirmation))
      phase = .awaitingFlush(zeros: zeros, until: deadline)
      return .read(until: deadline)
    case .tidying:
      owedBytes = 0
      if purpose == .readiness { return begin() }
      if case .drawer(let pulse) = purpose, profile.realTimeStatus == .never { return kick(pulse, now) }
      // How it is, and where the drawer's switch stood, has been asked while the printer did not listen.
      answers = Answers()
      return ask([.printer], now)
    case .sending(let offset, let chunk):
      repairUntil = nil
      graces = 0
      return send(from: offset + chunk, now)
    case .askingProcessID: return wait(for: .processID, until: now + confirmation, now)
    case .askingPaperStatus:
      return wait(
        for: .paperStatus,
        until: now + (profile.confirmation == .paperStatus ? confirmation : timing.status), now)
    case .goingOn(let question): return wait(for: question, until: now + confirmation, now)
    case .pulsing:
      guard profile.realTimeStatus != .never, let wasHigh = answers.printer?.contains(.drawerPinHigh) else {
        return end(.drawer(.pulsed))
      }
      purpose = .drawerSwitch(wasHigh: wasHigh, until: now + timing.drawer)
      return lookAtDrawer(now)
    default: return .read(until: now)
    }
  }

  private mutating func wait(
    for question: Confirmation, until deadline: MonotonicInstant, _ now: MonotonicInstant
  ) -> Step {
    phase =
      question == .processID ? .awaitingProcessID(until: deadline) : .awaitingPaperStatus(until: deadline)
    return goOnReading(now)
  }

  private mutating func onSilence(_ now: MonotonicInstant) -> Step {
    switch phase {
    case .draining:
      parser.reset()
      switch purpose {
      case .status: return ask(ESCPOSEncoder.RealTimeStatus.allCases, now)
      case .drawer, .identity, .paperStatusProbe: return ask([.printer], now)
      case .readiness where profile.realTimeStatus == .never: return makeReady(now)
      case .readiness, .explanation, .stall, .drawerSwitch: return ask([.printer, .paper], now)
      }
    case .asking: return conclude(isComplete: false, now)
    case .identifying(let left, _):
      // A printer that knows neither its serial number nor its maker knows none of the rest.
      let isMute = left.first == .maker && particulars.isEmpty
      return identify(isMute ? [] : Array(left.dropFirst()), now)
    case .probing: return end(.answersPaperStatus(.success(false)))
    case .watchingDrawer:
      answers = Answers()
      return ask([.printer], now)
    case .awaitingFlush(let zeros, _): return flush(after: zeros, now)
    case .settling:
      owedAnswers = 0
      return tidy(now)
    case .awaitingProcessID(let deadline), .awaitingPaperStatus(let deadline):
      // As long as the printer does not say that something keeps it, the paper of a long job may still move.
      if now < deadline, automaticObstacle == nil { return goOnReading(now) }
      guard case .awaitingProcessID = phase else {
        return explain("the printer did not confirm", .paperStatus, now)
      }
      return automaticObstacle == nil
        ? askPaperStatus(now) : explain("the printer did not confirm", .processID, now)
    default: return .read(until: now)
    }
  }

  /// Whether the printer is one that may have no way to answer, such as a one-way USB interface, and nothing has been
  /// sent that needs an answer.
  private var canDoWithoutAnswers: Bool {
    guard profile.realTimeStatus == .maybe, profile.confirmation == .none else { return false }
    switch (phase, purpose) {
    case (.draining, .readiness), (.asking, .readiness), (.draining, .drawer), (.asking, .drawer): return true
    default: return false
    }
  }

  private mutating func onBroken(_ error: DeviceError, _ now: MonotonicInstant) -> Step {
    switch phase {
    case .pulsing:
      if error.bytesMoved > 0 { breakOff() }
      return end(.drawer(error.bytesMoved > 0 ? .unknown(error) : .notOpened(error)))
    case .watchingDrawer: return end(.drawer(.pulsed))
    case .sending(let offset, _):
      let moved = offset + max(0, error.bytesMoved)
      if error.code == .timedOut, isWorthWaiting(now) { return send(from: moved, now) }
      guard moved > 0 else { return end(.printed(.notPrinted(error))) }
      let detail = "\(error.code.rawValue) after \(moved) of \(job.count) bytes"
      if error.code == .timedOut, automaticObstacle == nil, profile.realTimeStatus != .never,
        isBetweenCommands(moved)
      {
        return askWhyStalled(detail, moved: moved, now)
      }
      return unknown("\(detail)\(reason(automaticObstacle))", moved: moved)
    case .askingProcessID, .awaitingProcessID, .askingPaperStatus, .awaitingPaperStatus, .goingOn:
      return unknown("\(error.code.rawValue) before the printer confirmed")
    case .identifying: return end(.identity(.failure(error)))
    default:
      // Half a question is the beginning of a command as well.
      if error.bytesMoved > 0 { breakOff() }
      guard purpose == .readiness, error.code == .timedOut, let code = automaticObstacle else {
        return fail(error, now)
      }
      return fail(DeviceError(code, during: operation("printing")), now)
    }
  }

  /// Ends what is at hand because of `error`, before anything has happened in the world.
  private mutating func fail(_ error: DeviceError, _ now: MonotonicInstant) -> Step {
    switch purpose {
    case .status: return end(.status(.failure(error)))
    case .readiness: return end(.printed(.notPrinted(error)))
    case .explanation(let detail, _): return unknown(detail)
    case .stall(let detail, let moved):
      return unknown(detail, moved: moved)
    case .identity: return end(.identity(.failure(error)))
    case .paperStatusProbe: return end(.answersPaperStatus(.failure(error)))
    case .drawer: return end(.drawer(.notOpened(error)))
    case .drawerSwitch: return end(.drawer(.pulsed))
    }
  }

  // MARK: - Questions in real time

  private mutating func ask(_ questions: [ESCPOSEncoder.RealTimeStatus], _ now: MonotonicInstant) -> Step {
    guard let first = questions.first else { return conclude(isComplete: true, now) }
    phase = .asking(left: questions, isSent: false)
    // A link that has stalled has had its patience.
    let patience = if case .stall = purpose { timing.status } else { timing.progress }
    return .write(ESCPOSEncoder.realTimeStatus(first), until: now + patience)
  }

  private mutating func note(_ byte: UInt8, as kind: ESCPOSEncoder.RealTimeStatus) {
    switch kind {
    case .printer: answers.printer = PrinterStateFlags(rawValue: byte)
    case .offlineCause: answers.offline = OfflineCauseFlags(rawValue: byte)
    case .errorCause: answers.error = ErrorCauseFlags(rawValue: byte)
    case .paper: answers.paper = PaperSensorFlags(rawValue: byte)
    }
  }

  /// The questions that remain: an off-line printer is also asked why.
  private func followUp(
    after left: [ESCPOSEncoder.RealTimeStatus], _ kind: ESCPOSEncoder.RealTimeStatus
  ) -> [ESCPOSEncoder.RealTimeStatus] {
    guard purpose != .status, kind == .printer, !isLookingAtDrawer,
      answers.printer?.contains(.offline) == true
    else {
      return left
    }
    return [.offlineCause, .errorCause, .paper]
  }

  private mutating func conclude(isComplete: Bool, _ now: MonotonicInstant) -> Step {
    let silence = DeviceError(.timedOut, during: operation("asking"))
    switch purpose {
    case .status:
      guard isComplete, let status else { return fail(silence, now) }
      return end(.status(.success(status)))
    case .readiness:
      if let obstacle {
        guard isClearable, recovery != .never, !hasCleared else {
          return end(.printed(.notPrinted(obstacle)))
        }
        // Nothing of this job is in the printer yet; what is belongs to jobs that have ended.
        hasCleared = true
        phase = .clearing
        return .write(ESCPOSEncoder.recover(.clearingBuffers), until: now + timing.progress)
      }
      // A printer in the middle of a command takes a question for its data.
      if !isComplete, profile.realTimeStatus == .always, !isInterrupted { return fail(silence, now) }
      return makeReady(now)
    case .explanation(let detail, let question):
      if isClearable, recovery == .always, restarts < Self.restartLimit {
        restarts += 1
        phase = .goingOn(then: question)
        return .write(ESCPOSEncoder.recover(.goingOn), until: now + timing.progress)
      }
      if isWorthWaiting(now) {
        // It has answered once, while something kept it.
        if obstacle == nil, question == .paperStatus, owedAnswers == 0 { return askPaperStatus(now) }
        // A printer that was mended prints the rest; one that was not is asked again soon.
        let patience = obstacle == nil ? confirmation : timing.confirmation
        return wait(for: question, until: now + patience, now)
      }
      return unknown("\(detail)\(reason(obstacle?.code))")
    case .stall(let detail, let moved):
      if isWorthWaiting(now) { return send(from: moved, now) }
      return unknown("\(detail)\(reason(obstacle?.code))", moved: moved)
    case .identity:
      if let obstacle { return fail(obstacle, now) }
      if isInterrupted { return makeReady(now) }
      guard isComplete || profile.realTimeStatus == .maybe else { return fail(silence, now) }
      return identify(Particular.allCases, now)
    case .paperStatusProbe:
      if let obstacle { return fail(obstacle, now) }
      if isInterrupted { return makeReady(now) }
      guard isComplete else { return fail(silence, now) }
      phase = .probing
      owedAnswers += 1
      return .write(ESCPOSEncoder.paperStatus, until: now + timing.progress)
    case .drawer(let pulse):
      // A pulse that waits in the printer would open the drawer when nobody expects it.
      if answers.printer?.contains(.offline) == true, let obstacle { return fail(obstacle, now) }
      if !isComplete, profile.realTimeStatus == .always, !isInterrupted { return fail(silence, now) }
      return isInterrupted ? makeReady(now) : kick(pulse, now)
    case .drawerSwitch(let wasHigh, let deadline):
      guard let printer = answers.printer else { return end(.drawer(.pulsed)) }
      if printer.contains(.drawerPinHigh) != wasHigh { return end(.drawer(.opened)) }
      return now < deadline ? lookAtDrawer(now) : end(.drawer(.pulsed))
    }
  }

  /// Whether the printer may still go on: whoever stands at it has time left to mend what it says keeps it, or has just
  /// mended it, and it prints the rest now.
  private mutating func isWorthWaiting(_ now: MonotonicInstant) -> Bool {
    guard obstacle != nil || automaticObstacle != nil else {
      guard wasObstructed, graces < Self.restartLimit else { return false }
      wasObstructed = false
      graces += 1
      return true
    }
    wasObstructed = true
    guard timing.repair > .zero else { return false }
    let deadline = repairUntil ?? now + timing.repair
    repairUntil = deadline
    return now < deadline
  }

  /// The end of a sentence that says why.
  private func reason(_ obstacle: DeviceError.Code?) -> String {
    obstacle.map { ": \(ErrorTable.row(for: $0).operatorText)" } ?? ""
  }

  /// Why the printer would not print, as far as the answers tell.
  private var obstacle: DeviceError? {
    guard let code = faults.first else {
      guard answers.printer?.contains(.offline) == true else { return nil }
      return DeviceError(.printerOffline, during: operation(verb))
    }
    return DeviceError(code, during: operation(verb))
  }

  /// The same by the status that the printer sends on every change.
  private var automaticObstacle: DeviceError.Code? {
    guard let automatic else { return nil }
    if automatic.hasUnrecoverableError { return .printerFault }
    if automatic.hasCutterError { return .cutterJam }
    if automatic.isCoverOpen { return .coverOpen }
    if automatic.isPaperOut { return .paperOut }
    if automatic.hasAutoRecoverableError { return .printerTooHot }
    if automatic.hasRecoverableError { return .printerFault }
    return automatic.isOffline ? .printerOffline : nil
  }

  /// Whether `DLE ENQ` can end what keeps the printer: an error, not a person's work left to do.
  private var isClearable: Bool {
    guard let error = answers.error, !error.contains(.unrecoverable),
      answers.offline?.contains(.coverOpen) != true,
      answers.offline?.contains(.paperOut) != true, answers.paper?.isOut != true
    else { return false }
    return error.contains(.cutter) || error.contains(.recoverable)
  }

  /// Faults that keep it from printing, worst first.
  private var faults: [DeviceError.Code] {
    var faults: [DeviceError.Code] = []
    let isOffline = answers.printer?.contains(.offline) == true
    if let error = answers.error {
      if error.contains(.unrecoverable) { faults.append(.printerFault) }
      if error.contains(.cutter) { faults.append(.cutterJam) }
      if isOffline, error.contains(.recoverable), faults.isEmpty { faults.append(.printerFault) }
    }
    if answers.offline?.contains(.coverOpen) == true { faults.append(.coverOpen) }
    if answers.offline?.contains(.paperOut) == true || answers.paper?.isOut == true {
      faults.append(.paperOut)
    }
    // Some models report an open cover as an error that passes; a hot head is what is left.
    if isOffline, answers.error?.contains(.autoRecoverable) == true, faults.isEmpty {
      faults.append(.printerTooHot)
    }
    return faults
  }

  private var status: PrinterStatus? {
    guard let printer = answers.printer, let offline = answers.offline, let paper = answers.paper else {
      return nil
    }
    let isOut = offline.contains(.paperOut) || paper.isOut
    return PrinterStatus(
      isOnline: !printer.contains(.offline), paper: isOut ? .out : paper.isNearEnd ? .nearEnd : .present,
      isCoverOpen: offline.contains(.coverOpen), faults: faults,
      isDrawerPinHigh: printer.contains(.drawerPinHigh))
  }

  // MARK: - After a broken job

  /// The printer is ready as far as it says. After a broken job it is made to listen first.
  private mutating func makeReady(_ now: MonotonicInstant) -> Step {
    guard isInterrupted else {
      if case .drawer(let pulse) = purpose { return kick(pulse, now) }
      return begin()
    }
    guard profile.confirmation == .none else { return askWhetherListening(0, now) }
    return flush(after: 0, now)
  }

  /// Asks something that a printer answers only when it is not in the middle of a command.
  private mutating func askWhetherListening(_ zeros: Int, _ now: MonotonicInstant) -> Step {
    phase = .flushing(zeros: zeros, isAsking: true)
    owedAnswers += 1
    // Some of those that should know process ids do not.
    let question = profile.confirmation == .processID ? newProcessID() ?? [] : []
    return .write(question + ESCPOSEncoder.paperStatus, until: now + timing.progress)
  }

  /// Fills the command at hand with NULs, which print nothing where no command is at hand: more each time, until
  /// the longest command a job contains must have ended. A printer that cannot be asked gets them all at once.
  private mutating func flush(after zeros: Int, _ now: MonotonicInstant) -> Step {
    guard zeros < owedBytes else {
      return fail(
        DeviceError(
          .protocolViolation, during: operation(verb),
          detail: "an earlier job broke off, and the printer does not listen since",
          hint: "switch the printer off and on, then try again"), now)
    }
    let count = profile.confirmation == .none ? owedBytes : min(max(1024, 3 * zeros), owedBytes - zeros)
    phase = .flushing(zeros: zeros + count, isAsking: false)
    return .write([UInt8](repeating: 0, count: count), until: now + timing.progress)
  }

  private mutating func settle(_ now: MonotonicInstant) -> Step {
    // That may have been the answer to an earlier question, of an earlier session even; the others come behind, on a slow
    // line with the NULs between them, unless they were eaten.
    let deadline = now + (owedAnswers > 0 ? max(timing.status, timing.confirmation) : timing.status)
    phase = .settling(until: deadline)
    return .read(until: deadline)
  }

  /// Drops the line at hand and cuts off what the broken job left.
  private mutating func tidy(_ now: MonotonicInstant) -> Step {
    var encoder = ESCPOSEncoder(codePages: profile.codePages)
    encoder.initialize()
    encoder.lineFeed()
    switch profile.cutter {
    case .full: encoder.cut(.fullAfterFeeding(0))
    case .partial: encoder.cut(.partialAfterFeeding(0))
    case .tearBar(let lines): encoder.feed(lines: lines)
    }
    phase = .tidying
    return .write(encoder.bytes, until: now + timing.progress)
  }

  // MARK: - Who it is

  private mutating func identify(_ left: [Particular], _ now: MonotonicInstant) -> Step {
    guard let first = left.first else {
      guard !particulars.isEmpty else {
        return end(
          .identity(
            .failure(
              DeviceError(.unsupported, during: operation("asking"), detail: "it does not say who it is"))))
      }
      return end(.identity(.success(particulars)))
    }
    phase = .identifying(left: left, isSent: false)
    return .write(ESCPOSEncoder.identify(first.rawValue), until: now + timing.progress)
  }

  private mutating func note(_ text: [UInt8], as particular: Particular) {
    let text = String(decoding: text, as: UTF8.self)
    switch particular {
    case .serialNumber: particulars.serialNumber = text
    case .maker: particulars.maker = text
    case .model: particulars.model = text
    case .firmware: particulars.firmware = text
    }
  }

  // MARK: - The drawer

  private func drawerCommand(_ pulse: DrawerPulse) throws(WireError) -> [UInt8] {
    var encoder = ESCPOSEncoder(codePages: profile.codePages)
    try encoder.drawer(pin: pulse.pin ?? profile.drawerPin, on: pulse.on, off: pulse.off)
    return encoder.bytes
  }

  private mutating func kick(_ pulse: DrawerPulse, _ now: MonotonicInstant) -> Step {
    phase = .pulsing
    do throws(WireError) {
      return .write(try drawerCommand(pulse), until: now + timing.progress)
    } catch {
      return end(
        .drawer(
          .notOpened(DeviceError(.badInput, during: operation("opening"), detail: "\(error.field)"))))
    }
  }

  private var isLookingAtDrawer: Bool {
    if case .drawerSwitch = purpose { true } else { false }
  }

  private mutating func lookAtDrawer(_ now: MonotonicInstant) -> Step {
    phase = .watchingDrawer
    askedUntil = now + .milliseconds(50)
    return .read(until: askedUntil)
  }

  // MARK: - Sending and confirming

  private mutating func begin() -> Step {
    phase = .beginning
    return .begin
  }

  private mutating func send(from offset: Int, _ now: MonotonicInstant) -> Step {
    purpose = .readiness
    guard offset < job.count else { return askConfirmation(now) }
    let chunk = chunkLength(from: offset)
    phase = .sending(offset: offset, chunk: chunk)
    return .write(Array(job[offset..<(offset + chunk)]), until: now + timing.progress)
  }

  /// How much to send next: as many whole commands as a chunk holds, or a chunk of one that is longer.
  private mutating func chunkLength(from offset: Int) -> Int {
    moveBoundary(to: offset)
    let limit = min(offset + Self.chunk, job.count)
    var end = boundary
    while case let next = end + CommandBoundary.length(in: job, at: end), next > end, next <= limit {
      end = next
    }
    // A tiny chunk before a long command would gain little.
    return end - offset >= Self.chunk / 2 || end == limit ? end - offset : limit - offset
  }

  /// Moves the boundary to the last place at or before `offset` at which a command ends.
  private mutating func moveBoundary(to offset: Int) {
    while case let next = boundary + CommandBoundary.length(in: job, at: boundary), next > boundary,
      next <= offset
    {
      boundary = next
    }
  }

  private mutating func isBetweenCommands(_ offset: Int) -> Bool {
    moveBoundary(to: offset)
    return boundary == offset
  }

  private mutating func askWhyStalled(_ detail: String, moved: Int, _ now: MonotonicInstant) -> Step {
    purpose = .stall(detail, moved: moved)
    answers = Answers()
    return ask([.printer, .paper], now)
  }

  private mutating func askConfirmation(_ now: MonotonicInstant) -> Step {
    switch profile.confirmation {
    case .none: return end(.printed(.sent))
    case .paperStatus: return askPaperStatus(now)
    case .processID:
      guard let question = newProcessID() else { return askPaperStatus(now) }
      phase = .askingProcessID
      return .write(question, until: now + timing.progress)
    }
  }

  /// Asks with an id that has not been used on this connection; `nil` never, as its characters are in range.
  private mutating func newProcessID() -> [UInt8]? {
    processID = (0..<4).map { UInt8(0x30 + (nextID >> (18 - 6 * $0)) & 0x3F) }
    nextID &+= 1
    return try? ESCPOSEncoder.processID(processID)
  }

  private mutating func askPaperStatus(_ now: MonotonicInstant) -> Step {
    phase = .askingPaperStatus
    owedAnswers += 1
    return .write(ESCPOSEncoder.paperStatus, until: now + timing.progress)
  }

  private mutating func explain(
    _ detail: String, _ question: Confirmation, _ now: MonotonicInstant
  ) -> Step {
    guard profile.realTimeStatus != .never else { return unknown(detail) }
    purpose = .explanation(detail, question)
    answers = Answers()
    return ask([.printer, .paper], now)
  }

  /// Nobody knows what became of the job. Its question may still be answered, or the next one's be eaten by its rest.
  private mutating func unknown(_ detail: String, moved: Int? = nil) -> Step {
    breakOff()
    return end(
      .printed(
        .unknown(
          DeviceError(
            .printUnknown, during: operation("printing"), detail: detail, bytesMoved: moved ?? job.count))))
  }

  private mutating func end(_ step: Step) -> Step {
    phase = .idle
    job = []
    return step
  }

  /// What it is that the questions at hand are for.
  private var verb: String {
    switch purpose {
    case .status, .identity, .paperStatusProbe: "asking"
    case .drawer, .drawerSwitch: "opening"
    case .readiness, .explanation, .stall: "printing"
    }
  }

  private func operation(_ verb: String) -> String {
    switch verb {
    case "asking": "asking \(name) how it is"
    case "opening": "opening the drawer at \(name)"
    default: "printing on \(name)"
    }
  }
}
