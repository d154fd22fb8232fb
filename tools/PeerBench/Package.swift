// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who uses the library builds it. tools/compare-escpos runs it.
let package = Package(
  name: "peer-bench",
  dependencies: [.package(name: "swift-pos-devices", path: "../..")],
  targets: [
    .executableTarget(
      name: "PeerBench", dependencies: [.product(name: "POSWire", package: "swift-pos-devices")],
      path: "Sources/PeerBench")
  ],
  swiftLanguageModes: [.v6]
)
