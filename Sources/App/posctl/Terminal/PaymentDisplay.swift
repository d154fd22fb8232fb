import POSLinux
import POSModel
import POSTransport

/// What a person at the till learns of a payment while it runs: what the terminal shows, what is waited for and for how
/// much longer, and what Ctrl-C can do and cannot.
struct PaymentDisplay {
  private let terminal: any PaymentTerminal
  private let reference: String
  private let isQuiet: Bool

  init(_ terminal: any PaymentTerminal, reference: String, isQuiet: Bool) {
    self.terminal = terminal
    self.reference = reference
    self.isQuiet = isQuiet
  }

  /// Shows what the terminal does while `work` runs. Ctrl-C ends the process: for work that only asks.
  func watch<Value: Sendable>(_ work: () async -> Value) async -> Value {
    let showing = Task { await show() }
    defer { showing.cancel() }
    return await work()
  }

  /// Follows `work`, which moves money, to its end, or until a second Ctrl-C.
  func follow(
    _ work: @escaping @Sendable () async -> PaymentOutcome
  ) async throws(DeviceError) -> PaymentOutcome {
    let interrupts = try Interrupts()
    let working = Task { await watch(work) }
    let listening = Task {
      guard await interrupts.next() else { return }
      Console.complain(
        "asking the terminal to stop; the payment ends when the terminal says so\n"
          + "Ctrl-C again stops waiting: the payment goes on at the terminal, and stays open until\n"
          + "  posctl terminal recover --device \(terminal.descriptor.address) --reference \(reference)")
      await terminal.requestAbort()
      guard await interrupts.next() else { return }
      Console.complain("no longer waiting; the terminal goes on, and the payment \(reference) is open")
      working.cancel()
    }
    let outcome = await working.value
    listening.cancel()
    await interrupts.close()
    return outcome
  }

  /// Shows each event once, and while a terminal is silent what is waited for and until when.
  private func show() async {
    guard !isQuiet else { return }
    var silence: Task<Void, Never>?
    for await event in terminal.events() {
      silence?.cancel()
      silence = nil
      guard event.kind == .silence else {
        let own = event.text
        Console.complain(event.terminalText.map { $0 == own ? own : "\($0) (\(own))" } ?? own)
        continue
      }
      guard let patience = event.patience else { continue }
      silence = Task { [clock = Reactor.shared] in
        let end = clock.now + patience
        // A terminal that answers at once needs no words.
        var next = clock.now + .seconds(3)
        while next < end, !Task.isCancelled {
          guard (try? await clock.sleep(until: next)) != nil else { return }
          let left = (end - clock.now).components.seconds
          Console.complain("still waiting for \(event.text), for \(left) s at most")
          next = next + .seconds(15)
        }
      }
    }
    silence?.cancel()
  }
}
