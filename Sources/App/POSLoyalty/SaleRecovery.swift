public import POSJournal
public import POSModel

/// Takes up what the last process left behind. Run it at every start, before the first sale.
///
///     for rest in try await SaleRecovery(orchestrator: till, journal: journal).run() { … }
public struct SaleRecovery: Sendable {
  /// What became of one sale that was open.
  public enum Outcome: Sendable, Equatable {
    /// It was taken up; the summary says how far it came.
    case resumed(SaleSummary)
    /// It cannot be read; it stays in the journal.
    case unreadable(id: String, DeviceError)
  }

  private let orchestrator: SaleOrchestrator
  private let journal: Journal
  private let keeping: Duration

  /// A recovery that also deletes sales which ended longer ago than `keeping`, guests' contacts with them.
  public init(orchestrator: SaleOrchestrator, journal: Journal, keeping: Duration = .seconds(30 * 86_400)) {
    self.orchestrator = orchestrator
    self.journal = journal
    self.keeping = keeping
  }

  /// Resumes every open sale, oldest first: resolves payments, unlocks baskets, prints what was not printed.
  ///
  /// - Throws: a code of the journal when it cannot be read or written; the rest is then left for the next start.
  public func run(now: WallTime = .now) async throws(DeviceError) -> [Outcome] {
    var outcomes: [Outcome] = []
    for id in try await journal.openSales() {
      do throws(DeviceError) {
        if let summary = try await orchestrator.resume(id) { outcomes.append(.resumed(summary)) }
      } catch {
        guard error.code == .journalNewer || error.code == .journalDamaged else { throw error }
        outcomes.append(.unreadable(id: id, error))
      }
    }
    try await journal.forget(endedBefore: now + (.zero - keeping))
    return outcomes
  }
}
