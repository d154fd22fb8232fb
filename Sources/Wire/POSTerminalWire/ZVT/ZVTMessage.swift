public import POSWire

/// An APDU explained, with card data masked on the way (specs/terminals.md §2.4 to §2.11, §7).
///
///     let message = ZVTMessage(try ZVTAPDU(bytes.span))
///     message.command.name                // "status information"
///     message.number(.amount)             // 2040
public struct ZVTMessage: Sendable, Equatable {
  /// The command or answer.
  public let command: ZVTCommand
  /// What was understood, in the order of the bytes.
  public private(set) var fields: [ZVTField] = []
  /// Where understanding first ended, `nil` when it did not. The bytes are not kept: they may hold card data.
  public private(set) var unread: Unread?

  /// The rest of a message, or of a container in it, from a field on that could not be read.
  public struct Unread: Sendable, Equatable {
    /// Offset of that field from the start of the data.
    public let offset: Int
    /// Bytes from there to the end of the message or container.
    public let count: Int
    /// What was wrong with it; `unsupported` for an unknown bitmap, whose length nobody can tell.
    public let error: WireError
  }

  /// Containers within containers that are followed.
  static let maximumDepth = 8

  private var characterSet: ZVTCharacterSet

  /// Explains a message. Never fails: what cannot be read is left in ``unread``.
  ///
  /// - Parameter characterSet: what the terminal was set up for; a message may name another one itself.
  public init(_ apdu: ZVTAPDU, characterSet: ZVTCharacterSet = .cp437) {
    self.init(apdu.command, data: apdu.data, characterSet: characterSet)
  }

  /// Explains data of any length behind a command, as of a message cut short.
  public init(_ command: ZVTCommand, data: [UInt8], characterSet: ZVTCharacterSet = .cp437) {
    self.command = command
    self.characterSet = characterSet
    // A status information has some twenty.
    fields.reserveCapacity(min(data.count / 4, 24))
    let span = data.span
    var reader = ByteReader(span)
    do throws(WireError) {
      try readPlaces(&reader, data)
      try readBitmaps(&reader)
    } catch {
      guard unread == nil else { return }
      let offset = failureOffset ?? min(error.offset, data.count)
      unread = Unread(offset: offset, count: data.count - offset, error: error)
    }
  }

  private var failureOffset: Int?

  /// The first field with this tag, outside containers.
  public func field(_ tag: ZVTTag) -> ZVTField? {
    for field in fields where field.tag == tag { return field }
    return nil
  }

  /// The number in the field, `nil` when it is missing or malformed.
  public func number(_ tag: ZVTTag) -> UInt64? {
    if case .number(let value) = field(tag)?.value { value } else { nil }
  }

  /// The digits in the field, ASCII.
  public func digits(_ tag: ZVTTag) -> [UInt8]? {
    if case .digits(let value) = field(tag)?.value { value } else { nil }
  }

  /// The first byte of a code.
  public func code(_ tag: ZVTTag) -> UInt8? {
    if case .code(let value) = field(tag)?.value { value.first } else { nil }
  }

  /// The text in the field, UTF-8.
  public func text(_ tag: ZVTTag) -> [UInt8]? {
    if case .text(let value) = field(tag)?.value { value } else { nil }
  }

  /// The currency, as its ISO 4217 number.
  public var currencyNumber: UInt16? {
    guard let digits = digits(.currency) else { return nil }
    var value: UInt16 = 0
    for digit in digits { value = value * 10 + UInt16(digit - 0x30) }
    return value
  }

  /// The fields of the TLV container.
  public var containerFields: [ZVTField] {
    if case .fields(let fields) = field(.container)?.value { fields } else { [] }
  }

  /// The first field with this tag in the TLV container, or in a container in it.
  public func tagged(_ tag: ZVTTag) -> ZVTField? { Self.find(tag, in: containerFields) }

  private static func find(_ tag: ZVTTag, in fields: [ZVTField]) -> ZVTField? {
    for field in fields {
      if field.tag == tag { return field }
      if case .fields(let inner) = field.value, let found = find(tag, in: inner) { return found }
    }
    return nil
  }

  /// The number with this tag in the TLV container.
  public func taggedNumber(_ tag: ZVTTag) -> UInt64? {
    if case .number(let value) = tagged(tag)?.value { value } else { nil }
  }

  /// The result code of status information, completion or abort.
  public var result: ZVTResultCode? { code(.result).map { ZVTResultCode(rawValue: $0) } }

