import POSJSON
import POSModel
import POSRuntime

/// What became of prints, as text and as JSON.
enum PrintReport {
  /// One print's outcome.
  static func show(_ name: String, _ outcome: PrintOutcome, json: Bool) {
    guard json else {
      Console.print("\(name): \(text(outcome))")
      return
    }
    Console.print([
      "type": "print", "job": .string(name), "outcome": .string(outcome.name),
      "code": JSONValue(outcome.error?.code.rawValue), "detail": JSONValue(outcome.error?.detail),
      "hint": JSONValue(outcome.error.map { hint($0, name, outcome) }),
    ])
  }

  /// How far a print is.
  static func show(_ name: String, _ progress: PrintProgress, json: Bool) {
    guard json else {
      let share = progress.sentBytes * 100 / max(1, progress.totalBytes)
      let obstacle = progress.obstacle.map { ": \(ErrorTable.row(for: $0).operatorText)" } ?? ""
      Console.complain("\(name): \(share) %\(obstacle)")
      return
    }
    Console.print([
      "type": "progress", "job": .string(name), "sent": JSONValue(progress.sentBytes),
      "total": JSONValue(progress.totalBytes), "obstacle": JSONValue(progress.obstacle?.rawValue),
    ])
  }

  /// An outcome in words.
  static func text(_ outcome: PrintOutcome) -> String {
    switch outcome {
    case .printed: "printed; the printer has confirmed it"
    case .sent: "sent; this printer cannot confirm"
    case .notPrinted(let error): "not printed: \(error)"
    case .unknown(let error): "unknown: \(error)"
    }
  }

  /// What to do about an outcome that is none.
  private static func hint(_ error: DeviceError, _ name: String, _ outcome: PrintOutcome) -> String {
    guard case .unknown = outcome else { return error.hint }
    return "look at the paper, then: posctl printer queue resolve \(name) --printed, or --again"
  }

  /// How `posctl` ends: with the worst of the outcomes, an unknown one before all.
  static func exit(_ report: PrintQueue.Report) -> ErrorTable.ExitCode {
    let isUnknown = report.outcomes.contains { if case .unknown = $0.outcome { true } else { false } }
    if isUnknown { return .unknownOutcome }
    return report.obstacle.map { ErrorTable.row(for: $0.code).exit } ?? .ok
  }
}
