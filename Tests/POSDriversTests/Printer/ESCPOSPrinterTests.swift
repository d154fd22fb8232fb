import ESCPOS
import POSBarcode
import POSDrivers
import POSModel
import POSSimulation
import POSTransport
import TestSupport
import Testing

@Suite("ESC/POS printer", .timeLimit(.minutes(2)))
struct ESCPOSPrinterTests {
  static let job = PrintJob(id: "check-1", document: .sample)

  @Test("prints, and the printer itself confirms", arguments: [PrinterProfile.epsonTMT20II, .epsonTMT88V])
  func printed(profile: PrinterProfile) async {
    let lab = PrinterLab(profile)
    #expect(await lab.printer.print(Self.job) == .printed)
    let page = await lab.device.page
    #expect(showsWholeSample(page))
    #expect(page.complaints.isEmpty)
    await lab.end()
  }

  @Test("confirms by GS r where that is all there is")
  func paperStatus() async {
    let lab = PrinterLab(.confirming80)
    #expect(await lab.printer.print(Self.job) == .printed)
    #expect(await lab.device.receivedBytes.suffix(3) == [0x1D, 0x72, 0x01])
    await lab.end()
  }

  @Test("falls back to GS r when the process id stays unanswered")
  func fallback() async {
    var faults = SimulatedPrinter.Faults()
    faults.answersProcessID = false
    let lab = PrinterLab(.epsonTMT20II, faults)
    #expect(await lab.printPassingTime(Self.job) == .printed)
    await lab.end()
  }

  @Test("has only sent what a silent clone cannot confirm")
  func sent() async {
    var faults = SimulatedPrinter.Faults()
    faults.answersRealTimeStatus = false
    let lab = PrinterLab(.generic80, faults)
    #expect(await lab.printPassingTime(Self.job) == .sent)
    await lab.end()
  }

  @Test("prints nothing without paper, with the cover open or the cutter stuck")
  func obstacles() async {
    var noPaper = SimulatedPrinter.Faults()
    noPaper.paperDots = 0
    var open = SimulatedPrinter.Faults()
    open.isCoverOpen = true
    var stuck = SimulatedPrinter.Faults()
    stuck.isCutterStuck = true
    let cases: [(SimulatedPrinter.Faults, DeviceError.Code)] = [
      (noPaper, .paperOut), (open, .coverOpen), (stuck, .cutterJam),
    ]
    for (faults, code) in cases {
      let lab = PrinterLab(.epsonTMT20II, faults)
      guard case .notPrinted(let error) = await lab.printer.print(Self.job) else {
        Issue.record("printed in spite of \(code.rawValue)")
        continue
      }
      #expect(error.code == code)
      // The same job goes through once a person has mended it.
      await lab.device.loadPaper()
      await lab.device.setCover(isOpen: false)
      await lab.device.freeCutter()
      #expect(await lab.printer.print(Self.job) == .printed)
      #expect(showsWholeSample(await lab.device.page))
      await lab.end()
    }
  }

  @Test("says nothing was printed when a printer that must answer is silent")
  func silentPrinter() async {
    var faults = SimulatedPrinter.Faults()
    faults.answersRealTimeStatus = false
    let lab = PrinterLab(.epsonTMT20II, faults)
    guard case .notPrinted(let error) = await lab.printPassingTime(Self.job) else {
      Issue.record("not refused")
      return
    }
    #expect(error.code == .timedOut)
    #expect(await lab.device.page.items.isEmpty)
    await lab.end()
  }

  @Test("paper that ends in the middle is unknown and says why")
  func paperOutMidway() async {
    var faults = SimulatedPrinter.Faults()
    faults.paperDots = 60
    let lab = PrinterLab(.epsonTMT20II, faults)
    guard case .unknown(let error) = await lab.printPassingTime(Self.job) else {
      Issue.record("not unknown")
      return
    }
    #expect(error.code == .printUnknown)
    #expect(error.detail.contains("out of paper"))
    #expect(!showsWholeSample(await lab.device.page))
    await lab.end()
  }

