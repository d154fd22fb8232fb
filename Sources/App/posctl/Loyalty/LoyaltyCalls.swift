import ArgumentParser
import POSJSON
import POSLoyalty
import POSModel
import Punchh

/// `posctl loyalty lookup`.
struct LoyaltyLookUp: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lookup", abstract: "Finds a guest, with balance and rewards.")

  @OptionGroup var guest: GuestOptions
  @OptionGroup var loyalty: LoyaltyOptions

  @Flag(help: "Prints a JSON line.")
  var json = false

  func run() async throws {
    let code = try guest.requiredCode()
    let api = try loyalty.provider(currency: .usDollar).api
    let user: PunchhUser
    switch code.kind {
    case .shortCode: user = try await api.search(GuestIdentifier(.shortCode, code.value))
    case .nfc: user = try await api.search(contactless: code.value)
    case .rewardID: user = try await api.search(GuestIdentifier(.rewardID, code.value))
    case .singleScan, .phone, .email, .userQR, .redemptionCode, .cardNumber:
      guard let identifier = GuestIdentifier(code) else { return }
      user = try await api.search(identifier)
    }
    LoyaltyPrint.show(user, of: await api.programme(), json: json)
  }
}

/// `posctl loyalty signup`.
struct LoyaltySignUp: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "signup", abstract: "Signs a guest up who has agreed to the terms.")

  @Option(help: "Ten digits.") var phone: String?
  @Option(help: "E-mail address.") var email: String?
  @Option(help: "Loyalty card.") var card: String?
  @Option(help: "First name.") var firstName: String?
  @Option(help: "Last name.") var lastName: String?

  @Flag(help: "The guest has agreed to the terms. Without this nothing is sent.")
  var agrees = false

  @Flag(help: "The guest wants messages.")
  var messages = false

  @OptionGroup var loyalty: LoyaltyOptions

  @Flag(help: "Prints a JSON line.")
  var json = false

  func run() async throws {
    var guest = NewGuest(phone: phone, email: email, cardNumber: card, agreesToTerms: agrees)
    guest.firstName = firstName
    guest.lastName = lastName
    guest.wantsMessages = messages
    let api = try loyalty.provider(currency: .usDollar).api
    let user = try LoyaltyPrint.value(await api.createUser(guest), json: json)
    LoyaltyPrint.show(user, of: await api.programme(), json: json)
  }
}

/// `posctl loyalty quote` and `posctl loyalty commit`.
struct LoyaltyQuote: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quote",
    abstract: "Asks what the guest's rewards take off a check. Locks the guest's basket.")

  @OptionGroup var guest: GuestOptions
  @OptionGroup var check: CheckOptions
  @OptionGroup var loyalty: LoyaltyOptions

  @Flag(help: "Prints a JSON line.")
  var json = false

  func run() async throws {
    let order = try check.readOrder()
    let provider = try loyalty.provider(currency: order.currency)
    let found = try await provider.findGuest(try guest.requiredCode())
    let snapshot = try await check.snapshot(of: order, provider: provider)
    // The look-up puts a code that was shown into the basket.
    if found.code.kind == .redemptionCode { _ = try await provider.lookUpDiscounts(snapshot, for: found) }
    let quote = try await provider.quote(snapshot, for: found)
    LoyaltyPrint.show("quote", quote, reference: nil, currency: order.currency, json: json)
  }
}

/// `posctl loyalty commit`.
struct LoyaltyCommit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "commit", abstract: "Redeems the guest's rewards on a paid check, as it was quoted.")

  @OptionGroup var guest: GuestOptions
  @OptionGroup var check: CheckOptions
  @OptionGroup var loyalty: LoyaltyOptions

  @Flag(help: "Prints a JSON line.")
  var json = false

  func run() async throws {
    let order = try check.readOrder()
    let provider = try loyalty.provider(currency: order.currency)
    let found = try await provider.findGuest(try guest.requiredCode())
    let snapshot = try await check.snapshot(of: order, provider: provider)
    let redemption = try LoyaltyPrint.value(await provider.commit(snapshot, for: found), json: json)
    LoyaltyPrint.show(
      "commit", redemption.granted, reference: redemption.reference, currency: order.currency, json: json)
  }
}

