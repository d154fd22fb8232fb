/// How the content of a field reads.
enum ZVTContent: Sendable {
  /// Packed decimal, as a number.
  case decimal
  /// Binary, most significant byte first, as a number.
  case binary
  /// Packed decimal whose leading zeros count.
  case digits
  /// The four digits of an ISO 4217 number, of which the last three count.
  case currency
  /// Shown in hexadecimal.
  case code
  case resultCode
  case cardType
  case text
  case cardNumber
  case container
  /// BMP 60: first and last receipt number, then count and amount of each kind of card.
  case totals
  case withheld
}

/// The bitmaps and tags of ZVT as data (specs/terminals.md §2.7, §2.8).
enum ZVTFieldTable {
  enum Length: Sendable {
    case fixed(Int)
    /// Two or three digits of length in the low nibbles of as many bytes.
    case variable(digits: Int)
    case tlv
  }

  struct Bitmap: Sendable {
    let number: UInt8
    let key: StaticString
    let length: Length
    let content: ZVTContent
  }

  struct Tag: Sendable {
    let number: UInt32
    let key: StaticString
    let content: ZVTContent
  }

  static func bitmap(_ number: UInt8) -> Bitmap? {
    var low = 0
    var high = bitmaps.count
    while low < high {
      let middle = (low + high) / 2
      if bitmaps[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return low < bitmaps.count && bitmaps[low].number == number ? bitmaps[low] : nil
  }

  static func tag(_ tag: ZVTTag) -> Tag? {
    for row in tags where ZVTTag.tlv(row.number) == tag { return row }
    return nil
  }

  static func cardTypeName(_ number: UInt64) -> StaticString? {
    switch number {
    case 5: "girocard"
    case 6: "Mastercard"
    case 8: "American Express"
    case 10: "Visa"
    case 11: "Visa Electron"
    case 12: "Diners"
    case 13: "V PAY"
    case 14: "JCB"
    case 46: "Maestro"
    case 198: "UnionPay"
    default: nil
    }
  }

  /// The kinds of card in BMP 60, in its order: keys of how many and of how much.
  static let totals: [(count: StaticString, amount: StaticString)] = [
    ("girocard_count", "girocard_amount"), ("jcb_count", "jcb_amount"),
    ("mastercard_count", "mastercard_amount"), ("american_express_count", "american_express_amount"),
    ("visa_count", "visa_amount"), ("diners_count", "diners_amount"), ("other_count", "other_amount"),
  ]

  /// In ascending order.
  private static let bitmaps: [Bitmap] = [
    Bitmap(number: 0x01, key: "timeout", length: .fixed(1), content: .binary),
    Bitmap(number: 0x02, key: "maximum_status_information", length: .fixed(1), content: .binary),
    Bitmap(number: 0x03, key: "service_byte", length: .fixed(1), content: .code),
    Bitmap(number: 0x04, key: "amount", length: .fixed(6), content: .decimal),
    Bitmap(number: 0x05, key: "pump_number", length: .fixed(1), content: .binary),
    Bitmap(number: 0x06, key: "tlv", length: .tlv, content: .container),
    Bitmap(number: 0x0B, key: "trace", length: .fixed(3), content: .decimal),
    Bitmap(number: 0x0C, key: "time", length: .fixed(3), content: .digits),
    Bitmap(number: 0x0D, key: "date", length: .fixed(2), content: .digits),
    Bitmap(number: 0x0E, key: "expiry", length: .fixed(2), content: .withheld),
    Bitmap(number: 0x17, key: "card_sequence", length: .fixed(2), content: .decimal),
    Bitmap(number: 0x19, key: "payment_type", length: .fixed(1), content: .code),
    Bitmap(number: 0x22, key: "pan", length: .variable(digits: 2), content: .cardNumber),
    Bitmap(number: 0x23, key: "track_2", length: .variable(digits: 2), content: .withheld),
    Bitmap(number: 0x24, key: "track_3", length: .variable(digits: 3), content: .withheld),
    Bitmap(number: 0x27, key: "result_code", length: .fixed(1), content: .resultCode),
    Bitmap(number: 0x29, key: "terminal_id", length: .fixed(4), content: .digits),
    Bitmap(number: 0x2A, key: "contract_number", length: .fixed(15), content: .text),
    Bitmap(number: 0x2D, key: "track_1", length: .variable(digits: 2), content: .withheld),
    Bitmap(number: 0x2E, key: "chip_data", length: .variable(digits: 3), content: .withheld),
    Bitmap(number: 0x37, key: "original_trace", length: .fixed(3), content: .decimal),
    Bitmap(number: 0x3A, key: "card_verification_value", length: .fixed(2), content: .withheld),
    Bitmap(number: 0x3B, key: "authorisation_attribute", length: .fixed(8), content: .text),
    Bitmap(number: 0x3C, key: "additional_text", length: .variable(digits: 3), content: .text),
    Bitmap(number: 0x3D, key: "password", length: .fixed(3), content: .withheld),
    Bitmap(number: 0x49, key: "currency", length: .fixed(2), content: .currency),
    Bitmap(number: 0x4C, key: "blocked_goods_groups", length: .variable(digits: 2), content: .code),
    Bitmap(number: 0x60, key: "totals", length: .variable(digits: 3), content: .totals),
    Bitmap(number: 0x70, key: "image_id", length: .fixed(4), content: .binary),
    Bitmap(number: 0x71, key: "image_size", length: .fixed(4), content: .binary),
    Bitmap(number: 0x72, key: "image_type", length: .fixed(1), content: .code),
    Bitmap(number: 0x73, key: "image_encoding", length: .fixed(1), content: .code),
    Bitmap(number: 0x74, key: "image_chunks", length: .fixed(1), content: .binary),
    Bitmap(number: 0x75, key: "image_chunk", length: .fixed(1), content: .binary),
    Bitmap(number: 0x87, key: "receipt_number", length: .fixed(2), content: .decimal),
    Bitmap(number: 0x88, key: "turnover_number", length: .fixed(3), content: .decimal),
    Bitmap(number: 0x8A, key: "card_type", length: .fixed(1), content: .cardType),
    Bitmap(number: 0x8B, key: "card_name", length: .variable(digits: 2), content: .text),
    Bitmap(number: 0x8C, key: "operator_card_type", length: .fixed(1), content: .binary),
    Bitmap(number: 0x92, key: "reserved_92", length: .variable(digits: 3), content: .withheld),
    Bitmap(number: 0x9A, key: "purse_record", length: .variable(digits: 3), content: .withheld),
    Bitmap(number: 0xA0, key: "host_result_code", length: .fixed(1), content: .code),
    Bitmap(number: 0xA7, key: "chip_id", length: .variable(digits: 2), content: .withheld),
    Bitmap(number: 0xAA, key: "full_date", length: .fixed(3), content: .digits),
    Bitmap(number: 0xAF, key: "chip_info", length: .variable(digits: 3), content: .withheld),
    Bitmap(number: 0xBA, key: "aid_parameter", length: .fixed(5), content: .code),
    Bitmap(number: 0xD0, key: "key_algorithm", length: .fixed(1), content: .code),
    Bitmap(number: 0xD1, key: "pin_offset", length: .variable(digits: 2), content: .withheld),
    Bitmap(number: 0xD2, key: "card_output", length: .fixed(1), content: .code),
    Bitmap(number: 0xD3, key: "key_id", length: .fixed(1), content: .code),
    Bitmap(number: 0xE0, key: "minimum_length", length: .fixed(1), content: .binary),
    Bitmap(number: 0xE1, key: "second_text_1", length: .variable(digits: 2), content: .text),
    Bitmap(number: 0xE2, key: "second_text_2", length: .variable(digits: 2), content: .text),
    Bitmap(number: 0xE3, key: "second_text_3", length: .variable(digits: 2), content: .text),
    Bitmap(number: 0xE4, key: "second_text_4", length: .variable(digits: 2), content: .text),
    Bitmap(number: 0xE5, key: "second_text_5", length: .variable(digits: 2), content: .text),
    Bitmap(number: 0xE6, key: "second_text_6", length: .variable(digits: 2), content: .text),
    Bitmap(number: 0xE7, key: "second_text_7", length: .variable(digits: 2), content: .text),
    Bitmap(number: 0xE8, key: "second_text_8", length: .variable(digits: 2), content: .text),
    Bitmap(number: 0xE9, key: "maximum_length", length: .fixed(1), content: .binary),
    Bitmap(number: 0xEA, key: "echo", length: .fixed(1), content: .code),
    Bitmap(number: 0xEB, key: "message_authentication", length: .fixed(8), content: .withheld),
    Bitmap(number: 0xF0, key: "display_seconds", length: .fixed(1), content: .binary),
    Bitmap(number: 0xF1, key: "text_1", length: .variable(digits: 2), content: .text),
    Bitmap(number: 0xF2, key: "text_2", length: .variable(digits: 2), content: .text),
    Bitmap(number: 0xF3, key: "text_3", length: .variable(digits: 2), content: .text),
    Bitmap(number: 0xF4, key: "text_4", length: .variable(digits: 2), content: .text),
    Bitmap(number: 0xF5, key: "text_5", length: .variable(digits: 2), content: .text),
    Bitmap(number: 0xF6, key: "text_6", length: .variable(digits: 2), content: .text),
    Bitmap(number: 0xF7, key: "text_7", length: .variable(digits: 2), content: .text),
    Bitmap(number: 0xF8, key: "text_8", length: .variable(digits: 2), content: .text),
    Bitmap(number: 0xF9, key: "beeps", length: .fixed(1), content: .binary),
    Bitmap(number: 0xFA, key: "reader_activation", length: .fixed(1), content: .code),
    Bitmap(number: 0xFB, key: "confirm_with_ok", length: .fixed(1), content: .code),
    Bitmap(number: 0xFC, key: "dialog_control", length: .fixed(1), content: .code),
    Bitmap(number: 0xFD, key: "display_device", length: .fixed(1), content: .code),
  ]

  /// Tags of data with a meaning. What is missing, and the sensitive 1F08 to 1F0A, 1F31, 1F75, 46, 47 and 4C, is
  /// withheld.
  private static let tags: [Tag] = [
    Tag(number: 0x07, key: "text", content: .text),
    Tag(number: 0x08, key: "receipt_number", content: .decimal),
    Tag(number: 0x09, key: "line_attribute", content: .code),
    Tag(number: 0x0A, key: "command", content: .code),
    Tag(number: 0x10, key: "merchant_display", content: .code),
    Tag(number: 0x11, key: "customer_display", content: .code),
    Tag(number: 0x12, key: "printer_width", content: .binary),
    Tag(number: 0x13, key: "extended_result", content: .code),
    Tag(number: 0x14, key: "character_set", content: .code),
    Tag(number: 0x15, key: "language", content: .text),
    Tag(number: 0x1A, key: "maximum_apdu", content: .binary),
    Tag(number: 0x1B, key: "diagnosis", content: .code),
    Tag(number: 0x23, key: "receipts", content: .container),
    Tag(number: 0x24, key: "display_texts", content: .container),
    Tag(number: 0x25, key: "print_texts", content: .container),
    Tag(number: 0x26, key: "permitted_commands", content: .container),
    Tag(number: 0x27, key: "character_sets", content: .code),
    Tag(number: 0x28, key: "languages", content: .code),
    Tag(number: 0x2F, key: "payment_details", content: .container),
    Tag(number: 0x41, key: "card_type_id", content: .code),
    Tag(number: 0x42, key: "application_id", content: .code),
    Tag(number: 0x43, key: "aid", content: .code),
    Tag(number: 0x44, key: "application_preference", content: .code),
    Tag(number: 0x45, key: "receipt_rule", content: .code),
    Tag(number: 0x60, key: "application", content: .container),
    Tag(number: 0x64, key: "receipt_part", content: .container),
    Tag(number: 0x65, key: "receipt_part", content: .container),
    Tag(number: 0x66, key: "receipt_part", content: .container),
    Tag(number: 0x67, key: "receipt_part", content: .container),
    Tag(number: 0x68, key: "receipt_part", content: .container),
    Tag(number: 0xE6, key: "card_details", content: .container),
    Tag(number: 0x1F01, key: "repeat_receipt", content: .code),
    Tag(number: 0x1F02, key: "repeat_receipt_option", content: .code),
    Tag(number: 0x1F03, key: "repeat_receipt_option", content: .code),
    Tag(number: 0x1F04, key: "receipt_parameter", content: .code),
    Tag(number: 0x1F05, key: "transaction_parameter", content: .code),
    Tag(number: 0x1F06, key: "reservation_type", content: .code),
    Tag(number: 0x1F07, key: "receipt_kind", content: .binary),
    Tag(number: 0x1F10, key: "cardholder_verification", content: .code),
    Tag(number: 0x1F11, key: "online", content: .code),
    Tag(number: 0x1F12, key: "card_technology", content: .code),
    Tag(number: 0x1F16, key: "extended_error_code", content: .code),
    Tag(number: 0x1F17, key: "extended_error_text", content: .text),
    Tag(number: 0x1F1F, key: "last_receipt_number", content: .decimal),
    Tag(number: 0x1F25, key: "cashback", content: .decimal),
    Tag(number: 0x1F2B, key: "long_trace", content: .decimal),
    Tag(number: 0x1F36, key: "tip", content: .decimal),
    Tag(number: 0x1F37, key: "receipt_information", content: .code),
    Tag(number: 0x1F3B, key: "tippable", content: .code),
    Tag(number: 0x1F4C, key: "card_technology_detail", content: .code),
    Tag(number: 0x1F4D, key: "card_sub_type", content: .code),
    Tag(number: 0x1F5B, key: "card_poll_timeout", content: .binary),
    Tag(number: 0x1F60, key: "card_types", content: .code),
    Tag(number: 0x1F6B, key: "card_types", content: .code),
    Tag(number: 0x1F70, key: "partial_approval", content: .code),
    Tag(number: 0x1F73, key: "message_id", content: .decimal),
    Tag(number: 0x1F79, key: "reboot", content: .code),
  ]
}
