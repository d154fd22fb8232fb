import Foundation

/// Inputs to begin with.
enum Seeds {
  private static let fixtures = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Tests/Fixtures")

  /// The messages of every hex fixture of a folder whose name begins with `prefix`, one list a file.
  static func fixtures(_ folder: String, _ prefix: String) -> [[[UInt8]]] {
    let directory = fixtures.appending(path: folder)
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []).sorted()
    return names.filter { $0.hasPrefix(prefix) && $0.hasSuffix(".hex") }.map { name in
      let text = (try? String(contentsOf: directory.appending(path: name), encoding: .utf8)) ?? ""
      return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(hex)
    }
  }

  /// Bytes in hexadecimal digits; white space means nothing.
  static func hex(_ text: some StringProtocol) -> [UInt8] {
    let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  /// Writes each seed into a file of its own.
  static func write(_ seeds: [[UInt8]], of target: String, to folder: String) {
    let directory = URL(filePath: folder).appending(path: target)
    try? FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    for (index, seed) in seeds.enumerated() {
      let name = index < 10 ? "seed-0\(index)" : "seed-\(index)"
      try? Data(seed).write(to: directory.appending(path: name))
    }
  }
}
