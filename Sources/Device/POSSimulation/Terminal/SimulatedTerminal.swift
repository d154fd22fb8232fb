public import POSModel
public import POSTransport

/// A terminal to pay at without a terminal, over any stream of bytes: a pty, a socket, a link in memory.
///
///     let terminal = SimulatedTerminal(behaviour) { entry in try ledger.append(entry.line) }
///     await terminal.run(over: link)   // returns when the link ends; then run(over:) the next one
///
/// It is one device over all its links: a till that comes back finds the last transaction and counted-up receipts.
public actor SimulatedTerminal {
  private var machine: any SimulatedTerminalMachine
  private let book: @Sendable (SimulatedLedgerEntry) async throws(DeviceError) -> Void
  private var linkNumber = 0

  /// A terminal that hands each movement of money to `ledger` and goes on once that has returned, so that the ledger
  /// is on disk before the till hears of it. A ledger that throws stops the terminal in its tracks.
  public init(
    _ behaviour: SimulatedTerminalBehaviour,
    ledger: @escaping @Sendable (SimulatedLedgerEntry) async throws(DeviceError) -> Void
  ) {
    machine = behaviour.speaks.machine(behaviour)
    book = ledger
  }

  /// What it does.
  public var behaviour: SimulatedTerminalBehaviour { machine.behaviour }

  /// Changes what it does from now on.
  public func set(_ behaviour: SimulatedTerminalBehaviour) { machine.set(behaviour) }

  /// Serves one till until the link ends or a fault cuts it, then closes it. A newer link takes the place of one that
  /// is still being served, as a terminal's single connection does.
  public func run(over transport: any ByteTransport) async {
    linkNumber += 1
    let link = linkNumber
    let clock = transport.clock
    var isOpen = await perform(machine.linkUp(at: clock.now), on: transport)
    while isOpen, link == linkNumber {
      let input: ReadResult?
      do throws(DeviceError) {
        input = try await transport.read(upTo: 4_096, until: machine.deadline)
      } catch {
        input = nil
      }
      guard link == linkNumber else { break }
      switch input {
      case .bytes(let bytes): isOpen = await perform(machine.receive(bytes, at: clock.now), on: transport)
      case .timedOut: isOpen = await perform(machine.advance(to: clock.now), on: transport)
      case .endOfStream, nil: isOpen = false
      }
    }
    if link == linkNumber { _ = await perform(machine.linkDown(at: clock.now), on: transport) }
    await transport.close()
  }

  /// Does the actions in order; `false` when the link is of no more use.
  private func perform(_ actions: [SimulatedTerminalAction], on transport: any ByteTransport) async -> Bool {
    var isOpen = true
    for action in actions {
      switch action {
      case .book(let entry):
        do throws(DeviceError) { try await book(entry) } catch { return false }
      case .send(let bytes):
        guard isOpen else { continue }
        do throws(DeviceError) {
          try await transport.write(bytes, until: transport.clock.now + .seconds(5))
        } catch {
          isOpen = false
        }
      case .hangUp:
        isOpen = false
      }
    }
    return isOpen
  }
}
