import POSTerminalWire
import POSWire
import Testing

@Suite struct ZVTSerialLinkTests {
  static let command = hex("06 01 07 04 00 00 00 00 10 00")
  static let answer = hex("80 00 00")
  static let status = hex("04 FF 01 0A")
  static let ack: [UInt8] = [0x06]
  static let nak: [UInt8] = [0x15]
  static let second: Int64 = 1_000_000_000

  static func frame(_ apdu: [UInt8]) -> [UInt8] { DLEFramer.encode(apdu.span) }
  static func link() -> ZVTSerialLink { ZVTSerialLink(maximumLength: 300) }

  @Test func sendsWaitsAndDelivers() {
    var link = Self.link()
    #expect(link.send(Self.command, at: 0) == [.write(Self.frame(Self.command))])
    #expect(link.deadline == 5 * Self.second)
    let bytes = Self.ack + Self.frame(Self.answer)
    let actions = link.receive(bytes.span, at: 1)
    #expect(actions == [.delivered, .write(Self.ack), .deliver(Self.answer)])
    #expect(link.deadline == nil)
  }

  @Test func deliversTheSameHoweverBytesArrive() {
    let bytes = Self.ack + Self.frame(Self.answer) + Self.frame(Self.status)
    for split in 0...bytes.count {
      var link = Self.link()
      _ = link.send(Self.command, at: 0)
      let head = Array(bytes[..<split])
      let tail = Array(bytes[split...])
      let actions = link.receive(head.span, at: 1) + link.receive(tail.span, at: 2)
      #expect(
        actions == [
          .delivered, .write(Self.ack), .deliver(Self.answer), .write(Self.ack), .deliver(Self.status),
        ])
    }
  }

  @Test func repeatsTwiceWithoutAcknowledgementThenFails() {
    var link = Self.link()
    let frame = Self.frame(Self.command)
    _ = link.send(Self.command, at: 0)
    #expect(link.advance(to: 5 * Self.second - 1) == [])
    #expect(link.advance(to: 5 * Self.second) == [.write(frame)])
    #expect(link.deadline == 10 * Self.second)
    #expect(link.advance(to: 10 * Self.second) == [.write(frame)])
    #expect(link.advance(to: 15 * Self.second) == [.failed(.noAcknowledgement)])
    #expect(link.deadline == nil)
  }

  @Test func repeatsTwiceWhenRefusedThenFails() {
    var link = Self.link()
    let frame = Self.frame(Self.command)
    _ = link.send(Self.command, at: 0)
    let nak = Self.nak
    #expect(link.receive(nak.span, at: 1) == [.write(frame)])
    #expect(link.receive(nak.span, at: 2) == [.write(frame)])
    #expect(link.receive(nak.span, at: 3) == [.failed(.refused)])
  }

  @Test func aLateAcknowledgementAfterANAKIsTheOneOfTheRepeat() {
    var link = Self.link()
    _ = link.send(Self.command, at: 0)
    let bytes = Self.nak + Self.ack + Self.ack
    let actions = link.receive(bytes.span, at: 1)
    #expect(actions == [.write(Self.frame(Self.command)), .delivered])
  }

  @Test func dropsLoneControlBytes() {
    var link = Self.link()
    let bytes = Self.ack + Self.nak + [0x41, 0x42]
    #expect(link.receive(bytes.span, at: 0) == [])
    #expect(link.skippedBytes == 2)
  }

  @Test func refusesDamageAndSilenceInsideAFrame() {
    var link = Self.link()
    var damaged = Self.frame(Self.status)
    damaged[4] ^= 1
    #expect(link.receive(damaged.span, at: 0) == [.write(Self.nak)])
    let half = Array(Self.frame(Self.status).dropLast(2))
    #expect(link.receive(half.span, at: 10) == [])
    let silence: Int64 = 200_000_010
    #expect(link.deadline == silence)
    #expect(link.advance(to: silence) == [.write(Self.nak)])
    let whole = Self.frame(Self.status)
    #expect(link.receive(whole.span, at: 300_000_000) == [.write(Self.ack), .deliver(Self.status)])
  }

  @Test func acknowledgesARepeatedFrameWithoutDeliveringItTwice() {
    var link = Self.link()
    let status = Self.frame(Self.status)
    #expect(link.receive(status.span, at: 0) == [.write(Self.ack), .deliver(Self.status)])
    #expect(link.receive(status.span, at: 1) == [.write(Self.ack)])
    // Our answer is on its way: it goes out again with the ACK.
    _ = link.send(Self.answer, at: 2)
    #expect(link.receive(status.span, at: 3) == [.write(Self.ack), .write(Self.frame(Self.answer))])
    // Once the answer is acknowledged, equal bytes are a new message: two blank lines in a row.
    let ack = Self.ack
    #expect(link.receive(ack.span, at: 4) == [.delivered])
    #expect(link.receive(status.span, at: 5) == [.write(Self.ack), .deliver(Self.status)])
  }

  @Test func aNewFrameAcknowledgesOurs() {
    var link = Self.link()
    _ = link.send(Self.command, at: 0)
    let answer = Self.frame(Self.answer)
    #expect(link.receive(answer.span, at: 1) == [.write(Self.ack), .delivered, .deliver(Self.answer)])
    #expect(link.deadline == nil)
  }

  @Test func queuesBehindTheMessageThatWaits() {
    var link = Self.link()
    _ = link.send(Self.answer, at: 0)
    #expect(link.send(Self.command, at: 1) == [])
    let ack = Self.ack
    #expect(link.receive(ack.span, at: 2) == [.delivered, .write(Self.frame(Self.command))])
    for _ in 0..<8 { #expect(link.send(Self.answer, at: 3) == []) }
    #expect(link.send(Self.answer, at: 3) == [.failed(.overrun)])
  }

  @Test func boundsMessages() {
    var link = Self.link()
    let large = Self.frame([UInt8](repeating: 0x41, count: 301))
    #expect(link.receive(large.span, at: 0) == [.write(Self.nak)])
  }
}

@Suite struct ZVTTableTests {
  @Test func twinsOfIntermediateStatesAskForTheCard() {
    for code in UInt8(0x41)...0x5D where code != 0x45 {
      #expect(ZVTIntermediateStatus(rawValue: code).kind == .removeCard)
    }
    #expect(ZVTIntermediateStatus(rawValue: 0x05).kind == .reversing)
    #expect(ZVTIntermediateStatus(rawValue: 0x45).kind == .reversing)
    #expect(ZVTIntermediateStatus(rawValue: 0x1C).kind == .approvalText)
    for code in UInt8.min...UInt8.max {
      #expect(!ZVTIntermediateStatus(rawValue: code).name.description.isEmpty)
      #expect(!ZVTResultCode(rawValue: code).name.description.isEmpty)
      #expect(!ZVTTerminalStatus(rawValue: code).name.description.isEmpty)
    }
  }

  @Test func answersAreTold() {
    #expect(ZVTCommand.positive.isPositiveAnswer)
    #expect(ZVTCommand(rawValue: 0x8400).isPositiveAnswer)
    #expect(ZVTCommand(rawValue: 0x849C).refusal == .wait)
    #expect(ZVTCommand.positive.refusal == nil)
    #expect(!ZVTCommand.completion.isAnswer)
  }
}
