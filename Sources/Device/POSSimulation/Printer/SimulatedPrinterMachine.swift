import ESCPOS
import POSModel

/// A printer without I/O: takes bytes, says what it sends back.
///
/// It answers as specs/escpos.md §2.1 to §2.4 say a printer does, with bytes written down here and not taken from the
/// driver's side. While it cannot print, or the paper moves, it keeps bytes in its receive buffer and answers only
/// real-time requests, which it then finds anywhere in the stream, as printers do.
struct SimulatedPrinterMachine: Sendable {
  private let geometry: PrinterGeometry
  private var interpreter: ESCPOSInterpreter
  /// What was printed before the power was cut.
  private var earlier: [PrintedPage] = []
  private(set) var faults: SimulatedPrinter.Faults

  /// Every byte that arrived, up to ``recordLimit``.
  private(set) var received: [UInt8] = []
  private(set) var receivedCount = 0
  /// Bytes that wait because the printer cannot print.
  private var buffer: ArraySlice<UInt8> = []
  /// The last two bytes that went into the buffer, for requests among them.
  private var recent: (UInt8, UInt8) = (0, 0)
  /// Dots of paper in all rolls so far, and dots printed.
  private var paperEnd: Int?
  private(set) var isDrawerOpen = false
  /// The time, and until when the paper moves for what has been printed; `nil` while it stands.
  private var now = MonotonicInstant.start
  private(set) var movesUntil: MonotonicInstant?
  /// Pulses that have been acted on, and the byte before the one at hand.
  private var pulses = 0
  private var lastByte: UInt8 = 0
  /// An error that has been mended and waits for `DLE ENQ`.
  private var awaitsRecovery = false
  private var automaticStatus: UInt8 = 0
  private var lastSent: [UInt8] = []

  static let recordLimit = 2 << 20

  init(_ geometry: PrinterGeometry, faults: SimulatedPrinter.Faults) {
    self.geometry = geometry
    interpreter = ESCPOSInterpreter(geometry)
    self.faults = faults
    paperEnd = faults.paperDots
  }

  // MARK: - State

  var isPaperOut: Bool {
    guard let paperEnd else { return false }
    return interpreter.fedDots > paperEnd || paperEnd == 0
  }

  private var isPaperNearEnd: Bool {
    guard let paperEnd else { return false }
    return paperEnd - interpreter.fedDots < faults.nearEndDots
  }

  private var hasCutterError: Bool { faults.isCutterStuck || awaitsRecovery }
  private var isStopped: Bool { isPaperOut || faults.isCoverOpen || hasCutterError || faults.isTooHot }

  var isFull: Bool { buffer.count >= max(1, faults.bufferBytes) }

  /// What one sees: paper that ran out ends the picture.
  var page: PrintedPage {
    var page = interpreter.page
    if let paperEnd { page.height = min(page.height, paperEnd) }
    return page
  }

  /// The paper of each time it was switched on, oldest first.
  var pages: [PrintedPage] { earlier + [page] }

  // MARK: - Time

  /// Lets time pass; paper that has come to a stop lets the printer go on.
  mutating func pass(to now: MonotonicInstant) -> [UInt8] {
    self.now = max(self.now, now)
    guard let movesUntil, movesUntil <= now else { return [] }
    self.movesUntil = nil
    return goOn()
  }

  /// Lets the paper move for so many dots.
  private mutating func move(_ dots: Int) {
    guard let speed = faults.dotsPerSecond, speed > 0, dots > 0 else { return }
    movesUntil = max(now, movesUntil ?? now) + .nanoseconds(dots * 1_000_000_000 / speed)
  }

  /// Dots that the paper still moves for what has been printed.
  private var dotsAhead: Int {
    guard let movesUntil, let speed = faults.dotsPerSecond, speed > 0 else { return 0 }
    return Int((movesUntil - now) / .nanoseconds(1_000_000_000 / speed))
  }

