import ESCPOS
import Foundation
import POSBarcode
import POSDoubleByte
import POSDrivers
import POSLinux
import POSModel
import POSSimulation
import POSTransport
import POSWire
import TestSupport
import Testing

/// What is wrong in other programs (specs/escpos.md §1.4, B1 to B18), and that it is not so here: one row a defect.
/// Other tests go further into some of them and name them too.
@Suite("Defects of peers")
struct PeerDefectTests {
  struct Defect: CustomTestStringConvertible, Sendable {
    /// Its number in §1.4.
    var number: Int
    /// What the peer does.
    var peer: String
    /// Fails where this package does it too.
    var check: @Sendable () async throws -> Void
    var testDescription: String { "B\(number) \(peer)" }
  }

  static let table: [Defect] = [
    Defect(number: 1, peer: "declares fewer bytes of a picture than it sends") {
      try tallPictures(960, 5000)
    },
    Defect(number: 2, peer: "cuts partially where a full cut without feed was asked for") { cuts() },
    Defect(number: 3, peer: "draws bars a dot too wide or too narrow") { try exactModules() },
    Defect(number: 4, peer: "sends Japanese as Chinese") { eastAsia() },
    Defect(number: 5, peer: "takes the euro from a page that not every printer has") { euro() },
    Defect(number: 6, peer: "leaves the kernel's driver detached, guesses endpoints, waits for ever") {
      try usbTests()
      try await shortTransfers()
    },
    Defect(number: 7, peer: "overflows its stack with a tall picture") { try tallPictures(10_000) },
    Defect(number: 8, peer: "prints white stripes between strips") { try stripes() },
    Defect(number: 9, peer: "prints GS1-128 as Code 93") { try gs1128() },
    Defect(number: 10, peer: "copies its tables for every character") { pageSearch() },
    Defect(number: 11, peer: "calls a full cut partial") { cuts() },
    Defect(number: 12, peer: "ignores how many bytes were taken, and gives up after five seconds") {
      try await shortWrites()
      try await longPause()
    },
    Defect(number: 13, peer: "sleeps instead of asking the printer whether it is done") {
      try await noSleep()
    },
    Defect(number: 14, peer: "loses its place in the status for ever after one stray byte") { strayByte() },
    Defect(number: 15, peer: "mixes up black and white, sets a QR code's size twice") {
      try polarity()
      try sizeOnce()
    },
    Defect(number: 16, peer: "simulates a process id reply that no printer sends") { try await processID() },
    Defect(number: 17, peer: "crashes on commands it does not know") { unknownCommands() },
    Defect(number: 18, peer: "sends pictures that spell real-time commands") { try realTime() },
  ]

  @Test("is not ours", arguments: table)
  func isNotOurs(defect: Defect) async throws { try await defect.check() }

