import Foundation
import Testing

/// `posctl bench` with everything that it can measure. What it measures is printed by `tools/lab`; what must hold on
/// any machine is that nothing is left behind.
@Suite(.enabled(if: KernelLab.isHere, KernelLab.comment), .serialized) struct BenchCases {
  @Test func figures() async throws {
    let hotplugs = ProcessInfo.processInfo.environment["LAB_HOTPLUGS"] ?? "20"
    let result = try await Program.run(["bench", "--json", "--rounds", "300", "--hotplugs", hotplugs])
    #expect(result.status == 0, "\(result)")
    try result.output.write(
      toFile: KernelLab.outputFolder + "/figures", atomically: false, encoding: .utf8)
    var figures: [String: [String: Any]] = [:]
    for line in result.output.split(separator: "\n") {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let words = ["name", "route"].compactMap { object[$0] as? String }
      figures[words.joined(separator: " ")] = object
    }
    let names = [
      "hop", "scan pty", "decode pty", "scan hidraw", "decode hidraw", "attached", "detached", "print", "cat",
      "hotplug",
    ]
    #expect(Set(figures.keys) == Set(names), "\(result)")
    func number(_ name: String) -> Int { figures["hotplug"]?[name] as? Int ?? -1 }
    #expect(number("times") == Int(hotplugs))
    #expect(number("descriptors_after") == number("descriptors_before"), "\(result)")
    // Swift's pool may have had a thread less when it began.
    #expect(number("threads_after") <= number("threads_before") + 2, "\(result)")
    // A leak of one node, socket or task for each would be megabytes.
    #expect(number("rss_kb_after") <= number("rss_kb_before") + 8_192, "\(result)")
  }
}
