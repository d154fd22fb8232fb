import FoundationEssentials
public import POSJournal
public import POSModel
import POSTransport

/// Runs sales: does what a ``SaleMachine`` says with real devices, and writes down first what must not be lost.
///
///     let till = SaleOrchestrator(provider: punchh, terminal: terminal, printer: printer, journal: journal,
///                                 outbox: sender, clock: clock)
///     let summary = try await till.run(order, attendant: UnattendedSale(codes: codes))
///
/// It decides nothing itself. Several sales may run at once.
public actor SaleOrchestrator {
  private let provider: any LoyaltyProvider
  private let terminal: any PaymentTerminal
  private let guestTenders: [any GuestTender]
  private let printer: any ReceiptPrinter
  private let journal: Journal
  private let outbox: OutboxSender
  private let clock: TillClock
  private let composer: ReceiptComposer
  private let policy: SalePolicy?
  private let newID: @Sendable () -> String
  /// Ids of the sales that a call is working on.
  private var live: Set<String> = []
  private let display: AsyncStream<SaleProgress>.Continuation

  /// The steps of all sales as they happen, for one display; the oldest are dropped when it is slow.
  public nonisolated let progress: AsyncStream<SaleProgress>

  /// A till made of these parts.
  ///
  /// - Parameter guestTenders: take what guests chose in the app to pay with, before the terminal is asked.
  /// - Parameter policy: what this place does differently from a counter.
  /// - Parameter newID: makes the ids of sales: unique for ever, at most 36 characters, since the id is also the
  ///   payment's reference.
  public init(
    provider: any LoyaltyProvider, terminal: any PaymentTerminal, printer: any ReceiptPrinter,
    journal: Journal, outbox: OutboxSender, clock: TillClock, guestTenders: [any GuestTender] = [],
    composer: ReceiptComposer = ReceiptComposer(), policy: SalePolicy? = nil,
    newID: @escaping @Sendable () -> String = SaleOrchestrator.randomID
  ) {
    self.provider = provider
    self.terminal = terminal
    self.guestTenders = guestTenders
    self.printer = printer
    self.journal = journal
    self.outbox = outbox
    self.clock = clock
    self.composer = composer
    self.policy = policy
    self.newID = newID
    (progress, display) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(256))
  }

  deinit { display.finish() }

  /// A new id: a random UUID.
  public static func randomID() -> String { UUID().uuidString.lowercased() }

  /// Sells what is on the order, from the guest's code to the printed receipt.
  ///
  /// Loyalty never blocks it, and what happened to money and paper is in the summary, not thrown. A summary in
  /// state `payment-open` or with a rest is taken up again by ``resume(_:)``.
  ///
  /// - Throws: `input.malformed` for an order that cannot be sold. A code of the journal when it cannot be
  ///   written: nothing more is started then, and the sale is taken up again from what is on disk. Once money may
  ///   have moved that is `terminal.outcome_unknown`: who sells again instead of taking up would charge twice.
  public func run(_ order: Order, attendant: some SaleAttendant = UnattendedSale()) async throws(DeviceError)
    -> SaleSummary
  {
    try order.validate()
    let begin = clock.monotonic.now
    let opening = try await open(order)
    var sale = LiveSale(SaleMachine(opening))
    live.insert(sale.id)
    defer { live.remove(opening.check.identity.externalID) }
    sale.unwritten.openSale(sale.id)
    try sale.log(.opened(opening))
    note(.open, since: begin, "check \(order.checkNumber)", in: &sale)
    // Before anybody is asked for a code or for money: what this sale will lack.
    warn(of: sale, after: 0)
    try await drive(&sale, from: .codesPresented(await attendant.code(after: nil)), attendant: attendant)
    return sale.summary
  }

  /// Takes a sale up again that rests or was cut off; `nil` when the journal has no open sale of this id, or
  /// another call is working on it.
  public func resume(_ id: String) async throws(DeviceError) -> SaleSummary? {
    try await takeUp(id, with: .restarted)
  }

  /// Ends a sale whose receipt could not be printed and is not wanted; `nil` when there is none of this id.
  public func waiveReceipt(_ id: String) async throws(DeviceError) -> SaleSummary? {
    try await takeUp(id, with: .receiptWaived)
  }

  /// Takes something back of a sale that is over: all of it, or what `order` lacks of it (specs/punchh.md §6.3).
  ///
  /// The receipt's new version is queued first, then the money goes back the way it came, then the redemption is
  /// taken back. What cannot be undone is in the summary's warnings. Asked again for a check that is void already, it
  /// tries what was not done then; what was done is not done twice.
  ///
  /// - Parameters:
  ///   - id: the sale, or the till's number of its check: then the last one with it.
  ///   - guest: a contact of the guest, which Redemptions 1.0 want.
  ///   - forfeits: whether the operator has been told what a void does not give back, ``SaleSummary/lossOfVoid``, and
  ///     wants it all the same.
  /// - Throws: `sale.not_found`; `input.malformed` when this cannot be taken back, or something would be lost that
  ///   `forfeits` does not allow; `terminal.outcome_unknown` or a code of the journal as ``run(_:attendant:)`` does.
  public func takeBack(
    _ id: String, leaving order: Order? = nil, guest: GuestCode? = nil, forfeits: Bool = false
  ) async throws(DeviceError) -> SaleSummary {
    let operation = order == nil ? "voiding the sale" : "refunding a part of the sale"
    let history = SaleHistory(journal)
    let id = try await history.id(of: id)
    // Whatever it still wants comes first.
    _ = try await takeUp(id, with: .restarted)
    guard live.insert(id).inserted else {
      throw DeviceError(.busy, during: operation, detail: "another call is working on this sale")
    }
    defer { live.remove(id) }
    guard let (machine, events) = try await history.sale(id) else {
      throw DeviceError(.saleNotFound, during: operation)
    }
    guard machine.course == .completed, machine.phase == .ended || machine.phase == .unprinted else {
      throw DeviceError(
        .badInput, during: operation,
        detail: machine.course == .completed
          ? "something about it is still open" : "nothing was sold under this number",
        hint: PosctlHint.resume)
    }
    let checkIn = try await history.checkIn(of: machine, now: clock.now(), offset: clock.secondsFromUTC)
    let part = SaleReturn(
      order: order.map { machine.record.keepingTip(in: $0) }, checkIn: checkIn,
      references: [newID(), newID()], guest: guest)
    if let objection = machine.record.objection(to: part) {
      throw DeviceError(.badInput, during: operation, detail: objection)
    }
    if order == nil, !forfeits, let loss = machine.record.lossOfVoid.first {
      throw DeviceError(.badInput, during: operation, detail: loss, hint: "\(PosctlHint.void) --forfeit")
    }
    var sale = LiveSale(machine, replaying: events)
    if machine.phase == .ended { sale.unwritten.reopenSale(id) }
    try await drive(&sale, from: .returnRequested(part), attendant: UnattendedSale())
    return sale.summary
  }

  /// Asks the programme for the location's configuration and keeps it, as every `update_interval` minutes.
  @discardableResult
  public func refreshConfiguration() async throws(DeviceError) -> LocationConfiguration {
    try await ConfigurationCache(provider: provider, journal: journal, clock: clock).refresh()
  }
}

