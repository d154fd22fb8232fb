import POSWire
import Testing

@Suite struct DLEFramerTests {
  static let content: [UInt8] = [0x06, 0x01, 0x10, 0x03, 0x10, 0x10, 0x02]

  static func events(_ bytes: [UInt8], maximumLength: Int = 64) -> [FramingEvent] {
    var framer = DLEFramer(maximumLength: maximumLength)
    return framer.push(bytes.span)
  }

  static func frame(_ content: [UInt8]) -> [UInt8] { DLEFramer.encode(content.span) }

  @Test func givesBackWhatWasEncoded() {
    var random = SeededBytes(seed: 1)
    for length in 0..<64 {
      let content = (0..<length).map { _ in random.next(favouring: [0x10, 0x03, 0x02]) }
      #expect(Self.events(Self.frame(content)) == [.frame(content)])
    }
  }

  @Test func doublesNoCheckByte() {
    // specs/terminals.md §4.1: checks that read DLE ETX and DLE DLE.
    let etx: [UInt8] = [0x06, 0x01, 0x0A, 0x04, 0x00, 0x00, 0x00, 0x02, 0x53, 0x08, 0x49, 0x09, 0x78]
    let dle: [UInt8] = [0x06, 0x01, 0x0A, 0x04, 0x00, 0x00, 0x00, 0x11, 0x75, 0x33, 0x49, 0x09, 0x78]
    #expect(Self.frame(etx).suffix(4) == [0x10, 0x03, 0x10, 0x03])
    #expect(Self.frame(dle).suffix(4) == [0x10, 0x03, 0x10, 0x10])
    #expect(
      Self.events(Self.frame(etx) + Self.frame(dle) + [0x06]) == [.frame(etx), .frame(dle), .acknowledged])
  }

  @Test func readsTheSameHoweverTheStreamIsSplit() {
    let stream: [UInt8] = [0x06] + Self.frame(Self.content) + [0x15] + Self.frame([0x80, 0x00, 0x00])
    let whole = Self.events(stream)
    for split in 0...stream.count {
      var framer = DLEFramer(maximumLength: 64)
      let head = Array(stream[..<split])
      let tail = Array(stream[split...])
      let events = framer.push(head.span) + framer.push(tail.span)
      #expect(events == whole)
    }
  }

  @Test func skipsAndCountsNoise() {
    var framer = DLEFramer(maximumLength: 64)
    let stream: [UInt8] = [0x00, 0x10, 0x41, 0x10] + Self.frame([0x01]) + [0x10, 0x06]
    let events = framer.push(stream.span)
    #expect(events == [.frame([0x01]), .acknowledged])
    #expect(framer.skippedBytes == 5)
  }

  @Test func takesNothingOfADamagedFrameForAnAcknowledgement() {
    // DLE followed by a byte that may not follow it, then ACK and NAK as content.
    let damaged: [UInt8] = [0x10, 0x02, 0x01, 0x10, 0x41, 0x06, 0x15, 0x06, 0x10, 0x03, 0x06, 0x06]
    #expect(Self.events(damaged + [0x06]) == [.damaged(.framing), .acknowledged])
  }

  @Test func boundsTheContent() {
    let content = [UInt8](repeating: 0x06, count: 9)
    #expect(Self.events(Self.frame(content), maximumLength: 9) == [.frame(content)])
    #expect(
      Self.events(Self.frame(content) + Self.frame([0x01]), maximumLength: 8)
        == [.damaged(.lengthOverLimit), .frame([0x01])])
  }

  @Test func aStartInsideAFrameStartsANewOne() {
    #expect(Self.events([0x10, 0x02, 0x41] + Self.frame([0x42])) == [.damaged(.framing), .frame([0x42])])
  }

  @Test func aLostCheckByteDoesNotCostTheNextFrame() {
    let frame = Self.frame([0x41, 0x42])
    for lost in 1...2 {
      let events = Self.events(Array(frame.dropLast(lost)) + Self.frame([0x43]))
      #expect(events == [.damaged(.checksum), .frame([0x43])])
    }
  }

  @Test func silenceEndsAFrame() {
    var framer = DLEFramer(maximumLength: 64)
    let half = Array(Self.frame(Self.content).dropLast(3))
    #expect(framer.push(half.span) == [])
    #expect(framer.isInsideFrame)
    framer.reset()
    #expect(!framer.isInsideFrame)
    let next: [UInt8] = [0x06] + Self.frame([0x01])
    let events = framer.push(next.span)
    #expect(events == [.acknowledged, .frame([0x01])])
  }

  /// A frame with one byte flipped, dropped or doubled is never read as another frame, and the one after is read.
  @Test func survivesEverySingleFault() {
    let frame = Self.frame(Self.content)
    let next = Self.frame([0x80, 0x00, 0x00])
    for index in frame.indices {
      var dropped = frame
      dropped.remove(at: index)
      var doubled = frame
      doubled.insert(frame[index], at: index)
      var streams = [dropped, doubled]
      for bit in 0..<8 {
        var flipped = frame
        flipped[index] ^= 1 << UInt8(bit)
        streams.append(flipped)
      }
      for stream in streams {
        var framer = DLEFramer(maximumLength: 64)
        var events = framer.push(stream.span)
        framer.reset()
        events += framer.push(next.span)
        let frames = events.filter { if case .frame = $0 { true } else { false } }
        #expect(
          frames == [.frame([0x80, 0x00, 0x00])]
            || frames == [.frame(Self.content), .frame([0x80, 0x00, 0x00])])
      }
    }
  }
}

