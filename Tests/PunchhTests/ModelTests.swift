import Foundation
import POSJournal
import POSLoyalty
import POSModel
import POSTransport
import Punchh
import PunchhSandbox
import Synchronization
import TestSupport
import Testing

/// Random sales with random faults and deaths of the till at random durable writes, against the sandbox over loopback;
/// afterwards the sandbox's world and the till's journal must tell one story.
///
/// `POS_MODEL_SALES` is how many sales, 120 unless it is set; `POS_MODEL_SEED` what the chance starts from.
@Suite("Random sales, random faults, random deaths", .timeLimit(.minutes(60)))
struct ModelTests {
  private static let sales =
    ProcessInfo.processInfo.environment["POS_MODEL_SALES"].flatMap { Int($0) } ?? 120
  private static let seed = ProcessInfo.processInfo.environment["POS_MODEL_SEED"].flatMap { UInt64($0) } ?? 7

  /// What a call may meet; what is a lasting refusal is left out where it would rightly end the item's way.
  private static let faults: [(SandboxRoute?, [SandboxFault])] = [
    (nil, [.down]), (.configuration, [.failing, .notJSON]),
    (.find, [.busy, .failing, .dropped, .expired, .truncated, .notJSON]),
    (.lookup, [.locked, .dropped, .failing, .notJSON, .truncated]),
    (.quote, [.dropped, .failing, .locked, .huge]),
    (.commit, [.down, .dropped, .failing, .notJSON, .truncated, .busy, .huge]),
    (.active, [.failing, .dropped, .busy]), (.unlock, [.failing, .dropped, .down, .truncated]),
    (.checkin, [.down, .dropped, .failing, .notJSON, .busy, .truncated, .huge]),
    (.receipt, [.down, .dropped, .failing, .busy, .truncated]),
  ]

  @Test("every accepted check-in is there once, nothing is redeemed unpaid, no basket is locked")
  func model() async throws {
    var random = SeededGenerator(seed: Self.seed)
    let guests = (1...4).map { number in
      SandboxGuest(
        id: Int64(30_000_000 + number), firstName: "Guest", lastName: "\(number)",
        email: "guest\(number)@example.com", phone: "202555020\(number)", codes: [],
        rewards: (0..<Int64(Self.sales)).map {
          SandboxReward(
            id: 50_000_000_000 + Int64(number) * 10_000_000 + $0, name: "1.00 off", amount: 100,
            isSelected: false)
        }, points: 0)
    }
    var settings = Lane.settings
    settings.guests = guests
    try await Lane.run(settings) { lane in
      let scene = Scene(provider: lane.provider)
      defer { try? FileManager.default.removeItem(atPath: scene.path) }
      var sold: [String] = []
      for number in 0..<Self.sales {
        let guest = guests[Int(random.next() % 4)]
        let code = "c0de" + String(0x10000 + number, radix: 16)
        lane.sandbox.issue(code, for: guest.id)
        for _ in 0..<(random.next() % 3) {
          lane.sandbox.choose(guest.rewards[Int(random.next() % UInt64(Self.sales))].id, for: guest.id)
        }
        for _ in 0..<(random.next() % 3) {
          let (route, kinds) = Self.faults[Int(random.next() % UInt64(Self.faults.count))]
          lane.sandbox.inject(
            kinds[Int(random.next() % UInt64(kinds.count))], on: route, times: 1 + Int(random.next() % 3))
        }
        scene.terminal.plan(random.next() % 6)
        let moment: Journal.CommitPoint.Moment = random.next() % 2 == 0 ? .before : .after
        let death =
          random.next() % 3 == 0
          ? Journal.CommitPoint(number: 1 + Int(random.next() % 14), moment: moment) : nil
        let amount = 100 + Int64(random.next() % 2000)
        let shown =
          random.next() % 8 == 0
          ? [] : [GuestCode(kind: random.next() % 2 == 0 ? .singleScan : .phone, value: code)]
        let codes = shown.map { $0.kind == .phone ? GuestCode(kind: .phone, value: guest.phone) : $0 }
        if let id = await scene.sell(amount, to: codes, dyingAt: death) { sold.append(id) }
        // A dead till is started again, and takes up what is open; it may die once more at it.
        if random.next() % 5 == 0 { lane.sandbox.clearFaults() }
        await scene.recover(dyingAt: random.next() % 4 == 0 ? .init(number: 2, moment: moment) : nil)
      }
      lane.sandbox.clearFaults()
      for _ in 0..<4 { await scene.recover(dyingAt: nil) }
      try await scene.check(lane.sandbox.ledger, sold: sold)
    }
  }

