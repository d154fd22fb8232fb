import Foundation
import Testing

/// A hex file of Tests/Fixtures/scanners: `#` begins a comment, each other line is one message.
struct Fixture {
  let messages: [[UInt8]]

  init(_ name: String) throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/scanners/\(name).hex")
    messages = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
      .map { line in line.split(separator: " ").compactMap { UInt8($0, radix: 16) } }
  }

  static func message(_ name: String) throws -> [UInt8] {
    try #require(try Fixture(name).messages.first)
  }
}
