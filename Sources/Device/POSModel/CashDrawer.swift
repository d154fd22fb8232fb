/// A pulse on the drawer connector.
public struct DrawerPulse: Sendable, Equatable {
  /// The pin of the drawer's coil: 2 or 5, or `nil` for the one in the printer's profile.
  public var pin: Int?
  /// How long the coil is on: 2 to 510 milliseconds.
  public var on: Int
  /// How long the coil rests before another pulse: `on` to 510 milliseconds.
  public var off: Int

  /// A pulse; the defaults suit most drawers (specs/escpos.md §2.8).
  public init(pin: Int? = nil, on: Int = 120, off: Int = 240) {
    self.pin = pin
    self.on = on
    self.off = off
  }
}

/// What became of an attempt to open the drawer.
public enum DrawerOutcome: Sendable, Equatable {
  /// The pulse was sent and the switch on pin 3 moved.
  case opened
  /// The pulse was sent; nothing is known of the switch. The drawer may have none, may have stood open, or be locked.
  case pulsed
  /// No pulse can have been sent.
  case notOpened(DeviceError)
  /// A part of the pulse's command may have left.
  case unknown(DeviceError)
}
