import Foundation
import Testing

/// Other programs, above all the built `posctl`.
enum Program {
  struct Result: CustomStringConvertible {
    var status: Int32
    var output: String
    var complaints: String

    var description: String { "status \(status)\n\(output)\n\(complaints)" }
  }

  /// The folder of the test runner, where `posctl` is too.
  private static let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent()

  static var posctl: URL { folder.appending(path: "posctl") }

  /// The sample check.
  static var order: String { root + "/Examples/burger.json" }

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// What the sandbox takes for keys.
  static let keys = [
    "PUNCHH_LOCATION_KEY": "sandbox-location-key", "PUNCHH_BUSINESS_KEY": "sandbox-business-key",
  ]

  /// A new folder.
  static func folder(forPlainUser isPlain: Bool = false) throws -> String {
    let path = FileManager.default.temporaryDirectory.path + "/lab-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true,
      attributes: [.posixPermissions: isPlain ? 0o777 : 0o700])
    if isPlain { try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: path) }
    return path
  }

  /// Runs `posctl` to its end, if wanted as a user without any rights.
  static func run(
    _ arguments: [String], environment: [String: String] = [:], asPlainUser: Bool = false
  ) async throws -> Result {
    try await run(asPlainUser ? plainly : posctl, (asPlainUser ? plainUser : []) + arguments, environment)
  }

  private static let plainly = URL(filePath: "/usr/bin/setpriv")
  private static let plainUser = ["--reuid=12345", "--regid=12345", "--clear-groups", "--", posctl.path]

  /// Waits until udev has applied its rules.
  static func settleRules() async throws {
    _ = try await run(URL(filePath: "/usr/bin/udevadm"), ["settle", "-t", "10"], [:])
  }

  /// Waits until udev has made a node.
  static func wait(for node: String) async throws {
    let result = try await run(URL(filePath: "/usr/bin/udevadm"), ["wait", "--timeout=30", node], [:])
    try #require(result.status == 0, "\(result)")
  }

  /// Runs another program to its end.
  static func run(
    _ program: URL, _ arguments: [String], _ environment: [String: String]
  ) async throws -> Result {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = environment.merging([
      "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent",
    ]) {
      given, _ in given
    }
    let folder = try folder()
    let files = ["/stdout", "/stderr"].map { folder + $0 }
    for file in files { try Data().write(to: URL(filePath: file)) }
    let handles = try files.map { try FileHandle(forWritingTo: URL(filePath: $0)) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = handles[0]
    process.standardError = handles[1]
    let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
    process.terminationHandler = { _ in continuation.finish() }
    try process.run()
    for await _ in ends {}
    for handle in handles { try handle.close() }
    let texts = try files.map { try String(contentsOfFile: $0, encoding: .utf8) }
    return Result(status: process.terminationStatus, output: texts[0], complaints: texts[1])
  }

  /// Starts `posctl simulate …` and waits for its first `count` lines, "kind address" each.
  static func simulate(
    _ arguments: [String], lines count: Int, asPlainUser: Bool = false
  ) async throws -> (process: Process, addresses: [String: String]) {
    let process = Process()
    process.executableURL = asPlainUser ? plainly : posctl
    process.arguments = (asPlainUser ? plainUser : []) + ["simulate"] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardInput = FileHandle.nullDevice
    let (chunks, continuation) = AsyncStream.makeStream(of: Data.self)
    pipe.fileHandleForReading.readabilityHandler = { handle in
      let data = handle.availableData
      if data.isEmpty { continuation.finish() } else { continuation.yield(data) }
    }
    try process.run()
    var text = ""
    for await chunk in chunks {
      text += String(decoding: chunk, as: UTF8.self)
      if text.split(separator: "\n", omittingEmptySubsequences: false).count > count { break }
    }
    var addresses: [String: String] = [:]
    for line in text.split(separator: "\n").prefix(count) {
      let words = line.split(separator: " ", maxSplits: 1)
      if words.count == 2 { addresses[String(words[0])] = String(words[1]) }
    }
    try #require(addresses.count == count, "\(text)")
    return (process, addresses)
  }
}