// MARK: - Opening and taking up

extension SaleOrchestrator {
  private func open(_ order: Order) async throws(DeviceError) -> SaleOpening {
    var (configuration, away) =
      try await ConfigurationCache(provider: provider, journal: journal, clock: clock).current()
    let id = newID()
    guard (1...36).contains(id.utf8.count) else {
      throw DeviceError(.badConfiguration, during: "opening a sale", detail: "an id needs 1 to 36 bytes")
    }
    var identity = CheckIdentity(
      externalID: id, checkNumber: order.checkNumber,
      transactionNumber: try await journal.nextNumber(
        in: "transaction", startingAt: Self.firstTransaction(at: clock.now())), receiptKey: "",
      openedAt: clock.now().iso8601(secondsFromUTC: clock.secondsFromUTC))
    if let configuration {
      do throws(DeviceError) {
        identity.receiptKey = try provider.receiptKey(for: identity, configuration: configuration)
      } catch {
        away = away ?? error
      }
    }
    return SaleOpening(
      check: CheckSnapshot(identity: identity, order: order), configuration: configuration, away: away,
      policy: policy, guestTenders: guestTenders.count)
  }

  /// Where a new journal begins to number: tens of seconds since 2020.
  ///
  /// Receipt keys are made of these numbers. A journal that replaces a lost one must not begin where that one
  /// began, or the programme takes its checks for repetitions of earlier ones and credits nobody. A till sells
  /// less than a check in ten seconds, so a later beginning lies above all that was used before.
  private static func firstTransaction(at now: WallTime) -> Int64 {
    max(1, (now.milliseconds - 1_577_836_800_000) / 10_000)
  }

