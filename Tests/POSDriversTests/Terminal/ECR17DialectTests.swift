import POSModel
import POSTerminalWire
import Testing

@testable import POSDrivers

/// What an ECR17 terminal's last result says of a lost payment, and what of its texts is shown.
@Suite("Lost payments and texts of ECR17") struct ECR17DialectTests {
  static let dialect = ECR17Dialect(ECR17Configuration(head: .test))

  static func done(_ trace: String, _ date: String = "3271906") -> [UInt8] {
    Array(("290010060E00000" + "4111111111111111" + "ICC123456\(date)100000000003\(trace)000007").utf8)
  }

  static func refused(_ words: String) -> [UInt8] {
    Array("290010060E01\(words)".utf8) + [UInt8](repeating: 0x20, count: 24 - words.utf8.count)
  }

  /// What is said of a payment of 12.50 if `before` was the last result before it, and `found` is now.
  static func verdict(before: [UInt8], found: [UInt8]) throws -> LostPaymentVerdict {
    let request = PaymentRequest(reference: "a", amount: Money(minorUnits: 1_250, currency: .euro))
    let order = try dialect.order(for: request, answer: before)
    return dialect.judge(
      found, for: PaymentIntent(request: request, terminal: DeviceID("t"), baseline: order.baseline))
  }

  @Test(
    "a result that is the next by number, and not older, is the payment",
    arguments: [
      ("000100", "3271906", "000101", "3271906"), ("000100", "3271906", "000101", "3271907"),
      ("999999", "3271906", "000001", "3271908"),
      // New year, and the end of summer time.
      ("000100", "3652359", "000101", "0010001"), ("000100", "3660000", "000101", "0010001"),
      ("000100", "2990250", "000101", "2990200"),
    ])
  func next(before: String, on date: String, found: String, later: String) throws {
    let verdict = try Self.verdict(before: Self.done(before, date), found: Self.done(found, later))
    guard case .charged(let record) = verdict else {
      Issue.record("\(verdict)")
      return
    }
    #expect(record.trace == (found == "000101" ? 101 : 1))
  }

  @Test(
    "a result with any other number or with an earlier time may be another till's",
    arguments: [
      ("000102", "3271907"), ("000099", "3271907"), ("000100", "3271907"), ("000101", "3271805"),
      ("000101", "3261906"), ("000101", "9991906"), ("000101", "327190X"),
    ])
  func other(trace: String, date: String) throws {
    let verdict = try Self.verdict(before: Self.done("000100"), found: Self.done(trace, date))
    guard case .undecided = verdict else {
      Issue.record("\(verdict)")
      return
    }
  }

  @Test("a refusal names no payment, nor does it say which result comes next")
  func refusals() throws {
    let refusal = Self.refused("TRANSAZIONE NEGATA")
    for (before, found) in [
      (Self.done("000100"), refusal), (Self.refused("ANNULLATO"), refusal), (refusal, refusal),
      (refusal, Self.done("000101")), (Self.refused("A|B|C|D|E|100"), Self.done("000101")),
    ] {
      let verdict = try Self.verdict(before: before, found: found)
      guard case .undecided = verdict else {
        Issue.record("\(verdict)")
        continue
      }
    }
    #expect(
      try Self.verdict(before: Self.done("000100"), found: Self.done("000100")) == .notStored)
  }

  @Test("the words of a terminal that refuses a task bear no card number")
  func words() {
    let answer = Array("290010060C014111 1111 1111 1111 NO".utf8)
    guard case .notDone(let error) = Self.dialect.report(on: .endOfDay, answer) else {
      Issue.record("the day was closed")
      return
    }
    #expect(error.detail == "**** **** **** 1111")
  }

  @Test("the terminal's display on its way to the cashier bears no card number")
  func display() throws {
    let request = PaymentRequest(reference: "a", amount: Money(minorUnits: 1_250, currency: .euro))
    let intent = PaymentIntent(request: request, terminal: DeviceID("t"), baseline: [])
    var link = Self.dialect.link
    let line: [UInt8] = [0x01] + Array("CRD 4111111111111111".utf8) + [0x04]
    var shown: [OrderReading] = []
    for case .deliver(let message) in link.receive(line.span, at: 0) {
      shown.append(Self.dialect.read(message, for: intent))
    }
    #expect(shown == [.progress(.working(text: "CRD ************1111"))])
  }
}
