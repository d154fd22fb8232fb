import POSModel
import Testing

@testable import POSLoyalty

/// Every branch of the sale (DESIGN §3), as tables: what happened, and what the machine wants then.
@Suite struct SaleMachineTests {
  private typealias Line = (event: SaleEvent, actions: [SaleAction])

  private static let request = PaymentRequest(reference: "sale-1", amount: Sample.euros(1158))
  private static let full = PaymentRequest(reference: "sale-1", amount: Sample.euros(1458))

  private func play(
    _ lines: [Line], from opening: SaleOpening = Sample.opening, location: SourceLocation = #_sourceLocation
  ) -> SaleMachine {
    var machine = SaleMachine(opening)
    for (number, line) in lines.enumerated() {
      let actions = machine.on(line.event)
      #expect(actions == line.actions, "line \(number): \(line.event.name)", sourceLocation: location)
    }
    return machine
  }

  // MARK: Pieces of sales

  private let identified: [Line] = [
    (.codesPresented([Sample.code]), [.findGuest(Sample.code)]),
    (.guestFound(Sample.guest), [.lookUpDiscounts(Sample.check, Sample.guest)]),
  ]
  private let quoted: [Line] = [
    (.discountsFound([Sample.reward]), [.quote(Sample.check, Sample.guest)]),
    (.quoted(Sample.quote), [.requestTender(Sample.euros(1158))]),
  ]
  private let tendered: [Line] = [(.tenderStarted(reference: "sale-1"), [.pay(request)])]
  private let paid: [Line] = [
    (.paymentEnded(.approved(Sample.charge(1158))), [.commit(Sample.check, Sample.guest)])
  ]

  private func closed(discounted: Bool, charged: Int64 = 1158) -> ClosedCheck {
    ClosedCheck(
      snapshot: Sample.check, reductions: discounted ? Sample.quote.lines : [],
      payable: discounted ? 1158 : 1458, cardLast4: charged > 0 ? "1234" : nil)
  }

  private var closing: [SaleAction] {
    [
      .enqueue(.checkIn(closed(discounted: true), Sample.guest)),
      .enqueue(.receipt(closed(discounted: true))),
      .print(job: "sale-1-1"),
    ]
  }

  private var upToCommit: [Line] { identified + quoted + tendered + paid }

  // MARK: The straight way

  @Test func everythingWorks() {
    let machine = play(
      upToCommit + [
        (.commitEnded(.done(Sample.redemption)), closing),
        (.printEnded(.printed), []),
      ])
    #expect(machine.phase == .ended)
    #expect(machine.course == .completed)
    #expect(machine.record.basket == .spent)
    #expect(machine.record.redemption == Sample.redemption)
    #expect(machine.record.warnings.isEmpty)
    #expect(machine.record.printsBarcode)
  }

  @Test func nobodyIdentifies() {
    let machine = play([
      (.codesPresented([]), [.requestTender(Sample.euros(1458))]),
      (.tenderStarted(reference: "sale-1"), [.pay(Self.full)]),
      (
        .paymentEnded(.approved(Sample.charge(1458))),
        [.enqueue(.receipt(closed(discounted: false))), .print(job: "sale-1-1")]
      ),
      (.printEnded(.sent), []),
    ])
    #expect(machine.phase == .ended)
    #expect(machine.record.basket == .untouched)
  }

  /// Without a redemption the locked basket is given free after the receipt.
  @Test func noRewardSelected() {
    var reward = Sample.reward
    reward.isSelected = false
    let machine = play(
      identified + [
        (.discountsFound([reward]), [.requestTender(Sample.euros(1458))]),
        (.tenderStarted(reference: "sale-1"), [.pay(Self.full)]),
        (
          .paymentEnded(.approved(Sample.charge(1458))),
          [
            .enqueue(.checkIn(closed(discounted: false), Sample.guest)),
            .enqueue(.receipt(closed(discounted: false))), .print(job: "sale-1-1"),
          ]
        ),
        (.printEnded(.printed), [.unlock(Sample.identity, Sample.guest)]),
        (.basketFreed, []),
      ])
    #expect(machine.phase == .ended)
    #expect(machine.record.basket == .freed)
  }

