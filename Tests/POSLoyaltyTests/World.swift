import POSJournal
import POSLoyalty
import POSModel
import Synchronization

/// Everything outside the till that remembers: the programme's server, the card network, the paper.
///
/// It outlives the till's process. When the process "dies", calls do not arrive any more, and a step of the sale
/// that starts after its journal failed is a violation. Print and outbox go side by side, each with its own
/// durable write before it, so one of them may start when the other one has met the crash.
final class World: Sendable {
  struct State {
    // The programme.
    var members: [String: Guest] = [Sample.code.value: Sample.guest]
    var rewards: [Discount] = [Sample.reward]
    var quote = Sample.quote
    /// Which check holds the basket of the one member.
    var basketHolder: String?
    var isBasketFull = true
    /// Checks that redeemed.
    var redemptions: [String] = []
    /// What voids of redemptions will not give back.
    var unreturnable: [String]?
    /// Points by check: credited once, whatever is sent.
    var credits: [String: Int] = [:]
    var receipts: [String: Int] = [:]
    /// Receipts that were voided, and how often.
    var voids: [String: Int] = [:]
    /// Redemptions that were taken back, by their reference.
    var voidedRedemptions: [String] = []
    /// What the last version of each receipt has to pay.
    var payables: [String: Int64] = [:]
    var calls: [String] = []
    /// Errors of coming calls, by the call's name; they are used up one by one.
    var failures: [String: [Failure]] = [:]
    var isAway = false

    // The card network and the paper.
    var charges: [String: Int64] = [:]
    var answers: [PaymentOutcome] = []
    /// Money that went back to the card, by its own reference.
    var refunds: [String: Int64] = [:]
    var refundKinds: [PaymentRequest.Kind] = []
    var refundAnswers: [PaymentOutcome] = []
    /// What the gift card holds, what it gave by payment, what it got back by reference.
    var giftBalance: Int64 = 0
    /// Why nobody can say what the gift card has given.
    var giftDoubt: DeviceError?
    var giftCharges: [String: Int64] = [:]
    var giftRefunds: [String: Int64] = [:]
    var giftFailures: [PaymentOutcome] = []
    var prints: [String] = []
    var documents: [ReceiptDocument] = []
    var printAnswers: [PrintOutcome] = []

    // The process.
    var isDead = false
    var violations: [String] = []
  }

  /// How a call goes wrong.
  enum Failure: Sendable {
    /// It does not arrive.
    case before(DeviceError)
    /// It does its work, and the answer is lost.
    case after(DeviceError)
  }

  private let state = Mutex(State())

  func read<Value: Sendable>(_ body: (borrowing State) -> Value) -> Value { state.withLock { body($0) } }

  func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

  /// Counts a call and says how it goes wrong, if it does.
  func begin(_ call: String, isStep: Bool) -> Failure? {
    state.withLock { state in
      state.calls.append(call)
      if state.isDead {
        if isStep { state.violations.append("\(call) after the journal failed") }
        return .before(Sample.away)
      }
      if var failures = state.failures[call], !failures.isEmpty {
        let failure = failures.removeFirst()
        state.failures[call] = failures
        return failure
      }
      return state.isAway && !["pay", "recover", "print", "gift", "gift-refund"].contains(call)
        ? .before(Sample.away) : nil
    }
  }
}

/// The programme's client.
struct FakeProvider: LoyaltyProvider {
  let world: World
  var identity = "the programme of the tests"

  func configuration() async throws(DeviceError) -> LocationConfiguration {
    try ask("configuration") { _ in }
    return Sample.configuration
  }

  func receiptKey(for check: CheckIdentity, configuration: LocationConfiguration) throws(DeviceError)
    -> String
  {
    let digits = String(check.transactionNumber)
    return String(repeating: "0", count: 12 - digits.count) + digits
  }

  func findGuest(_ code: GuestCode) async throws(DeviceError) -> Guest {
    var guest: Guest?
    try ask("findGuest") { guest = $0.members[code.value] }
    guard let guest else { throw Sample.notFound }
    return guest
  }

  func lookUpDiscounts(_ check: CheckSnapshot, for guest: Guest) async throws(DeviceError) -> [Discount] {
    var rewards: [Discount]?
    let id = check.identity.externalID
    try ask("lookUpDiscounts", isStep: true) { state in
      guard state.basketHolder == nil || state.basketHolder == id else { return }
      state.basketHolder = id
      rewards = state.isBasketFull ? state.rewards : []
    }
    guard let rewards else { throw Sample.refused }
    return rewards
  }

  func quote(_ check: CheckSnapshot, for guest: Guest) async throws(DeviceError) -> Quote {
    var quote = Quote(lines: [], refusals: [])
    try ask("quote") { quote = $0.quote }
    return quote
  }

