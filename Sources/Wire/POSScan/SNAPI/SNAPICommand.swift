/// What a scanner in SNAPI mode can be told: an output report of id, value and two zeros.
///
/// The ids are those of an open driver; the place of the value is inferred from its acknowledgements
/// (specs/scanners.md §1.4). No maker's document is public.
public enum SNAPICommand: Sendable, Equatable {
  /// Answers an input report.
  case acknowledge(report: UInt8)
  /// Shows where the scanner aims.
  case aim(Bool)
  /// Beeps.
  case beep(ZebraBeep)
  /// Lights the lamp.
  case lamp(Bool)
  /// Lets the scanner read codes.
  case scanning(Bool)
  /// Pulls the trigger, or lets it go.
  case trigger(Bool)
  /// Puts all parameters back.
  case defaults

  /// The output report, id first.
  public var report: [UInt8] {
    switch self {
    case .acknowledge(let report): [0x01, report, SNAPIStatus.done.rawValue, 0]
    case .aim(let isOn): [0x02, isOn ? 1 : 0, 0, 0]
    case .beep(let beep): [0x04, beep.rawValue, 0, 0]
    case .lamp(let isOn): [0x05, isOn ? 1 : 0, 0, 0]
    case .scanning(let isOn): [0x06, isOn ? 1 : 0, 0, 0]
    case .defaults: [0x09, 0, 0, 0]
    case .trigger(let isOn): [0x0A, isOn ? 1 : 0, 0, 0]
    }
  }
}

/// The feature reports of a scanner in SNAPI mode (specs/scanners.md §1.4): a number, then text.
public enum SNAPIFeature: UInt8, Sendable, CaseIterable {
  /// The firmware's revision.
  case software = 0x31
  case board = 0x32
  case engine = 0x33
  /// The class of device.
  case deviceClass = 0x34
}

/// How a scanner in SNAPI mode took a command (specs/scanners.md §1.4).
public enum SNAPIStatus: UInt8, Sendable, CaseIterable {
  case done = 0x01
  case failed = 0x02
  case unsupported = 0x03
  case badState = 0x04
  case timedOut = 0x0D

  /// The name used on the command line and in errors.
  public var name: StaticString {
    switch self {
    case .done: "done"
    case .failed: "failed"
    case .unsupported: "unsupported"
    case .badState: "not in this state"
    case .timedOut: "timed out"
    }
  }
}

/// Beeps of Symbol and Zebra scanners, by the numbers that SNAPI and SSI share (Zebra scanner SDK for Linux,
/// beep codes).
public enum ZebraBeep: UInt8, Sendable, CaseIterable {
  case oneShortHigh = 0
  case twoShortHigh = 1
  case threeShortHigh = 2
  case oneShortLow = 5
  case twoShortLow = 6
  case threeShortLow = 7
  case oneLongHigh = 10
  case oneLongLow = 15
}
