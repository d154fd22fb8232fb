import POSLoyalty
import POSModel
import POSTransport

/// Redemptions 1.0 behind the sale's questions: no basket and no lock on the server, one call a discount, the guest's
/// selections from the look-up (specs/punchh.md §2.1, §5.1).
struct SingleRedemptions: Sendable {
  let api: PunchhAPI
  /// What applied when it was asked for, by the check's external id: what was refused then must not be redeemed later,
  /// for it takes nothing off the check. After a restart all is redeemed again, and the server refuses the same ones.
  private let applied = Lock<[String: [LegacyDiscount]]>([:])

  init(api: PunchhAPI) { self.api = api }

  /// What the guest selected, as it will be asked for and redeemed.
  func discounts(of guest: Guest) -> [Discount] {
    selected(by: guest).map { discount in
      Discount(id: discount.handle, name: discount.title, isSelected: true, isQualified: true, message: "")
    }
  }

  /// What all selections together take off; each is asked for by itself.
  func quote(_ check: CheckSnapshot, for guest: Guest) async throws(DeviceError) -> Quote {
    var quote = Quote(lines: [], refusals: [])
    var valid: [LegacyDiscount] = []
    for discount in selected(by: guest) {
      let possible = try await api.possibleRedemption(discount, on: check, by: identifier(of: guest))
      quote.lines += possible.quote.lines
      quote.refusals += possible.quote.refusals
      if possible.isValid { valid.append(discount) }
    }
    applied.withLock { [valid] applied in
      // One check at a time is quoted at a till; a few abandoned ones may lie here.
      if applied.count > 100 { applied = [:] }
      applied[check.identity.externalID] = valid
    }
    return quote
  }

  /// Redeems what was quoted. In doubt about one, the very same calls may all be sent again, since the server
  /// knows a redemption by the check's external id (specs/punchh.md §8). What was redeemed before the doubt is in the
  /// answer: it can be voided by its ids only.
  func commit(_ check: CheckSnapshot, for guest: Guest) async -> EffectOutcome<Redemption> {
    var ids: [String] = []
    var granted = Quote(lines: [], refusals: [])
    var refusal: DeviceError?
    var doubt: DeviceError?
    let quoted = applied.withLock { $0[check.identity.externalID] }
    redeeming: for discount in quoted ?? selected(by: guest) {
      switch await api.redeem(discount, on: check, by: identifier(of: guest)) {
      case .done(let redemption):
        granted.lines += redemption.quote.lines
        guard let id = redemption.id else { continue redeeming }
        // A coupon's number is its code; it is taken back by that and the transaction (specs/punchh.md §5.1).
        if case .code(id) = discount {
          ids.append(Self.couponMark + "\(id):\(check.identity.transactionNumber)")
        } else {
          ids.append(id)
        }
      case .notDone(let error):
        granted.refusals.append(error.detail)
        refusal = refusal ?? error
      case .unknown(let error):
        // The others would only wait for the same server.
        doubt = error
        break redeeming
      }
    }
    if ids.isEmpty, let doubt { return .unknown(doubt) }
    if ids.isEmpty, let refusal { return .notDone(refusal) }
    let hasCoupon = ids.contains { $0.hasPrefix(Self.couponMark) }
    return .done(
      Redemption(
        reference: ids.joined(separator: ","), granted: granted, returnsWithReceipt: false,
        unreturnable: hasCoupon ? ["a coupon is not credited back"] : nil, doubt: doubt))
  }

  private static let couponMark = "coupon:"

  /// By their ids and the guest; coupons by code and transaction. What is void already counts as done, since it was
  /// this till that had redeemed it.
  func void(_ redemption: Redemption, of guest: Guest) async -> EffectOutcome<Void> {
    let references = redemption.reference.split(separator: ",").map(String.init)
    let ids = references.filter { !$0.hasPrefix(Self.couponMark) }
    if !ids.isEmpty {
      guard let identifier = identifier(of: guest) else {
        return .notDone(
          DeviceError(
            .badInput, during: "voiding the redemption", detail: "no contact of the guest is known any more",
            hint: "\(PosctlHint.void) --phone NUMBER"))
      }
      let outcome = await api.takeBack { $0.voidRedemptions(ids: ids, of: identifier) }
      guard case .done = outcome else { return outcome }
    }
    for coupon in references where coupon.hasPrefix(Self.couponMark) {
      let parts = coupon.split(separator: ":")
      guard parts.count == 3, let number = Int64(parts[2]) else { continue }
      let outcome = await api.takeBack {
        $0.voidRedemptions(ids: [], of: nil, codes: [String(parts[1])], transactionNumber: number)
      }
      guard case .done = outcome else { return outcome }
    }
    return .done(())
  }

  /// Contacts before codes: a single scan code expires, an address does not.
  private func identifier(of guest: Guest) -> GuestIdentifier? {
    guest.email.map { GuestIdentifier(.email, $0) } ?? guest.phone.map { GuestIdentifier(.phone, $0) }
      ?? (guest.code.value.isEmpty ? nil : GuestIdentifier(guest.code))
  }

  private func selected(by guest: Guest) -> [LegacyDiscount] {
    (guest.selections ?? []).compactMap { LegacyDiscount(handle: $0) }
  }
}

extension LegacyDiscount {
  /// The discount as text, for the journal.
  var handle: String {
    switch self {
    case .reward(let id): "reward:\(id)"
    case .redeemable(let id): "redeemable:\(id)"
    case .banked(let amount): "banked:\(amount.text)"
    case .cardCompletion: "card:"
    case .code(let code): "code:\(code)"
    case .fuelReward: "fuel:"
    case .subscription(let id): "subscription:\(id)"
    }
  }

  init?(handle: String) {
    let parts = handle.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else { return nil }
    switch parts[0] {
    case "reward": self = .reward(parts[1])
    case "redeemable": self = .redeemable(parts[1])
    case "banked": self = .banked(DecimalAmount(text: parts[1]))
    case "card": self = .cardCompletion
    case "code": self = .code(parts[1])
    case "fuel": self = .fuelReward
    case "subscription": self = .subscription(parts[1])
    default: return nil
    }
  }

  fileprivate var title: String {
    switch self {
    case .reward: "reward"
    case .redeemable: "redeemable"
    case .banked(let amount): "\(amount.text) of banked rewards"
    case .cardCompletion: "full card"
    case .code: "code"
    case .fuelReward: "fuel reward"
    case .subscription: "subscription"
    }
  }
}
