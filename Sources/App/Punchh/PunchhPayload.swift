public import POSLoyalty
public import POSModel

/// The body of a call about one check, without sending it.
public enum PunchhPayload: String, Sendable, CaseIterable {
  case lookup, quote, commit, possible, redeem, checkin, receipt, transaction, pay
  case voidReceipt = "void-receipt"

  /// The JSON that this call would send.
  ///
  /// - Throws: `input.malformed` when the check cannot be written.
  public func body(
    for check: ClosedCheck, of guest: Guest, with configuration: PunchhConfiguration
  ) throws(DeviceError) -> [UInt8] {
    let calls = PunchhCalls(configuration: configuration)
    let snapshot = check.snapshot
    let identifier =
      GuestIdentifier(guest.code) ?? GuestIdentifier(.email, guest.email ?? "guest@example.com")
    let call =
      switch self {
      case .lookup: try calls.lookUpDiscounts(snapshot, of: guest)
      case .quote: try calls.batch(snapshot, of: guest, query: true)
      case .commit: try calls.batch(snapshot, of: guest, query: false)
      case .possible: try calls.redemption(.reward("1"), on: snapshot, by: identifier, commits: false)
      case .redeem: try calls.redemption(.reward("1"), on: snapshot, by: identifier, commits: true)
      case .checkin:
        try calls.checkIn(check, of: guest, by: (identifier.name.rawValue, identifier.value))
      case .receipt: try calls.receiptDetails(check)
      case .voidReceipt: try calls.receiptDetails(check, isVoid: true)
      case .transaction: try calls.transaction(check, by: identifier)
      case .pay:
        try calls.createPayment(
          check, code: guest.code.value, type: .creditCard, number: snapshot.identity.transactionNumber)
      }
    return call.body ?? []
  }
}

extension GuestIdentifier {
  /// The parameter for a kind of code; `nil` where check-ins and redemptions have none (specs/punchh.md §6.1).
  public init?(_ code: GuestCode) {
    switch code.kind {
    case .singleScan: self.init(.singleScanCode, code.value)
    case .phone: self.init(.phone, code.value)
    case .email: self.init(.email, code.value)
    case .userQR: self.init(.userQR, code.value)
    case .redemptionCode: self.init(.redemptionCode, code.value)
    case .cardNumber: self.init(.cardNumber, code.value)
    case .shortCode, .rewardID, .nfc: return nil
    }
  }
}