  @Test("a new roll in time ends in one whole receipt, confirmed")
  func paperChangedInTime() async {
    var faults = SimulatedPrinter.Faults()
    faults.paperDots = 60
    let lab = PrinterLab(.epsonTMT20II, faults)
    let printing = Task { await lab.printer.print(Self.job) }
    while await !lab.device.isPaperOut { await Task.yield() }
    await lab.device.loadPaper()
    #expect(await printing.value == .printed)
    #expect(showsWholeSample(await lab.device.page))
    await lab.end()
  }

  /// Every outcome that a receipt cut off after so many bytes may have.
  @Test(
    "a link cut at every byte is never called not printed once a dot may stand, nor printed unless all does",
    arguments: [LinkBreakage.fails(.connectionLost), .hangsUp, .goesSilent])
  func linkCutEverywhere(breakage: LinkBreakage) async throws {
    let whole = PrinterLab()
    #expect(await whole.printer.print(Self.job) == .printed)
    let total = whole.link.bytesMoved(.toDevice)
    await whole.end()

    // Three more ask for automatic status.
    let jobBytes = try ReceiptLayout(.epsonTMT20II).escpos(.sample).count + 3
    // Two status requests before, one process id after.
    let preamble = total - jobBytes - 11
    #expect(preamble == 6)
    var seen: Set<String> = []
    for cut in 0...total {
      let lab = PrinterLab()
      lab.link.cut(.toDevice, after: cut, breakage)
      let outcome = await lab.printPassingTime(Self.job, cut: cut)
      let received = await lab.device.receivedBytes
      switch outcome {
      case .notPrinted:
        seen.insert("not printed")
        #expect(received.count <= preamble, "after \(cut) bytes")
        #expect(await lab.device.page.items.isEmpty, "after \(cut) bytes")
      case .printed:
        seen.insert("printed")
        #expect(showsWholeSample(await lab.device.page), "after \(cut) bytes")
        #expect(cut == total)
      case .unknown(let error):
        seen.insert("unknown")
        #expect(error.code == .printUnknown)
        #expect(cut >= preamble)
      case .sent: Issue.record("sent after \(cut) bytes")
      }
      await lab.end()
    }
    #expect(seen.contains("unknown") && seen.contains("not printed"))
  }

  @Test("a confirmation lost at every byte of the way back is never taken for one")
  func confirmationCutEverywhere() async {
    let whole = PrinterLab()
    #expect(await whole.printer.print(Self.job) == .printed)
    let total = whole.link.bytesMoved(.toHost)
    await whole.end()
    // Two answers, one automatic status, one process id.
    #expect(total == 2 + 4 + 7)
    for cut in 0...total {
      let lab = PrinterLab()
      lab.link.cut(.toHost, after: cut, .goesSilent)
      switch await lab.printPassingTime(Self.job) {
      case .printed:
        #expect(cut == total)
        #expect(showsWholeSample(await lab.device.page))
      case .unknown: #expect(cut >= 2)
      case .notPrinted:
        #expect(cut < 2)
        #expect(await lab.device.page.items.isEmpty)
      case .sent: Issue.record("sent")
      }
      await lab.end()
    }
  }

