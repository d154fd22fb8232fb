import Foundation
import PunchhSandbox
import Testing

@Suite("posctl sale void, refund, list, --change, --channel; loyalty keys")
struct SaleReturnTests {
  private static let order = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Examples/burger.json")

  /// The burger of Examples, without or with more of something.
  private func order(_ counter: Counter, _ name: String, _ change: (String) -> String) throws -> String {
    let path = counter.files.path(name)
    try change(try String(contentsOf: Self.order, encoding: .utf8)).write(
      to: path, atomically: true, encoding: .utf8)
    return path.path
  }

  @Test("a sale is taken back whole, once: receipt, points, reward, and the card's charge is reversed")
  func void() async throws {
    try await withCounter { counter in
      let sale = try #require(try await counter.sell().lines.first)
      let listed = try await Posctl.run("sale", "list", "--state", counter.state, "--json")
      #expect(try listed.lines.map { $0["check"] as? String } == ["1042"])
      #expect(try listed.lines.first?["sale"] as? String == sale["sale"] as? String)

      let void = try await counter.takeBack("void", "1042")
      #expect(void.status == 0, "\(void.complaints)")
      let line = try #require(try void.lines.first)
      #expect(line["state"] as? String == "voided" && line["given_back"] as? Int == 1590)
      #expect(line["redeemed"] as? Bool == false)
      #expect((line["warnings"] as? [Any])?.isEmpty == true, "\(line)")
      let booked = try counter.terminalLedger
      #expect(try counter.chargesOutstanding == 0, "\(booked)")
      _ = try await counter.run("outbox", "flush")
      let ledger = counter.sandbox.ledger
      #expect(ledger.checkIns.map(\.isVoided) == [true] && ledger.receipts.map(\.isVoided) == [true])
      #expect(ledger.redemptions.map(\.isVoided) == [true] && ledger.violations == [])

      let again = try await counter.takeBack("void", "1042")
      #expect(again.status == 2 && again.complaints.contains("void already"))
      #expect(try await counter.takeBack("void", "7").status == 3)
      #expect(try counter.chargesOutstanding == 0)
      #expect(try counter.terminalLedger.count == 2)
    }
  }

  @Test("kill -9 at every durable write of a void: the money goes back once", arguments: ["before", "after"])
  func killed(moment: String) async throws {
    var kills = 0
    while kills < 40 {
      let point = "\(moment):\(kills + 1)"
      let isKilled = try await withCounter { counter in
        #expect(try await counter.sell().status == 0)
        let void = try await counter.takeBack("void", "1042", "--crash-at", point)
        if void.status == -9 {
          #expect(try await counter.resume().status == 0, "\(point)")
          // Whatever is left is asked for again; what is done already is a refusal.
          let again = try await counter.takeBack("void", "1042")
          #expect(again.status == 0 || again.status == 2, "\(point): \(again.complaints)")
        }
        _ = try await counter.run("outbox", "flush")
        let booked = try counter.terminalLedger
        #expect(try counter.chargesOutstanding == 0, "\(point): \(booked)")
        #expect(booked.count == 2, "\(point): \(booked)")
        let ledger = counter.sandbox.ledger
        #expect(ledger.receipts.map(\.isVoided) == [true] && ledger.redemptions.map(\.isVoided) == [true])
        #expect(ledger.violations == [], "\(point)")
        return void.status == -9
      }
      guard isKilled else { break }
      kills += 1
    }
    #expect((4..<40).contains(kills))
  }

  @Test("a smaller check: the difference goes back and the points follow; no terminal, no money")
  func refund() async throws {
    try await withCounter { counter in
      #expect(try await counter.sell().status == 0)
      let smaller = try order(counter, "smaller.json") {
        $0.replacingOccurrences(of: "\"2.50\"", with: "\"0.50\"")
      }
      let refund = try await counter.takeBack("refund", "1042", "--order", smaller)
      #expect(refund.status == 0, "\(refund.complaints)")
      #expect(try refund.lines.first?["given_back"] as? Int == 200)
      _ = try await counter.run("outbox", "flush")
      #expect(counter.sandbox.ledger.checkIns.map(\.pointsEarned) == [12])
      let same = try await counter.takeBack("refund", "1042", "--order", smaller)
      #expect(same.status == 2 && same.complaints.contains("not less"))

      let bare = try await counter.run("sale", "void", "1042", "--json")
      #expect(bare.status == 1, "\(bare.output)")
      #expect(try bare.lines.first?["owed_back"] as? Int == 1390)
      let mended = try await counter.takeBack("void", "1042")
      #expect(mended.status == 0, "\(mended.output) \(mended.complaints)")
      #expect(try mended.lines.first?["owed_back"] is NSNull)
      #expect(counter.sandbox.ledger.violations == [])
    }
  }

