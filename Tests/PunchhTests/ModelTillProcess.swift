import Foundation
import TestSupport

/// The till of the model in a process of its own.
final class ModelTillProcess: Sendable {
  private let process: Process
  private let input: FileHandle
  private let answers: AsyncStream<String>
  private let ended: AsyncStream<Void>

  /// Writing to one that has just died is an error, not the end of the test.
  private static let outlivesTills: Void = { _ = Foundation.signal(SIGPIPE, SIG_IGN) }()

  /// Starts `ModelTill`, which is beside the test runner.
  init(state: String, network: String, port: Int) throws {
    Self.outlivesTills
    process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().appending(path: "ModelTill")
    process.arguments = [state, network, "\(port)"]
    let (commands, output) = (Pipe(), Pipe())
    process.standardInput = commands
    process.standardOutput = output
    input = commands.fileHandleForWriting
    let (answers, lines) = AsyncStream.makeStream(of: String.self)
    let (ended, end) = AsyncStream.makeStream(of: Void.self)
    (self.answers, self.ended) = (answers, ended)
    process.terminationHandler = { _ in end.finish() }
    try process.run()
    Task {
      var rest = Data()
      for await piece in pieces(from: output) {
        rest.append(piece)
        while let feed = rest.firstIndex(of: 0x0A) {
          lines.yield(String(decoding: rest[..<feed], as: UTF8.self))
          rest = Data(rest[(feed + 1)...])
        }
      }
      lines.finish()
    }
  }

  /// The signal that ended it; 0 when it ended by itself.
  var signal: Int32 {
    process.isRunning || process.terminationReason != .uncaughtSignal ? 0 : process.terminationStatus
  }

  /// Sends a command; one that is dead does not hear it.
  func tell(_ command: String) {
    try? input.write(contentsOf: Data((command + "\n").utf8))
  }

  /// The next answer; `nil` once it has died and said all.
  func answer() async -> String? {
    for await answer in answers { return answer }
    for await _ in ended {}
    return nil
  }

  /// Kills it after `delay`, wherever it is by then: chance is the point of it.
  func kill(after delay: Duration) async {
    try? await Task.sleep(for: delay)
    Foundation.kill(process.processIdentifier, SIGKILL)
  }

  /// Lets it end orderly.
  func end() async {
    try? input.close()
    for await _ in ended {}
  }
}
