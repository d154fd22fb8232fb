public import POSModel

/// Knows what is plugged in. Listing opens nothing, and lists what may not be opened, with the reason.
///
///     for await event in try await enumerator.events() {
///       if case .attached(let device) = event { print(device.port, device.title) }
///     }
public protocol DeviceEnumerator: Sendable {
  /// Everything that is plugged in now, hubs left out, in the order of the ports.
  func list() async throws(DeviceError) -> [USBDevice]

  /// What is plugged in and what happens to it from now on, without a gap between the two.
  ///
  /// The first event is ``DeviceEvent/present(_:)``. A subscriber that is slow misses what has come and gone in
  /// the meantime, never how things are.
  func events() async throws(DeviceError) -> AsyncStream<DeviceEvent>
}

/// What happens to devices.
public enum DeviceEvent: Sendable, Equatable {
  /// All that was there when the subscription began.
  case present([USBDevice])
  /// A device was plugged in. Its drivers and nodes may follow as changes.
  case attached(USBDevice)
  /// A device was pulled out, or left its port to come back as another one.
  case detached(USBDevice)
  /// Something about a device is different: a driver was bound, a node came up, its permissions were set.
  case changed(USBDevice, was: USBDevice)
  /// Watching came to its end. The last event.
  case failed(DeviceError)
}

extension DeviceEvent {
  /// What leads from one list to the other: departures first, each in the order of its list.
  public static func changes(from old: [USBDevice], to new: [USBDevice]) -> [DeviceEvent] {
    let before = Dictionary(old.map { ($0.presence, $0) }) { first, _ in first }
    let after = Set(new.map(\.presence))
    var events = old.filter { !after.contains($0.presence) }.map(DeviceEvent.detached)
    for device in new {
      guard let was = before[device.presence] else {
        events.append(.attached(device))
        continue
      }
      if was != device { events.append(.changed(device, was: was)) }
    }
    return events
  }

  /// What is plugged in after this event, if `devices` was before it.
  public func applied(to devices: [USBDevice]) -> [USBDevice] {
    switch self {
    case .present(let all): all
    case .attached(let device): devices + [device]
    case .detached(let device): devices.filter { $0.presence != device.presence }
    case .changed(let device, _): devices.map { $0.presence == device.presence ? device : $0 }
    case .failed: devices
    }
  }
}
