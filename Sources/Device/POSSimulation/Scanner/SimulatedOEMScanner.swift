public import POSModel
public import POSTransport

/// A hand-held scanner in USB-OEM mode: silent until it is enabled, then labels with three-byte ids, in segments
/// where they are long. Laid out by hand from specs/scanners.md §1.3.
public actor SimulatedOEMScanner {
  private let device: any ReportDevice
  private var isEnabled = false
  /// Beeps it was told to sound: 04 good read, 05 error, 06 not on file.
  public private(set) var beeps: [UInt8] = []
  /// The nine bytes it was last configured with.
  public private(set) var configuration: [UInt8]
  /// What one is configured with that nobody has configured.
  public static let factoryConfiguration = [UInt8](repeating: 0, count: 9)
  /// What it says of itself, longer than a report.
  public static let information = "S/N 0123456789 FIRMWARE DR92162 OF 2024-05 INTERFACE USB-OEM HANDHELD"
  /// Status bits that come with every report, for faults: bit 5 is a hardware error.
  private let status0: UInt8

  /// A scanner at the device's end of a report link that was made with ``reportDescriptor``.
  ///
  /// - Parameter configuration: the nine bytes that it was configured with before this link.
  public init(
    device: any ReportDevice, status0: UInt8 = 0x10,
    configuration: [UInt8] = SimulatedOEMScanner.factoryConfiguration
  ) {
    self.device = device
    self.configuration = configuration
    self.status0 = status0
  }

  /// Obeys what the host has sent by now; what it asked is answered.
  public func listen() async throws(DeviceError) {
    let now = device.clock.now
    while case .report(let command, _) = try await device.receiveReport(until: now) {
      try await obey(command)
    }
  }

  /// Waits until the host tells the scanner to read, or to stop; `false` when it does not before `deadline` or
  /// goes away.
  public func waitUntilTold(toRead reads: Bool, until deadline: MonotonicInstant?) async throws(DeviceError)
    -> Bool
  {
    while case .report(let command, _) = try await device.receiveReport(until: deadline) {
      try await obey(command)
      if isEnabled == reads { return true }
    }
    return false
  }

  /// Holds a code before the scanner; `false` when it may not read.
  @discardableResult
  public func scan(_ data: [UInt8], id: UInt8) async throws(DeviceError) -> Bool {
    try await listen()
    guard isEnabled else { return false }
    var rest = data[...]
    repeat {
      let piece = rest.prefix(57)
      rest = rest.dropFirst(57)
      try await send([UInt8](piece) + [rest.isEmpty ? 0x00 : 0x10, id, 0x0B], status: (status0, 0x03, 0x00))
    } while !rest.isEmpty
    return true
  }

  private func obey(_ command: [UInt8]) async throws(DeviceError) {
    guard command.count == 11 else { return }
    switch command[0] {
    case 0x11: isEnabled = true
    case 0x12: isEnabled = false
    case 0x20:
      // Values that are out of range are bent: the two lengths of interleaved 2 of 5 have six bits.
      configuration = Array(command[2...])
      let isBent = configuration[7] > 0x3F
      configuration[7] = min(configuration[7], 0x3F)
      return try await send(status: (0x00, 0x03, isBent ? 0x03 : 0x01))
    case 0x21: return try await send(configuration, status: (0x02, 0x03, 0x00))
    case 0x30: return try await obeyDirect(command)
    default: return
    }
    try await send(status: (0x00, isEnabled ? 0x03 : 0x01, 0x00))
  }

  /// Direct commands: three beeps, and texts whose reports begin with a byte that is not zero while more follows.
  private func obeyDirect(_ command: [UInt8]) async throws(DeviceError) {
    switch (command[1], command[2]) {
    case (0, 0x01): try await answer(Self.information)
    case (0, 0x02): try await answer("HEALTH OK")
    case (0, 0x03): try await answer("READS 00000042")
    case (0, 0x04...0x06):
      beeps.append(command[2])
      try await send(status: (0x00, 0x03, 0x08))
    default: try await send(status: (0x00, 0x03, 0x20))
    }
  }

  private func answer(_ text: String) async throws(DeviceError) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let piece = rest.prefix(59)
      rest = rest.dropFirst(59)
      try await send([rest.isEmpty ? 0x00 : 0x01] + piece, status: (0x40, 0x03, 0x08))
    }
  }

  private func send(
    _ payload: [UInt8] = [], status: (UInt8, UInt8, UInt8)
  ) async throws(DeviceError) {
    var report = [UInt8(4 + payload.count), status.0, status.1, status.2] + payload
    report += [UInt8](repeating: 0, count: 64 - report.count)
    try await device.sendReport(report, until: nil)
  }

  /// A descriptor for 64 bytes in and 11 out on the vendor page of USB-OEM devices, under usage 4B00.
  public static let reportDescriptor: [UInt8] = [
    0x06, 0x66, 0xFF, 0x0A, 0x00, 0x4B, 0xA1, 0x01,
    0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08, 0x95, 0x40, 0x09, 0x01, 0x81, 0x02,
    0x95, 0x0B, 0x09, 0x02, 0x91, 0x02, 0xC0,
  ]
}
