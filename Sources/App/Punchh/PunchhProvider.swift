public import POSLoyalty
public import POSModel
public import POSTransport

/// The PAR Punchh POS API as a loyalty programme. Which generation of redemptions it speaks, brand and location say,
/// unless the configuration does; a sale ends in the one it began with.
///
///     let keys = try PunchhKeys(environment: ProcessInfo.processInfo.environment)
///     let configuration = PunchhConfiguration(
///       server: try ServerURL("https://pos.example.com"), keys: keys,
///       userAgent: try UserAgent(integrator: "SwiftPOS", version: "0.2"))
///     let punchh = PunchhProvider(configuration, codec: try KeyScheme(json: schemeFile))
///     let guest = try await punchh.findGuest(GuestCode(kind: .singleScan, value: code))
///
/// One provider per till; it keeps connections, and falls silent for an hour after its keys were refused once.
public struct PunchhProvider: LoyaltyProvider {
  /// Every single call, over the same connections.
  public let api: PunchhAPI
  private let settings: PunchhConfiguration
  private let calls: PunchhCalls
  private let client: PunchhClient
  private let codec: any PunchhKeyCodec
  /// Redemptions 1.0, for guests who were found by them.
  private let single: SingleRedemptions
  /// What brand and location have said; `nil` before they were asked.
  private let generation = Lock<PunchhConfiguration.Redemptions?>(nil)
  /// What the brand has said; before it was asked, what is safe.
  private let brand = Lock(Brand())

  private struct Brand {
    /// Whether a look-up locks baskets, so that an abandoned check has to give them free.
    var locksBaskets = true
    /// What its coupons begin with; empty when they begin with nothing in particular.
    var couponPrefix = ""
  }

  /// A provider for one till; `clock` paces the repetition of calls that read, and without it there is none.
  public init(
    _ configuration: PunchhConfiguration, codec: any PunchhKeyCodec = KeyScheme.sandbox,
    clock: (any TransportClock)? = nil
  ) {
    settings = configuration
    calls = PunchhCalls(configuration: configuration)
    client = PunchhClient(configuration, clock: clock)
    api = PunchhAPI(configuration, client)
    self.codec = codec
    single = SingleRedemptions(api: api)
  }

  // MARK: Location

  /// The server and a digest of the location key.
  public var identity: String { "\(settings.server.text) \(settings.keys.locationDigest)" }

  /// What the location prints and how it behaves, and what the brand's programme adds to it: how long check-ins stay
  /// pending, and whether 2.0 is on. A programme that does not say it leaves the location's word.
  public func configuration() async throws(DeviceError) -> LocationConfiguration {
    var location = try await api.locationConfiguration()
    guard let meta = try? await api.programMeta() else { return location }
    brand.withLock {
      // A brand without 2.0 says nothing about baskets, and a till may be told to use them all the same.
      $0.locksBaskets = meta.locksBaskets || !meta.allowsMultipleRedemptions
      $0.couponPrefix = meta.couponPrefix
    }
    location.allowsMultipleRedemptions = location.allowsMultipleRedemptions && meta.allowsMultipleRedemptions
    location.pending = meta.pendingWindow
    location.signsUpByPhone = meta.createsUsersByPhone
    location.couponPrefix = meta.couponPrefix
    return location
  }

  /// 2.0 where brand and location have it on, else 1.0 (specs/punchh.md §5); and what coupons begin with.
  public func adopt(_ configuration: LocationConfiguration) {
    generation.withLock { $0 = configuration.allowsMultipleRedemptions ? .basket : .single }
    if let prefix = configuration.couponPrefix { brand.withLock { $0.couponPrefix = prefix } }
  }

  /// The generation to begin a sale with.
  private func spokenGeneration() async throws(DeviceError) -> PunchhConfiguration.Redemptions {
    if let known = settings.redemptions ?? generation.withLock({ $0 }) { return known }
    adopt(try await configuration())
    return generation.withLock { $0 } ?? .basket
  }

  /// Redemptions 1.0 when the guest was found by them: their selections came with the look-up.
  private func single(for guest: Guest) -> SingleRedemptions? { guest.selections == nil ? nil : single }

  /// The key of a new check. Its counter is the till's transaction number, interleaved with the other tills'.
  public func receiptKey(
    for check: CheckIdentity, configuration: LocationConfiguration
  ) throws(DeviceError) -> String {
    let operation = "making a receipt key"
    try checkKeys(during: operation)
    guard settings.tillCount > 0, (0..<settings.tillCount).contains(settings.tillIndex) else {
      throw DeviceError(
        .badConfiguration, during: operation,
        detail: "till \(settings.tillIndex) is not one of \(settings.tillCount), counted from 0")
    }
    let counter =
      UInt64(bitPattern: check.transactionNumber) &* UInt64(settings.tillCount)
      &+ UInt64(settings.tillIndex)
    return try codec.encode(
      KeySource(checkID: check.checkNumber, counter: counter), shortKey: configuration.shortKey
    ).description
  }

