import ESCPOS
import POSModel
import POSWire

/// One conversation with a printer, without I/O: what to write or wait for next, and what came of it.
///
/// A job is: drain what is left of earlier answers, ask whether the printer is ready, send, ask whether everything
/// was printed, and if that stays unanswered ask why. The outcome is decided by two facts alone: whether a byte of
/// the job has left, and whether the printer itself confirmed.
///
/// The machine outlives its jobs, because two things do: answers that are still owed, and a job that stopped in
/// the middle, after which the printer may take a new one's first bytes for the rest of the old picture.
struct PrinterSession: Sendable {
  /// What to do next. Exactly one thing at a time.
  enum Step: Equatable, Sendable {
    /// Write all of it; the deadline is one of progress.
    case write([UInt8], until: MonotonicInstant)
    /// Read whatever comes.
    case read(until: MonotonicInstant)
    /// The job has ended.
    case printed(PrintOutcome)
    /// The question has been answered, or could not be.
    case status(Result<PrinterStatus, DeviceError>)
  }

  /// What came of a step.
  enum Event: Sendable {
    case written
    case writeFailed(DeviceError)
    case received([UInt8])
    case timedOut
    case readFailed(DeviceError)
  }

  private enum Phase: Equatable {
    case idle
    case draining(reads: Int)
    /// Asking `DLE EOT` questions, the first of `left` being the one at hand. What comes before it has been sent
    /// answers something else.
    case asking(left: [ESCPOSEncoder.RealTimeStatus], isSent: Bool)
    case sending(offset: Int, chunk: Int)
    case askingProcessID
    case awaitingProcessID(until: MonotonicInstant)
    case askingPaperStatus
    case awaitingPaperStatus(until: MonotonicInstant)
  }

  /// What the questions at hand are for.
  private enum Purpose: Equatable {
    case status
    case readiness
    /// Why a confirmation did not come.
    case explanation(String)
  }

  private let profile: PrinterProfile
  private let timing: ESCPOSPrinter.Timing
  private let name: String

  private var parser = ESCPOSStatusParser()
  /// One-byte answers that were asked for and have not come, oldest first.
  private var owedAnswers = 0
  private var nextID: UInt32
  /// Why no further job can be sent on this connection.
  private var stuck: DeviceError?

  private var phase = Phase.idle
  private var purpose = Purpose.status
  private var job: [UInt8] = []
  private var processID: [UInt8] = []
  private var answers = Answers()
  private var askedUntil = MonotonicInstant.start

  /// Flags of the questions answered so far.
  private struct Answers: Sendable {
    var printer: PrinterStateFlags?
    var offline: OfflineCauseFlags?
    var error: ErrorCauseFlags?
    var paper: PaperSensorFlags?
  }

  /// Chunks keep a link's other users and the progress deadline honest.
  static let chunk = 4096

  /// A session with the printer called `name`, whose process ids start at `seed`: an arbitrary number, so that an
  /// answer meant for an earlier program is not taken for this one's.
  init(_ profile: PrinterProfile, timing: ESCPOSPrinter.Timing, name: String, seed: UInt32) {
    self.profile = profile
    self.timing = timing
    self.name = name
    nextID = seed
  }

  // MARK: - Beginning

  /// Begins to print. Only when no other job or question is at hand.
  mutating func print(_ bytes: [UInt8], now: MonotonicInstant) -> Step {
    if let stuck { return .printed(.notPrinted(stuck)) }
    job = bytes
    purpose = .readiness
    answers = Answers()
    guard profile.realTimeStatus != .never || profile.confirmation != .none else { return send(from: 0, now) }
    phase = .draining(reads: 0)
    return .read(until: now)
  }

