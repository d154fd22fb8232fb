import POSModel

/// What one subscriber has not taken yet: bounded, and honest about what did not fit.
///
/// Events that find the queue full are dropped and counted; the count stands where they would have stood. The
/// last event always finds room.
struct ScannerEventQueue {
  /// Events held at most, besides one count of drops and the last event.
  static let limit = 64

  /// What a subscriber gets.
  enum Taken: Equatable {
    case event(ScannerEvent)
    /// Nothing yet.
    case nothing
    /// Nothing any more.
    case end
  }

  private var events: [ScannerEvent] = []
  private var dropped = 0
  private var hasEnded = false

  /// Adds an event, or counts it as dropped.
  mutating func append(_ event: ScannerEvent) {
    guard !hasEnded else { return }
    guard events.count + (dropped > 0 ? 1 : 0) < Self.limit else {
      dropped += 1
      return
    }
    noteDrops()
    events.append(event)
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
