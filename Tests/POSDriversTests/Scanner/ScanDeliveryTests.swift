import POSBarcode
import POSDrivers
import POSModel
import POSScan
import POSSimulation
import POSTransport
import Testing

/// A scanner on a serial line that sends AIM identifiers, under a clock that stands still.
private struct DeliveryBench {
  let clock = ManualClock()
  let link: MemoryLink
  let device: SimulatedSerialScanner
  let scanner: CodeScanner

  init(_ delivery: ScanDelivery) {
    link = MemoryLink(clock: clock, capacity: 1 << 16)
    device = SimulatedSerialScanner(line: link.device, mode: .serial)
    var settings = SerialScanSettings()
    settings.envelope.identifiers = .aim
    scanner = CodeScanner(
      DeviceDescriptor(
        id: DeviceID("test"), kind: .scanner, address: DeviceAddress(route: .serial(path: "test", baud: nil)),
        name: "simulated"),
      bytes: link.host, mode: .serial(settings, .none), delivery: delivery)
  }

  func scan(_ aim: String, _ digits: String) async throws {
    let reports = scanner.statistics.reports
    try await device.scan(
      SimulatedBarcode(data: Array(digits.utf8), aim: Array(aim.utf8), codeID: 0), sendsAIM: true)
    while scanner.statistics.reports == reports { await Task.yield() }
  }
}

@Suite("Delivery of scans")
struct ScanDeliveryTests {
  @Test("an add-on within the window is part of its symbol, with both times; without a window it is a scan")
  func addOn() async throws {
    var delivery = ScanDelivery()
    delivery.joinWindow = .milliseconds(200)
    let bench = DeliveryBench(delivery)
    let all = bench.scanner.events()
    try await bench.scanner.enable()
    try await bench.scan("]E0", "9771473968012")
    bench.clock.advance(by: .milliseconds(50))
    try await bench.scan("]E1", "05")
    try await bench.scan("]Q1", "next")
    var events = all.makeAsyncIterator()
    guard case .scan(let joined)? = await events.next(isolation: #isolation),
      case .scan(let next)? = await events.next(isolation: #isolation)
    else {
      Issue.record("no scans")
      return
    }
    #expect(joined.text == "9771473968012" && joined.symbology == .ean13)
    #expect(joined.companion == Scan.Companion(role: .addOn, bytes: Array("05".utf8)))
    #expect(joined.scanDataType.rawValue == 119 && joined.reports == 2)
    #expect(joined.readAt == .start + .milliseconds(50))
    #expect(next.text == "next" && next.companion == nil)
    #expect(bench.scanner.statistics.joinedScans == 1 && bench.scanner.statistics.goodScans == 2)
    await bench.scanner.close()
  }

  @Test("a symbol whose add-on is late is delivered when the window closes, as it was read")
  func lateAddOn() async throws {
    var delivery = ScanDelivery()
    delivery.joinWindow = .milliseconds(200)
    let bench = DeliveryBench(delivery)
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    bench.clock.advance(by: .milliseconds(7))
    try await bench.scan("]E0", "9771473968012")
    await bench.clock.advanceToNextAlarm()
    guard case .scan(let scan)? = await events.next(isolation: #isolation) else {
      Issue.record("no scan")
      return
    }
    #expect(scan.companion == nil && scan.readAt == .start + .milliseconds(7))
    #expect(scan.decodedAt == .start + .milliseconds(207))
    await bench.scanner.close()
  }

  @Test(
    "a half that waits is delivered when the scanner is disabled or unplugged, never lost",
    arguments: [false, true])
  func heldHalf(_ isUnplugged: Bool) async throws {
    var delivery = ScanDelivery()
    delivery.joinWindow = .milliseconds(200)
    let bench = DeliveryBench(delivery)
    var events = bench.scanner.events().makeAsyncIterator()
    try await bench.scanner.enable()
    try await bench.scan("]E0", "9771473968012")
    if isUnplugged { await bench.link.device.close() } else { try await bench.scanner.disable() }
    guard case .scan(let scan)? = await events.next(isolation: #isolation) else {
      Issue.record("no scan")
      return
    }
    #expect(scan.text == "9771473968012" && !scan.isTruncated)
  }

  @Test("a code that is read again within the window is dropped and counted; another scanner's is not")
  func sameCode() async throws {
    var delivery = ScanDelivery()
    delivery.sameCodeWindow = .milliseconds(500)
    let bench = DeliveryBench(delivery)
    let other = DeliveryBench(delivery)
    let (events, otherEvents) = (bench.scanner.events(), other.scanner.events())
    try await bench.scanner.enable()
    try await other.scanner.enable()
    for _ in 0..<3 { try await bench.scan("]E0", "4006381333931") }
    try await other.scan("]E0", "4006381333931")
    bench.clock.advance(by: .milliseconds(500))
    try await bench.scan("]E0", "4006381333931")
    await bench.scanner.close()
    await other.scanner.close()
    var count = 0
    for await event in events { if case .scan = event { count += 1 } }
    var otherCount = 0
    for await event in otherEvents { if case .scan = event { otherCount += 1 } }
    #expect(count == 2 && bench.scanner.statistics.repeatedScans == 2)
    #expect(otherCount == 1 && other.scanner.statistics.repeatedScans == 0)
  }

  @Test("by default every code is delivered")
  func everyCode() async throws {
    let bench = DeliveryBench(ScanDelivery())
    let events = bench.scanner.events()
    try await bench.scanner.enable()
    for _ in 0..<3 { try await bench.scan("]E0", "4006381333931") }
    try await bench.scan("]E1", "05")
    await bench.scanner.close()
    var texts: [String] = []
    for await event in events { if case .scan(let scan) = event { texts.append(scan.text) } }
    #expect(texts == ["4006381333931", "4006381333931", "4006381333931", "05"])
  }

  @Test("what was read comes before what it means, to whoever asked and to nobody else")
  func raw() async throws {
    let bench = DeliveryBench(ScanDelivery())
    let (with, without) = (bench.scanner.events(withRaw: true), bench.scanner.events())
    try await bench.scanner.enable()
    try await bench.scan("]Q1", "x")
    await bench.scanner.close()
    var seen: [String] = []
    for await event in with {
      switch event {
      case .raw(let bytes, _): seen.append(Scan.text(of: bytes))
      case .scan(let scan): seen.append(scan.text)
      default: Issue.record("unexpected \(event)")
      }
    }
    #expect(seen == ["]Q1x\r", "x"])
    var count = 0
    for await _ in without { count += 1 }
    #expect(count == 1)
  }
}
