import POSModel
public import POSTransport

/// Rules for the devices of one machine that no profile names: those that are recognised by what they say of
/// themselves, and those that somebody names.
///
/// They stand in a file of their own, which is read first and only marks a device as the profiles' rules do: these then
/// give access to whatever is marked.
extension UdevRules {
  /// That file's name.
  public static let localFileName = "69-pos-local-devices.rules"

  /// One device that needs a rule of its own.
  public struct LocalRule: Sendable, Hashable {
    /// The vendor's number.
    public let vendor: UInt16
    /// The product's number.
    public let product: UInt16
    /// What sets the mark.
    let marking: String
    /// Why there is a rule. The device's own words are none: a rule is no place for them.
    let reason: String

    /// The rule for a device that was recognised.
    public init(_ device: RecognisedDevice) {
      vendor = device.device.vendor
      product = device.device.product
      marking = UdevRules.marking(device.kind.rawValue, device.mode)
      reason = device.evidence
    }

    /// The rule for a device that somebody names.
    public init(vendor: UInt16, product: UInt16) {
      self.vendor = vendor
      self.product = product
      marking = "ENV{ID_POS_KIND}=\"\(DeviceKind.unknown.rawValue)\""
      reason = "named by hand"
    }

    /// Vendor and product, `05e0:1900`.
    public var numbers: String {
      "\(UdevRules.hex(vendor, digits: 4)):\(UdevRules.hex(product, digits: 4))"
    }

    var match: String { UdevRules.match(vendor, product) }
  }

  /// Whether the profiles' rules cover a device: all its nodes, from the first moment.
  ///
  /// Only its numbers count. The marks (``InterfaceMark``) reach the nodes of one interface, but not the whole
  /// device's, by which libusb opens it, and a printer's IEEE 1284 id is not there yet when its node comes up.
  public static func covers(_ device: USBDevice) -> Bool {
    DeviceProfile.all.contains { $0.matches(vendor: device.vendor, product: device.product) }
  }

  /// The rules that recognised devices need besides those of the profiles.
  public static func localRules(for devices: [RecognisedDevice]) -> [LocalRule] {
    var seen: Set<String> = []
    return devices.filter { !covers($0.device) && seen.insert($0.device.numbers).inserted }
      .map { LocalRule($0) }
  }

  /// The text of the file of this machine's devices with these rules in it. What it was before stays.
  public static func localText(_ before: String, adding rules: [LocalRule]) -> String {
    var text = before
    for rule in rules where !text.contains(rule.match) {
      if text.isEmpty { text = localHead }
      if !text.hasSuffix("\n") { text += "\n" }
      text += "# \(rule.reason)\n\(rule.match), \(rule.marking)\n"
    }
    return text
  }

  /// The command that gives access to a device that nobody recognises.
  public static func commandAdding(_ device: USBDevice) -> String {
    "\(NodeAccess.installingRules) --device \(device.numbers)"
  }

  private static let localHead = """
    # Point-of-sale devices of this machine that \(fileName) does not name; that file gives access to them.
    # `sudo posctl rules install` adds what is plugged in.

    """
}
