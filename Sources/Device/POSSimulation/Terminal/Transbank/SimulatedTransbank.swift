/// What a Transbank terminal says (specs/terminals.md §3.4), written apart from the driver's codec.
struct SimulatedTransbank: SimulatedVoice {
  private static let commerce = "597029414300"
  private static let terminal = "75001637"

  func hear(
    _ text: [UInt8], _ memory: SimulatedMemory, _ behaviour: SimulatedTerminalBehaviour
  ) -> [SimulatedMove] {
    let words = String(decoding: text, as: UTF8.self).split(separator: "|", omittingEmptySubsequences: false)
      .map(String.init)
    func word(_ index: Int) -> String { index < words.count ? words[index] : "" }

    switch word(0) {
    case "0250":
      return [.say(memory.last ?? Array("0260|11|\(Self.commerce)|\(Self.terminal)".utf8))]
    case "0500":
      return [.closeDay, .say(Array("0510|00|\(Self.commerce)|\(Self.terminal)|".utf8))]
    case "0700":
      return [.say(Array("0710|00|\(memory.nextTrace - 100)|\(memory.total)".utf8))]
    case "0800":
      return [.say(Array("0810|00|\(Self.commerce)|\(Self.terminal)".utf8))]
    case "1200":
      guard
        let last = memory.last.map({
          String(decoding: $0, as: UTF8.self).split(separator: "|", omittingEmptySubsequences: false)
        }),
        last.count > 10, last[10] == word(1), let amount = Int(last[6])
      else { return [.say(Array("1210|05|\(Self.commerce)|\(Self.terminal)".utf8))] }
      let entry = SimulatedLedgerEntry(
        kind: .reversal, receiptNumber: memory.nextReceipt, trace: memory.nextTrace, amount: amount,
        currency: 152)
      return [
        .book(entry, answer: memory.last ?? []),
        .say(Array("1210|00|\(Self.commerce)|\(Self.terminal)|\(memory.nextTrace)|\(word(1))".utf8)),
      ]
    case "0200":
      return sale(amount: Int(word(1)) ?? 0, ticket: word(2), isTold: word(5) == "1", memory, behaviour)
    default:
      return []
    }
  }

  private func sale(
    amount: Int, ticket: String, isTold: Bool, _ memory: SimulatedMemory,
    _ behaviour: SimulatedTerminalBehaviour
  ) -> [SimulatedMove] {
    func answer(_ function: String, _ code: String) -> [UInt8] {
      let card = behaviour.leaksCardNumber ? behaviour.cardNumber : String(behaviour.cardNumber.suffix(4))
      let fields = [
        function, code, Self.commerce, Self.terminal, ticket, code == "00" ? "\(memory.nextTrace)A7" : "",
        "\(amount)", "0", "0", card, "\(memory.nextReceipt)", "CR", "", "", "VI", "23112026", "190644", "",
        "0",
      ]
      return Array(fields.joined(separator: "|").utf8)
    }
    let intermediate: [SimulatedMove] = isTold ? ["78", "82"].map { .say(Array("0900|\($0)".utf8)) } : []
    let before = intermediate + behaviour.delays
    guard amount >= 50, !ticket.isEmpty, ticket.count <= 6 else { return [.say(answer("0210", "01"))] }
    switch behaviour.decision {
    case .approve, .busy:
      let entry = SimulatedLedgerEntry(
        kind: .charge, receiptNumber: memory.nextReceipt, trace: memory.nextTrace, amount: amount,
        currency: 152)
      return before + [.book(entry, answer: answer("0260", "00")), .say(answer("0210", "00"))]
    case .decline: return before + [.say(answer("0210", "01"))]
    case .customerCancels: return before + [.say(answer("0210", "07"))]
    }
  }
}
