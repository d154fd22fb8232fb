import ArgumentParser
import POSModel
import Punchh
import PunchhSandbox

/// `posctl simulate punchh`.
struct SimulatePunchh: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "punchh",
    abstract: "A Punchh server on this machine, with a location, a guest and strict rules.",
    discussion: """
      Keys: location \(SandboxSettings().locationKey), business \(SandboxSettings().businessKey). What happened \
      so far is at URL/sandbox/ledger. The guest's single scan code is \(SimulatedCounter.demoCode); as in the \
      app it dies \(SandboxSettings().codeLifetime) seconds after the start, then start the server again or look \
      the guest up by \(SandboxGuest.demo.phone).

      Faults are ROUTE=FAULT or ROUTE=FAULT*TIMES; ROUTE is one of \
      \(SandboxRoute.allCases.map(\.rawValue).joined(separator: " ")) all \
      and FAULT one of \
      \(SandboxFault.allCases.map(\.rawValue).joined(separator: " ")).
      """
  )

  @Option(help: "The port; 0 for any free one.")
  var port: UInt16 = 0

  @Option(name: .customLong("fault"), help: "A fault plan; may be given several times.")
  var faults: [String] = []

  @Option(help: "A file that gets one line for each credited check-in.")
  var checkInLog: String?

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    let server = try await Self.start(port: Int(port), faults: faults, checkInLog: checkInLog)
    SimulateCommand.announce("punchh", "http://127.0.0.1:\(server.port)", json: json)
    try await Forever.wait()
  }

  /// A sandbox that also looks at keys the way the shipped scheme makes them.
  static func start(
    port: Int = 0, faults: [String] = [], checkInLog: String? = nil
  ) async throws(DeviceError) -> SandboxServer {
    var plan = SandboxFaultPlan()
    for fault in faults { try plan.add(fault) }
    return try await SandboxServer.start(settings, port: port, faults: plan, checkInLog: checkInLog)
  }

  /// A location with two guests.
  static var settings: SandboxSettings {
    var settings = SandboxSettings()
    settings.guests = [.demo, .generous]
    settings.header = "Burger Barn\n12 High Street"
    settings.trailers = ["Scan me in the app", "and earn points for this check"]
    settings.keyComplaint = { key, shortKey in
      guard let key = PunchhKey(decimal: key), let parts = KeyScheme.sandbox.decode(key) else {
        return "the key's checksum is wrong"
      }
      return parts.shortKey == shortKey ? nil : "the key is of another location"
    }
    return settings
  }
}

/// Waiting for a signal that ends the process.
enum Forever {
  /// Returns when the task is cancelled.
  static func wait() async throws {
    let (nothing, never) = AsyncStream.makeStream(of: Never.self)
    for await _ in nothing {}
    never.finish()
  }
}
