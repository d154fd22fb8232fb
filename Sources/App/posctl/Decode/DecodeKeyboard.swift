import ArgumentParser
import POSJSON
import POSModel
import POSScan
import POSWire

/// `posctl decode keyboard`: raw reports of a scanner that types.
struct DecodeKeyboard: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keyboard",
    abstract: "Explains input reports of a scanner that types.",
    discussion: """
      The reports are those of hidraw, not evdev's keys. Without --descriptor they are boot reports of eight bytes.

        posctl decode keyboard --layout de --hex reports.hex
        posctl decode keyboard --expect '0123456789@#;]/yz' --hex reports.hex    which layout is it?
      """
  )

  @Option(help: "The report descriptor: hexadecimal digits, or a file of raw bytes or hexadecimal text.")
  var descriptor: String?

  @Option(help: "What the scanned code holds: names the layouts that give it back.")
  var expect: String?

  @OptionGroup var keyboard: KeyboardOptions
  @OptionGroup var surroundings: EnvelopeOptions
  @OptionGroup var input: InputOptions

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    let settings = try keyboard.settings(surroundings.envelope())
    let (shape, descriptor) = try chooseShape()
    let capture = try RawReports(input) { Self.cut($0, by: shape, descriptor) }
    if let expect {
      let layouts = KeyboardLayout.candidates(
        for: capture.reports, expecting: Array(expect.utf8), shape: shape, settings: settings)
      if json {
        Console.print(["type": "layouts", "layouts": .array(layouts.map { .string("\($0.name)") })])
      } else {
        Console.print(layouts.isEmpty ? "no layout" : layouts.map { "\($0.name)" }.joined(separator: " "))
      }
      if let failure = capture.failure { throw failure }
      if layouts.isEmpty { throw ExitCode(ErrorTable.ExitCode.failed.rawValue) }
      return
    }
    var isClean = true
    for finding in KeyboardDecoder.findings(in: capture.reports, shape: shape, settings: settings) {
      switch finding {
      case .scan(let scan, _):
        var line = ScanLine(scan.code)
        line.more["layout"] = .string(keyboard.layout)
        line.more["flaws"] = .array(Self.names(of: scan.flaws).map { .string($0) })
        if json { Console.print(line.json) } else { Console.print(line.text) }
        if !json, !scan.flaws.isEmpty {
          Console.print("  \(Self.names(of: scan.flaws).joined(separator: ", "))")
        }
      case .notKeys(let id, let report):
        if json {
          Console.print(["type": "frame", "report": JSONValue(report), "report_id": JSONValue(id)])
        } else {
          Console.print("report \(report): id \(id), no keys")
        }
      case .undecodable(let error, let report):
        isClean = false
        DecoderComplaint.show(error, message: report, json: json)
      }
    }
    if let failure = capture.failure { throw failure }
    if !isClean { throw ExitCode(ErrorTable.ExitCode.failed.rawValue) }
  }

  /// The shape, and the descriptor it was read from, if there is one.
  private func chooseShape() throws(DeviceError) -> (KeyboardReportShape, HIDReportDescriptor?) {
    guard let descriptor else { return (.boot, nil) }
    let bytes = try ReportDescriptorText.bytes(of: descriptor)
    do throws(WireError) {
      return (try KeyboardReportShape(descriptor: bytes.span), try HIDReportDescriptor(bytes.span))
    } catch {
      throw ReportDescriptorText.complaint(error)
    }
  }

  private static func names(of flaws: KeyboardScan.Flaws) -> [String] {
    let names: [(KeyboardScan.Flaws, String)] = [
      (.rollover, "rollover"), (.unmappedKey, "unmapped-key"), (.unordered, "unordered"),
      (.tooLong, "too-long"),
      (.damagedReport, "damaged-report"),
    ]
    return names.filter { flaws.contains($0.0) }.map(\.1)
  }

  /// A boot report is known without a descriptor, and has no id.
  private static func cut(
    _ capture: [UInt8], by shape: KeyboardReportShape, _ descriptor: HIDReportDescriptor?
  ) -> RawReports {
    if let descriptor { return RawReports(capture, by: descriptor) }
    return RawReports(capture, hint: "give the report descriptor: --descriptor") { _ in shape.length(id: 0) }
  }
}

extension DecoderComplaint {
  /// Prints a complaint in either form.
  static func show(_ error: WireError, message: Int? = nil, json: Bool) {
    if json {
      Console.print(line(error, message: message))
    } else {
      Console.print(text(error, message: message))
    }
  }
}
