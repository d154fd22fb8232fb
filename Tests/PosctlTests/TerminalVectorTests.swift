import Foundation
import Testing

/// The vectors of Tests/Fixtures/terminals, each run through `posctl decode … --json` as a technician runs it.
@Suite("posctl decode: vectors of card terminals")
struct TerminalVectorTests {
  /// One message and the lines that must come of it.
  struct Vector {
    var meaning: String
    var hex: String
    var expected: [[String: Any]]
  }

  /// A file: the decoder's options, then vectors. `#` says what the next one is, `>` what must be said of it: the keys
  /// that matter.
  static func read(_ name: String) throws -> (options: [String], vectors: [Vector]) {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/terminals/\(name).txt")
    var options: [String] = []
    var vectors: [Vector] = []
    var meaning = ""
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
      if line.hasPrefix("#") {
        meaning = String(line.dropFirst(2))
      } else if line.hasPrefix("options: ") {
        options = line.dropFirst("options: ".count).split(separator: " ").map(String.init)
      } else if line.hasPrefix(">") {
        let object = try JSONSerialization.jsonObject(with: Data(line.dropFirst(2).utf8))
        vectors[vectors.count - 1].expected.append(try #require(object as? [String: Any]))
      } else {
        vectors.append(Vector(meaning: meaning, hex: String(line), expected: []))
      }
    }
    return (options, vectors)
  }

  @Test(
    "each says what is in it",
    arguments: [
      "zvt-serial", "zvt-tcp", "zvt-7-bit", "zvt-latin-1", "concert", "caisse-ap", "ecr17", "transbank",
    ])
  func decodes(name: String) async throws {
    let (options, vectors) = try Self.read(name)
    #expect(!vectors.isEmpty && vectors.allSatisfy { !$0.expected.isEmpty })
    let hex = vectors.map(\.hex).joined(separator: "\n")
    let result = try await Posctl.run(
      ["decode"] + options + ["--hex", "--json", "-"], input: Array(hex.utf8))
    // A file with a damaged message in it ends with 1.
    let isClean = !vectors.contains { $0.expected.contains { $0["type"] as? String == "error" } }
    #expect(result.status == (isClean ? 0 : 1), "\(result.complaints)")
    var lines = try result.lines[...]
    for vector in vectors {
      for expected in vector.expected {
        let next = lines.popFirst()
        let line = try #require(next, "\(vector.meaning)")
        for (key, value) in expected {
          #expect(
            Self.contains(line[key], value),
            "\(vector.meaning): \(key) is \(String(describing: line[key])), not \(value)")
        }
      }
    }
    #expect(lines.isEmpty, "\(lines)")
    #expect(!result.output.contains("4111111111111111"))
  }

  /// Whether `found` is `wanted`; of objects, whether it has what is wanted.
  private static func contains(_ found: Any?, _ wanted: Any) -> Bool {
    guard let object = wanted as? [String: Any] else { return (found as? NSObject) == (wanted as? NSObject) }
    guard let found = found as? [String: Any] else { return false }
    return object.allSatisfy { contains(found[$0.key], $0.value) }
  }
}
