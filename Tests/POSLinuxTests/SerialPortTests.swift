import Glibc
import POSLinux
import POSModel
import POSTransport
import Testing

@Suite("Serial ports", .timeLimit(.minutes(1)))
struct SerialPortTests {
  @Test(
    "every frame and any speed is taken", arguments: SerialSettings.Frame.allCases,
    [9600, 115_200, 921_600, 19_231])
  func settings(frame: SerialSettings.Frame, baud: Int) async throws {
    let line = try PseudoTerminal()
    let port = try await SerialPort.open(line.path, SerialSettings(baud: baud, frame: frame))
    try await port.write([0x10, 0x02, 0x03, 0x0D, 0x0A, 0x11, 0x13, 0x04, 0x7F], until: nil)
    #expect(try await line.read(exactly: 9) == [0x10, 0x02, 0x03, 0x0D, 0x0A, 0x11, 0x13, 0x04, 0x7F])
    await port.close()
    await line.close()
  }

  @Test("a device that says stop is waited for, and what it says is not data")
  func flowControl() async throws {
    let line = try PseudoTerminal()
    let port = try await SerialPort.open(line.path, SerialSettings(flow: .characters))
    try await line.write([0x41, 0x13], until: nil)
    #expect(try await port.read(upTo: 9, until: nil) == .bytes([0x41]))
    await expect(.timedOut) { try await port.write([1, 2, 3], until: .start) }
    try await line.write([0x11], until: nil)
    try await port.write([1, 2, 3], until: nil)
    #expect(try await line.read(exactly: 3) == [1, 2, 3])
    await port.close()
    // The lines of the other kind do not exist here, yet asking for them is no error.
    let other = try await SerialPort.open(line.path, SerialSettings(flow: .requestToSend))
    try await other.write([0x13, 0x11], until: nil)
    #expect(try await line.read(exactly: 2) == [0x13, 0x11])
    await other.close()
    await line.close()
  }

  @Test("what is sent may have the characters that hold it up")
  func charactersAsData() async throws {
    let line = try PseudoTerminal()
    let port = try await SerialPort.open(line.path, SerialSettings(flow: .characters))
    let picture = [UInt8](0...255)
    try await port.write(picture, until: nil)
    #expect(try await line.read(exactly: 256) == picture)
    await port.close()
    await line.close()
  }

  @Test("flow control by lines that are not there is refused, for data would be lost")
  func noLines() async throws {
    let line = try PseudoTerminal()
    let error = await expect(.unsupported) {
      _ = try await SerialPort.open(line.path, SerialSettings(flow: .dataTerminalReady))
    }
    #expect(error?.hint.contains("xon-xoff") == true)
    await line.close()
  }

  @Test("a pseudo-terminal has no modem lines, and that is no error")
  func modemLines() async throws {
    let line = try PseudoTerminal()
    let port = try await SerialPort.open(line.path)
    #expect(try await port.modemLines() == nil)
    #expect(try await !port.setModemLines(dataTerminalReady: false, requestToSend: true))
    await port.close()
    await line.close()
  }

  @Test("one program at a time has the port, and what waited before is dropped")
  func exclusive() async throws {
    let line = try PseudoTerminal()
    for round in UInt8(0)..<3 {
      try await line.write([0xEE], until: nil)
      let port = try await SerialPort.open(line.path)
      await expect(.busy) { _ = try await SerialPort.open(line.path) }
      try await line.write([round], until: nil)
      #expect(try await port.read(upTo: 9, until: nil) == .bytes([round]))
      try await port.write([round, 7], until: nil)
      await port.close()
      #expect(try await line.read(exactly: 2) == [round, 7])
    }
    await line.close()
  }

  @Test("closing ends though the device takes nothing, and leaves the port free")
  func stuck() async throws {
    let line = try PseudoTerminal()
    let port = try await SerialPort.open(line.path)
    await expect(.timedOut) { try await port.write([UInt8](repeating: 5, count: 1 << 20), until: .start) }
    await port.close()
    await port.close()
    let next = try await openOnceFree(line.path)
    await next.close()
    await line.close()
  }

  @Test("a simulator waits while no driver has the port open")
  func nobodyThere() async throws {
    let line = try PseudoTerminal()
    #expect(try await line.read(upTo: 1, until: .start) == .timedOut)
    let first = try await SerialPort.open(line.path)
    await first.close()
    #expect(try await line.read(upTo: 1, until: .start) == .timedOut)
    async let reading = line.read(upTo: 1, until: nil)
    let second = try await SerialPort.open(line.path)
    try await second.write([5], until: nil)
    #expect(try await reading == .bytes([5]))
    await second.close()
    await line.close()
  }

