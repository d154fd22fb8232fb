/// The first two bytes of an APDU: class and instruction, or the two bytes of an answer.
public struct ZVTCommand: RawRepresentable, Sendable, Hashable {
  /// Class in the high byte, instruction in the low one: `0x0601`.
  public let rawValue: UInt16

  /// Any command, known here or not.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The positive answer 80 00, and 84 00, which terminals accept for status information.
  public var isPositiveAnswer: Bool { rawValue == 0x8000 || rawValue == 0x8400 }

  /// The code of a negative answer 84 xx, `nil` for anything else.
  public var refusal: ZVTResultCode? {
    rawValue >> 8 == 0x84 && rawValue != 0x8400
      ? ZVTResultCode(rawValue: UInt8(truncatingIfNeeded: rawValue)) : nil
  }

  /// Whether this answers a command and is none itself.
  public var isAnswer: Bool { rawValue >> 8 == 0x80 || rawValue >> 8 == 0x84 }

  /// What the data of an APDU starts with, before its bitmaps.
  enum Layout: Sendable {
    case bitmaps
    case passwordThenBitmaps
    case optionalPasswordThenBitmaps
    case twoPasswords
    case registration
    case timeoutThenBitmaps
    case receiptRange
    case intermediateStatus
    case completion
    case resultThenBitmaps
    case printLine
    case withheld
  }

  struct Row: Sendable {
    let command: UInt16
    let name: StaticString
    let layout: Layout
  }

  /// The name of the command in the words of PA00P015, in lower case.
  public var name: StaticString {
    if let row { return row.name }
    switch rawValue >> 8 {
    case 0x80: return "positive answer"
    case 0x84: return "negative answer"
    case 0x0F: return "proprietary command"
    default: return "unknown command"
    }
  }

  var layout: Layout {
    if let row { return row.layout }
    return isAnswer ? .bitmaps : .withheld
  }

  private var row: Row? {
    for row in Self.rows where row.command == rawValue { return row }
    return nil
  }

  /// specs/terminals.md §2.6.
  static let rows: [Row] = [
    Row(command: 0x0401, name: "set date and time", layout: .bitmaps),
    Row(command: 0x040D, name: "input request", layout: .withheld),
    Row(command: 0x040E, name: "menu request", layout: .withheld),
    Row(command: 0x040F, name: "status information", layout: .bitmaps),
    Row(command: 0x04FF, name: "intermediate status", layout: .intermediateStatus),
    Row(command: 0x0501, name: "status enquiry", layout: .optionalPasswordThenBitmaps),
    Row(command: 0x0600, name: "registration", layout: .registration),
    Row(command: 0x0601, name: "authorisation", layout: .bitmaps),
    Row(command: 0x0602, name: "log-off", layout: .bitmaps),
    Row(command: 0x0603, name: "account balance request", layout: .bitmaps),
    Row(command: 0x0604, name: "activate card", layout: .bitmaps),
    Row(command: 0x0605, name: "procurement", layout: .bitmaps),
    Row(command: 0x0609, name: "prepaid top-up", layout: .withheld),
    Row(command: 0x060A, name: "tax free", layout: .bitmaps),
    Row(command: 0x060C, name: "tip", layout: .bitmaps),
    Row(command: 0x060F, name: "completion", layout: .completion),
    Row(command: 0x0610, name: "send turnover totals", layout: .passwordThenBitmaps),
    Row(command: 0x0612, name: "reprint receipts", layout: .receiptRange),
    Row(command: 0x0618, name: "reset terminal", layout: .bitmaps),
    Row(command: 0x061A, name: "print system configuration", layout: .bitmaps),
    Row(command: 0x061B, name: "set terminal id", layout: .passwordThenBitmaps),
    Row(command: 0x061E, name: "abort", layout: .resultThenBitmaps),
    Row(command: 0x0620, name: "repeat receipt", layout: .passwordThenBitmaps),
    Row(command: 0x0621, name: "telephonic authorisation", layout: .passwordThenBitmaps),
    Row(command: 0x0622, name: "pre-authorisation", layout: .bitmaps),
    Row(command: 0x0623, name: "partial reversal of a pre-authorisation", layout: .bitmaps),
    Row(command: 0x0624, name: "book total", layout: .bitmaps),
    Row(command: 0x0625, name: "pre-authorisation reversal", layout: .bitmaps),
    Row(command: 0x0626, name: "reversal of an external transaction", layout: .bitmaps),
    Row(command: 0x0630, name: "reversal", layout: .passwordThenBitmaps),
    Row(command: 0x0631, name: "refund", layout: .passwordThenBitmaps),
    Row(command: 0x0650, name: "end of day", layout: .passwordThenBitmaps),
    Row(command: 0x0651, name: "send offline transactions", layout: .passwordThenBitmaps),
    Row(command: 0x0670, name: "diagnosis", layout: .bitmaps),
    Row(command: 0x0679, name: "self test", layout: .bitmaps),
    Row(command: 0x0691, name: "set date and time in the terminal", layout: .passwordThenBitmaps),
    Row(command: 0x0693, name: "initialisation", layout: .passwordThenBitmaps),
    Row(command: 0x0695, name: "change password", layout: .twoPasswords),
    Row(command: 0x06B0, name: "abort request", layout: .bitmaps),
    Row(command: 0x06C0, name: "read card", layout: .timeoutThenBitmaps),
    Row(command: 0x06C5, name: "close card session", layout: .withheld),
    Row(command: 0x06C6, name: "send card commands", layout: .withheld),
    Row(command: 0x06D0, name: "graphic menu", layout: .withheld),
    Row(command: 0x06D1, name: "print line", layout: .printLine),
    Row(command: 0x06D3, name: "print text block", layout: .bitmaps),
    Row(command: 0x06D8, name: "dial-up", layout: .withheld),
    Row(command: 0x06D9, name: "transmit", layout: .withheld),
    Row(command: 0x06DA, name: "receive", layout: .withheld),
    Row(command: 0x06DB, name: "hang up", layout: .withheld),
    Row(command: 0x06DD, name: "transparent mode", layout: .withheld),
    Row(command: 0x06E0, name: "display text", layout: .bitmaps),
    Row(command: 0x06E1, name: "display text with function keys", layout: .bitmaps),
    Row(command: 0x06E2, name: "display text with input", layout: .bitmaps),
    Row(command: 0x06E3, name: "verify PIN", layout: .withheld),
    Row(command: 0x06E4, name: "block list query", layout: .withheld),
    Row(command: 0x06E6, name: "card poll with authorisation", layout: .bitmaps),
    Row(command: 0x06F0, name: "display image", layout: .withheld),
    Row(command: 0x0801, name: "service mode", layout: .withheld),
    Row(command: 0x0802, name: "switch protocol", layout: .withheld),
    Row(command: 0x0830, name: "select language", layout: .withheld),
    Row(command: 0x0840, name: "change baud rate", layout: .withheld),
    Row(command: 0x0850, name: "activate card reader", layout: .withheld),
  ]
}

