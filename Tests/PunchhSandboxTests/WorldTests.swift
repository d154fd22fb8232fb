import POSModel
import Testing

@testable import PunchhSandbox

/// A world and bodies to send to it, written by hand: not with the client's types.
struct Till {
  var world: SandboxWorld
  var now: Int64 = 1000

  init(_ change: (inout SandboxSettings) -> Void = { _ in }) {
    var settings = SandboxSettings()
    change(&settings)
    world = SandboxWorld(settings, now: 1000)
  }

  static let sale = """
    {"user_id":11111111,"external_uid":"uid-1","receipt_datetime":"2026-03-04T18:30:00-05:00",\
    "receipt_amount":10.00,"subtotal_amount":10.00,"transaction_no":"17","punchh_key":"315788232640",\
    "line_items":[{"item_name":"Burger","item_qty":1,"amount":9.00,"item_type":"M","item_id":101,"item_family":"",\
    "item_group":"","serial_number":"1.0"},{"item_name":"Cheese","item_qty":1,"amount":1.00,"item_type":"M",\
    "item_id":501,"item_family":"","item_group":"","serial_number":"1.1"}]}
    """
  static let quote = #"{"query":true,"# + sale.dropFirst()
  static let closed = """
    "pos_type":"PAR","pos_version":"1","channel":"pos","transaction_no":"17","punchh_key":"315788232640",\
    "external_uid":"uid-1","receipt_datetime":"2026-03-04T18:30:00Z","revenue_code":"Dine In","revenue_id":"1",\
    "receipt_amount":12.00,"subtotal_amount":12.00,"payable":13.00,"menu_items":[{"item_name":"Burger","item_qty":1,\
    "item_amount":12.00,"menu_item_type":"M","menu_item_id":101,"menu_family":"","menu_major_group":"",\
    "serial_number":"1.0"},{"item_name":"Tax","item_qty":1,"item_amount":1.00,"menu_item_type":"T",\
    "menu_item_id":"","menu_family":"","menu_major_group":"","serial_number":"2.0"}]
    """
  static let checkIn = #"{"email":"jane.doe@example.com","# + closed + "}"
  static let receipt = "{" + closed + #","amount":12.00}"#
  static let basket = #"{"user_id":11111111,"external_uid":"uid-1"}"#

  static let headers = [
    ("authorization", "Token token=sandbox-location-key, btoken=sandbox-business-key"),
    ("user-agent", "A/POS/1"),
    ("accept", "application/json"), ("content-type", "application/json"),
  ]

  /// Sends one call; returns status and body.
  @discardableResult
  mutating func send(
    _ method: String, _ path: String, _ body: String = "", query: [(name: String, value: String)] = [],
    headers: [(String, String)] = headers
  ) -> (status: Int, body: String) {
    let reply = world.handle(
      SandboxRequest(
        method: method, path: path, query: query, headers: headers.map { (name: $0.0, value: $0.1) },
        body: Array(body.utf8)),
      now: now)
    return (reply.status, String(decoding: reply.body, as: UTF8.self))
  }

  mutating func lookUp(_ body: String = sale) -> (status: Int, body: String) {
    send("POST", "/api/pos/discounts/lookup", body)
  }

  mutating func batch(_ body: String) -> (status: Int, body: String) {
    send("POST", "/api/pos/batch_redemptions", body)
  }

  var rules: [String] { world.ledger.violations.map(\.rule) }
}

