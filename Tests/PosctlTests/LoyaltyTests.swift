import Foundation
import PunchhSandbox
import Testing

@Suite("posctl loyalty, payload and key")
struct LoyaltyTests {
  private static let keys = [
    "PUNCHH_LOCATION_KEY": SandboxSettings().locationKey,
    "PUNCHH_BUSINESS_KEY": SandboxSettings().businessKey,
  ]
  private static let order = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Examples/burger.json").path

  /// Runs `body` with a sandbox and ends it afterwards.
  private func withSandbox(
    _ settings: SandboxSettings = Counter.settings, faults: [String] = [],
    _ body: (SandboxServer, String) async throws -> Void
  ) async throws {
    var plan = SandboxFaultPlan()
    for fault in faults { try plan.add(fault) }
    let sandbox = try await SandboxServer.start(settings, faults: plan)
    do {
      try await body(sandbox, "http://127.0.0.1:\(sandbox.port)")
    } catch {
      await sandbox.stop()
      throw error
    }
    await sandbox.stop()
  }

  /// Rows of specs/punchh.md §9, each by the number of its first column and letter; every row that certify has.
  private static let rows = [
    "1a", "1b", "2", "3a phone", "3a e-mail", "3a QR", "3a redemption code", "3a card", "3b create",
    "3b refuse",
    "3c", "4", "5", "6.2.0a", "6.2.0b", "6.2.0c", "6.2.0d", "6.2.0e", "6.2.0f", "6.1.0a", "6.1.0b", "6.1.0c",
    "7",
    "8a", "8b", "9", "10", "log card", "log split", "log merge", "log swipe", "log discount",
    // Beyond the rows of §9: codes of §2.2 that 3a does not list, the visit of §6.4, the payments of §2.4.
    "3a short code", "3a single scan code", "3a NFC", "log visit", "SSF", "SSF cancel",
  ]

  @Test("every row of the certification passes on the sandbox")
  func certify() async throws {
    let result = try await Posctl.run("loyalty", "certify", "--json")
    #expect(result.status == 0, "\(result.output)")
    let lines = try result.lines
    let passed = lines.filter { $0["result"] as? String == "passed" }.compactMap { $0["row"] as? String }
    #expect(Set(Self.rows) == Set(passed) && passed.count == Self.rows.count)
    #expect(lines.last?["failed"] as? Int == 0 && lines.last?["skipped"] as? Int == 0)
  }

