public import POSModel

/// One single-scan sale as a pure state machine (DESIGN §3).
///
/// Feed it what happened and do what it says. It waits for nothing, knows no clock and no device. Events that
/// do not fit the phase change nothing. Every event is on disk before actions with an effect start; so after a
/// crash ``init(replaying:)`` and ``SaleEvent/restarted`` give the state and the right next step.
///
/// What holds in every phase: a card is charged at most once, a reward is redeemed only for a paid check,
/// check-in and receipt are queued once, and a receipt that may have come out is never printed again. What is
/// taken back of a sale that is over is in SaleReturn.swift.
public struct SaleMachine: Sendable, Equatable {
  /// What the sale waits for.
  public enum Phase: Sendable, Equatable {
    /// The guest's code, or that there is none.
    case awaitingCode
    /// Whether somebody has the first of these codes.
    case findingGuest([GuestCode])
    /// The guest, who may sign up with this contact.
    case offeringSignUp(GuestCode)
    /// The programme, to sign the guest up.
    case signingUp(GuestCode)
    /// The guest's rewards. From here on the basket may be locked.
    case lookingUp
    /// What the rewards take off.
    case quoting
    /// The customer, ready to pay.
    case awaitingTender
    /// The terminal.
    case paying(PaymentRequest)
    /// Somebody who asks how the payment ended.
    case paymentOpen(PaymentRequest)
    /// How the payment ended.
    case recoveringPayment(PaymentRequest)
    /// Whoever took a part of the money, to give it back: the rest was not paid.
    case returningPart
    /// Somebody who has the part given back again.
    case partOwed
    /// The redemption, tried for the `attempt`-th time.
    case committing(attempt: Int)
    /// Whether the redemption happened.
    case resolvingCommit(attempt: Int)
    /// The printer.
    case printing(job: String)
    /// Somebody who mends the printer, or waives the receipt.
    case unprinted
    /// The programme, to clear the basket up.
    case settling
    /// Somebody who lets the basket be cleared up again.
    case owing
    /// The programme, to take the redemption of a voided check back.
    case voidingRedemption
    /// Whoever took the money, to give so much of it back.
    case refunding(RefundRequest)
    /// Somebody who asks whether the money came back.
    case refundOpen(RefundRequest)
    /// Nothing.
    case ended
  }

  /// Which way a sale goes, or went.
  public enum Course: String, Sendable, Codable {
    /// It is not decided.
    case open
    /// The check is paid.
    case completed
    /// Nothing was sold.
    case abandoned
  }

  /// What the sale waits for.
  public internal(set) var phase = Phase.awaitingCode
  /// Which way it goes.
  public internal(set) var course = Course.open
  /// What is known.
  public internal(set) var record: SaleRecord

  /// A sale that has just been opened.
  public init(_ opening: SaleOpening) {
    record = SaleRecord(opening)
    if let away = opening.away { warn(.loyaltyAway, away) }
    if opening.check.identity.receiptKey.isEmpty {
      record.warnings.append(
        SaleWarning(
          .noCheckIn,
          opening.configuration == nil
            ? "this till has never heard of its location: no bar code, no points"
            : "no receipt key could be made: no bar code, no points"))
    }
  }

  /// The sale these events make; `nil` when the first is not its opening.
  public init?(replaying events: some Sequence<SaleEvent>) {
    var events = events.makeIterator()
    guard case .opened(let opening)? = events.next() else { return nil }
    self.init(opening)
    while let event = events.next() { _ = on(event) }
  }

  /// Whether nothing is under way: the sale goes on when somebody does something.
  public var isResting: Bool {
    switch phase {
    case .awaitingCode, .awaitingTender, .paymentOpen, .partOwed, .unprinted, .owing, .refundOpen, .ended:
      true
    case .findingGuest, .offeringSignUp, .signingUp, .lookingUp, .quoting, .paying, .recoveringPayment,
      .returningPart, .committing,
      .resolvingCommit, .printing, .settling, .voidingRedemption, .refunding:
      false
    }
  }

