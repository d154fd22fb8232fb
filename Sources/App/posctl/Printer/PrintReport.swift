import POSJSON
import POSModel
import POSRuntime

/// What became of prints, as text and as JSON.
enum PrintReport {
  /// One print's outcome.
  ///
  /// - Parameters:
  ///   - printer: whose queue it is in.
  ///   - isRepeated: whether an earlier call has printed it, and this one nothing.
  static func show(
    _ name: String, _ outcome: PrintOutcome, at printer: DeviceID, isRepeated: Bool = false, json: Bool
  ) {
    let outcome = hinting(outcome, of: name, at: printer, isOver: isRepeated)
    guard json else {
      let before = isRepeated ? "nothing was printed now; before: " : ""
      let advice =
        outcome == .sent ? " (--profile auto asks a printer which model it is, or whether it confirms)" : ""
      Console.print("\(name): \(before)\(text(outcome))\(advice)")
      return
    }
    Console.print([
      "type": "print", "job": .string(name), "outcome": .string(outcome.name),
      "code": JSONValue(outcome.error?.code.rawValue), "detail": JSONValue(outcome.error?.detail),
      "hint": JSONValue(outcome.error?.hint), "repeated": isRepeated ? true : nil,
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
    case .sent: "sent; by its profile this printer cannot confirm"
    case .notPrinted(let error): "not printed: \(error)"
    case .unknown(let error): "unknown: \(error)"
    }
  }

  /// The same outcome, with what to do about one that is none.
  private static func hinting(
    _ outcome: PrintOutcome, of name: String, at printer: DeviceID, isOver: Bool
  ) -> PrintOutcome {
    switch outcome {
    case .printed, .sent: return outcome
    case .unknown(var error):
      error.hint = "look at the paper, then: posctl printer queue resolve \(name) --printed, or --again"
      return .unknown(error)
    case .notPrinted(var error):
      guard !isOver else { return outcome }
      if error.code == .badInput {
        // It was taken out of the queue: it can never be sent.
        error.hint += "; then print it under another name: --job NAME"
        return .notPrinted(error)
      }
      error.hint +=
        "; it waits, then: posctl printer queue resume --to \(printer), or: posctl printer queue cancel \(name)"
      return .notPrinted(error)
    }
  }

  /// How `posctl` ends: with the worst of the outcomes, an unknown one before all.
  static func exit(_ report: PrintQueue.Report) -> ErrorTable.ExitCode {
    let isUnknown = report.outcomes.contains { if case .unknown = $0.outcome { true } else { false } }
    if isUnknown { return .unknownOutcome }
    let failure = report.obstacle ?? report.outcomes.compactMap(\.outcome.error).first
    return failure.map { ErrorTable.row(for: $0.code).exit } ?? .ok
  }
}
