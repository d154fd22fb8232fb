import ESCPOS
import POSJSON
import POSLoyalty
import POSModel
import POSPicture

/// A finished `sale run`, as text and as JSON.
struct SaleReport {
  var summary: SaleSummary
  var order: Order
  var code: GuestCode?
  var deliveries: OutboxSender.Report
  /// Items left in the outbox, `nil` when the journal does not say.
  var waiting: Int?
  var receipt: SentPaper.Files?
  var page: PrintedPage

  /// The one summary object of DESIGN §5.
  var json: JSONLine {
    [
      "type": "sale", "state": .string(summary.state.rawValue), "sale": .string(summary.id),
      "check": .string(summary.checkNumber), "loyalty_code": JSONValue(shownCode),
      "loyalty_code_kind": JSONValue(summary.codeKind?.rawValue), "guest": JSONValue(summary.guest),
      "currency": .string(order.currency.code), "total": JSONValue(summary.total.minorUnits),
      "discount": JSONValue(summary.discount.minorUnits), "payable": JSONValue(summary.payable.minorUnits),
      "payment": payment, "redeemed": summary.isRedeemed.map(JSONValue.bool) ?? .null,
      "punchh_key": JSONValue(summary.receiptKey.isEmpty ? nil : summary.receiptKey),
      "barcode": JSONValue(summary.barcode), "points_earned": JSONValue(pointsEarned),
      "print": JSONValue(summary.print?.name), "outbox_waiting": JSONValue(waiting),
      "receipt_png": JSONValue(receipt?.png), "receipt_escpos": JSONValue(receipt?.escpos),
      "gift_card_part": JSONValue(summary.giftCardPart?.minorUnits),
      "warnings": Self.json(summary.warnings),
      "steps": .array(
        summary.steps.map { step in
          .object([
            "name": .string(step.name.rawValue), "microseconds": JSONValue(step.microseconds),
            "text": .string(step.text),
          ])
        }),
    ]
  }

  /// The same for people, the receipt included.
  var lines: [String] {
    var lines: [String] = [""]
    if !page.items.isEmpty { lines += TerminalReceipt(page).lines + [""] }
    lines.append(
      "\(summary.state.rawValue): \(summary.total), \(summary.discount) off, \(summary.payable) to pay")
    if let part = summary.giftCardPart { lines.append("gift card: \(part)") }
    lines.append("payment: \(summary.payment.map { PaymentReport($0).text } ?? "none")")
    if let error = summary.print?.error {
      let isOpen = summary.state == .completedWithRest
      lines.append("receipt: \(PrintReport.text(summary.print ?? .sent))")
      if isOpen, error.code != .printUnknown { lines.append("  then: \(PosctlHint.resume)") }
    }
    if let barcode = summary.barcode { lines.append("receipt bar code: \(barcode)") }
    if let points = pointsEarned { lines.append("points earned: \(points)") }
    if let waiting, waiting > 0 {
      lines.append("waiting in the outbox: \(waiting) (later: \(PosctlHint.flush))")
    }
    lines += Self.lines(summary.warnings)
    if let receipt { lines.append("kept: \(receipt.escpos), \(receipt.png)") }
    return lines
  }

  /// Warnings for scripts, each with what to do about it.
  static func json(_ warnings: [SaleWarning]) -> JSONValue {
    .array(
      warnings.map { warning in
        .object([
          "kind": .string(warning.kind.rawValue), "text": .string(warning.detail),
          "hint": .string(warning.hint),
        ])
      })
  }

  /// The same for people.
  static func lines(_ warnings: [SaleWarning]) -> [String] {
    warnings.flatMap { warning in
      ["warning: \(warning.kind.rawValue)\(warning.detail.isEmpty ? "" : ": " + warning.detail)"]
        + (warning.hint.isEmpty ? [] : ["  then: \(warning.hint)"])
    }
  }

  /// Points of the check-in, whether it went out with the sale or in the flush after it.
  private var pointsEarned: Int? {
    summary.pointsEarned ?? deliveries.checkIn(of: summary.id)?.pointsEarned
  }

  /// The code, unless it is a contact.
  private var shownCode: String? {
    guard let code else { return nil }
    switch code.kind {
    case .phone, .email, .cardNumber, .nfc: return nil
    case .singleScan, .userQR, .redemptionCode, .shortCode, .rewardID: return code.value
    }
  }

  private var payment: JSONValue {
    summary.payment.map { .object(PaymentReport($0).line) } ?? .null
  }
}
