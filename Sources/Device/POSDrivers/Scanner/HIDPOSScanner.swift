public import POSModel
public import POSScan
public import POSTransport

/// A scanner in HID POS mode.
public typealias HIDPOSScanner = CodeScanner

extension CodeScanner {
  /// Takes over an open HID POS device; see ``init(_:reports:mode:delivery:)``.
  public init(
    _ descriptor: DeviceDescriptor, transport: any ReportTransport, fallback: HIDPOSMaker? = nil,
    pieceTimeout: Duration = .milliseconds(500)
  ) throws(DeviceError) {
    try self.init(
      descriptor, reports: transport, mode: .hidPOS(fallback: fallback, pieceTimeout: pieceTimeout))
  }
}