  // MARK: - Bytes

  mutating func receive(_ bytes: [UInt8]) -> [UInt8] {
    receivedCount += bytes.count
    let mayPulse = mayHoldPulse(bytes)
    defer { if mayPulse { openDrawerIfPulsed() } }
    received.append(contentsOf: bytes.prefix(max(0, Self.recordLimit - received.count)))
    var replies: [UInt8] = []
    for byte in bytes {
      if isStopped || movesUntil != nil || !buffer.isEmpty {
        buffer.append(byte)
        let sequence = (recent.0, recent.1, byte)
        recent = (recent.1, byte)
        if sequence.0 == 0x10, sequence.1 == 0x04 { replies += realTimeStatus(byte) }
        if sequence.0 == 0x10, sequence.1 == 0x05 { replies += recover(byte) }
      } else {
        replies += obey(byte, isRealTimeNew: true)
      }
    }
    return replies + automaticStatusIfChanged()
  }

  /// Prints what waits in the receive buffer, as far as it can.
  private mutating func goOn() -> [UInt8] {
    var replies: [UInt8] = []
    while !isStopped, movesUntil == nil, let byte = buffer.popFirst() {
      replies += obey(byte, isRealTimeNew: false)
    }
    if buffer.isEmpty {
      buffer = []
      recent = (0, 0)
    }
    return replies + automaticStatusIfChanged()
  }

  private mutating func obey(_ byte: UInt8, isRealTimeNew: Bool) -> [UInt8] {
    let before = interpreter.fedDots
    let event = interpreter.feed(byte)
    move(interpreter.fedDots - before)
    switch event {
    case nil: return []
    case .initialized:
      automaticStatus = 0
      return []
    case .realTimeStatus(let kind, _): return isRealTimeNew ? realTimeStatus(kind) : []
    case .status(let kind): return status(kind)
    case .identify(let kind): return identify(kind)
    case .automaticStatus(let events):
      automaticStatus = events
      lastSent = []
      return []
    case .processID(let id):
      return faults.answersProcessID ? answer([0x37, 0x22] + id + [0x00]) : []
    case .symbolSize(let canPrint):
      return answer([0x37, 0x36, 0x30, 0x1F, 0x30, 0x1F, 0x31, 0x1F, canPrint ? 0x30 : 0x31, 0x00])
    case .recover(let kind): return recover(kind)
    case .clearBuffers, .offlineNotices: return []
    }
  }

  /// `DLE ENQ`: only an error that has been mended ends.
  private mutating func recover(_ kind: UInt8) -> [UInt8] {
    guard awaitsRecovery, !faults.isCutterStuck, kind == 1 || kind == 2 else { return [] }
    awaitsRecovery = false
    if kind == 2 { forget() }
    return goOn()
  }

  /// Drops the receive buffer and the command at hand.
  private mutating func forget() {
    buffer = []
    recent = (0, 0)
    interpreter.finish()
  }

  /// Whether a pulse can be among `bytes`: cheap, and never wrong when it says no.
  private mutating func mayHoldPulse(_ bytes: [UInt8]) -> Bool {
    var may = false
    for byte in bytes {
      if (lastByte == 0x1B && byte == 0x70) || (lastByte == 0x10 && byte == 0x14) { may = true }
      lastByte = byte
    }
    return may || !buffer.isEmpty
  }

  private mutating func openDrawerIfPulsed() {
    let count = interpreter.page.drawerPulses.count
    guard count > pulses else { return }
    pulses = count
    if faults.hasDrawer { isDrawerOpen = true }
  }

  // MARK: - Answers

  private func answer(_ bytes: [UInt8]) -> [UInt8] { faults.noise + bytes }

