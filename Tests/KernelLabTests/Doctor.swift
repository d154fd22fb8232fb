import Foundation
import Testing

/// What `posctl doctor --json` has found.
struct Diagnosis: CustomStringConvertible {
  var result: Program.Result
  /// Each finding's check, grade, code and text.
  var findings: [[String: Any]] = []
  /// The last line.
  var summary: [String: Any] = [:]

  /// The questions in the order that a technician asks them.
  static let order = ["plugged", "seen", "access", "holder", "answer", "history"]

  /// Has devices examined; all of them when none is named.
  init(
    of device: String? = nil, state: String? = nil, asPlainUser: Bool = false, inGroup group: String? = nil
  ) async throws {
    let state = try state ?? Program.folder(forPlainUser: asPlainUser || group != nil)
    result = try await Program.run(
      ["doctor", "--json", "--state", state] + (device.map { [$0] } ?? []), asPlainUser: asPlainUser,
      inGroup: group)
    for line in result.output.split(separator: "\n") {
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(result)")
      if object["type"] as? String == "finding" { findings.append(object) } else { summary = object }
    }
  }

  /// The code of the problem to mend first: what all of them are judged by.
  var code: String? { problem?["code"] as? String }
  /// The finding with that code.
  var problem: [String: Any]? { findings.first { $0["grade"] as? String == "problem" } }
  /// The findings' questions.
  var checks: [String] { findings.compactMap { $0["check"] as? String } }

  /// Whether every device was looked at in the technician's order.
  var isInOrder: Bool {
    Dictionary(grouping: findings) { $0["device"] as? String }.values.allSatisfy { findings in
      let places = findings.compactMap { ($0["check"] as? String).flatMap(Self.order.firstIndex) }
      return places.count == findings.count && places == places.sorted()
    }
  }

  /// Expects this fault to be found at this question, before all others, and the command to be `fix`.
  func expect(
    _ code: String?, at check: String?, exit: Int32, fix: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(isInOrder, "\(self)", sourceLocation: sourceLocation)
    #expect(self.code == code, "\(self)", sourceLocation: sourceLocation)
    #expect(problem?["check"] as? String == check, "\(self)", sourceLocation: sourceLocation)
    #expect(result.status == exit, "\(self)", sourceLocation: sourceLocation)
    if let fix {
      let given = problem?["fix"] as? String ?? ""
      #expect(given.contains(fix), "\(self)", sourceLocation: sourceLocation)
    }
  }

  var description: String { result.description }
}
