import Foundation
import Testing

@Suite("posctl with scanners of every mode")
struct ScannerTests {
  private static func fixture(_ name: String) -> String { DecodeTests.fixture(name) }

  /// Every capture of specs/scanners.md §8 and what must come out of it.
  private static let captures: [(arguments: [String], lines: [[String: String]])] = [
    (
      ["keyboard", "--hex", fixture("keyboard-alt-codes")],
      [["type": "scan", "text": "SIP-4-1", "bytes": "5349502d342d31", "layout": "us"]]
    ),
    (["keyboard", "--hex", fixture("keyboard-separator")], [["type": "scan", "bytes": "1d414141"]]),
    (
      ["oem", "--hex", fixture("oem-ean-13")],
      [["type": "scan", "symbology": "ean-13", "text": "9001475067933", "gtin": "09001475067933"]]
    ),
    (
      ["oem", "--hex", fixture("oem-code-39")],
      [["type": "scan", "symbology": "code-39", "text": "00004937"]]
    ),
    (["oem", "--hex", fixture("oem-two-segments")], [["type": "scan", "text": "9001475067933"]]),
    (["oem", "--hex", fixture("oem-table-top")], [["type": "scan", "text": "9001475067933"]]),
    (["oem", "--hex", fixture("oem-status")], [[String: String]](repeating: ["type": "status"], count: 11)),
    (
      ["ssi", "--hex", fixture("ssi-host")],
      [
        ["type": "reply", "name": "acknowledged"], ["opcode": "e4"], ["opcode": "e9"],
        ["name": "acknowledged"],
      ]
    ),
    (
      ["ssi", "--hex", fixture("ssi-parameters")],
      [["type": "reply", "name": "parameters"], ["type": "reply", "name": "parameters"]]
    ),
    (
      ["ssi", "--hex", fixture("ssi-decode-data")],
      [["symbology": "ean-13", "text": "4006381333931"], ["symbology": "ean-13", "text": "4006381333931"]]
    ),
    (
      ["serial-scan", "--hex", fixture("serial-dechdr")],
      [["type": "scan", "aim": "]E0", "symbology": "ean-13", "text": "4006381333931"]]
    ),
    (
      ["serial-scan", "--identifiers", "aim", "--hex", fixture("serial-line")],
      [["type": "scan", "aim": "]d2", "symbology": "gs1-data-matrix"]]
    ),
  ]

