import POSModel
import Testing

@testable import POSDrivers

@Suite("Scanner event queue")
struct ScannerEventQueueTests {
  private static func event(_ number: Int) -> ScannerEvent {
    .undecodable(DeviceError(.protocolViolation, during: "event \(number)"))
  }

  private static func drain(_ queue: inout ScannerEventQueue) -> [ScannerEvent] {
    var events: [ScannerEvent] = []
    while case .event(let event) = queue.take() { events.append(event) }
    return events
  }

  @Test("64 events are held, what exceeds them is counted where it would have stood")
  func overflow() {
    var queue = ScannerEventQueue()
    for number in 0..<70 { queue.append(Self.event(number)) }
    #expect(Self.drain(&queue) == (0..<64).map(Self.event) + [.lagged(dropped: 6)])
    queue.append(Self.event(70))
    #expect(Self.drain(&queue) == [Self.event(70)])
    #expect(queue.take() == .nothing)
  }

  @Test("with room for the count and not for the event, both wait")
  func overflowAgain() {
    var queue = ScannerEventQueue()
    for number in 0..<65 { queue.append(Self.event(number)) }
    #expect(queue.take() == .event(Self.event(0)))
    queue.append(Self.event(65))
    #expect(queue.take() == .event(Self.event(1)))
    queue.append(Self.event(66))
    let rest = Self.drain(&queue)
    #expect(rest == (2..<64).map(Self.event) + [.lagged(dropped: 2), Self.event(66)])
  }

  @Test("the last event finds room in a full queue, and nothing follows it")
  func end() {
    var queue = ScannerEventQueue()
    for number in 0..<66 { queue.append(Self.event(number)) }
    let error = DeviceError(.gone, during: "reading")
    queue.end(with: .detached(error))
    queue.append(Self.event(66))
    queue.end(with: nil)
    #expect(Self.drain(&queue) == (0..<64).map(Self.event) + [.lagged(dropped: 2), .detached(error)])
    #expect(queue.take() == .end)
  }
}
