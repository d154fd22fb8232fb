// Payments in the guest's app (specs/punchh.md §2.4).

extension SandboxWorld {
  mutating func pay(_ body: SandboxJSON, now: Int64) -> SandboxReply {
    guard let account = index(code: body["single_scan_code"]?.string ?? "", now: now) else {
      return Self.reply(404, ["User not found"])
    }
    guard ["CreditCard", "recurring"].contains(body["payment_type"]?.string) else {
      return Self.reply(422, ["Invalid payment type"])
    }
    let number = body["transaction_no"]?.text ?? ""
    if ledger.payments.contains(where: { $0.transactionNumber == number }) {
      complain("transaction_no was used for another payment", on: .pay)
    }
    // Longer than 64 bits, as PAR's examples are.
    let payment = SandboxLedger.Payment(
      reference: "784733681950555245\(900 + ledger.payments.count)", transactionNumber: number,
      guest: accounts[account].guest.id, amount: body["payable"]?.hundredths ?? 0, status: "processing",
      message: "AWAITING_USER_INPUT", polls: 0)
    ledger.payments.append(payment)
    return Self.reply(200, shown(payment))
  }

  /// A list for a day; a single object for one reference, its status with a capital as in PAR's example.
  mutating func paymentStatus(_ body: SandboxJSON) -> SandboxReply {
    for index in ledger.payments.indices where ledger.payments[index].status == "processing" {
      ledger.payments[index].polls += 1
      guard ledger.payments[index].polls > settings.paymentPolls else { continue }
      ledger.payments[index].status = settings.refusesPayments ? "unable_to_process" : "processed"
      ledger.payments[index].message = settings.refusesPayments ? "FAILED" : "SUCCESS"
    }
    guard let reference = body["payment_reference_id"]?.string else {
      return Self.reply(200, .array(ledger.payments.map { shown($0) }))
    }
    guard let payment = ledger.payments.first(where: { $0.reference == reference }) else {
      return Self.reply(422, ["Incorrect reference_id"])
    }
    return Self.reply(200, shown(payment))
  }

  /// Names the guest by a code that lives, or by the e-mail address.
  mutating func completePayment(_ body: SandboxJSON, now: Int64) -> SandboxReply {
    let account =
      index(code: body["single_scan_code"]?.string ?? "", now: now)
      ?? body["email"]?.string.flatMap { email in accounts.firstIndex { $0.guest.email == email } }
    guard account != nil else { return Self.reply(404, ["User not found"]) }
    return endPayment(body, as: "success", message: "COMPLETED", from: ["processed", "success"])
  }

  /// Moves a payment on; doing it twice is doing it once.
  mutating func endPayment(
    _ body: SandboxJSON, as status: String, message: String, from earlier: [String]
  ) -> SandboxReply {
    guard
      let index = ledger.payments.firstIndex(where: { $0.reference == body["payment_reference_id"]?.string })
    else { return Self.reply(422, ["Incorrect reference_id"]) }
    guard earlier.contains(ledger.payments[index].status) else {
      return Self.reply(422, [.string("Payment is \(ledger.payments[index].status)")])
    }
    ledger.payments[index].status = status
    ledger.payments[index].message = message
    return Self.reply(200, shown(ledger.payments[index]))
  }

  private func shown(_ payment: SandboxLedger.Payment) -> SandboxJSON {
    [
      "payment_reference_id": .string(payment.reference),
      "transaction_no": .string(payment.transactionNumber),
      "status": .string(payment.status.prefix(1).uppercased() + payment.status.dropFirst()),
      "response_message": .string(payment.message), "payment_type": "CreditCard", "card_type": "null",
      "payment_transaction_id": .string("T\(payment.reference.suffix(6))"),
    ]
  }
}
