/// What a scanner can be told. Which of it one obeys is its own business; see ``CodeScanner/controls``.
public enum ScannerControl: String, Sendable, CaseIterable {
  /// Pulls the trigger.
  case pullTrigger = "pull-trigger"
  /// Lets the trigger go.
  case releaseTrigger = "release-trigger"
  /// Sounds the good-read beep.
  case goodReadBeep = "good-read-beep"
  /// Sounds the error beep.
  case errorBeep = "error-beep"
  /// Sounds the beep for an article that is not on file.
  case notOnFileBeep = "not-on-file-beep"
  /// Beeps at good reads from now on.
  case enableBeep = "enable-beep"
  /// Does not beep at good reads from now on.
  case disableBeep = "disable-beep"
  /// Shows where it aims.
  case aimOn = "aim-on"
  /// No longer shows where it aims.
  case aimOff = "aim-off"
  /// Restarts.
  case reset
}

/// What a scanner can be asked; see ``CodeScanner/questions``.
public enum ScannerQuestion: String, Sendable, CaseIterable {
  /// Model and firmware.
  case information
  /// How it is.
  case health
  /// What it has counted.
  case statistics
  /// How it is set up.
  case configuration
}

/// What a scanner answered, before anybody has made sense of it.
public struct ScannerAnswer: Sendable, Equatable {
  /// How the scanner took the question.
  public enum Verdict: String, Sendable {
    case accepted
    /// It does not know such a question, or does not allow it now.
    case refused
  }

  /// How the scanner took the question.
  public var verdict: Verdict
  /// What it said: text for most, fields of the maker's own for USB-OEM.
  public var bytes: [UInt8]

  /// An answer from its parts.
  public init(_ verdict: Verdict = .accepted, bytes: [UInt8]) {
    self.verdict = verdict
    self.bytes = bytes
  }
}