  func commit(_ check: CheckSnapshot, for guest: Guest) async -> EffectOutcome<Redemption> {
    let id = check.identity.externalID
    var isDone = false
    let failure = effect("commit") { state in
      guard state.basketHolder == id, state.isBasketFull else { return }
      state.isBasketFull = false
      state.basketHolder = nil
      state.redemptions.append(id)
      isDone = true
    }
    switch failure {
    case .before(let error): return .notDone(error)
    case .after(let error): return .unknown(error)
    case nil:
      var redemption = Sample.redemption
      redemption.unreturnable = world.read { $0.unreturnable }
      return isDone ? .done(redemption) : .notDone(Sample.refused)
    }
  }

  func isBasketOpen(_ check: CheckIdentity, of guest: Guest) async throws(DeviceError) -> Bool {
    var isOpen = false
    try ask("isBasketOpen") { isOpen = $0.isBasketFull }
    return isOpen
  }

  func unlock(_ check: CheckIdentity, of guest: Guest) async -> EffectOutcome<Void> {
    let failure = effect("unlock") { state in
      if state.basketHolder == check.externalID { state.basketHolder = nil }
    }
    switch failure {
    case .before(let error): return .notDone(error)
    case .after(let error): return .unknown(error)
    case nil: return .done(())
    }
  }

  func checkIn(_ check: ClosedCheck, by guest: Guest) async -> EffectOutcome<CheckInReceipt> {
    let id = check.snapshot.identity.externalID
    var points: Int?
    var isMember = false
    let failure = effect("checkIn", isStep: false) { state in
      isMember = guest.id == "77" || state.members[guest.code.value] != nil
      guard isMember, state.credits[id] == nil else { return }
      points = Int(check.payable / 100)
      state.credits[id] = points
    }
    switch failure {
    case .before(let error): return .notDone(error)
    case .after(let error): return .unknown(error)
    case nil: return isMember ? .done(CheckInReceipt(pointsEarned: points)) : .notDone(Sample.notFound)
    }
  }

  func storeReceipt(_ check: ClosedCheck) async -> EffectOutcome<Void> {
    let key = check.snapshot.identity.receiptKey
    let failure = effect("storeReceipt", isStep: false) {
      $0.receipts[key, default: 0] += 1
      $0.payables[key] = check.payable
    }
    switch failure {
    case .before(let error): return .notDone(error)
    case .after(let error): return .unknown(error)
    case nil: return .done(())
    }
  }

  func voidReceipt(_ check: ClosedCheck) async -> EffectOutcome<Void> {
    let key = check.snapshot.identity.receiptKey
    switch effect("voidReceipt", isStep: false, { $0.voids[key, default: 0] += 1 }) {
    case .before(let error): return .notDone(error)
    case .after(let error): return .unknown(error)
    case nil: return .done(())
    }
  }

  func void(_ redemption: Redemption, of guest: Guest) async -> EffectOutcome<Void> {
    switch effect("void", { $0.voidedRedemptions.append(redemption.reference) }) {
    case .before(let error): return .notDone(error)
    case .after(let error): return .unknown(error)
    case nil: return .done(())
    }
  }

  private func ask(_ call: String, isStep: Bool = false, _ body: (inout World.State) -> Void)
    throws(DeviceError)
  {
    switch world.begin(call, isStep: isStep) {
    case .before(let error): throw error
    case .after(let error):
      world.change(body)
      throw error
    case nil: world.change(body)
    }
  }

  private func effect(_ call: String, isStep: Bool = true, _ body: (inout World.State) -> Void)
    -> World.Failure?
  {
    let failure = world.begin(call, isStep: isStep)
    if case .before? = failure { return failure }
    world.change(body)
    return failure
  }
}

/// A terminal that keeps the payment journal as real drivers do.
struct FakeTerminal: PaymentTerminal {
  let world: World
  let journal: any PaymentJournal
  let descriptor = DeviceDescriptor(
    id: DeviceID("terminal"), kind: .terminal, address: DeviceAddress(route: .file(path: "t")), name: "Fake")

  func pay(_ request: PaymentRequest) async -> PaymentOutcome {
    do throws(DeviceError) {
      try await journal.begin(PaymentIntent(request: request, terminal: descriptor.id, baseline: []))
    } catch {
      return .notStarted(error)
    }
    if case .before(let error)? = world.begin("pay", isStep: true) { return .unknown(error) }
    var outcome = PaymentOutcome.approved(Sample.charge(request.amount.minorUnits))
    world.change { state in
      guard request.kind == .payment else {
        state.refundKinds.append(request.kind)
        if !state.refundAnswers.isEmpty { outcome = state.refundAnswers.removeFirst() }
        switch outcome {
        case .approved, .approvedUnconfirmed, .unknown:
          state.refunds[request.reference, default: 0] += request.amount.minorUnits
        case .declined, .cancelled, .notStarted: break
        }
        return
      }
      if !state.answers.isEmpty { outcome = state.answers.removeFirst() }
      switch outcome {
      case .approved, .approvedUnconfirmed, .unknown:
        state.charges[request.reference, default: 0] += request.amount.minorUnits
      case .declined, .cancelled, .notStarted: break
      }
    }
    do throws(DeviceError) {
      try await journal.end(reference: request.reference, with: outcome)
    } catch {
      return .unknown(error)
    }
    return outcome
  }

