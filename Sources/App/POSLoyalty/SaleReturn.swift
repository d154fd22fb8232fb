public import POSModel

/// What is taken back of a check that was paid: all of it, or what a smaller check lacks (specs/punchh.md §6.3).
public struct SaleReturn: Sendable, Equatable, Codable {
  /// Where the check-in of the sale stands when something is taken back.
  public enum CheckIn: String, Sendable, Codable {
    /// Nobody was to be credited.
    case none
    /// It waits in the outbox: the new version of the receipt follows it, and finds it pending.
    case waiting
    /// It is credited and can still be changed.
    case pending
    /// It is credited for good.
    case final
    /// The programme has refused it.
    case refused
  }

  /// The check as it is now; `nil` when nothing of it stands.
  public var order: Order?
  /// Where the check-in stands.
  public var checkIn: CheckIn
  /// The names of the giving back: one for each try at the terminal.
  public var references: [String]
  /// A code or contact of the guest, for programmes that take a redemption back by one. Personal data: it goes when
  /// the return has ended.
  public var guest: GuestCode?

  /// A return from its parts.
  public init(order: Order?, checkIn: CheckIn, references: [String], guest: GuestCode? = nil) {
    self.order = order
    self.checkIn = checkIn
    self.references = references
    self.guest = guest
  }

  /// The return as it may be kept.
  var redacted: SaleReturn {
    var copy = self
    copy.guest?.value = ""
    return copy
  }
}

/// Money to give back.
public struct RefundRequest: Sendable, Equatable {
  /// The payment it is of.
  public var payment: String
  /// What to give back, above zero.
  public var amount: Money
  /// Unique names, one for each try at the terminal.
  public var references: [String]
  /// The terminal's number of the charge, when the whole charge goes back: it can be reversed then.
  public var receipt: Int?
}

/// What came of giving money back.
public struct RefundResult: Sendable, Equatable, Codable {
  /// What the customer has got.
  public var given: Money
  /// Why not more, where that is certain.
  public var refusal: String?
  /// Why nobody knows whether there was more.
  public var doubt: DeviceError?

  /// A result from its parts.
  public init(given: Money, refusal: String? = nil, doubt: DeviceError? = nil) {
    self.given = given
    self.refusal = refusal
    self.doubt = doubt
  }
}

extension SaleRecord {
  /// The guest, with the contact that was given for the return.
  var guestOfReturn: Guest? {
    guard var guest else { return nil }
    if let code = returns.last?.guest { guest.code = code }
    return guest
  }

  /// `order` with the tip from the guest's app, which is on the check that was sold and in no order of the till: it
  /// goes back with the whole check only.
  func keepingTip(in order: Order) -> Order {
    guard let amount = guest?.selectedTip, amount > 0 else { return order }
    let tip = Order.Line.tip(amount)
    guard check.order.lines.count(where: { $0 == tip }) > order.lines.count(where: { $0 == tip }) else {
      return order
    }
    var kept = order
    kept.lines.append(tip)
    return kept.total == nil ? order : kept
  }

  /// The check without what `order` lacks. Reductions stay as long as the items bear them.
  func closedCheck(reducedTo order: Order) -> ClosedCheck {
    var closed = standing ?? closedCheck
    closed.snapshot.order = order
    var left = order.subtotal ?? 0
    closed.reductions = closed.reductions.compactMap { line in
      var line = line
      line.amount = min(line.amount, left)
      left -= line.amount
      return line.amount > 0 ? line : nil
    }
    closed.payable = max(0, (order.total ?? 0) - closed.reductions.reduce(0) { $0 + $1.amount })
    return closed
  }

  /// What of the redemption nothing would give back if the sale were voided now, in words.
  var lossOfVoid: [String] { isRedemptionHeld ? redemption?.unreturnable ?? [] : [] }

  /// Whether a redemption stands that a void takes back: all of it, or the part that is known.
  fileprivate var isRedemptionHeld: Bool { basket == .spent || basket == .unclear && redemption != nil }

  /// Which version of the receipt is its void; `nil` as long as the check stands.
  var versionOfVoid: Int? { returns.firstIndex { $0.order == nil }.map { $0 + 2 } }

