import POSModel

/// A ZVT terminal without its wire: what it sends, what it books, and when (specs/terminals.md §2).
///
/// It outlives its links. Bookings come before the bytes that tell of them.
struct SimulatedZVTMachine: SimulatedTerminalMachine {
  typealias Wire = SimulatedZVTWire

  /// One thing of a running process, in order.
  private enum Move: Sendable {
    /// Say it and wait for the answer.
    case say([UInt8], Weight)
    /// Let time pass; a stop is possible while the customer is waited for, not while the host is asked.
    case wait(Duration, stoppable: Bool)
    case charge
    case store
  }

  /// What hangs on the answer to a message.
  private enum Weight: Sendable {
    /// The process ends or goes on without it.
    case status
    /// The charge.
    case charge
    case nothing
  }

  private struct Transaction: Sendable {
    var amount: Int
    var currency: Int
    var receiptNumber: Int
    var trace: Int
    /// Seconds of the terminal's clock, which begins on 1 January.
    var time: Int
    var kind = SimulatedLedgerEntry.Kind.charge
    /// The trace of the transaction that this one is about.
    var original: Int?
    /// What of the amount is a tip.
    var tip = 0
  }

  private struct Process: Sendable {
    var moves: [Move]
    var transaction: Transaction?
    var isCharged = false
    var awaited: Weight?
    var answerDeadline: MonotonicInstant?
    var workDeadline: MonotonicInstant?
    var isStoppable = false
    /// Nobody listens any more.
    var isAlone = false
  }

  static let answerTime = Duration.seconds(5)
  static let acknowledgeTime = Duration.seconds(5)
  static let interByteTime = Duration.milliseconds(200)
  static let bufferLimit = 4_096

  private(set) var behaviour: SimulatedTerminalBehaviour
  private var isLinked = false
  private var buffer: [UInt8] = []
  private var bufferDeadline: MonotonicInstant?
  private var unacknowledged: (frame: [UInt8], sendings: Int, deadline: MonotonicInstant)?
  private var waitingFrames: [[UInt8]] = []
  private var lastMessage: [UInt8]?
  private var sent = 0
  private var received = 0

  private var registration: (configuration: UInt8, currency: Int, knowsTLV: Bool)?
  private var last: Transaction
  /// Since the last end of day.
  private var stored: [Transaction] = []
  private var nextReceipt: Int
  private var nextTrace: Int
  /// The number of the last message of either side, and that of the till's last; `nil` where they bear none.
  private var numbers: (last: Int, till: Int)?
  private var process: Process?
  /// A payment that goes on without its till while another link is served.
  private var lonelyPayment: Process?
  private var now = MonotonicInstant.start
  private var actions: [SimulatedTerminalAction] = []

  init(_ behaviour: SimulatedTerminalBehaviour) {
    self.behaviour = behaviour
    last = Transaction(
      amount: 1, currency: 978, receiptNumber: behaviour.lastReceiptNumber, trace: 99, time: 0)
    nextReceipt = behaviour.lastReceiptNumber + 1
    nextTrace = 100
  }

  /// When ``advance(to:)`` has something to do.
  var deadline: MonotonicInstant? {
    [
      bufferDeadline, unacknowledged?.deadline, process?.answerDeadline, process?.workDeadline,
      lonelyPayment?.workDeadline,
    ].compactMap(\.self).min()
  }

  /// Changes what happens from now on.
  mutating func set(_ behaviour: SimulatedTerminalBehaviour) { self.behaviour = behaviour }

  /// A till has connected.
  mutating func linkUp(at now: MonotonicInstant) -> [SimulatedTerminalAction] {
    self.now = max(self.now, now)
    if isLinked { linkBroke() }
    isLinked = true
    passTime()
    if behaviour.servesWhileBusy, lonelyPayment == nil, process?.workDeadline != nil {
      lonelyPayment = process
      process = nil
    }
    return takeActions()
  }

