import POSTransport
import Testing

@Suite("Devices that were announced to go")
struct DeparturesTests {
  static let device = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2"
  static let interface = device + "/1-2:1.0"
  static let node = interface + "/usbmisc/lp0"
  static let all = [device, interface, node]

  /// What is hidden of the device when it has this number on the bus.
  static func hidden(_ departures: Departures, number: Int?) -> [String] {
    all.filter { departures.hide($0, among: number.map { [device: $0] } ?? [:]) }
  }

  /// It goes as the kernel says so: from the inside out.
  static func leave(number: Int?) -> [Departures.Announcement] {
    [
      .init(isRemoval: true, path: node), .init(isRemoval: true, path: interface),
      .init(isRemoval: true, path: device, number: number),
    ]
  }

  static func come(number: Int?) -> [Departures.Announcement] {
    [
      .init(isRemoval: false, path: device, number: number), .init(isRemoval: false, path: interface),
      .init(isRemoval: false, path: node),
    ]
  }

  @Test("what goes is hidden as long as it is there, and not when it is there again")
  func goesAndComes() {
    var departures = Departures()
    departures.settle(hidden: [], numbers: [Self.device: 5])
    departures.note(Self.leave(number: 5), isComplete: true)
    #expect(Self.hidden(departures, number: 5) == Self.all)
    departures.settle(hidden: Set(Self.all), numbers: [Self.device: 5])
    #expect(Self.hidden(departures, number: 5) == Self.all)
    // Gone by now.
    departures.settle(hidden: [], numbers: [:])
    #expect(Self.hidden(departures, number: 5).isEmpty)
    departures.note(Self.leave(number: 5) + Self.come(number: 6), isComplete: true)
    #expect(Self.hidden(departures, number: 6).isEmpty)
  }

  @Test("when announcements were lost nothing is hidden, whatever the others say")
  func overrun() {
    var departures = Departures()
    departures.settle(hidden: [], numbers: [:])
    departures.note(Self.leave(number: nil), isComplete: true)
    #expect(Self.hidden(departures, number: nil) == Self.all)
    // That it came back did not fit.
    departures.note(Self.leave(number: nil), isComplete: false)
    #expect(Self.hidden(departures, number: nil).isEmpty)
  }

  @Test(
    "what is new in the same port is never hidden, though nobody has announced it", arguments: [0, 1, 2, 3])
  func replaced(heard: Int) {
    var departures = Departures()
    departures.settle(hidden: [], numbers: [Self.device: 5])
    departures.note(Array(Self.leave(number: 5).prefix(heard)), isComplete: true)
    #expect(Self.hidden(departures, number: 6).isEmpty)
    #expect(Self.hidden(departures, number: 5).count == heard)
  }

  @Test("parts that go are those of the device that goes, also when the next one was listed before")
  func listedInBetween() {
    var departures = Departures()
    departures.settle(hidden: [], numbers: [Self.device: 6])
    departures.note(Self.leave(number: 5), isComplete: true)
    #expect(Self.hidden(departures, number: 6).isEmpty)
  }

  @Test("a device without a number is hidden until it is announced again")
  func unknownNumbers() {
    var departures = Departures()
    departures.note(Self.leave(number: nil), isComplete: true)
    #expect(Self.hidden(departures, number: 6) == Self.all)
    departures.note(Self.come(number: 6), isComplete: true)
    #expect(Self.hidden(departures, number: 6).isEmpty)
  }
}