  func recover(reference: String) async -> PaymentOutcome {
    do throws(DeviceError) {
      guard let known = try await journal.payment(reference: reference) else {
        return .notStarted(DeviceError(.terminalNotReady, during: "recovering"))
      }
      if let outcome = known.outcome, outcome.isFinal { return outcome }
      if case .before(let error)? = world.begin("recover", isStep: false) { return .unknown(error) }
      let charged = world.read { $0.charges[reference] ?? $0.refunds[reference] }
      let outcome: PaymentOutcome =
        if let charged {
          .approved(Sample.charge(charged))
        } else {
          .declined(PaymentRefusal(code: "00", text: "never asked"))
        }
      try await journal.end(reference: reference, with: outcome)
      return outcome
    } catch {
      return .unknown(error)
    }
  }

  func requestAbort() async {}
  func events() -> AsyncStream<TerminalEvent> { AsyncStream { $0.finish() } }
  func close() async {}
}

struct FakePrinter: ReceiptPrinter {
  let world: World
  let descriptor = DeviceDescriptor(
    id: DeviceID("printer"), kind: .printer, address: DeviceAddress(route: .file(path: "p")), name: "Fake")

  func print(_ job: PrintJob, watch: PrintWatch) async -> PrintOutcome {
    if case .before(let error)? = world.begin("print", isStep: false) { return .notPrinted(error) }
    var outcome = PrintOutcome.printed
    world.change { state in
      if !state.printAnswers.isEmpty { outcome = state.printAnswers.removeFirst() }
      if case .notPrinted = outcome { return }
      state.prints.append(job.id)
      if case .document(let document) = job.content { state.documents.append(document) }
    }
    return outcome
  }

  func status() async throws(DeviceError) -> PrinterStatus {
    PrinterStatus(isOnline: true, paper: .present, isCoverOpen: false, faults: [], isDrawerPinHigh: false)
  }

  func identity() async throws(DeviceError) -> PrinterIdentity { PrinterIdentity() }
  func openDrawer(_ pulse: DrawerPulse) async -> DrawerOutcome { .pulsed }
  func close() async {}
}

/// A gift card that remembers by itself.
struct FakeGiftCard: GuestTender {
  let world: World

  func pay(_ request: PaymentRequest, for check: ClosedCheck, by guest: Guest) async -> PaymentOutcome? {
    guard guest.selectedGiftCard != nil else { return nil }
    if case .before(let error)? = world.begin("gift", isStep: true) { return .unknown(error) }
    var given: Int64 = 0
    world.change { state in
      given = state.giftCharges[request.reference] ?? min(state.giftBalance, request.amount.minorUnits)
      guard given > 0, state.giftCharges[request.reference] == nil else { return }
      state.giftBalance -= given
      state.giftCharges[request.reference] = given
    }
    return given > 0 ? .approved(record(given)) : .declined(PaymentRefusal(code: "0", text: "empty"))
  }

  func recover(reference: String, for check: ClosedCheck, by guest: Guest) async -> PaymentOutcome? {
    if let doubt = world.read({ $0.giftDoubt }) { return .unknown(doubt) }
    return world.read { $0.giftCharges[reference] }.map { .approved(record($0)) }
  }

  func refund(
    _ amount: Money, of payment: String, as reference: String, for check: ClosedCheck, by guest: Guest
  ) async -> PaymentOutcome? {
    guard let charge = world.read({ $0.giftCharges[payment] }) else { return nil }
    if case .before(let error)? = world.begin("gift-refund", isStep: true) { return .notStarted(error) }
    var given: Int64 = 0
    var failure: PaymentOutcome?
    world.change { state in
      if !state.giftFailures.isEmpty {
        failure = state.giftFailures.removeFirst()
        return
      }
      given = state.giftRefunds[reference] ?? min(amount.minorUnits, charge)
      guard given > 0, state.giftRefunds[reference] == nil else { return }
      state.giftRefunds[reference] = given
      state.giftBalance += given
    }
    return failure ?? .approved(record(given))
  }

  private func record(_ cents: Int64) -> PaymentRecord {
    var record = PaymentRecord(amount: Sample.euros(cents))
    record.cardName = "Gift card"
    return record
  }
}