  @Test("pulled out after byte k, a device is gone, after its k bytes", arguments: 0...24)
  func unplugged(after count: Int) async throws {
    let line = try PseudoTerminal()
    let port = try await SerialPort.open(line.path)
    try await line.write([UInt8](repeating: 3, count: count), until: nil)
    #expect(try await port.read(exactly: count) == [UInt8](repeating: 3, count: count))
    let reading = Task { try await port.read(upTo: 1, until: Reactor.shared.now + .seconds(30)) }
    await line.close()
    await expect(.gone) { _ = try await reading.value }
    await expect(.gone) { try await port.write([1], until: nil) }
    await port.close()
  }

  @Test("a driver that dies leaves the port to the next one")
  func killed() async throws {
    let line = try PseudoTerminal()
    // Kept without close, as a killed process would.
    var port: SerialPort? = try await SerialPort.open(line.path)
    try await port?.write([1], until: nil)
    port = nil
    let next = try await openOnceFree(line.path)
    await next.close()
    await line.close()
  }

  /// Another test that starts a process holds a copy of every descriptor until that process has become its program.
  private func openOnceFree(_ path: String) async throws(DeviceError) -> SerialPort {
    var attempts = 0
    while true {
      do throws(DeviceError) {
        return try await SerialPort.open(path)
      } catch {
        attempts += 1
        guard error.code == .busy, attempts < 200 else { throw error }
      }
      try await Reactor.shared.sleep(until: Reactor.shared.now + .milliseconds(10))
    }
  }

  @Test("a link gives a simulator the same address each time")
  func link() async throws {
    let path = scratchPath("terminal")
    for _ in 0..<2 {
      let stale = try PseudoTerminal(link: path)
      let line = try PseudoTerminal(link: path)
      #expect(line.path == path)
      let port = try await SerialPort.open(path)
      try await port.write([1], until: nil)
      #expect(try await line.read(upTo: 1, until: nil) == .bytes([1]))
      await port.close()
      await stale.close()
      let again = try await SerialPort.open(path)
      await again.close()
      await line.close()
      await expect(.notFound) { _ = try await SerialPort.open(path) }
    }
    await FileSinkTests.make(path, "a file")
    await expect(.busy) { _ = try PseudoTerminal(link: path) }
    unlink(path)
  }

  @Test("a printer node carries bytes, and an empty read is not its end")
  func printerNode() async throws {
    let line = try PseudoTerminal()
    let printer = try await PrinterNode.open(line.path)
    try await printer.write([0x10, 4, 1], until: nil)
    #expect(try await line.read(exactly: 3) == [0x10, 4, 1])
    try await line.write([0x12], until: nil)
    #expect(try await printer.read(upTo: 9, until: nil) == .bytes([0x12]))
    await printer.close()
    await line.close()
    let nothing = try await PrinterNode.open("/dev/null")
    try await nothing.write([1], until: nil)
    #expect(try await nothing.read(upTo: 1, until: .start) == .timedOut)
    await nothing.close()
    await expect(.notFound) { _ = try await PrinterNode.open("/dev/usb/lp-none") }
    let file = scratchPath("file")
    await FileSinkTests.make(file, "")
    await expect(.unsupported) { _ = try await PrinterNode.open(file) }
    unlink(file)
  }

  @Test("a printer node that takes nothing for a while goes on where it stopped")
  func patientPrinterNode() async throws {
    let line = try PseudoTerminal()
    let printer = try await PrinterNode.open(line.path)
    let job = (0..<30_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
    var sent = 0
    // Until the kernel has no room, and once more.
    for _ in 0..<2 {
      do throws(DeviceError) {
        try await printer.write(Array(job[sent...]), until: Reactor.shared.now + .milliseconds(100))
      } catch {
        #expect(error.code == .timedOut)
        sent += error.bytesMoved
      }
    }
    #expect((1..<job.count).contains(sent))
    async let got = line.read(exactly: job.count)
    try await printer.write(Array(job[sent...]), until: nil)
    #expect(try await got == job)
    await expect(.unsupported) { _ = try await printer.portStatus() }
    await expect(.unsupported) { _ = try await printer.deviceID() }
    await printer.close()
    await expect(.closed) { _ = try await printer.portStatus() }
    // Closing gives up what is still under way.
    let stuck = try await PrinterNode.open(line.path)
    await expect(.timedOut) { try await stuck.write(job, until: Reactor.shared.now + .milliseconds(100)) }
    await stuck.close()
    await line.close()
  }

  @Test("what is no serial port is refused")
  func refused() async throws {
    await expect(.notFound) { _ = try await SerialPort.open("/dev/ttyNONE9") }
    await expect(.badAddress) { _ = try await SerialPort.open("/dev/null") }
    let line = try PseudoTerminal()
    for baud in [0, -1, 49, 4_000_001, Int.max] {
      await expect(.badConfiguration) { _ = try await SerialPort.open(line.path, SerialSettings(baud: baud)) }
    }
    await line.close()
  }
}
