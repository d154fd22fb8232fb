import POSModel
import POSTerminalWire
import Testing

@testable import POSDrivers

/// The table "Link lost at …" of specs/terminals.md §2.12, row by row.
@Suite struct ZVTPaymentTests {
  static let request = PaymentRequest(reference: "r", amount: Money(minorUnits: 1_250, currency: .euro))
  static let lost = ZVTPayment.End.lost(DeviceError(.connectionLost, during: "testing"))

  /// 04 0F with this result over 12.50 EUR of terminal 29001006, receipt 42, trace 100; `changes` replace bytes.
  static func status(_ result: UInt8, amount: UInt8 = 0x12, currency: UInt8 = 0x78, terminal: UInt8 = 0x06)
    -> ZVTMessage
  {
    ZVTMessage(
      .statusInformation,
      data: [
        0x27, result, 0x04, 0, 0, 0, 0, amount, 0x50, 0x49, 0x09, currency, 0x29, 0x29, 0x00, 0x10, terminal,
        0x87, 0x00, 0x42, 0x0B, 0x00, 0x01, 0x00, 0x22, 0xF0, 0xF8, 0x67, 0x25, 0x00, 0xEE, 0xEE, 0xEE, 0x12,
        0x34,
        0x8A, 0x05,
      ])
  }

  static func outcome(_ statuses: [ZVTMessage], _ end: ZVTPayment.End) -> PaymentOutcome {
    var payment = ZVTPayment(request, terminalID: 29_001_006)
    for status in statuses { _ = payment.take(status) }
    return payment.outcome(end)
  }

  static var record: PaymentRecord {
    var record = PaymentRecord(amount: request.amount)
    record.terminalID = "29001006"
    record.receiptNumber = 42
    record.trace = 100
    record.cardName = "girocard"
    record.maskedPAN = "************1234"
    return record
  }

  @Test func row2And3And5NothingKnown() {
    guard case .unknown(let error) = Self.outcome([], Self.lost) else {
      Issue.record("not unknown")
      return
    }
    #expect(error.code == .paymentUnknown)
    #expect(error.hint.contains("recover"))
  }

  @Test(arguments: [
    (UInt8(0x9C), DeviceError.Code.terminalNotReady), (0xDC, .terminalNotReady), (0x6B, .terminalRefused),
    (0x6F, .terminalRefused),
  ])
  func row4Refused(code: UInt8, expected: DeviceError.Code) {
    guard case .notStarted(let error) = Self.outcome([], .refused(ZVTResultCode(rawValue: code))) else {
      Issue.record("not refused")
      return
    }
    #expect(error.code == expected)
  }

  @Test func row6Declined() {
    let refusal = PaymentRefusal(code: "05", text: "declined by the authorisation host")
    for end in [Self.lost, .completed, .aborted(ZVTResultCode(rawValue: 0x05)), .aborted(nil)] {
      #expect(Self.outcome([Self.status(0x05)], end) == .declined(refusal))
    }
    let stopped = PaymentRefusal(code: "6c", text: "aborted or timed out")
    #expect(Self.outcome([Self.status(0x6C)], Self.lost) == .cancelled(stopped))
  }

  @Test func row7And8ApprovedButNotFinished() {
    #expect(Self.outcome([Self.status(0)], Self.lost) == .approvedUnconfirmed(Self.record))
    #expect(Self.outcome([Self.status(0), Self.status(0)], Self.lost) == .approvedUnconfirmed(Self.record))
  }

  @Test func row9Approved() {
    #expect(Self.outcome([Self.status(0)], .completed) == .approved(Self.record))
    #expect(Self.outcome([Self.status(0x9C), Self.status(0)], .completed) == .approved(Self.record))
  }

