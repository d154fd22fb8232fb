public import POSModel
public import POSTransport

/// A Zebra scanner in SNAPI mode, as far as the protocol is known: packets that want to be acknowledged, and
/// commands that it answers with a status. Laid out by hand from specs/scanners.md §1.4.
public actor SimulatedSNAPIScanner {
  /// What came of holding a code before the scanner.
  public enum Outcome: Sendable, Equatable {
    /// Sent; how often packets had to be sent again.
    case sent(repeats: Int)
    /// The host did not acknowledge three times.
    case unanswered
  }

  /// What the host told the scanner, id and value.
  public struct Command: Sendable, Equatable {
    /// The report's id.
    public var id: UInt8
    /// The byte behind it.
    public var value: UInt8

    /// A command from its parts.
    public init(id: UInt8, value: UInt8) {
      self.id = id
      self.value = value
    }
  }

  /// Commands the host has sent, acknowledgements apart.
  public private(set) var commands: [Command] = []
  private let device: any ReportDevice
  private let answerTime: Duration
  private let usesLargePackets: Bool

  /// A scanner at the device's end of a report link that was made with ``reportDescriptor``; it waits
  /// `answerTime` for each acknowledgement.
  public init(
    device: any ReportDevice, usesLargePackets: Bool = false, answerTime: Duration = .seconds(2)
  ) {
    self.device = device
    self.usesLargePackets = usesLargePackets
    self.answerTime = answerTime
  }

  /// Holds a code before the scanner. Types: 28 for QR and 11 for EAN-13, say.
  @discardableResult
  public func scan(_ data: [UInt8], type: UInt16) async throws(DeviceError) -> Outcome {
    let size = usesLargePackets ? 56 : 58
    let count = max(1, (data.count + size - 1) / size)
    var repeats = 0
    for index in 0..<count {
      let piece = data.dropFirst(index * size).prefix(size)
      let head: [UInt8] =
        usesLargePackets
        ? [0x26, UInt8(count >> 8), UInt8(count & 0xFF), UInt8(index >> 8), UInt8(index & 0xFF)]
        : [0x22, UInt8(truncatingIfNeeded: count), UInt8(truncatingIfNeeded: index)]
      var report = head + [UInt8(piece.count), UInt8(type & 0xFF), UInt8(type >> 8)] + piece
      report += [UInt8](repeating: 0, count: 64 - report.count)
      var attempt = 0
      while true {
        try await device.sendReport(report, until: nil)
        if try await hearsAcknowledgement(of: head[0]) { break }
        attempt += 1
        repeats += 1
        if attempt == 3 { return .unanswered }
      }
    }
    return .sent(repeats: repeats)
  }

  /// Obeys what the host has sent by now.
  public func listen() async throws(DeviceError) {
    let now = device.clock.now
    while case .report(let report, _) = try await device.receiveReport(until: now) {
      _ = try await obey(report)
    }
  }

  private func hearsAcknowledgement(of id: UInt8) async throws(DeviceError) -> Bool {
    let deadline = device.clock.now + answerTime
    while case .report(let report, _) = try await device.receiveReport(until: deadline) {
      if try await obey(report) == id { return true }
    }
    return false
  }

  /// Takes an output report: the id of the input report that it acknowledges, `nil` for a command.
  private func obey(_ report: [UInt8]) async throws(DeviceError) -> UInt8? {
    guard report.count >= 4 else { return nil }
    if report[0] == 0x01 { return report[2] == 1 ? report[1] : nil }
    commands.append(Command(id: report[0], value: report[1]))
    let status: UInt8 = [0x02, 0x04, 0x05, 0x06, 0x0A].contains(report[0]) ? 1 : 3
    var answer: [UInt8] = [0x21, report[0], status, 0]
    answer += [UInt8](repeating: 0, count: 60)
    try await device.sendReport(answer, until: nil)
    return nil
  }

  /// A descriptor on a vendor page: the input reports 21, 22, 24 and 26 of 64 bytes, one output report of each
  /// command.
  public static let reportDescriptor: [UInt8] = {
    var items: [UInt8] = [0x06, 0x45, 0xFF, 0x09, 0x01, 0xA1, 0x01, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08]
    for id in [0x21, 0x22, 0x24, 0x26] as [UInt8] {
      items += [0x85, id, 0x95, 0x3F, 0x09, id, 0x81, 0x02]
    }
    for id in [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0A] as [UInt8] {
      items += [0x85, id, 0x95, 0x03, 0x09, id, 0x91, 0x02]
    }
    return items + [0xC0]
  }()
}
