import Foundation
import POSLinux
import POSModel
import POSTransport
import Testing

@Suite("Who holds a node", .timeLimit(.minutes(1)))
struct NodeHoldersTests {
  @Test("a process with the node open is named, and no other")
  func holder() async throws {
    let terminal = try PseudoTerminal()
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sleep")
    process.arguments = ["1000"]
    let node = try FileHandle(forUpdating: URL(filePath: terminal.path))
    process.standardInput = node
    try process.run()
    try node.close()
    // It inherits the blocked signals of whoever starts it: SIGTERM would not end it.
    defer { kill(process.processIdentifier, SIGKILL) }
    let report = try await NodeHolders.holders(of: [terminal.path])
    #expect(report.holders.map(\.pid) == [process.processIdentifier])
    #expect(report.holders.first?.description.contains("sleep") == true)
    #expect(try await NodeHolders.holders(of: ["/dev/nonexistent"]).holders.isEmpty)
  }

  @Test("access is what the kernel says of the file")
  func access() throws {
    #expect(NodeAccess(node: "/dev/null").isGranted)
    #expect(NodeAccess(node: "/dev/null").modeText == "0666 root:root")
    #expect(NodeAccess(node: "/dev/nonexistent").verdict == .missing)
  }

  @Test("this process is what it says it is")
  func identity() throws {
    let process = try #require(ProcessIdentity(pid: getpid()))
    #expect(process.commandLine.isEmpty == false)
    #expect(ProcessIdentity(pid: .max) == nil)
  }
}
