import POSModel
import POSScan
import POSWire

/// What a decoder wants done.
enum ScannerAction: Sendable, Equatable {
  case publish(DecodedCode, typist: Scan.Typist? = nil)
  /// Something that says that codes before or after it may be wrong.
  case complain(WireError, length: Int)
  /// Something else that says so, in words.
  case doubt(String)
  /// The scanner itself is in trouble, in words.
  case trouble(String)
  case send([UInt8])
  /// What the scanner says to the question at hand; to none, it is dropped.
  case answer(ScannerAnswer)
}

/// A decoder of any mode, as the reader drives it: bytes and time in, actions out.
protocol ScannerMachine: Sendable {
  /// What to send before old input is dropped, so that nothing is added to it.
  var quieting: [[UInt8]] { get }
  /// What to send so that the scanner reads codes.
  var enabling: [[UInt8]] { get }
  /// What to send so that it does not.
  var disabling: [[UInt8]] { get }
  /// When ``expire(at:)`` has something to do.
  var deadline: Int64? { get }
  /// Bytes of a code that has begun and not ended, `nil` between codes.
  var pendingBytes: Int? { get }

  mutating func decode(
    _ bytes: [UInt8], at now: Int64, _ act: (ScannerAction) -> Void) throws(WireError)
  mutating func giveUp(at now: Int64, _ act: (ScannerAction) -> Void)

  /// The scanner's Caps Lock lamp is lit, or dark.
  mutating func see(capsLockLamp isLit: Bool)

  /// What tells the scanner to do something, one message after the other; `nil` where it cannot be told.
  mutating func messages(for control: ScannerControl) -> [[UInt8]]?
  /// What asks the scanner; `nil` where it cannot be asked.
  func message(for question: ScannerQuestion) -> [UInt8]?
  /// The feature reports that hold the answer; none where it is asked for by a message.
  func features(for question: ScannerQuestion) -> [UInt8]
  /// The scanner was asked: until `deadline`, what may be an answer is none of the codes.
  mutating func expectAnswer(to question: ScannerQuestion, until deadline: Int64)
}

extension ScannerMachine {
  var quieting: [[UInt8]] { [] }
  var enabling: [[UInt8]] { [] }
  var disabling: [[UInt8]] { [] }

  mutating func see(capsLockLamp isLit: Bool) {}
  mutating func messages(for control: ScannerControl) -> [[UInt8]]? { nil }
  func message(for question: ScannerQuestion) -> [UInt8]? { nil }
  func features(for question: ScannerQuestion) -> [UInt8] { [] }
  mutating func expectAnswer(to question: ScannerQuestion, until deadline: Int64) {}

  /// What `bytes` that arrived at `now` call for.
  mutating func receive(_ bytes: [UInt8], at now: Int64) -> [ScannerAction] {
    var actions: [ScannerAction] = []
    do throws(WireError) {
      try decode(bytes, at: now) { actions.append($0) }
    } catch {
      actions.append(.complain(error, length: bytes.count))
    }
    return actions
  }

  /// What the silence until `now` calls for.
  mutating func expire(at now: Int64) -> [ScannerAction] {
    var actions: [ScannerAction] = []
    giveUp(at: now) { actions.append($0) }
    return actions
  }
}

// MARK: - Reports

struct HIDPOSMachine: ScannerMachine {
  private var decoder: HIDPOSDecoder
  private var output: HIDPOSOutput { decoder.layout.output }
  /// Each output report restates everything.
  private var isTriggerPulled = false

  init(_ layout: HIDPOSLayout, pieceTimeout: Int64) {
    decoder = HIDPOSDecoder(layout, pieceTimeout: pieceTimeout)
  }

  /// Where its reports hold what.
  var layout: HIDPOSLayout { decoder.layout }
  var quieting: [[UInt8]] { disabling }
  var enabling: [[UInt8]] { output.declared.contains(.preventRead) ? reports([]) : [] }
  var disabling: [[UInt8]] { output.declared.contains(.preventRead) ? reports(.preventRead) : [] }
  var deadline: Int64? { decoder.deadline }
  var pendingBytes: Int? { decoder.isInsideCode ? decoder.pendingBytes : nil }

