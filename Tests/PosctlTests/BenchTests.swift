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

  private static let keys = [
    "PUNCHH_LOCATION_KEY": "sandbox-location-key", "PUNCHH_BUSINESS_KEY": "sandbox-business-key",
  ]

  @Test("check-ins are accepted beside a bare fdatasync, and all of a queue are sent")
  func outbox() async throws {
    let result = try await Posctl.run(
      ["bench", "outbox", "--json", "--items", "90", "--rounds", "20", "--callers", "4"],
      environment: Self.keys)
    #expect(result.status == 0, "\(result.complaints)")
    let lines = try result.lines
    #expect(
      lines.prefix(3).compactMap { $0["name"] as? String } == ["fdatasync", "accept", "group"])
    #expect(lines[1]["percent"] as? Int ?? 0 > 0)
    #expect(lines[2]["one_by_one"] as? Int ?? 0 > 0 && lines[2]["together"] as? Int ?? 0 > 0)
    let drained = lines.dropFirst(3)
    #expect(drained.allSatisfy { $0["name"] as? String == "drain" && $0["rss_kb"] as? Int ?? 0 > 0 })
    #expect(drained.compactMap { $0["sent"] as? Int }.first == 0)
    #expect(drained.compactMap { $0["sent"] as? Int }.last == 90)
  }

  @Test("a lane waits for a guest without a server")
  func lane() async throws {
    let result = try await Posctl.run(["bench", "lane", "--json"], environment: Self.keys)
    #expect(result.status == 0, "\(result.complaints)")
    let line = try #require(try result.lines.first)
    #expect(line["name"] as? String == "lane")
    #expect(line["start_ns"] as? Int ?? 0 > 0 && line["rss_kb"] as? Int ?? 0 > 0)
  }

  @Test("no rounds at all is bad usage")
  func badUsage() async throws {
    #expect(try await Posctl.run(["bench", "--rounds", "0"]).status == 2)
  }
}
