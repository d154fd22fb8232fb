import Foundation

/// The messages of a file of the tests' fixtures: a line each, in hexadecimal; `#` begins a comment.
public func fixture(_ name: String) throws -> [[UInt8]] {
  let tests = URL(filePath: #filePath).appending(path: "../../../../Tests/Fixtures/\(name).hex").standardized
  return try String(contentsOf: tests, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }
    .map { hex(String($0)) }
}

/// The bytes of hexadecimal text in pairs, white space between them.
public func hex(_ text: String) -> [UInt8] {
  text.split(whereSeparator: \.isWhitespace).compactMap { UInt8($0, radix: 16) }
}
