import POSBarcode
import POSScan
import POSWire
import TestSupport
import Testing

@Suite("SSI decoder")
struct SSIDecoderTests {
  /// A packet by hand: length, checksum and all.
  private static func packet(_ body: [UInt8]) -> [UInt8] {
    let counted = [UInt8(body.count + 1)] + body
    let sum = counted.reduce(0) { $0 + Int($1) }
    let check = (0x10000 - sum) & 0xFFFF
    return counted + [UInt8(check >> 8), UInt8(check & 0xFF)]
  }

  private static func events(_ chunks: [[UInt8]], every step: Int64 = 1) -> [SSIDecoder.Event] {
    var decoder = SSIDecoder()
    var events: [SSIDecoder.Event] = []
    for (index, chunk) in chunks.enumerated() {
      receive(&decoder, chunk, at: Int64(index) * step) { events.append($0) }
    }
    decoder.flush { events.append($0) }
    return events
  }

  private static func receive(
    _ decoder: inout SSIDecoder, _ bytes: [UInt8], at now: Int64, _ emit: (SSIDecoder.Event) -> Void
  ) {
    decoder.receive(bytes.span, at: now, emit)
  }

  private static func codes(_ events: [SSIDecoder.Event]) -> [DecodedCode] {
    events.compactMap { if case .scan(let code, _) = $0 { code } else { nil } }
  }

  private static func sent(_ events: [SSIDecoder.Event]) -> [[UInt8]] {
    events.compactMap { if case .send(let bytes) = $0 { bytes } else { nil } }
  }

  private static let ack: [UInt8] = [0x04, 0xD0, 0x04, 0x00, 0xFF, 0x28]

  /// The segments of a long code, as enioka_scan reads them.
  private static func segments(_ data: [UInt8], type: UInt8 = 0x1C) -> [[UInt8]] {
    var stream: [UInt8] =
      [0xF3, 0, 0x20, 0, 0, type, 1, UInt8(data.count >> 8), UInt8(data.count & 0xFF)] + data
    var packets: [[UInt8]] = []
    while !stream.isEmpty {
      let number = packets.count
      packets.append(
        packet([0x73, number == 0 ? 2 : 0, UInt8(number >> 8), UInt8(number & 0xFF)] + stream.prefix(250)))
      stream = Array(stream.dropFirst(250))
    }
    return packets
  }

  @Test("checksums of a host's packets, as captured")
  func checksums() throws {
    let packets = [
      SSIPacket(opcode: SSIOpcode.acknowledge), SSIPacket(opcode: SSIOpcode.startSession),
      SSIPacket(opcode: SSIOpcode.enable, status: .permanent),
      SSIPacket(opcode: SSIOpcode.acknowledge, status: SSIPacket.Status(rawValue: 0x80)),
    ]
    #expect(try packets.map(\.bytes) == Fixture("ssi-host").messages)
  }

