import CPOSLinux
import Glibc
import POSModel
import POSTransport

/// An input device whose events reach nobody but this process, until it is released or the process ends.
package final class KeyGrab: Sendable {
  /// How often to look whether the keys are up, and how often at most: two seconds in all.
  private static let looks = 200
  private static let pause = Duration.milliseconds(10)

  /// The device, for whoever wants to read it.
  let descriptor: SharedDescriptor

  private init(_ descriptor: SharedDescriptor) { self.descriptor = descriptor }

  /// Opens an event node and keeps everybody else from it.
  ///
  /// A key that is down at that moment would stay down for everybody else, so it waits until none is; two seconds at
  /// most, as a scanner's cable may pretend anything.
  static func take(_ path: String, during operation: String) async throws(DeviceError) -> KeyGrab {
    // Opening wakes the device up over USB, which may take long.
    let number = try await BlockingCall("pos-open", during: operation) { () throws(DeviceError) in
      try translating(.opening, during: operation) { () throws(SystemError) in
        try OwnedDescriptor(opening: path, O_RDONLY | O_NONBLOCK).release()
      }
    }.value()
    let descriptor = try translating(.opening, during: operation) { () throws(SystemError) in
      try SharedDescriptor(
        OwnedDescriptor(owning: number), name: DeviceAddress(route: .evdev(path: path)).description)
    }
    let clock = Reactor.shared
    for _ in 0..<looks {
      let isDown = pos_input_key_is_down(number)
      if isDown == -ENOTTY || isDown == -EINVAL {
        throw DeviceError(
          .badAddress, during: operation, detail: "\(path) is not the node of an input device", errno: -isDown
        )
      }
      guard isDown == 1 else { break }
      try await clock.sleep(until: clock.now + pause)
    }
    let status = pos_input_grab(number, 1)
    guard status >= 0 else {
      var error = SystemError(-status).deviceError(.opening, during: operation)
      if error.code == .busy { error.detail = "another program has grabbed \(path)" }
      throw error
    }
    return KeyGrab(descriptor)
  }

  /// Whether the Caps Lock lamp is lit; `nil` for a device without one, or one that has gone.
  ///
  /// While the grab lasts nobody else can light it or put it out: the input core drops what others than the grabbing
  /// one send to a device (`input_inject_event` of drivers/input/input.c). So it shows what the scanner saw last.
  var isCapsLockLit: Bool? {
    guard let status = descriptor.peek({ pos_input_caps_lock_lamp($0) }), status >= 0 else { return nil }
    return status == 1
  }

  /// Lets others have the events again.
  func release() async {
    guard await descriptor.beginClose(), let descriptor = descriptor.endClose() else { return }
    _ = pos_input_grab(descriptor.number, 0)
  }

  /// The event nodes that the kernel made of the same HID device as the open raw node `number`.
  static func siblings(ofNode number: Int32) -> [String] {
    var place = [CChar](repeating: 0, count: 32)
    guard pos_node_number(number, &place, place.count) >= 0 else { return [] }
    let device = String(decoding: place.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return siblings(inDevice: "/sys/dev/char/\(device)/device")
  }

  /// The event nodes below a HID device in `/sys`: `input/input7/event3`.
  package static func siblings(inDevice folder: String) -> [String] {
    SmallFile.names(in: "\(folder)/input").sorted().flatMap { input in
      SmallFile.names(in: "\(folder)/input/\(input)").sorted()
        .filter { $0.hasPrefix("event") && $0.dropFirst(5).allSatisfy { ("0"..."9").contains($0) } }
        .map { "/dev/input/\($0)" }
    }
  }
}
