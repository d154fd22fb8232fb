public import POSModel

/// Money that the guest chose in the app to pay with: a gift card, or a card that is kept there (specs/punchh.md §2.4).
///
/// A till tries it before the card terminal. What it refuses for certain is then paid at the terminal, under the same
/// reference; so after a crash both are asked, this one first.
public protocol GuestTender: Sendable {
  /// Pays the request, or as much of it as the guest's card holds: the record says how much, and the terminal is asked
  /// for the rest. `nil` when the guest chose nothing that this tender takes. Asked again under the same reference, it
  /// says the same and charges nothing more.
  func pay(_ request: PaymentRequest, for check: ClosedCheck, by guest: Guest) async -> PaymentOutcome?

  /// How the payment `reference` ended; `nil` when this tender was never asked for it. A payment that is found
  /// unfinished is taken back, since the guest may have gone.
  func recover(reference: String, for check: ClosedCheck, by guest: Guest) async -> PaymentOutcome?

  /// Gives back up to `amount` of what it took for `payment`; `nil` when it took nothing. The record says how much.
  /// Asked again under the same reference, it says the same and gives nothing more. Of the guest it may know no more
  /// than the programme's id and how the code was shown: the sale may be days old.
  func refund(
    _ amount: Money, of payment: String, as reference: String, for check: ClosedCheck, by guest: Guest
  ) async -> PaymentOutcome?
}

extension Guest {
  /// Whether anything but the terminal may have been asked for money.
  var hasChosenTender: Bool { selectedGiftCard != nil || paymentMode != nil }
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
