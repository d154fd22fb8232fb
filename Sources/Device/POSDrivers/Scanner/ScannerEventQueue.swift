import POSModel

/// What one subscriber has not taken yet: bounded, and honest about what did not fit.
///
/// Events that find the queue full are dropped and counted; the count stands where they would have stood. The
/// last event always finds room.
struct ScannerEventQueue {
  /// Events held at most, besides one count of drops and the last event.
  static let limit = 64
  /// The same where every report is an event: a code that is typed is thousands of them.
  static let rawLimit = 4096

  /// What a subscriber gets.
  enum Taken: Equatable {
    case event(ScannerEvent)
    /// Nothing yet.
    case nothing
    /// Nothing any more.
    case end
  }

  private let limit: Int
  private var events: [ScannerEvent] = []
  private var dropped = 0
  private var hasEnded = false

  init(limit: Int = Self.limit) { self.limit = limit }

  /// Adds an event, or counts it as dropped; `false` for that.
  @discardableResult
  mutating func append(_ event: ScannerEvent) -> Bool {
    guard !hasEnded else { return true }
    guard events.count + (dropped > 0 ? 1 : 0) < limit else {
      dropped += 1
      return false
    }
    noteDrops()
    events.append(event)
    return true
  }

  /// Ends the queue; what it holds is still taken.
  mutating func end(with last: ScannerEvent?) {
    guard !hasEnded else { return }
    noteDrops()
    if let last { events.append(last) }
    hasEnded = true
  }

  /// Takes the oldest event.
  mutating func take() -> Taken {
    if events.isEmpty { noteDrops() }
    guard !events.isEmpty else { return hasEnded ? .end : .nothing }
    return .event(events.removeFirst())
  }

  private mutating func noteDrops() {
    guard dropped > 0 else { return }
    events.append(.lagged(dropped: dropped))
    dropped = 0
  }
}
