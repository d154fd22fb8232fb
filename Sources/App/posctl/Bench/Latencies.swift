import POSJSON

/// How long one thing took, many times.
struct Latencies {
  private(set) var samples: [Duration] = []

  mutating func append(_ sample: Duration) { samples.append(sample) }

  /// The smallest sample that so many hundredths of all do not exceed; zero without samples.
  func percentile(_ hundredths: Int) -> Duration {
    let sorted = samples.sorted()
    guard let last = sorted.last else { return .zero }
    let rank = (sorted.count * hundredths + 99) / 100
    return rank < 1 || rank > sorted.count ? last : sorted[rank - 1]
  }

  /// Its median in hundredths of another one's.
  func percent(of other: Latencies) -> Int64 {
    let whole = Self.nanoseconds(other.percentile(50))
    return whole > 0 ? Self.nanoseconds(percentile(50)) * 100 / whole : 0
  }

  static func nanoseconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }

  static func microseconds(_ duration: Duration) -> String { "\(nanoseconds(duration) / 1000) µs" }

  /// `p50 12 µs, p99 40 µs`.
  var text: String {
    "p50 \(Self.microseconds(percentile(50))), p99 \(Self.microseconds(percentile(99)))"
  }

  /// Its figures for a line of JSON.
  func fill(_ line: inout JSONLine, prefix: String = "") {
    line["\(prefix)rounds"] = JSONValue(samples.count)
    line["\(prefix)p50_ns"] = JSONValue(Self.nanoseconds(percentile(50)))
    line["\(prefix)p99_ns"] = JSONValue(Self.nanoseconds(percentile(99)))
  }
}