  private func takeUp(_ id: String, with event: SaleEvent) async throws(DeviceError) -> SaleSummary? {
    guard live.insert(id).inserted else { return nil }
    defer { live.remove(id) }
    guard try await journal.openSales().contains(id),
      let (machine, events) = try await SaleHistory(journal).sale(id)
    else { return nil }
    var sale = LiveSale(machine, replaying: events)
    var event = event
    if case .printing(let job) = machine.phase, event == .restarted,
      let outcome = await printer.outcome(ofEarlier: job)
    {
      // The queue knows what the sale's own log cannot: whether the print began, and how it ended.
      event = .printEnded(outcome)
    }
    try await drive(&sale, from: event, attendant: UnattendedSale())
    if sale.machine.phase == .unprinted, event != .restarted, event != .receiptWaived {
      try await drive(&sale, from: .restarted, attendant: UnattendedSale())
    }
    return sale.summary
  }
}

/// A sale under way: the machine, and what of its log is not on disk yet.
private struct LiveSale {
  var machine: SaleMachine
  private var logged = 0
  var unwritten = JournalBatch()
  var steps: [SaleSummary.Step] = []
  var pointsEarned: Int?
  /// Whether the outbox has had its turn.
  var hasSent = false
  /// What to leave in the log, by number, of events that hold the guest's codes and contacts.
  private var redactions: [Int: SaleEvent] = [:]

  /// Whether an earlier call began it.
  private let isTakenUp: Bool

  init(_ machine: SaleMachine, replaying events: [SaleEvent] = []) {
    self.machine = machine
    isTakenUp = !events.isEmpty
    for event in events { count(event) }
  }

  var id: String { machine.record.check.identity.externalID }

  var summary: SaleSummary { SaleSummary(machine, steps: steps, pointsEarned: pointsEarned) }

  /// Whether a card was charged for it, for all that is known.
  var mayHaveCharged: Bool {
    if machine.record.part != nil { return true }
    return switch machine.record.payment {
    case .approved, .approvedUnconfirmed, .unknown: true
    case .declined, .cancelled, .notStarted: false
    // A payment of this call has an outcome before anything else happens.
    case nil: isTakenUp && machine.record.paymentReference != nil
    }
  }

  /// Keeps what became of this sale's check-in and says it, if it is among what was sent.
  mutating func take(_ report: OutboxSender.Report) -> String? {
    guard let delivery = report.checkIn(of: id) else { return nil }
    pointsEarned = delivery.pointsEarned
    return delivery.text
  }

  mutating func log(_ event: SaleEvent) throws(DeviceError) {
    unwritten.append(
      SaleLogEntry(number: logged, kind: event.name, payload: try StoredJSON.bytes(event)), to: id)
    count(event)
  }

  private mutating func count(_ event: SaleEvent) {
    redactions[logged] = event.redacted
    logged += 1
  }

  mutating func end() throws(DeviceError) {
    for (number, event) in redactions {
      unwritten.replacePayload(try StoredJSON.bytes(event), of: number, in: id)
    }
    unwritten.endSale(id)
  }

  mutating func enqueue(_ content: OutboxContent, for programme: String) throws(DeviceError) {
    unwritten.enqueue(
      try OutboxItem(
        content, of: id, for: programme, version: 1 + machine.record.returns.count))
  }
}

// MARK: - Doing what the machine says