  /// The till has gone.
  mutating func linkDown(at now: MonotonicInstant) -> [SimulatedTerminalAction] {
    self.now = max(self.now, now)
    if isLinked { linkBroke() }
    return takeActions()
  }

  mutating func receive(_ bytes: [UInt8], at now: MonotonicInstant) -> [SimulatedTerminalAction] {
    self.now = max(self.now, now)
    var arriving = bytes[...]
    if let cut = behaviour.faults.cutAfterReceiving, received + arriving.count >= cut {
      arriving = arriving.prefix(max(0, cut - received))
    }
    received += arriving.count
    guard isLinked else { return takeActions() }
    buffer += arriving
    if buffer.count > Self.bufferLimit { buffer = [] }
    readBuffer()
    bufferDeadline = buffer.isEmpty || behaviour.speaks == .zvtTCP ? nil : self.now + Self.interByteTime
    if let cut = behaviour.faults.cutAfterReceiving, received >= cut {
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
      buffer = []
      transmit([0x15])
    }
    if let pending = unacknowledged, pending.deadline <= now { resend() }
    if let due = process?.workDeadline, due <= now {
      process?.workDeadline = nil
      proceed()
    }
    if let due = lonelyPayment?.workDeadline, due <= now {
      lonelyPayment?.workDeadline = nil
      swap(&process, &lonelyPayment)
      proceed()
      swap(&process, &lonelyPayment)
    }
    if let due = process?.answerDeadline, due <= now { unanswered() }
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
    isLinked = false
    buffer = []
    bufferDeadline = nil
    unacknowledged = nil
    waitingFrames = []
    lastMessage = nil
    registration = nil
    numbers = nil
    guard process != nil else { return }
    process?.isAlone = true
    if process?.awaited != nil { unanswered() }
  }

  /// `message` with its number, where messages bear one: an answer's is that of what it answers.
  private mutating func numbered(_ message: [UInt8]) -> [UInt8] {
    guard var numbers else { return message }
    let isAnswer = message[0] == 0x80 || message[0] == 0x84
    if !isAnswer { numbers.last = numbers.last % 999_999 + 1 }
    self.numbers = numbers
    let number = isAnswer ? numbers.till : numbers.last
    return Wire.adding([0x1F, 0x73, 0x03] + Wire.decimal(number, bytes: 3), to: message)
  }

  private mutating func say(_ plain: [UInt8]) {
    let message = numbered(plain)
    guard behaviour.speaks == .zvtSerial else {
      transmit(message)
      return
    }
    if behaviour.faults.noise > 0 {
      transmit([UInt8](repeating: 0x55, count: behaviour.faults.noise))
      behaviour.faults.noise = 0
    }
    let isDamaged = behaviour.faults.damagedFrames > 0
    if isDamaged { behaviour.faults.damagedFrames -= 1 }
    let frame = Wire.frame(message)
    guard unacknowledged == nil else {
      waitingFrames.append(frame)
      return
    }
    unacknowledged = (frame, 1, now + Self.acknowledgeTime)
    transmit(isDamaged ? Wire.frame(message, damaged: true) : frame)
  }

  private mutating func resend() {
    guard let pending = unacknowledged else { return }
    guard pending.sendings < 3 else {
      unacknowledged = nil
      waitingFrames = []
      if process?.awaited != nil { unanswered() }
      return
    }
    unacknowledged = (pending.frame, pending.sendings + 1, now + Self.acknowledgeTime)
    transmit(pending.frame)
  }

  private mutating func acknowledged() {
    guard unacknowledged != nil else { return }
    unacknowledged = nil
    lastMessage = nil
    if !waitingFrames.isEmpty {
      let frame = waitingFrames.removeFirst()
      unacknowledged = (frame, 1, now + Self.acknowledgeTime)
      transmit(frame)
    }
  }