  /// Why this cannot be taken back; `nil` when it can.
  func objection(to part: SaleReturn) -> String? {
    guard let order = part.order else {
      let isOwed = dueBack > givenBack || basket == .spent
      return isVoided && !isOwed ? "the check is void already, and nothing is owed" : nil
    }
    guard !isVoided else { return "the check is void already" }
    guard (try? check.order.validateChange(to: order)) != nil else {
      return "it is no check that could be sold under this number and in this currency"
    }
    guard closedCheck(reducedTo: order).payable < (standing ?? closedCheck).payable else {
      return "it is not less than what was sold"
    }
    return nil
  }
}

// MARK: - The machine's part

extension SaleMachine {
  /// First the receipt's new version, which takes points along; then the money; then the redemption, where the
  /// programme does not give it back by itself.
  mutating func takeBack(_ part: SaleReturn) -> [SaleAction] {
    guard course == .completed, record.objection(to: part) == nil else { return [] }
    let before = record.standing ?? record.closedCheck
    let isFirstVoid = part.order == nil && !record.isVoided
    record.returns.append(part)
    let hasStored = record.opening.configuration?.storesReceipts == true || part.checkIn != .none
    let isKnown = !record.check.identity.receiptKey.isEmpty && hasStored
    var actions: [SaleAction] = []
    if let order = part.order {
      let closed = record.closedCheck(reducedTo: order)
      record.standing = closed
      record.dueBack = min(record.paid, record.dueBack + before.payable - closed.payable)
      if isKnown { actions.append(.enqueue(.receipt(closed))) }
    } else {
      record.isVoided = true
      record.dueBack = record.paid
      if isKnown, isFirstVoid { actions.append(.enqueue(.voidedReceipt(before))) }
      takeRewardBack(part)
    }
    if part.checkIn == .final, isFirstVoid || part.order != nil {
      warn(.pointsKept, "the check-in is not pending any more")
    }
    return actions + refund()
  }

  /// Where the reward goes: with the receipt as long as the check-in is pending, else by a call of its own.
  private mutating func takeRewardBack(_ part: SaleReturn) {
    guard record.isRedemptionHeld else { return }
    if record.basket == .unclear { warn(.rewardSpent, Self.partUnknown) }
    let isPending = part.checkIn == .pending || part.checkIn == .waiting
    guard let redemption = record.redemption else {
      // Its reference was lost with the answer.
      if isPending {
        record.basket = .returned
      } else {
        warn(.rewardSpent, "the redemption's reference is not known")
      }
      return
    }
    for text in redemption.unreturnable ?? [] { warn(.rewardSpent, text) }
    record.basket = isPending && redemption.returnsWithReceipt == true ? .returned : .owedBack
  }

  private mutating func refund() -> [SaleAction] {
    let due = record.dueBack - record.givenBack
    guard due > 0, let payment = record.paymentReference, let part = record.returns.last else {
      return settle()
    }
    let isWhole = record.isVoided && record.givenBack == 0
    let request = RefundRequest(
      payment: payment, amount: Money(minorUnits: due, currency: record.check.order.currency),
      references: part.references, receipt: isWhole ? record.charge?.receiptNumber : nil)
    phase = .refunding(request)
    return [.refund(request)]
  }

  mutating func finishRefund(_ request: RefundRequest, _ result: RefundResult) -> [SaleAction] {
    guard result.doubt == nil else {
      phase = .refundOpen(request)
      return []
    }
    let given = min(max(0, result.given.minorUnits), request.amount.minorUnits)
    record.givenBack += given
    if given < request.amount.minorUnits {
      let rest = Money(minorUnits: request.amount.minorUnits - given, currency: request.amount.currency)
      warn(.notRefunded, "\(rest): \(result.refusal ?? "less was given back")")
    } else {
      record.warnings.removeAll { $0.kind == .notRefunded }
    }
    return settle()
  }

  private static let partUnknown = "a part of the redemption is not known"

  /// The tries before failed, and nothing of that is true any more; what no void gives back stays lost.
  mutating func finishVoid() -> [SaleAction] {
    let lost = [Self.partUnknown] + (record.redemption?.unreturnable ?? [])
    record.warnings.removeAll { $0.kind == .rewardSpent && !lost.contains($0.detail) }
    return settled(.returned)
  }

  mutating func oweRedemption(because error: DeviceError) -> [SaleAction] {
    warn(.rewardSpent, error)
    // The programme will not say otherwise next time.
    if error.isAnswer { return settled(.spent) }
    phase = .owing
    return []
  }

  private mutating func warn(_ kind: SaleWarning.Kind, _ detail: String) {
    let warning = SaleWarning(kind, detail)
    if !record.warnings.contains(warning) { record.warnings.append(warning) }
  }
}
