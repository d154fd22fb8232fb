import POSModel

/// A terminal without its wire: what it sends, what it books, and when.
///
/// It outlives its links. Bookings come before the bytes that tell of them.
protocol SimulatedTerminalMachine: Sendable {
  var behaviour: SimulatedTerminalBehaviour { get }

  /// When ``advance(to:)`` has something to do.
  var deadline: MonotonicInstant? { get }

  /// Changes what happens from now on.
  mutating func set(_ behaviour: SimulatedTerminalBehaviour)

  /// A till has connected.
  mutating func linkUp(at now: MonotonicInstant) -> [SimulatedTerminalAction]

  /// The till has gone.
  mutating func linkDown(at now: MonotonicInstant) -> [SimulatedTerminalAction]

  mutating func receive(_ bytes: [UInt8], at now: MonotonicInstant) -> [SimulatedTerminalAction]
  mutating func advance(to now: MonotonicInstant) -> [SimulatedTerminalAction]
}

enum SimulatedTerminalAction: Sendable, Equatable {
  case send([UInt8])
  case book(SimulatedLedgerEntry)
  case hangUp
}
