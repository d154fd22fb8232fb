import POSTerminalWire
import POSWire
import TestSupport
import Testing

@Suite struct ZVTMessageTests {
  static func message(_ text: String) throws -> ZVTMessage {
    let bytes = hex(text)
    return ZVTMessage(try ZVTAPDU(bytes.span))
  }

  @Test(arguments: ZVTVectors.frames.indices)
  func readsAndWritesFrames(index: Int) throws {
    let vector = ZVTVectors.frames[index]
    let frame = hex(vector.hex)
    let apdu = hex(vector.apdu)
    var framer = DLEFramer(maximumLength: 65_540)
    let events = framer.push(frame.span)
    #expect(events == [.frame(apdu)])
    #expect(DLEFramer.encode(apdu.span) == frame)
    let read = try ZVTAPDU(apdu.span)
    #expect(read.bytes == apdu)
    #expect(read.command.name.description == vector.meaning)
  }

  @Test(arguments: ZVTVectors.messages.indices)
  func explainsMessages(index: Int) throws {
    let vector = ZVTVectors.messages[index]
    let message = try Self.message(vector.hex)
    #expect(describe(message) == vector.fields)
  }

  /// specs/terminals.md §4.2: header of 68 bytes, 37 present. A stream must wait, a reader of data must cope.
  @Test func readsTheDataOfAMessageCutShort() throws {
    let bytes = hex(
      """
      04 0F 44 27 6C 04 00 00 00 00 12 00 49 09 78 0C 11 33 39 0D 08 17 22 F0 F0 0B 00 00 00
      19 60 29 52 50 02 95 8B F0 F1 00
      """)
    #expect(throws: WireError(.truncated, at: 3, field: "data")) { try ZVTAPDU(bytes.span) }
    var reader = ZVTStreamReader(maximumDataLength: 1_000)
    #expect(reader.push(bytes.span).isEmpty)
    #expect(reader.isInsideMessage)
    let message = ZVTMessage(.statusInformation, data: Array(bytes.dropFirst(3)))
    #expect(
      describe(message) == """
        result_code=6c(aborted or timed out) amount=1200 currency='978' time='113339' date='0817' pan=() trace=0 \
        payment_type=60 terminal_id='52500295' card_name=""
        """)
  }

  @Test func readsALargeTextBlock() throws {
    // As the capture of specs/terminals.md §4.2: FF BD 04, tag 14 = 02, E4 = ä.
    let line: [UInt8] = [0x09, 0x01, 0x00, 0x07, 0x20] + [UInt8](repeating: 0xE4, count: 32)
    var texts: [UInt8] = []
    for _ in 0..<32 { texts += line }
    texts += [0x09, 0x01, 0x81]
    let inner: [UInt8] =
      hex("1F 07 01 01 1F 37 01 01 14 01 02")
      + [0x25, 0x82, UInt8(texts.count >> 8), UInt8(texts.count & 0xFF)] + texts
    let data: [UInt8] = [0x06, 0x82, UInt8(inner.count >> 8), UInt8(inner.count & 0xFF)] + inner
    let apdu = try ZVTAPDU(.printTextBlock, data: data)
    let bytes = apdu.bytes
    #expect(bytes[2] == 0xFF)
    let read = ZVTMessage(try ZVTAPDU(bytes.span))
    #expect(read.unread == nil)
    guard case .fields(let fields)? = read.containerFields.last?.value, fields.count == 65 else {
      Issue.record("no print texts in \(describe(read))")
      return
    }
    #expect(fields[1].value == .text(Array(String(repeating: "ä", count: 32).utf8)))
  }

  @Test func keepsEverythingBeforeAnUnknownBitmap() throws {
    // EVerest loses trace and receipt number behind 88 and A0 (specs/terminals.md §5.2); 77 is unknown to all.
    let message = try Self.message(
      "04 0F 1B 27 00 04 00 00 00 00 20 40 88 00 12 34 A0 00 0B 00 01 23 87 00 05 77 01 02 03 04")
    #expect(
      describe(message) == """
        result_code=00(ok) amount=2040 turnover_number=1234 host_result_code=00 trace=123 receipt_number=5 \
        | 22+5 unsupported
        """)
    #expect(message.number(.amount) == 2040)
    #expect(message.number(.receiptNumber) == 5)
  }

  @Test func readsAnIntermediateStatusWithContainerButNoTime() throws {
    // The examples of PA00P015 §5 break its §3.7; EVerest panics here.
    let exact = try Self.message("04 FF 0A 17 06 07 24 05 07 03 61 62 63")
    #expect(exact.intermediateStatus?.kind == .working)
    #expect(describe(exact) == "status=17(please wait) tlv={display_texts={text=\"abc\"}}")
  }

  @Test(arguments: [
    ("06 00 06 00 00 00 BE 03 48", "password=<3> configuration=be currency='348'"),
    ("06 00 06 00 00 00 BE 03 01", "password=<3> configuration=be service_byte=01"),
    ("06 00 08 00 00 00 BE 06 82 03 01", "password=<3> configuration=be currency='682' service_byte=01"),
    ("06 00 04 00 00 00 BE", "password=<3> configuration=be"),
  ])
  func tellsTheCurrencyOfARegistrationFromItsBitmaps(text: String, fields: String) throws {
    #expect(describe(try Self.message(text)) == fields)
  }

  @Test func acceptsBothLengthForms() throws {
    for text in ["06 1E 01 6C", "06 1E FF 01 00 6C"] {
      #expect(try Self.message(text).result == .aborted)
    }
    let long = try ZVTAPDU(.printLine, data: [UInt8](repeating: 0x41, count: 255))
    #expect(Array(long.bytes.prefix(5)) == [0x06, 0xD1, 0xFF, 0xFF, 0x00])
    let short = try ZVTAPDU(.printLine, data: [UInt8](repeating: 0x41, count: 254))
    #expect(short.bytes[2] == 0xFE)
  }

  @Test func writesTheTillsMessages() throws {
    let password = try #require(ZVTPassword(digits: Array("123456".utf8)))
    #expect(
      ZVTAPDU.registration(
        password: password, configuration: ZVTAPDU.Configuration(rawValue: 0xBE), currency: 978,
        serviceByte: 1
      ).bytes == hex("06 00 10 12 34 56 BE 09 78 03 01 06 06 26 04 0A 02 06 D3"))
    #expect(
      try ZVTAPDU.authorisation(amount: 11_000, currency: 978).bytes
        == hex("06 01 0A 04 00 00 00 01 10 00 49 09 78"))
    #expect(ZVTAPDU.lastTransaction(password: password).bytes == hex("06 20 05 12 34 56 03 03"))
    #expect(ZVTAPDU.statusEnquiry(password: password).bytes == hex("05 01 03 12 34 56"))
    #expect(ZVTAPDU.abortRequest.bytes == hex("06 B0 00"))
    #expect(ZVTAPDU.positiveAnswer.bytes == hex("80 00 00"))
    #expect(ZVTAPDU.negativeAnswer(.processingError).bytes == hex("84 66 00"))
    #expect(throws: WireError(.value, at: 4, field: "amount")) {
      try ZVTAPDU.authorisation(amount: 1_000_000_000_000, currency: 978)
    }
    #expect(ZVTPassword(digits: Array("12345".utf8)) == nil)
    #expect(ZVTPassword(digits: Array("12345a".utf8)) == nil)
  }

  // MARK: - Streams

  @Test func cutsAStreamByLengthsHoweverItArrives() throws {
    let messages =
      ZVTVectors.messages.map { hex($0.hex) } + [
        try ZVTAPDU(.printLine, data: [UInt8](repeating: 7, count: 300)).bytes
      ]
    let stream = messages.flatMap(\.self)
    for size in [1, 2, 3, 5, 7, 64, stream.count] {
      var reader = ZVTStreamReader(maximumDataLength: 1_000)
      var found: [[UInt8]] = []
      var start = 0
      while start < stream.count {
        let piece = Array(stream[start..<min(start + size, stream.count)])
        found += reader.push(piece.span)
        start += size
      }
      #expect(found == messages)
    }
  }

  @Test func boundsAMessageBeforeItArrives() {
    var reader = ZVTStreamReader(maximumDataLength: 1_000)
    let header = hex("06 D3 FF E9 03")
    #expect(reader.push(header.span).isEmpty)
    #expect(reader.failure == WireError(.lengthOverLimit, at: 2, field: "length"))
  }

  @Test func keepsWhatCameBeforeAMessageBeyondTheLimit() {
    let stream = hex("06 0F 00 06 D3 FF E9 03 06 0F 00")
    for size in [1, 2, 8, stream.count] {
      var link = ZVTLink.stream(maximumDataLength: 1_000)
      var actions: [TerminalLinkAction] = []
      for start in Swift.stride(from: 0, to: stream.count, by: size) {
        actions += link.receive(stream[start..<min(start + size, stream.count)].span, at: 0)
      }
      #expect(actions == [.deliver(hex("06 0F 00")), .failed(.oversizedMessage)], "pieces of \(size)")
    }
  }

  // MARK: - Hostile input

  @Test func explainsAnyBytesWithoutTrapping() {
    var random = SeededGenerator(seed: 7)
    let seeds = ZVTVectors.messages.map { hex($0.hex) } + ZVTVectors.frames.map { hex($0.apdu) }
    for round in 0..<20_000 {
      var bytes = seeds[round % seeds.count]
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
        case 2 where bytes.count > 3: bytes.remove(at: index)
        default: bytes[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
        }
      }
      let command = ZVTCommand(rawValue: UInt16(bytes[0]) << 8 | UInt16(bytes[1]))
      let message = ZVTMessage(command, data: Array(bytes.dropFirst(3)))
      if let unread = message.unread {
        #expect(unread.offset >= 0 && unread.count >= 0 && unread.offset + unread.count <= bytes.count - 3)
      }
    }
  }

  @Test func followsNoEndlessContainers() {
    // 24 inside 24 inside 24 …, as deep as 254 bytes go.
    var content: [UInt8] = [0x07, 0x01, 0x41]
    while content.count < 120 { content = [0x24, UInt8(content.count)] + content }
    let message = ZVTMessage(.statusInformation, data: [0x06, UInt8(content.count)] + content)
    var depth = 0
    var fields = message.containerFields
    while case .fields(let inner)? = fields.first?.value {
      depth += 1
      fields = inner
    }
    #expect(depth < 10)
  }

  // MARK: - Secrets

  @Test func cardDataNeverLeavesTheDecoder() {
    // A number that passes the Luhn check, everywhere card data can be (specs/terminals.md §7).
    let number = "4111111111111111"
    let packed = hex(number)
    let ascii = Array(number.utf8)
    func ll(_ bytes: [UInt8]) -> [UInt8] {
      [0xF0 | UInt8(bytes.count / 10), 0xF0 | UInt8(bytes.count % 10)] + bytes
    }
    func lll(_ bytes: [UInt8]) -> [UInt8] { [0xF0] + ll(bytes) }
    let track2 = hex("41 11 11 11 11 11 11 11 D2 51 21 01 00 00 01 23 4F")
    var data: [UInt8] = [0x22] + ll(packed)
    data += [0x23] + ll(track2)
    data += [0x24] + lll(ascii)
    data += [0x2D] + ll(ascii)
    data += [0x2E] + lll(ascii)
    data += [0x3A, 0x01, 0x23]
    data += [0x3C] + lll(Array("card 4111 1111 1111 1111 or 4111111111111111=2512101123 ok".utf8))
    data += [0x8B] + ll(ascii)
    data += [0xA7] + ll(ascii)
    data += [0xAF] + lll(ascii)
    data += [0xD1] + ll(ascii)
    data += [0x3D, 0x12, 0x34, 0x56]
    let container: [UInt8] =
      [0x1F, 0x08, 0x10] + ascii + [0x46, 0x10] + ascii + [0x4C, 0x08] + packed + [0x07, 0x10] + ascii
      + [0x1F, 0x31, 0x10] + ascii
    data += [0x06, UInt8(container.count)] + container
    for unknown in [[], [0x77] + ascii] {
      let message = ZVTMessage(.statusInformation, data: data + unknown)
      #expect(message.unread == nil || !unknown.isEmpty)
      var dumped = ""
      dump(message, to: &dumped)
      let texts = allTexts(message.fields)
      for text in texts + [dumped, describe(message)] {
        #expect(!text.contains("11111111"), "\(text)")
        #expect(!text.contains("2512"))
      }
    }
    guard case .maskedPAN(let pan)? = ZVTMessage(.statusInformation, data: data).field(.cardNumber)?.value
    else {
      Issue.record("no card number")
      return
    }
    #expect(pan.characters == Array("411111******1111".utf8))
    #expect(pan.lastFourOnly == Array("************1111".utf8))
  }

  @Test func rawMessagesAndPasswordsShowNothing() throws {
    let apdu = try ZVTAPDU(.statusInformation, data: Array("4111111111111111".utf8))
    let password = try #require(ZVTPassword(digits: Array("987654".utf8)))
    var dumped = ""
    dump(apdu, to: &dumped)
    dump(password, to: &dumped)
    dumped += "\(apdu) \(password) \(String(reflecting: apdu)) \(String(reflecting: password))"
    #expect(!dumped.contains("49") && !dumped.contains("987") && !dumped.contains("152"))
  }
}

