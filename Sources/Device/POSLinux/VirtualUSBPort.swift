import CPOSLinux
import Glibc
public import POSModel
import POSTransport

/// A USB port that exists in this machine's kernel alone, into which a simulated device is plugged: driver
/// `vhci_hcd`, which speaks USB/IP over a socket (specs/testlab.md §B1).
///
///     let port = try await VirtualUSBPort.plug(speed: 3)
///     // serve port.connection, meanwhile:
///     let node = try await port.node(of: .printer, until: clock.now + .seconds(10))   // /dev/usb/lp0
///
/// What is plugged in can type: only root may, or whom root lets write to ``attachFile``.
public final class VirtualUSBPort: Sendable {
  /// Which node of a device is meant.
  public enum NodeKind: String, Sendable {
    case rawHID = "hidraw"
    case printer = "usbmisc"
    case serial = "tty"
    case input = "input"
  }

  /// The file whose writing plugs in.
  public static let attachFile = controller + "/attach"
  private static let controller = "/sys/devices/platform/vhci_hcd.0"

  /// The kernel's number of the port, from 0.
  public let number: Int
  /// The device's end of the cable. Closing it pulls the device out.
  public let connection: DescriptorTransport
  private let events: KernelEvents

  private init(number: Int, connection: DescriptorTransport, events: KernelEvents) {
    self.number = number
    self.connection = connection
    self.events = events
  }

  /// Whether this kernel has such ports.
  public static var areThere: Bool { access(attachFile, F_OK) == 0 }

  /// Whether this process may plug something in.
  public static var mayBeUsed: Bool { access(attachFile, W_OK) == 0 }

  /// Plugs a device into a free port. The kernel asks it for its descriptors at once, so it must be served.
  ///
  /// - Parameter speed: 2 for full, 3 for high speed.
  /// - Throws: `device.not_found` when the driver is not loaded, `device.permission_denied`, `device.busy` when no
  ///   port is free.
  public static func plug(speed: Int) async throws(DeviceError) -> VirtualUSBPort {
    let operation = "plugging in a simulated USB device"
    guard areThere else {
      throw DeviceError(
        .notFound, during: operation, detail: "the driver vhci_hcd is not loaded",
        hint: "sudo modprobe vhci-hcd")
    }
    let events = try KernelEvents()
    var ends: (kernel: Int32, device: Int32) = (-1, -1)
    let status = pos_stream_pair(&ends.kernel, &ends.device)
    guard status >= 0 else { throw SystemError(-status).deviceError(.opening, during: operation) }
    let kernelEnd = OwnedDescriptor(owning: ends.kernel)
    let number = kernelEnd.number
    let connection = try DescriptorTransport(
      OwnedDescriptor(owning: ends.device), name: "the kernel's virtual USB port")
    do {
      let port = try await BlockingCall("pos-plug", during: operation) { () throws(DeviceError) in
        try attach(number, speed: speed, during: operation)
      }.value()
      // The kernel has its own reference to its end by now.
      _ = consume kernelEnd
      return VirtualUSBPort(number: port, connection: connection, events: events)
    } catch {
      await connection.close()
      await events.close()
      throw error
    }
  }

  /// Hands a socket to the first free port. Another program may be quicker, so the next one is tried then.
  private static func attach(
    _ socket: Int32, speed: Int, during operation: String
  ) throws(DeviceError) -> Int {
    var failure: DeviceError?
    for port in freePorts(in: text(of: controller + "/status")) {
      do {
        return try translating(.opening, during: operation) { () throws(SystemError) in
          let file = try OwnedDescriptor(opening: attachFile, O_WRONLY)
          // Port, socket, any number for the device (bus and address), speed.
          let line = Array("\(port) \(socket) \(1 << 16 | port + 1) \(speed)".utf8)
          _ = try SystemError.check(pos_write(file.number, line, line.count, Int32(pos_file_other.rawValue)))
          return port
        }
      } catch {
        failure = error
        guard error.errno == EBUSY || error.errno == EINVAL else { break }
      }
    }
    throw failure ?? DeviceError(.busy, during: operation, detail: "no virtual USB port is free")
  }

  /// The ports of the high-speed hub whose state is 4, free: `hs 0000 004 …`.
  package static func freePorts(in status: String) -> [Int] {
    status.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ")
      guard fields.count >= 3, fields[0] == "hs", Int(fields[2]) == 4 else { return nil }
      return Int(fields[1])
    }
  }

  private static func text(of path: String) -> String {
    guard let file = try? OwnedDescriptor(opening: path, O_RDONLY) else { return "" }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = pos_read(file.number, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  // MARK: What the kernel makes of it

  /// Waits until the kernel has made a node for the device and returns its path. Rules for its mode may not have
  /// been applied yet. One caller at a time; nodes that were passed over are not found any more.
  ///
  /// - Throws: `link.timed_out` at the deadline, `link.cancelled`.
  public func node(of kind: NodeKind, until deadline: MonotonicInstant?) async throws(DeviceError) -> String {
    while true {
      let event = try await events.next(until: deadline)
      guard event.action == "add", event.subsystem == kind.rawValue, let node = event.node,
        isHere(event.path)
      else { continue }
      return "/dev/" + node
    }
  }

  /// Waits until the kernel has let go of the device, and the port is free for the next one.
  ///
  /// - Throws: `link.timed_out` at the deadline, `link.cancelled`.
  public func removal(until deadline: MonotonicInstant?) async throws(DeviceError) {
    while true {
      let event = try await events.next(until: deadline)
      let isDevice = event.path.split(separator: "/").count == 5
      if event.action == "remove", event.subsystem == "usb", isDevice, isHere(event.path) { break }
    }
    // Nothing tells of that; it comes a moment before or after.
    let clock = Reactor.shared
    while !Self.freePorts(in: Self.text(of: Self.controller + "/status")).contains(number) {
      if let deadline, clock.now >= deadline {
        throw DeviceError(.timedOut, during: "pulling out a simulated USB device")
      }
      try await clock.sleep(until: clock.now + .milliseconds(5))
    }
  }

  /// Whether a path is that of the device in this port, or below: `/devices/platform/vhci_hcd.0/usb1/1-1`. The
  /// controller's second bus is for faster devices.
  private func isHere(_ path: String) -> Bool {
    let parts = path.split(separator: "/")
    guard parts.count >= 5, parts[2] == "vhci_hcd.0", parts[3].hasPrefix("usb") else { return false }
    let bus = parts[3].dropFirst(3)
    return parts[4] == "\(bus)-\(number + 1)"
      && Self.text(of: "\(Self.controller)/usb\(bus)/speed").hasPrefix("480")
  }

  /// Pulls the device out.
  public func close() async {
    await connection.close()
    await events.close()
  }
}
