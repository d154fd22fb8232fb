import Foundation
import Testing

/// A simulated card terminal in a process of its own.
private final class Terminal {
  let files: TemporaryDirectory
  let address: String
  private let process: Process
  private let output: FileHandle
  private let ends: AsyncStream<Void>

  init(_ speaks: String, fault: String? = nil) throws {
    files = try TemporaryDirectory()
    let isSerial = ["zvt-serial", "concert", "transbank"].contains(speaks)
    process = Posctl.process(
      ["simulate", "terminal", "--protocol", speaks, "--ledger", files.path("ledger").path]
        + (isSerial ? [files.path("line").path] : []) + (fault.map { ["--fault", $0] } ?? []))
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    output = pipe.fileHandleForReading
    let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
    self.ends = ends
    process.terminationHandler = { _ in continuation.finish() }
    try process.run()
    var line: [UInt8] = []
    while let byte = try output.read(upToCount: 1)?.first, byte != 0x0A { line.append(byte) }
    address = String(String(decoding: line, as: UTF8.self).dropFirst("terminal ".count))
  }

  func end() async {
    kill(process.processIdentifier, SIGKILL)
    for await _ in ends {}
    try? output.close()
  }

  func posctl(_ arguments: String...) async throws -> Posctl.Result {
    try await Posctl.run(
      arguments + ["--device", address, "--state", files.path("state").path],
      environment: [
        "ZVT_PASSWORD": "000000", "ECR17_TERMINAL_ID": "29001006", "CAISSE_AP_IDENTIFIER": "247300123456",
      ])
  }

  var ledger: [String] {
    get throws {
      try String(contentsOf: files.path("ledger"), encoding: .utf8).split(separator: "\n").map(String.init)
    }
  }

  /// Everything that the till has kept on disk.
  var kept: [UInt8] {
    get throws {
      let folder = files.path("state")
      return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        .reduce(into: []) { $0 += Array(try Data(contentsOf: $1)) }
    }
  }
}

private func withTerminal(
  _ speaks: String, fault: String? = nil, _ body: (Terminal) async throws -> Void
) async throws {
  let terminal = try Terminal(speaks, fault: fault)
  do {
    try await body(terminal)
    await terminal.end()
  } catch {
    await terminal.end()
    throw error
  }
}

@Suite("posctl pay and posctl terminal", .timeLimit(.minutes(3)))
struct PayTests {
  static let protocols = ["zvt-serial", "zvt-tcp", "concert", "caisse-ap", "ecr17", "transbank"]

  static func price(_ speaks: String) -> (text: String, currency: String) {
    speaks == "transbank" ? ("1250", "CLP") : ("12.50", "EUR")
  }

  @Test("one line, as scripts rely on it", arguments: protocols)
  func pays(speaks: String) async throws {
    try await withTerminal(speaks) { terminal in
      let price = Self.price(speaks)
      let result = try await terminal.posctl(
        "pay", price.text, "--currency", price.currency, "--reference", "sale-1", "--json")
      #expect(result.status == 0, "\(result.complaints)")
      let line = try #require(try result.lines.first)
      #expect(line["type"] as? String == "payment")
      #expect(line["outcome"] as? String == "approved")
      #expect(line["amount"] as? Int == 1_250)
      #expect(line["currency"] as? String == price.currency)
      #expect(line["reference"] as? String == "sale-1")
      #expect(try result.lines.count == 1)
      #expect(try terminal.ledger.count == 1)

      // The same reference is the same payment.
      let again = try await terminal.posctl(
        "pay", price.text, "--currency", price.currency, "--reference", "sale-1", "--json")
      #expect(again.status == 0)
      #expect(try terminal.ledger.count == 1)
    }
  }

  @Test("declined is exit code 1 and no charge", arguments: protocols)
  func declined(speaks: String) async throws {
    try await withTerminal(speaks, fault: "declined") { terminal in
      let price = Self.price(speaks)
      let result = try await terminal.posctl("pay", price.text, "--currency", price.currency, "--json")
      #expect(result.status == 1, "\(result.complaints)")
      #expect(try result.lines.first?["outcome"] as? String == "declined")
      #expect(try terminal.ledger.isEmpty)
    }
  }

  /// Terminals that can be asked are; Caisse-AP finds the payment by its reference.
  @Test(
    "a link that breaks after the charge: unknown, locked, recovered, one charge",
    arguments: ["zvt-serial", "zvt-tcp", "caisse-ap", "ecr17", "transbank"])
  func recovers(speaks: String) async throws {
    try await withTerminal(speaks, fault: "link-lost-before-status") { terminal in
      let price = Self.price(speaks)
      let lost = try await terminal.posctl("pay", price.text, "--currency", price.currency, "--json")
      #expect(lost.status == 6, "\(lost.output) \(lost.complaints)")
      #expect(try lost.lines.first?["outcome"] as? String == "unknown")
      let refused = try await terminal.posctl("pay", price.text, "--currency", price.currency, "--json")
      #expect(refused.status == 5)
      #expect(try refused.lines.first?["outcome"] as? String == "not-started")
      #expect(try refused.lines.first?["code"] as? String == "terminal.unresolved_payment")

      let found = try await terminal.posctl("terminal", "recover", "--json")
      #expect(found.status == 0, "\(found.output) \(found.complaints)")
      #expect(try found.lines.first?["outcome"] as? String == "approved")
      #expect(try terminal.ledger.count == 1)
      let nothing = try await terminal.posctl("terminal", "recover", "--json")
      #expect(nothing.status == 0)
      #expect(try nothing.lines.first?["type"] as? String == "recovery")
    }
  }