  /// The reward covers all: no card, but a redemption.
  @Test func nothingToPay() {
    var order = Sample.order
    order.lines.removeLast()
    let check = CheckSnapshot(identity: Sample.identity, order: order)
    let quote = Quote(lines: [Quote.Line(name: "Lunch on us", amount: 1350, itemID: "")], refusals: [])
    let closed = ClosedCheck(snapshot: check, reductions: quote.lines, payable: 0, cardLast4: nil)
    let machine = play(
      [
        (.codesPresented([Sample.code]), [.findGuest(Sample.code)]),
        (.guestFound(Sample.guest), [.lookUpDiscounts(check, Sample.guest)]),
        (.discountsFound([Sample.reward]), [.quote(check, Sample.guest)]),
        (.quoted(quote), [.requestTender(Sample.euros(0))]),
        (.tenderStarted(reference: "sale-1"), [.commit(check, Sample.guest)]),
        (
          .commitEnded(.done(Redemption(reference: "r", granted: quote))),
          [.enqueue(.checkIn(closed, Sample.guest)), .enqueue(.receipt(closed)), .print(job: "sale-1-1")]
        ),
        (.printEnded(.printed), []),
      ], from: SaleOpening(check: check, configuration: Sample.configuration))
    #expect(machine.record.payment == nil)
    #expect(machine.record.paymentReference == nil)
  }

  @Test func tipFromTheApp() {
    var guest = Sample.guest
    guest.selectedTip = 200
    var check = Sample.check
    check.order.lines.append(Order.Line(name: "Tip", amount: 200, kind: .service))
    let machine = play([
      (.codesPresented([Sample.code]), [.findGuest(Sample.code)]),
      (.guestFound(guest), [.lookUpDiscounts(check, guest)]),
      (.discountsFound([]), [.requestTender(Sample.euros(1658))]),
    ])
    #expect(machine.record.check == check)
    guest.selectedTip = .max
    var absurd = SaleMachine(Sample.opening)
    _ = absurd.on(.codesPresented([Sample.code]))
    _ = absurd.on(.guestFound(guest))
    #expect(absurd.record.payable == Sample.euros(1458))
  }

