import POSTerminalWire
import POSWire
import TestSupport
import Testing

/// ECR17. Vectors: specs/terminals.md §4.3 (checks computed; one NAK seen in an issue of Portalum.Zvt).
@Suite struct ECR17Tests {
  @Test(arguments: [
    ("06 03 79", "15 03 6A", ECR17Check.standard), ("06 03 7A", "15 03 69", .endIncluded),
    ("06 03 7B", "15 03 68", .startIncluded), ("06 03 78", "15 03 6B", .bothIncluded),
  ])
  func controlFramesTellTheCheck(ack: String, nak: String, check: ECR17Check) {
    #expect(ECR17Framer.control(isAcknowledged: true, check: check) == hex(ack))
    #expect(ECR17Framer.control(isAcknowledged: false, check: check) == hex(nak))
    var framer = ECR17Framer(maximumLength: 10)
    #expect(hex(ack).compactMap { framer.push($0) } == [.control(isAcknowledged: true, check)])
    #expect(hex(nak).compactMap { framer.push($0) } == [.control(isAcknowledged: false, check)])
  }

  @Test func statusRequest() throws {
    let head = try #require(ECR17Head(terminalID: Array("12345678".utf8), till: Array("00000001".utf8)))
    #expect(head.status == Array("123456780s".utf8))
    let frame = try ECR17Framer.encode(head.status.span, check: .standard)
    #expect(frame.last == 0x34)
    #expect(frame.first == 0x02 && frame.count == 13)
  }

  @Test func lengthsOfTheDocument() throws {
    let head = try #require(ECR17Head(terminalID: Array("12345678".utf8), till: Array("00000001".utf8)))
    let payment = try head.payment(amount: 650)
    #expect(payment.count == 167)
    #expect(payment[9] == 0x50)
    #expect(Array(payment[23..<31]) == Array("00000650".utf8))
    let reversal = try head.reversal(trace: 42)
    #expect(reversal.count == 26)
    #expect(Array(reversal[18..<24]) == Array("000042".utf8))
    #expect(head.lastResult.count == 22)
    #expect(head.closeSession.count == 26)
    #expect(throws: WireError.self) { try head.payment(amount: 100_000_000) }
    #expect(ECR17Head(terminalID: Array("1234567".utf8), till: Array("00000001".utf8)) == nil)
  }

  static let done = Array(
    ("123456780E00" + "0004111111111111111" + "ICC" + "123456" + "3271906" + "1" + "00000000003" + "000100"
      + "000007").utf8)

  @Test func result() throws {
    let result = try ECR17Result(Self.done.span)
    #expect(result.isDone && result.trace == 100)
    #expect(result.authorisation == Array("123456".utf8))
    #expect(result.date == Array("3271906".utf8))
    #expect(!"\(result)".contains("411111111111"))
    let refused = try ECR17Result(Array("123456780E01TRANSAZIONE NEGATA      ".utf8).span)
    #expect(!refused.isDone && refused.text == Array("TRANSAZIONE NEGATA".utf8))
    #expect(throws: WireError.self) { try ECR17Result(Array("123456780C00".utf8).span) }
  }

  /// A terminal with another check refuses in its own: the kind is changed, once, and the frame sent again.
  @Test func theCheckIsLearntFromANAK() throws {
    var link = ECR17Link()
    let message = Array("123456780s".utf8)
    let standard = try ECR17Framer.encode(message.span, check: .standard)
    let other = try ECR17Framer.encode(message.span, check: .endIncluded)
    #expect(link.send(message, at: 0) == [.write(standard)])
    let nak = hex("15 03 69")
    #expect(link.receive(nak.span, at: 0) == [.write(other)])
    let ack = hex("06 03 7A")
    #expect(link.receive(ack.span, at: 0) == [.delivered])
    #expect(link.receive(other.span, at: 0) == [.write(hex("06 03 7A")), .deliver(message)])
  }

  @Test func silenceIsNotRepeated() {
    var link = ECR17Link()
    _ = link.send(Array("123456780s".utf8), at: 0)
    #expect(link.advance(to: 5_000_000_000) == [.failed(.noAcknowledgement)])
    #expect(link.hasBegunToSend)
  }

  @Test func linesForTheDisplayInPieces() {
    let line = [0x01] + Array("INSERIRE CARTA      ".utf8) + [0x04]
    for cut in 0...line.count {
      var link = ECR17Link()
      let first = Array(line.prefix(cut))
      let rest = Array(line.dropFirst(cut))
      let actions = link.receive(first.span, at: 0) + link.receive(rest.span, at: 0)
      #expect(actions == [.deliver(Array(line.dropLast()))])
    }
  }

  @Test(
    "a line for the display bears no card number",
    arguments: [
      ("CRD 4111111111111111", "CRD ************1111"), ("4111 1111 1111 1111 ", "**** **** **** 1111 "),
      ("3782-822463-10005   ", "****-******-*0005   "), ("INSERIRE CARTA      ", "INSERIRE CARTA      "),
    ])
  func linesBearNoCardNumber(text: String, shown: String) {
    var framer = ECR17Framer(maximumLength: 10)
    let line: [UInt8] = [0x01] + Array(text.utf8) + [0x04]
    let events = line.compactMap { framer.push($0) }
    #expect(events == [.progress(Array(shown.utf8))])
  }

  @Test func noiseNeverTrapsAndNeverGrows() {
    var generator = SeededGenerator(seed: 17)
    var link = ECR17Link()
    var now: Int64 = 0
    for _ in 0..<3_000 {
      now += Int64(generator.next() % 2_000_000_000)
      if generator.next() % 5 == 0 { _ = link.send(Array("123456780s".utf8), at: now) }
      let bytes = (0..<Int(generator.next() % 40)).map { _ -> UInt8 in
        [0x01, 0x02, 0x03, 0x04, 0x06, 0x15, 0x79, UInt8(generator.next() & 0xFF)][Int(generator.next() % 8)]
      }
      let actions = link.receive(bytes.span, at: now)
      #expect(actions.count <= bytes.count * 3)
      _ = link.advance(to: now)
      for length in 0..<min(bytes.count, 40) { _ = try? ECR17Result(Array(bytes.prefix(length)).span) }
    }
  }
}