  mutating func decode(
    _ bytes: [UInt8], at now: Int64, _ act: (ScannerAction) -> Void
  ) throws(WireError) {
    try decoder.receive(bytes.span, at: now) { Self.note($0, act) }
  }

  mutating func giveUp(at now: Int64, _ act: (ScannerAction) -> Void) {
    decoder.expire(at: now) { Self.note($0, act) }
  }

  private static func note(_ event: HIDPOSEvent, _ act: (ScannerAction) -> Void) {
    switch event {
    case .scan(let scan): act(.publish(scan.code))
    case .reply(let reply):
      act(.answer(ScannerAnswer(reply.verdict == .accepted ? .accepted : .refused, bytes: reply.text)))
    case .notAScan: break
    }
  }

  private func reports(_ controls: HIDPOSControls) -> [[UInt8]] {
    output.report(setting: controls).map { [$0] } ?? []
  }

  mutating func messages(for control: ScannerControl) -> [[UInt8]]? {
    let steady: HIDPOSControls = isTriggerPulled ? .initiateRead : []
    let wanted: HIDPOSControls
    switch control {
    case .pullTrigger: wanted = .initiateRead
    case .releaseTrigger: wanted = .initiateRead
    case .goodReadBeep: wanted = .goodReadBeep
    case .errorBeep: wanted = .errorBeep
    case .notOnFileBeep: wanted = .notOnFileBeep
    default: return nil
    }
    guard output.declared.contains(wanted) else {
      return SerialScannerDialect.honeywell.message(for: control).flatMap { layout.menuReport($0) }.map {
        [$0]
      }
    }
    switch control {
    case .pullTrigger, .releaseTrigger:
      isTriggerPulled = control == .pullTrigger
      return reports(isTriggerPulled ? .initiateRead : [])
    // A beep is sounded when its bit rises (HID Usage Tables, one-shot controls), so it has to fall again.
    default: return reports(steady.union(wanted)) + reports(steady)
    }
  }

  func message(for question: ScannerQuestion) -> [UInt8]? {
    question == .information ? layout.menuReport(HoneywellMenu.revision) : nil
  }

  mutating func expectAnswer(to question: ScannerQuestion, until deadline: Int64) {
    decoder.awaitReply(until: deadline)
  }
}

struct KeyboardMachine: ScannerMachine {
  var decoder: KeyboardDecoder
  var deadline: Int64? { decoder.deadline }
  var pendingBytes: Int? { decoder.deadline == nil ? nil : decoder.pendingCharacters }

  mutating func see(capsLockLamp isLit: Bool) { decoder.isCapsLockOn = isLit }

  mutating func decode(
    _ bytes: [UInt8], at now: Int64, _ act: (ScannerAction) -> Void
  ) throws(WireError) {
    try decoder.receive(bytes.span, at: now) { Self.note($0, act) }
  }

  mutating func giveUp(at now: Int64, _ act: (ScannerAction) -> Void) {
    decoder.expire(at: now) { Self.note($0, act) }
  }

  /// A flawed scan is the beginning of a code at best: it must never pass for a whole one.
  private static func note(_ event: KeyboardEvent, _ act: (ScannerAction) -> Void) {
    guard case .scan(var scan) = event else { return }
    if !scan.flaws.isEmpty {
      act(.doubt("keystrokes are missing or unclear (flaws \(scan.flaws.rawValue))"))
      scan.code.isTruncated = true
    }
    let typist: Scan.Typist =
      switch scan.burst.classify() {
      case .scanner: .scanner
      case .person: .person
      case .unclear: .unclear
      }
    act(.publish(scan.code, typist: typist))
  }
}

struct OEMMachine: ScannerMachine {
  private var decoder = OEMDecoder()
  /// The answer so far to the question at hand.
  private var answer: [UInt8]?
  /// Until when it may come: what tells one question from the next.
  private var answerDeadline: Int64?
  var enabling: [[UInt8]] { [OEMCommand.enable.bytes] }
  var disabling: [[UInt8]] { [OEMCommand.disable.bytes] }
  var deadline: Int64? { decoder.deadline }
  var pendingBytes: Int? { decoder.deadline == nil ? nil : decoder.pendingBytes }

