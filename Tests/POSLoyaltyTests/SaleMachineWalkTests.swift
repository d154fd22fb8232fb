import Foundation
import POSModel
import TestSupport
import Testing

@testable import POSLoyalty

/// Random events never lead a sale where money, rewards or paper are spent twice.
@Suite struct SaleMachineWalkTests {
  /// What an onlooker who knows only events and actions holds against a sale.
  private struct Onlooker {
    var pays = 0
    var prints = 0
    var checkIns = 0
    var receipts = 0
    var isPaid = false
    var isFreeOfCharge = false
    var mayPrint = true
    var isUnlocked = false
    var isSpent = false
    var hasLookedUp = false
    var mayLookUp = true
    /// What was asked of the customer last.
    var due: Int64 = 0
    var returnsPart = false
    var voids = 0
    var offers = 0
    var agreed = false

    mutating func see(_ event: SaleEvent, wasPaying: Bool) {
      if case .paymentEnded(.approved) = event, wasPaying { isPaid = true }
      if case .partPaid(let part) = event, wasPaying, part.amount.minorUnits >= due { isPaid = true }
      if case .orderChanged = event { mayLookUp = true }
      if case .signUpAnswered(let agrees) = event { agreed = agrees }
      if case .printEnded(let outcome) = event {
        if case .notPrinted = outcome { mayPrint = true }
      }
    }

    mutating func see(_ action: SaleAction) {
      switch action {
      case .pay(let request):
        pays += 1
        #expect(pays == 1 || pays == 2 && request.amount.minorUnits < due, "a second payment")
        #expect(request.amount.minorUnits > 0)
        #expect(!returnsPart, "the rest of a part that went back")
        due = request.amount.minorUnits
      case .requestTender(let amount): isFreeOfCharge = amount.minorUnits == 0
      case .recoverPayment: #expect(pays >= 1)
      case .lookUpDiscounts:
        #expect(mayLookUp, "a second look-up of the same check")
        mayLookUp = false
        hasLookedUp = true
      case .returnPart:
        returnsPart = true
        #expect(!isPaid, "a part of a paid check goes back")
      case .commit:
        #expect(isPaid || isFreeOfCharge, "a redemption for an unpaid check")
        #expect(!isUnlocked, "a redemption from a basket given free")
      case .unlock: #expect(hasLookedUp, "a basket nobody locked")
      case .enqueue(.checkIn(let check, _)):
        checkIns += 1
        #expect(checkIns == 1, "a second check-in")
        #expect(isPaid || isFreeOfCharge)
        #expect(check.payable >= 0)
      case .enqueue(.receipt):
        receipts += 1
        #expect(isPaid || isFreeOfCharge)
      case .enqueue(.voidedReceipt):
        voids += 1
        #expect(voids == 1, "voided twice")
        #expect(isPaid || isFreeOfCharge)
      case .refund(let request):
        #expect(isPaid, "money back for an unpaid check")
        #expect(request.amount.minorUnits > 0)
      case .voidRedemption:
        #expect(voids == 1, "a redemption taken back of a check that stands")
      case .recoverRefund: break
      case .print:
        #expect(mayPrint, "a receipt that may have come out is printed again")
        #expect(isPaid || isFreeOfCharge, "a receipt for an unpaid check")
        mayPrint = false
      case .offerSignUp:
        offers += 1
        #expect(offers == 1, "asked to sign up twice")
      case .signUp: #expect(agreed, "signed up without consent")
      case .askForCode, .findGuest, .quote, .askForBasket: break
      }
    }
  }

