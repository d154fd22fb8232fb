import ESCPOS
import POSDrivers
import POSLinux
import POSModel
import POSSimulation
import POSTransport

/// A simulated printer behind real sockets or pseudo-terminals, whose first link breaks.
actor SweepPrinter {
  /// What carries the bytes.
  enum Line: String, CaseIterable { case tcp, serial }
  /// Why the first link breaks.
  enum Fault: String, CaseIterable { case cablePulled, powerCut }

  static let profile = PrinterProfile.epsonTMT20II

  private let line: Line
  private let fault: Fault
  private let device: Device
  private var running: Task<Void, Never>?

  /// The simulated printer once there is a link.
  private final class Device: Sendable {
    let printer = Lock<SimulatedPrinter?>(nil)
  }

  private let breaksAfter: Int

  /// A printer whose first link breaks after so many bytes.
  init(_ line: Line, _ fault: Fault, breaksAfter: Int) {
    self.line = line
    self.fault = fault
    self.breaksAfter = breaksAfter
    device = Device()
  }

  /// The paper of each time it was switched on.
  var pages: [PrintedPage] {
    get async { await device.printer.withLock { $0 }?.pages ?? [] }
  }

  /// A driver for a new link.
  func open(isInterrupted: Bool) async throws(DeviceError) -> any ReceiptPrinter {
    await endLink()
    let host: any ByteTransport
    let far: any ByteTransport
    switch line {
    case .tcp:
      let listener = try TCPListener()
      host = try await TCPConnection.open(host: "127.0.0.1", port: listener.port)
      far = try await listener.accept(until: nil)
      await listener.close()
    case .serial:
      let terminal = try PseudoTerminal()
      host = try await SerialPort.open(terminal.path, SerialSettings(baud: 115_200))
      far = terminal
    }
    if let printer = device.printer.withLock({ $0 }) {
      await printer.connect(over: far)
      running = Task { await printer.run() }
    } else {
      var faults = SimulatedPrinter.Faults()
      faults.breaksLinkAfter = breaksAfter
      let printer = SimulatedPrinter(over: far, Self.profile.geometry, faults: faults)
      device.printer.withLock { $0 = printer }
      running = Task { await printer.run() }
    }
    return ESCPOSPrinter(
      DeviceDescriptor(
        id: DeviceID("sweep"), kind: .printer, address: DeviceAddress(route: .file(path: "sweep")),
        name: "the printer"),
      over: host, profile: Self.profile,
      // Short waits; whether they are long enough decides nothing but how often something is tried.
      timing: ESCPOSPrinter.Timing(
        status: .milliseconds(200), progress: .seconds(20), confirmation: .seconds(20)),
      isInterrupted: isInterrupted)
  }

  /// Ends the link at hand; a power cut takes what the printer held with it.
  func endLink() async {
    guard let running, let printer = device.printer.withLock({ $0 }) else { return }
    if fault == .powerCut { await printer.cutPower() } else { await printer.stop() }
    await running.value
    self.running = nil
  }
}
