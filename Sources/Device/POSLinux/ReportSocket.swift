import CPOSLinux
import Glibc
public import POSModel
public import POSTransport

/// HID reports over a local socket that keeps packets whole: how a driver reaches a simulated scanner without a
/// kernel driver (address form `report-socket:PATH`).
///
/// The protocol, version 1, on an `AF_UNIX` `SOCK_SEQPACKET` socket at which the device listens:
/// 1. The device's first packet is its report descriptor: 1 to 4096 bytes.
/// 2. Each further packet from the device is one input report, each packet from the host one output report:
///    1 to 16384 bytes, id first where the descriptor numbers reports.
/// 3. Closing is unplugging.
public final class ReportSocket: ReportTransport {
  /// The longest report, in bytes: the limit of the kernel's HID core (linux/hid.h, HID_MAX_BUFFER_SIZE).
  public static let largestReport = 16384
  /// The longest report descriptor, in bytes (linux/hid.h, HID_MAX_DESCRIPTOR_SIZE).
  public static let largestDescriptor = 4096

  /// The descriptor that the device sent.
  public let reportDescriptor: [UInt8]
  private let descriptor: SharedDescriptor

  private init(_ descriptor: SharedDescriptor, reportDescriptor: [UInt8]) {
    self.descriptor = descriptor
    self.reportDescriptor = reportDescriptor
  }

  /// Connects to a simulated device and takes its report descriptor.
  ///
  /// - Throws: `device.not_found`, `link.refused` when no device listens, `link.timed_out` when it sends no
  ///   descriptor, `link.protocol` when it sends too long a one.
  public static func open(
    _ path: String, within allowance: Duration = .seconds(5)
  ) async throws(DeviceError) -> ReportSocket {
    let name = DeviceAddress(route: .reportSocket(path: path)).description
    let operation = "connecting to \(name)"
    let deadline = Reactor.shared.now + allowance
    let address = try SocketAddress.local(path, during: operation)
    let socket = try translating(.opening, during: operation) { () throws(SystemError) in
      try SharedDescriptor(OwnedDescriptor(returned: pos_packet_socket()), name: name)
    }
    try await socket.perform(.writing, .opening, until: deadline, during: "connecting to") { number in
      address.connect(number)
    }
    let packet = try await socket.receivePacket(
      upTo: largestDescriptor, until: deadline, during: "reading the report descriptor from")
    guard let packet else {
      throw DeviceError(.connectionLost, during: operation, detail: "it closed before sending its descriptor")
    }
    return ReportSocket(socket, reportDescriptor: packet)
  }

  /// The machine's clock.
  public var clock: any TransportClock { Reactor.shared }

  /// Waits for one input report; see ``ReportTransport``.
  public func readReport(until deadline: MonotonicInstant?) async throws(DeviceError) -> ReportReadResult {
    try await descriptor.receiveReport(until: deadline)
  }

  /// Sends one output report. Fails with `link.timed_out` when the device takes none for five seconds, as the
  /// kernel does.
  public func writeReport(_ report: [UInt8]) async throws(DeviceError) {
    try await descriptor.sendPacket(report, until: clock.now + .seconds(5))
  }

  /// Drops the input reports that wait and returns how many there were.
  public func discardPendingReports() async throws(DeviceError) -> Int {
    try await descriptor.discardPackets { number in
      var byte: UInt8 = 0
      return pos_receive_packet(number, &byte, 1)
    }
  }

  /// Closes. The device receives what was written, then the end of the stream.
  public func close() async {
    guard await descriptor.beginClose() else { return }
    _ = descriptor.endClose()
  }
}

/// Where a simulated HID device waits for drivers; see ``ReportSocket`` for the protocol.
public final class ReportSocketListener: Sendable {
  private let path: String
  private let descriptor: SharedDescriptor
  private let reportDescriptor: [UInt8]

  /// Listens at `path`, which only this user may connect to. A socket left there by a dead device is replaced.
  ///
  /// - Throws: `device.busy` when somebody listens there or a file is in the way, `device.bad_address` for a path
  ///   longer than 107 bytes, `input.malformed` for a descriptor that is empty or too long.
  public init(_ path: String, reportDescriptor: [UInt8]) throws(DeviceError) {
    let name = DeviceAddress(route: .reportSocket(path: path)).description
    let operation = "listening at \(name)"
    guard (1...ReportSocket.largestDescriptor).contains(reportDescriptor.count) else {
      throw DeviceError(
        .badInput, during: operation,
        detail: "a report descriptor has 1 to 4096 bytes, not \(reportDescriptor.count)")
    }
    let address = try SocketAddress.local(path, during: operation)
    descriptor = try translating(.opening, during: operation) { () throws(SystemError) in
      let socket = try OwnedDescriptor(returned: pos_packet_socket())
      do throws(SystemError) {
        try address.listen(socket.number)
      } catch {
        guard error.number == EADDRINUSE, try Self.isAbandoned(path, address) else { throw error }
        _ = unlink(path)
        try address.listen(socket.number)
      }
      return try SharedDescriptor(socket, name: name)
    }
    self.path = path
    self.reportDescriptor = reportDescriptor
  }

