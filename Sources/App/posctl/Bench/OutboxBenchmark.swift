import FoundationEssentials
import POSJournal
import POSLinux
import POSLoyalty
import POSModel
import POSTransport
import Punchh

/// What it costs to accept check-ins, beside one `fdatasync`, and to send thousands of them.
struct OutboxBenchmark {
  let journal: Journal
  let provider: PunchhProvider
  private let clock = BenchmarkClock()
  private let directory: String
  private let guest: Guest
  private let configuration: LocationConfiguration
  private var number = WallTime.now.milliseconds / 10

  /// A journal in `directory`, which must not be there; the guest is the sandbox's.
  init(in directory: String, provider: PunchhProvider, phone: String) async throws(DeviceError) {
    self.directory = directory
    self.provider = provider
    var options = Journal.Options()
    options.now = clock.now
    journal = try await Journal.open(in: directory, options: options)
    configuration = try await provider.configuration()
    guest = try await provider.findGuest(GuestCode(kind: .phone, value: phone))
  }

  /// A batch that puts so many check-ins into the outbox, each of a check of its own.
  private mutating func batch(of count: Int = 1) throws(DeviceError) -> JournalBatch {
    var batch = JournalBatch()
    for _ in 0..<count {
      number += 1
      var check = CheckSnapshot(
        identity: CheckIdentity(
          externalID: "bench-\(number)", checkNumber: "\(number % 10_000)", transactionNumber: number,
          receiptKey: "", openedAt: clock.now().iso8601(secondsFromUTC: 0)),
        order: CertificationLane.order(check: "\(number % 10_000)"))
      check.identity.receiptKey = try provider.receiptKey(for: check.identity, configuration: configuration)
      let content = OutboxContent.checkIn(CertificationLane.paid(check), guest)
      batch.enqueue(try OutboxItem(content, of: check.identity.externalID, for: provider.identity))
    }
    return batch
  }

  /// One check-in after the other, by turns with a bare `fdatasync` of a block of 4096 bytes.
  mutating func accept(rounds: Int) async throws(DeviceError) -> (sync: Latencies, accept: Latencies) {
    let bare = try BareSync(directory + "/bare")
    var (sync, accept) = (Latencies(), Latencies())
    // The first rounds let both files grow and are not counted.
    for round in -rounds / 2..<rounds {
      let durationOfSync = try bare.measure(bytes: 4096)
      let batch = try batch()
      let start = Reactor.shared.now
      try await journal.commit(batch)
      let duration = Reactor.shared.now - start
      guard round >= 0 else { continue }
      sync.append(durationOfSync)
      accept.append(duration)
    }
    return (sync, accept)
  }

  /// How long so many check-ins take, one by one and from so many callers at once.
  mutating func together(_ count: Int, callers: Int) async throws(DeviceError) -> (
    alone: Duration, together: Duration
  ) {
    var batches: [JournalBatch] = []
    for _ in 0..<2 * count { batches.append(try batch()) }
    let clock = Reactor.shared
    var start = clock.now
    for batch in batches[..<count] { try await journal.commit(batch) }
    let alone = clock.now - start
    let (journal, rest) = (journal, Array(batches[count...]))
    start = clock.now
    let failure = await withTaskGroup(of: DeviceError?.self) { group in
      for caller in 0..<callers {
        group.addTask {
          do throws(DeviceError) {
            for index in stride(from: caller, to: rest.count, by: callers) {
              try await journal.commit(rest[index])
            }
            return nil
          } catch { return error }
        }
      }
      return await group.reduce(nil) { $0 ?? $1 }
    }
    if let failure { throw failure }
    return (alone, clock.now - start)
  }

  /// Puts check-ins into the outbox until so many wait.
  mutating func fill(to count: Int) async throws(DeviceError) {
    var waiting = try await journal.outbox([.pending], limit: .max).count
    while waiting < count {
      let piece = min(200, count - waiting)
      try await journal.commit(try batch(of: piece))
      waiting += piece
    }
  }

  /// Sends what waits; after each `piece` of it says how many are out and what the process holds.
  func drain(
    piece: Int, _ report: (_ sent: Int, _ took: Duration, _ use: ResourceUse) -> Void
  ) async throws(DeviceError) -> Int {
    let sender = OutboxSender(
      provider: provider, journal: journal, clock: TillClock(monotonic: ManualClock(), now: clock.now))
    let start = Reactor.shared.now
    var sent = 0
    while true {
      let turn = await sender.drain(limit: piece)
      for delivery in turn.deliveries {
        guard case .done = delivery.verdict else {
          throw DeviceError(
            .loyaltyRefused, during: "sending \(delivery.name)", detail: "\(delivery.verdict)")
        }
      }
      sent += turn.deliveries.count
      if !turn.deliveries.isEmpty { report(sent, Reactor.shared.now - start, ResourceUse()) }
      switch turn.pause {
      case .enough: continue
      case .empty: return sent
      // The distance between two sendings of one key, and pauses, need no time here.
      case .until(let due), .halted(let due): clock.advance(to: due)
      case .failed(let error): throw error
      }
    }
  }
}

/// Civil time that goes on only where the benchmark would wait.
private final class BenchmarkClock: Sendable {
  private let time = Lock(WallTime.now)

  var now: @Sendable () -> WallTime { { self.time.withLock { $0 } } }

  func advance(to due: WallTime) { time.withLock { $0 = max($0, due) } }
}
