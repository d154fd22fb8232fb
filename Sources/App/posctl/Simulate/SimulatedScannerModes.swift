import ArgumentParser
import POSLinux
import POSModel
import POSSimulation
import POSTransport

/// How a simulated scanner is connected.
enum SimulatedScannerMode: String, ExpressibleByArgument, CaseIterable {
  case hidPOS = "hid-pos"
  case keyboard
  case oem
  case snapi
  case serial
  case ssi

  /// For `--help`.
  static let help = ArgumentHelp(
    "How it is connected: \(allCases.map(\.rawValue).joined(separator: ", ")). The last two make a serial line."
  )
}

/// What a simulated scanner reads, and how often.
struct SimulatedReading {
  /// The code.
  var code: SimulatedBarcode
  /// Whether an identifier was asked for: scanners that type send none otherwise.
  var sendsAIM = false
  /// How often the code is read in a row.
  var burst = 1
  /// The time between two keys of a scanner that types; `nil` for as fast as they are taken.
  var pace: Duration?
}

/// A scanner that types, or speaks USB-OEM or SNAPI, behind a socket of reports: one burst of codes for each till
/// that connects.
struct SimulatedReportScanner {
  let address: DeviceAddress
  private let listener: ReportSocketListener
  private let mode: SimulatedScannerMode
  private let reading: SimulatedReading

  init(socket: String, mode: SimulatedScannerMode, reading: SimulatedReading) throws(DeviceError) {
    self.mode = mode
    self.reading = reading
    address = DeviceAddress(scheme: mode.rawValue, route: .reportSocket(path: socket))
    let descriptor =
      switch mode {
      case .oem: SimulatedOEMScanner.reportDescriptor
      case .snapi: SimulatedSNAPIScanner.reportDescriptor
      default: SimulatedTypingScanner.reportDescriptor
      }
    listener = try ReportSocketListener(socket, reportDescriptor: descriptor)
  }

  func run() async throws(DeviceError) {
    // A scanner keeps its configuration when one till goes and another comes.
    var configuration = SimulatedOEMScanner.factoryConfiguration
    while true {
      let device = try await listener.accept(until: nil)
      do throws(DeviceError) {
        switch mode {
        case .oem:
          let scanner = SimulatedOEMScanner(device: device, configuration: configuration)
          try? await runOEM(scanner)
          configuration = await scanner.configuration
        case .snapi: try await runSNAPI(SimulatedSNAPIScanner(device: device), device)
        default: try await runTyping(device)
        }
      } catch  where error.code == .cancelled {
        throw error
      } catch {}
      await device.close()
    }
  }

  private func runOEM(_ scanner: SimulatedOEMScanner) async throws(DeviceError) {
    guard try await scanner.waitUntilTold(toRead: true, until: nil) else { return }
    for _ in 0..<reading.burst { try await scanner.scan(reading.code.data, id: 0x33) }
    while try await scanner.waitUntilTold(toRead: false, until: nil) {}
  }

  /// Nothing tells a SNAPI scanner when somebody listens: it reads once a second.
  private func runSNAPI(
    _ scanner: SimulatedSNAPIScanner, _ device: any ReportDevice
  ) async throws(DeviceError) {
    while true {
      for _ in 0..<reading.burst { try await scanner.scan(reading.code.data, type: 28) }
      try await device.clock.sleep(until: device.clock.now + .seconds(1))
      try await scanner.listen()
    }
  }

  /// Nor one that types.
  private func runTyping(_ device: any ReportDevice) async throws(DeviceError) {
    var behaviour = SimulatedTypingScanner.Behaviour()
    behaviour.sendsAIM = reading.sendsAIM
    behaviour.pace = reading.pace
    let scanner = SimulatedTypingScanner(device: device, behaviour: behaviour)
    while true {
      for _ in 0..<reading.burst { try await scanner.scan(reading.code) }
      try await device.clock.sleep(until: device.clock.now + .seconds(1))
    }
  }
}

/// A scanner on a serial line, plain or SSI.
struct SimulatedLineScanner {
  let address: DeviceAddress
  private let line: PseudoTerminal
  private let mode: SimulatedSerialScanner.Mode
  private let reading: SimulatedReading

  init(
    link: String, mode: SimulatedSerialScanner.Mode, reading: SimulatedReading
  ) throws(DeviceError) {
    self.mode = mode
    self.reading = reading
    address = DeviceAddress(scheme: mode == .ssi ? "ssi" : nil, route: .serial(path: link, baud: nil))
    line = try SimulatedLine.make(link)
  }

  func run() async throws(DeviceError) {
    let scanner = SimulatedSerialScanner(line: line, mode: mode)
    while true {
      switch mode {
      case .ssi:
        // The host says that the scanner may read.
        guard try await scanner.waitForHost() else { return }
        for _ in 0..<reading.burst { try await scanner.scan(reading.code) }
      case .serial:
        // Nothing tells a plain scanner when somebody listens: it sends once a second.
        for _ in 0..<reading.burst { try await scanner.scan(reading.code, sendsAIM: true) }
        try await line.clock.sleep(until: line.clock.now + .seconds(1))
      }
    }
  }
}

/// The serial lines of simulators.
enum SimulatedLine {
  /// A new line with a link to it.
  ///
  /// - Throws: `device.busy` where another simulator serves that link: whoever uses it would lose it.
  static func make(_ link: String) throws(DeviceError) -> PseudoTerminal {
    guard !PseudoTerminal.isServed(link) else {
      throw DeviceError(
        .busy, during: "making the serial line \(link)", detail: "another simulator serves it",
        hint: "end that one, name another link, or: rm \(link)")
    }
    return try PseudoTerminal(link: link)
  }
}
