public import Benchmark
import CAllocationCount

extension BenchmarkMetric {
  /// Blocks of memory asked for in one sample.
  public static var allocations: Self { .custom("allocations") }
  /// Runs of the body in one sample.
  public static var operations: Self { .custom("operations") }
  /// Bytes that one run makes or reads.
  public static var bytes: Self { .custom("bytes") }
}

extension Benchmark {
  /// Registers a benchmark of `body`: a sample is so many runs of it, and each sample says what it took of time and
  /// memory. `tools/bench` divides by the runs.
  ///
  /// - Parameter body: returns what it made, so that nothing of it is left out by the compiler, and how many bytes
  ///   it made or read, if that says something.
  public static func measure<Value>(
    _ name: String, times: BenchmarkScalingFactor = .kilo, bytes: Int = 0,
    _ body: @escaping () throws -> Value
  ) {
    Benchmark(name, configuration: configuration(times)) { benchmark in
      benchmark.startMeasurement()
      let before = pos_allocation_count()
      for _ in benchmark.scaledIterations { blackHole(try body()) }
      let after = pos_allocation_count()
      benchmark.stopMeasurement()
      benchmark.note(after - before, bytes)
    }
  }

  /// The same for a body that waits; `prepare` runs before each sample and is not in it.
  public static func measure<Value>(
    _ name: String, times: BenchmarkScalingFactor = .one, bytes: Int = 0,
    preparing prepare: @escaping () async throws -> Void = {}, _ body: @escaping () async throws -> Value
  ) {
    Benchmark(name, configuration: configuration(times)) { benchmark in
      try await prepare()
      benchmark.startMeasurement()
      let before = pos_allocation_count()
      for _ in benchmark.scaledIterations { blackHole(try await body()) }
      let after = pos_allocation_count()
      benchmark.stopMeasurement()
      benchmark.note(after - before, bytes)
    }
  }

  private static func configuration(_ times: BenchmarkScalingFactor) -> Configuration {
    Configuration(
      metrics: [.throughput, .wallClock, .allocations, .operations, .bytes], warmupIterations: 3,
      scalingFactor: times, maxDuration: .seconds(2), maxIterations: 2000)
  }

  // Every benchmark notes all three: the report would take what is missing from another one.
  private func note(_ allocations: UInt, _ bytes: Int) {
    measurement(.allocations, Int(allocations))
    measurement(.operations, scaledIterations.count)
    measurement(.bytes, bytes)
  }
}