extension SaleOrchestrator {
  private func drive(
    _ sale: inout LiveSale, from first: SaleEvent, attendant: some SaleAttendant
  ) async throws(DeviceError) {
    do throws(DeviceError) {
      try await goOn(with: &sale, from: first, attendant: attendant)
    } catch {
      guard sale.mayHaveCharged else { throw error }
      throw DeviceError(
        .paymentUnknown, during: "selling check \(sale.machine.record.check.identity.checkNumber)",
        detail: "\(error.code.rawValue) while \(error.operation)",
        hint: "\(error.hint); then: \(PosctlHint.resume)")
    }
    outbox.nudge()
  }

  private func goOn(
    with sale: inout LiveSale, from first: SaleEvent, attendant: some SaleAttendant
  ) async throws(DeviceError) {
    var next: SaleEvent? = first
    while let event = next {
      let known = sale.machine.record.warnings.count
      let actions = sale.machine.on(event)
      try sale.log(event)
      warn(of: sale, after: known)
      for case .enqueue(let content) in actions { try sale.enqueue(content, for: provider.identity) }
      if sale.machine.phase == .ended { try sale.end() }
      // Answers to questions may be lost in a crash; the sale would be given up there anyway. What has an
      // effect starts only when everything before it is on disk.
      if actions.isEmpty || actions.contains(where: \.hasEffect) {
        try await journal.commit(sale.unwritten)
        sale.unwritten = JournalBatch()
      }
      next = nil
      for action in actions {
        if let answer = await perform(action, for: &sale, attendant: attendant) { next = answer }
      }
    }
    if sale.machine.course == .completed, !sale.hasSent, sale.machine.record.isReadyToSend {
      let begin = clock.monotonic.now
      sale.take(await outbox.drain(limit: Self.sendings)).map { note(.checkIn, since: begin, $0, in: &sale) }
    }
  }

