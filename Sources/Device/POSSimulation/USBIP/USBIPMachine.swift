import POSModel
import POSTransport
import POSWire

/// A plugged-in USB device without I/O: the host's messages and the device's data in, messages to the host out.
///
/// Data for the device wait, as a real host's do, until the device takes them: ``nextStep(_:at:)`` says what to do
/// next in a direction, and whoever moves bytes does it.
struct USBIPMachine: Sendable {
  /// What is next in one direction.
  enum Step: Equatable {
    /// Nothing until the host has something or asks for something.
    case idle
    /// The device is not ready before this instant, or until it is told to be.
    case notReady(until: MonotonicInstant?)
    /// These bytes are for the device; then ``accept()``.
    case deliver([UInt8])
    /// The host takes data: ``send(_:)``.
    case send
    /// The device is pulled out.
    case unplug
  }

  /// A transfer that the host waits for.
  private struct Transfer: Sendable {
    var sequence: UInt32
    var length: Int
    var data: [UInt8] = []
    var moved = 0
  }

  private(set) var model: SimulatedUSBModel
  private var faults: [USBFault]
  private var received: [UInt8] = []
  private var output: [UInt8] = []

  /// Transfers to and from the device, by endpoint with the direction bit.
  private var transfers: [UInt8: [Transfer]] = [:]
  private var halted: Set<UInt8> = []
  /// What the device wants to send, one element a transfer.
  private var backlog: [[UInt8]] = []
  /// Output reports that came by request.
  private var reports: [[UInt8]] = []
  /// What ``Step/deliver(_:)`` has given away.
  private var underway: (sequence: UInt32?, count: Int)?
  private var moved: [LinkDirection: Int] = [:]
  private var holds: [LinkDirection: MonotonicInstant?] = [:]

  init(_ model: SimulatedUSBModel, faults: [USBFault]) {
    self.model = model
    self.faults = faults
  }

  /// Bytes of data that have gone this way since it was plugged in.
  func bytesMoved(_ direction: LinkDirection) -> Int { moved[direction] ?? 0 }

  /// Takes out what is to be sent to the host.
  mutating func takeOutput() -> [UInt8] {
    defer { output = [] }
    return output
  }

  /// Adds something that goes wrong.
  mutating func add(_ fault: USBFault) { faults.append(fault) }

  /// Switches DSR of a serial adapter; other devices have none.
  mutating func setDataSetReady(_ isOn: Bool) {
    guard var adapter = model.function as? USBFTDIFunction else { return }
    adapter.isDataSetReady = isOn
    model.function = adapter
  }

  /// Ends every wait for the device.
  mutating func becomeReady() { holds = [:] }

  // MARK: - From the host

  /// Takes bytes from the host.
  ///
  /// - Throws: what is no message of USB/IP; the link is of no more use then.
  mutating func receive(_ bytes: [UInt8]) throws(WireError) {
    received += bytes
    while let (message, count) = try USBIPMessage.first(of: received) {
      received.removeFirst(count)
      switch message {
      case .submit(let sequence, let isInput, let endpoint, let length, let setup, let data):
        if endpoint == 0 {
          control(sequence, setup, data, limit: length)
        } else {
          submit(
            Transfer(sequence: sequence, length: length, data: data), to: isInput ? endpoint | 0x80 : endpoint
          )
        }
      case .unlink(let sequence, let victim): unlink(victim, answering: sequence)
      }
    }
  }

  private mutating func control(_ sequence: UInt32, _ setup: USBSetup, _ data: [UInt8], limit: Int) {
    let (answer, effect) = model.control(setup, data, halted: halted)
    switch effect {
    case .none: break
    case .allResumed: halted = []
    case .resumed(let endpoint): halted.remove(endpoint)
    case .halted(let endpoint): halt(endpoint)
    }
    switch answer {
    case .stall: end(sequence, -USBIPError.halted, moved: 0)
    case .report(let report):
      reports.append(report)
      end(sequence, 0, moved: data.count)
    case .done(let bytes):
      let isInput = setup.requestType & 0x80 != 0
      let bytes = Array(bytes.prefix(isInput ? limit : 0))
      end(sequence, 0, moved: isInput ? bytes.count : data.count, data: bytes)
    }
  }

  private mutating func submit(_ transfer: Transfer, to endpoint: UInt8) {
    if halted.contains(endpoint) {
      end(transfer.sequence, -USBIPError.halted, moved: 0)
    } else {
      transfers[endpoint, default: []].append(transfer)
    }
  }

  private mutating func unlink(_ victim: UInt32, answering sequence: UInt32) {
    var hasForgotten = false
    for (endpoint, waiting) in transfers {
      guard let place = waiting.firstIndex(where: { $0.sequence == victim }) else { continue }
      transfers[endpoint]?.remove(at: place)
      hasForgotten = true
    }
    output += USBIPMessage.unlinked(sequence, hasForgotten: hasForgotten)
  }

  // MARK: - To and from the device

