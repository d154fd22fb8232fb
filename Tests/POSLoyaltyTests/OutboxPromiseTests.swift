import Foundation
import POSJournal
import POSLoyalty
import POSModel
import POSTransport
import Testing

/// What must never be in the outbox, and what must never be lost from it.
@Suite struct OutboxPromiseTests {
  let world = World()
  let scratch = Scratch()
  let clock = HandClock()
  let shown = UnattendedSale(codes: [Sample.code])

  /// Ways for a redemption to fail once the customer has paid.
  static let failures: [World.Failure] = [
    .before(Sample.away), .after(Sample.away), .before(Sample.refused), .before(Sample.lost),
    .after(Sample.lost),
  ]

  /// A redemption that failed is asked about and reported: it never waits, and no emptying of the outbox redeems.
  @Test(arguments: failures.indices, [1, 4])
  func redemptionsNeverWait(failure: Int, times: Int) async throws {
    world.change { $0.failures["commit"] = Array(repeating: Self.failures[failure], count: times) }
    let till = try await Till(in: world, at: scratch.path, clock: clock)
    world.change { $0.failures["checkIn"] = [.before(Sample.away)] }
    let summary = try await till.orchestrator.run(Sample.order, attendant: shown)
    _ = try await till.recover()
    let items = try await till.journal.outbox()
    #expect(Set(items.map(\.item.name)).isSubset(of: ["\(summary.id)/check-in", "\(summary.id)/receipt"]))
    #expect(!items.isEmpty)
    let commits = world.read { state in state.calls.count { $0 == "commit" } }
    let redemptions = world.read { $0.redemptions }
    world.change { $0.failures = [:] }
    _ = await till.sendEverything()
    #expect(world.read { state in state.calls.count { $0 == "commit" } } == commits)
    #expect(world.read { $0.redemptions } == redemptions)
    #expect(world.read { $0.credits.count } == 1)
    await till.journal.close()
  }

  @Test func thereAreTwoKinds() {
    #expect(OutboxItem.Kind.allCases == [.checkIn, .receipt])
  }

  /// The disk fills up in the middle of the day, wherever that is: the sale that finds it full says so, and what was
  /// accepted before is credited once when there is space again.
  @Test(arguments: [120, 124, 128, 132, 140, 150])
  func fullDisk(kilobytes: Int64) async throws {
    var options = Journal.Options()
    options.now = { [clock] in clock.now }
    options.maximumBytes = kilobytes * 1024
    func till() async throws -> (SaleOrchestrator, OutboxSender, Journal) {
      let journal = try await Journal.open(in: scratch.path, options: options)
      let tillClock = TillClock(monotonic: ManualClock(), now: { [clock] in clock.now })
      let provider = FakeProvider(world: world)
      let outbox = OutboxSender(provider: provider, journal: journal, clock: tillClock)
      return (
        SaleOrchestrator(
          provider: provider, terminal: FakeTerminal(world: world, journal: journal),
          printer: FakePrinter(world: world), journal: journal, outbox: outbox, clock: tillClock), outbox,
        journal
      )
    }
    var (orchestrator, outbox, journal) = try await till()
    _ = try await orchestrator.refreshConfiguration()
    world.change { $0.isAway = true }
    var completed: [String] = []
    var failure: DeviceError?
    for _ in 0..<200 {
      do throws(DeviceError) {
        let summary = try await orchestrator.run(Sample.order, attendant: shown)
        if summary.state == .completed { completed.append(summary.id) }
      } catch {
        failure = error
        break
      }
      clock.advance(.seconds(10))
    }
    // Once money may have moved, it is the payment that is in doubt, and the cause is in the detail.
    let isFull = failure?.code == .journalFull || failure?.detail.hasPrefix("journal.full") == true
    #expect(isFull, "\(String(describing: failure))")
    #expect(!completed.isEmpty)
    world.change { $0.isAway = false }
    // Sending needs no space: what is delivered may be marked so, or is sent again and dropped as a repetition.
    _ = await outbox.drain()
    await journal.close()
    options.maximumBytes = 1 << 30
    (orchestrator, outbox, journal) = try await till()
    for _ in 0..<4 {
      _ = try await SaleRecovery(orchestrator: orchestrator, journal: journal).run(now: clock.now)
      for _ in 0..<60 {
        guard case .until(let due) = await outbox.drain().pause else { break }
        clock.advance(due - clock.now)
      }
    }
    #expect(try await journal.openSales() == [])
    #expect(try await journal.outbox([.pending, .inFlight, .parked, .expired]) == [])
    world.read { state in
      #expect(Set(state.credits.keys).isSuperset(of: completed))
      #expect(Set(state.credits.keys) == Set(state.charges.keys))
      #expect(state.charges.values.allSatisfy { $0 <= 1458 })
    }
    await journal.close()
  }
}