  /// The code of an intermediate status.
  public var intermediateStatus: ZVTIntermediateStatus? {
    code(.intermediateStatus).map { ZVTIntermediateStatus(rawValue: $0) }
  }

  /// The status byte of a status enquiry's completion.
  public var terminalStatus: ZVTTerminalStatus? {
    code(.terminalStatus).map { ZVTTerminalStatus(rawValue: $0) }
  }

  // MARK: - What stands before the bitmaps

  private mutating func readPlaces(_ reader: inout ByteReader, _ data: [UInt8]) throws(WireError) {
    switch command.layout {
    case .bitmaps:
      break
    case .withheld:
      if !reader.isAtEnd { add(.data, "data", .withheld(reader.rest().count)) }
    case .passwordThenBitmaps:
      try readPassword(&reader)
    case .optionalPasswordThenBitmaps:
      if !reader.isAtEnd { try readPassword(&reader) }
    case .twoPasswords:
      try readPassword(&reader)
      try readPassword(&reader)
    case .registration:
      try readPassword(&reader)
      add(.configuration, "configuration", .code([try reader.byte("configuration")]))
      if Self.hasCurrency(data, at: reader.offset) {
        add(.currency, "currency", try read(.currency, try reader.bytes(2, "currency")))
      }
    case .timeoutThenBitmaps:
      add(.timeout, "timeout", .number(UInt64(try reader.byte("timeout"))))
    case .receiptRange:
      try readPassword(&reader)
      while reader.remaining >= 2 {
        add(.receiptNumber, "receipt_number", try read(.decimal, try reader.bytes(2, "receipt number")))
      }
    case .intermediateStatus:
      let status = ZVTIntermediateStatus(rawValue: try reader.byte("status"))
      add(.intermediateStatus, "status", .code([status.rawValue]), meaning: status.name)
      // By §3.7 of PA00P015 a container follows the minutes only; its own examples leave the minutes out.
      if !reader.isAtEnd, !Self.isWholeContainer(data, at: reader.offset) {
        add(.timeout, "timeout_minutes", try read(.decimal, try reader.bytes(1, "timeout")))
      }
    case .completion:
      try readCompletion(&reader, data)
    case .resultThenBitmaps:
      if !reader.isAtEnd { addResult(try reader.byte("result code")) }
    case .printLine:
      try readPrintLine(&reader, data)
    }
  }

  private mutating func readPassword(_ reader: inout ByteReader) throws(WireError) {
    add(.password, "password", .withheld(try reader.bytes(3, "password").count))
  }

  /// The currency of a registration has no bitmap number before it; 03 and 06 may be either.
  private static func hasCurrency(_ data: [UInt8], at offset: Int) -> Bool {
    guard data.count - offset >= 2 else { return false }
    switch data[offset] {
    case 0x03: return data[offset + 1] > 0x03
    case 0x06: return !isWholeContainer(data, at: offset)
    default: return true
    }
  }

  /// Whether BMP 06 at `offset` reaches exactly to the end.
  private static func isWholeContainer(_ data: [UInt8], at offset: Int) -> Bool {
    guard data.count - offset >= 2, data[offset] == 0x06 else { return false }
    let length = data[offset + 1]
    switch length {
    case 0x81: return data.count - offset >= 3 && data.count - offset - 3 == Int(data[offset + 2])
    case 0x82:
      return data.count - offset >= 4
        && data.count - offset - 4 == Int(data[offset + 2]) << 8 | Int(data[offset + 3])
    default: return length < 0x80 && data.count - offset - 2 == Int(length)
    }
  }

  /// A completion holds bitmaps, or, after a status enquiry, version, status byte and container; nothing in it
  /// says which.
  private mutating func readCompletion(_ reader: inout ByteReader, _ data: [UInt8]) throws(WireError) {
    if data.count >= 4, data[0] >> 4 == 0xF, data[1] >> 4 == 0xF, data[2] >> 4 == 0xF {
      let version = try Self.variable(&reader, digits: 3)
      add(.softwareVersion, "software_version", try read(.text, version))
      addTerminalStatus(try reader.byte("status"))
    } else if data.count == 1 {
      addTerminalStatus(try reader.byte("status"))
    } else if data.count >= 2, Self.isWholeContainer(data, at: 1), ZVTFieldTable.bitmap(data[0]) == nil {
      addTerminalStatus(try reader.byte("status"))
    }
  }

  private mutating func addTerminalStatus(_ byte: UInt8) {
    let status = ZVTTerminalStatus(rawValue: byte)
    add(.terminalStatus, "terminal_status", .code([byte]), meaning: status.name)
  }