  /// Whether a socket is there at which nobody listens.
  private static func isAbandoned(_ path: String, _ address: SocketAddress) throws(SystemError) -> Bool {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return false }
    let probe = try OwnedDescriptor(returned: pos_packet_socket())
    if case .failed(let error) = address.connect(probe.number) { return error.number == ECONNREFUSED }
    return false
  }

  /// Waits for a driver and sends it the report descriptor: to the driver, the device is plugged in now.
  ///
  /// A driver that leaves before it has the descriptor is forgotten.
  /// - Throws: `link.timed_out` at the deadline, `link.closed`, `link.cancelled`.
  public func accept(until deadline: MonotonicInstant?) async throws(DeviceError) -> ReportSocketDevice {
    let name = "a connection to \(descriptor.name)"
    while true {
      let number = try await descriptor.accept(until: deadline)
      do throws(DeviceError) {
        let socket = try translating(.opening, during: "accepting \(name)") { () throws(SystemError) in
          try SharedDescriptor(OwnedDescriptor(owning: number), name: name)
        }
        try await socket.sendPacket(reportDescriptor, until: deadline)
        return ReportSocketDevice(socket)
      } catch {
        if error.code != .connectionLost { throw error }
      }
    }
  }

  /// Stops listening and removes the socket; devices that were accepted go on.
  public func close() async {
    guard await descriptor.beginClose() else { return }
    _ = unlink(path)
    _ = descriptor.endClose()
  }
}

/// The device's end of a ``ReportSocket``, for one driver.
public final class ReportSocketDevice: ReportDevice {
  private let descriptor: SharedDescriptor

  init(_ descriptor: SharedDescriptor) { self.descriptor = descriptor }

  /// The machine's clock.
  public var clock: any TransportClock { Reactor.shared }

  /// Sends one input report of 1 to 16384 bytes; see ``ReportDevice``.
  public func sendReport(_ report: [UInt8], until deadline: MonotonicInstant?) async throws(DeviceError) {
    try await descriptor.sendPacket(report, until: deadline)
  }

  /// Waits for one output report; see ``ReportDevice``.
  public func receiveReport(until deadline: MonotonicInstant?) async throws(DeviceError) -> ReportReadResult {
    try await descriptor.receiveReport(until: deadline)
  }

  /// Unplugs: the driver reads what was sent, then the end of the stream.
  public func close() async {
    guard await descriptor.beginClose() else { return }
    _ = descriptor.endClose()
  }
}

// MARK: - Packets

extension SharedDescriptor {
  fileprivate func receiveReport(until deadline: MonotonicInstant?) async throws(DeviceError)
    -> ReportReadResult
  {
    do {
      let packet = try await receivePacket(
        upTo: ReportSocket.largestReport, until: deadline, during: "reading a report from")
      guard let packet else { return .endOfStream }
      return .report(packet, at: Reactor.shared.now)
    } catch {
      guard error.code == .timedOut, error.errno == nil else { throw error }
      return .timedOut
    }
  }

  /// Receives one packet, or `nil` at the end.
  func receivePacket(
    upTo limit: Int, until deadline: MonotonicInstant?, during verb: StaticString
  ) async throws(DeviceError) -> [UInt8]? {
    let operation = "\(verb) \(name)"
    let packet: Result<[UInt8]?, DeviceError> = try await perform(.reading, until: deadline, during: verb) {
      number in
      Self.receiveOnce(number, limit, during: operation)
    }
    return try packet.get()
  }

  private static func receiveOnce(
    _ number: Int32, _ limit: Int, during operation: String
  ) -> Attempt<Result<[UInt8]?, DeviceError>> {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: limit) { buffer in
      guard let start = buffer.baseAddress else { return .wouldBlock }
      let length = pos_receive_packet(number, start, limit)
      switch length {
      case 0: return .done(.success(nil))
      case 1...limit: return .done(.success(Array(buffer.prefix(length))))
      case -Int(EAGAIN): return .wouldBlock
      case ..<0: return .failed(SystemError(Int32(-length)))
      default:
        let detail = "a packet of \(length) bytes, above the limit of \(limit)"
        return .done(.failure(DeviceError(.protocolViolation, during: operation, detail: detail)))
      }
    }
  }

  func sendPacket(_ packet: [UInt8], until deadline: MonotonicInstant?) async throws(DeviceError) {
    guard (1...ReportSocket.largestReport).contains(packet.count) else {
      throw DeviceError(
        .badInput, during: "writing a report to \(name)",
        detail: "a report has 1 to \(ReportSocket.largestReport) bytes, not \(packet.count)")
    }
    try await perform(.writing, until: deadline, during: "writing a report to") { number -> Attempt<Void> in
      let sent = packet.withUnsafeBytes { buffer in
        buffer.baseAddress.map { pos_write(number, $0, packet.count, Int32(pos_file_socket.rawValue)) } ?? 0
      }
      if sent == -Int(EAGAIN) { return .wouldBlock }
      return sent < 0 ? .failed(SystemError(Int32(-sent))) : .done(())
    }
  }

  /// Takes packets until none waits, 1024 at most, and returns how many there were. `take` returns what its C
  /// call did. The bound is above what the kernel queues, and keeps a device that never stops from holding us.
  func discardPackets(_ take: (Int32) -> Int) async throws(DeviceError) -> Int {
    var count = 0
    return try await perform(.reading, until: nil, during: "discarding reports from") { number in
      let status = take(number)
      if status == -Int(EAGAIN) || status == 0 { return .done(count) }
      if status < 0 { return .failed(SystemError(Int32(-status))) }
      count += 1
      return count == 1024 ? .done(count) : .progressed
    }
  }
}
