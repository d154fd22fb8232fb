public import POSTransport

/// How a device presents itself over USB: one and the same scanner can be many things to the kernel
/// (specs/scanners.md §1).
public enum DeviceMode: String, Sendable, CaseIterable {
  /// A scanner by the HID POS usage tables: whole codes, with their symbology.
  case hidPOS = "hid-pos"
  /// A scanner that types.
  case keyboard
  /// A scanner in the IBM and Toshiba USB-OEM mode.
  case usbOEM = "usb-oem"
  /// A scanner in Zebra's own imaging mode.
  case snapi
  /// A serial port over USB.
  case serial
  /// A printer of the USB printer class, or one that speaks like it.
  case printer
  /// A device that waits to be configured or to get new firmware: it does nothing else.
  case maintenance

  /// The kind of node by which a driver reaches it.
  public var nodeKind: DeviceNode.Kind {
    switch self {
    case .hidPOS, .keyboard, .usbOEM, .snapi, .maintenance: .hidraw
    case .serial: .tty
    case .printer: .printer
    }
  }

  /// The kernel driver that makes the node.
  public var kernelDriver: String {
    switch self {
    case .hidPOS, .keyboard, .usbOEM, .snapi, .maintenance: "usbhid"
    case .serial: "cdc_acm"
    case .printer: "usblp"
    }
  }
}
