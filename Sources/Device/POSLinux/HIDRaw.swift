import CPOSLinux
import Glibc
public import POSModel
public import POSTransport

/// A HID device through the kernel's raw node, `/dev/hidraw0`.
public final class HIDRaw: ReportTransport {
  /// The descriptor, as the kernel gave it.
  public let reportDescriptor: [UInt8]
  private let descriptor: SharedDescriptor
  private let numbersReports: Bool
  /// What keeps a keyboard's keys from everybody else.
  private let grabs: Lock<[KeyGrab]>

  private init(_ descriptor: SharedDescriptor, reportDescriptor: [UInt8], _ grabs: [KeyGrab]) {
    self.descriptor = descriptor
    self.grabs = Lock(grabs)
    self.reportDescriptor = reportDescriptor
    numbersReports = Self.numbersReports(reportDescriptor)
  }

  /// Opens a node and reads its report descriptor. Other programs of this project are kept out.
  ///
  /// - Parameter grabbingKeys: whether the keys that the kernel makes of the same reports go nowhere as long as it is
  ///   open: without, a scanner that types does so on the console as well.
  /// - Throws: `device.not_found`, `device.permission_denied`, `device.busy`, `device.bad_address` when it is not
  ///   a raw HID node.
  public static func open(_ path: String, grabbingKeys: Bool = false) async throws(DeviceError) -> HIDRaw {
    let name = DeviceAddress(route: .hidraw(path: path)).description
    let operation = "opening \(name)"
    // Opening wakes the device up over USB, which may take long.
    let (number, reportDescriptor) = try await BlockingCall("pos-open", during: operation) {
      () throws(DeviceError) in
      let descriptor = try translating(.opening, during: operation) { () throws(SystemError) in
        let descriptor = try OwnedDescriptor(opening: path, O_RDWR | O_NONBLOCK)
        _ = try SystemError.check(pos_lock_exclusively(descriptor.number))
        return descriptor
      }
      var bytes = [UInt8](repeating: 0, count: ReportSocket.largestDescriptor)
      let count = pos_hidraw_descriptor(descriptor.number, &bytes)
      if count == -ENOTTY || count == -EINVAL {
        throw DeviceError(.badAddress, during: operation, detail: "it is not a raw HID node", errno: -count)
      }
      guard count >= 0 else { throw SystemError(-count).deviceError(.opening, during: operation) }
      return (descriptor.release(), Array(bytes.prefix(Int(count))))
    }.value()
    let watched = try translating(.opening, during: operation) { () throws(SystemError) in
      try SharedDescriptor(OwnedDescriptor(owning: number), name: name)
    }
    var grabs: [KeyGrab] = []
    if grabbingKeys {
      for sibling in KeyGrab.siblings(ofNode: watched.number) {
        grabs.append(try await KeyGrab.take(sibling, during: operation))
      }
    }
    return HIDRaw(watched, reportDescriptor: reportDescriptor, grabs)
  }

  /// The machine's clock.
  public var clock: any TransportClock { Reactor.shared }

