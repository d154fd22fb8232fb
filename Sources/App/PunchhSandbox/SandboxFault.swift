public import POSModel

/// A call the sandbox understands.
public enum SandboxRoute: String, Sendable, CaseIterable, Codable {
  case configuration, find, search, lookup, active, unlock, quote, commit, void, checkin, receipt
  case meta, signup, balance, select, unselect, transaction
  case autoSelect = "auto-select"
  /// Redemptions 1.0: the question, the redemption, its voids, the offers that fit, what is under way.
  case possible, redeem, unredeem, offers
  case unredeemAll = "unredeem-all"
  case activeRedemptions = "active-redemptions"
  /// Payments in the app.
  case pay
  case paymentStatus = "payment-status"
  case completePayment = "complete-payment"
  case cancelPayment = "cancel-payment"
  case refundPayment = "refund-payment"
  /// One-time passwords.
  case sendPassword = "send-password"
  case verifyPassword = "verify-password"
  case renewTokens = "renew-tokens"
  case signOut = "sign-out"
}

/// Something that goes wrong between till and server.
public enum SandboxFault: String, Sendable, CaseIterable, Codable {
  /// The connection closes before anything is done.
  case down
  /// The call is done and answered late.
  case slow
  /// The call is done and never answered; the connection stays open.
  case silent
  /// The call is done and the connection closes without an answer.
  case dropped
  /// Not done: 429.
  case busy
  /// Not done: 500.
  case failing
  /// Done, and the answer is a page for people.
  case notJSON = "not-json"
  /// Done, and every number in the answer is a string.
  case retyped
  /// Done, and the answer is larger than any client should take.
  case huge
  /// Not done: the guest's code has expired.
  case expired
  /// Not done: another channel holds the basket.
  case locked
  /// Not done: sent to another place.
  case redirected
  /// Done, and the connection closes in the middle of the answer.
  case truncated
  /// Done, and the answer comes a byte at a time, without end.
  case trickled
}

/// Which faults happen on which calls. The first one planned for a call happens first.
public struct SandboxFaultPlan: Sendable, Equatable {
  private struct Entry: Equatable {
    var route: SandboxRoute?
    var fault: SandboxFault
    /// `nil`: for ever.
    var remaining: Int?
  }

  private var entries: [Entry] = []

  /// Nothing goes wrong.
  public init() {}

  /// Plans `fault` for the next `times` calls of `route`: `nil` stands for every route and for ever.
  public mutating func add(_ fault: SandboxFault, on route: SandboxRoute?, times: Int? = nil) {
    entries.append(Entry(route: route, fault: fault, remaining: times))
  }

  /// Plans what a text like `commit=dropped*1` says; `all` names every route, and without a count it is for ever.
  ///
  /// - Throws: `input.malformed` naming the routes and faults there are.
  public mutating func add(_ text: String) throws(DeviceError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let tail =
      parts.count == 2
      ? parts[1].split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false).map(String.init) : []
    let times = tail.count == 2 ? Int(tail[1]) : nil
    guard let name = tail.first, let fault = SandboxFault(rawValue: name), tail.count == 1 || times ?? 0 > 0,
      parts[0] == "all" || SandboxRoute(rawValue: parts[0]) != nil
    else {
      throw DeviceError(
        .badInput, during: "reading the fault '\(text)'",
        detail: "expected ROUTE=FAULT or ROUTE=FAULT*COUNT",
        hint: "routes: all \(SandboxRoute.allCases.map(\.rawValue).joined(separator: " ")); "
          + "faults: \(SandboxFault.allCases.map(\.rawValue).joined(separator: " "))")
    }
    add(fault, on: SandboxRoute(rawValue: parts[0]), times: times)
  }

  /// Takes the fault for one call of `route`.
  mutating func next(for route: SandboxRoute) -> SandboxFault? {
    guard let index = entries.firstIndex(where: { $0.route == nil || $0.route == route }) else { return nil }
    let fault = entries[index].fault
    if let remaining = entries[index].remaining {
      entries[index].remaining = remaining - 1
      if remaining <= 1 { entries.remove(at: index) }
    }
    return fault
  }
}
