import POSModel

extension DeviceProfile {
  /// Receipt printers. A printer that names its language in its IEEE 1284 id needs no profile.
  static let printers: [DeviceProfile] = [
    printer(0x04B8, 0x0202, "Epson TM receipt printer", .usbIDs),
    printer(0x04B8, 0x0E03, "Epson TM-T20", .usbIDs),
    printer(0x04B8, 0x0E31, "Epson TM-L100", .usbIDs),
    printer(0x0404, 0x0311, "NCR 7167", .usbIDs),
    printer(0x0404, 0x0312, "NCR 7197", .usbIDs),
    printer(0x0519, 0x0003, "Star TSP100", .usbIDs),
    printer(0x0DD4, 0x0237, "Custom K80", .usbIDs),
    printer(0x1504, 0x001F, "Bixolon SRP-350II", .usbIDs),
    printer(0x1D90, 0x20F0, "Citizen CT-E351", .usbIDs),
    printer(0x04C5, 0x1104, "Fujitsu receipt printer", .usbIDs),
    printer(0x0416, 0x5011, "POS-58", .printerDrivers),
    printer(0x0483, 0x5743, "POS-80", .printerDrivers),
    printer(0x0483, 0x5840, "MPT-II", .printerDrivers),
    printer(0x0FE6, 0x811E, "ICS Advent receipt printer", .printerDrivers),
    printer(0x1FC9, 0x2016, "Xprinter receipt printer", .printerDrivers),
  ]

  /// Card terminals. Which protocol one speaks, its numbers do not say.
  static let terminals: [DeviceProfile] = [
    DeviceProfile(0x0B00, .all, .terminal, .serial, "Ingenico card terminal", .usbIDs),
    DeviceProfile(0x11CA, .all, .terminal, .serial, "Verifone card terminal", .usbIDs),
  ]

  /// Serial adapters: the scanner, printer or terminal behind them has no USB numbers of its own.
  static let adapters: [DeviceProfile] = [
    adapter(0x0403, 0x6001, "FTDI serial adapter"),
    adapter(0x0403, 0x6015, "FTDI serial adapter"),
    adapter(0x067B, 0x2303, "Prolific serial adapter"),
    adapter(0x10C4, 0xEA60, "Silicon Labs serial adapter"),
    adapter(0x1A86, 0x7523, "CH340 serial adapter"),
  ]

  private static func printer(
    _ vendor: UInt16, _ product: UInt16, _ name: String, _ source: Source
  ) -> DeviceProfile {
    DeviceProfile(vendor, .product(product), .printer, .printer, name, source)
  }

  private static func adapter(_ vendor: UInt16, _ product: UInt16, _ name: String) -> DeviceProfile {
    DeviceProfile(vendor, .product(product), .unknown, .serial, name, .usbIDs)
  }
}