  /// Some terminals append the receipt kind, and those with numbered messages the number, to a line; only an exact tail
  /// counts, the text comes first.
  private mutating func readPrintLine(_ reader: inout ByteReader, _ data: [UInt8]) throws(WireError) {
    add(.printAttribute, "attribute", .code([try reader.byte("attribute")]))
    let text = try reader.bytes(data.count - 1 - Self.tailLength(data), "text")
    if data[0] == 0xFF {
      add(.printText, "line_feeds", .number(UInt64(text.isEmpty ? 0 : text[0])))
    } else {
      add(.printText, "text", try read(.text, text))
    }
  }

  /// Bytes of a container at the end of a printed line that holds 1F07 or 1F73, or both, and nothing else.
  private static func tailLength(_ data: [UInt8]) -> Int {
    for length in [6, 8, 12] where data.count > length {
      let start = data.count - length
      guard data[start] == 0x06, Int(data[start + 1]) == length - 2 else { continue }
      var place = start + 2
      var isKnown = true
      while isKnown, place + 2 < data.count {
        switch (data[place], data[place + 1], data[place + 2]) {
        case (0x1F, 0x07, 0x01): place += 4
        case (0x1F, 0x73, 0x03): place += 6
        default: isKnown = false
        }
      }
      if isKnown, place == data.count { return length }
    }
    return 0
  }

  // MARK: - Bitmaps

  private mutating func readBitmaps(_ reader: inout ByteReader) throws(WireError) {
    while !reader.isAtEnd {
      failureOffset = reader.offset
      let number = try reader.byte("bitmap")
      guard let row = ZVTFieldTable.bitmap(number) else {
        throw WireError(.unsupported, at: reader.offset - 1, field: "bitmap")
      }
      switch row.length {
      case .fixed(let count):
        try addBitmap(row, try reader.bytes(count, row.key))
      case .variable(let digits):
        try addBitmap(row, try Self.variable(&reader, digits: digits))
      case .tlv:
        let content = try reader.bytes(try Self.length(&reader), row.key)
        add(.container, row.key, .fields(readContainer(content, at: reader.offset - content.count, depth: 1)))
      }
    }
    failureOffset = nil
  }

  private mutating func addBitmap(_ row: ZVTFieldTable.Bitmap, _ bytes: Span<UInt8>) throws(WireError) {
    let tag = ZVTTag.bitmap(row.number)
    switch row.content {
    case .resultCode:
      addResult(bytes[0])
    case .cardType:
      add(
        tag, row.key, .number(UInt64(bytes[0])), meaning: ZVTFieldTable.cardTypeName(UInt64(bytes[0])))
    default:
      let key: StaticString = tag == .paymentType && command == .completion ? "status_byte" : row.key
      add(tag, key, try read(row.content, bytes))
    }
  }

  private mutating func addResult(_ byte: UInt8) {
    add(.result, "result_code", .code([byte]), meaning: ZVTResultCode(rawValue: byte).name)
  }

  private mutating func add(
    _ tag: ZVTTag, _ key: StaticString, _ value: ZVTValue, meaning: StaticString? = nil
  ) {
    fields.append(ZVTField(tag, key, value, meaning: meaning))
  }

  /// Content behind two or three bytes whose low nibbles are the digits of its length.
  @_lifetime(copy reader)
  private static func variable(_ reader: inout ByteReader, digits: Int) throws(WireError) -> Span<UInt8> {
    var length = 0
    for _ in 0..<digits {
      let byte = try reader.byte("length")
      guard byte >> 4 == 0xF, byte & 0x0F <= 9 else {
        throw WireError(.value, at: reader.offset - 1, field: "length")
      }
      length = length * 10 + Int(byte & 0x0F)
    }
    return try reader.bytes(length, "content")
  }

  /// A BER length of one to three bytes.
  private static func length(_ reader: inout ByteReader) throws(WireError) -> Int {
    let first = try reader.byte("length")
    switch first {
    case 0x00...0x7F: return Int(first)
    case 0x81: return Int(try reader.byte("length"))
    case 0x82: return Int(try reader.bigEndian(bytes: 2, "length"))
    default: throw WireError(.unsupported, at: reader.offset - 1, field: "length")
    }
  }

  // MARK: - TLV

