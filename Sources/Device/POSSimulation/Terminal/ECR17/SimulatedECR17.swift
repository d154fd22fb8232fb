/// What an ECR17 terminal says (specs/terminals.md §3.3), by column numbers and written apart from the driver's codec.
struct SimulatedECR17: SimulatedVoice {
  func hear(
    _ text: [UInt8], _ memory: SimulatedMemory, _ behaviour: SimulatedTerminalBehaviour
  ) -> [SimulatedMove] {
    guard text.count >= 10, Array(text[0..<8]) == Array(behaviour.terminalID.utf8) else { return [] }
    let head = behaviour.terminalID + "0"
    switch (text[9], text.count) {
    case (0x73, 10):
      return [.say(Array((head + "s2311261906" + pad("", 9) + "0" + "SIM1.0").utf8))]
    case (0x47, 22):
      return [.say(memory.last ?? refused(head, "01", "NESSUN RISULTATO"))]
    case (0x43, 26):
      let total = digits(max(0, memory.total), 16)
      return [.closeDay, .say(Array((head + "C00" + total + total).utf8))]
    case (0x54, 26):
      let total = digits(max(0, memory.total), 16)
      return [.say(Array((head + "T00" + total + total).utf8))]
    case (0x53, 26):
      guard let last = memory.last, last.count >= 65, last[10] == 0x30, last[11] == 0x30 else {
        return [.say(refused(head, "01", "NULLA DA STORNARE"))]
      }
      let entry = SimulatedLedgerEntry(
        kind: .reversal, receiptNumber: memory.nextReceipt, trace: memory.nextTrace, amount: memory.total,
        currency: 978)
      return [.book(entry, answer: last), .say(done(head, memory, behaviour))]
    case (0x50, 167):
      guard let amount = Int(String(decoding: text[23..<31], as: UTF8.self)), amount > 0 else {
        return [.say(refused(head, "01", "IMPORTO"))]
      }
      let before =
        [SimulatedMove.transmit([0x01] + Array(pad("INSERIRE CARTA", 20).utf8) + [0x04])]
        + behaviour.delays
      guard behaviour.decision == .approve else {
        let words = behaviour.decision == .customerCancels ? "ANNULLATO" : "TRANSAZIONE NEGATA"
        let answer = refused(head, "01", words)
        return before + [.remember(answer), .say(answer)]
      }
      let answer = done(head, memory, behaviour)
      let entry = SimulatedLedgerEntry(
        kind: .charge, receiptNumber: memory.nextReceipt, trace: memory.nextTrace, amount: amount,
        currency: 978)
      return before + [.book(entry, answer: answer), .say(answer)]
    default:
      return []
    }
  }

  private func done(
    _ head: String, _ memory: SimulatedMemory, _ behaviour: SimulatedTerminalBehaviour
  ) -> [UInt8] {
    let card =
      behaviour.leaksCardNumber ? behaviour.cardNumber : "************" + behaviour.cardNumber.suffix(4)
    let number = String(repeating: "0", count: max(0, 19 - card.count)) + card
    let trace = digits(memory.nextTrace, 6)
    return Array(
      (head + "E00" + number + "ICC" + trace + "3271906" + "1" + "00000000003" + trace + trace).utf8)
  }

  private func refused(_ head: String, _ code: String, _ words: String) -> [UInt8] {
    Array((head + "E" + code + pad(words, 24)).utf8)
  }

  private func pad(_ text: String, _ count: Int) -> String {
    text + String(repeating: " ", count: max(0, count - text.count))
  }

  private func digits(_ value: Int, _ count: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }
}