  /// Does one thing and returns what came of it; `nil` for what the journal has done already.
  private func perform(
    _ action: SaleAction, for sale: inout LiveSale, attendant: some SaleAttendant
  ) async -> SaleEvent? {
    let begin = clock.monotonic.now
    switch action {
    case .askForCode(let refusal):
      return .codesPresented(await attendant.code(after: refusal))
    case .findGuest(let code):
      announce(.findGuest, "looking up the guest by \(code.kind.rawValue)", in: sale)
      let event = await answer { () throws(DeviceError) in .guestFound(try await provider.findGuest(code)) }
      note(.findGuest, since: begin, event.guest.map { "\($0.displayName)" } ?? event.failureText, in: &sale)
      return event
    case .offerSignUp(let code):
      return .signUpAnswered(await attendant.signsUp(code))
    case .signUp(let code):
      announce(.signUp, "signing up the guest", in: sale)
      let outcome = await provider.signUp(code)
      note(.signUp, since: begin, outcome.text, in: &sale)
      switch outcome {
      case .done(let guest): return .guestFound(guest)
      case .notDone(let error), .unknown(let error): return .loyaltyFailed(error)
      }
    case .lookUpDiscounts(let check, let guest):
      announce(.lookUpDiscounts, "looking up rewards", in: sale)
      let event = await answer { () throws(DeviceError) in
        .discountsFound(try await provider.lookUpDiscounts(check, for: guest))
      }
      note(.lookUpDiscounts, since: begin, event.discountsText ?? event.failureText, in: &sale)
      return event
    case .quote(let check, let guest):
      announce(.quote, "asking what the rewards take off", in: sale)
      let event = await answer { () throws(DeviceError) in
        .quoted(try await provider.quote(check, for: guest))
      }
      note(.quote, since: begin, event.quoteText(in: check.order.currency) ?? event.failureText, in: &sale)
      return event
    case .requestTender(let amount):
      return await decision(at: amount, of: &sale, attendant: attendant)
    case .pay(let request):
      let event = await pay(request, in: sale)
      note(.pay, since: begin, event.paymentText, in: &sale)
      return event
    case .recoverPayment(let reference):
      announce(.recoverPayment, "asking the card terminal what happened", in: sale)
      let event = await recover(reference, in: sale)
      note(.recoverPayment, since: begin, event.paymentText, in: &sale)
      return event
    case .returnPart(let request):
      announce(.refund, "giving the gift card its money back", in: sale)
      let event = await returnPart(request, in: sale)
      note(
        .refund, since: begin, event == .partReturned ? "\(request.amount) back" : "not given back", in: &sale
      )
      return event
    case .refund(let request), .recoverRefund(let request):
      var isRecovery = false
      if case .recoverRefund = action { isRecovery = true }
      let result = await refund(request, in: sale, isRecovery: isRecovery)
      note(.refund, since: begin, result.text, in: &sale)
      return .refundEnded(result)
    case .voidRedemption(let redemption, let guest):
      announce(.voidRedemption, "taking the redemption back", in: sale)
      // Where the journal failed meanwhile, nothing more may happen.
      if case .failed(let error) = await outbox.drain(limit: Self.sendings).pause {
        return .loyaltyFailed(error)
      }
      if let error = await obstacle(toVoiding: sale.machine.record) {
        note(.voidRedemption, since: begin, error.detail, in: &sale)
        return .loyaltyFailed(error)
      }
      let outcome = await provider.void(redemption, of: guest)
      note(.voidRedemption, since: begin, outcome.text, in: &sale)
      switch outcome {
      case .done: return .redemptionVoided
      case .notDone(let error), .unknown(let error): return .loyaltyFailed(error)
      }
    case .commit(let check, let guest):
      announce(.commit, "redeeming the reward", in: sale)
      var outcome = await provider.commit(check, for: guest)
      // It did not happen for certain, and may in a moment; the card is charged for the reduced amount already. A crash
      // between the two is one in the middle of the first: the basket is asked for.
      if case .notDone(let error) = outcome, error.isPassing,
        sale.machine.phase == .committing(attempt: 1)
      {
        announce(.commit, "\(outcome.text); once more", in: sale)
        outcome = await provider.commit(check, for: guest)
      }
      note(.commit, since: begin, outcome.redemptionText, in: &sale)
      return .commitEnded(outcome)
    case .askForBasket(let identity, let guest):
      announce(.askForBasket, "asking whether the reward was redeemed", in: sale)
      let event = await answer { () throws(DeviceError) in
        .basketFound(isOpen: try await provider.isBasketOpen(identity, of: guest))
      }
      let text = event == .basketFound(isOpen: false) ? "redeemed" : "not redeemed"
      note(.askForBasket, since: begin, event.failureText.isEmpty ? text : event.failureText, in: &sale)
      return event
    case .unlock(let identity, let guest):
      announce(.unlock, "giving the guest's basket free", in: sale)
      let outcome = await provider.unlock(identity, of: guest)
      note(.unlock, since: begin, outcome.text, in: &sale)
      switch outcome {
      case .done: return .basketFreed
      case .notDone(let error), .unknown(let error): return .loyaltyFailed(error)
      }
    case .enqueue:
      return nil
    case .print(let job):
      return .printEnded(await print(job, of: &sale, since: begin))
    }
  }

  /// Lets the POS change the check until it is paid or given up.
  private func decision(
    at amount: Money, of sale: inout LiveSale, attendant: some SaleAttendant
  ) async -> SaleEvent {
    var refusal: DeviceError?
    while true {
      let begin = clock.monotonic.now
      switch await attendant.decide(at: amount, of: sale.machine.record, after: refusal) {
      case .pay: return .tenderStarted(reference: sale.id)
      case .giveUp: return .abandoned
      case .change(let order):
        do throws(DeviceError) {
          try sale.machine.record.check.order.validateChange(to: order)
          note(.changeOrder, since: begin, "the check was changed: what was quoted is void", in: &sale)
          return .orderChanged(order)
        } catch {
          announce(.changeOrder, "the change is not taken: \(error.detail)", in: sale)
          refusal = error
        }
      }
    }
  }

