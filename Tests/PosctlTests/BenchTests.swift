import Foundation
import Testing

@Suite("posctl bench", .timeLimit(.minutes(2)))
struct BenchTests {
  /// Where a machine's kernel has virtual USB ports that we may use, more is measured: `tools/lab` tests that.
  static let hasPorts = FileManager.default.isWritableFile(
    atPath: "/sys/devices/platform/vhci_hcd.0/attach")

  @Test(
    "a scan is measured beside a bare hop, and opening and closing leaves nothing behind",
    .enabled(if: !hasPorts))
  func withoutKernelDevices() async throws {
    let result = try await Posctl.run(["bench", "--json", "--rounds", "20", "--hotplugs", "20"])
    #expect(result.status == 0)
    let lines = try result.lines
    #expect(lines.compactMap { $0["name"] as? String } == ["hop", "scan", "decode", "reopening", "skipped"])
    for line in lines.prefix(3) {
      #expect(line["rounds"] as? Int == 20)
      let median = try #require(line["p50_ns"] as? Int)
      let worst = try #require(line["p99_ns"] as? Int)
      #expect(median > 0 && median <= worst)
    }
    let use = try #require(lines.first { $0["name"] as? String == "reopening" })
    #expect(use["descriptors_before"] as? Int == use["descriptors_after"] as? Int)
    #expect(use["times"] as? Int == 20)
    #expect((use["rss_kb_after"] as? Int ?? 0) > 0)
  }

  @Test("no rounds at all is bad usage")
  func badUsage() async throws {
    #expect(try await Posctl.run(["bench", "--rounds", "0"]).status == 2)
  }
}