  /// Begins to ask for the status. Only when no other job or question is at hand.
  mutating func askStatus(now: MonotonicInstant) -> Step {
    if let stuck { return .status(.failure(stuck)) }
    guard profile.realTimeStatus != .never else {
      return .status(
        .failure(DeviceError(.unsupported, during: operation("asking"), detail: "it cannot answer")))
    }
    purpose = .status
    answers = Answers()
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
    case .writeFailed(let error): return onBroken(error)
    case .readFailed(let error):
      if canDoWithoutAnswers, error.code == .unsupported || error.code == .inputOutput {
        return send(from: 0, now)
      }
      return onBroken(error)
    }
  }

  private mutating func on(_ message: ESCPOSStatusParser.Message, _ now: MonotonicInstant) -> Step? {
    if case .short = message, owedAnswers > 0 { owedAnswers -= 1 }
    if let id = message.processID, id == processID, isAfterSending { return finish(.printed) }
    switch (phase, message) {
    case (.asking(let left, true), .realTime(let byte)):
      guard let kind = left.first else { return nil }
      note(byte, as: kind)
      return ask(followUp(after: Array(left.dropFirst()), kind), now)
    case (.awaitingPaperStatus, .short):
      // Answers come in the order of the questions: the last one owed is the one for this job.
      return owedAnswers == 0 ? finish(.printed) : nil
    default: return nil
    }
  }

  /// Whether the whole job has left, so that a confirmation can be meant for it.
  private var isAfterSending: Bool {
    switch phase {
    case .awaitingProcessID, .askingPaperStatus, .awaitingPaperStatus: true
    case .asking: if case .explanation = purpose { true } else { false }
    case .idle, .draining, .sending, .askingProcessID: false
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
    case .asking: return now < askedUntil ? .read(until: askedUntil) : onSilence(now)
    case .awaitingProcessID(let deadline), .awaitingPaperStatus(let deadline):
      return now < deadline ? .read(until: deadline) : onSilence(now)
    case .idle, .sending, .askingProcessID, .askingPaperStatus: return onSilence(now)
    }
  }

  private mutating func onWritten(_ now: MonotonicInstant) -> Step {
    switch phase {
    case .asking(let left, _):
      phase = .asking(left: left, isSent: true)
      askedUntil = now + timing.status
      return .read(until: askedUntil)
    case .sending(let offset, let chunk): return send(from: offset + chunk, now)
    case .askingProcessID:
      let deadline = now + timing.confirmation
      phase = .awaitingProcessID(until: deadline)
      return .read(until: deadline)
    case .askingPaperStatus:
      let deadline = now + (profile.confirmation == .paperStatus ? timing.confirmation : timing.status)
      phase = .awaitingPaperStatus(until: deadline)
      return .read(until: deadline)
    case .idle, .draining, .awaitingProcessID, .awaitingPaperStatus: return .read(until: now)
    }
  }

  private mutating func onSilence(_ now: MonotonicInstant) -> Step {
    switch phase {
    case .draining:
      parser.reset()
      guard profile.realTimeStatus != .never else { return send(from: 0, now) }
      return ask(purpose == .status ? ESCPOSEncoder.RealTimeStatus.allCases : [.printer, .paper], now)
    case .asking: return conclude(isComplete: false, now)
    case .awaitingProcessID: return askPaperStatus(now)
    case .awaitingPaperStatus: return explain("the printer did not confirm", now)
    case .idle, .sending, .askingProcessID, .askingPaperStatus: return .read(until: now)
    }
  }

  /// Whether the printer is one that may have no way to answer, such as a one-way USB interface, and nothing has been
  /// sent that needs an answer.
  private var canDoWithoutAnswers: Bool {
    guard profile.realTimeStatus == .maybe, profile.confirmation == .none, purpose == .readiness else {
      return false
    }
    switch phase {
    case .draining, .asking: return true
    default: return false
    }
  }

  private mutating func onBroken(_ error: DeviceError) -> Step {
    switch phase {
    case .asking, .draining, .idle:
      if case .explanation(let detail) = purpose, case .asking = phase { return unknown(detail) }
      return purpose == .status ? finish(.failure(error)) : finish(.notPrinted(error))
    case .sending(let offset, _):
      let moved = offset + max(0, error.bytesMoved)
      guard moved > 0 else { return finish(.notPrinted(error)) }
      stuck = DeviceError(
        .connectionLost, during: operation("printing"),
        detail: "an earlier job stopped after \(moved) of \(job.count) bytes",
        hint: "switch the printer off and on, then open it again")
      return unknown("\(error.code.rawValue) after \(moved) of \(job.count) bytes", moved: moved)
    case .askingProcessID, .awaitingProcessID, .askingPaperStatus, .awaitingPaperStatus:
      return unknown("\(error.code.rawValue) before the printer confirmed")
    }
  }

  // MARK: - Questions in real time

  private mutating func ask(_ questions: [ESCPOSEncoder.RealTimeStatus], _ now: MonotonicInstant) -> Step {
    guard let first = questions.first else { return conclude(isComplete: true, now) }
    phase = .asking(left: questions, isSent: false)
    return .write(ESCPOSEncoder.realTimeStatus(first), until: now + timing.progress)
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
    guard purpose != .status, kind == .printer, answers.printer?.contains(.offline) == true else {
      return left
    }
    return [.offlineCause, .errorCause, .paper]
  }

  private mutating func conclude(isComplete: Bool, _ now: MonotonicInstant) -> Step {
    switch purpose {
    case .status:
      guard isComplete, let status else {
        return finish(.failure(DeviceError(.timedOut, during: operation("asking"))))
      }
      return finish(.success(status))
    case .readiness:
      if let obstacle { return finish(.notPrinted(obstacle)) }
      if !isComplete, profile.realTimeStatus == .always {
        return finish(.notPrinted(DeviceError(.timedOut, during: operation("asking"))))
      }
      return send(from: 0, now)
    case .explanation(let detail):
      guard let obstacle else { return unknown(detail) }
      return unknown("\(detail): \(ErrorTable.row(for: obstacle.code).operatorText)")
    }
  }

  /// Why the printer would not print, as far as the answers tell.
  private var obstacle: DeviceError? {
    guard let code = faults.first else {
      guard answers.printer?.contains(.offline) == true else { return nil }
      return DeviceError(.printerOffline, during: operation("printing"))
    }
    return DeviceError(code, during: operation("printing"))
  }

  /// Faults that keep it from printing, worst first.
  private var faults: [DeviceError.Code] {
    var faults: [DeviceError.Code] = []
    let isOffline = answers.printer?.contains(.offline) == true
    if let error = answers.error {
      if error.contains(.unrecoverable) { faults.append(.printerFault) }
      if error.contains(.cutter) { faults.append(.cutterJam) }
      if isOffline, error.contains(.recoverable) || error.contains(.autoRecoverable), faults.isEmpty {
        faults.append(.printerFault)
      }
    }
    if answers.offline?.contains(.coverOpen) == true { faults.append(.coverOpen) }
    if answers.offline?.contains(.paperOut) == true || answers.paper?.isOut == true {
      faults.append(.paperOut)
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

  // MARK: - Sending and confirming

  private mutating func send(from offset: Int, _ now: MonotonicInstant) -> Step {
    guard offset < job.count else { return askConfirmation(now) }
    let chunk = min(Self.chunk, job.count - offset)
    phase = .sending(offset: offset, chunk: chunk)
    return .write(Array(job[offset..<(offset + chunk)]), until: now + timing.progress)
  }

  private mutating func askConfirmation(_ now: MonotonicInstant) -> Step {
    switch profile.confirmation {
    case .none: return finish(.sent)
    case .paperStatus: return askPaperStatus(now)
    case .processID:
      processID = (0..<4).map { UInt8(0x30 + (nextID >> (18 - 6 * $0)) & 0x3F) }
      nextID &+= 1
      do throws(WireError) {
        let question = try ESCPOSEncoder.processID(processID)
        phase = .askingProcessID
        return .write(question, until: now + timing.progress)
      } catch {
        return askPaperStatus(now)
      }
    }
  }

  private mutating func askPaperStatus(_ now: MonotonicInstant) -> Step {
    phase = .askingPaperStatus
    owedAnswers += 1
    return .write(ESCPOSEncoder.paperStatus, until: now + timing.progress)
  }

  private mutating func explain(_ detail: String, _ now: MonotonicInstant) -> Step {
    guard profile.realTimeStatus != .never else { return unknown(detail) }
    purpose = .explanation(detail)
    answers = Answers()
    return ask([.printer, .paper], now)
  }

  private mutating func unknown(_ detail: String, moved: Int? = nil) -> Step {
    finish(
      .unknown(
        DeviceError(
          .printUnknown, during: operation("printing"), detail: detail, bytesMoved: moved ?? job.count)))
  }

  private mutating func finish(_ outcome: PrintOutcome) -> Step {
    phase = .idle
    job = []
    return .printed(outcome)
  }

  private mutating func finish(_ status: Result<PrinterStatus, DeviceError>) -> Step {
    phase = .idle
    return .status(status)
  }

  private func operation(_ verb: String) -> String {
    switch verb {
    case "asking": "asking \(name) how it is"
    default: "printing on \(name)"
    }
  }
}