  /// The till through all its lives, and the card network.
  private final class Scene: Sendable {
    let provider: PunchhProvider
    let terminal = ModelTerminal()
    let path = FileManager.default.temporaryDirectory.appending(path: "model-\(UUID().uuidString)").path
    private let now = Mutex<Int64>(1_790_000_000_000)

    init(provider: PunchhProvider) { self.provider = provider }

    private func clock() -> TillClock {
      TillClock(
        monotonic: ManualClock(), now: { WallTime(milliseconds: self.now.withLock { $0 }) }, secondsFromUTC: 0
      )
    }

    private func pass(_ milliseconds: Int64) { now.withLock { $0 += milliseconds } }

    private func live(
      dyingAt death: Journal.CommitPoint?,
      _ body: (SaleOrchestrator, OutboxSender, Journal) async throws -> Void
    ) async {
      var options = Journal.Options()
      let clock = clock()
      options.now = clock.now
      options.onCommit = { point throws(DeviceError) in
        if point == death { throw DeviceError(.cancelled, during: "dying") }
      }
      guard let journal = try? await Journal.open(in: path, options: options) else { return }
      let outbox = OutboxSender(provider: provider, journal: journal, clock: clock)
      let till = SaleOrchestrator(
        provider: provider, terminal: terminal.over(journal), printer: ModelPrinter(), journal: journal,
        outbox: outbox, clock: clock)
      try? await body(till, outbox, journal)
      await journal.close()
    }

    /// The sale's id when it ended as completed before the till could die.
    func sell(_ amount: Int64, to codes: [GuestCode], dyingAt death: Journal.CommitPoint?) async -> String? {
      pass(5_000)
      let order = Order(
        checkNumber: "M", currency: .usDollar,
        lines: [Order.Line(name: "Food", amount: amount, itemID: "101")])
      let id = Mutex<String?>(nil)
      await live(dyingAt: death) { till, _, _ in
        let summary = try await till.run(order, attendant: UnattendedSale(codes: codes))
        if summary.state == .completed, !summary.receiptKey.isEmpty { id.withLock { $0 = summary.id } }
      }
      return id.withLock { $0 }
    }

    func recover(dyingAt death: Journal.CommitPoint?) async {
      await live(dyingAt: death) { till, outbox, journal in
        _ = try await SaleRecovery(orchestrator: till, journal: journal, keeping: .seconds(400 * 86_400)).run(
          now: clock().now())
        for _ in 0..<40 {
          pass(2_000)
          guard case .until(let due) = await outbox.drain().pause else { break }
          let wait = (due - clock().now()) / .milliseconds(1)
          pass(Int64(max(0, wait.rounded(.up))))
        }
      }
    }

