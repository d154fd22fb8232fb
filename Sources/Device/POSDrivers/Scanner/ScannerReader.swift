import POSModel
import POSScan
import POSTransport
import POSWire

/// The task that reads one scanner while it is enabled, whatever mode it is in: bytes in, events out, answers back.
///
/// It owns its decoder, so a code that one enabling began is never glued to what the next one reads.
/// A code whose beginning came before the enabling is dropped: its rest would pass for a whole one.
struct ScannerReader: Sendable {
  /// Why reading ended.
  enum Ending: Sendable {
    /// The reader was cancelled. The decoder as it was then, perhaps inside a code.
    case stopped(any ScannerMachine)
    /// The device is gone; subscribers know.
    case gone(DeviceError)
  }

  private let device: DeviceID
  private let link: ScannerLink
  private var machine: any ScannerMachine
  private let subscribers: ScannerSubscribers
  private let conversation: ScannerConversation
  private let counts: Lock<ScannerStatistics>
  /// Whether the next code began before the enabling.
  private var isInsideStaleCode: Bool
  private var joiner: SymbolJoiner?
  private var sameCode: SameCodeWindow?
  /// When the last bytes had been read from the kernel.
  private var readAt = MonotonicInstant.start
  /// The same for whatever measures silence: before the deadline that the bytes were read instead of.
  private var heardAt: Int64 = 0

  init(
    device: DeviceID, link: ScannerLink, machine: any ScannerMachine, delivery: ScanDelivery,
    subscribers: ScannerSubscribers, conversation: ScannerConversation, counts: Lock<ScannerStatistics>
  ) {
    self.device = device
    self.link = link
    self.machine = machine
    self.subscribers = subscribers
    self.conversation = conversation
    self.counts = counts
    isInsideStaleCode = machine.pendingBytes != nil
    if delivery.joinWindow > .zero { joiner = SymbolJoiner(window: delivery.joinWindow.nanoseconds) }
    if delivery.sameCodeWindow > .zero {
      sameCode = SameCodeWindow(
        delivery.sameCodeWindow.nanoseconds, symbologies: delivery.sameCodeSymbologies)
    }
  }

  /// Reads until the task is cancelled or the device goes away.
  @concurrent
  mutating func run() async -> Ending {
    while true {
      let deadline = [machine.deadline, joiner?.deadline].compactMap { $0 }.min()
      do throws(DeviceError) {
        switch try await link.read(until: deadline.map(MonotonicInstant.init(nanoseconds:))) {
        case .bytes(let bytes, at: let instant):
          counts.withLock { $0.reports += 1 }
          readAt = instant
          heardAt = Self.heard(at: instant.nanoseconds, before: deadline)
          subscribers.publish(raw: bytes, at: instant)
          if let open = conversation.outstanding {
            machine.expectAnswer(to: open.question, until: open.deadline)
          }
          try await perform(machine.receive(bytes, at: heardAt))
        // The transport says that the deadline has passed, so it has, whatever the clock says by now.
        case .timedOut: if let deadline { try await expire(at: deadline) }
        case .endOfStream: throw DeviceError(.gone, during: "reading \(device)")
        }
      } catch {
        return end(error)
      }
    }
  }

  /// When bytes that were read at `instant` came, for all that anybody knows.
  ///
  /// They carry the time at which this process got to read them. After a stall that is beyond the deadline,
  /// although they may have waited in the kernel since long before it: only the transport, which looks once
  /// more before it reports a time-out, knows of silence. So they came before the deadline, and continue the
  /// code at hand. Where silence alone ends a code, two codes that came during one stall are delivered as
  /// one. That one is not marked as truncated: a stall in the middle of one code is by far the likelier, and
  /// that code is whole.
  private static func heard(at instant: Int64, before deadline: Int64?) -> Int64 {
    guard let deadline else { return instant }
    return min(instant, deadline &- 1)
  }

  private mutating func expire(at now: Int64) async throws(DeviceError) {
    try await perform(machine.expire(at: now))
    releaseHalf(at: now)
  }

