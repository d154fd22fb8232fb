import POSDrivers
import POSLinux
import POSModel
import POSSimulation
import POSTerminalWire
import POSTransport
import Testing

/// A ZVT terminal behind cdc_acm.
@Suite(.enabled(if: KernelLab.isHere, KernelLab.comment), .serialized) struct TerminalCases {
  static func terminal(_ path: String) throws -> CardTerminal {
    let password = try #require(ZVTPassword(digits: Array("000000".utf8)))
    return CardTerminal(
      DeviceDescriptor(
        id: DeviceID("t1"), kind: .terminal, address: try DeviceAddress("zvt+serial:\(path)"),
        name: "the lab terminal"),
      speaking: .zvt(ZVTConfiguration(link: .serial, password: password)), journal: MemoryPaymentJournal(),
      clock: Reactor.shared,
      connect: { () async throws(DeviceError) -> any ByteTransport in
        try await SerialPort.open(path, SerialSettings(baud: 9600, frame: .eightNoneTwo))
      })
  }

  static func request(_ reference: String) -> PaymentRequest {
    PaymentRequest(reference: reference, amount: Money(minorUnits: 2_040, currency: .euro))
  }

  @Test func payment() async throws {
    let ledger = Ledger()
    let simulator = SimulatedTerminal(SimulatedTerminalBehaviour(speaking: .zvtSerial), ledger: ledger.append)
    try await plug(.terminal(), as: .serial) { plugged in
      async let serving: Void = simulator.run(over: plugged.device.stream)
      let terminal = try Self.terminal(plugged.node)
      let outcome = await terminal.pay(Self.request("a"))
      #expect(outcome.isApproved, "\(outcome)")
      let function = try #require(await plugged.device.model.function as? USBSerialFunction)
      #expect(function.baud == 9600)
      // Two stop bits, no parity, eight bits (CDC PSTN §6.3.11).
      #expect(Array(function.lineCoding.suffix(3)) == [2, 0, 8])
      #expect(function.isDataTerminalReady)
      await terminal.close()
      await plugged.device.unplug()
      await serving
      #expect(await ledger.charges == 1)
    }
  }

  /// The cable is pulled after the card was charged and before the till was told; it comes back, and the till finds
  /// out. The customer has paid once.
  @Test func dropAndReturn() async throws {
    let ledger = Ledger()
    var behaviour = SimulatedTerminalBehaviour(speaking: .zvtSerial)
    behaviour.unanswered = .kept
    behaviour.faults.cutAfterCharge = .beforeStatusInformation
    let simulator = SimulatedTerminal(behaviour, ledger: ledger.append)
    let first = try await PluggedIn(.terminal(), as: .serial)
    let terminal = try Self.terminal(first.node)
    let serving = Task {
      await simulator.run(over: first.device.stream)
      await first.device.unplug()
    }
    let broken = await terminal.pay(Self.request("a"))
    #expect(!broken.isFinal, "\(broken)")
    await serving.value
    try await first.port.removal(until: KernelLab.patience)
    await first.port.close()
    try await plug(.terminal(), as: .serial) { second in
      #expect(second.node == first.node)
      async let serving: Void = simulator.run(over: second.device.stream)
      let found = await terminal.recover(reference: "a")
      #expect(found.isApproved, "\(found)")
      let next = await terminal.pay(Self.request("b"))
      #expect(next.isApproved, "\(next)")
      await terminal.close()
      await second.device.unplug()
      await serving
    }
    #expect(await ledger.charges == 2)
  }

  /// An adapter: the same driver over ftdi_sio, whose packets carry the state of the line.
  @Test func serialAdapter() async throws {
    let simulator = SimulatedTerminal(SimulatedTerminalBehaviour(speaking: .zvtSerial)) {
      _ async throws(DeviceError) in
    }
    try await plug(.serialAdapter(), as: .serial) { plugged in
      async let serving: Void = simulator.run(over: plugged.device.stream)
      let terminal = try Self.terminal(plugged.node)
      let outcome = await terminal.pay(Self.request("a"))
      #expect(outcome.isApproved, "\(outcome)")
      await terminal.close()
      let function = try #require(await plugged.device.model.function as? USBFTDIFunction)
      // Input is not held back for 16 ms.
      #expect(function.latency == 1)
      await plugged.device.unplug()
      await serving
    }
  }
}

/// What was charged.
actor Ledger {
  private(set) var charges = 0

  nonisolated var append: @Sendable (SimulatedLedgerEntry) async throws(DeviceError) -> Void {
    { entry async throws(DeviceError) in await self.note(entry) }
  }

  private func note(_ entry: SimulatedLedgerEntry) { charges += entry.kind == .charge ? 1 : -1 }
}

extension PaymentOutcome {
  var isApproved: Bool { if case .approved = self { true } else { false } }
}
