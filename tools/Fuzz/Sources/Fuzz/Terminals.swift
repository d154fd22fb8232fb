import POSTerminalWire
import POSWire

extension FuzzTarget {
  /// What a link says while `pieces` come in answer to `message`, and after the stream's end.
  private static func actions<Link: TerminalLink>(
    of link: Link, _ message: [UInt8], _ pieces: [ArraySlice<UInt8>]
  ) -> [TerminalLinkAction] {
    var link = link
    var actions = link.send(message, at: 0)
    for piece in pieces { actions += link.receive(piece.span, at: 0) }
    actions += link.streamEnded()
    return actions
  }

  /// A talk in which time passes: the link must stay bounded in what it says, and must come to rest.
  private static func talk<Link: TerminalLink>(
    with link: Link, _ message: [UInt8], _ bytes: [UInt8], limit: Int
  ) {
    var link = link
    var now: Int64 = 0
    var count = 0
    func check(_ actions: [TerminalLinkAction]) {
      count += actions.count
      for case .deliver(let text) in actions {
        require(text.count <= limit, "a message of \(text.count) bytes")
      }
    }
    var start = 0
    while start < bytes.count {
      let order = bytes[start]
      let end = min(bytes.count, start + 1 + Int(order & 0x1F))
      if order & 0x80 != 0 { check(link.send(message, at: now)) }
      check(link.receive(bytes[start..<end].span, at: now))
      if order & 0x40 != 0 {
        now += Int64(order) * 50_000_000
        check(link.advance(to: now))
      }
      start = end
    }
    var waits = 0
    while let deadline = link.deadline, waits < 64 {
      now = max(now, deadline)
      check(link.advance(to: now))
      waits += 1
    }
    require(waits < 64, "a link that never comes to rest")
    check(link.streamEnded())
    require(count <= 8 * bytes.count + 256, "\(count) actions from \(bytes.count) bytes")
  }

  private static func actions(of link: ZVTLink, _ pieces: [ArraySlice<UInt8>]) -> [TerminalLinkAction] {
    var link = link
    var actions = link.send(.abortRequest, at: 0)
    for piece in pieces { actions += link.receive(piece.span, at: 0) }
    for _ in 0..<16 {
      guard let deadline = link.deadline else { break }
      actions += link.advance(to: deadline)
    }
    require(link.deadline == nil, "a link that never comes to rest")
    return actions
  }

  /// Whether these digits pass the Luhn check (ISO/IEC 7812-1 annex B).
  private static func isLuhn(_ digits: [UInt8]) -> Bool {
    let sum = digits.reversed().enumerated().reduce(0) { sum, place in
      let digit = Int(place.element - 0x30) * (1 + place.offset % 2)
      return sum + digit / 10 + digit % 10
    }
    return sum % 10 == 0
  }

  /// Whether a card number can be read off the text: a run of 12 to 19 digits, or four groups of four.
  private static func showsCardNumber(_ text: [UInt8]) -> Bool {
    let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
    for start in text.indices where isDigit(text[start]) && (start == 0 || !isDigit(text[start - 1])) {
      let run = Array(text[start...].prefix(while: isDigit))
      if (12...19).contains(run.count), isLuhn(run) { return true }
      // The last group of a number that is withheld may begin another by chance.
      let before = text[..<start].last { ![0x20, 0x2D, 0x2E, 0xA0, 0xC2].contains($0) }
      if before == 0x2A { continue }
      let groups = text[start...].prefix(19)
      let rest = text[start...].dropFirst(19)
      guard run.count == 4, groups.count == 19, rest.first.map(isDigit) != true else { continue }
      let digits = groups.filter(isDigit)
      let separators = [4, 9, 14].map { text[start + $0] }
      if digits.count == 16, separators.allSatisfy({ $0 == 0x20 || $0 == 0x2D }), isLuhn(digits) {
        return true
      }
    }
    return false
  }

  private static func requireMasked(_ text: [UInt8]) {
    require(!showsCardNumber(text), "a card number left in \(String(decoding: text, as: UTF8.self))")
  }

