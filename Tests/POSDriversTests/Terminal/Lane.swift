import POSModel
import POSTerminalWire

@testable import POSDrivers
@testable import POSSimulation

/// A till and a simulated terminal on one wire, with a clock and a journal of their own: whole payments in one
/// call, without tasks, so that a link can be cut after any byte thousands of times.
struct Lane {
  enum Direction: String, CaseIterable { case toTerminal, toTill }

  /// How a cut looks.
  enum Breakage: String, CaseIterable {
    /// Both ends learn of it at once.
    case noticed
    /// Bytes in the direction vanish; nobody is told, the other direction works.
    case silent
    /// Bytes vanish both ways.
    case silentBothWays
    /// The till dies and a new one opens the port: a terminal on a serial line learns nothing of it.
    case tillReplaced
  }

  /// What noise does to a byte.
  enum Damage: String, CaseIterable { case flipped, dropped, doubled }

  struct Cut {
    var direction: Direction
    var after: Int
    var breakage: Breakage
  }

  static let device = DeviceID("terminal-1")

  var session: any TerminalSession
  var terminal: any SimulatedTerminalMachine
  var now = MonotonicInstant.start
  var ledger: [SimulatedLedgerEntry] = []
  var journal: [String: (intent: PaymentIntent, outcome: PaymentOutcome?)] = [:]
  var events: [TerminalEvent] = []
  var cut: Cut?
  /// Noise on the byte at this place.
  var spoil: (direction: Direction, place: Int, damage: Damage)?
  /// Bytes that have arrived, by direction.
  var moved: [Direction: Int] = [:]
  /// Bytes that had arrived when the intent was journalled: the order comes after them.
  var movedBeforeOrder: [Direction: Int] = [:]
  /// Bytes that arrive at a time.
  var chunk = Int.max
  var currency = Currency.euro
  /// Called when the till learns of an event; `true` asks for a stop.
  var wantsStop: (TerminalEvent) -> Bool = { _ in false }

  /// The terminal does not notice when a till comes or goes.
  private var isDumb = false
  private var isLinked = false
  private var isSilent: Set<Direction> = []
  private var wire: [Direction: [UInt8]] = [:]
  private var tillActions: [TerminalAction] = []

  init(_ configuration: ZVTConfiguration, _ behaviour: SimulatedTerminalBehaviour) {
    self.init(.zvt(configuration), behaviour)
  }

  init(_ dialect: CardTerminalProtocol, _ behaviour: SimulatedTerminalBehaviour) {
    session = dialect.session
    terminal = behaviour.speaks.machine(behaviour)
  }

  /// How many transactions of the ledger stand: a second entry with the same receipt number undoes the first.
  var standing: Int {
    var entries: [Int: Int] = [:]
    for entry in ledger { entries[entry.receiptNumber, default: 0] += 1 }
    return entries.values.count { !$0.isMultiple(of: 2) }
  }

  /// What the ledger says was taken from customers in all, as a count of charges that stand.
  var standingCharges: Int {
    ledger.reduce(0) { $0 + ($1.kind == .charge ? 1 : -1) }
  }

  mutating func pay(
    _ reference: String, _ amount: Int64 = 1_250, kind: PaymentRequest.Kind = .payment
  ) -> PaymentOutcome {
    let request = PaymentRequest(
      reference: reference, amount: Money(minorUnits: amount, currency: currency), kind: kind)
    let outcome = run(.pay(request, on: Self.device))
    if journal[reference] != nil { journal[reference]?.outcome = outcome }
    return outcome
  }

  mutating func recover(_ reference: String) -> PaymentOutcome? {
    guard let known = journal[reference] else { return nil }
    let outcome = run(.recover(known.intent, last: known.outcome))
    journal[reference]?.outcome = outcome
    return outcome
  }

  /// The link works again; what was under way on it is lost.
  mutating func mend() {
    cut = nil
    isSilent = []
  }

  /// Lets the terminal finish whatever it still does without a till.
  mutating func settle() {
    if isLinked || isDumb {
      isLinked = false
      isDumb = false
      take(terminal.linkDown(at: now))
      tillActions += session.on(.lost(DeviceError(.connectionLost, during: "testing")), at: now)
      tillActions = []
    }
    while let deadline = terminal.deadline {
      now = max(now, deadline)
      take(terminal.advance(to: now))
    }
  }

  private mutating func run(_ job: TerminalJob) -> PaymentOutcome {
    let ending = end(job)
    guard case .payment(let outcome) = ending else {
      return .unknown(DeviceError(.closed, during: ending.map { "\($0)" } ?? "the lane stands still"))
    }
    return outcome
  }

