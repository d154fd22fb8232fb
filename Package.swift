// swift-tools-version: 6.2
import PackageDescription

/// Set by `tools/check-embedded`: the manifest then holds the Wire world alone, compiled for bare metal.
let bareMetal = Context.environment["POS_EMBEDDED"] != nil

// MARK: - Wire: bytes in, values out

var targets: [Target] = [
  .target(name: "POSWire", path: "Sources/Wire/POSWire"),
  .target(name: "POSBarcode", dependencies: ["POSWire"], path: "Sources/Wire/POSBarcode"),
  .target(name: "POSTerminalWire", dependencies: ["POSWire"], path: "Sources/Wire/POSTerminalWire"),
]

var products: [Product] = [
  .library(name: "POSWire", targets: ["POSWire", "POSBarcode", "POSTerminalWire"])
]

if !bareMetal {
  // MARK: - Device: the abstraction, its drivers and its simulators

  targets += [
    .target(name: "POSModel", dependencies: ["POSBarcode"], path: "Sources/Device/POSModel"),
    .target(name: "POSTransport", dependencies: ["POSModel"], path: "Sources/Device/POSTransport"),
    .target(
      name: "POSDrivers", dependencies: ["POSModel", "POSTransport", "POSWire", "POSTerminalWire"],
      path: "Sources/Device/POSDrivers"),
    .target(
      name: "POSSimulation", dependencies: ["POSModel", "POSTransport"], path: "Sources/Device/POSSimulation"),
  ]
  products += [
    .library(name: "POSDevices", targets: ["POSModel", "POSTransport", "POSDrivers"]),
    .library(name: "POSSimulation", targets: ["POSSimulation"]),
  ]

  // MARK: - App: the loyalty sale and its tools

  targets += [
    .target(name: "POSLoyalty", dependencies: ["POSModel"], path: "Sources/App/POSLoyalty")
  ]

  // MARK: - Tests

  targets += [
    .testTarget(name: "POSWireTests", dependencies: ["POSWire", "POSBarcode"]),
    .testTarget(name: "POSModelTests", dependencies: ["POSModel", "POSTransport"]),
    .testTarget(name: "POSTransportTests", dependencies: ["POSTransport", "POSModel"]),
    .testTarget(name: "POSTerminalWireTests", dependencies: ["POSTerminalWire", "POSWire"]),
    .testTarget(
      name: "POSDriversTests",
      dependencies: ["POSDrivers", "POSSimulation", "POSModel", "POSTransport", "POSWire", "POSTerminalWire"]),
  ]
}

// MARK: - One set of compiler settings for every target

for target in targets where target.type != .system {
  var settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableExperimentalFeature("Lifetimes"),
    .treatAllWarnings(as: .error),
  ]
  if bareMetal {
    settings += [.enableExperimentalFeature("Embedded"), .unsafeFlags(["-wmo"])]
  }
  if Context.environment["POS_TSAN"] != nil {
    settings += [.define("TSAN")]
  }
  target.swiftSettings = settings
}

let package = Package(
  name: "swift-pos-devices",
  products: products,
  targets: targets,
  swiftLanguageModes: [.v6]
)
