import POSModel

extension DeviceProfile {
  /// Bar code scanners, by vendor.
  static let scanners: [DeviceProfile] = [
    scanner(0x05E0, 0x1200, .keyboard, "Zebra/Symbol scanner", .usbIDs),
    scanner(0x05E0, 0x1300, .usbOEM, "Zebra/Symbol scanner (IBM hand-held)", .scannerCaptures),
    scanner(0x05E0, 0x1400, .usbOEM, "Zebra/Symbol scanner (IBM table-top)", .scannerCaptures),
    scanner(0x05E0, 0x1701, .serial, "Zebra/Symbol scanner", .usbIDs),
    scanner(0x05E0, 0x1900, .snapi, "Zebra/Symbol imager", .usbIDs),
    scanner(0x05E0, 0x2100, .hidPOS, "Zebra DS2208", .scannerCaptures),
    scanner(0x05E0, 0x0600, .serial, "Symbol scanner", .scannerCaptures),
    scanner(0x05E0, 0x0700, .serial, "Symbol CS1504", .usbIDs),
    scanner(0x05E0, 0x1A00, .serial, "Symbol CS4070", .usbIDs),

    scanner(0x0C2E, 0x0007, .usbOEM, "Metrologic MS7120", .usbIDs),
    scanner(0x0C2E, 0x0200, .keyboard, "Metrologic MS7120", .usbIDs),
    scanner(0x0C2E, 0x0204, .keyboard, "Metrologic MS7120", .usbIDs),
    scanner(0x0C2E, 0x0206, .keyboard, "Metrologic MS4980", .usbIDs),
    scanner(0x0C2E, 0x0700, .serial, "Metrologic MS7120", .usbIDs),
    scanner(0x0C2E, 0x0720, .serial, "Metrologic MS7120", .usbIDs),
    scanner(0x0C2E, 0x0A64, .usbOEM, "Honeywell Stratos 2700", .usbIDs),
    scanner(0x0C2E, 0x0B61, .keyboard, "Honeywell Vuquest 3310g", .scannerCaptures),
    scanner(0x0C2E, 0x0B6A, .serial, "Honeywell Vuquest 3310", .scannerCaptures),
    scanner(0x0C2E, 0x0B81, .keyboard, "Honeywell Voyager 1400g", .usbIDs),
    scanner(0x0C2E, 0x0B87, .hidPOS, "Honeywell Voyager 1400g", .scannerCaptures),
    scanner(0x0C2E, 0x0DB3, .hidPOS, "Honeywell Voyager 1602g", .scannerCaptures),
    scanner(0x0C2E, 0x1007, .hidPOS, "Honeywell Xenon 1900", .scannerCaptures),
    scanner(0x0C2E, 0x10D3, .hidPOS, "Honeywell CM4680SR", .scannerCaptures),
    scanner(0x0536, 0x01CA, .keyboard, "HHP IT4800", .usbIDs),
    DeviceProfile(0x23D0, .all, .scanner, .hidPOS, "Youjie scanner", .scannerCaptures),

    scanner(0x05F9, 0x1104, .usbOEM, "Datalogic Magellan 2200VS", .usbIDs),
    scanner(0x05F9, 0x1120, .usbOEM, "Datalogic Magellan 8200", .scannerCaptures),
    scanner(0x05F9, 0x1206, .usbOEM, "Datalogic Gryphon", .usbIDs),
    scanner(0x05F9, 0x120A, .maintenance, "Datalogic scanner taking new firmware", .scannerCaptures),
    scanner(0x05F9, 0x120C, .usbOEM, "Datalogic Gryphon GD4430", .scannerCaptures),
    scanner(0x05F9, 0x120D, .usbOEM, "Datalogic PD9530", .scannerCaptures),
    scanner(0x05F9, 0x122F, .usbOEM, "Datalogic Gryphon GD4500", .scannerCaptures),
    scanner(0x05F9, 0x1233, .usbOEM, "Datalogic PD9630", .scannerCaptures),
    scanner(0x05F9, 0x1239, .usbOEM, "Datalogic QuickScan QD2500", .scannerCaptures),
    scanner(0x05F9, 0x1503, .usbOEM, "Datalogic Magellan 8400", .scannerCaptures),
    scanner(0x05F9, 0x1504, .usbOEM, "Datalogic Magellan 8400", .scannerCaptures),
    scanner(0x05F9, 0x1506, .usbOEM, "Datalogic Magellan 2300", .scannerCaptures),
    scanner(0x05F9, 0x1512, .usbOEM, "Datalogic Magellan 9400", .scannerCaptures),
    scanner(0x05F9, 0x1514, .usbOEM, "Datalogic Magellan 3550", .scannerCaptures),
    scanner(0x05F9, 0x2202, .keyboard, "Datalogic hand-held scanner", .usbIDs),
    scanner(0x05F9, 0x2206, .keyboard, "Datalogic Gryphon", .usbIDs),
    scanner(0x05F9, 0x220C, .keyboard, "Datalogic Gryphon GD4430", .scannerCaptures),
    scanner(0x05F9, 0x2601, .keyboard, "Datalogic Magellan 1000i", .scannerCaptures),
    scanner(0x05F9, 0x2602, .keyboard, "Datalogic Magellan 1100i", .scannerCaptures),
    scanner(0x05F9, 0x4002, .serial, "Datalogic Magellan 800i", .scannerCaptures),
    scanner(0x05F9, 0x4204, .serial, "Datalogic Gryphon", .usbIDs),
    scanner(0x05F9, 0x5204, .maintenance, "Datalogic Gryphon being configured", .usbIDs),

    scanner(0x080C, 0x0300, .keyboard, "Datalogic Gryphon D120", .usbIDs),
    scanner(0x080C, 0x0400, .keyboard, "Datalogic Gryphon D120", .usbIDs),
    scanner(0x080C, 0x0500, .keyboard, "Datalogic Gryphon D120", .usbIDs),
    scanner(0x080C, 0x0600, .keyboard, "Datalogic Gryphon M100", .usbIDs),

    // Newland puts the mode into the last byte of every model's number.
    DeviceProfile(0x1EAB, .ending(0x03), .scanner, .keyboard, "Newland scanner", .usbIDs),
    DeviceProfile(0x1EAB, .ending(0x06), .scanner, .serial, "Newland scanner", .usbIDs),
    DeviceProfile(0x1EAB, .ending(0x10), .scanner, .hidPOS, "Newland scanner", .usbIDs),

    scanner(0x065A, 0x0001, .keyboard, "Opticon scanner", .usbIDs),
    scanner(0x065A, 0x0009, .serial, "Opticon scanner", .usbIDs),
    scanner(0x067E, 0x0801, .keyboard, "Intermec scanner", .usbIDs),
    scanner(0x067E, 0x0803, .serial, "Intermec scanner", .usbIDs),
    scanner(0x067E, 0x0805, .serial, "Intermec scanner", .usbIDs),
    scanner(0x0DB5, 0x0139, .serial, "Access-IS scanner", .usbIDs),
    scanner(0x0DB5, 0x013A, .keyboard, "Access-IS scanner", .usbIDs),
    scanner(0x0DB5, 0x013B, .hidPOS, "Access-IS scanner", .usbIDs),
    scanner(0x0581, 0x0107, .keyboard, "Tera scanner", .usbIDs),
    scanner(0x0581, 0x0115, .keyboard, "Tera 5100", .usbIDs),
    scanner(0x0581, 0x011C, .keyboard, "Tera 5100", .usbIDs),
    scanner(0x0581, 0x020C, .keyboard, "Tera EVHK0012", .usbIDs),
    scanner(0x0416, 0xC141, .keyboard, "Winbond scanner", .usbIDs),

    scanner(0x03F0, 0x0139, .keyboard, "HP Barcode Scanner 4430", .usbIDs),
    scanner(0x03F0, 0x1D24, .keyboard, "HP scanner", .usbIDs),
    scanner(0x04B4, 0xBCA1, .keyboard, "scanner with a Cypress chip", .usbIDs),
    scanner(0x04B4, 0xDE61, .keyboard, "scanner with a Cypress chip", .usbIDs),
    scanner(0x04B4, 0xDE64, .keyboard, "scanner with a Cypress chip", .usbIDs),
    scanner(0x040B, 0x6510, .keyboard, "Weltrend scanner", .usbIDs),
    scanner(0x13BA, 0x0018, .keyboard, "PCPlay PCP-BCG4209", .usbIDs),
    scanner(0x24EA, 0x0197, .keyboard, "Meva scanner", .usbIDs),
    // Only a device that types is taken for a scanner: usb.ids has a mouse under the second of these numbers.
    scanner(0xF126, 0x0288, .keyboard, "scanner without a name", .issueReports),
    scanner(0x05FE, 0x1010, .keyboard, "scanner with a Chic chip", .issueReports),
  ]

  private static func scanner(
    _ vendor: UInt16, _ product: UInt16, _ mode: DeviceMode, _ name: String, _ source: Source
  ) -> DeviceProfile {
    DeviceProfile(vendor, .product(product), .scanner, mode, name, source)
  }
}
