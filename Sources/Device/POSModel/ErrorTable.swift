/// The one table from error code to everything a caller decides by (DESIGN §2.4).
public enum ErrorTable {
  /// Whether and how the same call may be made again.
  public enum Retry: String, Sendable, CaseIterable {
    /// Again at once or after a pause; nothing has happened in the world.
    case again
    /// Again once whoever holds the resource lets go.
    case whenFree
    /// Again after a person has mended something.
    case afterRepair
    /// Again on a new connection.
    case reconnect
    /// Not before the device has been asked what happened.
    case askDevice
    /// Never in this form.
    case never
  }

  /// Exit codes of `posctl` (DESIGN §4).
  public enum ExitCode: Int32, Sendable, CaseIterable {
    case ok = 0
    case failed = 1
    case usage = 2
    case notFound = 3
    case permission = 4
    case busy = 5
    case unknownOutcome = 6
  }

  /// One row: what a code means to software and to people.
  public struct Row: Sendable {
    /// The code this row is for.
    public let code: DeviceError.Code
    /// Whether to call again.
    public let retry: Retry
    /// How `posctl` ends.
    public let exit: ExitCode
    /// How the local API answers.
    public let httpStatus: Int
    /// What to show to whoever stands at the till.
    public let operatorText: String
    /// What to do, as a command where there is one.
    public let hint: String
  }

  /// The row of `code`; codes from elsewhere read as a plain failure.
  public static func row(for code: DeviceError.Code) -> Row {
    rowsByCode[code] ?? row(code, .never, .failed, 500, "Something failed", "posctl doctor")
  }