  /// The fields of a container that starts at offset `base` of the data. Where one makes no sense, those before it
  /// stay and ``unread`` says so.
  private mutating func readContainer(_ bytes: Span<UInt8>, at base: Int, depth: Int) -> [ZVTField] {
    var reader = ByteReader(bytes)
    var found: [ZVTField] = []
    var start = 0
    do throws(WireError) {
      while !reader.isAtEnd {
        start = reader.offset
        let tag = ZVTTag.tlv(try Self.tagNumber(&reader))
        let content = try reader.bytes(try Self.length(&reader), "tag")
        found.append(try readTag(tag, content, at: base + reader.offset - content.count, depth: depth))
      }
    } catch {
      if unread == nil {
        unread = Unread(offset: base + start, count: bytes.count - start, error: error.shifted(by: base))
      }
    }
    return found
  }

  private mutating func readTag(
    _ tag: ZVTTag, _ content: Span<UInt8>, at base: Int, depth: Int
  ) throws(WireError) -> ZVTField {
    guard let row = ZVTFieldTable.tag(tag) else {
      return ZVTField(tag, "unknown_tag", .withheld(content.count))
    }
    if case .container = row.content {
      guard depth < Self.maximumDepth else { return ZVTField(tag, row.key, .withheld(content.count)) }
      return ZVTField(tag, row.key, .fields(readContainer(content, at: base, depth: depth + 1)))
    }
    if tag == .characterSet, !content.isEmpty {
      characterSet = ZVTCharacterSet(tag14: content[content.count - 1])
    }
    return ZVTField(tag, row.key, try read(row.content, content))
  }

  /// One to three bytes: more follow while the first ends in 1F and the others have their top bit.
  private static func tagNumber(_ reader: inout ByteReader) throws(WireError) -> UInt32 {
    let first = try reader.byte("tag")
    var number = UInt32(first)
    guard first & 0x1F == 0x1F else { return number }
    for _ in 0..<2 {
      let next = try reader.byte("tag")
      number = number << 8 | UInt32(next)
      if next & 0x80 == 0 { return number }
    }
    throw WireError(.unsupported, at: reader.offset - 1, field: "tag")
  }

  // MARK: - Contents

  /// The value of a content; malformed decimals and numbers beyond 64 bits are withheld.
  private func read(_ content: ZVTContent, _ bytes: Span<UInt8>) throws(WireError) -> ZVTValue {
    switch content {
    case .decimal:
      var reader = ByteReader(bytes)
      guard bytes.count <= 9, let value = try? reader.packedDecimal(bytes: bytes.count, "number") else {
        return .withheld(bytes.count)
      }
      return .number(value)
    case .binary:
      var reader = ByteReader(bytes)
      guard bytes.count <= 8 else { return .withheld(bytes.count) }
      return .number(try reader.bigEndian(bytes: bytes.count, "number"))
    case .digits, .currency:
      var digits: [UInt8] = []
      for index in bytes.indices {
        let high = bytes[index] >> 4
        let low = bytes[index] & 0x0F
        guard high <= 9, low <= 9 else { return .withheld(bytes.count) }
        digits.append(0x30 + high)
        digits.append(0x30 + low)
      }
      if case .currency = content { digits.removeFirst() }
      return .digits(digits)
    case .text:
      var text = characterSet.utf8(bytes)
      MaskedPAN.withhold(in: &text)
      return .text(text)
    case .cardNumber:
      return .maskedPAN(MaskedPAN(packed: bytes))
    case .code, .resultCode, .cardType:
      var code: [UInt8] = []
      for index in bytes.indices { code.append(bytes[index]) }
      return .code(code)
    case .totals:
      return totals(bytes)
    case .container, .withheld:
      return .withheld(bytes.count)
    }
  }

  /// BMP 60 as far as it reaches; a rest that is no whole entry is withheld.
  private func totals(_ bytes: Span<UInt8>) -> ZVTValue {
    var reader = ByteReader(bytes)
    var fields: [ZVTField] = []
    func add(_ key: StaticString, _ value: UInt64) { fields.append(ZVTField(.data, key, .number(value))) }
    do throws(WireError) {
      add("first_receipt", try reader.packedDecimal(bytes: 2, "receipt number"))
      add("last_receipt", try reader.packedDecimal(bytes: 2, "receipt number"))
      for row in ZVTFieldTable.totals where !reader.isAtEnd {
        add(row.count, UInt64(try reader.byte("count")))
        add(row.amount, try reader.packedDecimal(bytes: 6, "amount"))
      }
    } catch {
      return .withheld(bytes.count)
    }
    if !reader.isAtEnd { fields.append(ZVTField(.data, "rest", .withheld(reader.remaining))) }
    return .fields(fields)
  }
}
