import POSModel
import POSTerminalWire
import POSWire

/// What identifies a transaction in a terminal's memory, as its status information says it.
struct ZVTTransaction: Sendable, Equatable {
  var receiptNumber: UInt64?
  var turnoverNumber: UInt64?
  var trace: UInt64?
  var originalTrace: UInt64?
  var amount: UInt64?
  /// What of the amount is a tip; not journalled.
  var tip: UInt64?
  /// What the terminal wants repeated with the next order; not journalled.
  var syncNumber: UInt64?
  var currency: UInt64?
  var date: UInt64?
  var time: UInt64?
  var result: UInt64?
  var terminalID: UInt64?

  init(_ message: ZVTMessage) {
    receiptNumber = message.number(.receiptNumber)
    turnoverNumber = message.number(.turnoverNumber)
    trace = message.taggedNumber(.longTrace) ?? message.number(.trace)
    originalTrace = message.number(.originalTrace)
    amount = message.number(.amount)
    tip = message.taggedNumber(.tip)
    syncNumber = message.taggedNumber(.lastReceipt)
    currency = message.currencyNumber.map(UInt64.init)
    date = message.digits(.date)?.decimal
    time = message.digits(.time)?.decimal
    result = (message.result?.rawValue).map(UInt64.init)
    terminalID = message.digits(.terminalID)?.decimal
  }

  /// Whether anything in it tells it from another transaction over the same amount.
  var isIdentified: Bool { receiptNumber != nil || turnoverNumber != nil || trace != nil }

  /// Whether a number of it, known of both, differs from that of `other`.
  func isOther(than other: ZVTTransaction) -> Bool {
    func differ(_ left: UInt64?, _ right: UInt64?) -> Bool {
      if let left, let right { left != right } else { false }
    }
    return differ(receiptNumber, other.receiptNumber) || differ(turnoverNumber, other.turnoverNumber)
      || differ(trace, other.trace)
  }

  /// Whether all of it that is journalled is the same.
  func isSame(as other: ZVTTransaction) -> Bool {
    Self.fields.allSatisfy { self[keyPath: $0] == other[keyPath: $0] }
  }

  /// Whether its time is before that of `other`, by the terminal's own clock, which the end of summer time may set back.
  /// Step 5 of procedure R compares with the till's clock; the two may be hours apart, and nobody knows how far.
  func isOlder(than other: ZVTTransaction) -> Bool {
    guard let mine = minuteOfYear, let others = other.minuteOfYear else { return false }
    let year = 12 * 31 * 24 * 60
    let minutesBefore = (others - mine + year) % year
    return minutesBefore > 60 && minutesBefore < year / 2
  }

  /// Minutes since the beginning of a year of twelve long months: dates have no year.
  private var minuteOfYear: Int? {
    guard let date, let time, date <= 1231, time <= 235_959 else { return nil }
    let (month, day) = (Int(date / 100), Int(date % 100))
    return ((month * 31 + day) * 24 + Int(time / 10_000)) * 60 + Int(time / 100 % 100)
  }

  fileprivate init() {}

  /// The numbers in the order of the journal.
  fileprivate static var fields: [WritableKeyPath<ZVTTransaction, UInt64?>] {
    [
      \.receiptNumber, \.turnoverNumber, \.trace, \.originalTrace, \.amount, \.currency, \.date, \.time,
      \.result, \.terminalID,
    ]
  }
}

extension [UInt8] {
  /// The number that up to nineteen ASCII digits write.
  var decimal: UInt64? {
    guard !isEmpty, count <= 19 else { return nil }
    var value: UInt64 = 0
    for digit in self {
      guard digit >= 0x30, digit <= 0x39 else { return nil }
      value = value * 10 + UInt64(digit - 0x30)
    }
    return value
  }
}

/// A terminal's answer to the question for its last transaction.
enum ZVTLastTransaction: Sendable, Equatable {
  /// This one.
  case transaction(ZVTTransaction)
  /// It completed the command without naming one.
  case none
  /// It does not answer that question, or not now.
  case unavailable
}

/// What a terminal was before a payment: ``PaymentIntent/baseline`` of ZVT.
struct ZVTBaseline: Sendable, Equatable {
  /// The terminal id of the registration, if it named one.
  var terminalID: UInt64?
  /// Its last transaction.
  var last: ZVTLastTransaction

