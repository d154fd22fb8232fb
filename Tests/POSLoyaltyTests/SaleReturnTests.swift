import POSJournal
import POSModel
import Testing

@testable import POSLoyalty

/// What is taken back of sales that are over (specs/punchh.md §6.3), and gift cards that cover a part.
@Suite struct SaleReturnTests {
  let scratch = Scratch()
  let world = World()
  let clock = HandClock()

  private func till(policy: SalePolicy? = nil) async throws -> Till {
    try await Till(in: world, at: scratch.path, clock: clock, policy: policy)
  }

  private static let smaller: Order = {
    var order = Sample.order
    order.lines.remove(at: 1)
    return order
  }()

  // MARK: The machine

  private func sold(redeeming redemption: Redemption? = Sample.redemption) -> SaleMachine {
    var machine = SaleMachine(Sample.opening)
    _ = machine.on(.codesPresented([Sample.code]))
    _ = machine.on(.guestFound(Sample.guest))
    _ = machine.on(.discountsFound([Sample.reward]))
    _ = machine.on(.quoted(Sample.quote))
    _ = machine.on(.tenderStarted(reference: "sale-1"))
    _ = machine.on(.paymentEnded(.approved(Sample.charge(1158))))
    if let redemption {
      _ = machine.on(.commitEnded(.done(redemption)))
    } else {
      _ = machine.on(.commitEnded(.unknown(Sample.lost)))
      _ = machine.on(.basketFound(isOpen: false))
    }
    _ = machine.on(.printEnded(.printed))
    return machine
  }

  private func void(_ checkIn: SaleReturn.CheckIn) -> SaleEvent {
    .returnRequested(SaleReturn(order: nil, checkIn: checkIn, references: ["r1", "r2"]))
  }

  private static func batch(_ returnsWithReceipt: Bool) -> Redemption {
    Redemption(reference: "ref-1", granted: Sample.quote, returnsWithReceipt: returnsWithReceipt)
  }

