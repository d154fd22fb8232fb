public import POSModel
public import POSSimulation
public import Testing

/// What every card terminal's driver promises: above all that till and terminal agree on whose money moved.
public enum TerminalConformance: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case chargesOnce
  case declines
  case aBrokenLinkChargesNobodyTwice

  /// The name.
  public var testDescription: String { rawValue }

  /// A terminal to pay at. Only simulated ones: money of people is not for tests.
  public struct Bench: Sendable {
    /// The driver.
    public var terminal: any PaymentTerminal
    /// Whether it can be asked what became of a payment; if not, a person reads its journal.
    public var canBeAsked: Bool
    /// What was charged so far.
    public var charges: @Sendable () async -> Int
    /// Plugs it in again after it went.
    public var replug: @Sendable () async throws -> Void
    /// Takes away what is left.
    public var end: @Sendable () async -> Void

    /// One of these parts.
    public init(
      terminal: any PaymentTerminal, canBeAsked: Bool, charges: @escaping @Sendable () async -> Int,
      replug: @escaping @Sendable () async throws -> Void, end: @escaping @Sendable () async -> Void
    ) {
      self.terminal = terminal
      self.canBeAsked = canBeAsked
      self.charges = charges
      self.replug = replug
      self.end = end
    }
  }

  /// How benches of one kind are made, with a terminal that behaves as it is told.
  public struct Rig: Sendable, CustomTestStringConvertible {
    /// What it is called in reports.
    public var name: String
    /// What its terminal speaks.
    public var speaks: SimulatedTerminalProtocol
    /// Sets up a fresh one, with a terminal that behaves so.
    public var open: @Sendable (SimulatedTerminalBehaviour) async throws -> Bench

    /// One of these parts.
    public init(
      _ name: String, speaks: SimulatedTerminalProtocol,
      open: @escaping @Sendable (SimulatedTerminalBehaviour) async throws -> Bench
    ) {
      self.name = name
      self.speaks = speaks
      self.open = open
    }

    /// The name.
    public var testDescription: String { name }
  }

  private var behaviour: (inout SimulatedTerminalBehaviour) -> Void {
    switch self {
    case .chargesOnce: { _ in }
    case .declines: { $0.decision = .decline(code: 0x05, text: "declined") }
    case .aBrokenLinkChargesNobodyTwice:
      {
        $0.unanswered = .kept
        $0.faults.cutAfterCharge = .beforeStatusInformation
      }
    }
  }

  /// Checks this promise on a fresh bench.
  public func check(_ rig: Rig) async throws {
    var behaviour = SimulatedTerminalBehaviour(speaking: rig.speaks)
    self.behaviour(&behaviour)
    let bench = try await rig.open(behaviour)
    do {
      try await check(bench, "\(rig.name): \(rawValue)")
    } catch {
      await bench.end()
      throw error
    }
    await bench.end()
  }

  private static func request(_ reference: String) -> PaymentRequest {
    PaymentRequest(reference: reference, amount: Money(minorUnits: 2_040, currency: .euro))
  }

  private func check(_ bench: Bench, _ comment: Comment) async throws {
    let outcome = await bench.terminal.pay(Self.request("first"))
    switch (self, outcome) {
    case (.chargesOnce, .approved(let record)):
      #expect(record.amount.minorUnits == 2_040, comment)
      #expect(await bench.charges() == 1, comment)
      #expect(await bench.terminal.recover(reference: "first") == outcome, comment)
    case (.declines, .declined):
      #expect(await bench.charges() == 0, comment)
    case (.aBrokenLinkChargesNobodyTwice, .unknown), (.aBrokenLinkChargesNobodyTwice, .approvedUnconfirmed):
      #expect(await bench.charges() == 1, comment)
      try await bench.replug()
      guard case .notStarted(let refusal) = await bench.terminal.pay(Self.request("second")) else {
        Issue.record("\(comment): an unresolved payment does not keep others off")
        break
      }
      #expect(refusal.code == .paymentUnresolved, comment)
      var found = await bench.terminal.recover(reference: "first")
      if !bench.canBeAsked {
        #expect(!found.isFinal, "\(comment): \(found)")
        found = await bench.terminal.resolve(reference: "first", asCharged: true, note: "its own journal")
      }
      guard case .approved = found else {
        Issue.record("\(comment): \(found)")
        break
      }
      #expect(await bench.charges() == 1, comment)
    default: Issue.record("\(comment): \(outcome)")
    }
    await bench.terminal.close()
  }
}

/// A simulated terminal's ledger.
public actor ChargeBook {
  /// Charges less reversals.
  public private(set) var charges = 0

  /// One of these parts.
  public init() {}

  /// What a simulated terminal writes to.
  public nonisolated var append: @Sendable (SimulatedLedgerEntry) async throws(DeviceError) -> Void {
    { entry async throws(DeviceError) in await self.note(entry) }
  }

  private func note(_ entry: SimulatedLedgerEntry) { charges += entry.kind == .charge ? 1 : -1 }
}
