public import POSWire

/// The till's messages (specs/terminals.md §2.4, §2.6).
extension ZVTAPDU {
  /// What a till asks for in the configuration byte of a registration.
  public struct Configuration: OptionSet, Sendable {
    /// The byte as the protocol writes it.
    public let rawValue: UInt8

    /// Any set of bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The till prints payment receipts.
    public static let printsPaymentReceipts = Self(rawValue: 0x02)
    /// The till prints administration receipts.
    public static let printsAdministrationReceipts = Self(rawValue: 0x04)
    /// The till wants to be told what the terminal shows.
    public static let wantsIntermediateStatus = Self(rawValue: 0x08)
    /// Payments start at the till only.
    public static let controlsPayment = Self(rawValue: 0x10)
    /// Administration starts at the till only.
    public static let controlsAdministration = Self(rawValue: 0x20)
    /// Receipts come as lines and blocks of text.
    public static let receivesReceipts = Self(rawValue: 0x80)
  }

  /// 06 00: registers the till; `currency` is an ISO 4217 number. Announces that text blocks are understood, and asks
  /// for numbered messages if wanted.
  public static func registration(
    password: ZVTPassword, configuration: Configuration, currency: UInt16, serviceByte: UInt8? = nil,
    asksForNumbers: Bool = false
  ) -> ZVTAPDU {
    var data = ByteWriter(reservingCapacity: 24)
    data.append(password.packed)
    data.byte(configuration.rawValue)
    data.packedDecimal(UInt64(currency), bytes: 2)
    if let serviceByte {
      data.byte(0x03)
      data.byte(serviceByte)
    }
    // 26 { 0A: 06 D3 }: the commands that the terminal may send.
    let permitted: [UInt8] = [0x26, 0x04, 0x0A, 0x02, 0x06, 0xD3]
    return ZVTAPDU(.registration, bounded: data.bytes)
      .adding(tags: permitted + (asksForNumbers ? numberTag(0) : []))
  }

  /// An order that moves `amount` minor units: the password for commands that want one, and the receipt number of the
  /// transaction that it is about (PA00P015 §2.2, §2.6, §2.8 to §2.10, §2.13 to §2.15).
  ///
  /// - Parameter paymentType: BMP 19; its high nibble 4 leaves the choice of card to the terminal.
  /// - Throws: ``WireError`` with reason `value` beyond the twelve digits of an amount or the four of a receipt number.
  public static func order(
    _ command: ZVTCommand, password: ZVTPassword?, amount: UInt64, currency: UInt16, receipt: Int? = nil,
    paymentType: UInt8? = nil
  ) throws(WireError) -> ZVTAPDU {
    guard amount <= 999_999_999_999 else { throw WireError(.value, at: 4, field: "amount") }
    var data = ByteWriter(reservingCapacity: 24)
    if let password { data.append(password.packed) }
    data.byte(0x04)
    data.packedDecimal(amount, bytes: 6)
    if let receipt {
      guard receipt >= 0, receipt <= 9_999 else { throw WireError(.value, at: 14, field: "receipt number") }
      data.byte(0x87)
      data.packedDecimal(UInt64(receipt), bytes: 2)
    }
    // A reversal takes back what it names, in the currency in which that was taken.
    if command != .reversal {
      data.byte(0x49)
      data.packedDecimal(UInt64(currency), bytes: 2)
    }
    if let paymentType {
      data.byte(0x19)
      data.byte(paymentType)
    }
    return ZVTAPDU(command, bounded: data.bytes)
  }

  /// 06 01: asks for `amount` minor units.
  ///
  /// - Throws: ``WireError`` with reason `value` beyond the twelve digits of the field.
  public static func authorisation(amount: UInt64, currency: UInt16) throws(WireError) -> ZVTAPDU {
    try order(.authorisation, password: nil, amount: amount, currency: currency)
  }

  /// This message with tags in a container behind its data. For messages that have none yet.
  ///
  /// - Precondition: the tags have fewer than 128 bytes.
  public func adding(tags: [UInt8]) -> ZVTAPDU {
    guard !tags.isEmpty else { return self }
    precondition(tags.count < 0x80)
    return ZVTAPDU(command, bounded: data + [0x06, UInt8(tags.count)] + tags)
  }

  /// Tag 1F73: the number of a message, 1 to 999999; 0 asks for numbers (PA00P015 §5).
  public static func numberTag(_ number: UInt32) -> [UInt8] {
    var tag = ByteWriter(reservingCapacity: 6)
    tag.append([0x1F, 0x73, 0x03])
    tag.packedDecimal(UInt64(number), bytes: 3)
    return tag.bytes
  }

  /// Tag 1F1F: the receipt number of the last transaction as the till knows it, nothing where it knows none
  /// (PA00P015 §4).
  public static func lastReceiptTag(_ receipt: UInt64?) -> [UInt8] {
    guard let receipt, receipt <= 9_999 else { return [0x1F, 0x1F, 0x00] }
    var tag = ByteWriter(reservingCapacity: 5)
    tag.append([0x1F, 0x1F, 0x02])
    tag.packedDecimal(receipt, bytes: 2)
    return tag.bytes
  }

  /// Tag 1F70: a part of the amount will do.
  public static let acceptsPartTag: [UInt8] = [0x1F, 0x70, 0x01, 0x01]

  /// 06 10: asks for the totals since the last end of day.
  public static func turnoverTotals(password: ZVTPassword) -> ZVTAPDU {
    ZVTAPDU(.turnoverTotals, bounded: password.packed)
  }

  /// 06 70: has the terminal try its line to the host.
  public static let diagnosis = ZVTAPDU(.diagnosis, bounded: [])

  /// 06 93: has the terminal load its keys and parameters anew.
  public static func initialisation(password: ZVTPassword) -> ZVTAPDU {
    ZVTAPDU(.initialisation, bounded: password.packed)
  }

  /// 06 50: has the terminal close its day.
  public static func endOfDay(password: ZVTPassword) -> ZVTAPDU {
    ZVTAPDU(.endOfDay, bounded: password.packed)
  }

  /// 06 20: asks for the status information of the last transaction, printing nothing.
  public static func lastTransaction(password: ZVTPassword) -> ZVTAPDU {
    ZVTAPDU(.repeatReceipt, bounded: password.packed + [0x03, 0x03])
  }

  /// 05 01: asks how the terminal is.
  public static func statusEnquiry(password: ZVTPassword) -> ZVTAPDU {
    ZVTAPDU(.statusEnquiry, bounded: password.packed)
  }

  /// 06 B0: asks the terminal to stop what it does.
  public static let abortRequest = ZVTAPDU(.abortRequest, bounded: [])

  /// 80 00.
  public static let positiveAnswer = ZVTAPDU(.positive, bounded: [])

  /// 84 xx.
  public static func negativeAnswer(_ code: ZVTResultCode) -> ZVTAPDU {
    ZVTAPDU(ZVTCommand(rawValue: 0x8400 | UInt16(code.rawValue)), bounded: [])
  }
}
