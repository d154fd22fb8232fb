import Benchmark
import Measure
import POSJournal
import POSLoyalty
import POSModel
import POSTransport

let benchmarks: @Sendable () -> Void = {
  sale("sale")
}

/// One whole single-scan sale: code, guest, reward, quote, payment, commit, print, check-in.
///
/// Network, card and paper are the tests' own, and answer at once; the journal is a real one.
private func sale(_ name: String) {
  let world = World()
  let opened = Opened(in: world)
  Benchmark.measure(
    name,
    preparing: {
      _ = try await opened.till().sendEverything()
      world.change { $0.isBasketFull = true }
    }
  ) {
    let till = try await opened.till()
    let summary = try await till.orchestrator.run(
      Sample.order, attendant: UnattendedSale(codes: [Sample.code]))
    precondition(summary.state == .completed && summary.isRedeemed == true && summary.print == .printed)
    return summary
  }
}

/// A till that is started once.
private actor Opened {
  private let scratch = Scratch()
  private let world: World
  private var opened: Till?

  init(in world: World) { self.world = world }

  func till() async throws -> Till {
    if let opened { return opened }
    let till = try await Till(in: world, at: scratch.path, clock: HandClock())
    opened = till
    return till
  }
}
