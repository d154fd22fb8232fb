import CUdev
import Glibc
import POSLinux
import POSTransport

/// A connection to libudev. To be used by one thread at a time.
struct Udev: ~Copyable {
  private let pointer: OpaquePointer

  init() throws(SystemError) {
    guard let pointer = udev_new() else { throw .outOfMemory }
    self.pointer = pointer
  }

  deinit { udev_unref(pointer) }

  /// Paths in `/sys` of everything in this subsystem.
  func paths(inSubsystem subsystem: String) throws(SystemError) -> [String] {
    guard let search = udev_enumerate_new(pointer) else { throw .outOfMemory }
    defer { udev_enumerate_unref(search) }
    _ = try SystemError.check(udev_enumerate_add_match_subsystem(search, subsystem))
    _ = try SystemError.check(udev_enumerate_scan_devices(search))
    var paths: [String] = []
    var entry = udev_enumerate_get_list_entry(search)
    while let each = entry {
      if let name = udev_list_entry_get_name(each) { paths.append(String(cString: name)) }
      entry = udev_list_entry_get_next(each)
    }
    return paths
  }

  /// Runs `body` with the device at `path`; `nil` when it has gone since.
  func withDevice<Value>(at path: String, _ body: (UdevDevice) -> Value?) -> Value? {
    guard let device = udev_device_new_from_syspath(pointer, path) else { return nil }
    defer { udev_device_unref(device) }
    return body(UdevDevice(pointer: device))
  }

  /// Listens to udev's own announcements; to the kernel's where no udev runs, as in a container.
  ///
  /// udev announces a device after its rules have run: whoever opens a node on the kernel's word comes before
  /// the permissions (specs/scanners.md §9).
  func makeMonitor(of subsystems: [String]) throws(SystemError) -> UdevMonitor {
    let source = SmallFile.exists("/run/udev/control") ? "udev" : "kernel"
    let monitor = try UdevMonitor(udev_monitor_new_from_netlink(pointer, source))
    try monitor.listen(to: subsystems)
    return monitor
  }
}

/// One device, as long as its owner lends it.
struct UdevDevice {
  fileprivate let pointer: OpaquePointer

  fileprivate init(pointer: OpaquePointer) { self.pointer = pointer }

  var action: String { Self.text(udev_device_get_action(pointer)) ?? "" }
  var path: String { Self.text(udev_device_get_syspath(pointer)) ?? "" }
  var name: String { Self.text(udev_device_get_sysname(pointer)) ?? "" }
  var subsystem: String { Self.text(udev_device_get_subsystem(pointer)) ?? "" }
  var type: String { Self.text(udev_device_get_devtype(pointer)) ?? "" }
  var driver: String? { Self.text(udev_device_get_driver(pointer)) }
  var node: String? { Self.text(udev_device_get_devnode(pointer)) }

  func attribute(_ name: String) -> String? { Self.text(udev_device_get_sysattr_value(pointer, name)) }

  /// What an announcement says of it: unlike attributes that is still known when it has gone.
  func property(_ name: String) -> String? { Self.text(udev_device_get_property_value(pointer, name)) }

  /// The nearest device above of this kind. It lives as long as this one.
  func parent(_ subsystem: String, _ type: String? = nil) -> UdevDevice? {
    udev_device_get_parent_with_subsystem_devtype(pointer, subsystem, type).map(UdevDevice.init)
  }

  private static func text(_ bytes: UnsafePointer<CChar>?) -> String? { bytes.map { String(cString: $0) } }
}

/// Announcements of devices.
struct UdevMonitor: ~Copyable {
  private let pointer: OpaquePointer

  fileprivate init(_ monitor: OpaquePointer?) throws(SystemError) {
    guard let monitor else { throw .outOfMemory }
    pointer = monitor
  }

  deinit { udev_monitor_unref(pointer) }

  fileprivate func listen(to subsystems: [String]) throws(SystemError) {
    for subsystem in subsystems {
      _ = try SystemError.check(udev_monitor_filter_add_match_subsystem_devtype(pointer, subsystem, nil))
    }
    // Storms of a hub that comes and goes fit; what does not fit is made up for by looking anew.
    _ = udev_monitor_set_receive_buffer_size(pointer, 1 << 20)
    _ = try SystemError.check(udev_monitor_enable_receiving(pointer))
  }

  /// Another descriptor of the socket, to wait at.
  func makeDescriptor() throws(SystemError) -> OwnedDescriptor {
    try OwnedDescriptor(duplicating: udev_monitor_get_fd(pointer))
  }

  /// Takes everything that waits; `nil` when nothing does.
  func drain() -> UdevNews? {
    var news = UdevNews()
    while true {
      errno = 0
      if let device = udev_monitor_receive_device(pointer) {
        news.announcements.append(UdevDevice(pointer: device).announcement)
        udev_device_unref(device)
      } else if errno == ENOBUFS {
        // Said once, before what did fit: it is the latest that is missing.
        news.isComplete = false
      } else {
        return news.isComplete && news.announcements.isEmpty ? nil : news
      }
    }
  }
}

/// What was announced since the last time.
struct UdevNews {
  /// In order.
  var announcements: [Departures.Announcement] = []
  /// Whether none was lost.
  var isComplete = true
}

extension UdevDevice {
  fileprivate var announcement: Departures.Announcement {
    Departures.Announcement(
      isRemoval: action == "remove", path: path, number: property("DEVNUM").flatMap { Int($0) })
  }
}
