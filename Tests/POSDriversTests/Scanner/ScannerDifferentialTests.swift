import Foundation
import POSBarcode
import POSDrivers
import POSLinux
import POSModel
import POSScan
import POSSimulation
import POSTransport
import TestSupport
import Testing

/// Generated codes go from a simulated scanner through the kernel, a packet socket or a pty, to the driver's
/// events: every byte has to come out as it went in. Simulators and decoders share no code.
@Suite("Simulated scanners against drivers")
struct ScannerDifferentialTests {
  enum Mode: CaseIterable, Sendable {
    case hidPOS, keys, altCodes, oem, snapi, snapiLarge, serial, ssi
  }

  /// 8 modes of 28 codes: 224.
  static let codesPerMode = 28

  /// Lengths around the borders of every mode's reports and packets, and one of the longest QR code.
  private static let lengths = [1, 2, 13, 55, 56, 57, 58, 59, 112, 113, 116, 199, 200, 201, 400]

  /// Codes of any bytes, as far as the mode can carry them.
  private static func codes(_ mode: Mode) -> [[UInt8]] {
    var random = SeededGenerator(seed: 8 + UInt64(Mode.allCases.firstIndex(of: mode) ?? 0))
    return (0..<codesPerMode).map { number in
      let isLongest = number == 20 && mode != .keys
      let length = isLongest ? 2953 : lengths.randomElement(using: &random) ?? 1
      return (0..<length).map { _ in
        switch mode {
        // Characters of a US keyboard, and GS as Ctrl and a key.
        case .keys:
          [UInt8.random(in: 0x20...0x7E, using: &random), 0x1D].randomElement(using: &random) ?? 0x20
        // CR and LF end a line.
        case .serial: [0x00, .random(in: 14...255, using: &random)].randomElement(using: &random) ?? 0
        default: .random(in: 0...255, using: &random)
        }
      }
    }
  }

  private static func descriptor(_ route: DeviceAddress.Route) -> DeviceDescriptor {
    let address = DeviceAddress(route: route)
    return DeviceDescriptor(
      id: DeviceID(address.description), kind: .scanner, address: address, name: "simulated")
  }

  @Test("every byte of 224 codes arrives, in order and once", arguments: Mode.allCases)
  func everyByte(_ mode: Mode) async throws {
    switch mode {
    case .hidPOS:
      try await overSocket(
        mode, SimulatedHIDPOSScanner.reportDescriptor, .hidPOS(pieceTimeout: .seconds(60))
      ) { device in
        let scanner = SimulatedHIDPOSScanner(device: device)
        return { code in try await scanner.scan(.qr(code)) }
      }
    case .keys, .altCodes:
      var settings = KeyboardSettings()
      settings.terminator = .enter
      settings.gap = 60_000_000_000
      var behaviour = SimulatedTypingScanner.Behaviour()
      behaviour.usesAltCodes = mode == .altCodes
      try await overSocket(mode, SimulatedTypingScanner.reportDescriptor, .keyboard(settings)) {
        [behaviour] device in
        let scanner = SimulatedTypingScanner(device: device, behaviour: behaviour)
        return { code in try await scanner.scan(.qr(code)) }
      }
    case .oem:
      try await overSocket(mode, SimulatedOEMScanner.reportDescriptor, .oem) { device in
        let scanner = SimulatedOEMScanner(device: device)
        return { code in try await scanner.scan(code, id: 0x33) }
      }
    case .snapi, .snapiLarge:
      try await overSocket(mode, SimulatedSNAPIScanner.reportDescriptor, .snapi(packetTimeout: .seconds(60)))
      { device in
        let scanner = SimulatedSNAPIScanner(
          device: device, usesLargePackets: mode == .snapiLarge, answerTime: .seconds(60))
        return { code in try await scanner.scan(code, type: 28) }
      }
    case .serial:
      var settings = SerialScanSettings()
      settings.envelope.identifiers = .aim
      settings.gap = 60_000_000_000
      try await overLine(mode, .serial(settings, .none), .serial)
    case .ssi: try await overLine(mode, .ssi(packetTimeout: .seconds(60)), .ssi)
    }
  }

  private func overSocket(
    _ mode: Mode, _ reportDescriptor: [UInt8], _ driverMode: ReportScannerMode,
    _ makeScanner: (any ReportDevice) -> @Sendable ([UInt8]) async throws -> Void
  ) async throws {
    let path = NSTemporaryDirectory() + "differential-\(UInt32.random(in: 0 ... .max)).sock"
    let listener = try ReportSocketListener(path, reportDescriptor: reportDescriptor)
    async let accepted = listener.accept(until: nil)
    let host = try await ReportSocket.open(path)
    let device = try await accepted
    let driver = try CodeScanner(Self.descriptor(.reportSocket(path: path)), reports: host, mode: driverMode)
    try await compare(mode, driver, makeScanner(device))
    await device.close()
    await listener.close()
  }

  private func overLine(
    _ mode: Mode, _ driverMode: StreamScannerMode, _ simulated: SimulatedSerialScanner.Mode
  ) async throws {
    let line = try PseudoTerminal()
    let port = try await SerialPort.open(line.path, SerialSettings())
    let driver = CodeScanner(
      Self.descriptor(.serial(path: line.path, baud: nil)), bytes: port, mode: driverMode)
    let scanner = SimulatedSerialScanner(line: line, mode: simulated, answerTime: .seconds(60))
    try await compare(mode, driver) { code in try await scanner.scan(.qr(code), sendsAIM: true) }
    await line.close()
  }

  private func compare(
    _ mode: Mode, _ driver: CodeScanner, _ scan: @Sendable ([UInt8]) async throws -> Void
  ) async throws {
    let codes = Self.codes(mode)
    var events = driver.events().makeAsyncIterator()
    try await driver.enable()
    for (number, code) in codes.enumerated() {
      async let sent: Void = scan(code)
      guard case .scan(let received)? = await events.next(isolation: #isolation) else {
        Issue.record("code \(number): no scan")
        return
      }
      try await sent
      #expect(received.bytes == code && !received.isTruncated, "code \(number) of \(code.count) bytes")
      #expect(received.device == driver.descriptor.id)
    }
    await driver.close()
    #expect(await events.next(isolation: #isolation) == nil)
    let statistics = driver.statistics
    #expect(statistics.goodScans == codes.count && statistics.truncatedScans == 0)
    #expect(statistics.undecodableReports == 0 && statistics.troubles == 0 && statistics.lostEvents == 0)
  }
}
