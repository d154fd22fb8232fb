public import POSModel

/// A transport clock that calls back: what deadlines are made of.
public protocol AlarmClock: TransportClock {
  /// Calls `ring` once, when `deadline` is reached; at once, before returning, if it has passed.
  ///
  /// `ring` runs on whichever thread moves the clock and must not block.
  func setAlarm(at deadline: MonotonicInstant, _ ring: @escaping @Sendable () -> Void) -> Alarm

  /// Forgets an alarm. One that has rung, or is ringing on another thread, is left alone.
  func cancelAlarm(_ alarm: Alarm)
}

extension AlarmClock {
  /// Waits until `deadline`. Cancelling the task throws `link.cancelled`.
  public func sleep(until deadline: MonotonicInstant) async throws(DeviceError) {
    if await Wait().outcome(until: deadline, by: self) == .cancelled {
      throw DeviceError(.cancelled, during: "sleeping")
    }
  }
}

/// An alarm that was set: alarms ring in the order of their deadlines, equal ones in the order they were set.
public struct Alarm: Sendable, Hashable, Comparable {
  /// When it rings.
  public let deadline: MonotonicInstant
  let sequence: UInt64

  /// Whether `left` rings first.
  public static func < (left: Self, right: Self) -> Bool {
    (left.deadline, left.sequence) < (right.deadline, right.sequence)
  }
}

/// The alarms of one clock, the next one last: waiting devices are few, so a sorted array beats a heap.
package struct AlarmQueue: Sendable {
  private var entries: [(alarm: Alarm, ring: @Sendable () -> Void)] = []
  private var nextSequence: UInt64 = 0

  /// An empty queue.
  package init() {}

  /// Alarms that have not rung.
  package var count: Int { entries.count }

  /// When the next alarm rings.
  package var next: MonotonicInstant? { entries.last?.alarm.deadline }

  /// Adds an alarm.
  package mutating func insert(at deadline: MonotonicInstant, _ ring: @escaping @Sendable () -> Void) -> Alarm
  {
    let alarm = Alarm(deadline: deadline, sequence: nextSequence)
    nextSequence += 1
    entries.insert((alarm, ring), at: index(of: alarm))
    return alarm
  }

  /// Removes an alarm if it is still there.
  package mutating func remove(_ alarm: Alarm) {
    let index = index(of: alarm)
    if index < entries.count, entries[index].alarm == alarm { entries.remove(at: index) }
  }

  /// Takes out the next alarm that is due at `now`.
  package mutating func popDue(at now: MonotonicInstant) -> (@Sendable () -> Void)? {
    guard let next, next <= now else { return nil }
    return entries.removeLast().ring
  }

  /// Where `alarm` is or belongs: entries before it ring later.
  private func index(of alarm: Alarm) -> Int {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].alarm > alarm { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