  /// Asks for money what the guest chose in the app, then the terminal: for all when that refused for certain, for the
  /// rest when it gave a part.
  private func pay(_ request: PaymentRequest, in sale: LiveSale) async -> SaleEvent {
    if let guest = sale.machine.record.guest, sale.machine.record.part == nil {
      let check = sale.machine.record.closedCheck
      for tender in guestTenders {
        guard let outcome = await tender.pay(request, for: check, by: guest) else { continue }
        announce(.pay, "as chosen in the app: \(outcome.text)", in: sale)
        guard outcome.isRefusal else { return .tendered(outcome) }
      }
    }
    announce(.pay, "\(request.amount) on the card terminal", in: sale)
    return .paymentEnded(await terminal.pay(request))
  }

  /// Asks both who may have taken the money, in the order in which they were asked for it. A part that is in the log
  /// was followed by the terminal.
  private func recover(_ reference: String, in sale: LiveSale) async -> SaleEvent {
    var doubt: PaymentOutcome?
    if let guest = sale.machine.record.guest, sale.machine.record.part == nil {
      let check = sale.machine.record.closedCheck
      if guest.hasChosenTender, guestTenders.count < sale.machine.record.opening.guestTenders ?? 0 {
        doubt = .unknown(
          DeviceError(
            .paymentUnknown, during: "asking how the payment ended",
            detail: "the gift card may have paid, and nothing that takes gift cards is set up",
            hint: "\(PosctlHint.resume) --gift-cards FILE"))
      }
      for tender in guestTenders {
        let outcome = await tender.recover(reference: reference, for: check, by: guest)
        guard let outcome, !outcome.isRefusal else { continue }
        guard case .unknown = outcome else { return .tendered(outcome) }
        doubt = doubt ?? outcome
      }
    }
    // The terminal was asked only after all of them had refused for certain: if it knows of the payment, they have not
    // taken it, whether they can say so today or not.
    let outcome = await terminal.recover(reference: reference)
    if let doubt, case .notStarted = outcome { return .paymentEnded(doubt) }
    return .paymentEnded(outcome)
  }

  private func returnPart(_ request: PaymentRequest, in sale: LiveSale) async -> SaleEvent {
    let record = sale.machine.record
    guard let guest = record.guest else { return .partReturned }
    for tender in guestTenders {
      let outcome = await tender.refund(
        request.amount, of: request.reference, as: "\(request.reference)/part", for: record.closedCheck,
        by: guest)
      switch outcome {
      case nil: continue
      case .approved(let given)? where given.amount == request.amount: return .partReturned
      case .notStarted(let error)?, .unknown(let error)?: return .partKept(error)
      case .approved?, .approvedUnconfirmed?, .declined?, .cancelled?:
        return .partKept(DeviceError(.paymentUnknown, during: "giving the gift card its money back"))
      }
    }
    return .partKept(
      DeviceError(
        .badConfiguration, during: "giving the gift card its money back",
        detail: "nothing that takes gift cards is set up", hint: "\(PosctlHint.resume) --gift-cards FILE"))
  }

  /// Gives money back the way it came: to what the guest chose in the app first, the rest by the terminal.
  private func refund(_ request: RefundRequest, in sale: LiveSale, isRecovery: Bool) async -> RefundResult {
    let record = sale.machine.record
    var result = RefundResult(given: Money(minorUnits: 0, currency: request.amount.currency))
    var refusals: [String] = []
    var rest: Money {
      Money(
        minorUnits: request.amount.minorUnits - result.given.minorUnits, currency: request.amount.currency)
    }
    var isTendersAlone = record.isTendersAlone
    var isKnown = false
    let name = request.references.first ?? request.payment
    for tender in guestTenders where rest.minorUnits > 0 {
      guard let guest = record.guest else { break }
      let outcome = await tender.refund(
        rest, of: request.payment, as: name, for: record.closedCheck, by: guest)
      guard let outcome else { continue }
      isKnown = true
      isTendersAlone = record.part == nil
      if add(outcome, to: &result, refusals: &refusals) { return result }
    }
    if isTendersAlone, !isKnown {
      refusals.append("nobody here knows what was paid in the app: \(PosctlHint.void) --gift-cards FILE")
    }
    let charged = record.charge?.amount.minorUnits ?? 0
    if rest.minorUnits > 0, charged > 0, !isTendersAlone {
      var amount = rest
      amount.minorUnits = min(amount.minorUnits, charged)
      announce(.refund, "\(amount) back by the card terminal", in: sale)
      var kinds: [PaymentRequest.Kind] = [.refund]
      if let receipt = request.receipt, amount.minorUnits == charged {
        kinds.insert(.reversal(receipt: receipt), at: 0)
      }
      for (kind, reference) in zip(kinds, request.references) {
        let outcome =
          isRecovery
          ? await terminal.recover(reference: reference)
          : await terminal.pay(PaymentRequest(reference: reference, amount: amount, kind: kind))
        if add(outcome, to: &result, refusals: &refusals) { return result }
        if rest.minorUnits < amount.minorUnits || rest.minorUnits == 0 { break }
      }
    }
    if rest.minorUnits > 0, !refusals.isEmpty { result.refusal = refusals.joined(separator: "; ") }
    return result
  }

