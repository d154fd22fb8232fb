import Foundation
import POSJournal
import POSLoyalty
import POSModel
import POSTransport
import Testing

/// How the outbox is emptied (specs/punchh.md §8).
@Suite struct OutboxSenderTests {
  let scratch = Scratch()
  let world = World()
  let clock = HandClock()

  private func check(_ number: Int) -> ClosedCheck {
    var check = Sample.check
    check.identity.externalID = "sale-\(number)"
    check.identity.receiptKey = String(100_000_000_000 + number)
    return ClosedCheck(snapshot: check, reductions: [], payable: 1458, cardLast4: nil)
  }

  private func fill(_ till: Till, _ numbers: [Int], receipts: Bool = true) async throws {
    var batch = JournalBatch()
    for number in numbers {
      let check = check(number)
      let key = check.snapshot.identity.receiptKey
      let contents: [(OutboxItem.Kind, OutboxContent)] =
        [(.checkIn, .checkIn(check, Sample.guest))] + (receipts ? [(.receipt, .receipt(check))] : [])
      for (kind, content) in contents {
        batch.enqueue(
          OutboxItem(
            name: "sale-\(number)/\(kind.rawValue)", kind: kind, key: key,
            payload: [UInt8](try JSONEncoder().encode(content))))
      }
    }
    try await till.journal.commit(batch)
  }

  private func till() async throws -> Till { try await Till(in: world, at: scratch.path, clock: clock) }

