import ArgumentParser
import FoundationEssentials
import POSJSON
import POSJournal
import POSLinux
import POSModel
import PunchhSandbox

/// `posctl bench outbox`.
struct OutboxBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "outbox",
    abstract: "Measures the journal and the outbox beside one fdatasync.",
    discussion: """
      Accepting a check-in, one by one and from many callers at once, beside a bare fdatasync of the same run; then
      sending thousands of check-ins to a sandbox: the rate, and the memory after each tenth. Civil time is the
      benchmark's own: the second between two sendings of one key is not waited out. Without --server the sandbox is
      in this process, and its books count as memory; to leave them out:

        posctl simulate punchh --port 8099 & posctl bench outbox --server http://127.0.0.1:8099
      """)

  @OptionGroup var loyalty: LoyaltyOptions

  @Option(help: "How many check-ins are sent.")
  var items = 10_000

  @Option(help: "How many check-ins are accepted one by one, and how many together.")
  var rounds = 1000

  @Option(help: "How many callers accept check-ins at once.")
  var callers = 64

  @Option(help: "A folder on the disk that is measured; by default the one for temporary files.")
  var folder: String?

  @Flag(help: "Prints JSON lines.")
  var json = false

  func validate() throws {
    guard (1...1_000_000).contains(items), (1...1_000_000).contains(rounds), (1...4096).contains(callers)
    else {
      throw ValidationError("--items and --rounds take 1 to 1000000, --callers 1 to 4096")
    }
  }

  func run() async throws {
    let manager = FileManager.default
    let directory = (folder ?? manager.temporaryDirectory.path) + "/posctl-bench-\(UUID().uuidString)"
    defer { try? manager.removeItem(atPath: directory) }
    var loyalty = loyalty
    var sandbox: SandboxServer?
    if loyalty.server == nil {
      let started = try await SimulatePunchh.start()
      loyalty.server = "http://127.0.0.1:\(started.port)"
      sandbox = started
    }
    do {
      try await measure(in: directory, with: loyalty)
      await sandbox?.stop()
    } catch {
      await sandbox?.stop()
      throw error
    }
  }

  private func measure(in directory: String, with loyalty: LoyaltyOptions) async throws(DeviceError) {
    var benchmark = try await OutboxBenchmark(
      in: directory, provider: try loyalty.provider(currency: .usDollar), phone: SandboxGuest.generous.phone)
    let (sync, accept) = try await benchmark.accept(rounds: rounds)
    show("fdatasync", "one write of 4096 bytes and one fdatasync", sync)
    show("accept", "one check-in accepted, on the disk", accept, against: sync)
    let (alone, together) = try await benchmark.together(rounds, callers: callers)
    show("group", alone: alone, together: together)
    try await benchmark.fill(to: items)
    let before = ResourceUse()
    show(sent: 0, .zero, before)
    let sent = try await benchmark.drain(piece: max(1, items / 10)) { sent, took, use in
      show(sent: sent, took, use)
    }
    guard sent >= items else {
      throw DeviceError(
        .loyaltyRefused, during: "measuring the outbox", detail: "\(sent) of \(items) were delivered")
    }
    await benchmark.journal.close()
  }

  private func show(_ name: String, _ what: String, _ latencies: Latencies, against base: Latencies? = nil) {
    guard json else {
      let ratio = base.map { ", \(latencies.percent(of: $0)) % of the comparison" } ?? ""
      return Console.print("\(name): \(what): \(latencies.text)\(ratio)")
    }
    var line: JSONLine = ["type": "bench", "name": .string(name)]
    latencies.fill(&line)
    if let base { line["percent"] = JSONValue(latencies.percent(of: base)) }
    Console.print(line)
  }

  private func show(_ name: String, alone: Duration, together: Duration) {
    let (one, many) = (Latencies.nanoseconds(alone), max(1, Latencies.nanoseconds(together)))
    let rates = (one: Int64(rounds) * 1_000_000_000 / max(1, one), many: Int64(rounds) * 1_000_000_000 / many)
    guard json else {
      return Console.print(
        "\(name): \(rates.one) check-ins/s one by one, \(rates.many) from \(callers) callers at once, \(one * 100 / many) % of it"
      )
    }
    Console.print([
      "type": "bench", "name": .string(name), "callers": JSONValue(callers),
      "one_by_one": JSONValue(rates.one),
      "together": JSONValue(rates.many), "percent": JSONValue(one * 100 / many),
    ])
  }

  private func show(sent: Int, _ took: Duration, _ use: ResourceUse) {
    let nanoseconds = Latencies.nanoseconds(took)
    let rate = nanoseconds > 0 ? Int64(sent) * 1_000_000_000 / nanoseconds : 0
    guard json else { return Console.print("drain: \(sent) sent, \(rate) a second, \(use.memory) kB") }
    Console.print([
      "type": "bench", "name": "drain", "sent": JSONValue(sent), "per_second": JSONValue(rate),
      "rss_kb": JSONValue(use.memory),
    ])
  }
}
