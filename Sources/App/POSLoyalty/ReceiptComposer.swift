import POSBarcode
public import POSModel

/// Lays out the customer's receipt of a sale (specs/punchh.md §6.5): the programme's header, what was bought, what
/// was taken off, how it was paid, the bar code, the programme's trailers.
public struct ReceiptComposer: Sendable {
  /// The words on the receipt that nobody else supplies.
  public struct Wording: Sendable, Equatable {
    /// In front of the check's number.
    public var check = "Check"
    /// In front of the cashier's name.
    public var servedBy = "Served by"
    /// Before tax and services.
    public var subtotal = "Subtotal"
    /// What the customer pays.
    public var total = "TOTAL"
    /// A payment without a card's name.
    public var card = "Card"
    /// What the card did not cover.
    public var remainder = "Still to pay"

    /// English.
    public init() {}
  }

  private let wording: Wording

  /// A composer that uses these words.
  public init(wording: Wording = Wording()) { self.wording = wording }

  /// The receipt of a paid sale.
  public func compose(_ sale: SaleRecord) -> ReceiptDocument {
    var receipt = ReceiptDocument()
    addHeader(of: sale, to: &receipt)
    receipt.rule()
    addLines(of: sale, to: &receipt)
    receipt.rule()
    addTotals(of: sale, to: &receipt)
    addPayment(of: sale, to: &receipt)
    receipt.feed()
    if sale.printsBarcode, let digits = Self.barcode(forKey: sale.check.identity.receiptKey) {
      receipt.barcode(.ean13, digits)
      receipt.feed()
    }
    for trailer in sale.opening.configuration?.trailers ?? [] where !trailer.isEmpty {
      receipt.text(trailer, alignment: .centre)
    }
    receipt.cut()
    return receipt
  }

  /// The thirteen digits printed for a receipt key, check digit included; `nil` for a key that is not 12 digits.
  public static func barcode(forKey key: String) -> String? {
    let digits = Array(key.utf8)
    guard digits.count == 12, let symbol = try? EAN13(ascii: digits.span) else { return nil }
    return String(decoding: symbol.digits.map { $0 + 0x30 }, as: UTF8.self)
  }
}

extension ReceiptComposer {
  private func addHeader(of sale: SaleRecord, to receipt: inout ReceiptDocument) {
    if let configuration = sale.opening.configuration {
      let header = configuration.header.isEmpty ? configuration.locationName : configuration.header
      if !header.isEmpty { receipt.text(header, style: .bold, alignment: .centre) }
      receipt.feed()
    }
    let order = sale.check.order
    receipt.columns("\(wording.check) \(order.checkNumber)", Self.clock(sale.check.identity.openedAt))
    if !order.employeeName.isEmpty { receipt.text("\(wording.servedBy) \(order.employeeName)") }
  }

  private func addLines(of sale: SaleRecord, to receipt: inout ReceiptDocument) {
    let order = sale.check.order
    for line in order.lines {
      switch line.kind {
      case .item:
        receipt.columns(Self.title(line), text(line.amount, order))
        for modifier in line.modifiers {
          receipt.columns(
            "  " + Self.title(modifier), modifier.amount == 0 ? "" : text(modifier.amount, order))
        }
      case .shopDiscount: receipt.columns(Self.title(line), text(-line.amount, order))
      case .service, .tax: break
      }
    }
    for reduction in sale.reward.lines { receipt.columns(reduction.name, text(-reduction.amount, order)) }
  }

  private func addTotals(of sale: SaleRecord, to receipt: inout ReceiptDocument) {
    let order = sale.check.order
    let charges = order.lines.filter { $0.kind == .service } + order.lines.filter { $0.kind == .tax }
    if !charges.isEmpty {
      receipt.columns(wording.subtotal, text((order.subtotal ?? 0) - sale.discount, order))
      for charge in charges { receipt.columns(Self.title(charge), text(charge.amount, order)) }
    }
    receipt.columns(wording.total, sale.payable.description, style: [.bold, .doubleHeight])
  }

  private func addPayment(of sale: SaleRecord, to receipt: inout ReceiptDocument) {
    guard let charge = sale.charge else { return }
    for payment in [sale.part, charge].compactMap({ $0 }) {
      let card = [payment.cardName ?? wording.card, payment.maskedPAN ?? ""].filter { !$0.isEmpty }
      receipt.columns(card.joined(separator: " "), payment.amount.description)
    }
    if let remainder = sale.remainder {
      receipt.columns(wording.remainder, remainder.description, style: .bold)
    }
    guard !charge.customerReceipt.isEmpty else { return }
    receipt.rule()
    for line in charge.customerReceipt { receipt.text(line) }
  }

  private static func title(_ line: Order.Line) -> String {
    line.quantity == 1 ? line.name : "\(line.quantity) x \(line.name)"
  }

  private func text(_ amount: Int64, _ order: Order) -> String {
    Money(minorUnits: amount, currency: order.currency).decimalText
  }

  /// Date and minute of an ISO 8601 time.
  private static func clock(_ time: String) -> String {
    time.prefix(16).split(separator: "T").joined(separator: " ")
  }
}
