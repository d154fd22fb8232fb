public import POSLoyalty
public import POSModel
public import POSTransport

/// Every call of the POS API, one method each (specs/punchh.md §2.4, §4 to §6).
///
///     let api = PunchhAPI(configuration)
///     let guest = try await api.search(GuestIdentifier(.phone, "2025550143"))
///
/// Calls that read throw; calls with an effect end as a value, `unknown` where the server may have done what it was
/// asked. Nothing with an effect is ever sent twice by itself. After one 401 the keys are not sent for an hour.
/// ``PunchhProvider`` makes a whole sale of these.
public struct PunchhAPI: Sendable {
  private let configuration: PunchhConfiguration
  private let calls: PunchhCalls
  private let client: PunchhClient

  /// A client for one till; `clock` paces repetitions, and without it there are none.
  public init(_ configuration: PunchhConfiguration, clock: (any TransportClock)? = nil) {
    self.init(configuration, PunchhClient(configuration, clock: clock))
  }

  init(_ configuration: PunchhConfiguration, _ client: PunchhClient) {
    self.configuration = configuration
    calls = PunchhCalls(configuration: configuration)
    self.client = client
  }

  // MARK: Location

  /// What the location prints and how it behaves.
  public func locationConfiguration() async throws(DeviceError) -> LocationConfiguration {
    try await read(calls.locationConfiguration(), as: PunchhAnswer.Location.self).configuration
  }

  /// How the brand's programme works.
  public func programMeta() async throws(DeviceError) -> ProgramMeta {
    try await read(calls.programMeta(), as: PunchhAnswer.Meta.self).meta
  }

  // MARK: Guest

  /// User Look-up and Fetch Balance.
  ///
  /// - Throws: `loyalty.not_found` or `loyalty.expired` when nobody has that code (now).
  public func search(_ guest: GuestIdentifier) async throws(DeviceError) -> PunchhUser {
    try await read(
      calls.searchUser(parameter: guest.name.rawValue, value: guest.value), as: PunchhUser.self)
  }

  /// User Look-up by what a phone sent to a contactless reader. Apple's passes and Google's are fields of their own, and
  /// nothing in the code tells them apart (specs/punchh.md §2.2).
  ///
  /// - Throws: `loyalty.not_found` or `loyalty.expired` when nobody has that code (now).
  public func search(contactless code: String) async throws(DeviceError) -> PunchhUser {
    do throws(DeviceError) {
      return try await search(GuestIdentifier(.nfcToken, code))
    } catch {
      guard error.code == .loyaltyNotFound else { throw error }
      return try await search(GuestIdentifier(.appleNFC, code))
    }
  }

  /// Find User of Redemptions 2.0; a single scan code is its field `otp`. Without a guest it makes an anonymous
  /// one, for coupons.
  ///
  /// - Throws: `input.malformed` for kinds that it does not know.
  public func find(_ guest: GuestIdentifier?) async throws(DeviceError) -> PunchhUser {
    let field =
      switch guest?.name {
      case nil: "none"
      case .singleScanCode: "otp"
      case .phone, .email, .userQR, .appleNFC, .nfcToken, .rewardID, .redemptionCode:
        guest?.name.rawValue ?? ""
      case .cardNumber, .shortCode:
        throw DeviceError(
          .badInput, during: "finding the guest", detail: "Find User knows no card numbers and short codes")
      }
    var call = calls.findUser(field: field, value: guest?.value ?? "anonymous")
    // Each of these makes another guest.
    call.isRepeatable = guest != nil
    return try await read(call, as: PunchhUser.self)
  }

  /// Find User by the token of a guest who signed in with a one-time password.
  public func find(signedIn tokens: GuestTokens) async throws(DeviceError) -> PunchhUser {
    try await read(calls.findUser(field: "user_token", value: tokens.access), as: PunchhUser.self)
  }

  /// Signs a guest up.
  public func createUser(_ guest: NewGuest) async -> EffectOutcome<PunchhUser> {
    await effect { () throws(DeviceError) in try calls.createUser(guest) }
  }

  /// Balance and subscriptions of a guest.
  public func balance(of user: String) async throws(DeviceError) -> PunchhBalance {
    try await read(calls.balance(of: user), as: PunchhBalance.self)
  }

  // MARK: One-time passwords

  /// Sends the guest a one-time password; `challenge` is the PKCE challenge.
  public func sendPassword(to guest: GuestSignIn, challenge: String) async -> EffectOutcome<Void> {
    await done { () throws(DeviceError) in try calls.sendPassword(guest, challenge: challenge) }
  }

