import POSModel

/// The rules by which udev gives POS devices to the group `pos` and keeps other programs off them: written from
/// the profiles, so the two cannot disagree.
public enum UdevRules {
  /// The file's name. The access lists of `uaccess` are set by 73-seat-late.rules, so it must come before
  /// (specs/scanners.md §9).
  public static let fileName = "70-pos-devices.rules"
  /// The group that may open POS devices.
  public static let group = "pos"

  /// The file's text.
  public static var text: String {
    // A comment must have a line of its own.
    let profiles = DeviceProfile.all.flatMap { profile in
      ["# \(profile.name)", "\(match(profile)), \(marking(profile.kind.rawValue, profile.mode))"]
    }
    let marks = InterfaceMark.all.map { mark in
      "ATTRS{\(mark.attribute.rawValue)}==\"*\(mark.words)*\", \(marking(mark.kind.rawValue, mark.mode))"
    }
    return (head + profiles + ["", "# What a device says of itself, whatever its numbers."] + marks + tail)
      .joined(separator: "\n") + "\n"
  }

  private static let head = [
    "# Point-of-sale devices: access for group \(group) and for whoever sits at the machine.",
    "#",
    "# Written by posctl from its device profiles: change those, then `posctl rules show > \(fileName)`.",
    "# `sudo posctl rules install` puts it in place.",
    "",
    "ACTION==\"remove\", GOTO=\"pos_end\"",
    "SUBSYSTEM!=\"usb|usbmisc|hidraw|tty|input\", GOTO=\"pos_end\"",
    "SUBSYSTEM==\"usb\", ENV{DEVTYPE}!=\"usb_device\", GOTO=\"pos_end\"",
    "SUBSYSTEM==\"usbmisc\", KERNEL!=\"lp*\", GOTO=\"pos_end\"",
    "SUBSYSTEM==\"input\", KERNEL!=\"event*\", GOTO=\"pos_end\"",
    "",
    "# Devices known by their numbers.",
  ]

  private static let tail = [
    "",
    "ENV{ID_POS_KIND}==\"\", GOTO=\"pos_end\"",
    "",
    "# ModemManager would send AT commands to whatever looks like a modem.",
    "ENV{ID_MM_DEVICE_IGNORE}=\"1\", ENV{ID_MM_PORT_IGNORE}=\"1\"",
    "# A scanner that sleeps loses the first code.",
    "SUBSYSTEM==\"usb\", TEST==\"power/control\", ATTR{power/control}=\"on\"",
    "# Who may open it.",
    "GROUP=\"\(group)\", MODE=\"0660\", TAG+=\"uaccess\"",
    "",
    "LABEL=\"pos_end\"",
  ]

  private static func match(_ profile: DeviceProfile) -> String {
    let vendor = "ATTRS{idVendor}==\"\(hex(profile.vendor, digits: 4))\""
    switch profile.products {
    case .product(let number): return match(profile.vendor, number)
    case .ending(let byte): return "\(vendor), ATTRS{idProduct}==\"??\(hex(byte, digits: 2))\""
    case .all: return vendor
    }
  }

  /// Matches every node of a device with these numbers.
  static func match(_ vendor: UInt16, _ product: UInt16) -> String {
    "ATTRS{idVendor}==\"\(hex(vendor, digits: 4))\", ATTRS{idProduct}==\"\(hex(product, digits: 4))\""
  }

  static func marking(_ kind: String, _ mode: DeviceMode) -> String {
    "ENV{ID_POS_KIND}=\"\(kind)\", ENV{ID_POS_MODE}=\"\(mode.rawValue)\""
  }

  static func hex(_ value: some BinaryInteger, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
