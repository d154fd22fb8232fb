import FoundationEssentials
public import POSLoyalty
public import POSModel
public import POSTransport

/// Payments with the card a guest keeps in the app (specs/punchh.md §2.4): asked for by the single scan code, polled
/// every three seconds for twenty, taken back when the guest does not answer.
public struct AppPaymentTender: GuestTender {
  /// Between two questions; PAR allows no less.
  private static let pause = Duration.seconds(3)
  private static let patience = Duration.seconds(20)
  /// How often a request whose answer was lost is looked for, and how long between: the server may still be at it.
  private static let looks = (count: 3, pause: Duration.seconds(10))

  private let api: PunchhAPI
  private let clock: any TransportClock

  /// A tender over `api`, waiting by `clock`.
  public init(_ api: PunchhAPI, clock: any TransportClock) {
    self.api = api
    self.clock = clock
  }

  /// Asks the app; ``PaymentOutcome/unknown(_:)`` as long as the server does not say.
  public func pay(
    _ request: PaymentRequest, for check: ClosedCheck, by guest: Guest
  ) async -> PaymentOutcome? {
    guard let type = Self.type(of: guest) else { return nil }
    let number = Self.number(check)
    switch await api.createPayment(check, code: guest.code.value, type: type, number: number) {
    case .notDone(let error): return .notStarted(error)
    case .unknown(let error):
      return await recover(reference: request.reference, for: check, by: guest) ?? .unknown(error)
    case .done(let payment):
      return await follow(payment, type: type, number: number, of: request.amount, guest)
    }
  }

  /// Finds the request by its number and ends it; one that is nowhere to be found within twenty seconds was never made.
  public func recover(
    reference: String, for check: ClosedCheck, by guest: Guest
  ) async -> PaymentOutcome? {
    guard let type = Self.type(of: guest) else { return nil }
    let number = Self.number(check)
    do throws(DeviceError) {
      for look in 1...Self.looks.count {
        if let payment = try await payment(number, for: check) {
          let amount = Money(minorUnits: check.payable, currency: check.snapshot.order.currency)
          return await end(payment, type: type, number: number, of: amount, guest)
        }
        if look < Self.looks.count { try await clock.sleep(until: clock.now + Self.looks.pause) }
      }
      return nil
    } catch {
      return .unknown(error)
    }
  }

  /// The payment of this number among those that are open and those of the day the check was opened and the next: a check
  /// may be opened before midnight and paid after it.
  private func payment(_ number: Int64, for check: ClosedCheck) async throws(DeviceError) -> AppPayment? {
    let day = String(check.snapshot.identity.openedAt.prefix(10))
    let queries: [AppPaymentQuery] = [.open, .day(day)] + (Self.dayAfter(day).map { [.day($0)] } ?? [])
    var found: AppPayment?
    for query in queries {
      found = try await api.payments(query).last { $0.transactionNumber == String(number) } ?? found
    }
    return found
  }

  /// The day after one that is written YYYY-MM-DD.
  static func dayAfter(_ day: String) -> String? {
    let style = Date.ISO8601FormatStyle(timeZone: .gmt).year().month().day()
    return (try? style.parse(day)).map { style.format($0.addingTimeInterval(86_400)) }
  }

  /// Gives a whole payment back; PAR's call has no amount, so that a part of one is refused.
  public func refund(
    _ amount: Money, of payment: String, as reference: String, for check: ClosedCheck, by guest: Guest
  ) async -> PaymentOutcome? {
    guard let type = Self.type(of: guest) else { return nil }
    let whole = Money(minorUnits: check.payable, currency: check.snapshot.order.currency)
    let number = Self.number(check)
    let payment: AppPayment?
    do throws(DeviceError) {
      payment = try await self.payment(number, for: check)
    } catch {
      return .unknown(error)
    }
    guard let found = payment else { return nil }
    if found.status == .refunded || found.status == .refunding {
      return .approved(PaymentRecord(amount: whole))
    }
    guard found.isPaid else { return nil }
    guard amount == whole else {
      return .declined(PaymentRefusal(code: "PART", text: "the app gives back whole payments only"))
    }
    switch await api.refundPayment(found.reference, type: type, number: number &+ 1) {
    case .done(let ended) where ended.status == .unableToRefund:
      return .declined(PaymentRefusal(code: ended.message, text: "refused in the app"))
    case .done: return .approved(PaymentRecord(amount: whole))
    case .notDone(let error): return .notStarted(error)
    case .unknown(let error): return .unknown(error)
    }
  }

  /// Polls until the guest has answered in the app.
  private func follow(
    _ payment: AppPayment, type: AppPaymentType, number: Int64, of amount: Money, _ guest: Guest
  ) async -> PaymentOutcome {
    let deadline = clock.now + Self.patience
    var payment = payment
    while !payment.isPaid, !payment.hasFailed, clock.now < deadline {
      do throws(DeviceError) {
        try await clock.sleep(until: clock.now + Self.pause)
      } catch {
        break
      }
      let seen = try? await api.payments(.reference(payment.reference))
      if let seen = seen?.first(where: { $0.reference == payment.reference }) { payment = seen }
    }
    return await end(payment, type: type, number: number, of: amount, guest)
  }

  /// Completes what was processed, takes back what was not.
  private func end(
    _ payment: AppPayment, type: AppPaymentType, number: Int64, of amount: Money, _ guest: Guest
  ) async -> PaymentOutcome {
    var record = PaymentRecord(amount: amount)
    record.cardName = "Card in the app"
    record.authorisation = payment.transactionID
    if payment.isPaid { return await complete(payment, type: type, record, guest) }
    if payment.hasFailed {
      return .declined(PaymentRefusal(code: payment.message, text: "declined in the app"))
    }
    switch await api.cancelPayment(payment.reference, type: type, number: number) {
    // The guest has confirmed meanwhile.
    case .done(let ended) where ended.isPaid: return await complete(ended, type: type, record, guest)
    case .done: return .cancelled(PaymentRefusal(code: "TIMEOUT", text: "not confirmed in the app"))
    case .notDone(let error), .unknown(let error): return .unknown(error)
    }
  }

  /// Says that the check is closed with a payment that was processed: the money is taken by then, so that a refusal, of a
  /// code that has expired meanwhile for instance, takes nothing back.
  private func complete(
    _ payment: AppPayment, type: AppPaymentType, _ record: PaymentRecord, _ guest: Guest
  ) async -> PaymentOutcome {
    guard payment.status != .success else { return .approved(record) }
    switch await api.completePayment(
      payment.reference, code: guest.code.value, email: guest.email, type: type)
    {
    case .done(let ended) where ended.hasFailed:
      return .declined(PaymentRefusal(code: ended.message, text: "declined in the app"))
    case .done: return .approved(record)
    case .notDone(let error), .unknown(let error):
      let isRefused = [.loyaltyNotFound, .loyaltyExpired, .loyaltyRefused].contains(error.code)
      return isRefused ? .approved(record) : .approvedUnconfirmed(record)
    }
  }

  /// The gift card is the till's own business; only the kept card is Punchh's.
  private static func type(of guest: Guest) -> AppPaymentType? {
    guard guest.code.kind == .singleScan else { return nil }
    return guest.paymentMode.flatMap { AppPaymentType(rawValue: $0) }
  }

  /// One number per request that is not the check's: a check asks for one payment in the app. Made of the receipt's key,
  /// which no other till of the location has; the transaction's number is the till's own.
  private static func number(_ check: ClosedCheck) -> Int64 {
    let identity = check.snapshot.identity
    return (Int64(identity.receiptKey) ?? identity.transactionNumber) &* 10 &+ 1
  }
}
