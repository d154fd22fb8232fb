// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who uses the library builds it. tools/bench runs it and has the budgets.
let peripherals = "swift-pos-devices"

/// A program of benchmarks. The benchmark plug-in wants its folder right below one called Benchmarks.
func benchmarks(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name,
    dependencies: dependencies + ["Measure", .product(name: "Benchmark", package: "benchmark")],
    path: name,
    swiftSettings: [.enableExperimentalFeature("Lifetimes")],
    plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
}

let package = Package(
  name: "pos-benchmarks",
  dependencies: [
    .package(name: peripherals, path: ".."),
    // Without traits: its own counters of allocations need a library that we do without.
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
  ],
  targets: [
    // malloc and its kin, counted.
    .target(name: "CAllocationCount"),
    .target(
      name: "Measure",
      dependencies: ["CAllocationCount", .product(name: "Benchmark", package: "benchmark")]),
    // Bytes to values and back, nothing else.
    benchmarks("Codecs", [.product(name: "POSWire", package: peripherals)]),
    // What goes through the kernel.
    benchmarks(
      "Lines",
      [
        .product(name: "POSDevices", package: peripherals),
        .product(name: "POSSimulation", package: peripherals),
        .product(name: "POSWire", package: peripherals),
      ]),
    // Whole sales, with a world around them that answers at once.
    benchmarks(
      "Sales",
      [
        .product(name: "POSDevices", package: peripherals),
        .product(name: "POSLoyalty", package: peripherals),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
