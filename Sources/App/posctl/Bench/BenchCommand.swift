import ArgumentParser
import POSJSON
import POSLinux
import POSModel

/// `posctl bench`: what things cost on this machine.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measures what drivers and journal cost on this machine.",
    subcommands: [DeviceBenchCommand.self, OutboxBenchCommand.self, LaneBenchCommand.self],
    defaultSubcommand: DeviceBenchCommand.self)
}

/// `posctl bench`, or `posctl bench devices`.
struct DeviceBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices",
    abstract: "Measures what the drivers cost on this machine, beside what the kernel costs.",
    discussion: """
      A scan from the device's write, and from the driver's read, to a subscriber, beside a bare hop from a pipe to a
      task in the same run; what opening and closing leaves behind. Where the kernel has virtual USB ports
      (sudo modprobe vhci-hcd, as root), also hidraw, hot-plug, and a print of 1 MB beside cat FILE > /dev/usb/lp0.
      """
  )

  @Option(help: "How many scans are timed.")
  var rounds = 1000

  @Option(help: "How often devices are plugged in and pulled out, or a line is opened and closed.")
  var hotplugs = 1000

  @Flag(help: "Prints JSON lines.")
  var json = false

  func validate() throws {
    guard (1...1_000_000).contains(rounds), (1...1_000_000).contains(hotplugs) else {
      throw ValidationError("--rounds and --hotplugs take 1 to 1000000")
    }
  }

  func run() async throws {
    let hasPorts = VirtualUSBPort.mayBeUsed
    var routes = [try ScanBenchmark.line()]
    if hasPorts { routes.append(try await ScanBenchmark.hidraw()) }
    let (hop, scans) = try await ScanBenchmark.run(routes, rounds: rounds)
    show("hop", "from a pipe to a task", hop)
    for scan in scans {
      show(
        "scan", "\(scan.name): from the device's write to a subscriber", scan.whole, against: hop, scan.name)
      show(
        "decode", "\(scan.name): from the driver's read to a subscriber", scan.driver, against: hop, scan.name
      )
    }
    guard hasPorts else {
      show(
        "reopening", "\(hotplugs) times open and close", try await HotPlugBenchmark.reopening(times: hotplugs)
      )
      if json {
        Console.print(["type": "bench", "name": "skipped", "reason": "no virtual USB ports: tools/lab"])
      } else {
        Console.print("without virtual USB ports no more can be measured; tools/lab has them")
      }
      return
    }
    let (attached, detached) = try await HotPlugBenchmark.latency(rounds: min(20, hotplugs))
    show("attached", "from the kernel's news to attached", attached)
    show("detached", "from the kernel's news to detached", detached)
    let (ours, cat) = try await PrintBenchmark.run(rounds: 3)
    show("print", "1 MB to usblp", ours, against: cat)
    show("cat", "1 MB to usblp by cat", cat)
    show("hotplug", "\(hotplugs) times in and out", try await HotPlugBenchmark.storm(plugs: hotplugs))
  }

  private func show(
    _ name: String, _ what: String, _ latencies: Latencies, against base: Latencies? = nil,
    _ route: String? = nil
  ) {
    guard json else {
      let ratio = base.map { ", \(latencies.percent(of: $0)) % of the comparison" } ?? ""
      return Console.print("\(name): \(what): \(latencies.text)\(ratio)")
    }
    var line: JSONLine = ["type": "bench", "name": .string(name)]
    if let route { line["route"] = .string(route) }
    latencies.fill(&line)
    if let base { line["percent"] = JSONValue(latencies.percent(of: base)) }
    Console.print(line)
  }

  private func show(_ name: String, _ what: String, _ use: (before: ResourceUse, after: ResourceUse)) {
    guard json else {
      return Console.print("\(name): \(what): \(use.before.text) before, \(use.after.text) after")
    }
    Console.print([
      "type": "bench", "name": .string(name), "times": JSONValue(hotplugs),
      "descriptors_before": JSONValue(use.before.descriptors),
      "descriptors_after": JSONValue(use.after.descriptors),
      "threads_before": JSONValue(use.before.threads), "threads_after": JSONValue(use.after.threads),
      "rss_kb_before": JSONValue(use.before.memory), "rss_kb_after": JSONValue(use.after.memory),
    ])
  }
}