/// `posctl loyalty checkin`.
struct LoyaltyCheckIn: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkin", abstract: "Credits the guest for a paid check.")

  @OptionGroup var guest: GuestOptions
  @OptionGroup var check: CheckOptions
  @OptionGroup var loyalty: LoyaltyOptions

  @Flag(help: "Prints a JSON line.")
  var json = false

  func run() async throws {
    let order = try check.readOrder()
    let provider = try loyalty.provider(currency: order.currency)
    let code = try guest.requiredCode()
    let closed = try await check.closed(order, provider: provider)
    let outcome = await provider.checkIn(closed, by: Guest(id: "", displayName: "", code: code))
    let receipt = try LoyaltyPrint.value(outcome, json: json)
    if json {
      Console.print(["type": "check-in", "outcome": "done", "points_earned": JSONValue(receipt.pointsEarned)])
    } else {
      Console.print(receipt.pointsEarned.map { "\($0) points earned" } ?? "it had been credited before")
    }
  }
}

/// `posctl loyalty receipt`.
struct LoyaltyReceipt: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receipt", abstract: "Stores, changes or voids the receipt of a paid check.")

  @Flag(help: "Voids it: points and rewards go back, as long as the check-in is pending.")
  var void = false

  @OptionGroup var check: CheckOptions
  @OptionGroup var loyalty: LoyaltyOptions

  @Flag(help: "Prints a JSON line.")
  var json = false

  func run() async throws {
    let order = try check.readOrder()
    let provider = try loyalty.provider(currency: order.currency)
    let closed = try await check.closed(order, provider: provider)
    try LoyaltyPrint.value(await provider.api.storeReceipt(closed, isVoid: void), json: json)
    LoyaltyPrint.done("receipt", json: json)
  }
}

/// `posctl loyalty void`.
struct LoyaltyVoid: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "void",
    abstract: "Takes a redemption back.",
    discussion: """
      A batch of Redemptions 2.0 by its reference, redemptions of 1.0 by their numbers, both with their guest; \
      coupons by code and transaction. A coupon is not credited back: tell the guest first.
      """)

  @Option(help: "Reference of a batch.") var batch: String?
  @Option(help: "Number of a redemption of 1.0; may be given several times.") var redemption: [String] = []
  @Option(help: "Code of a coupon; may be given several times.") var coupon: [String] = []
  @Option(help: "The transaction of the coupons.") var transaction: Int64 = 1

  @OptionGroup var guest: GuestOptions
  @OptionGroup var loyalty: LoyaltyOptions

  @Flag(help: "Prints a JSON line.")
  var json = false

  func validate() throws {
    guard [batch == nil, redemption.isEmpty, coupon.isEmpty].count(where: { !$0 }) == 1 else {
      throw ValidationError("one of --batch, --redemption and --coupon is needed")
    }
  }

  func run() async throws {
    let provider = try loyalty.provider(currency: .usDollar)
    if let batch {
      let found = try await provider.findGuest(try guest.requiredCode())
      try LoyaltyPrint.value(await provider.api.voidBatch(batch, of: found), json: json)
    } else if !redemption.isEmpty {
      guard let identifier = GuestIdentifier(try guest.requiredCode()) else {
        throw DeviceError(.badInput, during: "voiding", detail: "this kind of code names nobody here")
      }
      try LoyaltyPrint.value(await provider.api.voidRedemptions(redemption, of: identifier), json: json)
    } else {
      try LoyaltyPrint.value(
        await provider.api.voidCoupons(coupon, transactionNumber: transaction), json: json)
    }
    LoyaltyPrint.done("void", json: json)
  }
}

/// `posctl loyalty unlock`.
struct LoyaltyUnlock: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unlock", abstract: "Gives a guest's basket free that an abandoned check holds.")

  @OptionGroup var guest: GuestOptions
  @Option(help: "Our unique id of the check that holds it.") var uid: String
  @OptionGroup var loyalty: LoyaltyOptions

  @Flag(help: "Prints a JSON line.")
  var json = false

  func run() async throws {
    let provider = try loyalty.provider(currency: .usDollar)
    let found = try await provider.findGuest(try guest.requiredCode())
    let identity = CheckIdentity(
      externalID: uid, checkNumber: "", transactionNumber: 1, receiptKey: "", openedAt: "")
    try LoyaltyPrint.value(await provider.unlock(identity, of: found), json: json)
    LoyaltyPrint.done("unlock", json: json)
  }
}

