import CPOSLinux
import Glibc
package import POSModel
import POSTransport

/// The kernel's own news of devices that come and go: uevents, before any rule has looked at them.
package final class KernelEvents: Sendable {
  /// What happened to one device.
  package struct Event: Sendable, Equatable {
    /// `add`, `remove`, `bind`, …
    package var action: String
    /// Where it is below `/sys`: `/devices/platform/vhci_hcd.0/usb1/1-1`.
    package var path: String
    /// Its kind: `hidraw`, `tty`, …
    package var subsystem: String?
    /// Its node below `/dev`, if it has one.
    package var node: String?

    /// Reads one packet: `action@path`, then `KEY=value`, each ended by a zero; `nil` for anything else.
    init?(_ packet: some Collection<UInt8>) {
      let fields = packet.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      guard let title = fields.first, let at = title.firstIndex(of: "@") else { return nil }
      action = String(title[..<at])
      path = String(title[title.index(after: at)...])
      func value(_ key: String) -> String? {
        fields.first { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.utf8.count + 1)) }
      }
      subsystem = value("SUBSYSTEM")
      node = value("DEVNAME")
    }
  }

  /// The longest packet that is read; the kernel's own limit is 2048 bytes.
  private static let largestPacket = 8192

  private let descriptor: SharedDescriptor

  /// Listens from now on.
  package init() throws(DeviceError) {
    descriptor = try translating(.opening, during: "listening to the kernel") { () throws(SystemError) in
      try SharedDescriptor(OwnedDescriptor(returned: pos_kernel_events()), name: "the kernel's events")
    }
  }

  /// Waits for the next event.
  ///
  /// - Throws: `link.timed_out` at the deadline, `link.closed`, `link.cancelled`.
  package func next(until deadline: MonotonicInstant?) async throws(DeviceError) -> Event {
    while true {
      let packet = try await descriptor.perform(.reading, until: deadline, during: "listening to") { number in
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.largestPacket) {
          buffer -> SharedDescriptor.Attempt<[UInt8]> in
          guard let start = buffer.baseAddress else { return .wouldBlock }
          let count = pos_receive_packet(number, start, buffer.count)
          if count == -Int(EAGAIN) { return .wouldBlock }
          if count < 0 { return .failed(SystemError(Int32(-count))) }
          return .done(Array(buffer.prefix(count)))
        }
      }
      if let event = Event(packet) { return event }
    }
  }

  /// Stops listening.
  package func close() async {
    if await descriptor.beginClose() { _ = descriptor.endClose() }
  }
}
