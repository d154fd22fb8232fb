import POSModel
import POSTransport
import POSWire
import TestSupport
import Testing

@testable import POSSimulation

private typealias Host = USBIPHost
private typealias Reply = USBIPHost.Reply

@Suite("USB/IP devices") struct USBIPMachineTests {
  static let configure: [UInt8] = [0, 9, 1]

  static func printer(_ faults: [USBFault] = []) -> USBIPMachine { USBIPMachine(.printer(), faults: faults) }

  /// Does what the device has to do until nothing is left; returns what it was given.
  static func run(_ machine: inout USBIPMachine, at now: MonotonicInstant = .start) -> (
    got: [UInt8], last: USBIPMachine.Step
  ) {
    var got: [UInt8] = []
    while true {
      let step = machine.nextStep(.toDevice, at: now)
      guard case .deliver(let piece) = step else { return (got, step) }
      got += piece
      machine.accept()
    }
  }

  // MARK: Enumeration

  @Test("descriptors say what the device is, cut to what was asked for")
  func descriptors() throws {
    var machine = Self.printer()
    try machine.receive(Host.ask(1, [0x80, 6, 0, 1, 0, 0, 18], length: 18))
    try machine.receive(Host.ask(2, [0x80, 6, 0, 2, 0, 0, 9], length: 9))
    try machine.receive(Host.ask(3, [0x80, 6, 3, 3, 9, 4, 255], length: 255))
    try machine.receive(Host.ask(4, [0x80, 6, 9, 3, 9, 4, 255], length: 255))
    let replies = Host.replies(machine.takeOutput(), inputs: [1, 2, 3, 4])
    #expect(
      replies == [
        .done(1, moved: 18, [18, 1, 0, 2, 0, 0, 0, 64, 0xB8, 0x04, 0x02, 0x02, 0, 1, 1, 2, 3, 1]),
        .done(2, moved: 9, [9, 2, 32, 0, 1, 1, 0, 0xC0, 1]),
        .done(3, moved: 18, [18, 3] + "PRINTER1".utf8.flatMap { [$0, 0] }),
        .done(4, status: -32),
      ])
  }

  @Test("the printer class: device id, port status, soft reset")
  func printerClass() throws {
    var machine = Self.printer()
    try machine.receive(Host.ask(1, [0xA1, 0], length: 1023))
    try machine.receive(Host.ask(2, [0xA1, 1], length: 1))
    try machine.receive(Host.tell(3, [0x21, 2]))
    let replies = Host.replies(machine.takeOutput(), inputs: [1, 2])
    let id = Array("MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;".utf8)
    #expect(
      replies == [
        .done(1, moved: id.count + 2, [0, UInt8(id.count + 2)] + id), .done(2, moved: 1, [0x18]), .done(3),
      ])
    #expect((machine.model.function as? USBPrinterFunction)?.softResets == 1)
  }

  @Test("every model's configuration has the length and the interfaces that it says")
  func configurations() {
    let models: [SimulatedUSBModel] = [
      .printer(), .scanner(), .scanner(hasOutputEndpoint: false), .keyboardScanner(), .terminal(),
      .serialAdapter(),
    ]
    for model in models {
      let bytes = model.configurationDescriptor
      #expect(Int(bytes[2]) | Int(bytes[3]) << 8 == bytes.count)
      var place = 0
      var interfaces = 0
      var endpoints: [UInt8] = []
      var promised = 0
      while place < bytes.count {
        let length = Int(bytes[place])
        #expect(length >= 2 && place + length <= bytes.count)
        if bytes[place + 1] == 4 {
          interfaces += 1
          promised += Int(bytes[place + 4])
        }
        if bytes[place + 1] == 5 { endpoints.append(bytes[place + 2]) }
        place += length
      }
      #expect(interfaces == Int(bytes[4]))
      #expect(endpoints.count == promised)
      #expect(endpoints.contains(model.function.layout.input | 0x80))
      if let output = model.function.layout.output { #expect(endpoints.contains(output)) }
    }
  }

  // MARK: Data

  @Test("a transfer ends when the device has taken all of it")
  func writing() throws {
    var machine = Self.printer()
    let data = (0..<1300).map { UInt8($0 & 0xFF) }
    try machine.receive(Host.submit(7, in: false, endpoint: 1, length: data.count, data: data))
    #expect(machine.nextStep(.toDevice, at: .start) == .deliver(Array(data[..<512])))
    // Asking again gives nothing: that piece is under way.
    #expect(machine.nextStep(.toDevice, at: .start) == .idle)
    #expect(machine.takeOutput().isEmpty)
    machine.accept()
    #expect(Self.run(&machine).got == Array(data[512...]))
    #expect(Host.replies(machine.takeOutput(), inputs: []) == [.done(7, moved: 1300)])
  }

  @Test("data for the host wait for the host, and the host for data")
  func reading() throws {
    var machine = Self.printer()
    machine.offer([1, 2, 3, 4, 5])
    #expect(machine.nextStep(.toHost, at: .start) == .idle)
    try machine.receive(Host.submit(1, in: true, endpoint: 2, length: 3))
    #expect(machine.nextStep(.toHost, at: .start) == .send)
    machine.send()
    #expect(Host.replies(machine.takeOutput(), inputs: [1]) == [.done(1, moved: 3, [1, 2, 3])])
    #expect(machine.nextStep(.toHost, at: .start) == .idle)
    try machine.receive(Host.submit(2, in: true, endpoint: 2, length: 64))
    #expect(machine.nextStep(.toHost, at: .start) == .send)
    machine.send()
    #expect(Host.replies(machine.takeOutput(), inputs: [2]) == [.done(2, moved: 2, [4, 5])])
  }

  @Test("the host may take back what waits, and is told when it was too late")
  func unlinking() throws {
    var machine = Self.printer()
    try machine.receive(Host.submit(1, in: true, endpoint: 2, length: 64))
    try machine.receive(Host.submit(2, in: false, endpoint: 1, length: 2, data: [8, 9]))
    #expect(machine.nextStep(.toDevice, at: .start) == .deliver([8, 9]))
    try machine.receive(Host.unlink(3, 1) + Host.unlink(4, 2) + Host.unlink(5, 1))
    machine.accept()
    #expect(
      Host.replies(machine.takeOutput(), inputs: []) == [
        .unlinked(3, -104), .unlinked(4, -104), .unlinked(5, 0),
      ])
    #expect(machine.nextStep(.toDevice, at: .start) == .idle)
    #expect(machine.bytesMoved(.toDevice) == 2)
  }

  @Test("an output report comes by request as well")
  func reports() throws {
    var machine = USBIPMachine(.scanner(hasOutputEndpoint: false), faults: [])
    try machine.receive(Host.tell(1, [0x21, 9, 4, 2, 0, 0, 2], [4, 1]))
    #expect(machine.nextStep(.toDevice, at: .start) == .deliver([4, 1]))
    machine.accept()
    #expect(machine.nextStep(.toDevice, at: .start) == .idle)
    #expect(Host.replies(machine.takeOutput(), inputs: []) == [.done(1, moved: 2)])
  }

  // MARK: Faults

  static let resumptions: [[UInt8]] = [[0x02, 1, 0, 0, 1], [0, 9, 1], [0x01, 11]]

  @Test(
    "a halted endpoint refuses everything until the host clears it in one of three ways",
    arguments: resumptions)
  func stall(clearing: [UInt8]) throws {
    var machine = Self.printer([.writing(.stall, after: 3)])
    try machine.receive(Host.submit(1, in: false, endpoint: 1, length: 5, data: [1, 2, 3, 4, 5]))
    try machine.receive(Host.submit(2, in: false, endpoint: 1, length: 1, data: [6]))
    #expect(Self.run(&machine).got == [1, 2, 3])
    try machine.receive(Host.submit(3, in: false, endpoint: 1, length: 1, data: [7]))
    try machine.receive(Host.ask(4, [0x82, 0, 0, 0, 1], length: 2))
    try machine.receive(Host.tell(5, clearing))
    try machine.receive(Host.submit(6, in: false, endpoint: 1, length: 1, data: [8]))
    #expect(Self.run(&machine).got == [8])
    #expect(
      Host.replies(machine.takeOutput(), inputs: [4]) == [
        .done(1, moved: 3, status: -32), .done(2, status: -32), .done(3, status: -32),
        .done(4, moved: 2, [1, 0]),
        .done(5), .done(6, moved: 1),
      ])
  }

  @Test("a device that is not ready takes nothing until its time, or until it is told")
  func notReady() throws {
    var machine = Self.printer([
      .writing(.notReady(.seconds(2)), after: 1), .writing(.notReady(nil), after: 2),
    ])
    try machine.receive(Host.submit(1, in: false, endpoint: 1, length: 3, data: [1, 2, 3]))
    let later = MonotonicInstant.start + .seconds(2)
    var (got, last) = Self.run(&machine)
    #expect(got == [1])
    #expect(last == .notReady(until: later))
    #expect(Self.run(&machine, at: .start + .milliseconds(1_999)).got.isEmpty)
    (got, last) = Self.run(&machine, at: later)
    #expect(got == [2])
    #expect(last == .notReady(until: nil))
    machine.becomeReady()
    #expect(Self.run(&machine, at: later).got == [3])
    #expect(Host.replies(machine.takeOutput(), inputs: []) == [.done(1, moved: 3)])
  }

  @Test("transfers end short, fail, or with the cable")
  func otherFaults() throws {
    var machine = Self.printer([
      .writing(.endsShort(1), after: 1), .writing(.fails(71), after: 3), .writing(.unplug, after: 4),
    ])
    try machine.receive(Host.submit(1, in: false, endpoint: 1, length: 5, data: [1, 2, 3, 4, 5]))
    try machine.receive(Host.submit(2, in: false, endpoint: 1, length: 3, data: [3, 4, 5]))
    try machine.receive(Host.submit(3, in: false, endpoint: 1, length: 2, data: [4, 5]))
    let (got, last) = Self.run(&machine)
    #expect(got == [1, 2, 3, 4])
    #expect(last == .unplug)
    #expect(
      Host.replies(machine.takeOutput(), inputs: []) == [.done(1, moved: 2), .done(2, moved: 1, status: -71)])
  }

  // MARK: Hostile hosts

  @Test(
    "what is no message ends the link",
    arguments: [
      Host.word(3) + [UInt8](repeating: 0, count: 44), Host.submit(1, in: false, endpoint: 16, length: 0),
      Host.submit(1, in: false, endpoint: 1, length: (1 << 20) + 1),
      Host.word(1) + Host.word(1) + Host.word(1) + Host.word(2) + [UInt8](repeating: 0, count: 32),
    ])
  func garbage(bytes: [UInt8]) {
    var machine = Self.printer()
    #expect(throws: WireError.self) { try machine.receive(bytes) }
  }

  @Test("a stream gives the same answers wherever it is split, and damaged ones end in an answer or an error")
  func splitsAndDamage() throws {
    let stream =
      Host.tell(1, Self.configure) + Host.ask(2, [0x80, 6, 0, 1, 0, 0, 18], length: 18)
      + Host.submit(3, in: false, endpoint: 1, length: 6, data: [1, 2, 3, 4, 5, 6]) + Host.unlink(4, 9)
    // A transfer to the device ends when the device is asked, which is between the pieces.
    func answers(_ pieces: [[UInt8]]) throws -> [Reply] {
      var machine = Self.printer()
      for piece in pieces {
        try machine.receive(piece)
        _ = Self.run(&machine)
      }
      return Host.replies(machine.takeOutput(), inputs: [2]).sorted { $0.sequence < $1.sequence }
    }
    let whole = try answers([stream])
    #expect(whole.map(\.sequence) == [1, 2, 3, 4])
    for place in stream.indices {
      #expect(try answers([Array(stream[..<place]), Array(stream[place...])]) == whole)
    }
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<3_000 {
      var damaged = stream
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: damaged.indices, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: damaged[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: damaged.remove(at: place)
        default: damaged.insert(damaged[place], at: place)
        }
      }
      var machine = Self.printer()
      do throws(WireError) {
        try machine.receive(damaged)
        _ = Self.run(&machine)
      } catch {
        #expect([.value, .lengthOverLimit].contains(error.reason))
      }
      #expect(machine.takeOutput().count < 4096)
    }
  }
}