extension CheckOptions {
  /// The check, paid in full without rewards.
  func closed(_ order: Order, provider: PunchhProvider) async throws(DeviceError) -> ClosedCheck {
    let snapshot = try await snapshot(of: order, provider: provider)
    return ClosedCheck(snapshot: snapshot, reductions: [], payable: order.total ?? 0, cardLast4: nil)
  }
}

extension PunchhAPI {
  /// How the brand's programme works: one that does not say it is one of which nothing is known.
  fileprivate func programme() async -> ProgramMeta { (try? await programMeta()) ?? ProgramMeta() }
}

/// What single calls print.
enum LoyaltyPrint {
  /// The value of an outcome.
  ///
  /// - Throws: the refusal; an unknown outcome ends the program with its own exit code.
  @discardableResult
  static func value<Value>(_ outcome: EffectOutcome<Value>, json: Bool) throws -> Value {
    switch outcome {
    case .done(let value): return value
    case .notDone(let error): throw error
    case .unknown(let error):
      if json { Console.print(["type": "loyalty", "outcome": "unknown"]) }
      Console.complain(error)
      throw ExitCode(ErrorTable.ExitCode.unknownOutcome.rawValue)
    }
  }

  static func done(_ type: String, json: Bool) {
    if json {
      Console.print(["type": .string(type), "outcome": "done"])
    } else {
      Console.print("done")
    }
  }

  /// Contacts are not shown.
  static func show(_ user: PunchhUser, of programme: ProgramMeta, json: Bool) {
    let figures = programme.figures(of: user.balance)
    if json {
      func text(_ kind: ProgramMeta.Figure.Kind) -> JSONValue {
        JSONValue(figures.first { $0.kind == kind }?.text)
      }
      Console.print([
        "type": "guest", "id": .string(user.id), "name": .string(user.displayName),
        "banked_rewards": text(.banked), "points": text(.points), "total_points": text(.total),
        "visits": text(.visits), "full_cards": text(.cards),
        "rewards": .array(
          user.rewards.map {
            .object(["id": .string($0.id), "name": .string($0.name), "ends_at": JSONValue($0.endsAt)])
          }),
        "selected": JSONValue(user.selected.discounts.count), "tip": JSONValue(user.selected.tip?.text),
        "pays_with": JSONValue(user.selected.paymentMode), "locked": .bool(user.isLocked),
      ])
      return
    }
    Console.print("\(user.displayName), number \(user.id)")
    for figure in figures {
      Console.print("\(figure.kind.rawValue): \(figure.text)\(figure.goal.map { " of \($0)" } ?? "")")
    }
    for reward in user.rewards {
      Console.print(
        "\(reward.type) \(reward.id): \(reward.name)\(reward.endsAt.map { ", until \($0)" } ?? "")")
    }
    if let tip = user.selected.tip { Console.print("tip: \(tip.text)") }
  }

  static func show(_ type: String, _ quote: Quote, reference: String?, currency: Currency, json: Bool) {
    if json {
      Console.print([
        "type": .string(type), "discount": JSONValue(quote.discount), "currency": .string(currency.code),
        "reference": JSONValue(reference),
        "lines": .array(
          quote.lines.map { .object(["name": .string($0.name), "amount": JSONValue($0.amount)]) }),
        "refusals": .array(quote.refusals.map { .string($0) }),
      ])
      return
    }
    for line in quote.lines {
      Console.print("\(line.name)  -\(Money(minorUnits: line.amount, currency: currency))")
    }
    for refusal in quote.refusals { Console.print("refused: \(refusal)") }
    Console.print("\(Money(minorUnits: quote.discount, currency: currency)) off")
    if let reference { Console.print("reference: \(reference)") }
  }
}
