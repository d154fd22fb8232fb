import Foundation
import TestSupport
import Testing

/// A simulated card terminal in a process of its own.
final class SimulatedTerminalProcess {
  let speaks: String
  let files: TemporaryDirectory
  let address: String
  private let process: Process
  private let output: FileHandle
  private let ends: AsyncStream<Void>

  init(_ speaks: String, fault: String? = nil, _ options: [String] = []) throws {
    self.speaks = speaks
    files = try TemporaryDirectory()
    let isSerial = ["zvt-serial", "concert", "transbank"].contains(speaks)
    process = Posctl.process(
      ["simulate", "terminal", "--protocol", speaks, "--ledger", files.path("ledger").path]
        + (isSerial ? [files.path("line").path] : []) + (fault.map { ["--fault", $0] } ?? []) + options)
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

  /// What a till's environment says of its terminals.
  static let environment = [
    "ZVT_PASSWORD": "000000", "ECR17_TERMINAL_ID": "29001006", "CAISSE_AP_IDENTIFIER": "247300123456",
  ]

  /// Which terminal and which journal.
  var place: [String] { ["--device", address, "--state", files.path("state").path] }

  func run(_ arguments: [String]) async throws -> Posctl.Result {
    try await Posctl.run(arguments + place, environment: Self.environment)
  }

  func posctl(_ arguments: String..., password: String = "000000") async throws -> Posctl.Result {
    try await Posctl.run(
      arguments + place, environment: Self.environment.merging(["ZVT_PASSWORD": password]) { $1 })
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

func withTerminal(
  _ speaks: String, fault: String? = nil, _ options: [String] = [],
  _ body: (SimulatedTerminalProcess) async throws -> Void
) async throws {
  let terminal = try SimulatedTerminalProcess(speaks, fault: fault, options)
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
    arguments: ["zvt-serial", "zvt-tcp", "caisse-ap", "transbank"])
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

  /// Concert cannot be asked, and ECR17 only where there was a payment before.
  @Test(
    "what a terminal cannot tell a person reads on the slip and decides, once",
    arguments: ["concert", "ecr17"])
  func decides(speaks: String) async throws {
    try await withTerminal(speaks, fault: "link-lost-before-status") { terminal in
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
      // One that dies with the terminal's answer in its hands: before the outcome is written.
      let dead = try await terminal.posctl(
        "pay", price.text, "--currency", price.currency, "--crash-at", "before:2")
      #expect(dead.status == -9)
      let all =
        String(decoding: try terminal.kept, as: UTF8.self) + result.output + result.complaints + second.output
        + second.complaints + dead.output + dead.complaints
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

  @Test("set aside, free a part, book, tip, and close", arguments: ["zvt-serial", "zvt-tcp"])
  func preAuthorises(speaks: String) async throws {
    try await withTerminal(speaks, ["--numbers-messages", "--tip", "150", "--card-limit", "8000"]) {
      terminal in
      func pay(_ arguments: String...) async throws -> [String: Any] {
        let result = try await Posctl.run(
          ["pay"] + arguments + ["--currency", "EUR", "--json"] + terminal.place,
          environment: SimulatedTerminalProcess.environment)
        #expect(result.status == 0, "\(arguments): \(result.output) \(result.complaints)")
        return try #require(try result.lines.first)
      }
      let reserved = try await pay("80", "--pre-authorise")
      #expect(reserved["kind"] as? String == "pre-authorisation" && reserved["receipt_number"] as? Int == 42)
      #expect(try await pay("10", "--release", "42")["kind"] as? String == "partial-reversal")
      #expect(try await pay("63.20", "--book", "42")["amount"] as? Int == 6_320)
      let tipped = try await pay("20", "--accept-tip")
      #expect(tipped["amount"] as? Int == 2_150 && tipped["tip"] as? Int == 150)
      #expect(try await pay("100", "--accept-part")["amount"] as? Int == 8_000)
      #expect(
        try terminal.ledger.map { $0.prefix { $0 != " " } } == [
          "reservation", "release", "booking", "charge", "charge",
        ])
      let turnover = try await terminal.posctl("terminal", "turnover", "--json")
      #expect(try turnover.lines.first?["total"] as? Int == 6_320 + 2_150 + 8_000)
      for task in ["diagnosis", "initialise", "end-of-day"] {
        let result = try await terminal.posctl("terminal", task, "--json")
        #expect(result.status == 0, "\(task): \(result.output)")
        #expect(try result.lines.first?["outcome"] as? String == "done")
      }
    }
  }

  @Test("what fails says so in a JSON line too, whatever the verb")
  func errorLines() async throws {
    let cases: [(arguments: [String], status: Int32, code: String)] = [
      (["pay", "1", "--currency", "EUR", "--device", "zvt+tcp:127.0.0.1:1"], 2, "input.configuration"),
      (["terminal", "status", "--device", "nonsense", "--json"], 2, "device.bad_address"),
      (["decode", "zvt", "--json", "/proc/self/none"], 3, "input.not_found"),
      (["pay", "--json"], 2, "input.usage"), (["barcode", "nonsense", "--json"], 2, "input.usage"),
    ]
    for (arguments, status, code) in cases {
      let state = try TemporaryDirectory()
      let isPayment = arguments[0] == "pay" && arguments.count > 2
      let result = try await Posctl.run(arguments + (isPayment ? ["--state", state.path("s").path] : []))
      #expect(result.status == status, "\(arguments): \(result.complaints)")
      let line = try #require(try result.lines.last, "\(arguments)")
      #expect(line["type"] as? String == "error" && line["code"] as? String == code, "\(arguments): \(line)")
      #expect(!result.complaints.isEmpty)
    }
    // Without --json nothing but the complaint.
    let plain = try await Posctl.run("decode", "zvt", "/proc/self/none")
    #expect(plain.output.isEmpty && !plain.complaints.isEmpty)
  }

  @Test("a wrong password says whose it is and what to set", arguments: ["zvt-serial", "zvt-tcp"])
  func wrongPassword(speaks: String) async throws {
    try await withTerminal(speaks) { terminal in
      let result = try await terminal.posctl("pay", "1", "--currency", "EUR", "--json", password: "123456")
      #expect(result.status == 2)
      let line = try #require(try result.lines.first)
      #expect(line["outcome"] as? String == "not-started")
      #expect((line["hint"] as? String)?.contains("ZVT_PASSWORD") == true)
      #expect((line["text"] as? String)?.contains("password") == true)
      #expect(!result.output.contains("123456"))
    }
  }

  @Test("a second simulator does not take a running one's line")
  func linkIsServed() async throws {
    try await withTerminal("zvt-serial") { terminal in
      let link = terminal.files.path("line").path
      let second = try await Posctl.run(
        "simulate", "terminal", link, "--ledger", terminal.files.path("other").path, "--json")
      #expect(second.status == 5)
      #expect(try second.lines.last?["code"] as? String == "device.busy")
      #expect(try await terminal.posctl("pay", "1", "--currency", "EUR", "--json").status == 0)
    }
  }

  @Test(
    "Ctrl-C asks the terminal to stop and says so; a second one stops the wait, not the payment",
    arguments: [1, 2])
  func interrupts(presses: Int) async throws {
    // While the customer is waited for, the terminal can stop; while the host is asked it cannot.
    let habits = [presses == 1 ? "--customer-seconds" : "--host-seconds", "600"]
    try await withTerminal("zvt-tcp", habits) { terminal in
      let process = Posctl.process(
        ["pay", "12.50", "--currency", "EUR", "--reference", "sale-1"] + terminal.place,
        environment: SimulatedTerminalProcess.environment)
      let (ends, end) = AsyncStream.makeStream(of: Void.self)
      process.terminationHandler = { _ in end.finish() }
      let output = Pipe()
      process.standardOutput = output
      let complaints = Pipe()
      process.standardError = complaints
      try process.run()
      var said = ""
      var presses =
        presses == 1 ? ["waiting for the host"] : ["waiting for the host", "the terminal cannot stop now"]
      for await piece in pieces(from: complaints) {
        said += String(decoding: piece, as: UTF8.self)
        if let next = presses.first, said.contains(next) {
          presses.removeFirst()
          kill(process.processIdentifier, SIGINT)
        }
      }
      for await _ in ends {}
      try #require(!process.isRunning)
      let line = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
      #expect(said.contains("asking the terminal to stop"))
      #expect(try terminal.ledger.isEmpty)
      if habits[0] == "--customer-seconds" {
        #expect(process.terminationStatus == 1 && line.contains("\"cancelled\""), "\(line) \(said)")
      } else {
        #expect(process.terminationStatus == 6 && line.contains("\"unknown\""), "\(line) \(said)")
        #expect(said.contains("no longer waiting") && said.contains("posctl terminal recover"))
        let locked = try await terminal.posctl("pay", "1", "--currency", "EUR", "--json")
        #expect(locked.status == 5 && locked.output.contains("terminal.unresolved_payment"))
      }
    }
  }

  /// Whatever the till has written down when it dies, the next start charges nobody twice and tells nobody a falsehood.
  /// The other protocols' recoveries wait, for minutes, for a terminal that may still be at it: their tills are replaced in
  /// `ChargeSweepTests`, on a clock that leaps.
  @Test(
    "kill -9 at every durable write of pay and of recover",
    arguments: zip(
      ["zvt-serial", "zvt-tcp", "caisse-ap"], [nil, "link-lost-before-status", "link-lost-before-status"]))
  func killed(speaks: String, fault: String?) async throws {
    let price = Self.price(speaks)
    let payment = ["pay", price.text, "--currency", price.currency, "--reference", "sale-1", "--json"]
    var kills = 0
    /// The last durable write of a payment: its outcome.
    var last = 0
    for command in [payment, ["terminal", "recover", "--json"]] {
      for moment in ["before", "after"] {
        var number = 1
        var isKilled = true
        while isKilled, number < 20 {
          try await withTerminal(speaks, fault: fault, ["--keeps-unanswered"]) { terminal in
            if command != payment {
              // The payment is killed before its outcome is written; what is swept is the recovery.
              #expect(try await terminal.run(payment + ["--crash-at", "before:\(last)"]).status == -9)
            }
            let crashed = try await terminal.run(command + ["--crash-at", "\(moment):\(number)"])
            isKilled = crashed.status == -9
            if isKilled {
              kills += 1
              if command == payment { last = number }
              try await check(terminal, payment, "\(command[0]) \(moment):\(number)")
            }
          }
          number += 1
        }
        #expect(number < 20)
      }
    }
    #expect(last >= 2 && kills >= 6, "\(kills)")
  }

  /// Recovers, and holds what the till says against the terminal's ledger.
  private func check(
    _ terminal: SimulatedTerminalProcess, _ payment: [String], _ place: String
  ) async throws {
    var recovered = try await terminal.run(["terminal", "recover", "--json"])
    var known = try await terminal.run(payment)
    if known.status == 6 {
      // It had never begun, and the fault was still to come.
      recovered = try await terminal.run(["terminal", "recover", "--json"])
      known = try await terminal.run(payment)
    }
    let outcome = try known.lines.first?["outcome"] as? String ?? "none"
    let charges = try terminal.ledger.count
    switch outcome {
    case "approved": #expect(charges == 1, "\(place): \(recovered.output)")
    case "declined", "cancelled", "not-started": #expect(charges == 0, "\(place): \(recovered.output)")
    case "unknown", "approved-unconfirmed":
      // It is not documented that a duplicate of another payment means that this one was not charged.
      #expect(terminal.speaks == "caisse-ap", "\(place): \(recovered.output)")
      #expect(charges <= 1 && known.status == 6, "\(place)")
    default: Issue.record("\(place): \(known.output) \(known.complaints)")
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