  @Test("the check is changed after the quote: it is quoted and paid as it is then")
  func change() async throws {
    try await withCounter { counter in
      let bigger = try order(counter, "bigger.json") {
        $0.replacingOccurrences(of: "\"2.50\"", with: "\"3.50\"")
      }
      let other = try order(counter, "other.json") { $0.replacingOccurrences(of: "1042", with: "7") }
      let result = try await counter.sell("--change", other, "--change", bigger)
      #expect(result.status == 0 && result.complaints.contains("number and currency stay the same"))
      let sale = try #require(try result.lines.first)
      #expect(sale["payable"] as? Int == 1690 && sale["discount"] as? Int == 300)
      let ledger = counter.sandbox.ledger
      #expect(ledger.calls.count { $0.route == .quote } == 2 && ledger.redemptions.count == 1)
      #expect(ledger.violations == [] && ledger.accounts.allSatisfy { $0.basketLockedBy == nil })
    }
  }

  @Test("a kiosk")
  func kiosk() async throws {
    try await withCounter { counter in
      #expect(try await counter.sell("--channel", "kiosk").status == 0)
      _ = try await counter.run("outbox", "flush", "--channel", "kiosk")
      let ledger = counter.sandbox.ledger
      #expect(ledger.checkIns.count == 1 && ledger.receipts.count == 1 && ledger.violations == [])
    }
  }

  @Test("a location that has 2.0 off is spoken to in 1.0 by itself")
  func generation() async throws {
    var settings = Counter.settings
    settings.allowsMultipleRedemptions = false
    try await withCounter(settings: settings) { counter in
      let sale = try #require(try await counter.sell().lines.first)
      #expect(sale["discount"] as? Int == 300 && sale["redeemed"] as? Bool == true)
      let ledger = counter.sandbox.ledger
      #expect(ledger.singleRedemptions.count == 1 && ledger.violations == [])
    }
  }

  @Test("a gift card pays what it holds, the card the rest, and both have theirs back")
  func giftCard() async throws {
    var settings = Counter.settings
    settings.guests[0].giftCard = "6006492222222222"
    try await withCounter(settings: settings) { counter in
      let book = counter.files.path("cards").path
      try "issue 6006492222222222 500\n".write(toFile: book, atomically: true, encoding: .utf8)
      let sale = try #require(try await counter.sell("--gift-cards", book).lines.first)
      #expect(sale["gift_card_part"] as? Int == 500)
      #expect((sale["payment"] as? [String: Any])?["amount"] as? Int == 1090)
      #expect(try counter.terminalLedger.count == 1)
      let void = try await counter.takeBack("void", "1042", "--gift-cards", book)
      #expect(void.status == 0, "\(void.complaints)")
      #expect(try void.lines.first?["given_back"] as? Int == 1590)
      #expect(try counter.chargesOutstanding == 0)
      let lines = try String(contentsOfFile: book, encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 3 && lines[1].hasPrefix("charge ") && lines[1].hasSuffix(" 500 ."))
      #expect(lines[2].hasPrefix("refund ") && lines[2].hasSuffix(" 500 ."))
    }
    settings.guests[0].rewards = []
    try await withCounter(laneFaults: ["--terminal-fault", "declined"], settings: settings) { counter in
      let book = counter.files.path("cards").path
      try "issue 6006492222222222 500\n".write(toFile: book, atomically: true, encoding: .utf8)
      #expect(try await counter.sell("--gift-cards", book).status == 1)
      let lines = try String(contentsOfFile: book, encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 3 && lines[2].hasPrefix("refund "), "\(lines)")
    }
  }

  @Test("refused keys are not sent by the next process; loyalty keys says so and lets them go")
  func refusedKeys() async throws {
    try await withCounter { counter in
      let wrong = counter.environment.merging(["PUNCHH_LOCATION_KEY": "wrong"]) { $1 }
      let place = ["--server", counter.server, "--state", counter.state]
      for _ in 0..<3 {
        let result = try await Posctl.run(["loyalty", "configuration"] + place, environment: wrong)
        #expect(result.status == 4, "\(result.complaints)")
      }
      #expect(counter.sandbox.ledger.calls.count == 1)
      let held = try await Posctl.run(["loyalty", "keys", "--json"] + place, environment: wrong)
      #expect(held.status == 4 && held.output.contains("\"held_back\":true"))
      #expect(try await counter.run("loyalty", "keys").status == 0, "other keys are not concerned")
      let allowed = try await Posctl.run(["loyalty", "keys", "--allow"] + place, environment: wrong)
      #expect(allowed.status == 0)
      _ = try await Posctl.run(["loyalty", "configuration"] + place, environment: wrong)
      #expect(counter.sandbox.ledger.calls.count == 2)
    }
  }
}
