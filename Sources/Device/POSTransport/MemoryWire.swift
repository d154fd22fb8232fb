import POSModel

/// Two lanes of elements between two ends: what the links in memory have in common.
///
/// An element is a byte or a report. Both lanes share one lock, so that a cut stops both in the same instant.
final class MemoryWire<Element: Sendable>: Sendable {
  /// What taking from a lane came to.
  enum Taken: Sendable {
    case elements([Element])
    case timedOut
    case endOfStream
  }

  let clock: any AlarmClock
  private let state: Lock<State>

  /// A wire that holds up to `capacity` elements, 1 or more, in each direction.
  init(clock: any AlarmClock, capacity: Int) {
    self.clock = clock
    state = Lock(State(capacity: max(1, capacity)))
  }

  /// Elements that have entered the lane since the beginning.
  func moved(_ direction: LinkDirection) -> Int { state.withLock { $0[direction].moved } }

  /// Cuts the link once `count` elements in all have entered the lane.
  func cut(_ direction: LinkDirection, after count: Int, _ breakage: LinkBreakage) {
    wake(
      state.withLock { state in
        state[direction].cut = (count, breakage)
        return state.breakIfDue(direction) ? state.everybody() : []
      })
  }

  /// Waits for elements and takes at most `limit`.
  func take(
    _ direction: LinkDirection, upTo limit: Int, until deadline: MonotonicInstant?, during operation: String
  ) async throws(DeviceError) -> Taken {
    guard state.withLock({ $0[direction].reader.begin() }) else {
      throw DeviceError(.busy, during: operation, detail: "another task is reading")
    }
    defer { state.withLock { $0[direction].reader = Party() } }
    while !Task.isCancelled {
      let (step, woken) = state.withLock { state in state.take(direction, upTo: max(1, limit)) }
      wake(woken)
      switch step {
      case .done(let taken): return taken
      case .failed(let code): throw DeviceError(code, during: operation)
      case .wait(let wait):
        switch await wait.outcome(until: deadline, by: clock) {
        case .ready: continue
        case .timedOut: return .timedOut
        case .cancelled: break
        }
      }
    }
    throw DeviceError(.cancelled, during: operation)
  }

  /// Puts in all of `elements`, waiting for room. The allowance up to `deadline` starts anew with each progress.
  func put(
    _ elements: [Element], _ direction: LinkDirection, until deadline: MonotonicInstant?,
    during operation: String
  ) async throws(DeviceError) {
    guard state.withLock({ $0[direction].writer.begin() }) else {
      throw DeviceError(.busy, during: operation, detail: "another task is writing")
    }
    defer { state.withLock { $0[direction].writer = Party() } }
    var progress = ProgressDeadline(deadline, now: clock.now)
    var moved = 0
    while !Task.isCancelled {
      let start = moved
      let (step, woken) = state.withLock { state in
        state.put(direction, elements[start...])
      }
      wake(woken)
      moved += step.moved
      if step.moved > 0 { progress.renew(now: clock.now) }
      if let code = step.failure { throw DeviceError(code, during: operation, bytesMoved: moved) }
      guard let wait = step.wait else { return }
      switch await wait.outcome(until: progress.deadline, by: clock) {
      case .ready: continue
      case .timedOut: throw DeviceError(.timedOut, during: operation, bytesMoved: moved)
      case .cancelled: break
      }
    }
    throw DeviceError(.cancelled, during: operation, bytesMoved: moved)
  }

  /// Drops the elements that wait in the lane and returns how many there were.
  func discard(_ direction: LinkDirection, during operation: String) throws(DeviceError) -> Int {
    let (count, woken) = state.withLock { state -> (Int?, [Wait]) in
      guard !state[direction].isReaderClosed else { return (nil, []) }
      let count = state[direction].queue.count
      state[direction].queue.removeAll()
      return (count, state[direction].writer.takeWaits())
    }
    wake(woken)
    guard let count else { throw DeviceError(.closed, during: operation) }
    return count
  }

  /// Closes the end that writes into `direction`.
  func close(_ direction: LinkDirection) {
    wake(
      state.withLock { state in
        state[direction].isWriterClosed = true
        state[direction.reversed].isReaderClosed = true
        return state.everybody()
      })
  }

  private func wake(_ waits: [Wait]) {
    for wait in waits { wait.end(.ready) }
  }
}

