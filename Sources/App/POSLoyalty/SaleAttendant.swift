public import POSModel

/// Whoever stands at the till, as far as a sale has to ask somebody.
public protocol SaleAttendant: Sendable {
  /// What the guest shows: the readings of one code, the likeliest first; empty to go on without a guest.
  ///
  /// `refusal` says what was wrong with the code before. The programme must not be asked for it again.
  func code(after refusal: DeviceError?) async -> [GuestCode]

  /// Whether the guest whom the programme does not know agrees to its terms, and signs up with this contact. Ask it as
  /// a plain question; silence is no agreement.
  func signsUp(_ code: GuestCode) async -> Bool

  /// What to do now that `amount` is to be paid for `sale`, whose rewards are quoted.
  ///
  /// The POS stays in charge of the check: it may change it here, as often as it likes, and is asked again with what
  /// the rewards take off the new one. `refusal` says why the change before was not taken.
  func decide(at amount: Money, of sale: SaleRecord, after refusal: DeviceError?) async -> TenderDecision
}

extension SaleAttendant {
  /// No: nobody was asked.
  public func signsUp(_ code: GuestCode) async -> Bool { false }
}

/// What whoever stands at the till wants done with a check that could be paid now.
public enum TenderDecision: Sendable, Equatable {
  /// Charge the amount.
  case pay
  /// The check is another one now; tips and rewards from the guest's app are no part of it.
  case change(Order)
  /// Give the sale up.
  case giveUp
}

/// Nobody: one code that was scanned before, and yes to the amount.
public struct UnattendedSale: SaleAttendant {
  private let codes: [GuestCode]

  /// A sale to the guest who showed a code with these readings, or to nobody in particular.
  public init(codes: [GuestCode] = []) { self.codes = codes }

  /// The code, once.
  public func code(after refusal: DeviceError?) async -> [GuestCode] { refusal == nil ? codes : [] }

  /// Pay.
  public func decide(
    at amount: Money, of sale: SaleRecord, after refusal: DeviceError?
  ) async -> TenderDecision { .pay }
}
