public import POSLoyalty
public import POSModel

/// The PAR Punchh POS API, redemptions 2.0, as a loyalty programme.
///
///     let keys = try PunchhKeys(environment: ProcessInfo.processInfo.environment)
///     let configuration = PunchhConfiguration(
///       server: try ServerURL("https://pos.example.com"), keys: keys,
///       userAgent: try UserAgent(integrator: "SwiftPOS", version: "0.2"))
///     let punchh = PunchhProvider(configuration, codec: try KeyScheme(json: schemeFile))
///     let guest = try await punchh.findGuest(GuestCode(kind: .singleScan, value: code))
///
/// One provider per till; it keeps connections, and falls silent after its keys were refused once.
public struct PunchhProvider: LoyaltyProvider {
  private let settings: PunchhConfiguration
  private let calls: PunchhCalls
  private let client: PunchhClient
  private let codec: any PunchhKeyCodec

  /// A provider for one till.
  public init(_ configuration: PunchhConfiguration, codec: any PunchhKeyCodec = KeyScheme.sandbox) {
    settings = configuration
    calls = PunchhCalls(configuration: configuration)
    client = PunchhClient(configuration)
    self.codec = codec
  }

  // MARK: Location

  /// The server and a digest of the location key.
  public var identity: String { "\(settings.server.text) \(settings.keys.locationDigest)" }

  /// What the location prints and how it behaves.
  public func configuration() async throws(DeviceError) -> LocationConfiguration {
    try await read(calls.locationConfiguration(), as: PunchhAnswer.Location.self).configuration
  }