  @Test("what the README shows is what certify prints")
  func certifyInTheReadme() async throws {
    let readme = try String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "README.md"), encoding: .utf8)
    let chapter = try #require(readme.components(separatedBy: "\n## Certification\n").last)
    let block = try #require(chapter.components(separatedBy: "```\n").dropFirst().first)
    let result = try await Posctl.run("loyalty", "certify")
    #expect(result.status == 0 && result.output == block)
  }

  @Test("rows fail where the server does not do its part, and are skipped where something is missing")
  func certifyFails() async throws {
    try await withSandbox(faults: ["checkin=failing", "meta=not-json"]) { _, server in
      let result = try await Posctl.run(
        "loyalty", "certify", "--json", "--server", server, "--phone", "2025550143", "--email",
        "jane.doe@example.com", environment: Self.keys)
      #expect(result.status == 1)
      var ends: [String: String] = [:]
      for line in try result.lines {
        if let row = line["row"] as? String { ends[row] = line["result"] as? String }
      }
      #expect(ends["1a"] == "failed" && ends["8a"] == "failed" && ends["4"] == "failed")
      #expect(ends["3a phone"] == "passed" && ends["6.2.0c"] == "passed")
      #expect(ends["3a card"] == "skipped" && ends["10"] == "skipped")
    }
  }

  @Test("single calls: look-up, quote, commit, check-in, receipt, and its void")
  func calls() async throws {
    var settings = Counter.settings
    settings.guests = [.demo, .generous]
    try await withSandbox(settings) { sandbox, server in
      func run(_ arguments: [String]) async throws -> [String: Any] {
        let result = try await Posctl.run(
          ["loyalty"] + arguments + ["--server", server, "--json"], environment: Self.keys)
        #expect(result.status == 0, "\(arguments): \(result.complaints)")
        return try result.lines.first ?? [:]
      }
      let check = [
        "--order", Self.order, "--uid", "u-1", "--transaction", "77", "--opened", "2026-03-04T18:30:00Z",
      ]
      let guest = try await run(["lookup", "--phone", "2025550188"])
      #expect(guest["name"] as? String == "John Roe" && (guest["rewards"] as? [Any])?.count == 2)
      #expect(try await run(["quote", "--phone", "2025550188"] + check)["discount"] as? Int == 450)
      let commit = try await run(["commit", "--phone", "2025550188"] + check)
      #expect(commit["discount"] as? Int == 450 && commit["reference"] as? String == "RR100001")
      #expect(try await run(["checkin", "--phone", "2025550188"] + check)["points_earned"] as? Int == 17)
      #expect(try await run(["receipt"] + check)["outcome"] as? String == "done")
      #expect(try await run(["receipt", "--void"] + check)["outcome"] as? String == "done")
      #expect(sandbox.ledger.checkIns.map(\.isVoided) == [true])
      #expect(try await run(["signup", "--phone", "2025550166", "--agrees"])["type"] as? String == "guest")
      #expect(sandbox.ledger.violations == [])
    }
  }

  @Test("what single calls refuse, and what they do not know, is in the exit code")
  func exits() async throws {
    try await withSandbox(faults: ["checkin=dropped"]) { _, server in
      let rows: [([String], Int32)] = [
        (["lookup", "--phone", "2025550100"], 3), (["lookup"], 2),
        (["lookup", "--phone", "1", "--email", "a@b.c"], 2), (["signup", "--phone", "2025550166"], 2),
        (
          [
            "checkin", "--phone", "2025550143", "--order", Self.order, "--uid", "u", "--punchh-key",
            "549755813887",
          ],
          6
        ),
      ]
      for (arguments, status) in rows {
        let result = try await Posctl.run(
          ["loyalty"] + arguments + ["--server", server], environment: Self.keys)
        #expect(result.status == status, "\(arguments): \(result.complaints)")
        #expect(!result.complaints.contains("2025550143"))
      }
    }
  }

  @Test("what payload generate writes, payload validate has nothing to say about")
  func payloads() async throws {
    let calls = [
      ("lookup", "lookup"), ("quote", "quote"), ("commit", "commit"), ("possible", "possible"),
      ("redeem", "redeem"),
      ("checkin", "checkin"), ("receipt", "receipt"), ("void-receipt", "receipt"),
      ("transaction", "transaction"),
      ("pay", "pay"),
    ]
    for (call, route) in calls {
      let arguments = [
        "payload", "generate", call, "--order", Self.order, "--uid", "u-1", "--opened",
        "2026-03-04T18:30:00Z", "--phone", "2025550143",
      ]
      let made = try await Posctl.run(arguments)
      #expect(made.status == 0, "\(call): \(made.complaints)")
      let line = try #require(try await Posctl.run(arguments + ["--json"]).lines.first)
      #expect(line["type"] as? String == "payload")
      #expect((line["body"] as? String).map { $0 + "\n" } == made.output)
      let checked = try await Posctl.run("payload", "validate", route, "-", input: Array(made.output.utf8))
      #expect(checked.status == 0, "\(call): \(checked.output)")
    }
  }

  @Test("a wrong payload is explained by path")
  func violations() async throws {
    let body = """
      {"user_id":1,"external_uid":"u","receipt_datetime":"yesterday","receipt_amount":9.00,"subtotal_amount":8.00,
       "transaction_no":"1","line_items":[{"item_name":"Burger","item_qty":0,"amount":9.00,"item_type":"T",
       "item_id":1,"serial_number":"1"}]}
      """
    let result = try await Posctl.run("payload", "validate", "quote", "-", input: Array(body.utf8))
    #expect(result.status == 2)
    let lines = Set(result.output.split(separator: "\n").map(String.init))
    for line in [
      "receipt_datetime is not written as dateTime", "subtotal_amount differs from receipt_amount",
      "line_items[0] has no quantity", "line_items[0] has a type that does not belong here",
      "line_items[0].serial_number is not of the form 1.0", "query is missing",
    ] {
      #expect(lines.contains(line), "\(line) in \(lines)")
    }
  }

  @Test("keys go there and back; a wrong digit, another location and a repetition are told")
  func keys() async throws {
    let made = try await Posctl.run(
      "loyalty", "key", "encode", "--short-key", "6624", "--counter", "42", "--json")
    let key = try #require(try made.lines.first?["key"] as? String)
    let barcode = try #require(try made.lines.first?["barcode"] as? String)
    let parts = try await Posctl.run("loyalty", "key", "decode", barcode, "--json")
    #expect(try parts.lines.first?["short_key"] as? Int == 6624)
    let wrong = String(barcode.dropLast()) + (barcode.hasSuffix("0") ? "1" : "0")
    #expect(try await Posctl.run("loyalty", "key", "decode", wrong).status == 2)
    #expect(try await Posctl.run("loyalty", "key", "check", key, "--short-key", "6624").status == 0)
    #expect(try await Posctl.run("loyalty", "key", "check", key, "--short-key", "6625").status == 1)
    let twice = try await Posctl.run("loyalty", "key", "check", key, key, "--short-key", "6624")
    #expect(twice.status == 1 && twice.output.contains("repeated"))
  }

  @Test("sandbox keys are refused at other servers before anything is asked or opened")
  func sandboxKeys() async throws {
    let files = try TemporaryDirectory()
    let result = try await Posctl.run(
      "sale", "run", "--order", Self.order, "--code", "5ca1ab1e0ddba11", "--printer", "tcp:127.0.0.1:1",
      "--terminal", "caisse-ap+tcp:127.0.0.1:1", "--server", "https://punchh.invalid", "--state",
      files.path("state").path, environment: Self.keys)
    #expect(result.status == 2, "\(result.complaints)")
    #expect(result.complaints.contains("key scheme"))
    #expect(!FileManager.default.fileExists(atPath: files.path("state").path))
  }

  @Test("check-ins of one server are not given to another one, unless told so")
  func foreignServer() async throws {
    try await withCounter { counter in
      #expect(try await counter.run("loyalty", "configuration").status == 0)
      counter.sandbox.inject(.down, on: nil)
      let result = try await counter.sell("--scan-timeout", "5")
      #expect(result.status == 0)
      counter.sandbox.clearFaults()
      try await withSandbox { other, server in
        let arguments = ["outbox", "flush", "--server", server, "--state", counter.state]
        let refused = try await Posctl.run(arguments, environment: Self.keys)
        #expect(refused.status == 2, "\(refused.complaints)")
        #expect(refused.complaints.contains("another server"))
        #expect(other.ledger.calls.isEmpty)
        let list = try await Posctl.run("outbox", "list", "--state", counter.state)
        #expect(list.output.contains("pending") && !list.output.contains("parked"))
        let told = try await Posctl.run(arguments + ["--any-server"], environment: Self.keys)
        #expect(told.output.contains("0 waiting"), "\(told.output) \(told.complaints)")
        let nothing = try await Posctl.run("outbox", "list", "--state", counter.state)
        #expect(nothing.output == "nothing waits\n")
      }
    }
  }

  @Test("a till that never heard of its location says that this check can never be credited")
  func neverConfigured() async throws {
    try await withCounter { counter in
      counter.sandbox.inject(.down, on: nil)
      let result = try await counter.sell("--scan-timeout", "5")
      #expect(result.status == 0)
      let warnings = try #require(try result.lines.first?["warnings"] as? [[String: String]])
      let warning = warnings.first { $0["kind"] == "no-check-in" }
      #expect(warning?["hint"]?.contains("posctl loyalty configuration") == true)
      #expect(result.complaints.contains("posctl loyalty configuration"), "the operator reads this stream")
    }
  }
}