    /// The sandbox, the card network and the journal agree.
    func check(_ ledger: SandboxLedger, sold: [String]) async throws {
      var items: [OutboxEntry] = []
      var open: [String] = []
      await live(dyingAt: nil) { _, _, journal in
        items = try await journal.outbox(limit: .max)
        open = try await journal.openSales()
      }
      #expect(open == [])
      // A code that was taken while the server was away may be dead when it is back: that guest claims the receipt.
      let refused = items.filter { $0.state == .parked && $0.reason.contains("Expired Single Scan Code") }
      let rest = items.filter { $0.state != .done && !refused.contains($0) }
      #expect(rest.map { "\($0.item.name): \($0.state) \($0.reason)" } == [])
      let credited = ledger.checkIns.map(\.externalUID)
      #expect(Set(credited).count == credited.count)
      let accepted = items.filter { $0.item.kind == .checkIn && $0.state == .done }.map {
        String($0.item.name.prefix { $0 != "/" })
      }
      #expect(Set(accepted) == Set(credited))
      #expect(Set(ledger.receipts.map(\.externalUID)).isSuperset(of: sold))
      let paid = terminal.charged
      for redemption in ledger.redemptions where !redemption.isVoided {
        let isFree = ledger.checkIns.first { $0.externalUID == redemption.externalUID }?.payable == 0
        #expect(paid[redemption.externalUID] == 1 || isFree, "\(redemption)")
      }
      #expect(paid.values.allSatisfy { $0 == 1 })
      #expect(ledger.accounts.filter { $0.basketLockedBy != nil } == [])
      // A check-in does not wait for an unlock that fails again and again.
      let overtaking = "a check-in while its basket is locked and not committed"
      #expect(
        ledger.violations.filter { $0.rule != overtaking }.map { "\($0.route?.rawValue ?? ""): \($0.rule)" }
          == [])
      #expect(!credited.isEmpty && !ledger.redemptions.isEmpty)
    }
  }

  /// A card network that outlives the till.
  private final class ModelTerminal: Sendable {
    private struct State {
      var charges: [String: Int] = [:]
      var plan: UInt64 = 0
    }
    private let state = Mutex(State())

    var charged: [String: Int] { state.withLock { $0.charges } }
    func plan(_ plan: UInt64) { state.withLock { $0.plan = plan } }
    func over(_ journal: Journal) -> Link { Link(network: self, journal: journal) }

    /// Charges by plan: 0 refuses, 1 charges and loses the answer, 2 loses the question; else it charges.
    fileprivate func charge(_ reference: String, _ amount: Money) -> PaymentOutcome {
      let lost = DeviceError(.paymentUnknown, during: "paying")
      return state.withLock { state in
        switch state.plan {
        case 0: return .declined(PaymentRefusal(code: "05", text: "no"))
        case 2: return .unknown(lost)
        default:
          state.charges[reference, default: 0] += 1
          return state.plan == 1 ? .unknown(lost) : .approved(PaymentRecord(amount: amount))
        }
      }
    }

    struct Link: PaymentTerminal {
      let network: ModelTerminal
      let journal: Journal
      let descriptor = DeviceDescriptor(
        id: DeviceID("model"), kind: .terminal, address: DeviceAddress(route: .file(path: "m")), name: "Model"
      )

      func pay(_ request: PaymentRequest) async -> PaymentOutcome {
        do throws(DeviceError) {
          try await journal.begin(PaymentIntent(request: request, terminal: descriptor.id, baseline: []))
        } catch {
          return .notStarted(error)
        }
        let outcome = network.charge(request.reference, request.amount)
        do throws(DeviceError) {
          try await journal.end(reference: request.reference, with: outcome)
        } catch {
          return .unknown(error)
        }
        return outcome
      }

      func recover(reference: String) async -> PaymentOutcome {
        do throws(DeviceError) {
          guard let known = try await journal.payment(reference: reference) else {
            return .notStarted(DeviceError(.terminalNotReady, during: "recovering"))
          }
          if let outcome = known.outcome, outcome.isFinal { return outcome }
          let outcome: PaymentOutcome =
            network.charged[reference] == nil
            ? .declined(PaymentRefusal(code: "00", text: "never asked"))
            : .approved(PaymentRecord(amount: known.intent.request.amount))
          try await journal.end(reference: reference, with: outcome)
          return outcome
        } catch {
          return .unknown(error)
        }
      }

      func requestAbort() async {}
      func events() -> AsyncStream<TerminalEvent> { AsyncStream { $0.finish() } }
      func close() async {}
    }
  }

  private struct ModelPrinter: ReceiptPrinter {
    let descriptor = DeviceDescriptor(
      id: DeviceID("paper"), kind: .printer, address: DeviceAddress(route: .file(path: "p")), name: "Model")
    func print(_ job: PrintJob, watch: PrintWatch) async -> PrintOutcome { .printed }
    func status() async throws(DeviceError) -> PrinterStatus {
      PrinterStatus(isOnline: true, paper: .present, isCoverOpen: false, faults: [], isDrawerPinHigh: false)
    }
    func identity() async throws(DeviceError) -> PrinterIdentity { PrinterIdentity() }
    func openDrawer(_ pulse: DrawerPulse) async -> DrawerOutcome { .pulsed }
    func close() async {}
  }
}