  private mutating func readBuffer() {
    if behaviour.speaks == .zvtTCP {
      while isLinked, let message = Wire.firstMessage(of: buffer) {
        buffer.removeFirst(message.count)
        take(message)
      }
      return
    }
    while isLinked, let (item, count) = Wire.firstSerialItem(of: buffer) {
      buffer.removeFirst(count)
      switch item {
      case .acknowledge: acknowledged()
      case .refuse: resend()
      case .broken: transmit([0x15])
      case .noise: break
      case .message(let message):
        if behaviour.faults.withheldAcknowledgements > 0 {
          behaviour.faults.withheldAcknowledgements -= 1
        } else {
          transmit([0x06])
        }
        // An answer is new if one is due: ours may have been heard though its ACK was not.
        let isDue = (message.first == 0x80 || message.first == 0x84) && process?.awaited != nil
        if message == lastMessage, !isDue {
          if let pending = unacknowledged { transmit(pending.frame) }
        } else {
          acknowledged()
          lastMessage = message
          take(message)
        }
      }
    }
  }

  // MARK: - Messages of the till

  private mutating func take(_ message: [UInt8]) {
    guard message.count >= 3 else { return }
    var data = Wire.data(of: message)
    if let numbers, data.count >= 8, Array(data.suffix(6).prefix(3)) == [0x1F, 0x73, 0x03],
      let number = Wire.number(data.suffix(3))
    {
      if message[0] == 0x80 || message[0] == 0x84 {
        // An answer to something else.
        guard number == numbers.last else { return }
      } else {
        self.numbers = (number, number)
      }
      data = Wire.withoutNumber(data)
    }
    switch (message[0], message[1]) {
    case (0x80, _), (0x84, _): answered(message[0] == 0x80 || message[1] == 0x00, wait: message[1] == 0x9C)
    case (0x06, 0xB0): stop()
    case _ where process != nil: say(Wire.message((0x84, 0x9C)))
    case (0x06, 0x00): register(data)
    case (0x06, 0x01): authorise(data)
    case (0x06, 0x31) where hasPassword(data): authorise(Array(data.dropFirst(3)), .refund)
    case (0x06, 0x30) where hasPassword(data): follow(Array(data.dropFirst(3)), .reversal, of: .charge)
    case (0x06, 0x22): authorise(data, .reservation)
    case (0x06, 0x23): follow(data, .release, of: .reservation)
    case (0x06, 0x24): follow(data, .booking, of: .reservation)
    case (0x06, 0x25): follow(data, .release, of: .reservation)
    case (0x06, 0x0C): follow(data, .tip, of: .charge)
    case (0x06, 0x50): endDay(data)
    case (0x06, 0x10): tellTurnover(data)
    case (0x06, 0x70): work(showing: 0xC9, printing: "Diagnosis")
    case (0x06, 0x93) where hasPassword(data): work(showing: 0xCA, printing: "Initialisation")
    case (0x05, 0x01): reportStatus()
    case (0x06, 0x20): repeatLast(data)
    case (0x06, 0x02):
      registration = nil
      say(Wire.message((0x80, 0x00)))
    default: say(Wire.message((0x84, 0x83)))
    }
  }

  private func hasPassword(_ data: [UInt8]) -> Bool {
    Array(data.prefix(3)) == Wire.decimal(Int(behaviour.password) ?? -1, bytes: 3)
  }

  private mutating func begin(_ moves: [Move]) {
    say(Wire.message((0x80, 0x00)))
    process = Process(moves: moves)
    if !isLinked { process?.isAlone = true }
    proceed()
  }

  private mutating func register(_ data: [UInt8]) {
    guard hasPassword(data), data.count >= 6 else {
      say(Wire.message((0x84, 0x37)))
      return
    }
    let currency = Wire.number(data[4...5]) ?? 978
    let knowsTLV = data.count > 6 && data[6...].contains(0x26)
    registration = (data[3], currency, knowsTLV)
    var identity =
      [0x19, 0x00, 0x29] + Wire.decimal(Int(behaviour.terminalID) ?? 0, bytes: 4) + [0x49]
      + Wire.decimal(currency, bytes: 2)
    let isAsked = behaviour.numbersMessages && Wire.tag(0x1F, 0x73, in: data) != nil
    if isAsked { identity += Wire.container([0x1F, 0x73, 0x03, 0, 0, 0]) }
    numbers = nil
    begin([.say(Wire.message((0x06, 0x0F), identity), .nothing)])
    if isAsked { numbers = (0, 0) }
  }

