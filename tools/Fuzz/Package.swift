// swift-tools-version: 6.2
import PackageDescription

// A package of its own: an executable without `main`, as libFuzzer wants it, would break the build of the tests.
let package = Package(
  name: "Fuzz",
  dependencies: [
    .package(name: "swift-pos-devices", path: "../..")
  ],
  targets: [
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        .product(name: "POSDevices", package: "swift-pos-devices"),
        .product(name: "POSLoyalty", package: "swift-pos-devices"),
        .product(name: "POSSimulation", package: "swift-pos-devices"),
        .product(name: "POSWire", package: "swift-pos-devices"),
        "SandboxWorld",
      ],
      swiftSettings: [.enableExperimentalFeature("Lifetimes")]),
    // The sandbox without its server: building NIO would take longer than fuzzing does. The folder is a link.
    .target(
      name: "SandboxWorld",
      dependencies: [.product(name: "POSDevices", package: "swift-pos-devices")],
      exclude: ["SandboxServer.swift"],
      swiftSettings: [
        .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
