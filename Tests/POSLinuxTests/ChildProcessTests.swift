import POSLinux
import POSModel
import Testing

@Suite("Other programs", .timeLimit(.minutes(1)))
struct ChildProcessTests {
  @Test("a program that we start can be stopped: it has none of our blocked signals")
  func signals() async throws {
    // 128 and the number of SIGTERM; 0 if it had been blocked.
    let error = await expect(.inputOutput) {
      try await ChildProcess.run(["sh", "-c", "kill -TERM $$; exit 0"])
    }
    #expect(error?.detail == "it ended with status 143")
  }

  @Test("what fails is named, and how")
  func failures() async throws {
    try await ChildProcess.run(["true"])
    let error = await expect(.inputOutput) { try await ChildProcess.run(["sh", "-c", "exit 7"]) }
    #expect(error?.detail == "it ended with status 7")
    await expect(.notFound) { try await ChildProcess.run(["no-such-program-anywhere"]) }
  }
}
