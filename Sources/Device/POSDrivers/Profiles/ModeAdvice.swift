/// How to make a scanner report whole codes instead of typing them.
enum ModeAdvice {
  /// What to do with a scanner of this vendor, for a person.
  static func switchingToHIDPOS(vendor: UInt16) -> String {
    advice.first { $0.vendor == vendor }?.text
      ?? "scan the code 'USB HID POS' (or 'POS HID', 'HID bar code scanner') of its manual"
  }

  /// Whether the vendor's scanners are told to change to another mode than HID POS, which they do not have: in that one
  /// there is nothing left to switch.
  static func lacksHIDPOS(vendor: UInt16) -> Bool { vendor == datalogic }

  private static let datalogic: UInt16 = 0x05F9

  /// Where the makers describe it.
  private static let advice: [(vendor: UInt16, text: String)] = [
    (0x05E0, "scan the code 'HID POS' under 'USB Device Type' of its Product Reference Guide"),
    // The same number in the manuals of the 1200g, 1450g, 1900 and 3310g: Terminal ID Table.
    (0x0C2E, "scan 'Terminal ID', then 1, 3, 1 and 'Save' of the programming chart in its User's Guide"),
    (0x1EAB, "scan the code 'USB HID-POS' of its User Guide"),
    (datalogic, "scan the code 'USB-OEM' or 'USB-COM' of its Product Reference Guide"),
  ]
}
