import Foundation
import TestSupport
import Testing

@Suite("posctl with scanners of every mode")
struct ScannerTests {
  private static func fixture(_ name: String) -> String { DecodeTests.fixture(name) }

  private static let boardingPass = "M1SMITH/JOHN           EABC123 PRGFRAAF 0123 327Y014A0056 10"

  /// Every capture of specs/scanners.md §8 and what must come out of it. The first two of §8.2 and the fields
  /// they have in common are in ``DecodeTests``.
  private static let captures: [(arguments: [String], lines: [[String: String]])] = [
    (
      ["hid", "--device", "0db5:013b", "--hex", fixture("access-is-boarding-pass")],
      [["type": "scan", "aim": "]L2", "symbology": "pdf417", "text": boardingPass]]
    ),
    (
      [
        "hid", "--descriptor", fixture("descriptor-honeywell-family"), "--hex",
        fixture("access-is-boarding-pass"),
      ],
      [["symbology": "pdf417", "text": boardingPass]]
    ),
    (
      ["hid", "--descriptor", fixture("descriptor-tessaro"), "--hex", fixture("tessaro-three-reports")],
      [["type": "scan", "aim": "]Q1", "symbology": "qr", "text": tessaro]]
    ),
    (
      ["hid", "--descriptor", fixture("descriptor-tessaro-no-count"), "--hex", fixture("tessaro-no-count")],
      [
        [
          "type": "scan", "aim": "]E0", "symbology": "ean-13", "text": "4006381333931",
          "gtin": "04006381333931",
        ]
      ]
    ),
    (
      ["hid", "--layout", "honeywell", "--hex", fixture("honeywell-revinf-echo")],
      [["type": "scan", "aim": "]Z6", "symbology": "other", "bytes": "524556494e46062e"]]
    ),
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

  private static let tessaro = String(
    decoding: (0..<120).map { UInt8(0x30 + $0 % 75) }, as: UTF8.self)

  @Test("every fixture of a scanner is decoded by a test here or in DecodeTests")
  func everyFixture() throws {
    let folder = URL(filePath: Self.fixture("x")).deletingLastPathComponent()
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    let used = Self.captures.flatMap(\.arguments) + DecodeTests.scans.flatMap { $0.options + [$0.fixture] }
    for file in files where file.hasSuffix(".hex") {
      let name = String(file.dropLast(4))
      #expect(used.contains { $0 == name || $0.hasSuffix("/" + file) }, "\(file)")
    }
  }

  @Test("captures decode to what was read", arguments: captures.indices)
  func decode(index: Int) async throws {
    let capture = Self.captures[index]
    let result = try await Posctl.run(["decode"] + capture.arguments + ["--json"])
    #expect(result.status == 0, "\(result.complaints)")
    let lines = try result.lines
    #expect(lines.count == capture.lines.count)
    for (line, expected) in zip(lines, capture.lines) {
      #expect(line["schema"] as? Int == 1)
      if line["type"] as? String == "scan" {
        // The fields of DESIGN §4.
        for key in ["symbology", "text", "bytes"] { #expect(line[key] is String, "\(key)") }
        #expect(line["aim"] is String || line["aim"] is NSNull)
        #expect(line["reports"] is Int && line["truncated"] as? Bool == false)
      }
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

  /// Honeywell's vendor report, then a scan behind it.
  private static let vendorThenScan: [UInt8] =
    [0xF0] + [UInt8](repeating: 0, count: 63) + [0x02, 0x0C, 0x5D, 0x45, 0x30] + Array("306030209223".utf8)
    + [UInt8](repeating: 0, count: 47)

  @Test("a report of another kind in a raw capture is as long as declared, and hides no scan behind it")
  func rawVendorReport() async throws {
    let result = try await Posctl.run(
      ["decode", "hid", "--descriptor", Self.fixture("descriptor-honeywell-family"), "--json"],
      input: Self.vendorThenScan)
    #expect(result.status == 0, "\(result.complaints)")
    let lines = try result.lines
    #expect(lines.map { $0["type"] as? String } == ["frame", "scan"])
    #expect(lines.last?["text"] as? String == "306030209223")
  }

  @Test(
    "a raw capture that cannot be cut further says where and ends with exit code 1, after what came before",
    arguments: [["--layout", "honeywell"], ["--descriptor", fixture("descriptor-tessaro")]])
  func rawUnknownReport(_ options: [String]) async throws {
    // The tessaro descriptor's reports are two bytes shorter.
    let first = Array(Self.vendorThenScan.suffix(64).prefix(options[0] == "--descriptor" ? 62 : 64))
    let result = try await Posctl.run(
      ["decode", "hid", "--json"] + options, input: first + Self.vendorThenScan)
    #expect(result.status == 1)
    #expect(result.complaints.contains("report 1") && result.complaints.contains("id f0"))
    let lines = try result.lines
    #expect(lines.map { $0["type"] as? String } == ["scan", "error"])
    #expect(lines.first?["text"] as? String == "306030209223" && lines.last?["code"] is String)
  }

  @Test("a raw capture of keys under an id that the descriptor lacks ends with exit code 1")
  func rawUnknownKeys() async throws {
    // Eight keys under id 1, and a volume key under id 2 that is as long as declared.
    let descriptor =
      "05 01 09 06 a1 01 85 01 05 07 15 00 25 65 75 08 95 08 19 00 29 65 81 00 c0 "
      + "05 0c 09 01 a1 01 85 02 75 10 95 01 09 e9 81 02 c0"
    let key: [UInt8] = [1, 4, 0, 0, 0, 0, 0, 0, 0]
    let up = [1] + [UInt8](repeating: 0, count: 8)
    let arguments = ["decode", "keyboard", "--json", "--descriptor", descriptor]
    let whole = try await Posctl.run(arguments, input: key + up + [2, 0xE9, 0] + key + up)
    #expect(whole.status == 0, "\(whole.complaints)")
    #expect(try whole.lines.last?["text"] as? String == "aa")
    let cut = try await Posctl.run(arguments, input: key + up + [3, 0xE9, 0] + key + up)
    #expect(cut.status == 1 && cut.complaints.contains("id 03"))
    #expect(try cut.lines.map { $0["text"] as? String } == ["a", nil])
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
    arguments: ["hid-pos", "keyboard", "oem", "snapi", "serial", "ssi"])
  func scan(_ mode: String) async throws {
    try await withSimulator(["--mode", mode, "--code", "Lane-7a"]) { address in
      let result = try await Posctl.run("scan", address, "--count", "1", "--identifiers", "aim", "--json")
      #expect(result.status == 0, "\(result.complaints)")
      let line = try #require(try result.lines.first)
      #expect(line["text"] as? String == "Lane-7a" && line["truncated"] as? Bool == false)
      if mode != "keyboard" { #expect(line["symbology"] as? String == "qr") }
    }
  }

  /// Runs a simulated scanner while `body` uses its address.
  private func withSimulator(
    _ options: [String], _ body: (String) async throws -> Void
  ) async throws {
    let files = try TemporaryDirectory()
    let simulator = Posctl.process(["simulate", "scanner", files.path("s").path] + options)
    let output = Pipe()
    simulator.standardOutput = output
    let (ends, ended) = AsyncStream.makeStream(of: Void.self)
    simulator.terminationHandler = { _ in ended.finish() }
    try simulator.run()
    var announcement = Data()
    for await bytes in pieces(from: output) {
      announcement += bytes
      if announcement.contains(0x0A) { break }
    }
    let address = String(decoding: announcement, as: UTF8.self).split(whereSeparator: \.isWhitespace).last
    do {
      try await body(String(address ?? ""))
    } catch {
      kill(simulator.processIdentifier, SIGKILL)
      throw error
    }
    kill(simulator.processIdentifier, SIGKILL)
    for await _ in ends {}
  }

  @Test("scans carry times, raw reports on request, and a burst comes through the same-code window once")
  func delivery() async throws {
    try await withSimulator(["--mode", "oem", "--code", "twice", "--burst", "3"]) { address in
      let result = try await Posctl.run(
        "scan", address, "--count", "1", "--same-code-window", "60000", "--raw", "--json")
      let lines = try result.lines
      let scan = try #require(lines.last)
      #expect(lines.contains { $0["type"] as? String == "frame" && $0["bytes"] is String })
      #expect(scan["text"] as? String == "twice" && scan["text_from"] as? String == "ascii")
      let (read, decoded, delivered) = (
        try #require(scan["read_at"] as? Int), try #require(scan["decoded_at"] as? Int),
        try #require(scan["delivered_at"] as? Int)
      )
      #expect(read <= decoded && decoded <= delivered)
    }
  }

  @Test("an identifier that is asked for is sent, and names the symbology")
  func identifier() async throws {
    try await withSimulator(["--mode", "keyboard", "--code", "0109506000134352", "--aim", "]C1"]) { address in
      let result = try await Posctl.run("scan", address, "--count", "1", "--identifiers", "aim", "--json")
      let scan = try #require(try result.lines.first)
      #expect(scan["symbology"] as? String == "gs1-128" && scan["typed_by"] is String)
      #expect((scan["gs1"] as? [[String: String]])?.first?["value"] == "09506000134352")
    }
  }

  @Test("the layout is found by scanning a code of known content")
  func layoutOfAScanner() async throws {
    let code = "0123456789@#;]/yz"
    try await withSimulator(["--mode", "keyboard", "--code", code]) { address in
      let result = try await Posctl.run("scanner", "layout", address, "--json")
      let layouts = try #require(try result.lines.first?["layouts"] as? [String])
      #expect(layouts == ["us"], "\(result.complaints)")
    }
  }

  @Test("a scanner is told and asked, and says what it does not take")
  func tellAndAsk() async throws {
    try await withSimulator(["--mode", "oem"]) { address in
      let health = try await Posctl.run("scanner", "ask", address, "health", "--json")
      #expect(try health.lines.first?["text"] as? String == "HEALTH OK", "\(health.complaints)")
      let configuration = try await Posctl.run("scanner", "ask", address, "configuration", "--json")
      #expect(try configuration.lines.first?["on"] as? [String] == [])
      let configured = try await Posctl.run(
        "scanner", "configure", address, "--on", "code-39", "--on", "upc-ean", "--off", "itf",
        "--level", "beep-volume=2", "--json")
      let line = try #require(try configured.lines.first, "\(configured.complaints)")
      #expect(line["on"] as? [String] == ["upc-ean", "code-39"])
      #expect((line["levels"] as? [String: Any])?["beep-volume"] as? Int == 2)
      let kept = try await Posctl.run("scanner", "configure", address, "--off", "upc-ean", "--json")
      #expect(try kept.lines.first?["on"] as? [String] == ["code-39"])
      for wrong in [["--on", "code-40"], ["--level", "beep-volume=4"], ["--level", "beep"], []] {
        let refused = try await Posctl.run(["scanner", "configure", address] + wrong)
        #expect(refused.status == 2, "\(wrong): \(refused.complaints)")
      }
      #expect(try await Posctl.run("scanner", "tell", address, "error-beep").status == 0)
      let refused = try await Posctl.run("scanner", "tell", address, "pull-trigger")
      #expect(refused.status == 1 && refused.complaints.contains("error-beep"))
      #expect(try await Posctl.run("scanner", "tell", address, "dance").status == 2)
    }
  }
}
