public import POSTransport

/// One thing that goes wrong with the data of a simulated USB device, once.
public struct USBFault: Sendable, Equatable {
  /// What happens.
  public enum Effect: Sendable, Equatable {
    /// The endpoint refuses the transfer and all others until the host clears it.
    case stall
    /// The device is not ready for so long, or for `nil` until ``SimulatedUSBDevice/becomeReady()``.
    case notReady(Duration?)
    /// The transfer ends well after so many bytes more, although there were others.
    case endsShort(Int)
    /// The transfer fails with this error number, above 0, as on a bad cable: 71 for `EPROTO`.
    case fails(Int32)
    /// The device is pulled out.
    case unplug
  }

  /// Which way the data go.
  public var direction: LinkDirection
  /// How many bytes have gone that way since it was plugged in.
  public var after: Int
  /// What happens then.
  public var effect: Effect

  /// A fault in data to the device.
  public static func writing(_ effect: Effect, after: Int = 0) -> Self {
    Self(direction: .toDevice, after: after, effect: effect)
  }

  /// A fault in data from the device.
  public static func reading(_ effect: Effect, after: Int = 0) -> Self {
    Self(direction: .toHost, after: after, effect: effect)
  }
}