  /// What was withheld once may be withheld further: the last four digits that stay may begin another card number with
  /// the groups behind them.
  private static func requireSameButWithheld(_ again: [[UInt8]], _ fields: [[UInt8]]) {
    require(again.map(\.count) == fields.map(\.count), "fields that do not read back")
    for (after, before) in zip(again.joined(), fields.joined()) {
      require(after == before || after == 0x2A, "a character that does not read back")
    }
  }

  private static func inspect(_ fields: [ZVTField], depth: Int = 0) {
    require(depth < 10, "containers without end")
    for field in fields {
      switch field.value {
      case .fields(let inner): inspect(inner, depth: depth + 1)
      case .text(let text):
        require(String(validating: text, as: UTF8.self) != nil, "text that is no UTF-8")
        requireMasked(text)
      case .maskedPAN(let pan):
        require(pan.characters.filter { $0 != 0x2A }.count <= 10, "more than ten digits of a card number")
      case .number, .digits, .code, .withheld: break
      }
    }
  }

  private static let statusInformation = Seeds.hex(
    """
    04 0f 5c 27 00 04 00 00 00 00 20 40 49 09 78 0b 00 01 23 0c 14 30 00 0d 03 04 87 00 05 88 00 00 17 29 12 34 56 78
    22 f0 f8 67 25 90 ee ee ee 12 34 19 70 8a 05 8b f0 f4 56 49 53 41 3c f0 f0 f8 41 50 50 52 4f 56 45 44
    06 12 60 10 43 07 a0 00 00 00 04 10 10 1f 10 01 02
    """)

  private static func registration(_ password: ZVTPassword) -> [UInt8] {
    ZVTAPDU.registration(password: password, configuration: .receivesReceipts, currency: 978).bytes
  }

