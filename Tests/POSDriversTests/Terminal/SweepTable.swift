import POSModel
import POSTransport
import Testing

/// What became of the payments of a sweep.
struct SweepCounts: Sendable {
  var cuts = 0
  var approved = 0
  var notCharged = 0
  var unknown = 0
  var chargedTwice = 0
  var chargedButDenied = 0
  var approvedButNotCharged = 0

  /// Notes how one transaction ended and how often it stands in the terminal's own ledger.
  mutating func note(_ outcome: PaymentOutcome, standing: Int) {
    cuts += 1
    if standing > 1 { chargedTwice += 1 }
    switch outcome {
    case .approved:
      approved += 1
      if standing < 1 { approvedButNotCharged += 1 }
    case .declined, .cancelled, .notStarted:
      notCharged += 1
      if standing > 0 { chargedButDenied += 1 }
    case .unknown, .approvedUnconfirmed:
      unknown += 1
    }
  }

  func expectNoLies() {
    #expect(chargedTwice == 0)
    #expect(chargedButDenied == 0)
    #expect(approvedButNotCharged == 0)
  }

  static func += (left: inout Self, right: Self) {
    left.cuts += right.cuts
    left.approved += right.approved
    left.notCharged += right.notCharged
    left.unknown += right.unknown
    left.chargedTwice += right.chargedTwice
    left.chargedButDenied += right.chargedButDenied
    left.approvedButNotCharged += right.approvedButNotCharged
  }
}

/// Counts of a sweep by row, printed as one table when all settings have been swept.
final class SweepTable: Sendable {
  private struct State {
    var left: Int
    var rows: [String: SweepCounts] = [:]
  }

  private let state: Lock<State>

  init(settings: Int) { state = Lock(State(left: settings)) }

  func add(_ counts: SweepCounts, to row: String) {
    let rows: [String: SweepCounts]? = state.withLock { state in
      state.rows[row, default: SweepCounts()] += counts
      state.left -= 1
      return state.left == 0 ? state.rows : nil
    }
    if let rows { print(Self.text(rows)) }
  }

  private static func text(_ rows: [String: SweepCounts]) -> String {
    var sum = SweepCounts()
    for counts in rows.values { sum += counts }
    let head = ["", "cuts", "approved", "not charged", "unknown", "twice", "denied", "invented"]
    let lines =
      [line(head)] + rows.sorted { $0.key < $1.key }.map { line(row($0.key, $0.value)) }
      + [line(row("all", sum))]
    return
      "The link cut after every byte, then recovered; twice, denied (though charged) and invented must be 0:\n"
      + lines.joined(separator: "\n")
  }

  private static func row(_ name: String, _ counts: SweepCounts) -> [String] {
    [
      name, "\(counts.cuts)", "\(counts.approved)", "\(counts.notCharged)", "\(counts.unknown)",
      "\(counts.chargedTwice)", "\(counts.chargedButDenied)", "\(counts.approvedButNotCharged)",
    ]
  }

  private static func line(_ cells: [String]) -> String {
    cells.enumerated().map { place, cell in
      let space = String(repeating: " ", count: max(1, (place == 0 ? 48 : 12) - cell.count))
      return place == 0 ? cell + space : space + cell
    }.joined()
  }
}
