// swift-tools-version: 6.2
import PackageDescription

/// Set by `tools/check-embedded`: the manifest then holds the Wire world alone, compiled for bare metal.
let bareMetal = Context.environment["POS_EMBEDDED"] != nil
/// Set by `tools/lab`: of the tests only its own are linked. The test runner looks at every test there is before it filters,
/// which costs an emulated processor some seconds a case.
let labOnly = Context.environment["POS_LAB"] != nil

/// A target of one of the three worlds, in the folder of its name.
func target(
  _ world: String, _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
  .target(name: name, dependencies: dependencies, path: "Sources/\(world)/\(name)", exclude: exclude)
}

/// A C library of the system, found by pkg-config.
func system(_ world: String, _ name: String, pkgConfig: String, package: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/\(world)/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

// MARK: - Wire: bytes in, values out

var targets: [Target] = [
  target("Wire", "POSWire"),
  target("Wire", "POSBarcode", ["POSWire"]),
  target("Wire", "ESCPOS", ["POSBarcode", "POSWire"]),
  target("Wire", "POSDoubleByte", ["ESCPOS"]),
  target("Wire", "POSScan", ["POSBarcode", "POSWire"]),
  target("Wire", "POSTerminalWire", ["POSWire"]),
  // Its header is for C, which does not build it.
  target(
    "Wire", "POSFirmware", ["ESCPOS", "POSBarcode", "POSScan", "POSTerminalWire", "POSWire"],
    exclude: ["include"]),
]
var products: [Product] = [
  .library(name: "POSWire", targets: targets.map(\.name))
]
var dependencies: [Package.Dependency] = []

if !bareMetal {
  // MARK: - Device: the abstraction, its drivers and its simulators

  targets += [
    target("Device", "POSModel", ["POSBarcode"]),
    target("Device", "POSTransport", ["POSModel"]),
    target(
      "Device", "POSDrivers",
      [
        "ESCPOS", "POSBarcode", "POSDoubleByte", "POSModel", "POSScan", "POSTerminalWire", "POSTransport",
        "POSWire",
      ]),
    target("Device", "CPOSLinux"),
    target("Device", "POSLinux", ["CPOSLinux", "POSModel", "POSTransport"]),
    system("Device", "CUdev", pkgConfig: "libudev", package: "libudev-dev"),
    target("Device", "POSUdev", ["CUdev", "POSLinux", "POSModel", "POSTransport"]),
    system("Device", "CLibUSB", pkgConfig: "libusb-1.0", package: "libusb-1.0-0-dev"),
    target("Device", "POSUSB", ["CLibUSB", "POSLinux", "POSModel", "POSTransport"]),
    target("Device", "POSSimulation", ["ESCPOS", "POSModel", "POSTransport", "POSWire"]),
  ]
  products += [
    .library(
      name: "POSDevices",
      targets: ["POSBarcode", "POSDrivers", "POSLinux", "POSModel", "POSTransport", "POSUdev", "POSUSB"]),
    .library(name: "POSSimulation", targets: ["POSSimulation"]),
  ]

  // MARK: - App: the loyalty sale and its tools

  dependencies += [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ]
  targets += [
    system("App", "CPNG", pkgConfig: "libpng", package: "libpng-dev"),
    system("App", "CFreeType", pkgConfig: "freetype2", package: "libfreetype-dev"),
    target("App", "POSPicture", ["CFreeType", "CPNG", "ESCPOS", "POSBarcode", "POSModel"]),
    target("App", "POSJSON"),
    target("App", "POSReceipt", ["POSBarcode", "POSJSON", "POSModel", "POSPicture"]),
    system("App", "CSQLite", pkgConfig: "sqlite3", package: "libsqlite3-dev"),
    system("App", "CCrypto", pkgConfig: "libcrypto", package: "libssl-dev"),
    target("App", "POSJournal", ["CCrypto", "CSQLite", "POSJSON", "POSLinux", "POSModel"]),
    target(
      "App", "POSLoyalty", ["POSBarcode", "POSJSON", "POSJournal", "POSModel", "POSTransport", "POSWire"]),
    system("App", "CCurl", pkgConfig: "libcurl", package: "libcurl4-openssl-dev"),
    target("App", "Punchh", ["CCurl", "POSJSON", "POSLoyalty", "POSModel", "POSTransport"]),
    target(
      "App", "PunchhSandbox",
      [
        "POSModel", "POSTransport",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    target(
      "App", "POSRuntime",
      [
        "POSDrivers", "POSJournal", "POSJSON", "POSLinux", "POSModel", "POSScan", "POSTerminalWire",
        "POSTransport", "POSUdev", "POSUSB",
      ]),
    .executableTarget(
      name: "posctl",
      dependencies: [
        "ESCPOS", "POSBarcode", "POSDrivers", "POSJSON", "POSJournal", "POSLinux", "POSLoyalty", "POSModel",
        "POSPicture", "POSReceipt", "POSRuntime",
        "POSScan", "POSSimulation", "POSTerminalWire", "POSTransport", "POSUdev", "POSWire", "Punchh",
        "PunchhSandbox",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/App/posctl"),
  ]
  products += [
    .library(name: "PunchhSandbox", targets: ["PunchhSandbox"]),
    .library(name: "POSLoyalty", targets: ["POSJournal", "POSLoyalty", "Punchh"]),
    .library(name: "POSReceipt", targets: ["POSPicture", "POSReceipt"]),
    .library(name: "POSRuntime", targets: ["POSJournal", "POSRuntime"]),
    .executable(name: "posctl", targets: ["posctl"]),
  ]

  // MARK: - Tests

  targets += [
    .target(name: "TestSupport", path: "Tests/TestSupport"),
    .target(
      name: "Conformance",
      dependencies: [
        "ESCPOS", "POSBarcode", "POSDrivers", "POSJournal", "POSModel", "POSRuntime", "POSScan",
        "POSSimulation",
        "POSTransport", "TestSupport",
      ],
      path: "Tests/Conformance"),
    .testTarget(
      name: "ConformanceTests",
      dependencies: [
        "Conformance", "ESCPOS", "POSDrivers", "POSLinux", "POSModel", "POSRuntime", "POSSimulation",
        "POSTerminalWire", "POSTransport",
      ]),
    .testTarget(name: "HygieneTests", dependencies: ["POSDrivers", "POSModel"]),
    .testTarget(name: "POSWireTests", dependencies: ["POSBarcode", "POSWire", "TestSupport"]),
    .testTarget(name: "POSBarcodeTests", dependencies: ["POSBarcode", "POSWire", "TestSupport"]),
    .testTarget(
      name: "ESCPOSTests", dependencies: ["ESCPOS", "POSBarcode", "POSDoubleByte", "POSWire", "TestSupport"]),
    .testTarget(name: "POSScanTests", dependencies: ["POSBarcode", "POSScan", "POSWire", "TestSupport"]),
    .testTarget(name: "POSTerminalWireTests", dependencies: ["POSTerminalWire", "POSWire", "TestSupport"]),
    .testTarget(name: "POSModelTests", dependencies: ["POSModel"]),
    .testTarget(name: "POSTransportTests", dependencies: ["POSModel", "POSTransport", "TestSupport"]),
    .testTarget(
      name: "POSLinuxTests",
      dependencies: ["CPOSLinux", "POSLinux", "POSModel", "POSTransport", "TestSupport"]),
    .systemLibrary(
      name: "CUMockdev", path: "Tests/CUMockdev", pkgConfig: "umockdev-1.0",
      providers: [.apt(["libumockdev-dev"])]),
    .testTarget(
      name: "POSUSBTests",
      dependencies: ["CUMockdev", "POSLinux", "POSModel", "POSTransport", "POSUSB", "TestSupport"]),
    .testTarget(
      name: "POSLoyaltyTests",
      dependencies: [
        "POSBarcode", "POSJournal", "POSLoyalty", "POSModel", "POSTransport", "POSWire", "TestSupport",
      ]),
    .testTarget(name: "POSPictureTests", dependencies: ["ESCPOS", "POSBarcode", "POSModel", "POSPicture"]),
    .testTarget(name: "POSJSONTests", dependencies: ["POSJSON"]),
    .testTarget(name: "POSJournalTests", dependencies: ["POSJournal", "POSModel", "TestSupport"]),
    .testTarget(
      name: "POSDriversTests",
      dependencies: [
        "ESCPOS", "POSBarcode", "POSDoubleByte", "POSDrivers", "POSLinux", "POSModel", "POSScan",
        "POSSimulation",
        "POSTerminalWire", "POSTransport", "POSWire", "TestSupport",
      ]),
    // The till of the model test, a process that can be killed.
    .executableTarget(
      name: "ModelTill", dependencies: ["POSJournal", "POSLoyalty", "POSModel", "POSTransport", "Punchh"],
      path: "Tests/ModelTill"),
    .testTarget(
      name: "PunchhTests",
      dependencies: [
        "ModelTill", "POSJournal", "POSLoyalty", "POSModel", "POSTransport", "Punchh", "PunchhSandbox",
        "TestSupport",
      ]),
    .testTarget(name: "PunchhSandboxTests", dependencies: ["POSModel", "PunchhSandbox"]),
    .testTarget(
      name: "POSRuntimeTests",
      dependencies: [
        "Conformance", "ESCPOS", "POSBarcode", "POSDrivers", "POSJournal", "POSLinux", "POSModel",
        "POSRuntime",
        "POSSimulation", "POSTransport", "TestSupport",
      ]),
    .testTarget(name: "POSReceiptTests", dependencies: ["POSBarcode", "POSModel", "POSReceipt"]),
    .testTarget(
      name: "POSSimulationTests",
      dependencies: ["POSModel", "POSSimulation", "POSTransport", "POSWire", "TestSupport"]),
    .testTarget(
      name: "KernelLabTests",
      dependencies: [
        "Conformance", "ESCPOS", "POSDrivers", "POSJournal", "POSLinux", "POSModel", "POSRuntime", "POSScan",
        "POSSimulation", "POSTerminalWire", "POSTransport", "POSUSB", "POSUdev", "posctl", "TestSupport",
      ]),
    .testTarget(
      name: "PosctlTests",
      dependencies: [
        "Conformance", "ESCPOS", "POSBarcode", "POSDrivers", "POSJournal", "POSLinux", "POSLoyalty",
        "POSModel",
        "POSRuntime", "POSSimulation", "POSTerminalWire", "Punchh", "PunchhSandbox", "TestSupport", "posctl",
      ]),
  ]
}

if labOnly { targets.removeAll { $0.type == .test && $0.name != "KernelLabTests" } }

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
