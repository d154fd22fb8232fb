import POSJournal
import POSModel
import TestSupport
import Testing

@Suite struct OutboxTests {
  let scratch = Scratch()
  let clock = HandClock()
  let order = OutboxOrder(gap: .seconds(1), patience: 3, longestWait: .seconds(600))

  private func open() async throws -> Journal {
    try await Journal.open(in: scratch.path, options: clock.options)
  }

  private func fill(_ journal: Journal, _ items: [(name: String, key: String)]) async throws {
    var batch = JournalBatch()
    for item in items {
      batch.enqueue(
        OutboxItem(name: item.name, kind: .receipt, key: item.key, payload: Array(item.name.utf8)))
    }
    try await journal.commit(batch)
  }

  /// The item whose turn it is; fails the test when there is none.
  private func turn(_ journal: Journal, location: SourceLocation = #_sourceLocation) async throws
    -> OutboxEntry
  {
    let turn = try await journal.takeTurn(order)
    guard case .send(let entry) = turn else {
      Issue.record("\(turn)", sourceLocation: location)
      throw DeviceError(.badInput, during: "testing")
    }
    return entry
  }

  @Test func nameIsTakenOnce() async throws {
    let journal = try await open()
    try await fill(journal, [("a", "k"), ("a", "other")])
    try await fill(journal, [("a", "third")])
    #expect(try await journal.outbox().map(\.item.key) == ["k"])
    let entry = try await turn(journal)
    try await journal.endTurn(of: entry.id, with: .done)
    try await fill(journal, [("a", "k")])
    #expect(try await journal.takeTurn(order) == .empty)
    await journal.close()
  }

  @Test func oneAtATime() async throws {
    let journal = try await open()
    try await fill(journal, [("a", "1"), ("b", "2")])
    #expect(try await journal.takeTurn(order) != .busy)
    #expect(try await journal.takeTurn(order) == .busy)
    await journal.close()
  }

  /// A sending cut off by a crash is sent again, first of all; the attempt counts.
  @Test func cutOffSendingIsRepeated() async throws {
    var journal = try await open()
    try await fill(journal, [("a", "1"), ("b", "2")])
    #expect(try await turn(journal).attempts == 1)
    await journal.close()
    journal = try await open()
    #expect(try await journal.takeTurn(order) == .wait(until: clock.now + .seconds(1)))
    clock.advance(.seconds(1))
    let entry = try await turn(journal)
    #expect(entry.item.name == "a")
    #expect(entry.attempts == 2)
    await journal.close()
  }

  @Test func endingATurnTwiceChangesNothing() async throws {
    let journal = try await open()
    try await fill(journal, [("a", "1")])
    let entry = try await turn(journal)
    try await journal.endTurn(of: entry.id, with: .parked(reason: "no"))
    try await journal.endTurn(of: entry.id, with: .done)
    #expect(try await journal.outbox().map(\.state) == [.parked])
    #expect(try await journal.outbox().map(\.reason) == ["no"])
    await journal.close()
  }

  /// A clock that was years ahead leaves no item waiting for years.
  @Test func wrongClock() async throws {
    let journal = try await open()
    try await fill(journal, [("a", "1")])
    let right = clock.now
    clock.now = right + .seconds(1_000_000)
    let entry = try await turn(journal)
    try await journal.endTurn(of: entry.id, with: .again(due: clock.now + .seconds(300), reason: ""))
    clock.now = right
    #expect(try await turn(journal).item.name == "a")
    await journal.close()
  }

  @Test func listingByState() async throws {
    let journal = try await open()
    try await fill(journal, [("a", "1"), ("b", "2"), ("c", "3")])
    let entry = try await turn(journal)
    try await journal.endTurn(of: entry.id, with: .done)
    _ = try await turn(journal)
    #expect(try await journal.outbox([.pending]).map(\.item.name) == ["c"])
    #expect(try await journal.outbox([.done, .inFlight]).map(\.item.name) == ["a", "b"])
    #expect(try await journal.outbox([]).isEmpty)
    #expect(try await journal.outbox(limit: 2).count == 2)
    await journal.close()
  }

  /// Random queues against what an onlooker expects of order, distance and progress.
  @Test(arguments: 0..<12)
  func ordering(seed: Int) async throws {
    var numbers = SeededGenerator(seed: UInt64(seed))
    var journal = try await open()
    /// What is known of every item, in the order of the queue.
    var items: [(name: String, key: String, state: OutboxEntry.State, attempts: Int, due: WallTime)] = []
    var lastAttempt: [String: WallTime] = [:]
    var stalls = 0
    for step in 0..<150 {
      switch Int.random(in: 0..<10, using: &numbers) {
      case 0..<2:
        let key = "key \(Int.random(in: 0..<4, using: &numbers))"
        try await fill(journal, [("item \(step)", key)])
        items.append(("item \(step)", key, .pending, 0, clock.now))
      case 2:
        clock.advance(.milliseconds(Int.random(in: 1...5000, using: &numbers)))
      case 3 where step.isMultiple(of: 5):
        await journal.close()
        journal = try await open()
      default:
        let turn = try await journal.takeTurn(order)
        let now = clock.now
        switch turn {
        case .busy: Issue.record("nobody else sends")
        case .empty: #expect(!items.contains { $0.state == .pending })
        case .wait(let until):
          #expect(until > now)
          #expect(items.contains { $0.state == .pending })
          stalls += 1
          #expect(stalls < 20, "it waits and waits")
          clock.now = until
        case .send(let entry):
          stalls = 0
          let index = try #require(items.firstIndex { $0.name == entry.item.name })
          let item = items[index]
          #expect(item.state == .pending)
          #expect(entry.attempts == item.attempts + 1)
          #expect(item.due <= now, "sent before it was due")
          if let last = lastAttempt[item.key] {
            #expect(now >= last + order.gap, "too close to the last one")
          }
          for earlier in items[..<index] where earlier.state == .pending {
            #expect(earlier.key != item.key, "overtaken within its key")
            let chain = items[..<index].first { $0.key == earlier.key && $0.state == .pending }
            let head = try #require(chain)
            #expect(head.attempts >= order.patience && head.due > now, "overtaken although its turn had come")
          }
          lastAttempt[item.key] = now
          items[index].attempts += 1
          let verdict: OutboxVerdict
          switch Int.random(in: 0..<4, using: &numbers) {
          case 0: verdict = .parked(reason: "no")
          case 1, 2:
            verdict = .again(due: now + .seconds(Int.random(in: 0...60, using: &numbers)), reason: "away")
          default: verdict = .done
          }
          switch verdict {
          case .done: items[index].state = .done
          case .parked: items[index].state = .parked
          case .again(let due, _): items[index].due = due
          }
          try await journal.endTurn(of: entry.id, with: verdict)
        }
      }
    }
    #expect(try await journal.outbox().map(\.state) == items.map(\.state))
    await journal.close()
  }
}
