import ESCPOS
public import POSModel

/// Commands for a printer that somebody else has laid out, as far as jobs depend on what is in them.
public enum PrinterCommands {
  /// What no command of a picture exceeds: the longest band of any profile, and its head.
  static let longest = 65_536 + 64

  /// How many bytes a printer may still wait for after a job of these commands broke off somewhere: those of the longest
  /// command, and no fewer than a picture for any printer has, for it may not have been the last job that broke off.
  public static func bytesOwed(after commands: [UInt8]) -> Int {
    max(longest, CommandBoundary.survey(commands).longest)
  }

  /// Commands that end inside one of them would have the printer take the next job for its rest.
  ///
  /// - Throws: `input.malformed` for such. What holds commands that are not known here is let through: nobody can tell.
  public static func check(_ commands: [UInt8], during operation: String) throws(DeviceError) {
    let survey = CommandBoundary.survey(commands)
    guard survey.lacking > 0, survey.isKnown else { return }
    throw DeviceError(
      .badInput, during: operation,
      detail: "the commands end inside one of them, which lacks \(survey.lacking) bytes",
      hint: "posctl decode escpos FILE --json  # shows what they say")
  }
}
