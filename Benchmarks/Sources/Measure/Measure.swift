public import Benchmark
import CAllocationCount

extension BenchmarkMetric {
  /// Blocks of memory asked for in one sample.
  public static var allocations: Self { .custom("allocations") }
  /// Runs of the body in one sample.
  public static var operations: Self { .custom("operations") }
  /// Bytes that one run makes or reads.
  public static var bytes: Self { .custom("bytes") }
  /// Dots, characters or the like that one run makes or reads, of which one's cost says more than all of theirs.
  public static var items: Self { .custom("items") }
}

extension Benchmark {
  /// Registers a benchmark of `body`: a sample is so many runs of it, and each sample says what it took of time and
  /// memory. `tools/bench` divides by the runs.
  ///
  /// - Parameters:
  ///   - bytes: how many it makes or reads, if that says something.
  ///   - items: the same of what ``BenchmarkMetric/items`` names.
  ///   - lasting: for how long samples are taken.
  ///   - body: returns what it made, so that nothing of it is left out by the compiler.
  public static func measure<Value>(
    _ name: String, times: BenchmarkScalingFactor = .kilo, bytes: Int = 0, items: Int = 0,
    lasting: Duration = .seconds(2), _ body: @escaping () throws -> Value
  ) {
    Benchmark(name, configuration: configuration(times, lasting)) { benchmark in
      benchmark.startMeasurement()
      let before = pos_allocation_count()
      for _ in benchmark.scaledIterations { blackHole(try body()) }
      let after = pos_allocation_count()
      benchmark.stopMeasurement()
      benchmark.note(after - before, bytes, items)
    }
  }

  /// The same for a body that waits; `prepare` runs before each sample and is not in it.
  public static func measure<Value>(
    _ name: String, times: BenchmarkScalingFactor = .one, bytes: Int = 0, lasting: Duration = .seconds(2),
    preparing prepare: @escaping () async throws -> Void = {}, _ body: @escaping () async throws -> Value
  ) {
    Benchmark(name, configuration: configuration(times, lasting)) { benchmark in
      try await prepare()
      benchmark.startMeasurement()
      let before = pos_allocation_count()
      for _ in benchmark.scaledIterations { blackHole(try await body()) }
      let after = pos_allocation_count()
      benchmark.stopMeasurement()
      benchmark.note(after - before, bytes, 0)
    }
  }

  private static func configuration(_ times: BenchmarkScalingFactor, _ lasting: Duration) -> Configuration {
    Configuration(
      metrics: [.throughput, .wallClock, .allocations, .operations, .bytes, .items], warmupIterations: 3,
      scalingFactor: times, maxDuration: lasting, maxIterations: 2000)
  }

  // Every benchmark notes all of them: the report would take what is missing from another one.
  private func note(_ allocations: UInt, _ bytes: Int, _ items: Int) {
    measurement(.allocations, Int(allocations))
    measurement(.operations, scaledIterations.count)
    measurement(.bytes, bytes)
    measurement(.items, items)
  }
}
