import Foundation
import POSBarcode
import POSJournal
import POSLoyalty
import POSModel
import Synchronization
import Testing

/// Whole sales against a world that remembers.
@Suite struct SaleOrchestratorTests {
  let scratch = Scratch()
  let world = World()
  let clock = HandClock()
  let shown = UnattendedSale(codes: [Sample.code])

  private func till() async throws -> Till { try await Till(in: world, at: scratch.path, clock: clock) }

  @Test func everythingWorks() async throws {
    let till = try await till()
    let summary = try await till.orchestrator.run(Sample.order, attendant: shown)
    #expect(summary.state == .completed)
    #expect(summary.exit == .ok)
    #expect(summary.codeKind == .singleScan)
    #expect(summary.guest == "Ada L.")
    #expect(summary.total == Sample.euros(1458))
    #expect(summary.discount == Sample.euros(300))
    #expect(summary.payable == Sample.euros(1158))
    #expect(summary.payment == .approved(Sample.charge(1158)))
    #expect(summary.isRedeemed == true)
    #expect(summary.receiptKey == "000012216320")
    // From the right 3×0 + 2 + 3×3 + 6 + 3×1 + 2 + 3×2 + 1 = 29: check digit 30 − 29 = 1.
    #expect(summary.barcode == "0000122163201")
    #expect(summary.pointsEarned == 11)
    #expect(summary.print == .printed)
    #expect(summary.warnings.isEmpty)
    #expect(
      summary.steps.map(\.name) == [
        .open, .findGuest, .lookUpDiscounts, .quote, .pay, .commit, .print, .checkIn,
      ])
    #expect(try await till.journal.openSales().isEmpty)
    #expect(world.read { $0.charges } == [summary.id: 1158])
    #expect(world.read { $0.basketHolder } == nil)
    // The receipt follows a second after the check-in of the same key.
    #expect(world.read { $0.receipts }.isEmpty)
    #expect(await till.sendEverything().pause == .empty)
    #expect(world.read { $0.receipts } == ["000012216320": 1])
    await till.journal.close()
  }

  @Test func progressIsShown() async throws {
    let till = try await till()
    let summary = try await till.orchestrator.run(Sample.order, attendant: shown)
    var steps: [(SaleStep, Bool)] = []
    var texts = ""
    for await progress in till.orchestrator.progress {
      #expect(progress.sale == summary.id)
      steps.append((progress.step, progress.duration != nil))
      texts += progress.text + "\n"
      if progress.step == .checkIn { break }
    }
    #expect(steps.filter(\.1).map(\.0) == summary.steps.map(\.name))
    #expect(steps.contains { $0.0 == .pay && !$0.1 }, "what takes long is announced")
    #expect(!texts.contains(Sample.code.value))
    await till.journal.close()
  }

  /// Codes and contacts are on disk only as long as they are needed.
  @Test func guestsAreForgotten() async throws {
    let canaries = ["c0ffee51", "canary@example.com", "5550001234", "Canaria"]
    var guest = Guest(
      id: "77", displayName: "Canaria", code: GuestCode(kind: .singleScan, value: "c0ffee51"))
    guest.email = "canary@example.com"
    guest.phone = "5550001234"
    let member = guest
    world.change {
      $0.members = ["c0ffee51": member]
      $0.failures["checkIn"] = [.before(Sample.away)]
    }
    func found() throws -> Set<String> {
      var found: Set<String> = []
      for name in try FileManager.default.contentsOfDirectory(atPath: scratch.path) {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/" + name))
        found.formUnion(canaries.filter { bytes.range(of: Data($0.utf8)) != nil })
      }
      return found
    }
    var till = try await till()
    let summary = try await till.orchestrator.run(
      Sample.order, attendant: UnattendedSale(codes: [member.code]))
    #expect(summary.state == .completed)
    let events = try await till.journal.events(of: summary.id)
    #expect(events.map(\.number) == Array(0..<events.count))
    for event in events {
      let text = String(decoding: event.payload, as: UTF8.self)
      #expect(!canaries.contains { text.contains($0) }, "\(event.kind): \(text)")
    }
    await till.journal.close()
    #expect(try found().isEmpty, "the check-in waits, sealed")
    till = try await self.till()
    #expect(await till.sendEverything().pause == .empty)
    await till.journal.close()
    #expect(try found().isEmpty)
  }

  /// A journal that replaces a lost one begins above all the numbers that were used before.
  @Test func keysOfALostJournal() async throws {
    var keys: [String] = []
    for _ in 0..<2 {
      let place = Scratch()
      let till = try await Till(in: world, at: place.path, clock: clock)
      for _ in 0..<5 {
        keys.append(try await till.orchestrator.run(Sample.order, attendant: shown).receiptKey)
        clock.advance(.seconds(10))
      }
      await till.journal.close()
    }
    #expect(Set(keys).count == 10)
  }

  /// Numbers and keys go on after a restart, from the tens of seconds between 2020 and the clock's beginning.
  @Test func numbersGoOn() async throws {
    var keys: [String] = []
    for _ in 0..<3 {
      let till = try await till()
      for _ in 0..<2 {
        keys.append(try await till.orchestrator.run(Sample.order).receiptKey)
      }
      await till.journal.close()
    }
    #expect(keys == (0..<6).map { "00001221632\($0)" })
  }

  @Test func awayAllTheTime() async throws {
    var till = try await till()
    _ = try await till.orchestrator.refreshConfiguration()
    world.change { $0.isAway = true }
    let summary = try await till.orchestrator.run(Sample.order, attendant: shown)
    #expect(summary.state == .completed)
    #expect(summary.payable == Sample.euros(1458))
    #expect(summary.pointsEarned == nil)
    #expect(summary.warnings.map(\.kind) == [.loyaltyAway])
    #expect(
      world.read { $0.documents[0].blocks }.contains(
        .barcode(ReceiptDocument.Barcode(symbology: .ean13, data: "0000122163201"))))
    // One failing call decides for the sale.
    #expect(
      world.read { $0.calls.filter { $0 != "pay" && $0 != "print" } } == ["configuration", "findGuest"])
    await till.journal.close()
    world.change { $0.isAway = false }
    till = try await self.till()
    #expect(await till.sendEverything().pause == .empty)
    #expect(world.read { $0.credits } == [summary.id: 14])
    #expect(world.read { $0.receipts } == ["000012216320": 1])
    await till.journal.close()
  }

  @Test func neverConfigured() async throws {
    world.change { $0.isAway = true }
    let till = try await till()
    let summary = try await till.orchestrator.run(Sample.order, attendant: shown)
    #expect(summary.state == .completed)
    #expect(summary.receiptKey.isEmpty)
    #expect(summary.barcode == nil)
    // The operator hears of it before anybody pays, and what to do.
    var said: [(step: SaleStep, hint: String)] = []
    for await progress in till.orchestrator.progress {
      if progress.step == .pay { break }
      if progress.step == .warning { said.append((progress.step, progress.hint)) }
    }
    #expect(said.contains { $0.hint.contains("posctl loyalty configuration") }, "\(said)")
    #expect(try await till.journal.outbox().isEmpty)
    #expect(world.read { $0.calls } == ["configuration", "pay", "print"])
    await till.journal.close()
  }

  @Test("a configuration from a time to come, by a clock that was wrong, is asked for again")
  func configurationFromTheFuture() async throws {
    let till = try await till()
    _ = try await till.orchestrator.run(Sample.order)
    clock.advance(.seconds(-365 * 86_400))
    for _ in 0..<2 { _ = try await till.orchestrator.run(Sample.order) }
    #expect(world.read { $0.calls.filter { $0 == "configuration" }.count } == 2)
    await till.journal.close()
  }

  @Test("a sale that does not open any more keeps nobody from the others")
  func damagedSale() async throws {
    var till = try await till()
    let damaged = try await till.orchestrator.run(Sample.order)
    await till.journal.close()
    let file = URL(fileURLWithPath: scratch.path + "/journal.sqlite3")
    var bytes = try Data(contentsOf: file)
    // In the row the sealed content follows the kind and six bytes of time.
    let kind = try #require(bytes.range(of: Data("codes-presented".utf8)))
    bytes[kind.upperBound + 30] ^= 1
    try bytes.write(to: file)
    till = try await self.till()
    let journal = till.journal
    let error = await #expect(throws: DeviceError.self) { try await journal.events(of: damaged.id) }
    #expect(error?.code == .journalDamaged)
    let whole = try await till.orchestrator.run(Sample.order)
    #expect(try await SaleHistory(journal).latest().map(\.id) == [whole.id])
    await till.journal.close()
  }

  @Test func configurationIsAskedForWhenItIsOld() async throws {
    let till = try await till()
    for (pause, count) in [(0, 1), (3599, 1), (1, 2), (100, 2)] {
      clock.advance(.seconds(pause))
      _ = try await till.orchestrator.run(Sample.order)
      #expect(world.read { $0.calls.filter { $0 == "configuration" }.count } == count)
    }
    // An old one is better than none.
    clock.advance(.seconds(7200))
    world.change { $0.isAway = true }
    let summary = try await till.orchestrator.run(Sample.order, attendant: shown)
    #expect(summary.barcode != nil)
    #expect(summary.warnings.map(\.kind) == [.loyaltyAway])
    await till.journal.close()
  }

  @Test(arguments: [
    PaymentOutcome.declined(PaymentRefusal(code: "05", text: "do not honour")),
    .cancelled(PaymentRefusal(code: "6c", text: "cancelled")),
  ])
  func notPaid(outcome: PaymentOutcome) async throws {
    world.change { $0.answers = [outcome] }
    let till = try await till()
    let summary = try await till.orchestrator.run(Sample.order, attendant: shown)
    #expect(summary.state == .abandoned)
    #expect(summary.exit == .failed)
    #expect(world.read { $0.basketHolder } == nil)
    #expect(world.read { $0.redemptions }.isEmpty)
    #expect(world.read { $0.prints }.isEmpty)
    #expect(try await till.journal.outbox().isEmpty)
    #expect(try await till.journal.openSales().isEmpty)
    await till.journal.close()
  }

  /// The unlock waits in the journal until the programme is back.
  @Test func unlockIsOwed() async throws {
    var till = try await till()
    world.change {
      $0.answers = [.declined(PaymentRefusal(code: "05", text: "no"))]
      $0.failures["unlock"] = Array(repeating: .before(Sample.away), count: 3)
    }
    let summary = try await till.orchestrator.run(Sample.order, attendant: shown)
    #expect(summary.state == .abandonedWithRest)
    for attempt in 0..<3 {
      #expect(world.read { $0.basketHolder } == summary.id)
      await till.journal.close()
      till = try await self.till()
      let outcomes = try await till.recover()
      #expect(outcomes.count == 1)
      guard case .resumed(let later)? = outcomes.first else { continue }
      #expect(later.state == (attempt < 2 ? .abandonedWithRest : .abandoned))
    }
    #expect(world.read { $0.basketHolder } == nil)
    #expect(try await till.recover().isEmpty)
    await till.journal.close()
  }

  @Test(arguments: [true, false])
  func unknownPayment(wasCharged: Bool) async throws {
    let till = try await till()
    world.change { $0.answers = [.unknown(DeviceError(.paymentUnknown, during: "paying"))] }
    let summary = try await till.orchestrator.run(Sample.order, attendant: shown)
    #expect(summary.state == .paymentOpen)
    #expect(summary.exit == .unknownOutcome)
    #expect(world.read { $0.redemptions }.isEmpty)
    #expect(try await till.journal.openSales() == [summary.id])
    if !wasCharged { world.change { $0.charges = [:] } }
    let later = try #require(try await till.orchestrator.resume(summary.id))
    #expect(later.state == (wasCharged ? .completed : .abandoned))
    #expect(world.read { $0.redemptions } == (wasCharged ? [summary.id] : []))
    #expect(world.read { $0.prints.count } == (wasCharged ? 1 : 0))
    #expect(world.read { $0.basketHolder } == nil)
    #expect(try await till.orchestrator.resume(summary.id) == nil)
    await till.journal.close()
  }

  @Test(arguments: [World.Failure.before(Sample.away), .after(Sample.lost)], [true, false])
  func commitFails(failure: World.Failure, isAskable: Bool) async throws {
    let till = try await till()
    world.change {
      $0.failures["commit"] = [failure]
      if !isAskable { $0.failures["isBasketOpen"] = [.before(Sample.away), .before(Sample.away)] }
    }
    let summary = try await till.orchestrator.run(Sample.order, attendant: shown)
    // What certainly did not happen is done at the second try, and nobody has to be asked.
    var isDoubtful = false
    if case .after = failure { isDoubtful = true }
    #expect(summary.exit == .ok, "the sale stands")
    #expect(summary.state == (isDoubtful && !isAskable ? .completedWithRest : .completed))
    #expect(summary.isRedeemed == (isDoubtful && !isAskable ? nil : true))
    _ = try await till.recover()
    #expect(world.read { $0.redemptions } == [summary.id])
    #expect(world.read { $0.basketHolder } == nil)
    #expect(try await till.journal.openSales().isEmpty)
    await till.journal.close()
  }

  /// The card is charged for the reduced amount already: where the programme was merely busy or away, the reward is
  /// worth a second try, and no third. What it refuses is not asked for again.
  @Test(
    arguments: [
      (Sample.away, 2), (DeviceError(.loyaltyBusy, during: "asking"), 2), (Sample.refused, 1),
      (DeviceError(.loyaltyKeyRefused, during: "asking"), 1),
    ] as [(DeviceError, Int)])
  func commitIsTriedTwice(error: DeviceError, tries: Int) async throws {
    let till = try await till()
    world.change { $0.failures["commit"] = Array(repeating: .before(error), count: 3) }
    let summary = try await till.orchestrator.run(Sample.order, attendant: shown)
    #expect(summary.state == .completed && summary.isRedeemed == false)
    #expect(summary.warnings.map(\.kind) == [.notRedeemed])
    #expect(world.read { $0.calls.count { $0 == "commit" } } == tries)
    #expect(world.read { $0.redemptions }.isEmpty && world.read { $0.basketHolder } == nil)
    #expect(world.read { $0.violations }.isEmpty)
    await till.journal.close()
  }

  /// Points come when the basket is settled: neither a reward that was refused nor one that was never chosen
  /// leaves it locked while the guest is checked in.
  @Test(arguments: ["quote", "commit", "nothing"])
  func basketIsFreedBeforeTheCheckIn(refused: String) async throws {
    let till = try await till()
    world.change {
      $0.failures[refused] = [.before(Sample.refused)]
      if refused == "nothing" { $0.rewards = [] }
    }
    let summary = try await till.orchestrator.run(Sample.order, attendant: shown)
    #expect(summary.state == .completed)
    #expect(summary.pointsEarned != nil)
    let calls = world.read { $0.calls }
    let unlock = try #require(calls.firstIndex(of: "unlock"))
    let checkIn = try #require(calls.firstIndex(of: "checkIn"))
    #expect(unlock < checkIn, "\(calls)")
    #expect(calls.count { $0 == "checkIn" } == 1)
    await till.journal.close()
  }

  /// Whoever is told to try again sells again, and charges twice.
  @Test(arguments: [0, 400, 2000])
  func journalFailsOnceMoneyHasMoved(giftCard: Int64) async throws {
    var codes: [DeviceError.Code] = []
    for number in 1..<60 {
      let world = World()
      if giftCard > 0 { world.change { $0.giveGiftCard(giftCard) } }
      let place = Scratch()
      let crash = Journal.CommitPoint(number: number, moment: .before)
      guard let till = try? await Till(in: world, at: place.path, clock: clock, crash: crash) else {
        continue
      }
      var failure: DeviceError?
      do throws(DeviceError) {
        _ = try await till.orchestrator.run(Sample.order, attendant: shown)
      } catch {
        failure = error
      }
      await till.journal.close()
      guard let failure else { break }
      codes.append(failure.code)
      let isCharged = world.read { !$0.charges.isEmpty || !$0.giftCharges.isEmpty }
      #expect((failure.code == .paymentUnknown) == isCharged, "write \(number): \(failure)")
    }
    #expect(codes.contains(.paymentUnknown) && codes.contains { $0 != .paymentUnknown })
  }

  /// Whoever may have taken the money and cannot be asked does not hide who has.
  @Test func terminalIsAskedWhereATenderIsInDoubt() async throws {
    let till = try await till()
    world.change { state in
      state.giveGiftCard(0)
      state.answers = [.unknown(DeviceError(.timedOut, during: "paying"))]
    }
    let summary = try await till.orchestrator.run(
      Sample.order, attendant: UnattendedSale(codes: [Sample.code]))
    #expect(summary.state == .paymentOpen)
    world.change { $0.giftDoubt = DeviceError(.loyaltyUnreachable, during: "asking") }
    let later = try #require(try await till.orchestrator.resume(summary.id))
    #expect(later.state == .completed, "\(later)")
    await till.journal.close()
  }

  @Test func paperOut() async throws {
    let till = try await till()
    world.change { $0.printAnswers = [.notPrinted(DeviceError(.paperOut, during: "printing"))] }
    let summary = try await till.orchestrator.run(Sample.order, attendant: shown)
    #expect(summary.state == .completedWithRest)
    #expect(summary.exit == .ok)
    #expect(world.read { $0.prints }.isEmpty)
    let later = try #require(try await till.orchestrator.resume(summary.id))
    #expect(later.state == .completed)
    #expect(world.read { $0.prints } == ["\(summary.id)-2"])
    await till.journal.close()
  }

  @Test func waivedReceipt() async throws {
    let till = try await till()
    world.change { $0.printAnswers = [.notPrinted(DeviceError(.paperOut, during: "printing"))] }
    let summary = try await till.orchestrator.run(Sample.order, attendant: shown)
    #expect(try await till.orchestrator.waiveReceipt(summary.id)?.state == .completed)
    #expect(world.read { $0.prints }.isEmpty)
    await till.journal.close()
  }

  @Test func printUnknownIsNotRepeated() async throws {
    let till = try await till()
    world.change { $0.printAnswers = [.unknown(DeviceError(.printUnknown, during: "printing"))] }
    let summary = try await till.orchestrator.run(Sample.order, attendant: shown)
    #expect(summary.state == .completed)
    #expect(summary.exit == .unknownOutcome)
    #expect(try await till.recover().isEmpty)
    #expect(world.read { $0.prints.count } == 1)
    await till.journal.close()
  }

  @Test func unsellableOrderLeavesNoTrace() async throws {
    let till = try await till()
    var order = Sample.order
    order.lines[0].amount = -151
    let error = await #expect(throws: DeviceError.self) { try await till.orchestrator.run(order) }
    #expect(error?.code == .badInput)
    #expect(world.read { $0.calls }.isEmpty)
    await till.journal.close()
  }

  /// A cashier who says no at the amount.
  private struct Hesitant: SaleAttendant {
    func code(after refusal: DeviceError?) async -> [GuestCode] { [Sample.code] }
    func decide(at amount: Money, of sale: SaleRecord, after refusal: DeviceError?) async -> TenderDecision {
      .giveUp
    }
  }

  @Test func givenUpAtTheAmount() async throws {
    let till = try await till()
    let summary = try await till.orchestrator.run(Sample.order, attendant: Hesitant())
    #expect(summary.state == .abandoned)
    #expect(world.read { $0.basketHolder } == nil)
    #expect(world.read { $0.charges }.isEmpty)
    await till.journal.close()
  }

  /// Sales that overlap each have their own number, log and receipt. The one terminal takes one payment at a
  /// time; whoever comes too early sells nothing.
  @Test func salesAtTheSameTime() async throws {
    let till = try await till()
    let summaries = try await withThrowingTaskGroup(of: SaleSummary.self) { group in
      for _ in 0..<8 { group.addTask { try await till.orchestrator.run(Sample.order) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(summaries.map(\.transactionNumber)) == Set(12_216_320...12_216_327))
    #expect(Set(summaries.map(\.receiptKey)).count == 8)
    let sold = summaries.filter { $0.state == .completed }
    #expect(!sold.isEmpty)
    #expect(Set(world.read { $0.charges.keys.map { String($0) } }) == Set(sold.map(\.id)))
    #expect(world.read { $0.prints.count } == sold.count)
    for summary in summaries where summary.state != .completed {
      #expect(summary.exit == .busy, "\(summary.state)")
    }
    #expect(try await till.journal.openSales().isEmpty)
    await till.journal.close()
  }

  /// A log from another version is left alone, and the others are taken up.
  @Test func unreadableSale() async throws {
    let till = try await till()
    var batch = JournalBatch()
    for (sale, payload) in [("from the future", #"{"teleported":{}}"#), ("cut", "{")] {
      batch.openSale(sale)
      batch.append(SaleLogEntry(number: 0, kind: "teleported", payload: Array(payload.utf8)), to: sale)
    }
    try await till.journal.commit(batch)
    world.change { $0.answers = [.unknown(DeviceError(.paymentUnknown, during: "paying"))] }
    let summary = try await till.orchestrator.run(Sample.order, attendant: shown)
    let outcomes = try await till.recover()
    #expect(outcomes.count == 3)
    for (outcome, id) in zip(outcomes, ["from the future", "cut"]) {
      guard case .unreadable(id, let error) = outcome else {
        Issue.record("\(id) was read")
        continue
      }
      #expect(error.code == .journalNewer)
    }
    guard case .resumed(let later)? = outcomes.last else { throw Sample.lost }
    #expect(later.id == summary.id)
    #expect(later.state == .completed)
    await till.journal.close()
  }

  /// A sale under way is not taken up a second time.
  @Test func liveSaleIsNotResumed() async throws {
    let till = try await till()
    let meddler = Meddler(till: till)
    let summary = try await till.orchestrator.run(Sample.order, attendant: meddler)
    #expect(summary.state == .completed)
    #expect(meddler.found.withLock { $0 } == [nil])
    await till.journal.close()
  }

  private final class Meddler: SaleAttendant {
    let till: Till
    let found = Mutex<[SaleSummary?]>([])

    init(till: Till) { self.till = till }

    func code(after refusal: DeviceError?) async -> [GuestCode] { refusal == nil ? [Sample.code] : [] }

    func decide(at amount: Money, of sale: SaleRecord, after refusal: DeviceError?) async -> TenderDecision {
      let id = sale.check.identity.externalID
      let summary = try? await till.orchestrator.resume(id)
      found.withLock { $0.append(summary) }
      return .pay
    }
  }
}
