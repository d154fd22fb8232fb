import Foundation
import Glibc
import POSLinux
import POSModel
import POSTransport
import POSUSB
import Testing

/// libusb itself, over a usbfs whose device is a program. These run in a process under umockdev's preload, which
/// ``UnderUmockdev`` starts.
@Suite("USB streams", .enabled(if: UmockdevBed.shared != nil), .serialized, .timeLimit(.minutes(1)))
struct USBStreamTests {
  let device = FakeUSBFS()
  static let job = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
  /// Long enough for what happens, on any machine.
  var soon: MonotonicInstant { Reactor.shared.now + .seconds(30) }
  /// For what does not happen.
  var briefly: MonotonicInstant { Reactor.shared.now + .milliseconds(100) }

  func open(_ descriptors: [UInt8] = Descriptors.printer) async throws -> USBStream {
    let bed = try #require(UmockdevBed.shared)
    return try await USBStream.open(bed.plugIn(descriptors, as: device), name: "usb:04b8:0202")
  }

  @Test("the kernel's driver steps aside and comes back, and all arrives in order (§1.4 B6)")
  func everything() async throws {
    let printer = try await open()
    try await printer.write(Self.job, until: soon)
    #expect(device.received == Self.job)
    #expect(device.driver == nil)
    await printer.close()
    #expect(device.driver == "usblp")
    #expect(device.log == ["detach usblp", "claim 0", "release 0", "attach usblp"])
  }

  @Test("a stream that nobody closes gives the interface back")
  func forgotten() async throws {
    var printer: USBStream? = try await open()
    try await printer?.write([1], until: soon)
    #expect(device.driver == nil)
    printer = nil
    while device.driver == nil { await Task.yield() }
    #expect(device.log.suffix(2) == ["release 0", "attach usblp"])
  }

  @Test("what a device leaves of a transfer follows", arguments: [[100], [1, 1, 4095], [0, 0, 7]])
  func short(_ counts: [Int]) async throws {
    device.set { $0.takings = counts.map { .takes($0) } }
    let printer = try await open()
    try await printer.write(Self.job, until: soon)
    #expect(device.received == Self.job)
    await printer.close()
  }

  @Test("a device that takes transfers but no bytes is found out")
  func nothing() async throws {
    device.set { $0.takings = [.takes(9), .takes(0), .takes(0), .takes(0)] }
    let printer = try await open()
    let error = try await failure { () async throws(DeviceError) in
      try await printer.write(Self.job, until: nil)
    }
    #expect(error.code == .inputOutput)
    #expect(error.bytesMoved == 9)
    await printer.close()
  }

  @Test(
    "a transfer that fails counts as moved, and the next one passes",
    arguments: [EPIPE, EPROTO, EILSEQ, ETIME])
  func failing(_ number: Int32) async throws {
    device.set { $0.takings = [.takes(), .fails(number, after: 100)] }
    let printer = try await open()
    let error = try await failure { () async throws(DeviceError) in
      try await printer.write(Self.job, until: soon)
    }
    #expect(error.code == .inputOutput)
    #expect(!error.hint.isEmpty)
    #expect(error.bytesMoved == 8192)
    #expect(device.log.contains("clear 1") == (number == EPIPE))
    try await printer.write([1, 2, 3], until: soon)
    #expect(device.received == Self.job.prefix(4096 + 100) + [1, 2, 3])
    await printer.close()
  }

  @Test(
    "a printer that takes nothing is asked why, and goes on where it stopped (§1.4 B6)",
    arguments: [
      (0x18, nil, Int.max), (0x38, .paperOut, .max), (0x30, .paperOut, 100), (0x08, .printerOffline, 51),
      (0x10, .printerFault, 4095),
    ] as [(UInt8, DeviceError.Code?, Int)])
  func busy(status: UInt8, code: DeviceError.Code?, resumed: Int) async throws {
    device.set {
      $0.takings = [.takes(), .hangs(after: 50)]
      $0.portStatus = status
      $0.resumesWith = resumed
    }
    let printer = try await open()
    let error = try await failure { () async throws(DeviceError) in
      try await printer.write(Self.job, until: briefly)
    }
    #expect(error.code == .timedOut)
    #expect(code.map { error.hint == ErrorTable.row(for: $0).hint } ?? error.detail.contains("well"))
    #expect(error.bytesMoved == 8192)
    let again = try await failure { () async throws(DeviceError) in
      try await printer.write([1], until: briefly)
    }
    #expect(again.code == .timedOut)
    #expect(again.bytesMoved == 0)
    device.resume()
    try await printer.write(Array(Self.job[8192...]), until: soon)
    #expect(device.received == Self.job)
    await printer.close()
  }