extension ZVTCommand {
  /// 80 00, positive answer.
  public static let positive = Self(rawValue: 0x8000)
  /// 04 01, the terminal sets the till's clock.
  public static let setClock = Self(rawValue: 0x0401)
  /// 04 0F, status information: how a transaction stands.
  public static let statusInformation = Self(rawValue: 0x040F)
  /// 04 FF, intermediate status: what the terminal shows.
  public static let intermediateStatus = Self(rawValue: 0x04FF)
  /// 05 01, status enquiry.
  public static let statusEnquiry = Self(rawValue: 0x0501)
  /// 06 00, registration.
  public static let registration = Self(rawValue: 0x0600)
  /// 06 01, authorisation: a payment.
  public static let authorisation = Self(rawValue: 0x0601)
  /// 06 0F, completion.
  public static let completion = Self(rawValue: 0x060F)
  /// 06 1E, abort by the terminal.
  public static let abort = Self(rawValue: 0x061E)
  /// 06 0C, tip: adds to a payment.
  public static let tip = Self(rawValue: 0x060C)
  /// 06 10, send turnover totals.
  public static let turnoverTotals = Self(rawValue: 0x0610)
  /// 06 20, repeat receipt.
  public static let repeatReceipt = Self(rawValue: 0x0620)
  /// 06 22, pre-authorisation: sets an amount aside.
  public static let preAuthorisation = Self(rawValue: 0x0622)
  /// 06 23, partial reversal of a pre-authorisation.
  public static let partialReversal = Self(rawValue: 0x0623)
  /// 06 24, book total: takes what was used of a pre-authorisation.
  public static let bookTotal = Self(rawValue: 0x0624)
  /// 06 25, reversal of a pre-authorisation.
  public static let preAuthorisationReversal = Self(rawValue: 0x0625)
  /// 06 30, reversal: takes a payment back.
  public static let reversal = Self(rawValue: 0x0630)
  /// 06 31, refund: money for the customer.
  public static let refund = Self(rawValue: 0x0631)
  /// 06 50, end of day.
  public static let endOfDay = Self(rawValue: 0x0650)
  /// 06 70, diagnosis.
  public static let diagnosis = Self(rawValue: 0x0670)
  /// 06 93, initialisation.
  public static let initialisation = Self(rawValue: 0x0693)
  /// 06 B0, abort request by the till.
  public static let abortRequest = Self(rawValue: 0x06B0)
  /// 06 D1, print one line.
  public static let printLine = Self(rawValue: 0x06D1)
  /// 06 D3, print a block of text.
  public static let printTextBlock = Self(rawValue: 0x06D3)
}
