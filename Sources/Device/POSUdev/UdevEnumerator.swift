import POSLinux
public import POSModel
public import POSTransport

/// What is plugged in, from libudev and `/sys`.
public struct UdevEnumerator: DeviceEnumerator {
  /// Subsystems with nodes that reach POS devices, and `usb` itself.
  static let subsystems = ["usb", "usbmisc", "hidraw", "tty", "input"]

  /// An enumerator of this machine.
  public init() {}

  /// Everything that is plugged in now; see ``DeviceEnumerator``.
  public func list() async throws(DeviceError) -> [USBDevice] { try await tree(without: []).devices }

  /// Everything that is plugged in, but for what is at these paths in `/sys`.
  fileprivate func tree(without removed: Set<String>) async throws(DeviceError) -> USBTree {
    let operation = "listing devices"
    // Reading an attribute waits while the kernel resets the device.
    return try await BlockingCall("pos-list", during: operation) { () throws(DeviceError) in
      try translating(.opening, during: operation) { () throws(SystemError) in
        try USBTree(Udev(), without: removed)
      }
    }.value()
  }

  /// What is plugged in and what happens to it; see ``DeviceEnumerator``.
  public func events() async throws(DeviceError) -> AsyncStream<DeviceEvent> {
    let watcher = try UdevWatcher(self)
    // A queue of events would grow behind a slow subscriber: this one fetches, and what came in between is one.
    return AsyncStream { await watcher.next() }
  }
}

/// One subscription: the list as the subscriber knows it, and a monitor that says when to look again.
private actor UdevWatcher {
  private let enumerator: UdevEnumerator
  private let monitor: UdevMonitor
  private let descriptor: SharedDescriptor
  private var known: [USBDevice]?
  /// Paths in `/sys` of what was announced to go: the kernel says so shortly before it does so.
  private var leaving: Set<String> = []
  private var waiting: ArraySlice<DeviceEvent> = []
  private var hasEnded = false

  init(_ enumerator: UdevEnumerator) throws(DeviceError) {
    self.enumerator = enumerator
    let monitor = try translating(.opening, during: "watching devices") { () throws(SystemError) in
      try Udev().makeMonitor(of: UdevEnumerator.subsystems)
    }
    descriptor = try translating(.opening, during: "watching devices") { () throws(SystemError) in
      try SharedDescriptor(monitor.makeDescriptor(), name: "devices")
    }
    self.monitor = monitor
  }

  /// The next event; `nil` after the last one and when the task is cancelled.
  func next() async -> DeviceEvent? {
    while true {
      if let event = waiting.popFirst() { return event }
      guard !hasEnded else { return nil }
      do throws(DeviceError) {
        if known != nil { try await change() }
        let tree = try await enumerator.tree(without: leaving)
        leaving = tree.leaving
        let devices = tree.devices
        waiting = known.map { DeviceEvent.changes(from: $0, to: devices)[...] } ?? [.present(devices)]
        known = devices
      } catch {
        hasEnded = true
        return error.code == .cancelled ? nil : .failed(error)
      }
    }
  }

  /// Waits until something has been announced.
  private func change() async throws(DeviceError) {
    let announcements = try await descriptor.perform(.reading, until: nil, during: "watching") { _ in
      monitor.drain().map { .done($0) } ?? .wouldBlock
    }
    for announcement in announcements {
      if announcement.isRemoval {
        leaving.insert(announcement.path)
      } else {
        leaving.remove(announcement.path)
      }
    }
  }
}
