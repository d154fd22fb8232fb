import POSModel

/// What a simulated terminal of one order and one answer says: its words, in bytes of its own.
protocol SimulatedVoice: Sendable {
  /// Whether bytes without frames are a whole message.
  func isWhole(_ bytes: [UInt8]) -> Bool

  /// What a message of the till leads to.
  func hear(
    _ text: [UInt8], _ memory: SimulatedMemory, _ behaviour: SimulatedTerminalBehaviour
  ) -> [SimulatedMove]
}

extension SimulatedVoice {
  func isWhole(_ bytes: [UInt8]) -> Bool { false }
}

/// What a terminal knows of its past.
struct SimulatedMemory: Sendable {
  /// The last answer to an order.
  var last: [UInt8]?
  var nextReceipt: Int
  var nextTrace = 100
  /// What was charged since the day was closed, less what was given back.
  var total = 0
}

/// One thing that a terminal does, in order.
enum SimulatedMove: Sendable {
  case say([UInt8])
  /// Bytes that nobody acknowledges.
  case transmit([UInt8])
  case wait(Duration)
  /// Money moves; the answer is what a later question gets.
  case book(SimulatedLedgerEntry, answer: [UInt8])
  /// The answer to an order that came to nothing.
  case remember([UInt8])
  case closeDay
}

/// What carries the messages of ``SimulatedExchangeMachine``.
enum SimulatedFraming: Sendable, Equatable {
  /// ENQ, STX text ETX LRC, EOT; ACK and NAK.
  case bidding
  /// STX text ETX LRC; ACK and NAK.
  case acknowledged
  /// STX text ETX LRC; ACK and NAK in three bytes; all checks with this added.
  case checkedControl(seed: UInt8)
  /// Nothing.
  case bare
}

/// A terminal of one order and one answer, without its wire. What it has begun it ends, with or without a till.
struct SimulatedExchangeMachine: SimulatedTerminalMachine {
  private enum Awaited: Sendable { case nothing, line, acknowledgement, pause }

  static let answerTime = Duration.seconds(3)
  static let interByteTime = Duration.seconds(1)
  static let idleTime = Duration.milliseconds(100)
  static let bufferLimit = 4_096

  private(set) var behaviour: SimulatedTerminalBehaviour
  private let framing: SimulatedFraming
  private let voice: any SimulatedVoice
  private var memory: SimulatedMemory

  private var isLinked = false
  private var buffer: [UInt8] = []
  private var bufferDeadline: MonotonicInstant?
  private var outbox: [[UInt8]] = []
  private var awaited = Awaited.nothing
  private var tries = 0
  private var linkDeadline: MonotonicInstant?
  private var tillHasLine = false
  private var lastHeard: [UInt8]?
  /// An order whose sender still holds the line.
  private var accepted: [UInt8]?
  private var acceptedDeadline: MonotonicInstant?
  private var sent = 0
  private var received = 0

  private var moves: [SimulatedMove] = []
  private var workDeadline: MonotonicInstant?
  private var isMute = false
  /// The next frame is the last thing this link sees.
  private var hangsUpAfterFrame = false
  private var now = MonotonicInstant.start
  private var actions: [SimulatedTerminalAction] = []

  init(_ behaviour: SimulatedTerminalBehaviour, _ framing: SimulatedFraming, _ voice: any SimulatedVoice) {
    self.behaviour = behaviour
    self.framing = framing
    self.voice = voice
    memory = SimulatedMemory(nextReceipt: behaviour.lastReceiptNumber + 1)
  }

  var deadline: MonotonicInstant? {
    [bufferDeadline, linkDeadline, acceptedDeadline, workDeadline].compactMap(\.self).min()
  }

  mutating func set(_ behaviour: SimulatedTerminalBehaviour) { self.behaviour = behaviour }

  mutating func linkUp(at now: MonotonicInstant) -> [SimulatedTerminalAction] {
    self.now = max(self.now, now)
    if isLinked { linkBroke() }
    isLinked = true
    passTime()
    return takeActions()
  }

  mutating func linkDown(at now: MonotonicInstant) -> [SimulatedTerminalAction] {
    self.now = max(self.now, now)
    if isLinked { linkBroke() }
    return takeActions()
  }

  mutating func receive(_ bytes: [UInt8], at now: MonotonicInstant) -> [SimulatedTerminalAction] {
    self.now = max(self.now, now)
    var arriving = bytes[...]
    let cut = behaviour.faults.cutAfterReceiving
    if let cut { arriving = arriving.prefix(max(0, cut - received)) }
    received += arriving.count
    guard isLinked else { return takeActions() }
    buffer += arriving
    if buffer.count > Self.bufferLimit { buffer = [] }
    readBuffer()
    if let cut, received >= cut {
      behaviour.faults.cutAfterReceiving = nil
      hangUp()
    }
    return takeActions()
  }

