/// What a printer says about itself.
public struct PrinterStatus: Sendable, Equatable {
  /// The roll.
  public enum Paper: String, Sendable { case present, nearEnd, out }

  /// Whether it would print now.
  public var isOnline: Bool
  /// The roll.
  public var paper: Paper
  /// Whether the cover is open.
  public var isCoverOpen: Bool
  /// Faults, worst first, as error codes of this project.
  public var faults: [DeviceError.Code]
  /// The level of the drawer connector's pin 3; what it means depends on the drawer.
  public var isDrawerPinHigh: Bool

  /// A status from its parts.
  public init(
    isOnline: Bool, paper: Paper, isCoverOpen: Bool, faults: [DeviceError.Code], isDrawerPinHigh: Bool
  ) {
    self.isOnline = isOnline
    self.paper = paper
    self.isCoverOpen = isCoverOpen
    self.faults = faults
    self.isDrawerPinHigh = isDrawerPinHigh
  }
}

/// Who a printer says it is (`GS I`, specs/escpos.md §2.3); what it did not answer is empty.
public struct PrinterIdentity: Sendable, Equatable, Codable {
  /// Its serial number.
  public var serialNumber = ""
  /// Who made it.
  public var maker = ""
  /// The model, as its maker calls it.
  public var model = ""
  /// The version of its software.
  public var firmware = ""

  /// A printer that has said nothing.
  public init() {}

  /// Whether it has said anything.
  public var isEmpty: Bool { self == PrinterIdentity() }
}