  /// Every code of this project, each exactly once.
  public static let rows: [Row] = [
    row(
      .badAddress, .never, .usage, 400, "That is not a device address",
      "posctl --help  # lists the address forms"),
    row(.notFound, .afterRepair, .notFound, 404, "The device is not there", "posctl devices"),
    row(
      .permissionDenied, .afterRepair, .permission, 403, "Permission is missing",
      "sudo posctl rules install"),
    row(.busy, .whenFree, .busy, 409, "The device is in use", "posctl doctor  # names the holder"),
    row(
      .gone, .reconnect, .failed, 503, "The device went away", "check the cable and the power, then try again"
    ),
    row(
      .unsupported, .never, .failed, 501, "The device cannot do that",
      "posctl devices  # says what each device is, and why it cannot be used"),
    row(
      .wrongMode, .afterRepair, .failed, 501, "The device is in a mode that cannot be used",
      "posctl doctor  # says how to switch it"),
    row(.noDriver, .afterRepair, .failed, 503, "The kernel has no driver for the device", "posctl doctor"),
    row(.inputOutput, .reconnect, .failed, 502, "The device reported an error", "posctl doctor"),

    row(
      .connectionRefused, .again, .notFound, 503, "Nobody answers at that address",
      "check that the device is on and the address is right"),
    row(.connectionLost, .reconnect, .failed, 503, "The connection broke", "check the cable, then try again"),
    row(
      .timedOut, .again, .failed, 504, "The device did not answer in time",
      "check that the device is on, then try again"),
    row(
      .protocolViolation, .reconnect, .failed, 502, "The device sent bytes that make no sense",
      "check the protocol and the speed in the address"),
    row(.closed, .never, .failed, 503, "The device has been closed", "open it again"),
    row(.cancelled, .again, .failed, 499, "The operation was cancelled", "start it again"),

    row(.badInput, .never, .usage, 400, "The input is malformed", "correct the input at the place named"),
    row(.unknownName, .never, .notFound, 404, "There is nothing of that name", "check the name"),
    row(.badConfiguration, .never, .usage, 400, "The configuration is wrong", "correct the setting named"),

    row(.paperOut, .afterRepair, .failed, 503, "The printer is out of paper", "put in a new roll"),
    row(.coverOpen, .afterRepair, .failed, 503, "The printer's cover is open", "close the cover"),
    row(
      .cutterJam, .afterRepair, .failed, 503, "The cutter is stuck", "clear the paper path, switch off and on"
    ),
    row(
      .printerFault, .afterRepair, .failed, 503, "The printer has a fault", "switch the printer off and on"),
    row(
      .printerTooHot, .again, .failed, 503, "The printer's head is too hot", "wait a minute, then try again"),
    row(.printerOffline, .afterRepair, .failed, 503, "The printer is off line", "posctl printer status"),
    row(
      .doesNotFit, .never, .usage, 422, "It does not fit the paper", "use a narrower module or wider paper"),
    row(
      .printUnknown, .askDevice, .unknownOutcome, 202, "It is not known whether the paper came out",
      "look at the paper, then: posctl printer queue"),

    row(
      .terminalRefused, .never, .failed, 409, "The card terminal refused",
      "posctl terminal status --device ADDRESS"),
    row(
      .terminalNotReady, .afterRepair, .busy, 503, "The card terminal is not ready",
      "posctl terminal status --device ADDRESS"),
    row(
      .paymentUnknown, .askDevice, .unknownOutcome, 202, "It is not known whether the card was charged",
      "posctl terminal recover --device ADDRESS"),
    row(
      .paymentUnresolved, .askDevice, .busy, 409, "An earlier payment on this terminal is unresolved",
      "posctl terminal recover --device ADDRESS"),

    row(
      .loyaltyUnreachable, .again, .failed, 503, "The loyalty server cannot be reached",
      "the sale goes on; later: posctl outbox flush --server URL"),
    row(
      .loyaltyBusy, .again, .failed, 503, "The loyalty server is busy",
      "the sale goes on; later: posctl outbox flush --server URL"),
    row(
      .loyaltyKeyRefused, .afterRepair, .permission, 401, "The loyalty keys were refused",
      "check PUNCHH_LOCATION_KEY and PUNCHH_BUSINESS_KEY; ten failures block this address for an hour"),
    row(.loyaltyRefused, .never, .failed, 422, "The loyalty server refused", "read the server's words above"),
    row(
      .loyaltyNotFound, .never, .notFound, 404, "No guest has that code", "ask the guest to refresh the code"),
    row(.loyaltyExpired, .never, .notFound, 410, "The code has expired", "ask the guest to refresh the code"),
    row(
      .loyaltyMalformed, .again, .failed, 502, "The loyalty server's answer makes no sense",
      "check --server; if it is right, report the request id to PAR"),
    row(
      .keySchemeMissing, .never, .usage, 400, "The Punchh key scheme is not configured",
      "obtain the key scheme from PAR and name its file with --key-scheme FILE"),

    row(
      .saleNotFound, .never, .notFound, 404, "No such sale is kept", "posctl sale list"),

    row(
      .journalLocked, .whenFree, .busy, 503, "Another process holds the journal",
      "end the other posctl or use another --state directory"),
    row(
      .journalDamaged, .never, .failed, 500, "The journal is damaged",
      "keep the --state directory for support and start with a new one"),
    row(.journalFull, .afterRepair, .failed, 507, "The disk is full", "free some space, then try again"),
    row(.journalNewer, .never, .failed, 500, "The journal was written by a newer version", "update posctl"),
    row(
      .journalKey, .afterRepair, .failed, 500, "The journal's key is missing or another one",
      "put journal.key back into the --state directory from its backup"),
    row(
      .journalFailed, .afterRepair, .failed, 500, "The journal could not be written",
      "check the --state directory and its disk"),
  ]

  private static let rowsByCode = Dictionary(uniqueKeysWithValues: rows.map { ($0.code, $0) })

  private static func row(
    _ code: DeviceError.Code, _ retry: Retry, _ exit: ExitCode, _ httpStatus: Int, _ operatorText: String,
    _ hint: String
  ) -> Row {
    Row(code: code, retry: retry, exit: exit, httpStatus: httpStatus, operatorText: operatorText, hint: hint)
  }
}
