import POSTerminalWire
import POSWire
import TestSupport
import Testing

/// Frames and texts of Concert E+. Vectors: specs/terminals.md §4.3, made by running pyTeliumManager (MIT).
@Suite struct ConcertTests {
  static func request(_ amount: UInt64, report: ConcertRequest.Report = .none) -> ConcertRequest {
    var request = ConcertRequest(
      till: 1, kind: .debit, amount: amount, currency: 978, reference: Array("          ".utf8))
    request.report = report
    return request
  }

  static let text = Array("0100001250010978          A010B010".utf8)

  @Test(
    arguments: [
      (1_250, ConcertRequest.Report.none, 0x00), (1_250, .card, 0x01), (100, .none, 0x07),
      (9_999_999, .none, 0x0F),
    ] as [(UInt64, ConcertRequest.Report, UInt8)])
  func framesOfTheReferenceImplementation(amount: UInt64, report: ConcertRequest.Report, lrc: UInt8) throws {
    let text = try Self.request(amount, report: report).encoded()
    let frame = try STXETXFramer.encode(text.span)
    #expect(frame.count == 37)
    #expect(frame.last == lrc)
    if amount == 1_250, report == .none { #expect(text == Self.text) }
    let decoded = try ConcertMessage(text.span)
    #expect(decoded == .request(Self.request(amount, report: report)))
  }

  @Test func theOlderProtocolEndsAfterTheReference() throws {
    var request = Self.request(1_250)
    request.isExtended = false
    let text = try request.encoded()
    #expect(text == Array(Self.text.prefix(26)))
    let decoded = try ConcertMessage(text.span)
    #expect(decoded == .request(request))
  }

  @Test func fieldsThatDoNotFitAreRefused() {
    var request = Self.request(100_000_000)
    #expect(throws: WireError.self) { try request.encoded() }
    request = Self.request(1)
    request.till = 0
    #expect(throws: WireError.self) { try request.encoded() }
    request = Self.request(1)
    request.reference = Array("elevenchars".utf8)
    #expect(throws: WireError.self) { try request.encoded() }
    request.reference = [0x03]
    #expect(throws: WireError.self) { try request.encoded() }
  }

  @Test func shortAnswer() throws {
    let text = Array("010000012501978ABCDEFGHIJ".utf8)
    let answer = try ConcertAnswer(text.span)
    #expect(answer.result == .done && answer.amount == 1_250 && answer.currency == 978 && answer.till == 1)
    #expect(answer.reference == Array("ABCDEFGHIJ".utf8) && answer.report == nil)
  }

  @Test func theReportIsMaskedWhileItIsRead() throws {
    let report = "4111111111111111   0727" + String(repeating: " ", count: 32)
    let text = Array(("010000012501" + report + "978ABCDEFGHIJ").utf8)
    #expect(text.count == 80)
    let answer = try ConcertAnswer(text.span)
    #expect(String(decoding: answer.report ?? [], as: UTF8.self).hasPrefix("************1111   ****"))
    #expect(!"\(answer)".contains("4111"))
    let cheque = Array(
      ("01000001250C" + "0012345 067890123456789012345678" + String(repeating: " ", count: 23)
        + "978ABCDEFGHIJ").utf8)
    let other = try ConcertAnswer(cheque.span)
    #expect(other.report?.contains { $0 >= 0x30 && $0 <= 0x39 } == false)
  }

  @Test func everyTruncationAndFlipIsAValueOrAnError() {
    let texts = [Self.text, Array("010000012501978ABCDEFGHIJ".utf8)]
    for text in texts {
      for length in 0...text.count { _ = try? ConcertMessage(Array(text.prefix(length)).span) }
      for index in text.indices {
        for bit in 0..<8 {
          var spoilt = text
          spoilt[index] ^= 1 << bit
          _ = try? ConcertMessage(spoilt.span)
        }
      }
    }
  }
}

/// The link, step by step (specs/terminals.md §3.1).
@Suite struct ConcertLinkTests {
  static let second: Int64 = 1_000_000_000
  static let frame = [0x02] + ConcertTests.text + [0x03, 0x00]
  static let answer = Array("010000012501978ABCDEFGHIJ".utf8)

  static func framed(_ text: [UInt8]) -> [UInt8] {
    [0x02] + text + [0x03, text.reduce(0x03) { $0 ^ $1 }]
  }

  /// A link whose order has been acknowledged.
  static func ordered() -> ConcertLink {
    var link = ConcertLink()
    _ = link.send(ConcertTests.text, at: 0)
    _ = link.receive([0x06].span, at: 0)
    let last = [UInt8(0x06)]
    _ = link.receive(last.span, at: 0)
    return link
  }

  private func feed(_ link: inout ConcertLink, _ bytes: [UInt8], at now: Int64 = 0) -> [TerminalLinkAction] {
    link.receive(bytes.span, at: now)
  }

  @Test func orderAndAnswer() {
    var link = ConcertLink()
    #expect(link.send(ConcertTests.text, at: 0) == [.write([0x05])])
    #expect(!link.hasBegunToSend)
    #expect(feed(&link, [0x06]) == [.write(Self.frame)])
    #expect(link.hasBegunToSend)
    #expect(feed(&link, [0x06]) == [.write([0x04]), .delivered])
    #expect(feed(&link, [0x05]) == [.write([0x06])])
    #expect(feed(&link, Self.framed(Self.answer)) == [.write([0x06]), .deliver(Self.answer)])
    #expect(feed(&link, [0x04]) == [])
    #expect(link.deadline == nil)
  }

