import Foundation
import Testing

@Suite("Hygiene: README")
struct ReadmeTests {
  /// `tools/lab` compares the same files with what posctl prints in front of real drivers.
  @Test("what the README shows of posctl is what it prints in the lab", arguments: ["devices", "doctor"])
  func printed(command: String) throws {
    let printed = try String(
      contentsOf: SourceTree.root.appending(path: "Tests/Fixtures/lab/\(command).txt"), encoding: .utf8)
    let readme = try String(contentsOf: SourceTree.root.appending(path: "README.md"), encoding: .utf8)
    #expect(!printed.isEmpty)
    #expect(readme.contains("```\n$ posctl \(command)\n\(printed)```\n"))
  }
}