  /// Signs a guest in, or up, by the password that was sent.
  public func verify(
    _ guest: GuestSignIn, password: String, verifier: String
  ) async -> EffectOutcome<GuestTokens> {
    map(
      await effect { () throws(DeviceError) -> PunchhCall in
        try calls.verify(guest, password: password, verifier: verifier)
      }
    ) { (answer: PunchhAnswer.Tokens) in answer.tokens }
  }

  /// A new pair of tokens; the old one is worth nothing then.
  public func renew(_ tokens: GuestTokens, of guest: GuestSignIn) async -> EffectOutcome<GuestTokens> {
    map(
      await effect { () throws(DeviceError) -> PunchhCall in try calls.renew(tokens, of: guest, end: false) }
    ) { (answer: PunchhAnswer.Tokens) in answer.tokens }
  }

  /// Signs a guest out.
  public func signOut(_ tokens: GuestTokens, of guest: GuestSignIn) async -> EffectOutcome<Void> {
    await done { () throws(DeviceError) in try calls.renew(tokens, of: guest, end: true) }
  }

  // MARK: The basket

  /// What the guest has, and whether it fits the check. Locks the basket.
  public func lookUpDiscounts(
    _ check: CheckSnapshot, for guest: Guest
  ) async throws(DeviceError) -> [Discount] {
    try await read(try calls.lookUpDiscounts(check, of: guest), as: PunchhAnswer.LookUp.self).discounts
  }

  /// Puts discounts into the guest's basket: all of them or none.
  public func select(
    _ selections: [BasketSelection], for user: String, check: CheckIdentity
  ) async -> EffectOutcome<DiscountBasket> {
    await effect { () throws(DeviceError) in
      calls.select(selections, for: user, check: check, currency: configuration.currency)
    }
  }

  /// Takes discounts out of the guest's basket, by their ids in it.
  public func unselect(
    _ items: [String], for user: String, check: CheckIdentity
  ) async -> EffectOutcome<DiscountBasket> {
    await effect { () throws(DeviceError) in calls.unselect(items, for: user, check: check) }
  }

  /// The guest's basket; `nil` when there is none.
  public func activeBasket(
    _ check: CheckIdentity, of guest: Guest
  ) async throws(DeviceError) -> DiscountBasket? {
    do {
      return try await client.send(calls.activeBasket(check, of: guest), as: DiscountBasket.self)
    } catch {
      if error.isMissingBasket || error.isAboutBasket { return nil }
      throw error.error
    }
  }

  /// Puts what fits the check into the guest's basket.
  public func autoSelect(_ check: CheckSnapshot, for guest: Guest) async -> EffectOutcome<DiscountBasket> {
    await effect { () throws(DeviceError) in try calls.autoSelect(check, of: guest) }
  }

  /// Gives the basket free.
  public func unlock(_ check: CheckIdentity, of guest: Guest) async -> EffectOutcome<Void> {
    await done { () throws(DeviceError) in calls.unlock(check, of: guest) }
  }

  // MARK: Redemptions 2.0

  /// What the basket would take off.
  public func possibleBatch(_ check: CheckSnapshot, for guest: Guest) async throws(DeviceError) -> Quote {
    let call = try calls.batch(check, of: guest, query: true)
    let batch = try await read(call, as: PunchhAnswer.Batch.self)
    do {
      return try batch.quote(decimals: check.order.currency.exponent)
    } catch {
      throw DeviceError(.loyaltyMalformed, during: call.operation, detail: "\(error.field) cannot be read")
    }
  }

  /// Redeems the basket.
  public func redeemBatch(_ check: CheckSnapshot, for guest: Guest) async -> EffectOutcome<Redemption> {
    let outcome: EffectOutcome<PunchhAnswer.Batch> = await effect { () throws(DeviceError) in
      try calls.batch(check, of: guest, query: false)
    }
    switch outcome {
    case .notDone(let error): return .notDone(error)
    case .unknown(let error): return .unknown(error)
    case .done(let batch):
      guard let reference = batch.reference,
        let granted = try? batch.quote(decimals: check.order.currency.exponent)
      else {
        return .unknown(
          DeviceError(
            .loyaltyMalformed, during: "redeeming the guest's rewards",
            detail: "the answer lacks a reference or an amount"))
      }
      return .done(Redemption(reference: reference, granted: granted, returnsWithReceipt: true))
    }
  }

