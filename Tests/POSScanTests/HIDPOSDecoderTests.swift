import POSBarcode
import POSScan
import POSWire
import TestSupport
import Testing

@Suite("HID POS decoder")
struct HIDPOSDecoderTests {
  /// The captured descriptor's layout: id 2, count, AIM at 2, 56 bytes at 5, code id at 61, eight continued
  /// bits.
  private static func honeywell() throws -> HIDPOSLayout {
    let descriptor = try Fixture.message("descriptor-honeywell-family")
    return try HIDPOSLayout(descriptor: descriptor.span)
  }

  /// A report by hand, by that layout.
  private static func report(
    _ data: [UInt8], aim: String = "Q1", count: UInt8? = nil, codeID: UInt8 = 0, continued: UInt8 = 0
  ) -> [UInt8] {
    var report = [UInt8](repeating: 0, count: 64)
    report[0] = 2
    report[1] = count ?? UInt8(data.count)
    if !aim.isEmpty { report.replaceSubrange(2..<5, with: [0x5D] + Array(aim.utf8)) }
    report.replaceSubrange(5..<(5 + data.count), with: data)
    report[61] = codeID
    report[63] = continued
    return report
  }

  /// The pieces of `data`, 56 bytes each.
  private static func reports(_ data: [UInt8], aim: String = "Q1") -> [[UInt8]] {
    stride(from: 0, to: max(1, data.count), by: 56).map { start in
      let end = min(start + 56, data.count)
      return report(Array(data[start..<end]), aim: aim, continued: end < data.count ? 1 : 0)
    }
  }

  /// Everything a decoder makes of `reports`, one nanosecond apart.
  private static func events(_ decoder: inout HIDPOSDecoder, _ reports: [[UInt8]]) throws -> [HIDPOSEvent] {
    var events: [HIDPOSEvent] = []
    for (index, report) in reports.enumerated() {
      try Self.receive(&decoder, report, at: Int64(index)) { events.append($0) }
    }
    return events
  }

  private static func scans(_ layout: HIDPOSLayout, _ reports: [[UInt8]]) throws -> [HIDPOSScan] {
    var decoder = HIDPOSDecoder(layout)
    return try events(&decoder, reports).compactMap { if case .scan(let scan) = $0 { scan } else { nil } }
  }

  /// Spans of array elements do not outlive the call they are made in, so the element is an argument.
  private static func receive(
    _ decoder: inout HIDPOSDecoder, _ report: [UInt8], at now: Int64, _ emit: (HIDPOSEvent) -> Void
  ) throws(WireError) {
    try decoder.receive(report.span, at: now, emit)
  }

