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

  /// 06 00: registers the till; `currency` is an ISO 4217 number. Announces that text blocks are understood.
  public static func registration(
    password: ZVTPassword, configuration: Configuration, currency: UInt16, serviceByte: UInt8? = nil
  ) -> ZVTAPDU {
    var data = ByteWriter(reservingCapacity: 16)
    data.append(password.packed)
    data.byte(configuration.rawValue)
    data.packedDecimal(UInt64(currency), bytes: 2)
    if let serviceByte {
      data.byte(0x03)
      data.byte(serviceByte)
    }
    // BMP 06 { 26 { 0A: 06 D3 } }: the commands that the terminal may send.
    data.append([0x06, 0x06, 0x26, 0x04, 0x0A, 0x02, 0x06, 0xD3])
    return ZVTAPDU(.registration, bounded: data.bytes)
  }

  /// 06 01: asks for `amount` minor units.
  ///
  /// - Throws: ``WireError`` with reason `value` beyond the twelve digits of the field.
  public static func authorisation(amount: UInt64, currency: UInt16) throws(WireError) -> ZVTAPDU {
    guard amount <= 999_999_999_999 else { throw WireError(.value, at: 4, field: "amount") }
    var data = ByteWriter(reservingCapacity: 10)
    data.byte(0x04)
    data.packedDecimal(amount, bytes: 6)
    data.byte(0x49)
    data.packedDecimal(UInt64(currency), bytes: 2)
    return ZVTAPDU(.authorisation, bounded: data.bytes)
  }

  /// 06 31: gives `amount` minor units to the customer.
  ///
  /// - Throws: ``WireError`` with reason `value` beyond the twelve digits of the field.
  public static func refund(
    password: ZVTPassword, amount: UInt64, currency: UInt16
  ) throws(WireError) -> ZVTAPDU {
    guard amount <= 999_999_999_999 else { throw WireError(.value, at: 7, field: "amount") }
    var data = ByteWriter(reservingCapacity: 13)
    data.append(password.packed)
    data.byte(0x04)
    data.packedDecimal(amount, bytes: 6)
    data.byte(0x49)
    data.packedDecimal(UInt64(currency), bytes: 2)
    return ZVTAPDU(.refund, bounded: data.bytes)
  }

  /// 06 30: takes back the payment of `amount` minor units with this receipt number.
  ///
  /// - Throws: ``WireError`` with reason `value` beyond the digits of the fields.
  public static func reversal(
    password: ZVTPassword, amount: UInt64, receipt: Int
  ) throws(WireError) -> ZVTAPDU {
    guard amount <= 999_999_999_999 else { throw WireError(.value, at: 7, field: "amount") }
    guard receipt >= 0, receipt <= 9_999 else { throw WireError(.value, at: 14, field: "receipt number") }
    var data = ByteWriter(reservingCapacity: 13)
    data.append(password.packed)
    data.byte(0x04)
    data.packedDecimal(amount, bytes: 6)
    data.byte(0x87)
    data.packedDecimal(UInt64(receipt), bytes: 2)
    return ZVTAPDU(.reversal, bounded: data.bytes)
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
