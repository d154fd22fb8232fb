import POSBarcode
import POSDrivers
import POSModel
import POSScan
import POSSimulation
import POSTransport
import Testing

/// A driver and the far end of its link in memory, under a clock that stands still.
private struct ReportBench {
  let clock = ManualClock()
  let link: MemoryReportLink
  let scanner: CodeScanner

  init(_ descriptor: [UInt8], _ mode: ReportScannerMode, capacity: Int = 4096) throws {
    link = MemoryReportLink(clock: clock, reportDescriptor: descriptor, capacity: capacity)
    scanner = try CodeScanner(Self.descriptor, reports: link.host, mode: mode)
  }

  static let descriptor = DeviceDescriptor(
    id: DeviceID("test"), kind: .scanner, address: DeviceAddress(route: .reportSocket(path: "test")),
    name: "simulated")
}

private struct LineBench {
  let clock = ManualClock()
  let link: MemoryLink
  let scanner: CodeScanner

  init(_ mode: StreamScannerMode) {
    link = MemoryLink(clock: clock, capacity: 1 << 16)
    scanner = CodeScanner(ReportBench.descriptor, bytes: link.host, mode: mode)
  }
}

/// A link whose host slept: when the first deadline comes, more has been waiting since long before it, and is
/// read instead, 50 ms late.
private struct StalledLink: ByteTransport, ReportTransport {
  let manual = ManualClock()
  let line: MemoryLink
  let reports: MemoryReportLink
  let waiting: Lock<[[UInt8]]>

  init(_ waiting: [[UInt8]], reportDescriptor: [UInt8] = []) {
    line = MemoryLink(clock: manual)
    reports = MemoryReportLink(clock: manual, reportDescriptor: reportDescriptor)
    self.waiting = Lock(waiting)
  }

  var clock: any TransportClock { manual }
  var reportDescriptor: [UInt8] { reports.host.reportDescriptor }

  /// What has been waiting, once a code has begun.
  private func wake() -> [[UInt8]] {
    guard line.bytesMoved(.toHost) + reports.reportsMoved(.toHost) > 0 else { return [] }
    let late = waiting.withLock { waiting -> [[UInt8]] in
      defer { waiting = [] }
      return waiting
    }
    if !late.isEmpty { manual.advance(by: .milliseconds(50)) }
    return late
  }

  func read(upTo limit: Int, until deadline: MonotonicInstant?) async throws(DeviceError) -> ReadResult {
    let result = try await line.host.read(upTo: limit, until: deadline)
    guard result == .timedOut else { return result }
    for bytes in wake() { try await line.device.write(bytes, until: nil) }
    return try await line.host.read(upTo: limit, until: clock.now)
  }

  func readReport(until deadline: MonotonicInstant?) async throws(DeviceError) -> ReportReadResult {
    let result = try await reports.host.readReport(until: deadline)
    guard result == .timedOut else { return result }
    for report in wake() { try await reports.device.sendReport(report, until: nil) }
    return try await reports.host.readReport(until: clock.now)
  }

  func write(_ bytes: [UInt8], until deadline: MonotonicInstant?) async throws(DeviceError) {}
  func writeReport(_ report: [UInt8]) async throws(DeviceError) {}
  func discardPendingReports() async throws(DeviceError) -> Int { 0 }

  func close() async {
    await line.host.close()
    await reports.host.close()
  }
}

