import ArgumentParser
import POSBarcode
import POSJSON
import POSModel
import POSScan
import POSWire

/// `posctl decode oem`: reports of a scanner in USB-OEM mode.
struct DecodeOEM: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "oem",
    abstract: "Explains input reports of a scanner in IBM/Toshiba USB-OEM mode.",
    discussion: "Raw captures are reports of 64 bytes."
  )

  @OptionGroup var input: InputOptions

  @Flag(help: "Prints JSON lines.")
  var json = false

  func run() async throws {
    let reports = try input.messages().flatMap { message in
      input.hex
        ? [message]
        : stride(from: 0, to: message.count, by: OEMReport.limit).map {
          Array(message[$0..<min($0 + OEMReport.limit, message.count)])
        }
    }
    var decoder = OEMDecoder()
    var isClean = true
    for (index, report) in reports.enumerated() {
      do throws(WireError) {
        try decoder.receive(report.span, at: 0) { show($0, report: index) }
      } catch {
        isClean = false
        DecoderComplaint.show(error, message: index, json: json)
      }
    }
    decoder.flush { show($0, report: reports.count - 1) }
    if !isClean { throw ExitCode(ErrorTable.ExitCode.failed.rawValue) }
  }

  private func show(_ event: OEMDecoder.Event, report: Int) {
    switch event {
    case .scan(let code):
      let line = ScanLine(code)
      if json { Console.print(line.json) } else { Console.print(line.text) }
    case .status(let status):
      let names = OEMStatus.names.filter { status.contains($0.flag) }.map { "\($0.name)" }
      if json {
        Console.print([
          "type": "status", "report": JSONValue(report), "flags": .array(names.map { .string($0) }),
        ])
      } else {
        Console.print("report \(report): \(names.isEmpty ? "no status" : names.joined(separator: ", "))")
      }
    case .configuration(let bytes, let isTwoLabel):
      show(isTwoLabel ? "two-label configuration" : "configuration", bytes, report: report)
    case .direct(let bytes): show("answer to a direct command", bytes, report: report)
    }
  }

  private func show(_ name: String, _ bytes: [UInt8], report: Int) {
    if json {
      Console.print([
        "type": "message", "report": JSONValue(report), "name": .string(name),
        "bytes": .string(HexText.text(bytes)),
      ])
    } else {
      Console.print("report \(report): \(name) \(HexText.text(bytes))")
    }
  }
}