  /// Runs a job to its end; `nil` when nothing moves any more.
  mutating func end(_ job: TerminalJob) -> TerminalEnding? {
    tillActions = session.on(.begin(job), at: now)
    for _ in 0..<100_000 {
      if let ending = performTillActions() { return ending }
      if deliver(.toTerminal) || deliver(.toTill) { continue }
      let deadlines = [session.deadline, terminal.deadline].compactMap(\.self)
      guard let next = deadlines.min() else { break }
      now = max(now, next)
      if let due = terminal.deadline, due <= now { take(terminal.advance(to: now)) }
      if let due = session.deadline, due <= now { tillActions += session.on(.time, at: now) }
    }
    return nil
  }

  private mutating func performTillActions() -> TerminalEnding? {
    while !tillActions.isEmpty {
      switch tillActions.removeFirst() {
      case .connect:
        wire = [:]
        isLinked = true
        if !isDumb { take(terminal.linkUp(at: now)) }
        tillActions += session.on(.connected, at: now)
      case .disconnect:
        wire = [:]
        if isLinked {
          isLinked = false
          if !isDumb { take(terminal.linkDown(at: now)) }
        }
      case .write(let bytes):
        if isLinked { wire[.toTerminal, default: []] += bytes }
      case .journal(let intent):
        journal[intent.request.reference] = (intent, nil)
        movedBeforeOrder = moved
        tillActions += session.on(.journaled, at: now)
      case .show(let event):
        events.append(event)
        if wantsStop(event) { tillActions += session.on(.stop, at: now) }
      case .finish(let ending):
        return ending
      }
    }
    return nil
  }

  private mutating func take(_ actions: [SimulatedTerminalAction]) {
    for action in actions {
      switch action {
      case .send(let bytes): if isLinked { wire[.toTill, default: []] += bytes }
      case .book(let entry): ledger.append(entry)
      case .hangUp: breakLink()
      }
    }
  }

  private mutating func breakLink() {
    guard isLinked else { return }
    isLinked = false
    // What the terminal had sent still arrives.
    let arriving = wire[.toTill] ?? []
    wire = [:]
    if !arriving.isEmpty {
      tillActions += session.on(.received(arriving), at: now).filter {
        if case .write = $0 { false } else { true }
      }
    }
    tillActions += session.on(.lost(DeviceError(.connectionLost, during: "testing")), at: now)
    take(terminal.linkDown(at: now))
  }

  private mutating func deliver(_ direction: Direction) -> Bool {
    guard isLinked, var bytes = wire[direction], !bytes.isEmpty else { return false }
    if isSilent.contains(direction) {
      wire[direction] = []
      return true
    }
    bytes = Array(bytes.prefix(chunk))
    var isCut = false
    if let cut, cut.direction == direction {
      let left = max(0, cut.after - moved[direction, default: 0])
      if bytes.count >= left {
        bytes = Array(bytes.prefix(left))
        isCut = true
      }
    }
    wire[direction]?.removeFirst(bytes.count)
    moved[direction, default: 0] += bytes.count
    if let spoil, spoil.direction == direction {
      let place = spoil.place - (moved[direction, default: 0] - bytes.count)
      if bytes.indices.contains(place) {
        self.spoil = nil
        switch spoil.damage {
        case .flipped: bytes[place] ^= 0x20
        case .dropped: bytes.remove(at: place)
        case .doubled: bytes.insert(bytes[place], at: place)
        }
      }
    }
    if isCut, let breakage = cut?.breakage {
      cut = nil
      switch breakage {
      case .silent: isSilent = [direction]
      case .silentBothWays: isSilent = [.toTerminal, .toTill]
      case .tillReplaced:
        isDumb = true
        isLinked = false
        wire = [:]
        switch direction {
        case .toTerminal: take(terminal.receive(bytes, at: now))
        case .toTill:
          tillActions += session.on(.received(bytes), at: now).filter {
            if case .write = $0 { false } else { true }
          }
        }
        tillActions += session.on(.lost(DeviceError(.gone, during: "testing")), at: now)
        return true
      case .noticed:
        // The receiver still takes the last bytes; what it says to them goes nowhere.
        isLinked = false
        wire = [:]
        switch direction {
        case .toTerminal:
          take(terminal.receive(bytes, at: now))
        case .toTill:
          tillActions += session.on(.received(bytes), at: now).filter {
            if case .write = $0 { false } else { true }
          }
        }
        take(terminal.linkDown(at: now))
        tillActions += session.on(.lost(DeviceError(.connectionLost, during: "testing")), at: now)
        return true
      }
    }
    switch direction {
    case .toTerminal: take(terminal.receive(bytes, at: now))
    case .toTill: tillActions += session.on(.received(bytes), at: now)
    }
    return true
  }
}

extension ZVTConfiguration {
  static func test(_ link: Link) -> ZVTConfiguration {
    guard let password = ZVTPassword(digits: Array("000000".utf8)) else { preconditionFailure("six digits") }
    return ZVTConfiguration(link: link, password: password)
  }
}
