public import POSModel

/// The clock of a transport: the machine's, or one that a test moves by hand.
public protocol TransportClock: Sendable {
  /// The time now.
  var now: MonotonicInstant { get }

  /// Waits until `deadline`. Cancelling the task throws `link.cancelled`.
  func sleep(until deadline: MonotonicInstant) async throws(DeviceError)
}