  @Test func firstInFirstOut() async throws {
    let till = try await till()
    try await fill(till, [1, 2, 3])
    let report = await till.sendEverything()
    #expect(report.pause == .empty)
    #expect(
      report.deliveries.map(\.name) == [
        "sale-1/check-in", "sale-1/receipt", "sale-2/check-in", "sale-2/receipt", "sale-3/check-in",
        "sale-3/receipt",
      ])
    #expect(report.checkIn(of: "sale-2")?.name == "sale-2/check-in")
    #expect(report.checkIn(of: "sale-4") == nil, "another sale's points are not this one's")
    #expect(report.deliveries.map(\.pointsEarned) == [14, nil, 14, nil, 14, nil])
    // What was sent is not kept: it holds the guest's contacts.
    for entry in try await till.journal.outbox() {
      #expect(entry.state == .done)
      #expect(entry.item.payload.isEmpty)
    }
    await till.journal.close()
  }

  @Test func oneSecondBetweenSendingsOfOneKey() async throws {
    let till = try await till()
    try await fill(till, [1])
    let start = clock.now
    #expect(await till.outbox.drain().pause == .until(start + .seconds(1)))
    clock.advance(.milliseconds(999))
    #expect(await till.outbox.drain().deliveries.isEmpty)
    clock.advance(.milliseconds(1))
    #expect(await till.outbox.drain().deliveries.map(\.name) == ["sale-1/receipt"])
    await till.journal.close()
  }

  /// While the programme is away the head is tried with growing pauses, and nothing overtakes it.
  @Test func backsOff() async throws {
    let till = try await till()
    try await fill(till, [1, 2])
    world.change { $0.isAway = true }
    let policy = OutboxPolicy.standard
    var expected = policy.pauses
    while !expected.isEmpty {
      let report = await till.outbox.drain()
      #expect(report.deliveries.map(\.name) == ["sale-1/check-in"])
      let pause = expected.removeFirst()
      #expect(report.pause == .until(clock.now + pause))
      clock.advance(pause)
    }
    world.change { $0.isAway = false }
    #expect(await till.sendEverything().deliveries.map(\.name).first == "sale-1/check-in")
    #expect(world.read { $0.credits.count } == 2)
    await till.journal.close()
  }

  /// One item the server chokes on holds the others up only for a while.
  @Test func stepsAsideWhenPatienceEnds() async throws {
    let till = try await till()
    try await fill(till, [1, 2])
    world.change { $0.failures["checkIn"] = Array(repeating: .after(Sample.lost), count: 5) }
    var sent: [String] = []
    for _ in 0..<5 {
      let report = await till.outbox.drain()
      sent += report.deliveries.map(\.name)
      guard case .until(let due) = report.pause else { break }
      if sent.count < 5 { clock.advance(due - clock.now) }
    }
    #expect(sent.filter { $0 == "sale-1/check-in" }.count == 5)
    #expect(sent.contains("sale-2/check-in"))
    #expect(!sent.contains("sale-1/receipt"), "a later item of the same key overtook it")
    #expect(await till.sendEverything().pause == .empty)
    #expect(
      world.read { $0.credits } == ["sale-1": 14, "sale-2": 14], "credited once although sent six times")
    await till.journal.close()
  }

  @Test(arguments: [Sample.refused, Sample.notFound, DeviceError(.loyaltyExpired, during: "")])
  func refusedItemStepsAside(error: DeviceError) async throws {
    let till = try await till()
    try await fill(till, [1, 2])
    world.change { $0.failures["checkIn"] = [.before(error)] }
    let report = await till.sendEverything()
    #expect(report.pause == .empty)
    let parked = try await till.journal.outbox([.parked])
    #expect(parked.map(\.item.name) == ["sale-1/check-in"])
    #expect(parked.first?.reason.hasPrefix(error.code.rawValue) == true)
    #expect(world.read { $0.receipts.count } == 2)
    #expect(world.read { $0.credits } == ["sale-2": 14])
    try await till.journal.release(try #require(parked.first).id)
    #expect(await till.sendEverything().deliveries.map(\.name) == ["sale-1/check-in"])
    #expect(world.read { $0.credits.count } == 2)
    await till.journal.close()
  }

  /// A refused key stops everything, also across a restart, until somebody mends it or an hour has passed.
  @Test func refusedKeyHaltsTheQueue() async throws {
    var till = try await till()
    try await fill(till, [1, 2])
    world.change {
      $0.failures["checkIn"] = [.before(DeviceError(.loyaltyKeyRefused, during: ""))]
    }
    let end = clock.now + .seconds(3600)
    let report = await till.outbox.drain()
    #expect(report.pause == .halted(until: end))
    #expect(report.deliveries.count == 1)
    await till.journal.close()
    till = try await self.till()
    clock.advance(.seconds(3599))
    #expect(await till.outbox.drain() == OutboxSender.Report(deliveries: [], pause: .halted(until: end)))
    #expect(world.read { $0.calls.count } == 1)
    clock.advance(.seconds(1))
    #expect(await till.sendEverything().pause == .empty)
    #expect(world.read { $0.credits.count } == 2)

    world.change {
      $0.failures["checkIn"] = [.before(DeviceError(.loyaltyKeyRefused, during: ""))]
    }
    try await fill(till, [3])
    _ = await till.outbox.drain()
    try await till.outbox.resume()
    #expect(await till.sendEverything().pause == .empty)
    #expect(world.read { $0.credits.count } == 3)
    await till.journal.close()
  }

  @Test func expiresAfterThirtyDays() async throws {
    let till = try await till()
    try await fill(till, [1], receipts: false)
    clock.advance(.seconds(86_400))
    try await fill(till, [2], receipts: false)
    world.change { $0.isAway = true }
    #expect(await till.outbox.drain().deliveries.map(\.name) == ["sale-1/check-in"])
    world.change { $0.isAway = false }
    clock.advance(.seconds(29 * 86_400 + 1))
    #expect(await till.outbox.drain().deliveries.map(\.name) == ["sale-2/check-in"])
    #expect(try await till.journal.outbox([.expired]).map(\.item.name) == ["sale-1/check-in"])
    await till.journal.close()
  }

  /// A clock that is years ahead for a while gives nothing up for good, whatever is tidied up meanwhile.
  @Test func clockAheadForAWhile() async throws {
    let till = try await till()
    try await fill(till, [1, 2], receipts: false)
    world.change { $0.isAway = true }
    let right = clock.now
    clock.advance(.seconds(900 * 86_400))
    for _ in 0..<3 {
      _ = await till.outbox.drain()
      try await till.journal.forget(endedBefore: clock.now - .seconds(30 * 86_400))
      clock.advance(.seconds(86_400))
    }
    #expect(try await till.journal.outbox([.pending, .expired]).count == 2)
    #expect(try await !till.journal.outbox([.expired]).isEmpty)
    // Sold meanwhile, and still young when the clock is right again.
    try await fill(till, [3], receipts: false)
    clock.advance(right - clock.now)
    world.change { $0.isAway = false }
    #expect(
      await till.sendEverything().deliveries.map(\.name) == [
        "sale-1/check-in", "sale-2/check-in", "sale-3/check-in",
      ])
    #expect(world.read { $0.credits.count } == 3)
    await till.journal.close()
  }

  /// What was sold while the clock stood in the year 1970 is not old once it is right.
  @Test func clockBehindForAWhile() async throws {
    let till = try await till()
    try await fill(till, [1], receipts: false)
    let right = clock.now
    clock.advance(WallTime(milliseconds: 1_000) - right)
    try await fill(till, [2], receipts: false)
    clock.advance(right + .seconds(86_400) - clock.now)
    #expect(
      await till.sendEverything().deliveries.map(\.name) == ["sale-1/check-in", "sale-2/check-in"])
    await till.journal.close()
  }

  /// Neither is what a till without a battery sold before it knew the time at all.
  @Test func clockBehindFromTheBeginning() async throws {
    let right = clock.now
    clock.advance(WallTime(milliseconds: 1_000) - right)
    let till = try await till()
    try await fill(till, [1, 2], receipts: false)
    clock.advance(right - clock.now)
    #expect(
      await till.sendEverything().deliveries.map(\.name) == ["sale-1/check-in", "sale-2/check-in"])
    #expect(world.read { $0.credits.count } == 2)
    await till.journal.close()
  }

  @Test func ageLimitStaysBetweenTenAndThirtyDays() {
    for (days, limit) in [(0, 10), (10, 10), (20, 20), (30, 30), (31, 30), (-5, 10)] {
      #expect(OutboxPolicy(maximumAgeInDays: days).maximumAge == .seconds(limit * 86_400))
    }
  }

  @Test func unreadableItemIsParked() async throws {
    let till = try await till()
    var batch = JournalBatch()
    batch.enqueue(OutboxItem(name: "x", kind: .checkIn, key: "k", payload: [1, 2, 3]))
    try await till.journal.commit(batch)
    try await fill(till, [1], receipts: false)
    #expect(await till.sendEverything().pause == .empty)
    #expect(try await till.journal.outbox([.parked]).map(\.item.name) == ["x"])
    #expect(world.read { $0.credits.count } == 1)
    await till.journal.close()
  }

  /// Many callers at once: still one after the other, each item once.
  @Test func callersTakeTurns() async throws {
    let till = try await till()
    try await fill(till, Array(1...20), receipts: false)
    let names = await withTaskGroup(of: [String].self) { group in
      for _ in 0..<8 { group.addTask { await till.outbox.drain(limit: 3).deliveries.map(\.name) } }
      return await group.reduce(into: []) { $0 += $1 }
    }
    #expect(Set(names) == Set((1...20).map { "sale-\($0)/check-in" }))
    #expect(names.count == 20)
    #expect(world.read { $0.calls.count } == 20)
    await till.journal.close()
  }

  /// A sender whose journal has no room for what the programme says of the first sending.
  private func tillWithoutRoom() async throws -> Till {
    let till = try await Till(in: world, at: scratch.path, clock: clock, maximumBytes: 1024 * 1024)
    try await fill(till, [1], receipts: false)
    try await setBallast(till, 800 * 1024)
    let wordy = DeviceError(
      .loyaltyUnreachable, during: "asking", detail: String(repeating: "away ", count: 50 * 1024))
    world.change { $0.failures["checkIn"] = [.before(wordy)] }
    return till
  }

  private func setBallast(_ till: Till, _ bytes: Int) async throws {
    var batch = JournalBatch()
    batch.store([UInt8](repeating: 0, count: bytes), named: "ballast")
    try await till.journal.commit(batch)
  }

  /// What a sending came to is not forgotten because the disk is full: nothing is sent until it is written down, and
  /// then the item has its pause like any other.
  @Test func diskFullAfterASending() async throws {
    let till = try await tillWithoutRoom()
    let sent = clock.now
    for _ in 0..<3 {
      let report = await till.outbox.drain()
      guard case .failed(let error) = report.pause else {
        Issue.record("\(report.pause)")
        return
      }
      #expect(error.code == .journalFull)
    }
    #expect(world.read { $0.calls } == ["checkIn"])
    #expect(try await till.journal.outbox().map(\.state) == [.inFlight])

    try await setBallast(till, 0)
    clock.advance(.seconds(1))
    let report = await till.outbox.drain()
    #expect(report.deliveries == [])
    #expect(report.pause == .until(sent + .seconds(5)))
    #expect(await till.sendEverything().checkIn(of: "sale-1")?.verdict == .done)
    #expect(world.read { $0.calls } == ["checkIn", "checkIn"])
    await till.journal.close()
  }

  /// The endless sender looks again after five minutes, even if nobody nudges it.
  @Test func runsOnWhenTheDiskHasRoomAgain() async throws {
    let till = try await tillWithoutRoom()
    let daemon = Task { await till.outbox.run() }
    await till.monotonic.waitForAlarms()
    #expect(world.read { $0.calls } == ["checkIn"])
    try await setBallast(till, 0)
    clock.advance(.seconds(300))
    await till.monotonic.advanceToNextAlarm()
    // Now it is written down; sendings of one key keep a second.
    await till.monotonic.waitForAlarms()
    clock.advance(.seconds(1))
    await till.monotonic.advanceToNextAlarm()
    while world.read({ $0.credits.isEmpty }) { await Task.yield() }
    daemon.cancel()
    await daemon.value
    await till.journal.close()
  }

  /// The endless sender wakes up for what is put in, and for what falls due.
  @Test func runsForEver() async throws {
    let till = try await till()
    let daemon = Task { await till.outbox.run() }
    try await fill(till, [1])
    till.outbox.nudge()
    // The receipt waits for its second: the sender sets an alarm for it.
    await till.monotonic.waitForAlarms()
    #expect(world.read { $0.credits.count } == 1)
    #expect(world.read { $0.receipts.isEmpty })
    clock.advance(.seconds(1))
    await till.monotonic.advanceToNextAlarm()
    while world.read({ $0.receipts.isEmpty }) { await Task.yield() }
    daemon.cancel()
    await daemon.value
    await till.journal.close()
  }

  @Test(arguments: [
    (DeviceError.Code.loyaltyUnreachable, false, 1, OutboxPolicy.Judgement.again(after: .seconds(5))),
    (.loyaltyBusy, false, 2, .again(after: .seconds(15))),
    (.loyaltyMalformed, false, 3, .again(after: .seconds(60))),
    (.timedOut, true, 4, .again(after: .seconds(300))),
    (.timedOut, true, 400, .again(after: .seconds(300))),
    (.loyaltyRefused, true, 1, .again(after: .seconds(5))),
    (.loyaltyRefused, false, 1, .park),
    (.loyaltyNotFound, false, 9, .park),
    (.loyaltyKeyRefused, false, 1, .halt(for: .seconds(3600))),
    (.loyaltyKeyRefused, true, 1, .halt(for: .seconds(3600))),
  ])
  func judgements(code: DeviceError.Code, isUnknown: Bool, attempts: Int, expected: OutboxPolicy.Judgement) {
    let error = DeviceError(code, during: "sending")
    #expect(OutboxPolicy.standard.judge(error, isUnknown: isUnknown, attempts: attempts) == expected)
  }
}
