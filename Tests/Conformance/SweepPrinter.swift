public import ESCPOS
import POSDrivers
public import POSJournal
import POSModel
public import POSRuntime
import POSSimulation
public import POSTransport

/// A way to a simulated printer.
public struct SweepLink: Sendable {
  /// The till's end.
  public var near: any ByteTransport
  /// The printer's end.
  public var far: any ByteTransport
  /// Takes away what is left when neither uses it any more.
  public var end: @Sendable () async -> Void

  /// A link of these ends.
  public init(
    near: any ByteTransport, far: any ByteTransport, end: @escaping @Sendable () async -> Void = {}
  ) {
    self.near = near
    self.far = far
    self.end = end
  }
}

/// A simulated printer at the end of real links, whose first one breaks.
public actor SweepPrinter {
  static let profile = PrinterProfile.epsonTMT20II

  private let connect: @Sendable () async throws(DeviceError) -> SweepLink
  private let fault: PrintQueueSweep.Fault
  private let timing: ESCPOSPrinter.Timing
  private let breaksAfter: Int
  /// The simulated printer once there was a link.
  private var printer: SimulatedPrinter?
  private var running: (task: Task<Void, Never>, link: SweepLink)?

  /// A printer whose first link breaks after so many bytes.
  init(
    _ fault: PrintQueueSweep.Fault, breaksAfter: Int, timing: ESCPOSPrinter.Timing,
    connect: @escaping @Sendable () async throws(DeviceError) -> SweepLink
  ) {
    self.connect = connect
    self.fault = fault
    self.timing = timing
    self.breaksAfter = breaksAfter
  }

  /// The paper of each time it was switched on.
  public var pages: [PrintedPage] {
    get async { await printer?.pages ?? [] }
  }

  /// Its queue, which opens it anew whenever that is needed.
  public nonisolated func queue(_ journal: Journal) -> PrintQueue {
    PrintQueue(for: DeviceID("sweep"), journal: journal) { (owedBytes) async throws(DeviceError) in
      try await self.open(owedBytes: owedBytes)
    }
  }

  /// A driver for a new link.
  private func open(owedBytes: Int) async throws(DeviceError) -> any ReceiptPrinter {
    await endLink()
    let link = try await connect()
    let simulator: SimulatedPrinter
    if let printer {
      simulator = printer
      await printer.connect(over: link.far)
    } else {
      var faults = SimulatedPrinter.Faults()
      faults.breaksLinkAfter = breaksAfter
      simulator = SimulatedPrinter(over: link.far, Self.profile.geometry, faults: faults)
      printer = simulator
    }
    running = (Task { await simulator.run() }, link)
    return ESCPOSPrinter(
      DeviceDescriptor(
        id: DeviceID("sweep"), kind: .printer, address: DeviceAddress(route: .file(path: "sweep")),
        name: "the printer"),
      over: link.near, profile: Self.profile, timing: timing, owedBytes: owedBytes)
  }

  /// Ends the link at hand; a power cut takes what the printer held with it.
  public func endLink() async {
    guard let (task, link) = running, let printer else { return }
    running = nil
    if fault == .powerCut { await printer.cutPower() } else { await printer.stop() }
    await task.value
    await link.end()
  }
}