  mutating func decode(
    _ bytes: [UInt8], at now: Int64, _ act: (ScannerAction) -> Void
  ) throws(WireError) {
    var events: [OEMDecoder.Event] = []
    defer { for event in events { note(event, act) } }
    try decoder.receive(bytes.span, at: now) { events.append($0) }
  }

  mutating func giveUp(at now: Int64, _ act: (ScannerAction) -> Void) {
    var events: [OEMDecoder.Event] = []
    decoder.expire(at: now) { events.append($0) }
    for event in events { note(event, act) }
  }

  private mutating func note(_ event: OEMDecoder.Event, _ act: (ScannerAction) -> Void) {
    switch event {
    case .scan(let code): act(.publish(code))
    case .status(let status): note(status, act)
    case .configuration(let bytes, _): finish(ScannerAnswer(bytes: bytes), act)
    case .direct(let bytes):
      // The first byte says whether more follows.
      guard let begun = answer, let more = bytes.first else { return }
      let whole = begun + bytes.dropFirst()
      if more == 0 || whole.count > OEMDecoder.payloadLimit {
        finish(ScannerAnswer(bytes: whole), act)
      } else {
        answer = whole
      }
    }
  }

  private mutating func note(_ status: OEMStatus, _ act: (ScannerAction) -> Void) {
    let refusals: OEMStatus = [.commandRejected, .directNotAllowed, .directUndefined]
    if !status.isDisjoint(with: refusals) {
      if answer != nil {
        finish(ScannerAnswer(.refused, bytes: []), act)
      } else {
        act(.trouble("the scanner rejected a command"))
      }
    }
    if status.contains(.hardwareError) { act(.trouble("the scanner reports a hardware error")) }
    if status.contains(.checkDigitError) { act(.trouble("a label failed its check digit")) }
    if status.contains(.configurationCoerced) {
      act(.trouble("the scanner bent values of the configuration into its range"))
    }
  }

  private mutating func finish(_ whole: ScannerAnswer, _ act: (ScannerAction) -> Void) {
    guard answer != nil else { return }
    answer = nil
    answerDeadline = nil
    act(.answer(whole))
  }

  mutating func messages(for control: ScannerControl) -> [[UInt8]]? {
    let command: OEMCommand? =
      switch control {
      case .goodReadBeep: .beep
      case .errorBeep: .errorBeep
      case .notOnFileBeep: .notOnFileBeep
      case .enableBeep: .enableBeep
      case .disableBeep: .disableBeep
      case .reset: .reset
      case .pullTrigger, .releaseTrigger, .aimOn, .aimOff: nil
      }
    return command.map { [$0.bytes] }
  }

  func message(for question: ScannerQuestion) -> [UInt8]? {
    let command: OEMCommand =
      switch question {
      case .information: .information
      case .health: .health
      case .statistics: .statistics
      case .configuration: .reportConfiguration
      }
    return command.bytes
  }

  mutating func expectAnswer(to question: ScannerQuestion, until deadline: Int64) {
    guard answerDeadline != deadline else { return }
    answerDeadline = deadline
    answer = []
  }
}

struct SNAPIMachine: ScannerMachine {
  private var decoder: SNAPIDecoder
  var deadline: Int64? { decoder.deadline }
  var pendingBytes: Int? { decoder.deadline == nil ? nil : decoder.pendingBytes }

  init(packetTimeout: Int64) { decoder = SNAPIDecoder(timeout: packetTimeout) }

  mutating func decode(
    _ bytes: [UInt8], at now: Int64, _ act: (ScannerAction) -> Void
  ) throws(WireError) {
    try decoder.receive(bytes.span, at: now) { Self.note($0, act) }
  }

  mutating func giveUp(at now: Int64, _ act: (ScannerAction) -> Void) {
    decoder.expire(at: now) { Self.note($0, act) }
  }

  private static func note(_ event: SNAPIDecoder.Event, _ act: (ScannerAction) -> Void) {
    switch event {
    case .scan(let code, _): act(.publish(code))
    case .send(let report): act(.send(report))
    case .status(let command, let status):
      guard let status = SNAPIStatus(rawValue: status), status != .done else { break }
      act(.trouble("the scanner did not take command \(command): \(status.name)"))
    case .other: break
    }
  }