  @Test("Concert cannot be asked: a person reads the slip and decides, once")
  func decides() async throws {
    try await withTerminal("concert", fault: "link-lost-before-status") { terminal in
      #expect(try await terminal.posctl("pay", "12.50", "--currency", "EUR", "--json").status == 6)
      let status = try await terminal.posctl("terminal", "status", "--json")
      #expect(try status.lines.first?["unresolved"] is String)
      let decided = try await terminal.posctl(
        "terminal", "recover", "--charged", "--note", "slip 42", "--json")
      #expect(decided.status == 0)
      #expect(try decided.lines.first?["outcome"] as? String == "approved")
      #expect(try decided.lines.first?["operator_note"] as? String == "slip 42")
      #expect(try await terminal.posctl("pay", "1", "--currency", "EUR", "--json").status == 0)
      #expect(try terminal.ledger.count == 2)
    }
  }

  @Test("the day is closed where the protocol can", arguments: protocols)
  func closesTheDay(speaks: String) async throws {
    try await withTerminal(speaks) { terminal in
      let price = Self.price(speaks)
      #expect(try await terminal.posctl("pay", price.text, "--currency", price.currency).status == 0)
      let result = try await terminal.posctl("terminal", "end-of-day", "--json")
      let canClose = speaks != "concert" && speaks != "caisse-ap"
      #expect(try result.lines.first?["outcome"] as? String == (canClose ? "done" : "not-done"))
      #expect(result.status == (canClose ? 0 : 1))
      if speaks.hasPrefix("zvt") || speaks == "ecr17" {
        #expect(try result.lines.first?["total"] as? Int == 1_250)
      }
    }
  }

  @Test("a terminal that sends the whole card number: it is on no disk and in no line", arguments: protocols)
  func canary(speaks: String) async throws {
    try await withTerminal(speaks, fault: "leaks-card-number") { terminal in
      let price = Self.price(speaks)
      let result = try await terminal.posctl("pay", price.text, "--currency", price.currency, "--json")
      #expect(result.status == 0, "\(result.complaints)")
      let second = try await terminal.posctl("pay", price.text, "--currency", price.currency)
      let all =
        String(decoding: try terminal.kept, as: UTF8.self) + result.output + result.complaints + second.output
        + second.complaints
      #expect(!all.contains("41111111"))
      #expect(try result.lines.first?["masked_pan"] as? String == "************1111")
    }
  }

  @Test("arguments that make no sense are exit code 2, before anything is opened")
  func usage() async throws {
    for arguments in [
      ["pay", "12.505", "--currency", "EUR"], ["pay", "0", "--currency", "EUR"],
      ["pay", "1,50", "--currency", "EUR"],
      ["pay", "1", "--currency", "ZZZ"], ["pay", "1", "--currency", "EUR", "--refund", "--reverse", "1"],
      ["terminal", "recover", "--charged", "--not-charged"],
    ] {
      let result = try await Posctl.run(arguments + ["--device", "zvt+tcp:127.0.0.1:1"])
      #expect(result.status == 2, "\(arguments)")
    }
  }

  @Test("decode concert and caisse-ap explain both sides and mask card data")
  func decodes() async throws {
    let report = "4111111111111111   0727" + String(repeating: " ", count: 32)
    let text = Array(("010000012501" + report + "978ABCDEFGHIJ").utf8)
    let frame = [0x05, 0x06, 0x02] + text + [0x03, text.reduce(0x03) { $0 ^ $1 }] + [0x06, 0x04]
    let concert = try await Posctl.run("decode", "concert", "--json", input: frame)
    #expect(concert.status == 0)
    #expect(try concert.lines.compactMap { $0["frame"] as? String } == ["enq", "ack", "ack", "eot"])
    let answer = try #require(try concert.lines.first { $0["type"] as? String == "message" })
    #expect(answer["amount"] as? Int == 1_250 && answer["result_meaning"] as? String == "done")
    #expect(!concert.output.contains("41111"))

    let order = "CZ0040300CJ012247300123456CA00201CB00512345CD0010CE003978"
    let caisse = try await Posctl.run(
      "decode", "caisse-ap", "--json", input: Array((order + "AE00210AA0164111111111111111").utf8))
    #expect(caisse.status == 0)
    let line = try #require(try caisse.lines.first)
    #expect(line["amount"] as? Int == 12_345 && line["result"] as? String == "10")
    #expect(line["card_number"] as? String == "************1111")
    let cut = try await Posctl.run("decode", "caisse-ap", "--json", input: Array(order.dropLast().utf8))
    #expect(cut.status == 1)
    #expect(try cut.lines.first?["reason"] as? String == "truncated")
  }
}
