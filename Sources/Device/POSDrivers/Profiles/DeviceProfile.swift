public import POSModel

/// What the numbers of a USB device say about it: one fact and where it comes from.
///
/// Profiles name devices. What a device tells of itself in its descriptors goes before them, see
/// ``DeviceMatcher``.
public struct DeviceProfile: Sendable, Hashable {
  /// Which products of a vendor a profile is for.
  public enum Products: Sendable, Hashable {
    /// This one.
    case product(UInt16)
    /// All whose number ends in this byte: some makers put the mode there.
    case ending(UInt8)
    /// All of the vendor's.
    case all

    /// Whether `product` is among them.
    public func contains(_ product: UInt16) -> Bool {
      switch self {
      case .product(let number): product == number
      case .ending(let byte): UInt8(truncatingIfNeeded: product) == byte
      case .all: true
      }
    }
  }

  /// The vendor's number.
  public var vendor: UInt16
  /// The products' numbers.
  public var products: Products
  /// What they do; `unknown` for adapters, behind which there may be anything.
  public var kind: DeviceKind
  /// How they present themselves.
  public var mode: DeviceMode
  /// What to call them when they do not say.
  public var name: String
  /// Where the fact comes from.
  public var source: Source

  /// Where a fact about a device comes from.
  public enum Source: String, Sendable, CaseIterable {
    /// The Linux USB ID Repository, usb.ids of 2025.07.26.
    case usbIDs = "usb.ids"
    /// specs/scanners.md §9: captures, drivers and makers' documents named there.
    case scannerCaptures = "specs/scanners.md §9"
    /// specs/scanners.md §9, last row: seen in issue reports and lists of others, so trusted little.
    case issueReports = "issue reports (specs/scanners.md §9)"
    /// specs/escpos.md §2.11: numbers that drivers for these printers ask for.
    case printerDrivers = "specs/escpos.md §2.11"
  }

  init(
    _ vendor: UInt16, _ products: Products, _ kind: DeviceKind, _ mode: DeviceMode, _ name: String,
    _ source: Source
  ) {
    self.vendor = vendor
    self.products = products
    self.kind = kind
    self.mode = mode
    self.name = name
    self.source = source
  }

  /// Whether it is for a device with these numbers.
  public func matches(vendor: UInt16, product: UInt16) -> Bool {
    self.vendor == vendor && products.contains(product)
  }

  /// Every profile. The first that matches counts, so single products stand before endings and vendors.
  public static let all = scanners + printers + terminals + adapters
}
