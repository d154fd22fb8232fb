import POSJournal
import POSLoyalty
import POSModel
import Punchh
import PunchhSandbox
import Testing

/// Whatever the server does, the check is sold, the card is charged once what the receipt says, and afterwards everything
/// arrives once.
@Suite("A server that does everything wrong", .timeLimit(.minutes(3)))
struct BadServerTests {
  private static let routes: [SandboxRoute] = [
    .configuration, .meta, .find, .lookup, .quote, .commit, .active, .unlock, .checkin, .receipt,
  ]

  @Test("every fault on every call of a sale", arguments: routes)
  func faults(route: SandboxRoute) async throws {
    for fault in SandboxFault.allCases {
      var settings = Lane.settings
      settings.guests = [.generous]
      settings.slowMilliseconds = 600_000
      let isSilent = [.slow, .silent, .trickled].contains(fault)
      try await SandboxTill.run(
        settings,
        configure: { configuration in
          guard isSilent else { return }
          configuration.timeouts.lookUp = 2500
          configuration.timeouts.commit = 2500
          configuration.timeouts.checkIn = 2500
        }
      ) { till, lane, clock in
        _ = try await till.orchestrator.refreshConfiguration()
        // An old configuration is asked for anew.
        clock.now += 3700
        lane.sandbox.issue(SandboxGuest.generous.codes[0], for: SandboxGuest.generous.id)
        lane.sandbox.inject(fault, on: route)
        let sale = try await till.orchestrator.run(SandboxTill.order, attendant: SandboxTill.shown)
        #expect(
          sale.state == .completed || sale.state == .completedWithRest, "\(fault): \(sale.state.rawValue)")
        #expect(till.card.charged == sale.payable.minorUnits && till.paper.documents.count == 1, "\(fault)")
        lane.sandbox.clearFaults()
        _ = try await till.orchestrator.resume(sale.id)
        try await till.outbox.resume()
        await till.send(clock)
        let ledger = lane.sandbox.ledger
        // A guest whom the programme does not know, and a check-in that it does not want, are not credited.
        let wasRefused = try await !till.journal.outbox([.parked]).isEmpty
        let isUnknown = sale.warnings.contains { $0.kind == .guestNotFound }
        #expect(ledger.checkIns.count == (wasRefused || isUnknown ? 0 : 1), "\(fault)")
        #expect(ledger.redemptions.count <= 1 && ledger.accounts.allSatisfy { $0.basketLockedBy == nil })
        let overtaking = "a check-in while its basket is locked and not committed"
        #expect(ledger.violations.map(\.rule).filter { $0 != overtaking } == [], "\(fault)")
      }
    }
  }

  @Test(
    "clocks that jump, forward and back: the check-in arrives once",
    arguments: [-86_400 * 400, -3600, 3600, 86_400 * 9])
  func clockJumps(seconds: Int64) async throws {
    var settings = Lane.settings
    settings.guests = [.generous]
    try await SandboxTill.run(settings) { till, lane, clock in
      lane.sandbox.inject(.busy, on: .checkin, times: 1)
      let sale = try await till.orchestrator.run(SandboxTill.order, attendant: SandboxTill.shown)
      #expect(sale.state == .completed)
      clock.now += seconds
      for _ in 0..<1000 {
        guard case .until = await till.outbox.drain().pause else { break }
        clock.now += 1
      }
      #expect(lane.sandbox.ledger.checkIns.count == 1 && lane.sandbox.ledger.receipts.count == 1)
      #expect(try await till.journal.outbox([.pending, .parked, .expired]).isEmpty)
      clock.now -= 2 * seconds
      let next = try await till.orchestrator.run(SandboxTill.order)
      #expect(next.state == .completed && next.receiptKey != sale.receiptKey)
      #expect(lane.sandbox.ledger.violations == [])
    }
  }
}
