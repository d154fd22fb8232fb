import POSDrivers
import POSLinux
import POSModel
import POSTerminalWire
import POSTransport
import Testing

@testable import POSSimulation

/// What every card terminal keeps, whatever it speaks, over ptys and sockets.
@Suite(.timeLimit(.minutes(2))) struct CardTerminalTests {
  /// A till, a terminal and what passes between them.
  struct Counter {
    let journal = MemoryPaymentJournal()
    let ledger = Ledger()
    let recording = Recording()
    let simulator: SimulatedTerminal
    let terminal: CardTerminal
    let speaks: SimulatedTerminalProtocol

    init(
      _ speaks: SimulatedTerminalProtocol, _ change: (inout SimulatedTerminalBehaviour) -> Void = { _ in }
    ) throws {
      self.speaks = speaks
      var behaviour = SimulatedTerminalBehaviour(speaking: speaks)
      change(&behaviour)
      let ledger = ledger
      let simulator = SimulatedTerminal(behaviour) { entry async throws(DeviceError) in
        await ledger.append(entry)
      }
      self.simulator = simulator
      let recording = recording
      @Sendable func recorded(_ link: any ByteTransport) -> any ByteTransport {
        RecordingTransport(link, redact: speaks.driver.redaction(), sink: recording.add)
      }
      terminal = CardTerminal(
        DeviceDescriptor(
          id: DeviceID("t1"), kind: .terminal, address: DeviceAddress(route: .file(path: "t")),
          name: "simulated"), speaking: speaks.driver, journal: journal, clock: Reactor.shared
      ) { () async throws(DeviceError) in
        // Each link has a line of its own; the newest is the terminal's one.
        guard !speaks.isSerial else {
          let line = try PseudoTerminal()
          Task { await simulator.run(over: line) }
          return recorded(try await SerialPort.open(line.path, SerialSettings(baud: 115_200)))
        }
        let listener = try TCPListener()
        Task {
          if let link = try? await listener.accept(until: nil) {
            await listener.close()
            await simulator.run(over: link)
          }
        }
        return recorded(try await TCPConnection.open(host: "127.0.0.1", port: listener.port))
      }
    }

    func request(_ reference: String, _ kind: PaymentRequest.Kind = .payment) -> PaymentRequest {
      PaymentRequest(
        reference: reference, amount: Money(minorUnits: 1_250, currency: speaks.currency), kind: kind)
    }
  }

  /// What was written down of the links.
  final class Recording: Sendable {
    private let lines = Lock<[String]>([])

    func add(_ line: String) { lines.withLock { $0.append(line) } }

    /// The bytes of all reads, in hexadecimal digits without spaces.
    var text: String { lines.withLock { $0 }.joined(separator: "\n").replacing(" ", with: "") }
  }

  actor Ledger {
    private(set) var entries: [SimulatedLedgerEntry] = []

    func append(_ entry: SimulatedLedgerEntry) { entries.append(entry) }

    var kinds: [SimulatedLedgerEntry.Kind] { entries.map(\.kind) }
  }

  @Test(arguments: SimulatedTerminalProtocol.allCases)
  func anUnresolvedPaymentLocksUntilAPersonDecides(speaks: SimulatedTerminalProtocol) async throws {
    let counter = try Counter(speaks) { $0.faults.cutAfterCharge = .beforeStatusInformation }
    let first = await counter.terminal.pay(counter.request("a"))
    #expect(!first.isFinal, "\(first)")

    guard case .notStarted(let error) = await counter.terminal.pay(counter.request("b")) else {
      Issue.record("a second payment was begun")
      return
    }
    #expect(error.code == .paymentUnresolved)
    guard case .notDone(let reason) = await counter.terminal.endOfDay() else {
      Issue.record("the day was closed over an open payment")
      return
    }
    #expect(reason.code == .paymentUnresolved)

    let decided = await counter.terminal.resolve(reference: "a", asCharged: true, note: "slip 42")
    guard case .approved(let record) = decided else {
      Issue.record("\(decided)")
      return
    }
    #expect(record.operatorNote == "slip 42")
    // What has been decided stays, and the terminal is free.
    #expect(await counter.terminal.resolve(reference: "a", asCharged: false, note: "no") == decided)
    #expect(await counter.terminal.recover(reference: "a") == decided)
    #expect(await counter.terminal.pay(counter.request("a")) == decided)
    #expect(await counter.terminal.pay(counter.request("b")).isApproved)
    #expect(await counter.terminal.resolve(reference: "c", asCharged: true, note: "").isFinal)
    await counter.terminal.close()
  }

  @Test(arguments: SimulatedTerminalProtocol.allCases)
  func givesBackAndCloses(speaks: SimulatedTerminalProtocol) async throws {
    let counter = try Counter(speaks)
    guard case .approved(let record) = await counter.terminal.pay(counter.request("a")) else {
      Issue.record("not approved")
      return
    }
    let receipt = record.receiptNumber ?? 0
    let reversed = await counter.terminal.reverse(
      reference: "b", receipt: receipt, amount: counter.request("").amount)
    #expect(reversed.isApproved, "\(reversed)")
    let refunded = await counter.terminal.refund(reference: "c", amount: counter.request("").amount)
    let knowsRefunds = speaks != .ecr17 && speaks != .transbank
    #expect(refunded.isApproved == knowsRefunds, "\(refunded)")
    #expect(await counter.ledger.kinds == [.charge, .reversal] + (knowsRefunds ? [.refund] : []))

    let knowsDays = speaks != .concert && speaks != .caisseAP
    switch await counter.terminal.endOfDay() {
    case .done: #expect(knowsDays)
    case .notDone(let error): #expect(!knowsDays && error.code == .unsupported)
    case .unknown(let error): Issue.record("\(error)")
    }
    do throws(DeviceError) {
      #expect(try await counter.terminal.status().isReady)
      #expect(knowsDays)
    } catch {
      #expect(!knowsDays && error.code == .unsupported)
    }
    await counter.terminal.close()
  }

  /// A terminal that sends the whole card number, asked or not: it is in no outcome, no event and no journal.
  @Test(arguments: SimulatedTerminalProtocol.allCases)
  func noCardNumberIsKept(speaks: SimulatedTerminalProtocol) async throws {
    let canary = "4111111111111111"
    let counter = try Counter(speaks) {
      $0.cardNumber = canary
      $0.leaksCardNumber = true
    }
    let events = counter.terminal.events()
    let outcome = await counter.terminal.pay(counter.request("a"))
    #expect(outcome.isApproved, "\(outcome)")
    let second = await counter.terminal.pay(counter.request("b"))
    #expect(second.isApproved)
    var kept = "\(outcome) \(second)"
    for reference in ["a", "b"] {
      let entry = try await counter.journal.payment(reference: reference)
      if let entry {
        kept +=
          "\(entry.intent) \(String(decoding: entry.intent.baseline, as: UTF8.self)) \(String(describing: entry.outcome))"
      }
    }
    await counter.terminal.close()
    for await event in events { kept += "\(event)" }
    #expect(!kept.contains(canary))
    #expect(!kept.contains(canary.dropFirst(4)))
    #expect(kept.contains("1111"))

    // As characters, and as packed digits.
    let recording = counter.recording.text
    #expect(recording.contains("<"))
    #expect(!recording.contains("31313131313131"))
    #expect(!recording.contains("1111111111"))
  }

  /// The number as cards print it, in pieces as links cut it.
  @Test(
    "of a card number in groups a recording has the first six digits at most",
    arguments: SimulatedTerminalProtocol.allCases,
    [[], [0x20], [0x2D], [0x2E], [0xA0], [0xC2, 0xA0], [0x20, 0x2D, 0x20]] as [[UInt8]])
  func groupedNumbersAreNotRecorded(speaks: SimulatedTerminalProtocol, gap: [UInt8]) {
    for groups in [["4111", "1111", "1111", "1111"], ["3782", "822463", "10005"]] {
      let text = Array("CARTA ".utf8) + Array(groups.map { Array($0.utf8) }.joined(separator: gap))
      for length in [1, 5, text.count] {
        let redact = speaks.driver.redaction()
        var recorded: [UInt8] = []
        for start in stride(from: 0, to: text.count, by: length) {
          recorded += redact(.toHost, Array(text[start..<min(start + length, text.count)]))
        }
        #expect(recorded.count == text.count)
        let digits = recorded.count { (0x30...0x39).contains($0) }
        #expect(digits <= 6, "\(String(decoding: recorded, as: UTF8.self))")
      }
    }
  }

  /// An ECR17 terminal may take its checks over more than the payload; the driver finds out which.
  @Test(arguments: [0x7F, 0x7C, 0x7D, 0x7E] as [UInt8])
  func everyCheckOfECR17(seed: UInt8) async throws {
    let counter = try Counter(.ecr17) { $0.ecr17Check = seed }
    let outcome = await counter.terminal.pay(counter.request("a"))
    #expect(outcome.isApproved, "\(outcome)")
    #expect(await counter.ledger.entries.count == 1)
    await counter.terminal.close()
  }

  @Test(arguments: SimulatedTerminalProtocol.allCases)
  func aBusyTerminalHasNotStarted(speaks: SimulatedTerminalProtocol) async throws {
    let counter = try Counter(speaks) { $0.decision = .busy }
    let outcome = await counter.terminal.pay(counter.request("a"))
    #expect(outcome.isFinal && !outcome.isApproved, "\(outcome)")
    #expect(await counter.ledger.entries.isEmpty)
    await counter.terminal.close()
  }
}