  @Test("writing ends by cancelling and by closing, and says how far it came")
  func givenUp() async throws {
    device.set { $0.takings = [.takes(), .hangs(), .hangs()] }
    let printer = try await open()
    let cancelled = Task { try await printer.write(Self.job, until: nil) }
    while device.received.count < 4096 { await Task.yield() }
    cancelled.cancel()
    let first = try await failure { () async throws(DeviceError) in try await value(of: cancelled) }
    #expect(first.code == .cancelled)
    let closed = Task { try await printer.write(Self.job, until: nil) }
    let reading = Task { _ = try await printer.read(upTo: 1, until: nil) }
    await Task.yield()
    await printer.close()
    #expect(try await failure { () async throws(DeviceError) in try await value(of: closed) }.code == .closed)
    #expect(
      try await failure { () async throws(DeviceError) in try await value(of: reading) }.code == .closed)
    #expect(device.driver == "usblp")
    #expect(
      try await failure { () async throws(DeviceError) in try await printer.write([1], until: nil) }.code
        == .closed)
    await printer.close()
  }

  @Test("pulled out in the middle, it is gone, and the bytes under way count")
  func unplugged() async throws {
    device.set { $0.takings = [.takes(), .hangs(after: 1000)] }
    let printer = try await open()
    let writing = Task { try await printer.write(Self.job, until: nil) }
    let reading = Task { _ = try await printer.read(upTo: 1, until: nil) }
    while device.received.count < 5096 { await Task.yield() }
    device.unplug()
    let error = try await failure { () async throws(DeviceError) in try await value(of: writing) }
    #expect(error.code == .gone)
    #expect(error.bytesMoved == 8192)
    for _ in 0..<2 {
      let later = try await failure { () async throws(DeviceError) in try await printer.write([1], until: nil)
      }
      #expect(later.code == .gone)
      #expect(later.bytesMoved == 0)
    }
    #expect(try await failure { () async throws(DeviceError) in try await value(of: reading) }.code == .gone)
    #expect(
      try await failure { () async throws(DeviceError) in _ = try await printer.read(upTo: 1, until: nil) }
        .code == .gone)
    await printer.close()
  }

  @Test("answers are read ahead and none is lost, whatever comes between them (§1.4 B6)")
  func reading() async throws {
    let printer = try await open()
    #expect(try await printer.read(upTo: 9, until: .start) == .timedOut)
    device.set { device in
      device.answers = [
        .success([1, 2]), .success([]), .failure(.init(number: EPIPE)), .success([3]),
        .failure(.init(number: EPROTO)),
        .success([4, 5]),
      ]
    }
    #expect(try await printer.read(upTo: 1, until: soon) == .bytes([1]))
    #expect(try await printer.read(upTo: 9, until: soon) == .bytes([2]))
    #expect(try await printer.read(upTo: 9, until: soon) == .bytes([3]))
    #expect(device.log.contains("clear 82"))
    let error = try await failure { () async throws(DeviceError) in
      _ = try await printer.read(upTo: 9, until: soon)
    }
    #expect(error.code == .inputOutput)
    #expect(try await printer.read(upTo: 9, until: soon) == .bytes([4, 5]))
    let cancelled = Task { _ = try await printer.read(upTo: 9, until: nil) }
    cancelled.cancel()
    #expect(
      try await failure { () async throws(DeviceError) in try await value(of: cancelled) }.code == .cancelled)
    device.set { $0.answers = (0..<50).map { .success([UInt8](repeating: $0, count: 4096)) } }
    var count = 0
    while count < 50 * 4096, case .bytes(let bytes) = try await printer.read(upTo: 5000, until: soon) {
      #expect(bytes.first == UInt8(count / 4096))
      count += bytes.count
    }
    #expect(count == 50 * 4096)
    await printer.close()
  }

  @Test("an input that refuses again and again ends in an error")
  func refusing() async throws {
    device.set { $0.answers = (0..<3).map { _ in .failure(.init(number: EPIPE)) } }
    let printer = try await open()
    let error = try await failure { () async throws(DeviceError) in
      _ = try await printer.read(upTo: 9, until: soon)
    }
    #expect(error.code == .inputOutput)
    #expect(error.errno == EPIPE)
    await printer.close()
  }

  @Test("a printer says what and how it is")
  func asking() async throws {
    let printer = try await open()
    #expect(try await printer.deviceID() == "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;")
    #expect(try await printer.portStatus() == [.noError, .selected])
    device.set {
      $0.deviceID = nil
      $0.portStatus = 0x30
    }
    #expect(
      try await failure { () async throws(DeviceError) in _ = try await printer.deviceID() }.code
        == .inputOutput)
    #expect(try await printer.portStatus().obstacle == .paperOut)
    await printer.close()
    #expect(
      try await failure { () async throws(DeviceError) in _ = try await printer.portStatus() }.code == .closed
    )
  }

  @Test("endpoints that somebody left halted work, and the right setting is chosen")
  func prepared() async throws {
    device.set { $0.halted = [0x01] }
    let printer = try await open()
    #expect(device.log == ["detach usblp", "claim 0", "clear 1"])
    try await printer.write([1], until: soon)
    await printer.close()
    let other = FakeUSBFS()
    let bed = try #require(UmockdevBed.shared)
    let second = try await USBStream.open(bed.plugIn(Descriptors.twoSettings, as: other))
    #expect(other.log == ["detach usblp", "claim 2", "setting 2 1"])
    await second.close()
  }

  @Test("a device of the maker's own takes bytes, and has no status and no way back")
  func makersOwn() async throws {
    device.set {
      $0.driver = nil
      $0.takings = [.hangs()]
    }
    let stream = try await open(Descriptors.makersOwn)
    #expect(!stream.isPrinter)
    #expect(
      try await failure { () async throws(DeviceError) in try await stream.write([1], until: briefly) }.code
        == .timedOut)
    #expect(
      try await failure { () async throws(DeviceError) in _ = try await stream.portStatus() }.code
        == .unsupported)
    #expect(
      try await failure { () async throws(DeviceError) in _ = try await stream.read(upTo: 1, until: nil) }
        .code
        == .unsupported)
    await stream.close()
  }

  @Test("what cannot be opened says why")
  func refused() async throws {
    let bed = try #require(UmockdevBed.shared)
    device.set { $0.isTaken = true }
    let node = try bed.plugIn(Descriptors.printer, as: device)
    func opening(_ path: String, _ interface: UInt8? = nil) async throws -> DeviceError {
      try await failure { () async throws(DeviceError) in
        _ = try await USBStream.open(path, interface: interface)
      }
    }
    #expect(try await opening(node).code == .busy)
    #expect(try await opening(node, 4).code == .unsupported)
    #expect(try await opening("/dev/bus/usb/001/127").code == .notFound)
    #expect(try await opening("/dev/null").code == .badAddress)
    #expect(try await opening(bed.plugIn(Descriptors.device() + [9, 2, 9], as: device)).code == .badAddress)
    device.set { $0.isTaken = false }
    device.unplug()
    // usbfs says so when its node is read; the fake's node is a file.
    #expect(try await opening(node).code == .inputOutput)
    let loop = FileManager.default.temporaryDirectory.appending(path: "loop-\(UUID().uuidString)").path
    #expect(symlink(loop, loop) == 0)
    #expect(try await opening(loop).code == .badAddress)
    unlink(loop)
  }

  @Test("plugged in a hundred times, it leaves nothing open")
  func leaks() async throws {
    let node = try #require(UmockdevBed.shared).plugIn(Descriptors.printer, as: device)
    var counts: [Int] = []
    for round in 0..<100 {
      let printer = try await USBStream.open(node)
      try await printer.write([UInt8(round)], until: soon)
      await printer.close()
      let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
      }
      #expect(!open.contains { $0.hasSuffix(node) })
      counts.append(open.count)
    }
    // umockdev's own end of each connection is in this process as well, and is closed a little later.
    #expect((counts.last ?? 0) < (counts.first ?? 0) + 50)
    #expect(device.received == (0..<100).map { UInt8($0) })
  }

  private func failure(_ body: () async throws(DeviceError) -> Void) async throws -> DeviceError {
    do throws(DeviceError) { try await body() } catch { return error }
    throw NoFailure()
  }

  private struct NoFailure: Error {}

  /// What became of a task whose errors are all of one type.
  private func value(of task: Task<Void, any Error>) async throws(DeviceError) {
    do { try await task.value } catch let error as DeviceError { throw error } catch {
      throw DeviceError(.unsupported, during: "running a test", detail: "\(error)")
    }
  }
}
