/// What scanners on a serial line can be told, by maker (specs/scanners.md §1.6).
public enum SerialScannerDialect: UInt8, Sendable, CaseIterable {
  /// Nothing is sent: the only choice for a scanner whose maker is not known.
  case none
  /// Honeywell: SYN, a letter, CR.
  case honeywell
  /// Datalogic hand-held: single letters.
  case datalogic

  /// The name used on the command line.
  public var name: StaticString {
    switch self {
    case .none: "none"
    case .honeywell: "honeywell"
    case .datalogic: "datalogic"
    }
  }

  /// What lets the scanner read, `nil` where it needs no telling.
  public var enable: [UInt8]? { self == .datalogic ? [0x45] : nil }

  /// What keeps the scanner from reading, `nil` where it cannot be told.
  public var disable: [UInt8]? { self == .datalogic ? [0x44] : nil }

  /// Pulls the trigger.
  public var triggerOn: [UInt8]? { self == .honeywell ? [0x16, 0x54, 0x0D] : nil }

  /// Lets the trigger go.
  public var triggerOff: [UInt8]? { self == .honeywell ? [0x16, 0x55, 0x0D] : nil }

  /// Beeps.
  public var beep: [UInt8]? {
    switch self {
    case .none: nil
    case .honeywell: [0x16, 0x07, 0x0D]
    case .datalogic: [0x42]
    }
  }

  /// Asks for model, firmware and the like.
  public var information: [UInt8]? {
    switch self {
    case .none: nil
    case .honeywell: HoneywellMenu.revision
    case .datalogic: [0x69]
    }
  }

  /// Asks how the scanner is.
  public var health: [UInt8]? { self == .datalogic ? [0x68] : nil }

  /// Asks what the scanner has counted. Datalogic's hand-held ones do not answer it.
  public var statistics: [UInt8]? { self == .datalogic ? [0x73] : nil }

  /// Restarts.
  public var reset: [UInt8]? { self == .datalogic ? [0x52] : nil }

  /// Sounds the beep for an article that is not on file.
  public var notOnFileBeep: [UInt8]? { self == .datalogic ? [0x46] : nil }
}