  @Test func row10TakenBack() {
    #expect(
      Self.outcome([Self.status(0)], .aborted(.aborted))
        == .declined(PaymentRefusal(code: "reversed", text: "the terminal took the charge back")))
  }

  @Test func abortedWithoutStatusInformation() {
    #expect(
      Self.outcome([], .aborted(.aborted))
        == .cancelled(PaymentRefusal(code: "6c", text: "aborted or timed out")))
    #expect(
      Self.outcome([], .aborted(ZVTResultCode(rawValue: 0xA1)))
        == .declined(PaymentRefusal(code: "a1", text: "host does not answer")))
  }

  /// What makes no sense is never final.
  @Test(
    arguments: [
      ([], ZVTPayment.End.completed), ([], .aborted(nil)), ([], .aborted(.ok)),
      ([status(0), status(0x05)], .completed), ([status(0), status(0x05)], lost),
      ([status(0, amount: 0x13)], .completed), ([status(0, amount: 0x13)], lost),
      ([status(0, currency: 0x56)], .completed), ([status(0, terminal: 0x07)], .completed),
      ([status(0x05, amount: 0x13)], .completed), ([status(0, amount: 0x13)], .aborted(.aborted)),
      ([status(0, amount: 0x13), status(0)], .completed),
      ([ZVTMessage(.statusInformation, data: [0x8A, 0x05])], .completed),
      ([ZVTMessage(.statusInformation, data: [0x27, 0x00, 0xA0, 0xA3])], .completed),
    ] as [([ZVTMessage], ZVTPayment.End)])
  func contradictionsAreUnknown(statuses: [ZVTMessage], end: ZVTPayment.End) {
    let outcome = Self.outcome(statuses, end)
    guard case .unknown = outcome else {
      Issue.record("\(outcome)")
      return
    }
  }

  @Test func anotherAmountIsRefusedSoThatTheTerminalTakesItBack() {
    var payment = ZVTPayment(Self.request, terminalID: nil)
    #expect(payment.take(Self.status(0, amount: 0x13)) == .negativeAnswer(.processingError))
    #expect(!payment.isApproved)
    var other = ZVTPayment(Self.request, terminalID: nil)
    #expect(other.take(Self.status(0, terminal: 0x07)) == .positiveAnswer)
    #expect(other.isApproved)
  }

  @Test func showsTheTerminalsWordsForARefusal() {
    let message = ZVTMessage(
      .statusInformation, data: [0x27, 0x05, 0x3C, 0xF0, 0xF0, 0xF9] + Array("Abgelehnt".utf8))
    #expect(Self.outcome([message], .completed) == .declined(PaymentRefusal(code: "05", text: "Abgelehnt")))
  }

  @Test func neverShowsACardNumber() {
    let message = ZVTMessage(
      .statusInformation,
      data: [0x27, 0x00, 0x22, 0xF0, 0xF8, 0x41, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11]
        + [0x8B, 0xF1, 0xF6] + Array("4111111111111111".utf8))
    var dumped = ""
    dump(Self.outcome([message], .completed), to: &dumped)
    #expect(dumped.contains("************1111"))
    #expect(!dumped.contains("11111"))
  }
}

/// Step 5 of procedure R, specs/terminals.md §2.12.
@Suite struct ZVTVerdictTests {
  static func transaction(_ data: [UInt8]) -> ZVTTransaction {
    ZVTTransaction(ZVTMessage(.statusInformation, data: data))
  }

  static let amount: [UInt8] = [0x04, 0, 0, 0, 0, 0x12, 0x50]
  static let old = transaction([0x27, 0x00] + amount + [0x87, 0x00, 0x41, 0x0B, 0, 0, 0x99])
  static let new: [UInt8] = [0x27, 0x00] + amount + [0x87, 0x00, 0x42, 0x0B, 0, 0x01, 0x00]

  static func verdict(
    _ last: ZVTLastTransaction, before: ZVTLastTransaction = .transaction(old), terminal: UInt64? = 29_001_006
  ) -> ZVTVerdict {
    ZVTVerdict(
      request: ZVTPaymentTests.request, baseline: ZVTBaseline(terminalID: 29_001_006, last: before),
      terminalID: terminal, last: last)
  }

  @Test func aNewTransactionOfThisPaymentIsACharge() {
    #expect(Self.verdict(.transaction(Self.transaction(Self.new))) == .charged)
    #expect(Self.verdict(.transaction(Self.transaction(Self.new)), before: .none) == .charged)
    let complete = Self.transaction(Self.new + [0x49, 0x09, 0x78, 0x29, 0x29, 0x00, 0x10, 0x06])
    #expect(Self.verdict(.transaction(complete)) == .charged)
  }

