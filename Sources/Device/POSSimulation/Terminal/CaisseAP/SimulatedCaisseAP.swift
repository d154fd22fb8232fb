/// What a Caisse-AP terminal says (specs/terminals.md §3.2), written apart from the driver's codec.
struct SimulatedCaisseAP: SimulatedVoice {
  private typealias Fields = [(tag: String, value: String)]

  func isWhole(_ bytes: [UInt8]) -> Bool {
    guard let fields = Self.fields(bytes) else { return false }
    return ["CZ", "CJ", "CA", "CB", "CD", "CE"].allSatisfy { wanted in
      fields.contains { $0.tag == wanted }
    }
  }

  func hear(
    _ text: [UInt8], _ memory: SimulatedMemory, _ behaviour: SimulatedTerminalBehaviour
  ) -> [SimulatedMove] {
    guard let fields = Self.fields(text) else { return [] }
    func value(_ tag: String) -> String { fields.first { $0.tag == tag }?.value ?? "" }
    let echo = fields.filter { ["CZ", "CJ", "CA", "CB", "CD", "CE", "CF"].contains($0.tag) }
    guard value("CZ").count == 4, let amount = Int(value("CB")), let currency = Int(value("CE")) else {
      return [.say(Self.text(echo + [("AE", "01"), ("AF", "09")]))]
    }

    let kind: SimulatedLedgerEntry.Kind
    switch value("CD") {
    case "0": kind = .charge
    case "1": kind = .refund
    case "2": kind = .reversal
    case "3": return [.say(memory.last ?? Self.text(echo + [("AE", "01"), ("AF", "12")]))]
    default: return [.say(Self.text(echo + [("AE", "01"), ("AF", "12")]))]
    }
    switch behaviour.decision {
    case .decline: return behaviour.delays + refused(echo, "04")
    case .customerCancels: return behaviour.delays + refused(echo, "06")
    case .busy: return [.say(Self.text(echo + [("AE", "01"), ("AF", "05")]))]
    case .approve: break
    }
    let card =
      behaviour.leaksCardNumber
      ? behaviour.cardNumber
      : String(repeating: "#", count: behaviour.cardNumber.count - 4) + behaviour.cardNumber.suffix(4)
    let answer = Self.text(
      echo + [
        ("AE", "10"), ("AF", "01"), ("AA", card), ("AB", "2712"), ("AC", "\(memory.nextTrace)"),
        ("CC", "001"),
      ])
    let entry = SimulatedLedgerEntry(
      kind: kind, receiptNumber: memory.nextReceipt, trace: memory.nextTrace, amount: amount,
      currency: currency)
    return behaviour.delays + [.book(entry, answer: answer), .say(answer)]
  }

  private func refused(_ echo: Fields, _ reason: String) -> [SimulatedMove] {
    let answer = Self.text(echo + [("AE", "01"), ("AF", reason)])
    return [.remember(answer), .say(answer)]
  }

  /// `nil` where the last field has not come whole.
  private static func fields(_ bytes: [UInt8]) -> Fields? {
    var rest = String(decoding: bytes, as: UTF8.self)[...]
    var fields: Fields = []
    while !rest.isEmpty {
      guard rest.count >= 5, let length = Int(rest.dropFirst(2).prefix(3)), length >= 0,
        rest.count >= 5 + length
      else { return nil }
      fields.append((String(rest.prefix(2)), String(rest.dropFirst(5).prefix(length))))
      rest = rest.dropFirst(5 + length)
    }
    return fields
  }

  private static func text(_ fields: Fields) -> [UInt8] {
    let texts = fields.map { field in
      let length = String(field.value.utf8.count)
      return field.tag + String(repeating: "0", count: 3 - length.count) + length + field.value
    }
    return Array(texts.joined().utf8)
  }
}
