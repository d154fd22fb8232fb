import CUMockdev
import Foundation
import Glibc

/// A node of usbfs whose device is a program: it stalls, does not answer, takes less than it is given, and is pulled
/// out. It answers libusb's calls as Linux's `drivers/usb/core/devio.c` does.
///
/// Calls come on a thread of umockdev's.
final class FakeUSBFS: @unchecked Sendable {
  /// What becomes of one transfer of bytes to the device.
  enum Taking: Sendable {
    /// All of it, or the first so many bytes, and it ends well.
    case takes(Int = .max)
    /// It ends with an error number, after so many bytes, which nobody is told of: the controller was reset.
    case fails(Int32, after: Int = 0)
    /// It does not end by itself.
    case hangs(after: Int = 0)
  }

  struct State {
    /// The interface's kernel driver while it is bound.
    var driver: String? = "usblp"
    var isClaimed = false
    /// Whether another program has claimed the interface.
    var isTaken = false
    var isGone = false
    /// What becomes of the next transfers to the device; then all is taken.
    var takings: [Taking] = []
    /// Transfers that the device sends: bytes, or an error number.
    var answers: [Result<[UInt8], FakeError>] = []
    var halted: Set<UInt8> = []
    var portStatus: UInt8 = 0x18
    var deviceID: [UInt8]? = Array("MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;".utf8)
    /// Bytes of the transfer that waits that the device takes in the end.
    var resumesWith = Int.max
    fileprivate var takenBefore = 0
    /// What the device has got.
    var received: [UInt8] = []
    /// What happened, in order: `detach usblp`, `claim 0`, `setting 0 1`, `clear 01`, `release 0`, `attach usblp`.
    var log: [String] = []

    fileprivate var done: [Request] = []
    fileprivate var waiting: [Request] = []
  }

  struct FakeError: Error, Sendable { let number: Int32 }

  /// A transfer as the client has it in its memory; freed when the client has taken it back.
  fileprivate struct Request {
    let urb: UnsafeMutablePointer<UMockdevIoctlData>
    let buffer: UnsafeMutablePointer<UMockdevIoctlData>
  }

  private let lock = NSLock()
  private var state = State()
  private let kernelDriver = "usblp"

  private func locked<Value>(_ body: (inout State) -> Value) -> Value { lock.withLock { body(&state) } }

  /// Changes what the device does next.
  func set(_ change: (inout State) -> Void) {
    locked { state in
      change(&state)
      serveInput(&state)
    }
  }

  var received: [UInt8] { locked { $0.received } }
  var log: [String] { locked { $0.log } }
  var driver: String? { locked { $0.driver } }

  /// Pulls the device out: what is under way ends, and nothing works any more.
  func unplug() {
    locked { state in
      state.isGone = true
      for request in state.waiting { end(request, ESHUTDOWN, 0, &state) }
      state.waiting = []
    }
  }

  /// Takes what it has kept waiting.
  func resume() {
    locked { state in
      let outputs = state.waiting.filter { Self.urb($0.urb).pointee.endpoint & 0x80 == 0 }
      state.waiting.removeAll { Self.urb($0.urb).pointee.endpoint & 0x80 == 0 }
      for request in outputs {
        let bytes = UnsafeBufferPointer(
          start: request.buffer.pointee.data, count: Int(Self.urb(request.urb).pointee.buffer_length))
        let count = min(bytes.count, state.resumesWith)
        state.received += bytes.dropFirst(state.takenBefore).prefix(count - state.takenBefore)
        end(request, 0, count, &state)
      }
    }
  }

  /// Attaches itself to a node of the test bed.
  func attach(to node: String, of bed: UnsafeMutablePointer<UMockdevTestbed>) -> Bool {
    guard let base = umockdev_ioctl_base_new() else { return false }
    fake_handle_calls(
      base,
      { _, client, context in
        Unmanaged<FakeUSBFS>.fromOpaque(context).takeUnretainedValue().answer(client)
        return 1
      },
      // For as long as the process: umockdev has no way to let go of a handler.
      Unmanaged.passRetained(self).toOpaque())
    return umockdev_testbed_attach_ioctl(bed, node, base, nil) != 0
  }

  // MARK: - Calls

