import Foundation
import Testing

/// The borders of the three worlds (CONTRIBUTING, "Layout"), read off the import lines.
@Suite("Hygiene: imports")
struct ImportTests {
  /// Modules of the outside world and the only directories that may name them.
  static let borders: [(module: String, allowed: [String])] = [
    ("Foundation", []),
    ("FoundationEssentials", ["Sources/App/"]),
    // Threads that may block: in fdatasync and in libcurl.
    ("Dispatch", ["Sources/App/POSJournal/", "Sources/App/Punchh/"]),
    // Lock.swift needs pthreads when built for the thread sanitizer.
    (
      "Glibc",
      [
        "Sources/Device/POSLinux/", "Sources/Device/POSUdev/", "Sources/Device/POSUSB/",
        "Sources/Device/POSTransport/Lock.swift",
      ]
    ),
    ("CPOSLinux", ["Sources/Device/POSLinux/", "Sources/Device/POSUSB/"]),
    ("CLibUSB", ["Sources/Device/POSUSB/"]),
    ("CUdev", ["Sources/Device/POSUdev/"]),
    ("CSQLite", ["Sources/App/POSJournal/"]),
    ("CCrypto", ["Sources/App/POSJournal/"]),
    ("CCurl", ["Sources/App/Punchh/"]),
    ("CPNG", ["Sources/App/POSPicture/"]),
    ("CFreeType", ["Sources/App/POSPicture/"]),
    ("NIOCore", ["Sources/App/PunchhSandbox/", "Sources/App/POSLocalAPI/"]),
    ("NIOPosix", ["Sources/App/PunchhSandbox/", "Sources/App/POSLocalAPI/"]),
    ("NIOHTTP1", ["Sources/App/PunchhSandbox/", "Sources/App/POSLocalAPI/"]),
    ("ArgumentParser", ["Sources/App/posctl/", "Sources/App/posd/"]),
  ]

  @Test("outside modules are named only where they belong", arguments: borders.map(\.module))
  func outsideModules(module: String) throws {
    let allowed = try #require(Self.borders.first { $0.module == module }).allowed
    let offenders = try SourceTree.lines(under: "Sources")
      .filter { $0.importedModule == module }
      .filter { line in !allowed.contains { line.path.hasPrefix($0) } }
    #expect(offenders.isEmpty, "\(offenders.map(\.description).joined(separator: "\n"))")
  }

  @Test("arrows point one way: Wire, Device, App")
  func worlds() throws {
    let worlds = ["Wire", "Device", "App"]
    var worldOfModule: [String: Int] = [:]
    for (index, world) in worlds.enumerated() {
      for module in try SourceTree.entries(of: "Sources/\(world)") { worldOfModule[module] = index }
    }
    #expect(worldOfModule["POSWire"] == 0)
    let offenders = try SourceTree.lines(under: "Sources").filter { line in
      guard let module = line.importedModule, let imported = worldOfModule[module],
        let own = worlds.firstIndex(where: { line.path.hasPrefix("Sources/\($0)/") })
      else { return false }
      return imported > own
    }
    #expect(offenders.isEmpty, "\(offenders.map(\.description).joined(separator: "\n"))")
  }

  @Test("Wire knows neither existentials nor clocks nor tasks")
  func wirePurity() throws {
    let forbidden = [
      " any ", "(any ", "[any ", "ContinuousClock", "SuspendingClock", " async ", " await ", " actor ",
    ]
    let offenders = try SourceTree.lines(under: "Sources/Wire")
      .filter { !$0.isComment }
      .filter { line in forbidden.contains { line.text.contains($0) } }
    #expect(offenders.isEmpty, "\(offenders.map(\.description).joined(separator: "\n"))")
  }

  /// Lines that may do what is forbidden, each with a reason.
  static let exceptions = [
    // A libcurl handle that only its own thread uses while its owner lives, and its owner's deinit afterwards.
    "nonisolated(unsafe) private let multi: UnsafeMutableRawPointer?"
  ]

  @Test("nothing sleeps, traps on input or unlocks the compiler's checks")
  func forbiddenCalls() throws {
    let forbidden = [
      "Task.sleep", "usleep(", "try!", "fatalError(", "nonisolated(unsafe)", "unsafeFlags", "print(\"DEBUG",
    ]
    let offenders = try SourceTree.lines(under: "Sources")
      .filter { !$0.isComment }
      .filter { line in forbidden.contains { line.text.contains($0) } }
      .filter { line in !Self.exceptions.contains { line.text.contains($0) } }
    #expect(offenders.isEmpty, "\(offenders.map(\.description).joined(separator: "\n"))")
  }
}
