import Foundation
import POSBarcode
import POSDrivers
import POSLinux
import POSModel
import POSScan
import POSSimulation
import POSTransport
import Testing

/// A driver and a simulated scanner at the ends of a link in memory, under a clock that stands still.
private struct Bench {
  let clock = ManualClock()
  let link: MemoryReportLink
  let device: SimulatedHIDPOSScanner
  let scanner: CodeScanner

  init(
    _ name: String = "test", faults: SimulatedHIDPOSScanner.Faults = .init(), capacity: Int = 64,
    descriptor: [UInt8] = SimulatedHIDPOSScanner.reportDescriptor, fallback: HIDPOSMaker? = nil
  ) throws {
    link = MemoryReportLink(clock: clock, reportDescriptor: descriptor, capacity: capacity)
    device = SimulatedHIDPOSScanner(device: link.device, faults: faults)
    scanner = try CodeScanner(
      DeviceDescriptor(
        id: DeviceID(name), kind: .scanner, address: DeviceAddress(route: .reportSocket(path: name)),
        name: "simulated"),
      reports: link.host, mode: .hidPOS(fallback: fallback))
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

@Suite("HID POS scanner")
struct HIDPOSScannerTests {
  private static func pattern(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 29 &+ $0 / 56) }
  }

  @Test("the simulator's descriptor puts everything where Zebra's published layout has it")
  func descriptorFitsLayout() throws {
    let bytes = SimulatedHIDPOSScanner.reportDescriptor
    let descriptor = try HIDPOSLayout(descriptor: bytes.span)
    let published = HIDPOSLayout(maker: .zebra)
    let (one, other) = (descriptor.reports[0], published.reports[0])
    #expect(descriptor.reports.count == 1 && one.id == other.id && one.length == 64 && other.length == 64)
    #expect(one.byteCount == other.byteCount && one.aim == other.aim && one.data == other.data)
    #expect(one.codeID == other.codeID && one.continued.map(\.bitOffset) == other.continued.map(\.bitOffset))
    #expect(descriptor.output.report(setting: .preventRead) == [4, 1])
  }

