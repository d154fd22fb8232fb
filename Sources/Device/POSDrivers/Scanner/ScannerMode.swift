public import POSScan

/// How a scanner that sends reports speaks.
public enum ReportScannerMode: Sendable, Equatable {
  /// HID POS, as its report descriptor says, or as its maker publishes where the descriptor cannot be used.
  case hidPOS(fallback: HIDPOSMaker? = nil, pieceTimeout: Duration = .milliseconds(500))
  /// It types. Its keystrokes are taken from hidraw; that they go nowhere else is up to whoever opens it.
  case keyboard(KeyboardSettings)
  /// IBM/Toshiba USB-OEM, hand-held or table-top.
  case oem
  /// Symbol and Zebra's own, as far as it is known. A code whose next packet does not come in time is truncated.
  case snapi(packetTimeout: Duration = .seconds(1))
}

/// How a scanner that sends a stream of bytes speaks.
public enum StreamScannerMode: Sendable, Equatable {
  /// Data and what was set around them. The dialect says what may be sent; with `none` nothing is.
  case serial(SerialScanSettings, SerialScannerDialect)
  /// Symbol and Zebra's Simple Serial Interface. What does not go on in time is truncated.
  case ssi(packetTimeout: Duration = .seconds(1))
}