  @Test func theTransactionFromBeforeIsNoCharge() {
    #expect(Self.verdict(.transaction(Self.old)) == .notStored)
  }

  @Test func aNewTransactionThatFailedIsNoCharge() {
    var failed = Self.new
    failed[1] = 0x05
    #expect(Self.verdict(.transaction(Self.transaction(failed))) == .failed(ZVTResultCode(rawValue: 0x05)))
  }

  @Test(
    arguments: [
      // Another amount, currency, terminal id; no result; a reversal; no numbers; the old number with another time.
      [0x27, 0x00, 0x04, 0, 0, 0, 0, 0x13, 0x50, 0x87, 0x00, 0x42],
      new + [0x49, 0x07, 0x56],
      new + [0x29, 0x29, 0x00, 0x10, 0x07],
      Array(new.dropFirst(2)),
      new + [0x37, 0x00, 0x00, 0x99],
      [0x27, 0x00] + amount,
      [0x27, 0x00] + amount + [0x87, 0x00, 0x41, 0x0B, 0, 0, 0x99, 0x0C, 0x12, 0x00, 0x00],
      [0x27, 0x00, 0x87, 0x00, 0x42],
    ] as [[UInt8]])
  func anythingElseIsUndecided(data: [UInt8]) {
    let verdict = Self.verdict(.transaction(Self.transaction(data)))
    guard case .undecided = verdict else {
      Issue.record("\(verdict)")
      return
    }
  }

  /// Time and date of the one from before and of the one found, by the terminal's own clock.
  @Test(
    arguments: [
      ([0x0C, 0x12, 0x00, 0x00, 0x0D, 0x03, 0x01], [0x0C, 0x12, 0x00, 0x30, 0x0D, 0x03, 0x01], true),
      ([0x0C, 0x23, 0x59, 0x00, 0x0D, 0x02, 0x28], [0x0C, 0x00, 0x01, 0x00, 0x0D, 0x03, 0x01], true),
      ([0x0C, 0x23, 0x59, 0x00, 0x0D, 0x12, 0x31], [0x0C, 0x00, 0x01, 0x00, 0x0D, 0x01, 0x01], true),
      // The end of summer time.
      ([0x0C, 0x02, 0x50, 0x00, 0x0D, 0x10, 0x25], [0x0C, 0x02, 0x00, 0x00, 0x0D, 0x10, 0x25], true),
      // A terminal that tells the time of one of the two alone.
      ([0x0C, 0x12, 0x00, 0x00, 0x0D, 0x03, 0x01], [], true),
      ([], [0x0C, 0x12, 0x00, 0x00, 0x0D, 0x03, 0x01], true),
      ([0x0C, 0x12, 0x00, 0x00, 0x0D, 0x03, 0x01], [0x0C, 0x10, 0x00, 0x00, 0x0D, 0x03, 0x01], false),
      ([0x0C, 0x12, 0x00, 0x00, 0x0D, 0x03, 0x01], [0x0C, 0x12, 0x00, 0x00, 0x0D, 0x02, 0x28], false),
      ([0x0C, 0x00, 0x01, 0x00, 0x0D, 0x01, 0x01], [0x0C, 0x12, 0x00, 0x00, 0x0D, 0x12, 0x30], false),
    ] as [([UInt8], [UInt8], Bool)])
  func aTransactionOlderThanTheOneFromBeforeIsNotThisPayment(before: [UInt8], found: [UInt8], isCharged: Bool)
  {
    let old: [UInt8] = [0x27, 0x00] + Self.amount + [0x87, 0x00, 0x41, 0x0B, 0, 0, 0x99] + before
    let verdict = Self.verdict(
      .transaction(Self.transaction(Self.new + found)), before: .transaction(Self.transaction(old)))
    #expect((verdict == .charged) == isCharged)
    if !isCharged {
      #expect(
        verdict == .undecided("the terminal's last transaction is older than the one from before the payment")
      )
    }
  }

  @Test func silenceAndStrangersAreUndecided() {
    let found = ZVTLastTransaction.transaction(Self.transaction(Self.new))
    for verdict in [
      Self.verdict(.none), Self.verdict(.unavailable), Self.verdict(.none, before: .none),
      Self.verdict(.unavailable, before: .unavailable), Self.verdict(found, before: .unavailable),
      Self.verdict(found, terminal: 1),
      ZVTVerdict(request: ZVTPaymentTests.request, baseline: nil, terminalID: nil, last: found),
    ] {
      guard case .undecided = verdict else {
        Issue.record("\(verdict)")
        continue
      }
    }
    // Two answers without numbers are alike for any two payments.
    let bare = ZVTLastTransaction.transaction(Self.transaction([0x27, 0x00] + Self.amount))
    guard case .undecided = Self.verdict(bare, before: bare) else {
      Issue.record("decided")
      return
    }
  }

  @Test func theBaselineSurvivesTheJournal() {
    for last in [ZVTLastTransaction.none, .unavailable, .transaction(Self.old)] {
      for terminal in [nil, 29_001_006] as [UInt64?] {
        let baseline = ZVTBaseline(terminalID: terminal, last: last)
        #expect(ZVTBaseline(baseline.bytes) == baseline)
        #expect(ZVTBaseline(baseline.bytes + [0]) == nil)
        #expect(ZVTBaseline(Array(baseline.bytes.dropLast())) == nil)
      }
    }
    #expect(ZVTBaseline([]) == nil)
    #expect(ZVTBaseline([2] + ZVTBaseline(terminalID: nil, last: .none).bytes.dropFirst()) == nil)
  }
}

