public import POSModel

/// What a printer says of itself beside the data, in the bits of the old parallel port: the answer to the class
/// request `GET_PORT_STATUS` (USB Printer Class 1.1 §4.2.2) and to the ioctl `LPGETSTATUS`.
public struct PrinterPortStatus: OptionSet, Sendable, Hashable {
  /// The byte as the printer sends it.
  public let rawValue: UInt8

  /// A status from its byte.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// All is well, if it is set.
  public static let noError = Self(rawValue: 0x08)
  /// The printer is on line.
  public static let selected = Self(rawValue: 0x10)
  /// There is no paper.
  public static let paperEmpty = Self(rawValue: 0x20)

  /// What is wrong, if the printer says that anything is.
  public var obstacle: DeviceError.Code? {
    if contains(.paperEmpty) { return .paperOut }
    if !contains(.noError) { return .printerFault }
    return contains(.selected) ? nil : .printerOffline
  }

  /// The error of a write of which the printer took nothing for as long as it was waited for.
  ///
  /// - Parameter status: what the printer said when it was asked why, `nil` when it said nothing.
  package static func silence(
    _ status: PrinterPortStatus?, during operation: String, bytesMoved: Int
  ) -> DeviceError {
    var error = DeviceError(.timedOut, during: operation, bytesMoved: bytesMoved)
    guard let status else { return error }
    if let code = status.obstacle {
      let row = ErrorTable.row(for: code)
      error.detail = "it takes no bytes and says: \(row.operatorText)"
      error.hint = row.hint
    } else {
      error.detail = "it takes no bytes, yet says that it is well"
    }
    return error
  }
}
