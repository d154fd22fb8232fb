public import POSJournal
public import POSModel

/// The programme's configuration, kept on disk for when the programme is away (specs/punchh.md §4.1, §8).
///
/// What one programme has said is never taken for another one's: a receipt key of the wrong location is worth
/// nothing to the guest.
public struct ConfigurationCache: Sendable {
  private let provider: any LoyaltyProvider
  private let journal: Journal
  private let clock: TillClock

  /// What `provider` says, kept in `journal`.
  public init(provider: any LoyaltyProvider, journal: Journal, clock: TillClock) {
    self.provider = provider
    self.journal = journal
    self.clock = clock
  }

  private var name: String { "configuration of \(provider.identity)" }

  /// The configuration to open a sale with, asked for again when the one on disk is older than it wants.
  ///
  /// When the programme does not answer, an older one serves, and `away` says why.
  public func current() async throws(DeviceError) -> (
    configuration: LocationConfiguration?, away: DeviceError?
  ) {
    let cached = try await stored()
    if let cached { provider.adopt(cached.configuration) }
    // One from a time to come was stored by a clock that was wrong; how old it is, nobody knows.
    if let cached, cached.age >= .zero, cached.age < Self.interval(of: cached.configuration) {
      return (cached.configuration, nil)
    }
    do {
      return (try await refresh(), nil)
    } catch {
      guard error.code.rawValue.hasPrefix("journal.") == false else { throw error }
      return (cached?.configuration, error)
    }
  }

  /// What the programme said the last time, however long ago; it is not asked.
  public func last() async throws(DeviceError) -> LocationConfiguration? {
    try await stored()?.configuration
  }

  /// Asks the programme and keeps the answer.
  public func refresh() async throws(DeviceError) -> LocationConfiguration {
    let configuration = try await provider.configuration()
    provider.adopt(configuration)
    var batch = JournalBatch()
    batch.store(try StoredJSON.bytes(configuration), named: name)
    try await journal.commit(batch)
    return configuration
  }

  private func stored() async throws(DeviceError) -> (configuration: LocationConfiguration, age: Duration)? {
    guard let value = try await journal.value(named: name),
      let configuration = try? StoredJSON.value(LocationConfiguration.self, in: value.bytes)
    else { return nil }
    return (configuration, clock.now() - value.stored)
  }

  /// The server's wish within reason: five minutes to a day.
  private static func interval(of configuration: LocationConfiguration) -> Duration {
    .seconds(60 * min(max(configuration.updateInterval, 5), 1440))
  }
}