  mutating func messages(for control: ScannerControl) -> [[UInt8]]? {
    let command: SNAPICommand? =
      switch control {
      case .pullTrigger: .trigger(true)
      case .releaseTrigger: .trigger(false)
      case .aimOn: .aim(true)
      case .aimOff: .aim(false)
      case .goodReadBeep: .beep(.oneShortHigh)
      case .errorBeep: .beep(.oneLongLow)
      case .notOnFileBeep: .beep(.twoShortLow)
      case .reset, .enableBeep, .disableBeep: nil
      }
    return command.map { [$0.report] }
  }

  func features(for question: ScannerQuestion) -> [UInt8] {
    question == .information ? SNAPIFeature.allCases.map(\.rawValue) : []
  }
}

// MARK: - Streams

struct SSIMachine: ScannerMachine {
  private var decoder: SSIDecoder
  private var isAsked = false
  var enabling: [[UInt8]] { [SSIPacket(opcode: SSIOpcode.enable).bytes] }
  var disabling: [[UInt8]] { [SSIPacket(opcode: SSIOpcode.disable).bytes] }
  var deadline: Int64? { decoder.deadline }
  var pendingBytes: Int? { decoder.pendingBytes > 0 ? decoder.pendingBytes : nil }

  init(packetTimeout: Int64) { decoder = SSIDecoder(timeout: packetTimeout) }

  mutating func decode(
    _ bytes: [UInt8], at now: Int64, _ act: (ScannerAction) -> Void
  ) throws(WireError) {
    let isAsked = isAsked
    self.isAsked = false
    decoder.receive(bytes.span, at: now) { Self.note($0, bytes.count, isAsked: isAsked, act) }
  }

  mutating func giveUp(at now: Int64, _ act: (ScannerAction) -> Void) {
    decoder.expire(at: now) { Self.note($0, 0, isAsked: false, act) }
  }

  private static func note(
    _ event: SSIDecoder.Event, _ length: Int, isAsked: Bool, _ act: (ScannerAction) -> Void
  ) {
    switch event {
    case .scan(let code, _): act(.publish(code))
    case .send(let bytes): act(.send(bytes))
    case .undecodable(let error): act(.complain(error, length: length))
    case .refused(let cause):
      act(
        isAsked
          ? .answer(ScannerAnswer(.refused, bytes: [cause]))
          : .trouble("the scanner refused a command (cause \(cause))"))
    case .packet(let packet) where packet.opcode == SSIOpcode.revision:
      act(.answer(ScannerAnswer(bytes: packet.data)))
    case .acknowledged, .parameters, .packet: break
    }
  }

  mutating func messages(for control: ScannerControl) -> [[UInt8]]? {
    let packet: SSIPacket? =
      switch control {
      case .pullTrigger: SSIPacket(opcode: SSIOpcode.startSession)
      case .releaseTrigger: SSIPacket(opcode: SSIOpcode.stopSession)
      case .aimOn: SSIPacket(opcode: SSIOpcode.aimOn)
      case .aimOff: SSIPacket(opcode: SSIOpcode.aimOff)
      case .goodReadBeep: SSIPacket(opcode: SSIOpcode.beep, data: [ZebraBeep.oneShortHigh.rawValue])
      case .errorBeep: SSIPacket(opcode: SSIOpcode.beep, data: [ZebraBeep.oneLongLow.rawValue])
      case .notOnFileBeep: SSIPacket(opcode: SSIOpcode.beep, data: [ZebraBeep.twoShortLow.rawValue])
      case .reset, .enableBeep, .disableBeep: nil
      }
    return packet.map { [$0.bytes] }
  }

  func message(for question: ScannerQuestion) -> [UInt8]? {
    question == .information ? SSIPacket(opcode: SSIOpcode.requestRevision).bytes : nil
  }

  mutating func expectAnswer(to question: ScannerQuestion, until deadline: Int64) { isAsked = true }
}

