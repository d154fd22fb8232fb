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
  case serial
  case ssi

  /// For `--help`.
  static let help = ArgumentHelp(
    "How it is connected: \(allCases.map(\.rawValue).joined(separator: ", ")). The last two make a serial line."
  )
}

/// A scanner that types or speaks USB-OEM, behind a socket of reports: one code for each till that connects.
struct SimulatedReportScanner {
  let address: DeviceAddress
  private let listener: ReportSocketListener
  private let mode: SimulatedScannerMode
  private let code: SimulatedBarcode

  init(socket: String, mode: SimulatedScannerMode, code: String) throws(DeviceError) {
    self.mode = mode
    self.code = .qr(code)
    address = DeviceAddress(scheme: mode.rawValue, route: .reportSocket(path: socket))
    listener = try ReportSocketListener(
      socket,
      reportDescriptor: mode == .oem
        ? SimulatedOEMScanner.reportDescriptor : SimulatedTypingScanner.reportDescriptor)
  }

  func run() async throws(DeviceError) {
    while true {
      let device = try await listener.accept(until: nil)
      do throws(DeviceError) {
        if mode == .oem {
          let scanner = SimulatedOEMScanner(device: device)
          if try await scanner.waitUntilTold(toRead: true, until: nil) {
            try await scanner.scan(code.data, id: 0x33)
            while try await scanner.waitUntilTold(toRead: false, until: nil) {}
          }
        } else {
          // Nothing tells a scanner that types when somebody listens: it types once a second.
          let scanner = SimulatedTypingScanner(device: device)
          while true {
            try await scanner.scan(code)
            try await device.clock.sleep(until: device.clock.now + .seconds(1))
          }
        }
      } catch  where error.code == .cancelled {
        throw error
      } catch {}
      await device.close()
    }
  }
}

/// A scanner on a serial line, plain or SSI.
struct SimulatedLineScanner {
  let address: DeviceAddress
  private let line: PseudoTerminal
  private let mode: SimulatedSerialScanner.Mode
  private let code: SimulatedBarcode

  init(link: String, mode: SimulatedSerialScanner.Mode, code: String) throws(DeviceError) {
    self.mode = mode
    self.code = .qr(code)
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
        try await scanner.scan(code)
      case .serial:
        // Nothing tells a plain scanner when somebody listens: it sends once a second.
        try await scanner.scan(code, sendsAIM: true)
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
