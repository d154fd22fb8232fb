/// A command to a scanner in USB-OEM mode: eleven bytes, sent as an output report (specs/scanners.md §1.3).
///
///     try await transport.writeReport(OEMCommand.enable.bytes)
public struct OEMCommand: Sendable, Equatable {
  /// Bytes of every command.
  public static let length = 11

  /// The command, filled with zeros to ``length``.
  public let bytes: [UInt8]

  private init(_ head: UInt8...) {
    bytes = head + [UInt8](repeating: 0, count: Self.length - head.count)
  }

  /// Read codes. A scanner reads none before this.
  public static let enable = OEMCommand(0x11)
  /// Read no codes.
  public static let disable = OEMCommand(0x12)
  /// Beep at every good read.
  public static let enableBeep = OEMCommand(0x14)
  /// Do not beep at good reads.
  public static let disableBeep = OEMCommand(0x18)
  /// Report the configuration. Some scanners only repeat what they were last sent.
  public static let reportConfiguration = OEMCommand(0x21)
  /// Report the two-label configuration.
  public static let reportTwoLabels = OEMCommand(0x34)
  /// Report model and firmware.
  public static let information = OEMCommand(0x30, 0x00, 0x01)
  /// Report health.
  public static let health = OEMCommand(0x30, 0x00, 0x02)
  /// Report statistics.
  public static let statistics = OEMCommand(0x30, 0x00, 0x03)
  /// Beep once.
  public static let beep = OEMCommand(0x30, 0x00, 0x04)
  /// Sound the error beep.
  public static let errorBeep = OEMCommand(0x30, 0x00, 0x05)
  /// Sound the beep for an article that is not on file.
  public static let notOnFileBeep = OEMCommand(0x30, 0x00, 0x06)
  /// Restart.
  public static let reset = OEMCommand(0x00, 0x40)
  /// Report the status.
  public static let status = OEMCommand(0x00, 0x20)
  /// Test itself.
  public static let selfTest = OEMCommand(0x00, 0x10)

  /// Configures the scanner: the command, a zero, the nine bytes.
  public static func configure(_ configuration: OEMConfiguration) -> OEMCommand {
    OEMCommand(bytes: [0x20, 0x00] + configuration.bytes)
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes + [UInt8](repeating: 0, count: Self.length - bytes.count)
  }
}

/// How a scanner in USB-OEM mode introduces itself: the usage in its interface string and its descriptor.
public enum OEMUsage: UInt16, Sendable, CaseIterable {
  /// A hand-held scanner.
  case handHeld = 0x4B00
  /// A table-top scanner.
  case tableTop = 0x4A00
  /// A scale.
  case scale = 0x6E00
  /// A device that waits for new firmware.
  case firmwareUpdate = 0xA000
}
