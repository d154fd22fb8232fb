import Foundation
import POSDrivers
import POSJournal
import POSLinux
import POSLoyalty
import POSModel
import POSRuntime
import POSTerminalWire
import Punchh
import PunchhSandbox
import Testing

/// The article "A whole sale", run at a simulated counter: the same text but for line breaks.
@Suite("A whole sale, as the article has it")
struct SaleExampleTests {
  @Test("the example sells, and the guest is credited")
  func example() async throws {
    try await withCounter { counter in
      let printed = try await sell(
        at: counter.server, counter.address(of: "terminal"), counter.address(of: "printer"), counter.state,
        counter.environment, to: "5ca1ab1e0ddba11")
      #expect(printed.count == 1 && printed[0].hasPrefix("paid "), "\(printed)")
      #expect(try counter.chargesOutstanding == 1)
      #expect(counter.sandbox.ledger.checkIns.count == 1)
      #expect(counter.sandbox.ledger.violations.isEmpty)
    }
  }

  /// The article's lines; what they print.
  private func sell(
    at server: String, _ terminalAddress: String, _ printerAddress: String, _ folder: String,
    _ environment: [String: String], to scanned: String
  ) async throws -> [String] {
    var printed: [String] = []
    func print(_ value: some Any) { printed.append("\(value)") }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)

    let journal = try await Journal.open(in: folder)
    let punchh = PunchhProvider(
      PunchhConfiguration(
        server: try ServerURL(server), keys: try PunchhKeys(environment: environment),
        userAgent: try UserAgent(integrator: "burger-barn", version: "1.0")),
      clock: Reactor.shared)

    var opener = DeviceOpener()
    opener.printerProfile = .epsonTMT20II
    opener.currency = .usDollar
    opener.terminalPassword = ZVTPassword(digits: Array("000000".utf8))
    let terminal = try opener.terminal(at: DeviceAddress(terminalAddress), journal: journal)
    let printer = try await QueuedPrinter.open(
      at: DeviceAddress(printerAddress), with: opener, journal: journal)

    let clock = TillClock(monotonic: Reactor.shared)
    let outbox = OutboxSender(provider: punchh, journal: journal, clock: clock)
    let till = SaleOrchestrator(
      provider: punchh, terminal: terminal, printer: printer, journal: journal, outbox: outbox, clock: clock)
    _ = try await SaleRecovery(orchestrator: till, journal: journal).run()
    let sending = Task { await outbox.run() }

    let order = Order(
      checkNumber: "1042", currency: .usDollar,
      lines: [
        Order.Line(name: "Classic burger", amount: 900, itemID: "101"),
        Order.Line(name: "Tax", amount: 72, kind: .tax, itemID: "tax"),
      ])
    guard case .guest(let codes) = try CodeClassifier().classify(scanned) else { return [] }
    let summary = try await till.run(order, attendant: UnattendedSale(codes: codes))
    switch summary.state {
    case .completed: print("paid \(summary.payable), receipt \(summary.receiptKey)")
    case .paymentOpen: _ = try await till.resume(summary.id)  // the terminal is asked what became of it
    default: print(summary.warnings)
    }

    sending.cancel()
    await printer.close()
    await terminal.close()
    await journal.close()
    return printed
  }

  @Test("the article shows what this test runs")
  func sameText() throws {
    let here = URL(filePath: #filePath)
    let root = here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    func words(_ text: some StringProtocol) -> String { String(text.filter { !$0.isWhitespace }) }
    let article = try String(
      contentsOf: root.appending(path: "Sources/App/POSLoyalty/POSLoyalty.docc/A-whole-sale.md"),
      encoding: .utf8)
    let test = words(try String(contentsOf: here, encoding: .utf8))
    let examples = article.components(separatedBy: "```").enumerated().filter { !$0.offset.isMultiple(of: 2) }
    #expect(examples.count == 3)
    for (_, example) in examples {
      let lines = example.dropFirst("swift".count)
      #expect(test.contains(words(lines).replacing("else{return}", with: "else{return[]}")), "\(lines)")
    }
  }
}
