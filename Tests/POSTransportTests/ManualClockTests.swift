import POSModel
import POSTransport
import TestSupport
import Testing

@Suite("Manual clock", .timeLimit(.minutes(1)))
struct ManualClockTests {
  @Test("alarms ring in order, each at its own time, and all of them before the move returns")
  func order() {
    let clock = ManualClock()
    let rung = Lock([(String, MonotonicInstant)]())
    func note(_ name: String) -> @Sendable () -> Void {
      { rung.withLock { $0.append((name, clock.now)) } }
    }
    _ = clock.setAlarm(at: .start + .seconds(3), note("c"))
    _ = clock.setAlarm(at: .start + .seconds(1), note("a"))
    _ = clock.setAlarm(at: .start + .seconds(1), note("b"))
    _ = clock.setAlarm(at: .start + .seconds(9), note("never"))
    clock.advance(by: .seconds(5))
    #expect(rung.withLock { $0.map(\.0) } == ["a", "b", "c"])
    #expect(rung.withLock { $0.map(\.1) } == [1, 1, 3].map { .start + .seconds($0) })
    #expect(clock.now == .start + .seconds(5))
    #expect(clock.pendingAlarms == 1)
  }

  @Test("an alarm set while another rings still rings in the same move")
  func nested() {
    let clock = ManualClock()
    let count = Lock(0)
    _ = clock.setAlarm(at: .start + .seconds(1)) {
      _ = clock.setAlarm(at: .start + .seconds(2)) { count.withLock { $0 += 1 } }
    }
    clock.advance(by: .seconds(2))
    #expect(count.withLock { $0 } == 1)
  }

  @Test("an alarm in the past rings at once; a cancelled one never does; the clock never goes back")
  func edges() {
    let clock = ManualClock(at: MonotonicInstant(nanoseconds: 100))
    let count = Lock(0)
    _ = clock.setAlarm(at: MonotonicInstant(nanoseconds: 100)) { count.withLock { $0 += 1 } }
    #expect(count.withLock { $0 } == 1)
    let alarm = clock.setAlarm(at: MonotonicInstant(nanoseconds: 200)) { count.withLock { $0 += 1 } }
    clock.cancelAlarm(alarm)
    clock.cancelAlarm(alarm)
    clock.advance(to: MonotonicInstant(nanoseconds: 300))
    clock.advance(to: .start)
    #expect(count.withLock { $0 } == 1)
    #expect(clock.now == MonotonicInstant(nanoseconds: 300))
  }

  @Test("a sleeper wakes when the clock gets there")
  func sleep() async throws {
    let clock = ManualClock()
    let sleeper = Task { () throws(DeviceError) in
      try await clock.sleep(until: .start + .seconds(60))
      return clock.now
    }
    await clock.advanceToNextAlarm()
    #expect(try await sleeper.value == .start + .seconds(60))
  }

  @Test("a cancelled sleeper throws and leaves no alarm behind")
  func cancel() async {
    let clock = ManualClock()
    let sleeper = Task { try await clock.sleep(until: .start + .seconds(60)) }
    await clock.waitForAlarms()
    sleeper.cancel()
    await #expect(throws: DeviceError(.cancelled, during: "sleeping")) { try await sleeper.value }
    #expect(clock.pendingAlarms == 0)
  }

  @Test("a thousand sleepers, set in any order, wake in the order of their deadlines")
  func many() {
    let clock = ManualClock()
    let rung = Lock([Int]())
    var random = SeededGenerator(seed: 7)
    var alarms: [Alarm] = []
    for second in (1...1000).shuffled(using: &random) {
      alarms.append(clock.setAlarm(at: .start + .seconds(second)) { rung.withLock { $0.append(second) } })
    }
    for alarm in alarms where alarm.deadline.nanoseconds % 2_000_000_000 == 0 { clock.cancelAlarm(alarm) }
    clock.advance(by: .seconds(1000))
    #expect(rung.withLock { $0 } == Array(stride(from: 1, through: 999, by: 2)))
  }
}
