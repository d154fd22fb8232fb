import POSBarcode
import POSDrivers
import POSModel
import POSScan
import POSSimulation
import POSTransport
import Testing

@Suite("Telling and asking scanners")
struct ScannerControlTests {
  private static let descriptor = DeviceDescriptor(
    id: DeviceID("test"), kind: .scanner, address: DeviceAddress(route: .reportSocket(path: "test")),
    name: "simulated")

  private static func link(_ descriptor: [UInt8]) -> (ManualClock, MemoryReportLink) {
    let clock = ManualClock()
    return (clock, MemoryReportLink(clock: clock, reportDescriptor: descriptor, capacity: 256))
  }

  // MARK: HID POS

  @Test("HID POS: trigger and beeps through the declared bits, each report restating the rest")
  func hidPOS() async throws {
    let (_, link) = Self.link(SimulatedHIDPOSScanner.reportDescriptor)
    let device = SimulatedHIDPOSScanner(device: link.device)
    let scanner = try CodeScanner(Self.descriptor, reports: link.host, mode: .hidPOS())
    #expect(scanner.controls == [.pullTrigger, .releaseTrigger, .goodReadBeep, .errorBeep])
    #expect(scanner.questions == [])
    await #expect(throws: DeviceError.self) { try await scanner.tell(.goodReadBeep) }
    try await scanner.enable()
    try await scanner.tell(.pullTrigger)
    try await scanner.tell(.goodReadBeep)
    try await scanner.tell(.goodReadBeep)
    try await scanner.tell(.errorBeep)
    try await device.listen()
    let (isTriggerPulled, beeps) = await (device.isTriggerPulled, device.beeps)
    #expect(isTriggerPulled && beeps == [8, 8, 4])
    try await scanner.tell(.releaseTrigger)
    try await device.listen()
    let isStillPulled = await device.isTriggerPulled
    #expect(!isStillPulled)
    #expect(try await device.scan(.code128("still reads")) == .read(reports: 1))
    do throws(DeviceError) {
      try await scanner.tell(.aimOn)
      Issue.record("told something it does not know")
    } catch {
      #expect(error.code == .unsupported && error.detail.contains("good-read-beep"))
    }
    await scanner.close()
  }

  /// The published descriptor with the output report for menu commands (specs/scanners.md §1.2) behind it.
  private static let honeywell: [UInt8] =
    SimulatedHIDPOSScanner.reportDescriptor.dropLast() + [
      0x06, 0x66, 0xFF, 0x09, 0x03, 0xA1, 0x02, 0x85, 0xFD, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08, 0x95,
      0x3F, 0x09, 0x04, 0x91, 0x02, 0xC0, 0xC0,
    ]

  private static func report(_ aim: String, _ text: [UInt8]) -> [UInt8] {
    let head: [UInt8] = [2, UInt8(text.count), 0] + Array(aim.utf8) + text
    return head + [UInt8](repeating: 0, count: 64 - head.count)
  }

  @Test("Honeywell over HID POS: a menu command's answer is kept from the scans, and scans go on")
  func honeywellMenu() async throws {
    let (_, link) = Self.link(Self.honeywell)
    let scanner = try CodeScanner(Self.descriptor, reports: link.host, mode: .hidPOS())
    #expect(scanner.questions == [.information])
    var events = scanner.events().makeAsyncIterator()
    try await scanner.enable()
    let now = link.device.clock.now
    while case .report = try await link.device.receiveReport(until: now) {}
    async let answer = scanner.ask(.information)
    guard case .report(let command, _) = try await link.device.receiveReport(until: nil) else {
      Issue.record("no command")
      return
    }
    // FD, the true length, SYN M CR REVINF and a full stop (specs/scanners.md §1.6 and §1.7).
    #expect(command.prefix(12) == [0xFD, 10, 0x16, 0x4D, 0x0D, 0x52, 0x45, 0x56, 0x49, 0x4E, 0x46, 0x2E])
    #expect(command.count == 64)
    try await link.device.sendReport(Self.report("]X0", Array("Product Name: Voyager\r\n".utf8)), until: nil)
    try await link.device.sendReport(Self.report("]C0", Array("LANE".utf8)), until: nil)
    try await link.device.sendReport(Self.report("]X0", Array("Boot Revision: CF".utf8)), until: nil)
    try await link.device.sendReport(Self.report("]Z6", Array("REVINF\u{06}.".utf8)), until: nil)
    let text = try await Scan.text(of: answer.bytes)
    #expect(text == "Product Name: Voyager\r\nBoot Revision: CF")
    guard case .scan(let scan)? = await events.next(isolation: #isolation) else {
      Issue.record("no scan")
      return
    }
    #expect(scan.text == "LANE" && scanner.statistics.goodScans == 1)
    await scanner.close()
  }

