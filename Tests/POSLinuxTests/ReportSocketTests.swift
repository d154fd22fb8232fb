import CPOSLinux
import Glibc
import POSLinux
import POSModel
import POSTransport
import Testing

@Suite("Report sockets", .timeLimit(.minutes(1)))
struct ReportSocketTests {
  static let descriptor: [UInt8] = [0x05, 0x8C, 0x09, 0x02, 0xA1, 0x01, 0x85, 0x02, 0xC0]

  struct Link {
    let listener: ReportSocketListener
    let host: ReportSocket
    let device: ReportSocketDevice

    init(_ path: String = scratchPath("link")) async throws {
      let listener = try ReportSocketListener(path, reportDescriptor: ReportSocketTests.descriptor)
      self.listener = listener
      async let accepted = listener.accept(until: nil)
      host = try await ReportSocket.open(path)
      device = try await accepted
    }

    func close() async {
      await host.close()
      await device.close()
      await listener.close()
    }
  }

  @Test("the descriptor comes first, then whole reports in both directions")
  func reports() async throws {
    let link = try await Link()
    #expect(link.host.reportDescriptor == Self.descriptor)
    try await link.device.sendReport([2, 1, 2, 3], until: nil)
    try await link.device.sendReport([2], until: nil)
    guard case .report([2, 1, 2, 3], let time) = try await link.host.readReport(until: nil) else {
      Issue.record("not the first report")
      return
    }
    #expect(time <= Reactor.shared.now)
    guard case .report([2], _) = try await link.host.readReport(until: nil) else {
      Issue.record("not the second report")
      return
    }
    #expect(try await link.host.readReport(until: .start) == .timedOut)
    try await link.host.writeReport([4, 9])
    guard case .report([4, 9], _) = try await link.device.receiveReport(until: nil) else {
      Issue.record("not the output report")
      return
    }
    await link.close()
  }

  @Test("pending reports are dropped and counted")
  func discard() async throws {
    let link = try await Link()
    #expect(try await link.host.discardPendingReports() == 0)
    for number in UInt8(0)..<7 { try await link.device.sendReport([number, 0, 0], until: nil) }
    #expect(try await link.host.discardPendingReports() == 7)
    #expect(try await link.host.readReport(until: .start) == .timedOut)
    await link.close()
    await expect(.closed) { _ = try await link.host.discardPendingReports() }
  }

  @Test("thousands of reports pass a slow reader whole and in order")
  func many() async throws {
    let link = try await Link()
    let sending = Task {
      for number in 0..<5000 {
        let report = [UInt8(number >> 8), UInt8(number & 255)] + [UInt8](repeating: 7, count: number % 62)
        try await link.device.sendReport(report, until: nil)
      }
    }
    for number in 0..<5000 {
      guard case .report(let report, _) = try await link.host.readReport(until: nil) else { break }
      #expect(report.count == 2 + number % 62)
      #expect(report.prefix(2) == [UInt8(number >> 8), UInt8(number & 255)])
    }
    try await sending.value
    await link.close()
  }

  @Test("a host that reads nothing times a report out")
  func stuck() async throws {
    let link = try await Link()
    let report = [UInt8](repeating: 1, count: ReportSocket.largestReport)
    await expect(.timedOut) {
      while true { try await link.device.sendReport(report, until: Reactor.shared.now + .milliseconds(10)) }
    }
    guard case .report(report, _) = try await link.host.readReport(until: nil) else {
      Issue.record("the largest report did not arrive whole")
      return
    }
    await link.close()
  }

  @Test("closing is unplugging, from either side")
  func unplug() async throws {
    let first = try await Link()
    try await first.device.sendReport([1], until: nil)
    await first.device.close()
    guard case .report([1], _) = try await first.host.readReport(until: nil) else {
      Issue.record("the report before the end is lost")
      return
    }
    #expect(try await first.host.readReport(until: nil) == .endOfStream)
    await expect(.connectionLost) { try await first.host.writeReport([1]) }
    await first.close()
    let second = try await Link()
    let receiving = Task { try await second.device.receiveReport(until: nil) }
    let reading = Task { try await second.host.readReport(until: nil) }
    await Task.yield()
    await second.host.close()
    await expect(.closed) { _ = try await reading.value }
    #expect(try await receiving.value == .endOfStream)
    await second.close()
  }

