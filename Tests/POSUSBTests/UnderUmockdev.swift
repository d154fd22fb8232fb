import Foundation
import TestSupport
import Testing

/// Runs ``USBStreamTests`` in a process with umockdev's preload, which a test runner cannot get once it runs.
@Suite(
  "USB streams, in a process under umockdev", .enabled(if: UmockdevBed.shared == nil), .timeLimit(.minutes(2))
)
struct UnderUmockdev {
  @Test("every test of libusb passes there")
  func all() async throws {
    // The runner that `swift test` uses knows the bundle as an argument; run by itself it is the bundle.
    var command = CommandLine.arguments
    if let place = command.firstIndex(of: "--filter") {
      command.removeSubrange(place...min(place + 1, command.count - 1))
    }
    let results = FileManager.default.temporaryDirectory.appending(path: "usb-streams-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: results) }
    try Data().write(to: results)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/umockdev-wrapper")
    process.arguments =
      [URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path] + command.dropFirst()
      + ["--filter", "USBStreamTests"]
    let output = try FileHandle(forWritingTo: results)
    process.standardOutput = output
    process.standardError = output
    process.environment = ProcessInfo.processInfo.environment
    try await process.runToEnd()
    let text = String(decoding: try Data(contentsOf: results), as: UTF8.self)
    #expect(process.terminationStatus == 0, "\(text)")
    // A filter that finds nothing passes, too.
    #expect(text.contains("Suite \"USB streams\" passed"), "\(text)")
  }
}
