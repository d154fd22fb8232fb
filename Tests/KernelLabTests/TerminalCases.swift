import Conformance
import Foundation
import POSDrivers
import POSLinux
import POSModel
import POSRuntime
import POSSimulation
import POSTerminalWire
import POSTransport
import Testing

/// A ZVT terminal behind cdc_acm.
@Suite(.enabled(if: KernelLab.isHere, KernelLab.comment), .serialized) struct TerminalCases {
  /// A terminal's protocol and how the till sets the line for it.
  enum Speech: String {
    case zvt, concert

    var simulated: SimulatedTerminalProtocol { self == .zvt ? .zvtSerial : .concert }
    var frame: SerialSettings.Frame { self == .zvt ? .eightNoneTwo : .eightNoneOne }

    func driver() throws -> CardTerminalProtocol {
      switch self {
      case .zvt:
        let password = try #require(ZVTPassword(digits: Array("000000".utf8)))
        return .zvt(ZVTConfiguration(link: .serial, password: password))
      case .concert:
        var configuration = ConcertConfiguration()
        configuration.listeningTime = .seconds(1)
        return .concert(configuration)
      }
    }
  }

  static func terminal(_ path: String, speaking speech: Speech = .zvt) throws -> CardTerminal {
    CardTerminal(
      DeviceDescriptor(
        id: DeviceID("t1"), kind: .terminal, address: try DeviceAddress("\(speech.rawValue)+serial:\(path)"),
        name: "the lab terminal"),
      speaking: try speech.driver(), journal: MemoryPaymentJournal(), clock: Reactor.shared,
      connect: { () async throws(DeviceError) -> any ByteTransport in
        try await SerialPort.open(path, SerialSettings(baud: 9600, frame: speech.frame))
      })
  }

  static func request(_ reference: String) -> PaymentRequest {
    PaymentRequest(reference: reference, amount: Money(minorUnits: 2_040, currency: .euro))
  }

  @Test func payment() async throws {
    let ledger = ChargeBook()
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

  /// Another terminal, another protocol.
  @Test func concertPayment() async throws {
    let ledger = ChargeBook()
    let simulator = SimulatedTerminal(SimulatedTerminalBehaviour(speaking: .concert), ledger: ledger.append)
    try await plug(.terminal(), as: .serial) { plugged in
      async let serving: Void = simulator.run(over: plugged.device.stream)
      let terminal = try Self.terminal(plugged.node, speaking: .concert)
      let outcome = await terminal.pay(Self.request("a"))
      #expect(outcome.isApproved, "\(outcome)")
      await terminal.close()
      await plugged.device.unplug()
      await serving
      #expect(await ledger.charges == 1)
    }
  }

  /// The cable is pulled after the card was charged and before the till was told. It comes back, and the till finds
  /// out, or where the protocol has no question for that, a person does. The customer has paid once.
  @Test func dropAndReturn() async throws { try await Self.dropAndReturn(.terminal(), speaking: .zvt) }

  @Test func dropAndReturnConcert() async throws {
    try await Self.dropAndReturn(.terminal(), speaking: .concert)
  }

  @Test func dropAndReturnOnAdapter() async throws {
    try await Self.dropAndReturn(.serialAdapter(), speaking: .zvt)
  }

  @Test func dropAndReturnConcertOnAdapter() async throws {
    try await Self.dropAndReturn(.serialAdapter(), speaking: .concert)
  }

  static func dropAndReturn(_ model: SimulatedUSBModel, speaking speech: Speech) async throws {
    let ledger = ChargeBook()
    var behaviour = SimulatedTerminalBehaviour(speaking: speech.simulated)
    behaviour.unanswered = .kept
    behaviour.faults.cutAfterCharge = .beforeStatusInformation
    let simulator = SimulatedTerminal(behaviour, ledger: ledger.append)
    let first = try await PluggedIn(model, as: .serial)
    let terminal = try Self.terminal(first.node, speaking: speech)
    let serving = Task {
      await simulator.run(over: first.device.stream)
      await first.device.unplug()
    }
    let broken = await terminal.pay(Self.request("a"))
    #expect(!broken.isFinal, "\(broken)")
    #expect(await ledger.charges == 1)
    await serving.value
    try await first.pullOut()
    try await plug(model, as: .serial) { second in
      #expect(second.node == first.node)
      async let serving: Void = simulator.run(over: second.device.stream)
      // As long as it is open, nobody pays here.
      let refused = await terminal.pay(Self.request("b"))
      guard case .notStarted(let error) = refused else {
        Issue.record("\(refused)")
        return
      }
      #expect(error.code == .paymentUnresolved)
      var found = await terminal.recover(reference: "a")
      if speech == .concert {
        #expect(!found.isFinal, "\(found)")
        found = await terminal.resolve(
          reference: "a", asCharged: true, note: "read from the terminal's journal")
      }
      #expect(found.isApproved, "\(found)")
      #expect(await ledger.charges == 1)
      let next = await terminal.pay(Self.request("c"))
      #expect(next.isApproved, "\(next)")
      await terminal.close()
      await second.device.unplug()
      await serving
    }
    #expect(await ledger.charges == 2)
  }

  /// A payment that broke off under one address keeps the terminal locked under all of them: node, link and identity.
  @Test func oneLockForAllAddresses() async throws {
    let ledger = ChargeBook()
    var behaviour = SimulatedTerminalBehaviour(speaking: .zvtSerial)
    behaviour.unanswered = .kept
    behaviour.faults.cutAfterCharge = .beforeStatusInformation
    let simulator = SimulatedTerminal(behaviour, ledger: ledger.append)
    let journal = MemoryPaymentJournal()
    var opener = DeviceOpener()
    opener.terminalPassword = ZVTPassword(digits: Array("000000".utf8))
    func terminal(_ address: String) throws -> any PaymentTerminal {
      try opener.terminal(at: DeviceAddress("zvt+" + address), journal: journal)
    }
    let first = try await PluggedIn(.terminal(), as: .serial)
    let serving = Task {
      await simulator.run(over: first.device.stream)
      await first.device.unplug()
    }
    try await Program.settleRules()
    let identity = "usb-11ca-0219-TERMINAL1-if00"
    let broken = try await terminal(identity).pay(Self.request("a"))
    #expect(!broken.isFinal, "\(broken)")
    await serving.value
    try await first.pullOut()
    try await plug(.terminal(), as: .serial) { second in
      async let serving: Void = simulator.run(over: second.device.stream)
      try await Program.settleRules()
      let links = "/dev/serial/by-id"
      let names = try FileManager.default.contentsOfDirectory(atPath: links)
      let link = try #require(names.first { $0.contains("TERMINAL1") })
      for address in ["serial:\(second.node)", "serial:\(links)/\(link)", identity] {
        let refused = try await terminal(address).pay(Self.request("b\(address.count)"))
        guard case .notStarted(let error) = refused else {
          Issue.record("\(address): \(refused)")
          continue
        }
        #expect(error.code == .paymentUnresolved, "\(address): \(error)")
      }
      let found = try terminal("serial:\(second.node)")
      #expect(await found.recover(reference: "a").isApproved)
      await found.close()
      await second.device.unplug()
      await serving
    }
    #expect(await ledger.charges == 1)
  }

  /// The cable is pulled in the middle of a transfer, at several places of one payment: afterwards the till and the
  /// terminal's book agree.
  @Test func unpluggedAnywhere() async throws {
    for place in [1, 6, 15, 30, 60] {
      let ledger = ChargeBook()
      var behaviour = SimulatedTerminalBehaviour(speaking: .zvtSerial)
      behaviour.unanswered = .kept
      let simulator = SimulatedTerminal(behaviour, ledger: ledger.append)
      let first = try await PluggedIn(
        .terminal(), as: .serial, faults: [.reading(.unplug, after: place)])
      let terminal = try Self.terminal(first.node)
      async let serving: Void = simulator.run(over: first.device.stream)
      let broken = await terminal.pay(Self.request("a"))
      await serving
      await first.hasGone()
      try await first.pullOut()
      try await plug(.terminal(), as: .serial) { second in
        async let serving: Void = simulator.run(over: second.device.stream)
        let outcome = broken.isFinal ? broken : await terminal.recover(reference: "a")
        #expect(outcome.isFinal, "after \(place): \(broken), then \(outcome)")
        #expect(await ledger.charges == (outcome.isApproved ? 1 : 0), "after \(place): \(outcome)")
        await terminal.close()
        await second.device.unplug()
        await serving
      }
    }
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

extension PaymentOutcome {
  var isApproved: Bool { if case .approved = self { true } else { false } }
}