  @Test func aBidWithoutAnswerLeavesNothingSent() {
    var link = ConcertLink()
    _ = link.send(ConcertTests.text, at: 0)
    #expect(link.advance(to: 3 * Self.second) == [.write([0x05])])
    #expect(link.advance(to: 6 * Self.second) == [.write([0x05])])
    #expect(link.advance(to: 9 * Self.second) == [.write([0x04]), .failed(.notHeard)])
    #expect(!link.hasBegunToSend)
    #expect(TerminalLinkFailure.notHeard.leavesNothingTaken)
  }

  @Test func aBusyTerminalIsAskedThreeTimes() {
    var link = ConcertLink()
    _ = link.send(ConcertTests.text, at: 0)
    for second in 1...2 as ClosedRange<Int64> {
      #expect(feed(&link, [0x15], at: second * Self.second - 1) == [])
      #expect(link.advance(to: second * 2 * Self.second) == [.write([0x05])])
    }
    #expect(feed(&link, [0x15], at: 5 * Self.second) == [])
    #expect(link.advance(to: 7 * Self.second) == [.write([0x04]), .failed(.busy)])
  }

  @Test func aFrameIsRepeatedAfterNAKOnly() {
    var link = ConcertLink()
    _ = link.send(ConcertTests.text, at: 0)
    _ = feed(&link, [0x06])
    #expect(feed(&link, [0x15]) == [.write(Self.frame)])
    #expect(feed(&link, [0x15]) == [.write(Self.frame)])
    #expect(feed(&link, [0x15]) == [.write([0x04]), .failed(.refused)])

    link = ConcertLink()
    _ = link.send(ConcertTests.text, at: 0)
    _ = feed(&link, [0x06])
    #expect(link.advance(to: 10 * Self.second) == [.failed(.noAcknowledgement)])
    #expect(!TerminalLinkFailure.noAcknowledgement.leavesNothingTaken)
  }

  @Test func aDamagedAnswerIsAskedForAgain() {
    var link = Self.ordered()
    _ = feed(&link, [0x05])
    var damaged = Self.framed(Self.answer)
    damaged[5] ^= 1
    #expect(feed(&link, damaged) == [.write([0x15])])
    #expect(feed(&link, damaged) == [.write([0x15])])
    #expect(feed(&link, Self.framed(Self.answer)) == [.write([0x06]), .deliver(Self.answer)])
    // Our ACK was lost, so it comes again: once is enough for whoever listens.
    #expect(feed(&link, Self.framed(Self.answer)) == [.write([0x06])])

    link = Self.ordered()
    _ = feed(&link, [0x05])
    _ = feed(&link, damaged + damaged)
    #expect(feed(&link, damaged) == [.failed(.damagedAnswer)])
  }

  @Test func aTerminalThatTalksOnHasHeardUs() {
    var link = ConcertLink()
    _ = link.send(ConcertTests.text, at: 0)
    _ = feed(&link, [0x06])
    #expect(feed(&link, [0x05]) == [.delivered, .write([0x06])])
  }

  @Test func aLateAnswerComesBeforeOurOrder() {
    var link = ConcertLink()
    #expect(feed(&link, [0x05]) == [.write([0x06])])
    #expect(link.send(ConcertTests.text, at: 0) == [])
    #expect(feed(&link, Self.framed(Self.answer)) == [.write([0x06]), .deliver(Self.answer)])
    #expect(feed(&link, [0x04]) == [.write([0x05])])
  }

  /// The LRC may be any byte, the controls of the link included.
  @Test(arguments: [0x00, 0x02, 0x03, 0x04, 0x05, 0x06, 0x15] as [UInt8])
  func anyCheck(check: UInt8) {
    var text = Self.answer
    // One character of the reference carries what the check is to be.
    text[22] ^= text.reduce(0x03) { $0 ^ $1 } ^ check
    #expect(text.reduce(0x03) { $0 ^ $1 } == check)
    var link = Self.ordered()
    _ = feed(&link, [0x05])
    for chunk in [1, 2, 5, 100] {
      var link = link
      var delivered: [[UInt8]] = []
      let frame = Self.framed(text)
      for start in stride(from: 0, to: frame.count, by: chunk) {
        for action in feed(&link, Array(frame[start..<min(start + chunk, frame.count)])) {
          if case .deliver(let text) = action { delivered.append(text) }
        }
      }
      #expect(delivered == [text])
    }
  }

  @Test func noiseNeverTrapsAndNeverGrows() {
    var generator = SeededGenerator(seed: 7)
    var link = ConcertLink()
    var now: Int64 = 0
    for _ in 0..<3_000 {
      now += Int64(generator.next() % 2_000_000_000)
      if generator.next() % 5 == 0 { _ = link.send(ConcertTests.text, at: now) }
      let bytes = (0..<Int(generator.next() % 40)).map { _ -> UInt8 in
        [0x02, 0x03, 0x04, 0x05, 0x06, 0x15, 0x30, UInt8(generator.next() & 0xFF)][Int(generator.next() % 8)]
      }
      var writes = 0
      for action in feed(&link, bytes, at: now) { if case .write = action { writes += 1 } }
      #expect(writes <= bytes.count * 2 + 1)
      _ = link.advance(to: now)
    }
  }
}