@Suite struct STXETXFramerTests {
  static func events(_ bytes: [UInt8], maximumLength: Int = 64) -> [FramingEvent] {
    var framer = STXETXFramer(maximumLength: maximumLength)
    return framer.push(bytes.span)
  }

  /// specs/terminals.md §4.3: Transbank frames, and the poll whose LRC is STX.
  @Test(
    arguments: [
      ("0100", 0x02), ("0800", 0x0B), ("0250|", 0x78), ("0500||", 0x06), ("0700||", 0x04), ("0300", 0x00),
    ] as [(String, UInt8)])
  func readsAndWrites(text: String, check: UInt8) throws {
    let bytes = Array(text.utf8)
    let frame = try STXETXFramer.encode(bytes.span)
    #expect(frame == [0x02] + bytes + [0x03, check])
    #expect(Self.events(frame + frame) == [.frame(bytes), .frame(bytes)])
  }

  @Test func tellsControlCharactersFromFrames() throws {
    let text = Array("0\u{02}".utf8.prefix(1))
    let frame = try STXETXFramer.encode(text.span)
    #expect(
      Self.events([0x05, 0x06, 0x15, 0x41] + frame + [0x04])
        == [.enquiry, .acknowledged, .refused, .frame(text), .endOfTransmission])
  }

  @Test func refusesTextsThatItCannotCarry() {
    let text: [UInt8] = [0x41, 0x03]
    #expect(throws: WireError(.value, at: 1, field: "text")) { try STXETXFramer.encode(text.span) }
  }

  @Test func boundsTheText() throws {
    let text = [UInt8](repeating: 0x41, count: 9)
    let frame = try STXETXFramer.encode(text.span)
    #expect(Self.events(frame, maximumLength: 9) == [.frame(text)])
    #expect(Self.events(frame + [0x06], maximumLength: 8) == [.damaged(.lengthOverLimit), .acknowledged])
  }

  @Test func survivesEverySingleFault() throws {
    let text = Array("0200|1500|T00001|||1|".utf8)
    let next = Array("0100".utf8)
    let frame = try STXETXFramer.encode(text.span)
    let following = try STXETXFramer.encode(next.span)
    for index in frame.indices {
      var dropped = frame
      dropped.remove(at: index)
      var flipped = frame
      flipped[index] ^= 0x40
      for stream in [dropped, flipped] {
        var framer = STXETXFramer(maximumLength: 64)
        var events = framer.push(stream.span)
        framer.reset()
        events += framer.push(following.span)
        #expect(events.last == .frame(next))
        #expect(!events.contains(.frame(Array(text.dropLast()))))
      }
    }
  }
}

/// Bytes that look random and are the same in each run.
struct SeededBytes {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt8 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return UInt8(truncatingIfNeeded: state >> 32)
  }

  /// Every other byte, about, is one of `special`.
  mutating func next(favouring special: [UInt8]) -> UInt8 {
    let byte = next()
    return byte & 1 == 0 ? special[Int(byte >> 1) % special.count] : next()
  }
}