@Suite struct ZVTReceiptsTests {
  static func line(_ attribute: UInt8, _ text: String, kind: UInt8? = nil) -> ZVTMessage {
    ZVTMessage(
      .printLine,
      data: [attribute] + Array(text.utf8) + (kind.map { [0x06, 0x04, 0x1F, 0x07, 0x01, $0] } ?? []))
  }

  static func lines(_ messages: [ZVTMessage]) -> (customer: [String], merchant: [String]) {
    var receipts = ZVTReceipts()
    for message in messages { receipts.take(message) }
    return receipts.lines
  }

  @Test func splitsOnTheLastLineAndVotesOnTheKind() {
    // One line of the customer's receipt is tagged merchant, as in the capture of specs/terminals.md §2.11.
    let lines = Self.lines([
      Self.line(0x40, "m1", kind: 1), Self.line(0x81, "", kind: 1), Self.line(0x40, "c1", kind: 2),
      Self.line(0x00, " ", kind: 1), Self.line(0x00, "c2", kind: 2), Self.line(0x81, "", kind: 2),
    ])
    #expect(lines.merchant == ["m1"])
    #expect(lines.customer == ["c1", " ", "c2"])
  }

  @Test func untaggedReceipts() {
    #expect(Self.lines([Self.line(0x00, "a"), Self.line(0x81, "b")]).customer == ["a", "b"])
    let two = Self.lines([Self.line(0x81, "a"), Self.line(0x81, "b")])
    #expect(two.merchant == ["a"])
    #expect(two.customer == ["b"])
    #expect(Self.lines([Self.line(0x00, "unfinished")]).customer == ["unfinished"])
  }

  @Test func lineFeedsAndBounds() {
    #expect(Self.lines([Self.line(0xFF, "\u{02}"), Self.line(0x81, "x")]).customer == ["", "", "x"])
    let flood = [ZVTMessage](repeating: Self.line(0xFF, "\u{7F}"), count: 500)
    #expect(Self.lines(flood).customer.count == ZVTReceipts.maximumLines)
  }

  @Test func textBlocks() {
    let data: [UInt8] = [
      0x06, 0x18, 0x1F, 0x07, 0x01, 0x01, 0x14, 0x01, 0x02, 0x25, 0x0F, 0x09, 0x01, 0x00, 0x07, 0x01, 0xE4,
      0x07, 0x02, 0x61, 0x62, 0x07, 0x00, 0x09, 0x01, 0x81,
    ]
    let message = ZVTMessage(.printTextBlock, data: data)
    #expect(message.unread == nil)
    #expect(Self.lines([message]).merchant == ["ä", "ab", ""])
  }
}
