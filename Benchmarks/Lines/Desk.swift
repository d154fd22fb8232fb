import POSDrivers
import POSLinux
import POSModel
import POSSimulation

/// A simulated printer on a pseudo-terminal and its driver, new for each sample: paper that grows would slow it down.
actor Desk {
  private var driver: ESCPOSPrinter?
  private var device: SimulatedPrinter?
  private var running: Task<Void, Never>?
  private var prints = 0

  /// Puts a new printer on a new line.
  func setUp() async throws {
    await driver?.close()
    await device?.stop()
    await running?.value
    let end = try PseudoTerminal()
    let profile = PrinterProfile.epsonTMT20II
    let machine = SimulatedPrinter(over: end, profile.geometry)
    let descriptor = DeviceDescriptor(
      id: DeviceID("desk"), kind: .printer, address: DeviceAddress(route: .file(path: end.path)),
      name: "the printer")
    device = machine
    running = Task { await machine.run() }
    driver = ESCPOSPrinter(descriptor, over: try await SerialPort.open(end.path), profile: profile)
  }

  /// Prints, and waits for the printer's word.
  func print(_ commands: [UInt8]) async throws {
    prints += 1
    let outcome = await driver?.print(PrintJob(id: "desk-\(prints)", commands: commands))
    guard outcome == .printed else { throw DeviceError(.printUnknown, during: "measuring a print") }
  }
}
