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
  public func list() async throws(DeviceError) -> [USBDevice] {
    try await tree(without: Departures()).devices
  }

  /// Everything that is plugged in, but for what was announced to go.
  fileprivate func tree(without departures: Departures) async throws(DeviceError) -> USBTree {
    let operation = "listing devices"
    // Reading an attribute waits while the kernel resets the device.
    return try await BlockingCall("pos-list", during: operation) { () throws(DeviceError) in
      try translating(.opening, during: operation) { () throws(SystemError) in
        try USBTree(Udev(), without: departures)
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
  private var departures = Departures()
  /// When to look again though nothing was announced.
  private var nextLook: MonotonicInstant?
  /// How long after the announcement of its end a device may still be in `/sys`.
  private static let farewell = Duration.seconds(1)
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
        let tree = try await enumerator.tree(without: departures)
        departures.settle(hidden: tree.hidden, numbers: tree.numbers)
        let devices = tree.devices
        waiting = known.map { DeviceEvent.changes(from: $0, to: devices)[...] } ?? [.present(devices)]
        known = devices
      } catch {
        hasEnded = true
        return error.code == .cancelled ? nil : .failed(error)
      }
    }
  }

  /// Waits until something has been announced, or it is time to look again.
  private func change() async throws(DeviceError) {
    do throws(DeviceError) {
      let news: UdevNews = try await descriptor.perform(.reading, until: nextLook, during: "watching") { _ in
        monitor.drain().map { .done($0) } ?? .wouldBlock
      }
      departures.note(news.announcements, isComplete: news.isComplete)
      // What goes just now is still listed this time, and nobody will announce it again.
      if !news.isComplete { nextLook = Reactor.shared.now + Self.farewell }
    } catch {
      guard nextLook != nil, error.code == .timedOut, error.errno == nil else { throw error }
      nextLook = nil
    }
  }
}
