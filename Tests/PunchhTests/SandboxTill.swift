import Foundation
import POSJournal
import POSLoyalty
import POSModel
import POSTransport
import Punchh
import PunchhSandbox
import Synchronization

/// A whole till in front of a sandbox: journal, outbox, a terminal that approves, paper that is kept.
struct SandboxTill {
  let journal: Journal
  let orchestrator: SaleOrchestrator
  let outbox: OutboxSender
  let paper = Paper()
  let card = Card()

  /// Runs `body` with a till and a sandbox that share a clock, and takes both down.
  static func run(
    _ settings: SandboxSettings = Lane.settings, policy: SalePolicy? = nil,
    configure: (inout PunchhConfiguration) throws -> Void = { _ in },
    _ body: (SandboxTill, Lane, Clock) async throws -> Void
  ) async throws {
    let clock = Clock(1_790_000_000)
    let path = FileManager.default.temporaryDirectory.appending(path: "sandbox-till-\(UUID().uuidString)")
      .path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await Lane.run(
      settings, clock: { clock.now },
      configure: { configuration in
        configuration.redemptions = nil
        try configure(&configuration)
      }
    ) { lane in
      var options = Journal.Options()
      options.now = { WallTime(milliseconds: clock.now * 1000) }
      let journal = try await Journal.open(in: path, options: options)
      let till = SandboxTill(lane: lane, journal: journal, policy: policy, clock: clock)
      do {
        try await body(till, lane, clock)
      } catch {
        await journal.close()
        throw error
      }
      await journal.close()
    }
  }

  private init(lane: Lane, journal: Journal, policy: SalePolicy?, clock: Clock) {
    let time = TillClock(
      monotonic: ManualClock(), now: { WallTime(milliseconds: clock.now * 1000) }, secondsFromUTC: 0)
    self.journal = journal
    outbox = OutboxSender(provider: lane.provider, journal: journal, clock: time)
    orchestrator = SaleOrchestrator(
      provider: lane.provider, terminal: card, printer: paper, journal: journal, outbox: outbox, clock: time,
      guestTenders: [AppPaymentTender(lane.provider.api, clock: ManualClock())], policy: policy)
  }

  /// Sends what waits, a second of `clock` between two sendings of one key.
  func send(_ clock: Clock) async {
    for _ in 0..<20 {
      guard case .until = await outbox.drain().pause else { return }
      clock.now += 1
    }
  }

  /// A check of a burger and fries, 15.00 and 1.50 of tax.
  static let order = Order(
    checkNumber: "R-1", currency: .usDollar,
    lines: [
      Order.Line(name: "Classic burger", amount: 1000, itemID: "101"),
      Order.Line(name: "Fries", amount: 500, itemID: "110"),
      Order.Line(name: "Sales tax", amount: 150, kind: .tax),
    ])

  static let shown = UnattendedSale(codes: [
    GuestCode(kind: .singleScan, value: SandboxGuest.generous.codes[0])
  ])

  /// Approves, and counts what went which way.
  final class Card: PaymentTerminal {
    let descriptor = DeviceDescriptor(
      id: DeviceID("card"), kind: .terminal, address: DeviceAddress(route: .file(path: "c")), name: "Card")
    private let sums = Mutex<(charged: Int64, returned: Int64)>((0, 0))

    var charged: Int64 { sums.withLock { $0.charged } }
    var returned: Int64 { sums.withLock { $0.returned } }

    func pay(_ request: PaymentRequest) async -> PaymentOutcome {
      sums.withLock { sums in
        if request.kind == .payment {
          sums.charged += request.amount.minorUnits
        } else {
          sums.returned += request.amount.minorUnits
        }
      }
      return .approved(PaymentRecord(amount: request.amount))
    }
    func recover(reference: String) async -> PaymentOutcome {
      .notStarted(DeviceError(.terminalNotReady, during: "recovering"))
    }
    func requestAbort() async {}
    func events() -> AsyncStream<TerminalEvent> { AsyncStream { $0.finish() } }
    func close() async {}
  }

  /// Keeps what is printed.
  final class Paper: ReceiptPrinter {
    let descriptor = DeviceDescriptor(
      id: DeviceID("paper"), kind: .printer, address: DeviceAddress(route: .file(path: "p")), name: "Paper")
    private let kept = Mutex<[ReceiptDocument]>([])

    var documents: [ReceiptDocument] { kept.withLock { $0 } }

    func print(_ job: PrintJob, watch: PrintWatch) async -> PrintOutcome {
      if case .document(let document) = job.content { kept.withLock { $0.append(document) } }
      return .printed
    }
    func status() async throws(DeviceError) -> PrinterStatus {
      PrinterStatus(isOnline: true, paper: .present, isCoverOpen: false, faults: [], isDrawerPinHigh: false)
    }
    func identity() async throws(DeviceError) -> PrinterIdentity { PrinterIdentity() }
    func openDrawer(_ pulse: DrawerPulse) async -> DrawerOutcome { .pulsed }
    func close() async {}
  }
}
