import ESCPOS
import POSModel
import TestSupport
import Testing

@testable import POSDrivers

/// The machine alone: what it does next, and what it may never say.
@Suite("Printer session")
struct PrinterSessionTests {
  static let now = MonotonicInstant(nanoseconds: 1_000_000_000)
  static let timing = ESCPOSPrinter.Timing()
  /// A line, and much that moves no paper.
  static let job: [UInt8] = [0x1B, 0x40, 0x41] + [UInt8](repeating: 0x0D, count: 9000) + [0x0A]

  /// What a printer may wait for after a receipt that broke off.
  static let owed = PrinterCommands.bytesOwed(after: job)

  /// The same with automatic status asked for right after the reset.
  static let jobWithStatus = Array(job.prefix(2) + [0x1D, 0x61, 0xFF] + job.dropFirst(2))

  static func session(
    _ profile: PrinterProfile, seed: UInt32 = 0, recovery: ESCPOSPrinter.ErrorRecovery = .never,
    owedBytes: Int = 0
  ) -> PrinterSession {
    PrinterSession(
      profile, timing: timing, name: "the printer", seed: seed, recovery: recovery,
      owedBytes: owedBytes)
  }

  static func written(_ step: PrinterSession.Step) -> [UInt8]? {
    guard case .write(let bytes, _) = step else { return nil }
    return bytes
  }

