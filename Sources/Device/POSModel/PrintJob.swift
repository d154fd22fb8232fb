/// One job to print, under a name that journals and logs know it by.
public struct PrintJob: Sendable, Equatable {
  /// What is to be printed.
  public enum Content: Sendable, Equatable {
    /// A receipt, to be laid out for the printer at hand.
    case document(ReceiptDocument)
    /// Commands that have been laid out for this very printer.
    case commands([UInt8])
  }

  /// Unique for ever, chosen by the caller.
  public var id: String
  /// What to print.
  public var content: Content

  /// A job for one copy of `document`.
  public init(id: String, document: ReceiptDocument) {
    self.id = id
    content = .document(document)
  }

  /// A job for one copy of what `commands` print.
  public init(id: String, commands: [UInt8]) {
    self.id = id
    content = .commands(commands)
  }
}

/// Whoever wants to know how far a job is.
public struct PrintWatch: Sendable {
  /// Called right before the first byte of the job leaves, once the printer is known to be ready: the last moment
  /// at which nothing can have been printed. What it throws ends the job as not printed.
  public var willSend: @Sendable () async throws(DeviceError) -> Void
  /// Called with each change.
  public var progress: @Sendable (PrintProgress) -> Void

  /// Watches nothing unless told to.
  public init(
    willSend: @escaping @Sendable () async throws(DeviceError) -> Void = { () throws(DeviceError) in },
    progress: @escaping @Sendable (PrintProgress) -> Void = { _ in }
  ) {
    self.willSend = willSend
    self.progress = progress
  }
}

/// How far a job is.
public struct PrintProgress: Sendable, Equatable {
  /// Bytes that have left.
  public var sentBytes: Int
  /// Bytes of the whole job.
  public var totalBytes: Int
  /// What keeps the printer from going on, as far as it says.
  public var obstacle: DeviceError.Code?

  /// A state of a job.
  public init(sentBytes: Int, totalBytes: Int, obstacle: DeviceError.Code? = nil) {
    self.sentBytes = sentBytes
    self.totalBytes = totalBytes
    self.obstacle = obstacle
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

  /// What it is called in output and journals.
  public var name: String {
    switch self {
    case .printed: "printed"
    case .sent: "sent"
    case .notPrinted: "not-printed"
    case .unknown: "unknown"
    }
  }

  /// Why the job was not printed, or is not known to be.
  public var error: DeviceError? {
    switch self {
    case .printed, .sent: nil
    case .notPrinted(let error), .unknown(let error): error
    }
  }
}
