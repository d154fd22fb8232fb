/// What a Concert terminal says (specs/terminals.md §3.1), by column numbers and written apart from the driver's codec.
struct SimulatedConcert: SimulatedVoice {
  func hear(
    _ text: [UInt8], _ memory: SimulatedMemory, _ behaviour: SimulatedTerminalBehaviour
  ) -> [SimulatedMove] {
    guard text.count == 34 || text.count == 26,
      let amount = Int(String(decoding: text[2..<10], as: UTF8.self)),
      let currency = Int(String(decoding: text[13..<16], as: UTF8.self))
    else { return [] }
    let hasReport = text[10] == 0x31 || behaviour.leaksCardNumber

    func answer(_ result: UInt8) -> [UInt8] {
      var answer = Array(text[0..<2]) + [result] + Array(text[2..<10]) + [text[11]]
      if hasReport {
        let report = Array((behaviour.cardNumber + "   0727").utf8)
        answer += report + [UInt8](repeating: 0x20, count: 55 - report.count)
      }
      return answer + Array(text[13..<16]) + Array(text[16..<26])
    }

    let kind: SimulatedLedgerEntry.Kind
    switch text[12] {
    case 0x30: kind = .charge
    case 0x31: kind = .refund
    case 0x32: kind = .reversal
    default: return [.say(answer(0x37))]
    }
    guard behaviour.decision == .approve, amount > 0 else {
      return behaviour.delays + [.say(answer(0x37))]
    }
    let entry = SimulatedLedgerEntry(
      kind: kind, receiptNumber: memory.nextReceipt, trace: memory.nextTrace, amount: amount,
      currency: currency)
    return behaviour.delays + [.book(entry, answer: answer(0x30)), .say(answer(0x30))]
  }
}