  @Test("answers of an earlier job confirm no later one")
  func staleAnswers() async throws {
    // The first job's GS r stays unanswered while the paper is out; then its answer comes after the second asks.
    let clock = ManualClock()
    let link = MemoryLink(clock: clock)
    let printer = ESCPOSPrinter(
      DeviceDescriptor(
        id: DeviceID("lab"), kind: .printer, address: DeviceAddress(route: .file(path: "lab")), name: "lab"),
      over: link.host, profile: .confirming80)

    /// Plays a printer that is well and answers `DLE EOT`, until `GS r` comes.
    @Sendable func playUntilQuestion() async throws {
      var tail: [UInt8] = []
      while true {
        guard case .bytes(let bytes) = try await link.device.read(upTo: 1, until: nil) else { return }
        tail = (tail + bytes).suffix(3)
        if tail.starts(with: [0x10, 0x04]), tail.count == 3 {
          try await link.device.write([0x12], until: nil)
        }
        if tail == [0x1D, 0x72, 0x01] { return }
      }
    }

    let first = Task { await printer.print(PrintJob(id: "1", document: .sample)) }
    try await playUntilQuestion()
    await clock.advanceToNextAlarm()
    try await link.device.write([], until: nil)
    // It is asked why; it says nothing.
    while case .bytes(let bytes) = try await link.device.read(upTo: 16, until: nil) {
      if bytes.suffix(3) == [0x10, 0x04, 0x01] { break }
    }
    await clock.advanceToNextAlarm()
    guard case .unknown = await first.value else {
      Issue.record("the first job is not unknown")
      return
    }

    let second = Task { await printer.print(PrintJob(id: "2", document: .sample)) }
    try await playUntilQuestion()
    // Nobody knows whether it was in the middle of the first, so it is asked before the second: that is the question.
    // The late answer to the first one comes, then this one's.
    try await link.device.write([0x00, 0x00], until: nil)
    // Whether they are read before or at the first deadline, that no more come is known two later at most.
    let limit = clock.now + .seconds(2)
    while clock.now < limit {
      await clock.waitForAlarms()
      guard let next = clock.nextAlarm, next <= limit else { break }
      clock.advance(to: next)
    }
    // The second job's own question, and nothing confirms it but its answer.
    try await playUntilQuestion()
    await clock.waitForAlarms()
    try await link.device.write([0x00], until: nil)
    #expect(await second.value == .printed)
    await printer.close()
  }

  @Test("one stale answer alone leaves the later job unknown")
  func oneStaleAnswer() async {
    var faults = SimulatedPrinter.Faults()
    faults.answersPaperStatus = false
    let lab = PrinterLab(.confirming80, faults)
    guard case .unknown = await lab.printPassingTime(PrintJob(id: "1", document: .sample)) else {
      Issue.record("confirmed by nobody")
      return
    }
    await lab.end()
  }

  @Test(
    "noise around the answers changes nothing",
    arguments: [[0x1F], [0x90, 0xFF], [0x10, 0x80]] as [[UInt8]])
  func noise(noise: [UInt8]) async {
    var faults = SimulatedPrinter.Faults()
    faults.noise = noise
    let lab = PrinterLab(.epsonTMT20II, faults)
    #expect(await lab.printer.print(Self.job) == .printed)
    await lab.end()
  }

  @Test("a job id is printed once, however often it is sent")
  func once() async {
    let lab = PrinterLab()
    async let first = lab.printer.print(Self.job)
    async let second = lab.printer.print(Self.job)
    #expect(await first == .printed)
    #expect(await second == .printed)
    #expect(await lab.printer.print(Self.job) == .printed)
    #expect(showsWholeSample(await lab.device.page, times: 1))
    await lab.end()
  }