  /// Whether the keys that will be issued are worth something at this server: ask before the first sale.
  ///
  /// - Throws: `loyalty.key_scheme_missing` for the sandbox's scheme at any other server.
  public func checkKeys(during operation: String = "starting the till") throws(DeviceError) {
    guard !codec.isForSandboxOnly || settings.isSandbox || settings.allowsSandboxKeys else {
      throw DeviceError(
        .keySchemeMissing, during: operation,
        detail: "keys of the scheme '\(codec.name)' are worthless to guests")
    }
  }

  // MARK: Guest

  /// Finds the guest who showed `code`: by Find User where it knows the kind of code, else by User Look-up.
  ///
  /// A coupon belongs to nobody: where baskets are spoken, an anonymous guest is made, whose basket takes it.
  public func findGuest(_ code: GuestCode) async throws(DeviceError) -> Guest {
    guard (1...512).contains(code.value.utf8.count) else {
      throw DeviceError(.badInput, during: "finding the guest", detail: "the code is empty or too long")
    }
    let isSingle = try await spokenGeneration() == .single
    let user: PunchhUser
    var isAnonymous = false
    do throws(DeviceError) {
      user = try await read(lookUp(code, isSingle: isSingle), as: PunchhUser.self)
    } catch {
      guard error.code == .loyaltyNotFound else { throw error }
      if code.kind == .nfc {
        // Apple's passes are a field of their own, and nothing in the code tells (specs/punchh.md §2.2).
        let call = contactless(.appleNFC, code.value, isSingle: isSingle)
        user = try await read(call, as: PunchhUser.self)
      } else if code.kind == .redemptionCode, !isSingle, isCoupon(code.value) {
        user = try await api.find(nil)
        isAnonymous = true
      } else {
        throw error
      }
    }
    var guest = self.guest(user, code: code, isSingle: isSingle)
    if isAnonymous { guest.isAnonymous = true }
    return guest
  }

  private func lookUp(_ code: GuestCode, isSingle: Bool) -> PunchhCall {
    switch code.kind {
    // The selections of a single scan are in the look-up of 1.0 only.
    case _ where isSingle && GuestIdentifier(code) != nil:
      calls.searchUser(parameter: GuestIdentifier(code)?.name.rawValue ?? "", value: code.value)
    case .singleScan: calls.findUser(field: "otp", value: code.value)
    case .phone: calls.findUser(field: "phone", value: code.value)
    case .email: calls.findUser(field: "email", value: code.value)
    case .userQR: calls.findUser(field: "user_as_qrcode", value: code.value)
    case .redemptionCode: calls.searchUser(parameter: "redemption_code", value: code.value)
    case .cardNumber: calls.searchUser(parameter: "card_number", value: code.value)
    case .shortCode: calls.searchUser(parameter: "drive_thru_code", value: code.value)
    case .nfc: contactless(.nfcToken, code.value, isSingle: isSingle)
    case .rewardID: calls.searchUser(parameter: "reward_id", value: code.value)
    }
  }

  private func contactless(_ name: GuestIdentifier.Name, _ value: String, isSingle: Bool) -> PunchhCall {
    isSingle
      ? calls.searchUser(parameter: name.rawValue, value: value)
      : calls.findUser(field: name.rawValue, value: value)
  }

