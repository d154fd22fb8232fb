import POSJSON
import POSModel

/// A payment's outcome as posctl prints it (DESIGN §4).
struct PaymentReport {
  let outcome: PaymentOutcome

  init(_ outcome: PaymentOutcome) { self.outcome = outcome }

  /// What the outcome is called.
  var name: String {
    switch outcome {
    case .approved: "approved"
    case .approvedUnconfirmed: "approved-unconfirmed"
    case .declined: "declined"
    case .cancelled: "cancelled"
    case .notStarted: "not-started"
    case .unknown: "unknown"
    }
  }

  /// The outcome and what is known of it; `amount` is in minor units.
  var line: JSONLine {
    var line: JSONLine = ["outcome": .string(name)]
    switch outcome {
    case .approved(let record), .approvedUnconfirmed(let record):
      line["amount"] = JSONValue(record.amount.minorUnits)
      line["currency"] = .string(record.amount.currency.code)
      if let tip = record.tip { line["tip"] = JSONValue(tip.minorUnits) }
      if let reading = record.cardReading { line["card_reading"] = .string(reading) }
      line["receipt_number"] = JSONValue(record.receiptNumber)
      line["trace"] = JSONValue(record.trace)
      line["authorisation"] = JSONValue(record.authorisation)
      line["terminal_id"] = JSONValue(record.terminalID)
      line["card"] = JSONValue(record.cardName)
      line["masked_pan"] = JSONValue(record.maskedPAN)
      if let note = record.operatorNote { line["operator_note"] = .string(note) }
    case .declined(let refusal), .cancelled(let refusal):
      line["code"] = .string(refusal.code)
      line["text"] = .string(refusal.text)
    case .notStarted(let error), .unknown(let error):
      line["code"] = .string(error.code.rawValue)
      line["text"] = .string(error.detail)
      line["hint"] = .string(error.hint)
    }
    return line
  }

  /// The same for people.
  var text: String {
    switch outcome {
    case .approved(let record), .approvedUnconfirmed(let record):
      "\(name), \(record.amount)" + (record.cardName.map { ", \($0)" } ?? "")
        + (record.receiptNumber.map { ", receipt \($0)" } ?? "")
        + (record.operatorNote.map { ", by decision: \($0)" } ?? "")
    case .declined(let refusal), .cancelled(let refusal): "\(name), \(refusal.code) \(refusal.text)"
    case .notStarted(let error), .unknown(let error): "\(name): \(error)"
    }
  }

  /// How posctl ends.
  var exit: ErrorTable.ExitCode {
    switch outcome {
    case .approved: .ok
    case .declined, .cancelled: .failed
    case .approvedUnconfirmed, .unknown: .unknownOutcome
    case .notStarted(let error): ErrorTable.row(for: error.code).exit
    }
  }

  /// Prints the line of a movement of `request`.
  func show(_ request: PaymentRequest, json: Bool) {
    guard json else {
      Console.print(text)
      return
    }
    var whole: JSONLine = [
      "type": "payment", "outcome": .string(name), "amount": JSONValue(request.amount.minorUnits),
      "currency": .string(request.amount.currency.code), "reference": .string(request.reference),
      "kind": .string(request.kind.name),
    ]
    for member in line.members where member.key != "outcome" { whole[member.key] = member.value }
    Console.print(whole)
  }
}