  /// Waits for one input report; see ``ReportTransport``. A device that was pulled out fails with `device.gone`.
  public func readReport(until deadline: MonotonicInstant?) async throws(DeviceError) -> ReportReadResult {
    do {
      return try await descriptor.perform(.reading, until: deadline, during: "reading a report from") {
        number in
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: ReportSocket.largestReport) { buffer in
          guard let start = buffer.baseAddress else { return .wouldBlock }
          let count = pos_read(number, start, buffer.count)
          if count == -Int(EAGAIN) { return .wouldBlock }
          if count < 0 { return .failed(SystemError(Int32(-count))) }
          if count == 0 { return .done(.endOfStream) }
          return .done(.report(Array(buffer.prefix(count)), at: Reactor.shared.now))
        }
      }
    } catch {
      guard error.code == .timedOut, error.errno == nil else { throw error }
      return .timedOut
    }
  }

  /// Sends one output report. The kernel talks to the device until it answers, five seconds at most, so this runs
  /// on a thread of its own. Cancelling the task does not stop it.
  public func writeReport(_ report: [UInt8]) async throws(DeviceError) {
    let operation = "writing a report to \(descriptor.name)"
    guard (1...ReportSocket.largestReport).contains(report.count) else {
      throw DeviceError(.badInput, during: operation, detail: "a report of \(report.count) bytes")
    }
    // hidraw wants a number in front, 0 where reports have none (Documentation/hid/hidraw.rst).
    let message = numbersReports ? report : [0] + report
    _ = try await descriptor.block(.writing, during: "writing a report to") { number in
      pos_write(number, message, message.count, Int32(pos_file_other.rawValue))
    }
  }

  /// Sends a feature report of 2 to 16384 bytes, its number first, 0 where reports have none. On a thread of its own,
  /// as ``writeReport(_:)``.
  public func setFeature(_ report: [UInt8]) async throws(DeviceError) {
    guard (2...ReportSocket.largestReport).contains(report.count) else {
      throw DeviceError(
        .badInput, during: "setting a feature of \(descriptor.name)",
        detail: "a report of \(report.count) bytes")
    }
    _ = try await descriptor.block(.writing, during: "setting a feature of") { number in
      Int(pos_hidraw_set_feature(number, report, report.count))
    }
  }

  /// Asks for the feature report `number`, 0 where reports have none: at most `limit` bytes, 2 to 16384, its number
  /// first.
  public func feature(_ number: UInt8, upTo limit: Int) async throws(DeviceError) -> [UInt8] {
    let answer = Lock<[UInt8]>([])
    _ = try await descriptor.block(.writing, during: "asking for a feature of") { node in
      var report = [UInt8](repeating: 0, count: min(max(2, limit), ReportSocket.largestReport))
      report[0] = number
      let count = Int(pos_hidraw_get_feature(node, &report, report.count))
      if count > 0 {
        let bytes = Array(report.prefix(count))
        answer.withLock { $0 = bytes }
      }
      return count
    }
    return answer.withLock { $0 }
  }

  /// Drops the input reports that wait, up to the 64 that the kernel keeps, and returns how many there were.
  public func discardPendingReports() async throws(DeviceError) -> Int {
    try await descriptor.discardPackets { number in
      var byte: UInt8 = 0
      return pos_read(number, &byte, 1)
    }
  }

  /// The lamp as the grabbed keys' nodes show it; the console leaves it alone meanwhile, another program with such a node
  /// may not. Without a grab none is seen, for the kernel shows nobody what it sends to a raw node's device.
  public func capsLockLamp() async -> Bool? {
    grabs.withLock { $0 }.lazy.compactMap(\.isCapsLockLit).first
  }

  /// Closes. A read at hand fails with `link.closed`.
  public func close() async {
    guard await descriptor.beginClose(), let descriptor = descriptor.endClose() else { return }
    for grab in grabs.withLock({ $0 }) { await grab.release() }
    let number = descriptor.release()
    try? await BlockingCall("pos-close", during: "closing a device") { _ = Glibc.close(number) }.value()
  }

  /// Whether a descriptor has a Report ID item, tag 8 of the global items (HID 1.11 §6.2.2.7).
  package static func numbersReports(_ descriptor: [UInt8]) -> Bool {
    var offset = 0
    while offset < descriptor.count {
      let prefix = descriptor[offset]
      if prefix & 0xFC == 0x84 { return true }
      if prefix == 0xFE {
        // A long item: its length, its tag, its data.
        guard offset + 1 < descriptor.count else { return false }
        offset += 3 + Int(descriptor[offset + 1])
      } else {
        offset += 1 + [0, 1, 2, 4][Int(prefix & 3)]
      }
    }
    return false
  }
}
