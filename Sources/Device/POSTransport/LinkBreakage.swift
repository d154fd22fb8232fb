public import POSModel

/// Which way bytes or reports go on a link in memory.
public enum LinkDirection: Sendable, Hashable, CaseIterable {
  /// From the driver to the device.
  case toDevice
  /// From the device to the driver.
  case toHost

  /// The other way.
  public var reversed: LinkDirection { self == .toDevice ? .toHost : .toDevice }
}

/// How a cut link looks from its ends.
public enum LinkBreakage: Sendable, Hashable {
  /// Reads and writes at both ends fail with this code: `link.lost` for a reset connection, `device.gone` for
  /// an unplugged device.
  case fails(DeviceError.Code)
  /// Reads at both ends come to the end of the stream, and writes fail with `link.lost`: a hang-up.
  case hangsUp
  /// Nothing more arrives in this direction, and nobody is told: a dead radio link. Writes still succeed.
  case goesSilent
}