  private func randomEvent(_ numbers: inout SeededGenerator) -> SaleEvent {
    let error = [Sample.away, Sample.refused, Sample.notFound, Sample.lost].randomElement(using: &numbers)
    let failure = error ?? Sample.away
    var guest = Sample.guest
    guest.selectedTip = [0, 150, -5, Int64.max].randomElement(using: &numbers)
    // Some at a programme without baskets.
    if guest.selectedTip == 150 { guest.selections = ["reward:1"] }
    var reward = Sample.reward
    reward.isSelected = Bool.random(using: &numbers)
    let amounts: [Int64] = [0, 300, 1350, 1351, -1, .max]
    let amount = amounts.randomElement(using: &numbers) ?? 0
    let quote = Quote(
      lines: (0..<Int.random(in: 0...2, using: &numbers)).map { _ in
        Quote.Line(name: "reward", amount: amount, itemID: "1")
      }, refusals: [])
    let part = Redemption(
      reference: "part", granted: Sample.quote, returnsWithReceipt: false, doubt: failure)
    let refusal = PaymentRefusal(code: "05", text: "no")
    let phone = GuestCode(kind: .phone, value: "2025550177")
    var smaller = Sample.order
    smaller.lines.remove(at: 1)
    let checkIn =
      [SaleReturn.CheckIn.none, .waiting, .pending, .final, .refused].randomElement(using: &numbers) ?? .none
    let all: [SaleEvent] = [
      .signUpAnswered(true), .signUpAnswered(false), .codesPresented([phone]),
      .orderChanged(Sample.order), .orderChanged(smaller), .partPaid(Sample.charge(400)), .partReturned,
      .partKept(failure),
      .returnRequested(SaleReturn(order: nil, checkIn: checkIn, references: ["x", "y"])),
      .returnRequested(SaleReturn(order: smaller, checkIn: checkIn, references: ["x", "y"])),
      .refundEnded(RefundResult(given: Sample.euros(amount))), .redemptionVoided,
      .refundEnded(RefundResult(given: Sample.euros(0), doubt: failure)),
      .opened(Sample.opening), .codesPresented([]), .codesPresented([Sample.code]),
      .codesPresented([Sample.code, Sample.code]), .guestFound(guest), .guestFound(guest),
      .discountsFound([reward]), .discountsFound([Sample.reward]), .quoted(quote), .quoted(Sample.quote),
      .loyaltyFailed(failure), .tenderStarted(reference: "p"), .tenderStarted(reference: "p"),
      .paymentEnded(.approved(Sample.charge(1158))), .paymentEnded(.approved(Sample.charge(1))),
      .paymentEnded(.approvedUnconfirmed(Sample.charge(1158))), .paymentEnded(.declined(refusal)),
      .paymentEnded(.cancelled(refusal)), .paymentEnded(.notStarted(failure)),
      .paymentEnded(.unknown(failure)),
      .commitEnded(.done(Sample.redemption)), .commitEnded(.notDone(failure)),
      .commitEnded(.unknown(failure)), .commitEnded(.done(part)),
      .basketFound(isOpen: true), .basketFound(isOpen: false), .basketFreed, .printEnded(.printed),
      .printEnded(.sent), .printEnded(.notPrinted(failure)), .printEnded(.unknown(failure)), .receiptWaived,
    ]
    // Both end most sales before they have begun, so they come seldom.
    if Int.random(in: 0..<150, using: &numbers) == 0 { return .abandoned }
    if Int.random(in: 0..<60, using: &numbers) == 0 { return .restarted }
    return all.randomElement(using: &numbers) ?? .restarted
  }

  /// Seeds are split so that a failure names a short range; each walk draws until the sale has moved often.
  @Test(arguments: 0..<20)
  func randomWalk(block: Int) throws {
    var reached: Set<String> = []
    var sold = 0
    for seed in (block * 100)..<(block * 100 + 100) {
      var numbers = SeededGenerator(seed: UInt64(seed))
      var opening = Sample.opening
      opening.configuration?.signsUpByPhone = seed.isMultiple(of: 2)
      var machine = SaleMachine(opening)
      var log: [SaleEvent] = [.opened(opening)]
      var onlooker = Onlooker()
      for _ in 0..<300 {
        let event = randomEvent(&numbers)
        let before = machine
        let wasPaying: Bool =
          switch before.phase {
          case .paying, .paymentOpen, .recoveringPayment: true
          default: false
          }
        let wasPrinting = if case .printing = before.phase { true } else { false }
        let actions = machine.on(event)
        if machine == before, actions.isEmpty { continue }
        let isReturn = if case .returnRequested = event { true } else { false }
        #expect(before.phase != .ended || isReturn, "an ended sale moved on \(event.name)")
        let record = machine.record
        #expect(
          record.givenBack <= record.dueBack && record.dueBack <= record.paid, "more back than was paid")
        log.append(event)
        if wasPrinting {
          onlooker.see(event, wasPaying: false)
        } else {
          onlooker.see(event, wasPaying: wasPaying)
        }
        for action in actions { onlooker.see(action) }
        if case .freed = machine.record.basket { onlooker.isUnlocked = true }
        #expect(actions.filter { !$0.isDoneByJournal }.count <= 1, "one thing at a time")
        #expect(machine.isResting || !actions.isEmpty, "it waits for something nobody does")
        #expect(SaleMachine(replaying: log) == machine, "replay differs after \(event.name)")
        reached.insert("\(machine.phase)".prefix { $0 != "(" }.description)
        if machine.phase == .ended {
          let kept = try #require(SaleMachine(replaying: log.map { $0.redacted ?? $0 }))
          #expect(kept.phase == .ended && kept.course == machine.course, "the kept log tells another story")
          #expect(kept.record.payable == machine.record.payable)
          sold += machine.course == .completed ? 1 : 0
          #expect(machine.course != .open)
          #expect(machine.record.basket != .held && machine.record.basket != .disputed)
          #expect(machine.record.part == nil || machine.course == .completed, "a part was kept")
          // Some go on: something is taken back.
          if machine.course == .abandoned || Bool.random(using: &numbers) { break }
        }
      }
    }
    #expect(reached.count >= 12, "the walks are too tame: \(reached.sorted())")
    #expect(sold >= 10, "too few walks sell something: \(sold)")
    #expect(reached.contains("refunding") && reached.contains("returningPart"), "\(reached.sorted())")
  }

  /// The log is written as JSON: it comes back the same.
  @Test func everyEventSurvivesItsEncoding() throws {
    var numbers = SeededGenerator(seed: 7)
    for _ in 0..<500 {
      let event = randomEvent(&numbers)
      let bytes = try JSONEncoder().encode(event)
      #expect(try JSONDecoder().decode(SaleEvent.self, from: bytes) == event)
    }
  }
}

extension SaleAction {
  fileprivate var isDoneByJournal: Bool {
    if case .enqueue = self { return true }
    return false
  }
}