/// Every text of the fields, containers included.
private func allTexts(_ fields: [ZVTField]) -> [String] {
  fields.flatMap { field -> [String] in
    switch field.value {
    case .text(let text): [String(decoding: text, as: UTF8.self)]
    case .fields(let inner): allTexts(inner)
    default: []
    }
  }
}

/// What was understood, on one line.
func describe(_ message: ZVTMessage) -> String {
  func code(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
  func text(_ fields: [ZVTField]) -> String {
    fields.map { field in
      let value =
        switch field.value {
        case .number(let number): String(number)
        case .digits(let digits): "'\(String(decoding: digits, as: UTF8.self))'"
        case .code(let bytes): code(bytes)
        case .text(let text): "\"\(String(decoding: text, as: UTF8.self).replacing("\n", with: "\\n"))\""
        case .maskedPAN(let pan): "(\(String(decoding: pan.characters, as: UTF8.self)))"
        case .fields(let inner): "{\(text(inner))}"
        case .withheld(let count): "<\(count)>"
        }
      return "\(field.key)=\(value)" + (field.meaning.map { "(\($0))" } ?? "")
    }.joined(separator: " ")
  }
  let rest = message.unread.map { " | \($0.offset)+\($0.count) \($0.error.reason.name)" } ?? ""
  return text(message.fields) + rest
}
