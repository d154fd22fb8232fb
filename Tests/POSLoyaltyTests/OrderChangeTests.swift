import POSJournal
import POSModel
import Synchronization
import Testing

@testable import POSLoyalty

/// The POS changes the check between quote and payment (specs/punchh.md §2.5).
@Suite struct OrderChangeTests {
  let scratch = Scratch()
  let world = World()
  let clock = HandClock()

  private static let bigger: Order = {
    var order = Sample.order
    order.lines.append(Order.Line(name: "Coffee", amount: 250, itemID: "300"))
    return order
  }()

  /// The quote of the old check is worth nothing; the new one is asked for under the same lock.
  @Test func quoteIsVoid() {
    var machine = SaleMachine(Sample.opening)
    _ = machine.on(.codesPresented([Sample.code]))
    _ = machine.on(.guestFound(Sample.guest))
    _ = machine.on(.discountsFound([Sample.reward]))
    _ = machine.on(.quoted(Quote(lines: Sample.quote.lines, refusals: ["dessert: not on the check"])))
    let check = CheckSnapshot(identity: Sample.identity, order: Self.bigger)
    #expect(machine.on(.orderChanged(Self.bigger)) == [.lookUpDiscounts(check, Sample.guest)])
    #expect(machine.record.discount == 0 && machine.record.warnings.isEmpty)
    #expect(machine.record.basket == .held)
    #expect(machine.on(.discountsFound([Sample.reward])) == [.quote(check, Sample.guest)])
    #expect(machine.on(.quoted(Sample.quote)) == [.requestTender(Sample.euros(1408))])
    #expect(
      machine.on(.tenderStarted(reference: "sale-1"))
        == [.pay(PaymentRequest(reference: "sale-1", amount: Sample.euros(1408)))])
    #expect(
      machine.on(.paymentEnded(.approved(Sample.charge(1408)))) == [.commit(check, Sample.guest)],
      "what is committed is what was quoted last")
    #expect(machine.on(.orderChanged(Sample.order)) == [], "too late")
  }

  /// Nobody to ask: the amount is another one, that is all. The tip from the app stays.
  @Test func withoutQuote() {
    var machine = SaleMachine(Sample.opening)
    _ = machine.on(.codesPresented([]))
    #expect(machine.on(.orderChanged(Self.bigger)) == [.requestTender(Sample.euros(1708))])
    var tipped = SaleMachine(Sample.opening)
    var guest = Sample.guest
    guest.selectedTip = 200
    _ = tipped.on(.codesPresented([Sample.code]))
    _ = tipped.on(.guestFound(guest))
    _ = tipped.on(.loyaltyFailed(Sample.away))
    #expect(tipped.on(.orderChanged(Self.bigger)) == [.requestTender(Sample.euros(1908))])
    #expect(tipped.record.check.order.lines.count { $0.name == "Tip" } == 1)
  }

  @Test func notAnotherCheck() {
    var machine = SaleMachine(Sample.opening)
    _ = machine.on(.codesPresented([]))
    var other = Self.bigger
    other.checkNumber = "7"
    var dollars = Self.bigger
    dollars.currency = .usDollar
    var empty = Self.bigger
    empty.lines = []
    for order in [other, dollars, empty] {
      #expect(machine.on(.orderChanged(order)) == [])
      #expect(machine.record.check == Sample.check)
    }
  }

  /// Changes twice, the first time into nonsense.
  private final class Editor: SaleAttendant {
    let orders: Mutex<[Order]>
    let refusals = Mutex<[DeviceError.Code]>([])
    let amounts = Mutex<[Int64]>([])

    init(_ orders: [Order]) { self.orders = Mutex(orders) }

    func code(after refusal: DeviceError?) async -> [GuestCode] { [Sample.code] }

    func decide(at amount: Money, of sale: SaleRecord, after refusal: DeviceError?) async -> TenderDecision {
      amounts.withLock { $0.append(amount.minorUnits) }
      if let refusal { refusals.withLock { $0.append(refusal.code) } }
      return orders.withLock { $0.isEmpty ? .pay : .change($0.removeFirst()) }
    }
  }

  @Test func wholeSale() async throws {
    var nonsense = Self.bigger
    nonsense.lines[0].amount = -151
    let editor = Editor([nonsense, Self.bigger])
    let till = try await Till(in: world, at: scratch.path, clock: clock)
    let summary = try await till.orchestrator.run(Sample.order, attendant: editor)
    #expect(summary.state == .completed && summary.payable == Sample.euros(1408))
    #expect(editor.amounts.withLock { $0 } == [1158, 1158, 1408])
    #expect(editor.refusals.withLock { $0 } == [.badInput])
    #expect(summary.steps.map(\.name).contains(.changeOrder))
    #expect(world.read { $0.calls.filter { $0 == "quote" }.count } == 2)
    #expect(world.read { $0.charges } == [summary.id: 1408])
    #expect(world.read { $0.redemptions } == [summary.id])
    #expect(world.read { $0.basketHolder } == nil && world.read { $0.violations }.isEmpty)
    let kinds = try await till.journal.events(of: summary.id).map(\.kind)
    #expect(kinds.contains("order-changed"))
    await till.journal.close()
  }

  /// Given up, or cut off, after the change: the basket is free all the same.
  @Test func abandonedAfterwards() async throws {
    var machine = SaleMachine(Sample.opening)
    _ = machine.on(.codesPresented([Sample.code]))
    _ = machine.on(.guestFound(Sample.guest))
    _ = machine.on(.discountsFound([Sample.reward]))
    _ = machine.on(.quoted(Sample.quote))
    _ = machine.on(.orderChanged(Self.bigger))
    var cut = machine
    #expect(cut.on(.restarted) == [.unlock(Sample.identity, Sample.guest)])
    _ = machine.on(.discountsFound([Sample.reward]))
    _ = machine.on(.loyaltyFailed(Sample.refused))
    #expect(machine.on(.abandoned) == [.unlock(Sample.identity, Sample.guest)])
  }
}