  @Test("empty and overlong reports are refused")
  func lengths() async throws {
    let link = try await Link()
    await expect(.badInput) { try await link.device.sendReport([], until: nil) }
    let long = [UInt8](repeating: 0, count: ReportSocket.largestReport + 1)
    await expect(.badInput) { try await link.host.writeReport(long) }
    await link.close()
    for count in [0, 4097] {
      await expect(.badInput) {
        _ = try ReportSocketListener(
          scratchPath("bad"), reportDescriptor: [UInt8](repeating: 0, count: count))
      }
    }
  }

  @Test(
    "where nobody listens, a driver is told so; a dead device's socket is replaced, a living one's is not")
  func addresses() async throws {
    let path = scratchPath("address")
    await expect(.notFound) { _ = try await ReportSocket.open(path) }
    // A socket that is bound and forgotten.
    do {
      let abandoned = pos_packet_socket()
      var address = pos_socket_address()
      _ = pos_local_address(path, &address)
      #expect(pos_bind_and_listen(abandoned, &address) == 0)
      close(abandoned)
    }
    await expect(.connectionRefused) { _ = try await ReportSocket.open(path) }
    let listener = try ReportSocketListener(path, reportDescriptor: [1])
    var status = stat()
    #expect(stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    await expect(.busy) { _ = try ReportSocketListener(path, reportDescriptor: [1]) }
    await listener.close()
    await expect(.notFound) { _ = try await ReportSocket.open(path) }
    await FileSinkTests.make(path, "not a socket")
    await expect(.busy) { _ = try ReportSocketListener(path, reportDescriptor: [1]) }
    unlink(path)
    let long = "/tmp/" + String(repeating: "x", count: 108)
    await expect(.badAddress) { _ = try await ReportSocket.open(long) }
  }

  @Test("a device that breaks the handshake is found out", arguments: [0, 4097, 100_000])
  func hostile(length: Int) async throws {
    let path = scratchPath("hostile")
    let listener = pos_packet_socket()
    var address = pos_socket_address()
    _ = pos_local_address(path, &address)
    #expect(pos_bind_and_listen(listener, &address) == 0)
    async let opening: ReportSocket = ReportSocket.open(path)
    var peer = pos_accept(listener)
    while peer == -EAGAIN {
      await Task.yield()
      peer = pos_accept(listener)
    }
    if length > 0 {
      let packet = [UInt8](repeating: 1, count: length)
      #expect(pos_write(peer, packet, length, Int32(pos_file_socket.rawValue)) == length)
    }
    close(peer)
    do {
      _ = try await opening
      Issue.record("was let in")
    } catch let error as DeviceError {
      #expect(error.code == (length == 0 ? .connectionLost : .protocolViolation))
    }
    close(listener)
    unlink(path)
  }

  @Test("a device that says nothing is timed out")
  func silent() async throws {
    let path = scratchPath("silent")
    let listener = pos_packet_socket()
    var address = pos_socket_address()
    _ = pos_local_address(path, &address)
    #expect(pos_bind_and_listen(listener, &address) == 0)
    await expect(.timedOut) { _ = try await ReportSocket.open(path, within: .milliseconds(10)) }
    close(listener)
    unlink(path)
  }
}

@Suite("Raw HID nodes")
struct HIDRawTests {
  @Test(
    "a descriptor numbers its reports if it has a Report ID item",
    arguments: [
      ([], false), ([0x05, 0x8C, 0x09, 0x02, 0xA1, 0x01, 0x85, 0x02, 0xC0], true),
      // 85 as data of a one-byte, a two-byte and a long item.
      ([0x25, 0x85, 0xC0], false), ([0x26, 0x85, 0x85, 0xC0], false),
      ([0xFE, 0x02, 0x00, 0x85, 0x85, 0xC0], false),
      ([0xFE, 0x01, 0x00, 0x00, 0x85, 0x01], true), ([0xFE], false), ([0x27, 0x85], false),
    ] as [([UInt8], Bool)])
  func numbersReports(descriptor: [UInt8], expected: Bool) {
    #expect(HIDRaw.numbersReports(descriptor) == expected)
  }

  @Test("what is no raw HID node is refused")
  func refused() async {
    await expect(.notFound) { _ = try await HIDRaw.open("/dev/hidraw-none") }
    await expect(.badAddress) { _ = try await HIDRaw.open("/dev/null") }
  }
}