  init(terminalID: UInt64?, last: ZVTLastTransaction) {
    self.terminalID = terminalID
    self.last = last
  }

  /// Version 1, kind, terminal id, then the numbers of the transaction, eight bytes each; all ones for a missing one.
  var bytes: [UInt8] {
    var writer = ByteWriter(reservingCapacity: 96)
    writer.byte(1)
    writer.byte(kind)
    writer.bigEndian(terminalID ?? .max, bytes: 8)
    if case .transaction(let transaction) = last {
      for field in ZVTTransaction.fields { writer.bigEndian(transaction[keyPath: field] ?? .max, bytes: 8) }
    }
    return writer.bytes
  }

  /// Reads what ``bytes`` wrote; `nil` for anything else.
  init?(_ bytes: [UInt8]) {
    let span = bytes.span
    var reader = ByteReader(span)
    do throws(WireError) {
      guard try reader.byte("version") == 1 else { return nil }
      let kind = try reader.byte("kind")
      let terminalID = try Self.number(&reader)
      switch kind {
      case 0: self.init(terminalID: terminalID, last: .unavailable)
      case 1: self.init(terminalID: terminalID, last: .none)
      case 2:
        var transaction = ZVTTransaction()
        for field in ZVTTransaction.fields { transaction[keyPath: field] = try Self.number(&reader) }
        self.init(terminalID: terminalID, last: .transaction(transaction))
      default: return nil
      }
      guard reader.isAtEnd else { return nil }
    } catch {
      return nil
    }
  }

  private static func number(_ reader: inout ByteReader) throws(WireError) -> UInt64? {
    let value = try reader.bigEndian(bytes: 8, "number")
    return value == .max ? nil : value
  }

  private var kind: UInt8 {
    switch last {
    case .unavailable: 0
    case .none: 1
    case .transaction: 2
    }
  }
}

/// How a payment ended by the terminal's own record: step 5 of procedure R (specs/terminals.md §2.12).
enum ZVTVerdict: Sendable, Equatable {
  /// The terminal holds a new transaction that is this payment.
  case charged
  /// The terminal's last transaction is the one from before: this payment was not stored.
  case notStored
  /// The terminal holds a new transaction that is this payment, and says that it failed.
  case failed(ZVTResultCode)
  /// Neither can be said; why.
  case undecided(String)

  init(
    request: PaymentRequest, baseline: ZVTBaseline?, terminalID: UInt64?, last: ZVTLastTransaction
  ) {
    guard let baseline else {
      self = .undecided("the journal does not say what the terminal held before")
      return
    }
    if let before = baseline.terminalID, let now = terminalID, before != now {
      self = .undecided("another terminal answers at this address")
      return
    }
    guard case .transaction(let found) = last, found.isIdentified else {
      self = .undecided("the terminal does not name its last transaction")
      return
    }
    switch baseline.last {
    case .unavailable:
      self = .undecided("the terminal did not name its last transaction before the payment")
      return
    case .transaction(let before) where found.isSame(as: before):
      self = .notStored
      return
    case .transaction(let before) where !found.isOther(than: before):
      self = .undecided("the terminal's last transaction is neither the one from before nor a new one")
      return
    case .transaction(let before) where found.isOlder(than: before):
      self = .undecided("the terminal's last transaction is older than the one from before the payment")
      return
    case .transaction, .none:
      break
    }
    let expectedID = terminalID ?? baseline.terminalID
    guard let amount = found.amount, request.allows(amount, tip: found.tip),
      found.currency == nil || found.currency == UInt64(request.amount.currency.number),
      found.terminalID == nil || expectedID == nil || found.terminalID == expectedID
    else {
      self = .undecided("the terminal's last transaction is another one")
      return
    }
    guard request.kind.receipt != nil || found.originalTrace == nil else {
      self = .undecided("the terminal's last transaction takes another one back")
      return
    }
    switch found.result {
    case 0: self = .charged
    case .some(let code): self = .failed(ZVTResultCode(rawValue: UInt8(truncatingIfNeeded: code)))
    case nil: self = .undecided("the terminal does not say how its last transaction ended")
    }
  }
}