extension AsyncStream<ScannerEvent>.Iterator {
  /// The next event, which must be a scan.
  fileprivate mutating func scan() async throws -> Scan {
    let event = await next(isolation: #isolation)
    guard case .scan(let scan) = event else {
      throw DeviceError(.badInput, during: "expecting a scan", detail: "\(String(describing: event))")
    }
    return scan
  }
}

@Suite("Scanners that type, OEM, serial and SSI")
struct CodeScannerTests {
  private static func pattern(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 29 &+ $0 / 57) }
  }

  // MARK: Keyboard

  @Test("a scanner that types, by keys and by Alt codes", arguments: [false, true])
  func typing(_ usesAltCodes: Bool) async throws {
    let bench = try ReportBench(SimulatedTypingScanner.reportDescriptor, .keyboard(KeyboardSettings()))
    var behaviour = SimulatedTypingScanner.Behaviour()
    behaviour.usesAltCodes = usesAltCodes
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    let text = "Lane 7: !\"#$%&'()*+,-./;<=>?@[\\]^_`{|}~\u{1D}Zz"
    try await SimulatedTypingScanner(device: bench.link.device, behaviour: behaviour).scan(.code128(text))
    let scan = try await events.scan()
    #expect(scan.text == text && !scan.isTruncated)
    #expect(bench.scanner.statistics.goodScans == 1)
  }

  @Test("the longest QR code typed as Alt codes arrives with every byte")
  func longestTyped() async throws {
    let bench = try ReportBench(
      SimulatedTypingScanner.reportDescriptor, .keyboard(KeyboardSettings()), capacity: 6000)
    var behaviour = SimulatedTypingScanner.Behaviour()
    behaviour.usesAltCodes = true
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    let data = Self.pattern(2953)
    try await SimulatedTypingScanner(device: bench.link.device, behaviour: behaviour).scan(.qr(data))
    #expect(try await events.scan().bytes == data)
  }

  @Test("a scanner that turns its letters round under a lit Caps Lock lamp is read right, by the lamp")
  func capsLockLamp() async throws {
    var settings = KeyboardSettings()
    settings.capsLock = .follow
    let bench = try ReportBench(SimulatedTypingScanner.reportDescriptor, .keyboard(settings))
    var behaviour = SimulatedTypingScanner.Behaviour()
    var events = bench.scanner.events().makeAsyncIterator()
    for isLit in [true, false] {
      bench.link.setCapsLockLamp(isLit)
      try await bench.scanner.enable()
      behaviour.seesCapsLock = isLit
      let device = SimulatedTypingScanner(device: bench.link.device, behaviour: behaviour)
      try await device.scan(.code128("Lane-7b"))
      #expect(try await events.scan().text == "Lane-7b")
      // The key of the device itself turns it round, for the next code as well.
      try await bench.link.device.sendReport([0, 0, 0x39, 0, 0, 0, 0, 0], until: nil)
      try await bench.link.device.sendReport([UInt8](repeating: 0, count: 8), until: nil)
      try await device.scan(.code128("Lane-7b"))
      #expect(try await events.scan().text == "lANE-7B")
      try await bench.scanner.disable()
    }
  }

  @Test("without Enter the silence ends the code")
  func silence() async throws {
    let bench = try ReportBench(SimulatedTypingScanner.reportDescriptor, .keyboard(KeyboardSettings()))
    var behaviour = SimulatedTypingScanner.Behaviour()
    behaviour.sendsEnter = false
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    try await SimulatedTypingScanner(device: bench.link.device, behaviour: behaviour).scan(.code128("end"))
    await bench.clock.advanceToNextAlarm()
    let scan = try await events.scan()
    #expect(scan.text == "end" && !scan.isTruncated)
  }

  @Test("unplugged in the middle of a code: the beginning is dropped and counted")
  func unplugged() async throws {
    let bench = try ReportBench(SimulatedTypingScanner.reportDescriptor, .keyboard(KeyboardSettings()))
    var behaviour = SimulatedTypingScanner.Behaviour()
    behaviour.unplugAfterKeys = 3
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    try await SimulatedTypingScanner(device: bench.link.device, behaviour: behaviour).scan(.code128("secret"))
    guard case .interrupted(bytes: 3, let error)? = await events.next(isolation: #isolation) else {
      Issue.record("no interruption")
      return
    }
    #expect(error.code == .gone)
    #expect(await events.next(isolation: #isolation) == nil)
  }

  @Test("what was typed while disabled is dropped by the next enabling")
  func disabled() async throws {
    let bench = try ReportBench(SimulatedTypingScanner.reportDescriptor, .keyboard(KeyboardSettings()))
    var events = bench.scanner.events().makeAsyncIterator()
    let device = SimulatedTypingScanner(device: bench.link.device)
    try await device.scan(.code128("before"))
    try await bench.scanner.enable()
    #expect(bench.scanner.statistics.staleReports == 14)
    try await device.scan(.code128("one"))
    #expect(try await events.scan().text == "one")
    try await bench.scanner.disable()
    try await device.scan(.code128("two"))
    try await bench.scanner.enable()
    try await device.scan(.code128("three"))
    #expect(try await events.scan().text == "three")
    await bench.scanner.close()
    #expect(await events.next(isolation: #isolation) == nil)
  }

  @Test("a code that was half typed when the scanner was enabled is dropped whole; the next one is not")
  func halfTyped() async throws {
    let bench = try ReportBench(SimulatedTypingScanner.reportDescriptor, .keyboard(KeyboardSettings()))
    var events = bench.scanner.events().makeAsyncIterator()
    let device = SimulatedTypingScanner(device: bench.link.device)
    var behaviour = SimulatedTypingScanner.Behaviour()
    behaviour.sendsEnter = false
    try await SimulatedTypingScanner(device: bench.link.device, behaviour: behaviour).scan(.code128("40063"))
    try await bench.scanner.enable()
    try await device.scan(.code128("81333931"))
    try await device.scan(.code128("next"))
    #expect(try await events.scan().text == "next")
    #expect(bench.scanner.statistics.goodScans == 1)
    await bench.scanner.close()
  }

  @Test("what was begun before the enabling and comes to nothing does not take the next code with it")
  func halfTypedNothing() async throws {
    let bench = try ReportBench(SimulatedTypingScanner.reportDescriptor, .keyboard(KeyboardSettings()))
    var events = bench.scanner.events().makeAsyncIterator()
    // A Tab and then silence: the end of a code that was read long before.
    try await bench.link.device.sendReport([0, 0, 0x2B, 0, 0, 0, 0, 0], until: nil)
    try await bench.link.device.sendReport([UInt8](repeating: 0, count: 8), until: nil)
    try await bench.scanner.enable()
    await bench.clock.advanceToNextAlarm()
    try await SimulatedTypingScanner(device: bench.link.device).scan(.code128("next"))
    #expect(try await events.scan().text == "next")
    await bench.scanner.close()
  }

  @Test("SSI packets from before the enabling are acknowledged, so that they do not come again")
  func staleSSI() async throws {
    let bench = LineBench(.ssi())
    var events = bench.scanner.events().makeAsyncIterator()
    let device = SimulatedSerialScanner(line: bench.link.device, mode: .ssi)
    let early = Task { try await device.scan(.qr("early")) }
    while bench.link.bytesMoved(.toHost) == 0 { await Task.yield() }
    try await bench.scanner.enable()
    #expect(try await early.value == .sent(repeats: 0))
    #expect(try await device.scan(.qr("fresh")) == .sent(repeats: 0))
    #expect(try await events.scan().text == "fresh")
    await bench.scanner.close()
  }

  @Test("a key that types nothing under the layout makes the scan one that is not whole")
  func flawed() async throws {
    let bench = try ReportBench(SimulatedTypingScanner.reportDescriptor, .keyboard(KeyboardSettings()))
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    for report in [[0, 0, 4], [0, 0, 0], [0, 0, 1], [0, 0, 0], [0, 0, 5], [0, 0, 0], [0, 0, 0x28]]
      as [[UInt8]]
    {
      try await bench.link.device.sendReport(report + [0, 0, 0, 0, 0], until: nil)
    }
    guard case .undecodable? = await events.next(isolation: #isolation) else {
      Issue.record("no complaint")
      return
    }
    let scan = try await events.scan()
    #expect(scan.isTruncated && scan.text == "ab")
  }

  @Test("a HID POS scanner is no keyboard, and the hint says where to look")
  func noKeyboard() throws {
    let error = #expect(throws: DeviceError.self) {
      try ReportBench(SimulatedHIDPOSScanner.reportDescriptor, .keyboard(KeyboardSettings()))
    }
    #expect(error?.code == .unsupported && error?.hint.contains("hidraw") == true)
  }

  // MARK: USB-OEM

  @Test("USB-OEM: nothing is read before it is enabled, then short and long labels")
  func oem() async throws {
    let bench = try ReportBench(SimulatedOEMScanner.reportDescriptor, .oem)
    let device = SimulatedOEMScanner(device: bench.link.device)
    var events = bench.scanner.events().makeAsyncIterator()
    #expect(try await device.scan([0x31], id: 0x18) == false)
    try await bench.scanner.enable()
    #expect(try await device.scan(Array("00004937".utf8), id: 0x0A))
    let label = try await events.scan()
    #expect(label.text == "00004937" && label.symbology == .code39)
    #expect(try await device.scan(Self.pattern(2953), id: 0x33))
    let long = try await events.scan()
    #expect(long.bytes == Self.pattern(2953) && long.symbology == .qr && long.reports == 52)
    try await bench.scanner.disable()
    #expect(try await device.scan([0x31], id: 0x18) == false)
  }

  @Test("USB-OEM: a hardware error is said, and the label beside it delivered")
  func oemTrouble() async throws {
    let bench = try ReportBench(SimulatedOEMScanner.reportDescriptor, .oem)
    let device = SimulatedOEMScanner(device: bench.link.device, status0: 0x30)
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    try await device.scan(Array("7".utf8), id: 0x18)
    guard case .trouble(let error)? = await events.next(isolation: #isolation) else {
      Issue.record("no complaint")
      return
    }
    #expect(error.detail.contains("hardware"))
    #expect(try await events.scan().text == "7")
  }

  // MARK: Serial and SSI

  @Test("plain serial with AIM identifiers")
  func serial() async throws {
    var settings = SerialScanSettings()
    settings.envelope.identifiers = .aim
    let bench = LineBench(.serial(settings, .none))
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    let device = SimulatedSerialScanner(line: bench.link.device, mode: .serial)
    try await device.scan(.qr("5ca1ab1e"), sendsAIM: true)
    let scan = try await events.scan()
    #expect(scan.text == "5ca1ab1e" && scan.symbology == .qr)
    #expect(bench.link.bytesMoved(.toDevice) == 0)
  }

  // MARK: A host that is late

  @Test("a host that slept beyond the gap reads one whole code from a serial line, not two halves")
  func stalledLine() async throws {
    let link = StalledLink([Array("4567890123\r".utf8)])
    let scanner = CodeScanner(
      ReportBench.descriptor, bytes: link, mode: .serial(SerialScanSettings(), .none))
    var events = scanner.events().makeAsyncIterator()
    try await scanner.enable()
    try await link.line.device.write(Array("600123".utf8), until: nil)
    await link.manual.advanceToNextAlarm()
    let scan = try await events.scan()
    #expect(scan.text == "6001234567890123" && !scan.isTruncated)
    // When it was read is told as it was.
    #expect(scan.readAt == .start + .milliseconds(150))
    await scanner.close()
  }

  @Test("a host that slept beyond the gap reads one whole code from a scanner that types")
  func stalledKeyboard() async throws {
    let keys: [UInt8] = [0x1F, 0, 0x20, 0, 0x28]
    let reports = keys.map { [0, 0, $0, 0, 0, 0, 0, 0] as [UInt8] }
    let link = StalledLink(reports, reportDescriptor: SimulatedTypingScanner.reportDescriptor)
    let scanner = try CodeScanner(ReportBench.descriptor, reports: link, mode: .keyboard(KeyboardSettings()))
    var events = scanner.events().makeAsyncIterator()
    try await scanner.enable()
    for key in [0x1E, 0] as [UInt8] {
      try await link.reports.device.sendReport([0, 0, key, 0, 0, 0, 0, 0], until: nil)
    }
    await link.manual.advanceToNextAlarm()
    let scan = try await events.scan()
    #expect(scan.text == "123" && !scan.isTruncated)
    await scanner.close()
  }

  @Test("a host that slept beyond the time-out puts the pieces of a HID POS code together")
  func stalledPieces() async throws {
    func piece(_ letter: UInt8, isLast: Bool) -> [UInt8] {
      [2, 56, 0, 0x5D, 0x51, 0x31] + [UInt8](repeating: letter, count: 56) + [0x73, isLast ? 0 : 1]
    }
    let link = StalledLink(
      [piece(0x42, isLast: true)], reportDescriptor: SimulatedHIDPOSScanner.reportDescriptor)
    let scanner = try CodeScanner(ReportBench.descriptor, reports: link, mode: .hidPOS())
    var events = scanner.events().makeAsyncIterator()
    try await scanner.enable()
    try await link.reports.device.sendReport(piece(0x41, isLast: false), until: nil)
    await link.manual.advanceToNextAlarm()
    let scan = try await events.scan()
    #expect(scan.bytes.count == 112 && scan.reports == 2 && !scan.isTruncated)
    await scanner.close()
  }

  @Test("SSI: the longest QR code in acknowledged packets, nothing sent twice")
  func ssi() async throws {
    let bench = LineBench(.ssi())
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    let device = SimulatedSerialScanner(line: bench.link.device, mode: .ssi)
    #expect(try await device.scan(.qr(Self.pattern(2953))) == .sent(repeats: 0))
    let scan = try await events.scan()
    #expect(scan.bytes == Self.pattern(2953) && scan.symbology == .qr && scan.reports == 15)
    await bench.scanner.close()
  }

  @Test("Datalogic is told to read and to stop, by its letters")
  func dialect() async throws {
    let bench = LineBench(.serial(SerialScanSettings(), .datalogic))
    try await bench.scanner.enable()
    try await bench.scanner.disable()
    #expect(try await bench.link.device.read(upTo: 10, until: nil) == .bytes(Array("ED".utf8)))
  }

  @Test("a line that is cut in the middle of a code")
  func cutLine() async throws {
    let bench = LineBench(.serial(SerialScanSettings(), .none))
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    try await bench.link.device.write(Array("half".utf8), until: nil)
    await bench.link.device.close()
    guard case .interrupted(bytes: 4, _)? = await events.next(isolation: #isolation) else {
      Issue.record("no interruption")
      return
    }
  }
}