  @Test("without an answer the question ends, and what was held comes out as scans")
  func unanswered() async throws {
    let (clock, link) = Self.link(Self.honeywell)
    let scanner = try CodeScanner(Self.descriptor, reports: link.host, mode: .hidPOS())
    var events = scanner.events().makeAsyncIterator()
    try await scanner.enable()
    let now = link.device.clock.now
    while case .report = try await link.device.receiveReport(until: now) {}
    let asking = Task { () -> DeviceError? in
      do throws(DeviceError) { _ = try await scanner.ask(.information) } catch { return error }
      return nil
    }
    _ = try await link.device.receiveReport(until: nil)
    await #expect(throws: DeviceError.self) { try await scanner.ask(.information) }
    let reports = scanner.statistics.reports
    try await link.device.sendReport(Self.report("]X0", Array("9780306406157".utf8)), until: nil)
    while scanner.statistics.reports == reports { await Task.yield() }
    clock.advance(by: .seconds(3))
    #expect(await asking.value?.code == .timedOut)
    guard case .scan(let scan)? = await events.next(isolation: #isolation) else {
      Issue.record("no scan")
      return
    }
    #expect(scan.text == "9780306406157")
    await scanner.close()
  }

  // MARK: USB-OEM

  @Test("USB-OEM: information over two reports, health, statistics, configuration and beeps")
  func oem() async throws {
    let (_, link) = Self.link(SimulatedOEMScanner.reportDescriptor)
    let device = SimulatedOEMScanner(device: link.device)
    let scanner = try CodeScanner(Self.descriptor, reports: link.host, mode: .oem)
    #expect(scanner.questions == ScannerQuestion.allCases)
    let obeying = Task { _ = try? await device.waitUntilTold(toRead: false, until: nil) }
    try await scanner.enable()
    func text(_ question: ScannerQuestion) async throws -> String {
      Scan.text(of: try await scanner.ask(question).bytes)
    }
    #expect(try await text(.information) == SimulatedOEMScanner.information)
    #expect(try await text(.health) == "HEALTH OK")
    #expect(try await text(.statistics) == "READS 00000042")
    var configuration = OEMConfiguration()
    configuration[.upcEAN] = true
    configuration[.goodReadBeep] = true
    configuration[.interleaved2of5Length2] = 14
    try await scanner.configure(configuration)
    #expect(OEMConfiguration(try await scanner.ask(.configuration).bytes) == configuration)
    for beep in [.goodReadBeep, .errorBeep, .notOnFileBeep] as [ScannerControl] {
      try await scanner.tell(beep)
    }
    try await scanner.disable()
    await obeying.value
    let (beeps, bytes) = await (device.beeps, device.configuration)
    #expect(beeps == [4, 5, 6] && bytes == configuration.bytes)
  }

  @Test("USB-OEM: a refused question is an error, and a refused command an event")
  func oemRefusals() async throws {
    let (_, link) = Self.link(SimulatedOEMScanner.reportDescriptor)
    let scanner = try CodeScanner(Self.descriptor, reports: link.host, mode: .oem)
    var events = scanner.events().makeAsyncIterator()
    try await scanner.enable()
    let asking = Task { () -> DeviceError? in
      do throws(DeviceError) { _ = try await scanner.ask(.health) } catch { return error }
      return nil
    }
    var command: [UInt8] = []
    while command.prefix(3) != [0x30, 0, 2],
      case .report(let report, _) = try await link.device.receiveReport(until: nil)
    {
      command = report
    }
    try await link.device.sendReport([4, 0, 3, 0x20], until: nil)
    #expect(await asking.value?.code == .unsupported)
    try await link.device.sendReport([4, 0, 0x83, 0], until: nil)
    guard case .trouble(let error)? = await events.next(isolation: #isolation) else {
      Issue.record("no trouble")
      return
    }
    #expect(error.code == .inputOutput && scanner.statistics.troubles == 1)
    await scanner.close()
  }

  // MARK: SNAPI

