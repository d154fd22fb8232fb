public import POSDrivers
public import POSLinux
public import POSScan

/// How a scanner was set up, as far as its bytes do not tell: one set for each way to be connected.
public struct ScannerSettings: Sendable {
  /// For scanners that type.
  public var keyboard = KeyboardSettings()
  /// For scanners on a serial line that send plain text.
  public var serial = SerialScanSettings()
  /// What a scanner on a serial line may be sent.
  public var dialect = SerialScannerDialect.none
  /// The shape of a character on a serial line. Datalogic Magellans have seven bits and odd parity.
  public var frame = SerialSettings.Frame.eightNoneOne

  /// What happens to codes before they are delivered.
  public var delivery = ScanDelivery()

  /// The settings of scanners as they leave the factory.
  public init() {}
}
