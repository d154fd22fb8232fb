import POSLoyalty
import POSModel

/// The lines of a check as Punchh wants them (specs/punchh.md §7).
struct PunchhLines {
  /// One line, before it is spelt for one or the other generation of calls.
  struct Line: Equatable {
    var name: String
    var quantity: Int
    /// Minor units.
    var amount: Int64
    /// `M`, `D`, `R`, `S` or `T`.
    var type: String
    var itemID: String
    var family = ""
    var group = ""
    /// `2.0` for a line, `2.1`, `2.2` … for what was added to it. Text: as a number 1.10 would be 1.1.
    var serial = ""
  }

  /// Amounts of one line, at most; a thousand such lines still add up.
  private static let amountLimit: Int64 = DecimalText.limit
  private static let lineLimit = 1000

  /// Items and services, net of the shop's own discounts: what quotes and commits see.
  var sale: [Line]
  /// Items at full price, services, shop discounts, taxes: what check-ins and receipts see, before redemptions.
  var receipt: [Line]
  /// Sum of the items less the shop's discounts, in minor units.
  var subtotal: Int64

  /// - Throws: `input.malformed` for amounts or quantities out of range, and when discounts exceed the items.
  init(_ order: Order) throws(DeviceError) {
    var items: [[Line]] = []
    var services: [Line] = []
    var discounts: [(line: Line, base: Int?)] = []
    var taxes: [Line] = []
    var count = 0
    for entry in order.lines {
      let base = entry.kind == .item ? items.count : nil
      for (index, part) in ([entry] + entry.modifiers).enumerated() {
        count += 1
        // Only items and modifiers may be negative: "no cheese" (specs/punchh.md §7.1).
        let least = part.kind == .item ? 1 - Self.amountLimit : 0
        guard count <= Self.lineLimit, (least..<Self.amountLimit).contains(part.amount),
          (1...100_000).contains(part.quantity)
        else {
          throw Self.bad("line \(count) has an amount or a quantity out of range")
        }
        let line = Line(
          name: part.name, quantity: part.quantity, amount: part.amount, type: part.kind.rawValue,
          itemID: part.itemID, family: part.family, group: part.group)
        switch part.kind {
        case .item:
          if index > 0, let base { Self.add(line, to: &items[base]) } else { items.append([line]) }
        case .service: services.append(line)
        case .shopDiscount: discounts.append((line, index > 0 ? base : nil))
        case .tax: taxes.append(line)
        }
      }
    }

    guard items.allSatisfy({ item in item.reduce(0) { $0 + $1.amount } >= 0 }) else {
      throw Self.bad("an item is below 0 with its modifiers")
    }
    var net = items
    for (discount, base) in discounts { try Self.take(discount, base: base, from: &net) }
    sale = Self.numbered(net + services.map { [$0] })
    receipt = Self.numbered(items + (services + discounts.map(\.line) + taxes).map { [$0] })
    subtotal = net.joined().reduce(0) { $0 + $1.amount }
  }

  /// The receipt with redeemed rewards as lines of their own, amounts positive.
  func receipt(
    redeemed reductions: [Quote.Line], as type: PunchhConfiguration.RedemptionLine
  ) throws(DeviceError) -> [Line] {
    let next = receipt.count { $0.serial.hasSuffix(".0") } + 1
    guard receipt.count + reductions.count <= Self.lineLimit,
      reductions.allSatisfy({ (0..<Self.amountLimit).contains($0.amount) })
    else { throw Self.bad("a reduction is out of range") }
    return receipt
      + reductions.enumerated().map { index, reduction in
        Line(
          name: reduction.name, quantity: 1, amount: reduction.amount, type: type.rawValue,
          itemID: reduction.itemID, serial: "\(next + index).0")
      }
  }

  /// A modifier stands once under its item, with the quantity over all of them (specs/punchh.md §7.1).
  private static func add(_ modifier: Line, to item: inout [Line]) {
    let same = item.indices.dropFirst().first { index in
      var other = item[index]
      other.quantity = modifier.quantity
      other.amount = modifier.amount
      return other == modifier
    }
    if let same {
      item[same].quantity += modifier.quantity
      item[same].amount += modifier.amount
    } else {
      item.append(modifier)
    }
  }

