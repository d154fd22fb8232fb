public import POSDrivers
public import POSModel
public import POSTransport

/// Waits for devices to be plugged in and ready.
public struct DeviceWait: Sendable {
  private let enumerator: any DeviceEnumerator
  private let clock: any TransportClock

  /// A wait for what `enumerator` sees.
  public init(_ enumerator: any DeviceEnumerator, clock: any TransportClock) {
    self.enumerator = enumerator
    self.clock = clock
  }

  /// The first device that fits, which may be there already.
  ///
  /// - Throws: `device.not_found` at the deadline.
  public func first(
    until deadline: MonotonicInstant?, where fits: @escaping @Sendable (RecognisedDevice) -> Bool
  ) async throws(DeviceError) -> RecognisedDevice {
    let events = try await enumerator.events()
    let clock = clock
    let outcome: Result<RecognisedDevice, DeviceError>? = await withTaskGroup { group in
      group.addTask { await Self.first(in: events, where: fits) }
      if let deadline {
        group.addTask {
          try? await clock.sleep(until: deadline)
          return nil
        }
      }
      defer { group.cancelAll() }
      return await group.next() ?? nil
    }
    guard let outcome else {
      throw DeviceError(
        .notFound, during: "waiting for a device", detail: "none came that can be used",
        hint: "posctl devices  # shows what is there and why it cannot be used")
    }
    return try outcome.get()
  }

  private static func first(
    in events: AsyncStream<DeviceEvent>, where fits: (RecognisedDevice) -> Bool
  ) async -> Result<RecognisedDevice, DeviceError>? {
    var devices: [USBDevice] = []
    for await event in events {
      if case .failed(let error) = event { return .failure(error) }
      devices = event.applied(to: devices)
      if let found = DeviceMatcher.recognise(devices).first(where: fits) { return .success(found) }
    }
    return nil
  }
}

extension RecognisedDevice {
  /// Whether a driver of this project could open it now, as far as can be seen without opening it.
  public var isUsable: Bool { obstacle == nil && node?.access.isGranted == true }
}
