import CLibUSB
import POSLinux
import POSModel
import POSTransport

/// One transfer of bytes in bulk, to or from the device. Used once.
final class USBTransfer: @unchecked Sendable {
  /// How it ended.
  struct Ending: Sendable {
    /// Why it did not go all the way, if it did not.
    var failure: USBFailure?
    /// Whether it was given up by us.
    var wasCancelled = false
    /// Bytes that the host controller counted. Of a transfer that failed, the device may have taken more.
    var moved = 0
    /// What the device sent.
    var bytes: [UInt8] = []
  }

  private let handle: USBHandle
  private let pointer: UnsafeMutablePointer<libusb_transfer>
  /// What the kernel copies from or to until the transfer has ended.
  private let buffer: UnsafeMutableBufferPointer<UInt8>
  private let end: @Sendable (Ending) -> Void

  /// A transfer of these bytes to the device. `end` is called once on libusb's thread, after ``submit()``.
  convenience init(
    _ bytes: ArraySlice<UInt8>, to handle: USBHandle, _ end: @escaping @Sendable (Ending) -> Void
  ) throws(SystemError) {
    try self.init(handle, handle.interface.output, bytes.count, end)
    _ = buffer.update(fromContentsOf: bytes)
  }

  /// A transfer of up to `count` bytes, a whole number of packets, from the device.
  convenience init(
    from endpoint: UInt8, upTo count: Int, of handle: USBHandle, _ end: @escaping @Sendable (Ending) -> Void
  ) throws(SystemError) {
    try self.init(handle, endpoint, count, end)
  }

  private init(
    _ handle: USBHandle, _ endpoint: UInt8, _ count: Int, _ end: @escaping @Sendable (Ending) -> Void
  ) throws(SystemError) {
    guard let pointer = libusb_alloc_transfer(0) else { throw .outOfMemory }
    self.handle = handle
    self.pointer = pointer
    self.end = end
    buffer = .allocate(capacity: count)
    buffer.initialize(repeating: 0)
    libusb_fill_bulk_transfer(
      pointer, handle.pointer, endpoint, buffer.baseAddress, Int32(count), { USBTransfer.finished($0) }, nil,
      0)
  }

  deinit {
    libusb_free_transfer(pointer)
    buffer.deallocate()
  }

  /// Hands it to the kernel, which owns it until it has ended.
  ///
  /// Returns why it could not; then it does not end.
  func submit() -> USBFailure? {
    pointer.pointee.user_data = Unmanaged.passRetained(self).toOpaque()
    let status = libusb_submit_transfer(pointer)
    guard status < 0 else { return nil }
    Unmanaged.passUnretained(self).release()
    return USBFailure(status)
  }

  /// Has it end soon, if it is under way. Waits for the kernel to let go of it.
  func cancel() { libusb_cancel_transfer(pointer) }

  private static func finished(_ pointer: UnsafeMutablePointer<libusb_transfer>?) {
    guard let pointer, let context = pointer.pointee.user_data else { return }
    let transfer = Unmanaged<USBTransfer>.fromOpaque(context).takeRetainedValue()
    let status = pointer.pointee.status
    var ending = Ending()
    ending.moved = min(max(0, Int(pointer.pointee.actual_length)), transfer.buffer.count)
    ending.wasCancelled = status == LIBUSB_TRANSFER_CANCELLED
    if status != LIBUSB_TRANSFER_COMPLETED { ending.failure = USBFailure(status) }
    if pointer.pointee.endpoint & 0x80 != 0 { ending.bytes = Array(transfer.buffer.prefix(ending.moved)) }
    transfer.end(ending)
  }
}