  private mutating func reportStatus() {
    let version = Wire.variable(Array("SIM 1.0".utf8), digits: 3)
    begin([.say(Wire.message((0x06, 0x0F), version + [lonelyPayment == nil ? 0x00 : 0x9C]), .nothing)])
  }

  private mutating func repeatLast(_ data: [UInt8]) {
    guard hasPassword(data) else {
      say(Wire.message((0x84, 0x37)))
      return
    }
    let isWanted = data.count >= 5 && data[3] == 0x03 && data[4] & 0x01 == 1 && behaviour.namesLastTransaction
    let status = isWanted ? [Move.say(statusInformation(last), .nothing)] : []
    begin(status + [.say(Wire.message((0x06, 0x0F)), .nothing)])
  }

  /// A transaction about an earlier one of `kind`, which it names with BMP 87.
  private mutating func follow(
    _ data: [UInt8], _ kind: SimulatedLedgerEntry.Kind, of earlier: SimulatedLedgerEntry.Kind
  ) {
    let fields = Wire.bitmaps(data)
    guard let receipt = fields[0x87].flatMap({ Wire.number($0[...]) }),
      let amount = fields[0x04].flatMap({ Wire.number($0[...]) }),
      let found = stored.last(where: { $0.receiptNumber == receipt && $0.kind == earlier }),
      kind == .reversal ? amount == found.amount : kind == .tip || amount <= found.amount,
      !stored.contains(where: { $0.original == found.trace && $0.kind != .tip && $0.kind != .release })
    else {
      say(Wire.message((0x84, earlier == .reservation ? 0xB8 : 0x64)))
      return
    }
    authorise(data, kind, original: found.trace)
  }

  /// BMP 60: receipts from and to, then how many and how much of seven kinds of card, of which this terminal knows one.
  private mutating func tellTurnover(_ data: [UInt8]) {
    guard hasPassword(data) else {
      say(Wire.message((0x84, 0x37)))
      return
    }
    var totals = Wire.decimal(stored.first?.receiptNumber ?? 0, bytes: 2)
    totals += Wire.decimal(stored.last?.receiptNumber ?? 0, bytes: 2)
    totals += [UInt8(min(255, stored.count))] + Wire.decimal(max(0, turnover), bytes: 6)
    totals += [UInt8](repeating: 0, count: 6 * 7)
    let status = [0x27, 0x00, 0x60] + Wire.variable(totals, digits: 3)
    begin([
      .say(Wire.message((0x04, 0x0F), status), .nothing), .say(Wire.message((0x06, 0x0F)), .nothing),
    ])
  }

  private var turnover: Int {
    stored.reduce(0) { sum, transaction in
      switch transaction.kind {
      case .charge, .booking, .tip: sum + transaction.amount
      case .reversal, .refund: sum - transaction.amount
      case .reservation, .release: sum
      }
    }
  }

  /// Something with the host that ends well.
  private mutating func work(showing status: UInt8, printing words: String) {
    let line = lines([words, "successful"], kind: 3, registration?.knowsTLV ?? false)
    begin(
      [.say(Wire.message((0x04, 0xFF), [status]), .nothing)] + line.map { .say($0, .nothing) }
        + [.say(Wire.message((0x06, 0x0F)), .nothing)])
  }

  private mutating func endDay(_ data: [UInt8]) {
    guard hasPassword(data), let registration else {
      say(Wire.message((0x84, 0x37)))
      return
    }
    let total = turnover
    let status =
      [0x27, 0x00, 0x04] + Wire.decimal(max(0, total), bytes: 6) + [0x49]
      + Wire.decimal(registration.currency, bytes: 2)
    var moves = [Move.say(Wire.message((0x04, 0x0F), status), .nothing)]
    moves += lines(["End of day", "Payments \(stored.count)"], kind: 3, registration.knowsTLV).map {
      .say($0, .nothing)
    }
    stored = []
    begin(moves + [.say(Wire.message((0x06, 0x0F)), .nothing)])
  }

