import POSJournal
import POSModel

// What steps of a sale look like to whoever stands at the till.

extension SaleEvent {
  var guest: Guest? {
    guard case .guestFound(let guest) = self else { return nil }
    return guest
  }

  /// The operator's words for a failure, empty when it is none.
  var failureText: String {
    guard case .loyaltyFailed(let error) = self else { return "" }
    return error.text
  }

  var discountsText: String? {
    guard case .discountsFound(let discounts) = self else { return nil }
    let selected = discounts.filter(\.isSelected).map(\.name)
    return selected.isEmpty ? "no reward selected" : selected.joined(separator: ", ")
  }

  /// What a payment came to.
  var paymentText: String {
    switch self {
    case .partPaid(let part): "\(part.amount) by gift card, the rest is due"
    case .paymentEnded(let outcome): outcome.text
    default: ""
    }
  }

  func quoteText(in currency: Currency) -> String? {
    guard case .quoted(let quote) = self else { return nil }
    return "\(Money(minorUnits: quote.discount, currency: currency)) off"
  }
}

extension DeviceError {
  /// The operator's words, and the other side's.
  fileprivate var text: String {
    let words = ErrorTable.row(for: code).operatorText
    return detail.isEmpty ? words : "\(words): \(detail)"
  }
}

extension EffectOutcome {
  var text: String {
    switch self {
    case .done: "done"
    case .notDone(let error): "not done: \(error.text)"
    case .unknown(let error): "unknown: \(error.text)"
    }
  }
}

extension EffectOutcome<Redemption> {
  /// The same, where a part of what was to be redeemed is not all of it.
  var redemptionText: String {
    guard case .done(let redemption) = self, let doubt = redemption.doubt else { return text }
    return "a part is done, the rest unknown: \(doubt.text)"
  }
}

extension PaymentOutcome {
  var text: String {
    switch self {
    case .approved(let record): "approved, \(record.amount)"
    case .approvedUnconfirmed(let record): "approved, \(record.amount), not confirmed"
    case .declined(let refusal): "declined: \(refusal.text)"
    case .cancelled(let refusal): "cancelled: \(refusal.text)"
    case .notStarted(let error): "not started: \(error.text)"
    case .unknown(let error): "unknown: \(error.text)"
    }
  }
}

extension RefundResult {
  var text: String {
    if doubt != nil { return "nobody knows whether the money came back" }
    return "\(given) back" + (refusal.map { ", not more: \($0)" } ?? "")
  }
}

extension PrintOutcome {
  var text: String {
    switch self {
    case .printed: "printed"
    case .sent: "sent to the printer"
    case .notPrinted(let error): "not printed: \(error.text)"
    case .unknown(let error): "unknown: \(error.text)"
    }
  }
}

extension OutboxSender.Delivery {
  var text: String {
    switch verdict {
    case .done: pointsEarned.map { "\($0) points earned" } ?? "done"
    case .again(_, let reason): "waits: \(reason)"
    case .parked(let reason): "refused: \(reason)"
    }
  }
}
