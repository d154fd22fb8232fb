import POSTerminalWire

/// Receipts as they come line by line from a terminal (specs/terminals.md §2.11).
///
/// Receipts are told apart by the mark of their last line; the kind is what most of the lines are tagged, for
/// terminals tag single lines wrongly.
struct ZVTReceipts: Sendable, Equatable {
  /// Lines that are kept in all; more are acknowledged and dropped.
  static let maximumLines = 2_000

  private struct Receipt: Equatable {
    var lines: [String] = []
    var merchantTags = 0
    var customerTags = 0

    mutating func tag(_ kind: UInt64?) {
      switch kind {
      case 2: customerTags += 1
      case 1, 3: merchantTags += 1
      default: break
      }
    }
  }

  private var finished: [Receipt] = []
  private var current = Receipt()
  private var lineCount = 0

  /// Takes 06 D1 or 06 D3.
  mutating func take(_ message: ZVTMessage) {
    var fields = message.containerFields
    current.tag(fields.number(.receiptKind))
    guard message.command == .printTextBlock else {
      takeLine(message)
      return
    }
    if case .fields(let texts) = fields.first(where: { $0.tag == .printTexts })?.value { fields = texts }
    var isLast = false
    for field in fields {
      switch (field.tag, field.value) {
      case (.textLine, .text(let text)): append(text)
      case (.lineAttribute, .code(let attribute)):
        isLast = isLast || Self.marksLastLine(attribute.first ?? 0)
      default: break
      }
    }
    if isLast { finish() }
  }

  /// The lines for the customer and for the merchant. Without tags a single receipt is the customer's; of several
  /// the first is the merchant's.
  var lines: (customer: [String], merchant: [String]) {
    var receipts = finished
    if !current.lines.isEmpty { receipts.append(current) }
    let untagged = receipts.filter { $0.merchantTags == 0 && $0.customerTags == 0 }.count
    var customer: [String] = []
    var merchant: [String] = []
    var isFirstUntagged = untagged > 1
    for receipt in receipts {
      let isTagged = receipt.merchantTags > 0 || receipt.customerTags > 0
      if isTagged ? receipt.merchantTags > receipt.customerTags : isFirstUntagged {
        merchant += receipt.lines
      } else {
        customer += receipt.lines
      }
      if !isTagged { isFirstUntagged = false }
    }
    return (customer, merchant)
  }

  private mutating func takeLine(_ message: ZVTMessage) {
    let attribute = message.code(.printAttribute) ?? 0
    if attribute == 0xFF {
      for _ in 0..<min(message.number(.printText) ?? 0, 10) { append([]) }
      return
    }
    let isLast = Self.marksLastLine(attribute)
    let text = message.text(.printText) ?? []
    if !text.isEmpty || !isLast { append(text) }
    if isLast { finish() }
  }

  private mutating func append(_ text: [UInt8]) {
    for line in text.split(separator: 0x0A, omittingEmptySubsequences: false) {
      guard lineCount < Self.maximumLines else { return }
      lineCount += 1
      current.lines.append(String(decoding: line, as: UTF8.self))
    }
  }

  private mutating func finish() {
    if !current.lines.isEmpty { finished.append(current) }
    current = Receipt()
  }

  private static func marksLastLine(_ attribute: UInt8) -> Bool {
    attribute > 0x80 && attribute < 0xFF
  }
}

extension [ZVTField] {
  /// The number in the first field with this tag.
  func number(_ tag: ZVTTag) -> UInt64? {
    if case .number(let value) = first(where: { $0.tag == tag })?.value { value } else { nil }
  }
}
