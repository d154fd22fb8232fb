import POSModel
import Testing

@testable import POSDrivers
@testable import POSSimulation

/// One byte flipped, dropped or doubled on the way: never a wrong outcome, never two charges. TCP has checks of its own,
/// so that only protocols with checks are spoilt.
@Suite struct NoiseTests {
  @Test(arguments: SimulatedTerminalProtocol.allCases.filter(\.hasChecks), Lane.Damage.allCases)
  func noiseNeverLies(speaks: SimulatedTerminalProtocol, damage: Lane.Damage) {
    var counts = SweepCounts()
    let setting = ChargeSweepTests.Setting(speaks: speaks, breakage: .noticed)
    let fresh = setting.lane()
    var whole = fresh
    _ = whole.pay("undisturbed")
    for direction in Lane.Direction.allCases {
      for place in 0..<whole.moved[direction, default: 0] {
        var lane = fresh
        lane.spoil = (direction, place, damage)
        let outcome = lane.pay("first")
        lane.settle()
        counts.note(outcome, standing: lane.standing)
      }
    }
    #expect(counts.cuts > 50)
    counts.expectNoLies()
  }
}
