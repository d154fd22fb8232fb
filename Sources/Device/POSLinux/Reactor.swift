import CPOSLinux
import Glibc
public import POSModel
public import POSTransport

/// The one thread that waits for devices, by the name of `pos-io`, and the machine's monotonic clock.
///
/// It starts when it is first needed and never ends. It only finds out who may go on: all reading and writing is
/// done by the tasks themselves.
public final class Reactor: AlarmClock {
  /// The reactor of this process.
  public static let shared = Reactor()

  private struct Engine: Sendable {
    let epoll: Int32
    let wake: Int32
  }

  private struct Registration: Sendable {
    weak let descriptor: SharedDescriptor?
  }

  private struct State: Sendable {
    var engine: Engine?
    var alarms = AlarmQueue()
    var registrations: [UInt64: Registration] = [:]
    var nextKey: UInt64 = 1
    /// When the thread will look at the alarms again by itself.
    var wakesAt = MonotonicInstant(nanoseconds: .max)
  }

  private let state = Lock(State())

  private init() {}

  /// The time now: `CLOCK_MONOTONIC`.
  public var now: MonotonicInstant { MonotonicInstant(nanoseconds: pos_monotonic_nanoseconds()) }

  /// Calls `ring` on the reactor's thread, within about a millisecond after `deadline`.
  ///
  /// Without the means to wait at all (no descriptors left) it rings at once: time-outs come too early then.
  public func setAlarm(at deadline: MonotonicInstant, _ ring: @escaping @Sendable () -> Void) -> Alarm {
    let isDue = deadline <= now
    let (alarm, engine, ringsNow) = state.withLock { state -> (Alarm, Engine?, Bool) in
      let alarm = state.alarms.insert(at: deadline, ring)
      guard !isDue, let engine = try? started(&state) else {
        state.alarms.remove(alarm)
        return (alarm, nil, true)
      }
      guard deadline < state.wakesAt else { return (alarm, nil, false) }
      state.wakesAt = deadline
      return (alarm, engine, false)
    }
    if ringsNow { ring() }
    if let engine { pos_eventfd_signal(engine.wake) }
    return alarm
  }

  /// Forgets an alarm. The thread may wake up for nothing later, which is cheaper than waking it now.
  public func cancelAlarm(_ alarm: Alarm) {
    state.withLock { $0.alarms.remove(alarm) }
  }

  // MARK: Descriptors

  /// A key for a descriptor that is about to be watched.
  func reserveKey() -> UInt64 {
    state.withLock { state in
      defer { state.nextKey += 1 }
      return state.nextKey
    }
  }

  /// Begins to watch a descriptor for input. What is always ready, as `/dev/null` is, needs no watching.
  func add(_ descriptor: SharedDescriptor) throws(SystemError) {
    try state.withLock { state throws(SystemError) in
      let engine = try started(&state)
      state.registrations[descriptor.key] = Registration(descriptor: descriptor)
      do throws(SystemError) {
        _ = try SystemError.check(pos_epoll_add(engine.epoll, descriptor.number, descriptor.key))
      } catch {
        state.registrations[descriptor.key] = nil
        if error.number != EPERM { throw error }
      }
    }
  }

  /// Watches a descriptor for room to write, too. Reports at once if there is room already.
  func addWritable(_ number: Int32, key: UInt64) {
    guard let engine = state.withLock({ $0.engine }) else { return }
    _ = pos_epoll_add_writable(engine.epoll, number, key)
  }

  /// Ends watching; to be called before the descriptor is closed. Does nothing the second time, when the number
  /// may be somebody else's already.
  func remove(_ number: Int32, key: UInt64) {
    let engine = state.withLock { state in
      state.registrations.removeValue(forKey: key) == nil ? nil : state.engine
    }
    if let engine { _ = pos_epoll_remove(engine.epoll, number) }
  }

  // MARK: The thread

  private func started(_ state: inout State) throws(SystemError) -> Engine {
    if let engine = state.engine { return engine }
    let epoll = try OwnedDescriptor(returned: pos_epoll_create())
    let wake = try OwnedDescriptor(returned: pos_eventfd_create())
    _ = try SystemError.check(pos_epoll_add_wake(epoll.number, wake.number))
    let engine = Engine(epoll: epoll.number, wake: wake.number)
    try startThread("pos-io") { self.run(engine) }
    _ = epoll.release()
    _ = wake.release()
    state.engine = engine
    return engine
  }

  private func run(_ engine: Engine) {
    var events = [pos_readiness](repeating: pos_readiness(), count: 64)
    while true {
      ringDueAlarms()
      let count = pos_epoll_wait(engine.epoll, &events, Int32(events.count), millisecondsToSleep())
      guard count > 0 else { continue }
      for event in events.prefix(Int(count)) {
        if event.key == 0 {
          pos_eventfd_clear(engine.wake)
        } else if let descriptor = state.withLock({ $0.registrations[event.key]?.descriptor }) {
          descriptor.signal(isReadable: event.readable != 0, isWritable: event.writable != 0)
        }
      }
    }
  }

  private func ringDueAlarms() {
    let now = now
    while let ring = state.withLock({ $0.alarms.popDue(at: now) }) { ring() }
  }

  /// Until the next alarm, rounded up; -1 when there is none.
  private func millisecondsToSleep() -> Int32 {
    let now = now
    return state.withLock { state in
      state.wakesAt = state.alarms.next ?? MonotonicInstant(nanoseconds: .max)
      guard let next = state.alarms.next else { return -1 }
      let nanoseconds = max(0, next.nanoseconds.subtractingReportingOverflow(now.nanoseconds).partialValue)
      return Int32(clamping: (nanoseconds + 999_999) / 1_000_000)
    }
  }
}