  /// Takes what happened and says what to do about it, in this order.
  public mutating func on(_ event: SaleEvent) -> [SaleAction] {
    switch (phase, event) {
    case (_, .restarted): restart()

    case (.awaitingCode, .codesPresented(let codes)): identify(codes)
    case (.findingGuest, .guestFound(let guest)): attach(guest)
    case (.findingGuest(let codes), .loyaltyFailed(let error)): tryNext(codes.dropFirst(), after: error)
    case (.offeringSignUp(let code), .signUpAnswered(let agrees)): signUp(code, agrees: agrees)
    case (.signingUp, .guestFound(let guest)): attach(guest)
    case (.signingUp(let code), .loyaltyFailed(let error)): resolveSignUp(code, after: error)
    case (.lookingUp, .discountsFound(let discounts)): choose(discounts)
    case (.quoting, .quoted(let quote)): accept(quote)
    case (.lookingUp, .loyaltyFailed(let error)), (.quoting, .loyaltyFailed(let error)):
      goOnWithoutReward(because: error)
    case (.awaitingCode, .abandoned), (.awaitingTender, .abandoned): abandon()

    case (.awaitingTender, .orderChanged(let order)): change(to: order)
    case (.awaitingTender, .tenderStarted(let reference)): tender(reference)
    case (.paying(let request), .partPaid(let part)): payRest(of: request, after: part)
    case (.paymentOpen(let request), .partPaid(let part)),
      (.recoveringPayment(let request), .partPaid(let part)):
      findPart(part, of: request)
    case (.returningPart, .partReturned): forgetPart()
    case (.returningPart, .partKept(let error)): owePart(because: error)
    case (.paying(let request), .paymentEnded(let outcome)),
      (.paymentOpen(let request), .paymentEnded(let outcome)),
      (.recoveringPayment(let request), .paymentEnded(let outcome)):
      settlePayment(request, outcome)

    case (.committing(let attempt), .commitEnded(let outcome)): finishCommit(outcome, attempt: attempt)
    case (.resolvingCommit(let attempt), .basketFound(let isOpen)):
      resolveCommit(isOpen: isOpen, attempt: attempt)
    case (.resolvingCommit, .loyaltyFailed(let error)): leaveCommitOpen(because: error)

    case (.printing, .printEnded(let outcome)): finishPrint(outcome)
    case (.unprinted, .receiptWaived): end()

    case (.settling, .basketFreed): settled(.freed)
    case (.settling, .basketFound(isOpen: false)): settled(.spent)
    case (.settling, .basketFound(isOpen: true)): free(because: "the programme still has the basket")
    case (.settling, .loyaltyFailed(let error)): owe(because: error)

    case (.ended, .returnRequested(let part)), (.unprinted, .returnRequested(let part)): takeBack(part)
    case (.refunding(let request), .refundEnded(let result)),
      (.refundOpen(let request), .refundEnded(let result)):
      finishRefund(request, result)
    case (.voidingRedemption, .redemptionVoided): finishVoid()
    case (.voidingRedemption, .loyaltyFailed(let error)): oweRedemption(because: error)

    default: []
    }
  }
}

// MARK: - The guest and the reward

extension SaleMachine {
  private mutating func identify(_ codes: [GuestCode]) -> [SaleAction] {
    guard !codes.isEmpty else { return awaitTender() }
    let codes = record.opening.policy?.accepted(codes) ?? codes
    guard let first = codes.first else {
      return askAgain(
        DeviceError(
          .badInput, during: "identifying the guest", detail: "this kind of code is not taken here",
          hint: "scan the code in the guest's app"))
    }
    record.code = first
    record.shownPhone = codes.first { $0.kind == .phone }
    guard record.away == nil else { return awaitTender() }
    // A second reading of one code is worth one more look-up (specs/punchh.md §2.2).
    phase = .findingGuest(Array(codes.prefix(2)))
    return [.findGuest(first)]
  }

  private mutating func tryNext(_ codes: ArraySlice<GuestCode>, after error: DeviceError) -> [SaleAction] {
    guard error.isAnswer else {
      lose(error)
      return awaitTender()
    }
    if let next = codes.first {
      record.code = next
      phase = .findingGuest(Array(codes))
      return [.findGuest(next)]
    }
    if error.code == .loyaltyNotFound, let code = record.shownPhone, mayOfferSignUp {
      phase = .offeringSignUp(code)
      return [.offerSignUp(code)]
    }
    return askAgain(error)
  }

  /// Where the brand lets tills do it, and once for a check (specs/punchh.md §9, 3b).
  private var mayOfferSignUp: Bool {
    !record.hasOfferedSignUp && record.opening.configuration?.signsUpByPhone == true
  }

  private mutating func signUp(_ code: GuestCode, agrees: Bool) -> [SaleAction] {
    record.hasOfferedSignUp = true
    guard agrees else {
      return askAgain(
        DeviceError(.loyaltyNotFound, during: "finding the guest", detail: "the guest does not sign up"))
    }
    record.code = code
    phase = .signingUp(code)
    return [.signUp(code)]
  }