  @Test("drains, asks, sends in chunks, asks again")
  func goodJob() {
    var session = Self.session(.epsonTMT20II, seed: 0x01_0203)
    #expect(session.print(Self.job, now: Self.now) == .read(until: Self.now))
    // What an earlier job left behind is read away.
    #expect(session.on(.received([0x12, 0x37, 0x22]), now: Self.now) == .read(until: Self.now))
    #expect(Self.written(session.on(.timedOut, now: Self.now)) == [0x10, 0x04, 0x01])
    #expect(session.on(.written, now: Self.now) == .read(until: Self.now + Self.timing.status))
    #expect(Self.written(session.on(.received([0x12]), now: Self.now)) == [0x10, 0x04, 0x04])
    _ = session.on(.written, now: Self.now)
    var sent: [UInt8] = []
    #expect(session.on(.received([0x12]), now: Self.now) == .begin)
    var step = session.on(.begun, now: Self.now)
    while let bytes = Self.written(step), sent.count < Self.jobWithStatus.count {
      #expect(bytes.count <= PrinterSession.chunk)
      sent += bytes
      step = session.on(.written, now: Self.now)
    }
    #expect(sent == Self.jobWithStatus)
    let id: [UInt8] = [0x30, 0x40, 0x38, 0x33]
    #expect(Self.written(step) == [0x1D, 0x28, 0x48, 0x06, 0x00, 0x30, 0x30] + id)
    #expect(session.on(.written, now: Self.now) == .read(until: Self.now + Self.timing.confirmation))
    // Someone else's id, an automatic frame, and the answer in two pieces.
    let deadline = Self.now + Self.timing.confirmation
    #expect(
      session.on(.received([0x37, 0x22, 0x30, 0x40, 0x38, 0x32, 0]), now: Self.now) == .read(until: deadline))
    #expect(session.on(.received([0x18, 0, 0x0C, 0x0F]), now: Self.now) == .read(until: deadline))
    #expect(session.on(.received([0x37, 0x22, 0x30]), now: Self.now) == .read(until: deadline))
    #expect(session.on(.received([0x40, 0x38, 0x33, 0]), now: Self.now) == .printed(.printed))
  }

  /// A session that has begun to send `job`, and its first chunk.
  private static func sending(
    _ job: [UInt8], repair: Duration = .zero, profile: PrinterProfile = .confirming80
  ) throws -> (session: PrinterSession, first: [UInt8]) {
    var timing = ESCPOSPrinter.Timing()
    timing.repair = repair
    var session = PrinterSession(profile, timing: timing, name: "the printer", seed: 0, recovery: .never)
    _ = session.print(job, now: now)
    _ = session.on(.timedOut, now: now)
    for _ in 0..<2 {
      _ = session.on(.written, now: now)
      _ = session.on(.received([0x12]), now: now)
    }
    let first = try #require(written(session.on(.begun, now: now)))
    return (session, first)
  }

  @Test("waits longer for the confirmation of much paper")
  func paperTime() {
    let geometry = PrinterProfile.epsonTMT20II.geometry
    #expect(PrinterSession.paperTime(of: Self.job, on: geometry) == .zero)
    // Ten lines of a sixth of an inch and four feeds of 255 vertical units: 42 and 127 mm. Of 20,000 dots: 2.5 m.
    let lines = [UInt8](repeating: 0x0A, count: 10)
    let feeds = Array(repeating: [0x1B, 0x4A, 0xFF] as [UInt8], count: 4).flatMap { $0 }
    #expect(PrinterSession.paperTime(of: lines, on: geometry) == .zero)
    #expect(PrinterSession.paperTime(of: lines + feeds, on: geometry) == .seconds(3))
    let picture: [UInt8] = [0x1D, 0x76, 0x30, 0, 1, 0, 0x10, 0x27] + [UInt8](repeating: 0, count: 10_000)
    #expect(PrinterSession.paperTime(of: picture + picture, on: geometry) == .seconds(50))
    let rolls = Array(repeating: [0x1B, 0x4A, 0xFF] as [UInt8], count: 6000).flatMap { $0 }
    #expect(PrinterSession.paperTime(of: rolls, on: geometry) == .seconds(300))
  }

  /// Three bands of 3008 bytes with a line before each.
  static let bands: [UInt8] = (0..<3).flatMap { _ in
    Array("a line\n".utf8) + [0x1D, 0x76, 0x30, 0, 10, 0, 44, 1] + [UInt8](repeating: 0x10, count: 3000)
  }

  @Test("chunks end where commands end")
  func chunksEndBetweenCommands() throws {
    var (session, chunk) = try Self.sending(Self.bands)
    var sent: [[UInt8]] = []
    while sent.count < 3 {
      sent.append(chunk)
      chunk = Self.written(session.on(.written, now: Self.now)) ?? []
    }
    #expect(sent.map(\.count) == [3022, 3015, 3008])
    #expect(sent.flatMap { $0 } == Self.bands)
    #expect(chunk == ESCPOSEncoder.paperStatus)
  }

  @Test("a stall between two commands is asked about, and goes on where it stopped once it is mended")
  func stallBetweenCommands() throws {
    var (session, _) = try Self.sending(Self.bands, repair: .seconds(600))
    let stalled = DeviceError(.timedOut, during: "writing", bytesMoved: 7)
    // After the line, before the band: that is between commands.
    #expect(Self.written(session.on(.writeFailed(stalled), now: Self.now)) == [0x10, 0x04, 0x01])
    _ = session.on(.written, now: Self.now)
    #expect(Self.written(session.on(.received([0x1A]), now: Self.now)) == [0x10, 0x04, 0x02])
    #expect(session.progress.sentBytes == 7)
    for (question, answer) in [(3, 0x32), (4, 0x12), (0, 0x7E)] as [(UInt8, UInt8)] {
      _ = session.on(.written, now: Self.now)
      let step = session.on(.received([answer]), now: Self.now)
      if question > 0 {
        #expect(Self.written(step) == [0x10, 0x04, question])
      } else {
        // Off line for want of paper, and somebody may put in a roll.
        #expect(Self.written(step)?.starts(with: Self.bands[7..<20]) == true)
      }
    }
    #expect(session.progress.sentBytes == 7)
  }

  @Test("a stall inside a picture is never asked about: the question would be its dots")
  func stallInsideCommand() throws {
    for moved in [8, 14, 15, 2000, 3014] {
      var (session, _) = try Self.sending(Self.bands)
      let stalled = DeviceError(.timedOut, during: "writing", bytesMoved: moved)
      guard case .printed(.unknown(let error)) = session.on(.writeFailed(stalled), now: Self.now) else {
        Issue.record("writes after \(moved) bytes")
        continue
      }
      #expect(error.bytesMoved == moved && session.isInterrupted)
    }
  }

  @Test("a stall that nobody explains is unknown, and the printer may hold half a question")
  func stallWithoutAnswer() throws {
    let stalled = DeviceError(.timedOut, during: "writing", bytesMoved: 7)
    var (silent, _) = try Self.sending(Self.bands)
    _ = silent.on(.writeFailed(stalled), now: Self.now)
    _ = silent.on(.written, now: Self.now)
    guard case .printed(.unknown(let error)) = silent.on(.timedOut, now: Self.now) else {
      Issue.record("goes on")
      return
    }
    #expect(error.bytesMoved == 7 && silent.isInterrupted)
    var (stuck, _) = try Self.sending(Self.bands)
    _ = stuck.on(.writeFailed(stalled), now: Self.now)
    let again = DeviceError(.timedOut, during: "writing", bytesMoved: 1)
    guard case .printed(.unknown) = stuck.on(.writeFailed(again), now: Self.now) else {
      Issue.record("goes on")
      return
    }
    #expect(stuck.isInterrupted)
  }

  @Test("an answer that was there before the question answers something else")
  func earlyAnswers() {
    var session = Self.session(.epsonTMT20II)
    _ = session.print(Self.job, now: Self.now)
    _ = session.on(.timedOut, now: Self.now)
    _ = session.on(.written, now: Self.now)
    // Two answers at once: the second cannot be to the question that has not been asked.
    #expect(Self.written(session.on(.received([0x12, 0x72]), now: Self.now)) == [0x10, 0x04, 0x04])
    _ = session.on(.written, now: Self.now)
    #expect(session.on(.received([0x12]), now: Self.now) == .begin)
    #expect(Self.written(session.on(.begun, now: Self.now))?.count == PrinterSession.chunk)
  }

  @Test("asks an off-line printer why, and takes the worst reason")
  func offline() {
    let cases: [([UInt8], DeviceError.Code)] = [
      ([0x1A, 0x16, 0x12, 0x12], .coverOpen), ([0x1A, 0x32, 0x12, 0x72], .paperOut),
      ([0x1A, 0x12, 0x12, 0x32], .paperOut), ([0x1A, 0x52, 0x1A, 0x12], .cutterJam),
      ([0x1A, 0x52, 0x3A, 0x12], .printerFault), ([0x1A, 0x52, 0x52, 0x12], .printerTooHot),
      ([0x1A, 0x52, 0x16, 0x12], .printerFault),
      ([0x1A, 0x12, 0x12, 0x12], .printerOffline), ([0x12, 0x72], .paperOut),
    ]
    for (answers, code) in cases {
      var session = Self.session(.epsonTMT20II)
      _ = session.print(Self.job, now: Self.now)
      var step = session.on(.timedOut, now: Self.now)
      for answer in answers {
        #expect(Self.written(step)?.count == 3)
        _ = session.on(.written, now: Self.now)
        step = session.on(.received([answer]), now: Self.now)
      }
      guard case .printed(.notPrinted(let error)) = step else {
        Issue.record("\(answers): \(step)")
        continue
      }
      #expect(error.code == code)
    }
  }

  @Test("a one-way printer is written to although it cannot be read")
  func oneWay() {
    var session = Self.session(.generic80)
    _ = session.print(Self.job, now: Self.now)
    let error = DeviceError(.inputOutput, during: "reading", errno: 22)
    #expect(session.on(.readFailed(error), now: Self.now) == .begin)
    #expect(Self.written(session.on(.begun, now: Self.now))?.count == PrinterSession.chunk)
    var confirming = Self.session(.epsonTMT20II)
    _ = confirming.print(Self.job, now: Self.now)
    #expect(confirming.on(.readFailed(error), now: Self.now) == .printed(.notPrinted(error)))
  }

  @Test("a file is only written to")
  func file() {
    var session = Self.session(PrinterProfile.epsonTMT20II.oneWay)
    #expect(session.print([1, 2], now: Self.now) == .begin)
    #expect(Self.written(session.on(.begun, now: Self.now)) == [1, 2])
    #expect(session.on(.written, now: Self.now) == .printed(.sent))
    guard case .status(.failure(let error)) = session.askStatus(now: Self.now) else {
      Issue.record("asked a file")
      return
    }
    #expect(error.code == .unsupported)
  }

  @Test("a job whose beginning cannot be written down is not begun")
  func refusedBeginning() {
    var session = Self.session(PrinterProfile.epsonTMT20II.oneWay)
    #expect(session.print(Self.job, now: Self.now) == .begin)
    let error = DeviceError(.journalFull, during: "writing")
    #expect(session.on(.refused(error), now: Self.now) == .printed(.notPrinted(error)))
    #expect(!session.isInterrupted)
  }

  @Test("counts the bytes that left, and fills up what half a job left open before the next one")
  func brokenWrite() {
    for moved in [0, 1, 4095] {
      for chunks in [0, 1, 2] {
        var profile = PrinterProfile.generic80
        profile.realTimeStatus = .never
        var session = Self.session(profile)
        _ = session.print(Self.job, now: Self.now)
        _ = session.on(.begun, now: Self.now)
        for _ in 0..<chunks { _ = session.on(.written, now: Self.now) }
        let error = DeviceError(.timedOut, during: "writing", bytesMoved: moved)
        let step = session.on(.writeFailed(error), now: Self.now)
        if moved == 0, chunks == 0 {
          #expect(step == .printed(.notPrinted(error)))
          #expect(session.print(Self.job, now: Self.now) == .begin)
        } else {
          guard case .printed(.unknown(let error)) = step else {
            Issue.record("\(step)")
            continue
          }
          #expect(error.bytesMoved == chunks * PrinterSession.chunk + moved)
          let zeros = [UInt8](repeating: 0, count: PrinterCommands.longest)
          #expect(Self.written(session.print(Self.job, now: Self.now)) == zeros)
          #expect(Self.written(session.on(.written, now: Self.now))?.starts(with: [0x1B, 0x40]) == true)
          #expect(session.on(.written, now: Self.now) == .begin)
        }
      }
    }
  }

  /// Answers `DLE EOT` until something else is to be done.
  static func pastReadiness(
    _ session: inout PrinterSession, answers: [UInt8] = [0x12, 0x12]
  ) -> PrinterSession.Step {
    // A printer in the middle of a command gets its head filled up first.
    if written(session.print(job, now: now)) == [UInt8](repeating: 0, count: 16) {
      _ = session.on(.written, now: now)
    }
    var step = session.on(.timedOut, now: now)
    for answer in answers {
      guard written(step)?.starts(with: [0x10, 0x04]) == true else { return step }
      _ = session.on(.written, now: now)
      step = session.on(.received([answer]), now: now)
    }
    return step
  }

  @Test("asks a printer that was left in the middle whether it listens, and sends NULs only until it does")
  func flushing() {
    var session = Self.session(.epsonTMT20II, owedBytes: Self.owed)
    var step = Self.pastReadiness(&session)
    var zeros: [Int] = []
    for round in 0..<4 {
      #expect(Self.written(step)?.starts(with: [0x1D, 0x28, 0x48]) == true)
      #expect(session.on(.written, now: Self.now) == .read(until: Self.now + Self.timing.status))
      guard round < 3 else { break }
      guard let block = Self.written(session.on(.timedOut, now: Self.now)) else {
        Issue.record("no NULs")
        return
      }
      #expect(block.allSatisfy { $0 == 0 })
      zeros.append(block.count)
      step = session.on(.written, now: Self.now)
    }
    #expect(zeros == [1024, 3072, 12288])
    // An id of an earlier question proves nothing; that of the last one does.
    let id = UInt8(ascii: "0") + 3
    #expect(
      session.on(.received([0x37, 0x22, 0x30, 0x30, 0x30, id - 1, 0]), now: Self.now)
        == .read(until: Self.now + Self.timing.status))
    let tidy = Self.written(session.on(.received([0x37, 0x22, 0x30, 0x30, 0x30, id, 0]), now: Self.now))
    #expect(tidy?.starts(with: [0x1B, 0x40]) == true)
    #expect(tidy?.suffix(4) == [0x1D, 0x56, 0x42, 0x00])
    #expect(session.on(.written, now: Self.now) == .begin)
    #expect(!session.isInterrupted)
  }

  @Test("what is filled up is longer than a picture's command for any printer")
  func longestCommand() {
    for profile in PrinterProfile.all {
      #expect(profile.pictures.bandBytes + 64 <= PrinterCommands.longest, "\(profile.name)")
    }
  }

  @Test("a drawer after a broken job waits until the printer listens, and its switch is looked at then")
  func drawerAfterBrokenJob() {
    var mute = PrinterProfile.generic80
    mute.realTimeStatus = .never
    for profile in [mute, .generic80, .confirming80, .epsonTMT20II] {
      var session = Self.session(profile, owedBytes: Self.owed)
      var step = session.openDrawer(DrawerPulse(), now: Self.now)
      var zeros = 0
      var hasAnswered = false
      var written: [[UInt8]] = []
      loop: for _ in 0..<40 {
        switch step {
        case .write(let bytes, _):
          if bytes.allSatisfy({ $0 == 0 }) { zeros += bytes.count } else { written.append(bytes) }
          step = session.on(.written, now: Self.now)
        case .read where zeros > 4000 && written.last?.first == 0x10:
          // It listens: the switch is low.
          step = session.on(.received([0x12]), now: Self.now)
        case .read where zeros > 4000 && profile.confirmation == .paperStatus && !hasAnswered:
          hasAnswered = true
          step = session.on(.received([0x00]), now: Self.now)
        case .read where zeros > 4000 && profile.confirmation == .processID && !hasAnswered:
          hasAnswered = true
          let id = Array(written.last?.dropFirst(7).prefix(4) ?? [])
          step = session.on(.received([0x37, 0x22] + id + [0]), now: Self.now)
        case .read: step = session.on(.timedOut, now: Self.now)
        default: break loop
        }
        if written.last?.starts(with: [0x1B, 0x70]) == true { break }
      }
      #expect(zeros > 4000 && !session.isInterrupted, "\(profile.name)")
      #expect(written.last?.starts(with: [0x1B, 0x70]) == true, "\(profile.name): \(step)")
      let questions = written.suffix(2).first
      #expect(profile.realTimeStatus == .never || questions == [0x10, 0x04, 0x01], "\(profile.name)")
    }
  }

  @Test("no pulse leaves for a printer that does not listen")
  func drawerInVain() {
    var session = Self.session(.confirming80, owedBytes: Self.owed)
    var step = session.openDrawer(DrawerPulse(), now: Self.now)
    for _ in 0..<40 {
      if let bytes = Self.written(step) {
        #expect(!bytes.starts(with: [0x1B, 0x70]))
        step = session.on(.written, now: Self.now)
      } else if case .read = step {
        step = session.on(.timedOut, now: Self.now)
      }
    }
    guard case .drawer(.notOpened(let error)) = step else {
      Issue.record("\(step)")
      return
    }
    #expect(error.code == .protocolViolation && error.operation.contains("drawer"))
  }

  /// A session whose job has left and stays without an answer, in an error that `DLE ENQ 2` may have cleared since:
  /// everything before the question whether the printer listens has been said.
  private static func cleared() throws -> PrinterSession {
    var session = session(.confirming80, recovery: .beforeJobs)
    #expect(pastReadiness(&session) == .begin)
    var step = session.on(.begun, now: now)
    while written(step) != nil { step = session.on(.written, now: now) }
    step = session.on(.timedOut, now: now + timing.confirmation)
    for answer: UInt8 in [0x1A, 0x52, 0x1A, 0x12] {
      _ = session.on(.written, now: now)
      step = session.on(.received([answer]), now: now)
    }
    guard case .printed(.unknown) = step else {
      Issue.record("\(step)")
      return session
    }
    #expect(written(pastReadiness(&session, answers: [0x1A, 0x52, 0x1A, 0x12])) == [0x10, 0x05, 0x02])
    step = session.on(.written, now: now)
    for answer: UInt8 in [0x12, 0x12] {
      _ = session.on(.written, now: now)
      step = session.on(.received([answer]), now: now)
    }
    #expect(written(step) == ESCPOSEncoder.paperStatus)
    _ = session.on(.written, now: now)
    return session
  }

  /// Sends the job at hand up to its question.
  private static func sendAll(_ session: inout PrinterSession) {
    #expect(session.on(.written, now: now) == .begin)
    var step = session.on(.begun, now: now)
    while written(step) != nil { step = session.on(.written, now: now) }
  }

  @Test("a question that was cleared away with a jammed job is owed no more")
  func clearedQuestions() throws {
    var session = try Self.cleared()
    // The only answer is the one to the question whether it listens; the other may still come.
    #expect(session.on(.received([0x00]), now: Self.now) == .read(until: Self.now + Self.timing.confirmation))
    #expect(Self.written(session.on(.timedOut, now: Self.now))?.starts(with: [0x1B, 0x40]) == true)
    Self.sendAll(&session)
    #expect(session.on(.received([0x00]), now: Self.now) == .printed(.printed))
  }

  @Test("a question that was not cleared away is answered before the job, and confirms nothing")
  func unclearedQuestions() throws {
    var session = try Self.cleared()
    // That of the old job and that whether it listens, close together.
    #expect(session.on(.received([0x00]), now: Self.now) == .read(until: Self.now + Self.timing.confirmation))
    #expect(session.on(.received([0x00]), now: Self.now) == .read(until: Self.now + Self.timing.status))
    _ = session.on(.timedOut, now: Self.now)
    Self.sendAll(&session)
    #expect(session.on(.received([0x00]), now: Self.now) == .printed(.printed))
  }

  @Test("the answer to an earlier session's question is waited out")
  func answerOfAnEarlierSession() {
    var session = Self.session(.confirming80, owedBytes: Self.owed)
    #expect(Self.written(Self.pastReadiness(&session)) == ESCPOSEncoder.paperStatus)
    _ = session.on(.written, now: Self.now)
    // The earlier one's, at the last moment, and the one to this session's question.
    for _ in 0..<2 {
      #expect(session.on(.received([0x00]), now: Self.now) == .read(until: Self.now + Self.timing.status))
    }
    _ = session.on(.timedOut, now: Self.now)
    Self.sendAll(&session)
    #expect(session.on(.received([0x12]), now: Self.now) == .read(until: Self.now + Self.timing.confirmation))
    #expect(session.on(.received([0x00]), now: Self.now) == .printed(.printed))
  }

  /// A session whose job has left and whose question is out.
  private static func awaiting(_ timing: ESCPOSPrinter.Timing = timing) -> PrinterSession {
    var session = PrinterSession(.confirming80, timing: timing, name: "the printer", seed: 0)
    _ = pastReadiness(&session)
    var step = session.on(.begun, now: now)
    while written(step) != nil { step = session.on(.written, now: now) }
    return session
  }

  @Test("an answer that says the paper is out confirms nothing")
  func answerWithoutPaper() {
    var session = Self.awaiting()
    #expect(Self.written(session.on(.received([0x0C]), now: Self.now)) == [0x10, 0x04, 0x01])
    _ = session.on(.written, now: Self.now)
    #expect(Self.written(session.on(.received([0x12]), now: Self.now)) == [0x10, 0x04, 0x04])
    _ = session.on(.written, now: Self.now)
    guard case .printed(.unknown(let error)) = session.on(.received([0x72]), now: Self.now) else {
      Issue.record("confirmed")
      return
    }
    #expect(error.detail.contains("paper"))
    // Near its end is another thing.
    var near = Self.awaiting()
    #expect(near.on(.received([0x03]), now: Self.now) == .printed(.printed))
  }

  @Test("a confirmation that comes while the printer is asked why it did not is one")
  func lateConfirmation() {
    var session = Self.awaiting()
    let later = Self.now + Self.timing.confirmation
    #expect(Self.written(session.on(.timedOut, now: later)) == [0x10, 0x04, 0x01])
    _ = session.on(.written, now: later)
    #expect(session.on(.received([0x00, 0x12]), now: later) == .printed(.printed))
    // A second one is nobody's.
    var odd = Self.awaiting()
    #expect(odd.on(.received([0x0C]), now: later) != .printed(.printed))
    _ = odd.on(.written, now: later)
    #expect(odd.on(.received([0x00]), now: later) != .printed(.printed))
  }

  @Test("a cover that opens and shuts for ever keeps nobody waiting for ever")
  func flappingCover() {
    var session = Self.awaiting()
    var now = Self.now
    var step = PrinterSession.Step.read(until: now)
    for _ in 0..<100 {
      if case .printed = step { break }
      if Self.written(step) != nil {
        step = session.on(.written, now: now)
      } else {
        _ = session.on(.received([0x38, 0x00, 0x00, 0x0F]), now: now)
        step = session.on(.received([0x10, 0x00, 0x00, 0x0F]), now: now)
        guard case .read(let deadline) = step else { continue }
        now = max(now, deadline)
        step = session.on(.timedOut, now: now)
      }
    }
    guard case .printed(.unknown) = step else {
      Issue.record("\(step)")
      return
    }
    #expect(now - Self.now < .seconds(200))
  }

  @Test("a printer that answered while its paper was out is asked again when it is mended")
  func askedAgain() {
    var timing = Self.timing
    timing.repair = .seconds(60)
    var session = Self.awaiting(timing)
    var now = Self.now
    var step = session.on(.received([0x0C]), now: now)
    for answer: UInt8 in [0x1A, 0x32, 0x12, 0x7E] {
      #expect(Self.written(step)?.starts(with: [0x10, 0x04]) == true)
      _ = session.on(.written, now: now)
      step = session.on(.received([answer]), now: now)
    }
    // Out; then a new roll.
    #expect(step == .read(until: now + timing.confirmation))
    now = now + timing.confirmation
    step = session.on(.timedOut, now: now)
    for answer: UInt8 in [0x12, 0x12] {
      _ = session.on(.written, now: now)
      step = session.on(.received([answer]), now: now)
    }
    #expect(Self.written(step) == ESCPOSEncoder.paperStatus)
    _ = session.on(.written, now: now)
    #expect(session.on(.received([0x00]), now: now) == .printed(.printed))
  }

  @Test("a printer that knows no process ids listens again when it answers the other question")
  func flushingWithoutProcessIDs() {
    var session = Self.session(.epsonTMT20II, owedBytes: Self.owed)
    #expect(Self.written(Self.pastReadiness(&session))?.suffix(3) == ESCPOSEncoder.paperStatus[...])
    _ = session.on(.written, now: Self.now)
    #expect(session.on(.received([0x00]), now: Self.now) == .read(until: Self.now + Self.timing.status))
    #expect(Self.written(session.on(.timedOut, now: Self.now))?.starts(with: [0x1B, 0x40]) == true)
    #expect(session.on(.written, now: Self.now) == .begin)
  }

  @Test("questions that NULs on a slow line hold up are waited for, however the first one is answered")
  func slowLine() {
    for profile in [PrinterProfile.confirming80, .epsonTMT20II] {
      var session = Self.session(profile, owedBytes: Self.owed)
      var step = Self.pastReadiness(&session)
      // Three questions stay without an answer, NULs before the second and third.
      for _ in 0..<2 {
        _ = session.on(.written, now: Self.now)
        _ = session.on(.timedOut, now: Self.now)
        step = session.on(.written, now: Self.now)
      }
      #expect(Self.written(step)?.suffix(3) == ESCPOSEncoder.paperStatus[...])
      _ = session.on(.written, now: Self.now)
      for left in [2, 1, 0] {
        let patience = left > 0 ? Self.timing.confirmation : Self.timing.status
        #expect(session.on(.received([0x00]), now: Self.now) == .read(until: Self.now + patience))
      }
      #expect(Self.written(session.on(.timedOut, now: Self.now))?.starts(with: [0x1B, 0x40]) == true)
    }
  }

  @Test("a device that answers for ever what nobody asked does not keep the session settling")
  func endlessAnswers() {
    var session = Self.session(.confirming80, owedBytes: Self.owed)
    _ = Self.pastReadiness(&session)
    var step = session.on(.written, now: Self.now)
    var now = Self.now
    for _ in 0..<40 {
      guard case .read = step else { break }
      now = now + .milliseconds(100)
      step = session.on(.received([0x00]), now: now)
    }
    #expect(Self.written(step)?.starts(with: [0x1B, 0x40]) == true, "\(step)")
  }

  @Test("a printer is made to listen before it is asked who it is")
  func identityAfterBrokenJob() {
    var careful = PrinterProfile.generic80
    careful.realTimeStatus = .always
    var session = Self.session(careful, owedBytes: Self.owed)
    var zeros = 0
    var step = session.askIdentity(now: Self.now)
    for _ in 0..<20 {
      if let bytes = Self.written(step) {
        if bytes.allSatisfy({ $0 == 0 }) { zeros += bytes.count }
        if bytes.starts(with: [0x1D, 0x49]) { break }
        step = session.on(.written, now: Self.now)
      } else if zeros > Self.owed {
        step = session.on(.received([0x12]), now: Self.now)
      } else {
        step = session.on(.timedOut, now: Self.now)
      }
    }
    #expect(Self.written(step)?.starts(with: [0x1D, 0x49]) == true && zeros == Self.owed + 16)
  }

  @Test("paper that still moves is waited for before a printer is given up")
  func lastQuestion() {
    var session = Self.session(.confirming80, owedBytes: Self.owed)
    var step = Self.pastReadiness(&session)
    var waits: [Duration] = []
    for _ in 0..<40 {
      if Self.written(step) != nil {
        step = session.on(.written, now: Self.now)
      } else if case .read(let deadline) = step {
        waits.append(deadline - Self.now)
        step = session.on(.timedOut, now: Self.now)
      }
    }
    #expect(waits.last == Self.timing.confirmation && waits.count > 3)
    #expect(waits.dropLast().allSatisfy { $0 == Self.timing.status })
  }

  @Test("long paper is waited for in slices: what keeps the printer is not found out at the end only")
  func obstacleOnLongPaper() {
    let metres = Array(repeating: [0x1B, 0x4A, 0xFF] as [UInt8], count: 100).flatMap { $0 }
    var session = Self.session(.epsonTMT20II)
    _ = session.print(metres, now: Self.now)
    var step = session.on(.timedOut, now: Self.now)
    for _ in 0..<2 {
      _ = session.on(.written, now: Self.now)
      step = session.on(.received([0x12]), now: Self.now)
    }
    step = session.on(.begun, now: Self.now)
    while Self.written(step) != nil { step = session.on(.written, now: Self.now) }
    // 3.2 m: 63 s on top of the usual 20.
    var now = Self.now + Self.timing.confirmation
    #expect(step == .read(until: now))
    step = session.on(.timedOut, now: now)
    #expect(step == .read(until: now + Self.timing.confirmation))
    _ = session.on(.received([0x18, 0x00, 0x0C, 0x0F]), now: now)
    now = now + Self.timing.confirmation
    #expect(Self.written(session.on(.timedOut, now: now)) == [0x10, 0x04, 0x01])
  }

  @Test(
    "a printer that was mended at the last moment has the time to print the rest, once", arguments: [0, 60])
  func mendedAtTheEnd(patience: Int) {
    var timing = Self.timing
    timing.repair = .seconds(patience)
    var session = PrinterSession(.confirming80, timing: timing, name: "the printer", seed: 0)
    _ = Self.pastReadiness(&session)
    var now = Self.now
    var step = session.on(.begun, now: now)
    while Self.written(step) != nil { step = session.on(.written, now: now) }
    // Paper out, which the printer says by itself or when it is asked, and a new roll while nobody asks.
    if patience == 0 {
      step = session.on(.received([0x18, 0x00, 0x0C, 0x0F]), now: now)
      step = session.on(.received([0x10, 0x00, 0x00, 0x0F]), now: now)
    } else {
      now = now + timing.confirmation
      step = session.on(.timedOut, now: now)
      for answer: UInt8 in [0x1A, 0x32, 0x12, 0x7E] {
        _ = session.on(.written, now: now)
        step = session.on(.received([answer]), now: now)
      }
      #expect(step == .read(until: now + timing.confirmation))
      now = now + .seconds(patience)
    }
    for isLast in [false, true] {
      now = now + timing.confirmation
      #expect(Self.written(session.on(.timedOut, now: now)) == [0x10, 0x04, 0x01])
      for answer: UInt8 in [0x12, 0x12] {
        _ = session.on(.written, now: now)
        step = session.on(.received([answer]), now: now)
      }
      if isLast {
        guard case .printed(.unknown) = step else {
          Issue.record("waits for ever: \(step)")
          return
        }
      } else {
        #expect(step == .read(until: now + timing.confirmation))
      }
    }
  }

  @Test("a printer that never listens again gets no job")
  func flushingInVain() {
    var session = Self.session(.confirming80, owedBytes: Self.owed)
    var step = Self.pastReadiness(&session)
    var zeros = 0
    for _ in 0..<40 {
      if let bytes = Self.written(step) {
        if bytes.allSatisfy({ $0 == 0 }) { zeros += bytes.count }
        step = session.on(.written, now: Self.now)
      } else if case .read = step {
        step = session.on(.timedOut, now: Self.now)
      }
    }
    guard case .printed(.notPrinted(let error)) = step else {
      Issue.record("\(step)")
      return
    }
    #expect(error.code == .protocolViolation)
    #expect(zeros == PrinterCommands.longest)
  }

  @Test("clears an error that can be cleared, once, before a job")
  func clearing() {
    let jammed: [UInt8] = [0x1A, 0x52, 0x1A, 0x12]
    var session = Self.session(.epsonTMT20II, recovery: .beforeJobs)
    #expect(Self.written(Self.pastReadiness(&session, answers: jammed)) == [0x10, 0x05, 0x02])
    var step = session.on(.written, now: Self.now)
    for answer: UInt8 in [0x12, 0x12] {
      #expect(Self.written(step)?.prefix(2) == [0x10, 0x04])
      _ = session.on(.written, now: Self.now)
      step = session.on(.received([answer]), now: Self.now)
    }
    #expect(step == .begin)

    var stuck = Self.session(.epsonTMT20II, recovery: .beforeJobs)
    #expect(Self.written(Self.pastReadiness(&stuck, answers: jammed)) == [0x10, 0x05, 0x02])
    step = stuck.on(.written, now: Self.now)
    for answer in jammed {
      _ = stuck.on(.written, now: Self.now)
      step = stuck.on(.received([answer]), now: Self.now)
    }
    guard case .printed(.notPrinted(let error)) = step else {
      Issue.record("\(step)")
      return
    }
    #expect(error.code == .cutterJam)
    // Neither an open cover nor a printer that is beyond repair is told to go on.
    for answers: [UInt8] in [[0x1A, 0x56, 0x1A, 0x12], [0x1A, 0x52, 0x3A, 0x12], [0x1A, 0x72, 0x16, 0x12]] {
      var other = Self.session(.epsonTMT20II, recovery: .always)
      guard case .printed(.notPrinted) = Self.pastReadiness(&other, answers: answers) else {
        Issue.record("cleared \(answers)")
        continue
      }
    }
  }

  @Test("waits for a person as long as it may, when the printer says what is wrong")
  func repair() {
    var timing = Self.timing
    timing.repair = .seconds(60)
    var session = PrinterSession(.epsonTMT20II, timing: timing, name: "the printer", seed: 0)
    _ = Self.pastReadiness(&session)
    _ = session.on(.begun, now: Self.now)
    // Paper out, in the middle of a write that then makes no progress.
    session.overhear([0x18, 0x00, 0x0C, 0x0F])
    #expect(session.progress.obstacle == .paperOut)
    let stalled = DeviceError(.timedOut, during: "writing", bytesMoved: 96)
    var now = Self.now
    #expect(Self.written(session.on(.writeFailed(stalled), now: now)) == Array(Self.jobWithStatus[96..<4192]))
    now = now + .seconds(61)
    guard case .printed(.unknown(let error)) = session.on(.writeFailed(stalled), now: now) else {
      Issue.record("waits for ever")
      return
    }
    #expect(error.detail.contains("out of paper"))
    #expect(error.bytesMoved == 192)
  }

  @Test(
    "ends whatever the device says, and never calls a begun job not printed",
    arguments: 0..<60 as Range<UInt64>)
  func hostileDevice(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for profile in PrinterProfile.all {
      var session = Self.session(
        profile, seed: UInt32.random(in: 0...UInt32.max, using: &generator), recovery: .always,
        owedBytes: Bool.random(using: &generator) ? Self.owed : 0)
      for _ in 0..<5 {
        var now = Self.now
        var jobBytes = 0
        var isAsked = false
        var hasBegun = false
        let whole = profile.confirmation == .processID ? Self.jobWithStatus : Self.job
        var step = session.print(Self.job, now: now)
        var steps = 0
        loop: while true {
          steps += 1
          guard steps < 5000 else {
            Issue.record("does not end")
            break
          }
          switch step {
          case .printed(let outcome):
            if case .notPrinted = outcome { #expect(jobBytes == 0) }
            if case .printed = outcome { #expect(isAsked && jobBytes == whole.count) }
            if case .sent = outcome { #expect(jobBytes == whole.count && profile.confirmation == .none) }
            break loop
          case .status, .identity, .answersPaperStatus, .drawer:
            Issue.record("nobody asked")
            break loop
          case .begin:
            hasBegun = true
            step = session.on(.begun, now: now)
          case .write(let bytes, _):
            let isQuestion = !hasBegun || (bytes.count <= 11 && (bytes[0] == 0x10 || bytes[0] == 0x1D))
            if hasBegun, bytes[0] == 0x1D { isAsked = true }
            if Int.random(in: 0..<40, using: &generator) == 0 {
              let moved = Int.random(in: 0..<bytes.count, using: &generator)
              if !isQuestion { jobBytes += moved }
              step = session.on(
                .writeFailed(DeviceError(.connectionLost, during: "writing", bytesMoved: moved)), now: now)
            } else {
              if !isQuestion { jobBytes += bytes.count }
              step = session.on(.written, now: now)
            }
          case .read(let deadline):
            switch Int.random(in: 0..<40, using: &generator) {
            case 0:
              step = session.on(.readFailed(DeviceError(.gone, during: "reading")), now: now)
            case 1..<4:
              now = max(now, deadline)
              step = session.on(.timedOut, now: now)
            case 4..<20:
              now = now + .milliseconds(50)
              step = session.on(.received([0x12]), now: now)
            default:
              now = now + .milliseconds(50)
              let bytes = (0..<8).map { _ in UInt8.random(in: 0...255, using: &generator) }
              step = session.on(.received(bytes), now: now)
            }
          }
        }
      }
    }
  }
}
