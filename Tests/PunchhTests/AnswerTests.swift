import POSLoyalty
import POSModel
import PunchhSandbox
import Testing

@testable import Punchh

@Suite("Answers as they come", .timeLimit(.minutes(2)))
struct AnswerTests {
  private static let guest = Guest(
    id: "11111111", displayName: "Jane Doe", code: GuestCode(kind: .singleScan, value: Lane.code))

  // MARK: Errors

  @Test(
    "every shape of an error gives its words",
    arguments: [
      (#"{"error":"Invalid Receipt Amount"}"#, "Invalid Receipt Amount"),
      (#"["User not found"]"#, "User not found"),
      (#"{"errors":"No Basket found"}"#, "No Basket found"),
      (#"{"errors":{"base":["Too many","visits"],"a":"x"}}"#, "x; Too many; visits"),
      (#"{"error":{"message":"has been committed.","code":"commited"}}"#, "has been committed."),
      (#""only text""#, "only text"), ("{}", ""), ("[]", ""), ("null", ""), ("", ""), ("<html>", ""),
      (#"{"error":null}"#, ""), (#"{"error":[[[["deep"]]]]}"#, "deep"),
      ("{\"error\":\"\\u001b[31mred\\u0007\"}", "[31mred"),
    ])
  func shapes(body: String, words: String) {
    #expect(PunchhError.words(Array(body.utf8)) == words)
  }

  @Test("nesting without end neither traps nor hangs", arguments: ["[", "{\"a\":"])
  func nesting(opening: String) {
    for depth in [5, 100, 511, 513, 20_000] {
      #expect(PunchhError.words(Array(String(repeating: opening, count: depth).utf8)) == "")
    }
  }

  @Test(
    "status → code (specs/punchh.md §3.1)",
    arguments: [
      (400, .loyaltyRefused), (401, .loyaltyKeyRefused), (403, .loyaltyRefused), (404, .loyaltyNotFound),
      (408, .loyaltyBusy), (410, .loyaltyExpired), (412, .loyaltyRefused), (422, .loyaltyRefused),
      (429, .loyaltyBusy), (500, .loyaltyBusy), (503, .loyaltyBusy), (599, .loyaltyBusy),
      (302, .loyaltyMalformed),
      (304, .loyaltyMalformed),
    ] as [(Int, DeviceError.Code)])
  func statuses(status: Int, code: DeviceError.Code) async throws {
    try await Lane.run { lane in
      lane.sandbox.script(status, #"{"error":"in other words"}"#, on: .configuration)
      let error = await #expect(throws: DeviceError.self) { try await lane.provider.configuration() }
      #expect(error?.code == code)
      #expect(error?.detail.contains("HTTP \(status)") == true)
      if status != 304 { #expect(error?.detail.contains("in other words") == true) }
    }
  }

  @Test("the request id goes into errors")
  func requestID() async throws {
    try await Lane.run { lane in
      let error = await #expect(throws: DeviceError.self) {
        try await lane.provider.findGuest(GuestCode(kind: .phone, value: "2025550100"))
      }
      #expect(error?.detail == "HTTP 404, User not found (request sandbox-1)")
    }
  }

  // MARK: Retyped, missing, oversized

  /// Values of every JSON type, and some that are hard to hold.
  private static let values = [
    "null", "true", "false", "0", "1", "-1", "9007199254740993", "9223372036854775808", "1e400", "-0.0",
    "1.005",
    "12.5", "\"\"", "\"1\"", "\"true\"", "\"x\"", "\"9.99\"", "\"\\u0000\"", "[]", "[null]", "[1]", "[[]]",
    "{}",
    #"{"name":1}"#, #"[{"name":"n"}]"#, "\"" + String(repeating: "y", count: 100_000) + "\"",
  ]

  private static let location = [
    "short_key", "location_name", "print_barcodes", "header", "trailer_1", "update_interval",
    "send_to_datasink",
    "multiple_redemption_on_location",
  ]
  private static let user = [
    "user_id", "id", "first_name", "last_name", "email", "phone", "selected_tip_amount",
    "selected_card_number",
    "loyalty_cards", "locked",
  ]
  private static let batch = ["redemption_ref", "success", "failures"]
  private static let discount = [
    "discount_basket_item_id", "discount_type", "discount_id", "discount_amount", "qualified", "message",
    "discount_details", "qualified_items",
  ]
  private static let line = ["item_name", "amount", "item_type", "item_id"]

  /// `name` with `value`, the other members as they should be.
  private static func object(_ good: [(String, String)], _ name: String, _ value: String?) -> String {
    let members = good.filter { $0.0 != name } + (value.map { [(name, $0)] } ?? [])
    return "{" + members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
  }

  @Test("no member of an answer traps, whatever stands in it: a value or loyalty.malformed")
  func everyMember() async throws {
    let goodLine = [
      ("item_name", "\"Pizza1 DISCOUNT\""), ("amount", "5"), ("item_type", "\"R\""), ("item_id", "331"),
    ]
    let lineText = Self.object(goodLine, "", nil)
    let goodDiscount = [
      ("discount_type", "\"reward\""), ("discount_amount", "5"), ("qualified_items", "[\(lineText)]"),
    ]
    let discountText = Self.object(goodDiscount, "", nil)
    var read = 0
    var malformed = 0
    try await Lane.run { lane in
      let check = try Lane.snapshot()
      func attempt(_ answer: String, on route: SandboxRoute, _ call: () async throws -> Void) async {
        lane.sandbox.script(200, answer, on: route)
        do {
          try await call()
          read += 1
        } catch {
          malformed += 1
          #expect((error as? DeviceError)?.code == .loyaltyMalformed, "\(answer.prefix(200))")
          #expect((error as? DeviceError)?.detail.count ?? 0 < 400)
        }
      }
      for value in [nil] + Self.values.map(Optional.some) {
        for name in Self.location {
          await attempt(Self.object([("short_key", "\"6624\"")], name, value), on: .configuration) {
            let location = try await lane.provider.configuration()
            #expect((0..<8192).contains(location.shortKey))
            #expect((1...1440).contains(location.updateInterval))
            #expect(location.header.count <= 1000)
          }
        }
        for name in Self.user {
          await attempt(Self.object([("user_id", "1")], name, value), on: .find) {
            let guest = try await lane.provider.findGuest(GuestCode(kind: .singleScan, value: "abc123"))
            #expect(!guest.id.isEmpty && guest.displayName.count <= 121)
          }
        }
        for name in Self.batch {
          await attempt(
            Self.object([("success", "[\(discountText)]"), ("failures", "null")], name, value), on: .quote
          ) {
            let quote = try await lane.provider.quote(check, for: Self.guest)
            #expect(quote.discount >= 0)
          }
        }
        for name in Self.discount {
          let discount = Self.object(goodDiscount, name, value)
          await attempt(#"{"success":[\#(discount)],"failures":[\#(discount)]}"#, on: .quote) {
            let quote = try await lane.provider.quote(check, for: Self.guest)
            #expect(quote.discount >= 0)
          }
          await attempt(#"{"selected_discounts":\#(discount),"unselected_discounts":null}"#, on: .lookup) {
            let discounts = try await lane.provider.lookUpDiscounts(check, for: Self.guest)
            #expect(discounts.count == 1)
          }
        }
        for name in Self.line {
          let line = Self.object(goodLine, name, value)
          await attempt(#"{"success":[{"qualified_items":[\#(line)]}]}"#, on: .quote) {
            let quote = try await lane.provider.quote(check, for: Self.guest)
            #expect(quote.discount >= 0)
          }
        }
        await attempt(Self.object([], "discount_basket_items", value), on: .active) {
          _ = try await lane.provider.isBasketOpen(check.identity, of: Self.guest)
        }
        lane.sandbox.script(200, Self.object([], "points_earned", value), on: .checkin)
        let checkIn = await lane.provider.checkIn(Lane.closed(check), by: Self.guest)
        #expect(checkIn.value != nil || checkIn.doubt?.code == .loyaltyMalformed)
        for body in [value ?? "", "[\(value ?? "")]"] {
          lane.sandbox.script(200, body, on: .commit)
          let commit = await lane.provider.commit(check, for: Self.guest)
          #expect(commit.doubt?.code == .loyaltyMalformed)
        }
      }
    }
    #expect(read > 400 && malformed > 200)
  }

  @Test(
    "documented mixtures read as what they mean",
    arguments: [
      (#""1""#, true), ("1", true), ("true", true), (#""true""#, true), (#""0""#, false), ("0", false),
      ("false", false),
    ])
  func booleans(text: String, value: Bool) async throws {
    try await Lane.run { lane in
      lane.sandbox.script(200, #"{"short_key":6624,"print_barcodes":\#(text)}"#, on: .configuration)
      let location = try await lane.provider.configuration()
      #expect(location.printsBarcodes == value)
    }
  }

  // Its last two are from the programme's meta data, which is asked with it.
  @Test("X10: the published configuration")
  func configurationExample() async throws {
    try await Lane.run { lane in
      lane.sandbox.script(
        200,
        #"{"header":"Header\nline 2","location_name":"demo","log_level":"6","print_barcodes":"1","send_to_datasink":"0","short_key":"6624","trailer_1":"one","trailer_2":"","trailer_5":"five","update_interval":"60","multiple_redemption_on_location":true}"#,
        on: .configuration)
      let location = try await lane.provider.configuration()
      var expected = LocationConfiguration(
        locationName: "demo", shortKey: 6624, printsBarcodes: true, header: "Header\nline 2",
        trailers: ["one", "five"], updateInterval: 60, storesReceipts: false,
        allowsMultipleRedemptions: true, pending: PendingWindow(minutes: 60))
      expected.signsUpByPhone = true
      expected.couponPrefix = ""
      #expect(location == expected)
    }
  }

  @Test(
    "X3 and X4: reductions count by their size, whatever their sign; qualified items themselves do not",
    arguments: [
      (
        #"[{"discount_amount":5,"qualified_items":[{"item_name":"Pizza1 DISCOUNT","amount":5,"item_type":"R","item_id":331,"serial_number":"1.0"}]}]"#,
        [500], ["331"]
      ),
      (
        #"[{"discount_amount":"8.0","qualified_items":[{"item_type":"M","amount":5},{"item_type":"R","amount":-3,"item_id":1},{"item_type":"r","amount":"-5.00","item_id":"2"}]}]"#,
        [300, 500], ["1", "2"]
      ),
      (
        #"[{"discount_amount":4,"discount_details":[{"name":"n"}],"qualified_items":[{"item_type":"R","amount":-3,"item_id":1}]}]"#,
        [400], ["1"]
      ),
      (#"[{"discount_amount":2.5,"discount_details":[],"qualified_items":null}]"#, [250], [""]),
      (
        #"{"discount_amount":7.859999999999999,"qualified_items":{"item_type":"R","amount":7.859999999999999}}"#,
        [786], [""]
      ),
      ("[]", [], []), ("null", [], []),
    ] as [(String, [Int64], [String])])
  func reductions(success: String, amounts: [Int64], ids: [String]) async throws {
    try await Lane.run { lane in
      lane.sandbox.script(200, #"{"success":\#(success),"failures":[]}"#, on: .quote)
      let quote = try await lane.provider.quote(try Lane.snapshot(), for: Self.guest)
      #expect(quote.lines.map(\.amount) == amounts)
      #expect(quote.lines.map(\.itemID) == ids)
    }
  }

  @Test("a discount larger than the check is no answer")
  func excessive() async throws {
    try await Lane.run { lane in
      lane.sandbox.script(200, #"{"success":[{"discount_amount":13.51}]}"#, on: .quote)
      let error = await #expect(throws: DeviceError.self) {
        try await lane.provider.quote(try Lane.snapshot(), for: Self.guest)
      }
      #expect(error?.code == .loyaltyMalformed)
    }
  }

  @Test(
    "X11, X12: ids longer than a double's digits stay whole",
    arguments: ["41049646877", "9007199254740993", "784733681950555245904"])
  func longIDs(id: String) async throws {
    try await Lane.run { lane in
      for text in [id, "\"\(id)\""] where Int64(id) != nil || text.hasPrefix("\"") {
        lane.sandbox.script(200, #"{"user_id":\#(text)}"#, on: .find)
        let guest = try await lane.provider.findGuest(GuestCode(kind: .singleScan, value: "abc123"))
        #expect(guest.id == id)
      }
    }
  }

  @Test(
    "tips and gift cards chosen in the app",
    arguments: [
      ("1", 100), ("\"1.50\"", 150), ("1.5", 150), ("null", nil), ("\"\"", nil), ("0", nil),
      ("\"much\"", nil),
    ] as [(String, Int64?)])
  func tips(text: String, tip: Int64?) async throws {
    try await Lane.run { lane in
      lane.sandbox.script(
        200,
        #"{"user_id":1,"selected_tip_amount":\#(text),"selected_card_number":"6006","loyalty_cards":[null]}"#,
        on: .find)
      let guest = try await lane.provider.findGuest(GuestCode(kind: .singleScan, value: "abc123"))
      #expect(guest.selectedTip == tip)
      #expect(guest.selectedGiftCard == "6006")
    }
  }

  @Test(
    "decimal text",
    arguments: [
      ("12.5", 1250), ("-3", -300), ("0.005", 1), ("0.0049999", 0), ("7.859999999999999", 786), ("1.", nil),
      (".5", nil),
      ("", nil), ("-", nil), ("1e3", nil), ("+1", nil), ("1,5", nil), ("9999999999.99", 999_999_999_999),
      ("10000000000", nil), (String(repeating: "9", count: 200), nil), ("0001.10", 110), ("１", nil),
      ("1.2.3", nil),
    ] as [(String, Int64?)])
  func decimals(text: String, value: Int64?) {
    #expect(DecimalText.minorUnits(text, decimals: 2, rounding: .nearest) == value)
  }

  @Test("an answer cut at any byte is malformed, not a trap")
  func cut() async throws {
    let whole =
      #"{"user_id":1,"first_name":"J\u00e9","phone":2025550143,"loyalty_cards":[null],"locked":false}"#
    try await Lane.run { lane in
      for length in whole.utf8.indices.dropFirst() {
        lane.sandbox.script(200, String(decoding: whole.utf8[..<length], as: UTF8.self), on: .find)
        let error = await #expect(throws: DeviceError.self) {
          try await lane.provider.findGuest(GuestCode(kind: .singleScan, value: "abc123"))
        }
        #expect(error?.code == .loyaltyMalformed)
      }
    }
  }
}
