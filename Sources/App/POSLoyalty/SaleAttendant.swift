public import POSModel

/// Whoever stands at the till, as far as a sale has to ask somebody.
public protocol SaleAttendant: Sendable {
  /// What the guest shows: the readings of one code, the likeliest first; empty to go on without a guest.
  ///
  /// `refusal` says what was wrong with the code before. The programme must not be asked for it again.
  func code(after refusal: DeviceError?) async -> [GuestCode]

  /// Whether to charge `amount` now; `false` gives the sale up.
  func confirms(_ amount: Money, of sale: SaleRecord) async -> Bool
}

/// Nobody: one code that was scanned before, and yes to the amount.
public struct UnattendedSale: SaleAttendant {
  private let codes: [GuestCode]

  /// A sale to the guest who showed a code with these readings, or to nobody in particular.
  public init(codes: [GuestCode] = []) { self.codes = codes }

  /// The code, once.
  public func code(after refusal: DeviceError?) async -> [GuestCode] { refusal == nil ? codes : [] }

  /// Yes.
  public func confirms(_ amount: Money, of sale: SaleRecord) async -> Bool { true }
}