  /// What is next in `direction`, faults that are due included.
  mutating func nextStep(_ direction: LinkDirection, at now: MonotonicInstant) -> Step {
    while true {
      if let hold = holds[direction] {
        guard let end = hold, end <= now else { return .notReady(until: hold) }
        holds[direction] = nil
      }
      if direction == .toDevice, underway == nil, let report = reports.first {
        underway = (nil, report.count)
        return .deliver(report)
      }
      guard let endpoint = endpoint(direction), let transfer = transfers[endpoint]?.first,
        direction == .toDevice || !backlog.isEmpty
      else { return .idle }
      if let fault = takeDueFault(direction) {
        if suffer(fault, endpoint, at: now) == .unplug { return .unplug }
        continue
      }
      guard direction == .toDevice else { return .send }
      guard underway == nil else { return .idle }
      let untilFault =
        faults.filter { $0.direction == direction }.map { $0.after - bytesMoved(direction) }.min() ?? .max
      let room = min(model.function.layout.packetSize, transfer.length - transfer.moved, untilFault)
      let piece = Array(transfer.data[transfer.moved..<transfer.moved + room])
      guard !piece.isEmpty else {
        finish(endpoint, 0)
        continue
      }
      underway = (transfer.sequence, piece.count)
      return .deliver(piece)
    }
  }

  /// The device has taken what ``Step/deliver(_:)`` gave it.
  mutating func accept() {
    guard let (sequence, count) = underway else { return }
    underway = nil
    guard let sequence, let endpoint = endpoint(.toDevice) else {
      if !reports.isEmpty { reports.removeFirst() }
      return
    }
    moved[.toDevice, default: 0] += count
    // The host may have taken the transfer back meanwhile; the device has the bytes nevertheless.
    guard transfers[endpoint]?.first?.sequence == sequence else { return }
    transfers[endpoint]?[0].moved += count
    if let transfer = transfers[endpoint]?.first, transfer.moved == transfer.length { finish(endpoint, 0) }
  }

  /// Bytes that the device has for the host and the host has not asked for yet.
  var backlogSize: Int { backlog.reduce(0) { $0 + $1.count } }

  /// Takes data from the device.
  mutating func offer(_ data: [UInt8]) { backlog += model.function.packets(for: data) }

  /// Sends the host what it waits for, after ``Step/send``.
  mutating func send() {
    guard let endpoint = endpoint(.toHost), let transfer = transfers[endpoint]?.first, !backlog.isEmpty else {
      return
    }
    send(upTo: transfer.length, endpoint)
  }

  private mutating func send(upTo limit: Int, _ endpoint: UInt8) {
    guard let transfer = transfers[endpoint]?.first, let packet = backlog.first else { return }
    let data = Array(packet.prefix(min(limit, transfer.length)))
    if data.count == packet.count { backlog.removeFirst() } else { backlog[0].removeFirst(data.count) }
    moved[.toHost, default: 0] += data.count
    transfers[endpoint]?.removeFirst()
    end(transfer.sequence, 0, moved: data.count, data: data)
  }

  private func endpoint(_ direction: LinkDirection) -> UInt8? {
    direction == .toHost ? model.function.layout.input | 0x80 : model.function.layout.output
  }

  // MARK: - Faults and ends

  private mutating func takeDueFault(_ direction: LinkDirection) -> USBFault? {
    let place = faults.firstIndex { $0.direction == direction && $0.after <= bytesMoved(direction) }
    return place.map { faults.remove(at: $0) }
  }

  private mutating func suffer(_ fault: USBFault, _ endpoint: UInt8, at now: MonotonicInstant) -> Step {
    switch fault.effect {
    case .stall: halt(endpoint)
    case .notReady(let time): holds[fault.direction] = .some(time.map { now + $0 })
    case .fails(let error): finish(endpoint, -max(1, error))
    case .unplug: return .unplug
    case .endsShort(let count):
      if fault.direction == .toHost {
        send(upTo: max(0, count), endpoint)
      } else if let transfer = transfers[endpoint]?.first {
        // The device takes these few, then the transfer is over.
        transfers[endpoint]?[0].length = min(transfer.length, transfer.moved + max(0, count))
        if transfers[endpoint]?[0].length == transfer.moved { finish(endpoint, 0) }
      }
    }
    return .idle
  }

  private mutating func halt(_ endpoint: UInt8) {
    halted.insert(endpoint)
    while transfers[endpoint]?.isEmpty == false { finish(endpoint, -USBIPError.halted) }
  }

  /// Ends the first transfer of an endpoint.
  private mutating func finish(_ endpoint: UInt8, _ status: Int32) {
    guard transfers[endpoint]?.isEmpty == false, let transfer = transfers[endpoint]?.removeFirst() else {
      return
    }
    end(transfer.sequence, status, moved: transfer.moved)
  }

  private mutating func end(_ sequence: UInt32, _ status: Int32, moved: Int, data: [UInt8] = []) {
    output += USBIPMessage.submitted(sequence, status: status, moved: moved, data: data)
  }
}
