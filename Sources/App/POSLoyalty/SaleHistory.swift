public import POSJournal
public import POSModel

/// The sales a journal still has, ended ones too.
public struct SaleHistory: Sendable {
  /// How many sales are looked through for a check's number.
  private static let lookBack = 5000

  private let journal: Journal

  /// The sales in `journal`.
  public init(_ journal: Journal) { self.journal = journal }

  /// The sales that were opened last, the latest first; what cannot be read is left out.
  public func latest(_ limit: Int = 50) async throws(DeviceError) -> [SaleSummary] {
    var summaries: [SaleSummary] = []
    for id in try await journal.latestSales(limit: limit) {
      guard let machine = try await readableSale(id) else { continue }
      summaries.append(SaleSummary(machine, steps: [], pointsEarned: nil))
    }
    return summaries
  }

  /// The id of the sale with this id, else of the last one that was paid under this number of a check.
  ///
  /// - Throws: `sale.not_found`.
  public func id(of name: String) async throws(DeviceError) -> String {
    if try await !journal.events(of: name).isEmpty { return name }
    for id in try await journal.latestSales(limit: Self.lookBack) {
      guard let machine = try await readableSale(id) else { continue }
      if machine.record.check.identity.checkNumber == name, machine.course == .completed { return id }
    }
    throw DeviceError(
      .saleNotFound, during: "looking for the sale \(name)", detail: "sales are kept for thirty days")
  }

  /// A sale as it stands; `nil` also for one that cannot be read, which keeps nobody from the others.
  private func readableSale(_ id: String) async throws(DeviceError) -> SaleMachine? {
    do throws(DeviceError) {
      return try await sale(id)?.machine
    } catch {
      guard error.code == .journalNewer || error.code == .journalDamaged else { throw error }
      return nil
    }
  }

  /// A sale as it stands, and how it came to that; `nil` when there is none of this id.
  ///
  /// - Throws: `journal.newer` for a log of another version.
  func sale(_ id: String) async throws(DeviceError) -> (machine: SaleMachine, events: [SaleEvent])? {
    var events: [SaleEvent] = []
    for entry in try await journal.events(of: id) {
      events.append(try StoredJSON.value(SaleEvent.self, in: entry.payload))
    }
    return SaleMachine(replaying: events).map { ($0, events) }
  }

  /// Whether the void of this sale's receipt is still to be sent. What the programme has refused for good is waited for
  /// by nobody, as little as what was never put in.
  func isReceiptVoidWaiting(of record: SaleRecord) async throws(DeviceError) -> Bool {
    guard let version = record.versionOfVoid else { return false }
    let name = OutboxItem.name(.receipt, of: record.check.identity.externalID, version: version)
    return try await journal.outbox([.pending, .inFlight], limit: .max).contains { $0.item.name == name }
  }

  /// Where the check-in of a sale stands, by the outbox and the location's pending window. The window is counted from when
  /// the check-in was put in, which is no later than the programme counts: what is called pending can be changed.
  func checkIn(of machine: SaleMachine, now: WallTime, offset: Int) async throws(DeviceError)
    -> SaleReturn.CheckIn
  {
    let identity = machine.record.check.identity
    guard machine.record.guestToCredit != nil, !identity.receiptKey.isEmpty else { return .none }
    let name = OutboxItem.name(.checkIn, of: identity.externalID)
    guard let entry = try await journal.outbox(limit: .max).first(where: { $0.item.name == name }) else {
      // What was delivered long ago is not kept.
      return .final
    }
    switch entry.state {
    case .pending, .inFlight: return .waiting
    case .parked, .expired: return .refused
    case .done:
      let window = machine.record.opening.configuration?.pending
      let isOpen = window?.isOpen(
        since: entry.created.milliseconds, at: now.milliseconds, offset: offset)
      return isOpen == true ? .pending : .final
    }
  }
}
