import CPOSLinux
import Glibc
public import POSModel
public import POSTransport

/// A keyboard, or a scanner that types, through the kernel's event node: `/dev/input/event5`. Nobody else gets its keys
/// as long as it is open.
///
/// The reports are made again from what the kernel understood, and that loses some: Alt codes with the same digit
/// twice in one report, keys with one code, keys without. For a scanner, ``HIDRaw`` loses nothing; this is for where
/// there is no raw node, or none that may be opened.
public final class KeyboardEvents: ReportTransport {
  /// Always: whoever shows what came this way says so.
  public static let isLossy = true

  private struct State: Sendable {
    var reports = KeyReports()
    /// Reports of events that were read, not yet asked for.
    var ready: [[UInt8]] = []
  }

  private let grab: KeyGrab
  private let state = Lock(State())

  private init(_ grab: KeyGrab) { self.grab = grab }

  /// Opens an event node once none of its keys is down, and keeps everybody else from it.
  ///
  /// - Throws: `device.not_found`, `device.permission_denied`, `device.busy` when another program has grabbed it,
  ///   `device.bad_address` when it is no event node.
  public static func open(_ path: String) async throws(DeviceError) -> KeyboardEvents {
    let name = DeviceAddress(route: .evdev(path: path)).description
    return KeyboardEvents(try await KeyGrab.take(path, during: "opening \(name)"))
  }

  /// The machine's clock.
  public var clock: any TransportClock { Reactor.shared }

  /// That of a boot keyboard, whatever the device's own is.
  public var reportDescriptor: [UInt8] { KeyReports.descriptor }

  /// Waits for one report of 8 bytes; see ``ReportTransport``. A device that was pulled out fails with `device.gone`.
  public func readReport(until deadline: MonotonicInstant?) async throws(DeviceError) -> ReportReadResult {
    do {
      return try await grab.descriptor.perform(.reading, until: deadline, during: "reading keys from") {
        number in
        self.next(number)
      }
    } catch {
      guard error.code == .timedOut, error.errno == nil else { throw error }
      return .timedOut
    }
  }

  private func next(_ number: Int32) -> SharedDescriptor.Attempt<ReportReadResult> {
    while true {
      if let report = state.withLock({ $0.ready.isEmpty ? nil : $0.ready.removeFirst() }) {
        return .done(.report(report, at: Reactor.shared.now))
      }
      switch take(number) {
      case 0: return .done(.endOfStream)
      case 1...: continue
      case -Int(EAGAIN): return .wouldBlock
      case let status: return .failed(SystemError(Int32(-status)))
      }
    }
  }

  /// Reads what there is, and returns how many events it was.
  private func take(_ number: Int32) -> Int {
    withUnsafeTemporaryAllocation(of: pos_input_event.self, capacity: 64) { buffer in
      guard let start = buffer.baseAddress else { return -Int(EAGAIN) }
      let count = Int(pos_input_read(number, start, buffer.count))
      guard count > 0 else { return count }
      let events = Array(buffer.prefix(count))
      state.withLock { state in
        for event in events {
          if let report = state.reports.on(type: event.type, code: event.code, value: event.value) {
            state.ready.append(report)
          }
        }
      }
      return count
    }
  }

  /// Fails with `device.unsupported`: keys have no way back.
  public func writeReport(_ report: [UInt8]) async throws(DeviceError) {
    throw DeviceError(.unsupported, during: "writing a report to \(grab.descriptor.name)")
  }

  /// The lamp as it was when the node was opened: nobody else changes it meanwhile.
  public func capsLockLamp() async -> Bool? { grab.isCapsLockLit }

  /// Drops the reports that wait, and returns how many there were.
  public func discardPendingReports() async throws(DeviceError) -> Int {
    var count = 0
    while case .report = try await readReport(until: .start), count < 1024 { count += 1 }
    return count
  }

  /// Closes, and lets others have the keys again. A read at hand fails with `link.closed`.
  public func close() async { await grab.release() }
}
