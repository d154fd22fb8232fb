// Check-ins, receipts and visits (specs/punchh.md §6).

extension SandboxWorld {
  mutating func checkIn(_ body: SandboxJSON, now: Int64) -> SandboxReply {
    let index: Int
    switch guest(of: body, on: .checkin, now: now) {
    case .failure(let refusal): return refusal.reply
    case .success(let found): index = found
    }
    let check = body["external_uid"]?.string ?? ""
    let key = body["punchh_key"]?.string ?? ""
    if let earlier = ledger.checkIns.firstIndex(where: {
      $0.externalUID == check && !check.isEmpty || $0.punchhKey == key
    }) {
      ledger.checkIns[earlier].repeats += 1
      guard settings.answersDuplicates else {
        return Self.reply(422, ["errors": ["receipt": ["This receipt has already been used"]]])
      }
      return Self.reply(200, checkedIn(accounts[index], pointsEarned: ledger.checkIns[earlier].pointsEarned))
    }
    if !check.isEmpty, accounts[index].lockedBy == check, !accounts[index].basket.isEmpty {
      complain("a check-in while its basket is locked and not committed", on: .checkin)
    }
    let amount = max(0, body["receipt_amount"]?.hundredths ?? 0)
    let points = Int(amount / 100)
    accounts[index].points += points
    while settings.pointsThreshold > 0, accounts[index].points >= settings.pointsThreshold {
      accounts[index].points -= settings.pointsThreshold
      accounts[index].banked += settings.bankedPerThreshold
    }
    let entry = SandboxLedger.CheckIn(
      externalUID: check, punchhKey: key, transactionNumber: body["transaction_no"]?.text ?? "",
      guest: accounts[index].guest.id, receiptAmount: amount, payable: body["payable"]?.hundredths ?? 0,
      pointsEarned: points, repeats: 0)
    ledger.checkIns.append(entry)
    creditTimes[key] = now
    var reply = Self.reply(200, checkedIn(accounts[index], pointsEarned: points))
    reply.credited = entry
    return reply
  }

  func checkedIn(_ account: Account, pointsEarned: Int) -> SandboxJSON {
    guard case .object(let members) = user(account) else { return nil }
    return .object(
      members + [SandboxJSON.Member(name: "points_earned", value: .string(String(pointsEarned)))])
  }

  /// The account that a body names in exactly one way.
  mutating func guest(
    of body: SandboxJSON, on route: SandboxRoute, now: Int64
  ) -> Result<Int, Refusal> {
    let names = ["email", "phone", "single_scan_code", "card_number", "redemption_code", "user_as_qrcode"]
    let present = names.filter { body[$0] != nil }
    if present.count != 1 { complain("\(route.rawValue) names its guest in exactly one way", on: route) }
    guard let name = present.first else {
      return .failure(Refusal(reply: Self.reply(404, ["User not found"])))
    }
    let value = body[name]?.string ?? ""
    if route == .checkin, name == "redemption_code", usedCoupons.contains(value) {
      return .failure(Refusal(reply: Self.reply(422, ["This code has already been used"])))
    }
    if let found = index(name, value, now: now) { return .success(found) }
    let words = name == "single_scan_code" ? "Invalid or Expired Single Scan Code" : "User not found"
    return .failure(Refusal(reply: Self.reply(404, [.string(words)])))
  }

  /// Every version is kept, the last one counts; a void inside the pending window takes points and rewards back.
  mutating func receipt(_ body: SandboxJSON, now: Int64) -> SandboxReply {
    let key = body["punchh_key"]?.string ?? ""
    checkVersion(body, of: key)
    var entry = SandboxLedger.Receipt(
      punchhKey: key, externalUID: body["external_uid"]?.string ?? "",
      receiptAmount: body["receipt_amount"]?.hundredths ?? 0, versions: 1,
      isVoided: body["status"]?.string == "void")
    if let index = ledger.receipts.firstIndex(where: { $0.punchhKey == key }) {
      entry.versions = ledger.receipts[index].versions + 1
      ledger.receipts[index] = entry
    } else {
      ledger.receipts.append(entry)
    }
    settle(entry, now: now)
    return Self.reply(200, [:])
  }

  /// A void leaves everything but the status as it was; nothing comes after one (specs/punchh.md §6.3).
  private mutating func checkVersion(_ body: SandboxJSON, of key: String) {
    guard case .object(let members) = body else { return }
    let content = SandboxJSON.object(members.filter { $0.name != "status" })
    let isVoid = body["status"]?.string == "void"
    if body["status"] != nil, !isVoid { complain("status is something else than void", on: .receipt) }
    if let before = receiptBodies[key] {
      if isVoid, before != content { complain("a void changes the receipt", on: .receipt) }
      if !isVoid, ledger.receipts.contains(where: { $0.punchhKey == key && $0.isVoided }) {
        complain("a voided receipt is sent again as valid", on: .receipt)
      }
    }
    if receiptBodies.count < 100_000 { receiptBodies[key] = content }
  }

  /// Brings a pending check-in into line with the last version of its receipt.
  private mutating func settle(_ receipt: SandboxLedger.Receipt, now: Int64) {
    guard let index = ledger.checkIns.firstIndex(where: { $0.punchhKey == receipt.punchhKey }),
      let minutes = settings.pendingMinutes, let credited = creditTimes[receipt.punchhKey],
      now - credited <= minutes * 60, !ledger.checkIns[index].isVoided,
      let account = accounts.firstIndex(where: { $0.guest.id == ledger.checkIns[index].guest })
    else { return }
    let points = receipt.isVoided ? 0 : Int(receipt.receiptAmount / 100)
    accounts[account].points += points - ledger.checkIns[index].pointsEarned
    while accounts[account].points < 0, accounts[account].banked >= settings.bankedPerThreshold {
      accounts[account].points += settings.pointsThreshold
      accounts[account].banked -= settings.bankedPerThreshold
    }
    ledger.checkIns[index].pointsEarned = points
    ledger.checkIns[index].receiptAmount = receipt.receiptAmount
    guard receipt.isVoided else { return }
    ledger.checkIns[index].isVoided = true
    for place in ledger.redemptions.indices
    where ledger.redemptions[place].externalUID == receipt.externalUID && !ledger.redemptions[place].isVoided
    {
      giveBack(redemption: place, to: account)
    }
  }

  mutating func visit(_ body: SandboxJSON, now: Int64) -> SandboxReply {
    switch guest(of: body, on: .transaction, now: now) {
    case .failure(let refusal): return refusal.reply
    case .success(let index):
      let check = body["external_uid"]?.string ?? ""
      if ledger.visits.contains(check) { complain("a visit is registered twice", on: .transaction) }
      ledger.visits.append(check)
      return Self.reply(200, user(accounts[index]))
    }
  }
}