  private mutating func authorise(
    _ data: [UInt8], _ kind: SimulatedLedgerEntry.Kind = .charge, original: Int? = nil
  ) {
    guard let registration else {
      say(Wire.message((0x84, 0x6B)))
      return
    }
    if behaviour.decision == .busy || lonelyPayment != nil {
      say(Wire.message((0x84, 0x9C)))
      return
    }
    let fields = Wire.bitmaps(data)
    let container = fields[0x06] ?? []
    guard var amount = fields[0x04].flatMap({ Wire.number($0[...]) }), amount > 0 else {
      say(Wire.message((0x84, 0x9A)))
      return
    }
    let currency = fields[0x49].flatMap { Wire.number($0[...]) } ?? registration.currency
    guard currency == registration.currency else {
      say(Wire.message((0x84, 0x6F)))
      return
    }
    if behaviour.takesBackWhatIsNotConfirmed {
      takeBackUnlessConfirmed(Wire.tag(0x1F, 0x1F, in: container).flatMap { Wire.number($0[...]) })
    }
    var decision = behaviour.decision
    if let limit = behaviour.cardLimit, amount > limit {
      if Wire.tag(0x1F, 0x70, in: container) == [0x01] {
        amount = limit
      } else {
        decision = .decline(code: 0x71, text: "credit too low")
      }
    }
    let takesTip = (fields[0x19]?.first ?? 0) & 0x08 != 0
    let tip = takesTip ? behaviour.tip : 0

    var transaction = Transaction(
      amount: amount + tip, currency: currency, receiptNumber: nextReceipt, trace: nextTrace,
      time: max(0, Int(now.nanoseconds / 1_000_000_000)), kind: kind, original: original)
    transaction.tip = tip
    var moves: [Move] = behaviour.intermediateStatuses.map {
      .say(Wire.message((0x04, 0xFF), [$0]), .status)
    }
    if behaviour.customerTime > .zero { moves.append(.wait(behaviour.customerTime, stoppable: true)) }
    if behaviour.hostTime > .zero { moves.append(.wait(behaviour.hostTime, stoppable: false)) }
    switch decision {
    case .approve, .busy:
      moves += [.charge, .say(statusInformation(transaction), .charge)]
      if registration.configuration & 0x82 == 0x82 {
        moves += receipts(transaction, registration.knowsTLV).map { .say($0, .charge) }
      }
      moves += [.store, .say(Wire.message((0x06, 0x0F)), .nothing)]
    case .decline(let code, let text):
      moves += Self.refusal(code, text)
    case .customerCancels:
      moves += Self.refusal(0x6C, "cancelled by customer")
    }
    say(Wire.message((0x80, 0x00)))
    process = Process(moves: moves, transaction: transaction)
    process?.isAlone = !isLinked
    if behaviour.faults.fallsSilentAfterAcceptance {
      behaviour.faults.fallsSilentAfterAcceptance = false
      process?.isAlone = true
    }
    proceed()
  }

  /// The last transaction goes when the till names the receipt before it.
  private mutating func takeBackUnlessConfirmed(_ receipt: Int?) {
    guard let receipt, receipt == last.receiptNumber - 1, let index = stored.indices.last else { return }
    let undone = stored.remove(at: index)
    actions.append(.book(entry(undone.kind == .charge ? .reversal : .charge, undone)))
  }

  private static func refusal(_ code: UInt8, _ text: String) -> [Move] {
    [
      .say(
        Wire.message((0x04, 0x0F), [0x27, code, 0x3C] + Wire.variable(Array(text.utf8), digits: 3)), .nothing),
      .say(Wire.message((0x06, 0x1E), [code]), .nothing),
    ]
  }