  mutating func advance(to now: MonotonicInstant) -> [SimulatedTerminalAction] {
    self.now = max(self.now, now)
    passTime()
    return takeActions()
  }

  private mutating func takeActions() -> [SimulatedTerminalAction] {
    defer { actions = [] }
    return actions
  }

  private mutating func passTime() {
    if let due = bufferDeadline, due <= now {
      bufferDeadline = nil
      let waiting = buffer
      buffer = []
      if framing == .bare { take(waiting) } else { refuse() }
    }
    if let due = linkDeadline, due <= now {
      linkDeadline = nil
      switch awaited {
      case .nothing: break
      case .pause, .line, .acknowledgement: sendAgain()
      }
    }
    if let due = acceptedDeadline, due <= now { startAccepted() }
    if let due = workDeadline, due <= now {
      workDeadline = nil
      proceed()
    }
  }

  // MARK: - The link

  private mutating func transmit(_ bytes: [UInt8]) {
    guard isLinked else { return }
    var leaving = bytes[...]
    let cut = behaviour.faults.cutAfterSending
    if let cut { leaving = leaving.prefix(max(0, cut - sent)) }
    sent += leaving.count
    if !leaving.isEmpty { actions.append(.send(Array(leaving))) }
    if let cut, sent >= cut {
      behaviour.faults.cutAfterSending = nil
      hangUp()
    }
  }

  private mutating func hangUp() {
    guard isLinked else { return }
    actions.append(.hangUp)
    linkBroke()
  }

  private mutating func linkBroke() {
    // A terminal that is hung up on in the middle of what looks like an order takes it.
    let rest = buffer
    isLinked = false
    buffer = []
    bufferDeadline = nil
    outbox = []
    awaited = .nothing
    linkDeadline = nil
    tillHasLine = false
    lastHeard = nil
    if framing == .bare, voice.isWhole(rest) { take(rest) }
  }

  private func check(_ text: [UInt8]) -> UInt8 {
    var sum: UInt8 = 0
    for byte in text { sum ^= byte }
    return switch framing {
    case .checkedControl(let seed): sum ^ seed
    default: sum ^ 0x03
    }
  }

  private func control(_ byte: UInt8) -> [UInt8] {
    if case .checkedControl = framing { [byte, 0x03, check([byte])] } else { [byte] }
  }

  private mutating func acknowledge() {
    if behaviour.faults.withheldAcknowledgements > 0 {
      behaviour.faults.withheldAcknowledgements -= 1
    } else {
      transmit(control(0x06))
    }
  }

  private mutating func refuse() { transmit(control(0x15)) }

  private mutating func readBuffer() {
    guard framing != .bare else {
      bufferDeadline = voice.isWhole(buffer) ? now + Self.idleTime : nil
      return
    }
    let controlLength = control(0x06).count
    var isIncomplete = false
    while isLinked, !isIncomplete, let first = buffer.first {
      switch first {
      case 0x02:
        guard let end = buffer.firstIndex(of: 0x03), end + 1 < buffer.count else {
          isIncomplete = true
          break
        }
        let text = Array(buffer[1..<end])
        let isIntact = buffer[end + 1] == check(text)
        buffer.removeFirst(end + 2)
        if isIntact { heard(text) } else { refuse() }
      case 0x06, 0x15:
        guard buffer.count >= controlLength else {
          isIncomplete = true
          break
        }
        let isIntact = Array(buffer.prefix(controlLength)) == control(first)
        buffer.removeFirst(isIntact ? controlLength : 1)
        if isIntact { first == 0x06 ? acknowledged() : refused() }
      case 0x05:
        buffer.removeFirst()
        if framing == .bidding { enquired() }
      case 0x04:
        buffer.removeFirst()
        tillHasLine = false
        startAccepted()
      default:
        buffer.removeFirst()
      }
    }
    bufferDeadline = buffer.isEmpty ? nil : now + Self.interByteTime
  }

  private mutating func enquired() {
    guard behaviour.decision != .busy, moves.isEmpty, workDeadline == nil, accepted == nil, outbox.isEmpty
    else {
      return refuse()
    }
    tillHasLine = true
    acknowledge()
  }

