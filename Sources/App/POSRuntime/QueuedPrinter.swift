import POSDrivers
public import POSJournal
public import POSModel

/// A receipt printer behind its persistent queue: every job is on disk before its first byte leaves, and what became of
/// it is known after a crash.
///
///     let printer = try await QueuedPrinter.open(at: address, with: opener, journal: journal)
///     switch await printer.print(PrintJob(id: "check-1042", document: receipt)) { … }
///
/// A job id is printed once for ever. One that was not printed does not wait: whoever printed it decides what to do.
public struct QueuedPrinter: ReceiptPrinter {
  /// What and where it is.
  public let descriptor: DeviceDescriptor
  private let queue: PrintQueue
  private let layout: ReceiptLayout

  /// The printer at `address`, which is opened now and kept open.
  ///
  /// - Throws: what opening it throws.
  public static func open(
    at address: DeviceAddress, with opener: DeviceOpener, journal: Journal
  ) async throws(DeviceError) -> QueuedPrinter {
    let id = DeviceOpener.deviceID(of: address)
    let queue = PrintQueue(for: id, journal: journal, profile: opener.printerProfile.name) {
      (owedBytes) async throws(DeviceError) in
      try await opener.printer(at: address, owedBytes: owedBytes)
    }
    try await queue.connect()
    return QueuedPrinter(
      descriptor: DeviceDescriptor(id: id, kind: .printer, address: address, name: "printer at \(address)"),
      queue: queue, layout: ReceiptLayout(opener.printerProfile, glyphs: opener.glyphs))
  }

  private init(descriptor: DeviceDescriptor, queue: PrintQueue, layout: ReceiptLayout) {
    self.descriptor = descriptor
    self.queue = queue
    self.layout = layout
  }

  /// Lays the job out, queues it and prints it after those before it.
  public func print(_ job: PrintJob, watch: PrintWatch) async -> PrintOutcome {
    let commands: [UInt8]
    switch job.content {
    case .commands(let bytes): commands = bytes
    case .document(let document):
      do throws(DeviceError) {
        commands = try layout.escpos(document)
      } catch {
        return .notPrinted(error)
      }
    }
    return await queue.print(job.id, commands: commands, watch: watch)
  }

  /// What the journal says; `nil` when it cannot be read.
  public func outcome(ofEarlier id: String) async -> PrintOutcome? { try? await queue.outcome(of: id) }

  /// Asks the printer how it is, between jobs.
  public func status() async throws(DeviceError) -> PrinterStatus {
    try await queue.withPrinter { (printer) async throws(DeviceError) in try await printer.status() }
  }

  /// Asks the printer who it is, between jobs.
  public func identity() async throws(DeviceError) -> PrinterIdentity {
    try await queue.withPrinter { (printer) async throws(DeviceError) in try await printer.identity() }
  }

  /// Opens the drawer, between jobs.
  public func openDrawer(_ pulse: DrawerPulse) async -> DrawerOutcome {
    do throws(DeviceError) {
      // After a failure the next call opens the printer anew.
      return try await queue.withPrinter(whereSound: { $0 == .opened || $0 == .pulsed }) {
        (printer) async throws(DeviceError) in await printer.openDrawer(pulse)
      }
    } catch {
      return .notOpened(error)
    }
  }

  /// Waits for the job at hand and lets go of the printer.
  public func close() async { await queue.close() }
}
