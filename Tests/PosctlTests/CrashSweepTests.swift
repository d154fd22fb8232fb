import ESCPOS
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
    // A sale has some ten durable writes; the sweep ends with the first one that is not there.
    while kills < 60, try await isKilled(scenario, at: "\(moment):\(kills + 1)") { kills += 1 }
    #expect((5..<60).contains(kills))
  }

  /// Sells, killed at `point`, and sells on after a restart; `false` when the sale does not come to that point.
  private func isKilled(_ scenario: Scenario, at point: String) async throws -> Bool {
    let place = Comment(rawValue: "\(scenario.name), killed \(point)")
    return try await withCounter(laneFaults: scenario.laneFaults, punchhFaults: scenario.punchhFaults) {
      counter in
      let sale = try await counter.sell("--crash-at", point)
      let isKilled = sale.status == -9
      if isKilled {
        let resumed = try await counter.resume()
        #expect(resumed.status == 0, "\(place): \(resumed.complaints)")
      } else {
        #expect(sale.status == 0 || sale.status == 1, "\(place): \(sale.complaints)")
      }
      _ = try await counter.run("outbox", "flush")
      try check(counter, place)
      // Another restart finds nothing to do.
      let again = try await counter.resume()
      #expect(again.status == 0 && again.output.isEmpty, "\(place): \(again.output)")
      return isKilled
    }
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

  /// `POS_SWEEP=1` kills the till at every place, the ordinary run at some.
  static let receiptPlaces: [String] = {
    let isWhole = ProcessInfo.processInfo.environment["POS_SWEEP"] != nil
    return stride(from: 0, to: 1600, by: isWhole ? 32 : 500).map { "sent:\($0)" }
      + (isWhole ? 1...20 : 8...13).flatMap { ["before:\($0)", "after:\($0)"] }
  }()

  @Test("the receipt follows the queue's rules: at most once, exactly once when it says printed")
  func receipts() async throws {
    var seen: Set<String> = []
    for point in Self.receiptPlaces {
      try await withCounter { counter in
        let paper = try PaperCounter()
        counter.printer = paper.address
        let sale = try await counter.sell("--crash-at", point)
        if sale.status == -9 {
          let resumed = try await counter.resume()
          #expect(resumed.status == 0, "\(point): \(resumed.complaints)")
        }
        let queue = try await Posctl.run(
          "printer", "queue", "list", "--all", "--json", "--state", counter.state)
        let states = try queue.lines.compactMap { $0["state"] as? String }.filter { $0 != "cancelled" }
        let pages = await paper.pages()
        let lines = pages.flatMap(\.lines).map { String(String.UnicodeScalarView($0)) }
        let begins = lines.count { $0.hasPrefix("Check 1042 ") }
        let cuts = pages.reduce(0) { $0 + $1.cuts.count }
        #expect(begins <= 1 && cuts <= 1, "\(point): \(lines)")
        // What is paid for has one receipt, printed or looked for; nothing waits that nobody thinks of.
        #expect(states.count == (try counter.chargesOutstanding), "\(point): \(states)")
        #expect(states.allSatisfy { $0 == "printed" || $0 == "unknown" }, "\(point): \(states)")
        if states == ["printed"] { #expect(begins == 1 && cuts == 1, "\(point): \(lines)") }
        seen.formUnion(states)
      }
    }
    #expect(seen == ["printed", "unknown"])
  }
}
