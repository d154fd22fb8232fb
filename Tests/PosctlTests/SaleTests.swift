import Foundation
import PunchhSandbox
import Testing

@Suite("posctl sale")
struct SaleTests {
  @Test("one scan: guest, reward, payment, commit, check-in, and a receipt an independent reader can read")
  func wholeSale() async throws {
    try await withCounter { counter in
      let result = try await counter.sell()
      #expect(result.status == 0, "\(result.complaints)")
      let sale = try #require(try result.lines.first)
      #expect(sale["loyalty_code"] as? String == "5ca1ab1e0ddba11")
      #expect(sale["guest"] as? String == "Jane Doe")
      #expect(sale["discount"] as? Int == 300)
      #expect(sale["payable"] as? Int == 1590)
      #expect((sale["payment"] as? [String: Any])?["outcome"] as? String == "approved")
      #expect(sale["print"] as? String == "printed")
      #expect(sale["points_earned"] as? Int == 14)
      #expect(sale["outbox_waiting"] as? Int == 0)

      let barcode = try #require(sale["barcode"] as? String)
      let key = try #require(sale["punchh_key"] as? String)
      #expect(barcode.count == 13 && barcode.hasPrefix(key) && key.count == 12)
      #expect(try Zbar.codes(in: try #require(sale["receipt_png"] as? String)) == ["EAN-13:\(barcode)"])

      let ledger = counter.sandbox.ledger
      #expect(ledger.checkIns.map(\.punchhKey) == [key])
      #expect(ledger.receipts.map(\.punchhKey) == [key])
      #expect(ledger.redemptions.map(\.amount) == [300])
      #expect(ledger.violations.isEmpty, "\(ledger.violations)")
      #expect(try counter.terminalLedger == ["charge receipt=42 trace=100 amount=1590 currency=840"])
    }
  }