struct SerialMachine: ScannerMachine {
  private var decoder: SerialScanDecoder
  private let dialect: SerialScannerDialect
  private var honeywell = HoneywellReply()
  private var datalogic = DatalogicReply()
  var enabling: [[UInt8]] { dialect.enable.map { [$0] } ?? [] }
  var disabling: [[UInt8]] { dialect.disable.map { [$0] } ?? [] }
  var deadline: Int64? { [decoder.deadline, honeywell.deadline, datalogic.deadline].compactMap { $0 }.min() }
  var pendingBytes: Int? {
    let count = decoder.pendingBytes + honeywell.pendingBytes + datalogic.pendingBytes
    return count > 0 ? count : nil
  }

  init(_ settings: SerialScanSettings, _ dialect: SerialScannerDialect) {
    decoder = SerialScanDecoder(settings)
    self.dialect = dialect
  }

  mutating func decode(
    _ bytes: [UInt8], at now: Int64, _ act: (ScannerAction) -> Void
  ) throws(WireError) {
    giveUp(at: now, act)
    guard datalogic.isExpecting else { return read(bytes, at: now, act) }
    for byte in bytes {
      let character = decoder.settings.parity == .none ? byte : byte & 0x7F
      switch datalogic.take(character, isBetweenCodes: decoder.isBetweenCodes) {
      case .notExpected: read([byte], at: now, act)
      case .held: break
      case .reply(let text): act(.answer(ScannerAnswer(bytes: text)))
      case .released(let held): read(held, at: now, act)
      }
    }
  }

  mutating func giveUp(at now: Int64, _ act: (ScannerAction) -> Void) {
    let late = datalogic.expire(at: now)
    if !late.isEmpty { read(late, at: now, act) }
    var events: [SerialScanDecoder.Event] = []
    decoder.expire(at: now) { events.append($0) }
    for event in events { note(event, 0, act) }
    honeywell.expire(at: now) { act(.publish($0)) }
  }

  private mutating func read(_ bytes: [UInt8], at now: Int64, _ act: (ScannerAction) -> Void) {
    var events: [SerialScanDecoder.Event] = []
    decoder.receive(bytes.span, at: now) { events.append($0) }
    for event in events { note(event, bytes.count, act) }
  }

  private mutating func note(
    _ event: SerialScanDecoder.Event, _ length: Int, _ act: (ScannerAction) -> Void
  ) {
    switch event {
    case .scan(let code):
      switch honeywell.take(code) {
      case .notExpected: act(.publish(code))
      case .held: break
      case .released(let codes): for code in codes { act(.publish(code)) }
      case .reply(let reply):
        // Its last line has no end but silence.
        decoder.expectNoRest()
        act(.answer(ScannerAnswer(reply.verdict == .accepted ? .accepted : .refused, bytes: reply.text)))
      }
    case .undecodable(let error): act(.complain(error, length: length))
    }
  }

  mutating func messages(for control: ScannerControl) -> [[UInt8]]? {
    dialect.message(for: control).map { [$0] }
  }

  func message(for question: ScannerQuestion) -> [UInt8]? {
    switch question {
    case .information: dialect.information
    case .health: dialect.health
    case .statistics: dialect.statistics
    case .configuration: nil
    }
  }

  mutating func expectAnswer(to question: ScannerQuestion, until deadline: Int64) {
    switch dialect {
    case .none: break
    case .honeywell: honeywell.expect(until: deadline)
    case .datalogic: datalogic.expect(until: deadline)
    }
  }
}

extension SerialScannerDialect {
  /// What tells such a scanner to do something.
  func message(for control: ScannerControl) -> [UInt8]? {
    switch control {
    case .pullTrigger: triggerOn
    case .releaseTrigger: triggerOff
    case .goodReadBeep: beep
    case .notOnFileBeep: notOnFileBeep
    case .reset: reset
    case .errorBeep, .enableBeep, .disableBeep, .aimOn, .aimOff: nil
    }
  }
}

extension HIDPOSScan {
  /// The scan as decoders of every mode hand it over.
  var code: DecodedCode {
    DecodedCode(aim: aim, symbology: symbology, bytes: bytes, pieces: reports, isTruncated: isTruncated)
  }
}
