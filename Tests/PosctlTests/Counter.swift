import Foundation
import Punchh
import PunchhSandbox
import Testing

/// Puts up a counter, lets `body` sell at it, and takes it down.
func withCounter<Result>(
  laneFaults: [String] = [], punchhFaults: [String] = [], settings: SandboxSettings = Counter.settings,
  _ body: (Counter) async throws -> Result
) async throws -> Result {
  let counter = try await Counter(laneFaults: laneFaults, punchhFaults: punchhFaults, settings: settings)
  do {
    let result = try await body(counter)
    await counter.tearDown()
    return result
  } catch {
    await counter.tearDown()
    throw error
  }
}

/// A simulated counter in processes of its own, a Punchh server in this one, and tills that sell at them.
final class Counter {
  let files: TemporaryDirectory
  let sandbox: SandboxServer
  private let lane: Process
  private let announcements: FileHandle
  private let laneEnds: AsyncStream<Void>
  private var addresses: [String: String] = [:]
  /// Another printer than the counter's own.
  var printer: String?
  private let settings: SandboxSettings

  /// Puts everything up. `laneFaults` are options of `posctl simulate lane`.
  fileprivate init(
    laneFaults: [String], punchhFaults: [String], settings: SandboxSettings
  ) async throws {
    files = try TemporaryDirectory()
    self.settings = settings
    var plan = SandboxFaultPlan()
    for fault in punchhFaults { try plan.add(fault) }
    sandbox = try await SandboxServer.start(settings, faults: plan)
    lane = Posctl.process(["simulate", "lane", files.path("lane").path] + laneFaults)
    let pipe = Pipe()
    lane.standardOutput = pipe
    lane.standardError = FileHandle.nullDevice
    announcements = pipe.fileHandleForReading
    let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
    laneEnds = ends
    lane.terminationHandler = { _ in continuation.finish() }
    try lane.run()
    while addresses.count < 3 {
      let words = try #require(Self.line(from: announcements)).split(separator: " ", maxSplits: 1)
      addresses[String(words[0])] = String(words[1])
    }
  }

  /// The demo location, keys checked the way the sandbox's scheme makes them.
  static var settings: SandboxSettings {
    var settings = SandboxSettings()
    settings.keyComplaint = { key, shortKey in
      guard let key = PunchhKey(decimal: key) else { return "no key" }
      return KeyScheme.sandbox.isValid(key, shortKey: shortKey) ? nil : "wrong checksum or location"
    }
    return settings
  }

  fileprivate func tearDown() async {
    kill(lane.processIdentifier, SIGKILL)
    for await _ in laneEnds {}
    try? announcements.close()
    await sandbox.stop()
  }

  var environment: [String: String] {
    [
      "PUNCHH_LOCATION_KEY": settings.locationKey, "PUNCHH_BUSINESS_KEY": settings.businessKey,
      "ZVT_PASSWORD": "000000",
    ]
  }

  var server: String { "http://127.0.0.1:\(sandbox.port)" }
  var state: String { files.path("state").path }
  var receipts: String { files.path("receipts").path }

  /// `posctl sale run` on the burger of Examples.
  func sell(_ options: String...) async throws -> Posctl.Result {
    try await sell(["--json"] + options, hasReader: true)
  }

  /// The same as text, into a pipe that nobody reads.
  func sellUnheard() async throws -> Posctl.Result { try await sell([], hasReader: false) }

  private func sell(_ options: [String], hasReader: Bool) async throws -> Posctl.Result {
    let order = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Examples/burger.json").path
    return try await Posctl.run(
      [
        "sale", "run", "--order", order, "--scanner", addresses["scanner"] ?? "", "--receipt", receipts,
      ]
        + till + options,
      environment: environment, hasReader: hasReader)
  }

  /// `posctl sale resume`.
  func resume() async throws -> Posctl.Result {
    try await Posctl.run(["sale", "resume", "--json"] + till, environment: environment)
  }

  /// `posctl sale void` or `refund`, on the devices of the counter.
  func takeBack(_ arguments: String...) async throws -> Posctl.Result {
    try await Posctl.run(["sale"] + arguments + ["--json"] + till, environment: environment)
  }

  /// Any other verb that takes server and state.
  func run(_ arguments: String...) async throws -> Posctl.Result {
    try await Posctl.run(arguments + ["--server", server, "--state", state], environment: environment)
  }

  /// Where a device of the counter is: `scanner`, `printer` or `terminal`.
  func address(of device: String) throws -> String { try #require(addresses[device]) }

  private var till: [String] {
    [
      "--printer", printer ?? addresses["printer"] ?? "", "--terminal", addresses["terminal"] ?? "",
      "--server", server,
      "--state", state,
    ]
  }

  /// What the card terminal booked, one line a movement.
  var terminalLedger: [String] {
    get throws {
      try String(contentsOf: files.path("lane").appending(path: "terminal-ledger"), encoding: .utf8)
        .split(separator: "\n").map(String.init)
    }
  }

  /// Charges less reversals.
  var chargesOutstanding: Int {
    get throws {
      try terminalLedger.reduce(0) { sum, line in
        sum + (line.hasPrefix("charge ") ? 1 : line.hasPrefix("reversal ") ? -1 : 0)
      }
    }
  }

  /// Receipts that came out of the printer whole. Waits for the printer to have noticed `connections` hang-ups.
  func wholeReceipts(connections: Int) throws -> Int {
    var whole = 0
    for _ in 0..<connections {
      let line = try #require(Self.line(from: announcements))
      if line.hasSuffix(": 1 cut(s)") { whole += 1 }
    }
    return whole
  }

  private static func line(from handle: FileHandle) -> String? {
    var bytes: [UInt8] = []
    while let byte = try? handle.read(upToCount: 1)?.first {
      if byte == 0x0A { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte)
    }
    return nil
  }
}