  /// Takes a shop discount off the item it belongs to: the one it stands under, else those with its item id,
  /// else all; what these do not bear is taken off all. Several share it in proportion.
  private static func take(_ discount: Line, base: Int?, from items: inout [[Line]]) throws(DeviceError) {
    let all = items.indices.flatMap { item in items[item].indices.map { (item, $0) } }
    let own = all.filter { item, part in
      base.map { $0 == item } ?? (!discount.itemID.isEmpty && items[item][part].itemID == discount.itemID)
    }
    var rest = discount.amount
    for targets in [own, all] { rest -= share(rest, among: targets, of: &items) }
    guard rest == 0 else { throw bad("the shop's discounts exceed the items") }
  }

  /// Spreads up to `amount` over `targets` in proportion to what they bear; the last units go to the first
  /// targets that can bear them. Returns what was taken.
  private static func share(_ amount: Int64, among targets: [(Int, Int)], of items: inout [[Line]]) -> Int64 {
    var bearable = items.map(Self.bearable)
    let total = targets.reduce(0) { $0 + bearable[$1.0][$1.1] }
    let taken = min(amount, total)
    guard taken > 0 else { return 0 }
    var rest = taken
    for (item, part) in targets {
      let cost = bearable[item][part]
      // cost ≤ total and taken ≤ total, so the quotient fits.
      let portion = Int64(
        UInt64(total).dividingFullWidth(UInt64(cost).multipliedFullWidth(by: UInt64(taken))).quotient)
      items[item][part].amount -= portion
      bearable[item][part] -= portion
      rest -= portion
    }
    for (item, part) in targets where rest > 0 {
      let portion = min(rest, bearable[item][part])
      items[item][part].amount -= portion
      bearable[item][part] -= portion
      rest -= portion
    }
    return taken
  }

  /// What each line of an item can lose until the item with its modifiers is at 0: what a negative modifier takes off
  /// comes out of the first lines.
  private static func bearable(_ item: [Line]) -> [Int64] {
    var debt: Int64 = item.reduce(0) { $0 - min(0, $1.amount) }
    return item.map { line in
      let cost = max(0, line.amount)
      let absorbed = min(debt, cost)
      debt -= absorbed
      return cost - absorbed
    }
  }

  private static func numbered(_ groups: [[Line]]) -> [Line] {
    groups.enumerated().flatMap { number, group in
      group.enumerated().map { part, line in
        var line = line
        line.serial = "\(number + 1).\(part)"
        return line
      }
    }
  }

  private static func bad(_ detail: String) -> DeviceError {
    DeviceError(.badInput, during: "writing the check for Punchh", detail: detail)
  }
}

extension PunchhLines.Line {
  /// Names of a line's members in one generation of calls.
  struct Spelling {
    var amount: String
    var type: String
    var itemID: String
    var family: String
    var group: String

    /// Check-ins, receipts and redemptions 1.0: `menu_items`.
    static let menuItems = Spelling(
      amount: "item_amount", type: "menu_item_type", itemID: "menu_item_id", family: "menu_family",
      group: "menu_major_group")
    /// Redemptions 2.0: `line_items`.
    static let lineItems = Spelling(
      amount: "amount", type: "item_type", itemID: "item_id", family: "item_family", group: "item_group")
  }

  /// The line as JSON.
  func json(_ spelling: Spelling, decimals: Int, itemID form: PunchhConfiguration.ItemIDForm) -> JSONText {
    .object([
      ("item_name", .text(name)),
      ("item_qty", .integer(Int64(quantity))),
      (spelling.amount, .amount(amount, decimals: decimals)),
      (spelling.type, .text(type)),
      (spelling.itemID, Self.id(itemID, form)),
      (spelling.family, .text(family)),
      (spelling.group, .text(group)),
      ("serial_number", .text(serial)),
    ])
  }

  private static func id(_ text: String, _ form: PunchhConfiguration.ItemIDForm) -> JSONText {
    guard form == .number, let number = Int64(text), number >= 0, String(number) == text else {
      return .text(text)
    }
    return .integer(number)
  }
}
