import POSLoyalty
import POSModel
import TestSupport
import Testing

@testable import Punchh

@Suite("Calls, member for member")
struct BodyTests {
  let calls: PunchhCalls
  let check: CheckSnapshot
  let guest = Guest(
    id: "11111111", displayName: "Jane Doe", code: GuestCode(kind: .singleScan, value: Lane.code))

  init() throws {
    calls = PunchhCalls(configuration: try Lane.configuration(port: 1))
    var check = try Lane.snapshot()
    check.identity.receiptKey = "315788232640"
    self.check = check
  }

  private func text(_ call: PunchhCall) -> String { String(decoding: call.body ?? [], as: UTF8.self) }

  /// Items net of the shop's discount, and the service charge (specs/punchh.md §7.3).
  private static let sale = #"""
    "user_id":11111111,"external_uid":"uid-17","receipt_datetime":"2026-03-04T18:30:00-05:00",\#
    "receipt_amount":13.50,"subtotal_amount":13.50,"transaction_no":"17",\#
    "punchh_key":"315788232640","line_items":[\#
    {"item_name":"Classic burger","item_qty":1,"amount":9.00,"item_type":"M","item_id":101,\#
    "item_family":"10","item_group":"food","serial_number":"1.0"},\#
    {"item_name":"Cheese","item_qty":1,"amount":1.00,"item_type":"M","item_id":501,\#
    "item_family":"","item_group":"","serial_number":"1.1"},\#
    {"item_name":"Cola","item_qty":2,"amount":3.50,"item_type":"M","item_id":"0200",\#
    "item_family":"","item_group":"","serial_number":"2.0"},\#
    {"item_name":"Service","item_qty":1,"amount":0.50,"item_type":"S","item_id":"svc",\#
    "item_family":"","item_group":"","serial_number":"3.0"}]}
    """#

  /// Full prices, discount, tax and the redeemed reward as a discount.
  private static let closed = #"""
    "pos_type":"Proprietary POS","pos_version":"1.0","channel":"pos","transaction_no":"17",\#
    "punchh_key":"315788232640","external_uid":"uid-17","receipt_datetime":"2026-03-04T18:30:00-05:00",\#
    "revenue_code":"Dine In","revenue_id":"1",\#
    "receipt_amount":10.50,"subtotal_amount":10.50,"payable":11.81,"employee_name":"Kim","cc_last4":"4242",\#
    "menu_items":[\#
    {"item_name":"Classic burger","item_qty":1,"item_amount":9.00,"menu_item_type":"M","menu_item_id":101,\#
    "menu_family":"10","menu_major_group":"food","serial_number":"1.0"},\#
    {"item_name":"Cheese","item_qty":1,"item_amount":1.00,"menu_item_type":"M","menu_item_id":501,\#
    "menu_family":"","menu_major_group":"","serial_number":"1.1"},\#
    {"item_name":"Cola","item_qty":2,"item_amount":5.00,"menu_item_type":"M","menu_item_id":"0200",\#
    "menu_family":"","menu_major_group":"","serial_number":"2.0"},\#
    {"item_name":"Service","item_qty":1,"item_amount":0.50,"menu_item_type":"S","menu_item_id":"svc",\#
    "menu_family":"","menu_major_group":"","serial_number":"3.0"},\#
    {"item_name":"Happy hour","item_qty":1,"item_amount":1.50,"menu_item_type":"D","menu_item_id":"0200",\#
    "menu_family":"","menu_major_group":"","serial_number":"4.0"},\#
    {"item_name":"Tax","item_qty":1,"item_amount":0.81,"menu_item_type":"T","menu_item_id":"tax",\#
    "menu_family":"","menu_major_group":"","serial_number":"5.0"},\#
    {"item_name":"Free fries","item_qty":1,"item_amount":3.00,"menu_item_type":"D","menu_item_id":331,\#
    "menu_family":"","menu_major_group":"","serial_number":"6.0"}]
    """#

  @Test("look-up, quote and commit differ in nothing but query")
  func sale() throws {
    let lookUp = try calls.lookUpDiscounts(check, of: guest)
    #expect(text(lookUp) == "{" + Self.sale)
    #expect(lookUp.method == .post && lookUp.target == "/api/pos/discounts/lookup" && lookUp.isRepeatable)
    let quote = try calls.batch(check, of: guest, query: true)
    #expect(text(quote) == #"{"query":true,"# + Self.sale)
    #expect(quote.method == .post && quote.target == "/api/pos/batch_redemptions" && quote.isRepeatable)
    let commit = try calls.batch(check, of: guest, query: false)
    #expect(text(commit) == "{" + Self.sale)
    #expect(commit.target == quote.target && commit.pace == .commit && !commit.isRepeatable)
  }

  @Test("check-in and receipt")
  func closed() throws {
    let closed = Lane.closed(check, [Quote.Line(name: "Free fries", amount: 300, itemID: "331")])
    let checkIn = try calls.checkIn(closed, of: guest, by: ("single_scan_code", Lane.code))
    #expect(text(checkIn) == #"{"single_scan_code":"5ca1ab1e0ddba11","# + Self.closed + "}")
    #expect(checkIn.method == .post && checkIn.target == "/api/pos/checkins" && checkIn.pace == .checkIn)
    #expect(!checkIn.isRepeatable)
    let receipt = try calls.receiptDetails(closed)
    #expect(text(receipt) == "{" + Self.closed + #","amount":10.50}"#)
    #expect(receipt.method == .post && receipt.target == "/receipt_details" && receipt.server == .receipts)
  }

  @Test("redemptions stand as R where the brand wants it")
  func redemptionLetter() throws {
    var configuration = calls.configuration
    configuration.redemptionLine = .redemption
    configuration.itemIDForm = .text
    let closed = Lane.closed(check, [Quote.Line(name: "Free fries", amount: 300, itemID: "331")])
    let body = text(try PunchhCalls(configuration: configuration).receiptDetails(closed))
    #expect(body.contains(#""item_amount":3.00,"menu_item_type":"R","menu_item_id":"331""#))
  }

  @Test("the small calls")
  func small() {
    let rows: [(PunchhCall, HTTPRequest.Method, String, String)] = [
      (calls.locationConfiguration(), .get, "/api/pos/locations/configuration", ""),
      (
        calls.findUser(field: "otp", value: "abc\"\\\n"), .get, "/api/pos/users/find",
        #"{"lookup_field":"otp","lookup_value":"abc\"\\\u000a"}"#
      ),
      (
        calls.searchUser(parameter: "email", value: "a+b&c=d é@x.example"), .get,
        "/api/pos/users/search?email=a%2Bb%26c%3Dd%20%C3%A9%40x.example", ""
      ),
      (
        calls.activeBasket(check.identity, of: guest), .get, "/api/pos/discounts/active",
        #"{"user_id":11111111,"external_uid":"uid-17"}"#
      ),
      (
        calls.unlock(check.identity, of: guest), .put, "/api/pos/discounts/unlock",
        #"{"user_id":11111111,"external_uid":"uid-17"}"#
      ),
      (
        calls.voidBatch("R/1 2", of: guest), .delete, "/api/pos/batch_redemptions/R%2F1%202",
        #"{"user_id":11111111}"#
      ),
    ]
    for (call, method, target, body) in rows {
      #expect(call.method == method)
      #expect(call.target == target)
      #expect(text(call) == body)
    }
  }

  @Test("a quote before the key is issued has no key; a check-in is refused")
  func noKey() throws {
    var check = check
    check.identity.receiptKey = ""
    #expect(!text(try calls.batch(check, of: guest, query: true)).contains("punchh_key"))
    let error = #expect(throws: DeviceError.self) { try calls.receiptDetails(Lane.closed(check)) }
    #expect(error?.code == .badInput)
  }

  @Test(
    "money has the currency's decimals",
    arguments: [
      (0, 2, "0.00"), (5, 2, "0.05"), (900, 2, "9.00"), (-150, 2, "-1.50"), (300, 0, "300"), (1, 3, "0.001"),
      (.max, 2, "92233720368547758.07"), (.min, 2, "-92233720368547758.08"),
    ] as [(Int64, Int, String)])
  func money(minorUnits: Int64, decimals: Int, text: String) {
    #expect(String(decoding: JSONText.amount(minorUnits, decimals: decimals).bytes, as: UTF8.self) == text)
  }
}

@Suite("Lines of a check")
struct LineTests {
  private func order(_ lines: [Order.Line]) -> Order {
    Order(checkNumber: "1", currency: .usDollar, lines: lines)
  }

  private func item(_ name: String, _ amount: Int64, id: String = "", _ modifiers: [Order.Line] = [])
    -> Order.Line
  {
    Order.Line(name: name, amount: amount, itemID: id, modifiers: modifiers)
  }

  private func discount(_ amount: Int64, id: String = "") -> Order.Line {
    Order.Line(name: "off", amount: amount, kind: .shopDiscount, itemID: id)
  }

  @Test("X1: order 10, discount 2, service 3, tax 1")
  func worked() throws {
    let order = order([
      item("food", 1000), discount(200), Order.Line(name: "s", amount: 300, kind: .service),
      Order.Line(name: "t", amount: 100, kind: .tax),
    ])
    let lines = try PunchhLines(order)
    #expect(lines.subtotal == 800)
    #expect(order.total == 1200)
    #expect(lines.sale.map(\.amount) == [800, 300])
    #expect(lines.receipt.map(\.type) == ["M", "S", "D", "T"])
    #expect(lines.receipt.map(\.serial) == ["1.0", "2.0", "3.0", "4.0"])
  }

  @Test("X2: 2.86 and 7.86 less 2.86")
  func checkInExample() throws {
    let lines = try PunchhLines(order([item("rice", 286, id: "1"), item("bowl", 786, id: "2")]))
    let all = try lines.receipt(
      redeemed: [Quote.Line(name: "Free rice", amount: 286, itemID: "1")], as: .discount)
    #expect(all.map(\.type) == ["M", "M", "D"])
    #expect(all.map(\.serial) == ["1.0", "2.0", "3.0"])
    #expect(lines.subtotal - 286 == 786)
  }

  @Test("X5: the quantity of a modifier is the total over its item")
  func modifiers() throws {
    let cheese = Order.Line(name: "Extra cheese", amount: 100, itemID: "501")
    let pizza = Order.Line(
      name: "Pizza", quantity: 2, amount: 2000, itemID: "331", modifiers: [cheese, cheese])
    let lines = try PunchhLines(order([pizza])).sale
    #expect(lines.map(\.serial) == ["1.0", "1.1"])
    #expect(lines.map(\.quantity) == [2, 2])
    #expect(lines.map(\.amount) == [2000, 200])
  }

  @Test("ten modifiers number up to 1.10, as text")
  func manyModifiers() throws {
    let modifiers = (1...10).map { item("m\($0)", 10) }
    let lines = try PunchhLines(order([item("base", 100, modifiers), item("next", 1)])).sale
    #expect(lines.map(\.serial).suffix(3) == ["1.9", "1.10", "2.0"])
  }

  @Test(
    "a shop discount comes off its item, what is left over off all in proportion",
    arguments: [
      // amounts, ids, discount, its id, net amounts
      ([1000, 500], ["a", "b"], 200, "a", [800, 500]),
      ([1000, 500], ["a", "b"], 300, "", [800, 400]),
      ([1000, 500], ["a", "b"], 600, "b", [900, 0]),
      ([100, 100, 100], ["", "", ""], 100, "", [66, 67, 67]),
      ([1, 1, 1], ["", "", ""], 2, "", [0, 0, 1]),
      ([700], ["a"], 700, "zzz", [0]),
      ([0, 5], ["", ""], 5, "", [0, 0]),
    ] as [([Int64], [String], Int64, String, [Int64])])
  func shopDiscounts(amounts: [Int64], ids: [String], off: Int64, id: String, net: [Int64]) throws {
    let items = zip(amounts, ids).map { item("i", $0, id: $1) }
    let lines = try PunchhLines(order(items + [discount(off, id: id)]))
    #expect(lines.sale.map(\.amount) == net)
    #expect(lines.subtotal == amounts.reduce(0, +) - off)
  }

  @Test("a shop discount under an item comes off that item first")
  func discountBelowItem() throws {
    let lines = try PunchhLines(order([item("a", 1000), item("b", 500, [discount(200)])]))
    #expect(lines.sale.map(\.amount) == [1000, 300])
    #expect(lines.receipt.map(\.type) == ["M", "M", "D"])
  }

  @Test(
    "what cannot be written is refused, not trapped",
    arguments: [
      [Order.Line(name: "x", amount: -1)], [Order.Line(name: "x", amount: .max)],
      [Order.Line(name: "x", quantity: 0, amount: 1)], [Order.Line(name: "x", quantity: .max, amount: 1)],
      [Order.Line(name: "x", amount: 100), Order.Line(name: "off", amount: 101, kind: .shopDiscount)],
      Array(repeating: Order.Line(name: "x", amount: 1), count: 1001),
    ])
  func refused(lines: [Order.Line]) {
    let error = #expect(throws: DeviceError.self) { try PunchhLines(order(lines)) }
    #expect(error?.code == .badInput)
  }

  @Test("net lines always add up to the subtotal")
  func property() throws {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<500 {
      var lines: [Order.Line] = []
      for _ in 0..<(1 + random.next() % 6) {
        lines.append(
          item(
            "i", Int64(random.next() % 3000), id: "\(random.next() % 3)",
            random.next() % 2 == 0 ? [] : [item("m", Int64(random.next() % 200))]))
      }
      let sum = order(lines).subtotal ?? 0
      for _ in 0..<(random.next() % 3) where sum > 0 {
        lines.append(discount(Int64(random.next() % UInt64(sum / 2 + 1)), id: "\(random.next() % 5)"))
      }
      let made = try PunchhLines(order(lines))
      #expect(made.sale.reduce(0) { $0 + $1.amount } == order(lines).subtotal)
      #expect(made.sale.allSatisfy { $0.amount >= 0 })
      #expect(Set(made.receipt.map(\.serial)).count == made.receipt.count)
    }
  }

  @Test(
    "a modifier may make its item cheaper; discounts leave no item below 0",
    arguments: [
      // burger, no cheese, fries, discount, its id, net amounts
      (900, -50, 400, 0, "", [900, -50, 400]), (900, -50, 400, 850, "b", [50, -50, 400]),
      (900, -50, 400, 900, "b", [50, -50, 350]), (900, -900, 400, 100, "b", [900, -900, 300]),
      (900, -50, 400, 1250, "", [50, -50, 0]), (900, -50, 350, 600, "", [475, -50, 175]),
    ] as [(Int64, Int64, Int64, Int64, String, [Int64])])
  func cheaper(burger: Int64, without: Int64, fries: Int64, off: Int64, id: String, net: [Int64]) throws {
    let lines = try PunchhLines(
      order([
        item("burger", burger, id: "b", [item("no cheese", without)]), item("fries", fries),
        discount(off, id: id),
      ]))
    #expect(lines.sale.map(\.amount) == net)
    #expect(lines.subtotal == burger + without + fries - off)
    #expect(lines.receipt.map(\.amount) == [burger, without, fries, off])
  }

  @Test(
    "an item below 0, and a discount that leaves one there, are refused",
    arguments: [(900, -901, 400, 0), (900, -50, 400, 1251)] as [(Int64, Int64, Int64, Int64)])
  func tooCheap(burger: Int64, without: Int64, fries: Int64, off: Int64) {
    let error = #expect(throws: DeviceError.self) {
      try PunchhLines(
        order([item("burger", burger, [item("no cheese", without)]), item("fries", fries), discount(off)]))
    }
    #expect(error?.code == .badInput)
  }
}