  private func answer(_ client: UnsafeMutablePointer<UMockdevIoctlClient>) {
    let request = umockdev_ioctl_client_get_request(client)
    let pointer = umockdev_ioctl_client_get_arg(client)
    let size = fake_size_of(request)
    var argument: UnsafeMutablePointer<UMockdevIoctlData>?
    if size > 0 { argument = umockdev_ioctl_data_resolve(pointer, 0, gsize(size), nil) }
    let result = locked { state in
      state.isGone && fake_call_of(request) != fake_reap
        ? -ENODEV : call(fake_call_of(request), argument, pointer, &state)
    }
    umockdev_ioctl_client_complete(client, result < 0 ? -1 : Int(result), result < 0 ? -result : 0)
    if let argument { g_object_unref(argument) }
  }

  private func call(
    _ call: fake_call, _ argument: UnsafeMutablePointer<UMockdevIoctlData>?,
    _ pointer: UnsafeMutablePointer<UMockdevIoctlData>?, _ state: inout State
  ) -> Int32 {
    func bytes<Value>(_ type: Value.Type) -> UnsafeMutablePointer<Value>? {
      guard let argument, argument.pointee.data_len >= MemoryLayout<Value>.size else { return nil }
      return UnsafeMutableRawPointer(argument.pointee.data)?.assumingMemoryBound(to: type)
    }
    switch call {
    case fake_capabilities:
      store(
        UInt32(USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_BULK_CONTINUATION | USBDEVFS_CAP_NO_PACKET_SIZE_LIM),
        argument)
    case fake_speed: return 3
    case fake_connection: store(usbdevfs_connectinfo(devnum: 2, slow: 0), argument)
    case fake_driver:
      guard state.driver != nil else { return -ENODATA }
    case fake_control: return -EPIPE
    case fake_claim, fake_detach_and_claim:
      if state.isTaken { return -EBUSY }
      if let driver = state.driver {
        guard call == fake_detach_and_claim else { return -EBUSY }
        state.driver = nil
        state.log.append("detach \(driver)")
      }
      state.isClaimed = true
      state.log.append("claim \(bytes(UInt32.self)?.pointee ?? 99)")
    case fake_release:
      guard state.isClaimed else { return -EINVAL }
      state.isClaimed = false
      state.log.append("release \(bytes(UInt32.self)?.pointee ?? 99)")
    case fake_driver_call:
      guard let code = bytes(usbdevfs_ioctl.self)?.pointee.ioctl_code, fake_is_attach(code) != 0 else {
        return -ENODATA
      }
      state.driver = kernelDriver
      state.log.append("attach \(kernelDriver)")
      return 1
    case fake_setting:
      guard let setting = bytes(usbdevfs_setinterface.self)?.pointee else { return -EINVAL }
      state.halted = []
      state.log.append("setting \(setting.interface) \(setting.altsetting)")
    case fake_clear_halt:
      guard let endpoint = bytes(UInt32.self)?.pointee else { return -EINVAL }
      state.halted.remove(UInt8(endpoint))
      state.log.append("clear \(String(endpoint, radix: 16))")
      serveInput(&state)
    case fake_submit: return submit(argument, &state)
    case fake_discard: return discard(pointer, &state)
    case fake_reap:
      guard !state.done.isEmpty else { return state.isGone ? -ENODEV : -EAGAIN }
      let request = state.done.removeFirst()
      umockdev_ioctl_data_set_ptr(argument, 0, request.urb)
      g_object_unref(request.urb)
      g_object_unref(request.buffer)
    default: return -ENOTTY
    }
    return 0
  }