  /// A refusal, and a doubt, are settled by another look-up: whoever was signed up is found now.
  private mutating func resolveSignUp(_ code: GuestCode, after error: DeviceError) -> [SaleAction] {
    warn(.notSignedUp, error)
    phase = .findingGuest([code])
    return [.findGuest(code)]
  }

  private mutating func askAgain(_ refusal: DeviceError) -> [SaleAction] {
    record.code = nil
    warn(.guestNotFound, refusal)
    record.refusedCodes += 1
    if let limit = record.opening.policy?.refusals, record.refusedCodes >= limit { return awaitTender() }
    phase = .awaitingCode
    return [.askForCode(refusal)]
  }

  private mutating func attach(_ guest: Guest) -> [SaleAction] {
    record.guest = guest
    record.code = guest.code
    addTip(guest.selectedTip ?? 0)
    record.basket = .held
    phase = .lookingUp
    return [.lookUpDiscounts(record.check, guest)]
  }

  /// The tip chosen in the app is a service line of the check (specs/punchh.md §2).
  private mutating func addTip(_ amount: Int64) {
    guard amount > 0 else { return }
    var order = record.check.order
    order.lines.append(.tip(amount))
    if order.total != nil { record.check.order = order }
  }

  private mutating func choose(_ discounts: [Discount]) -> [SaleAction] {
    record.discounts = discounts
    guard let guest = record.guest, discounts.contains(where: \.isSelected) else { return awaitTender() }
    phase = .quoting
    return [.quote(record.check, guest)]
  }

  private mutating func accept(_ quote: Quote) -> [SaleAction] {
    for refusal in quote.refusals { record.warnings.append(SaleWarning(.rewardRefused, refusal)) }
    if quote.lines.allSatisfy({ $0.amount >= 0 }), quote.discount <= record.check.order.subtotal ?? 0 {
      record.reward = quote
    } else {
      record.warnings.append(SaleWarning(.quoteMalformed, "it takes off more than the check has"))
    }
    return awaitTender()
  }

  private mutating func goOnWithoutReward(because error: DeviceError) -> [SaleAction] {
    if error.isAnswer { warn(.rewardRefused, error) } else { lose(error) }
    return awaitTender()
  }

  private mutating func lose(_ error: DeviceError) {
    record.away = error
    warn(.loyaltyAway, error)
  }
}

// MARK: - The tender and the redemption

extension SaleMachine {
  private mutating func awaitTender() -> [SaleAction] {
    phase = .awaitingTender
    return [.requestTender(record.payable)]
  }

  /// What was quoted, was quoted on another check: it is void, and asked for anew under the lock that the check
  /// already has (specs/punchh.md §2.5, §5.1).
  private mutating func change(to order: Order) -> [SaleAction] {
    guard (try? record.check.order.validateChange(to: order)) != nil else { return [] }
    record.check.order = order
    addTip(record.guest?.selectedTip ?? 0)
    record.reward = Quote(lines: [], refusals: [])
    record.discounts = []
    record.warnings.removeAll { $0.kind == .rewardRefused || $0.kind == .quoteMalformed }
    guard let guest = record.guest, record.away == nil else { return awaitTender() }
    phase = .lookingUp
    return [.lookUpDiscounts(record.check, guest)]
  }

  private mutating func tender(_ reference: String) -> [SaleAction] {
    guard record.payable.minorUnits > 0 else { return redeem() }
    record.paymentReference = reference
    let request = PaymentRequest(reference: reference, amount: record.payable)
    phase = .paying(request)
    return [.pay(request)]
  }

  private mutating func settlePayment(_ request: PaymentRequest, _ outcome: PaymentOutcome) -> [SaleAction] {
    record.payment = outcome
    switch outcome {
    case .approved(let charge):
      if charge.amount != request.amount {
        record.warnings.append(
          SaleWarning(.chargedOtherwise, "\(charge.amount) was charged, \(request.amount) is due"))
      }
      return redeem()
    case .declined, .cancelled, .notStarted:
      return record.part == nil ? abandon() : returnPart()
    case .approvedUnconfirmed, .unknown:
      phase = .paymentOpen(request)
      return []
    }
  }

  /// A gift card that holds less than is due has given what it holds; the rest is charged under the same reference.
  private mutating func payRest(of request: PaymentRequest, after part: PaymentRecord) -> [SaleAction] {
    guard record.part == nil, part.amount.currency == request.amount.currency, part.amount.minorUnits > 0
    else { return [] }
    guard part.amount.minorUnits < request.amount.minorUnits else { return tenderPaid(part, of: request) }
    record.part = part
    var rest = request
    rest.amount.minorUnits -= part.amount.minorUnits
    phase = .paying(rest)
    return [.pay(rest)]
  }

