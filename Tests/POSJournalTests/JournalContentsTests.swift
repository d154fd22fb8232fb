import Foundation
import POSJournal
import POSModel
import Testing

@Suite struct JournalContentsTests {
  let scratch = Scratch()
  let clock = HandClock()

  private func reopened(_ journal: Journal) async throws -> Journal {
    await journal.close()
    return try await Journal.open(in: scratch.path, options: clock.options)
  }

  @Test func saleLogSurvives() async throws {
    var journal = try await Journal.open(in: scratch.path, options: clock.options)
    var batch = JournalBatch()
    batch.openSale("b")
    batch.append(SaleLogEntry(number: 0, kind: "opened", payload: [1, 0, 255]), to: "b")
    batch.openSale("a")
    batch.append(SaleLogEntry(number: 0, kind: "opened", payload: []), to: "a")
    try await journal.commit(batch)
    clock.advance(.seconds(2))
    batch = JournalBatch()
    batch.append(SaleLogEntry(number: 1, kind: "paid", payload: [2]), to: "b")
    batch.endSale("b")
    try await journal.commit(batch)
    journal = try await reopened(journal)
    #expect(try await journal.openSales() == ["a"])
    let events = try await journal.events(of: "b")
    #expect(events.map(\.kind) == ["opened", "paid"])
    #expect(events.map(\.payload) == [[1, 0, 255], [2]])
    #expect(events.map { $0.at?.milliseconds } == [1_000_000, 1_002_000])
    #expect(try await journal.events(of: "nobody").isEmpty)
    await journal.close()
  }

  /// A batch is all or nothing, whatever it fails on.
  @Test func failingBatchLeavesNoTrace() async throws {
    let journal = try await Journal.open(in: scratch.path, options: clock.options)
    var batch = JournalBatch()
    batch.openSale("a")
    batch.append(SaleLogEntry(number: 0, kind: "opened", payload: []), to: "a")
    try await journal.commit(batch)
    var twice = JournalBatch()
    twice.enqueue(OutboxItem(name: "x", kind: .receipt, key: "k", payload: []))
    twice.append(SaleLogEntry(number: 0, kind: "again", payload: []), to: "a")
    var nowhere = JournalBatch()
    nowhere.enqueue(OutboxItem(name: "x", kind: .receipt, key: "k", payload: []))
    nowhere.append(SaleLogEntry(number: 0, kind: "opened", payload: []), to: "nobody")
    for bad in [twice, nowhere] {
      #expect(await code { try await journal.commit(bad) } == .journalFailed)
    }
    #expect(try await journal.outbox().isEmpty)
    #expect(try await journal.events(of: "a").map(\.kind) == ["opened"])
    var ending = JournalBatch()
    ending.endSale("a")
    try await journal.commit(ending)
    var late = JournalBatch()
    late.append(SaleLogEntry(number: 1, kind: "late", payload: []), to: "a")
    let tooLate = late
    #expect(await code { try await journal.commit(tooLate) } == .journalFailed)
    await journal.close()
  }

  @Test func valuesAreReplaced() async throws {
    var journal = try await Journal.open(in: scratch.path, options: clock.options)
    #expect(try await journal.value(named: "configuration") == nil)
    for value: [UInt8] in [[1], [2, 2], []] {
      var batch = JournalBatch()
      batch.store(value, named: "configuration")
      try await journal.commit(batch)
      clock.advance(.seconds(1))
    }
    journal = try await reopened(journal)
    let stored = try #require(try await journal.value(named: "configuration"))
    #expect(stored.bytes == [])
    #expect(stored.stored.milliseconds == 1_002_000)
    await journal.close()
  }

  /// Numbers that somebody outside may have seen never come again; unwritten ones may.
  @Test func numbersNeverRepeat() async throws {
    var seen: Set<Int64> = []
    for _ in 0..<5 {
      let journal = try await Journal.open(in: scratch.path, options: clock.options)
      for _ in 0..<3 {
        let number = try await journal.nextNumber(in: "transaction")
        #expect(number > seen.max() ?? 0)
        try await journal.commit(JournalBatch())
        seen.insert(number)
      }
      _ = try await journal.nextNumber(in: "transaction")
      await journal.close()
    }
    #expect(seen.count == 15)
    let journal = try await Journal.open(in: scratch.path, options: clock.options)
    #expect(try await journal.nextNumber(in: "other") == 1)
    await journal.close()
  }

  @Test func forgettingKeepsWhatIsOpen() async throws {
    let journal = try await Journal.open(in: scratch.path, options: clock.options)
    var batch = JournalBatch()
    for name in ["old", "open"] {
      batch.openSale(name)
      batch.append(SaleLogEntry(number: 0, kind: "opened", payload: []), to: name)
    }
    batch.endSale("old")
    batch.enqueue(OutboxItem(name: "waiting", kind: .receipt, key: "k", payload: [1]))
    try await journal.commit(batch)
    clock.advance(.seconds(60))
    try await journal.forget(endedBefore: clock.now)
    #expect(try await journal.events(of: "old").isEmpty)
    #expect(try await journal.openSales() == ["open"])
    #expect(try await journal.outbox().map(\.item.name) == ["waiting"])
    await journal.close()
  }

  /// What a commit hook throws behaves like a crash on its side of the write.
  @Test(arguments: Journal.CommitPoint.Moment.allCases)
  func hookIsACrash(moment: Journal.CommitPoint.Moment) async throws {
    let first = try await Journal.open(in: scratch.path, options: clock.options)
    await first.close()
    var options = clock.options
    options.onCommit = { point throws(DeviceError) in
      guard point == Journal.CommitPoint(number: 2, moment: moment) else { return }
      throw DeviceError(.cancelled, during: "crashing")
    }
    let journal = try await Journal.open(in: scratch.path, options: options)
    for (index, name) in ["a", "b", "c"].enumerated() {
      var batch = JournalBatch()
      batch.openSale(name)
      let toWrite = batch
      #expect(await code { try await journal.commit(toWrite) } == (index == 0 ? nil : .cancelled))
    }
    #expect(await code { _ = try await journal.openSales() } == .cancelled)
    let again = try await Journal.open(in: scratch.path, options: clock.options)
    #expect(try await again.openSales() == (moment == .before ? ["a"] : ["a", "b"]))
    await again.close()
  }
}
