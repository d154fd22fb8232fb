import Foundation
import TestSupport
import Testing

/// The built `posctl`, run as a technician runs it.
enum Posctl {
  /// How a run ended.
  struct Result {
    var status: Int32
    var output: String
    var complaints: String

    /// Output lines as JSON objects.
    var lines: [[String: Any]] {
      get throws {
        try output.split(separator: "\n").map { line in
          try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
      }
    }
  }

  /// The program beside the test runner.
  static let executable: URL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appending(path: "posctl")

  /// A process that has not been started; `launcher` is what starts posctl instead of us, by its full path.
  static func process(
    _ arguments: [String], environment: [String: String] = [:], launcher: [String] = []
  ) -> Process {
    let process = Process()
    let command = launcher + [executable.path] + arguments
    process.executableURL = URL(filePath: command[0])
    process.arguments = Array(command.dropFirst())
    process.environment = environment.merging(["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"]) { given, _ in
      given
    }
    return process
  }

  /// Runs to the end, with `input` on standard input.
  static func run(
    _ arguments: String..., input: [UInt8] = [], environment: [String: String] = [:]
  ) async throws -> Result {
    try await run(arguments, input: input, environment: environment)
  }

  /// Runs to the end, with `input` on standard input. The status of a killed process is its signal, negative.
  ///
  /// - Parameters:
  ///   - hasReader: `false` when whoever read the output has gone.
  ///   - launcher: what starts posctl instead of us, by its full path.
  static func run(
    _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:], hasReader: Bool = true,
    launcher: [String] = []
  ) async throws -> Result {
    let process = process(arguments, environment: environment, launcher: launcher)
    let files = try TemporaryDirectory()
    let output = files.path("stdout")
    let complaints = files.path("stderr")
    let inputFile = files.path("stdin")
    try Data(input).write(to: inputFile)
    for file in [output, complaints] { try Data().write(to: file) }
    let handles = [
      try FileHandle(forReadingFrom: inputFile), try FileHandle(forWritingTo: output),
      try FileHandle(forWritingTo: complaints),
    ]
    defer { for handle in handles { try? handle.close() } }
    process.standardInput = handles[0]
    process.standardOutput = handles[1]
    if !hasReader {
      let pipe = Pipe()
      try pipe.fileHandleForReading.close()
      process.standardOutput = pipe
    }
    process.standardError = handles[2]
    try await process.runToEnd()
    return Result(
      status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
      output: try String(contentsOf: output, encoding: .utf8),
      complaints: try String(contentsOf: complaints, encoding: .utf8))
  }
}

/// A folder of its own that goes when the last reference goes.
final class TemporaryDirectory {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "posctl-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> URL { url.appending(path: name) }
}
