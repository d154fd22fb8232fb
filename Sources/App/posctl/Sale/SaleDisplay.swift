import POSJSON
import POSLoyalty
import POSModel

/// Shows a sale as it happens.
struct SaleDisplay {
  /// Whether only the summary is printed, as JSON.
  let isQuiet: Bool

  /// Shows each step when it is done, with the time it took.
  func show(_ progress: AsyncStream<SaleProgress>) async {
    for await step in progress {
      if step.step == .warning { warn(step) }
      guard !isQuiet, let duration = step.duration else { continue }
      Console.print("\(Self.milliseconds(duration))  \(Self.padded(step.step.rawValue))  \(step.text)")
    }
  }

  /// What goes wrong is said at once, also where only the summary is printed: the operator reads the other stream.
  private func warn(_ step: SaleProgress) {
    Console.complain("warning: \(step.text)")
    if !step.hint.isEmpty { Console.complain("  then: \(step.hint)") }
  }

  /// Shows what became of a sale that an earlier run had left open.
  func show(_ outcome: SaleRecovery.Outcome) {
    switch outcome {
    case .resumed(let summary):
      let line = "took up sale \(summary.id), check \(summary.checkNumber): \(summary.state.rawValue)"
      if isQuiet { Console.complain(line) } else { Console.print(line) }
    case .unreadable(let id, let error):
      Console.complain("sale \(id) cannot be read: \(error)")
    }
  }

  /// Shows the end.
  func show(_ report: SaleReport) {
    if isQuiet {
      Console.print(report.json)
    } else {
      for line in report.lines { Console.print(line) }
    }
  }

  /// Says something on the way.
  func note(_ text: String) {
    if !isQuiet { Console.print(text) }
  }

  private static func milliseconds(_ duration: Duration) -> String {
    let microseconds =
      duration.components.seconds * 1_000_000 + duration.components.attoseconds / 1_000_000_000_000
    let tenths = microseconds / 100
    let text = "\(tenths / 10).\(tenths % 10) ms"
    return String(repeating: " ", count: max(0, 11 - text.count)) + text
  }

  private static func padded(_ text: String) -> String {
    text + String(repeating: " ", count: max(0, 17 - text.count))
  }
}
