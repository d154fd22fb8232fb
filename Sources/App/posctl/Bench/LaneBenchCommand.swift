import ArgumentParser
import FoundationEssentials
import POSJSON
import POSJournal
import POSLinux
import POSLoyalty
import POSModel

/// `posctl bench lane`.
struct LaneBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lane",
    abstract: "Measures a lane that waits for a guest, in one process: its memory and its start.",
    discussion: """
      Journal, outbox, Punchh client and orchestrator as on a handheld, without a daemon; the sale is open and waits
      for a code. No server is needed: the lane starts without one.
      """)

  @OptionGroup var loyalty: LoyaltyOptions

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    let begin = Reactor.shared.now
    let directory = FileManager.default.temporaryDirectory.path + "/posctl-bench-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    var loyalty = loyalty
    loyalty.server = loyalty.server ?? "http://127.0.0.1:9"
    let provider = try loyalty.provider(currency: .usDollar)
    let journal = try await Journal.open(in: directory)
    let outbox = OutboxSender(provider: provider, journal: journal, clock: .system)
    let till = SaleOrchestrator(
      provider: provider, terminal: CertificationTerminal(), printer: CertificationPaper(), journal: journal,
      outbox: outbox, clock: .system)
    let (waiting, waits) = AsyncStream.makeStream(of: Void.self)
    let sale = Task { try await till.run(CertificationLane.order(), attendant: Idle(waits: waits)) }
    for await _ in waiting { break }
    let start = Reactor.shared.now - begin
    let use = ResourceUse()
    if json {
      Console.print([
        "type": "bench", "name": "lane", "start_ns": JSONValue(Latencies.nanoseconds(start)),
        "rss_kb": JSONValue(use.memory), "threads": JSONValue(use.threads),
        "descriptors": JSONValue(use.descriptors),
      ])
    } else {
      Console.print("lane: waits for a guest after \(Latencies.microseconds(start)): \(use.text)")
    }
    sale.cancel()
    _ = await sale.result
    await journal.close()
  }

  /// A guest who does not come until the lane is closed.
  private struct Idle: SaleAttendant {
    let waits: AsyncStream<Void>.Continuation
    private let never = AsyncStream.makeStream(of: Void.self)

    init(waits: AsyncStream<Void>.Continuation) { self.waits = waits }

    func code(after refusal: DeviceError?) async -> [GuestCode] {
      waits.yield()
      for await _ in never.stream {}
      return []
    }

    func decide(at amount: Money, of sale: SaleRecord, after refusal: DeviceError?) async -> TenderDecision {
      .giveUp
    }
  }
}