  @Test("jobs come out whole and in order")
  func order() async {
    let lab = PrinterLab()
    var tasks: [Task<PrintOutcome, Never>] = []
    for index in 0..<8 {
      var receipt = ReceiptDocument()
      receipt.text("begin \(index)")
      receipt.text("end \(index)")
      let job = PrintJob(id: "job-\(index)", document: receipt)
      if index % 2 == 0 {
        tasks.append(Task { await lab.printer.print(job) })
      } else {
        #expect(await lab.printer.print(job) == .printed)
      }
    }
    for task in tasks { #expect(await task.value == .printed) }
    let lines = await lab.device.page.lines.map { String(String.UnicodeScalarView($0)) }
    #expect(lines.count == 16)
    for index in stride(from: 0, to: lines.count, by: 2) {
      #expect(lines[index].dropFirst(6) == lines[index + 1].dropFirst(4))
    }
    await lab.end()
  }

  @Test("after a stop in the middle the next job comes out whole, apart from what was left")
  func interrupted() async throws {
    var faults = SimulatedPrinter.Faults()
    faults.paperDots = 30
    let lab = PrinterLab(.epsonTMT20II, faults)
    var long = ReceiptDocument()
    let dots = [UInt8](repeating: 0x55, count: 72 * 2600)
    long.blocks = [.image(try #require(Bitmap(width: 576, packed: dots, height: 2600)))]
    guard case .unknown(let error) = await lab.printPassingTime(PrintJob(id: "long", document: long)) else {
      Issue.record("not unknown")
      return
    }
    #expect(error.bytesMoved > 0)
    #expect(error.detail.contains("out of paper"))
    guard case .notPrinted(let obstacle) = await lab.printPassingTime(Self.job) else {
      Issue.record("printed without paper")
      return
    }
    #expect(obstacle.code == .paperOut)
    await lab.device.loadPaper()
    #expect(await lab.printPassingTime(Self.job) == .printed)
    let page = await lab.device.page
    #expect(page.cuts.count == 2)
    let first = try #require(page.cuts.first)
    let name = page.items.compactMap { item in
      if case .text(let run) = item, run.scalars.starts(with: "Burger".unicodeScalars) { run.y } else { nil }
    }
    #expect(name.count == 1 && name.allSatisfy { $0 >= first.y })
    await lab.end()
  }

  @Test("a picture that broke off in the middle is filled up on the next connection")
  func halfAPicture() async throws {
    let lab = PrinterLab()
    var picture = ReceiptDocument()
    var generator = SeededGenerator(seed: 3)
    let dots = (0..<(72 * 400)).map { _ in UInt8.random(in: 0...255, using: &generator) }
    picture.blocks = [.image(try #require(Bitmap(width: 576, packed: dots, height: 400)))]
    lab.link.cut(.toDevice, after: 12_000, .hangsUp)
    guard case .unknown = await lab.printPassingTime(PrintJob(id: "picture", document: picture), cut: 12_000)
    else {
      Issue.record("not unknown")
      return
    }
    let again = await PrinterLab(reconnecting: lab, owedBytes: PrinterCommands.bytesOwed(after: []))
    #expect(await again.printPassingTime(Self.job) == .printed)
    let page = await lab.device.page
    let texts = page.lines.map { String(String.UnicodeScalarView($0)) }
    #expect(texts.count { $0 == "Burger Barn" } == 1 && texts.count { $0 == "Thank you" } == 1)
    #expect(page.cuts.count == 2)
    await again.end()
  }

  @Test(
    "a picture for another model is filled up as well, before a receipt and before a pulse",
    arguments: [true, false])
  func picturesOfAnotherModel(isReceipt: Bool) async throws {
    let lab = PrinterLab()
    // One band of 108,000 bytes, as programs send that do not care.
    let band: [UInt8] = [0x1D, 0x76, 0x30, 0, 72, 0, 0xDC, 0x05] + [UInt8](repeating: 0x55, count: 108_000)
    lab.link.cut(.toDevice, after: 1000, .hangsUp)
    guard case .unknown = await lab.printPassingTime(PrintJob(id: "band", commands: band), cut: 1000) else {
      Issue.record("not unknown")
      return
    }
    let again = await PrinterLab(
      reconnecting: lab, owedBytes: PrinterCommands.bytesOwed(after: band), profile: .generic80)
    if isReceipt {
      #expect(await again.printPassingTime(Self.job) == .sent)
      while await !lab.device.isAtRest(after: again.link.bytesMoved(.toDevice)) { await Task.yield() }
      let texts = await lab.device.page.lines.map { String(String.UnicodeScalarView($0)) }
      #expect(texts.count { $0 == "Burger Barn" } == 1 && texts.count { $0 == "Thank you" } == 1)
    } else {
      #expect(await again.passingTime { await again.printer.openDrawer(DrawerPulse()) } == .opened)
      #expect(await lab.device.page.drawerPulses.count == 1)
    }
    await again.end()
  }

  @Test("waits for the new roll when it may, and says meanwhile what it waits for")
  func patience() async {
    var faults = SimulatedPrinter.Faults()
    faults.paperDots = 60
    var timing = ESCPOSPrinter.Timing()
    timing.repair = .seconds(600)
    let lab = PrinterLab(.epsonTMT20II, faults, timing: timing)
    let told = Lock<[PrintProgress]>([])
    let watch = PrintWatch(progress: { progress in told.withLock { $0.append(progress) } })
    let begin = lab.clock.now
    let outcome = await lab.passingTime {
      async let printing = lab.printer.print(Self.job, watch: watch)
      // Many times longer than a confirmation takes.
      while lab.clock.now - begin < .seconds(300) { await Task.yield() }
      await lab.device.loadPaper()
      return await printing
    }
    #expect(outcome == .printed)
    #expect(showsWholeSample(await lab.device.page))
    let all = told.withLock { $0 }
    #expect(all.contains { $0.obstacle == .paperOut })
    #expect(all.map(\.sentBytes) == all.map(\.sentBytes).sorted())
    #expect(all.last?.sentBytes == all.last?.totalBytes)
    await lab.end()
  }

  @Test(
    "is confirmed when the paper stands, however long it is and however little the printer buffers",
    arguments: [(480, 4096), (1600, 256), (400, 1 << 20)])
  func slowPaper(dotsPerSecond: Int, bufferBytes: Int) async {
    var faults = SimulatedPrinter.Faults()
    faults.dotsPerSecond = dotsPerSecond
    faults.bufferBytes = bufferBytes
    let lab = PrinterLab(.epsonTMT20II, faults)
    var document = ReceiptDocument.sample
    // Five metres: far longer than the printer has to confirm a short one.
    for line in 0..<1100 { document.text("line \(line)") }
    document.cut()
    let begin = lab.clock.now
    #expect(await lab.printPassingTime(PrintJob(id: "long", document: document)) == .printed)
    let page = await lab.device.page
    let moving = lab.clock.now - begin
    #expect(moving >= .milliseconds(page.height * 1000 / dotsPerSecond - 100) && moving < .seconds(200))
    #expect(page.lines.count { $0.starts(with: "line".unicodeScalars) } == 1100 && page.complaints.isEmpty)
    await lab.end()
  }

  @Test("power that goes while the paper moves leaves a part on it, and the outcome unknown")
  func powerWhileMoving() async {
    var faults = SimulatedPrinter.Faults()
    faults.dotsPerSecond = 400
    let lab = PrinterLab(.epsonTMT20II, faults)
    let outcome = await lab.passingTime {
      async let printing = lab.printer.print(Self.job)
      while await lab.device.page.lines.count < 3 { await Task.yield() }
      await lab.device.cutPower()
      return await printing
    }
    guard case .unknown(let error) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(error.code == .printUnknown)
    let pages = await lab.device.pages
    #expect(pages.count == 2 && pages[0].cuts.isEmpty && pages[0].lines.count == 3)
    await lab.end()
  }

  @Test("a cutter that was freed is told to go on, by policy")
  func recovery() async {
    var faults = SimulatedPrinter.Faults()
    faults.isCutterStuck = true
    faults.cutterNeedsRecovery = true
    for policy: ESCPOSPrinter.ErrorRecovery in [.never, .beforeJobs] {
      let lab = PrinterLab(.epsonTMT20II, faults, recovery: policy)
      guard case .notPrinted(let jam) = await lab.printer.print(Self.job) else {
        Issue.record("printed with a stuck cutter")
        continue
      }
      #expect(jam.code == .cutterJam)
      await lab.device.freeCutter()
      let outcome = await lab.printer.print(Self.job)
      #expect((outcome == .printed) == (policy == .beforeJobs), "\(outcome)")
      await lab.end()
    }
  }

  @Test("a job whose beginning nobody can write down leaves no byte")
  func unwrittenBeginning() async {
    let lab = PrinterLab()
    let full = DeviceError(.journalFull, during: "writing down a print")
    let watch = PrintWatch(willSend: { () throws(DeviceError) in throw full })
    #expect(await lab.printer.print(Self.job, watch: watch) == .notPrinted(full))
    #expect(await lab.device.page.items.isEmpty)
    #expect(await lab.printer.print(Self.job) == .printed)
    await lab.end()
  }

  @Test("opens the drawer and sees it open")
  func drawer() async {
    let lab = PrinterLab()
    #expect(await lab.passingTime { await lab.printer.openDrawer(DrawerPulse()) } == .opened)
    #expect(await lab.device.isDrawerOpen)
    #expect(await lab.device.page.drawerPulses.map(\.on) == [120])
    await lab.end()
  }

  @Test("a drawer without a switch, and one that stands open, are only pulsed")
  func unseenDrawer() async {
    var faults = SimulatedPrinter.Faults()
    faults.hasDrawer = false
    for (profile, faults) in [
      (PrinterProfile.epsonTMT20II, faults), (PrinterProfile.epsonTMT20II.oneWay, .init()),
    ] {
      let lab = PrinterLab(profile, faults)
      let pulse = DrawerPulse(pin: 5, on: 100, off: 200)
      #expect(await lab.passingTime { await lab.printer.openDrawer(pulse) } == .pulsed)
      while await lab.device.page.drawerPulses.isEmpty { await Task.yield() }
      #expect(await lab.device.page.drawerPulses.map(\.pin) == [5])
      await lab.end()
    }
  }

  @Test("no pulse leaves for a printer that would keep it, nor one out of range")
  func refusedDrawer() async {
    var faults = SimulatedPrinter.Faults()
    faults.isCoverOpen = true
    let lab = PrinterLab(.epsonTMT20II, faults)
    guard case .notOpened(let error) = await lab.printer.openDrawer(DrawerPulse()) else {
      Issue.record("pulsed")
      return
    }
    #expect(error.code == .coverOpen)
    for pulse in [
      DrawerPulse(pin: 3), DrawerPulse(on: 0), DrawerPulse(on: 512, off: 510), DrawerPulse(on: 100, off: 50),
    ] {
      guard case .notOpened(let error) = await lab.printer.openDrawer(pulse) else {
        Issue.record("pulsed \(pulse)")
        continue
      }
      #expect(error.code == .badInput)
    }
    #expect(await lab.device.receivedBytes.allSatisfy { $0 != 0x70 })
    await lab.end()
  }

  @Test("says who it is, once for a connection")
  func identity() async throws {
    let lab = PrinterLab()
    let identity = try await lab.printer.identity()
    #expect(identity.serialNumber == "SIM000001" && identity.maker == "SIMULATED")
    #expect(identity.model == "RECEIPT" && identity.firmware == "1.00")
    let moved = lab.link.bytesMoved(.toDevice)
    #expect(try await lab.printer.identity() == identity)
    #expect(lab.link.bytesMoved(.toDevice) == moved)
    await lab.end()
  }

  @Test("says whether it confirms")
  func confirmationProbe() async throws {
    for answers in [true, false] {
      var faults = SimulatedPrinter.Faults()
      faults.answersPaperStatus = answers
      let lab = PrinterLab(.generic80, faults)
      let said = await lab.passingTime { try? await lab.printer.answersPaperStatus() }
      #expect(said == answers)
      await lab.end()
    }
    var faults = SimulatedPrinter.Faults()
    faults.answersRealTimeStatus = false
    let silent = PrinterLab(.generic80, faults)
    let error = await silent.passingTime { () async -> DeviceError? in
      do throws(DeviceError) {
        _ = try await silent.printer.answersPaperStatus()
        return nil
      } catch {
        return error
      }
    }
    #expect(error?.code == .timedOut)
    #expect(await silent.device.receivedBytes == [0x10, 0x04, 0x01])
    await silent.end()
    faults = SimulatedPrinter.Faults()
    faults.isCoverOpen = true
    let open = PrinterLab(.generic80, faults)
    await #expect(throws: DeviceError.self) { try await open.printer.answersPaperStatus() }
    await open.end()
  }

  @Test("is known again by its serial number alone")
  func knownAgain() async throws {
    let identities = PrinterIdentities()
    let first = PrinterLab(identities: identities)
    let identity = try await first.printer.identity()
    await first.end()
    let again = PrinterLab(identities: identities)
    #expect(try await again.printer.identity() == identity)
    #expect(await Self.questions(to: again.device) == [68])
    await again.end()

    // Another one in its place is asked for everything.
    var earlier = identity
    earlier.serialNumber = "SIM000002"
    earlier.model = "ANOTHER"
    identities[DeviceID("lab")] = earlier
    let other = PrinterLab(identities: identities)
    #expect(try await other.printer.identity() == identity)
    #expect(await Self.questions(to: other.device) == [68, 66, 67, 65])
    await other.end()
  }

  /// What `GS I` was sent for.
  private static func questions(to device: SimulatedPrinter) async -> [UInt8] {
    let bytes = await device.receivedBytes
    return bytes.indices.dropLast(2).filter { bytes[$0] == 0x1D && bytes[$0 + 1] == 0x49 }
      .map { bytes[$0 + 2] }
  }

  @Test("reports the status")
  func status() async throws {
    var faults = SimulatedPrinter.Faults()
    faults.paperDots = 100
    let lab = PrinterLab(.epsonTMT20II, faults)
    #expect(
      try await lab.printer.status()
        == PrinterStatus(
          isOnline: true, paper: .nearEnd, isCoverOpen: false, faults: [], isDrawerPinHigh: false))
    await lab.device.setCover(isOpen: true)
    await lab.device.setDrawer(isOpen: true)
    #expect(
      try await lab.printer.status()
        == PrinterStatus(
          isOnline: false, paper: .nearEnd, isCoverOpen: true, faults: [.coverOpen], isDrawerPinHigh: true))
    await lab.end()
  }

  @Test("a cancelled call stops waiting; the printer does not stop")
  func cancelled() async {
    var faults = SimulatedPrinter.Faults()
    faults.paperDots = 60
    let lab = PrinterLab(.epsonTMT20II, faults)
    let first = Task { await lab.printer.print(Self.job) }
    while await !lab.device.isPaperOut { await Task.yield() }
    let waiting = Task { await lab.printer.print(PrintJob(id: "second", document: .sample)) }
    waiting.cancel()
    first.cancel()
    guard case .unknown = await first.value else {
      Issue.record("a begun job that is no longer waited for is unknown")
      return
    }
    guard case .notPrinted(let error) = await waiting.value else {
      Issue.record("a job that has not begun is not printed")
      return
    }
    #expect(error.code == .cancelled)
    await lab.device.loadPaper()
    #expect(await lab.printer.print(Self.job) == .printed)
    #expect(showsWholeSample(await lab.device.page, times: 1))
    await lab.end()
  }

  @Test("a closed printer prints nothing")
  func closed() async {
    let lab = PrinterLab()
    await lab.printer.close()
    guard case .notPrinted(let error) = await lab.printer.print(Self.job) else {
      Issue.record("printed after closing")
      return
    }
    #expect(error.code == .closed)
    await lab.end()
  }

  @Test("commands that end inside one are refused before any byte: the next job would be its rest")
  func halfCommands() async {
    let lab = PrinterLab()
    let half: [UInt8] = [0x1D, 0x76, 0x30, 0, 72, 0, 10, 0, 0x55]
    guard case .notPrinted(let error) = await lab.printer.print(PrintJob(id: "half", commands: half)) else {
      Issue.record("printed")
      return
    }
    #expect(error.code == .badInput && error.detail.contains("719"))
    #expect(await lab.device.receivedBytes.isEmpty)
    await lab.end()
  }

  @Test("what does not fit is refused before any byte")
  func doesNotFit() async {
    let lab = PrinterLab(.generic58)
    var wide = ReceiptDocument()
    wide.blocks = [.barcode(.init(symbology: .ean13, data: "3157882326401", module: 4))]
    guard case .notPrinted(let error) = await lab.printer.print(PrintJob(id: "wide", document: wide)) else {
      Issue.record("printed")
      return
    }
    #expect(error.code == .doesNotFit)
    #expect(lab.link.bytesMoved(.toDevice) == 0)
    await lab.end()
  }
}