  private mutating func heard(_ text: [UInt8]) {
    let isBusy = !moves.isEmpty || workDeadline != nil
    if framing == .bidding {
      guard tillHasLine else { return refuse() }
      acknowledge()
      accepted = text
      acceptedDeadline = now + .seconds(2)
      return
    }
    // Nobody is listened to while a customer is served.
    if isBusy {
      if text == lastHeard { acknowledge() }
      return
    }
    if behaviour.decision == .busy { return refuse() }
    lastHeard = text
    acknowledge()
    take(text)
  }

  private mutating func startAccepted() {
    acceptedDeadline = nil
    tillHasLine = false
    guard let text = accepted else { return }
    accepted = nil
    take(text)
  }

  private mutating func say(_ text: [UInt8]) {
    guard isLinked, !isMute else { return }
    guard framing != .bare else {
      transmit(text)
      if hangsUpAfterFrame {
        hangsUpAfterFrame = false
        hangUp()
      }
      return
    }
    if behaviour.faults.noise > 0 {
      transmit([UInt8](repeating: 0x55, count: behaviour.faults.noise))
      behaviour.faults.noise = 0
    }
    outbox.append(text)
    if awaited == .nothing { begin() }
  }

  private mutating func begin() {
    guard !outbox.isEmpty else { return }
    tries = 1
    if framing == .bidding { bid() } else { sendFrame() }
  }

  private mutating func bid() {
    awaited = .line
    linkDeadline = now + Self.answerTime
    transmit([0x05])
  }

  private mutating func sendFrame() {
    guard let text = outbox.first else { return }
    awaited = .acknowledgement
    linkDeadline = now + Self.answerTime
    var frame = [0x02] + text + [0x03, check(text)]
    if behaviour.faults.damagedFrames > 0 {
      behaviour.faults.damagedFrames -= 1
      frame[frame.count - 1] ^= 0x40
    }
    transmit(frame)
    if hangsUpAfterFrame, isLinked {
      hangsUpAfterFrame = false
      hangUp()
    }
  }

  private mutating func acknowledged() {
    switch awaited {
    case .nothing, .pause: break
    case .line:
      tries = 1
      sendFrame()
    case .acknowledgement: finishSending()
    }
  }

  private mutating func finishSending() {
    if !outbox.isEmpty { outbox.removeFirst() }
    awaited = .nothing
    linkDeadline = nil
    if framing == .bidding { transmit([0x04]) }
    begin()
  }

  private mutating func refused() {
    switch awaited {
    case .nothing, .pause: break
    case .line:
      awaited = .pause
      linkDeadline = now + .seconds(1)
    case .acknowledgement: sendAgain()
    }
  }

  private mutating func sendAgain() {
    guard tries < 3 else { return finishSending() }
    tries += 1
    if awaited == .acknowledgement { sendFrame() } else { bid() }
  }

  // MARK: - The work

  private mutating func take(_ text: [UInt8]) {
    guard moves.isEmpty, workDeadline == nil else { return }
    moves = voice.hear(text, memory, behaviour)
    isMute = false
    if behaviour.faults.fallsSilentAfterAcceptance, moves.contains(where: \.isBooking) {
      behaviour.faults.fallsSilentAfterAcceptance = false
      isMute = true
    }
    proceed()
  }

  private mutating func proceed() {
    while !moves.isEmpty {
      switch moves.removeFirst() {
      case .wait(let time):
        workDeadline = now + time
        return
      case .say(let text):
        say(text)
      case .transmit(let bytes):
        if !isMute { transmit(bytes) }
      case .remember(let answer):
        memory.last = answer
      case .closeDay:
        memory.total = 0
      case .book(let entry, let answer):
        memory.last = answer
        memory.total += entry.kind == .charge ? entry.amount : -entry.amount
        memory.nextReceipt = memory.nextReceipt % 9_999 + 1
        memory.nextTrace = memory.nextTrace % 999_999 + 1
        actions.append(.book(entry))
        switch behaviour.faults.cutAfterCharge {
        case .beforeStatusInformation:
          behaviour.faults.cutAfterCharge = nil
          hangUp()
        case .afterStatusInformation:
          behaviour.faults.cutAfterCharge = nil
          hangsUpAfterFrame = true
        case nil: break
        }
      }
    }
    isMute = false
  }
}

extension SimulatedMove {
  /// Whether money moves.
  var isBooking: Bool { if case .book = self { true } else { false } }
}

extension SimulatedTerminalBehaviour {
  /// What comes before any answer to an order.
  var delays: [SimulatedMove] {
    [customerTime, hostTime].filter { $0 > .zero }.map(SimulatedMove.wait)
  }
}
