/// What went wrong with a device, a link, a server or the journal, and what to do about it.
///
/// The code is stable and machine-readable; ``ErrorTable`` gives everything a caller needs to decide with it.
/// An effect whose outcome is unknown is never reported as an error but as a value of its outcome type.
public struct DeviceError: Error, Sendable, Equatable, Codable {
  /// The stable code: `printer.paper_out`.
  public var code: Code
  /// What was being done, as the end of "while …": `writing to tcp:192.0.2.7:9100`.
  public var operation: String
  /// The particulars: an errno text, an offset, a server's own words. Never card, guest or key data.
  public var detail: String
  /// A command or an action that mends it. Falls back to the table's hint.
  public var hint: String
  /// Bytes that had left when the operation failed; a receiver may have acted on them.
  public var bytesMoved: Int
  /// The operating system's error number, when there was one.
  public var errno: Int32?

  /// An error; `hint` defaults to the one in ``ErrorTable``.
  public init(
    _ code: Code,
    during operation: String,
    detail: String = "",
    hint: String? = nil,
    bytesMoved: Int = 0,
    errno: Int32? = nil
  ) {
    self.code = code
    self.operation = operation
    self.detail = detail
    self.hint = hint ?? ErrorTable.row(for: code).hint
    self.bytesMoved = bytesMoved
    self.errno = errno
  }

  /// A stable name in a namespace, as in `device.permission_denied`.
  public struct Code: RawRepresentable, Sendable, Hashable, Codable {
    /// The text form, `namespace.name`.
    public let rawValue: String

    /// A code from its text form; codes outside ``ErrorTable`` read as plain failures.
    public init(rawValue: String) { self.rawValue = rawValue }
  }
}

extension DeviceError: CustomStringConvertible {
  /// One line: what failed, while doing what, why, and the hint.
  public var description: String {
    var line = "\(code.rawValue): \(ErrorTable.row(for: code).operatorText) while \(operation)"
    if !detail.isEmpty { line += ": \(detail)" }
    if bytesMoved > 0 { line += " (\(bytesMoved) bytes had already left)" }
    if !hint.isEmpty { line += "\n  try: \(hint)" }
    return line
  }
}

extension DeviceError.Code {
  /// That is not a device address.
  public static let badAddress = Self(rawValue: "device.bad_address")
  /// The device is not there.
  public static let notFound = Self(rawValue: "device.not_found")
  /// The device may not be opened.
  public static let permissionDenied = Self(rawValue: "device.permission_denied")
  /// The device is in use.
  public static let busy = Self(rawValue: "device.busy")
  /// The device went away.
  public static let gone = Self(rawValue: "device.gone")
  /// The device cannot do that.
  public static let unsupported = Self(rawValue: "device.unsupported")
  /// The device is set up to work in a way that no driver here speaks.
  public static let wrongMode = Self(rawValue: "device.wrong_mode")
  /// No kernel driver has made a node for the device.
  public static let noDriver = Self(rawValue: "device.no_driver")
  /// The device reported an error.
  public static let inputOutput = Self(rawValue: "device.io")

  /// Nobody answers at that address.
  public static let connectionRefused = Self(rawValue: "link.refused")
  /// The connection broke.
  public static let connectionLost = Self(rawValue: "link.lost")
  /// The device did not answer in time.
  public static let timedOut = Self(rawValue: "link.timed_out")
  /// The device sent bytes that make no sense.
  public static let protocolViolation = Self(rawValue: "link.protocol")
  /// The device has been closed.
  public static let closed = Self(rawValue: "link.closed")
  /// The operation was cancelled.
  public static let cancelled = Self(rawValue: "link.cancelled")

  /// The input is malformed.
  public static let badInput = Self(rawValue: "input.malformed")
  /// There is nothing of that name: a file, a print, an item.
  public static let unknownName = Self(rawValue: "input.not_found")
  /// The configuration is wrong.
  public static let badConfiguration = Self(rawValue: "input.configuration")

  /// The printer is out of paper.
  public static let paperOut = Self(rawValue: "printer.paper_out")
  /// The printer's cover is open.
  public static let coverOpen = Self(rawValue: "printer.cover_open")
  /// The cutter is stuck.
  public static let cutterJam = Self(rawValue: "printer.cutter")
  /// The printer has a fault.
  public static let printerFault = Self(rawValue: "printer.fault")
  /// The printer's head is too hot.
  public static let printerTooHot = Self(rawValue: "printer.too_hot")
  /// The printer is off line.
  public static let printerOffline = Self(rawValue: "printer.offline")
  /// It does not fit the paper.
  public static let doesNotFit = Self(rawValue: "printer.does_not_fit")
  /// It is not known whether the paper came out.
  public static let printUnknown = Self(rawValue: "printer.outcome_unknown")

  /// The card terminal refused.
  public static let terminalRefused = Self(rawValue: "terminal.refused")
  /// The card terminal is not ready.
  public static let terminalNotReady = Self(rawValue: "terminal.not_ready")
  /// It is not known whether the card was charged.
  public static let paymentUnknown = Self(rawValue: "terminal.outcome_unknown")
  /// An earlier payment on this terminal is unresolved.
  public static let paymentUnresolved = Self(rawValue: "terminal.unresolved_payment")

  /// The loyalty server cannot be reached.
  public static let loyaltyUnreachable = Self(rawValue: "loyalty.unreachable")
  /// The loyalty server is busy.
  public static let loyaltyBusy = Self(rawValue: "loyalty.busy")
  /// The loyalty keys were refused.
  public static let loyaltyKeyRefused = Self(rawValue: "loyalty.key_refused")
  /// The loyalty server refused.
  public static let loyaltyRefused = Self(rawValue: "loyalty.refused")
  /// No guest has that code.
  public static let loyaltyNotFound = Self(rawValue: "loyalty.not_found")
  /// The code has expired.
  public static let loyaltyExpired = Self(rawValue: "loyalty.expired")
  /// The loyalty server's answer makes no sense.
  public static let loyaltyMalformed = Self(rawValue: "loyalty.malformed")
  /// The Punchh key scheme is not configured.
  public static let keySchemeMissing = Self(rawValue: "loyalty.key_scheme_missing")
  /// The journal has no such sale.
  public static let saleNotFound = Self(rawValue: "sale.not_found")

  /// Another process holds the journal.
  public static let journalLocked = Self(rawValue: "journal.locked")
  /// The journal is damaged.
  public static let journalDamaged = Self(rawValue: "journal.damaged")
  /// The disk is full.
  public static let journalFull = Self(rawValue: "journal.full")
  /// The journal was written by a newer version.
  public static let journalNewer = Self(rawValue: "journal.newer")
  /// The journal's key is missing or another one.
  public static let journalKey = Self(rawValue: "journal.key")
  /// The journal could not be written.
  public static let journalFailed = Self(rawValue: "journal.failed")
}
