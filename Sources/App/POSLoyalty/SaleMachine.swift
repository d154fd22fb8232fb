public import POSModel

/// One single-scan sale as a pure state machine (DESIGN §3).
///
/// Feed it what happened and do what it says. It waits for nothing, knows no clock and no device. Events that
/// do not fit the phase change nothing. Every event is on disk before actions with an effect start; so after a
/// crash ``init(replaying:)`` and ``SaleEvent/restarted`` give the state and the right next step.
///
/// What holds in every phase: a card is charged at most once, a reward is redeemed only for a paid check,
/// check-in and receipt are queued once, and a receipt that may have come out is never printed again.
public struct SaleMachine: Sendable, Equatable {
  /// What the sale waits for.
  public enum Phase: Sendable, Equatable {
    /// The guest's code, or that there is none.
    case awaitingCode
    /// Whether somebody has the first of these codes.
    case findingGuest([GuestCode])
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
  public private(set) var phase = Phase.awaitingCode
  /// Which way it goes.
  public private(set) var course = Course.open
  /// What is known.
  public private(set) var record: SaleRecord

  /// A sale that has just been opened.
  public init(_ opening: SaleOpening) {
    record = SaleRecord(opening)
    if let away = opening.away { warn(.loyaltyAway, away) }
    if opening.check.identity.receiptKey.isEmpty {
      record.warnings.append(
        SaleWarning(
          .noCheckIn,
          opening.configuration == nil
            ? "this till has never heard of its location: no bar code, no points; run posctl loyalty configuration"
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
    case .awaitingCode, .awaitingTender, .paymentOpen, .unprinted, .owing, .ended: true
    case .findingGuest, .lookingUp, .quoting, .paying, .recoveringPayment, .committing, .resolvingCommit,
      .printing, .settling:
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
    case (.lookingUp, .discountsFound(let discounts)): choose(discounts)
    case (.quoting, .quoted(let quote)): accept(quote)
    case (.lookingUp, .loyaltyFailed(let error)), (.quoting, .loyaltyFailed(let error)):
      goOnWithoutReward(because: error)
    case (.awaitingCode, .abandoned), (.awaitingTender, .abandoned): abandon()

    case (.awaitingTender, .tenderStarted(let reference)): tender(reference)
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

    default: []
    }
  }
}

// MARK: - The guest and the reward

extension SaleMachine {
  private mutating func identify(_ codes: [GuestCode]) -> [SaleAction] {
    guard let first = codes.first else { return awaitTender() }
    record.code = first
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
    record.code = nil
    warn(.guestNotFound, error)
    phase = .awaitingCode
    return [.askForCode(error)]
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
    order.lines.append(Order.Line(name: "Tip", amount: amount, kind: .service))
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
      return abandon()
    case .approvedUnconfirmed, .unknown:
      phase = .paymentOpen(request)
      return []
    }
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
    case .done(let redemption):
      record.basket = .spent
      record.redemption = redemption
      if redemption.granted.discount != record.reward.discount {
        record.warnings.append(
          SaleWarning(
            .redeemedOtherwise, "the check has \(record.discount) off, the programme another amount"))
      }
      return close()
    case .notDone(let error) where attempt == 1:
      warn(.notRedeemed, error)
      return close()
    case .notDone, .unknown:
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
      record.basket = .spent
      return close()
    }
    guard attempt > 1 else { return commit(attempt: attempt + 1) }
    record.warnings.append(SaleWarning(.notRedeemed, "the programme did not take it twice"))
    return close()
  }

  private mutating func leaveCommitOpen(because error: DeviceError) -> [SaleAction] {
    record.basket = .disputed
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
  private mutating func settle() -> [SaleAction] {
    if let guest = record.guest, record.basket == .held || record.basket == .disputed {
      phase = .settling
      let identity = record.check.identity
      return record.basket == .held ? [.unlock(identity, guest)] : [.askForBasket(identity, guest)]
    }
    if course == .completed, case .notPrinted? = record.print {
      phase = .unprinted
      return []
    }
    return end()
  }

  private mutating func settled(_ basket: SaleRecord.Basket) -> [SaleAction] {
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
    case .awaitingCode, .findingGuest, .lookingUp, .quoting, .awaitingTender:
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
    case .settling, .owing:
      if course == .completed, case .notPrinted? = record.print { return printReceipt() }
      return settle()
    case .ended: return []
    }
  }

  private mutating func warn(_ kind: SaleWarning.Kind, _ error: DeviceError) {
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
}
