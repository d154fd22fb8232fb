import Foundation
import POSJournal
import POSLoyalty
import POSModel
import POSTransport

/// One process of the till on a state directory, in a world.
struct Till {
  let journal: Journal
  let orchestrator: SaleOrchestrator
  let outbox: OutboxSender
  let clock: HandClock
  let monotonic: ManualClock

  /// Starts the process.
  ///
  /// - Parameters:
  ///   - crash: the side of a durable write at which it dies.
  ///   - takesGiftCards: whether it knows the book of gift cards.
  ///   - maximumBytes: what its disk has room for.
  init(
    in world: World, at path: String, clock: HandClock, crash: Journal.CommitPoint? = nil,
    policy: SalePolicy? = nil, takesGiftCards: Bool = true, maximumBytes: Int64? = nil
  ) async throws {
    var options = Journal.Options()
    if let maximumBytes { options.maximumBytes = maximumBytes }
    options.now = { clock.now }
    options.onCommit = { point throws(DeviceError) in
      guard point == crash else { return }
      world.change { $0.isDead = true }
      throw DeviceError(.cancelled, during: "crashing")
    }
    self.clock = clock
    monotonic = ManualClock()
    journal = try await Journal.open(in: path, options: options)
    let tillClock = TillClock(monotonic: monotonic, now: { clock.now }, secondsFromUTC: 3600)
    let provider = FakeProvider(world: world)
    outbox = OutboxSender(provider: provider, journal: journal, clock: tillClock)
    orchestrator = SaleOrchestrator(
      provider: provider, terminal: FakeTerminal(world: world, journal: journal),
      printer: FakePrinter(world: world), journal: journal, outbox: outbox, clock: tillClock,
      guestTenders: takesGiftCards ? [FakeGiftCard(world: world)] : [], policy: policy)
  }

  /// Sends what waits, moving the clock on instead of waiting; at most `rounds` pauses.
  func sendEverything(rounds: Int = 20) async -> OutboxSender.Report {
    var report = OutboxSender.Report()
    for _ in 0..<rounds {
      let more = await outbox.drain()
      report = OutboxSender.Report(deliveries: report.deliveries + more.deliveries, pause: more.pause)
      guard case .until(let due) = more.pause else { break }
      clock.advance(due - clock.now)
    }
    return report
  }

  func recover() async throws -> [SaleRecovery.Outcome] {
    try await SaleRecovery(orchestrator: orchestrator, journal: journal).run(now: clock.now)
  }
}

/// A directory that lives as long as a test; in memory where the system allows, for sweeps write a lot.
final class Scratch {
  private static let memory = "/dev/shm"
  private static let root =
    FileManager.default.isWritableFile(atPath: memory) ? memory : FileManager.default.temporaryDirectory.path
  let path = root + "/till-\(UUID().uuidString)"

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