  private func store<Value>(_ value: Value, _ argument: UnsafeMutablePointer<UMockdevIoctlData>?) {
    withUnsafeBytes(of: value) { bytes in
      umockdev_ioctl_data_update(
        argument, 0, UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress),
        Int32(bytes.count))
    }
  }

  // MARK: - Transfers

  private func submit(_ argument: UnsafeMutablePointer<UMockdevIoctlData>?, _ state: inout State) -> Int32 {
    guard let argument, let place = MemoryLayout<usbdevfs_urb>.offset(of: \.buffer) else { return -EINVAL }
    let urb = Self.urb(argument).pointee
    guard
      let buffer = umockdev_ioctl_data_resolve(
        argument, gsize(place), gsize(urb.buffer_length), nil)
    else { return -EFAULT }
    g_object_ref(argument)
    let request = Request(urb: argument, buffer: buffer)
    if urb.type == USBDEVFS_URB_TYPE_CONTROL {
      control(request, &state)
    } else if urb.endpoint & 0x80 != 0 {
      state.waiting.append(request)
      serveInput(&state)
    } else {
      output(request, &state)
    }
    return 0
  }

  private func output(_ request: Request, _ state: inout State) {
    let urb = Self.urb(request.urb).pointee
    guard !state.halted.contains(urb.endpoint) else { return end(request, EPIPE, 0, &state) }
    let bytes = UnsafeBufferPointer(start: request.buffer.pointee.data, count: Int(urb.buffer_length))
    switch state.takings.isEmpty ? .takes() : state.takings.removeFirst() {
    case .takes(let count):
      state.received += bytes.prefix(count)
      end(request, 0, min(count, bytes.count), &state)
    case .fails(let number, let count):
      state.received += bytes.prefix(count)
      if number == EPIPE { state.halted.insert(urb.endpoint) }
      end(request, number, 0, &state)
    case .hangs(let count):
      state.received += bytes.prefix(count)
      state.takenBefore = count
      state.waiting.append(request)
    }
  }

  /// Gives what the device sends to the transfer that waits for it.
  private func serveInput(_ state: inout State) {
    while !state.answers.isEmpty,
      let index = state.waiting.firstIndex(where: { Self.urb($0.urb).pointee.endpoint & 0x80 != 0 })
    {
      let endpoint = Self.urb(state.waiting[index].urb).pointee.endpoint
      if state.halted.contains(endpoint) {
        end(state.waiting.remove(at: index), EPIPE, 0, &state)
        continue
      }
      let request = state.waiting.remove(at: index)
      switch state.answers.removeFirst() {
      case .success(let bytes):
        let count = min(bytes.count, Int(Self.urb(request.urb).pointee.buffer_length))
        for (place, byte) in bytes.prefix(count).enumerated() { request.buffer.pointee.data[place] = byte }
        end(request, 0, count, &state)
      case .failure(let error):
        if error.number == EPIPE { state.halted.insert(endpoint) }
        end(request, error.number, 0, &state)
      }
    }
  }

  /// The printer class's requests (USB Printer Class 1.1 §4.2), and GET_STATUS of an endpoint.
  private func control(_ request: Request, _ state: inout State) {
    let setup = Array(UnsafeBufferPointer(start: request.buffer.pointee.data, count: 8))
    var reply: [UInt8]?
    switch (setup[0], setup[1]) {
    case (0xA1, 0):
      reply = state.deviceID.map { [UInt8(($0.count + 2) >> 8), UInt8(($0.count + 2) & 0xFF)] + $0 }
    case (0xA1, 1): reply = [state.portStatus]
    case (0x82, 0): reply = [state.halted.contains(setup[4]) ? 1 : 0, 0]
    default: break
    }
    guard let reply else { return end(request, EPIPE, 0, &state) }
    let count = min(reply.count, Int(setup[6]) | Int(setup[7]) << 8)
    for (place, byte) in reply.prefix(count).enumerated() { request.buffer.pointee.data[8 + place] = byte }
    end(request, 0, count, &state)
  }

  private func discard(_ pointer: UnsafeMutablePointer<UMockdevIoctlData>?, _ state: inout State) -> Int32 {
    guard let data = pointer?.pointee.data else { return -EINVAL }
    let address = UnsafeRawPointer(data).loadUnaligned(as: UInt.self)
    guard let index = state.waiting.firstIndex(where: { $0.urb.pointee.client_addr == address }) else {
      return -EINVAL
    }
    end(state.waiting.remove(at: index), ENOENT, 0, &state)
    return 0
  }

  private func end(_ request: Request, _ number: Int32, _ moved: Int, _ state: inout State) {
    let urb = Self.urb(request.urb)
    urb.pointee.status = -number
    urb.pointee.actual_length = Int32(moved)
    state.done.append(request)
  }

  private static func urb(_ data: UnsafeMutablePointer<UMockdevIoctlData>) -> UnsafeMutablePointer<
    usbdevfs_urb
  > {
    UnsafeMutableRawPointer(data.pointee.data).assumingMemoryBound(to: usbdevfs_urb.self)
  }
}
