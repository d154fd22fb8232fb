import Foundation
import POSJournal
import POSLoyalty
import POSModel
import POSTransport
import Punchh
import Synchronization

/// The till of the model test, in a process of its own so that it can really be killed: several lanes on one journal,
/// a card network in a file that outlives it, a Punchh server on a port of this machine.
///
///     ModelTill STATE NETWORK PORT
///
/// Commands come on standard input, one a line, and are answered on standard output: `sell LANE NOW AMOUNT PLAN KIND
/// CODE` (KIND `-`: no guest), `recover NOW`, `die MOMENT NUMBER` (at that durable write from now on). Times are in
/// milliseconds since 1970. It ends orderly when its input does.
@main
struct ModelTill {
  private let journal: Journal
  private let outbox: OutboxSender
  private let lanes: [SaleOrchestrator]
  private let network: CardNetwork
  private let clock: TillClock
  private let time: ModelTime
  private let death: Death

  static func main() async {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, let port = Int(arguments[3]) else { exit(2) }
    do {
      let till = try await ModelTill(state: arguments[1], network: arguments[2], port: port)
      await till.serve()
    } catch {
      say("failed \(error)")
      exit(1)
    }
  }

  private init(state: String, network path: String, port: Int) async throws {
    let time = ModelTime()
    let death = Death()
    clock = TillClock(monotonic: ManualClock(), now: { time.now }, secondsFromUTC: 0)
    var options = Journal.Options()
    options.now = clock.now
    options.onCommit = { death.pass($0.moment) }
    journal = try await Journal.open(in: state, options: options)
    let provider = PunchhProvider(
      PunchhConfiguration(
        server: try ServerURL("http://127.0.0.1:\(port)"),
        keys: try PunchhKeys(location: "sandbox-location-key", business: "sandbox-business-key"),
        userAgent: try UserAgent(integrator: "SwiftPOS", version: "0.2")), clock: nil)
    outbox = OutboxSender(provider: provider, journal: journal, clock: clock)
    network = CardNetwork(path: path)
    let (journal, outbox, network, clock) = (journal, outbox, network, clock)
    lanes = (0..<3).map { lane in
      SaleOrchestrator(
        provider: provider, terminal: ModelTerminal(lane: lane, network: network, journal: journal),
        printer: ModelPrinter(), journal: journal, outbox: outbox, clock: clock)
    }
    self.time = time
    self.death = death
  }

  private func serve() async {
    Self.say("ready")
    await withTaskGroup(of: Void.self) { group in
      let (lines, continuation) = AsyncStream.makeStream(of: String.self)
      // Reading blocks, so it has a thread of its own.
      Thread.detachNewThread {
        while let line = readLine() { continuation.yield(line) }
        continuation.finish()
      }
      for await line in lines {
        let words = line.split(separator: " ").map(String.init)
        switch words.first {
        case "sell": group.addTask { await self.sell(words) }
        case "recover": await recover(words)
        case "die": death.plan(words)
        default: exit(2)
        }
      }
    }
    await journal.close()
  }

  private func sell(_ words: [String]) async {
    guard words.count == 7, let lane = Int(words[1]), let now = Int64(words[2]), let amount = Int64(words[3]),
      let plan = Int(words[4])
    else { exit(2) }
    time.set(now)
    network.plan(plan, for: "model-\(lane)")
    let codes = GuestCode.Kind(rawValue: words[5]).map { [GuestCode(kind: $0, value: words[6])] } ?? []
    let order = Order(
      checkNumber: "M\(lane)", currency: .usDollar,
      lines: [Order.Line(name: "Food", amount: amount, itemID: "101")])
    do {
      let summary = try await lanes[lane].run(order, attendant: UnattendedSale(codes: codes))
      let key = summary.receiptKey.isEmpty ? "-" : summary.receiptKey
      Self.say("sold \(lane) \(summary.id) \(summary.state.rawValue) \(key)")
    } catch {
      Self.say("unsold \(lane) \(error.code.rawValue)")
    }
  }

  private func recover(_ words: [String]) async {
    guard words.count == 2, let now = Int64(words[1]) else { exit(2) }
    time.set(now)
    do {
      let recovery = SaleRecovery(orchestrator: lanes[0], journal: journal, keeping: .seconds(400 * 86_400))
      _ = try await recovery.run(now: clock.now())
      for _ in 0..<40 {
        time.pass(2_000)
        guard case .until(let due) = await outbox.drain().pause else { break }
        time.pass(max(0, due.milliseconds - time.now.milliseconds))
      }
      Self.say("recovered \(time.now.milliseconds)")
    } catch {
      Self.say("unrecovered \(time.now.milliseconds) \(error.code.rawValue)")
    }
  }

  private static func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = write(STDOUT_FILENO, bytes, bytes.count)
  }
}

/// The till's time of day, as the test says it is.
private final class ModelTime: Sendable {
  private let milliseconds = Mutex<Int64>(1_790_000_000_000)

  var now: WallTime { WallTime(milliseconds: milliseconds.withLock { $0 }) }
  func set(_ time: Int64) { milliseconds.withLock { $0 = time } }
  func pass(_ span: Int64) { milliseconds.withLock { $0 += span } }
}

/// Kills the process at a durable write.
private final class Death: Sendable {
  private let plan = Mutex<(moment: Journal.CommitPoint.Moment, rest: Int)?>(nil)

  func plan(_ words: [String]) {
    guard words.count == 3, let moment = Journal.CommitPoint.Moment(rawValue: words[1]),
      let number = Int(words[2])
    else { exit(2) }
    plan.withLock { $0 = (moment, number) }
  }

  func pass(_ moment: Journal.CommitPoint.Moment) {
    plan.withLock { plan in
      guard plan?.moment == moment else { return }
      plan?.rest -= 1
      if plan?.rest == 0 { kill(getpid(), SIGKILL) }
    }
  }
}