  @Test("the table is whole")
  func isWhole() { #expect(Self.table.map(\.number) == Array(1...18)) }

  // MARK: - Pictures (B1, B7, B8, B15, B18)

  static let ways: [PictureSupport.Commands] = [.raster, .graphics, [.graphics, .longGraphics], .columns24]

  static func printed(
    _ picture: Bitmap, _ commands: PictureSupport.Commands
  ) throws -> (bytes: [UInt8], page: PrintedPage) {
    var encoder = ESCPOSEncoder(codePages: CodePageSet([]))
    try encoder.picture(
      picture,
      on: SymbolSupport(
        dots: 576, dotsPerInch: 203,
        pictures: PictureSupport(commands: commands, bandRows: 2303, bandBytes: 1 << 20)))
    var printer = ESCPOSInterpreter(PrinterGeometry(width: 576, dotsPerInch: 203))
    printer.feed(encoder.bytes.span)
    printer.finish()
    return (encoder.bytes, printer.page)
  }

  static func paper(_ page: PrintedPage, height: Int) -> Bitmap {
    var paper = Bitmap(width: 576, height: height)
    for case .bitmap(let placed) in page.items { paper.draw(placed.bitmap, x: placed.x, y: placed.y) }
    return paper
  }

  static func tallPictures(_ heights: Int...) throws {
    for height in heights {
      // As wide as the paper: a length of two bytes does not hold more than 910 rows, and for 2000 in one command the
      // stack of B7 was not large enough. A dot in every row, for white ones would end a band.
      var picture = Bitmap(width: 576, height: height)
      for y in 0..<height { picture[y * 7 % 576, y] = true }
      for way in ways {
        let (bytes, page) = try printed(picture, way)
        #expect(bytes.count > picture.bytes.count)
        #expect(page.complaints.isEmpty && page.lines.isEmpty)
        // Every picture on the paper is as wide and right below the one before, so that their rows are the paper's.
        var rows: [UInt8] = []
        for case .bitmap(let placed) in page.items {
          #expect(placed.x == 0 && placed.bitmap.width == 576 && placed.y * 72 == rows.count)
          rows += placed.bitmap.bytes
        }
        let isWhole = rows.starts(with: picture.bytes)
        #expect(isWhole)
        #expect(page.height * 72 == rows.count && page.height - height < 24)
      }
    }
  }

  static func stripes() throws {
    var black = Bitmap(width: 576, height: 240)
    black.fill(x: 0, y: 0, width: 576, height: 240)
    for way in ways {
      let page = try printed(black, way).page
      #expect(paper(page, height: 240) == black)
      #expect(page.height == 240)
    }
  }

  static func polarity() throws {
    let picture = try #require(Picture(width: 8, height: 1, levels: [0, 0, 0, 0, 255, 255, 255, 255]))
    for (_, dithering) in Dithering.named { #expect(picture.dithered(dithering).bytes == [0xF0]) }
  }

  static func sizeOnce() throws {
    var encoder = ESCPOSEncoder(codePages: CodePageSet([]))
    try encoder.symbol(
      SymbolRequest(.qr, data: [0x61], module: 5), on: SymbolSupport(dots: 576, dotsPerInch: 203, native: .qr)
    )
    let size: [UInt8] = [0x1D, 0x28, 0x6B, 0x03, 0x00, 0x31, 0x43, 0x05]
    #expect(encoder.bytes.indices.count { encoder.bytes[$0...].starts(with: size) } == 1)
  }

  static func realTime() throws {
    for seed in 0..<20 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      // Dots of a light dither: DLE, EOT, ENQ and DC4 are common among their bytes.
      let likely: [UInt8] = [0x10, 0x04, 0x05, 0x14, 0x00, 0x01, 0x40]
      let dots = (0..<(72 * 48)).map { _ in likely.randomElement(using: &generator) ?? 0 }
      let picture = try #require(Bitmap(width: 576, packed: dots, height: 48))
      for way in ways {
        let bytes = try printed(picture, way).bytes
        let pairs = zip(bytes, bytes.dropFirst()).count { first, second in
          first == 0x10 && [0x04, 0x05, 0x14].contains(second)
        }
        #expect(pairs == 0)
      }
    }
  }

  // MARK: - Text, symbols and cuts (B2 to B5, B9 to B11)

  static func sent(_ pages: CodePageSet, _ text: String) -> [UInt8] {
    var encoder = ESCPOSEncoder(codePages: pages)
    encoder.initialize()
    let start = encoder.bytes.count
    encoder.text(text.unicodeScalars)
    return Array(encoder.bytes[start...])
  }

  static func cuts() {
    func cut(_ cut: ESCPOSEncoder.Cut) -> [UInt8] {
      var encoder = ESCPOSEncoder(codePages: CodePageSet([]))
      encoder.cut(cut)
      return encoder.bytes
    }
    #expect(cut(.fullHere) == [0x1D, 0x56, 0x00])
    #expect(cut(.partialHere) == [0x1D, 0x56, 0x01])
    #expect(cut(.fullAfterFeeding(1)) == [0x1D, 0x56, 0x41, 0x01])
    #expect(cut(.partialAfterFeeding(0)) == [0x1D, 0x56, 0x42, 0x00])
  }

  static func exactModules() throws {
    let texts: [Symbology: String] = [
      .ean13: "315788232640", .ean8: "9031101", .upcA: "03600029145", .codabar: "A123456A",
      .gs1128: "0109501101530003",
    ]
    for symbology in LinearSymbol.symbologies {
      for module in 2...4 {
        let symbol = try LinearSymbol(symbology, ascii: Array((texts[symbology] ?? "123456").utf8).span)
        let picture = try symbol.bitmap(module: module, height: 1)
        let edges = (1..<picture.width).filter { picture[$0, 0] != picture[$0 - 1, 0] }
        #expect(!edges.isEmpty && edges.allSatisfy { $0 % module == 0 }, "\(symbology.name)")
      }
    }
  }

  static func eastAsia() {
    let latin = PrinterProfile.epsonTMT20II.codePages.slots
    let japanese = sent(CodePageSet(latin, doubleByte: .shiftJIS), "日本")
    #expect(japanese == [0x1C, 0x26, 0x1C, 0x43, 0x01, 0x93, 0xFA, 0x96, 0x7B])
    #expect(sent(CodePageSet(latin, doubleByte: .gbk), "中") == [0x1C, 0x26, 0xD6, 0xD0])
    #expect(sent(CodePageSet(latin, doubleByte: .big5), "中") == [0x1C, 0x26, 0xA4, 0xA4])
  }

  static func euro() {
    #expect(sent(PrinterProfile.epsonTMT20II.codePages, "€") == [0x1B, 0x74, 19, 0xD5])
  }

  static func gs1128() throws {
    var encoder = ESCPOSEncoder(codePages: CodePageSet([]))
    try encoder.symbol(
      SymbolRequest(.gs1128, data: Array("(01)09501101530003".utf8), module: 2, height: 60),
      on: SymbolSupport(dots: 576, dotsPerInch: 203, native: NativeSymbols(NativeSymbols.all)))
    let bytes = encoder.bytes
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: [0x1D, 0x6B]) })
    #expect(bytes[place + 2] == 0x4A)
  }

  static func pageSearch() {
    // The same line twice is the same bytes twice. What a character costs, and that it takes no block of memory of its
    // own, cannot be seen in bytes: tools/bench measures it, in lines of French and German, Greek and Cyrillic.
    var encoder = ESCPOSEncoder(
      codePages: CodePageSet([.init(.pc437, 0), .init(.pc866, 17), .init(.pc858, 19)]))
    encoder.initialize()
    var lines: [[UInt8]] = []
    for _ in 0..<1000 {
      let start = encoder.bytes.count
      encoder.text("Привет € é".unicodeScalars)
      encoder.lineFeed()
      lines.append(Array(encoder.bytes[start...]))
    }
    #expect(Set(lines.dropFirst()).count == 1)
  }

  // MARK: - Links (B6, B12, B13)

  /// libusb runs in a process of its own, under umockdev (`POSUSBTests`); what is asked here is that the tests are there.
  static func usbTests() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "POSUSBTests")
    let tests = try ["USBStreamTests.swift", "USBConfigurationTests.swift"].map {
      try String(contentsOf: folder.appending(path: $0), encoding: .utf8)
    }.joined()
    // Detaching and attaching, endpoints from descriptors, a deadline, answers longer than sixteen bytes.
    #expect(tests.components(separatedBy: "§1.4 B6").count - 1 == 4)
  }

  /// A link that takes so many bytes of a job and then nothing, as a transfer to a USB printer that ends short.
  final class StallingLink: ByteTransport {
    private let host: MemoryTransport
    private let count: Int
    /// Writes that would have waited for ever.
    let endlessWrites = Lock(0)

    init(_ host: MemoryTransport, after count: Int) {
      self.host = host
      self.count = count
    }

    var clock: any TransportClock { host.clock }

    func read(upTo limit: Int, until deadline: MonotonicInstant?) async throws(DeviceError) -> ReadResult {
      try await host.read(upTo: limit, until: deadline)
    }

    func write(_ bytes: [UInt8], until deadline: MonotonicInstant?) async throws(DeviceError) {
      if deadline == nil { endlessWrites.withLock { $0 += 1 } }
      // Questions pass; a job begins with ESC @.
      let taken = bytes.starts(with: [0x1B, 0x40]) ? min(count, bytes.count) : bytes.count
      if taken > 0 { try await host.write(Array(bytes.prefix(taken)), until: deadline) }
      guard taken == bytes.count else {
        throw DeviceError(.timedOut, during: "writing to a link that stalls", bytesMoved: taken)
      }
    }

    func close() async { await host.close() }
  }

  /// Whatever a transfer came to, the driver says how much of the job has left, and it never waits without an end.
  static func shortTransfers() async throws {
    for count in [0, 1, 2, 20, 100] {
      let lab = PrinterLab()
      let link = StallingLink(lab.link.host, after: count)
      let descriptor = DeviceDescriptor(
        id: DeviceID("stalling"), kind: .printer, address: DeviceAddress(route: .file(path: "stalling")),
        name: "a printer that stalls")
      let printer = ESCPOSPrinter(descriptor, over: link, profile: .epsonTMT20II)
      let outcome = await lab.passingTime { await printer.print(PrintJob(id: "short", document: .sample)) }
      switch outcome {
      case .notPrinted(let error): #expect(count == 0 && error.code == .timedOut)
      case .unknown(let error):
        #expect(count > 0 && error.bytesMoved == count)
        #expect(error.detail.hasPrefix("link.timed_out after \(count) of "))
      case .printed, .sent: Issue.record("\(outcome) after \(count) bytes")
      }
      #expect(link.endlessWrites.withLock { $0 } == 0)
      await printer.close()
      await lab.end()
    }
  }

  /// A pty takes 4 kB and no more until somebody reads: every write of the kernel's is a short one.
  static func shortWrites() async throws {
    let terminal = try PseudoTerminal()
    let host = try await SerialPort.open(terminal.path, SerialSettings(baud: 115_200))
    let job = (0..<60_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    async let writing: Void = host.write(job, until: nil)
    var arrived: [UInt8] = []
    while arrived.count < job.count, case .bytes(let bytes) = try await terminal.read(upTo: 777, until: nil) {
      arrived += bytes
    }
    try await writing
    #expect(arrived == job)
    await host.close()
    await terminal.close()
  }

  /// Ten minutes without paper, then a new roll: the rest of the receipt is not lost.
  static func longPause() async throws {
    var faults = SimulatedPrinter.Faults()
    faults.paperDots = 60
    var timing = ESCPOSPrinter.Timing()
    timing.repair = .seconds(3600)
    let lab = PrinterLab(.epsonTMT20II, faults, timing: timing)
    let begin = lab.clock.now
    let outcome = await lab.passingTime {
      async let printing = lab.printer.print(PrintJob(id: "slow", document: .sample))
      while lab.clock.now - begin < .seconds(600) { await Task.yield() }
      #expect(await lab.device.isPaperOut)
      await lab.device.loadPaper()
      return await printing
    }
    #expect(outcome == .printed)
    #expect(showsWholeSample(await lab.device.page))
    await lab.end()
  }

  /// The clock of this link never moves: whoever slept would sleep for ever.
  static func noSleep() async throws {
    let lab = PrinterLab()
    var receipt = ReceiptDocument.sample
    receipt.image(Bitmap(width: 576, height: 800))
    let begin = lab.clock.now
    #expect(await lab.printer.print(PrintJob(id: "long", document: receipt)) == .printed)
    #expect(lab.clock.now == begin)
    let asked = await lab.device.receivedBytes
    let question: [UInt8] = [0x1D, 0x28, 0x48, 0x06, 0x00, 0x30, 0x30]
    #expect(asked.suffix(11).starts(with: question), "the last bytes ask whether all stands on the paper")
    await lab.end()
  }

  // MARK: - What printers say, and what they are told (B14, B16, B17)

  static func strayByte() {
    let frame: [UInt8] = [0x18, 0x00, 0x0C, 0x0F]
    for noise in UInt8.min...UInt8.max {
      for place in 0...4 {
        var parser = ESCPOSStatusParser()
        var bytes = frame
        bytes.insert(noise, at: place)
        var last: AutomaticStatus?
        for byte in bytes + frame + frame {
          if case .automatic(let status)? = parser.on(byte) { last = status }
        }
        #expect(last?.isOffline == true && last?.isPaperOut == true, "\(noise) at \(place)")
      }
    }
  }

  static func processID() async throws {
    let lab = PrinterLab()
    // specs/escpos.md §2.4.
    try await lab.link.host.write(
      [0x1D, 0x28, 0x48, 0x06, 0x00, 0x30, 0x30, 0x41, 0x42, 0x43, 0x44], until: nil)
    var answer: [UInt8] = []
    while answer.last != 0, case .bytes(let bytes) = try await lab.link.host.read(upTo: 64, until: nil) {
      answer += bytes
    }
    #expect(answer == [0x37, 0x22, 0x41, 0x42, 0x43, 0x44, 0x00])
    await lab.end()
  }

  static func unknownCommands() {
    for prefix in [0x10, 0x1B, 0x1C, 0x1D] as [UInt8] {
      for operation in UInt8.min...UInt8.max {
        for parameter in [0x00, 0x30, 0x41, 0xFF] as [UInt8] {
          var printer = ESCPOSInterpreter(PrinterGeometry(width: 576, dotsPerInch: 203))
          let bytes: [UInt8] = [prefix, operation, parameter, parameter, 0x0A]
          printer.feed(bytes.span)
          printer.finish()
          #expect(printer.consumedBytes == bytes.count)
        }
      }
    }
    var printer = ESCPOSInterpreter(PrinterGeometry(width: 576, dotsPerInch: 203))
    printer.feed(([0x1B, 0x01] + Array("after it\n".utf8)).span)
    #expect(printer.page.complaints.map(\.reason) == [.unknownCommand])
    #expect(printer.page.textLines == ["after it"])
  }
}

extension PrintedPage {
  /// What stands on it, line by line.
  var textLines: [String] { lines.map { String(String.UnicodeScalarView($0)) } }
}