  /// Counts what one of those who took the money has given; whether nobody knows.
  private func add(
    _ outcome: PaymentOutcome, to result: inout RefundResult, refusals: inout [String]
  ) -> Bool {
    switch outcome {
    case .approved(let record): result.given.minorUnits += record.amount.minorUnits
    case .declined(let refusal), .cancelled(let refusal): refusals.append(refusal.text)
    case .notStarted(let error): refusals.append(ErrorTable.row(for: error.code).operatorText)
    case .unknown(let error): result.doubt = error
    case .approvedUnconfirmed: result.doubt = DeviceError(.paymentUnknown, during: "giving money back")
    }
    return result.doubt != nil
  }

  /// Why the redemption cannot be taken back yet: the void of the receipt, and with it the check-in's, comes before it
  /// (specs/punchh.md §6.3).
  private func obstacle(toVoiding record: SaleRecord) async -> DeviceError? {
    do throws(DeviceError) {
      guard try await SaleHistory(journal).isReceiptVoidWaiting(of: record) else { return nil }
      return DeviceError(
        .loyaltyBusy, during: "taking the redemption back",
        detail: "the receipt's void comes first, and waits in the outbox")
    } catch {
      return error
    }
  }

  /// Prints, and meanwhile sends the check-in.
  private func print(_ job: String, of sale: inout LiveSale, since begin: MonotonicInstant) async
    -> PrintOutcome
  {
    announce(.print, "printing the receipt", in: sale)
    let document = composer.compose(sale.machine.record)
    let outbox = outbox
    let limit = sale.machine.record.isReadyToSend ? Self.sendings : 0
    async let sending = limit > 0 ? outbox.drain(limit: limit) : OutboxSender.Report()
    let outcome = await printer.print(PrintJob(id: job, document: document))
    note(.print, since: begin, outcome.text, in: &sale)
    sale.hasSent = limit > 0
    sale.take(await sending).map { note(.checkIn, since: begin, $0, in: &sale) }
    return outcome
  }

  /// Items of the outbox that one sale sends: its own two, and no long queue on this customer's time.
  private static let sendings = 4

  private func answer(_ question: () async throws(DeviceError) -> SaleEvent) async -> SaleEvent {
    do throws(DeviceError) {
      return try await question()
    } catch {
      return .loyaltyFailed(error)
    }
  }

  /// Says what has gone wrong since `count` warnings, and what to do about it, before anything else is asked.
  private func warn(of sale: LiveSale, after count: Int) {
    for warning in sale.machine.record.warnings.dropFirst(count) {
      display.yield(
        SaleProgress(
          sale: sale.id, step: .warning, duration: nil, text: "\(warning.kind.rawValue): \(warning.detail)",
          hint: warning.hint))
    }
  }

  private func announce(_ step: SaleStep, _ text: String, in sale: LiveSale) {
    display.yield(SaleProgress(sale: sale.id, step: step, duration: nil, text: text))
  }

  private func note(_ step: SaleStep, since begin: MonotonicInstant, _ text: String, in sale: inout LiveSale)
  {
    let duration = clock.monotonic.now - begin
    let microseconds = Int64(duration / .microseconds(1))
    sale.steps.append(SaleSummary.Step(name: step, microseconds: microseconds, text: text))
    display.yield(SaleProgress(sale: sale.id, step: step, duration: duration, text: text))
  }
}