  @Test("captures decode to what was read", arguments: captures.indices)
  func decode(index: Int) async throws {
    let capture = Self.captures[index]
    let result = try await Posctl.run(["decode"] + capture.arguments + ["--json"])
    #expect(result.status == 0, "\(result.complaints)")
    let lines = try result.lines
    #expect(lines.count == capture.lines.count)
    for (line, expected) in zip(lines, capture.lines) {
      #expect(line["schema"] as? Int == 1)
      for (key, value) in expected { #expect(line[key] as? String == value, "\(key)") }
    }
  }

  @Test("GS1 elements come with titles, findings and their places")
  func elements() async throws {
    let result = try await Posctl.run(
      "decode", "serial-scan", "--identifiers", "aim", "--json",
      input:
        Array("]C1010950110153000310ABC\u{1D}17991331\r".utf8))
    let line = try #require(try result.lines.first)
    let elements = try #require(line["gs1"] as? [[String: String]])
    #expect(elements.map { $0["ai"] } == ["01", "10", "17"] && elements[1]["title"] == "BATCH/LOT")
    let findings = try #require(line["gs1_findings"] as? [[String: Any]])
    #expect(findings.count == 1 && findings[0]["offset"] as? Int == 24)
    #expect(line["upos"] as? Int == 120)
  }

  @Test("the layout of a scanner is found by a code whose content is known")
  func layouts() async throws {
    // 1 ; z by a German scanner: usage 1E, Shift 36, usage 1C.
    let reports =
      "00 00 1e 00 00 00 00 00\n00 00 00 00 00 00 00 00\n02 00 36 00 00 00 00 00\n"
      + "00 00 00 00 00 00 00 00\n00 00 1c 00 00 00 00 00\n00 00 00 00 00 00 00 00\n"
    let result = try await Posctl.run(
      "decode", "keyboard", "--expect", "1;z", "--hex", "--json", "-", input: Array(reports.utf8))
    let layouts = try #require(try result.lines.first?["layouts"] as? [String])
    #expect(layouts.contains("de") && !layouts.contains("us") && !layouts.contains("fr"))
    let none = try await Posctl.run(
      "decode", "keyboard", "--expect", "nothing", "--hex", "-", input: Array(reports.utf8))
    #expect(none.status == 1)
  }

  @Test("a descriptor's report ids are obeyed, and raw captures are cut into reports")
  func rawReports() async throws {
    let report: [UInt8] = [0, 0, 0x04, 0, 0, 0, 0, 0]
    let up = [UInt8](repeating: 0, count: 8)
    let result = try await Posctl.run("decode", "keyboard", "--json", input: report + up + report + up)
    #expect(try result.lines.first?["text"] as? String == "aa")
  }

  @Test(
    "damage is an error line and exit code 1",
    arguments: [
      (["keyboard"], "00 00 04"), (["oem"], "0f 10 03 00"), (["ssi"], "04 d0 04 00 ff 29"),
      (["serial-scan", "--parity", "odd"], "41 0d"),
    ])
  func damage(_ arguments: [String], _ bytes: String) async throws {
    let result = try await Posctl.run(["decode"] + arguments + ["--hex", "--json"], input: Array(bytes.utf8))
    #expect(result.status == 1)
    #expect(try result.lines.contains { $0["type"] as? String == "error" && $0["offset"] is Int })
  }

  @Test(
    "what cannot be is bad usage, and says what can",
    arguments: [
      (["keyboard", "--layout", "dvorak"], "ch-de"),
      (["serial-scan", "--identifiers", "acme"], "datalogic-eu"),
      (["keyboard", "--caps-lock", "maybe"], "follow"),
      (["serial-scan", "--terminator", "xx"], "--terminator"),
      (["keyboard", "--descriptor", "058c0902a101c0"], "report descriptor"),
    ])
  func badUsage(_ arguments: [String], _ complaint: String) async throws {
    let result = try await Posctl.run(["decode"] + arguments + ["--hex"], input: [])
    #expect(result.status == 2 && result.complaints.contains(complaint), "\(result.complaints)")
  }

  @Test(
    "simulated scanners of each mode are read by posctl scan",
    arguments: ["hid-pos", "keyboard", "oem", "serial", "ssi"])
  func scan(_ mode: String) async throws {
    let files = try TemporaryDirectory()
    let simulator = Posctl.process([
      "simulate", "scanner", files.path("s").path, "--mode", mode, "--code", "Lane-7a",
    ])
    let output = Pipe()
    simulator.standardOutput = output
    let (ends, ended) = AsyncStream.makeStream(of: Void.self)
    simulator.terminationHandler = { _ in ended.finish() }
    let (chunks, chunk) = AsyncStream.makeStream(of: Data.self)
    output.fileHandleForReading.readabilityHandler = { chunk.yield($0.availableData) }
    try simulator.run()
    var announcement = Data()
    for await bytes in chunks {
      announcement += bytes
      if bytes.isEmpty || announcement.contains(0x0A) { break }
    }
    output.fileHandleForReading.readabilityHandler = nil
    let address =
      String(decoding: announcement, as: UTF8.self).split(whereSeparator: \.isWhitespace).last ?? ""
    let result = try await Posctl.run(
      "scan", String(address), "--count", "1", "--identifiers", "aim", "--json")
    kill(simulator.processIdentifier, SIGKILL)
    for await _ in ends {}
    #expect(result.status == 0, "\(result.complaints)")
    let line = try #require(try result.lines.first)
    #expect(line["text"] as? String == "Lane-7a" && line["truncated"] as? Bool == false)
    if mode != "keyboard" { #expect(line["symbology"] as? String == "qr") }
  }
}