@Suite("USB/IP lists") struct USBIPListingTests {
  @Test("a list has a record for each device and its interfaces")
  func list() throws {
    var listing = USBIPListing([.printer(), .terminal()])
    #expect(try listing.receive([0x01, 0x11, 0x80, 0x05]) == .wait)
    guard case .answer(let bytes) = try listing.receive([0, 0, 0, 0]) else {
      Issue.record("no answer")
      return
    }
    // A header of 12 bytes, records of 312, interfaces of 4: one and two.
    #expect(bytes.count == 12 + 312 + 4 + 312 + 8)
    #expect(Array(bytes.prefix(12)) == [0x01, 0x11, 0x00, 0x05, 0, 0, 0, 0, 0, 0, 0, 2])
    #expect(Array(bytes[268..<272]) == Array("1-1\0".utf8))
    // Bus, address, speed, vendor, product, release, classes, configurations, interfaces.
    #expect(
      Array(bytes[300..<324]) == [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 3, 4, 0xB8, 2, 2, 1, 0, 0, 0, 0, 1, 1, 1])
    #expect(Array(bytes[324..<328]) == [7, 1, 2, 0])
  }

  @Test("a device is attached by its bus id, with the bytes that came behind")
  func attach() throws {
    var listing = USBIPListing([.printer(), .terminal()])
    let id = Array("1-2".utf8) + [UInt8](repeating: 0, count: 29)
    guard
      case .attach(1, let answer, rest: [9, 9]) = try listing.receive(
        [0x01, 0x11, 0x80, 3, 0, 0, 0, 0] + id + [9, 9])
    else {
      Issue.record("not attached")
      return
    }
    #expect(answer.count == 8 + 312)
    var other = USBIPListing([.printer()])
    #expect(
      try other.receive([0x01, 0x11, 0x80, 3, 0, 0, 0, 0] + id) == .answer([0x01, 0x11, 0, 3, 0, 0, 0, 1]))
  }

  @Test(
    "another version or request is refused", arguments: [[1, 0, 0x80, 5], [1, 0x11, 0x80, 4]] as [[UInt8]])
  func refused(bytes: [UInt8]) {
    var listing = USBIPListing([.printer()])
    #expect(throws: WireError.self) { try listing.receive(bytes + [0, 0, 0, 0]) }
  }
}
