import POSLoyalty
import POSModel
import Testing

/// The arithmetic of specs/punchh.md §7.2 and §11.
@Suite struct OrderTests {
  private func order(_ lines: [Order.Line]) -> Order {
    Order(checkNumber: "1", currency: .usDollar, lines: lines)
  }

  /// X1: order 10, discount 2, service 3, tax 1.
  @Test func servicesAndTaxAreNoSale() {
    let order = order([
      Order.Line(name: "Order", amount: 1000), Order.Line(name: "Off", amount: 200, kind: .shopDiscount),
      Order.Line(name: "Service", amount: 300, kind: .service),
      Order.Line(name: "Tax", amount: 100, kind: .tax),
    ])
    #expect(order.subtotal == 800)
    #expect(order.total == 1200)
  }

  /// X2: M 2.86, M 7.86, D 2.86.
  @Test func discountIsSentPositiveAndCountsNegative() {
    let order = order([
      Order.Line(name: "Rice", amount: 286), Order.Line(name: "Bowl", amount: 786),
      Order.Line(name: "Free rice", amount: 286, kind: .shopDiscount),
    ])
    #expect(order.subtotal == 786)
  }

  /// X3: sandwich 5, coke 7, reward 8 spread as 3 and 5: 4 is due.
  @Test func rewardSpreadOverItems() {
    let order = order([Order.Line(name: "Sandwich", amount: 500), Order.Line(name: "Coke", amount: 700)])
    let identity = CheckIdentity(
      externalID: "x3", checkNumber: "1", transactionNumber: 1, receiptKey: "", openedAt: "")
    var machine = SaleMachine(
      SaleOpening(check: CheckSnapshot(identity: identity, order: order), configuration: nil))
    let quote = Quote(
      lines: [
        Quote.Line(name: "Sandwich", amount: 300, itemID: "1"),
        Quote.Line(name: "Coke", amount: 500, itemID: "2"),
      ], refusals: [])
    #expect(quote.discount == 800)
    _ = machine.on(.codesPresented([Sample.code]))
    _ = machine.on(.guestFound(Sample.guest))
    _ = machine.on(.discountsFound([Sample.reward]))
    let tender = machine.on(.quoted(quote))
    #expect(tender == [.requestTender(Money(minorUnits: 400, currency: .usDollar))])
  }

  @Test func modifiersCount() {
    #expect(Sample.order.subtotal == 1350)
    #expect(Sample.order.total == 1458)
  }

  @Test func sumsThatDoNotFitAreNil() {
    #expect(order([Order.Line(name: "a", amount: .max), Order.Line(name: "b", amount: 1)]).total == nil)
    #expect(order([Order.Line(name: "a", amount: .min, kind: .shopDiscount)]).subtotal == nil)
    let quote = Quote(
      lines: [
        Quote.Line(name: "a", amount: .max, itemID: ""), Quote.Line(name: "b", amount: .max, itemID: ""),
      ], refusals: [])
    #expect(quote.discount == .max)
  }

  @Test(arguments: [
    (Order(checkNumber: "", currency: .euro, lines: [Order.Line(name: "a", amount: 1)]), "check number"),
    (Order(checkNumber: "1", currency: .euro, lines: []), "no lines"),
    (
      Order(
        checkNumber: "1", currency: .euro,
        lines: Array(repeating: Order.Line(name: "a", amount: 1), count: 1001)), "1000"
    ),
    (
      Order(checkNumber: "1", currency: .euro, lines: [Order.Line(name: "a", quantity: 0, amount: 1)]),
      "line 1"
    ),
    (
      Order(
        checkNumber: "1", currency: .euro,
        lines: [Order.Line(name: "a", amount: 1), Order.Line(name: "b", amount: -1)]), "line 2"
    ),
    (
      Order(
        checkNumber: "1", currency: .euro,
        lines: [Order.Line(name: "a", amount: 1, modifiers: [Order.Line(name: "t", amount: 1, kind: .tax)])]),
      "modifiers"
    ),
    (
      Order(
        checkNumber: "1", currency: .euro,
        lines: [Order.Line(name: "a", amount: 1), Order.Line(name: "b", amount: 2, kind: .shopDiscount)]),
      "exceed"
    ),
    (
      Order(
        checkNumber: "1", currency: .euro,
        lines: [Order.Line(name: "a", amount: .max), Order.Line(name: "b", amount: .max)]), "too large"
    ),
  ])
  func unsellableOrders(order: Order, words: String) {
    let error = #expect(throws: DeviceError.self) { try order.validate() }
    #expect(error?.code == .badInput)
    #expect(error?.detail.contains(words) == true)
  }

  @Test func sellableOrder() throws { try Sample.order.validate() }

  /// `M` is positive or negative (specs/punchh.md §7.1), as long as no item is below 0 with what changes it.
  @Test func modifiersThatMakeItCheaper() throws {
    var item = Order.Line(
      name: "Burger", amount: 900,
      modifiers: [Order.Line(name: "No cheese", amount: -50), Order.Line(name: "Bacon", amount: 100)])
    #expect(item.itemTotal == 950)
    #expect(order([item]).subtotal == 950)
    try order([item]).validate()
    item.modifiers[0].amount = -1000
    #expect(item.itemTotal == 0)
    try order([item]).validate()
    item.modifiers[0].amount = -1001
    let other = Order.Line(name: "Wine", amount: 5000)
    let error = #expect(throws: DeviceError.self) { try order([other, item]).validate() }
    #expect(error?.code == .badInput && error?.detail.contains("line 2") == true)
    for kind in [Order.LineKind.service, .tax, .shopDiscount] {
      let line = Order.Line(name: "x", amount: -1, kind: kind)
      #expect(throws: DeviceError.self) { try order([other, line]).validate() }
    }
    item.amount = .max
    item.modifiers[0].amount = .max
    #expect(item.itemTotal == nil)
    let large = #expect(throws: DeviceError.self) { try order([item]).validate() }
    #expect(large?.detail.contains("too large") == true)
  }
}

@Suite("Split and merged checks")
struct OrderPartsTests {
  @Test func splitNamesEveryLineOnce() throws {
    let parts = try Sample.order.split(into: [[1], [0, 2]])
    #expect(parts.map(\.checkNumber) == ["1042/1", "1042/2"])
    #expect(parts.map { $0.lines.map(\.name) } == [["Lemonade"], ["Classic burger", "Sales tax"]])
    #expect(parts.compactMap(\.total).reduce(0, +) == Sample.order.total)
  }

  @Test(arguments: [[[0], [0, 1, 2]], [[0], [1]], [[0, 1, 2], []], [[0, 1, 2, 3]], [[-1, 0, 1, 2]]])
  func wrongPartsAreRefused(parts: [[Int]]) {
    let error = #expect(throws: DeviceError.self) { try Sample.order.split(into: parts) }
    #expect(error?.code == .badInput)
  }

  @Test func mergedChecksAddUp() throws {
    let merged = try Order.merged(Sample.order.split(into: [[1], [0, 2]]))
    #expect(merged.total == Sample.order.total && merged.checkNumber == "1042/1")
    var other = Sample.order
    other.currency = .usDollar
    for checks in [[], [Sample.order, other]] {
      #expect(throws: DeviceError.self) { try Order.merged(checks) }
    }
  }
}
