import CLibUSB
import Glibc
import POSLinux
import POSModel
import POSTransport

/// libusb, and the one thread that waits for it, by the name of `pos-usb`.
///
/// It starts when the first device is opened and never ends. Transfers end on this thread; all calls of libusb that
/// wait run on threads of their own.
final class USBLibrary: Sendable {
  static let shared = USBLibrary()

  private let context = Lock<USBContext?>(nil)

  private init() {}

  /// The context that devices are opened in.
  func started(during operation: String) throws(DeviceError) -> USBContext {
    try context.withLock { started throws(DeviceError) in
      if let started { return started }
      var pointer: OpaquePointer?
      let status = libusb_init(&pointer)
      guard status == 0, let pointer else {
        throw USBFailure(status).deviceError(.opening, during: operation)
      }
      let context = USBContext(pointer: pointer)
      do throws(SystemError) {
        try startThread("pos-usb") { while true { context.handleEvents() } }
      } catch {
        libusb_exit(pointer)
        throw error.deviceError(.opening, during: operation)
      }
      started = context
      return context
    }
  }
}

/// A context of libusb, which any thread may use (libusb, "Multi-threaded applications and asynchronous I/O").
struct USBContext: @unchecked Sendable {
  let pointer: OpaquePointer

  fileprivate func handleEvents() {
    // It fails only when something is wrong with the process itself; trying again at once would spin.
    if libusb_handle_events_completed(pointer, nil) < 0 { _ = poll(nil, 0, 100) }
  }
}
