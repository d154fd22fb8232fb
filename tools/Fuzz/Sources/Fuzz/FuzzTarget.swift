import Glibc

/// One decoder under test: what is done with an input, and what a good first input is.
struct FuzzTarget: Sendable {
  /// The name on the command line, and of its corpus folder.
  var name: String
  /// Inputs to begin with: captures, and what the encoders write.
  var seeds: @Sendable () -> [[UInt8]]
  /// Feeds one input; ends the process where a promise is broken.
  var run: @Sendable ([UInt8]) -> Void

  init(
    _ name: String, seeds: @escaping @Sendable () -> [[UInt8]], _ run: @escaping @Sendable ([UInt8]) -> Void
  ) {
    self.name = name
    self.seeds = seeds
    self.run = run
  }

  static let all: [FuzzTarget] = scanners + contents + terminals + printers + documents
}

/// Ends the process, as libFuzzer wants it, where `condition` is false.
func require(_ condition: Bool, _ promise: @autoclosure () -> String) {
  guard !condition else { return }
  let line = Array("promise broken: \(promise())\n".utf8)
  _ = write(STDERR_FILENO, line, line.count)
  abort()
}

/// The same bytes in several splits: whole, one by one, and in pieces of sizes that depend on the bytes.
func splits(of bytes: [UInt8]) -> [[ArraySlice<UInt8>]] {
  var ways = [[bytes[...]]]
  for largest in [1, 3, 40] as [UInt64] {
    var pieces: [ArraySlice<UInt8>] = []
    var state = bytes.reduce(largest) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    var start = 0
    while start < bytes.count {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let end = min(bytes.count, start + 1 + Int(state >> 33 % largest))
      pieces.append(bytes[start..<end])
      start = end
    }
    ways.append(pieces)
  }
  return ways
}

/// Decodes `bytes` in every split and returns what all of them came to.
@discardableResult
func inAnySplit<Value: Equatable>(
  _ bytes: [UInt8], _ decode: ([ArraySlice<UInt8>]) -> Value
) -> Value {
  let ways = splits(of: bytes)
  let whole = decode(ways[0])
  for pieces in ways.dropFirst() {
    let value = decode(pieces)
    require(value == whole, "whole: \(whole)\nsplit \(pieces.map(\.count)): \(value)")
  }
  return whole
}

/// An input read as a script: settings first, then steps.
struct Script {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  /// What is left.
  var remaining: [UInt8] { Array(rest) }

  /// The next byte, 0 at the end.
  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  /// The next byte as an index below `count`.
  mutating func choice(_ count: Int) -> Int { Int(byte()) % count }

  /// Bytes behind their length.
  mutating func chunk() -> [UInt8] {
    let count = Int(byte())
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  /// A report, or 255 and a number of tenths of a second that pass.
  enum Step {
    case report([UInt8])
    case pause(Int64)
  }

  mutating func step() -> Step? {
    guard let first = rest.first else { return nil }
    guard first == 255 else { return .report(chunk()) }
    _ = byte()
    return .pause(Int64(byte()) * 100_000_000)
  }

  /// A script of reports, as the seeds need it; none may be longer than 254 bytes.
  static func of(_ settings: [UInt8], _ reports: [[UInt8]]) -> [UInt8] {
    reports.reduce(settings) { $0 + [UInt8($1.count)] + $1 }
  }
}