  static let terminals: [FuzzTarget] = [
    FuzzTarget(
      "zvt-serial",
      seeds: {
        let status = DLEFramer.encode(statusInformation.span)
        let positive = DLEFramer.encode(ZVTAPDU.positiveAnswer.bytes.span)
        return [
          [0x06] + positive + status, [0x15, 0x15] + status + status,
          [0x10, 0x10] + status.dropLast() + positive,
        ]
      }
    ) { bytes in
      let all = inAnySplit(bytes) { actions(of: .serial(maximumDataLength: 300), $0) }
      for case .deliver(let apdu) in all { require(apdu.count <= 305, "an APDU of \(apdu.count) bytes") }
      // Any content comes through the frame.
      var framer = DLEFramer(maximumLength: bytes.count)
      require(
        framer.push(DLEFramer.encode(bytes.span).span) == [.frame(bytes)], "a frame that does not read back")
    },

    FuzzTarget(
      "zvt-tcp",
      seeds: {
        [
          ZVTAPDU.positiveAnswer.bytes + statusInformation,
          [0x06, 0xD3, 0xFF, 0x05, 0x00, 1, 2, 3, 4, 5] + ZVTAPDU.abortRequest.bytes,
        ]
      }
    ) { bytes in
      let all = inAnySplit(bytes) { actions(of: .stream(maximumDataLength: 300), $0) }
      for case .deliver(let apdu) in all {
        require(apdu.count <= 305, "an APDU of \(apdu.count) bytes")
        require((try? ZVTAPDU(apdu.span)) != nil, "an APDU that cannot be read")
      }
    },

    FuzzTarget(
      "zvt-message",
      seeds: {
        [
          statusInformation, Seeds.hex("06 d1 07 00 48 65 6c 6c 6f 21"),
          Seeds.hex("06 d3 13 06 11 1f 07 01 02 25 0b 14 01 fe 07 06 47 72 c3 bc c3 9f"),
          Seeds.hex("04 ff 03 0a 01 06"), Seeds.hex("06 0f 06 f0 f0 f3 31 2e 30 00"), Seeds.hex("84 9c 00"),
        ] + (ZVTPassword(digits: Array("000000".utf8)).map { [registration($0)] } ?? [])
      }
    ) { bytes in
      if let apdu = try? ZVTAPDU(bytes.span) {
        // Three-byte lengths are also accepted where one byte would do.
        let again = try? ZVTAPDU(apdu.bytes.span)
        require(again == apdu, "an APDU that does not read back")
      }
      guard bytes.count >= 2 else { return }
      let data = Array(bytes.dropFirst(bytes.count > 2 ? 3 : 2))
      let message = ZVTMessage(ZVTCommand(rawValue: UInt16(bytes[0]) << 8 | UInt16(bytes[1])), data: data)
      inspect(message.fields)
      if let unread = message.unread {
        require((0...data.count).contains(unread.offset), "unread from \(unread.offset) of \(data.count)")
        require(unread.offset + unread.count <= data.count, "unread beyond the end")
      }
      _ = message.currencyNumber
      _ = message.result?.name
      _ = message.terminalStatus?.name
      _ = message.intermediateStatus?.name
      inspect(message.containerFields)
      for set in [.sevenBit, .iso8859(1), .iso8859(15), .utf8, .cp437] as [ZVTCharacterSet] {
        let text = set.utf8(data.span)
        require(String(validating: text, as: UTF8.self) != nil, "text that is no UTF-8")
        require(text.count <= 3 * data.count, "text that grows without end")
      }
    },

    FuzzTarget(
      "concert",
      seeds: {
        let answer = (try? STXETXFramer.encode(Array("01000012340978REFERENCE1".utf8).span)) ?? []
        return [
          [0x06, 0x06, 0x04, 0x05] + answer + [0x04], [0x06, 0x15, 0x15, 0x15] + answer,
          [0x05, 0x05] + answer + answer,
          Array("0100001250010978REFERENC01A010B010".utf8),
        ]
      }
    ) { bytes in
      let all = inAnySplit(bytes) { actions(of: ConcertLink(), Array("order".utf8), $0) }
      for case .deliver(let text) in all { _ = try? ConcertMessage(text.span) }
      talk(with: ConcertLink(), Array("order".utf8), bytes, limit: ConcertLink.maximumLength)
      _ = try? ConcertMessage(bytes.span)
      _ = try? ConcertAnswer(bytes.span)
      if let order = try? ConcertRequest(bytes.span), let text = try? order.encoded() {
        require((try? ConcertRequest(text.span)) == order, "an order that does not read back")
      }
    },

    FuzzTarget(
      "caisse-ap",
      seeds: {
        let order = try? CaisseAPRequest(
          identifier: Array("012345678901".utf8), till: 1, action: .debit, amount: 1_250, currency: 978,
          reference: Array("R1".utf8)
        ).message().encoded()
        return [
          order ?? [],
          Array("CZ0040300CJ012012345678901CA00201CB0041250CD0010CE003978AE00210AC006123456".utf8),
          Array("AE00201AF00211".utf8), Array("AA0164970101234567890AB0041229AK004AAAA".utf8),
        ]
      }
    ) { bytes in
      let all = inAnySplit(bytes) { actions(of: CaisseAPLink(), [], $0) }
      for case .deliver(let text) in all {
        require((try? CaisseAPMessage(text.span)) != nil, "an answer that cannot be read")
      }
      talk(with: CaisseAPLink(), [0x41], bytes, limit: CaisseAPLink.maximumLength)
      guard let message = try? CaisseAPMessage(bytes.span) else { return }
      let again = try? CaisseAPMessage(message.encoded().span)
      require(again?.fields.map(\.tag) == message.fields.map(\.tag), "a message that does not read back")
      requireSameButWithheld(again?.fields.map(\.value) ?? [], message.fields.map(\.value))
      for field in message.fields {
        _ = field.tag.name
        _ = message.number(field.tag)
      }
      if let pan = message[.cardNumber] {
        require(pan.filter { $0 != 0x2A }.count <= 4, "more than four digits of a card number")
      }
    },

    FuzzTarget(
      "ecr17",
      seeds: {
        let head = ECR17Head(terminalID: Array("12345678".utf8), till: Array("00000001".utf8))
        var seeds: [[UInt8]] = []
        for check in ECR17Check.allCases {
          let acknowledgement = ECR17Framer.control(isAcknowledged: true, check: check)
          let answer =
            (try? ECR17Framer.encode(
              Array("123456780E000000497010123456789ICC123456305120012345678901000017".utf8).span,
              check: check))
            ?? []
          seeds.append(acknowledgement + [1] + Array("INSERT CARD         ".utf8) + [4] + answer)
        }
        if let payment = try? head?.payment(amount: 1_250) { seeds.append(payment) }
        seeds.append(Array("123456780E01DECLINED                ".utf8))
        return seeds
      }
    ) { bytes in
      let order = Array("order".utf8)
      let all = inAnySplit(bytes) { actions(of: ECR17Link(), order, $0) }
      for case .deliver(let text) in all { _ = try? ECR17Result(text.span) }
      talk(with: ECR17Link(), order, bytes, limit: ECR17Link.maximumLength)
      if let result = try? ECR17Result(bytes.span) {
        if let text = result.text { requireMasked(text) }
        if let pan = result.cardNumber {
          require(pan.characters.filter { $0 != 0x2A }.count <= 10, "more than ten digits of a card number")
        }
      }
      for check in ECR17Check.allCases {
        guard let frame = try? ECR17Framer.encode(bytes.span, check: check) else { break }
        var framer = ECR17Framer(maximumLength: bytes.count)
        framer.check = check
        require(frame.compactMap { framer.push($0) } == [.frame(bytes)], "a frame that does not read back")
      }
    },

    FuzzTarget(
      "transbank",
      seeds: {
        let sale = (try? TransbankMessage.sale(amount: 1_500, ticket: Array("AB12".utf8)))?.encoded() ?? []
        let answer = Array(
          "0210|00|597020000540|TJ44245J|AB12|123456|1500|0|0|6590|17|CR|||VI|20260304|183000|".utf8)
        return [
          [0x06] + ((try? STXETXFramer.encode(answer.span)) ?? []), [0x15, 0x15, 0x15], sale, answer,
          [0x06] + ((try? STXETXFramer.encode(Array("0900|81".utf8).span)) ?? []),
        ]
      }
    ) { bytes in
      let order = Array("0100".utf8)
      let all = inAnySplit(bytes) { actions(of: TransbankLink(), order, $0) }
      for case .deliver(let text) in all { _ = try? TransbankMessage(text.span) }
      talk(with: TransbankLink(), order, bytes, limit: TransbankLink.maximumLength)
      if let frame = try? STXETXFramer.encode(bytes.span) {
        var framer = STXETXFramer(maximumLength: bytes.count)
        require(framer.push(frame.span) == [.frame(bytes)], "a frame that does not read back")
      }
      guard let message = try? TransbankMessage(bytes.span) else { return }
      let again = try? TransbankMessage(message.encoded().span)
      require(again?.function == message.function, "a message that does not read back")
      requireSameButWithheld(again?.fields ?? [], message.fields)
      for field in message.fields { requireMasked(field) }
    },

    FuzzTarget(
      "card-data",
      seeds: {
        [
          "4970101234567890", "4970 1012 3456 7890 ;4970101234567890=29121010000012300000?",
          "PAN 5555-5555-5555-4444!",
        ]
        .map { Array($0.utf8) }
      }
    ) { bytes in
      requireMaskedOnce(bytes)
      let masked = MaskedPAN(digits: bytes)
      require(masked.characters.count == bytes.count, "another length")
      require(masked.characters.filter { $0 != 0x2A }.count <= 10, "more than ten digits of a card number")
      require(masked.lastFourOnly.filter { $0 != 0x2A }.count <= 4, "more than four digits of a card number")
      _ = MaskedPAN(packed: bytes.span)
    },
  ]

  private static func requireMaskedOnce(_ bytes: [UInt8]) {
    var text = bytes
    MaskedPAN.withhold(in: &text)
    require(text.count == bytes.count, "another length")
    requireMasked(text)
    for index in text.indices {
      require(text[index] == bytes[index] || text[index] == 0x2A, "a character that was not there")
    }
  }
}