  /// Takes a whole batch back.
  public func voidBatch(_ reference: String, of guest: Guest) async -> EffectOutcome<Void> {
    await done { () throws(DeviceError) in calls.voidBatch(reference, of: guest) }
  }

  // MARK: Redemptions 1.0

  /// What one discount would take off.
  public func possibleRedemption(
    _ discount: LegacyDiscount, on check: CheckSnapshot, by guest: GuestIdentifier?
  ) async throws(DeviceError) -> LegacyRedemption {
    let call = try calls.redemption(discount, on: check, by: guest, commits: false)
    return try await Self.legacy(read(call, as: PunchhAnswer.Legacy.self), check, call)
  }

  /// Redeems one discount.
  public func redeem(
    _ discount: LegacyDiscount, on check: CheckSnapshot, by guest: GuestIdentifier?
  ) async -> EffectOutcome<LegacyRedemption> {
    let call: PunchhCall
    do {
      call = try calls.redemption(discount, on: check, by: guest, commits: true)
    } catch {
      return .notDone(error)
    }
    switch await send(call, as: PunchhAnswer.Legacy.self) {
    case .notDone(let error): return .notDone(error)
    case .unknown(let error): return .unknown(error)
    case .done(let answer):
      do throws(DeviceError) {
        let redemption = try Self.legacy(answer, check, call)
        guard redemption.isValid || redemption.category == "processed" else {
          return .notDone(DeviceError(.loyaltyRefused, during: call.operation, detail: redemption.status))
        }
        return .done(redemption)
      } catch {
        return .unknown(error)
      }
    }
  }

  private static func legacy(
    _ answer: PunchhAnswer.Legacy, _ check: CheckSnapshot, _ call: PunchhCall
  ) throws(DeviceError) -> LegacyRedemption {
    do {
      return try answer.redemption(decimals: check.order.currency.exponent)
    } catch {
      throw DeviceError(.loyaltyMalformed, during: call.operation, detail: "\(error.field) cannot be read")
    }
  }

  /// Offers that fit the check.
  public func applicableOffers(
    _ check: CheckSnapshot, email: String
  ) async throws(DeviceError) -> [ApplicableOffer] {
    try await read(
      try calls.applicableOffers(check, email: email), as: LenientList<ApplicableOffer>.self
    ).elements
  }

  /// Redemptions the guest has under way: by address or telephone number.
  public func activeRedemptions(
    of guest: GuestIdentifier
  ) async throws(DeviceError) -> [ActiveRedemption] {
    try await read(calls.activeRedemptions(of: guest), as: LenientList<ActiveRedemption>.self).elements
  }

  /// Takes redemptions back, by their ids.
  public func voidRedemptions(_ ids: [String], of guest: GuestIdentifier) async -> EffectOutcome<Void> {
    await done { () throws(DeviceError) in calls.voidRedemptions(ids: ids, of: guest) }
  }

  /// Takes coupons back, within 24 hours. They are not credited to the guest: warn the operator first
  /// (specs/punchh.md §5.1).
  public func voidCoupons(_ codes: [String], transactionNumber: Int64) async -> EffectOutcome<Void> {
    await done { () throws(DeviceError) in
      calls.voidRedemptions(ids: [], of: nil, codes: codes, transactionNumber: transactionNumber)
    }
  }

  /// Takes back what this till has redeemed: a batch of 2.0, or ids or coupons of 1.0. When the server knows none such
  /// any more, an earlier void had arrived, and its answer was lost.
  func takeBack(_ call: (PunchhCalls) -> PunchhCall) async -> EffectOutcome<Void> {
    do {
      _ = try await client.send(call(calls), as: PunchhAnswer.Anything.self)
      return .done(())
    } catch {
      if error.isMissingBasket || error.isMissingRedemption { return .done(()) }
      return error.mayHaveHappened ? .unknown(error.error) : .notDone(error.error)
    }
  }

  // MARK: Check-in, receipt, visit

  /// Credits the guest for a paid check.
  public func checkIn(_ check: ClosedCheck, by guest: GuestIdentifier) async -> EffectOutcome<CheckInReceipt>
  {
    map(
      await effect { () throws(DeviceError) -> PunchhCall in
        let nobody = Guest(
          id: "", displayName: "", code: GuestCode(kind: .singleScan, value: guest.value))
        return try calls.checkIn(check, of: nobody, by: (guest.name.rawValue, guest.value))
      }
    ) { (answer: PunchhAnswer.CheckIn) in CheckInReceipt(pointsEarned: answer.pointsEarned) }
  }