  /// A part that is found after a crash goes back: the terminal was never asked for the rest, or the part would be in
  /// the log, and the customer may have gone.
  private mutating func findPart(_ part: PaymentRecord, of request: PaymentRequest) -> [SaleAction] {
    guard record.part == nil, part.amount.currency == request.amount.currency, part.amount.minorUnits > 0
    else { return [] }
    guard part.amount.minorUnits < request.amount.minorUnits else { return tenderPaid(part, of: request) }
    record.part = part
    return returnPart()
  }

  /// What the guest chose in the app has given all of it, and no card was asked for anything.
  private mutating func tenderPaid(_ charge: PaymentRecord, of request: PaymentRequest) -> [SaleAction] {
    record.isTendersAlone = true
    return settlePayment(request, .approved(charge))
  }

  private mutating func returnPart() -> [SaleAction] {
    guard let part = record.part, let reference = record.paymentReference else { return abandon() }
    course = .abandoned
    phase = .returningPart
    return [.returnPart(PaymentRequest(reference: reference, amount: part.amount, kind: .refund))]
  }

  private mutating func forgetPart() -> [SaleAction] {
    record.part = nil
    return abandon()
  }

  private mutating func owePart(because error: DeviceError) -> [SaleAction] {
    warn(.partNotReturned, error)
    phase = .partOwed
    return []
  }

  private mutating func redeem() -> [SaleAction] {
    course = .completed
    guard !record.reward.lines.isEmpty else { return close() }
    return commit(attempt: 1)
  }

  private mutating func commit(attempt: Int) -> [SaleAction] {
    guard let guest = record.guest else { return close() }
    phase = .committing(attempt: attempt)
    return [.commit(record.check, guest)]
  }

  private mutating func finishCommit(_ outcome: EffectOutcome<Redemption>, attempt: Int) -> [SaleAction] {
    switch outcome {
    case .done(let redemption) where redemption.doubt != nil:
      record.wasAwayAtCommit = true
      // What is known of it is kept for a void. It is asked for again, and the next answer may tell less.
      if redemption.granted.discount >= record.redemption?.granted.discount ?? 0 {
        record.redemption = redemption
      }
      return askWhetherCommitted(attempt: attempt)
    case .done(let redemption):
      record.wasAwayAtCommit = false
      record.basket = .spent
      record.redemption = redemption
      if redemption.granted.discount != record.reward.discount {
        record.warnings.append(
          SaleWarning(
            .redeemedOtherwise, "the check has \(record.discount) off, the programme another amount"))
      }
      return close()
    case .notDone(let error) where attempt == 1:
      record.wasAwayAtCommit = !error.isAnswer
      warn(.notRedeemed, error)
      return close()
    case .notDone(let error), .unknown(let error):
      record.wasAwayAtCommit = !error.isAnswer
      // Also when a repeated redemption was refused: the first one may have been what emptied the basket.
      return askWhetherCommitted(attempt: attempt)
    }
  }

  private mutating func askWhetherCommitted(attempt: Int) -> [SaleAction] {
    guard let guest = record.guest else { return close() }
    phase = .resolvingCommit(attempt: attempt)
    return [.askForBasket(record.check.identity, guest)]
  }

  private mutating func resolveCommit(isOpen: Bool, attempt: Int) -> [SaleAction] {
    guard isOpen else {
      record.wasAwayAtCommit = false
      record.basket = .spent
      return close()
    }
    guard attempt > 1 else { return commit(attempt: attempt + 1) }
    guard record.guest?.selections == nil else {
      // No basket was looked into: where the programme keeps none, only the redemption's own answer tells, and two
      // of them are lost.
      record.basket = .unclear
      record.warnings.append(SaleWarning(.redemptionUnknown, "the programme's answer was lost twice"))
      return close()
    }
    record.wasAwayAtCommit = false
    record.warnings.append(SaleWarning(.notRedeemed, "the programme did not take it twice"))
    return close()
  }

  private mutating func leaveCommitOpen(because error: DeviceError) -> [SaleAction] {
    record.basket = .disputed
    record.wasAwayAtCommit = !error.isAnswer
    warn(.redemptionUnknown, error)
    return close()
  }
}

// MARK: - The end

