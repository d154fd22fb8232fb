import POSModel
import POSScan
public import POSTransport
import POSWire

/// Tells from plain facts which USB devices are scanners, printers and card terminals. Pure: it opens nothing.
///
/// What a device says of itself goes before what its numbers say (specs/scanners.md §9): its report descriptor,
/// the names of its interfaces, its IEEE 1284 id, then the profiles.
public enum DeviceMatcher {
  /// Every known function of every device, in the order of the devices.
  public static func recognise(_ devices: [USBDevice]) -> [RecognisedDevice] {
    devices.flatMap { recognise($0, among: devices) }
  }

  /// The known functions of one device; none for a stranger.
  ///
  /// - Parameter peers: everything that is plugged in, for identities.
  public static func recognise(_ device: USBDevice, among peers: [USBDevice]) -> [RecognisedDevice] {
    var functions: [RecognisedDevice] = []
    for interface in device.interfaces {
      guard let finding = finding(for: interface, of: device) else { continue }
      // The data interface of a modem, and a scanner's second face, belong to a function that is there already.
      guard !functions.contains(where: { $0.kind == finding.kind && $0.mode == finding.mode }) else {
        continue
      }
      functions.append(
        RecognisedDevice(
          id: USBIdentity.id(of: device, interface: interface.number, among: peers), kind: finding.kind,
          mode: finding.mode, name: name(of: device, by: finding.profile), device: device,
          interface: interface.number, evidence: finding.evidence))
    }
    // A scanner that reports whole codes may keep a keyboard beside it for its own set-up: one scanner, not two.
    if functions.contains(where: { $0.kind == .scanner && $0.mode == .hidPOS }) {
      functions.removeAll { $0.kind == .scanner && $0.mode != .hidPOS }
    }
    return functions
  }

  private struct Finding {
    var kind: DeviceKind
    var mode: DeviceMode
    var evidence: String
    var profile: DeviceProfile?
  }

  private static func finding(for interface: USBInterface, of device: USBDevice) -> Finding? {
    let profile = DeviceProfile.all.first { $0.matches(vendor: device.vendor, product: device.product) }
    let use = HIDUse(interface.reportDescriptor)
    if use == .scanner {
      return Finding(
        kind: .scanner, mode: .hidPOS, evidence: "its report descriptor has bar code data", profile: profile)
    }
    for mark in InterfaceMark.all {
      let words = mark.attribute == .name ? interface.name : interface.ieee1284
      guard let words, words.contains(mark.words) else { continue }
      return Finding(
        kind: mark.kind, mode: mark.mode, evidence: "its \(mark.attribute.rawValue) says \(mark.words)",
        profile: profile)
    }
    if let profile, profile.mode.fits(interface, use) {
      return Finding(
        kind: profile.kind, mode: profile.mode,
        evidence: "\(device.numbers) in \(profile.source.rawValue)", profile: profile)
    }
    if use == .keyboard || interface.isBootKeyboard, profile?.kind == .scanner || saysScanner(device) {
      return Finding(
        kind: .scanner, mode: .keyboard, evidence: "a keyboard whose name or numbers are a scanner's",
        profile: profile)
    }
    return nil
  }

  /// Whether a device that types calls itself a scanner.
  private static func saysScanner(_ device: USBDevice) -> Bool {
    let title = device.title.lowercased()
    return ["barcode", "bar code", "scanner"].contains { title.contains($0) }
  }

  private static func name(of device: USBDevice, by profile: DeviceProfile?) -> String {
    device.model == nil ? profile?.name ?? device.title : device.title
  }
}

/// What the report descriptor of a HID interface shows it to be.
private enum HIDUse {
  case scanner, keyboard, other, none

  init(_ bytes: [UInt8]?) {
    guard let bytes else {
      self = .none
      return
    }
    let descriptor: HIDReportDescriptor
    do throws(WireError) {
      descriptor = try HIDReportDescriptor(bytes.span)
    } catch {
      self = .other
      return
    }
    // Some simulators name other collections of the page, so the data decides, not the collection's name.
    if !descriptor.runs(of: .decodedData, in: .input).isEmpty {
      self = .scanner
    } else {
      let keyboard = HIDUsage(page: 0x01, id: 0x06)
      self = descriptor.collections.contains { $0.parent == nil && $0.usage == keyboard } ? .keyboard : .other
    }
  }
}

extension DeviceMode {
  /// Whether an interface can be what a profile's mode says: a device has others besides.
  fileprivate func fits(_ interface: USBInterface, _ use: HIDUse) -> Bool {
    switch self {
    // Without its descriptor, which the kernel shows only while usbhid is bound, the numbers have to do.
    case .hidPOS: interface.classCode == 3 && use == .none
    case .keyboard: use == .keyboard || interface.isBootKeyboard
    case .usbOEM, .snapi: interface.classCode == 3 && use != .keyboard
    case .serial: [2, 10, 255].contains(interface.classCode)
    // Some receipt printers have an interface of the maker's own class (specs/escpos.md §2.11).
    case .printer: interface.classCode == 7 || interface.classCode == 255
    case .maintenance: true
    }
  }
}

extension USBInterface {
  /// HID, boot subclass, keyboard (HID 1.11 appendix E.3).
  fileprivate var isBootKeyboard: Bool { classCode == 3 && subclass == 1 && protocolCode == 1 }
}