  /// Before the card is charged and while no host is asked a stop is possible.
  private mutating func stop() {
    guard let running = process else {
      say(Wire.message((0x80, 0x00)))
      return
    }
    let isWaiting = running.workDeadline != nil && running.isStoppable
    guard running.transaction != nil, !running.isCharged, isWaiting || running.awaited == .status else {
      say(Wire.message((0x84, 0x83)))
      return
    }
    say(Wire.message((0x80, 0x00)))
    process?.moves = Self.refusal(0x6C, "stopped by the till")
    process?.workDeadline = nil
    process?.awaited = nil
    process?.answerDeadline = nil
    proceed()
  }

  private mutating func answered(_ isPositive: Bool, wait: Bool) {
    guard let awaited = process?.awaited else { return }
    process?.awaited = nil
    process?.answerDeadline = nil
    if awaited == .charge, !isPositive, !wait {
      takeBack()
    } else {
      proceed()
    }
  }

  // MARK: - The process

  private mutating func proceed() {
    while let move = process?.moves.first {
      process?.moves.removeFirst()
      switch move {
      case .wait(let time, let isStoppable):
        process?.workDeadline = now + time
        process?.isStoppable = isStoppable
        return
      case .charge:
        charge()
      case .store:
        if let transaction = process?.transaction {
          last = transaction
          stored.append(transaction)
        }
        process?.isCharged = false
      case .say(let message, let weight):
        process?.awaited = weight
        guard let isAlone = process?.isAlone, !isAlone else {
          unanswered()
          return
        }
        process?.answerDeadline = now + Self.answerTime
        if behaviour.speaks == .zvtSerial { process?.answerDeadline = now + .seconds(20) }
        say(message)
        if weight == .charge, behaviour.faults.cutAfterCharge == .afterStatusInformation {
          behaviour.faults.cutAfterCharge = nil
          hangUp()
        }
        return
      }
    }
    process = nil
  }

  private mutating func charge() {
    guard let transaction = process?.transaction else { return }
    nextReceipt = nextReceipt % 9_999 + 1
    nextTrace = nextTrace % 999_999 + 1
    process?.isCharged = true
    actions.append(.book(entry(transaction.kind, transaction)))
    if behaviour.faults.cutAfterCharge == .beforeStatusInformation {
      behaviour.faults.cutAfterCharge = nil
      hangUp()
    }
  }

  /// No answer came, and none will.
  private mutating func unanswered() {
    guard let weight = process?.awaited else { return }
    process?.awaited = nil
    process?.answerDeadline = nil
    process?.isAlone = true
    switch (weight, behaviour.unanswered) {
    case (.charge, .takenBack): takeBack()
    case (.status, .takenBack): process = nil
    case (.charge, .kept), (.status, .kept), (.nothing, _): proceed()
    }
  }

  private mutating func takeBack() {
    guard let running = process, let transaction = running.transaction else { return }
    let undoing: SimulatedLedgerEntry.Kind =
      switch transaction.kind {
      case .refund, .reversal: .charge
      case .charge, .reservation, .booking, .release, .tip: .reversal
      }
    actions.append(.book(entry(undoing, transaction)))
    let isAlone = running.isAlone
    process = Process(moves: [.say(Wire.message((0x06, 0x1E), [0x6C]), .nothing)])
    process?.isAlone = isAlone
    proceed()
  }

  private func entry(_ kind: SimulatedLedgerEntry.Kind, _ transaction: Transaction) -> SimulatedLedgerEntry {
    SimulatedLedgerEntry(
      kind: kind, receiptNumber: transaction.receiptNumber, trace: transaction.trace,
      amount: transaction.amount, currency: transaction.currency)
  }

  // MARK: - What it says of a transaction