  @Test("parameters of one and two bytes, with and without a page")
  func parameters() throws {
    let events = try Self.events(Fixture("ssi-parameters").messages)
    #expect(
      events == [
        .parameters([SSIDecoder.Parameter(number: 318, value: 1279)]), .send(Self.ack),
        .parameters([
          SSIDecoder.Parameter(number: 1, value: 0), SSIDecoder.Parameter(number: 156, value: 7),
        ]), .send(Self.ack),
      ])
  }

  @Test("both forms of DECODE_DATA hold the same code, and each is acknowledged after it was read")
  func decodeData() throws {
    let events = try Self.events(Fixture("ssi-decode-data").messages)
    #expect(Self.codes(events).map(\.bytes) == [Array("4006381333931".utf8), Array("4006381333931".utf8)])
    #expect(Self.codes(events).allSatisfy { $0.symbology == .ean13 && !$0.isTruncated })
    #expect(Self.sent(events) == [Self.ack, Self.ack])
    guard case .scan = events[0], case .send = events[1] else {
      Issue.record("\(events)")
      return
    }
  }

  @Test("a packet that is sent again is acknowledged and not delivered again; two equal codes are two")
  func retransmission() {
    let first = Self.packet([0xF3, 0, 0, 3] + Array("A".utf8))
    let again = Self.packet([0xF3, 0, 1, 3] + Array("A".utf8))
    let repeated = Self.events([first, again, again])
    #expect(Self.codes(repeated).count == 1 && Self.sent(repeated).count == 3)
    #expect(Self.codes(Self.events([first, first])).count == 2)
    // The first copy never arrived.
    #expect(Self.codes(Self.events([again])).count == 1)
  }

  @Test("a damaged packet that is sent again is delivered, even where it equals the one before it")
  func retransmissionOfDamage() {
    let first = Self.packet([0xF3, 0, 0, 3] + Array("A".utf8))
    let again = Self.packet([0xF3, 0, 1, 3] + Array("A".utf8))
    var damaged = first
    damaged[5] ^= 0x10
    let events = Self.events([first, damaged, again], every: 2_000_000_000)
    #expect(Self.codes(events).map(\.bytes) == [Array("A".utf8), Array("A".utf8)])
    #expect(Self.sent(events) == [Self.ack, SSIPacket(opcode: 0xD1, data: [1]).bytes, Self.ack])
  }

  @Test(
    "an answer to a command does not make the host take a packet twice", arguments: [0xD0, 0xD1] as [UInt8])
  func retransmissionAfterAnAnswer(_ opcode: UInt8) {
    let first = Self.packet([0xF3, 0, 0, 3] + Array("A".utf8))
    let again = Self.packet([0xF3, 0, 1, 3] + Array("A".utf8))
    let answer = Self.packet([opcode, 0, 0])
    let events = Self.events([first, answer, answer, again])
    #expect(Self.codes(events).count == 1 && Self.sent(events) == [Self.ack, Self.ack])
    // Each answer is told.
    #expect(events.count { $0 == .acknowledged || $0 == .refused(cause: 0) } == 2)
  }

  @Test("a first segment is a repeat only where it holds the same; another code's ends the one that is held")
  func anotherFirstSegment() {
    let held = Self.segments([UInt8](repeating: 0x41, count: 400))
    let others = [
      Self.segments([UInt8](repeating: 0x42, count: 400)),
      Self.segments([UInt8](repeating: 0x41, count: 400), type: 0x1B),
      Self.segments([UInt8](repeating: 0x41, count: 401)),
    ]
    for other in others {
      let codes = Self.codes(Self.events([held[0]] + other))
      #expect(codes.map(\.bytes.count).first == 241 && codes.map(\.isTruncated) == [true, false])
      #expect(codes.last?.bytes.count ?? 0 >= 400)
    }
    #expect(Self.codes(Self.events([held[0]] + held)).map(\.isTruncated) == [false])
  }

  @Test("packets that come after the time-out of their code are no code; the next one is")
  func lateRest() {
    let packets = [
      Self.packet([0xF3, 0, 2, 0x1C] + Array("600123".utf8)),
      Self.packet([0xF3, 0, 0, 0x1C] + Array("4567890123".utf8)),
      Self.packet([0xF3, 0, 0, 0x1C] + Array("next".utf8)),
    ]
    let codes = Self.codes(Self.events(packets, every: 2_000_000_000))
    #expect(codes.map(\.isTruncated) == [true, true, false])
    let other = Self.packet([0xF3, 0, 0, 0x0B] + Array("4006381333931".utf8))
    let foreign = Self.codes(Self.events([packets[0], other], every: 2_000_000_000))
    #expect(foreign.map(\.isTruncated) == [true, false])
  }

  @Test("codes across several packets, in the classic form and in segments")
  func multiplePackets() {
    let classic = Self.events([
      Self.packet([0xF3, 0, 2, 0x1C] + Array("abc".utf8)),
      Self.packet([0xF3, 0, 2, 0x1C] + Array("def".utf8)),
      Self.packet([0xF3, 0, 0, 0x1C] + Array("g".utf8)),
    ])
    #expect(Self.codes(classic).map(\.bytes) == [Array("abcdefg".utf8)] && Self.sent(classic).count == 3)
    let data = (0..<2953).map { UInt8(truncatingIfNeeded: $0 &* 29 &+ $0 / 57) }
    let segments = Self.segments(data)
    let events = Self.events(segments)
    #expect(Self.codes(events).map(\.bytes) == [data] && Self.codes(events).first?.symbology == .qr)
    #expect(Self.sent(events) == segments.map { _ in SSIPacket(opcode: 0x74).bytes })
  }

  @Test("a stream may be cut anywhere")
  func splits() {
    let data = (0..<600).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let stream = Self.segments(data).flatMap { $0 } + Self.packet([0xF3, 0, 0, 3, 0x41])
    let whole = Self.events([stream])
    #expect(Self.codes(whole).count == 2)
    for cut in stream.indices {
      #expect(Self.events([Array(stream[..<cut]), Array(stream[cut...])]) == whole, "cut at \(cut)")
    }
  }

  @Test("a flipped byte costs its own packet, is refused, and the next one is read")
  func corruption() {
    let first = Self.packet([0xF3, 0, 0, 3] + Array("first".utf8))
    let second = Self.packet([0xF3, 0, 0, 3] + Array("second".utf8))
    for index in first.indices {
      for bit in 0..<8 {
        var damaged = first
        damaged[index] ^= 1 << bit
        let events = Self.events([damaged, second], every: 2_000_000_000)
        #expect(Self.codes(events).map(\.bytes).last == Array("second".utf8), "byte \(index), bit \(bit)")
        #expect(!Self.codes(events).map(\.bytes).contains(Array("first".utf8)), "byte \(index), bit \(bit)")
      }
    }
    var damaged = first
    damaged[6] ^= 0x10
    #expect(Self.sent(Self.events([damaged])).first == SSIPacket(opcode: 0xD1, data: [1]).bytes)
  }

  @Test("lost and doubled segments: never a wrong code that is called whole")
  func lostSegments() {
    let data = (0..<900).map { UInt8(truncatingIfNeeded: $0 &* 13) }
    let segments = Self.segments(data)
    for index in segments.indices {
      var doubled = segments
      doubled.insert(segments[index], at: index)
      // The doubled last one comes after the code was delivered.
      let whole = Self.codes(Self.events(doubled)).filter { !$0.isTruncated }
      #expect(whole.map(\.bytes) == [data], "segment \(index) twice")
      var dropped = segments
      dropped.remove(at: index)
      #expect(Self.codes(Self.events(dropped)).allSatisfy { $0.isTruncated }, "segment \(index) lost")
    }
  }

  @Test("nothing traps or grows on noise")
  func noise() {
    var generator = SeededGenerator(seed: 12)
    var decoder = SSIDecoder()
    for step in 0..<500 {
      let bytes = (0..<100).map { _ in UInt8.random(in: 0...255, using: &generator) }
      Self.receive(&decoder, bytes, at: Int64(step)) { _ in }
      #expect(decoder.pendingBytes <= SSIDecoder.payloadLimit)
    }
    // Continued packets without an end.
    let endless = Self.packet([0xF3, 0, 2, 3] + [UInt8](repeating: 0x41, count: 200))
    for step in 500..<600 { Self.receive(&decoder, endless, at: Int64(step)) { _ in } }
    #expect(decoder.pendingBytes == SSIDecoder.payloadLimit)
  }

  // MARK: SNAPI

  private static func snapi(_ reports: [[UInt8]]) throws -> [SNAPIDecoder.Event] {
    var decoder = SNAPIDecoder()
    var events: [SNAPIDecoder.Event] = []
    for report in reports { try receive(&decoder, report) { events.append($0) } }
    decoder.flush { events.append($0) }
    return events
  }

  private static func receive(
    _ decoder: inout SNAPIDecoder, _ report: [UInt8], _ emit: (SNAPIDecoder.Event) -> Void
  ) throws(WireError) {
    try decoder.receive(report.span, at: 0, emit)
  }

  @Test("SNAPI: scans of one and of many packets are joined, and each report is acknowledged")
  func snapiScans() throws {
    let one = try Self.snapi([[0x22, 1, 0, 3, 8, 0] + Array("123".utf8)])
    guard case .scan(let code, let type) = one[0], case .send(let reply) = one[1] else {
      Issue.record("\(one)")
      return
    }
    #expect(code.bytes == Array("123".utf8) && type.rawValue == 8 && code.symbology == .upcA)
    #expect(reply == [0x01, 0x22, 1, 0])

    let data = (0..<2953).map { UInt8(truncatingIfNeeded: $0 &* 29) }
    let pieces = stride(from: 0, to: data.count, by: 56).map { Array(data[$0..<min($0 + 56, data.count)]) }
    let reports = pieces.enumerated().map { index, piece -> [UInt8] in
      [0x26, 0, UInt8(pieces.count), 0, UInt8(index), UInt8(piece.count), 28, 0] + piece
    }
    func codes(_ events: [SNAPIDecoder.Event]) -> [DecodedCode] {
      events.compactMap { if case .scan(let code, _) = $0 { code } else { nil } }
    }
    #expect(codes(try Self.snapi(reports)).map(\.bytes) == [data])
    var doubled = reports
    for index in [0, 5, pieces.count - 1].reversed() { doubled.insert(reports[index], at: index) }
    #expect(codes(try Self.snapi(doubled)).map(\.bytes) == [data])
    // A packet of another code, by its count or its type, is never glued to this one.
    for (byte, value) in [(2, 99), (6, 3)] as [(Int, UInt8)] {
      var foreign = Array(reports[0..<2])
      foreign[1][byte] = value
      #expect(throws: WireError(.framing, at: 4, field: "")) { _ = try Self.snapi(foreign) }
    }
    var decoder = SNAPIDecoder()
    for report in reports[0..<3] { try Self.receive(&decoder, report) { _ in } }
    #expect(throws: WireError(.framing, at: 4, field: "")) { try Self.receive(&decoder, reports[4]) { _ in } }
  }

  @Test(
    "six digits of a UPC-E1 get the number system 1 back that only their type tells",
    arguments: [16, 9] as [UInt8])
  func upcE1(_ type: UInt8) throws {
    let codes = Self.codes(Self.events([Self.packet([0xF3, 0, 0, type] + Array("123456".utf8))]))
    let code = try #require(codes.first)
    #expect(code.symbology == .upcE && code.raw == Array("123456".utf8))
    let retail = CodeContent(aim: nil, symbology: code.symbology, bytes: code.bytes).retail
    #expect(retail?.upcA == Array((type == 16 ? "112345000062" : "012345000065").utf8))
    let events = try Self.snapi([[0x22, 1, 0, 6, type, 0] + Array("123456".utf8)])
    guard case .scan(let same, _)? = events.first else {
      Issue.record("no scan")
      return
    }
    #expect(same.bytes == code.bytes && same.raw == code.raw)
    // Digits that have their number system keep it.
    let seven = Self.codes(Self.events([Self.packet([0xF3, 0, 0, type] + Array("1123456".utf8))]))
    #expect(seven.map(\.bytes) == [Array("1123456".utf8)])
  }

  @Test("code types of specs/scanners.md §1.4 with add-ons and composites")
  func codeTypes() {
    for (number, symbology, addOn) in [
      (1, .code39, 0), (11, .ean13, 0), (15, .gs1128, 0), (28, .qr, 0), (72, .upcA, 2), (75, .ean13, 2),
      (80, .upcE, 2), (136, .upcA, 5), (139, .ean13, 5), (81, .compositeA, 0), (97, .compositeB, 0),
      (90, .tlc39, 0), (41, .unknown, 0), (999, .unknown, 0),
    ] as [(UInt16, Symbology, Int)] {
      let type = ZebraCodeType(rawValue: number)
      #expect(type.symbology == symbology && type.addOnLength == addOn, "type \(number)")
    }
  }
}