  private func realTimeStatus(_ kind: UInt8) -> [UInt8] {
    guard faults.answersRealTimeStatus else { return [] }
    var byte: UInt8 = 0b0001_0010
    switch kind {
    case 1:
      if isDrawerOpen { byte |= 1 << 2 }
      if isStopped { byte |= 1 << 3 }
    case 2:
      if faults.isCoverOpen { byte |= 1 << 2 }
      if isPaperOut { byte |= 1 << 5 }
      if hasCutterError || faults.isTooHot { byte |= 1 << 6 }
    case 3:
      if hasCutterError { byte |= 1 << 3 }
      if faults.isTooHot { byte |= 1 << 6 }
    case 4:
      if isPaperNearEnd { byte |= 0b11 << 2 }
      if isPaperOut { byte |= 0b11 << 5 }
    default: return []
    }
    return answer([byte])
  }

  /// `GS r`.
  private func status(_ kind: UInt8) -> [UInt8] {
    guard faults.answersPaperStatus else { return [] }
    switch kind {
    case 1, 49: return answer([(isPaperNearEnd ? 0b0011 : 0) | (isPaperOut ? 0b1100 : 0)])
    case 2, 50: return answer([isDrawerOpen ? 1 : 0])
    default: return []
    }
  }

  /// `GS I`.
  private func identify(_ kind: UInt8) -> [UInt8] {
    guard faults.answersIdentity else { return [] }
    func text(_ text: String) -> [UInt8] { answer([0x5F] + Array(text.utf8) + [0x00]) }
    switch kind {
    case 1, 49: return answer([0x20])
    case 2, 50: return answer([0x02])
    case 3, 51: return answer([0x01])
    case 65: return text("1.00")
    case 66: return text("SIMULATED")
    case 67: return text(faults.model)
    case 68: return text("SIM000001")
    default: return []
    }
  }

  private mutating func automaticStatusIfChanged() -> [UInt8] {
    guard automaticStatus != 0 else { return [] }
    var frame: [UInt8] = [0b0001_0000, 0, 0, 0x0F]
    if isDrawerOpen { frame[0] |= 1 << 2 }
    if isStopped { frame[0] |= 1 << 3 }
    if faults.isCoverOpen { frame[0] |= 1 << 5 }
    if hasCutterError { frame[1] |= 1 << 3 }
    if faults.isTooHot { frame[1] |= 1 << 6 }
    if isPaperNearEnd { frame[2] |= 0b0011 }
    if isPaperOut { frame[2] |= 0b1100 }
    guard frame != lastSent else { return [] }
    lastSent = frame
    return answer(frame)
  }

  // MARK: - Hands

  /// Puts in a roll of so many dots, or one without end, and goes on.
  mutating func loadPaper(dots: Int?) -> [UInt8] {
    paperEnd = dots.map { interpreter.fedDots + max(0, $0) }
    return goOn()
  }

  mutating func setCover(isOpen: Bool) -> [UInt8] {
    faults.isCoverOpen = isOpen
    return goOn()
  }

  mutating func freeCutter() -> [UInt8] {
    awaitsRecovery = faults.isCutterStuck && faults.cutterNeedsRecovery
    faults.isCutterStuck = false
    return goOn()
  }

  mutating func setHead(isTooHot: Bool) -> [UInt8] {
    faults.isTooHot = isTooHot
    return goOn()
  }

  /// The link that is plugged in next does not break.
  mutating func mendLink() { faults.breaksLinkAfter = nil }

  /// Forgets everything but the paper, which stops where it is.
  mutating func cutPower() {
    var torn = page
    torn.height -= min(torn.height, dotsAhead)
    earlier.append(torn)
    movesUntil = nil
    paperEnd = paperEnd.map { max(0, $0 - interpreter.fedDots) }
    interpreter = ESCPOSInterpreter(geometry)
    buffer = []
    recent = (0, 0)
    pulses = 0
    automaticStatus = 0
    lastSent = []
    awaitsRecovery = false
  }

  mutating func setDrawer(isOpen: Bool) -> [UInt8] {
    isDrawerOpen = isOpen
    return automaticStatusIfChanged()
  }
}
