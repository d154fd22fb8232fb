import POSJSON
import POSLoyalty
import POSModel

/// A check as a JSON file that people write:
///
///     {"check": "1042", "currency": "USD", "employee": "Ada", "lines": [
///       {"name": "Classic burger", "amount": "9.00", "id": "101", "family": "burgers", "group": "food",
///        "modifiers": [{"name": "Extra cheese", "amount": "1.00", "id": "201"}]},
///       {"name": "Sales tax", "amount": "0.93", "type": "T"}]}
///
/// Amounts are decimal text, so that no floating number ever holds money. `type` is M unless it is given. What makes
/// an item cheaper, "No cheese", has a negative amount; no item is below 0 with its modifiers.
struct OrderDocument {
  /// The check.
  let order: Order

  /// Lines that one check may have.
  private static let lineLimit = 500

  /// Reads a document.
  ///
  /// - Throws: ``DeviceError`` with code `input.malformed` and the path of what is wrong.
  init(_ bytes: [UInt8], name: String) throws(DeviceError) {
    func malformed(_ detail: String) -> DeviceError {
      DeviceError(.badInput, during: "reading the order \(name)", detail: detail)
    }
    let document: Document
    do {
      document = try BoundedJSON.decode(Document.self, from: bytes)
    } catch let error as DecodingError {
      throw malformed(error.explained())
    } catch {
      throw malformed("it is not JSON")
    }
    guard let currency = Currency(code: document.currency) else {
      throw malformed("currency: '\(document.currency)' is not a known ISO 4217 code")
    }
    guard !document.check.isEmpty, document.check.utf8.count <= 32 else {
      throw malformed("check: 1 to 32 characters are wanted")
    }
    guard (1...Self.lineLimit).contains(document.lines.count) else {
      throw malformed("lines: 1 to \(Self.lineLimit) lines are wanted")
    }
    var lines: [Order.Line] = []
    for (index, line) in document.lines.enumerated() {
      lines.append(try line.value(currency: currency, path: "lines[\(index)]", malformed: malformed))
    }
    let order = Order(
      checkNumber: document.check, currency: currency, lines: lines, employeeName: document.employee ?? "")
    guard let subtotal = order.subtotal, let total = order.total, subtotal >= 0, total >= 0 else {
      throw malformed("lines: the sum is negative or too large")
    }
    self.order = order
  }

  private struct Document: Decodable {
    var check: String
    var currency: String
    var employee: String?
    var lines: [Line]
  }

  private struct Line: Decodable {
    var name: String
    var quantity: Int?
    var amount: String
    var type: Order.LineKind?
    var id: String?
    var family: String?
    var group: String?
    var modifiers: [Line]?

    func value(
      currency: Currency, path: String, isModifier: Bool = false, malformed: (String) -> DeviceError
    ) throws(DeviceError) -> Order.Line {
      let kind = type ?? .item
      guard let money = Money(decimal: amount, currency: currency), money.minorUnits >= 0 || kind == .item
      else {
        let limit = kind == .item ? "" : ", 0 or more"
        throw malformed("\(path).amount: '\(amount)' is not an amount of \(currency.code)\(limit)")
      }
      let quantity = quantity ?? 1
      guard (1...9999).contains(quantity) else { throw malformed("\(path).quantity: 1 to 9999 is wanted") }
      guard !name.isEmpty, name.utf8.count <= 200 else {
        throw malformed("\(path).name: 1 to 200 bytes of text are wanted")
      }
      guard !isModifier || (modifiers ?? []).isEmpty else {
        throw malformed("\(path).modifiers: modifiers have no modifiers")
      }
      guard (modifiers ?? []).count <= 99 else { throw malformed("\(path).modifiers: at most 99 are wanted") }
      var inner: [Order.Line] = []
      for (index, modifier) in (modifiers ?? []).enumerated() {
        inner.append(
          try modifier.value(
            currency: currency, path: "\(path).modifiers[\(index)]", isModifier: true, malformed: malformed))
      }
      let line = Order.Line(
        name: name, quantity: quantity, amount: money.minorUnits, kind: kind, itemID: id ?? "",
        family: family ?? "", group: group ?? "", modifiers: inner)
      guard isModifier || line.itemTotal.map({ $0 >= 0 }) == true else {
        throw malformed("\(path).amount: with its modifiers it is below 0 or too large")
      }
      return line
    }
  }
}