  /// Stores a version of the receipt, the last one counting; a void takes points and rewards back, as long as the
  /// check-in is pending.
  public func storeReceipt(_ check: ClosedCheck, isVoid: Bool = false) async -> EffectOutcome<Void> {
    await done { () throws(DeviceError) in try calls.receiptDetails(check, isVoid: isVoid) }
  }

  /// Registers a visit without earning.
  public func registerVisit(_ check: ClosedCheck, by guest: GuestIdentifier) async -> EffectOutcome<Void> {
    await done { () throws(DeviceError) in try calls.transaction(check, by: guest) }
  }

  // MARK: Payments in the app

  /// Asks the guest's app for the payment; `number` is new for every request.
  public func createPayment(
    _ check: ClosedCheck, code: String, type: AppPaymentType = .creditCard, number: Int64
  ) async -> EffectOutcome<AppPayment> {
    await effect { () throws(DeviceError) in
      try calls.createPayment(check, code: code, type: type, number: number)
    }
  }

  /// What became of payments. Ask at most every three seconds, for twenty at most.
  public func payments(_ query: AppPaymentQuery) async throws(DeviceError) -> [AppPayment] {
    try await read(calls.paymentStatus(query), as: PunchhAnswer.Payments.self).payments
  }

  /// Ends a processed payment at the close of the check.
  ///
  /// - Parameter email: the guest's, where it is known: the code may have expired.
  public func completePayment(
    _ reference: String, code: String, email: String? = nil, type: AppPaymentType = .creditCard
  ) async -> EffectOutcome<AppPayment> {
    await effect { () throws(DeviceError) in
      calls.completePayment(reference, code: code, email: email, type: type)
    }
  }

  /// Takes a payment back that was not processed, or about which nothing is known.
  public func cancelPayment(
    _ reference: String, type: AppPaymentType = .creditCard, number: Int64
  ) async -> EffectOutcome<AppPayment> {
    await effect { () throws(DeviceError) in
      calls.cancelPayment(reference, type: type, number: number)
    }
  }

  /// Gives a processed payment back.
  public func refundPayment(
    _ reference: String, type: AppPaymentType = .creditCard, number: Int64
  ) async -> EffectOutcome<AppPayment> {
    await effect { () throws(DeviceError) in
      calls.refundPayment(reference, type: type, number: number)
    }
  }

  // MARK: Parts

  private func read<Answer: Decodable>(
    _ call: PunchhCall, as type: Answer.Type
  ) async throws(DeviceError) -> Answer {
    do {
      return try await client.send(call, as: type)
    } catch {
      throw error.error
    }
  }

  private func send<Answer: Decodable>(
    _ call: PunchhCall, as type: Answer.Type
  ) async -> EffectOutcome<Answer> {
    do {
      return .done(try await client.send(call, as: type))
    } catch {
      return error.mayHaveHappened ? .unknown(error.error) : .notDone(error.error)
    }
  }

  private func effect<Answer: Decodable>(
    _ call: () throws(DeviceError) -> PunchhCall
  ) async -> EffectOutcome<Answer> {
    let written: PunchhCall
    do throws(DeviceError) {
      written = try call()
    } catch {
      return .notDone(error)
    }
    return await send(written, as: Answer.self)
  }

  private func done(_ call: () throws(DeviceError) -> PunchhCall) async -> EffectOutcome<Void> {
    map(await effect(call)) { (_: PunchhAnswer.Anything) in () }
  }

  private func map<Value, Result>(
    _ outcome: EffectOutcome<Value>, _ transform: (Value) -> Result
  ) -> EffectOutcome<Result> {
    switch outcome {
    case .done(let value): .done(transform(value))
    case .notDone(let error): .notDone(error)
    case .unknown(let error): .unknown(error)
    }
  }
}

/// What Fetch Balance of one guest answers (specs/punchh.md §4.5).
public struct PunchhBalance: Sendable, Equatable, Decodable {
  /// Points, visits and money.
  public var account: PunchhUser.Balance
  /// Subscriptions.
  public var subscriptions: [PunchhUser.Subscription]

  private enum Name: String, CodingKey {
    case account = "account_balance"
    case subscriptions
  }

  /// Reads it; nothing is required.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Name.self)
    account =
      (try? values.decodeIfPresent(PunchhUser.Balance.self, forKey: .account)) ?? PunchhUser.Balance()
    subscriptions = values.knownList(.subscriptions, of: PunchhUser.Subscription.self)
  }
}
