import POSTerminalWire
import POSWire
import Testing

/// Transbank POS Integrado. Vectors: specs/terminals.md §4.3 (Transbank's reference; tests of its SDK, BSD-3).
@Suite struct TransbankTests {
  @Test(
    arguments: [
      ("0100", 0x02), ("0800", 0x0B), ("0250|", 0x78), ("0500||", 0x06), ("0700||", 0x04), ("0300", 0x00),
      ("0200|123|", 0x31), ("0200|1500|T00001|||1|", 0x51), ("0810|00|597029414300|75001637", 0x75),
      ("0510|00|597029414300|75001637|", 0x04),
    ] as [(String, UInt8)])
  func checks(text: String, check: UInt8) throws {
    let bytes = Array(text.utf8)
    let frame = try STXETXFramer.encode(bytes.span)
    #expect(frame.last == check)
    let message = try TransbankMessage(bytes.span)
    #expect(message.encoded() == bytes)
  }

  @Test func orders() throws {
    #expect(TransbankMessage.poll.encoded() == Array("0100".utf8))
    #expect(TransbankMessage.lastSale.encoded() == Array("0250|".utf8))
    #expect(TransbankMessage.close.encoded() == Array("0500||".utf8))
    let sale = try TransbankMessage.sale(amount: 1_500, ticket: Array("T00001".utf8))
    #expect(sale.encoded() == Array("0200|1500|T00001|||1|".utf8))
    #expect(throws: WireError.self) { try TransbankMessage.sale(amount: 49, ticket: []) }
    #expect(throws: WireError.self) { try TransbankMessage.sale(amount: 1_000_000_000, ticket: []) }
    #expect(throws: WireError.self) { try TransbankMessage.sale(amount: 50, ticket: Array("T000001".utf8)) }
  }

  @Test func cardNumbersAreWithheld() throws {
    let message = try TransbankMessage(Array("0210|00|5555|1|T1|A|50|0|0|4111111111111111|7".utf8).span)
    #expect(message.field(8) == Array("************1111".utf8))
    #expect(message.number(5) == 50)
  }

  @Test func aFrameIsRepeatedAfterNAKOnly() throws {
    let text = Array("0100".utf8)
    let frame = try STXETXFramer.encode(text.span)
    var link = TransbankLink()
    #expect(link.send(text, at: 0) == [.write(frame)])
    let nak = [UInt8(0x15)]
    #expect(link.receive(nak.span, at: 0) == [.write(frame)])
    #expect(link.receive(nak.span, at: 0) == [.write(frame)])
    #expect(link.receive(nak.span, at: 0) == [.failed(.refused)])
    _ = link.send(text, at: 0)
    #expect(link.advance(to: 4_000_000_000) == [.failed(.noAcknowledgement)])
  }

  /// What Transbank's own kit accepts: a frame whose check is wrong.
  @Test func aDamagedAnswerIsNotTaken() throws {
    let text = Array("0210|00|".utf8)
    var frame = try STXETXFramer.encode(text.span)
    frame[frame.count - 1] ^= 0x01
    var link = TransbankLink()
    #expect(link.receive(frame.span, at: 0) == [.write([0x15])])
    let good = try STXETXFramer.encode(text.span)
    #expect(link.receive(good.span, at: 0) == [.write([0x06]), .deliver(text)])
  }

  @Test func hostileTextsAreBounded() {
    #expect(throws: WireError.self) {
      try TransbankMessage((Array("0210".utf8) + [UInt8](repeating: 0x7C, count: 200)).span)
    }
    for text in ["", "02", "02x0", "0210X", "0210|", "||||"] {
      _ = try? TransbankMessage(Array(text.utf8).span)
    }
  }
}