  @Test("SNAPI: packets of either size are acknowledged and joined", arguments: [false, true])
  func snapi(_ usesLargePackets: Bool) async throws {
    let (_, link) = Self.link(SimulatedSNAPIScanner.reportDescriptor)
    let device = SimulatedSNAPIScanner(device: link.device, usesLargePackets: usesLargePackets)
    let scanner = try CodeScanner(Self.descriptor, reports: link.host, mode: .snapi())
    var events = scanner.events().makeAsyncIterator()
    try await scanner.enable()
    let data = (0..<2953).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    #expect(try await device.scan(data, type: 28) == .sent(repeats: 0))
    #expect(try await device.scan(Array("4006381333931".utf8), type: 11) == .sent(repeats: 0))
    for expected in [data, Array("4006381333931".utf8)] {
      guard case .scan(let scan)? = await events.next(isolation: #isolation) else {
        Issue.record("no scan")
        return
      }
      #expect(scan.bytes == expected && !scan.isTruncated)
    }
    await scanner.close()
  }

  @Test("SNAPI: commands, and one that the scanner does not take")
  func snapiCommands() async throws {
    let (_, link) = Self.link(SimulatedSNAPIScanner.reportDescriptor)
    let device = SimulatedSNAPIScanner(device: link.device)
    let scanner = try CodeScanner(Self.descriptor, reports: link.host, mode: .snapi())
    var events = scanner.events().makeAsyncIterator()
    try await scanner.enable()
    try await scanner.tell(.pullTrigger)
    try await scanner.tell(.errorBeep)
    try await scanner.tell(.aimOff)
    try await device.listen()
    let commands = await device.commands
    #expect(commands == [.init(id: 10, value: 1), .init(id: 4, value: 15), .init(id: 2, value: 0)])
    try await link.device.sendReport([0x21, 0x04, 0x03, 0], until: nil)
    guard case .trouble(let error)? = await events.next(isolation: #isolation) else {
      Issue.record("no trouble")
      return
    }
    #expect(error.detail.contains("unsupported"))
    // A status is the acknowledgement itself: nothing answers it.
    let moved = link.reportsMoved(.toDevice)
    try await device.scan([0x41], type: 3)
    #expect(link.reportsMoved(.toDevice) == moved + 1)
    await scanner.close()
  }

  @Test("SNAPI: what it is stands in feature reports; one that it lacks is left out")
  func snapiInformation() async throws {
    let (_, link) = Self.link(SimulatedSNAPIScanner.reportDescriptor)
    let scanner = try CodeScanner(Self.descriptor, reports: link.host, mode: .snapi())
    #expect(scanner.questions == [.information])
    try await scanner.enable()
    do throws(DeviceError) {
      _ = try await scanner.ask(.information)
      Issue.record("an answer of nobody")
    } catch {
      #expect(error.code == .inputOutput)
    }
    link.setFeature([0x31] + Array("PAABLS00-005-R05".utf8) + [0, 0, 0])
    link.setFeature([0x33] + Array("SE4500".utf8))
    link.setFeature([0x34, 0, 0])
    #expect(Scan.text(of: try await scanner.ask(.information).bytes) == "PAABLS00-005-R05\nSE4500")
    await scanner.close()
  }

  // MARK: Streams