  /// Nobody is credited for a coupon, who is no member either; the log that is kept says the same.
  @Test(arguments: [false, true])
  func nobodyBehindACoupon(isRedacted: Bool) {
    var nobody = Guest(id: "78", displayName: "Guest", code: GuestCode(kind: .redemptionCode, value: "C7"))
    nobody.isAnonymous = true
    nobody.email = "anonymous78@example.com"
    let events: [SaleEvent] = [
      .codesPresented([nobody.code]), .guestFound(nobody), .discountsFound([Sample.reward]),
      .quoted(Sample.quote), .tenderStarted(reference: "sale-1"),
      .paymentEnded(.approved(Sample.charge(1158))),
    ]
    var opening = Sample.opening
    opening.policy = SalePolicy(barcodes: .unlessMember)
    var machine = SaleMachine(opening)
    for event in events { _ = machine.on(isRedacted ? event.redacted ?? event : event) }
    #expect(
      machine.on(.commitEnded(.done(Sample.redemption)))
        == [.enqueue(.receipt(closed(discounted: true))), .print(job: "sale-1-1")])
    #expect(machine.record.printsBarcode)
  }

  // MARK: The guest is not found

  @Test func secondReadingOfACode() {
    let other = GuestCode(kind: .redemptionCode, value: "1234567")
    let third = GuestCode(kind: .cardNumber, value: "1234567")
    let machine = play([
      (.codesPresented([Sample.code, other, third]), [.findGuest(Sample.code)]),
      (.loyaltyFailed(Sample.notFound), [.findGuest(other)]),
      (.loyaltyFailed(Sample.notFound), [.askForCode(Sample.notFound)]),
      (.codesPresented([third]), [.findGuest(third)]),
      (
        .loyaltyFailed(DeviceError(.loyaltyExpired, during: "")),
        [.askForCode(DeviceError(.loyaltyExpired, during: ""))]
      ),
      (.codesPresented([]), [.requestTender(Sample.euros(1458))]),
      (.tenderStarted(reference: "sale-1"), [.pay(Self.full)]),
      (
        .paymentEnded(.approved(Sample.charge(1458))),
        [.enqueue(.receipt(closed(discounted: false))), .print(job: "sale-1-1")]
      ),
    ])
    #expect(machine.record.warnings.map(\.kind) == [.guestNotFound, .guestNotFound])
    #expect(machine.record.away == nil)
  }

  // MARK: The programme is away

  private func checkInByCodeAlone(_ code: GuestCode) -> Guest { Guest(id: "", displayName: "", code: code) }

  @Test func awayWhenTheGuestIsSought() {
    var configuration = Sample.configuration
    configuration.printsBarcodes = false
    let machine = play(
      [
        (.codesPresented([Sample.code]), [.findGuest(Sample.code)]),
        (.loyaltyFailed(Sample.away), [.requestTender(Sample.euros(1458))]),
        (.tenderStarted(reference: "sale-1"), [.pay(Self.full)]),
        (
          .paymentEnded(.approved(Sample.charge(1458))),
          [
            .enqueue(.checkIn(closed(discounted: false), checkInByCodeAlone(Sample.code))),
            .enqueue(.receipt(closed(discounted: false))), .print(job: "sale-1-1"),
          ]
        ),
        (.printEnded(.printed), []),
      ], from: SaleOpening(check: Sample.check, configuration: configuration))
    #expect(machine.record.printsBarcode, "the guest can claim the check later")
    #expect(machine.record.basket == .untouched)
    #expect(machine.record.warnings.map(\.kind) == [.loyaltyAway])
  }

  @Test(
    arguments: [
      (GuestCode(kind: .phone, value: "5551234567"), nil, "5551234567"),
      (GuestCode(kind: .email, value: "a@b.c"), "a@b.c", nil),
    ] as [(GuestCode, String?, String?)])
  func awayFromTheStart(code: GuestCode, email: String?, phone: String?) {
    var guest = checkInByCodeAlone(code)
    guest.email = email
    guest.phone = phone
    _ = play(
      [
        (.codesPresented([code]), [.requestTender(Sample.euros(1458))]),
        (.tenderStarted(reference: "sale-1"), [.pay(Self.full)]),
        (
          .paymentEnded(.approved(Sample.charge(1458))),
          [
            .enqueue(.checkIn(closed(discounted: false), guest)),
            .enqueue(.receipt(closed(discounted: false))), .print(job: "sale-1-1"),
          ]
        ),
      ],
      from: SaleOpening(check: Sample.check, configuration: Sample.configuration, away: Sample.away))
  }

  /// Never configured: no key, so nothing can be queued; the sale goes on all the same.
  @Test func awayAndNeverConfigured() {
    var check = Sample.check
    check.identity.receiptKey = ""
    let machine = play(
      [
        (.codesPresented([Sample.code]), [.requestTender(Sample.euros(1458))]),
        (.tenderStarted(reference: "sale-1"), [.pay(Self.full)]),
        (.paymentEnded(.approved(Sample.charge(1458))), [.print(job: "sale-1-1")]),
        (.printEnded(.printed), []),
      ], from: SaleOpening(check: check, configuration: nil, away: Sample.away))
    #expect(!machine.record.printsBarcode)
    #expect(machine.phase == .ended)
  }

  @Test(arguments: [false, true], [Sample.away, Sample.refused, Sample.lost])
  func failsAfterTheBasketMayBeLocked(whileQuoting: Bool, error: DeviceError) {
    let fails: [Line] =
      whileQuoting
      ? [
        (.discountsFound([Sample.reward]), [.quote(Sample.check, Sample.guest)]),
        (.loyaltyFailed(error), [.requestTender(Sample.euros(1458))]),
      ] : [(.loyaltyFailed(error), [.requestTender(Sample.euros(1458))])]
    let machine = play(
      identified + fails + [
        (.tenderStarted(reference: "sale-1"), [.pay(Self.full)]),
        (
          .paymentEnded(.approved(Sample.charge(1458))),
          [
            .enqueue(.checkIn(closed(discounted: false), Sample.guest)),
            .enqueue(.receipt(closed(discounted: false))), .print(job: "sale-1-1"),
          ]
        ),
        (.printEnded(.printed), [.unlock(Sample.identity, Sample.guest)]),
        (.loyaltyFailed(Sample.away), []),
      ])
    #expect(machine.phase == .owing)
    #expect(machine.record.away == (error == Sample.refused ? nil : error))
    var later = machine
    #expect(later.on(.restarted) == [.unlock(Sample.identity, Sample.guest)])
    #expect(later.on(.basketFreed) == [])
    #expect(later.phase == .ended)
    #expect(later.course == .completed)
  }

  // MARK: The quote is no good

  @Test(arguments: [
    Quote(lines: [Quote.Line(name: "x", amount: 1351, itemID: "")], refusals: []),
    Quote(lines: [Quote.Line(name: "x", amount: -1, itemID: "")], refusals: []),
    Quote(
      lines: [
        Quote.Line(name: "x", amount: .max, itemID: ""), Quote.Line(name: "y", amount: .max, itemID: ""),
      ], refusals: []),
  ])
  func absurdQuote(quote: Quote) {
    let machine = play(
      identified + [
        (.discountsFound([Sample.reward]), [.quote(Sample.check, Sample.guest)]),
        (.quoted(quote), [.requestTender(Sample.euros(1458))]),
      ])
    #expect(machine.record.warnings.map(\.kind) == [.quoteMalformed])
  }

  @Test func refusalsAreShown() {
    let machine = play(
      identified + [
        (.discountsFound([Sample.reward]), [.quote(Sample.check, Sample.guest)]),
        (.quoted(Quote(lines: [], refusals: ["too early"])), [.requestTender(Sample.euros(1458))]),
      ])
    #expect(machine.record.warnings == [SaleWarning(.rewardRefused, "too early")])
  }

  // MARK: The payment

  @Test(arguments: [
    PaymentOutcome.declined(PaymentRefusal(code: "05", text: "do not honour")),
    .cancelled(PaymentRefusal(code: "6c", text: "cancelled")),
    .notStarted(DeviceError(.terminalNotReady, during: "paying")),
  ])
  func notPaid(outcome: PaymentOutcome) {
    let machine = play(
      identified + quoted + tendered + [
        (.paymentEnded(outcome), [.unlock(Sample.identity, Sample.guest)]),
        (.loyaltyFailed(Sample.away), []),
        (.restarted, [.unlock(Sample.identity, Sample.guest)]),
        (.loyaltyFailed(Sample.away), []),
        (.restarted, [.unlock(Sample.identity, Sample.guest)]),
        (.basketFreed, []),
      ])
    #expect(machine.phase == .ended)
    #expect(machine.course == .abandoned)
    #expect(machine.record.warnings.map(\.kind) == [.basketLocked])
  }

  /// What the programme refuses for good is not asked for ever.
  @Test func unlockRefused() {
    let machine = play(
      identified + quoted + tendered + [
        (
          .paymentEnded(.declined(PaymentRefusal(code: "05", text: "no"))),
          [.unlock(Sample.identity, Sample.guest)]
        ),
        (.loyaltyFailed(Sample.refused), []),
      ])
    #expect(machine.phase == .ended)
    #expect(machine.record.warnings == [SaleWarning(.basketLocked, "not today")])
    #expect(machine.record.basket == .stuck)
  }

  @Test(arguments: [
    PaymentOutcome.unknown(DeviceError(.paymentUnknown, during: "paying")),
    .approvedUnconfirmed(Sample.charge(1158)),
  ])
  func paymentOpen(outcome: PaymentOutcome) {
    let open = play(identified + quoted + tendered + [(.paymentEnded(outcome), [])])
    #expect(open.phase == .paymentOpen(Self.request))
    #expect(open.course == .open)
    #expect(open.isResting)
    var machine = open
    #expect(machine.on(.abandoned) == [], "money may have moved")
    #expect(machine.on(.restarted) == [.recoverPayment(reference: "sale-1")])
    #expect(machine.on(.paymentEnded(outcome)) == [])
    #expect(machine.on(.restarted) == [.recoverPayment(reference: "sale-1")])
    #expect(
      machine.on(.paymentEnded(.approved(Sample.charge(1158)))) == [.commit(Sample.check, Sample.guest)])
  }

  @Test func chargedOtherwise() {
    let machine = play(
      identified + quoted + tendered + [
        (.paymentEnded(.approved(Sample.charge(1000))), [.commit(Sample.check, Sample.guest)])
      ])
    #expect(machine.record.warnings.map(\.kind) == [.chargedOtherwise])
    #expect(machine.record.remainder == Sample.euros(158))
  }

  // MARK: The redemption

  @Test func commitRefused() {
    let machine = play(
      upToCommit + [
        (.commitEnded(.notDone(Sample.refused)), closing),
        (.printEnded(.printed), [.unlock(Sample.identity, Sample.guest)]),
        (.basketFreed, []),
      ])
    #expect(machine.course == .completed)
    #expect(machine.record.warnings == [SaleWarning(.notRedeemed, "not today")])
  }

  @Test func grantedOtherwise() {
    let less = Quote(lines: [Quote.Line(name: "Free lemonade", amount: 100, itemID: "200")], refusals: [])
    let machine = play(
      upToCommit + [(.commitEnded(.done(Redemption(reference: "r", granted: less))), closing)])
    #expect(machine.record.warnings.map(\.kind) == [.redeemedOtherwise])
  }

  @Test func unknownCommitHadHappened() {
    let machine = play(
      upToCommit + [
        (.commitEnded(.unknown(Sample.lost)), [.askForBasket(Sample.identity, Sample.guest)]),
        (.basketFound(isOpen: false), closing),
        (.printEnded(.printed), []),
      ])
    #expect(machine.record.basket == .spent)
    #expect(machine.record.warnings.isEmpty)
  }

  @Test func unknownCommitHadNotHappened() {
    let machine = play(
      upToCommit + [
        (.commitEnded(.unknown(Sample.lost)), [.askForBasket(Sample.identity, Sample.guest)]),
        (.basketFound(isOpen: true), [.commit(Sample.check, Sample.guest)]),
        (.commitEnded(.unknown(Sample.lost)), [.askForBasket(Sample.identity, Sample.guest)]),
        (.basketFound(isOpen: true), closing),
        (.printEnded(.printed), [.unlock(Sample.identity, Sample.guest)]),
      ])
    #expect(machine.record.warnings.map(\.kind) == [.notRedeemed])
  }

  /// A programme without a basket (Redemptions 1.0) has nothing to look into: two lost answers stay unknown, and so
  /// does a refusal of what may have happened before. What was known of it in between is kept.
  @Test(
    arguments: [
      .unknown(Sample.lost), .notDone(Sample.refused), .notDone(Sample.away),
      .done(
        Redemption(
          reference: "", granted: Quote(lines: [], refusals: []), returnsWithReceipt: false,
          doubt: Sample.lost)),
    ] as [EffectOutcome<Redemption>])
  func withoutABasketDoubtStays(second: EffectOutcome<Redemption>) {
    var guest = Sample.guest
    guest.selections = ["reward:1", "reward:2"]
    let part = Redemption(
      reference: "900001", granted: Sample.quote, returnsWithReceipt: false, doubt: Sample.lost)
    let machine = play([
      (.codesPresented([Sample.code]), [.findGuest(Sample.code)]),
      (.guestFound(guest), [.lookUpDiscounts(Sample.check, guest)]),
      (.discountsFound([Sample.reward]), [.quote(Sample.check, guest)]),
      (.quoted(Sample.quote), [.requestTender(Sample.euros(1158))]),
      (.tenderStarted(reference: "sale-1"), [.pay(Self.request)]),
      (.paymentEnded(.approved(Sample.charge(1158))), [.commit(Sample.check, guest)]),
      (.commitEnded(.done(part)), [.askForBasket(Sample.identity, guest)]),
      (.basketFound(isOpen: true), [.commit(Sample.check, guest)]),
      (.commitEnded(second), [.askForBasket(Sample.identity, guest)]),
      (
        .basketFound(isOpen: true),
        [
          .enqueue(.checkIn(closed(discounted: true), guest)),
          .enqueue(.receipt(closed(discounted: true))), .print(job: "sale-1-1"),
        ]
      ),
      (.printEnded(.printed), []),
    ])
    #expect(machine.phase == .ended)
    #expect(machine.record.basket == .unclear)
    #expect(machine.record.redemption == part)
    #expect(machine.record.warnings.map(\.kind) == [.redemptionUnknown])
  }

  /// The second time all of it is answered.
  @Test func partIsCompleted() {
    let part = Redemption(reference: "1", granted: Sample.quote, doubt: Sample.lost)
    let machine = play(
      upToCommit + [
        (.commitEnded(.done(part)), [.askForBasket(Sample.identity, Sample.guest)]),
        (.basketFound(isOpen: true), [.commit(Sample.check, Sample.guest)]),
        (.commitEnded(.done(Sample.redemption)), closing),
        (.printEnded(.printed), []),
      ])
    #expect(machine.record.basket == .spent)
    #expect(machine.record.redemption == Sample.redemption)
    #expect(machine.record.warnings.isEmpty)
  }

  /// The first one arrived late: the repeated one finds no basket, which is no refusal.
  @Test func repeatedCommitFindsTheFirst() {
    let machine = play(
      upToCommit + [
        (.commitEnded(.unknown(Sample.lost)), [.askForBasket(Sample.identity, Sample.guest)]),
        (.basketFound(isOpen: true), [.commit(Sample.check, Sample.guest)]),
        (.commitEnded(.notDone(Sample.refused)), [.askForBasket(Sample.identity, Sample.guest)]),
        (.basketFound(isOpen: false), closing),
      ])
    #expect(machine.record.basket == .spent)
  }

  @Test(arguments: [true, false])
  func commitStaysUnknown(isOpen: Bool) {
    var machine = play(
      upToCommit + [
        (.commitEnded(.unknown(Sample.lost)), [.askForBasket(Sample.identity, Sample.guest)]),
        (.loyaltyFailed(Sample.away), closing),
        (.printEnded(.printed), [.askForBasket(Sample.identity, Sample.guest)]),
        (.loyaltyFailed(Sample.away), []),
        (.restarted, [.askForBasket(Sample.identity, Sample.guest)]),
        (.basketFound(isOpen: isOpen), isOpen ? [.unlock(Sample.identity, Sample.guest)] : []),
      ])
    if isOpen { #expect(machine.on(.basketFreed) == []) }
    #expect(machine.phase == .ended)
    #expect(machine.record.basket == (isOpen ? .freed : .spent))
    #expect(machine.record.warnings.contains { $0.kind == .redemptionUnknown })
    #expect(machine.record.warnings.contains { $0.kind == .notRedeemed } == isOpen)
  }

  // MARK: The receipt

  private var upToPrint: [Line] { upToCommit + [(.commitEnded(.done(Sample.redemption)), closing)] }

  @Test func printUnknown() {
    let machine = play(
      upToPrint + [
        (.printEnded(.unknown(DeviceError(.printUnknown, during: ""))), []),
        (.restarted, []), (.printEnded(.printed), []),
      ])
    #expect(machine.phase == .ended)
    #expect(machine.record.warnings.map(\.kind) == [.printUnknown])
  }

  @Test func printedAfterRepair() {
    let paperOut = PrintOutcome.notPrinted(DeviceError(.paperOut, during: ""))
    let machine = play(
      upToPrint + [
        (.printEnded(paperOut), []), (.restarted, [.print(job: "sale-1-2")]), (.printEnded(paperOut), []),
        (.restarted, [.print(job: "sale-1-3")]), (.printEnded(.printed), []), (.restarted, []),
      ])
    #expect(machine.phase == .ended)
    #expect(machine.record.printAttempts == 3)
  }

  @Test func receiptWaived() {
    let machine = play(
      upToPrint + [
        (.printEnded(.notPrinted(DeviceError(.paperOut, during: ""))), []), (.receiptWaived, []),
      ])
    #expect(machine.phase == .ended)
    #expect(machine.course == .completed)
  }

  // MARK: Given up and cut off

  @Test func givenUpByTheCashier() {
    let early = play([(.abandoned, [])])
    #expect(early.phase == .ended)
    #expect(early.course == .abandoned)
    let late = play(
      identified + quoted + [(.abandoned, [.unlock(Sample.identity, Sample.guest)]), (.basketFreed, [])])
    #expect(late.phase == .ended)
    #expect(late.course == .abandoned)
  }

  /// What a restart makes of a sale that was cut off after so many events.
  @Test func restartAtEveryPoint() {
    let straight = upToPrint + [(.printEnded(.printed), [])]
    let unlock: [SaleAction] = [.unlock(Sample.identity, Sample.guest)]
    let expected: [[SaleAction]] = [
      [],  // opened
      [],  // the guest is being looked up: nothing is locked
      unlock, unlock, unlock,  // looking up, quoting, waiting for the tender
      [.recoverPayment(reference: "sale-1")],
      [.askForBasket(Sample.identity, Sample.guest)],
      [],  // printing: it may have come out
      [],  // ended
    ]
    #expect(straight.count + 1 == expected.count)
    for (count, actions) in expected.enumerated() {
      var machine = play(Array(straight.prefix(count)))
      #expect(machine.on(.restarted) == actions, "after \(count) events")
      #expect(
        machine.on(.restarted) == (machine.phase == .ended ? [] : actions), "again after \(count) events")
      let sold = count >= 6
      if machine.phase == .ended { #expect((machine.course == .completed) == sold) }
    }
  }

  @Test func unpaidAfterRestart() {
    var machine = play(identified + quoted + tendered)
    _ = machine.on(.restarted)
    #expect(
      machine.on(.paymentEnded(.notStarted(DeviceError(.terminalNotReady, during: ""))))
        == [.unlock(Sample.identity, Sample.guest)])
  }

  @Test func replayNeedsAnOpening() {
    #expect(SaleMachine(replaying: []) == nil)
    #expect(SaleMachine(replaying: [.restarted, .opened(Sample.opening)]) == nil)
    #expect(SaleMachine(replaying: [.opened(Sample.opening)]) == SaleMachine(Sample.opening))
  }
}
