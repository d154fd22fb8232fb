/// Something that puts receipts on paper: one opened and claimed printer.
///
/// A printer has one writer. Jobs are printed in the order of the calls, each whole.
public protocol ReceiptPrinter: Sendable {
  /// What and where it is.
  var descriptor: DeviceDescriptor { get }

  /// Prints one document. Never throws: what is not known to have happened is said so.
  ///
  /// Cancelling the task stops waiting, not the printer.
  func print(_ job: PrintJob) async -> PrintOutcome

  /// Asks the printer how it is.
  func status() async throws(DeviceError) -> PrinterStatus

  /// Waits for the job at hand and releases the device.
  func close() async
}

/// One document to print, under a name that journals and logs know it by.
public struct PrintJob: Sendable, Equatable {
  /// Unique for ever, chosen by the caller.
  public var id: String
  /// What to print.
  public var document: ReceiptDocument

  /// A job for one copy of `document`.
  public init(id: String, document: ReceiptDocument) {
    self.id = id
    self.document = document
  }
}

/// How a print ended (DESIGN §2.1).
public enum PrintOutcome: Sendable, Equatable, Codable {
  /// The printer itself answered, after the last line, that everything was processed.
  case printed
  /// Every byte left; the printer has no way to confirm.
  case sent
  /// Not a single dot can have been printed. Printing again is safe.
  case notPrinted(DeviceError)
  /// Bytes left and the confirmation did not come. Look before printing again.
  case unknown(DeviceError)
}

/// What a printer says about itself.
public struct PrinterStatus: Sendable, Equatable {
  /// The roll.
  public enum Paper: String, Sendable { case present, nearEnd, out }

  /// Whether it would print now.
  public var isOnline: Bool
  /// The roll.
  public var paper: Paper
  /// Whether the cover is open.
  public var isCoverOpen: Bool
  /// Faults, worst first, as error codes of this project.
  public var faults: [DeviceError.Code]
  /// The level of the drawer connector's pin 3; what it means depends on the drawer.
  public var isDrawerPinHigh: Bool

  /// A status from its parts.
  public init(
    isOnline: Bool, paper: Paper, isCoverOpen: Bool, faults: [DeviceError.Code], isDrawerPinHigh: Bool
  ) {
    self.isOnline = isOnline
    self.paper = paper
    self.isCoverOpen = isCoverOpen
    self.faults = faults
    self.isDrawerPinHigh = isDrawerPinHigh
  }
}