  @Test("Honeywell over a serial line: the answer's lines are kept from the codes")
  func honeywellSerial() async throws {
    let clock = ManualClock()
    let link = MemoryLink(clock: clock, capacity: 1 << 16)
    let scanner = CodeScanner(
      Self.descriptor, bytes: link.host, mode: .serial(SerialScanSettings(), .honeywell))
    #expect(scanner.controls == [.pullTrigger, .releaseTrigger, .goodReadBeep])
    var events = scanner.events().makeAsyncIterator()
    try await scanner.enable()
    async let answer = scanner.ask(.information)
    #expect(
      try await link.device.read(upTo: 64, until: nil) == .bytes([0x16, 0x4D, 0x0D] + Array("REVINF.".utf8)))
    try await link.device.write(Array("Product Name: Xenon\r\nBoot: 1\r\nREVINF\u{06}.".utf8), until: nil)
    await clock.waitForAlarms(atLeast: 2)
    clock.advance(by: .milliseconds(100))
    let text = try await Scan.text(of: answer.bytes)
    #expect(text == "Product Name: Xenon\nBoot: 1\n")
    try await link.device.write(Array("code\r".utf8), until: nil)
    guard case .scan(let scan)? = await events.next(isolation: #isolation) else {
      Issue.record("no scan")
      return
    }
    // The silence that ended the answer cut nothing.
    #expect(scan.text == "code" && !scan.isTruncated)
    await scanner.close()
  }

  @Test("Datalogic over a serial line: the answer between SOH and EOT is kept from the codes around it")
  func datalogicSerial() async throws {
    let clock = ManualClock()
    let link = MemoryLink(clock: clock, capacity: 1 << 16)
    let scanner = CodeScanner(
      Self.descriptor, bytes: link.host, mode: .serial(SerialScanSettings(), .datalogic))
    #expect(scanner.questions == [.information, .health, .statistics])
    var events = scanner.events().makeAsyncIterator()
    try await scanner.enable()
    #expect(try await link.device.read(upTo: 64, until: nil) == .bytes(Array("E".utf8)))
    let questions: [(ScannerQuestion, String)] = [(.information, "i"), (.health, "h"), (.statistics, "s")]
    for (question, letter) in questions {
      async let answer = scanner.ask(question)
      #expect(try await link.device.read(upTo: 64, until: nil) == .bytes(Array(letter.utf8)))
      // A code that was under way, the answer in two pieces, and the next code right behind it.
      for piece in ["one\r\u{01}AGryphon\u{03}", "R2.1\u{03}\u{04}two\r"] {
        try await link.device.write(Array(piece.utf8), until: nil)
      }
      let bytes = try await answer.bytes
      #expect(bytes == Array("AGryphon\u{03}R2.1\u{03}".utf8))
      for text in ["one", "two"] {
        guard case .scan(let scan)? = await events.next(isolation: #isolation) else {
          Issue.record("no scan")
          return
        }
        #expect(scan.text == text && !scan.isTruncated)
      }
    }
    // Nobody has asked: SOH is a byte of a code.
    try await link.device.write(Array("\u{01}code\u{04}\r".utf8), until: nil)
    guard case .scan(let scan)? = await events.next(isolation: #isolation) else {
      Issue.record("no scan")
      return
    }
    #expect(scan.bytes == Array("\u{01}code\u{04}".utf8))
    await scanner.close()
  }

  @Test("Datalogic: what begins as an answer and never ends comes out as a code once the question is over")
  func datalogicUnanswered() async throws {
    let clock = ManualClock()
    let link = MemoryLink(clock: clock, capacity: 1 << 16)
    let scanner = CodeScanner(
      Self.descriptor, bytes: link.host, mode: .serial(SerialScanSettings(), .datalogic))
    var events = scanner.events().makeAsyncIterator()
    try await scanner.enable()
    let asking = Task { () -> DeviceError? in
      do throws(DeviceError) { _ = try await scanner.ask(.health) } catch { return error }
      return nil
    }
    #expect(try await link.device.read(upTo: 1, until: nil) == .bytes(Array("E".utf8)))
    #expect(try await link.device.read(upTo: 1, until: nil) == .bytes(Array("h".utf8)))
    let reports = scanner.statistics.reports
    try await link.device.write(Array("\u{01}binary\r".utf8), until: nil)
    while scanner.statistics.reports == reports { await Task.yield() }
    clock.advance(by: .seconds(3))
    #expect(await asking.value?.code == .timedOut)
    guard case .scan(let scan)? = await events.next(isolation: #isolation) else {
      Issue.record("no scan")
      return
    }
    #expect(scan.bytes == Array("\u{01}binary".utf8))
    await scanner.close()
  }

  @Test("SSI: trigger and beep as packets; the revision is an answer, a refusal an error")
  func ssi() async throws {
    let link = MemoryLink(clock: ManualClock(), capacity: 1 << 16)
    let scanner = CodeScanner(Self.descriptor, bytes: link.host, mode: .ssi())
    try await scanner.enable()
    try await scanner.tell(.pullTrigger)
    try await scanner.tell(.goodReadBeep)
    guard case .bytes(let sent) = try await link.device.read(upTo: 64, until: nil) else {
      Issue.record("nothing sent")
      return
    }
    // START_SESSION as captured by enioka_scan (specs/scanners.md §8.4), between SCAN_ENABLE and BEEP.
    #expect(sent.dropFirst(6).prefix(6) == [0x04, 0xE4, 0x04, 0x00, 0xFF, 0x14] && sent[13] == 0xE6)
    async let answer = scanner.ask(.information)
    _ = try await link.device.read(upTo: 64, until: nil)
    let body: [UInt8] = [0xA4, 0x00, 0x00] + Array("PAABLS00-005-R05".utf8)
    let counted = [UInt8(body.count + 1)] + body
    let check = (0x10000 - counted.reduce(0) { $0 + Int($1) }) & 0xFFFF
    try await link.device.write(counted + [UInt8(check >> 8), UInt8(check & 0xFF)], until: nil)
    let text = try await Scan.text(of: answer.bytes)
    #expect(text == "PAABLS00-005-R05")
    await scanner.close()
  }
}
