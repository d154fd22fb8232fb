import POSModel
import POSScan
import POSTransport
import POSWire

/// The task that reads one scanner while it is enabled: reports in, events out.
///
/// It owns its decoder, so a code that one enabling began is never glued to what the next one reads.
struct HIDPOSReader: Sendable {
  /// Why reading ended.
  enum Ending: Sendable {
    /// The reader was cancelled.
    case stopped
    /// The device is gone; subscribers know.
    case gone(DeviceError)
  }

  private let transport: any ReportTransport
  private let outlet: Outlet
  private var decoder: HIDPOSDecoder
  /// When the last report had been read from the kernel.
  private var readAt = MonotonicInstant.start

  init(
    device: DeviceID, transport: any ReportTransport, decoder: HIDPOSDecoder, subscribers: ScannerSubscribers,
    counts: Lock<ScannerStatistics>
  ) {
    self.transport = transport
    self.decoder = decoder
    outlet = Outlet(device: device, clock: transport.clock, subscribers: subscribers, counts: counts)
  }

  /// Reads until the task is cancelled or the device goes away.
  @concurrent
  mutating func run() async -> Ending {
    while true {
      let deadline = decoder.deadline
      do throws(DeviceError) {
        switch try await transport.readReport(until: deadline.map(MonotonicInstant.init(nanoseconds:))) {
        case .report(let report, at: let instant): take(report, at: instant)
        // The transport says that the deadline has passed, so it has, whatever the clock says by now.
        case .timedOut:
          if let deadline { decoder.expire(at: deadline) { [outlet, readAt] in outlet.publish($0, readAt) } }
        case .endOfStream: throw DeviceError(.gone, during: "reading \(outlet.device)")
        }
      } catch {
        return end(error)
      }
    }
  }

  private mutating func take(_ report: [UInt8], at instant: MonotonicInstant) {
    outlet.counts.withLock { $0.reports += 1 }
    // A piece that came too late ends the code before it, whose last report is the one before this.
    decoder.expire(at: instant.nanoseconds) { [outlet, readAt] in outlet.publish($0, readAt) }
    readAt = instant
    do {
      try decoder.receive(report.span, at: instant.nanoseconds) { [outlet] in outlet.publish($0, instant) }
    } catch {
      outlet.publish(error, reportLength: report.count)
    }
  }

  private mutating func end(_ error: DeviceError) -> Ending {
    if error.code == .cancelled || error.code == .closed {
      decoder.flush { [outlet, readAt] in outlet.publish($0, readAt) }
      return .stopped
    }
    outlet.subscribers.end(
      with: decoder.isInsideCode ? .interrupted(bytes: decoder.pendingBytes, error) : .detached(error))
    return .gone(error)
  }
}

extension HIDPOSReader {
  /// Where events go: apart from the decoder, so that publishing copies nothing of it.
  private struct Outlet: Sendable {
    let device: DeviceID
    let clock: any TransportClock
    let subscribers: ScannerSubscribers
    let counts: Lock<ScannerStatistics>

    func publish(_ event: HIDPOSEvent, _ readAt: MonotonicInstant) {
      guard case .scan(let scan) = event else { return }
      counts.withLock { counts in
        if scan.isTruncated { counts.truncatedScans += 1 } else { counts.goodScans += 1 }
      }
      subscribers.publish(.scan(Scan(scan, device: device, readAt: readAt, decodedAt: clock.now)))
    }

    func publish(_ error: WireError, reportLength: Int) {
      counts.withLock { $0.undecodableReports += 1 }
      subscribers.publish(
        .undecodable(
          DeviceError(
            .protocolViolation, during: "decoding a report of \(device)",
            detail: "\(error.field): \(error.reason.name) at byte \(error.offset) of \(reportLength)")))
    }
  }
}
