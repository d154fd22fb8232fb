import POSTerminalWire
import POSWire
import Testing

/// Caisse-AP. Vectors: specs/terminals.md §4.3 (HiPay's public page; answers seen from a running server).
@Suite struct CaisseAPTests {
  static let order = Array("CZ0040300CJ012247300123456CA00201CB00512345CD0010CE003978".utf8)
  static let done = order + Array("AE00210".utf8)
  private static let second: Int64 = 1_000_000_000

  @Test func theOrderOfTheReference() throws {
    let request = CaisseAPRequest(
      identifier: Array("247300123456".utf8), till: 1, action: .debit, amount: 12_345, currency: 978,
      reference: [])
    let text = try request.message().encoded()
    #expect(text == Self.order)
    let message = try CaisseAPMessage(text.span)
    #expect(message.number(.amount) == 12_345 && message.number(.currency) == 978)
    #expect(message.fields.map(\.offset) == [0, 9, 26, 33, 43, 49])
  }

  @Test(arguments: [(0, "00"), (9, "09"), (10, "10"), (100, "100"), (999_999_999_999, "999999999999")])
  func amountsHaveTwoToTwelveDigits(amount: UInt64, text: String) throws {
    let request = CaisseAPRequest(
      identifier: Array("247300123456".utf8), till: 1, action: .debit, amount: amount, currency: 978,
      reference: [])
    let message = try request.message()
    #expect(message[.amount] == Array(text.utf8))
  }

  @Test func whatDoesNotFitIsRefused() {
    func request(_ change: (inout CaisseAPRequest) -> Void) -> CaisseAPRequest {
      var request = CaisseAPRequest(
        identifier: Array("247300123456".utf8), till: 1, action: .debit, amount: 1, currency: 978,
        reference: [])
      change(&request)
      return request
    }
    #expect(throws: WireError.self) { try request { $0.amount = 1_000_000_000_000 }.message() }
    #expect(throws: WireError.self) { try request { $0.till = 100 }.message() }
    #expect(throws: WireError.self) { try request { $0.identifier = [0x30] }.message() }
    #expect(throws: WireError.self) {
      try request { $0.reference = [UInt8](repeating: 0x41, count: 100) }.message()
    }
  }

  @Test(arguments: [("AE00210", "10", nil), ("AE00201AF00209", "01", "09"), ("AE00211", "11", nil)])
  func answers(tail: String, result: String, reason: String?) throws {
    let text = Self.order + Array(tail.utf8)
    let message = try CaisseAPMessage(text.span)
    #expect(message[.result] == Array(result.utf8))
    #expect(message[.reason] == reason.map { Array($0.utf8) })
  }

  @Test func cardDataDoesNotLeaveTheDecoder() throws {
    let text = Array("AA0164111111111111111AB0042712AK0044NDE=AI0104111111111CG0164111111111111111".utf8)
    let message = try? CaisseAPMessage(text.span)
    let shown = message.map { "\($0.fields.map { String(decoding: $0.value, as: UTF8.self) })" } ?? ""
    #expect(!shown.contains("411111111111"))
    #expect(!shown.contains("2712"))
  }

  /// Wherever the stream is split, one answer comes, whole.
  @Test func splitAnywhere() {
    for cut in 0...Self.done.count {
      var link = CaisseAPLink()
      #expect(link.send(Self.order, at: 0) == [.write(Self.order), .delivered])
      let first = Array(Self.done.prefix(cut))
      let rest = Array(Self.done.dropFirst(cut))
      #expect(link.receive(first.span, at: 0) == [])
      #expect(link.receive(rest.span, at: Self.second / 10) == [])
      #expect(link.advance(to: Self.second) == [.deliver(Self.done)])
      #expect(link.deadline == nil)
    }
  }

  /// "Not done" alone is no answer as long as "not ended" may follow, and none at all once the line is cut there.
  @Test func aRefusalCutBeforeItsReason() {
    let refusal = Self.order + Array("AE00201".utf8)
    let reason = Array("AF00207".utf8)
    var cut = CaisseAPLink()
    _ = cut.send(Self.order, at: 0)
    #expect(cut.receive(refusal.span, at: 0) == [])
    #expect(cut.advance(to: Self.second) == [])
    #expect(cut.streamEnded() == [])
    var slow = CaisseAPLink()
    _ = slow.send(Self.order, at: 0)
    _ = slow.receive(refusal.span, at: 0)
    _ = slow.receive(reason.span, at: 2 * Self.second)
    #expect(slow.advance(to: 3 * Self.second) == [.deliver(refusal + reason)])
    var silent = CaisseAPLink()
    _ = silent.send(Self.order, at: 0)
    _ = silent.receive(refusal.span, at: 0)
    #expect(silent.advance(to: CaisseAPLink.reasonTime) == [.deliver(refusal)])
  }

  /// Fields after the result are part of the answer, also when they come a little later.
  @Test func theReasonAfterTheResult() {
    var link = CaisseAPLink()
    _ = link.send(Self.order, at: 0)
    let result = Self.order + Array("AE00201".utf8)
    let reason = Array("AF00209".utf8)
    _ = link.receive(result.span, at: 0)
    #expect(link.advance(to: Self.second / 10) == [])
    _ = link.receive(reason.span, at: Self.second / 5)
    #expect(link.advance(to: Self.second) == [.deliver(result + reason)])
  }

  @Test func aTerminalThatHangsUpHasSaidAll() {
    var link = CaisseAPLink()
    _ = link.send(Self.order, at: 0)
    _ = link.receive(Self.done.span, at: 0)
    #expect(link.streamEnded() == [.deliver(Self.done)])
    _ = link.send(Self.order, at: 0)
    let half = Array(Self.done.dropLast())
    _ = link.receive(half.span, at: 0)
    #expect(link.streamEnded() == [])
  }

  @Test func nonsenseAndFloodsEndTheTalk() {
    var link = CaisseAPLink()
    _ = link.send(Self.order, at: 0)
    let nonsense = Array("HTTP/1.1 400".utf8)
    #expect(link.receive(nonsense.span, at: 0) == [.failed(.damagedAnswer)])
    #expect(link.receive(nonsense.span, at: 0) == [])
    _ = link.send(Self.order, at: 0)
    let flood = [UInt8](repeating: 0x41, count: 5_000)
    #expect(link.receive(flood.span, at: 0) == [.failed(.oversizedMessage)])
  }

  @Test func everyTruncationAndFlipIsAValueOrAnError() {
    for index in Self.done.indices {
      _ = try? CaisseAPMessage(Array(Self.done.prefix(index)).span)
      for bit in 0..<8 {
        var spoilt = Self.done
        spoilt[index] ^= 1 << bit
        _ = try? CaisseAPMessage(spoilt.span)
      }
    }
  }
}
