public import POSModel

/// One thing that a doctor has looked at: what it is like, and the one command that mends it.
public struct Finding: Sendable, Equatable {
  /// What was looked at, in the order a technician asks (specs/platforms.md §2).
  public enum Check: String, Sendable, CaseIterable {
    /// Is it plugged in and powered?
    case plugged
    /// Is it seen as what it is?
    case seen
    /// May I open it?
    case access
    /// Who else holds it?
    case holder
    /// Does it answer?
    case answer
    /// What has changed since it last worked?
    case history
  }

  /// How it is.
  public enum Grade: String, Sendable {
    /// As it should be.
    case ok
    /// Worth knowing, and no reason for it not to work.
    case note
    /// The device cannot be used like that.
    case problem
  }

  /// What was looked at.
  public var check: Check
  /// How it is.
  public var grade: Grade
  /// What was found.
  public var text: String
  /// One command, or one thing to do; `nil` where nothing is to be done.
  public var remedy: String?
  /// What kind of problem it is, by the code that opening or using the device fails with; `nil` where there is none.
  public var code: DeviceError.Code?

  /// How `posctl` ends if this is the worst.
  public var exit: ErrorTable.ExitCode { code.map { ErrorTable.row(for: $0).exit } ?? .ok }

  /// A device that is not there, or, without an identity, that none is.
  public static func absent(_ id: DeviceID?, _ history: DeviceHistory) -> Finding {
    var text = id == nil ? "no scanner, printer or card terminal is plugged in" : "it is not plugged in"
    if let last = id.flatMap(history.lastTime(of:)) {
      text += "; it last worked at \(last.time) in port \(last.port)"
    }
    return problem(
      .plugged, text, .notFound, remedy: "check cable and power, then: posctl devices  # lists strangers too")
  }

  static func ok(_ check: Check, _ text: String) -> Finding {
    Finding(check: check, grade: .ok, text: text, remedy: nil, code: nil)
  }

  static func note(_ check: Check, _ text: String, remedy: String? = nil) -> Finding {
    Finding(check: check, grade: .note, text: text, remedy: remedy, code: nil)
  }

  static func problem(
    _ check: Check, _ text: String, _ code: DeviceError.Code, remedy: String
  ) -> Finding {
    Finding(check: check, grade: .problem, text: text, remedy: remedy, code: code)
  }
}

extension [Finding] {
  /// The problem to mend first: what comes earlier in the order of questions causes what comes later.
  public var worst: Finding? {
    filter { $0.grade == .problem }.min { $0.check.order < $1.check.order }
  }
}

extension Finding.Check {
  fileprivate var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
