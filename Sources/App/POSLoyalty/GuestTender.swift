public import POSModel

/// Money that the guest chose in the app to pay with: a gift card, or a card that is kept there (specs/punchh.md §2.4).
///
/// A till tries it before the card terminal. What it refuses for certain is then paid at the terminal, under the same
/// reference; so after a crash both are asked, this one first.
public protocol GuestTender: Sendable {
  /// Pays all of the request, or nothing; `nil` when the guest chose nothing that this tender takes.
  func pay(_ request: PaymentRequest, for check: ClosedCheck, by guest: Guest) async -> PaymentOutcome?

  /// How the payment `reference` ended; `nil` when this tender was never asked for it. A payment that is found
  /// unfinished is taken back, since the guest may have gone.
  func recover(reference: String, for check: ClosedCheck, by guest: Guest) async -> PaymentOutcome?
}

extension PaymentOutcome {
  /// Whether it is certain that no money moved.
  var isRefusal: Bool {
    switch self {
    case .declined, .cancelled, .notStarted: true
    case .approved, .approvedUnconfirmed, .unknown: false
    }
  }
}
