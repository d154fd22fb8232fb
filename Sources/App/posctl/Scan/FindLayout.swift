import ArgumentParser
import POSDrivers
import POSJSON
import POSModel
import POSScan

/// `posctl scanner layout`: which keyboard layout a scanner that types is set to.
struct FindLayout: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layout",
    abstract: "Finds the keyboard layout that a scanner is set to, by one code of known content.",
    discussion: """
      Draw the calibration code, scan it once, and the layouts that give its content back are named. More than
      one is named where they agree on every character of it.

        posctl barcode code128 '\(KeyboardLayout.selfTest)' --png layout.png
        posctl scanner layout keyboard+hidraw:/dev/hidraw1
      """
  )

  @OptionGroup var place: ScannerPlace

  @Option(help: "What the scanned code holds, if it is not the calibration code.")
  var expect = "\(KeyboardLayout.selfTest)"

  @Flag(help: "Prints a JSON line.")
  var json = false

  func run() async throws {
    let settings = try place.keyboard.settings(place.surroundings.envelope())
    var layouts: [KeyboardLayout] = []
    try await place.withScanner { scanner in
      guard let shape = scanner.keyboardShape else {
        throw DeviceError(
          .badAddress, during: "finding the layout of \(place.address)", detail: "it does not type",
          hint: "scanners that type are at keyboard+hidraw:PATH or keyboard+IDENTITY (posctl devices)")
      }
      let events = scanner.events(withRaw: true)
      try await scanner.enable()
      Console.complain("Scan the code that holds \(expect)")
      layouts = KeyboardLayout.candidates(
        for: try await Self.reports(of: events), expecting: Array(expect.utf8), shape: shape,
        settings: settings)
    }
    if json {
      Console.print(["type": "layouts", "layouts": .array(layouts.map { .string("\($0.name)") })])
    } else {
      Console.print(layouts.isEmpty ? "no layout" : layouts.map { "\($0.name)" }.joined(separator: " "))
    }
    guard layouts.isEmpty else { return }
    throw DeviceError(
      .badInput, during: "finding the layout of \(place.address)",
      detail: "no known layout gives '\(expect)' back",
      hint: "set the scanner to no prefix and no suffix but Enter, then scan the code again")
  }

  /// The reports of one scan.
  private static func reports(of events: AsyncStream<ScannerEvent>) async throws -> [[UInt8]] {
    var reports: [[UInt8]] = []
    for await event in events {
      switch event {
      case .raw(let report, _): reports.append(report)
      case .scan: return reports
      case .lagged: reports = []
      case .undecodable, .trouble: break
      case .interrupted(_, let error), .detached(let error): throw error
      }
    }
    throw DeviceError(.cancelled, during: "waiting for a scan")
  }
}
