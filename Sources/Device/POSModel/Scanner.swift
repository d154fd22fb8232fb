/// Something that reads bar codes: one opened and claimed scanner.
///
///     for await event in scanner.events() {
///       guard case .scan(let scan) = event else { continue }
///       print(scan.symbology.name, scan.text)
///     }
public protocol Scanner: Sendable {
  /// What and where it is.
  var descriptor: DeviceDescriptor { get }

  /// A new subscription. It starts with the next event, holds at most 64 undelivered events and says so
  /// (``ScannerEvent/lagged(dropped:)``) when the subscriber is slower than the scanner. It ends when the
  /// scanner is closed or gone.
  func events() -> AsyncStream<ScannerEvent>

  /// Lets the scanner read codes. Reports from before are drained, counted and never delivered.
  func enable() async throws(DeviceError)

  /// Keeps the scanner from reading codes.
  func disable() async throws(DeviceError)

  /// Disables and releases the device.
  func close() async
}

/// What a subscriber to a scanner hears.
public enum ScannerEvent: Sendable, Equatable {
  /// A code was read; see ``Scan/isTruncated``.
  case scan(Scan)
  /// A report could not be decoded. Reading goes on.
  case undecodable(DeviceError)
  /// The scanner itself is in trouble, or did not take a command. Reading goes on.
  case trouble(DeviceError)
  /// A report, or a run of bytes, as it was read: only for whoever asked for them.
  case raw([UInt8], at: MonotonicInstant)
  /// This subscriber was too slow and missed `dropped` events.
  case lagged(dropped: Int)
  /// The device went away in the middle of a code: `bytes` bytes of it are dropped. The last event.
  case interrupted(bytes: Int, DeviceError)
  /// The device went away. The last event.
  case detached(DeviceError)
}