  @Test("what the printer received is what the till says it sent")
  func paper() async throws {
    try await withCounter { counter in
      let sale = try #require(try await counter.sell().lines.first)
      #expect(try counter.wholeReceipts(connections: 1) == 1)
      let sent = try Data(contentsOf: URL(filePath: try #require(sale["receipt_escpos"] as? String)))
      let received = try Data(contentsOf: counter.files.path("lane").appending(path: "paper-1.escpos"))
      #expect(sent == received)
    }
  }

  @Test("a declined card: nothing is committed, the basket is free")
  func declined() async throws {
    try await withCounter(laneFaults: ["--terminal-fault", "declined"]) { counter in
      let result = try await counter.sell()
      #expect(result.status == 1)
      let sale = try #require(try result.lines.first)
      #expect(sale["state"] as? String == "abandoned")
      // There is no check to claim.
      #expect(sale["barcode"] is NSNull)
      #expect((sale["payment"] as? [String: Any])?["outcome"] as? String == "declined")
      let ledger = counter.sandbox.ledger
      #expect(ledger.redemptions.isEmpty && ledger.checkIns.isEmpty && ledger.receipts.isEmpty)
      #expect(ledger.accounts.allSatisfy { $0.basketLockedBy == nil })
      #expect(try counter.terminalLedger.isEmpty)
    }
  }

  @Test(
    "a link that breaks about the approval: the terminal is asked, the customer pays once",
    arguments: ["link-lost-after-approval", "link-lost-before-status"])
  func linkLost(fault: String) async throws {
    try await withCounter(laneFaults: ["--terminal-fault", fault]) { counter in
      let result = try await counter.sell()
      #expect(result.status == 0, "\(result.complaints)")
      let sale = try #require(try result.lines.first)
      #expect((sale["payment"] as? [String: Any])?["outcome"] as? String == "approved")
      let steps = try #require(sale["steps"] as? [[String: Any]]).compactMap { $0["name"] as? String }
      #expect(steps.contains("recover-payment"))
      #expect(try counter.chargesOutstanding == 1)
      #expect(counter.sandbox.ledger.checkIns.count == 1)
    }
  }

  @Test("Punchh down: the sale completes from the cached configuration, the check-in is delivered later")
  func punchhDown() async throws {
    try await withCounter { counter in
      #expect(try await counter.run("loyalty", "configuration").status == 0)
      await counter.sandbox.stop()

      let result = try await counter.sell()
      #expect(result.status == 0, "\(result.complaints)")
      let sale = try #require(try result.lines.first)
      #expect(sale["state"] as? String == "completed")
      #expect(sale["discount"] as? Int == 0)
      #expect(sale["outbox_waiting"] as? Int == 2)
      let barcode = try #require(sale["barcode"] as? String)
      #expect(try Zbar.codes(in: try #require(sale["receipt_png"] as? String)) == ["EAN-13:\(barcode)"])

      let listed = try await Posctl.run("outbox", "list", "--json", "--state", counter.state)
      #expect(try listed.lines.compactMap { $0["kind"] as? String } == ["check-in", "receipt"])
      for form in [[], ["--json"]] {
        let exported = try await Posctl.run(["outbox", "export", "--state", counter.state] + form)
        #expect(try exported.lines.compactMap { $0["kind"] as? String } == ["check-in", "receipt"])
      }
      let early = try await counter.run("outbox", "flush")
      #expect(early.status == 1)

      let revived = try await SandboxServer.start(Counter.settings, port: counter.sandbox.port)
      let flush = try await counter.run("outbox", "flush", "--json")
      #expect(flush.status == 0, "\(flush.complaints)")
      #expect(revived.ledger.checkIns.map(\.punchhKey) == [sale["punchh_key"] as? String])
      #expect(revived.ledger.receipts.count == 1)
      #expect(revived.ledger.violations.isEmpty, "\(revived.ledger.violations)")
      await revived.stop()
    }
  }

  @Test("two tills of one location: no key comes twice, nobody's points are lost")
  func tillsOfOneLocation() async throws {
    try await withCounter { counter in
      for till in ["1/2", "2/2"] {
        let state = counter.files.path("till-\(till.prefix(1))").path
        let result = try await counter.sell("--state", state, "--till", till)
        #expect(result.status == 0, "\(result.complaints)")
      }
      #expect(Set(counter.sandbox.ledger.checkIns.map(\.punchhKey)).count == 2)
      #expect(counter.sandbox.ledger.violations.isEmpty)
      for till in ["0/2", "3/2", "1", "a/b", "1/1000"] {
        #expect(try await counter.sell("--till", till).status == 2)
      }
    }
  }

  @Test("a receipt that cannot be kept: refused before anybody pays, and after that no failure of the sale")
  func receiptCannotBeKept() async throws {
    try await withCounter { counter in
      let file = counter.files.path("file")
      try Data().write(to: file)
      let early = try await counter.sell("--receipt", file.path)
      #expect(early.status == 4)
      #expect(try counter.terminalLedger.isEmpty)

      // A folder where the file belongs.
      let folder = counter.files.path("receipts")
      try FileManager.default.createDirectory(
        at: folder.appending(path: "receipt.escpos"), withIntermediateDirectories: true)
      let late = try await counter.sell()
      #expect(late.status == 0)
      #expect(late.complaints.contains("receipt.escpos"))
      let sale = try #require(try late.lines.first)
      #expect(sale["state"] as? String == "completed")
      #expect(sale["receipt_png"] is NSNull)
    }
  }

  @Test("a reader of the output that goes away does not end the sale")
  func unheard() async throws {
    try await withCounter { counter in
      let result = try await counter.sellUnheard()
      #expect(result.status == 0, "\(result.complaints)")
      #expect(try counter.chargesOutstanding == 1)
      #expect(counter.sandbox.ledger.checkIns.count == 1)
    }
  }

  @Test("a check-in that was refused can be released once the reason is gone")
  func release() async throws {
    try await withCounter(punchhFaults: ["checkin=locked*1"]) { counter in
      #expect(try await counter.sell().status == 0)
      let flush = try await counter.run("outbox", "flush")
      #expect(flush.status == 1)
      #expect(flush.complaints.contains("loyalty.refused"))
      let listed = try await Posctl.run("outbox", "list", "--json", "--state", counter.state)
      let id = try #require(try listed.lines.first?["id"] as? Int)
      let missing = try await Posctl.run("outbox", "release", "999", "--state", counter.state)
      #expect(missing.status == 3)
      let released = try await Posctl.run("outbox", "release", "\(id)", "--json", "--state", counter.state)
      #expect(released.status == 0, "\(released.complaints)")
      #expect(try await counter.run("outbox", "flush").status == 0)
      #expect(counter.sandbox.ledger.checkIns.count == 1)
    }
  }

  @Test("an open cover: the sale stands, the receipt waits, and the summary says so")
  func coverOpen() async throws {
    try await withCounter(laneFaults: ["--cover-open"]) { counter in
      let result = try await counter.sell()
      #expect(result.status == 0, "\(result.complaints)")
      let sale = try #require(try result.lines.first)
      #expect(sale["state"] as? String == "completed-with-rest")
      #expect(sale["print"] as? String == "not-printed")
      #expect(counter.sandbox.ledger.checkIns.count == 1)
    }
  }

  @Test("an order file that is wrong is refused with the path of what is wrong, and nothing happens")
  func badOrder() async throws {
    for (document, place) in [
      ("{", "not valid JSON"), (#"{"check":"1","currency":"EUR"}"#, "lines"),
      (#"{"check":"1","currency":"XXX","lines":[{"name":"a","amount":"1"}]}"#, "currency"),
      (#"{"check":"1","currency":"EUR","lines":[{"name":"a","amount":"1,5"}]}"#, "lines[0].amount"),
      (#"{"check":"1","currency":"EUR","lines":[{"name":"a","amount":1.5}]}"#, "lines[0].amount"),
      (String(repeating: "[", count: 513), "nested too deep"),
    ] {
      let result = try await Posctl.run(
        "sale", "run", "--order", "-", input: Array(document.utf8))
      #expect(result.status == 2, "\(document)")
      #expect(result.complaints.contains(place), "\(result.complaints)")
    }
  }
}
