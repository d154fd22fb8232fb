/// The devices of a simulated counter as they are on USB.
extension SimulatedUSBModel {
  /// A receipt printer of the printer class.
  public static func printer(serial: String = "PRINTER1") -> Self {
    Self(
      Identity(
        vendor: 0x04B8, product: 0x0202, manufacturer: "EPSON", name: "Simulated TM-T20II", serial: serial),
      USBPrinterFunction())
  }

  /// A scanner in HID POS mode.
  public static func scanner(serial: String? = "SCANNER1", hasOutputEndpoint: Bool = true) -> Self {
    Self(
      Identity(
        vendor: 0x05E0, product: 0x2100, manufacturer: "Symbol Technologies", name: "Simulated DS2208",
        serial: serial),
      USBHIDFunction(
        reportDescriptor: SimulatedHIDPOSScanner.reportDescriptor, hasOutputEndpoint: hasOutputEndpoint))
  }

  /// A scanner that types.
  public static func keyboardScanner(serial: String = "WEDGE1") -> Self {
    Self(
      Identity(
        vendor: 0x0C2E, product: 0x0901, manufacturer: "Honeywell", name: "Simulated keyboard scanner",
        serial: serial),
      USBHIDFunction(
        reportDescriptor: SimulatedKeyboardScanner.reportDescriptor, boot: .keyboard, hasOutputEndpoint: false
      ))
  }

  /// A scanner in USB-OEM mode.
  public static func oemScanner(serial: String = "OEM1") -> Self {
    Self(
      Identity(
        vendor: 0x05E0, product: 0x1300, manufacturer: "Symbol Technologies", name: "Simulated LS2208",
        serial: serial),
      USBHIDFunction(reportDescriptor: SimulatedOEMScanner.reportDescriptor))
  }

  /// A scanner on a serial line of its own.
  public static func serialScanner(serial: String = "SERIAL1") -> Self {
    Self(
      Identity(
        vendor: 0x05E0, product: 0x1701, manufacturer: "Symbol Technologies",
        name: "Simulated DS2208 on a serial line", serial: serial),
      USBSerialFunction())
  }

  /// A card terminal on a serial line of its own.
  public static func terminal(serial: String = "TERMINAL1") -> Self {
    Self(
      Identity(
        vendor: 0x11CA, product: 0x0219, manufacturer: "VeriFone", name: "Simulated terminal", serial: serial),
      USBSerialFunction())
  }

  /// An adapter for a serial line.
  public static func serialAdapter(serial: String = "ADAPTER1") -> Self {
    Self(
      Identity(
        vendor: 0x0403, product: 0x6001, release: 0x0600, manufacturer: "FTDI", name: "Simulated FT232R",
        serial: serial),
      USBFTDIFunction())
  }
}
