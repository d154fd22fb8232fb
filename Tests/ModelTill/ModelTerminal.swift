import POSModel

/// A terminal at the card network that keeps the payment journal as drivers do.
struct ModelTerminal: PaymentTerminal {
  let network: CardNetwork
  let journal: any PaymentJournal
  let descriptor: DeviceDescriptor

  init(lane: Int, network: CardNetwork, journal: any PaymentJournal) {
    self.network = network
    self.journal = journal
    descriptor = DeviceDescriptor(
      id: DeviceID("model-\(lane)"), kind: .terminal, address: DeviceAddress(route: .file(path: "m")),
      name: "Model")
  }

  func pay(_ request: PaymentRequest) async -> PaymentOutcome {
    do throws(DeviceError) {
      try await journal.begin(PaymentIntent(request: request, terminal: descriptor.id, baseline: []))
    } catch {
      return .notStarted(error)
    }
    let outcome = network.charge(request.reference, request.amount, at: descriptor.id)
    do throws(DeviceError) {
      try await journal.end(reference: request.reference, with: outcome)
    } catch {
      return .unknown(error)
    }
    return outcome
  }

  func recover(reference: String) async -> PaymentOutcome {
    do throws(DeviceError) {
      guard let known = try await journal.payment(reference: reference) else {
        return .notStarted(DeviceError(.terminalNotReady, during: "recovering"))
      }
      if let outcome = known.outcome, outcome.isFinal { return outcome }
      let outcome: PaymentOutcome =
        network.hasCharged(reference)
        ? .approved(PaymentRecord(amount: known.intent.request.amount))
        : .declined(PaymentRefusal(code: "00", text: "never asked"))
      try await journal.end(reference: reference, with: outcome)
      return outcome
    } catch {
      return .unknown(error)
    }
  }

  func requestAbort() async {}
  func events() -> AsyncStream<TerminalEvent> { AsyncStream { $0.finish() } }
  func close() async {}
}

/// A printer that always has paper.
struct ModelPrinter: ReceiptPrinter {
  let descriptor = DeviceDescriptor(
    id: DeviceID("paper"), kind: .printer, address: DeviceAddress(route: .file(path: "p")), name: "Model")
  func print(_ job: PrintJob, watch: PrintWatch) async -> PrintOutcome { .printed }
  func status() async throws(DeviceError) -> PrinterStatus {
    PrinterStatus(isOnline: true, paper: .present, isCoverOpen: false, faults: [], isDrawerPinHigh: false)
  }
  func identity() async throws(DeviceError) -> PrinterIdentity { PrinterIdentity() }
  func openDrawer(_ pulse: DrawerPulse) async -> DrawerOutcome { .pulsed }
  func close() async {}
}