  private func statusInformation(_ transaction: Transaction) -> [UInt8] {
    let (day, second) = transaction.time.quotientAndRemainder(dividingBy: 86_400)
    let clock = second / 3_600 * 10_000 + second / 60 % 60 * 100 + second % 60
    // Months of 28 days: every date there is.
    let date = (1 + day / 28 % 12) * 100 + 1 + day % 28
    var data: [UInt8] = [0x27, 0x00, 0x04] + Wire.decimal(transaction.amount, bytes: 6)
    data += [0x49] + Wire.decimal(transaction.currency, bytes: 2)
    data += [0x0C] + Wire.decimal(clock, bytes: 3) + [0x0D] + Wire.decimal(date, bytes: 2)
    if behaviour.leaksCardNumber {
      data += [0x22, 0xF0, 0xF8] + Wire.decimal(Int(behaviour.cardNumber) ?? 0, bytes: 8)
    } else {
      data += [0x22, 0xF0, 0xF8, 0x67, 0x25, 0x00, 0xEE, 0xEE, 0xEE, 0x12, 0x34]
    }
    data += [0x29] + Wire.decimal(Int(behaviour.terminalID) ?? 0, bytes: 4)
    data += [0x87] + Wire.decimal(transaction.receiptNumber, bytes: 2)
    data += [0x0B] + Wire.decimal(transaction.trace, bytes: 3)
    if let original = transaction.original { data += [0x37] + Wire.decimal(original, bytes: 3) }
    data += [0x88] + Wire.decimal(transaction.trace, bytes: 3)
    data += [0x8A, behaviour.cardType]
    data += [0x8B] + Wire.variable(Array(behaviour.cardName.utf8) + [0], digits: 2)
    var tags: [UInt8] = []
    if behaviour.isContactless { tags += [0x2F, 0x04, 0x1F, 0x12, 0x01, 0x02] }
    if transaction.tip > 0 { tags += [0x1F, 0x36, 0x06] + Wire.decimal(transaction.tip, bytes: 6) }
    if behaviour.takesBackWhatIsNotConfirmed {
      tags += [0x1F, 0x1F, 0x02] + Wire.decimal(transaction.receiptNumber, bytes: 2)
    }
    return Wire.message((0x04, 0x0F), data + (tags.isEmpty ? [] : Wire.container(tags)))
  }

  private func receipts(_ transaction: Transaction, _ knowsTLV: Bool) -> [[UInt8]] {
    let amount = "\(transaction.amount / 100).\(String(transaction.amount % 100 + 100).dropFirst())"
    let body = [
      behaviour.cardName, "Terminal \(behaviour.terminalID)", "Receipt \(transaction.receiptNumber)",
      "Amount \(amount)",
    ]
    let merchant = ["Merchant copy"] + body
    let customer = ["Customer copy"] + body + ["Please keep this receipt"]
    if behaviour.printsBlocks, knowsTLV {
      return [block(merchant, kind: 1), block(customer, kind: 2)]
    }
    return lines(merchant, kind: 1, knowsTLV) + lines(customer, kind: 2, knowsTLV)
  }

  private func lines(_ lines: [String], kind: UInt8, _ knowsTLV: Bool) -> [[UInt8]] {
    lines.indices.map { index in
      let attribute: UInt8 = index == lines.count - 1 ? 0x81 : index == 0 ? 0x40 : 0x00
      let tail: [UInt8] = knowsTLV ? [0x06, 0x04, 0x1F, 0x07, 0x01, kind] : []
      return Wire.message((0x06, 0xD1), [attribute] + Array(lines[index].utf8) + tail)
    }
  }

  private func block(_ lines: [String], kind: UInt8) -> [UInt8] {
    func tlv(_ tag: [UInt8], _ content: [UInt8]) -> [UInt8] {
      let length: [UInt8] =
        content.count < 0x80
        ? [UInt8(content.count)]
        : content.count < 0x100
          ? [0x81, UInt8(content.count)] : [0x82, UInt8(content.count / 256), UInt8(content.count % 256)]
      return tag + length + content
    }
    let texts = lines.flatMap { tlv([0x09], [0x00]) + tlv([0x07], Array($0.utf8)) } + tlv([0x09], [0x81])
    return Wire.message(
      (0x06, 0xD3), tlv([0x06], tlv([0x1F, 0x07], [kind]) + tlv([0x1F, 0x37], [0x01]) + tlv([0x25], texts)))
  }
}