  /// Codes are published before the answers that let the scanner forget them are sent.
  private mutating func perform(_ actions: [ScannerAction]) async throws(DeviceError) {
    publish(actions)
    // A code may end without anything to deliver: a dead key alone, a Tab, a header that is none.
    if machine.pendingBytes == nil { isInsideStaleCode = false }
    for case .send(let message) in actions { try await link.write(message) }
  }

  private mutating func end(_ error: DeviceError) -> Ending {
    conversation.giveUp()
    if error.code == .cancelled || error.code == .closed {
      let last = machine
      publish(machine.expire(at: .max))
      releaseHalf(at: .max)
      return .stopped(last)
    }
    let pending = isInsideStaleCode ? nil : machine.pendingBytes
    releaseHalf(at: .max)
    subscribers.end(with: pending.map { .interrupted(bytes: $0, error) } ?? .detached(error))
    return .gone(error)
  }
}

// MARK: - Publishing

extension ScannerReader {
  private mutating func publish(_ actions: [ScannerAction]) {
    for action in actions {
      switch action {
      case .send: break
      case .publish(let code, let typist): take(code, typist)
      case .complain(let error, let length):
        doubt(
          "decoding what \(device) sent",
          "\(error.field): \(error.reason.name) at byte \(error.offset), in a read of \(length)")
      case .doubt(let text): doubt("reading \(device)", text)
      case .trouble(let text):
        counts.withLock { $0.troubles += 1 }
        subscribers.publish(.trouble(DeviceError(.inputOutput, during: "reading \(device)", detail: text)))
      case .answer(let answer): conversation.answer(answer)
      }
    }
  }

  private func doubt(_ operation: String, _ detail: String) {
    counts.withLock { $0.undecodableReports += 1 }
    subscribers.publish(.undecodable(DeviceError(.protocolViolation, during: operation, detail: detail)))
  }

  /// Drops a code that is read again, and looks for the other half of a new one.
  private mutating func take(_ code: DecodedCode, _ typist: Scan.Typist?) {
    guard !isInsideStaleCode else {
      isInsideStaleCode = false
      return
    }
    if sameCode?.isRepeat(code, at: readAt.nanoseconds) ?? false {
      return counts.withLock { $0.repeatedScans += 1 }
    }
    guard joiner != nil else { return deliver(code, readAt: readAt, typist: typist) }
    var results: [(SymbolJoiner.Joined, Int64)] = []
    let (heard, read) = (heardAt, readAt.nanoseconds)
    joiner?.add(code, at: heard) { results.append(($0, $1 == heard ? read : $1)) }
    for (joined, time) in results { deliver(joined, readAt: time, typist: typist) }
  }

  private mutating func releaseHalf(at now: Int64) {
    var results: [(SymbolJoiner.Joined, Int64)] = []
    joiner?.expire(at: now) { results.append(($0, $1)) }
    for (joined, readAt) in results { deliver(joined, readAt: readAt, typist: nil) }
  }

  private func deliver(_ joined: SymbolJoiner.Joined, readAt: Int64, typist: Scan.Typist?) {
    let readAt = MonotonicInstant(nanoseconds: readAt)
    switch joined {
    case .single(let code): deliver(code, readAt: readAt, typist: typist)
    case .withAddOn(let code, let addOn):
      deliver(code, with: addOn, as: .addOn, readAt: readAt, typist: typist)
    case .twoLines(let code, let price):
      deliver(code, with: price, as: .secondLine, readAt: readAt, typist: typist)
    }
  }

  private func deliver(
    _ code: DecodedCode, with other: DecodedCode? = nil, as role: Scan.Companion.Role = .addOn,
    readAt: MonotonicInstant, typist: Scan.Typist?
  ) {
    counts.withLock { counts in
      if code.isTruncated { counts.truncatedScans += 1 } else { counts.goodScans += 1 }
      if other != nil { counts.joinedScans += 1 }
    }
    subscribers.publish(
      .scan(
        Scan(
          device: device, aim: code.aim, symbology: code.symbology, namedDataType: code.scanDataType,
          bytes: code.bytes, raw: code.raw,
          companion: other.map { Scan.Companion(role: role, bytes: $0.bytes) },
          reports: code.pieces + (other?.pieces ?? 0), isTruncated: code.isTruncated, typist: typist,
          readAt: readAt, decodedAt: link.clock.now)))
  }
}
