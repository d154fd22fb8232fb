import Foundation
import PunchhSandbox
import Testing

/// Kills the till at each of its durable writes, starts it again, and looks at the world's own ledgers.
@Suite("posctl sale: kill -9 at every journalled step")
struct CrashSweepTests {
  /// One kind of day.
  struct Scenario: CustomTestStringConvertible, Sendable {
    var name: String
    var laneFaults: [String] = []
    var punchhFaults: [String] = []
    var testDescription: String { name }
  }

  static let scenarios = [
    Scenario(name: "all is well"),
    Scenario(name: "link lost after approval", laneFaults: ["--terminal-fault", "link-lost-after-approval"]),
    Scenario(name: "card declined", laneFaults: ["--terminal-fault", "declined"]),
    Scenario(name: "commit worked but was never answered", punchhFaults: ["commit=dropped*1"]),
    Scenario(name: "check-in worked but was never answered", punchhFaults: ["checkin=dropped*1"]),
  ]

  @Test(
    "each check-in exactly once, the card at most once, nothing left locked",
    arguments: scenarios, ["before", "after"])
  func sweep(scenario: Scenario, moment: String) async throws {
    var kills = 0
    for write in 1...60 {
      let counter = try await Counter(laneFaults: scenario.laneFaults, punchhFaults: scenario.punchhFaults)
      let sale = try await counter.sell("--crash-at", "\(moment):\(write)")
      let place = Comment(rawValue: "\(scenario.name), killed \(moment) write \(write)")
      guard sale.status == -9 else {
        // The sale has fewer writes than that: the sweep is complete.
        #expect(sale.status == 0 || sale.status == 1, place)
        try check(counter, place)
        await counter.tearDown()
        break
      }
      kills += 1
      let resumed = try await counter.resume()
      #expect(resumed.status == 0, "\(place): \(resumed.complaints)")
      _ = try await counter.run("outbox", "flush")
      try check(counter, place)
      // A second restart finds nothing to do.
      let again = try await counter.resume()
      #expect(again.status == 0 && again.output.isEmpty, "\(place): \(again.output)")
      await counter.tearDown()
    }
    #expect(kills >= 5, "the sweep killed nothing")
  }

  private func check(_ counter: Counter, _ place: Comment) throws {
    let ledger = counter.sandbox.ledger
    let charges = try counter.chargesOutstanding
    #expect(charges == 0 || charges == 1, place)
    #expect(ledger.checkIns.count == charges, place)
    #expect(ledger.receipts.count == charges, place)
    #expect(ledger.redemptions.count { !$0.isVoided } <= charges, place)
    #expect(ledger.accounts.allSatisfy { $0.basketLockedBy == nil }, place)
    #expect(ledger.violations.isEmpty, "\(place): \(ledger.violations)")
  }
}
