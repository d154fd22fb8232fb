public import Foundation

extension Process {
  /// Runs the program until it ends.
  ///
  /// A test whose time is up stops waiting. The program is ended then, and its status is not for asking: Foundation stops
  /// this process when the status of one that still runs is read.
  ///
  /// - Throws: `CancellationError` then; what Foundation throws when the program cannot be started.
  public func runToEnd() async throws {
    let (ends, end) = AsyncStream.makeStream(of: Void.self)
    terminationHandler = { _ in end.finish() }
    try run()
    for await _ in ends {}
    guard isRunning else { return }
    kill(processIdentifier, SIGKILL)
    throw CancellationError()
  }
}
