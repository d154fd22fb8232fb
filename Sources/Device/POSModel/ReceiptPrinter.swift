/// Something that puts receipts on paper: one opened and claimed printer.
///
/// A printer has one writer. Jobs are printed in the order of the calls, each whole.
public protocol ReceiptPrinter: Sendable {
  /// What and where it is.
  var descriptor: DeviceDescriptor { get }

  /// Prints one job. Never throws: what is not known to have happened is said so.
  ///
  /// Cancelling the task stops waiting, not the printer.
  func print(_ job: PrintJob, watch: PrintWatch) async -> PrintOutcome

  /// What became of a job that may have begun in an earlier process; `nil` where nobody remembers.
  ///
  /// A job that is told not to have been printed never will be by itself: whoever asks may print it under a new name.
  func outcome(ofEarlier id: String) async -> PrintOutcome?

  /// Asks the printer how it is.
  func status() async throws(DeviceError) -> PrinterStatus

  /// Asks the printer who it is.
  func identity() async throws(DeviceError) -> PrinterIdentity

  /// Opens the cash drawer on the printer's connector.
  func openDrawer(_ pulse: DrawerPulse) async -> DrawerOutcome

  /// Waits for the job at hand and releases the device.
  func close() async
}

extension ReceiptPrinter {
  /// A printer alone remembers nothing beyond its process.
  public func outcome(ofEarlier id: String) async -> PrintOutcome? { nil }

  /// Prints one job that nobody watches.
  public func print(_ job: PrintJob) async -> PrintOutcome { await print(job, watch: PrintWatch()) }
}
