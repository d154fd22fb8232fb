public import POSModel

/// One check as the till holds it: what was ordered, before any loyalty reward.
///
/// The till stays in charge of prices and tax; this is its answer to "what is on the check now".
public struct Order: Sendable, Equatable, Codable {
  /// What a line stands for; the letters are Punchh's (specs/punchh.md §7.1).
  public enum LineKind: String, Sendable, Codable {
    /// Something sold, or a modifier of it.
    case item = "M"
    /// The shop's own discount; the amount is positive and counts as a reduction.
    case shopDiscount = "D"
    /// A service charge, a delivery fee, a tip: money that is no sale.
    case service = "S"
    /// Tax.
    case tax = "T"
  }

  /// One line of the check.
  public struct Line: Sendable, Equatable, Codable {
    /// As in the till's catalogue.
    public var name: String
    /// How many, 1 or more.
    public var quantity: Int
    /// Total of the line over its quantity, in minor units of the order's currency. 0 or more, but for items and
    /// modifiers that make another one cheaper ("no cheese"): an item with its modifiers is 0 or more.
    public var amount: Int64
    /// What the line stands for.
    public var kind: LineKind
    /// The catalogue's id.
    public var itemID: String
    /// Sub-category; may be empty.
    public var family: String
    /// Category; may be empty.
    public var group: String
    /// What was added to or changed on this item; each is an item line itself, one level only.
    public var modifiers: [Line]

    /// A line from its parts.
    public init(
      name: String, quantity: Int = 1, amount: Int64, kind: LineKind = .item, itemID: String = "",
      family: String = "", group: String = "", modifiers: [Line] = []
    ) {
      self.name = name
      self.quantity = quantity
      self.amount = amount
      self.kind = kind
      self.itemID = itemID
      self.family = family
      self.group = group
      self.modifiers = modifiers
    }
  }

  /// The till's number for the check, unique for the day and place.
  public var checkNumber: String
  /// The currency of every amount.
  public var currency: Currency
  /// The lines from the top.
  public var lines: [Line]
  /// Who serves.
  public var employeeName: String

  /// An order from its parts.
  public init(checkNumber: String, currency: Currency, lines: [Line], employeeName: String = "") {
    self.checkNumber = checkNumber
    self.currency = currency
    self.lines = lines
    self.employeeName = employeeName
  }
}

extension Order.Line {
  /// Total of an item with the modifiers that are items themselves; `nil` when 64 bits do not hold it.
  public var itemTotal: Int64? {
    var total = amount
    for modifier in modifiers where modifier.kind == .item {
      let (next, overflow) = total.addingReportingOverflow(modifier.amount)
      guard !overflow else { return nil }
      total = next
    }
    return total
  }
}

extension Order {
  /// Sum of items and modifiers less the shop's own discounts, before tax (specs/punchh.md §7.2).
  ///
  /// `nil` when 64 bits do not hold it.
  public var subtotal: Int64? {
    sum { kind in
      switch kind {
      case .item: 1
      case .shopDiscount: -1
      case .service, .tax: 0
      }
    }
  }

  /// What the guest owes before rewards: subtotal, services and tax. `nil` when 64 bits do not hold it.
  public var total: Int64? {
    sum { $0 == .shopDiscount ? -1 : 1 }
  }

  /// Whether this can be sold: amounts in range, one level of modifiers, nothing below zero.
  ///
  /// - Throws: `input.malformed` with the line at fault, counted from 1.
  public func validate() throws(DeviceError) {
    func bad(_ detail: String) -> DeviceError {
      DeviceError(.badInput, during: "reading the order", detail: detail)
    }
    guard !checkNumber.isEmpty, checkNumber.utf8.count <= 64 else {
      throw bad("the check number needs 1 to 64 bytes")
    }
    guard !lines.isEmpty else { throw bad("it has no lines") }
    guard lines.reduce(0, { $0 + 1 + $1.modifiers.count }) <= 1000 else {
      throw bad("it has over 1000 lines")
    }
    for (number, line) in zip(1..., lines) {
      guard line.modifiers.isEmpty || line.kind == .item else {
        throw bad("line \(number): only items have modifiers")
      }
      guard line.modifiers.allSatisfy({ $0.modifiers.isEmpty && $0.kind == .item }) else {
        throw bad("line \(number): modifiers are items without modifiers")
      }
      for part in [line] + line.modifiers {
        guard part.quantity >= 1 else { throw bad("line \(number): the quantity is below 1") }
        guard part.amount >= 0 || part.kind == .item else {
          throw bad("line \(number): the amount is below 0")
        }
      }
      guard let itemTotal = line.itemTotal else { throw bad("the amounts are too large") }
      guard itemTotal >= 0 else { throw bad("line \(number): the amount is below 0 with its modifiers") }
    }
    guard let subtotal, total != nil else { throw bad("the amounts are too large") }
    guard subtotal >= 0 else { throw bad("the discounts exceed the items") }
  }

  /// Whether the till may make this check into `order` before it is paid.
  ///
  /// - Throws: `input.malformed` when `order` cannot be sold, or is another check.
  public func validateChange(to order: Order) throws(DeviceError) {
    guard order.checkNumber == checkNumber, order.currency == currency else {
      throw DeviceError(
        .badInput, during: "changing the check", detail: "number and currency stay the same",
        hint: "give this check up and open another one")
    }
    try order.validate()
  }

  private func sum(_ sign: (LineKind) -> Int64) -> Int64? {
    var total: Int64 = 0
    for line in lines.flatMap({ [$0] + $0.modifiers }) {
      let (amount, tooLarge) = line.amount.multipliedReportingOverflow(by: sign(line.kind))
      let (next, overflow) = total.addingReportingOverflow(amount)
      guard !tooLarge, !overflow else { return nil }
      total = next
    }
    return total
  }
}

extension Order {
  /// The checks that this one is split into, each of whole lines; lines stay in their order.
  ///
  /// Every part is a check of its own: with its own number, key and check-in.
  ///
  /// - Parameter parts: indexes into ``lines``; together they name every line once.
  /// - Throws: `input.malformed` when a line is named twice or not at all, or a part cannot be sold.
  public func split(into parts: [[Int]]) throws(DeviceError) -> [Order] {
    guard parts.joined().sorted() == Array(lines.indices) else {
      throw DeviceError(
        .badInput, during: "splitting the check", detail: "the parts do not name every line once")
    }
    var checks: [Order] = []
    for (number, part) in zip(1..., parts) {
      var check = self
      check.checkNumber = "\(checkNumber)/\(number)"
      check.lines = part.sorted().map { lines[$0] }
      try check.validate()
      checks.append(check)
    }
    return checks
  }

  /// One check of the lines of several, under the number of the first.
  ///
  /// - Throws: `input.malformed` when there is none, or their currencies differ.
  public static func merged(_ checks: [Order]) throws(DeviceError) -> Order {
    guard var check = checks.first, checks.allSatisfy({ $0.currency == check.currency }) else {
      throw DeviceError(
        .badInput, during: "merging checks", detail: "at least one check, all of one currency, is needed")
    }
    check.lines = checks.flatMap(\.lines)
    try check.validate()
    return check
  }
}