@Suite("The sandbox's rules")
struct WorldTests {
  @Test("a well-made sale breaks none, and moves points, rewards and money")
  func wholeSale() {
    var till = Till()
    #expect(till.send("GET", "/api/pos/locations/configuration").body.contains(#""short_key":"6624""#))
    let find = till.send(
      "GET", "/api/pos/users/find", #"{"lookup_field":"otp","lookup_value":"5CA1AB1E0DDBA11"}"#)
    #expect(find.status == 200 && find.body.contains(#""user_id":11111111"#))
    #expect(till.lookUp().status == 200)
    let quote = till.batch(Till.quote)
    #expect(quote.body.contains(#""discount_amount":3.0"#) && quote.body.contains(#""redemption_ref":null"#))
    #expect(till.send("GET", "/api/pos/discounts/active", Till.basket).status == 200)
    let commit = till.batch(Till.sale)
    #expect(commit.body.contains(#""redemption_ref":"RR100001""#))
    #expect(till.send("GET", "/api/pos/discounts/active", Till.basket).status == 404)
    // X6: 15 points and 12 dollars: 27, threshold 25: one dollar and 2 points.
    let checkIn = till.send("POST", "/api/pos/checkins", Till.checkIn)
    #expect(checkIn.body.contains(#""points_earned":"12""#))
    #expect(till.send("POST", "/receipt_details", Till.receipt).status == 200)
    #expect(till.rules == [])
    let account = till.world.snapshot.accounts[0]
    #expect(account.points == 2 && account.banked == 100 && account.rewards == [41_049_646_878])
    #expect(till.world.ledger.redemptions.map(\.amount) == [300])
  }

  @Test(
    "a broken rule is named, and missing members are refused",
    arguments: [
      (#""query":true,"#, #""query":false,"#, 400, "query is not written as yes"),
      (#""user_id":11111111"#, #""user_id":"11111111""#, 200, "user_id is not written as integer"),
      (#""user_id":11111111,"#, "", 400, "user_id is missing"),
      (#""external_uid":"uid-1","#, "", 400, "external_uid is missing"),
      (#""receipt_amount":10.00"#, #""receipt_amount":10"#, 200, "receipt_amount is not written as amount"),
      (
        #""receipt_amount":10.00"#, #""receipt_amount":"10.00""#, 200,
        "receipt_amount is not written as amount"
      ),
      (
        #""receipt_amount":10.00"#, #""receipt_amount":9.99"#, 200,
        "receipt_amount is not items less discounts"
      ),
      (
        #""subtotal_amount":10.00"#, #""subtotal_amount":9.00"#, 200,
        "subtotal_amount differs from receipt_amount"
      ),
      (#""amount":9.00"#, #""amount":9.0"#, 200, "line_items[0].amount is missing or not written as amount"),
      (#""item_qty":1,"amount":9.00"#, #""item_qty":0,"amount":9.00"#, 200, "line_items[0] has no quantity"),
      (
        #""item_type":"M","item_id":501"#, #""item_type":"D","item_id":501"#, 200,
        "line_items[1] has a type that does not belong here"
      ),
      (
        #""serial_number":"1.1""#, #""serial_number":"2.1""#, 200,
        "line_items[1] comes before the item it belongs to"
      ),
      (#""serial_number":"1.1""#, #""serial_number":"1.0""#, 200, "line_items[1].serial_number stands twice"),
      (
        #""serial_number":"1.1""#, #""serial_number":1.1"#, 200,
        "line_items[1].serial_number is missing or not written as text"
      ),
      (#""transaction_no":"17""#, #""transaction_no":17"#, 200, "transaction_no is not written as text"),
      (
        #""transaction_no":"17""#, #""transaction_no":"17","menu_items":[]"#, 200,
        "menu_items is unknown here"
      ),
      (
        #""transaction_no":"17""#, #""transaction_no":"17","transaction_no":"17""#, 200,
        "transaction_no stands twice"
      ),
      ("18:30:00-05:00", "18:30:00", 200, "receipt_datetime is not written as dateTime"),
      ("315788232640", "3157882326401", 200, "punchh_key is not 12 digits"),
      ("315788232640", "549755813888", 200, "punchh_key exceeds 39 bits"),
      (#""item_name":"Burger","#, "", 200, "line_items[0].item_name is missing or not written as text"),
      (#""item_family":"","#, #""menu_family":"","#, 200, "line_items[0].menu_family is unknown here"),
    ])
  func brokenQuotes(from old: String, to new: String, status: Int, rule: String) throws {
    var till = Till()
    let range = try #require(Till.quote.firstRange(of: old))
    var body = Till.quote
    body.replaceSubrange(range, with: new)
    #expect(till.batch(body).status == status)
    #expect(till.rules.contains(rule), "\(till.rules)")
  }

  @Test(
    "broken check-ins and receipts",
    arguments: [
      (#""payable":13.00"#, #""payable":12.00"#, "payable is not receipt_amount, services and tax together"),
      (#""revenue_id":"1","#, "", "revenue_id is missing"),
      (
        #""menu_item_type":"T""#, #""menu_item_type":"X""#,
        "menu_items[1] has a type that does not belong here"
      ),
      (#""channel":"pos","#, #""channel":"pos","user_id":1,"#, "user_id is unknown here"),
    ])
  func brokenClosings(from old: String, to new: String, rule: String) throws {
    for (path, good) in [("/api/pos/checkins", Till.checkIn), ("/receipt_details", Till.receipt)] {
      var till = Till()
      let range = try #require(good.firstRange(of: old))
      var body = good
      body.replaceSubrange(range, with: new)
      till.send("POST", path, body)
      #expect(till.rules.contains(rule), "\(till.rules)")
    }
  }

  @Test(
    "the head of a call",
    arguments: [
      ("authorization", nil, 401, "Authorization is missing or wrong"),
      ("authorization", "Token token=\"a\"  btoken=\"b\"", 401, "Authorization is missing or wrong"),
      ("user-agent", nil, 400, "User-Agent is not of the form Integrator/Type/Version"),
      ("user-agent", "curl", 200, "User-Agent is not of the form Integrator/Type/Version"),
      ("accept", nil, 200, "Accept is not application/json"),
      ("content-type", "text/plain", 200, "Content-Type is not application/json"),
    ] as [(String, String?, Int, String)])
  func heads(name: String, value: String?, status: Int, rule: String) {
    var till = Till()
    let headers = Till.headers.filter { $0.0 != name } + (value.map { [(name, $0)] } ?? [])
    #expect(till.send("POST", "/api/pos/discounts/lookup", Till.sale, headers: headers).status == status)
    #expect(till.rules == [rule])
  }

  @Test("a lock keeps other checks out until it is given back")
  func locks() {
    var till = Till()
    let other = Till.sale.replacing("uid-1", with: "uid-2").replacing("315788232640", with: "374951002060")
    #expect(till.lookUp().status == 200)
    #expect(till.lookUp(other).status == 422)
    #expect(
      till.send("PUT", "/api/pos/discounts/unlock", Till.basket.replacing("uid-1", with: "uid-2")).status
        == 422)
    #expect(till.send("PUT", "/api/pos/discounts/unlock", Till.basket).status == 200)
    #expect(till.send("PUT", "/api/pos/discounts/unlock", Till.basket).status == 422)
    #expect(till.lookUp(other).status == 200)
    #expect(till.rules == [])

    var open = Till { $0.isLockingEnabled = false }
    #expect(open.lookUp().status == 200)
    #expect(open.lookUp(other).status == 200)
  }

  @Test("a basket that is not there, and one that another check holds, are told in PAR's words")
  func missingBaskets() {
    let missing = #"{"error":"User does not have an active basket."}"#
    let other = #"{"error":"Unable to find valid discount basket."}"#
    let unlock = "/api/pos/discounts/unlock"
    var till = Till()
    #expect(till.send("PUT", unlock, Till.basket).body == other)
    _ = till.lookUp()
    #expect(till.send("PUT", unlock, Till.basket.replacing("uid-1", with: "uid-2")).body == other)
    _ = till.batch(Till.quote)
    _ = till.batch(Till.sale)
    let active = till.send("GET", "/api/pos/discounts/active", Till.basket)
    #expect(active.status == 404 && active.body == missing)
    let late = till.send("PUT", unlock, Till.basket)
    #expect(late.status == 422 && late.body == missing)
    #expect(till.rules == [])
  }

  @Test("a redemption code that a batch has used checks nobody in, until the batch is voided")
  func usedCode() {
    var till = Till { $0.guests[0].redemptionCodes = ["8106394": 41_049_646_877] }
    let checkIn = Till.checkIn.replacing(
      #""email":"jane.doe@example.com""#, with: #""redemption_code":"8106394""#)
    _ = till.batch(Till.quote)
    _ = till.batch(Till.sale)
    let used = till.send("POST", "/api/pos/checkins", checkIn)
    #expect(used.status == 422 && used.body == #"["This code has already been used"]"#)
    till.send("DELETE", "/api/pos/batch_redemptions/RR100001", #"{"user_id":11111111}"#)
    #expect(till.send("POST", "/api/pos/checkins", checkIn).status == 200)
    #expect(till.rules == [])
  }

  @Test("Apple's passes and Google's are fields of their own")
  func contactless() {
    var till = Till { $0.guests = [.generous] }
    for (field, value, status) in [
      ("nfc_token", "a1b2c3d4", 200), ("apple_nfc_data", "d4c3b2a1", 200), ("nfc_token", "d4c3b2a1", 404),
      ("apple_nfc_data", "a1b2c3d4", 404),
    ] {
      let body = #"{"lookup_field":"\#(field)","lookup_value":"\#(value)"}"#
      #expect(till.send("GET", "/api/pos/users/find", body).status == status, "\(field)")
    }
  }

  @Test("orders of calls that no till may make")
  func orders() {
    var early = Till()
    _ = early.batch(Till.quote)
    early.send("POST", "/api/pos/checkins", Till.checkIn)
    #expect(early.rules == ["a check-in while its basket is locked and not committed"])

    var unquoted = Till()
    _ = unquoted.batch(Till.sale)
    #expect(unquoted.rules == ["a commit without a quote"])

    var changed = Till()
    _ = changed.batch(Till.quote)
    _ = changed.batch(Till.sale.replacing("Cheese", with: "Bacon"))
    #expect(changed.rules == ["line_items differ from those quoted"])

    var repeated = Till()
    _ = repeated.batch(Till.quote)
    #expect(repeated.batch(Till.sale).status == 200)
    #expect(repeated.batch(Till.sale).status == 422)
    #expect(repeated.rules == ["a commit is sent again although it was done"])
    #expect(repeated.world.ledger.redemptions.count == 1)

    var reused = Till()
    reused.send("POST", "/receipt_details", Till.receipt)
    reused.send("POST", "/receipt_details", Till.receipt.replacing("uid-1", with: "uid-2"))
    #expect(reused.rules == ["punchh_key was used for another check"])
  }

  @Test("a check-in counts once, by check and by key")
  func checkIns() {
    var till = Till()
    #expect(till.send("POST", "/api/pos/checkins", Till.checkIn).status == 200)
    #expect(till.send("POST", "/api/pos/checkins", Till.checkIn).status == 422)
    till.send("POST", "/api/pos/checkins", Till.checkIn.replacing("uid-1", with: "uid-2"))
    #expect(till.world.ledger.checkIns.map(\.repeats) == [2])
    #expect(till.world.snapshot.accounts[0].banked == 100)
    let stranger = Till.checkIn.replacing("jane", with: "john").replacing("uid-1", with: "uid-3")
    #expect(till.send("POST", "/api/pos/checkins", stranger).status == 404)
    #expect(till.send("POST", "/api/pos/checkins", "{" + Till.closed + "}").status == 404)
  }

  @Test("X8 and X9: codes expire after five minutes; a batch cannot be voided after its check-in")
  func expiryAndVoid() {
    var till = Till()
    let find = #"{"lookup_field":"otp","lookup_value":"5ca1ab1e0ddba11"}"#
    till.now = 1299
    #expect(till.send("GET", "/api/pos/users/find", find).status == 200)
    till.now = 1300
    let late = till.send("GET", "/api/pos/users/find", find)
    #expect(late.status == 404 && late.body == #"{"error":"Invalid or Expired Single Scan Code"}"#)
    till.world.issue("abcdef", for: 11_111_111, now: till.now)
    #expect(
      till.send("GET", "/api/pos/users/find", find.replacing("5ca1ab1e0ddba11", with: "abcdef")).status == 200
    )

    _ = till.batch(Till.quote)
    _ = till.batch(Till.sale)
    let path = "/api/pos/batch_redemptions/RR100001"
    #expect(till.send("DELETE", path + "0", #"{"user_id":11111111}"#).status == 422)
    till.send("POST", "/api/pos/checkins", Till.checkIn)
    let void = till.send("DELETE", path, #"{"user_id":11111111}"#)
    #expect(void.status == 410)
    #expect(
      void.body
        == #"{"error":{"message":"Checkin associated with external_uid uid-1 has been committed.","code":"commited"}}"#
    )

    var undone = Till()
    _ = undone.batch(Till.quote)
    _ = undone.batch(Till.sale)
    #expect(undone.send("DELETE", path, #"{"user_id":11111111}"#).status == 202)
    #expect(undone.world.snapshot.accounts[0].rewards.contains(41_049_646_877))
  }

  @Test("a reward for one item takes off one unit of it")
  func itemReward() {
    var till = Till {
      $0.guests[0].rewards = [
        SandboxReward(id: 1, name: "Free burger", amount: 2000, itemID: "101", isSelected: true)
      ]
    }
    let two = Till.quote.replacing(#""item_qty":1,"amount":9.00"#, with: #""item_qty":2,"amount":9.00"#)
    #expect(till.batch(two).body.contains(#""discount_amount":4.5"#))
    #expect(till.rules == [])
  }

  @Test("nothing makes the world trap, and its books stay bounded")
  func hostile() {
    var till = Till()
    let bodies = [
      "", "{", "[]", "null", "1", "\"x\"", String(repeating: "[", count: 50_000),
      String(repeating: "{\"a\":", count: 50_000),
      Till.sale.replacing("10.00", with: "1e999"), Till.sale.replacing("9.00", with: "999999999999.99"),
      Till.sale.replacing("9.00", with: "-999999999999999999999.99"),
      Till.sale.replacing(":1,", with: ":9223372036854775807,"),
      Till.sale.replacing("11111111", with: "9223372036854775808"),
      Till.checkIn.replacing("12.00", with: "-5.00"),
      Till.checkIn.replacing("12.00", with: "9999999999.99"), "\u{FEFF}{}", "{\"a\":\"\\ud800\"}",
    ]
    let calls = [
      ("GET", "/api/pos/users/find"), ("GET", "/api/pos/users/search"), ("POST", "/api/pos/discounts/lookup"),
      ("POST", "/api/pos/batch_redemptions"), ("DELETE", "/api/pos/batch_redemptions/"),
      ("POST", "/api/pos/checkins"),
      ("POST", "/receipt_details"), ("PUT", "/api/pos/discounts/unlock"), ("BREW", "/coffee"), ("GET", ""),
    ]
    for (method, path) in calls {
      for body in bodies { #expect((200...599).contains(till.send(method, path, body).status)) }
    }
    for _ in 0..<2000 { till.send("GET", "/nowhere") }
    #expect(till.world.ledger.violations.count == 1000)
  }

  @Test("fault plans are read, and used up in order")
  func faults() throws {
    var plan = SandboxFaultPlan()
    try plan.add("commit=dropped*2")
    try plan.add("commit=busy")
    try plan.add("all=slow*1")
    #expect((0..<4).map { _ in plan.next(for: .commit) } == [.dropped, .dropped, .busy, .busy])
    #expect((0..<2).map { _ in plan.next(for: .find) } == [.slow, nil])
    for text in [
      "", "commit", "commit=", "commit=x", "x=down", "commit=down*", "commit=down*0", "commit=down*-1",
      "=down",
    ] {
      let error = #expect(throws: DeviceError.self) { try plan.add(text) }
      #expect(error?.code == .badInput)
      #expect(error?.hint.contains("not-json") == true)
    }
  }
}

@Suite("The sandbox's own JSON")
struct SandboxJSONTests {
  @Test(
    "numbers keep their text, strings their characters",
    arguments: [
      "9.00", "-0.5", "1e5", "123456789012345678901234567890", #""a\"b\\c""#, "[1,[],{}]",
      #"{"a":null,"b":[true,false]}"#,
    ])
  func roundTrip(text: String) {
    #expect(SandboxJSON(parsing: Array(text.utf8))?.bytes == Array(text.utf8))
  }

  @Test("escapes", arguments: [(#""\u00e9\ud83d\ude00\n\/\t""#, "é😀\n/\t"), (#""é""#, "é")])
  func escapes(text: String, value: String) {
    #expect(SandboxJSON(parsing: Array(text.utf8))?.string == value)
  }

  @Test(
    "no JSON",
    arguments: [
      "", " ", "01", "-", "1.", ".5", "+1", "1e", "nul", "truex", "[1,]", "[1 2]", "{,}", "{a:1}", #"{"a"}"#,
      #"{"a":1,}"#, "\"",
      "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u+123\"", "\"\\ud800x\"", "\"\n\"", "1 1", "]",
      String(repeating: "[", count: 17) + String(repeating: "]", count: 17),
    ])
  func refused(text: String) { #expect(SandboxJSON(parsing: Array(text.utf8)) == nil) }

  @Test("cut, flipped and doubled bytes never trap")
  func mutations() {
    let whole = Array(Till.quote.utf8)
    for index in whole.indices {
      _ = SandboxJSON(parsing: Array(whole[..<index]))
      for mask in [UInt8(1), 0x20, 0x80] {
        var bytes = whole
        bytes[index] ^= mask
        _ = SandboxJSON(parsing: bytes)
      }
      _ = SandboxJSON(parsing: Array(whole[...index] + whole[index...]))
    }
  }

  @Test(
    "hundredths",
    arguments: [
      ("9.00", 900), ("9", 900), ("-0.5", -50), ("0.05", 5), ("1.234", nil), ("1e2", nil), ("1.", nil),
      ("-", nil),
      ("99999999999999", nil), ("1.2.3", nil), ("", nil), ("1.-2", nil),
    ] as [(String, Int64?)])
  func hundredths(text: String, value: Int64?) {
    #expect(SandboxJSON.string(text).hundredths == value)
  }
}
