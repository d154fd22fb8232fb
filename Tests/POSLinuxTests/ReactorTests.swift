import POSLinux
import POSModel
import POSTransport
import Testing

@Suite("Reactor", .timeLimit(.minutes(1)))
struct ReactorTests {
  @Test("a sleeper wakes no earlier than its deadline, an overdue one at once")
  func sleep() async throws {
    let clock = Reactor.shared
    let deadline = clock.now + .milliseconds(3)
    try await clock.sleep(until: deadline)
    #expect(clock.now >= deadline)
    try await clock.sleep(until: .start)
    try await clock.sleep(until: MonotonicInstant(nanoseconds: .min))
  }

  @Test("sleepers that are cancelled wake at once, however far their deadlines")
  func cancel() async {
    await withTaskGroup { group in
      for number in 0..<500 {
        group.addTask {
          let sleeper = Task {
            try await Reactor.shared.sleep(until: Reactor.shared.now + .seconds(3600 + number))
          }
          if number % 2 == 0 { await Task.yield() }
          sleeper.cancel()
          await expect(.cancelled) { try await sleeper.value }
        }
      }
    }
    let forever = Task { try await Reactor.shared.sleep(until: MonotonicInstant(nanoseconds: .max)) }
    forever.cancel()
    await expect(.cancelled) { try await forever.value }
  }

  @Test("alarms ring in order, the earliest first even when it is set last")
  func order() async {
    let clock = Reactor.shared
    let begin = clock.now + .milliseconds(10)
    let rung = Lock([Int]())
    let done = Wait()
    for number in [5, 3, 4, 1, 2, 0] {
      _ = clock.setAlarm(at: begin + .microseconds(number)) {
        let isLast = rung.withLock { rung in
          rung.append(number)
          return rung.count == 6
        }
        if isLast { done.end(.ready) }
      }
    }
    _ = await done.outcome(until: nil, by: clock)
    #expect(rung.withLock { $0 } == [0, 1, 2, 3, 4, 5])
  }
}
