import POSBarcode
import POSScan
import POSWire
import TestSupport
import Testing

@Suite("Serial scan decoder")
struct SerialScanDecoderTests {
  private static func events(
    _ chunks: [[UInt8]], _ settings: SerialScanSettings = .init(), every step: Int64 = 1
  ) -> [SerialScanDecoder.Event] {
    var decoder = SerialScanDecoder(settings)
    var events: [SerialScanDecoder.Event] = []
    for (index, chunk) in chunks.enumerated() {
      receive(&decoder, chunk, at: Int64(index) * step) { events.append($0) }
    }
    decoder.flush { events.append($0) }
    return events
  }

  private static func receive(
    _ decoder: inout SerialScanDecoder, _ bytes: [UInt8], at now: Int64,
    _ emit: (SerialScanDecoder.Event) -> Void
  ) {
    decoder.receive(bytes.span, at: now, emit)
  }

  private static func codes(
    _ chunks: [[UInt8]], _ settings: SerialScanSettings = .init(), every step: Int64 = 1
  ) -> [DecodedCode] {
    events(chunks, settings, every: step).compactMap { if case .scan(let code) = $0 { code } else { nil } }
  }

  @Test("CR, LF and CR LF each end one code, and empty lines are none")
  func lines() {
    let stream = Array("one\rtwo\nthree\r\n\r\nfour\r".utf8)
    #expect(
      Self.codes([stream]).map { String(decoding: $0.bytes, as: UTF8.self) } == [
        "one", "two", "three", "four",
      ])
    for cut in stream.indices {
      #expect(
        Self.codes([Array(stream[..<cut]), Array(stream[cut...])]) == Self.codes([stream]), "cut at \(cut)")
    }
  }

  @Test("an AIM identifier names the symbology, and GS stays")
  func aim() throws {
    var settings = SerialScanSettings()
    settings.envelope.identifiers = .aim
    let codes = try Self.codes(Fixture("serial-line").messages, settings)
    #expect(codes.map(\.symbology) == [.gs1DataMatrix])
    #expect(codes.map(\.bytes) == [Array("010401234567890110ABC\u{1D}17270131".utf8)])
  }

  @Test("silence ends a code of any bytes; a terminator that never comes leaves it truncated")
  func silence() {
    var settings = SerialScanSettings()
    settings.terminator = .silence
    let data = (0..<2953).map { UInt8(truncatingIfNeeded: $0 &* 29 &+ $0 / 57) }
    let chunks = [Array(data[..<1000]), Array(data[1000...])]
    #expect(Self.codes(chunks, settings).map(\.bytes) == [data])
    #expect(Self.codes(chunks, settings, every: 200_000_000).count == 2)
    let cut = Self.codes([Array("half".utf8)])
    #expect(cut.map(\.isTruncated) == [true] && cut.map(\.bytes) == [Array("half".utf8)])
  }

  @Test("what is left of a line after silence is no code, whatever its end says; the next line is")
  func restAfterSilence() {
    let chunks = ["600123", "4567890123\r\n", "next\r"].map { Array($0.utf8) }
    let codes = Self.codes(chunks, every: 150_000_000)
    #expect(codes.map(\.bytes.count) == [6, 10, 4])
    #expect(codes.map(\.isTruncated) == [true, true, false])
    // A second later, or behind a terminator that was all that was late, it is a code of its own.
    #expect(Self.codes([chunks[0], chunks[2]], every: 1_100_000_000).map(\.isTruncated) == [true, false])
    let lateEnd = Self.codes([chunks[0], [0x0D], chunks[2]], every: 150_000_000)
    #expect(lateEnd.map(\.isTruncated) == [true, false])
    // Silence that ends codes cuts none.
    var settings = SerialScanSettings()
    settings.terminator = .silence
    #expect(Self.codes(chunks, settings, every: 150_000_000).allSatisfy { !$0.isTruncated })
  }

  @Test("the rest of a decode header that came late is not taken for a whole code")
  func restOfALateHeader() throws {
    let message = try Fixture.message("serial-dechdr")
    for cut in 3..<message.count {
      let codes = Self.codes([Array(message[..<cut]), Array(message[cut...])], every: 150_000_000)
      #expect(codes.allSatisfy { $0.isTruncated }, "cut at \(cut)")
    }
  }

  @Test("a declared terminator of several bytes, and a prefix")
  func terminator() {
    var settings = SerialScanSettings()
    settings.terminator = .bytes([0x03, 0x04])
    settings.envelope.prefix = [0x02]
    let codes = Self.codes([[0x02, 0x41, 0x0D, 0x03, 0x42, 0x03, 0x04, 0x02, 0x43, 0x03, 0x04]], settings)
    #expect(codes.map(\.bytes) == [[0x41, 0x0D, 0x03, 0x42], [0x43]])
    #expect(codes.first?.raw == [0x02, 0x41, 0x0D, 0x03, 0x42])
  }

  @Test("seven bits with odd parity on a line of eight: the bit goes, wrong ones are counted")
  func sevenBits() {
    var settings = SerialScanSettings()
    settings.parity = .odd
    let bytes = "F400\r".utf8.map { $0.nonzeroBitCount % 2 == 1 ? $0 : $0 | 0x80 }
    #expect(Self.codes([bytes], settings).map(\.bytes) == [Array("F400".utf8)])
    var damaged = bytes
    damaged[1] ^= 0x80
    #expect(Self.events([damaged], settings).first == .undecodable(WireError(.checksum, at: 1, field: "")))
    // A code with a byte that may be another one is not whole; the next code is.
    #expect(Self.codes([damaged + bytes], settings).map(\.isTruncated) == [true, false])
    settings.parity = .ignored
    #expect(Self.codes([bytes.map { $0 | 0x80 }], settings).map(\.bytes) == [Array("F400".utf8)])
  }

  @Test("the same letters under the makers' alphabets")
  func codeIDs() {
    func first(_ text: String, _ set: CodeIDSet) -> DecodedCode? {
      var settings = SerialScanSettings()
      settings.envelope.identifiers = .codeIDs(set)
      return Self.codes([Array((text + "\r").utf8)], settings).first
    }
    for (text, set, symbology, data) in [
      ("F4006381333931", .datalogicUS, .ean13, "4006381333931"),
      ("FF40170725", .datalogicUS, .ean8, "40170725"),
      ("F03600029145212", .datalogicEU, .upcA, "03600029145212"),
      ("A40170725", .datalogicEU, .ean8, "40170725"),
      ("]C110ab", .datalogicUS, .gs1128, "10ab"), ("d4006381333931", .honeywell, .ean13, "4006381333931"),
      ("A4006381333931", .zebra, .ean13, "4006381333931"), ("A036000291452", .zebra, .upcA, "036000291452"),
      ("A40170725", .zebra, .unknown, "40170725"), ("P0Q01", .zebra, .gs1QR, "01"),
      ("P01x", .zebra, .qr, "x"),
      ("Dm1", .datalogicUS, .dataMatrix, "1"), ("~x", .zebra, .unknown, "~x"),
    ] as [(String, CodeIDSet, Symbology, String)] {
      let code = first(text, set)
      #expect(code?.symbology == symbology && code?.bytes == Array(data.utf8), "\(text) of \(set.name)")
    }
  }

  @Test("Honeywell's decode header carries its code, wherever it is cut, and CR LF may surround it")
  func decodeHeader() throws {
    let message = try Fixture.message("serial-dechdr")
    let expected = Self.codes([message])
    #expect(expected.map(\.bytes) == [Array("4006381333931".utf8)] && expected.map(\.symbology) == [.ean13])
    #expect(expected.first?.aim == AIMIdentifier(code: 0x45, modifier: 0x30))
    for cut in message.indices {
      #expect(Self.codes([Array(message[..<cut]), Array(message[cut...])]) == expected)
    }
    #expect(Self.codes([message + [0x0A] + Array("next\r".utf8)]).map(\.bytes.count) == [13, 4])
    var data = message
    // The data may hold CR: the length counts.
    data[31] = 0x0D
    #expect(Self.codes([data]).first?.bytes.count == 13)
  }

  @Test("a damaged header is named, and the lines after it are read")
  func damagedHeader() throws {
    let message = try Fixture.message("serial-dechdr")
    for index in 2..<message.count {
      for byte in [0x00, 0xFF, 0x30] as [UInt8] {
        var damaged = message
        damaged[index] = byte
        let last = Self.codes([damaged, Array("\r".utf8), Array("next\r".utf8)], every: 1_000_000_000).last
        #expect(last?.bytes == Array("next".utf8), "byte \(index)")
      }
    }
  }

  @Test("the rest of a line whose header is none is not taken for a code")
  func restOfADamagedHeader() throws {
    let message = try Fixture.message("serial-dechdr")
    for index in 6..<17 {
      var damaged = message
      damaged[index] = 0x21
      let codes = Self.codes([damaged + Array("next\r".utf8)])
      #expect(codes.last?.bytes == Array("next".utf8), "byte \(index)")
      #expect(codes.dropLast().allSatisfy { $0.bytes == Array("4006381333931".utf8) }, "byte \(index)")
    }
  }

  @Test("silence after a code beyond the limit does not bring its tail as a code")
  func tailBeyondLimit() {
    for terminator in [.silence, .line] as [SerialScanSettings.Terminator] {
      var settings = SerialScanSettings()
      settings.terminator = terminator
      let codes = Self.codes([[UInt8](repeating: 0x41, count: 9000)], settings)
      #expect(codes.map(\.bytes.count) == [8192] && codes.first?.isTruncated == true)
    }
  }

  @Test("the limit holds, the rest of the line is swallowed, the next line is whole")
  func limit() {
    let stream = [UInt8](repeating: 0x41, count: 10_000) + Array("\rnext\r".utf8)
    let codes = Self.codes([stream])
    #expect(codes.map(\.bytes.count) == [8192, 4] && codes.map(\.isTruncated) == [true, false])
  }

  @Test("damage in what is swallowed says nothing of the next line")
  func damageBeyondTheLimit() {
    var settings = SerialScanSettings()
    settings.parity = .odd
    func odd(_ text: String) -> [UInt8] {
      text.utf8.map { $0.nonzeroBitCount % 2 == 1 ? $0 : $0 | 0x80 }
    }
    var stream = odd(String(repeating: "A", count: 10_000) + "\rnext\r")
    stream[9000] ^= 0x80
    #expect(Self.codes([stream], settings).map(\.isTruncated) == [true, false])
  }

  @Test(
    "nothing traps or grows on noise",
    arguments: [SerialScanSettings.Terminator.line, .silence, .bytes([0x55])])
  func noise(_ terminator: SerialScanSettings.Terminator) {
    var generator = SeededGenerator(seed: 13)
    var settings = SerialScanSettings()
    settings.terminator = terminator
    settings.envelope.identifiers = .codeIDs(.datalogicUS)
    var decoder = SerialScanDecoder(settings)
    for step in 0..<500 {
      var bytes = (0..<100).map { _ in UInt8.random(in: 0...255, using: &generator) }
      if step % 9 == 0 { bytes += [0x0D, 0x16, 0xFE] }
      Self.receive(&decoder, bytes, at: Int64(step)) { _ in }
      #expect(decoder.pendingBytes <= SerialScanDecoder.payloadLimit + 32)
    }
  }
}