  /// The key of a new check. Its counter is the till's transaction number, interleaved with the other tills'.
  public func receiptKey(
    for check: CheckIdentity, configuration: LocationConfiguration
  ) throws(DeviceError) -> String {
    let operation = "making a receipt key"
    guard !codec.isForSandboxOnly || settings.isSandbox || settings.allowsSandboxKeys else {
      throw DeviceError(
        .keySchemeMissing, during: operation,
        detail: "keys of the scheme '\(codec.name)' are worthless to guests")
    }
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

  // MARK: Guest

  /// Finds the guest who showed `code`: by Find User where it knows the kind of code, else by User Look-up.
  public func findGuest(_ code: GuestCode) async throws(DeviceError) -> Guest {
    guard (1...512).contains(code.value.utf8.count) else {
      throw DeviceError(.badInput, during: "finding the guest", detail: "the code is empty or too long")
    }
    let call =
      switch code.kind {
      case .singleScan: calls.findUser(field: "otp", value: code.value)
      case .phone: calls.findUser(field: "phone", value: code.value)
      case .email: calls.findUser(field: "email", value: code.value)
      case .userQR: calls.findUser(field: "user_as_qrcode", value: code.value)
      case .redemptionCode: calls.searchUser(parameter: "redemption_code", value: code.value)
      case .cardNumber: calls.searchUser(parameter: "card_number", value: code.value)
      case .shortCode: calls.searchUser(parameter: "drive_thru_code", value: code.value)
      case .rewardID: calls.searchUser(parameter: "reward_id", value: code.value)
      }
    let user = try await read(call, as: PunchhAnswer.User.self)
    let name = [user.firstName, user.lastName].filter { !$0.isEmpty }.joined(separator: " ")
    var guest = Guest(id: user.id, displayName: name.isEmpty ? "Guest" : name, code: code)
    guest.email = user.email
    guest.phone = user.phone
    guest.selectedGiftCard = user.selectedCardNumber
    if let tip = user.selectedTip.flatMap({
      DecimalText.minorUnits($0, decimals: settings.currency.exponent, rounding: .nearest)
    }), tip > 0 {
      guest.selectedTip = tip
    }
    return guest
  }

  // MARK: Rewards

  /// Rewards the guest could use on this check. Locks the basket to it where the brand has locking on.
  public func lookUpDiscounts(
    _ check: CheckSnapshot, for guest: Guest
  ) async throws(DeviceError) -> [Discount] {
    let answer = try await read(try calls.lookUpDiscounts(check, of: guest), as: PunchhAnswer.LookUp.self)
    func discount(_ found: PunchhAnswer.Discount, isSelected: Bool) -> Discount {
      Discount(
        id: DisplayText.clean(found.itemID ?? found.discountID ?? "", limit: 128), name: found.name,
        isSelected: isSelected, isQualified: found.isQualified ?? false, message: found.message)
    }
    return answer.selected.map { discount($0, isSelected: true) }
      + answer.unselected.map { discount($0, isSelected: false) }
  }

  /// What the basket would take off this check.
  public func quote(_ check: CheckSnapshot, for guest: Guest) async throws(DeviceError) -> Quote {
    let call = try calls.batch(check, of: guest, query: true)
    let batch = try await read(call, as: PunchhAnswer.Batch.self)
    let quote: Quote
    do {
      quote = try batch.quote(decimals: check.order.currency.exponent)
    } catch {
      throw DeviceError(.loyaltyMalformed, during: call.operation, detail: "\(error.field) cannot be read")
    }
    guard let subtotal = check.order.subtotal, quote.discount <= subtotal else {
      throw DeviceError(
        .loyaltyMalformed, during: call.operation, detail: "the rewards exceed the items on the check")
    }
    return quote
  }

  /// Redeems the basket on the snapshot that was quoted.
  public func commit(_ check: CheckSnapshot, for guest: Guest) async -> EffectOutcome<Redemption> {
    let call: PunchhCall
    do {
      call = try calls.batch(check, of: guest, query: false)
    } catch {
      return .notDone(error)
    }
    let batch: PunchhAnswer.Batch
    do {
      batch = try await client.send(call, as: PunchhAnswer.Batch.self)
    } catch {
      return error.mayHaveHappened ? .unknown(error.error) : .notDone(error.error)
    }
    guard let reference = batch.reference,
      let granted = try? batch.quote(decimals: check.order.currency.exponent)
    else {
      return .unknown(
        DeviceError(
          .loyaltyMalformed, during: call.operation, detail: "the answer lacks a reference or an amount"))
    }
    return .done(Redemption(reference: reference, granted: granted))
  }

  /// Takes a committed redemption back; refused once its check-in is in.
  public func void(_ redemption: Redemption, of guest: Guest) async -> EffectOutcome<Void> {
    await perform(calls.voidBatch(redemption.reference, of: guest))
  }

  /// Whether the guest's basket still holds something: a committed or voided one is gone.
  public func isBasketOpen(_ check: CheckIdentity, of guest: Guest) async throws(DeviceError) -> Bool {
    do {
      let basket = try await client.send(calls.activeBasket(check, of: guest), as: PunchhAnswer.Basket.self)
      return basket.itemCount != 0
    } catch {
      if error.status == 404 { return false }
      throw error.error
    }
  }

  /// Gives the basket free; 404 and 422 say that there is none to free.
  public func unlock(_ check: CheckIdentity, of guest: Guest) async -> EffectOutcome<Void> {
    await perform(calls.unlock(check, of: guest), doneAlso: [404, 422])
  }

  // MARK: After payment

  /// Credits the guest. When the code has expired meanwhile, the contacts found with it stand in for it.
  public func checkIn(_ check: ClosedCheck, by guest: Guest) async -> EffectOutcome<CheckInReceipt> {
    var identifiers = [Self.identifier(guest.code)].compactMap { $0 }
    for contact in [("email", guest.email), ("phone", guest.phone)] {
      if let value = contact.1, !identifiers.contains(where: { $0.value == value }) {
        identifiers.append((contact.0, value))
      }
    }
    var refusal = DeviceError(
      .badInput, during: "checking the guest in", detail: "neither a code nor a contact of the guest is known"
    )
    for identifier in identifiers {
      do {
        let call = try calls.checkIn(check, of: guest, by: identifier)
        let answer = try await client.send(call, as: PunchhAnswer.CheckIn.self)
        return .done(CheckInReceipt(pointsEarned: answer.pointsEarned))
      } catch let failure as PunchhClient.Failure {
        if Self.isDuplicate(failure) { return .done(CheckInReceipt(pointsEarned: nil)) }
        if failure.mayHaveHappened { return .unknown(failure.error) }
        refusal = failure.error
        guard failure.status == 404 || failure.status == 410 else { break }
      } catch {
        refusal = (error as? DeviceError) ?? refusal
        break
      }
    }
    return .notDone(refusal)
  }

  /// Stores the receipt. The server keeps every version sent under one key, the last one counting.
  public func storeReceipt(_ check: ClosedCheck) async -> EffectOutcome<Void> {
    do {
      return await perform(try calls.receiptDetails(check))
    } catch {
      return .notDone(error)
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

  private func perform(_ call: PunchhCall, doneAlso statuses: [Int] = []) async -> EffectOutcome<Void> {
    do {
      _ = try await client.send(call, as: PunchhAnswer.Anything.self)
      return .done(())
    } catch {
      if let status = error.status, statuses.contains(status) { return .done(()) }
      return error.mayHaveHappened ? .unknown(error.error) : .notDone(error.error)
    }
  }

  /// The check-in's parameter for a kind of code; `nil` where check-ins have none (specs/punchh.md §6.1).
  private static func identifier(_ code: GuestCode) -> (name: String, value: String)? {
    switch code.kind {
    case .singleScan: ("single_scan_code", code.value)
    case .phone: ("phone", code.value)
    case .email: ("email", code.value)
    case .userQR: ("user_as_qrcode", code.value)
    case .redemptionCode: ("redemption_code", code.value)
    case .cardNumber: ("card_number", code.value)
    case .shortCode, .rewardID: nil
    }
  }

  /// Whether the server refused because it has this very check already. It says so in words only.
  private static func isDuplicate(_ failure: PunchhClient.Failure) -> Bool {
    guard failure.status == 409 || failure.status == 422 else { return false }
    let words = failure.words.lowercased()
    return words.contains("duplicate")
      || words.contains("already")
        && ["receipt", "barcode", "transaction", "external_uid", "used", "exist"].contains(
          where: words.contains)
  }
}
