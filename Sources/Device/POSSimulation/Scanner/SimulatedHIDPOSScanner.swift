public import POSModel
public import POSTransport

/// A Zebra DS2208 in HID POS mode, as far as a driver can tell: reports by that scanner's bytes, a report
/// descriptor that fits them, and obedience to the prevent-read bit.
///
/// The reports are laid out by hand from specs/scanners.md §1.2; nothing is shared with the decoder.
///
///     let scanner = SimulatedHIDPOSScanner(device: link.device)
///     try await scanner.powerOn()
///     guard try await scanner.waitUntilTold(toRead: true, until: nil) else { return }
///     try await scanner.scan(.qr("5fa24b31"))
public actor SimulatedHIDPOSScanner {
  /// What the scanner gets wrong.
  public struct Faults: Sendable, Equatable {
    /// A code read before anybody listened: its reports leave at power-on.
    public var staleCode: SimulatedBarcode?
    /// The report of each code, counted from 0, that is sent twice.
    public var duplicatedReport: Int?
    /// The byte count in the last report of each code, whatever the data.
    public var byteCount: UInt8?
    /// Whether a code that fills its last report is followed by a report of no bytes.
    public var endsWithEmptyReport = false
    /// Reports of a code after which the scanner is unplugged.
    public var unplugAfterReports: Int?

    /// A scanner without faults.
    public init() {}
  }

  /// What came of holding a code before the scanner.
  public enum Outcome: Sendable, Equatable {
    /// It was read and sent in this many reports.
    case read(reports: Int)
    /// The host keeps the scanner from reading.
    case prevented
    /// The scanner was unplugged after this many reports.
    case unplugged(reports: Int)
  }

  /// What the scanner gets wrong from the next code on.
  public private(set) var faults: Faults
  private let device: any ReportDevice
  private var isPrevented = false
  /// Whether the host holds the trigger.
  public private(set) var isTriggerPulled = false
  /// Beeps the host asked for: 04 error, 08 good read. A bit that stays set is one beep.
  public private(set) var beeps: [UInt8] = []
  private var lastBits: UInt8 = 0
  private var isSending = false

  /// A scanner at the device's end of a report link that was made with ``reportDescriptor``.
  public init(device: any ReportDevice, faults: Faults = Faults()) {
    self.device = device
    self.faults = faults
  }

  /// Changes what goes wrong.
  public func set(_ faults: Faults) { self.faults = faults }

  /// Powers up: a scanner may read until it is told otherwise.
  public func powerOn() async throws(DeviceError) {
    guard let code = faults.staleCode else { return }
    for report in Self.reports(of: code) { try await device.sendReport(report, until: nil) }
  }

  /// Waits until the host tells the scanner to read, or to stop; `false` when it does not before `deadline`
  /// or goes away.
  public func waitUntilTold(
    toRead reads: Bool, until deadline: MonotonicInstant?
  ) async throws(DeviceError) -> Bool {
    while case .report(let report, _) = try await device.receiveReport(until: deadline) {
      if obey(report), isPrevented != reads { return true }
    }
    return false
  }

  /// Obeys what the host has sent by now.
  public func listen() async throws(DeviceError) {
    let now = device.clock.now
    while case .report(let report, _) = try await device.receiveReport(until: now) { _ = obey(report) }
  }

  /// Holds a code before the scanner. One at a time.
  @discardableResult
  public func scan(_ code: SimulatedBarcode) async throws(DeviceError) -> Outcome {
    guard !isSending else {
      throw DeviceError(.busy, during: "simulating a scan", detail: "another code is being read")
    }
    isSending = true
    defer { isSending = false }
    try await listen()
    guard !isPrevented else { return .prevented }

    var sent = 0
    for report in faulty(Self.reports(of: code)) {
      if sent == faults.unplugAfterReports { break }
      try await device.sendReport(report, until: nil)
      sent += 1
    }
    if sent == faults.unplugAfterReports {
      await device.close()
      return .unplugged(reports: sent)
    }
    return .read(reports: sent)
  }

  /// Pulls the plug.
  public func unplug() async { await device.close() }

  /// Takes an output report; `true` when it says whether to read.
  private func obey(_ report: [UInt8]) -> Bool {
    guard report.count >= 2, report[0] == 0x04 else { return false }
    isPrevented = report[1] & 0x01 != 0
    isTriggerPulled = report[1] & 0x02 != 0
    for beep in [0x04, 0x08] as [UInt8] where report[1] & ~lastBits & beep != 0 { beeps.append(beep) }
    lastBits = report[1]
    return true
  }

  private func faulty(_ reports: [[UInt8]]) -> [[UInt8]] {
    var reports = reports
    let last = reports.count - 1
    if faults.endsWithEmptyReport, reports[last][1] == 56 {
      reports[last][63] = 1
      var empty = [UInt8](repeating: 0, count: 64)
      empty[0] = 0x02
      reports.append(empty)
    }
    if let count = faults.byteCount { reports[last][1] = count }
    if let index = faults.duplicatedReport, reports.indices.contains(index) {
      reports.insert(reports[index], at: index)
    }
    return reports
  }
}

