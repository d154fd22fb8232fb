public import POSJournal
public import POSModel

/// How the outbox is emptied (specs/punchh.md §8): order, pauses and the end of patience, as data.
public struct OutboxPolicy: Sendable, Equatable {
  /// Who may be sent when.
  public var order = OutboxOrder(gap: .seconds(1), patience: 5, longestWait: .seconds(900))
  /// The pause after the first, second, … failed sending; the last one repeats.
  public var pauses: [Duration] = [.seconds(5), .seconds(15), .seconds(60), .seconds(300)]
  /// The pause after the programme refused the keys: ten refusals in ten minutes lock the shop out for an hour.
  public var pauseAfterRefusedKeys: Duration = .seconds(3600)
  /// The age at which an item is given up: 10 to 30 days.
  public private(set) var maximumAge: Duration

  /// The policy with another age limit, in days; values outside 10 to 30 count as the nearest.
  public init(maximumAgeInDays days: Int = 30) {
    maximumAge = .seconds(min(max(days, 10), 30) * 86_400)
  }

  /// The policy of specs/punchh.md §8.
  public static let standard = OutboxPolicy()

  /// What to do with an item after a sending that did not succeed.
  public enum Judgement: Sendable, Equatable {
    /// Send it again after a pause.
    case again(after: Duration)
    /// Set it aside: the programme has understood it and does not want it.
    case park
    /// Stop the whole queue for a while: nothing else will be let in either.
    case halt(for: Duration)
  }

  /// Judges the failure of the `attempts`-th sending.
  ///
  /// A sending with an unknown outcome is sent again: the programme drops duplicates by the check's identity.
  public func judge(_ error: DeviceError, isUnknown: Bool, attempts: Int) -> Judgement {
    if error.code == .loyaltyKeyRefused { return .halt(for: pauseAfterRefusedKeys) }
    if error.isAnswer, !isUnknown { return .park }
    let step = min(max(attempts, 1), pauses.count) - 1
    return .again(after: step >= 0 ? pauses[step] : .zero)
  }
}