  /// Generation and pending window → whether a call takes the redemption back, and what cannot be undone.
  @Test(
    arguments: [
      (true, .pending, false, []), (true, .waiting, false, []), (true, .final, true, [.pointsKept]),
      (true, .refused, true, []), (false, .pending, true, []), (false, .final, true, [.pointsKept]),
    ] as [(Bool, SaleReturn.CheckIn, Bool, [SaleWarning.Kind])])
  func redemption(
    isBatch: Bool, checkIn: SaleReturn.CheckIn, isCalled: Bool, warnings: [SaleWarning.Kind]
  ) throws {
    var machine = sold(redeeming: Self.batch(isBatch))
    let before = machine.record.closedCheck
    let request = RefundRequest(
      payment: "sale-1", amount: Sample.euros(1158), references: ["r1", "r2"], receipt: nil)
    #expect(machine.on(void(checkIn)) == [.enqueue(.voidedReceipt(before)), .refund(request)])
    let actions = machine.on(.refundEnded(RefundResult(given: Sample.euros(1158))))
    #expect(actions == (isCalled ? [.voidRedemption(Self.batch(isBatch), Sample.guest)] : []))
    if isCalled { #expect(machine.on(.redemptionVoided) == []) }
    #expect(machine.phase == .ended && machine.record.basket == .returned)
    #expect(machine.record.warnings.map(\.kind) == warnings)
    #expect(machine.on(void(checkIn)) == [], "void is void")
  }

  @Test func refusedRedemptionIsNamed() {
    var machine = sold(redeeming: Self.batch(true))
    _ = machine.on(void(.final))
    _ = machine.on(.refundEnded(RefundResult(given: Sample.euros(1158))))
    let gone = DeviceError(.loyaltyExpired, during: "voiding", detail: "has been committed")
    #expect(machine.on(.loyaltyFailed(gone)) == [])
    #expect(machine.phase == .ended)
    #expect(machine.record.warnings.map(\.kind) == [.pointsKept, .rewardSpent])
    // Away is no refusal: it is asked again at the next start.
    var away = sold(redeeming: Self.batch(false))
    _ = away.on(void(.pending))
    _ = away.on(.refundEnded(RefundResult(given: Sample.euros(1158))))
    #expect(away.on(.loyaltyFailed(Sample.away)) == [])
    #expect(away.phase == .owing)
    #expect(away.on(.restarted) == [.voidRedemption(Self.batch(false), Sample.guest)])
    #expect(away.record.warnings.map(\.kind) == [.rewardSpent])
    #expect(away.on(.redemptionVoided) == [])
    #expect(away.phase == .ended)
    #expect(away.record.warnings.isEmpty, "the guest has the reward back")
  }

  @Test func redemptionWithoutReference() {
    for (checkIn, warnings) in [
      (SaleReturn.CheckIn.pending, [SaleWarning.Kind]()), (.final, [.rewardSpent, .pointsKept]),
    ] {
      var machine = sold(redeeming: nil)
      _ = machine.on(void(checkIn))
      _ = machine.on(.refundEnded(RefundResult(given: Sample.euros(1158))))
      #expect(machine.phase == .ended)
      #expect(machine.record.warnings.map(\.kind) == warnings)
    }
  }

  /// Redemptions 1.0 in doubt: what is known of it goes back, and the rest is named. The log that is kept tells the
  /// same, although it has no selections any more.
  @Test(arguments: [false, true])
  func partOfARedemption(isRedacted: Bool) throws {
    let part = Redemption(
      reference: "900001", granted: Sample.quote, returnsWithReceipt: false,
      unreturnable: ["a coupon is not credited back"], doubt: Sample.lost)
    var guest = Sample.guest
    guest.selections = ["reward:1", "code:7738989"]
    let events: [SaleEvent] = [
      .opened(Sample.opening), .codesPresented([Sample.code]), .guestFound(guest),
      .discountsFound([Sample.reward]), .quoted(Sample.quote), .tenderStarted(reference: "sale-1"),
      .paymentEnded(.approved(Sample.charge(1158))), .commitEnded(.done(part)), .basketFound(isOpen: true),
      .commitEnded(.unknown(Sample.lost)), .basketFound(isOpen: true), .printEnded(.printed),
    ]
    let kept = isRedacted ? events.map { $0.redacted ?? $0 } : events
    #expect(!isRedacted || !"\(kept)".contains("7738989"))
    var machine = try #require(SaleMachine(replaying: kept))
    #expect(machine.phase == .ended && machine.record.basket == .unclear)
    let summary = SaleSummary(machine, steps: [], pointsEarned: nil)
    #expect(summary.isRedeemed == nil && summary.state == .completed)
    #expect(summary.lossOfVoid == ["a coupon is not credited back"])
    _ = machine.on(void(.pending))
    let actions = machine.on(.refundEnded(RefundResult(given: Sample.euros(1158))))
    guard case .voidRedemption(part, _)? = actions.first else {
      Issue.record("\(actions)")
      return
    }
    #expect(machine.on(.redemptionVoided) == [])
    #expect(machine.phase == .ended && machine.record.basket == .returned)
    #expect(machine.record.warnings.map(\.kind) == [.redemptionUnknown, .rewardSpent, .rewardSpent])
  }

  @Test func partsAndTheRest() {
    var machine = sold()
    let part = SaleReturn(order: Self.smaller, checkIn: .pending, references: ["r1", "r2"])
    let actions = machine.on(.returnRequested(part))
    let closed = machine.record.standing
    // Lemonade out: 9.00, 1.50 and 1.08 less the 3.00 that the guest keeps.
    #expect(closed?.payable == 858)
    #expect(
      actions == [
        .enqueue(.receipt(closed ?? machine.record.closedCheck)),
        .refund(
          RefundRequest(
            payment: "sale-1", amount: Sample.euros(300), references: ["r1", "r2"], receipt: nil)),
      ])
    #expect(machine.on(.refundEnded(RefundResult(given: Sample.euros(300)))) == [])
    #expect(machine.phase == .ended && machine.record.basket == .spent)
    #expect(machine.on(.returnRequested(part)) == [], "nothing is less than it was")
    let rest = machine.on(void(.pending))
    #expect(rest.contains(.enqueue(.voidedReceipt(closed ?? machine.record.closedCheck))))
    #expect(
      rest.contains(
        .refund(
          RefundRequest(
            payment: "sale-1", amount: Sample.euros(858), references: ["r1", "r2"], receipt: nil))))
  }

  @Test func moneyThatIsNotKnownToHaveMoved() {
    var machine = sold()
    _ = machine.on(void(.refused))
    let doubt = RefundResult(given: Sample.euros(0), doubt: Sample.lost)
    #expect(machine.on(.refundEnded(doubt)) == [])
    #expect(machine.isResting && machine.phase != .ended)
    #expect(SaleSummary(machine, steps: [], pointsEarned: nil).exit == .unknownOutcome)
    #expect(machine.on(void(.refused)) == [], "not before it is known")
    guard case .recoverRefund? = machine.on(.restarted).first else {
      Issue.record("nobody is asked")
      return
    }
    _ = machine.on(.refundEnded(RefundResult(given: Sample.euros(0), refusal: "declined")))
    _ = machine.on(.redemptionVoided)
    #expect(machine.phase == .ended)
    let summary = SaleSummary(machine, steps: [], pointsEarned: nil)
    #expect(summary.state == .voided && summary.exit == .failed && summary.owedBack == Sample.euros(1158))
    // Asked again, the money is tried again, and nothing else.
    let again = machine.on(void(.refused))
    #expect(again.count == 1)
    guard case .refund(let request)? = again.first else { return }
    #expect(request.amount == Sample.euros(1158))
    _ = machine.on(.refundEnded(RefundResult(given: Sample.euros(1158))))
    #expect(SaleSummary(machine, steps: [], pointsEarned: nil).owedBack == nil)
    #expect(!machine.record.warnings.contains { $0.kind == .notRefunded })
  }

  @Test func nothingSoldNothingBack() {
    var machine = SaleMachine(Sample.opening)
    _ = machine.on(.abandoned)
    #expect(machine.on(void(.none)) == [])
  }

  @Test(
    "the pending window: minutes, the end of the day, clocks that jump",
    arguments: [
      (60, nil, 0, 60 * 60_000, true), (60, nil, 0, 60 * 60_000 + 1, false), (60, nil, 1_000_000, 0, true),
      (Int.max, nil, 0, Int64.max, false), (0, nil, 5, 5, true), (-5, nil, 0, 1, false),
      // Settles at 04:00; offset one hour: 02:59 UTC is 03:59 there.
      (1440, 14_400, 0, 10_799_000, true), (1440, 14_400, 0, 10_800_000, false),
      (1440, 14_400, 10_800_000, 97_199_000, true), (1440, 14_400, -1, Int64.min, true),
    ] as [(Int, Int?, Int64, Int64, Bool)])
  func window(minutes: Int, settlesAt: Int?, credited: Int64, now: Int64, isOpen: Bool) {
    let window = PendingWindow(minutes: minutes, settlesAt: settlesAt)
    #expect(window.isOpen(since: credited, at: now, offset: 3600) == isOpen)
  }

  // MARK: Whole

  @Test func voidedWhole() async throws {
    let till = try await till()
    let sale = try await till.orchestrator.run(
      Sample.order, attendant: UnattendedSale(codes: [Sample.code]))
    _ = await till.sendEverything()
    clock.advance(.seconds(10))
    let summary = try await till.orchestrator.takeBack("1042")
    #expect(summary.id == sale.id && summary.state == .voided && summary.exit == .ok)
    #expect(summary.givenBack == Sample.euros(1158) && summary.owedBack == nil)
    _ = await till.sendEverything()
    world.read { state in
      #expect(state.voids == [sale.receiptKey: 1])
      #expect(Array(state.refunds.values) == [1158])
      // The redemption's own void, since the programme of the tests does not give it back by itself.
      #expect(state.voidedRedemptions == ["ref-1"])
      let void = state.calls.firstIndex(of: "voidReceipt")
      let redemption = state.calls.firstIndex(of: "void")
      #expect((void ?? .max) < (redemption ?? 0), "the check-in's void comes first: \(state.calls)")
      #expect(state.violations.isEmpty)
    }
    // Not sold before the window opened: the configuration of the tests has none.
    #expect(summary.warnings.map(\.kind) == [.pointsKept])
    #expect(try await till.journal.openSales().isEmpty)
    let again = await #expect(throws: DeviceError.self) { try await till.orchestrator.takeBack(sale.id) }
    #expect(again?.code == .badInput)
    #expect(world.read { $0.refunds.count } == 1)
    let unknown = await #expect(throws: DeviceError.self) { try await till.orchestrator.takeBack("77") }
    #expect(unknown?.code == .saleNotFound)
    let latest = try await SaleHistory(till.journal).latest()
    #expect(latest.map(\.state) == [.voided])
    await till.journal.close()
  }

  @Test("what a void does not give back is said before, and lost only by somebody who said so")
  func lossIsSaidBefore() async throws {
    let till = try await till()
    world.change { $0.unreturnable = ["a coupon is not credited back"] }
    let sale = try await till.orchestrator.run(
      Sample.order, attendant: UnattendedSale(codes: [Sample.code]))
    _ = await till.sendEverything()
    clock.advance(.seconds(10))
    #expect(sale.lossOfVoid == ["a coupon is not credited back"])
    let warned = await #expect(throws: DeviceError.self) { try await till.orchestrator.takeBack("1042") }
    #expect(warned?.code == .badInput && warned?.detail.contains("coupon") == true)
    #expect(warned?.hint == PosctlHint.void + " --forfeit")
    #expect(world.read { $0.refunds.isEmpty && $0.voidedRedemptions.isEmpty })
    let summary = try await till.orchestrator.takeBack("1042", forfeits: true)
    #expect(summary.state == .voided && summary.lossOfVoid == nil)
    #expect(summary.warnings.contains { $0.kind == .rewardSpent })
    await till.journal.close()
  }

  @Test("a redemption is taken back when the receipt's void has arrived, and not before")
  func receiptVoidComesFirst() async throws {
    let till = try await till()
    let sale = try await till.orchestrator.run(
      Sample.order, attendant: UnattendedSale(codes: [Sample.code]))
    _ = await till.sendEverything()
    clock.advance(.seconds(10))
    world.change { $0.failures["voidReceipt"] = [.before(Sample.away)] }
    let summary = try await till.orchestrator.takeBack("1042")
    #expect(summary.state == .completedWithRest && summary.givenBack == Sample.euros(1158))
    #expect(world.read { $0.voidedRedemptions }.isEmpty)
    // Taken up too early: its void still waits out a pause.
    let early = try #require(try await till.orchestrator.resume(sale.id))
    #expect(early.state == .completedWithRest && world.read { $0.voidedRedemptions }.isEmpty)
    clock.advance(.seconds(10))
    let later = try #require(try await till.orchestrator.resume(sale.id))
    #expect(later.state == .voided && later.isRedeemed == false)
    world.read { state in
      #expect(state.voidedRedemptions == ["ref-1"] && state.voids == [sale.receiptKey: 1])
      let calls = state.calls.filter { $0 == "voidReceipt" || $0 == "void" }
      #expect(calls == ["voidReceipt", "voidReceipt", "void"])
      #expect(Array(state.refunds.values) == [1158] && state.violations.isEmpty)
    }
    await till.journal.close()
  }

  /// A void that the programme has refused for good is waited for by nobody.
  @Test func receiptVoidIsRefused() async throws {
    let till = try await till()
    _ = try await till.orchestrator.run(Sample.order, attendant: UnattendedSale(codes: [Sample.code]))
    _ = await till.sendEverything()
    clock.advance(.seconds(10))
    world.change { $0.failures["voidReceipt"] = [.before(Sample.refused)] }
    #expect(try await till.orchestrator.takeBack("1042").state == .voided)
    #expect(world.read { $0.voidedRedemptions } == ["ref-1"])
    await till.journal.close()
  }

  @Test("the tip chosen in the app is on no order of the till, and goes back with the whole check only")
  func tipStays() async throws {
    world.change { state in
      state.members[Sample.code.value]?.selectedTip = 200
      state.rewards = []
    }
    let till = try await till()
    let burger = Order.Line(name: "Burger", amount: 900)
    let fries = Order.Line(name: "Fries", amount: 400)
    let sale = try await till.orchestrator.run(
      Order(checkNumber: "7", currency: .euro, lines: [burger, fries]),
      attendant: UnattendedSale(codes: [Sample.code]))
    #expect(sale.payable == Sample.euros(1500))
    let order = Order(checkNumber: "7", currency: .euro, lines: [burger])
    let part = try await till.orchestrator.takeBack(sale.id, leaving: order)
    #expect(part.state == .refunded && part.givenBack == Sample.euros(400))
    #expect(world.read { Array($0.refunds.values) } == [400])
    let same = await #expect(throws: DeviceError.self) {
      try await till.orchestrator.takeBack(sale.id, leaving: order)
    }
    #expect(same?.detail == "it is not less than what was sold")
    let whole = try await till.orchestrator.takeBack(sale.id)
    #expect(whole.givenBack == Sample.euros(1500))
    await till.journal.close()
  }

  @Test func refundedInParts() async throws {
    let till = try await till()
    let sale = try await till.orchestrator.run(
      Sample.order, attendant: UnattendedSale(codes: [Sample.code]))
    _ = await till.sendEverything()
    clock.advance(.seconds(10))
    let part = try await till.orchestrator.takeBack(sale.id, leaving: Self.smaller)
    #expect(part.state == .refunded && part.givenBack == Sample.euros(300))
    clock.advance(.seconds(10))
    let whole = try await till.orchestrator.takeBack(sale.id)
    #expect(whole.state == .voided && whole.givenBack == Sample.euros(1158))
    clock.advance(.seconds(10))
    _ = await till.sendEverything()
    world.read { state in
      #expect(state.refunds.values.sorted() == [300, 858])
      #expect(state.payables[sale.receiptKey] == 858)
      #expect(state.receipts == [sale.receiptKey: 2] && state.voids == [sale.receiptKey: 1])
    }
    let bigger = await #expect(throws: DeviceError.self) {
      try await till.orchestrator.takeBack(sale.id, leaving: Sample.order)
    }
    #expect(bigger?.code == .badInput)
    await till.journal.close()
  }

  @Test func reversalThenRefund() async throws {
    let till = try await till()
    var record = Sample.charge(1158)
    record.receiptNumber = 42
    world.change { [record] in $0.answers = [.approved(record)] }
    _ = try await till.orchestrator.run(Sample.order, attendant: UnattendedSale(codes: [Sample.code]))
    world.change { $0.refundAnswers = [.declined(PaymentRefusal(code: "a1", text: "day closed"))] }
    let summary = try await till.orchestrator.takeBack("1042")
    #expect(summary.givenBack == Sample.euros(1158))
    #expect(world.read { $0.refundKinds } == [.reversal(receipt: 42), .refund])
    #expect(world.read { Array($0.refunds.values) } == [1158])
    await till.journal.close()
  }

  /// Both sides of every durable write of a void; then the next start, and the cashier once more.
  @Test func crashes() async throws {
    var crashes = 0
    for number in 1..<40 {
      var survived = false
      for moment in Journal.CommitPoint.Moment.allCases {
        let (world, scratch) = (World(), Scratch())
        var till = try await Till(in: world, at: scratch.path, clock: clock)
        let sale = try await till.orchestrator.run(
          Sample.order, attendant: UnattendedSale(codes: [Sample.code]))
        _ = await till.sendEverything()
        await till.journal.close()
        clock.advance(.seconds(10))

        let crash = Journal.CommitPoint(number: number, moment: moment)
        do {
          let dying = try await Till(in: world, at: scratch.path, clock: clock, crash: crash)
          _ = try? await dying.orchestrator.takeBack(sale.id)
          await dying.journal.close()
        } catch {}
        if world.read({ $0.isDead }) { crashes += 1 } else { survived = true }
        world.change { $0.isDead = false }
        clock.advance(.seconds(10))
        till = try await Till(in: world, at: scratch.path, clock: clock)
        _ = try await till.recover()
        _ = try? await till.orchestrator.takeBack(sale.id)
        clock.advance(.seconds(10))
        _ = await till.sendEverything()
        #expect(try await till.journal.openSales().isEmpty, "\(crash)")
        await till.journal.close()
        world.read { state in
          #expect(state.refunds.values.reduce(0, +) == 1158, "\(crash): \(state.refunds)")
          // One whose answer was not written down is sent again: it is the same version of the receipt.
          #expect(
            Array(state.voids.keys) == [sale.receiptKey] && (1...2).contains(state.voids.values.first ?? 0),
            "\(crash)")
          #expect(!state.voidedRedemptions.isEmpty, "\(crash)")
          #expect(state.violations.isEmpty, "\(crash): \(state.violations)")
        }
      }
      if survived { break }
    }
    #expect(crashes >= 8)
  }

  // MARK: Gift cards

  @Test func giftCardCoversAPart() async throws {
    world.change { $0.giveGiftCard(400) }
    let till = try await till()
    let summary = try await till.orchestrator.run(
      Sample.order, attendant: UnattendedSale(codes: [Sample.code]))
    #expect(summary.state == .completed && summary.giftCardPart == Sample.euros(400))
    #expect(summary.payment == .approved(Sample.charge(758)))
    #expect(summary.warnings.isEmpty, "\(summary.warnings)")
    world.read { state in
      #expect(state.giftCharges == [summary.id: 400] && state.charges == [summary.id: 758])
      let payments = state.documents[0].blocks.filter { "\($0)".contains("Gift card") }
      #expect(payments.count == 1)
    }
    // Both have their money back.
    let back = try await till.orchestrator.takeBack(summary.id)
    #expect(back.givenBack == Sample.euros(1158))
    #expect(world.read { $0.giftBalance } == 400 && world.read { Array($0.refunds.values) } == [758])
    await till.journal.close()
  }

  /// The card terminal gives nothing back that it never took, also where nobody knows gift cards any more.
  @Test func giftCardCoversAll() async throws {
    world.change { $0.giveGiftCard(2000) }
    var till = try await till()
    let summary = try await till.orchestrator.run(
      Sample.order, attendant: UnattendedSale(codes: [Sample.code]))
    #expect(summary.state == .completed && world.read { $0.charges }.isEmpty)
    _ = await till.sendEverything()
    clock.advance(.seconds(10))
    await till.journal.close()
    till = try await Till(in: world, at: scratch.path, clock: clock, takesGiftCards: false)
    let refused = try await till.orchestrator.takeBack(summary.id)
    #expect(refused.warnings.contains { $0.kind == .notRefunded && $0.detail.contains("--gift-cards") })
    #expect(world.read { $0.refunds }.isEmpty && world.read { $0.giftBalance } == 842)
    await till.journal.close()
    till = try await self.till()
    let back = try await till.orchestrator.takeBack(summary.id)
    #expect(back.givenBack == Sample.euros(1158) && world.read { $0.giftBalance } == 2000)
    #expect(world.read { $0.refunds }.isEmpty)
    await till.journal.close()
  }

  @Test("a sale cut off behind a gift card is not given up by a till that knows no gift cards")
  func giftCardThatNobodyAsks() async throws {
    var opening = Sample.opening
    opening.guestTenders = 1
    var guest = Sample.guest
    guest.selectedGiftCard = "6000001"
    let events: [SaleEvent] = [
      .opened(opening), .codesPresented([Sample.code]), .guestFound(guest), .discountsFound([]),
      .tenderStarted(reference: "sale-1"),
    ]
    var batch = JournalBatch()
    batch.openSale("sale-1")
    for (number, event) in events.enumerated() {
      batch.append(
        SaleLogEntry(number: number, kind: event.name, payload: try StoredJSON.bytes(event)), to: "sale-1")
    }
    world.change { $0.giftCharges["sale-1"] = 400 }
    var till = try await Till(in: world, at: scratch.path, clock: clock, takesGiftCards: false)
    try await till.journal.commit(batch)
    for _ in 0..<2 {
      let summary = try #require(try await till.orchestrator.resume("sale-1"))
      #expect(summary.state == .paymentOpen)
      guard case .unknown(let error)? = summary.payment else {
        Issue.record("\(String(describing: summary.payment))")
        return
      }
      #expect(error.hint.contains("--gift-cards"))
    }
    await till.journal.close()
    till = try await self.till()
    let summary = try #require(try await till.orchestrator.resume("sale-1"))
    #expect(summary.state == .abandoned && world.read { $0.giftRefunds } == ["sale-1/part": 400])
    await till.journal.close()
  }

  @Test func giftCardHasItsMoneyBackWhenTheSaleFails() async throws {
    world.change { state in
      state.giveGiftCard(400)
      state.answers = [.declined(PaymentRefusal(code: "05", text: "no"))]
      state.giftFailures = [.notStarted(DeviceError(.journalFull, during: "writing the book"))]
    }
    let till = try await till()
    let summary = try await till.orchestrator.run(
      Sample.order, attendant: UnattendedSale(codes: [Sample.code]))
    #expect(summary.state == .abandonedWithRest)
    #expect(summary.warnings.map(\.kind) == [.partNotReturned])
    #expect(world.read { $0.giftBalance } == 0)
    let later = try #require(try await till.orchestrator.resume(summary.id))
    #expect(later.state == .abandoned && world.read { $0.giftBalance } == 400)
    #expect(world.read { $0.basketHolder } == nil && world.read { $0.charges }.isEmpty)
    await till.journal.close()
  }

  // MARK: The kiosk

  /// Nobody looks at the guest: a number that anybody may know is not taken, and nobody is asked for ever.
  @Test func kiosk() async throws {
    struct Guesser: SaleAttendant {
      func code(after refusal: DeviceError?) async -> [GuestCode] {
        [GuestCode(kind: .phone, value: "2025550143")]
      }
      func decide(at amount: Money, of sale: SaleRecord, after refusal: DeviceError?) async -> TenderDecision
      {
        .pay
      }
    }
    world.change { $0.members["2025550143"] = Sample.guest }
    let till = try await till(policy: .kiosk)
    let guessed = try await till.orchestrator.run(Sample.order, attendant: Guesser())
    #expect(guessed.state == .completed && guessed.guest == nil)
    #expect(world.read { $0.calls.filter { $0 == "findGuest" }.isEmpty })
    #expect(guessed.warnings.contains { $0.kind == .guestNotFound })
    let shown = try await till.orchestrator.run(
      Sample.order, attendant: UnattendedSale(codes: [Sample.code]))
    #expect(shown.guest == "Ada L.")
    await till.journal.close()
  }

  /// Whoever is a member has earned already, unless the programme went away while the reward was redeemed: then
  /// nobody knows when the check-in gets through.
  @Test(
    arguments: [
      ([], [], false), ([.before(Sample.refused)], [], false), ([.before(Sample.away)], [], false),
      ([.before(Sample.away), .before(Sample.away)], [], true),
      ([.after(Sample.lost)], [], false), ([.after(Sample.lost)], [.before(Sample.away)], true),
    ] as [([World.Failure], [World.Failure], Bool)])
  func barcodeOfAMember(commits: [World.Failure], questions: [World.Failure], isPrinted: Bool) async throws {
    let till = try await till(policy: SalePolicy(barcodes: .unlessMember))
    world.change { state in
      state.failures["commit"] = commits
      state.failures["isBasketOpen"] = questions
    }
    _ = try await till.orchestrator.run(Sample.order, attendant: UnattendedSale(codes: [Sample.code]))
    let blocks = world.read { $0.documents.last?.blocks ?? [] }
    #expect(blocks.contains { if case .barcode = $0 { true } else { false } } == isPrinted)
    await till.journal.close()
  }

  @Test(arguments: SalePolicy.Barcodes.allCases)
  func barcodes(policy: SalePolicy.Barcodes) async throws {
    let till = try await till(policy: SalePolicy(barcodes: policy))
    for (codes, isAway, isPrinted) in [
      ([Sample.code], false, policy == .always), ([], false, true), ([Sample.code], true, true),
    ] {
      world.change { $0.isAway = isAway }
      _ = try await till.orchestrator.run(Sample.order, attendant: UnattendedSale(codes: codes))
      let blocks = world.read { $0.documents.last?.blocks ?? [] }
      #expect(blocks.contains { if case .barcode = $0 { true } else { false } } == isPrinted)
    }
    await till.journal.close()
  }
}
