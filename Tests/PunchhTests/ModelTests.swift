import Foundation
import POSJournal
import POSModel
import PunchhSandbox
import TestSupport
import Testing

/// Random sales on up to three lanes at once with random faults, against the sandbox over loopback, by a till that is
/// really killed: at random instants and at random durable writes, while it sells, starts and recovers. Afterwards
/// the sandbox's world, the card network's book and the till's journal must tell one story.
///
/// `POS_MODEL_SALES` is how many sales, 250 unless it is set; `POS_MODEL_SEED` what the chance starts from. Each 250
/// have a world of their own, whose seed is one more than that of the world before: what fails at 10,000 is found
/// again by the seed in its message. Chance decides all but how far a till has come at the instant of a kill.
@Suite("Random sales, random faults, kill -9", .timeLimit(.minutes(60)))
struct ModelTests {
  private static let sales =
    ProcessInfo.processInfo.environment["POS_MODEL_SALES"].flatMap { Int($0) } ?? ModelWorld.most
  private static let seed = ProcessInfo.processInfo.environment["POS_MODEL_SEED"].flatMap { UInt64($0) } ?? 7

  @Test("every accepted check-in is there once, nothing is redeemed unpaid, no basket is locked")
  func model() async throws {
    var counts = ModelCounts()
    var (seed, rest) = (Self.seed, Self.sales)
    while rest > 0 {
      counts += try await ModelWorld.run(seed: seed, sales: min(rest, ModelWorld.most))
      (seed, rest) = (seed + 1, rest - ModelWorld.most)
      if Self.sales > ModelWorld.most { print("model: up to seed \(seed - 1): \(counts.text)") }
    }
    print("model: \(counts.text)")
    #expect(counts.sales == Self.sales)
    #expect(counts.checkIns > 0 && counts.redemptions > 0 && counts.kills > 0)
  }
}

/// What the model has seen.
struct ModelCounts {
  var sales = 0
  var faults = 0
  var killsAtAnInstant = 0
  var killsAtAWrite = 0
  var checkIns = 0
  var receipts = 0
  var charges = 0
  var redemptions = 0
  /// Check-ins whose code had died while the server was away: those guests claim their receipts.
  var refused = 0

  var kills: Int { killsAtAnInstant + killsAtAWrite }

  var text: String {
    """
    \(sales) sales, \(faults) faults planned, \(killsAtAnInstant) kills at an instant, \(killsAtAWrite) at a write; \
    \(checkIns) check-ins, \(refused) refused for dead codes, \(receipts) receipts, \(charges) charges, \
    \(redemptions) redemptions, each right
    """
  }

  static func += (left: inout Self, right: Self) {
    left.sales += right.sales
    left.faults += right.faults
    left.killsAtAnInstant += right.killsAtAnInstant
    left.killsAtAWrite += right.killsAtAWrite
    left.checkIns += right.checkIns
    left.receipts += right.receipts
    left.charges += right.charges
    left.redemptions += right.redemptions
    left.refused += right.refused
  }
}
