import POSDrivers
import POSLinux
import POSModel
import POSSimulation
import POSTerminalWire
import POSTransport
import Testing

/// The same terminal over what it will really hang on: a serial line of the kernel, and TCP.
@Suite(.timeLimit(.minutes(1))) struct ZVTOverLinuxTests {
  static func behaviour(_ speaks: SimulatedTerminalProtocol) -> SimulatedTerminalBehaviour {
    var behaviour = SimulatedTerminalBehaviour(speaking: speaks)
    behaviour.unanswered = .kept
    behaviour.faults.cutAfterCharge = .afterStatusInformation
    return behaviour
  }

  static func terminal(
    _ address: String, _ link: ZVTConfiguration.Link,
    connect: @escaping @Sendable () async throws(DeviceError) -> any ByteTransport
  ) throws -> CardTerminal {
    let password = try #require(ZVTPassword(digits: Array("000000".utf8)))
    return CardTerminal(
      DeviceDescriptor(
        id: DeviceID("t1"), kind: .terminal, address: try DeviceAddress(address), name: "simulated"),
      speaking: .zvt(ZVTConfiguration(link: link, password: password)), journal: MemoryPaymentJournal(),
      clock: Reactor.shared, connect: connect)
  }

  static func request(_ reference: String) -> PaymentRequest {
    PaymentRequest(reference: reference, amount: Money(minorUnits: 2_040, currency: .euro))
  }

  /// A charge whose link breaks, its recovery, and another payment.
  static func breakAndRecover(_ terminal: CardTerminal) async throws {
    let broken = await terminal.pay(request("a"))
    #expect(!broken.isFinal)
    let found = await terminal.recover(reference: "a")
    guard case .approved(let record) = found else {
      Issue.record("\(found)")
      return
    }
    #expect(record.receiptNumber == 42)
    let second = await terminal.pay(request("b"))
    #expect(second.isApproved, "\(second)")
    await terminal.close()
  }

  @Test func overASerialLine() async throws {
    let simulator = SimulatedTerminal(Self.behaviour(.zvtSerial)) { _ async throws(DeviceError) in }
    let first = try PseudoTerminal()
    let second = try PseudoTerminal()
    let serving = Task {
      await simulator.run(over: first)
      await simulator.run(over: second)
    }
    let paths = Paths([first.path, second.path])
    let terminal = try Self.terminal("zvt+serial:\(first.path)", .serial) { () async throws(DeviceError) in
      try await SerialPort.open(await paths.next(), SerialSettings(baud: 9600, frame: .eightNoneTwo))
    }
    try await Self.breakAndRecover(terminal)
    await second.close()
    await serving.value
  }

  @Test func overTCP() async throws {
    let simulator = SimulatedTerminal(Self.behaviour(.zvtTCP)) { _ async throws(DeviceError) in }
    let listener = try TCPListener()
    let serving = Task {
      while let link = try? await listener.accept(until: nil) { await simulator.run(over: link) }
    }
    let port = listener.port
    let terminal = try Self.terminal("zvt+tcp:127.0.0.1:\(port)", .stream) { () async throws(DeviceError) in
      try await TCPConnection.open(host: "127.0.0.1", port: port)
    }
    try await Self.breakAndRecover(terminal)
    await listener.close()
    await serving.value
  }

  /// Ports in the order in which they are opened; the last one again and again.
  private actor Paths {
    private var paths: [String]

    init(_ paths: [String]) { self.paths = paths }

    func next() -> String { paths.count > 1 ? paths.removeFirst() : paths.first ?? "" }
  }
}
