public import POSModel

/// A payment journal that lives as long as the process: for tests and demonstrations, never for money.
public actor MemoryPaymentJournal: PaymentJournal {
  private var payments: [(intent: PaymentIntent, outcome: PaymentOutcome?)] = []

  /// An empty journal.
  public init() {}

  /// Notes an intent.
  ///
  /// - Throws: ``DeviceError`` with code `journal.failed` when the reference is there already.
  public func begin(_ intent: PaymentIntent) async throws(DeviceError) {
    guard index(of: intent.request.reference) == nil else {
      throw DeviceError(.journalFailed, during: "noting a payment", detail: "the reference is not new")
    }
    payments.append((intent, nil))
  }

  /// Notes an outcome.
  ///
  /// - Throws: ``DeviceError`` with code `journal.failed` for a reference that was never begun.
  public func end(reference: String, with outcome: PaymentOutcome) async throws(DeviceError) {
    guard let index = index(of: reference) else {
      throw DeviceError(.journalFailed, during: "noting an outcome", detail: "the reference is unknown")
    }
    payments[index].outcome = outcome
  }

  /// The payment with this reference.
  public func payment(reference: String) async throws(DeviceError) -> (
    intent: PaymentIntent, outcome: PaymentOutcome?
  )? {
    index(of: reference).map { payments[$0] }
  }

  /// The first payment on the terminal without a final outcome.
  public func unresolved(on terminal: DeviceID) async throws(DeviceError) -> PaymentIntent? {
    payments.first { $0.intent.terminal == terminal && $0.outcome?.isFinal != true }?.intent
  }

  private func index(of reference: String) -> Int? {
    payments.firstIndex { $0.intent.request.reference == reference }
  }
}