extension MemoryWire {
  /// One task at one end of a lane.
  fileprivate struct Party: Sendable {
    private var isActive = false
    private var wait: Wait?

    /// Takes the place of the only reader or writer; `false` when it is taken.
    mutating func begin() -> Bool {
      defer { isActive = true }
      return !isActive
    }

    /// A new wait for this party.
    mutating func suspend() -> Wait {
      let new = Wait()
      wait = new
      return new
    }

    /// The wait to end, if any.
    mutating func takeWaits() -> [Wait] {
      defer { wait = nil }
      return wait.map { [$0] } ?? []
    }
  }

  fileprivate struct Lane: Sendable {
    var queue: [Element] = []
    var moved = 0
    var cut: (after: Int, breakage: LinkBreakage)?
    var reader = Party()
    var writer = Party()
    var isReaderClosed = false
    var isWriterClosed = false
  }

  fileprivate enum TakeStep: Sendable {
    case done(Taken)
    case failed(DeviceError.Code)
    case wait(Wait)
  }

  fileprivate struct PutStep: Sendable {
    var moved = 0
    var failure: DeviceError.Code?
    var wait: Wait?
  }

  /// The rules of the wire; whoever holds the lock calls them, and ends the returned waits outside it.
  fileprivate struct State: Sendable {
    let capacity: Int
    private var toDevice = Lane()
    private var toHost = Lane()
    private var breakage: LinkBreakage?

    init(capacity: Int) { self.capacity = capacity }

    subscript(direction: LinkDirection) -> Lane {
      get { direction == .toDevice ? toDevice : toHost }
      _modify { if direction == .toDevice { yield &toDevice } else { yield &toHost } }
    }

    /// Everybody who waits, to look again.
    mutating func everybody() -> [Wait] {
      toDevice.reader.takeWaits() + toDevice.writer.takeWaits() + toHost.reader.takeWaits()
        + toHost.writer.takeWaits()
    }

    /// Breaks both lanes when the count of the cut is reached; says whether that happened now.
    mutating func breakIfDue(_ direction: LinkDirection) -> Bool {
      guard breakage == nil, let cut = self[direction].cut, cut.breakage != .goesSilent,
        self[direction].moved >= cut.after
      else { return false }
      breakage = cut.breakage
      return true
    }

    mutating func take(_ direction: LinkDirection, upTo limit: Int) -> (TakeStep, [Wait]) {
      if self[direction].isReaderClosed { return (.failed(.closed), []) }
      if !self[direction].queue.isEmpty {
        let elements = Array(self[direction].queue.prefix(limit))
        self[direction].queue.removeFirst(elements.count)
        return (.done(.elements(elements)), self[direction].writer.takeWaits())
      }
      switch breakage {
      case .fails(let code): return (.failed(code), [])
      case .hangsUp: return (.done(.endOfStream), [])
      case .goesSilent, nil: break
      }
      if self[direction].isWriterClosed { return (.done(.endOfStream), []) }
      return (.wait(self[direction].reader.suspend()), [])
    }

    mutating func put(_ direction: LinkDirection, _ elements: ArraySlice<Element>) -> (PutStep, [Wait]) {
      var step = PutStep()
      if self[direction].isWriterClosed {
        step.failure = .closed
      } else if case .fails(let code) = breakage {
        step.failure = code
      } else if breakage != nil || self[direction].isReaderClosed {
        step.failure = .connectionLost
      }
      guard step.failure == nil else { return (step, []) }

      let beforeCut = self[direction].cut.map { max(0, $0.after - self[direction].moved) } ?? elements.count
      let room = min(beforeCut, capacity - self[direction].queue.count, elements.count)
      let arriving = elements.prefix(room)
      self[direction].queue.append(contentsOf: arriving)
      step.moved = arriving.count
      if room == beforeCut, self[direction].cut?.breakage == .goesSilent { step.moved = elements.count }
      self[direction].moved += step.moved

      var woken = arriving.isEmpty ? [] : self[direction].reader.takeWaits()
      let isBroken = breakIfDue(direction)
      if isBroken { woken += everybody() }
      if step.moved < elements.count {
        if isBroken {
          if case .fails(let code) = breakage { step.failure = code } else { step.failure = .connectionLost }
        } else {
          step.wait = self[direction].writer.suspend()
        }
      }
      return (step, woken)
    }
  }
}
