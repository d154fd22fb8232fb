import POSModel

/// The card terminal of a till for which none was named.
struct AbsentTerminal: PaymentTerminal {
  let descriptor = DeviceDescriptor(
    id: DeviceID("no-terminal"), kind: .terminal, address: DeviceAddress(route: .file(path: "none")),
    name: "no card terminal")

  private static let error = DeviceError(
    .badConfiguration, during: "asking the card terminal", detail: "none was named",
    hint: "give --terminal ADDRESS")

  func pay(_ request: PaymentRequest) async -> PaymentOutcome { .notStarted(Self.error) }

  /// Whoever took the payment is somewhere, and was not asked.
  func recover(reference: String) async -> PaymentOutcome { .unknown(Self.error) }
  func requestAbort() async {}
  func events() -> AsyncStream<TerminalEvent> { AsyncStream { $0.finish() } }
  func close() async {}
}

/// The receipt printer of a till for which none was named.
struct AbsentPrinter: ReceiptPrinter {
  let descriptor = DeviceDescriptor(
    id: DeviceID("no-printer"), kind: .printer, address: DeviceAddress(route: .file(path: "none")),
    name: "no printer")

  private static let error = DeviceError(
    .badConfiguration, during: "printing", detail: "no printer was named", hint: "give --printer ADDRESS")

  func print(_ job: PrintJob, watch: PrintWatch) async -> PrintOutcome { .notPrinted(Self.error) }
  func status() async throws(DeviceError) -> PrinterStatus { throw Self.error }
  func identity() async throws(DeviceError) -> PrinterIdentity { throw Self.error }
  func openDrawer(_ pulse: DrawerPulse) async -> DrawerOutcome { .notOpened(Self.error) }
  func close() async {}
}