  /// Whether it has the form of the brand's coupons. What is merely alphanumeric may be anything that was misread, and
  /// each anonymous guest is a new account.
  private func isCoupon(_ code: String) -> Bool {
    let prefix = brand.withLock { $0.couponPrefix }
    return !prefix.isEmpty && code.hasPrefix(prefix)
      || code.utf8.count == 7 && code.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// Signs up by telephone number, e-mail address or card, consent given (specs/punchh.md §4.3).
  public func signUp(_ code: GuestCode) async -> EffectOutcome<Guest> {
    var new = NewGuest(agreesToTerms: true)
    switch code.kind {
    case .phone: new.phone = code.value
    case .email: new.email = code.value
    case .cardNumber: new.cardNumber = code.value
    case .singleScan, .userQR, .redemptionCode, .shortCode, .rewardID, .nfc: break
    }
    let isSingle: Bool
    do throws(DeviceError) {
      isSingle = try await spokenGeneration() == .single
    } catch {
      return .notDone(error)
    }
    switch await api.createUser(new) {
    case .done(let user): return .done(guest(user, code: code, isSingle: isSingle))
    case .notDone(let error): return .notDone(error)
    case .unknown(let error): return .unknown(error)
    }
  }

  private func guest(_ user: PunchhUser, code: GuestCode, isSingle: Bool) -> Guest {
    var guest = Guest(id: user.id, displayName: user.displayName, code: code)
    // The calls that follow know no short codes; one that can pay brings a code for them (specs/punchh.md §2.1).
    if code.kind == .shortCode, let scan = user.selected.singleScanCode {
      guest.code = GuestCode(kind: .singleScan, value: scan)
    }
    guest.email = user.email
    guest.phone = user.phone
    guest.selectedGiftCard = user.selected.cardNumber
    guest.paymentMode = user.selected.paymentMode
    if isSingle {
      var selections = user.selected.discounts
      if code.kind == .redemptionCode { selections.append(.code(code.value)) }
      guest.selections = selections.map(\.handle)
    }
    if let tip = user.selected.tip?.minorUnits(in: settings.currency), tip > 0 {
      guest.selectedTip = tip
    }
    return guest
  }

  // MARK: Rewards

  /// Rewards the guest could use on this check. Locks the basket to it where the brand has locking on.
  public func lookUpDiscounts(
    _ check: CheckSnapshot, for guest: Guest
  ) async throws(DeviceError) -> [Discount] {
    if let single = single(for: guest) { return single.discounts(of: guest) }
    let refusal = try await selectCode(of: guest, for: check.identity)
    var discounts = try await api.lookUpDiscounts(check, for: guest)
    if let refusal {
      // With nothing else in the basket, why the code does not count is all there is to say.
      guard discounts.contains(where: \.isSelected) else { throw refusal }
      discounts.append(
        Discount(id: "", name: "code", isSelected: false, isQualified: false, message: refusal.detail))
    }
    return discounts
  }

  /// Puts the redemption code that the guest showed into the basket, and returns why it does not go in. A check that has
  /// changed is looked up again: then it lies there already.
  private func selectCode(
    of guest: Guest, for check: CheckIdentity
  ) async throws(DeviceError) -> DeviceError? {
    guard guest.code.kind == .redemptionCode, !guest.code.value.isEmpty else { return nil }
    let code = BasketSelection(.redemptionCode, id: guest.code.value)
    switch await api.select([code], for: guest.id, check: check) {
    case .done: return nil
    case .notDone(let error) where error.code == .loyaltyRefused || error.code == .loyaltyNotFound:
      return error.detail.lowercased().contains("already taken") ? nil : error
    case .notDone(let error), .unknown(let error): throw error
    }
  }

  /// What the basket would take off this check.
  public func quote(_ check: CheckSnapshot, for guest: Guest) async throws(DeviceError) -> Quote {
    let quote: Quote
    if let single = single(for: guest) {
      quote = try await single.quote(check, for: guest)
    } else {
      quote = try await api.possibleBatch(check, for: guest)
    }
    guard let subtotal = check.order.subtotal, quote.discount <= subtotal else {
      throw DeviceError(
        .loyaltyMalformed, during: "quoting the guest's rewards",
        detail: "the rewards exceed the items on the check")
    }
    return quote
  }

  /// Redeems the basket on the snapshot that was quoted.
  public func commit(_ check: CheckSnapshot, for guest: Guest) async -> EffectOutcome<Redemption> {
    if let single = single(for: guest) { return await single.commit(check, for: guest) }
    return await api.redeemBatch(check, for: guest)
  }

  /// Takes a committed redemption back; refused once its check-in is in.
  public func void(_ redemption: Redemption, of guest: Guest) async -> EffectOutcome<Void> {
    let isSingle = redemption.returnsWithReceipt.map { !$0 } ?? (guest.selections != nil)
    if isSingle { return await single.void(redemption, of: guest) }
    return await api.takeBack { $0.voidBatch(redemption.reference, of: guest) }
  }

  /// Whether the guest's basket still holds something: a committed or voided one is gone.
  public func isBasketOpen(_ check: CheckIdentity, of guest: Guest) async throws(DeviceError) -> Bool {
    // Redemptions 1.0 keep no basket; sending the same ones again is how their doubt is resolved. By the selections
    // the sale knows that this is no answer of the server's.
    guard guest.selections == nil else { return true }
    guard let basket = try await api.activeBasket(check, of: guest) else { return false }
    return basket.items?.isEmpty != true
  }

  /// Gives the basket free; an answer that there is none is as good.
  public func unlock(_ check: CheckIdentity, of guest: Guest) async -> EffectOutcome<Void> {
    guard guest.selections == nil, brand.withLock({ $0.locksBaskets }) else { return .done(()) }
    do {
      _ = try await client.send(calls.unlock(check, of: guest), as: PunchhAnswer.Anything.self)
      return .done(())
    } catch {
      if error.isMissingBasket || error.isOtherBasket { return .done(()) }
      return error.mayHaveHappened ? .unknown(error.error) : .notDone(error.error)
    }
  }

  // MARK: After payment

  /// Credits the guest. When the code has expired meanwhile, the contacts found with it stand in for it. They go before
  /// a redemption code, which is worth nothing once the sale has redeemed it.
  public func checkIn(_ check: ClosedCheck, by guest: Guest) async -> EffectOutcome<CheckInReceipt> {
    let code = [GuestIdentifier(guest.code)].compactMap { $0 }
    let contacts = [
      guest.email.map { GuestIdentifier(.email, $0) }, guest.phone.map { GuestIdentifier(.phone, $0) },
    ].compactMap { $0 }
    let ordered = guest.code.kind == .redemptionCode ? contacts + code : code + contacts
    var identifiers: [GuestIdentifier] = []
    for identifier in ordered where !identifiers.contains(where: { $0.value == identifier.value }) {
      identifiers.append(identifier)
    }
    var refusal = DeviceError(
      .badInput, during: "checking the guest in", detail: "neither a code nor a contact of the guest is known"
    )
    for identifier in identifiers {
      do {
        let call = try calls.checkIn(check, of: guest, by: (identifier.name.rawValue, identifier.value))
        let answer = try await client.send(call, as: PunchhAnswer.CheckIn.self)
        return .done(CheckInReceipt(pointsEarned: answer.pointsEarned))
      } catch let failure as PunchhClient.Failure {
        if failure.isDuplicate(by: settings.duplicateWords) {
          return .done(CheckInReceipt(pointsEarned: nil))
        }
        if failure.mayHaveHappened { return .unknown(failure.error) }
        refusal = failure.error
        guard failure.isAbout(identifier) else { break }
      } catch {
        refusal = (error as? DeviceError) ?? refusal
        break
      }
    }
    return .notDone(refusal)
  }

  /// Stores the receipt. The server keeps every version sent under one key, the last one counting.
  public func storeReceipt(_ check: ClosedCheck) async -> EffectOutcome<Void> {
    await api.storeReceipt(check)
  }

  /// Voids the receipt: points, and rewards of 2.0, go back with it as long as the check-in is pending.
  public func voidReceipt(_ check: ClosedCheck) async -> EffectOutcome<Void> {
    await api.storeReceipt(check, isVoid: true)
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
}

extension PunchhClient.Failure {
  /// Whether the server refused because it has this very check already: a 409 says so by itself, a 422 in words only.
  func isDuplicate(by words: [[String]]) -> Bool {
    if status == 409 { return true }
    let said = self.words.lowercased()
    return status == 422 && words.contains { !$0.isEmpty && $0.allSatisfy(said.contains) }
  }

  /// Whether the server says that there is no such redemption (specs/punchh.md §5.1).
  var isMissingRedemption: Bool {
    guard status == 404 || status == 422 else { return false }
    let words = words.lowercased()
    return words.contains("redemption") && words.contains("not found")
  }

  /// Whether a check-in was refused for how it names the guest, and not for the check.
  func isAbout(_ guest: GuestIdentifier) -> Bool {
    if status == 404 || status == 410 { return true }
    guard status == 422, guest.name != .email, guest.name != .phone else { return false }
    let words = words.lowercased()
    return words.contains("code") && !words.contains("barcode") && !words.contains("bar code")
  }

  /// Whether the server says that the guest has no basket: nothing holds it any more (specs/punchh.md §5.2). Any other
  /// 404 or 422 says something about the guest or the call, and nothing about the basket.
  var isMissingBasket: Bool {
    guard status == 404 || status == 422 else { return false }
    let words = words.lowercased()
    return words.contains("basket") && !words.contains("locked") && !words.contains("unable")
      && ["no ", "not found", "not exist", "not have an active"].contains(where: words.contains)
  }

  /// Whether a 404 to the question for the active basket says that there is none, in whatever words and language: all
  /// but the guest is then known to be there. An empty one may come from anything in between.
  var isAboutBasket: Bool {
    status == 404 && !words.isEmpty && !words.lowercased().contains("not found")
  }

  /// Whether the server refuses an unlock since this check does not hold the basket: so it need not let go of it.
  var isOtherBasket: Bool {
    let words = words.lowercased()
    return status == 422 && words.contains("unable to find") && words.contains("basket")
  }
}