extension SaleMachine {
  private mutating func close() -> [SaleAction] {
    var actions: [SaleAction] = []
    if !record.check.identity.receiptKey.isEmpty {
      let check = record.closedCheck
      if let guest = record.guestToCredit { actions.append(.enqueue(.checkIn(check, guest))) }
      if record.opening.configuration?.storesReceipts == true { actions.append(.enqueue(.receipt(check))) }
    }
    return actions + printReceipt()
  }

  private mutating func printReceipt() -> [SaleAction] {
    record.printAttempts += 1
    let job = "\(record.check.identity.externalID)-\(record.printAttempts)"
    phase = .printing(job: job)
    return [.print(job: job)]
  }

  private mutating func finishPrint(_ outcome: PrintOutcome) -> [SaleAction] {
    record.print = outcome
    switch outcome {
    case .printed, .sent: break
    case .notPrinted(let error): warn(.notPrinted, error)
    case .unknown(let error): warn(.printUnknown, error)
    }
    return settle()
  }

  private mutating func abandon() -> [SaleAction] {
    course = .abandoned
    return settle()
  }

  /// Clears up the basket, then ends or waits for the receipt.
  mutating func settle() -> [SaleAction] {
    if let redemption = record.redemption, let guest = record.guestOfReturn, record.basket == .owedBack {
      phase = .voidingRedemption
      return [.voidRedemption(redemption, guest)]
    }
    if let guest = record.guest, record.basket == .held || record.basket == .disputed {
      phase = .settling
      let identity = record.check.identity
      return record.basket == .held ? [.unlock(identity, guest)] : [.askForBasket(identity, guest)]
    }
    if wantsReceipt {
      phase = .unprinted
      return []
    }
    return end()
  }

  /// Whether the receipt of a check that still stands did not come out.
  private var wantsReceipt: Bool {
    guard course == .completed, record.returns.isEmpty, case .notPrinted? = record.print else { return false }
    return true
  }

  mutating func settled(_ basket: SaleRecord.Basket) -> [SaleAction] {
    record.basket = basket
    return settle()
  }

  private mutating func free(because reason: String) -> [SaleAction] {
    record.basket = .held
    record.warnings.append(SaleWarning(.notRedeemed, reason))
    return settle()
  }

  private mutating func owe(because error: DeviceError) -> [SaleAction] {
    warn(.basketLocked, error)
    if error.isAnswer {
      // The programme will not say otherwise next time; its own time-out may free the basket.
      return settled(record.basket == .disputed ? .unclear : .stuck)
    }
    phase = .owing
    return []
  }

  private mutating func end() -> [SaleAction] {
    phase = .ended
    return []
  }

  private mutating func restart() -> [SaleAction] {
    switch phase {
    case .awaitingCode, .findingGuest, .offeringSignUp, .signingUp, .lookingUp, .quoting, .awaitingTender:
      return abandon()
    case .paying(let request), .paymentOpen(let request), .recoveringPayment(let request):
      phase = .recoveringPayment(request)
      return [.recoverPayment(reference: request.reference)]
    case .committing(let attempt), .resolvingCommit(let attempt):
      return askWhetherCommitted(attempt: attempt)
    case .printing:
      return finishPrint(
        .unknown(DeviceError(.printUnknown, during: "printing the receipt before the restart")))
    case .unprinted: return printReceipt()
    case .returningPart, .partOwed: return returnPart()
    case .settling, .owing, .voidingRedemption: return wantsReceipt ? printReceipt() : settle()
    case .refunding(let request), .refundOpen(let request):
      phase = .refunding(request)
      return [.recoverRefund(request)]
    case .ended: return []
    }
  }

  mutating func warn(_ kind: SaleWarning.Kind, _ error: DeviceError) {
    let detail = error.detail.isEmpty ? ErrorTable.row(for: error.code).operatorText : error.detail
    let warning = SaleWarning(kind, detail)
    // A sale that is taken up again and again fails with the same words each time.
    if !record.warnings.contains(warning) { record.warnings.append(warning) }
  }
}

extension DeviceError {
  /// Whether the programme answered, and said no; else it was away or made no sense.
  var isAnswer: Bool {
    switch code {
    case .loyaltyNotFound, .loyaltyExpired, .loyaltyRefused, .badInput, .unsupported: true
    default: false
    }
  }

  /// Whether the same call may fare better in a moment (specs/punchh.md §3.1).
  var isPassing: Bool { code == .loyaltyBusy || code == .loyaltyUnreachable }
}

extension Order.Line {
  /// The tip chosen in the guest's app.
  static func tip(_ amount: Int64) -> Order.Line { Order.Line(name: "Tip", amount: amount, kind: .service) }
}
