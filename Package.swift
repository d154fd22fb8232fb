// swift-tools-version: 6.2
import PackageDescription

/// Set by `tools/check-embedded`: the manifest then holds the Wire world alone, compiled for bare metal.
let bareMetal = Context.environment["POS_EMBEDDED"] != nil

// MARK: - Wire: bytes in, values out

var targets: [Target] = [
  .target(name: "POSWire", path: "Sources/Wire/POSWire"),
  .target(name: "POSBarcode", dependencies: ["POSWire"], path: "Sources/Wire/POSBarcode"),
]

var dependencies: [Package.Dependency] = []

var products: [Product] = [
  .library(name: "POSWire", targets: ["POSWire", "POSBarcode"])
]

if !bareMetal {
  // MARK: - Device: the abstraction, its drivers and its simulators

  targets += [
    .target(name: "POSModel", dependencies: ["POSBarcode"], path: "Sources/Device/POSModel"),
    .target(name: "POSTransport", dependencies: ["POSModel"], path: "Sources/Device/POSTransport"),
  ]
  products += [
    .library(name: "POSDevices", targets: ["POSModel", "POSTransport"])
  ]

  // MARK: - App: the loyalty sale and its tools

  targets += [
    .target(name: "POSLoyalty", dependencies: ["POSModel"], path: "Sources/App/POSLoyalty"),
    .systemLibrary(
      name: "CCurl", path: "Sources/App/CCurl", pkgConfig: "libcurl",
      providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(
      name: "Punchh", dependencies: ["CCurl", "POSLoyalty", "POSModel", "POSTransport"],
      path: "Sources/App/Punchh"),
    .target(
      name: "PunchhSandbox",
      dependencies: [
        "POSModel", "POSTransport",
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "SystemPackage", package: "swift-system"),
      ], path: "Sources/App/PunchhSandbox"),
  ]

  dependencies += [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.4.0"),
  ]

  // MARK: - Tests

  targets += [
    .testTarget(name: "POSWireTests", dependencies: ["POSWire", "POSBarcode"]),
    .testTarget(name: "POSModelTests", dependencies: ["POSModel", "POSTransport"]),
    .testTarget(
      name: "PunchhTests",
      dependencies: ["Punchh", "PunchhSandbox", "POSLoyalty", "POSModel", "POSTransport"]),
    .testTarget(
      name: "PunchhSandboxTests",
      dependencies: [
        "PunchhSandbox", "POSModel", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]),
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
  dependencies: dependencies,
  targets: targets,
  swiftLanguageModes: [.v6]
)