  @Test("a scan carries identifier, symbology, bytes and its three times")
  func scan() async throws {
    let bench = try Bench()
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    bench.clock.advance(by: .milliseconds(7))
    #expect(try await bench.device.scan(.upcA("306030209223")) == .read(reports: 1))
    while bench.scanner.statistics.goodScans == 0 { await Task.yield() }
    bench.clock.advance(by: .milliseconds(2))
    let scan = try await events.scan()
    #expect(
      scan
        == Scan(
          device: DeviceID("test"), aim: AIMIdentifier(code: 0x58, modifier: 0x67), symbology: .upcA,
          bytes: Array("306030209223".utf8), reports: 1, isTruncated: false,
          readAt: MonotonicInstant(nanoseconds: 7_000_000),
          decodedAt: MonotonicInstant(nanoseconds: 7_000_000),
          deliveredAt: MonotonicInstant(nanoseconds: 9_000_000)
        ))
    #expect(scan.text == "306030209223")
    #expect(bench.scanner.statistics.goodScans == 1)
  }

  @Test("reports from before the enabling are dropped, counted and never delivered")
  func staleReports() async throws {
    var faults = SimulatedHIDPOSScanner.Faults()
    faults.staleCode = .qr(Self.pattern(150))
    let bench = try Bench(faults: faults)
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.device.powerOn()
    try await bench.device.scan(.code128("early"))
    try await bench.scanner.enable()
    #expect(bench.scanner.statistics.staleReports == 4)
    try await bench.device.scan(.code128("fresh"))
    #expect(try await events.scan().text == "fresh")
    #expect(bench.scanner.statistics.goodScans == 1 && bench.scanner.statistics.staleReports == 4)
  }

  @Test("the scanner reads while it is enabled, and only then")
  func enableAndDisable() async throws {
    let bench = try Bench()
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    try await bench.scanner.enable()
    #expect(try await bench.device.scan(.code128("one")) == .read(reports: 1))
    #expect(try await events.scan().text == "one")
    try await bench.scanner.disable()
    try await bench.scanner.disable()
    #expect(try await bench.device.scan(.code128("two")) == .prevented)
    try await bench.scanner.enable()
    #expect(try await bench.device.scan(.code128("three")) == .read(reports: 1))
    #expect(try await events.scan().text == "three")
    await bench.scanner.close()
    #expect(await events.next() == nil)
  }

  @Test(
    "codes around the report's border arrive whole, with and without an empty last report",
    arguments: [1, 55, 56, 57, 112, 113], [false, true])
  func borders(_ length: Int, _ endsWithEmptyReport: Bool) async throws {
    var faults = SimulatedHIDPOSScanner.Faults()
    faults.endsWithEmptyReport = endsWithEmptyReport
    let bench = try Bench(faults: faults)
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    let sent = try await bench.device.scan(.qr(Self.pattern(length)))
    let scan = try await events.scan()
    #expect(scan.bytes == Self.pattern(length) && !scan.isTruncated && scan.symbology == .qr)
    let extra = endsWithEmptyReport && length % 56 == 0 ? 1 : 0
    #expect(scan.reports == (length + 55) / 56 + extra && sent == .read(reports: scan.reports))
  }

  @Test("the longest QR code arrives with every byte, NUL and GS among them")
  func longest() async throws {
    let bench = try Bench()
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    let data = Self.pattern(2953)
    #expect(data.contains(0) && data.contains(0x1D) && Set(data).count == 256)
    try await bench.device.scan(.qr(data))
    let scan = try await events.scan()
    #expect(scan.bytes == data && scan.reports == 53 && !scan.isTruncated)
  }

  @Test("a doubled report comes through as it is: HID POS numbers no reports")
  func doubledReport() async throws {
    var faults = SimulatedHIDPOSScanner.Faults()
    faults.duplicatedReport = 0
    let bench = try Bench(faults: faults)
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    try await bench.device.scan(.code128("twice"))
    #expect(try await events.scan().text == "twice")
    #expect(try await events.scan().text == "twice")
  }

  @Test("a count beyond the data means that bytes are missing", arguments: [57, 255] as [UInt8])
  func wrongByteCount(_ count: UInt8) async throws {
    var faults = SimulatedHIDPOSScanner.Faults()
    faults.byteCount = count
    let bench = try Bench(faults: faults)
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    try await bench.device.scan(.code128("wrong"))
    let scan = try await events.scan()
    #expect(scan.isTruncated && scan.bytes.count == 56)
    #expect(bench.scanner.statistics.truncatedScans == 1 && bench.scanner.statistics.goodScans == 0)
  }

  @Test("a code whose next piece does not come is delivered as truncated when its time is up")
  func timeOut() async throws {
    let bench = try Bench()
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    var report = [UInt8](repeating: 0x41, count: 64)
    report.replaceSubrange(0..<6, with: [2, 56, 0, 0x5D, 0x51, 0x31])
    try await bench.link.device.sendReport(report, until: nil)
    await bench.clock.advanceToNextAlarm()
    let scan = try await events.scan()
    #expect(scan.isTruncated && scan.bytes == [UInt8](repeating: 0x41, count: 56))
    #expect(scan.readAt == .start && scan.decodedAt == .start + .milliseconds(500))
  }

  @Test("unplugged in the middle of a code: the code is dropped, the loss is the last event")
  func unpluggedInsideCode() async throws {
    var faults = SimulatedHIDPOSScanner.Faults()
    faults.unplugAfterReports = 2
    let bench = try Bench(faults: faults)
    let events = bench.scanner.events()
    try await bench.scanner.enable()
    #expect(try await bench.device.scan(.qr(Self.pattern(150))) == .unplugged(reports: 2))
    var seen: [ScannerEvent] = []
    for await event in events { seen.append(event) }
    guard case .interrupted(bytes: 112, let error) = seen.first, seen.count == 1 else {
      Issue.record("expected one interruption, got \(seen)")
      return
    }
    #expect(error.code == .gone)
  }

  @Test("unplugged between codes: detached is the last event, and every later call says so")
  func unplugged() async throws {
    let bench = try Bench()
    let events = bench.scanner.events()
    try await bench.scanner.enable()
    try await bench.device.scan(.code128("last"))
    await bench.device.unplug()
    var seen: [ScannerEvent] = []
    for await event in events { seen.append(event) }
    guard seen.count == 2, case .scan(let scan) = seen[0], case .detached(let error) = seen[1] else {
      Issue.record("expected a scan and the end, got \(seen)")
      return
    }
    #expect(scan.text == "last" && error.code == .gone)
    var late = bench.scanner.events().makeAsyncIterator()
    #expect(await late.next() == nil)
    await bench.scanner.close()
    await #expect(throws: DeviceError.self) { try await bench.scanner.enable() }
  }

  @Test("a device that is gone when it is to be enabled says so to its subscribers")
  func goneBeforeEnabling() async throws {
    let bench = try Bench()
    var events = bench.scanner.events().makeAsyncIterator()
    bench.link.cut(.toDevice, after: 0)
    await #expect(throws: DeviceError.self) { try await bench.scanner.enable() }
    guard case .detached(let error) = await events.next() else {
      Issue.record("expected detached")
      return
    }
    #expect(error.code == .gone)
    #expect(await events.next() == nil)
  }

  @Test("disabling in the middle of a code ends it as truncated, and nothing is glued to it later")
  func disabledInsideCode() async throws {
    let bench = try Bench()
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    var report = [UInt8](repeating: 0x41, count: 64)
    report.replaceSubrange(0..<6, with: [2, 56, 0, 0x5D, 0x43, 0x30])
    try await bench.link.device.sendReport(report, until: nil)
    // The reader has taken the piece once it waits for the next one with a deadline.
    await bench.clock.waitForAlarms()
    try await bench.scanner.disable()
    let begun = try await events.scan()
    #expect(begun.isTruncated && begun.bytes.count == 56)
    try await bench.scanner.enable()
    try await bench.device.scan(.code128("next"))
    let next = try await events.scan()
    #expect(next.text == "next" && !next.isTruncated)
  }

  @Test("the rest of a code whose beginning came before the enabling is dropped, not taken for a code")
  func begunBeforeEnabling() async throws {
    let bench = try Bench()
    var events = bench.scanner.events().makeAsyncIterator()
    func piece(_ letter: UInt8, isLast: Bool) -> [UInt8] {
      [2, 56, 0, 0x5D, 0x51, 0x31] + [UInt8](repeating: letter, count: 56) + [0x73, isLast ? 0 : 1]
    }
    try await bench.link.device.sendReport(piece(0x41, isLast: false), until: nil)
    try await bench.scanner.enable()
    try await bench.link.device.sendReport(piece(0x42, isLast: true), until: nil)
    try await bench.link.device.sendReport(piece(0x43, isLast: false), until: nil)
    try await bench.link.device.sendReport(piece(0x44, isLast: true), until: nil)
    let scan = try await events.scan()
    #expect(scan.bytes == [UInt8](repeating: 0x43, count: 56) + [UInt8](repeating: 0x44, count: 56))
    #expect(bench.scanner.statistics.staleReports == 1 && bench.scanner.statistics.goodScans == 1)

    // Nor is the rest of one that a disabling cut.
    try await bench.link.device.sendReport(piece(0x45, isLast: false), until: nil)
    await bench.clock.waitForAlarms()
    try await bench.scanner.disable()
    #expect(try await events.scan().isTruncated)
    try await bench.scanner.enable()
    try await bench.link.device.sendReport(piece(0x46, isLast: true), until: nil)
    try await bench.device.scan(.code128("next"))
    #expect(try await events.scan().text == "next")
    // Half a second later it is a code of its own.
    try await bench.scanner.disable()
    try await bench.link.device.sendReport(piece(0x47, isLast: false), until: nil)
    try await bench.scanner.enable()
    await bench.clock.advanceToNextAlarm()
    try await bench.device.scan(.code128("after"))
    #expect(try await events.scan().text == "after")
    await bench.scanner.close()
  }

  @Test("a report that cannot be decoded is an event, and reading goes on")
  func undecodable() async throws {
    let bench = try Bench()
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    try await bench.link.device.sendReport([2, 5, 0], until: nil)
    try await bench.device.scan(.code128("good"))
    guard case .undecodable(let error) = await events.next() else {
      Issue.record("expected undecodable")
      return
    }
    #expect(error.code == .protocolViolation && error.detail == "report: truncated at byte 3, in a read of 3")
    #expect(try await events.scan().text == "good")
    #expect(bench.scanner.statistics.undecodableReports == 1)
  }

  @Test("pieces of two scanners that arrive in turns are never mixed")
  func twoScanners() async throws {
    let (left, right) = (try Bench("left"), try Bench("right"))
    var leftEvents = left.scanner.events().makeAsyncIterator()
    var rightEvents = right.scanner.events().makeAsyncIterator()
    try await left.scanner.enable()
    try await right.scanner.enable()
    let (one, other) = ([UInt8](repeating: 1, count: 500), [UInt8](repeating: 2, count: 700))
    async let leftSent = left.device.scan(.qr(one))
    async let rightSent = right.device.scan(.qr(other))
    _ = try await (leftSent, rightSent)
    let (leftScan, rightScan) = (try await leftEvents.scan(), try await rightEvents.scan())
    #expect(leftScan.bytes == one && leftScan.device == DeviceID("left"))
    #expect(rightScan.bytes == other && rightScan.device == DeviceID("right"))
  }

  @Test("a subscriber that sleeps misses events and is told how many, and nobody else is held up")
  func laggingSubscriber() async throws {
    let bench = try Bench()
    let slow = bench.scanner.events()
    var quick = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    for number in 0..<100 {
      try await bench.device.scan(.code128("\(number)"))
      #expect(try await quick.scan().text == "\(number)")
    }
    await bench.scanner.close()
    var texts: [String] = []
    var drops: [Int] = []
    for await event in slow {
      switch event {
      case .scan(let scan): texts.append(scan.text)
      case .lagged(let dropped): drops.append(dropped)
      default: Issue.record("unexpected \(event)")
      }
    }
    #expect(texts == (0..<64).map(String.init) && drops == [36])
    #expect(bench.scanner.statistics.lostEvents == 36)
  }

  @Test("a subscriber whose task is cancelled leaves; the others stay")
  func cancelledSubscriber() async throws {
    let bench = try Bench()
    let leaving = bench.scanner.events()
    var staying = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    let task = Task { for await _ in leaving {} }
    task.cancel()
    await task.value
    try await bench.device.scan(.code128("still here"))
    #expect(try await staying.scan().text == "still here")
  }

  @Test("calls that overlap an enabling are refused, and closing ends it")
  func closedWhileEnabling() async throws {
    // The device takes one report and no more, so the second write waits for room.
    let bench = try Bench(capacity: 1)
    var events = bench.scanner.events().makeAsyncIterator()
    let enabling = Task { () -> DeviceError? in
      do throws(DeviceError) { try await bench.scanner.enable() } catch { return error }
      return nil
    }
    await bench.clock.waitForAlarms()
    await #expect(throws: DeviceError.self) { try await bench.scanner.enable() }
    await #expect(throws: DeviceError.self) { try await bench.scanner.disable() }
    await bench.scanner.close()
    #expect(await enabling.value?.code == .closed)
    #expect(await events.next() == nil)
  }

  @Test("a device that takes no reports cannot be enabled, and may be tried again")
  func deafDevice() async throws {
    let bench = try Bench(capacity: 1)
    let enabling = Task { () -> DeviceError? in
      do throws(DeviceError) { try await bench.scanner.enable() } catch { return error }
      return nil
    }
    await bench.clock.advanceToNextAlarm()
    #expect(await enabling.value?.code == .timedOut)
    // Once it listens again, the same scanner is enabled.
    let now = bench.clock.now
    while case .report = try await bench.link.device.receiveReport(until: now) {}
    let second = Task { try await bench.scanner.enable() }
    #expect(try await bench.device.waitUntilTold(toRead: true, until: nil))
    try await second.value
    await bench.scanner.close()
  }

  @Test("without a prevent-read bit the driver only stops listening")
  func withoutPreventRead() async throws {
    // Data of four bytes behind a count and no output report at all.
    let descriptor: [UInt8] = [
      0x05, 0x8C, 0x09, 0x02, 0xA1, 1, 0x85, 2, 0x75, 8, 0x95, 1, 0x05, 1, 0x09, 0x3B, 0x81, 2, 0x05, 0x8C,
      0x95, 4, 0x09, 0xFE, 0x81, 2, 0xC0,
    ]
    let bench = try Bench(descriptor: descriptor)
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    try await bench.link.device.sendReport([2, 2, 0x41, 0x42, 0, 0], until: nil)
    #expect(try await events.scan().text == "AB")
    try await bench.scanner.disable()
    try await bench.link.device.sendReport([2, 2, 0x43, 0x44, 0, 0], until: nil)
    try await bench.scanner.enable()
    try await bench.link.device.sendReport([2, 2, 0x45, 0x46, 0, 0], until: nil)
    #expect(try await events.scan().text == "EF")
    #expect(bench.scanner.statistics.staleReports == 1 && bench.link.reportsMoved(.toDevice) == 0)
  }

  @Test("no scanner's descriptor, and one that lies: refused with the reason, or read by the maker's layout")
  func otherDescriptors() async throws {
    let keyboard: [UInt8] = [0x05, 1, 0x09, 6, 0xA1, 1, 0x05, 7, 0x75, 8, 0x95, 8, 0x81, 0, 0xC0]
    #expect(throws: DeviceError.self) { try Bench(descriptor: keyboard) }
    do {
      _ = try Bench(descriptor: keyboard)
    } catch let error as DeviceError {
      #expect(error.code == .unsupported && error.hint.contains("HID POS"))
    }
    do {
      _ = try Bench(descriptor: Array(keyboard.dropLast()))
      Issue.record("an open collection was accepted")
    } catch let error as DeviceError {
      #expect(error.code == .protocolViolation && error.detail == "collection: truncated at byte 14 of 14")
    }
    let bench = try Bench(descriptor: [], fallback: .zebra)
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    try await bench.device.scan(.ean13("4006381333931"))
    #expect(try await events.scan().symbology == .ean13)
  }

  @Test("the same over a real socket: enable, scan, unplug")
  func overReportSocket() async throws {
    let path = NSTemporaryDirectory() + "scanner-\(UInt32.random(in: 0 ... .max)).sock"
    let listener = try ReportSocketListener(path, reportDescriptor: SimulatedHIDPOSScanner.reportDescriptor)
    async let accepted = listener.accept(until: nil)
    let host = try await ReportSocket.open(path)
    var faults = SimulatedHIDPOSScanner.Faults()
    faults.staleCode = .code128("stale")
    let device = SimulatedHIDPOSScanner(device: try await accepted, faults: faults)
    try await device.powerOn()
    let scanner = try CodeScanner(
      DeviceDescriptor(
        id: DeviceID("socket"), kind: .scanner, address: DeviceAddress(route: .reportSocket(path: path)),
        name: "simulated"),
      reports: host, mode: .hidPOS())
    var events = scanner.events().makeAsyncIterator()
    try await scanner.enable()
    #expect(scanner.statistics.staleReports == 1)
    #expect(try await device.waitUntilTold(toRead: true, until: nil))
    let data = Self.pattern(2953)
    try await device.scan(.qr(data))
    #expect(try await events.scan().bytes == data)
    await device.unplug()
    guard case .detached(let error) = await events.next() else {
      Issue.record("expected detached")
      return
    }
    #expect(error.code == .gone)
    await scanner.close()
    await listener.close()
  }
}
