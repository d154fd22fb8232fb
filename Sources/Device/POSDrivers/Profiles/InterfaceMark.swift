public import POSModel

/// What an interface says of itself in words, which a udev rule can read as well as we can.
public struct InterfaceMark: Sendable, Hashable {
  /// Which words: the name of the attribute in `/sys`.
  public enum Attribute: String, Sendable {
    /// The interface's name.
    case name = "interface"
    /// The IEEE 1284 id.
    case ieee1284 = "ieee1284_id"
  }

  /// Where the words are.
  public var attribute: Attribute
  /// The words, anywhere in the attribute.
  public var words: String
  /// What the device does.
  public var kind: DeviceKind
  /// How it presents itself.
  public var mode: DeviceMode

  /// Every mark: the interface names of the USB-OEM mode (specs/scanners.md §1), and the printer language
  /// (specs/escpos.md §2.11).
  public static let all = [
    InterfaceMark(attribute: .name, words: "4B00h", kind: .scanner, mode: .usbOEM),
    InterfaceMark(attribute: .name, words: "4A00h", kind: .scanner, mode: .usbOEM),
    InterfaceMark(attribute: .name, words: "A000h", kind: .scanner, mode: .maintenance),
    InterfaceMark(attribute: .ieee1284, words: "ESC/POS", kind: .printer, mode: .printer),
  ]
}
