import CLibUSB
import Glibc
import POSLinux
import POSModel
import POSTransport

/// An open USB device with one interface claimed. Everything here may wait for the device.
///
/// libusb may be called from any thread at any time, but for ``close()``, which comes last.
final class USBHandle: @unchecked Sendable {
  /// Milliseconds that a request may take.
  private static let timeToAnswer: UInt32 = 1000
  /// The longest content of a node that is read, in bytes: eight configurations or more of any real device.
  private static let longestDescriptors = 65_536

  /// The interface in use.
  let interface: USBBulkInterface
  /// For transfers.
  let pointer: OpaquePointer
  private let node: Lock<OwnedDescriptor?>
  /// Which configuration is in use, from 0 on: requests of the printer class name it so.
  private let configurationIndex: UInt8

  private init(
    _ pointer: OpaquePointer, _ node: consuming OwnedDescriptor, _ interface: USBBulkInterface,
    configurationIndex: UInt8
  ) {
    self.pointer = pointer
    self.node = Lock(node)
    self.interface = interface
    self.configurationIndex = configurationIndex
  }

  // MARK: - Opening and closing

  /// Opens a node of `/dev/bus/usb` and claims its best interface, or the one that is asked for.
  ///
  /// The kernel's driver of this interface steps aside until ``close()``; those of others stay. Another program that
  /// has claimed the interface keeps it.
  static func open(
    _ path: String, interface number: UInt8?, during operation: String
  ) throws(DeviceError) -> USBHandle {
    let node = try translating(.opening, during: operation) { () throws(SystemError) in
      try OwnedDescriptor(opening: path, O_RDWR)
    }
    let descriptors = try translating(.opening, during: operation) { () throws(SystemError) in
      try SmallFile.read(node, upTo: longestDescriptors)
    }
    let configurations = USBConfiguration.all(in: descriptors)
    guard !configurations.isEmpty else {
      throw DeviceError(.badAddress, during: operation, detail: "it is not the node of a USB device")
    }
    let pointer = try wrap(node, during: operation)
    do throws(DeviceError) {
      let (interface, index) = try claim(number, of: configurations, pointer, during: operation)
      return USBHandle(pointer, node, interface, configurationIndex: index)
    } catch {
      libusb_close(pointer)
      throw error
    }
  }

  /// Hands a node to libusb, which does not say when the device was pulled out meanwhile.
  private static func wrap(
    _ node: borrowing OwnedDescriptor, during operation: String
  ) throws(DeviceError) -> OpaquePointer {
    let context = try USBLibrary.shared.started(during: operation)
    var pointer: OpaquePointer?
    let status = libusb_wrap_sys_device(context.pointer, Int(node.number), &pointer)
    if status == 0, let pointer { return pointer }
    var byte: UInt8 = 0
    if pread(node.number, &byte, 1, 0) < 0, errno == ENODEV {
      throw SystemError(ENODEV).deviceError(.opening, during: operation)
    }
    throw USBFailure(status).deviceError(.opening, during: operation)
  }

  private static func claim(
    _ number: UInt8?, of configurations: [USBConfiguration], _ pointer: OpaquePointer,
    during operation: String
  ) throws(DeviceError) -> (USBBulkInterface, UInt8) {
    var index = 0
    if configurations.count > 1 {
      var value: Int32 = 0
      try check(libusb_get_configuration(pointer, &value), during: operation)
      index = configurations.firstIndex { $0.value == value } ?? 0
    }
    guard let interface = configurations[index].preferred(number) else {
      let subject = number.map { "its interface \($0)" } ?? "none of its interfaces"
      throw DeviceError(.unsupported, during: operation, detail: "\(subject) takes a stream of bytes")
    }
    // Also when no driver is bound: one that a program left unbound when it was killed comes back in the end.
    try check(libusb_set_auto_detach_kernel_driver(pointer, 1), during: operation)
    try check(libusb_claim_interface(pointer, Int32(interface.number)), during: operation)
    if interface.hasOtherSettings {
      // The setting that was chosen last is not known. A device with one only may refuse to hear of it.
      do throws(DeviceError) {
        try check(
          libusb_set_interface_alt_setting(pointer, Int32(interface.number), Int32(interface.setting)),
          during: operation)
      } catch {
        libusb_release_interface(pointer, Int32(interface.number))
        throw error
      }
    }
    for endpoint in [interface.output, interface.input].compactMap({ $0 }) {
      resume(endpoint, pointer)
    }
    return (interface, UInt8(clamping: index))
  }

  /// Clears an endpoint that somebody left halted: the kernel's usblp never does (specs/testlab.md §D). One that is
  /// not is left alone, for not every device takes that well.
  private static func resume(_ endpoint: UInt8, _ pointer: OpaquePointer) {
    var status: [UInt8] = [0, 0]
    // GET_STATUS of an endpoint (USB 2.0 §9.4.5).
    let count = libusb_control_transfer(pointer, 0x82, 0, 0, UInt16(endpoint), &status, 2, timeToAnswer)
    if count == 2, status[0] & 1 == 1 { libusb_clear_halt(pointer, endpoint) }
  }

  /// Gives the interface back to the kernel's driver, and closes. No transfer may be under way.
  func close() {
    guard node.withLock({ $0 != nil }) else { return }
    libusb_release_interface(pointer, Int32(interface.number))
    libusb_close(pointer)
    node.withLock { $0 = nil }
  }

  // MARK: - Requests

  /// Has an endpoint that refused work again.
  func clearHalt(_ endpoint: UInt8, during operation: String) throws(DeviceError) {
    try Self.check(libusb_clear_halt(pointer, endpoint), .transferring, during: operation)
  }

  /// `GET_DEVICE_ID` (USB Printer Class 1.1 §4.2.1): its text, without the length in front.
  func deviceID(during operation: String) throws(DeviceError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 1024)
    let place = UInt16(interface.number) << 8 | UInt16(interface.setting)
    let count = try Self.check(
      libusb_control_transfer(
        pointer, 0xA1, 0, UInt16(configurationIndex), place, &bytes, UInt16(bytes.count), Self.timeToAnswer),
      .transferring, during: operation)
    // Two bytes of length, the higher first, which count themselves. Not every maker knew.
    guard count >= 2 else { return [] }
    return Array(bytes[2..<Int(count)])
  }

  /// `GET_PORT_STATUS` (USB Printer Class 1.1 §4.2.2).
  func portStatus(during operation: String) throws(DeviceError) -> PrinterPortStatus {
    var byte: UInt8 = 0
    let count = try Self.check(
      libusb_control_transfer(pointer, 0xA1, 1, 0, UInt16(interface.number), &byte, 1, Self.timeToAnswer),
      .transferring, during: operation)
    guard count == 1 else {
      throw DeviceError(.protocolViolation, during: operation, detail: "the port status is empty")
    }
    return PrinterPortStatus(rawValue: byte)
  }

  @discardableResult
  private static func check(
    _ returned: Int32, _ phase: SystemError.Phase = .opening, during operation: String
  ) throws(DeviceError) -> Int32 {
    guard returned >= 0 else { throw USBFailure(returned).deviceError(phase, during: operation) }
    return returned
  }
}
