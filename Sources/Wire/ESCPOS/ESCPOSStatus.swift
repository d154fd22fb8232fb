/// The byte that answers `DLE EOT 1` (specs/escpos.md §2.1).
public struct PrinterStateFlags: OptionSet, Sendable, Hashable {
  /// The bits of the answer.
  public let rawValue: UInt8

  /// The bits of the answer.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Pin 3 of the drawer connector is high; what that means depends on the drawer.
  public static let drawerPinHigh = Self(rawValue: 0x04)
  /// The printer does not print now.
  public static let offline = Self(rawValue: 0x08)
  /// It waits for someone to bring it back on line.
  public static let waitsForRecovery = Self(rawValue: 0x20)
  /// The feed button is held.
  public static let feedButton = Self(rawValue: 0x40)
}

/// The byte that answers `DLE EOT 2`: why the printer is off line.
public struct OfflineCauseFlags: OptionSet, Sendable, Hashable {
  /// The bits of the answer.
  public let rawValue: UInt8

  /// The bits of the answer.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The cover is open.
  public static let coverOpen = Self(rawValue: 0x04)
  /// Paper is being fed by the button.
  public static let feedingByButton = Self(rawValue: 0x08)
  /// Stopped because the paper ended.
  public static let paperOut = Self(rawValue: 0x20)
  /// An error occurred; `DLE EOT 3` says which.
  public static let error = Self(rawValue: 0x40)
}

/// The byte that answers `DLE EOT 3`.
public struct ErrorCauseFlags: OptionSet, Sendable, Hashable {
  /// The bits of the answer.
  public let rawValue: UInt8

  /// The bits of the answer.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// An error that `DLE ENQ` can clear.
  public static let recoverable = Self(rawValue: 0x04)
  /// The cutter is stuck.
  public static let cutter = Self(rawValue: 0x08)
  /// An error that ends only by switching off.
  public static let unrecoverable = Self(rawValue: 0x20)
  /// An error that passes by itself, as a hot head.
  public static let autoRecoverable = Self(rawValue: 0x40)
}

/// The byte that answers `DLE EOT 4`. Either bit of a pair counts: clones set only one.
public struct PaperSensorFlags: OptionSet, Sendable, Hashable {
  /// The bits of the answer.
  public let rawValue: UInt8

  /// The bits of the answer.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The roll is near its end.
  public var isNearEnd: Bool { rawValue & 0x0C != 0 }
  /// There is no paper.
  public var isOut: Bool { rawValue & 0x60 != 0 }
}

/// Four bytes of automatic status, sent on every change (`GS a`, specs/escpos.md §2.2).
public struct AutomaticStatus: Sendable, Equatable {
  /// The bytes as received.
  public let bytes: [4 of UInt8]

  /// A frame whose patterns have been checked.
  init(_ bytes: [4 of UInt8]) { self.bytes = bytes }

  /// Pin 3 of the drawer connector is high.
  public var isDrawerPinHigh: Bool { bytes[0] & 0x04 != 0 }
  /// The printer does not print now.
  public var isOffline: Bool { bytes[0] & 0x08 != 0 }
  /// The cover is open.
  public var isCoverOpen: Bool { bytes[0] & 0x20 != 0 }
  /// An error that `DLE ENQ` can clear.
  public var hasRecoverableError: Bool { bytes[1] & 0x04 != 0 }
  /// The cutter is stuck.
  public var hasCutterError: Bool { bytes[1] & 0x08 != 0 }
  /// An error that ends only by switching off.
  public var hasUnrecoverableError: Bool { bytes[1] & 0x20 != 0 }
  /// An error that passes by itself.
  public var hasAutoRecoverableError: Bool { bytes[1] & 0x40 != 0 }
  /// The roll is near its end.
  public var isPaperNearEnd: Bool { bytes[2] & 0x03 != 0 }
  /// There is no paper.
  public var isPaperOut: Bool { bytes[2] & 0x0C != 0 }

  /// The same bytes make the same status.
  public static func == (left: Self, right: Self) -> Bool {
    left.bytes[0] == right.bytes[0] && left.bytes[1] == right.bytes[1] && left.bytes[2] == right.bytes[2]
      && left.bytes[3] == right.bytes[3]
  }
}

/// The byte that answers `DLE EOT 8 3` of label printers (specs/escpos.md §2.1).
public struct LabelFlags: OptionSet, Sendable, Hashable {
  /// The bits of the answer.
  public let rawValue: UInt8

  /// The bits of the answer.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// It waits for somebody to take the label.
  public static let waitsForRemoval = Self(rawValue: 0x04)
  /// A label or paper is at the peeler.
  public static let isAtPeeler = Self(rawValue: 0x20)
}
