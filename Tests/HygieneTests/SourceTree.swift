import Foundation

/// The project's own files, for tests that read them.
enum SourceTree {
  /// One line of one file.
  struct Line: CustomStringConvertible {
    let path: String
    let number: Int
    let text: String

    var description: String { "\(path):\(number): \(text)" }

    var isComment: Bool { text.drop { $0 == " " }.hasPrefix("//") }

    /// The module named by an import line, submodules and access levels aside.
    var importedModule: String? {
      let words = text.split(separator: " ")
      guard let index = words.firstIndex(of: "import"), index <= 2, index + 1 < words.count,
        words[..<index].allSatisfy({ $0.hasPrefix("@") || ["public", "package", "internal"].contains($0) })
      else { return nil }
      return words[index + 1].split(separator: ".").first.map(String.init)
    }
  }

  /// The folder that holds Package.swift.
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func text(of path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  static func entries(of folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)
  }

  /// Every line of every Swift file under `folder`.
  static func lines(under folder: String) throws -> [Line] {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
    return try paths.filter { $0.hasSuffix(".swift") }.sorted().flatMap { path in
      try text(of: "\(folder)/\(path)").split(separator: "\n", omittingEmptySubsequences: false)
        .enumerated().map { Line(path: "\(folder)/\(path)", number: $0.offset + 1, text: String($0.element)) }
    }
  }
}