  private static func pattern(_ count: Int) -> [UInt8] {
    // Bytes of every value, NUL and GS early, and no two pieces alike.
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 29 &+ $0 / 56) }
  }

  // MARK: Captures

  @Test("a Zebra DS2208's UPC-A by the maker's layout")
  func zebra() throws {
    let scans = try Self.scans(
      HIDPOSLayout(maker: .zebra), [try Fixture.message("zebra-ds2208-upc-a")])
    #expect(
      scans == [
        HIDPOSScan(
          aim: AIMIdentifier(code: 0x58, modifier: 0x67), codeID: 0x63, symbology: .upcA,
          bytes: Array("306030209223".utf8), reports: 1, isTruncated: false)
      ])
  }

  @Test("a Honeywell Xenon's UPC-A comes under ]E0, by descriptor and by the maker's layout")
  func xenon() throws {
    let report = try Fixture.message("honeywell-xenon-upc-a")
    let expected = HIDPOSScan(
      aim: AIMIdentifier(code: 0x45, modifier: 0x30), codeID: 0x63, symbology: .upcA,
      bytes: Array("306030209223".utf8), reports: 1, isTruncated: false)
    #expect(try Self.scans(Self.honeywell(), [report]) == [expected])
    #expect(try Self.scans(HIDPOSLayout(maker: .honeywell), [report]) == [expected])
  }

  @Test("120 bytes in three reports of the tessaro descriptor, whose flag is one bit at byte 61")
  func tessaro() throws {
    let descriptor = try Fixture.message("descriptor-tessaro")
    let layout = try HIDPOSLayout(descriptor: descriptor.span)
    #expect(layout.reports.map(\.length) == [62])
    let data = Self.pattern(120)
    let reports = [(0, 56, 1), (56, 56, 1), (112, 8, 0)].map { start, count, continued -> [UInt8] in
      var report: [UInt8] = [2, UInt8(count), 0x5D, 0x51, 0x31]
      report += data[start..<(start + count)]
      report += [UInt8](repeating: 0, count: 56 - count)
      // The seven bits above the flag are padding and may hold anything.
      return report + [UInt8(continued) | 0xFE]
    }
    #expect(try Self.scans(layout, reports).map(\.bytes) == [data])
    #expect(try Self.scans(layout, reports).map(\.reports) == [3])
  }

  @Test("a boarding pass of 60 bytes comes as 56 and 4 (Access-IS manual)")
  func boardingPass() throws {
    let data = Array("M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 326J001A0025 100".utf8)
    #expect(data.count == 60)
    let reports = Self.reports(data, aim: "L0")
    #expect(reports.map { $0[1] } == [56, 4] && reports.map { $0[63] } == [1, 0])
    #expect(try Self.scans(Self.honeywell(), reports).map(\.bytes) == [data])
  }

  @Test("Newland sends no AIM identifier, and its scans are delivered without one")
  func newland() throws {
    let data = Array("4006381333931".utf8)
    let report = [2, 13] + data + [UInt8](repeating: 0, count: 56 - 13 + 6)
    let scans = try Self.scans(HIDPOSLayout(maker: .newland), [report])
    #expect(scans.map(\.bytes) == [data] && scans.map(\.aim) == [nil])
    #expect(scans.map(\.symbology) == [.unknown])
  }

  @Test("Microscan sends id 1, 62 bytes and no flag")
  func microscan() throws {
    let data = Self.pattern(62)
    let scans = try Self.scans(HIDPOSLayout(maker: .microscan), [[1, 62] + data, [1, 2] + data])
    #expect(scans.map(\.bytes) == [data, [0, 29]])
  }

  @Test(
    "makers by their USB vendor ids",
    arguments: [
      (0x05E0, .zebra), (0x0C2E, .honeywell), (0x0DB5, .honeywell), (0x23D0, .honeywell), (0x1EAB, .newland),
      (0x1234, nil),
    ] as [(UInt16, HIDPOSMaker?)])
  func vendors(_ vendor: UInt16, _ maker: HIDPOSMaker?) {
    #expect(HIDPOSMaker(usbVendor: vendor) == maker)
  }

  // MARK: Layouts

  @Test("without a byte count trailing zeros are cut from the last piece and from no other")
  func withoutByteCount() throws {
    let descriptor = try Fixture.message("descriptor-tessaro-no-count")
    let layout = try HIDPOSLayout(descriptor: descriptor.span)
    let first = Self.pattern(54) + [0, 0]
    let head: [UInt8] = [2, 0x5D, 0x51, 0x31]
    let last: [UInt8] = [65, 0, 66] + [UInt8](repeating: 0, count: 53)
    let scans = try Self.scans(layout, [head + first + [1], head + last + [0]])
    #expect(scans.map(\.bytes) == [first + [65, 0, 66]])
  }

  @Test("a byte count of 16 bits, data that starts inside a byte, reports without ids")
  func oddLayout() throws {
    let descriptor: [UInt8] = [
      0x05, 0x8C, 0x09, 0x02, 0xA1, 0x01,
      0x75, 16, 0x95, 1, 0x05, 0x01, 0x09, 0x3B, 0x81, 2,  // byte count, bits 0 to 15
      0x05, 0x8C, 0x75, 1, 0x09, 0xFF, 0x81, 2, 0x75, 3, 0x81, 3,  // continued, bit 16, and padding
      0x75, 8, 0x96, 0x2C, 0x01, 0x09, 0xFE, 0x81, 2,  // 300 bytes from bit 20
      0x75, 4, 0x95, 1, 0x81, 3, 0xC0,
    ]
    let layout = try HIDPOSLayout(descriptor: descriptor.span)
    #expect(!layout.numbersReports && layout.reports.map(\.capacity) == [300])
    let data = Self.pattern(290)
    var report: [UInt8] = [0x22, 0x01, 0x00]  // 290, not continued
    for byte in data {
      report[report.count - 1] |= byte << 4
      report.append(byte >> 4)
    }
    report += [UInt8](repeating: 0, count: 303 - report.count)
    #expect(try Self.scans(layout, [report]).map(\.bytes) == [data])
  }

  @Test("several reports with decoded data are put together apart from each other")
  func twoScannersInOneDevice() throws {
    func collection(_ id: UInt8) -> [UInt8] {
      [
        0x05, 0x8C, 0x09, 0x03, 0xA1, 0x01, 0x85, id, 0x75, 8, 0x95, 1, 0x05, 0x01, 0x09, 0x3B, 0x81, 2,
        0x05, 0x8C, 0x95, 4, 0x09, 0xFE, 0x81, 2, 0x95, 1, 0x09, 0xFF, 0x81, 2, 0xC0,
      ]
    }
    let descriptor = collection(9) + collection(3)
    let layout = try HIDPOSLayout(descriptor: descriptor.span)
    #expect(layout.reports.map(\.id) == [9, 3])
    let scans = try Self.scans(
      layout,
      [
        [9, 4, 1, 2, 3, 4, 1], [3, 4, 65, 66, 67, 68, 1], [9, 1, 5, 0, 0, 0, 0], [3, 2, 69, 70, 0, 0, 0],
      ])
    #expect(scans.map(\.bytes) == [[1, 2, 3, 4, 5], Array("ABCDEF".utf8)])
    #expect(scans.map(\.reports) == [2, 2])
  }

  @Test("a descriptor without decoded data is no HID POS scanner's")
  func noDecodedData() {
    let keyboard: [UInt8] = [0x05, 1, 0x09, 6, 0xA1, 1, 0x05, 7, 0x75, 8, 0x95, 8, 0x81, 0, 0xC0]
    #expect(throws: WireError(.unsupported, at: keyboard.count, field: "")) {
      try HIDPOSLayout(descriptor: keyboard.span)
    }
  }

  @Test("each of the eight bits means continued", arguments: 0..<8)
  func continuedBits(_ bit: Int) throws {
    let first = Self.report(Self.pattern(56), continued: 1 << UInt8(bit))
    let scans = try Self.scans(Self.honeywell(), [first, Self.report([7])])
    #expect(scans.map(\.bytes) == [Self.pattern(56) + [7]])
  }

  // MARK: Pieces

  @Test(
    "lengths around the report's border, each with the ends that firmware is known to send",
    arguments: [1, 55, 56, 57, 111, 112, 113, 2953, HIDPOSDecoder.payloadLimit])
  func borders(_ length: Int) throws {
    let layout = try Self.honeywell()
    let data = Self.pattern(length)
    let pieces = (length + 55) / 56
    let plain = Self.reports(data)
    let empty = Self.report([], aim: "")
    var openEnded = plain
    openEnded[pieces - 1][63] = 1
    for (reports, count) in [(plain, pieces), (plain + [empty], pieces), (openEnded + [empty], pieces + 1)] {
      let scans = try Self.scans(layout, reports + Self.reports([1, 2, 3]))
      #expect(scans.map(\.bytes) == [data, [1, 2, 3]])
      #expect(scans.map(\.reports) == [count, 1])
      #expect(scans.allSatisfy { !$0.isTruncated })
    }
  }

  @Test("what exceeds the limit is truncated once and never read as a code of its own")
  func overLimit() throws {
    let data = Self.pattern(HIDPOSDecoder.payloadLimit + 300)
    let scans = try Self.scans(Self.honeywell(), Self.reports(data) + Self.reports([1]))
    #expect(scans.map(\.bytes) == [Array(data[..<HIDPOSDecoder.payloadLimit]), [1]])
    #expect(scans.map(\.isTruncated) == [true, false])
  }

  @Test("an endless code keeps to its bound and to its deadline")
  func endless() throws {
    var decoder = HIDPOSDecoder(try Self.honeywell(), pieceTimeout: 10)
    let piece = Self.report(Self.pattern(56), continued: 1)
    var scans = 0
    for _ in 0..<10_000 {
      try Self.receive(&decoder, piece, at: 0) { _ in scans += 1 }
      #expect(decoder.pendingBytes <= HIDPOSDecoder.payloadLimit)
    }
    #expect(scans == 1 && decoder.deadline == 10)
    decoder.expire(at: 10) { _ in scans += 1 }
    #expect(scans == 1 && decoder.deadline == nil)
  }

  @Test("the time-out ends a code as truncated, and the next piece is not glued to it")
  func timeOut() throws {
    var decoder = HIDPOSDecoder(try Self.honeywell(), pieceTimeout: 500)
    let reports = Self.reports(Self.pattern(150))
    var scans: [HIDPOSScan] = []
    func collect(_ event: HIDPOSEvent) { if case .scan(let scan) = event { scans.append(scan) } }
    try Self.receive(&decoder, reports[0], at: 1000, collect)
    #expect(decoder.deadline == 1500 && decoder.isInsideCode && decoder.pendingBytes == 56)
    try Self.receive(&decoder, reports[1], at: 1400, collect)
    #expect(decoder.deadline == 1900)
    decoder.expire(at: 1899, collect)
    #expect(scans.isEmpty)
    // Nobody called expire in time: the late piece does it.
    try Self.receive(&decoder, reports[2], at: 1900, collect)
    #expect(scans.map(\.bytes.count) == [112, 38])
    // What is left of a code is no code, whatever its end says; the code after it is.
    #expect(scans.map(\.isTruncated) == [true, true])
    #expect(decoder.deadline == nil && !decoder.isInsideCode)
    try Self.receive(&decoder, reports[2], at: 1901, collect)
    #expect(scans.map(\.isTruncated) == [true, true, false])
  }

  @Test(
    "what begins after a time-out is a code of its own under another identifier, behind the rest, or later",
    arguments: [("C0", false, 501), ("Q1", true, 502), ("Q1", false, 5500)] as [(String, Bool, Int64)])
  func afterTimeOut(_ aim: String, _ isEnded: Bool, _ time: Int64) throws {
    var decoder = HIDPOSDecoder(try Self.honeywell(), pieceTimeout: 500)
    var scans: [HIDPOSScan] = []
    func collect(_ event: HIDPOSEvent) { if case .scan(let scan) = event { scans.append(scan) } }
    let begun = Self.report(Self.pattern(56), continued: 1)
    let empty = Self.report([], aim: "")
    let next = Self.report([1, 2, 3], aim: aim)
    try Self.receive(&decoder, begun, at: 0, collect)
    decoder.expire(at: 500, collect)
    // An empty report ends the code that the time-out has ended already.
    if isEnded { try Self.receive(&decoder, empty, at: 501, collect) }
    try Self.receive(&decoder, next, at: time, collect)
    #expect(scans.map(\.isTruncated) == [true, false])
  }

  @Test("a piece under another code id, or with an identifier where there was none, is another code's")
  func foreignPieces() throws {
    func piece(_ aim: [UInt8], _ id: UInt8, _ letter: UInt8, isLast: Bool) -> [UInt8] {
      [2, 56, 0] + aim + [UInt8](repeating: letter, count: 56) + [id, isLast ? 0 : 1]
    }
    let none: [UInt8] = [0, 0, 0]
    let qr = Array("]Q1".utf8)
    for (first, second) in [
      (piece(none, 0x73, 0x41, isLast: false), piece(none, 0x72, 0x42, isLast: true)),
      (piece(none, 0, 0x41, isLast: false), piece(none, 0x72, 0x42, isLast: true)),
      (piece(none, 0, 0x41, isLast: false), piece(qr, 0, 0x42, isLast: true)),
    ] {
      var decoder = HIDPOSDecoder(HIDPOSLayout(maker: .zebra))
      let scans = try Self.events(&decoder, [first, second]).compactMap { event in
        if case .scan(let scan) = event { scan } else { nil }
      }
      #expect(scans.map(\.isTruncated) == [true, false])
      #expect(scans.map { Set($0.bytes) } == [[0x41], [0x42]])
    }
    // Identifiers in the first piece alone are those of the whole code.
    var decoder = HIDPOSDecoder(HIDPOSLayout(maker: .zebra))
    #expect(
      try Self.events(
        &decoder, [piece(qr, 0x73, 0x41, isLast: false), piece(none, 0, 0x42, isLast: true)]
      ).count == 1)
  }

  @Test("another AIM identifier in the middle ends the code before it as truncated")
  func identifierChanges() throws {
    let first = Self.reports(Self.pattern(112), aim: "Q1")[0]
    let scans = try Self.scans(Self.honeywell(), [first] + Self.reports([1, 2, 3], aim: "C0"))
    #expect(scans.map(\.bytes) == [Array(Self.pattern(112)[..<56]), [1, 2, 3]])
    #expect(scans.map(\.isTruncated) == [true, false])
    #expect(scans.map(\.symbology) == [.qr, .code128])
  }

  @Test("a report cut short ends the code at hand and is named with its offset", arguments: 0..<64)
  func shortReport(_ length: Int) throws {
    var decoder = HIDPOSDecoder(try Self.honeywell())
    let reports = Self.reports(Self.pattern(112))
    let short = Array(reports[1][..<length])
    var scans: [HIDPOSScan] = []
    try Self.receive(&decoder, reports[0], at: 0) { _ in Issue.record("nothing has ended yet") }
    do throws(WireError) {
      try Self.receive(&decoder, short, at: 0) { if case .scan(let scan) = $0 { scans.append(scan) } }
      Issue.record("a short report was accepted")
    } catch {
      #expect(error == WireError(.truncated, at: length, field: "report"))
    }
    // Not even an id: nobody can say whose piece it was.
    #expect(scans.map(\.isTruncated) == (length == 0 ? [] : [true]))
  }

  @Test("a report longer than declared is read as far as declared")
  func longReport() throws {
    let report = Self.report([1, 2, 3]) + [9, 9, 9]
    #expect(try Self.scans(Self.honeywell(), [report]).map(\.bytes) == [[1, 2, 3]])
  }

  @Test("a count beyond the data is clamped: the last piece then lacks bytes, an earlier one does not")
  func countBeyondData() throws {
    let data = Self.pattern(56)
    let alone = try Self.scans(Self.honeywell(), [Self.report(data, count: 57)])
    #expect(alone.map(\.bytes) == [data] && alone.map(\.isTruncated) == [true])
    // Counts what is still to come, as the total of the code would.
    let pair = [Self.report(data, count: 58, continued: 1), Self.report([1, 2])]
    let scans = try Self.scans(Self.honeywell(), pair)
    #expect(scans.map(\.bytes) == [data + [1, 2]] && scans.map(\.isTruncated) == [false])
  }

  @Test("an identifier of zeros is none, and the code id still tells the symbology")
  func noIdentifier() throws {
    let scans = try Self.scans(Self.honeywell(), [Self.report([65], aim: "", codeID: 0x73)])
    #expect(scans.map(\.aim) == [nil] && scans.map(\.symbology) == [.qr] && scans.map(\.codeID) == [0x73])
  }

  @Test("reports without a scan are told from reports that nobody declared")
  func otherReports() throws {
    var decoder = HIDPOSDecoder(try Self.honeywell())
    let vendor: [UInt8] = [0xF0] + [UInt8](repeating: 1, count: 63)
    let unknown: [UInt8] = [0x55] + [UInt8](repeating: 1, count: 63)
    #expect(try Self.events(&decoder, [vendor]) == [.notAScan(reportID: 0xF0)])
    #expect(throws: WireError(.unsupported, at: 0, field: "")) { try Self.events(&decoder, [unknown]) }
    #expect(throws: WireError(.truncated, at: 0, field: "")) { try Self.events(&decoder, [[]]) }
    var byMaker = HIDPOSDecoder(HIDPOSLayout(maker: .zebra))
    #expect(try Self.events(&byMaker, [unknown]) == [.notAScan(reportID: 0x55)])
  }

  @Test("dropped, doubled and interleaved pieces never mix two codes, and whole codes stay whole")
  func harm() throws {
    let layout = try Self.honeywell()
    let aims = ["Q1", "C0", "d1", "L0", "A0"]
    var random = SeededGenerator(seed: 56)
    for round in 0..<400 {
      // Code k consists of bytes k alone, so that every byte tells where it came from.
      let lengths = aims.map { _ in Int.random(in: 1...200, using: &random) }
      let codes = aims.indices.map { [UInt8](repeating: UInt8($0), count: lengths[$0]) }
      var pieces = aims.indices.flatMap { Self.reports(codes[$0], aim: aims[$0]) }
      for _ in 0..<(round % 5) {
        let index = Int.random(in: 0..<pieces.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0 where pieces.count > 1: pieces.remove(at: index)
        case 1: pieces.insert(pieces[index], at: index)
        default: pieces.swapAt(index, Int.random(in: 0..<pieces.count, using: &random))
        }
      }
      var decoder = HIDPOSDecoder(layout)
      var scans: [HIDPOSScan] = []
      func collect(_ event: HIDPOSEvent) { if case .scan(let scan) = event { scans.append(scan) } }
      for piece in pieces { try Self.receive(&decoder, piece, at: 0, collect) }
      decoder.flush(collect)
      if round % 5 == 0 {
        #expect(scans.map(\.bytes) == codes)
        #expect(scans.allSatisfy { !$0.isTruncated })
      }
      for scan in scans {
        let tag = try #require(scan.bytes.first)
        #expect(scan.bytes.allSatisfy { $0 == tag })
        #expect(scan.aim?.bytes.dropFirst().elementsEqual(aims[Int(tag)].utf8) == true)
      }
    }
  }

  // MARK: Replies

  private static let pieces = [
    report(Array("Product ".utf8), aim: "X0"), report(Array("Name".utf8), aim: "X0"),
  ]

  @Test("an answer is held apart while a command waits for it")
  func reply() throws {
    var decoder = HIDPOSDecoder(try Self.honeywell())
    let echo = try Fixture.message("honeywell-revinf-echo")
    let code = Self.report([65], aim: "C0")
    decoder.awaitReply(until: 1000)
    #expect(decoder.deadline == 1000)
    let events = try Self.events(&decoder, Self.pieces + [code, echo] + Self.pieces)
    #expect(events.count == 4)
    guard case .scan(let scan) = events[0], case .reply(let reply) = events[1], case .scan = events[2] else {
      Issue.record("expected scan, reply, scan, scan")
      return
    }
    #expect(scan.bytes == [65])
    #expect(reply.text == Array("Product Name".utf8) && reply.echo == Array("REVINF\u{6}.".utf8))
    #expect(reply.verdict == .accepted)
    #expect(decoder.deadline == nil)
  }

  @Test("without a command, or without an echo in time, they are scans")
  func noReply() throws {
    var decoder = HIDPOSDecoder(try Self.honeywell())
    #expect(try Self.events(&decoder, Self.pieces).count == 2)
    decoder.awaitReply(until: 1000)
    #expect(try Self.events(&decoder, Self.pieces).isEmpty)
    var late: [[UInt8]] = []
    decoder.expire(at: 1000) { if case .scan(let scan) = $0 { late.append(scan.bytes) } }
    #expect(late == [Array("Product ".utf8), Array("Name".utf8)])
    #expect(try Self.events(&decoder, Self.pieces).count == 2)
  }

  @Test("a flood of pieces is not held without bound")
  func replyFlood() throws {
    var decoder = HIDPOSDecoder(try Self.honeywell())
    decoder.awaitReply(until: 1000)
    let flood = [[UInt8]](repeating: Self.pieces[0], count: 200)
    #expect(try Self.events(&decoder, flood).count == 200)
    // Long ones are bounded by their bytes: the limit of one scan is the limit of all that is held.
    var piece = [UInt8](repeating: 0x41, count: 64)
    piece.replaceSubrange(0..<5, with: [2, 56, 0x5D, 0x58, 0x30])
    piece[61...63] = [0, 0, 1]
    var last = piece
    last[63] = 0
    var other = HIDPOSDecoder(try Self.honeywell())
    other.awaitReply(until: 1000)
    let long = [[UInt8]](repeating: piece, count: 99) + [last]
    #expect(try Self.events(&other, long).isEmpty)
    #expect(try Self.events(&other, long).count == 2)
  }

  @Test(
    "the verdict is the control character in the echo",
    arguments: [
      ([0x41, 0x06, 0x2E], .accepted), ([0x41, 0x05, 0x2E], .unknownCommand),
      ([0x41, 0x15, 0x21], .badValue),
      ([0x41, 0x2E], .unclear),
    ] as [([UInt8], HoneywellMenuReply.Verdict)])
  func verdicts(_ echo: [UInt8], _ verdict: HoneywellMenuReply.Verdict) throws {
    var decoder = HIDPOSDecoder(try Self.honeywell())
    decoder.awaitReply(until: 1000)
    let events = try Self.events(&decoder, [Self.report(echo, aim: "Z6")])
    guard case .reply(let reply) = events.first else {
      Issue.record("no reply")
      return
    }
    #expect(reply.verdict == verdict)
  }

  // MARK: Output

  @Test(
    "control bits are where the captured descriptor has them",
    arguments: [
      ([], [4, 0x00]), (.preventRead, [4, 0x01]), (.initiateRead, [4, 0x02]), (.errorBeep, [4, 0x04]),
      (.goodReadBeep, [4, 0x08]), ([.preventRead, .goodReadBeep], [4, 0x09]), (.notOnFileBeep, nil),
      ([.preventRead, .notOnFileBeep], nil),
    ] as [(HIDPOSControls, [UInt8]?)])
  func output(_ controls: HIDPOSControls, _ expected: [UInt8]?) throws {
    let output = try Self.honeywell().output
    #expect(output.declared == [.preventRead, .initiateRead, .errorBeep, .goodReadBeep])
    #expect(output.report(setting: controls) == expected)
  }

  @Test("a device without control bits, and one that numbers no reports")
  func otherOutputs() throws {
    #expect(HIDPOSLayout(maker: .zebra).output.declared == [])
    #expect(HIDPOSLayout(maker: .zebra).output.report(setting: []) == nil)
    let unnumbered: [UInt8] = [
      0x05, 0x8C, 0x75, 1, 0x95, 6, 0x91, 3, 0x95, 2, 0x09, 0x87, 0x09, 0x5F, 0x91, 2, 0x75, 8, 0x95, 1, 0x91,
      3,
    ]
    let descriptor = try HIDReportDescriptor(unnumbered.span)
    let output = HIDPOSOutput(descriptor)
    #expect(output.declared == [.preventRead, .notOnFileBeep])
    #expect(output.report(setting: .preventRead) == [0x80, 0])
    #expect(output.report(setting: .notOnFileBeep) == [0x40, 0])
  }

  // MARK: Captures explained

  @Test("a capture is explained report by report, and what is left open comes last")
  func findings() throws {
    let layout = try Self.honeywell()
    let long = Self.reports(Self.pattern(60))
    let vendor: [UInt8] = [0xF0] + [UInt8](repeating: 1, count: 63)
    let findings = layout.findings(in: [vendor, [2, 1], long[0], long[1], [0x55], long[0]])
    #expect(findings.count == 5)
    #expect(findings[0] == .notAScan(reportID: 0xF0, report: 0))
    #expect(findings[1] == .undecodable(WireError(.truncated, at: 2, field: ""), report: 1))
    guard case .scan(let whole, report: 3) = findings[2], case .scan(let cut, report: 5) = findings[4] else {
      Issue.record("scans at the wrong places")
      return
    }
    #expect(whole.bytes == Self.pattern(60) && !whole.isTruncated)
    #expect(findings[3] == .undecodable(WireError(.unsupported, at: 0, field: ""), report: 4))
    #expect(cut.bytes == Array(Self.pattern(60)[..<56]) && cut.isTruncated)
    #expect(layout.findings(in: []).isEmpty)
  }
}