// MARK: - Bytes

extension SimulatedHIDPOSScanner {
  /// The reports of one code, 64 bytes each: id 02, count, a zero, three AIM characters, 56 bytes of data,
  /// code id, and 01 while more follows.
  static func reports(of code: SimulatedBarcode) -> [[UInt8]] {
    var reports: [[UInt8]] = []
    var rest = code.data[...]
    repeat {
      let piece = rest.prefix(56)
      rest = rest.dropFirst(56)
      var report: [UInt8] = [0x02, UInt8(piece.count), 0x00]
      report += code.aim
      report += piece
      report += [UInt8](repeating: 0, count: 62 - report.count)
      report += [code.codeID, rest.isEmpty ? 0x00 : 0x01]
      reports.append(report)
    } while !rest.isEmpty
    return reports
  }

  /// The report descriptor: the scanned-data report above, and an output report of one byte whose lowest bit
  /// prevents reading. The items are those of the one descriptor that was ever published (specs/scanners.md
  /// §8.1), at Zebra's places.
  public static let reportDescriptor: [UInt8] = [
    0x05, 0x8C, 0x09, 0x02, 0xA1, 0x01,  // page bar code scanner, application collection: bar code scanner
    0x09, 0x12, 0xA1, 0x02,  // logical collection: scanned data
    0x85, 0x02, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08,  // id 2, bytes of 0 to 255
    0x95, 0x01, 0x05, 0x01, 0x09, 0x3B, 0x81, 0x02,  // [1] byte count
    0x81, 0x03,  // [2] padding
    0x95, 0x03, 0x05, 0x8C, 0x09, 0xFB, 0x09, 0xFC, 0x09, 0xFD, 0x81, 0x02,  // [3…5] symbology identifier
    0x95, 0x38, 0x09, 0xFE, 0x82, 0x02, 0x01,  // [6…61] decoded data
    0x95, 0x01, 0x06, 0x66, 0xFF, 0x09, 0x04, 0x81, 0x02,  // [62] code id
    0x05, 0x8C, 0x25, 0x01, 0x75, 0x01, 0x09, 0xFF, 0x81, 0x02,  // [63] bit 0: continued
    0x95, 0x07, 0x81, 0x03,  // [63] bits 1 to 7: padding
    0xC0,
    0x09, 0x14, 0xA1, 0x02,  // logical collection: trigger
    0x85, 0x04, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01,  // id 4, bits
    0x95, 0x04, 0x09, 0x5F, 0x09, 0x60, 0x09, 0x85, 0x09, 0x86, 0x91, 0x86,  // prevent, initiate, two beeps
    0x95, 0x04, 0x91, 0x03,  // padding
    0xC0, 0xC0,
  ]
}
