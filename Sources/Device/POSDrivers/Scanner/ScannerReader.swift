import POSModel
import POSScan
import POSTransport
import POSWire

/// The task that reads one scanner while it is enabled, whatever mode it is in: bytes in, events out, answers back.
///
/// It owns its decoder, so a code that one enabling began is never glued to what the next one reads.
struct ScannerReader: Sendable {
  /// Why reading ended.
  enum Ending: Sendable {
    /// The reader was cancelled.
    case stopped
    /// The device is gone; subscribers know.
    case gone(DeviceError)
  }

  let device: DeviceID
  let link: ScannerLink
  var machine: any ScannerMachine
  let subscribers: ScannerSubscribers
  let counts: Lock<ScannerStatistics>
  /// When the last bytes had been read from the kernel.
  private var readAt = MonotonicInstant.start

  init(
    device: DeviceID, link: ScannerLink, machine: any ScannerMachine, subscribers: ScannerSubscribers,
    counts: Lock<ScannerStatistics>
  ) {
    self.device = device
    self.link = link
    self.machine = machine
    self.subscribers = subscribers
    self.counts = counts
  }

  /// Reads until the task is cancelled or the device goes away.
  @concurrent
  mutating func run() async -> Ending {
    while true {
      let deadline = machine.deadline
      do throws(DeviceError) {
        switch try await link.read(until: deadline.map(MonotonicInstant.init(nanoseconds:))) {
        case .bytes(let bytes, at: let instant):
          counts.withLock { $0.reports += 1 }
          // What came too late ends the code before it, whose last bytes are the ones before these.
          try await perform(machine.expire(at: instant.nanoseconds))
          readAt = instant
          try await perform(machine.receive(bytes, at: instant.nanoseconds))
        // The transport says that the deadline has passed, so it has, whatever the clock says by now.
        case .timedOut: if let deadline { try await perform(machine.expire(at: deadline)) }
        case .endOfStream: throw DeviceError(.gone, during: "reading \(device)")
        }
      } catch {
        return end(error)
      }
    }
  }

  /// Codes are published before the answers that let the scanner forget them are sent.
  private func perform(_ actions: [ScannerAction]) async throws(DeviceError) {
    publish(actions)
    for case .send(let message) in actions { try await link.write(message) }
  }

  private func publish(_ actions: [ScannerAction]) {
    for action in actions {
      switch action {
      case .send: break
      case .publish(let code):
        counts.withLock { counts in
          if code.isTruncated { counts.truncatedScans += 1 } else { counts.goodScans += 1 }
        }
        subscribers.publish(.scan(Scan(code, device: device, readAt: readAt, decodedAt: link.clock.now)))
      case .complain(let error, let length):
        counts.withLock { $0.undecodableReports += 1 }
        subscribers.publish(
          .undecodable(
            DeviceError(
              .protocolViolation, during: "decoding what \(device) sent",
              detail: "\(error.field): \(error.reason.name) at byte \(error.offset), in a read of \(length)"))
        )
      case .trouble(let text):
        counts.withLock { $0.undecodableReports += 1 }
        subscribers.publish(
          .undecodable(DeviceError(.protocolViolation, during: "reading \(device)", detail: text)))
      }
    }
  }

  private mutating func end(_ error: DeviceError) -> Ending {
    if error.code == .cancelled || error.code == .closed {
      publish(machine.expire(at: .max))
      return .stopped
    }
    subscribers.end(with: machine.pendingBytes.map { .interrupted(bytes: $0, error) } ?? .detached(error))
    return .gone(error)
  }
}

extension Scan {
  /// A decoded code as a scan of `device`.
  init(_ code: DecodedCode, device: DeviceID, readAt: MonotonicInstant, decodedAt: MonotonicInstant) {
    self.init(
      device: device, aim: code.aim, symbology: code.symbology, bytes: code.bytes, reports: code.pieces,
      isTruncated: code.isTruncated, readAt: readAt, decodedAt: decodedAt)
  }
}
