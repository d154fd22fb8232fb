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

/// SplitMix64, so that a failure repeats.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
