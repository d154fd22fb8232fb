import POSModel
import TestSupport
import Testing

@testable import POSDrivers

/// The machine alone: what it does next, and what it may never say.
@Suite("Printer session")
struct PrinterSessionTests {
  static let now = MonotonicInstant(nanoseconds: 1_000_000_000)
  static let timing = ESCPOSPrinter.Timing()
  static let job: [UInt8] = [0x1B, 0x40] + [UInt8](repeating: 0x41, count: 9000) + [0x0A]

  static func session(_ profile: PrinterProfile, seed: UInt32 = 0) -> PrinterSession {
    PrinterSession(profile, timing: timing, name: "the printer", seed: seed)
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
    var step = session.on(.received([0x12]), now: Self.now)
    while let bytes = Self.written(step), sent.count < Self.job.count {
      #expect(bytes.count <= PrinterSession.chunk)
      sent += bytes
      step = session.on(.written, now: Self.now)
    }
    #expect(sent == Self.job)
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

  @Test("an answer that was there before the question answers something else")
  func earlyAnswers() {
    var session = Self.session(.epsonTMT20II)
    _ = session.print(Self.job, now: Self.now)
    _ = session.on(.timedOut, now: Self.now)
    _ = session.on(.written, now: Self.now)
    // Two answers at once: the second cannot be to the question that has not been asked.
    #expect(Self.written(session.on(.received([0x12, 0x72]), now: Self.now)) == [0x10, 0x04, 0x04])
    _ = session.on(.written, now: Self.now)
    let step = session.on(.received([0x12]), now: Self.now)
    #expect(Self.written(step)?.count == PrinterSession.chunk)
  }

  @Test("asks an off-line printer why, and takes the worst reason")
  func offline() {
    let cases: [([UInt8], DeviceError.Code)] = [
      ([0x1A, 0x16, 0x12, 0x12], .coverOpen), ([0x1A, 0x32, 0x12, 0x72], .paperOut),
      ([0x1A, 0x12, 0x12, 0x32], .paperOut), ([0x1A, 0x52, 0x1A, 0x12], .cutterJam),
      ([0x1A, 0x52, 0x3A, 0x12], .printerFault), ([0x1A, 0x52, 0x52, 0x12], .printerFault),
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
    #expect(Self.written(session.on(.readFailed(error), now: Self.now))?.count == PrinterSession.chunk)
    var confirming = Self.session(.epsonTMT20II)
    _ = confirming.print(Self.job, now: Self.now)
    #expect(confirming.on(.readFailed(error), now: Self.now) == .printed(.notPrinted(error)))
  }

  @Test("a file is only written to")
  func file() {
    var session = Self.session(PrinterProfile.epsonTMT20II.oneWay)
    #expect(Self.written(session.print([1, 2], now: Self.now)) == [1, 2])
    #expect(session.on(.written, now: Self.now) == .printed(.sent))
    guard case .status(.failure(let error)) = session.askStatus(now: Self.now) else {
      Issue.record("asked a file")
      return
    }
    #expect(error.code == .unsupported)
  }

  @Test("counts the bytes that left, and sends no second job after half a one")
  func brokenWrite() {
    for moved in [0, 1, 4095] {
      for chunks in [0, 1, 2] {
        var profile = PrinterProfile.generic80
        profile.realTimeStatus = .never
        var session = Self.session(profile)
        _ = session.print(Self.job, now: Self.now)
        for _ in 0..<chunks { _ = session.on(.written, now: Self.now) }
        let error = DeviceError(.timedOut, during: "writing", bytesMoved: moved)
        let step = session.on(.writeFailed(error), now: Self.now)
        if moved == 0, chunks == 0 {
          #expect(step == .printed(.notPrinted(error)))
          #expect(Self.written(session.print(Self.job, now: Self.now)) != nil)
        } else {
          guard case .printed(.unknown(let error)) = step else {
            Issue.record("\(step)")
            continue
          }
          #expect(error.bytesMoved == chunks * PrinterSession.chunk + moved)
          guard case .printed(.notPrinted) = session.print(Self.job, now: Self.now) else {
            Issue.record("sent after half a job")
            continue
          }
        }
      }
    }
  }

  @Test(
    "ends whatever the device says, and never calls a begun job not printed",
    arguments: 0..<60 as Range<UInt64>)
  func hostileDevice(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for profile in PrinterProfile.all {
      var session = Self.session(profile, seed: UInt32.random(in: 0...UInt32.max, using: &generator))
      for _ in 0..<5 {
        var now = Self.now
        var jobBytes = 0
        var isAsked = false
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
            if case .printed = outcome { #expect(isAsked && jobBytes == Self.job.count) }
            if case .sent = outcome { #expect(jobBytes == Self.job.count && profile.confirmation == .none) }
            break loop
          case .status:
            Issue.record("nobody asked")
            break loop
          case .write(let bytes, _):
            let isQuestion = bytes.count <= 11 && (bytes[0] == 0x10 || bytes[0] == 0x1D)
            if isQuestion, bytes[0] == 0x1D { isAsked = true }
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
