// swift-tools-version: 6.2
import PackageDescription

/// Set by `tools/check-embedded`: the manifest then holds the Wire world alone, compiled for bare metal.
let bareMetal = Context.environment["POS_EMBEDDED"] != nil

// MARK: - Wire: bytes in, values out

var targets: [Target] = [
  .target(name: "POSWire", path: "Sources/Wire/POSWire"),
  .target(name: "POSBarcode", dependencies: ["POSWire"], path: "Sources/Wire/POSBarcode"),
  .target(name: "ESCPOS", dependencies: ["POSWire", "POSBarcode"], path: "Sources/Wire/ESCPOS"),
]

var dependencies: [Package.Dependency] = []

var products: [Product] = [
  .library(name: "POSWire", targets: ["POSWire", "POSBarcode", "ESCPOS"])
]

if !bareMetal {
  // MARK: - Device: the abstraction, its drivers and its simulators

  targets += [
    .target(name: "POSModel", dependencies: ["POSBarcode"], path: "Sources/Device/POSModel"),
    .target(name: "POSTransport", dependencies: ["POSModel"], path: "Sources/Device/POSTransport"),
  ]
  products += [
    .library(name: "POSDevices", targets: ["POSModel", "POSTransport"]),
    .executable(name: "posctl", targets: ["posctl"]),
  ]
  dependencies += [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ]

  // MARK: - App: the loyalty sale and its tools

  targets += [
    .systemLibrary(
      name: "CPNG", path: "Sources/App/CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(
      name: "CFreeType", path: "Sources/App/CFreeType", pkgConfig: "freetype2",
      providers: [.apt(["libfreetype-dev"])]),
    .target(
      name: "POSPicture", dependencies: ["CFreeType", "CPNG", "ESCPOS", "POSBarcode", "POSModel"],
      path: "Sources/App/POSPicture"),
    .target(name: "POSLoyalty", dependencies: ["POSModel"], path: "Sources/App/POSLoyalty"),
  ]

  targets += [
    .executableTarget(
      name: "posctl",
      dependencies: [
        "POSBarcode", "POSModel",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/App/posctl")
  ]

  // MARK: - Tests

  targets += [
    .testTarget(name: "HygieneTests", dependencies: ["POSModel"]),
    .testTarget(name: "POSWireTests", dependencies: ["POSWire", "POSBarcode"]),
    .testTarget(name: "POSPictureTests", dependencies: ["ESCPOS", "POSBarcode", "POSPicture"]),
    .testTarget(name: "POSModelTests", dependencies: ["POSModel", "POSTransport"]),
    .testTarget(name: "POSTransportTests", dependencies: ["POSTransport", "POSModel"]),
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
